/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "mail/charset.h"
#include "mail/unicode.h"

#include "letter.h"

/*
 * One text in all the forms that it is typed and sent in.  Expected is what a
 * clerk who reads the letter would say.
 */

enum kind {
	KIND_MARK,	/* in capitals: never passes */
	KIND_QUIET,	/* in small letters: a mark only where fonts have no capitals */
	KIND_FIELD,
	KIND_INNOCENT,
};

static const struct {
	enum kind kind;
	char text[60];
} texts[] = {
	{ KIND_MARK, "MẬT" }, { KIND_MARK, "TỐI MẬT" }, { KIND_MARK, "TUYỆT MẬT" },
	{ KIND_QUIET, "Mật" }, { KIND_QUIET, "Tối mật" }, { KIND_QUIET, "tuyệt mật" },
	{ KIND_FIELD, "ĐỘ MẬT: TỐI MẬT" }, { KIND_FIELD, "Độ mật: Tuyệt mật" },
	{ KIND_INNOCENT, "GIẢI MẬT" }, { KIND_INNOCENT, "HỎA TỐC" },
	{ KIND_INNOCENT, "HOẢ TỐC" }, { KIND_INNOCENT, "THƯỢNG KHẨN" },
	{ KIND_INNOCENT, "LƯU HÀNH NỘI BỘ" }, { KIND_INNOCENT, "XEM XONG TRẢ LẠI" },
	{ KIND_INNOCENT, "bí mật" }, { KIND_INNOCENT, "BẢO MẬT" },
	{ KIND_INNOCENT, "mật khẩu" }, { KIND_INNOCENT, "mật độ" },
	{ KIND_INNOCENT, "mật ong" }, { KIND_INNOCENT, "không thuộc diện mật" },
	{ KIND_INNOCENT, "Độ mật: Thường" }, { KIND_INNOCENT, "TỐI MẮT" },
};

/* Each letter: its base, the mark of its quality, of its tone; TCVN3, VNI. */
static const struct letter_forms {
	char letter[4];
	char base;
	char quality[3], tone[3];
	unsigned char tcvn3;
	char vni[3];
	char viqr[4];
} letters[] = {
	{ "ậ", 'a', "\u0302", "\u0323", 0xCB, "a\xE4", "a^." },
	{ "ố", 'o', "\u0302", "\u0301", 0xE8, "o\xE1", "o^'" },
	{ "ệ", 'e', "\u0302", "\u0323", 0xD6, "e\xE4", "e^." },
	{ "ộ", 'o', "\u0302", "\u0323", 0xE9, "o\xE4", "o^." },
	{ "ả", 'a', "", "\u0309", 0xB6, "a\xFB", "a?" },
	{ "ỏ", 'o', "", "\u0309", 0xE1, "o\xFB", "o?" },
	{ "ư", 'u', "\u031B", "", 0xAD, "\xF6", "u+" },
	{ "ợ", 'o', "\u031B", "\u0323", 0xEE, "\xF4\xEF", "o+." },
	{ "ẩ", 'a', "\u0302", "\u0309", 0xC8, "a\xE5", "a^?" },
	{ "à", 'a', "", "\u0300", 0xB5, "a\xF8", "a`" },
	{ "ạ", 'a', "", "\u0323", 0xB9, "a\xEF", "a." },
	{ "í", 'i', "", "\u0301", 0xDD, "\xED", "i'" },
	{ "ô", 'o', "\u0302", "", 0xAB, "o\xE2", "o^" },
	{ "ờ", 'o', "\u031B", "\u0300", 0xEA, "\xF4\xF8", "o+`" },
	{ "ắ", 'a', "\u0306", "\u0301", 0xBE, "a\xE9", "a('" },
	{ "đ", 'd', "", "", 0xAE, "\xF1", "dd" },
};

