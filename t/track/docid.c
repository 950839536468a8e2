/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <ctype.h>
#include <string.h>

#include "track/docid.h"
#include "track/keyring.h"

#define NOW_MS INT64_C(1795503289123)

static const uint8_t secret[KEY_BYTES] = "not a secret but long enough";

static struct keyring *
ring(uint8_t id)
{
	struct keyring *k = keyring_new();

	keyring_add(k, id, 1000, secret);
	return k;
}

static bool
is_same(const struct docid *a, const struct docid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

Test(docid, a_new_id_is_a_uuid_of_version_7_that_verifies)
{
	struct keyring *k = ring(5);
	struct docid id;

	docid_mint(k, NOW_MS, &id);
	cr_assert_eq(id.uuid[6] >> 4, 7);
	cr_assert_eq(id.uuid[8] >> 6, 2);
	cr_assert_eq(id.key, 5);
	cr_assert_eq(docid_time_ms(&id), NOW_MS);
	cr_assert(docid_verify(k, &id));
	keyring_free(k);
}

Test(docid, what_is_printed_reads_back)
{
	struct keyring *k = ring(255);
	char text[DOCID_TEXT_SIZE];
	struct docid id, again;

	for (int i = 0; i < 1000; i++) {
		docid_mint(k, NOW_MS + i, &id);
		cr_assert_eq(strlen(docid_print(&id, text)), 44);
		cr_assert(docid_parse(span_of(text), &again));
		cr_assert(is_same(&id, &again));
		cr_assert(docid_verify(k, &again));
	}
	keyring_free(k);
}

Test(docid, the_form_never_changes)
{
	struct docid id = { { 0 }, 0, { 0 } };
	char text[DOCID_TEXT_SIZE];

	memset(&id, 0xff, sizeof(id));
	cr_assert_str_eq(docid_print(&id, text),
	    "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZG");
	memset(&id, 0, sizeof(id));
	id.uuid[0] = 0x08;
	id.tag[9] = 1;
	cr_assert_str_eq(docid_print(&id, text),
	    "1000000000000000000000000000000000000000000G");
}

Test(docid, case_hyphens_and_look_alikes_do_not_matter)
{
	struct docid a, b;

	cr_assert(docid_parse(span_of(
	    "01ABCDEFGH1J0KMNPQRSTVWXYZ01234567890ABCDEFG"), &a));
	cr_assert(docid_parse(span_of(
	    "olabcdefgh-Ij0kmnpqrstvwxyz-oi23456789-0abcdefg"), &b));
	cr_assert(is_same(&a, &b));
}

Test(docid, one_id_has_one_spelling_and_nothing_else_is_one)
{
	static const char *const wrong[] = {
		"", "-", "1000000000000000000000000000000000000000000",
		"1000000000000000000000000000000000000000000G0",
		"10000000000000000000000000000000000000000001",
		"1000000000000000000000000000000000000000000H",
		"U00000000000000000000000000000000000000000G0",
		"1000000000000000000000 00000000000000000000G",
		"1000000000000000000000\xc3\xa9" "00000000000000000000",
	};
	struct docid id;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cr_assert_not(docid_parse(span_of(wrong[i]), &id), "%s", wrong[i]);
	cr_assert_not(docid_parse((struct span){
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
	    44 }, &id));
}

Test(docid, no_altered_id_verifies)
{
	struct keyring *k = ring(1), *other = keyring_new();
	uint8_t secret_2[KEY_BYTES] = { 9 };
	struct docid id, altered;

	keyring_add(other, 1, 0, secret_2);
	docid_mint(k, NOW_MS, &id);
	for (size_t bit = 0; bit < 8 * sizeof(id); bit++) {
		altered = id;
		((uint8_t *)&altered)[bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_assert_not(docid_verify(k, &altered), "bit %zu", bit);
	}
	cr_assert_not(docid_verify(other, &id));
	keyring_free(k);
	keyring_free(other);
}

Test(docid, a_key_that_signs_no_more_still_verifies)
{
	struct keyring *k = ring(1);
	uint8_t next[KEY_BYTES] = { 4 };
	struct docid old, new;

	docid_mint(k, NOW_MS, &old);
	keyring_add(k, 2, 2000, next);
	docid_mint(k, NOW_MS, &new);
	cr_assert_eq(new.key, 2);
	cr_assert(docid_verify(k, &old) && docid_verify(k, &new));
	keyring_free(k);
}

Test(docid, later_ones_sort_later)
{
	struct keyring *k = ring(1);
	char a[DOCID_TEXT_SIZE], b[DOCID_TEXT_SIZE];
	struct docid first, second;

	docid_mint(k, NOW_MS, &first);
	docid_mint(k, NOW_MS + 1, &second);
	cr_assert_lt(memcmp(first.uuid, second.uuid, 16), 0);
	cr_assert_lt(strcmp(docid_print(&first, a), docid_print(&second, b)), 0);
	keyring_free(k);
}

Test(docid, every_beginning_of_an_id_covers_it)
{
	struct keyring *k = ring(1);
	uint8_t low[16], high[16];
	char text[DOCID_TEXT_SIZE];
	struct docid id;

	docid_mint(k, NOW_MS, &id);
	docid_print(&id, text);
	for (size_t n = 1; n <= 44; n++) {
		cr_assert(docid_prefix((struct span){ text, n }, low, high));
		cr_assert_leq(memcmp(low, id.uuid, 16), 0);
		cr_assert_geq(memcmp(high, id.uuid, 16), 0);
		cr_assert_eq(n >= 26, memcmp(low, high, 16) == 0, "%zu", n);
		text[n - 1] = (char)tolower(text[n - 1]);
	}
	cr_assert_not(docid_prefix(span_of(""), low, high));
	cr_assert_not(docid_prefix(span_of("01U"), low, high));
	cr_assert(docid_prefix(span_of("1"), low, high));
	cr_assert_eq(low[0], 0x08);
	cr_assert_eq(high[0], 0x0f);
	keyring_free(k);
}
