/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include <criterion/criterion.h>

#include "base/buffer.h"

#include "mail/mime.h"

static const struct mime_limits limits = { .parts = 1000, .depth = 50,
	.header_bytes = 65536, .header_count = 1000 };

static void
setup(void)
{
	mime_init();
}

TestSuite(mime, .init = setup);

static struct parts
parse(struct arena *a, const char *raw)
{
	struct parts parts;

	mime_parse(a, span_of(raw), &limits, &parts);
	return parts;
}

/* "path type raw" of every part, one a line. */
static const char *
outline(struct arena *a, const struct parts *parts)
{
	struct buffer b = { .arena = a };
	size_t i;

	for (i = 0; i < parts->count; i++) {
		buffer_print(&b, "%s %s", parts->list[i].path, parts->list[i].type);
		if (!parts->list[i].is_container)
			buffer_print(&b, " %.*s", SPAN_PRINT(parts->list[i].raw));
		buffer_text(&b, "\n");
	}
	return buffer_string(&b);
}

Test(mime, a_message_without_a_type_is_one_plain_part)
{
	struct arena *a = arena_new();
	struct parts p = parse(a, "Subject: x\r\n\r\nbody");

	cr_expect_str_eq(outline(a, &p), "1 text/plain body\n");
	cr_expect_eq(p.reason, PART_READ);
	arena_free(a);
}

Test(mime, parts_are_numbered_as_imap_does_and_point_into_the_message)
{
	struct arena *a = arena_new();
	struct parts p = parse(a,
	    "Content-Type: multipart/mixed; boundary=a\r\n\r\npreamble\r\n"
	    "--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
	    "--b\r\n\r\none\r\n--b\r\nContent-Type: TEXT/HTML; charset=x\r\n\r\n<p>\r\n--b--\r\n"
	    "--a\r\nContent-Type: message/rfc822\r\n\r\n"
	    "Subject: in\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
	    "--c\r\n\r\ndeep\r\n--c--\r\n"
	    "--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nplain\r\n"
	    "--a--\r\nepilogue\r\n");

	cr_expect_str_eq(outline(a, &p), "0 multipart/mixed\n1 multipart/alternative\n"
	    "1.1 text/plain one\n1.2 text/html <p>\n2 message/rfc822\n"
	    "2.0 multipart/mixed\n2.1 text/plain deep\n3 message/rfc822\n"
	    "3.1 text/plain plain\n");
	cr_expect(span_is(p.list[3].charset, "x"));
	cr_expect(span_starts_nocase(p.list[4].raw, "Subject: in\r\n"));
	cr_expect_eq(p.list[8].headers.count, 1);
	cr_expect_eq(p.reason, PART_READ);
	arena_free(a);
}

Test(mime, a_message_inside_base64_is_opened_too)
{
	struct arena *a = arena_new();
	struct parts p = parse(a, "Content-Type: multipart/mixed; boundary=a\n\n"
	    "--a\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
	    "U3ViamVjdDogeAoKaW5uZXI=\n--a--\n");

	cr_expect_str_eq(outline(a, &p), "0 multipart/mixed\n1 message/rfc822\n"
	    "1.1 text/plain inner\n");
	arena_free(a);
}

Test(mime, a_multipart_without_its_boundary_is_read_as_text)
{
	struct arena *a = arena_new();
	struct parts p = parse(a, "Content-Type: multipart/mixed; boundary=a\n\nlost text\n");

	cr_expect_str_eq(outline(a, &p), "1 text/plain lost text\n\n");
	cr_expect_eq(p.reason, PART_DAMAGED);
	p = parse(a, "Content-Type: multipart/mixed\n\n--a\n\nlost text\n--a--\n");
	cr_expect_neq(p.count, 0);
	cr_expect_lt(span_find(p.list[p.count - 1].raw, span_of("lost text")),
	    p.list[p.count - 1].raw.n);
	arena_free(a);
}

