/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "format_rtf_internal.h"

/* \fcharset -> Windows code page. */
static const struct {
	uint8_t charset;
	uint16_t page;
} pages[] = {
	{ 128, 932 }, { 129, 949 }, { 130, 1361 }, { 134, 936 }, { 136, 950 },
	{ 161, 1253 }, { 162, 1254 }, { 163, 1258 }, { 177, 1255 }, { 178, 1256 },
	{ 186, 1257 }, { 204, 1251 }, { 222, 874 }, { 238, 1250 },
};

static unsigned
page_of(const struct rtf *r, long charset)
{
	size_t i;

	if (charset == 1)
		return r->page_default;
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (pages[i].charset == charset)
			return pages[i].page;
	return 1252;
}

static void
font_add(struct rtf *r, unsigned number)
{
	if (r->font_count < RTF_FONTS)
		r->fonts[r->font_count++] = (struct rtf_font){ (uint16_t)number,
		    (uint16_t)r->page_default };
	r->font_name_length = 0;
}

static void
font_page(struct rtf *r, unsigned page)
{
	if (r->font_count != 0)
		r->fonts[r->font_count - 1].page = (uint16_t)page;
}

void
rtf_font_use(struct rtf *r, unsigned number)
{
	unsigned page = r->page_default;
	size_t i;

	for (i = 0; i < r->font_count; i++)
		if (r->fonts[i].number == number)
			page = r->fonts[i].page;
	r->groups[r->depth].page = page;
}

/*
 * The fonts of TCVN3 and VNI lay their own letters over windows-1252, whatever
 * charset the table claims for them: the legacy view reads those bytes.
 */
void
rtf_font_name(struct rtf *r, unsigned char byte)
{
	if (byte == ';' || r->font_name_length == sizeof(r->font_name))
		return;
	if (byte == ' ' && r->font_name_length == 0)
		return;
	r->font_name[r->font_name_length++] = (char)byte;
	if (r->font_name_length >= 3 && (strncmp(r->font_name, ".Vn", 3) == 0 ||
	    strncmp(r->font_name, "VNI", 3) == 0))
		font_page(r, 1252);
}

bool
rtf_font_word(struct rtf *r, const char *name, long number, bool is_table)
{
	if (strcmp(name, "f") == 0) {
		if (is_table)
			font_add(r, (unsigned)number & 0xFFFF);
		else
			rtf_font_use(r, (unsigned)number & 0xFFFF);
	} else if (strcmp(name, "fcharset") == 0)
		font_page(r, page_of(r, number));
	else if (strcmp(name, "ansicpg") == 0) {
		if (number > 0 && number < 65000)
			r->page_default = (unsigned)number;
		r->groups[r->depth].page = r->page_default;
	} else if (strcmp(name, "deff") == 0)
		r->font_default = (unsigned)number & 0xFFFF;
	else
		return false;
	return true;
}
