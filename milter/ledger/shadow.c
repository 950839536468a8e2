/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/err.h"
#include "ledger/statefile.h"

#include "ledger/shadow.h"

#define NAME "shadows"
#define HEAD "vanthu-shadows 1"
#define SIZE_LIMIT (1024 * 1024)

struct shadows {
	pthread_mutex_t lock;
	char *folder;
	struct arena *arena;	/* of the list; a new one with each change */
	struct shadow *list;
	size_t count;
};

static struct span
field(struct span *rest)
{
	size_t at = span_find_byte(*rest, '\t');
	struct span word = span_sub(*rest, 0, at);

	*rest = span_sub(*rest, at + 1, rest->n);
	return word;
}

static int
read_lines(struct shadows *s, struct span text, struct err *e)
{
	struct span line, rest = text;

	if (!span_line(&rest, &line) || !span_equal(line, span_of(HEAD)))
		return err_set(e, "%s/%s: not a list of shadows; move it away",
		    s->folder, NAME);
	while (span_line(&rest, &line) && s->count < SHADOWS_MAX) {
		struct shadow *one = &s->list[s->count++];

		one->until_ms = strtoll(arena_string(s->arena, field(&line)), NULL, 10);
		one->rule = arena_string(s->arena, field(&line));
		one->operator = arena_string(s->arena, field(&line));
		one->note = arena_string(s->arena, line);
	}
	return 0;
}

struct shadows *
shadows_open(const char *folder, struct err *e)
{
	struct shadows *s = calloc(1, sizeof(*s));
	struct span text;
	int rc;

	must(s != NULL && pthread_mutex_init(&s->lock, NULL) == 0);
	s->folder = strdup(folder);
	must(s->folder != NULL);
	s->arena = arena_new();
	s->list = ARENA_ARRAY(s->arena, struct shadow, SHADOWS_MAX);
	rc = statefile_get(folder, NAME, SIZE_LIMIT, s->arena, &text, e);
	if (rc == 1)
		rc = read_lines(s, text, e);
	if (rc >= 0)
		return s;
	shadows_free(s);
	return NULL;
}

void
shadows_free(struct shadows *s)
{
	if (s == NULL)
		return;
	pthread_mutex_destroy(&s->lock);
	arena_free(s->arena);
	free(s->folder);
	free(s);
}

/* On one line, and no column of its own. */
static const char *
plain(struct arena *a, const char *text)
{
	char *copy = arena_string(a, span_of(text)), *p;

	for (p = copy; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	return copy;
}

static void
copy(struct arena *a, const struct shadow *from, struct shadow *to)
{
	to->until_ms = from->until_ms;
	to->rule = plain(a, from->rule);
	to->operator = plain(a, from->operator);
	to->note = plain(a, from->note);
}

static int
write_list(struct shadows *s, struct arena *a, const struct shadow *list,
    size_t count, struct err *e)
{
	struct buffer b = { .arena = a };
	size_t i;

	buffer_text(&b, HEAD "\n");
	for (i = 0; i < count; i++)
		buffer_print(&b, "%" PRId64 "\t%s\t%s\t%s\n", list[i].until_ms,
		    list[i].rule, list[i].operator, list[i].note);
	return statefile_put(s->folder, NAME, buffer_span(&b), e);
}

/* The list without ${rule} and without what is over, and with ${one} if not NULL. */
static int
change(struct shadows *s, struct span rule, const struct shadow *one,
    struct err *e)
{
	struct arena *a = arena_new();
	struct shadow *list = ARENA_ARRAY(a, struct shadow, SHADOWS_MAX);
	int64_t now_ms = clock_now_ms();
	size_t i, n = 0;
	int rc = -1;

	for (i = 0; i < s->count; i++)
		if (s->list[i].until_ms > now_ms &&
		    !span_equal(span_of(s->list[i].rule), rule))
			copy(a, &s->list[i], &list[n++]);
	if (one != NULL && n == SHADOWS_MAX)
		err_set(e, "%d rules are in shadow already", SHADOWS_MAX);
	else {
		if (one != NULL)
			copy(a, one, &list[n++]);
		rc = write_list(s, a, list, n, e);
	}
	if (rc < 0) {
		arena_free(a);
		return -1;
	}
	arena_free(s->arena);
	s->arena = a;
	s->list = list;
	s->count = n;
	return 0;
}

int
shadows_put(struct shadows *s, const struct shadow *one, struct err *e)
{
	int rc;

	if (strlen(one->note) > SHADOW_NOTE_LONGEST)
		return err_set(e, "a note has at most %d bytes", SHADOW_NOTE_LONGEST);
	pthread_mutex_lock(&s->lock);
	rc = change(s, span_of(one->rule), one, e);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static bool
is_there(const struct shadows *s, struct span rule)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (s->list[i].until_ms > clock_now_ms() &&
		    span_equal(span_of(s->list[i].rule), rule))
			return true;
	return false;
}

int
shadows_end(struct shadows *s, struct span rule, struct err *e)
{
	int rc = 0;

	pthread_mutex_lock(&s->lock);
	if (is_there(s, rule))
		rc = change(s, rule, NULL, e) < 0 ? -1 : 1;
	pthread_mutex_unlock(&s->lock);
	return rc;
}

const struct shadow *
shadows_at(struct shadows *s, int64_t now_ms, struct arena *a, size_t *count)
{
	struct shadow *list = NULL;
	size_t i;

	*count = 0;
	pthread_mutex_lock(&s->lock);
	if (s->count != 0)
		list = ARENA_ARRAY(a, struct shadow, s->count);
	for (i = 0; i < s->count; i++)
		if (s->list[i].until_ms > now_ms)
			copy(a, &s->list[i], &list[(*count)++]);
	pthread_mutex_unlock(&s->lock);
	return list;
}
