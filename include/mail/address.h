/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

/**
 * address_canonical(a, raw):
 * A mailbox as the ledger and the policy compare it: without <>, blanks at the
 * ends and source route; local part byte-exact, domain lower case as an A-label
 * (RFC 5890; a domain that IDNA refuses is only lowered).  "<>" and "" give "".
 */
struct span address_canonical(struct arena *a, struct span raw);

/** address_domain(canonical): What is behind the last "@"; empty if there is none. */
struct span address_domain(struct span canonical);

/** address_in_domain(canonical, domain): Is its domain ${domain} (lower case A-label) or below it? */
bool address_in_domain(struct span canonical, struct span domain);

/**
 * address_first(a, value):
 * The first addr-spec in a header value (RFC 5322 3.4: display names, comments,
 * groups, quoted strings skipped), canonical; empty if there is none.
 */
struct span address_first(struct arena *a, struct span value);

/**
 * address_next(a, rest, address):
 * Take the next such ${address} off the header value ${rest}; false, with an
 * empty one, when there is none.
 */
bool address_next(struct arena *a, struct span *rest, struct span *address);

#endif /* !MAIL_ADDRESS_H */
