/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TRACK_DOCID_H
#define TRACK_DOCID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct keyring;

#define DOCID_TEXT_SIZE 45	/* 44 characters and a NUL */

/*
 * UUIDv7 (RFC 9562 5.7), the id of the key that signed it, and the first 80
 * bits of HMAC-SHA-256 over both.  Printed as 27 bytes in Crockford base32.
 */
struct docid {
	uint8_t uuid[16];
	uint8_t key;
	uint8_t tag[10];
};

/** docid_mint(k, now_ms, id): A new ID signed by the active key, which must be there. Later ones sort later, to the ms. */
void docid_mint(const struct keyring *k, int64_t now_ms, struct docid *id);

/** docid_print(id, text): 44 upper-case characters of Crockford base32. */
char *docid_print(const struct docid *id, char text[DOCID_TEXT_SIZE]);

/** docid_parse(text, id): Read it back; case does not matter, O is 0, I and L are 1, hyphens are skipped. Does not verify. */
bool docid_parse(struct span text, struct docid *id);

/** docid_verify(k, id): Does its tag verify under one of our keys? */
bool docid_verify(const struct keyring *k, const struct docid *id);

/** docid_time_ms(id): When it was minted. */
int64_t docid_time_ms(const struct docid *id);

/**
 * docid_prefix(text, low, high):
 * The range of uuids that the first characters of an ID (1 to 44) may stand
 * for; false if ${text} has other characters.
 */
bool docid_prefix(struct span text, uint8_t low[16], uint8_t high[16]);

#endif /* !TRACK_DOCID_H */
