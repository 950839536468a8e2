/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_FORMAT_RTF_INTERNAL_H
#define EXTRACT_FORMAT_RTF_INTERNAL_H

#include "format_internal.h"

#define RTF_DEPTH 128		/* deeper groups are read as the last of these */
#define RTF_FONTS 1024

struct rtf_group {
	int place;
	unsigned page;		/* Windows code page of the bytes */
	unsigned fallback;	/* characters behind a \u that stand for it (\uc) */
	bool is_new;
	bool is_list;		/* a list of properties */
	bool is_caps;		/* shown in capitals */
};

struct rtf_font {
	uint16_t number;
	uint16_t page;
};

/* One RTF file being read. */
struct rtf {
	struct span in;
	size_t at;
	struct arena *arena;
	struct pen body, aside, *pen;
	struct buffer aside_text;	/* lines that wait for the body's line to end */
	struct buffer bytes;		/* of a charset of many bytes */
	struct buffer object;
	struct buffer shape_name;
	struct rtf_group groups[RTF_DEPTH];
	size_t depth;
	size_t beyond;			/* groups deeper than there is room for */
	struct rtf_font fonts[RTF_FONTS];
	size_t font_count;
	char font_name[8];		/* how the name of the last one begins */
	size_t font_name_length;
	unsigned font_default;
	unsigned page_default;
	unsigned bytes_page;
	unsigned to_skip;		/* characters that a \u made superfluous */
	int nibble;			/* first half of a byte in hex, plus 1 */
	bool starred;
	bool is_word_art;		/* the shape's property is its text */
};

/** rtf_font_word(r, name, number, is_table): A word about charsets and fonts; false: none. */
bool rtf_font_word(struct rtf *r, const char *name, long number, bool is_table);

/** rtf_font_name(r, byte): One more byte of a font's name in the table. */
void rtf_font_name(struct rtf *r, unsigned char byte);

/** rtf_font_use(r, number): The group's bytes are in the charset of this font. */
void rtf_font_use(struct rtf *r, unsigned number);

/** rtf_hex(c): The value of a hexadecimal digit, or -1. */
int rtf_hex(char c);

/** rtf_object_hex(r, byte): One more digit of an object; anything else is passed over. */
void rtf_object_hex(struct rtf *r, unsigned char byte);

/** rtf_object_end(r): The object is whole: hand it out.  0, or -1: stop. */
int rtf_object_end(struct rtf *r);

#endif /* !EXTRACT_FORMAT_RTF_INTERNAL_H */
