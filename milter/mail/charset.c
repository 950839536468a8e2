/* SPDX-License-Identifier: BSD-2-Clause */
#include <endian.h>
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "mail/map.h"
#include "mail/unicode.h"

#include "mail/charset.h"

#define LABEL_SIZE 48
#define CHARACTER_BYTES 16	/* the longest that one character takes, escapes included */

static const char replacement[] = "\xEF\xBF\xBD";

/* What labels mean in mail, where iconv(3) does not know them or means less. */
static const struct {
	const char *label;
	const char *name;	/* NULL: windows-1252 */
} aliases[] = {
	{ "ascii", NULL },
	{ "cp1252", NULL },
	{ "gb2312", "GBK" },
	{ "iso-8859-1", NULL },
	{ "iso-8859-8-i", "ISO-8859-8" },
	{ "iso8859-1", NULL },
	{ "ks_c_5601-1987", "CP949" },
	{ "latin1", NULL },
	{ "tis-620", "CP874" },
	{ "unicode-1-1-utf-7", "UTF-7" },
	{ "us-ascii", NULL },
	{ "utf8", "UTF-8" },
	{ "windows-1252", NULL },
	{ "windows1258", "CP1258" },
	{ "x-sjis", "SJIS" },
	{ "x-viet-tcvn5712", "TCVN5712-1" },
	{ "x-windows-1258", "CP1258" },
};

/* Bytes 80 to 9F; the five that Microsoft left out are the controls of Latin-1. */
static const uint16_t windows_1252[32] = {
	0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
	0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
	0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
	0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

/* One decoding under way. */
struct decoding {
	struct span in;
	struct buffer out;
	struct map *map;	/* may be NULL */
	iconv_t cd;
};

static size_t
ascii_length(const unsigned char *p, size_t n)
{
	uint64_t eight;
	size_t i = 0;

	for (; n - i >= 8; i += 8) {
		memcpy(&eight, p + i, 8);
		eight = le64toh(eight) & 0x8080808080808080ULL;
		if (eight != 0)
			return i + (size_t)__builtin_ctzll(eight) / 8;
	}
	while (i < n && p[i] < 0x80)
		i++;
	return i;
}

/* The length of the valid UTF-8 character at ${p} (RFC 3629 4), or 0. */
static size_t
utf8_length(const unsigned char *p, size_t left)
{
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4 || left < 2 || (p[1] & 0xC0) != 0x80)
		return 0;
	if (p[0] < 0xE0)
		return 2;
	if (left < 3 || (p[2] & 0xC0) != 0x80)
		return 0;
	if (p[0] < 0xF0)
		return (p[0] == 0xE0 && p[1] < 0xA0) ||
		    (p[0] == 0xED && p[1] > 0x9F) ? 0 : 3;
	if (left < 4 || (p[3] & 0xC0) != 0x80)
		return 0;
	return (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F) ? 0 : 4;
}

static size_t
utf8_valid_length(const unsigned char *p, size_t n)
{
	size_t i, k;

	for (i = 0; i < n; i += k) {
		if (p[i] < 0x80 && (i += ascii_length(p + i, n - i)) == n)
			break;
		if ((k = utf8_length(p + i, n - i)) == 0)
			break;
	}
	return i;
}

bool
charset_is_utf8(struct span s)
{
	return utf8_valid_length((const unsigned char *)s.p, s.n) == s.n;
}

static void
decoding_put(struct decoding *d, struct span out, size_t in, size_t in_length)
{
	if (out.n == 0)
		return;
	buffer_add(&d->out, out);
	if (d->map != NULL)
		map_add(d->map, d->out.n - out.n, out.n, in, in_length);
}

static void
utf8_repair(struct decoding *d, size_t at, size_t end)
{
	const unsigned char *p = (const unsigned char *)d->in.p;
	size_t n;

	while (at < end) {
		n = utf8_valid_length(p + at, end - at);
		decoding_put(d, span_sub(d->in, at, n), at, n);
		if ((at += n) < end)
			decoding_put(d, span_of(replacement), at++, 1);
	}
}

static void
windows_1252_decode(struct decoding *d, size_t at, size_t end)
{
	const unsigned char *p = (const unsigned char *)d->in.p;
	char out[4];
	size_t n;

	while (at < end) {
		if ((n = ascii_length(p + at, end - at)) != 0) {
			decoding_put(d, span_sub(d->in, at, n), at, n);
			at += n;
			continue;
		}
		n = unicode_put(p[at] < 0xA0 ? windows_1252[p[at] - 0x80] : p[at], out);
		decoding_put(d, (struct span){ out, n }, at++, 1);
	}
}

/* How many characters of ${s} are longer ones of UTF-8, and how many bytes cannot be. */
static void
utf8_count(struct span s, size_t *good, size_t *bad)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t at = 0, n;

	*good = *bad = 0;
	while (at < s.n) {
		at += ascii_length(p + at, s.n - at);
		if (at == s.n)
			break;
		n = utf8_length(p + at, s.n - at);
		*(n != 0 ? good : bad) += 1;
		at += n != 0 ? n : 1;
	}
}

