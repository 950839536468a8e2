/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/regex.h"

#include "letter.h"
#include "random.h"

/* Judging with a gate and without one: nobody may see a difference. */

#define RULES 30	/* of one random policy */
#define LETTERS 12	/* judged by it */
#define ROUNDS 60	/* t/long/gate asks for more */

struct both {
	struct policy *gated, *plain;
	size_t letters, rules, hits;
};

static void
same_hits(const struct rule_result *a, const struct rule_result *b)
{
	size_t i, offset[2], length[2];

	cr_assert_eq(a->hit_count, b->hit_count, "%s: %zu hits, %zu without a gate",
	    a->name, a->hit_count, b->hit_count);
	for (i = 0; i < a->hit_count; i++) {
		hit_place(&a->hits[i], &offset[0], &length[0]);
		hit_place(&b->hits[i], &offset[1], &length[1]);
		cr_assert_eq(offset[0], offset[1], "%s", a->name);
		cr_assert_eq(length[0], length[1], "%s", a->name);
		cr_assert_str_eq(a->hits[i].part, b->hits[i].part, "%s", a->name);
		cr_assert_str_eq(a->hits[i].view, b->hits[i].view, "%s", a->name);
	}
}

/* What runs out of steps without a gate may be a "no" with one, never the other way round. */
static void
same_rule(const struct rule_result *a, const struct rule_result *b)
{
	cr_assert_str_eq(a->name, b->name);
	if (b->truth == TRUTH_UNKNOWN)
		return;
	cr_assert_eq(a->truth, b->truth, "%s: %s, %s without a gate", a->name,
	    truth_name(a->truth), truth_name(b->truth));
	same_hits(a, b);
}

static void
judge(struct both *both, struct arena *a, const struct letter *l)
{
	const struct verdict *v = letter_judge(both->gated, a, l, LETTER_STEPS);
	const struct verdict *w = letter_judge(both->plain, a, l, LETTER_STEPS);
	size_t i;

	both->letters++;
	cr_assert_eq(v->rule_count, w->rule_count);
	for (i = 0; i < v->rule_count; i++) {
		same_rule(&v->rules[i], &w->rules[i]);
		both->rules++;
		both->hits += v->rules[i].hit_count;
	}
}

static void
both_free(struct both *both)
{
	policy_free(both->gated);
	policy_free(both->plain);
}

/* --- the shipped policy --- */

static struct both *corpus;	/* nftw(3) hands nothing through */

static void
judge_lines(struct span text)
{
	struct arena *a = arena_new();
	struct span line;
	struct letter l;

	for (; span_line(&text, &line); ) {
		l = letter_with(a, arena_print(a, "%.*s", SPAN_PRINT(line)),
		    arena_print(a, "Kính gửi\n%.*s\nhết", SPAN_PRINT(line)));
		judge(corpus, a, &l);
	}
	arena_free(a);
}

static void
judge_message(struct span raw)
{
	struct arena *a = arena_new();
	struct letter l = letter_from(a, raw);

	judge(corpus, a, &l);
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
	if (strstr(path, "/marks-") != NULL)
		judge_lines((struct span){ bytes, n });
	else
		judge_message((struct span){ bytes, n });
	free(bytes);
	return 0;
}

Test(gated, the_shipped_policy_judges_the_corpus_as_it_does_without_a_gate)
{
	static const char *const folders[] = { "vietnamese", "mime", "mdn", NULL };
	struct both both = { .gated = letter_shipped(), .plain = letter_shipped() };
	const char *root = getenv("VANTHU_CORPUS");
	char path[1000];
	size_t i;

	policy_ungate(both.plain);
	corpus = &both;
	for (i = 0; root != NULL && folders[i] != NULL; i++) {
		snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
		cr_expect_eq(nftw(path, read_file, 20, FTW_PHYS), 0, "%s", path);
	}
	if (root == NULL)
		fprintf(stderr, "gated: skipped, VANTHU_CORPUS names no folder\n");
	else
		cr_expect_gt(both.hits, 100);
	fprintf(stderr, "gated: %zu letters of the corpus, %zu looks of rules, "
	    "%zu hits, all the same\n", both.letters, both.rules, both.hits);
	both_free(&both);
}

/* --- random policies --- */

/* A pattern that stands between slashes on one line, or nothing. */
static bool
random_line(struct random *r, struct arena *a, struct buffer *pattern,
    struct buffer *sample)
{
	struct buffer p = { .arena = a };
	struct span s;
	struct err e;
	size_t offset;
	struct regex *re;

	random_pattern(r, &p, sample);
	s = buffer_span(&p);
	if (span_find_byte(s, '/') != s.n || span_find_byte(s, '\n') != s.n)
		return false;
	if ((re = regex_compile(s, REGEX_CASELESS, &offset, &e)) == NULL)
		return false;
	regex_free(re);
	buffer_add(pattern, s);
	return true;
}

static const char *
random_rules(struct random *r, struct arena *a, struct buffer samples[RULES])
{
	struct buffer b = { .arena = a }, pattern;
	size_t i;

	for (i = 0; i < RULES; i++) {
		do {
			pattern = samples[i] = (struct buffer){ .arena = a };
		} while (!random_line(r, a, &pattern, &samples[i]));
		buffer_print(&b, "rule r%02zu {\n\tif subject, text ~ /%.*s/i\n", i,
		    SPAN_PRINT(buffer_span(&pattern)));
		if (random_below(r, 4) == 0)
			buffer_text(&b, "\texcept text ~ /m|t/\n");
		if (random_below(r, 4) == 0)
			buffer_text(&b, "\tunless subject ~ /MẬT/\n");
		buffer_text(&b, "\tnote \"x\"\n}\n");
	}
	return buffer_string(&b);
}

static const char *
random_body(struct random *r, struct arena *a, struct buffer samples[RULES])
{
	struct buffer b = { .arena = a };
	size_t n = random_below(r, 6);

	while (n-- > 0) {
		random_prose(r, &b);
		buffer_add(&b, buffer_span(&samples[random_below(r, RULES)]));
	}
	random_prose(r, &b);
	return buffer_string(&b);
}

static void
one_policy(struct random *r, struct both *sum)
{
	struct arena *a = arena_new();
	struct buffer samples[RULES];
	const char *rules = random_rules(r, a, samples);
	struct both both = { .gated = letter_policy_unprobed(rules),
	    .plain = letter_policy_unprobed(rules) };
	struct letter l;
	size_t i;

	policy_ungate(both.plain);
	for (i = 0; i < LETTERS; i++) {
		l = letter_with(a, random_below(r, 5) == 0 ? "MẬT" : "thư",
		    random_body(r, a, samples));
		judge(&both, a, &l);
	}
	sum->letters += both.letters;
	sum->rules += both.rules;
	sum->hits += both.hits;
	both_free(&both);
	arena_free(a);
}

Test(gated, random_policies_judge_random_letters_as_they_do_without_a_gate)
{
	const char *rounds = getenv("VANTHU_ROUNDS");
	size_t i, n = rounds != NULL ? strtoul(rounds, NULL, 10) : ROUNDS;
	struct random r = { 1311 };
	struct both sum = { 0 };

	for (i = 0; i < n; i++)
		one_policy(&r, &sum);
	fprintf(stderr, "gated: %zu random letters, %zu looks of rules, %zu hits, "
	    "all the same\n", sum.letters, sum.rules, sum.hits);
	cr_expect_gt(sum.hits, sum.letters);
}
