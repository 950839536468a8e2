/* SPDX-License-Identifier: BSD-2-Clause */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "mail/charset.h"
#include "mail/message.h"

static const struct message_limits limits = {
	.mime = { .parts = 1000, .depth = 50, .header_bytes = 262144, .header_count = 2000 },
	.text_bytes = 8 << 20,
};

static size_t file_count;	/* nftw(3) hands nothing through */

/* Locating makes a view once more and insists that it came out the same. */
static void
check_view(const struct view *text, const char *path)
{
	const struct view *v;
	size_t offset, width;
	int name;

	for (name = VIEW_TEXT; name < VIEW_COUNT; name++)
		for (v = view_get(text, (enum view_name)name); v != NULL; v = v->next) {
			cr_expect(charset_is_utf8(v->text), "%s: %s of %s is no UTF-8",
			    path, view_title(v->name), v->part);
			view_locate(v, 0, v->text.n, &offset, &width);
		}
}

static void
check_message(struct span raw, const char *path)
{
	struct arena *a = arena_new();
	const struct message *m = message_read(a, raw, &limits);
	size_t i;

	cr_expect_gt(m->parts.count, 0, "%s: no part", path);
	for (i = 0; i < m->text_count; i++)
		check_view(m->texts[i], path);
	for (i = 0; i < m->name_count; i++)
		check_view(m->names[i], path);
	if (m->subject != NULL)
		check_view(m->subject, path);
	arena_free(a);
}

static int
read_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t n = (size_t)st->st_size;
	char *bytes;
	FILE *f;

	(void)ftw;
	if (type != FTW_F || (f = fopen(path, "rb")) == NULL)
		return 0;
	bytes = malloc(n + 1);
	cr_assert_not_null(bytes);
	n = fread(bytes, 1, n, f);
	fclose(f);
	check_message((struct span){ bytes, n }, path);
	free(bytes);
	file_count++;
	return 0;
}

static const char *
corpus_folder(struct arena *a)
{
	const char *folder = getenv("VANTHU_CORPUS"), *source = getenv("srcdir");

	if (folder != NULL)
		return folder;
	return arena_print(a, "%s/../shared/corpus", source != NULL ? source : ".");
}

static void
read_folder(const char *name)
{
	struct arena *a = arena_new();
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", corpus_folder(a), name);
	arena_free(a);
	mime_init();
	file_count = 0;
	nftw(path, read_file, 16, FTW_PHYS);
	if (file_count == 0)
		cr_skip_test("no mail to read: %s is missing (VANTHU_CORPUS)", path);
}

Test(corpus, every_odd_message_is_read_into_valid_text)
{
	read_folder("mime");
}

Test(corpus, every_bounce_is_read_into_valid_text)
{
	read_folder("bounce");
}
