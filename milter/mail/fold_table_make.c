/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#include "fold_internal.h"

/*
 * Run while building: writes the tables of mail/fold, C source, to its standard
 * output.  They come from ICU's data (compatibility forms, confusables, case)
 * and from the rules below, which know what ICU cannot: that "l" and "I" are
 * told apart by case, and that a small capital stands for a capital.
 */

#define LONGEST 32

static USpoofChecker *spoof;
static const UNormalizer2 *nfc, *nfkc;

static void
check(UErrorCode e)
{
	if (U_SUCCESS(e))
		return;
	fprintf(stderr, "fold_table_make: %s\n", u_errorName(e));
	exit(1);
}

/* Our own: letters that no data maps. */
static const struct {
	UChar32 from, to;
} own[] = {
	{ 0xD0, 0x110 }, { 0x189, 0x110 }, { 0xF0, 0x111 }, { 0x256, 0x111 },
	{ 0x432, 'b' }, { 0x43A, 'k' }, { 0x43D, 'h' },	/* small forms of В К Н */
	{ 0x3BA, 'k' },
};

/* Small capitals, in the order of the alphabet; 0 where there is none. */
static const UChar32 small_capitals[26] = { 0x1D00, 0x299, 0x1D04, 0x1D05, 0x1D07,
	0xA730, 0x262, 0x29C, 0x26A, 0x1D0A, 0x1D0B, 0x29F, 0x1D0D, 0x274, 0x1D0F,
	0x1D18, 0xA7AF, 0x280, 0xA731, 0x1D1B, 0x1D1C, 0x1D20, 0x1D21, 0, 0x28F, 0x1D22 };

static UChar32
small_capital_letter(UChar32 c)
{
	int i;

	for (i = 0; i < 26; i++)
		if (c != 0 && small_capitals[i] == c)
			return 'A' + i;
	return c == 0x28D ? 'M' : 0;	/* the turned w that ICU takes for M's shape */
}

static int
is_ascii_letter(UChar32 c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Blocks of letters in squares, discs and flags that have no decomposition. */
static UChar32
enclosed_letter(UChar32 c)
{
	static const UChar32 starts[] = { 0x1F150, 0x1F170, 0x1F1E6 };
	size_t i;

	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (c >= starts[i] && c < starts[i] + 26)
			return 'A' + (c - starts[i]);
	return 0;
}

/* The one character that ${n} units are, else 0. */
static UChar32
single(const UChar *s, int32_t n)
{
	UChar32 c;
	int32_t i = 0;

	if (n <= 0)
		return 0;
	U16_NEXT(s, i, n, c);
	return i == n ? c : 0;
}

/* Its compatibility form, where that is the same letter in another dress. */
static UChar32
compatible(UChar32 c)
{
	UChar in[2], out[LONGEST];
	UErrorCode e = U_ZERO_ERROR;
	int32_t n = 0, length;
	UChar32 to;

	switch (u_getIntPropertyValue(c, UCHAR_DECOMPOSITION_TYPE)) {
	case U_DT_WIDE: case U_DT_NARROW: case U_DT_SMALL: case U_DT_FONT:
	case U_DT_CIRCLE: case U_DT_SQUARE: case U_DT_COMPAT: case U_DT_SUPER:
	case U_DT_SUB:
		break;
	default:
		return 0;
	}
	U16_APPEND_UNSAFE(in, n, c);
	length = unorm2_normalize(nfkc, in, n, out, LONGEST, &e);
	check(e);
	to = single(out, length);
	if (u_isalpha(to))	/* not the ª and º of "1.º" */
		return c > 0xFF ? to : 0;
	return u_getIntPropertyValue(c, UCHAR_DECOMPOSITION_TYPE) == U_DT_WIDE &&
	    to > ' ' ? to : 0;
}

/* The ASCII letter that it looks like, in the case that it has itself. */
static UChar32
look_alike(UChar32 c)
{
	UChar in[2], out[LONGEST];
	UErrorCode e = U_ZERO_ERROR;
	int32_t n = 0, length;
	UChar32 to, small;

	if (!u_isalpha(c))
		return 0;
	U16_APPEND_UNSAFE(in, n, c);
	length = uspoof_getSkeleton(spoof, 0, in, n, out, LONGEST, &e);
	check(e);
	to = single(out, length);
	if ((small = small_capital_letter(to)) != 0)
		return u_isupper(c) ? small : u_tolower(small);
	if (!is_ascii_letter(to))
		return 0;
	if (to == 'l' && !u_islower(c))
		return 'I';
	return u_isupper(c) ? u_toupper(to) : to;
}

static UChar32 fold(UChar32 c);

/* A letter with marks whose base looks like another: Cyrillic "Ё" is "Ë". */
static UChar32
marked(UChar32 c)
{
	UChar parts[LONGEST], out[LONGEST];
	UErrorCode e = U_ZERO_ERROR;
	int32_t n = unorm2_getDecomposition(nfc, c, parts, LONGEST, &e), at = 0, k = 0;
	UChar32 base, to;

	check(e);
	if (n < 2)
		return 0;
	U16_NEXT(parts, at, n, base);
	to = fold(base);
	if (to == base || to > 0xFFFF)
		return 0;
	U16_APPEND_UNSAFE(out, k, to);
	memcpy(out + k, parts + at, (size_t)(n - at) * sizeof(UChar));
	n = unorm2_normalize(nfc, out, k + n - at, parts, LONGEST, &e);
	check(e);
	return single(parts, n);
}

static UChar32
fold_once(UChar32 c)
{
	UChar32 to;
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i].from == c)
			return own[i].to;
	if ((to = small_capital_letter(c)) != 0 || (to = enclosed_letter(c)) != 0 ||
	    (to = compatible(c)) != 0)
		return to;
	if (u_getIntPropertyValue(c, UCHAR_DECOMPOSITION_TYPE) == U_DT_CANONICAL)
		return marked(c);
	return look_alike(c);
}

