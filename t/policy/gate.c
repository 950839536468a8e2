/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/regex.h"
#include "policy/gate.h"
#include "policy/literal.h"

#include "random.h"

#define PATTERNS 40	/* of one gate */
#define TEXTS 60	/* it is asked about */
#define ROUNDS 60	/* t/long/gate asks for more */

static struct gate *
gate_of(struct arena *a, const char *const *patterns, size_t n)
{
	const struct literals **sets = ARENA_ARRAY(a, const struct literals *, n);
	struct literals *l;
	size_t i;

	for (i = 0; i < n; i++) {
		sets[i] = l = ARENA_NEW(a, struct literals);
		literals_read(a, span_of(patterns[i]), 0, l);
	}
	return gate_new(sets, n);
}

static const char *const marks[] = { "MẬT", "số:", "tối\\s+mật", "\\d+", "mật khẩu" };
#define MARKS (sizeof(marks) / sizeof(marks[0]))

static void
expect(const char *text, const char *want)
{
	struct arena *a = arena_new();
	struct gate *g = gate_of(a, marks, MARKS);
	const uint64_t *set = gate_scan(g, a, span_of(text));
	char got[MARKS + 1] = "";
	size_t i;

	cr_expect_eq(gate_guards(g), MARKS - 1);
	for (i = 0; i < MARKS; i++)
		got[i] = gate_may_match(set, i) ? '1' : '0';
	cr_expect_str_eq(got, want, "\"%s\": %s, not %s", text, got, want);
	gate_free(g);
	arena_free(a);
}

Test(gate, a_pattern_is_kept_out_unless_its_literal_stands_there)
{
	expect("", "00010");
	expect("kính gửi các đơn vị", "00010");
	expect("mật", "10010");
	expect("Mậ t", "00010");
	expect("xMẬTx", "10010");
	expect("SỐ:", "01010");
	expect("tối \n\t mật", "10110");
	expect("tốimật", "10010");
	expect("đổi mật\xc2\xa0\xe3\x80\x80KHẨU ngay", "10011");
	expect("tối mật khẩu số: 5", "11111");
}

Test(gate, a_literal_is_found_at_every_offset)
{
	struct arena *a = arena_new();
	struct gate *g = gate_of(a, marks, MARKS);
	char text[200];
	size_t at;

	for (at = 0; at < 100; at++) {
		memset(text, 'a', at);
		strcpy(text + at, "MậT");
		cr_assert(gate_may_match(gate_scan(g, a, span_of(text)), 0), "%zu", at);
		strcpy(text + at, "mậtt");
		cr_assert(gate_may_match(gate_scan(g, a, span_of(text)), 0), "%zu", at);
		strcpy(text + at, "mậ");
		cr_assert(!gate_may_match(gate_scan(g, a, span_of(text)), 0), "%zu", at);
	}
	gate_free(g);
	arena_free(a);
}

Test(gate, few_patterns_are_let_through_unread)
{
	struct arena *a = arena_new();
	struct gate *g = gate_of(a, marks, GATE_LEAST - 1);

	cr_expect_eq(gate_guards(g), 0);
	cr_expect(gate_may_match(gate_scan(g, a, span_of("x")), 0));
	gate_free(g);
	gate_free(NULL);
	arena_free(a);
}

Test(gate, a_text_that_ends_within_a_character_is_survived)
{
	struct arena *a = arena_new();
	struct gate *g = gate_of(a, marks, MARKS);
	char text[] = "tối mật\xe1\xba mật \xf4\xff\xff\xff mật\xe1";
	size_t n;

	for (n = 0; n < sizeof(text); n++)
		gate_scan(g, a, arena_copy(a, (struct span){ text, n }));
	gate_free(g);
	arena_free(a);
}

/* --- the property that matters most --- */

struct tried {
	struct regex *regex;
	struct literals literals;
	struct span pattern, sample;
};

struct tally {
	size_t patterns, guarded, pairs, matches, kept_out;
};

static void
one_pattern(struct random *r, struct arena *a, struct tried *t)
{
	struct buffer pattern, sample;
	struct err e;
	unsigned flags;
	size_t offset;

	do {
		pattern = sample = (struct buffer){ .arena = a };
		random_pattern(r, &pattern, &sample);
		flags = (unsigned)random_below(r, 16);
		if (random_below(r, 2) == 0)
			flags &= (unsigned)~REGEX_EXTENDED;
		t->regex = regex_compile(buffer_span(&pattern), flags, &offset, &e);
	} while (t->regex == NULL);
	t->pattern = arena_copy(a, buffer_span(&pattern));
	t->sample = arena_copy(a, buffer_span(&sample));
	literals_read(a, t->pattern, flags, &t->literals);
}

static struct span
one_text(struct random *r, struct arena *a, const struct tried *tried)
{
	struct buffer b = { .arena = a };
	size_t n = random_below(r, 4);

	random_prose(r, &b);
	while (n-- > 0) {
		buffer_add(&b, tried[random_below(r, PATTERNS)].sample);
		random_prose(r, &b);
	}
	return arena_copy(a, buffer_span(&b));
}

static void
ask(const struct tried *tried, const uint64_t *set, struct span text,
    struct tally *tally)
{
	struct regex_scratch *s = regex_scratch_new(20000, 0);
	struct regex_hit hit;
	struct err e = { "" };
	size_t i;
	int rc;

	for (i = 0; i < PATTERNS; i++) {
		rc = regex_next(tried[i].regex, s, text, 0, &hit, &e);
		tally->pairs++;
		tally->matches += rc == 1;
		tally->kept_out += !gate_may_match(set, i);
		cr_assert(rc != 1 || gate_may_match(set, i),
		    "/%.*s/ matches '%.*s' and was kept out",
		    SPAN_PRINT(tried[i].pattern), SPAN_PRINT(text));
	}
	regex_scratch_free(s);
}

static void
one_gate(struct random *r, struct tally *tally)
{
	struct arena *a = arena_new();
	struct tried *tried = ARENA_ARRAY(a, struct tried, PATTERNS);
	const struct literals *sets[PATTERNS];
	struct gate *g;
	struct span text;
	size_t i;

	for (i = 0; i < PATTERNS; i++) {
		one_pattern(r, a, &tried[i]);
		sets[i] = &tried[i].literals;
	}
	g = gate_new(sets, PATTERNS);
	tally->patterns += PATTERNS;
	tally->guarded += gate_guards(g);
	for (i = 0; i < TEXTS; i++) {
		text = one_text(r, a, tried);
		ask(tried, gate_scan(g, a, text), text, tally);
	}
	for (i = 0; i < PATTERNS; i++)
		regex_free(tried[i].regex);
	gate_free(g);
	arena_free(a);
}

Test(gate, no_text_that_a_pattern_matches_is_kept_from_it)
{
	const char *rounds = getenv("VANTHU_ROUNDS");
	size_t i, n = rounds != NULL ? strtoul(rounds, NULL, 10) : ROUNDS;
	struct random r = { 20071101 };
	struct tally t = { 0 };

	for (i = 0; i < n; i++)
		one_gate(&r, &t);
	fprintf(stderr, "gate: %zu of %zu patterns guarded; of %zu looks %zu match, "
	    "%zu are kept out, none wrongly\n", t.guarded, t.patterns, t.pairs,
	    t.matches, t.kept_out);
	cr_expect_gt(t.guarded, t.patterns / 4);
	cr_expect_gt(t.matches, t.pairs / 50);
	cr_expect_gt(t.kept_out, t.pairs / 5);
}
