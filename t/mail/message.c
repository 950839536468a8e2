/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "mail/message.h"

static const struct message_limits limits = {
	.mime = { .parts = 1000, .depth = 50, .header_bytes = 65536, .header_count = 1000 },
	.text_bytes = 1000,
};

static void
setup(void)
{
	mime_init();
}

TestSuite(message, .init = setup);

static const struct message *
message_of(struct arena *a, const char *raw)
{
	return message_read(a, span_of(raw), &limits);
}

static void
check_text(const struct view *v, const char *part, const char *text)
{
	cr_expect_str_eq(v->part, part);
	cr_expect(span_equal(span_trim(v->text), span_of(text)), "%s is '%.*s', not '%s'",
	    part, SPAN_PRINT(v->text), text);
}

static const char alternative[] = "Subject: =?utf-8?b?TeG6rFQ=?=\r\n"
    "Message-ID: <1@x.vn>\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
    "--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
    "--b\r\n\r\nM=E1=BA=ACT\r\n"
    "--b\r\nContent-Type: text/html; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>T=E1=BB=90I\r\n--b--\r\n"
    "--a\r\nContent-Type: application/pdf; name=\"=?utf-8?b?TeG6rFQ=?=.pdf\"\r\n\r\n%PDF\r\n"
    "--a--\r\n";

Test(message, subject_alternatives_and_names_are_views)
{
	struct arena *a = arena_new();
	const struct message *m = message_of(a, alternative);

	check_text(m->subject, "header:Subject", "MẬT");
	cr_assert_eq(m->text_count, 2);
	check_text(m->texts[0], "1.1", "M=E1=BA=ACT");
	check_text(m->texts[1], "1.2", "TỐI");
	cr_assert_eq(m->name_count, 1);
	check_text(m->names[0], "name:2", "MẬT.pdf");
	cr_expect(span_equal(m->message_id, span_of("<1@x.vn>")));
	cr_expect_eq(m->reason, PART_READ);
	arena_free(a);
}

Test(message, a_second_subject_counts_as_text)
{
	struct arena *a = arena_new();
	const struct message *m = message_of(a, "Subject: one\nSubject: two\n\nbody\n");
	size_t count;

	check_text(m->subject, "header:Subject", "one");
	cr_assert_eq(m->text_count, 2);
	check_text(m->texts[0], "header:Subject", "two");
	check_text(m->texts[1], "1", "body");
	check_text(message_header_views(a, m, "sUBJECT", &count)[1], "header:sUBJECT", "two");
	cr_expect_eq(count, 2);
	arena_free(a);
}

Test(message, text_past_the_limit_says_so_and_its_beginning_is_read)
{
	struct arena *a = arena_new();
	const struct message *m = message_of(a, arena_print(a, "Subject: x\n\nMẬT%2000s", "y"));

	cr_expect_eq(m->reason, PART_SIZE);
	cr_expect_eq(m->parts.list[0].reason, PART_SIZE);
	cr_assert_eq(m->text_count, 1);
	cr_expect(span_starts_nocase(m->texts[0]->text, "MẬT"));
	arena_free(a);
}

Test(message, an_encrypted_message_is_not_whole)
{
	struct arena *a = arena_new();

	cr_expect_eq(message_of(a, "Content-Type: application/pkcs7-mime\n\nx")->reason,
	    PART_ENCRYPTED);
	cr_expect_eq(message_of(a, "Content-Type: multipart/encrypted; boundary=a\n\n"
	    "--a\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
	    "--a\nContent-Type: application/octet-stream\n\nx\n--a--\n")->reason,
	    PART_ENCRYPTED);
	arena_free(a);
}

Test(message, an_empty_message_has_one_empty_part_and_no_subject)
{
	struct arena *a = arena_new();
	const struct message *m = message_of(a, "");

	cr_expect_null(m->subject);
	cr_assert_eq(m->parts.count, 1);
	cr_expect_eq(m->parts.list[0].raw.n, 0);
	cr_expect_eq(m->reason, PART_READ);
	cr_expect_eq(m->message_id.n, 0);
	arena_free(a);
}

Test(message, a_part_found_inside_of_an_attachment_joins_the_parts_and_the_names)
{
	struct arena *a = arena_new();
	struct message *m = message_read(a, span_of(alternative), &limits);
	struct part inside = { .path = "2/1", .type = "text/plain", .is_inside = true,
	    .name = span_of("Tuyệt mật.txt"), .size = 7 };
	size_t count = m->parts.count, names = m->name_count;
	size_t i;

	for (i = 0; i < 20; i++)
		message_add_part(a, m, &inside);
	cr_assert_eq(m->parts.count, count + 20);
	cr_expect_str_eq(m->parts.list[count + 19].path, "2/1");
	cr_assert_eq(m->name_count, names + 20);
	check_text(m->names[names + 19], "name:2/1", "Tuyệt mật.txt");
	cr_expect_eq(part_size(a, &m->parts.list[count]), 7);
	cr_expect_eq(part_size(a, &m->parts.list[1]), m->parts.list[1].raw.n);
	arena_free(a);
}

Test(message, a_file_in_the_text_is_an_attachment)
{
	struct arena *a = arena_new();
	const struct message *m = message_of(a, "Content-Type: text/plain; charset=utf-8\n\n"
	    "x\nbegin 644 M\xE1\xBA\xACT.doc\n%3>&ZK%0\nend\nbegin 600 b\n#86)C\nend\n");
	const struct part *p = &m->parts.list[1];

	cr_assert_eq(m->parts.count, 3);
	cr_expect_str_eq(p->path, "1/1");
	cr_expect(p->is_attachment && p->reason == PART_UNSUPPORTED, "nobody looked");
	cr_expect(span_equal(part_decode(a, p), span_of("M\xE1\xBA\xACT")));
	cr_expect(span_equal(part_decode(a, p + 1), span_of("abc")));
	cr_assert_eq(m->name_count, 2);
	check_text(m->names[0], "name:1/1", "MẬT.doc");
	arena_free(a);
}

Test(message, files_in_the_text_are_parts_and_bounded_as_those)
{
	struct arena *a = arena_new();
	struct message_limits two = limits;
	const struct message *m;

	two.mime.parts = 2;
	m = message_read(a, span_of("\nbegin 644 a\n#86)C\nend\nbegin 644 b\n#86)C\nend\n"), &two);
	cr_expect_eq(m->parts.count, 2);
	cr_expect_eq(m->reason, PART_SIZE);
	arena_free(a);
}

Test(message, an_attachment_with_two_names_has_both)
{
	struct arena *a = arena_new();
	const struct message *m = message_of(a, "Content-Type: text/plain; name=\"b.txt\"\n"
	    "Content-Disposition: attachment; filename=a.txt\n\nx\n");

	cr_assert_eq(m->name_count, 2);
	check_text(m->names[0], "name:1", "a.txt");
	check_text(m->names[1], "name:1", "b.txt");
	arena_free(a);
}
