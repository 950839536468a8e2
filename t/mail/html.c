/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/buffer.h"
#include "mail/map.h"

#include "mail/html.h"

static void
check(const char *html, const char *want)
{
	struct arena *a = arena_new();
	struct map m = { .arena = a };
	struct span got = html_text(a, span_of(html), &m);

	cr_expect(span_equal(got, span_of(want)), "'%s' gave '%.*s', not '%s'", html,
	    SPAN_PRINT(got), want);
	cr_expect_eq(m.out_end, got.n);
	arena_free(a);
}

Test(html, entities_are_decoded_with_and_without_their_semicolon)
{
	check("M&#7852;T M&#x1EAC;T &Acirc;&eacute &lt;x&gt; &amp", "MẬT MẬT Âé <x> &");
	check("&nosuch; &ampx &#; &#x; &", "&nosuch; &x &#; &#x; &");
	check("&#147;x&#148; &#0;&#xD800;&#99999999999;", "“x” \uFFFD\uFFFD\uFFFD");
}

Test(html, inline_tags_leave_no_trace_and_blocks_end_lines)
{
	check("<b>M</b><span>Ậ</span>T", "MẬT");
	check("<p>a</p><p>b</p>", "a\nb");
	check("a<br>b<br/><br>c", "a\nb\n\nc");
	check("<table><tr><td>a</td><td>b</td></tr><tr><th>c<th>d</table>", "a\tb\nc\td");
}

Test(html, blanks_are_one_blank_and_never_at_the_end_of_a_line)
{
	check("  a \r\n\t b  <br>  c ", "a b\nc");
	check("a <b> b</b> <i> c</i>", "a b c");
	check("<pre>a  b\n c</pre>d", "a  b\n c\nd");
}

Test(html, what_a_reader_does_not_see_is_left_out)
{
	check("M<!-- x > y -->ẬT", "MẬT");
	check("<title>t</title>a<script>if (a<b) '</b>'</script>b<STYLE>x</style>c", "abc");
	check("M<span style='display : none'>x<b>y</b></span>ẬT", "MẬT");
	check("M<i hidden>x</i>ẬT", "MẬT");
	check("M<i style='opacity:0.0'>x</i>ẬT", "MẬT");
	check("M<i style='opacity:0;opacity:0.5'>x</i>", "Mx");
	check("M<i style=\"color:red;visibility:hidden\">x</i>ẬT", "MẬT");
	check("M<font style='font-size:0px'>x</font>ẬT", "MẬT");
	check("M<br hidden>T", "M\nT");
}

Test(html, what_a_sheet_hides_is_left_out)
{
	check("<style>.x{display:none}</style>M<i class='a x'>y</i>ẬT", "MẬT");
	check("<style>p{color:red}\n/* } */ #x , b{ font-size : 0px }</style>"
	    "M<i id=x>y</i><b>z</b>ẬT", "MẬT");
	check("<style>span.x#y{visibility:hidden!important}</style>"
	    "M<span class=x id=y>a</span><b class=x id=y>Ậ</b>T", "MẬT");
	check("M<i class=x>y</i>ẬT<style type='text/css'><!-- .x{opacity:0} --></style>",
	    "MẬT");
	check("<style>@charset \"a\";@font-face{font-family:'a;b'}.x{display:none}</style>"
	    "M<i class=x>y</i>ẬT", "MẬT");
}

Test(html, letters_are_capitals_where_they_are_shown_so)
{
	check("<p style='text-transform:uppercase'>m&#7853;t đi</p>mật", "MẬT ĐI\nmật");
	check("<style>.u{text-transform: uppercase}</style><b class=u>mật <i>m<br>t"
	    "<u style='text-transform:none'>ậ</u></i></b>t", "MẬT M\nTật");
	check("<p style='text-transform:uppercase'>a<p>b<table><td style='text-transform:"
	    "uppercase'>c<td>d", "A\nb\nC\td");
	check("<b style='text-transform:uppercase'>m<i hidden>x</i>t\u00CB", "MT\u00CB");
	check("<b style='text-transform:capitalize'>mật</b>", "mật");
}

Test(html, where_a_sheet_leaves_doubt_the_text_is_read)
{
	static const char *const sheets[] = {
		"<style>@media print{.x{display:none}}</style>",
		"<style media=print>.x{display:none}</style>",
		"<style type=a>.x{display:none}</style>",
		"<style>.a .x{display:none}</style>", "<style>.x:hover{display:none}</style>",
		"<style>.x[a]{display:none}</style>", "<style>.X{display:none}</style>",
		"<style>.x{display:none}.x{display:block}</style>",
		"<style>.x{display:none}@media screen{i{display:block}}</style>",
		"<style>.x{display:none}*{display:inline}</style>",
		"<style>.x{display:none}b i{display:inline}</style>",
		"<style>.x{display:none}b,:is(i,u){display:inline}</style>",
		"<style>.x{display:none}.\\78{display:inline}</style>",
		"<style>.x{display:none;d\\69splay:block}</style>",
		"<style>a{b:\"\n}.x{display:none}</style>",
		"<style>.x{display:none</style>", "<style>}.x{display:none}</style>",
		"<style>.x{display:none}a{b:url(c'd)} .x{display:block} e{f:'}</style>",
		"<!--<style>.x{display:none}</style>-->",
		"<textarea><style>.x{display:none}</style></textarea>",
		"<style>a{b:';.x{display:none}'}</style>",
	};
	char html[300];
	size_t i;

	for (i = 0; i < sizeof(sheets) / sizeof(sheets[0]); i++) {
		snprintf(html, sizeof(html), "%s<i class=x>MẬT</i>", sheets[i]);
		check(html, "MẬT");
	}
	check("<style>.x{display:none}</style><i class=x style='display:inline'>MẬT</i>",
	    "MẬT");
	check("<i style=\"font-family:';display:none;'\">MẬT</i>", "MẬT");
	check("<i style='display:none;d\\69splay:block'>MẬT</i>", "MẬT");
}

