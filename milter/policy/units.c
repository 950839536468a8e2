/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/source.h"
#include "mail/address.h"
#include "mail/unicode.h"

#include "policy/glob.h"
#include "policy/list.h"
#include "policy/units.h"

enum column { CODE, NAME, KIND, ROOM, ADDRESS, FOCAL, PHONE, COLUMNS };

const char *const unit_kinds[] = {
	"sở", "đại học", "học viện", "trường đại học", "cao đẳng", "tccn",
	"đơn vị trực thuộc", "vụ", "cục", NULL,
};

struct units {
	struct unit *list;
	size_t count;
	const struct unit **exact;	/* without "*", in order of address */
	size_t exact_count;
	const struct unit **patterns;	/* with "*", in order of the file */
	size_t pattern_count;
};

/* One line being read. */
struct row {
	struct arena *arena;
	const struct source *src;
	struct faults *faults;
	struct span line;
	struct span columns[COLUMNS];
};

#define row_fault(r, s, ...)						\
	faults_add((r)->faults, (r)->src, (size_t)((s).p - (r)->src->text.p), \
	    (s).n != 0 ? (s).n : 1, __VA_ARGS__)

static size_t
split(struct row *r)
{
	struct span rest = r->line;
	size_t i, n;

	for (i = 0; i < COLUMNS; i++) {
		n = span_find_byte(rest, '\t');
		r->columns[i] = span_trim(span_sub(rest, 0, n));
		if (n == rest.n)
			return i + 1;
		rest = span_sub(rest, n + 1, rest.n);
	}
	row_fault(r, rest, "more than %d columns", COLUMNS);
	return i;
}

static void
read_kind(struct row *r, struct unit *u)
{
	const char *near;
	size_t i;

	u->kind = list_lower(r->arena, r->columns[KIND]);
	for (i = 0; unit_kinds[i] != NULL; i++)
		if (span_equal(u->kind, span_of(unit_kinds[i])))
			return;
	near = fault_suggest(u->kind, unit_kinds);
	row_fault(r, r->columns[KIND], near != NULL ?
	    "unknown kind of unit '%.*s' (did you mean '%s'?)" :
	    "unknown kind of unit '%.*s'%s", SPAN_PRINT(r->columns[KIND]),
	    near != NULL ? near : "");
}

static void
read_room(struct row *r, struct unit *u)
{
	struct span room = r->columns[ROOM];
	size_t n = span_find_byte(room, ' ');
	struct span word = span_sub(room, 0, n);

	u->is_virtual = span_equal(word, span_of("virtual"));
	if (!u->is_virtual && !span_equal(word, span_of("real")))
		row_fault(r, room, "a room is 'real' or 'virtual', and its name");
	u->room = arena_copy(r->arena, span_trim(span_sub(room, n, room.n)));
}

static struct span
read_address(struct row *r, struct span text, const char *what)
{
	struct span address = unicode_lower(r->arena,
	    address_canonical(r->arena, text));

	if (address_domain(address).n == 0 || address.p[0] == '@')
		row_fault(r, text, "'%.*s' is no %s", SPAN_PRINT(text), what);
	return arena_copy(r->arena, address);
}

static bool
read_row(struct row *r, struct unit *u)
{
	size_t n = split(r);

	if (n <= ADDRESS) {
		row_fault(r, r->line, "a unit needs code, name, kind, room and "
		    "address, with tabs between them");
		return false;
	}
	if (r->columns[CODE].n == 0)
		row_fault(r, r->line, "the unit's code is missing");
	u->offset = (size_t)(r->line.p - r->src->text.p);
	u->code = arena_copy(r->arena, r->columns[CODE]);
	u->name = arena_copy(r->arena, r->columns[NAME]);
	read_kind(r, u);
	read_room(r, u);
	u->address = read_address(r, r->columns[ADDRESS], "address or pattern");
	if (n > FOCAL && r->columns[FOCAL].n != 0)
		u->focal = read_address(r, r->columns[FOCAL], "address");
	if (n > PHONE)
		u->phone = arena_copy(r->arena, r->columns[PHONE]);
	return true;
}

static size_t
count_lines(struct span text)
{
	struct span line;
	size_t n = 0;

	while (span_line(&text, &line))
		n++;
	return n;
}

static int
span_order(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int rc = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return rc != 0 ? rc : (a.n > b.n) - (a.n < b.n);
}

/* The same address twice: the first line of the file stays in front. */
static int
by_address(const void *a, const void *b)
{
	const struct unit *const *x = a, *const *y = b;
	int rc = span_order((*x)->address, (*y)->address);

	return rc != 0 ? rc : (*x > *y) - (*x < *y);
}

static void
seal(struct arena *a, struct units *u)
{
	size_t i;

	u->exact = ARENA_ARRAY(a, const struct unit *, u->count + 1);
	u->patterns = ARENA_ARRAY(a, const struct unit *, u->count + 1);
	for (i = 0; i < u->count; i++)
		if (glob_is(u->list[i].address))
			u->patterns[u->pattern_count++] = &u->list[i];
		else
			u->exact[u->exact_count++] = &u->list[i];
	qsort(u->exact, u->exact_count, sizeof(*u->exact), by_address);
}

/* A mailbox may serve several rooms of one unit, never two units. */
static void
check_twice(const struct units *u, const struct source *src, struct faults *f)
{
	const struct unit *one, *two;
	size_t i;

	for (i = 1; i < u->exact_count; i++) {
		one = u->exact[i - 1];
		two = u->exact[i];
		if (span_equal(one->address, two->address) &&
		    !span_equal_nocase(one->code, two->code))
			faults_add(f, src, two->offset, 1, "'%.*s' belongs to two units, "
			    "%.*s and %.*s", SPAN_PRINT(one->address),
			    SPAN_PRINT(one->code), SPAN_PRINT(two->code));
	}
}

const struct units *
units_read(struct arena *a, const struct source *src, struct faults *f)
{
	struct units *u = ARENA_NEW(a, struct units);
	struct row r = { .arena = a, .src = src, .faults = f };
	struct span rest = src->text;

	u->list = ARENA_ARRAY(a, struct unit, count_lines(rest) + 1);
	while (span_line(&rest, &r.line)) {
		if (span_trim(r.line).n == 0 || r.line.p[0] == '#')
			continue;
		u->count += read_row(&r, &u->list[u->count]);
	}
	seal(a, u);
	check_twice(u, src, f);
	return u;
}

size_t
units_count(const struct units *u)
{
	return u->count;
}

const struct unit *
units_get(const struct units *u, size_t i)
{
	return &u->list[i];
}

/* The first of those with ${address}. */
static const struct unit *
find_exact(const struct units *u, struct span address)
{
	size_t low = 0, high = u->exact_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (span_order(u->exact[middle]->address, address) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < u->exact_count && span_equal(u->exact[low]->address, address))
		return u->exact[low];
	return NULL;
}

const struct unit *
units_find(const struct units *u, struct span address)
{
	const struct unit *unit = find_exact(u, address);
	size_t i;

	for (i = 0; unit == NULL && i < u->pattern_count; i++)
		if (glob_matches(u->patterns[i]->address, address))
			unit = u->patterns[i];
	return unit;
}

bool
units_has_code(const struct units *u, struct span code)
{
	size_t i;

	for (i = 0; i < u->count; i++)
		if (span_equal_nocase(u->list[i].code, code))
			return true;
	return false;
}