/*
 * One wrong byte must not make mojibake of a whole letter, nor hide what an old
 * font wrote in it: so where the label tells nothing better, line by line.
 */
static void
lines_decode(struct decoding *d, bool is_utf8)
{
	size_t at, end, good, bad;
	struct span line;

	for (at = 0; at < d->in.n; at = end) {
		line = span_sub(d->in, at, d->in.n);
		line = span_sub(line, 0, span_find_byte(line, '\n') + 1);
		end = at + line.n;
		utf8_count(line, &good, &bad);
		if (good != 0 && (is_utf8 || good >= bad))
			utf8_repair(d, at, end);
		else
			windows_1252_decode(d, at, end);
	}
}

static bool
is_mostly_utf8(struct span s)
{
	size_t good, bad;

	utf8_count(s, &good, &bad);
	return good > bad;
}

/* Put ${n} bytes from ${at} into iconv; what it gave goes to ${out}. */
static int
iconv_step(struct decoding *d, size_t at, size_t n, char out[64], size_t *got,
    size_t *taken)
{
	char *in = (char *)(uintptr_t)(d->in.p + at), *to = out;
	size_t in_left = n, out_left = 64, rc;

	errno = 0;
	rc = iconv(d->cd, &in, &in_left, &to, &out_left);
	*got = 64 - out_left;
	*taken = n - in_left;
	return rc == (size_t)-1 ? errno : 0;
}

/* iconv writes codes beyond U+10FFFF (from UCS-4) in a form that is no UTF-8. */
static void
converted_put(struct decoding *d, struct span out, size_t in, size_t in_length)
{
	decoding_put(d, charset_is_utf8(out) ? out : span_of(replacement), in, in_length);
}

/*
 * Charsets of several bytes a character or with a state: byte after byte until
 * iconv takes them, so that each character knows where it came from.
 */
static void
multibyte_decode(struct decoding *d)
{
	char out[64], *to = out;
	size_t at = 0, start = 0, n = 1, got, taken, left = sizeof(out);
	int rc;

	while (at < d->in.n) {
		rc = iconv_step(d, at, n, out, &got, &taken);
		at += taken;
		converted_put(d, (struct span){ out, got }, start, at - start);
		if (got != 0)
			start = at;
		n = taken != 0 ? 1 : n;
		if (rc == EINVAL && n < CHARACTER_BYTES && at + n < d->in.n) {
			n++;
		} else if (rc != 0) {
			decoding_put(d, span_of(replacement), start, at + 1 - start);
			start = ++at;
			n = 1;
			iconv(d->cd, NULL, NULL, NULL, NULL);
		}
	}
	iconv(d->cd, NULL, NULL, &to, &left);
	converted_put(d, (struct span){ out, (size_t)(to - out) }, start, at - start);
}

/* One byte that is a character by itself, kept for the next time it is met. */
struct single {
	char out[15];
	unsigned char n;	/* 0: not looked up yet */
};

static bool
single_find(struct decoding *d, size_t at, struct single *s)
{
	char out[64], *to;
	size_t got, taken, left, n;
	int rc;

	rc = iconv_step(d, at, 1, out, &got, &taken);
	if (rc == EINVAL)
		return false;
	to = out + got;		/* CP1258 keeps a letter back until told to end */
	left = sizeof(out) - got;
	iconv(d->cd, NULL, NULL, &to, &left);
	n = (size_t)(to - out);
	if (rc != 0 || n == 0 || n > sizeof(s->out)) {
		memcpy(out, replacement, 3);
		n = 3;
	}
	memcpy(s->out, out, n);
	s->n = (unsigned char)n;
	return true;
}

/* Return false, with nothing done for good, when the charset has longer characters. */
static bool
single_decode(struct decoding *d)
{
	const unsigned char *p = (const unsigned char *)d->in.p;
	struct single table[256];
	size_t at, n;

	memset(table, 0, sizeof(table));
	for (at = 0; at < d->in.n; at += n) {
		for (n = 0; at + n < d->in.n && p[at + n] >= ' ' && p[at + n] < 0x7F; n++)
			continue;
		if (n != 0) {
			decoding_put(d, span_sub(d->in, at, n), at, n);
			continue;
		}
		n = 1;
		if (table[p[at]].n == 0 && !single_find(d, at, &table[p[at]]))
			return false;
		decoding_put(d, (struct span){ table[p[at]].out, table[p[at]].n }, at, 1);
	}
	return true;
}

/* Does it write ASCII as ASCII, so that runs of it can be copied? */
static bool
iconv_keeps_ascii(struct decoding *d)
{
	static const char ascii[] =
	    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
	char out[128], *to = out, *in = (char *)(uintptr_t)ascii;
	size_t in_left = sizeof(ascii) - 1, left = sizeof(out);

	if (iconv(d->cd, &in, &in_left, &to, &left) == (size_t)-1)
		return false;
	iconv(d->cd, NULL, NULL, &to, &left);
	return sizeof(out) - left == sizeof(ascii) - 1 &&
	    memcmp(out, ascii, sizeof(ascii) - 1) == 0;
}

