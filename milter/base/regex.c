/* SPDX-License-Identifier: BSD-2-Clause */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"

#include "base/regex.h"

#define STEPS_DEFAULT 100000
#define HEAP_LIMIT_KB (64 * 1024)
#define JIT_STACK_FIRST ((size_t)32 * 1024)
#define JIT_STACK_LAST ((size_t)1024 * 1024)

/*
 * PCRE2 counts its steps anew at each start offset, so that a long subject
 * costs length x steps: only a look at the clock now and then bounds it.
 */
#define WINDOW_BYTES 4096
#define WINDOW_LEAST 64		/* where the work is hard */
#define WINDOW_SLOW_MS 5

struct regex {
	pcre2_code *code;
	uint32_t groups;
};

struct regex_scratch {
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	pcre2_match_data *data;
	uint32_t pairs;		/* that ${data} has room for */
	int captured;		/* pairs set by the last hit */
	int64_t deadline_ms;
	size_t window;		/* bytes between two looks at the clock */
	int64_t spent_ns;
};

static uint32_t
options_of(unsigned flags)
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_USE_OFFSET_LIMIT |
	    PCRE2_NEVER_BACKSLASH_C;

	if (flags & REGEX_CASELESS)
		options |= PCRE2_CASELESS;
	if (flags & REGEX_MULTILINE)
		options |= PCRE2_MULTILINE;
	if (flags & REGEX_DOTALL)
		options |= PCRE2_DOTALL;
	if (flags & REGEX_EXTENDED)
		options |= PCRE2_EXTENDED;
	return options;
}

/* \G would be true at the start of each window, not of the search alone. */
static bool
has_start_anchor(struct span pattern, size_t *offset)
{
	bool is_literal = false;
	size_t i;

	for (i = 0; i + 1 < pattern.n; i++) {
		if (pattern.p[i] != '\\')
			continue;
		i++;
		if (is_literal && pattern.p[i] != 'E') {
			i--;		/* inside \Q a backslash quotes nothing */
			continue;
		}
		is_literal = pattern.p[i] == 'Q';
		if (pattern.p[i] == 'G') {
			*offset = i - 1;
			return true;
		}
	}
	return false;
}

static struct regex *
adopt(pcre2_code *code)
{
	struct regex *re = calloc(1, sizeof(*re));

	must(re != NULL);
	re->code = code;
	must(pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &re->groups) == 0);
	return re;
}

static pcre2_code *
compile(struct span pattern, uint32_t options, int *error, PCRE2_SIZE *at)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code;

	must(context != NULL);
	must(pcre2_set_newline(context, PCRE2_NEWLINE_LF) == 0);
	code = pcre2_compile((PCRE2_SPTR)(pattern.n != 0 ? pattern.p : ""),
	    pattern.n, options, error, at, context);
	pcre2_compile_context_free(context);
	return code;
}

struct regex *
regex_compile_slow(struct span pattern, unsigned flags)
{
	PCRE2_SIZE at;
	pcre2_code *code;
	int error;

	code = compile(pattern, options_of(flags) | PCRE2_NO_START_OPTIMIZE,
	    &error, &at);
	return code != NULL ? adopt(code) : NULL;
}

struct regex *
regex_compile(struct span pattern, unsigned flags, size_t *offset, struct err *e)
{
	PCRE2_UCHAR text[256];
	PCRE2_SIZE at = 0;
	pcre2_code *code;
	int error;

	*offset = 0;
	if (has_start_anchor(pattern, offset)) {
		err_set(e, "\\G cannot be used here");
		return NULL;
	}
	code = compile(pattern, options_of(flags), &error, &at);
	if (code != NULL) {
		/* Where there is no JIT, pcre2_match interprets: slower, not wrong. */
		pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
		return adopt(code);
	}
	pcre2_get_error_message(error, text, sizeof(text));
	err_set(e, "%s", (const char *)text);
	*offset = at < pattern.n ? at : pattern.n;
	return NULL;
}

void
regex_free(struct regex *re)
{
	if (re == NULL)
		return;
	pcre2_code_free(re->code);
	free(re);
}

int
regex_group(const struct regex *re, const char *name)
{
	int group = pcre2_substring_number_from_name(re->code, (PCRE2_SPTR)name);

	return group > 0 ? group : -1;
}

/* Does it decide within ${steps} at every place? */
static bool
decides(const struct regex *re, pcre2_match_data *data,
    pcre2_match_context *context, struct span subject, uint32_t steps)
{
	int rc;

	pcre2_set_match_limit(context, steps);
	rc = pcre2_match(re->code, (PCRE2_SPTR)(subject.n != 0 ? subject.p : ""),
	    subject.n, 0, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data, context);
	return rc >= 0 || rc == PCRE2_ERROR_NOMATCH;
}

/* The least limit that suffices: doubled until it does, then halved back. */
uint32_t
regex_steps(const struct regex *re, struct span subject, uint32_t most)
{
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	pcre2_match_data *data = pcre2_match_data_create(re->groups + 1, NULL);
	uint32_t low = 0, high = 32, middle;

	must(context != NULL && data != NULL);
	while (high < most && !decides(re, data, context, subject, high)) {
		low = high;
		high *= 2;
	}
	if (high > most)
		high = most;
	while (high - low > high / 8 + 1) {
		middle = low + (high - low) / 2;
		if (decides(re, data, context, subject, middle))
			high = middle;
		else
			low = middle;
	}
	pcre2_match_data_free(data);
	pcre2_match_context_free(context);
	return high;
}

