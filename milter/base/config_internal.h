/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_CONFIG_INTERNAL_H
#define BASE_CONFIG_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

struct config;
struct err;

enum kind {
	KIND_TEXT,	/* anything; min 1: not empty */
	KIND_WORD,	/* no blanks in it */
	KIND_PATH,
	KIND_CONTROL,	/* a path that bind(2) takes */
	KIND_SOCKET,
	KIND_LOOPBACK,	/* a socket that no other machine reaches */
	KIND_HEADER,
	KIND_MODE,
	KIND_UNSIGNED,
	KIND_COUNT,
	KIND_SIZE,
	KIND_DURATION,
	KIND_ON_ERROR,
	KIND_LOG_WRITER,
	KIND_SUCCESS_NOTICES,
};

/* A name that vanthu.conf may set. */
struct setting {
	const char *name;
	enum kind kind;
	size_t at;
	const char *value;	/* by default, as one would write it */
	uint64_t min, max;
	const char *unused;	/* what a warning says of it when it is set */
};

#define SETTINGS_MAX 64

/* All of them, ended by one without a name. */
extern const struct setting config_settings[];

/* Set what ${set} stands for to what ${value} says: 0, or -1 with the reason. */
int setting_put(const struct setting *set, struct config *c, const char *value, struct err *e);

#endif /* !BASE_CONFIG_INTERNAL_H */
