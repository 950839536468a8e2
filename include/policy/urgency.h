/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_URGENCY_H
#define POLICY_URGENCY_H

#include "base/arena.h"
#include "base/span.h"

struct message;

/* The classes of Nghị định 30/2020/NĐ-CP and edXML's Priority, 0 to 4. */
enum urgency {
	URGENCY_THUONG,
	URGENCY_KHAN,
	URGENCY_THUONG_KHAN,
	URGENCY_HOA_TOC,
	URGENCY_HOA_TOC_HEN_GIO,
	URGENCY_COUNT,
};

/** urgency_names: As policies write them ("hoa-toc"), ended by NULL. */
extern const char *const urgency_names[];

/** urgency_parse(a, text): "hoa-toc" or "Hỏa tốc"; URGENCY_COUNT if it is none. */
enum urgency urgency_parse(struct arena *a, struct span text);

/**
 * urgency_of(m):
 * The strongest mark of ${m}: capitals alone on a line of a text, or in front
 * of the subject or in brackets there.  URGENCY_THUONG if there is none.
 */
enum urgency urgency_of(const struct message *m);

#endif /* !POLICY_URGENCY_H */