static void
decoding_restart(struct decoding *d)
{
	d->out.n = 0;
	if (d->map != NULL)
		d->map->count = d->map->out_end = d->map->in_end = 0;
	iconv(d->cd, NULL, NULL, NULL, NULL);
}

static bool
label_is_stateful(const char *label)
{
	static const char *const prefixes[] = { "utf-7", "utf-16", "utf-32", "utf16",
	    "utf32", "iso-2022-", "hz", "ucs-2", "ucs-4", "csiso2022" };
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncasecmp(label, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* The name that iconv knows for ${charset}; false: read it as windows-1252. */
static bool
label_find(struct span charset, char label[LABEL_SIZE])
{
	size_t i;

	charset = span_trim(span_sub(charset, 0, span_find_byte(charset, '*')));
	if (charset.n == 0 || charset.n >= LABEL_SIZE)
		return false;
	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (span_is(charset, aliases[i].label)) {
			if (aliases[i].name != NULL)
				strcpy(label, aliases[i].name);
			return aliases[i].name != NULL;
		}
	memcpy(label, charset.p, charset.n);
	label[charset.n] = '\0';
	/* A slash would let a sender choose glibc's //TRANSLIT or a module's path. */
	return strspn(label, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-_.:+") == charset.n;
}

/* Give UTF-16 without an order its mark's, else the one that its zero bytes tell. */
static void
label_order(struct span in, char label[LABEL_SIZE])
{
	size_t i, even = 0, odd = 0;

	if (strcasecmp(label, "utf-16") != 0 && strcasecmp(label, "utf16") != 0)
		return;
	if (in.n >= 2 && memcmp(in.p, "\xFF\xFE", 2) == 0) {
		strcpy(label, "UTF-16LE");
		return;
	}
	for (i = 0; i + 1 < in.n && i < 4096; i += 2) {
		even += in.p[i] == '\0';
		odd += in.p[i + 1] == '\0';
	}
	strcpy(label, odd > even ? "UTF-16LE" : "UTF-16BE");
}

static bool
label_from_mark(struct span in, char label[LABEL_SIZE])
{
	if (in.n >= 4 && memcmp(in.p, "\xFF\xFE\0\0", 4) == 0)
		strcpy(label, "UTF-32LE");
	else if (in.n >= 4 && memcmp(in.p, "\0\0\xFE\xFF", 4) == 0)
		strcpy(label, "UTF-32BE");
	else if (in.n >= 2 && memcmp(in.p, "\xFF\xFE", 2) == 0)
		strcpy(label, "UTF-16LE");
	else if (in.n >= 2 && memcmp(in.p, "\xFE\xFF", 2) == 0)
		strcpy(label, "UTF-16BE");
	else
		return false;
	return true;
}

static bool
label_decode(struct decoding *d, const char *label)
{
	bool is_stateful = label_is_stateful(label);

	if ((d->cd = iconv_open("UTF-8", label)) == (iconv_t)-1)
		return false;
	if (is_stateful || !iconv_keeps_ascii(d) || !single_decode(d)) {
		decoding_restart(d);
		multibyte_decode(d);
	}
	iconv_close(d->cd);
	return true;
}

struct span
charset_decode(struct arena *a, struct span charset, struct span bytes, struct map *m)
{
	struct decoding d = { .in = bytes, .out = { .arena = a }, .map = m };
	char label[LABEL_SIZE];
	bool is_known = label_find(charset, label), is_utf8;

	if ((!is_known || !label_is_stateful(label)) && charset_is_utf8(bytes)) {
		if (m != NULL)
			map_identity(m, bytes.n);
		return bytes;
	}
	if (!is_known || !label_is_stateful(label))
		is_known = label_from_mark(bytes, label) || is_known;
	if (is_known)
		label_order(bytes, label);
	is_utf8 = is_known && strcasecmp(label, "utf-8") == 0;
	if (!is_known || is_utf8 || (!label_is_stateful(label) && is_mostly_utf8(bytes)) ||
	    !label_decode(&d, label))
		lines_decode(&d, is_utf8);
	return buffer_span(&d.out);
}

void
charset_warm(void)
{
	static const char *const labels[] = { "CP1258", "CP1250", "CP1251", "CP1252",
	    "CP1253", "CP1254", "CP1255", "CP1256", "CP1257", "CP874", "CP932", "CP936",
	    "CP949", "CP950", "GBK", "ISO-8859-15", "TCVN5712-1", "UTF-16", "UTF-16BE",
	    "UTF-16LE", "VISCII" };
	static iconv_t kept[sizeof(labels) / sizeof(labels[0])];
	size_t i;

	/* Never closed: glibc unloads what nobody has open. */
	for (i = 0; i < sizeof(labels) / sizeof(labels[0]) && kept[i] == NULL; i++)
		kept[i] = iconv_open("UTF-8", labels[i]);
}