static UChar32
fold(UChar32 c)
{
	UChar32 to;
	int i;

	for (i = 0; i < 4 && c >= 0x80 && (to = fold_once(c)) != 0 && to != c; i++)
		c = to;
	return c;
}

static int
is_folding_block(UChar32 c)
{
	return !(c >= 0x2E80 && c < 0xA000) && !(c >= 0xAC00 && c < 0xF900);
}

static uint16_t
letter_value(UChar32 c)
{
	UChar32 to = is_folding_block(c) ? fold(c) : c;

	if (to != c && to <= 0xFFFF)
		return (uint16_t)to;
	return u_isalpha(c) ? FOLD_LETTER : FOLD_OTHER;
}

/* Without its marks, lower case; of what the first table left. */
static uint16_t
plain_value(UChar32 c)
{
	UChar parts[LONGEST];
	UErrorCode e = U_ZERO_ERROR;
	int32_t n, at = 0;
	UChar32 base = c;

	if ((U_GET_GC_MASK(c) & U_GC_M_MASK) != 0)
		return FOLD_DROP;
	n = is_folding_block(c) ? unorm2_getDecomposition(nfc, c, parts, LONGEST, &e) : 0;
	check(e);
	if (n > 0)
		U16_NEXT(parts, at, n, base);
	base = u_tolower(base == 0x110 ? 0x111 : base);
	if (base == 0x111)
		base = 'd';
	return base != c && base <= 0xFFFF ? (uint16_t)base : FOLD_OTHER;
}

static void
block_print(const uint16_t *values)
{
	int i;

	printf("\t{");
	for (i = 0; i < FOLD_BLOCK; i++)
		printf("%s%u,", i % 16 == 0 ? "\n\t" : " ", (unsigned)values[i]);
	printf("\n\t},\n");
}

/* Equal blocks are written once. */
static void
table_print(const char *name, uint16_t (*value)(UChar32))
{
	static uint16_t blocks[FOLD_CODES / FOLD_BLOCK][FOLD_BLOCK];
	int index[FOLD_CODES / FOLD_BLOCK], count = 0, b, i;

	printf("const uint16_t %s_values[][FOLD_BLOCK] = {\n", name);
	for (b = 0; b < FOLD_CODES / FOLD_BLOCK; b++) {
		for (i = 0; i < FOLD_BLOCK; i++)
			blocks[count][i] = value(b * FOLD_BLOCK + i);
		for (i = 0; i < count; i++)
			if (memcmp(blocks[i], blocks[count], sizeof(blocks[i])) == 0)
				break;
		if ((index[b] = i) == count)
			block_print(blocks[count++]);
	}
	printf("};\n\nconst unsigned char %s_blocks[FOLD_CODES / FOLD_BLOCK] = {", name);
	for (b = 0; b < FOLD_CODES / FOLD_BLOCK; b++)
		printf("%s%d,", b % 16 == 0 ? "\n\t" : " ", index[b]);
	printf("\n};\n\n");
}

int
main(void)
{
	UErrorCode e = U_ZERO_ERROR;

	nfc = unorm2_getNFCInstance(&e);
	nfkc = unorm2_getNFKCInstance(&e);
	spoof = uspoof_open(&e);
	check(e);
	printf("/* Made by fold_table_make. */\n#include \"fold_internal.h\"\n\n");
	table_print("fold", letter_value);
	table_print("bare", plain_value);
	uspoof_close(spoof);
	return fflush(stdout) == 0 ? 0 : 1;
}
