/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/random.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/err.h"

#include "base/digest.h"

struct digest_state {
	EVP_MD_CTX *context;
};

/*
 * Fetching walks the providers under a lock: once, not for each digest.
 * Never freed: other threads may still work when exit(3) runs.
 */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;
static EVP_MAC *hmac;

static void
fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	must(sha256 != NULL);
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	must(hmac != NULL);
}

struct digest_state *
digest_begin(void)
{
	struct digest_state *d = malloc(sizeof(*d));

	must(d != NULL);
	must(pthread_once(&fetched, fetch) == 0);
	d->context = EVP_MD_CTX_new();
	must(d->context != NULL);
	must(EVP_DigestInit_ex2(d->context, sha256, NULL) == 1);
	return d;
}

void
digest_add(struct digest_state *d, struct span s)
{
	if (s.n != 0)
		must(EVP_DigestUpdate(d->context, s.p, s.n) == 1);
}

void
digest_end(struct digest_state *d, uint8_t out[DIGEST_BYTES])
{
	unsigned n = 0;

	must(EVP_DigestFinal_ex(d->context, out, &n) == 1);
	must(n == DIGEST_BYTES);
	digest_drop(d);
}

void
digest_drop(struct digest_state *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->context);
	free(d);
}

static void
frame(size_t n, char out[8])
{
	int i;

	for (i = 7; i >= 0; i--) {
		out[i] = (char)(n & 0xff);
		n >>= 8;
	}
}

void
digest_fields(const struct span *fields, size_t n, uint8_t out[DIGEST_BYTES])
{
	struct digest_state *d = digest_begin();
	char length[8];
	size_t i;

	for (i = 0; i < n; i++) {
		frame(fields[i].n, length);
		digest_add(d, (struct span){ length, sizeof(length) });
		digest_add(d, fields[i]);
	}
	digest_end(d, out);
}

static EVP_MAC_CTX *
hmac_begin(struct span key)
{
	static char name[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end(),
	};
	/* A NULL key would mean "the one before" to EVP_MAC_init. */
	const char *p = key.n != 0 ? key.p : "";
	EVP_MAC_CTX *context;

	must(pthread_once(&fetched, fetch) == 0);
	context = EVP_MAC_CTX_new(hmac);
	must(context != NULL);
	must(EVP_MAC_init(context, (const unsigned char *)p, key.n, params) == 1);
	return context;
}

static void
hmac_add(EVP_MAC_CTX *context, const char *p, size_t n)
{
	if (n != 0)
		must(EVP_MAC_update(context, (const unsigned char *)p, n) == 1);
}

void
digest_hmac(struct span key, const struct span *fields, size_t n,
    uint8_t out[DIGEST_BYTES])
{
	EVP_MAC_CTX *context = hmac_begin(key);
	size_t i, written = 0;
	char length[8];

	for (i = 0; i < n; i++) {
		frame(fields[i].n, length);
		hmac_add(context, length, sizeof(length));
		hmac_add(context, fields[i].p, fields[i].n);
	}
	must(EVP_MAC_final(context, out, &written, DIGEST_BYTES) == 1);
	must(written == DIGEST_BYTES);
	EVP_MAC_CTX_free(context);
}

bool
digest_equal(const void *a, const void *b, size_t n)
{
	return n == 0 || CRYPTO_memcmp(a, b, n) == 0;
}

void
digest_random(void *p, size_t n)
{
	char *at = p;
	ssize_t got;

	while (n != 0) {
		got = getrandom(at, n, 0);
		must(got > 0 || errno == EINTR);
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
}

char *
digest_hex(const void *p, size_t n, char *text)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = p;
	size_t i;

	for (i = 0; i < n; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * n] = '\0';
	return text;
}
