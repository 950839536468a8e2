/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "mail/transfer.h"

#include "mail/view.h"

static void
check_hit(const struct view *v, struct span decoded, const char *text, const char *source)
{
	size_t at = span_find(v->text, span_of(text)), offset, width;

	cr_assert_lt(at, v->text.n, "no '%s' in '%.*s'", text, SPAN_PRINT(v->text));
	view_locate(v, at, span_of(text).n, &offset, &width);
	cr_expect(span_equal(span_sub(decoded, offset, width), span_of(source)),
	    "'%s' comes from '%.*s', not '%s'", text,
	    SPAN_PRINT(span_sub(decoded, offset, width)), source);
}

Test(view, base64_and_windows_1258_and_html_map_back_together)
{
	struct arena *a = arena_new();
	/* <p>so 1</p>CRLF<p>TO^'<b>I</b>  M&Acirc;.T</p> with marks as bytes */
	struct span raw = span_of("PHA+c28gMTwvcD4NCjxwPlTU7DxiPkk8L2I+ICBNJkFjaXJjO/JUPC9wPg=="),
	    decoded = transfer_decode(a, TRANSFER_BASE64, raw);
	struct view *v = view_of_part(a, "1", decoded, span_of("windows-1258"), 1);

	cr_assert(span_equal(v->text, span_of("so 1\nTỐI MẬT")), "%.*s",
	    SPAN_PRINT(v->text));
	check_hit(v, decoded, "TỐI MẬT", "T\xD4\xEC<b>I</b>  M&Acirc;\xF2T");
	check_hit(v, decoded, "Ố", "\xD4\xEC");
	check_hit(v, decoded, "Ậ", "&Acirc;\xF2");
	check_hit(v, decoded, "so", "so");
	arena_free(a);
}

Test(view, every_form_of_a_mark_is_one_text)
{
	static const char forms[][40] = { "T\u1ED0I M\u1EACT", "TO\u0302\u0301I MA\u0323\u0302T",
		"TO\u0301\u0302I MA\u0302\u0323T", "T\u200B\u1ED0\u200BI M\u200B\u1EAC\u200BT",
		"TÓ\u0302I M\u00ADẠ\u0302T" };
	struct arena *a = arena_new();
	struct span s;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		s = span_of(forms[i]);
		check_hit(view_of_part(a, "1", s, span_of("utf-8"), 0), s, "TỐI MẬT",
		    forms[i]);
	}
	arena_free(a);
}

Test(view, a_page_without_a_label_names_its_charset_itself)
{
	struct arena *a = arena_new();
	struct span page = span_of("<meta charset=\"windows-1258\"><p>M\xC2\xF2T");

	check_hit(view_of_part(a, "1", page, span_of(""), 1), page, "MẬT", "M\xC2\xF2T");
	arena_free(a);
}

Test(view, a_header_is_a_view_too)
{
	struct arena *a = arena_new();
	struct view *v = view_of_text(a, "header:Subject", span_of("MA\u0302\u0323T"));

	cr_expect(span_equal(v->text, span_of("MẬT")));
	cr_expect_str_eq(v->part, "header:Subject");
	cr_expect_str_eq(view_title(v->name), "text");
	arena_free(a);
}

Test(view, a_text_that_says_it_is_viqr_is_read_as_such)
{
	struct arena *a = arena_new();
	struct view *v = view_of_part(a, "1", span_of("MA^.T\n"), span_of("VIQR"), false);

	cr_assert_not_null(view_get(v, VIEW_LEGACY));
	cr_expect(span_equal(view_get(v, VIEW_LEGACY)->text, span_of("MẬT\n")));
	v = view_of_part(a, "1", span_of("MA^.T\n"), span_of("utf-8"), false);
	cr_expect_null(view_get(v, VIEW_LEGACY));
	arena_free(a);
}
