/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/wait.h>

#include <string.h>

#include <criterion/criterion.h>

#include "extract/client.h"
#include "extract/server.h"
#include "mail/message.h"

#include "extract/attachment.h"
#include "serving.h"

static const struct message_limits limits = {
	.mime = { .parts = 100, .depth = 10, .header_bytes = 65536, .header_count = 1000 },
	.text_bytes = 1 << 20,
};

static const struct client_limits patient = {
	.sink = { .text_bytes = 1000, .unpacked_bytes = 32 << 20, .ratio = 100,
	    .members = 10, .depth = 4 },
	.sandbox = { .memory_bytes = 32 << 20, .time_ms = 4000 },
	.attachments = 100,
	.message_time_ms = 60000,
	.at_once = 1,
};

#define HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define BODY "--b\r\nContent-Type: text/plain\r\n\r\nKính gửi\r\n"
#define FILE(name, bytes) "--b\r\nContent-Type: application/octet-stream\r\n"	\
	"Content-Disposition: attachment; filename=" name "\r\n\r\n" bytes "\r\n"
#define END "--b--\r\n"

static struct message *
read_letter(struct arena *a, const char *raw)
{
	mime_init();
	return message_read(a, span_of(raw), &limits);
}

/* ${raw} after its attachments were looked into by the server of hostile.c. */
static struct message *
extracted_within(struct arena *a, const char *raw, const struct client_limits *l)
{
	struct message *m = read_letter(a, raw);
	struct client *c;
	struct err e;
	int pair[2];
	pid_t pid;

	cr_assert_eq(server_socket(pair, &e), 0);
	pid = serving_start(pair[1]);
	close(pair[1]);
	c = client_new(pair[0], l);
	attachments_extract(c, a, m);
	client_free(c);
	close(pair[0]);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	return m;
}

static struct message *
extracted(struct arena *a, const char *raw)
{
	return extracted_within(a, raw, &patient);
}

static const struct part *
part(const struct message *m, const char *path)
{
	size_t i;

	for (i = 0; i < m->parts.count; i++)
		if (strcmp(m->parts.list[i].path, path) == 0)
			return &m->parts.list[i];
	cr_assert_fail("no part %s", path);
	return NULL;
}

static const char *
text(struct arena *a, const struct message *m, const char *path)
{
	size_t i;

	for (i = 0; i < m->attachment_count; i++)
		if (strcmp(m->attachments[i]->part, path) == 0)
			return arena_string(a, m->attachments[i]->text);
	return "";
}

Test(attachment, its_text_is_added_under_its_path)
{
	struct arena *a = arena_new();
	struct message *m = extracted(a, HEAD BODY FILE("x.docx", "MẬT") END);

	cr_expect_str_eq(text(a, m, "2"), "MẬT");
	cr_expect_str_eq(part(m, "2")->true_type, "text/x-trial");
	cr_expect_eq(part(m, "2")->size, strlen("MẬT"));
	cr_expect_eq(part(m, "2")->reason, PART_READ);
	cr_expect_null(part(m, "1")->true_type);
	arena_free(a);
}

Test(attachment, what_is_inside_becomes_parts_with_names)
{
	struct arena *a = arena_new();
	struct message *m = extracted(a, HEAD BODY FILE("x.zip", "wide 2\r\nnest 2") END);

	cr_expect_eq(m->parts.count, 7);
	cr_expect_str_eq(text(a, m, "2/1"), "a");
	cr_expect(span_is(part(m, "2/1")->name, "leaf"));
	cr_expect(part(m, "2/3/1")->is_inside);
	cr_expect_eq(m->name_count, 5);
	cr_expect_str_eq(m->names[1]->part, "name:2/1");
	cr_expect_eq(part_size(a, part(m, "2/1")), strlen("text 1"));
	arena_free(a);
}

