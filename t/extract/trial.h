/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef T_EXTRACT_TRIAL_H
#define T_EXTRACT_TRIAL_H

#include <stddef.h>

struct sink;

/* A word that a trial document may say, with the number behind it. */
struct trial_order {
	const char *word;
	int (*obey)(struct sink *out, size_t n);
};

/* Further ones, of the test that links trial.c; ended by a NULL word. */
extern const struct trial_order trial_more[];

#endif /* !T_EXTRACT_TRIAL_H */
