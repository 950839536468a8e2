/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <pthread.h>
#include <string.h>

#include "base/digest.h"

static char text[DIGEST_HEX_SIZE];

static const char *
sum_of(struct span a, struct span b)
{
	struct digest_state *d = digest_begin();
	uint8_t out[DIGEST_BYTES];

	digest_add(d, a);
	digest_add(d, b);
	digest_end(d, out);
	return digest_hex(out, sizeof(out), text);
}

Test(digest, the_examples_of_fips_180_come_out)
{
	cr_assert_str_eq(sum_of(span_of("a"), span_of("bc")),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	cr_assert_str_eq(sum_of(span_of(NULL), span_of("")),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_drop(digest_begin());
	digest_drop(NULL);
}

Test(digest, each_field_stands_behind_its_length)
{
	static const char framed[] = "\0\0\0\0\0\0\0\2ab\0\0\0\0\0\0\0\0";
	struct span fields[] = { span_of("ab"), { NULL, 0 } };
	uint8_t out[DIGEST_BYTES];
	char want[DIGEST_HEX_SIZE];

	strcpy(want, sum_of((struct span){ framed, 18 }, span_of("")));
	digest_fields(fields, 2, out);
	cr_assert_str_eq(digest_hex(out, sizeof(out), text), want);
}

Test(digest, fields_cut_elsewhere_give_another_sum)
{
	struct span one[] = { span_of("ab"), span_of("c") };
	struct span two[] = { span_of("a"), span_of("bc") };
	uint8_t a[DIGEST_BYTES], b[DIGEST_BYTES];

	digest_fields(one, 2, a);
	digest_fields(two, 2, b);
	cr_assert_not(digest_equal(a, b, sizeof(a)));
	digest_hmac(span_of("k"), one, 2, a);
	digest_hmac(span_of("k"), two, 2, b);
	cr_assert_not(digest_equal(a, b, sizeof(a)));
}

/* RFC 2104 by hand, over the plain digest. */
static void
hmac_by_hand(struct span key, struct span message, uint8_t out[DIGEST_BYTES])
{
	struct digest_state *d;
	char pad[64];
	size_t i;

	memset(pad, 0x36, sizeof(pad));
	for (i = 0; i < key.n; i++)
		pad[i] ^= key.p[i];
	d = digest_begin();
	digest_add(d, (struct span){ pad, sizeof(pad) });
	digest_add(d, message);
	digest_end(d, out);
	for (i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	d = digest_begin();
	digest_add(d, (struct span){ pad, sizeof(pad) });
	digest_add(d, (struct span){ (char *)out, DIGEST_BYTES });
	digest_end(d, out);
}

Test(digest, the_keyed_one_is_rfc_2104_over_framed_fields)
{
	static const char framed[] = "\0\0\0\0\0\0\0\2Hi";
	struct span fields[] = { span_of("Hi") };
	struct span keys[] = { span_of("secret"), { NULL, 0 }, span_of("other") };
	uint8_t got[DIGEST_BYTES], want[DIGEST_BYTES];
	size_t i;

	for (i = 0; i < 3; i++) {
		digest_hmac(keys[i], fields, 1, got);
		hmac_by_hand(keys[i], (struct span){ framed, 10 }, want);
		cr_assert(digest_equal(got, want, sizeof(got)), "key %zu", i);
	}
}

Test(digest, equal_means_every_byte)
{
	cr_assert(digest_equal("abc", "abd", 2));
	cr_assert_not(digest_equal("abc", "abd", 3));
	cr_assert(digest_equal(NULL, NULL, 0));
}

Test(digest, random_bytes_fill_the_whole_room_and_differ)
{
	uint8_t a[1000] = { 0 }, b[1000] = { 0 };
	static const uint8_t zero[16];

	digest_random(a, sizeof(a));
	digest_random(b, sizeof(b));
	cr_assert_neq(memcmp(a, b, sizeof(a)), 0);
	cr_assert_neq(memcmp(a + sizeof(a) - 16, zero, 16), 0);
}

static void *
work(void *arg)
{
	struct span fields[] = { span_of("x") };
	uint8_t out[DIGEST_BYTES];
	int i;

	for (i = 0; i < 500; i++)
		digest_hmac(span_of("k"), fields, 1, out);
	return memcpy(arg, out, sizeof(out));
}

Test(digest, threads_agree_from_the_first_moment)
{
	uint8_t out[8][DIGEST_BYTES];
	pthread_t threads[8];
	int i;

	for (i = 0; i < 8; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, work, out[i]), 0);
	for (i = 0; i < 8; i++) {
		pthread_join(threads[i], NULL);
		cr_assert(digest_equal(out[i], out[0], DIGEST_BYTES));
	}
}
