/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* The one door to OpenSSL. */

#define DIGEST_BYTES 32
#define DIGEST_HEX_SIZE (2 * DIGEST_BYTES + 1)

struct digest_state;

/** digest_begin(): Start a SHA-256 (FIPS 180-4); end or drop it. Any thread, one at a time. */
struct digest_state *digest_begin(void);

/** digest_add(d, s): Take ${s} in. */
void digest_add(struct digest_state *d, struct span s);

/** digest_end(d, out): Write the 32 bytes and free ${d}. */
void digest_end(struct digest_state *d, uint8_t out[DIGEST_BYTES]);

/** digest_drop(d): Free ${d} without a result; NULL is nothing. */
void digest_drop(struct digest_state *d);

/**
 * digest_fields(fields, n, out):
 * SHA-256 over ${n} fields, each preceded by its length as 64 bits big-endian,
 * so that no two lists of fields give the same bytes.
 */
void digest_fields(const struct span *fields, size_t n, uint8_t out[DIGEST_BYTES]);

/** digest_hmac(key, fields, n, out): HMAC-SHA-256 (RFC 2104) over fields framed as above. */
void digest_hmac(struct span key, const struct span *fields, size_t n,
    uint8_t out[DIGEST_BYTES]);

/** digest_equal(a, b, n): Compare ${n} bytes in constant time. */
bool digest_equal(const void *a, const void *b, size_t n);

/** digest_random(p, n): ${n} unpredictable bytes, from getrandom(2); never fails. */
void digest_random(void *p, size_t n);

/** digest_hex(p, n, text): ${n} bytes as 2*${n} lower-case digits and a NUL. */
char *digest_hex(const void *p, size_t n, char *text);

#endif /* !BASE_DIGEST_H */