Test(mime, a_type_or_an_encoding_declared_twice_is_damage_and_read_both_ways)
{
	struct arena *a = arena_new();
	struct parts p = parse(a, "Content-Type: text/plain\n"
	    "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a--\n");

	cr_expect_eq(p.reason, PART_DAMAGED);
	cr_expect_lt(span_find(p.list[p.count - 1].raw, span_of("x")),
	    p.list[p.count - 1].raw.n);
	p = parse(a, "Content-Transfer-Encoding: 7bit\n"
	    "Content-Transfer-Encoding: base64\n\nTeG6rFQ=\n");
	cr_assert_eq(p.reason, PART_DAMAGED);
	cr_assert_geq(p.count, 2);
	cr_expect_eq(p.list[0].encoding, TRANSFER_IDENTITY);
	cr_expect_eq(p.list[1].encoding, TRANSFER_BASE64);
	arena_free(a);
}

static enum part_reason
reason_of(const char *header)
{
	struct arena *a = arena_new();
	struct parts p = parse(a, arena_print(a, "%s\n\nx", header));
	enum part_reason r = p.list[0].reason;

	arena_free(a);
	return r;
}

Test(mime, what_cannot_be_looked_into_says_why)
{
	cr_expect_eq(reason_of("Content-Type: image/png"), PART_READ);
	cr_expect_eq(reason_of("Content-Type: text/plain; name=a.txt"), PART_READ);
	cr_expect_eq(reason_of("Content-Type: text/plain; name=a.docx"), PART_UNSUPPORTED);
	cr_expect_eq(reason_of("Content-Type: application/pdf"), PART_UNSUPPORTED);
	cr_expect_eq(reason_of("Content-Type: application/pkcs7-mime"), PART_ENCRYPTED);
	cr_expect_eq(reason_of("Content-Type: application/pgp-encrypted"), PART_ENCRYPTED);
	cr_expect_eq(reason_of("Content-Type: application/pkcs7-signature"), PART_READ);
	cr_expect_eq(reason_of("Content-Type: message/delivery-status"), PART_READ);
	cr_expect_null(part_reason_name(PART_READ));
	cr_expect_str_eq(part_reason_name(PART_UNSUPPORTED), "unsupported");
}

static struct span
repeated(struct arena *a, const char *head, const char *text, size_t count, const char *tail)
{
	struct buffer b = { .arena = a };

	buffer_text(&b, head);
	while (count-- != 0)
		buffer_text(&b, text);
	buffer_text(&b, tail);
	return buffer_span(&b);
}

static void
check_bomb(struct span (*make)(struct arena *), enum part_reason reason)
{
	struct arena *a = arena_new();
	struct parts p;

	mime_parse(a, make(a), &limits, &p);
	cr_expect_eq(p.reason, reason);
	cr_expect_geq(p.count, 1);
	cr_expect_leq(p.count, limits.parts);
	arena_free(a);
}

static struct span
many_parts(struct arena *a)
{
	return repeated(a, "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\n\n",
	    1000000, "--b--\n");
}

static struct span
deep_parts(struct arena *a)
{
	struct buffer b = { .arena = a };
	int i;

	for (i = 0; i < 2000; i++)
		buffer_print(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	buffer_text(&b, "\ndeep\n");
	return buffer_span(&b);
}

static struct span
deep_messages(struct arena *a)
{
	return repeated(a, "", "Content-Type: message/rfc822\n\n", 2000, "deep");
}

static struct span
long_header(struct arena *a)
{
	return repeated(a, "Subject: x", "yyyyyyyyy\n ", 7000, "\n\nbody");
}

static struct span
many_fields(struct arena *a)
{
	return repeated(a, "Content-Type: multipart/mixed; boundary=b\n\n--b\n", "A: b\n",
	    100000, "\n\nbody");
}

Test(mime, bombs_are_bounded_before_they_are_parsed)
{
	check_bomb(many_parts, PART_SIZE);
	check_bomb(many_fields, PART_SIZE);
	check_bomb(long_header, PART_SIZE);
	check_bomb(deep_parts, PART_DEPTH);
	check_bomb(deep_messages, PART_DEPTH);
}