struct regex_scratch *
regex_scratch_new(uint32_t steps, int64_t deadline_ms)
{
	struct regex_scratch *s = calloc(1, sizeof(*s));

	must(s != NULL);
	s->deadline_ms = deadline_ms;
	s->window = WINDOW_BYTES;
	s->context = pcre2_match_context_create(NULL);
	must(s->context != NULL);
	pcre2_set_match_limit(s->context, steps != 0 ? steps : STEPS_DEFAULT);
	pcre2_set_heap_limit(s->context, HEAP_LIMIT_KB);
	return s;
}

void
regex_scratch_free(struct regex_scratch *s)
{
	if (s == NULL)
		return;
	pcre2_match_data_free(s->data);
	pcre2_match_context_free(s->context);
	pcre2_jit_stack_free(s->stack);
	free(s);
}

static void
make_room(struct regex_scratch *s, uint32_t pairs)
{
	if (s->pairs >= pairs)
		return;
	pcre2_match_data_free(s->data);
	s->data = pcre2_match_data_create(pairs, NULL);
	must(s->data != NULL);
	s->pairs = pairs;
}

static bool
is_inside(struct span subject, size_t at)
{
	return at < subject.n && ((unsigned char)subject.p[at] & 0xc0) == 0x80;
}

/* Where the window that begins at ${start} ends: between two characters. */
static size_t
window_end(struct span subject, size_t start, size_t window)
{
	size_t end;

	if (subject.n - start <= window)
		return subject.n + 1;	/* a match may begin at the very end */
	end = start + window;
	while (is_inside(subject, end))
		end++;
	return end;
}

static int
undecided(int error, struct err *e)
{
	PCRE2_UCHAR text[256];

	pcre2_get_error_message(error, text, sizeof(text));
	return err_set(e, "undecided: %s", (const char *)text);
}

/* Most matches fit into the 32 KB that PCRE2 takes of the thread's stack. */
static bool
has_larger_stack(struct regex_scratch *s)
{
	if (s->stack != NULL)
		return false;
	s->stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_LAST, NULL);
	if (s->stack == NULL)
		return false;
	pcre2_jit_stack_assign(s->context, NULL, s->stack);
	return true;
}

/* One window.  1 hit, 0 none begins in it, -1 undecided. */
static int
match_window(const struct regex *re, struct regex_scratch *s,
    struct span subject, size_t start, size_t end, struct err *e)
{
	const char *p = subject.n != 0 ? subject.p : "";
	int rc;

	pcre2_set_offset_limit(s->context, end - 1);
	do {
		rc = pcre2_match(re->code, (PCRE2_SPTR)p, subject.n, start,
		    PCRE2_NO_UTF_CHECK, s->data, s->context);
	} while (rc == PCRE2_ERROR_JIT_STACKLIMIT && has_larger_stack(s));
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc <= 0)
		return undecided(rc, e);
	s->captured = rc;
	return 1;
}

static int
take_hit(struct regex_scratch *s, struct regex_hit *hit, struct err *e)
{
	const PCRE2_SIZE *pair = pcre2_get_ovector_pointer(s->data);

	if (pair[0] > pair[1])
		return err_set(e, "undecided: \\K puts the start behind the end");
	hit->start = pair[0];
	hit->length = pair[1] - pair[0];
	return 1;
}

/*
 * Is there time for one more window?  One that took long makes the next ones
 * shorter: the steps of each place alone are bounded, not what they cost.
 */
static bool
has_time(struct regex_scratch *s, int64_t *looked_ms)
{
	int64_t now, took;

	if (s->deadline_ms == 0)
		return true;
	now = clock_monotonic_ms();
	took = *looked_ms != 0 ? now - *looked_ms : 0;
	if (took > WINDOW_SLOW_MS && s->window > WINDOW_LEAST)
		s->window /= 4;
	else if (took == 0 && s->window < WINDOW_BYTES)
		s->window *= 2;
	*looked_ms = now;
	return now <= s->deadline_ms;
}

static int
next(const struct regex *re, struct regex_scratch *s, struct span subject,
    size_t start, struct regex_hit *hit, struct err *e)
{
	int64_t looked_ms = 0;
	size_t end;
	int rc;

	make_room(s, re->groups + 1);
	s->captured = 0;
	for (; start <= subject.n; start = end) {
		if (!has_time(s, &looked_ms))
			return err_set(e, "undecided: out of time");
		end = window_end(subject, start, s->window);
		rc = match_window(re, s, subject, start, end, e);
		if (rc < 0)
			return -1;
		if (rc > 0)
			return take_hit(s, hit, e);
	}
	return 0;
}

int
regex_next(const struct regex *re, struct regex_scratch *s, struct span subject,
    size_t start, struct regex_hit *hit, struct err *e)
{
	int64_t began_ns = clock_monotonic_ns();
	int rc = next(re, s, subject, start, hit, e);

	s->spent_ns += clock_monotonic_ns() - began_ns;
	return rc;
}

int64_t
regex_scratch_spent_ns(const struct regex_scratch *s)
{
	return s->spent_ns;
}

size_t
regex_after(struct span subject, const struct regex_hit *hit)
{
	size_t at = hit->start + hit->length;

	if (hit->length != 0)
		return at;
	for (at++; is_inside(subject, at); at++)
		;
	return at;
}

struct span
regex_capture(const struct regex_scratch *s, int group, struct span subject)
{
	const PCRE2_SIZE *pair;

	if (group < 0 || group >= s->captured)
		return (struct span){ NULL, 0 };
	pair = pcre2_get_ovector_pointer(s->data) + 2 * group;
	if (pair[0] == PCRE2_UNSET || pair[0] > pair[1])
		return (struct span){ NULL, 0 };
	return span_sub(subject, pair[0], pair[1] - pair[0]);
}