Test(attachment, one_that_fails_costs_the_others_nothing)
{
	struct arena *a = arena_new();
	struct message *m = extracted(a, HEAD FILE("1", "crash") FILE("2", "spin")
	    FILE("3", "eat") FILE("4", "well") FILE("5", "mystery") END);
	static const enum part_reason reasons[] = { PART_HELPER, PART_TIME,
	    SERVING_NO_MEMORY, PART_READ, PART_UNSUPPORTED };
	size_t i;

	for (i = 0; i < 5; i++)
		cr_expect_eq(m->parts.list[i + 1].reason, reasons[i], "%zu: %s", i + 1,
		    part_reason_name(m->parts.list[i + 1].reason));
	cr_expect_str_eq(text(a, m, "4"), "well");
	arena_free(a);
}

Test(attachment, the_limits_are_those_of_the_message)
{
	struct arena *a = arena_new();
	struct message *m = extracted(a, HEAD FILE("1", "text 600") FILE("2", "text 600")
	    FILE("3", "wide 8") FILE("4", "wide 8") END);

	cr_expect_eq(part(m, "1")->reason, PART_READ);
	cr_expect_eq(part(m, "2")->reason, PART_SIZE);
	cr_expect_eq(strlen(text(a, m, "2")), 400);
	cr_expect_eq(part(m, "4")->reason, PART_SIZE);
	cr_expect_eq(m->parts.count, 5 + 10);
	arena_free(a);
}

Test(attachment, so_many_of_a_message_are_looked_into)
{
	struct arena *a = arena_new();
	struct client_limits two = patient;
	struct message *m;

	two.attachments = 2;
	m = extracted_within(a, HEAD FILE("1", "well") FILE("2", "GIF89a\1\1")
	    FILE("3", "well") FILE("4", "well") FILE("5", "GIF89a\1\1") END, &two);

	cr_expect_eq(part(m, "3")->reason, PART_READ);
	cr_expect_str_eq(text(a, m, "3"), "well");
	cr_expect_eq(part(m, "4")->reason, PART_SIZE);
	cr_expect_eq(part(m, "5")->reason, PART_READ, "a picture is not one of them");
	arena_free(a);
}

Test(attachment, time_is_that_of_the_message)
{
	struct arena *a = arena_new();
	struct client_limits short_of_time = patient;
	struct message *m;

	short_of_time.sandbox.time_ms = 500;
	short_of_time.message_time_ms = 800;
	m = extracted_within(a, HEAD FILE("1", "wait") FILE("2", "wait")
	    FILE("3", "wait") FILE("4", "well") END, &short_of_time);

	cr_expect_eq(part(m, "3")->reason, PART_TIME);
	cr_expect_eq(part(m, "4")->reason, PART_TIME);
	cr_expect_null(part(m, "4")->true_type, "nobody came to look");
	arena_free(a);
}

Test(attachment, bodies_pictures_and_containers_need_no_helper)
{
	struct arena *a = arena_new();
	struct message *m = read_letter(a, HEAD BODY END);

	cr_expect_not(attachments_are_there(m));
	m = extracted(a, HEAD BODY FILE("a.docx", "GIF89a....") FILE("b.docx", "") END);
	cr_expect(attachments_are_there(m));
	cr_expect_str_eq(part(m, "2")->true_type, "image/gif");
	cr_expect_eq(part(m, "2")->reason, PART_READ);
	cr_expect_str_eq(part(m, "3")->true_type, "application/x-empty");
	cr_expect_eq(part(m, "3")->reason, PART_READ);
	arena_free(a);
}

Test(attachment, a_text_that_begins_as_a_document_is_looked_into)
{
	struct arena *a = arena_new();
	struct message *m = extracted(a, HEAD "--b\r\nContent-Type: text/plain; "
	    "name=a.txt\r\n\r\n{\\rtf1 MẬT}\r\n--b\r\nContent-Type: text/plain; "
	    "name=b.txt\r\n\r\nMẬT\r\n" END);

	cr_expect_str_eq(part(m, "1")->true_type, "text/x-trial");
	cr_expect_null(part(m, "2")->true_type);
	arena_free(a);
}
