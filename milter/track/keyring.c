/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#include "track/keyring.h"

#define KEY_IDS 256

struct key {
	bool is_set;
	int64_t created_ms;
	uint8_t secret[KEY_BYTES];
};

struct keyring {
	struct key keys[KEY_IDS];
	size_t count;
	int active;
};

struct keyring *
keyring_new(void)
{
	struct keyring *k = calloc(1, sizeof(*k));

	must(k != NULL);
	k->active = -1;
	return k;
}

void
keyring_free(struct keyring *k)
{
	if (k == NULL)
		return;
	explicit_bzero(k, sizeof(*k));
	free(k);
}

/* Of two keys of one age the higher id signs, whatever the order of adding. */
static int
newest(const struct keyring *k)
{
	int best = -1;

	for (int i = 0; i < KEY_IDS; i++)
		if (k->keys[i].is_set && (best < 0 ||
		    k->keys[i].created_ms >= k->keys[best].created_ms))
			best = i;
	return best;
}

void
keyring_add(struct keyring *k, uint8_t id, int64_t created_ms,
    const uint8_t secret[KEY_BYTES])
{
	struct key *key = &k->keys[id];

	k->count += !key->is_set;
	key->is_set = true;
	key->created_ms = created_ms;
	memcpy(key->secret, secret, KEY_BYTES);
	k->active = newest(k);
}

size_t
keyring_count(const struct keyring *k)
{
	return k->count;
}

int
keyring_active(const struct keyring *k)
{
	return k->active;
}

bool
keyring_next(const struct keyring *k, int after, uint8_t *id, int64_t *created_ms)
{
	for (int i = after < 0 ? 0 : after + 1; i < KEY_IDS; i++) {
		if (!k->keys[i].is_set)
			continue;
		*id = (uint8_t)i;
		*created_ms = k->keys[i].created_ms;
		return true;
	}
	return false;
}

struct span
keyring_secret(const struct keyring *k, uint8_t id)
{
	const struct key *key = &k->keys[id];

	if (!key->is_set)
		return (struct span){ NULL, 0 };
	return (struct span){ (const char *)key->secret, KEY_BYTES };
}
