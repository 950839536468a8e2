/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/digest.h"
#include "base/err.h"

#include "track/keyring.h"

#include "track/docid.h"

#define DOCID_BYTES 27
#define DOCID_CHARACTERS (DOCID_TEXT_SIZE - 1)

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void
tag_make(struct span secret, const struct docid *id, uint8_t out[DIGEST_BYTES])
{
	struct span fields[] = {
		{ (const char *)id->uuid, sizeof(id->uuid) },
		{ (const char *)&id->key, 1 },
	};

	digest_hmac(secret, fields, 2, out);
}

void
docid_mint(const struct keyring *k, int64_t now_ms, struct docid *id)
{
	uint8_t full[DIGEST_BYTES];
	int key = keyring_active(k);

	must(key >= 0);
	id->key = (uint8_t)key;
	for (int i = 0; i < 6; i++)
		id->uuid[i] = (uint8_t)((uint64_t)now_ms >> (40 - 8 * i));
	digest_random(id->uuid + 6, 10);
	id->uuid[6] = (uint8_t)(0x70 | (id->uuid[6] & 0x0f));
	id->uuid[8] = (uint8_t)(0x80 | (id->uuid[8] & 0x3f));
	tag_make(keyring_secret(k, id->key), id, full);
	memcpy(id->tag, full, sizeof(id->tag));
}

char *
docid_print(const struct docid *id, char text[DOCID_TEXT_SIZE])
{
	/* One byte more than there is: the last character is half padding. */
	uint8_t bytes[DOCID_BYTES + 1] = { 0 };

	memcpy(bytes, id->uuid, 16);
	bytes[16] = id->key;
	memcpy(bytes + 17, id->tag, 10);
	for (size_t i = 0; i < DOCID_CHARACTERS; i++) {
		size_t bit = 5 * i;
		unsigned pair = (unsigned)bytes[bit / 8] << 8;

		if (bit / 8 + 1 < sizeof(bytes))
			pair |= bytes[bit / 8 + 1];
		text[i] = alphabet[(pair >> (11 - bit % 8)) & 31];
	}
	text[DOCID_CHARACTERS] = '\0';
	return text;
}

/* Crockford's reading: case and look-alikes do not matter; -1 for no digit. */
static int
digit_value(char c)
{
	const char *at;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		return 0;
	if (c == 'I' || c == 'L')
		return 1;
	if (c == '\0' || (at = strchr(alphabet, c)) == NULL)
		return -1;
	return (int)(at - alphabet);
}

/* The digits of ${text} without hyphens; -1 if there is anything else. */
static int
digits_read(struct span text, uint8_t digits[DOCID_CHARACTERS])
{
	int n = 0, value;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '-')
			continue;
		if (n == DOCID_CHARACTERS || (value = digit_value(text.p[i])) < 0)
			return -1;
		digits[n++] = (uint8_t)value;
	}
	return n;
}

/* Put 5 bits at a time into ${bytes}, which begin as zeros; the rest falls off. */
static void
digits_pack(const uint8_t *digits, size_t n, uint8_t *bytes, size_t size)
{
	for (size_t bit = 0; bit < 5 * n && bit < 8 * size; bit++)
		if (digits[bit / 5] >> (4 - bit % 5) & 1)
			bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

bool
docid_parse(struct span text, struct docid *id)
{
	uint8_t digits[DOCID_CHARACTERS], bytes[DOCID_BYTES] = { 0 };

	if (digits_read(text, digits) != DOCID_CHARACTERS)
		return false;
	/* 216 bits in 220: a second spelling of one ID would be a second key. */
	if ((digits[DOCID_CHARACTERS - 1] & 0x0f) != 0)
		return false;
	digits_pack(digits, DOCID_CHARACTERS, bytes, sizeof(bytes));
	memcpy(id->uuid, bytes, 16);
	id->key = bytes[16];
	memcpy(id->tag, bytes + 17, 10);
	return true;
}

bool
docid_verify(const struct keyring *k, const struct docid *id)
{
	struct span secret = keyring_secret(k, id->key);
	uint8_t full[DIGEST_BYTES];

	if (secret.n == 0)
		return false;
	tag_make(secret, id, full);
	return digest_equal(full, id->tag, sizeof(id->tag));
}

int64_t
docid_time_ms(const struct docid *id)
{
	uint64_t ms = 0;

	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id->uuid[i];
	return (int64_t)ms;
}

bool
docid_prefix(struct span text, uint8_t low[16], uint8_t high[16])
{
	uint8_t digits[DOCID_CHARACTERS];
	int n = digits_read(text, digits);

	if (n < 1)
		return false;
	memset(low, 0, 16);
	digits_pack(digits, (size_t)n, low, 16);
	memset(digits + n, 31, (size_t)(DOCID_CHARACTERS - n));
	memset(high, 0, 16);
	digits_pack(digits, DOCID_CHARACTERS, high, 16);
	return true;
}
