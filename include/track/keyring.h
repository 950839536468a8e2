/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TRACK_KEYRING_H
#define TRACK_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

#define KEY_BYTES 32

/*
 * The secrets that sign document IDs, each under an id of one byte: the key with
 * the newest creation time signs, all verify.  Immutable once filled: any thread.
 */
struct keyring;

/** keyring_new(): An empty ring; keyring_free it (secrets are wiped). */
struct keyring *keyring_new(void);

/** keyring_free(k): NULL is nothing. */
void keyring_free(struct keyring *k);

/** keyring_add(k, id, created_ms, secret): Take a key in; one of the same id is replaced. */
void keyring_add(struct keyring *k, uint8_t id, int64_t created_ms,
    const uint8_t secret[KEY_BYTES]);

/** keyring_count(k): How many keys it holds. */
size_t keyring_count(const struct keyring *k);

/** keyring_active(k): The id of the key that signs; -1 if there is none. */
int keyring_active(const struct keyring *k);

/** keyring_next(k, after, id, created_ms): The key with the next id above ${after} (-1 to begin); false at the end. */
bool keyring_next(const struct keyring *k, int after, uint8_t *id, int64_t *created_ms);

/** keyring_secret(k, id): Its 32 bytes, or an empty span. */
struct span keyring_secret(const struct keyring *k, uint8_t id);

#endif /* !TRACK_KEYRING_H */
