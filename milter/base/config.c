/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "base/span.h"

#include "base/config.h"
#include "config_internal.h"
#include "source_internal.h"

/* One "name = value" with its continuations. */
struct line {
	size_t name_at;
	struct span name;
	size_t value_at;
	size_t value_length;	/* of its first line, to underline */
	struct buffer value;
};

/* A file while it is read. */
struct reading {
	const struct source *src;
	struct config *c;
	struct faults *f;
	struct arena *arena;
	size_t set_on[SETTINGS_MAX];	/* the line that did; 0: none yet */
};

static void
unknown_name(struct reading *r, const struct line *l)
{
	const char *names[SETTINGS_MAX + 1], *near;
	size_t i;

	for (i = 0; config_settings[i].name != NULL; i++)
		names[i] = config_settings[i].name;
	names[i] = NULL;
	if ((near = fault_suggest(l->name, names)) != NULL)
		faults_add(r->f, r->src, l->name_at, l->name.n,
		    "unknown name '%.*s' (did you mean '%s'?)",
		    SPAN_PRINT(l->name), near);
	else
		faults_add(r->f, r->src, l->name_at, l->name.n,
		    "unknown name '%.*s'", SPAN_PRINT(l->name));
}

static size_t
line_of(const struct source *src, size_t offset)
{
	size_t line = 1, i;

	for (i = 0; i < offset; i++)
		line += src->text.p[i] == '\n';
	return line;
}

static void
apply(struct reading *r, struct line *l, size_t i)
{
	const char *value = buffer_string(&l->value);
	const struct setting *set = &config_settings[i];
	struct err e;

	if (r->set_on[i] != 0)
		faults_warn(r->f, r->src, l->name_at, l->name.n,
		    "%s is set twice: this one counts, line %zu does not",
		    set->name, r->set_on[i]);
	r->set_on[i] = line_of(r->src, l->name_at);
	if (memchr(value, '\0', l->value.n) != NULL)
		faults_add(r->f, r->src, l->value_at, l->value_length,
		    "%s: a NUL in the value", set->name);
	else if (setting_put(set, r->c, value, &e) < 0)
		faults_add(r->f, r->src, l->value_at, l->value_length, "%s: %s",
		    set->name, e.text);
	else if (set->unused != NULL && value[0] != '\0')
		faults_warn(r->f, r->src, l->name_at, l->name.n, "%s %s",
		    set->name, set->unused);
}

static void
finish(struct reading *r, struct line *l)
{
	size_t i;

	if (l->name.n == 0)
		return;
	for (i = 0; config_settings[i].name != NULL; i++) {
		if (span_equal(l->name, span_of(config_settings[i].name)))
			break;
	}
	if (config_settings[i].name != NULL)
		apply(r, l, i);
	else
		unknown_name(r, l);
	*l = (struct line){ .value = { .arena = r->arena } };
}

static void
begin(struct reading *r, struct line *l, struct span text)
{
	size_t at = (size_t)(text.p - r->src->text.p);
	size_t equals = span_find_byte(text, '=');
	struct span name = span_trim(span_sub(text, 0, equals)), value;

	if (equals == text.n || name.n == 0) {
		faults_add(r->f, r->src, at, text.n, "expected name = value");
		return;
	}
	value = span_trim(span_sub(text, equals + 1, text.n));
	l->name_at = at;
	l->name = name;
	l->value_at = value.n != 0 ? (size_t)(value.p - r->src->text.p) :
	    at + equals;
	l->value_length = value.n;
	buffer_add(&l->value, value);
}

static void
go_on(struct reading *r, struct line *l, struct span text)
{
	size_t at = (size_t)(text.p - r->src->text.p);

	if (l->name.n == 0) {
		faults_add(r->f, r->src, at, text.n,
		    "a line that starts with blanks continues one, "
		    "and there is none before it");
		return;
	}
	if (l->value.n != 0)
		buffer_byte(&l->value, ' ');
	else {
		l->value_at = at;
		l->value_length = text.n;
	}
	buffer_add(&l->value, text);
}

static void
read_lines(struct reading *r)
{
	struct line l = { .value = { .arena = r->arena } };
	struct span rest = r->src->text, text, trimmed;

	while (span_line(&rest, &text)) {
		trimmed = span_trim(text);
		if (trimmed.n == 0 || trimmed.p[0] == '#')
			continue;
		if (trimmed.p != text.p) {
			go_on(r, &l, trimmed);
			continue;
		}
		finish(r, &l);
		begin(r, &l, trimmed);
	}
	finish(r, &l);
}

int
config_load(const char *path, struct config *c, struct faults *f, struct err *e)
{
	size_t errors = f->errors;
	struct reading r = { .c = c, .f = f };
	struct source *src;

	e->text[0] = '\0';
	config_default(c);
	if ((src = source_load(path, path, true, e)) == NULL)
		return -1;
	r.src = src;
	r.arena = arena_new();
	read_lines(&r);
	arena_free(r.arena);
	source_drop(src);
	return f->errors == errors ? 0 : -1;
}
