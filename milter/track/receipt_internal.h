/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RECEIPT_INTERNAL_H
#define RECEIPT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "track/receipt.h"

/*
 * The axes of a receipt.  Each is a max-lattice: a rank once reached is never
 * left, so that order and duplicates cannot matter.
 */
enum axis_name {
	AXIS_NONE,		/* not its business to say */
	AXIS_NOTE,		/* a sign of life, no more */
	AXIS_POLICY, AXIS_COMMIT, AXIS_TRANSPORT, AXIS_FAILURE, AXIS_ACKNOWLEDGEMENT,
	AXIS_REFUSAL, AXIS_RECALL, AXIS_AGREED, AXIS_DECLINED, AXIS_COUNT
};

enum policy_rank { P_PASSED, P_TAGGED, P_HELD, P_RELEASED, P_REJECTED };
enum commit_rank { C_PENDING, C_QUEUED, C_VANISHED };
enum transport_rank {
	T_NONE, T_ACCEPTED, T_DELAYED, T_RELAYED, T_EXPANDED, T_DELIVERED
};
enum acknowledgement_rank {
	A_NONE, A_AUTO, A_DELETED, A_DISPATCHED, A_DISPLAYED, A_REPLIED, A_REGISTERED,
	A_ASSIGNED, A_PROCESSING, A_COMPLETED
};

/** axis_of(ev, rank): Which axis ${ev} moves, and how far. */
enum axis_name axis_of(const struct evidence *ev, int *rank);

#endif /* !RECEIPT_INTERNAL_H */
