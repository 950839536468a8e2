/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CONTROL_INTERNAL_H
#define CONTROL_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/span.h"

struct desk;

/*
 * The lines of the control socket, one function each (filter/control.h).  ${rest} is
 * what stands behind the first word, ${operator} who asks; the answer, "ok ..." or
 * "error ...", goes to ${out}.
 */

/** control_status(d, out): "status". */
void control_status(struct desk *d, FILE *out);

/** control_ack(d, operator, rest, out): "ack": an acknowledgement by phone or on paper. */
void control_ack(struct desk *d, const char *operator, struct span rest, FILE *out);

/** control_change(d, operator, rest, stream): "change": the items behind it are read from ${stream}, too. */
void control_change(struct desk *d, const char *operator, const char *rest, FILE *stream);

/** control_shadow(d, operator, rest, out): "shadow": a rule does nothing for a while. */
void control_shadow(struct desk *d, const char *operator, struct span rest, FILE *out);

/**
 * control_is_owner(stream):
 * Is it root or the daemon's own user who asks?  They may change the ledger and put
 * rules in shadow; others of the socket's group may look and acknowledge.
 */
bool control_is_owner(FILE *stream);

/** control_word(rest): Take the first word, up to a blank, off ${rest}. */
struct span control_word(struct span *rest);

#endif /* !CONTROL_INTERNAL_H */
