/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <sys/stat.h>

#include <ftw.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/source.h"

static char folder[] = "/tmp/vanthu-source-XXXXXX";
static struct err e;

static void
begin(void)
{
	umask(022);
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

static int
drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void
end(void)
{
	cr_assert_eq(chdir("/"), 0);
	nftw(folder, drop, 8, FTW_DEPTH | FTW_PHYS);
}

static void
put_bytes(const char *name, const char *p, size_t n)
{
	FILE *f = fopen(name, "w");

	cr_assert_not_null(f);
	cr_assert_eq(fwrite(p, 1, n, f), n);
	fclose(f);
}

static void
put(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

static void
refused(const char *path, const char *why)
{
	cr_assert_null(sources_open(path, ".policy", &e), "%s", path);
	cr_assert_not_null(strstr(e.text, path), "%s", e.text);
	cr_assert_not_null(strstr(e.text, why), "%s", e.text);
}

TestSuite(source, .init = begin, .fini = end);

Test(source, a_file_is_read_whole_with_a_nul_behind_it)
{
	struct sources *set;

	put_bytes("a.policy", "a\0b\n", 4);
	set = sources_open("a.policy", ".policy", &e);
	cr_assert_not_null(set, "%s", e.text);
	cr_assert_str_eq(set->first->name, "a.policy");
	cr_assert_eq(set->first->text.n, 4);
	cr_assert_eq(memcmp(set->first->text.p, "a\0b\n", 5), 0);
	cr_assert_null(set->first->next);
	sources_free(set);
	sources_free(NULL);
}

Test(source, a_folder_gives_its_files_in_order_of_name)
{
	struct sources *set;

	mkdir("d", 0755);
	put("d/20.policy", "b");
	put("d/10.policy", "a");
	put("d/.hidden.policy", "h");
	put("d/list.txt", "x");
	put("d/30.policy~", "y");
	set = sources_open("d", ".policy", &e);
	cr_assert_not_null(set, "%s", e.text);
	cr_assert_str_eq(set->first->name, "d/10.policy");
	cr_assert_str_eq(set->first->next->name, "d/20.policy");
	cr_assert_null(set->first->next->next);
	cr_assert_eq(set->root[0], '/');
	sources_free(set);
}

Test(source, a_folder_without_such_a_file_is_refused)
{
	mkdir("d", 0755);
	put("d/list.txt", "x");
	refused("d", ".policy");
	refused("nowhere", "No such file");
}

Test(source, what_others_may_write_is_refused_but_the_group_may)
{
	struct sources *set;

	put("a.policy", "a");
	chmod("a.policy", 0646);
	refused("a.policy", "may write");
	chmod("a.policy", 0664);
	set = sources_open("a.policy", ".policy", &e);
	cr_assert_not_null(set, "%s", e.text);
	sources_free(set);
}

Test(source, empty_huge_and_odd_files_are_refused)
{
	put("empty.policy", "");
	refused("empty.policy", "empty");
	put("huge.policy", "x");
	cr_assert_eq(truncate("huge.policy", (16 << 20) + 1), 0);
	refused("huge.policy", "16 MiB");
	cr_assert_eq(mkfifo("pipe.policy", 0644), 0);
	refused("pipe.policy", "not a plain file");
}

Test(source, what_is_not_utf8_is_refused_with_its_line)
{
	put("a.policy", "ok MẬT\nb\xc0\x80\n");
	refused("a.policy", ":2: not UTF-8");
	put("a.policy", "\xed\xa0\x80");
	refused("a.policy", ":1: not UTF-8");
	put("a.policy", "cut \xe1\xba");
	refused("a.policy", "not UTF-8");
	put("a.policy", "\xf4\x90\x80\x80");
	refused("a.policy", "not UTF-8");
}

Test(source, a_byte_order_mark_is_not_part_of_the_text)
{
	struct sources *set;

	put("a.policy", "\xef\xbb\xbfrule");
	set = sources_open("a.policy", ".policy", &e);
	cr_assert_not_null(set, "%s", e.text);
	cr_assert(span_equal(set->first->text, span_of("rule")));
	sources_free(set);
}

Test(source, a_list_is_found_beside_the_file_that_names_it_once)
{
	const struct source *one, *two;
	struct sources *set;

	mkdir("d", 0755);
	mkdir("d/lists", 0755);
	put("d/a.policy", "a");
	put("d/lists/people", "x\n");
	put("d/lists/more", "");
	set = sources_open("d/a.policy", ".policy", &e);
	cr_assert_not_null(set, "%s", e.text);
	one = sources_get(set, set->first, span_of("lists/people"), &e);
	cr_assert_not_null(one, "%s", e.text);
	cr_assert_str_eq(one->name, "d/lists/people");
	two = sources_get(set, one, span_of("./people"), &e);
	cr_assert_eq(one, two);
	two = sources_get(set, one, span_of("more"), &e);
	cr_assert_not_null(two, "%s", e.text);
	cr_assert_eq(two->text.n, 0);
	sources_free(set);
}

static void
not_given(struct sources *set, struct span relative)
{
	e.text[0] = '\0';
	cr_assert_null(sources_get(set, set->first, relative, &e), "%.*s",
	    SPAN_PRINT(relative));
	cr_assert_neq(e.text[0], '\0');
}

Test(source, nothing_outside_the_root_is_given)
{
	struct sources *set;

	mkdir("d", 0755);
	mkdir("dd", 0755);
	put("d/a.policy", "a");
	put("d/b", "b");
	put("outside", "secret");
	put("dd/outside", "secret");
	cr_assert_eq(symlink("../outside", "d/link"), 0);
	cr_assert_eq(symlink("../dd", "d/folder"), 0);
	set = sources_open("d", ".policy", &e);
	cr_assert_not_null(set, "%s", e.text);
	not_given(set, span_of("../outside"));
	not_given(set, span_of("x/../b"));
	not_given(set, span_of("/etc/passwd"));
	not_given(set, span_of("link"));
	not_given(set, span_of("folder/outside"));
	not_given(set, span_of(""));
	not_given(set, span_of("missing"));
	not_given(set, (struct span){ "b\0c", 3 });
	cr_assert_not_null(sources_get(set, set->first, span_of("b"), &e));
	sources_free(set);
}

Test(source, a_text_of_a_test_is_a_copy_with_lists_in_the_working_folder)
{
	char text[] = "rule";
	struct sources *set = sources_text("t.policy", span_of(text));

	text[0] = 'x';
	cr_assert(span_equal(set->first->text, span_of("rule")));
	cr_assert_str_eq(set->first->name, "t.policy");
	put("list", "x");
	cr_assert_not_null(sources_get(set, set->first, span_of("list"), &e),
	    "%s", e.text);
	sources_free(set);
}

Test(source, what_was_packed_is_what_was_read_whatever_became_of_the_files)
{
	struct arena *a = arena_new();
	const struct source *list, *same;
	struct sources *set, *back;
	struct span packed;

	put("a.policy", "one\n");
	put("b.policy", "two\n");
	put("list.txt", "word\n");
	cr_assert_not_null(set = sources_open(folder, ".policy", &e));
	cr_assert_not_null(sources_get(set, set->first, span_of("list.txt"), &e));
	packed = sources_pack(a, set);
	put("a.policy", "changed");
	cr_assert_eq(unlink("list.txt"), 0);
	cr_assert_not_null(back = sources_unpack(packed, "kept", &e), "%s", e.text);
	cr_expect_str_eq(back->first->name, set->first->name);
	cr_expect(span_equal(back->first->text, span_of("one\n")));
	cr_expect(span_equal(back->first->next->text, span_of("two\n")));
	cr_expect_null(back->first->next->next);
	list = sources_get(back, back->first, span_of("list.txt"), &e);
	cr_assert(list != NULL && span_equal(list->text, span_of("word\n")));
	same = sources_get(back, back->first, span_of("list.txt"), &e);
	cr_expect_eq(list, same);
	cr_expect_null(sources_get(back, back->first, span_of("never.txt"), &e));
	sources_free(back);
	sources_free(set);
	arena_free(a);
}

Test(source, of_damaged_bytes_nothing_is_unpacked)
{
	struct arena *a = arena_new();
	struct sources *set = sources_text("x", span_of("some text\n"));
	struct span packed = sources_pack(a, set);
	size_t i;

	for (i = 0; i < packed.n; i++) {
		struct span half = arena_copy(a, packed);

		((char *)(uintptr_t)half.p)[i] ^= 1;
		cr_expect_null(sources_unpack(half, "kept", &e), "byte %zu", i);
		cr_expect_null(sources_unpack(span_sub(packed, 0, i), "kept", &e));
	}
	sources_free(set);
	arena_free(a);
}
