/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_CONTROL_H
#define FILTER_CONTROL_H

struct desk;
struct err;

/**
 * control_start(d, e):
 * Answer on the control socket in a thread of its own: one line in, "ok ..." or
 * "error ..." out.  Lines: "status" (ok and a JSON object), "metrics" (ok and lines
 * for Prometheus), "reload" (ok; or error and the policy's faults, a line each), "ack
 * ID RECIPIENT CODE [NOTE]" (ok once it is durable); for root and the daemon's own
 * user alone "shadow RULE MILLISECONDS [NOTE]" (the rule does nothing for so long, at
 * most 30 days; 0 ends it) and "change BYTES" and behind it that many bytes of items
 * (ledger/item; ok and four counts of what changed).  Who asks is taken from the
 * kernel (SO_PEERCRED).  0, or -1 with the reason.
 */
int control_start(struct desk *d, struct err *e);

/** control_reload(d, operator): As the line "reload", answered in the log alone. */
void control_reload(struct desk *d, const char *operator);

#endif /* !FILTER_CONTROL_H */