Test(html, what_a_style_shows_again_is_read)
{
	check("<div style='font-size:0'>x<p style='font-size:12pt'>MẬT</p></div>", "MẬT");
	check("<div style='visibility:hidden'>x<b style='visibility:visible'>M</b></div>",
	    "M");
	check("<b style='display:none;display:block'>M</b>", "M");
	check("<b style='font-size:0.5em'>M</b>", "M");
}

Test(html, where_a_browser_may_end_what_is_hidden_the_text_is_read)
{
	static const char *const letters[] = {
		"<div><span style='display:none'></div>MẬT</span>", "<p hidden><p>MẬT</p></p>",
		"<p><span hidden><div>MẬT</div></span></p>",
		"<ul><li><div hidden><li>MẬT</li></div></ul>", "<table hidden>MẬT</table>",
		"<a><span hidden><a>MẬT</a></span></a>", "<track hidden>MẬT</track>",
		"<textarea><i hidden>MẬT</i></textarea>",
		"<style>.x{display:block!important}</style><div class=x style='display:none'>MẬT</div>",
		"<style>.x{animation:k 1s}</style><div class=x style='opacity:0'>MẬT</div>",
		"<i style='color:red' style='display:none'>MẬT</i>",
		"<style>.h{display:none}</style><i class=a class=h>MẬT</i>",
		"<i style='display:none;display&#58;block'>MẬT</i>",
		"<i style='display:none;/**/display:block'>MẬT</i>",
		"<i style='x:[);display:none'>MẬT</i>", "<i style='x:{;display:none}'>MẬT</i>",
		"<i style='display:none!x'>MẬT</i>", "<i style='font-size:0 x'>MẬT</i>",
		"<i style='opacity:0..0'>MẬT</i>", "<i style='display:none;all:revert'>MẬT</i>",
		"<style>.x,!{display:none}</style><i class=x>MẬT</i>",
		"<style>.0{display:none}</style><i class=0>MẬT</i>",
		"<style>@namespace url(x);.x{display:none}</style><i class=x>MẬT</i>",
		"<style title=a>.x{display:none}</style><i class=x>MẬT</i>",
		"<div =\">MẬT<p title=\"x\">", "<a href=x?q=\">MẬT</a><a title=\"\">",
		"<i a==\">MẬT<b c=\"\">", "<?x a=\">MẬT<i b=\"\">",
	};

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		check(letters[i], "MẬT");
	check("<div style='display:none'>x<p>y</p><b>z</b></div>MẬT", "MẬT");
}

Test(html, malformed_markup_loses_no_text)
{
	check("a <b MẬT", "a <b MẬT");
	check("a <!-- MẬT", "a <!-- MẬT");
	check("a < b > c <3", "a < b > c <3");
	check("<a title=\"x>y\">z</a>", "z");
	check("<a title=\"x>MẬT", "MẬT");
	check("a<script>MẬT", "aMẬT");
	check("a<div hidden>MẬT", "a\nMẬT");
	check("a<div hidden>MẬT<b x=\"", "a\nMẬT<b x=\"");
	check("<!-- --!>MẬT<!-->x", "MẬTx");
}

Test(html, a_hit_maps_back_to_its_markup)
{
	struct arena *a = arena_new();
	struct map m = { .arena = a };
	struct span html = span_of("<p>M<b>&#7852;</b>T</p><p>x"), got;
	size_t in, n;

	got = html_text(a, html, &m);
	cr_assert(span_equal(got, span_of("MẬT\nx")));
	map_back(&m, 0, 5, &in, &n);
	cr_expect(span_equal(span_sub(html, in, n), span_of("M<b>&#7852;</b>T")));
	map_back(&m, 1, 3, &in, &n);
	cr_expect(span_equal(span_sub(html, in, n), span_of("&#7852;")));
	map_back(&m, 5, 1, &in, &n);
	cr_expect(span_equal(span_sub(html, in, n), span_of("<p>")) ||
	    span_equal(span_sub(html, in, n), span_of("</p>")));
	map_back(&m, 6, 1, &in, &n);
	cr_expect(span_equal(span_sub(html, in, n), span_of("x")));
	arena_free(a);
}

static void
repeat(const char *text, size_t count)
{
	struct arena *a = arena_new();
	struct buffer b = { .arena = a };
	struct map m = { .arena = a };

	while (count-- != 0)
		buffer_text(&b, text);
	buffer_text(&b, "end");
	cr_expect_neq(span_find(html_text(a, buffer_span(&b), &m), span_of("end")), 0);
	arena_free(a);
}

Test(html, hostile_repetition_is_read_in_one_go)
{
	repeat("<a x='", 100000);
	repeat("<!-- <script> <p hidden>", 50000);
	repeat("<a b='>' ", 100000);
	repeat("<div hidden>a<p>b&amp;", 50000);
	repeat("</", 200000);
}
