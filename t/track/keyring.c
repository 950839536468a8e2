/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <string.h>

#include "track/keyring.h"

static const uint8_t first[KEY_BYTES] = { 1 }, second[KEY_BYTES] = { 2 };

Test(keyring, an_empty_ring_signs_nothing)
{
	struct keyring *k = keyring_new();
	uint8_t id;
	int64_t created_ms;

	cr_assert_eq(keyring_count(k), 0);
	cr_assert_eq(keyring_active(k), -1);
	cr_assert_not(keyring_next(k, -1, &id, &created_ms));
	cr_assert_eq(keyring_secret(k, 0).n, 0);
	keyring_free(k);
	keyring_free(NULL);
}

Test(keyring, the_newest_key_signs_whatever_the_order_of_adding)
{
	struct keyring *a = keyring_new(), *b = keyring_new();

	keyring_add(a, 7, 2000, first);
	keyring_add(a, 9, 1000, second);
	keyring_add(b, 9, 1000, second);
	keyring_add(b, 7, 2000, first);
	cr_assert_eq(keyring_active(a), 7);
	cr_assert_eq(keyring_active(b), 7);
	keyring_add(a, 255, 2000, second);
	cr_assert_eq(keyring_active(a), 255);
	keyring_free(a);
	keyring_free(b);
}

Test(keyring, a_key_of_the_same_id_is_replaced)
{
	struct keyring *k = keyring_new();

	keyring_add(k, 3, 1000, first);
	keyring_add(k, 3, 2000, second);
	cr_assert_eq(keyring_count(k), 1);
	cr_assert_eq(memcmp(keyring_secret(k, 3).p, second, KEY_BYTES), 0);
	cr_assert_eq(keyring_secret(k, 3).n, KEY_BYTES);
	keyring_free(k);
}

Test(keyring, the_keys_come_in_order_of_their_ids)
{
	struct keyring *k = keyring_new();
	int64_t created_ms;
	uint8_t id;

	keyring_add(k, 255, 3, first);
	keyring_add(k, 0, 1, first);
	cr_assert(keyring_next(k, -1, &id, &created_ms));
	cr_assert(id == 0 && created_ms == 1);
	cr_assert(keyring_next(k, id, &id, &created_ms));
	cr_assert(id == 255 && created_ms == 3);
	cr_assert_not(keyring_next(k, id, &id, &created_ms));
	keyring_free(k);
}
