/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_AUTHENTICATION_H
#define MAIL_AUTHENTICATION_H

#include <stdbool.h>

#include "base/span.h"
#include "mail/header.h"

/**
 * authentication_dkim_passed(h, authserv_ids, domain):
 * Does an Authentication-Results field (RFC 8601) of one of the blank-separated
 * ${authserv_ids} say dkim=pass for a header.d or header.i that is ${domain} or
 * a domain above or below it in the same organisation (relaxed: equal, or one ends in "." and the other)?
 * Only the topmost such field of each id counts.  Empty ${authserv_ids}: no.
 */
bool authentication_dkim_passed(const struct headers *h, struct span authserv_ids,
    struct span domain);

/**
 * authentication_result(h, authserv_ids, method):
 * The first result ("pass") of ${method} ("dkim") in the topmost field of the
 * first of ${authserv_ids} that has one; empty if there is none.
 */
struct span authentication_result(const struct headers *h, struct span authserv_ids,
    const char *method);

#endif /* !MAIL_AUTHENTICATION_H */