/* ${s} one letter after the other, each as ${put} writes it. */
static void
each_letter(struct buffer *b, const char *s, void (*put)(struct buffer *b,
    const struct letter_forms *f, uint32_t code, bool is_upper))
{
	struct arena *a = arena_new();
	struct span text = span_of(s), lower;
	const struct letter_forms *f;
	uint32_t code;
	size_t at, n, i;

	for (at = 0; (n = unicode_next(text, at, &code)) != 0; at += n) {
		lower = unicode_lower(a, span_sub(text, at, n));
		f = NULL;
		for (i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
			if (span_equal(lower, span_of(letters[i].letter)))
				f = &letters[i];
		cr_assert(f != NULL || code < 0x80, "no form of U+%04X", (unsigned)code);
		put(b, f, code, !span_equal(lower, span_sub(text, at, n)));
	}
	arena_free(a);
}

static char
cased(char c, bool is_upper)
{
	return is_upper && c >= 'a' && c <= 'z' ? (char)(c - 0x20) : c;
}

static void
code_put(struct buffer *b, uint32_t code)
{
	b->n += unicode_put(code, buffer_reserve(b, 4));
}

static void
marks_put(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper,
    bool is_tone_first, const char *between)
{
	if (f == NULL || f->base == 'd') {
		code_put(b, code);
		buffer_text(b, between);
		return;
	}
	buffer_byte(b, cased(f->base, is_upper));
	buffer_text(b, between);
	buffer_text(b, is_tone_first ? f->tone : f->quality);
	buffer_text(b, between);
	buffer_text(b, is_tone_first ? f->quality : f->tone);
	buffer_text(b, between);
}

static void
put_nfd(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	marks_put(b, f, code, is_upper, false, "");
}

static void
put_tone_first(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	marks_put(b, f, code, is_upper, true, "");
}

static void
put_joiner(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	marks_put(b, f, code, is_upper, false, "\u034F");
}

static void
put_zero_width(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	(void)f;
	(void)is_upper;
	code_put(b, code);
	buffer_text(b, "\u200B");
}

static void
put_entity(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	(void)is_upper;
	if (f != NULL)
		buffer_print(b, "&#%u;", (unsigned)code);
	else
		code_put(b, code);
}

static void
put_wide(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	(void)f;
	(void)is_upper;
	code_put(b, code > ' ' && code < 0x7F ? code + 0xFEE0 : code);
}

static void
put_cyrillic(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	static const char latin[] = "MTOIAEKHCB";
	static const uint16_t cyrillic[] = { 0x41C, 0x422, 0x41E, 0x406, 0x410, 0x415,
		0x41A, 0x41D, 0x421, 0x412 };
	const char *at = code < 0x80 ? strchr(latin, (int)code) : NULL;

	(void)f;
	(void)is_upper;
	code_put(b, at != NULL ? cyrillic[at - latin] : code);
}

/* Tones are characters of their own there, qualities are not. */
static void
put_windows_1258(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	struct buffer base = { .arena = b->arena };

	if (f == NULL || f->base == 'd') {
		code_put(b, code);
		return;
	}
	buffer_byte(&base, cased(f->base, is_upper));
	buffer_text(&base, f->quality);
	buffer_add(b, unicode_readable(b->arena, buffer_span(&base), NULL));
	buffer_text(b, f->tone);
}

static void
put_tcvn3(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	if (f == NULL)
		code_put(b, code);
	else if (is_upper && f->base == 'd')
		buffer_byte(b, '\xA7');
	else
		buffer_byte(b, (char)f->tcvn3);
}

static void
put_tcvn3_capitals(struct buffer *b, const struct letter_forms *f, uint32_t code,
    bool is_upper)
{
	(void)is_upper;
	if (f == NULL && code >= 'A' && code <= 'Z')
		code |= 0x20;
	put_tcvn3(b, f, code, false);
}

static void
put_vni(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	const char *c;

	if (f == NULL)
		code_put(b, code);
	for (c = f != NULL ? f->vni : ""; *c != '\0'; c++)
		buffer_byte(b, (unsigned char)*c >= 0xE0 && is_upper ?
		    (char)(*c - 0x20) : cased(*c, is_upper));
}

static void
put_viqr(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	const char *c;

	if (f == NULL)
		code_put(b, code);
	for (c = f != NULL ? f->viqr : ""; *c != '\0'; c++)
		buffer_byte(b, cased(*c, is_upper));
}

static void
put_plain(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	if (f == NULL)
		code_put(b, code);
	else
		buffer_byte(b, cased(f->base, is_upper));
}

static void
put_same(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	(void)f;
	(void)is_upper;
	code_put(b, code);
}

/* One blank between letters, three between words. */
static void
put_spaced(struct buffer *b, const struct letter_forms *f, uint32_t code, bool is_upper)
{
	put_same(b, f, code, is_upper);
	buffer_byte(b, ' ');
}

/* What a form may do to the expectation. */
enum { SAME = 0, NO_CAPITALS = 1, NO_FIELD = 2, NO_TONES = 4, HTML = 8, VIQR = 16 };

static const struct form {
	char name[20];
	char charset[16];
	enum { AS_IT_IS, TO_BYTES, FROM_LATIN } recoding;
	void (*put)(struct buffer *, const struct letter_forms *, uint32_t, bool);
	unsigned flags;
} forms[] = {
	{ "nfc", "utf-8", AS_IT_IS, put_same, SAME },
	{ "nfd", "utf-8", AS_IT_IS, put_nfd, SAME },
	{ "tone first", "utf-8", AS_IT_IS, put_tone_first, SAME },
	{ "grapheme joiner", "utf-8", AS_IT_IS, put_joiner, SAME },
	{ "zero width", "utf-8", AS_IT_IS, put_zero_width, SAME },
	{ "mislabelled", "windows-1258", AS_IT_IS, put_same, SAME },
	{ "entities", "us-ascii", AS_IT_IS, put_entity, HTML },
	{ "fullwidth", "utf-8", AS_IT_IS, put_wide, SAME },
	{ "cyrillic", "utf-8", AS_IT_IS, put_cyrillic, SAME },
	{ "spaced", "utf-8", AS_IT_IS, put_spaced, NO_FIELD },
	{ "no diacritics", "us-ascii", AS_IT_IS, put_plain, NO_TONES | NO_FIELD },
	{ "viscii", "viscii", TO_BYTES, put_same, SAME },
	{ "viscii unlabelled", "x-unknown", TO_BYTES, put_same, NO_CAPITALS },
	{ "windows-1258", "windows-1258", TO_BYTES, put_windows_1258, SAME },
	{ "tcvn5712", "tcvn5712-1", TO_BYTES, put_same, SAME },
	{ "tcvn3", "windows-1252", AS_IT_IS, put_tcvn3, NO_CAPITALS },
	{ "tcvn3 capitals", "iso-8859-1", AS_IT_IS, put_tcvn3_capitals, NO_CAPITALS },
	{ "tcvn3 in utf-8", "utf-8", FROM_LATIN, put_tcvn3, NO_CAPITALS },
	{ "vni", "windows-1252", AS_IT_IS, put_vni, NO_CAPITALS },
	{ "vni in utf-8", "utf-8", FROM_LATIN, put_vni, NO_CAPITALS },
	{ "viqr", "us-ascii", AS_IT_IS, put_viqr, VIQR | NO_CAPITALS },
};

/* The byte that is ${code} in ${charset}. */
static char
byte_of(struct arena *a, struct span charset, uint32_t code)
{
	uint32_t got;
	char byte;
	int i;

	for (i = 1; i < 256; i++) {
		byte = (char)i;
		unicode_next(charset_decode(a, charset, (struct span){ &byte, 1 }, NULL),
		    0, &got);
		if (got == code)
			return byte;
	}
	cr_assert(false, "no U+%04X in %.*s", (unsigned)code, SPAN_PRINT(charset));
	return 0;
}

static struct span
recode(struct arena *a, struct span s, const struct form *f)
{
	struct span charset = span_of(strcmp(f->charset, "x-unknown") == 0 ? "viscii" :
	    f->charset);
	struct buffer b = { .arena = a };
	uint32_t code;
	size_t at, n;

	if (f->recoding == AS_IT_IS)
		return s;
	if (f->recoding == FROM_LATIN)
		return charset_decode(a, span_of("windows-1252"), s, NULL);
	for (at = 0; (n = unicode_next(s, at, &code)) != 0; at += n)
		buffer_byte(&b, code < 0x80 ? (char)code : byte_of(a, charset, code));
	return buffer_span(&b);
}

static bool
is_stopped(const struct policy *p, struct arena *a, const struct form *f, const char *text)
{
	struct buffer b = { .arena = a }, form = { .arena = a };
	struct letter l;
	enum action action;

	if (f->flags & VIQR)	/* a lone one is below what tells VIQR */
		buffer_text(&form, "Co^ng va(n cu?a Bo^.\n");
	each_letter(&form, text, f->put);
	buffer_print(&b, "Subject: x\nMIME-Version: 1.0\n"
	    "Content-Type: text/%s; charset=%s\nContent-Transfer-Encoding: 8bit\n\n",
	    f->flags & HTML ? "html" : "plain", f->charset);
	buffer_add(&b, recode(a, buffer_span(&form), f));
	buffer_text(&b, "\n");
	l = letter_from(a, buffer_span(&b));
	action = letter_judge(p, a, &l, LETTER_STEPS)->action;
	return action == ACTION_REJECT || action == ACTION_HOLD;
}

/* 1 stopped, 0 passes, -1 either. */
static int
expected(enum kind kind, const char *text, unsigned flags)
{
	bool is_short = strcmp(text, "MẬT") == 0 || strcmp(text, "Mật") == 0;

	if (kind == KIND_FIELD && (flags & NO_FIELD))
		return -1;
	if (flags & NO_TONES)	/* tối mắt, tối mật: one and the same */
		return kind == KIND_INNOCENT ? strcmp(text, "TỐI MẮT") == 0 : !is_short;
	if (kind == KIND_QUIET)
		return (flags & NO_CAPITALS) != 0;
	return kind != KIND_INNOCENT;
}

Test(forms, every_mark_is_seen_in_every_form_and_nothing_else_is)
{
	struct policy *p = letter_shipped();
	size_t i, k, seen = 0, missed = 0, false_ones = 0;
	struct arena *a;
	int want;
	bool got;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
			a = arena_new();
			want = expected(texts[i].kind, texts[i].text, forms[k].flags);
			got = is_stopped(p, a, &forms[k], texts[i].text);
			arena_free(a);
			seen += want == 1 && got;
			missed += want == 1 && !got;
			false_ones += want == 0 && got;
			cr_expect(want < 0 || got == (want == 1), "%s as %s %s",
			    texts[i].text, forms[k].name, got ? "is stopped" : "passes");
		}
	fprintf(stderr, "forms: %zu marks seen, %zu missed, %zu false\n", seen, missed,
	    false_ones);
	policy_free(p);
}
