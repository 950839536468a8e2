/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/arena.h"
#include "mail/unicode.h"

#include "policy/syntax.h"
#include "policy/literal.h"

#define SURE_BYTES 3	/* of the shortest literal that is worth anything */
#define LONG_BYTES 12	/* of one that needs no longer rival */
#define COPIES_MAX 3	/* of a repeated item that are written out */

/* Strings, one of which ... */
struct strings {
	struct span list[LITERALS_MAX];
	size_t count;
};

/* ... is all that a node consumes, or stands within what it consumes. */
struct piece {
	bool is_exact;
	struct strings exact;
	struct strings within;	/* if it is not exact; none if nothing is sure */
};

/* A sequence up to now. */
struct joining {
	struct arena *arena;
	struct strings open;	/* what its end consumes exactly */
	bool is_exact;		/* and that is all of it */
	struct strings best;	/* within what came before */
};

static void piece_of(struct arena *a, const struct node *node, struct piece *out);

static bool
is_blank(uint32_t code)
{
	return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 ||
	    code == 0xa0 || code == 0x1680 || code == 0x180e ||
	    (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
	    code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

uint32_t
literal_fold(uint32_t code)
{
	return is_blank(code) ? ' ' : unicode_caseless(code);
}

static bool
strings_add(struct strings *set, struct span s)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (span_equal(set->list[i], s))
			return true;
	if (set->count == LITERALS_MAX)
		return false;
	set->list[set->count++] = s;
	return true;
}

static bool
strings_union(struct strings *set, const struct strings *more)
{
	size_t i;

	for (i = 0; i < more->count; i++)
		if (!strings_add(set, more->list[i]))
			return false;
	return true;
}

/* Two blanks that meet are one. */
static bool
join(struct arena *a, struct span left, struct span right, struct span *out)
{
	char *p;

	if (left.n != 0 && right.n != 0 && left.p[left.n - 1] == ' ' &&
	    right.p[0] == ' ')
		right = span_sub(right, 1, right.n);
	if (left.n + right.n > LITERAL_BYTES_MAX)
		return false;
	p = arena_alloc(a, left.n + right.n + 1);
	if (left.n != 0)
		memcpy(p, left.p, left.n);
	if (right.n != 0)
		memcpy(p + left.n, right.p, right.n);
	*out = (struct span){ p, left.n + right.n };
	return true;
}

static bool
strings_join(struct arena *a, const struct strings *left,
    const struct strings *right, struct strings *out)
{
	struct span s;
	size_t i, j;

	*out = (struct strings){ .count = 0 };
	if (left->count * right->count > LITERALS_MAX)
		return false;
	for (i = 0; i < left->count; i++)
		for (j = 0; j < right->count; j++)
			if (!join(a, left->list[i], right->list[j], &s) ||
			    !strings_add(out, s))
				return false;
	return true;
}

static struct strings
nothing(void)
{
	return (struct strings){ .list = { { "", 0 } }, .count = 1 };
}

static bool
contains(struct span s, struct span part)
{
	return span_find(s, part) != s.n || part.n == 0;
}

static bool
has_shorter(const struct strings *set, size_t i)
{
	struct span other, s = set->list[i];
	size_t k;

	for (k = 0; k < set->count; k++) {
		other = set->list[k];
		if (k != i && contains(s, other) && (other.n < s.n || k < i))
			return true;
	}
	return false;
}

/* Trimmed, and without those that contain another one. */
static struct strings
shortest(const struct strings *set)
{
	struct strings trimmed = *set, out = { .count = 0 };
	size_t i;

	for (i = 0; i < set->count; i++)
		trimmed.list[i] = span_trim(set->list[i]);
	for (i = 0; i < set->count; i++)
		if (!has_shorter(&trimmed, i))
			out.list[out.count++] = trimmed.list[i];
	return out;
}

static size_t
least_bytes(const struct strings *set)
{
	size_t i, least = LONG_BYTES;

	for (i = 0; i < set->count; i++)
		if (set->list[i].n < least)
			least = set->list[i].n;
	return set->count == 0 ? 0 : least;
}

static void
offer(struct strings *best, const struct strings *set)
{
	struct strings s = shortest(set);
	size_t had = least_bytes(best), has = least_bytes(&s);

	if (has < SURE_BYTES || has < had ||
	    (has == had && s.count >= best->count))
		return;
	*best = s;
}

static void
close_exact(struct joining *j)
{
	offer(&j->best, &j->open);
	j->open = nothing();
	j->is_exact = false;
}

static void
append(struct joining *j, const struct piece *p)
{
	struct strings joined;

	if (!p->is_exact) {
		close_exact(j);
		offer(&j->best, &p->within);
		return;
	}
	if (strings_join(j->arena, &j->open, &p->exact, &joined)) {
		j->open = joined;
		return;
	}
	close_exact(j);
	j->open = p->exact;
}

static void
finish(struct joining *j, struct piece *out)
{
	out->is_exact = j->is_exact;
	out->exact = j->open;
	if (!j->is_exact)
		close_exact(j);
	out->within = j->best;
}

static void
sequence(struct arena *a, const struct node *node, struct piece *out)
{
	struct joining j = { .arena = a, .open = nothing(), .is_exact = true };
	const struct node *child;
	struct piece p;

	for (child = node->first; child != NULL; child = child->next) {
		piece_of(a, child, &p);
		append(&j, &p);
	}
	finish(&j, out);
}

static struct strings
within(const struct piece *p)
{
	struct strings best = { .count = 0 };

	offer(&best, p->is_exact ? &p->exact : &p->within);
	return best;
}

static void
choice(struct arena *a, const struct node *node, struct piece *out)
{
	const struct node *child;
	struct strings one;
	struct piece p;
	bool is_sure = true;

	*out = (struct piece){ .is_exact = true };
	for (child = node->first; child != NULL; child = child->next) {
		piece_of(a, child, &p);
		one = within(&p);
		out->is_exact = out->is_exact && p.is_exact &&
		    strings_union(&out->exact, &p.exact);
		is_sure = is_sure && one.count != 0 &&
		    strings_union(&out->within, &one);
	}
	if (!is_sure)
		out->within.count = 0;
}

static bool
is_blank_alone(const struct piece *p)
{
	return p->is_exact && p->exact.count == 1 &&
	    span_equal(p->exact.list[0], span_of(" "));
}

static void
repeat(struct arena *a, const struct node *node, struct piece *out)
{
	struct joining j = { .arena = a, .open = nothing(), .is_exact = true };
	static const struct piece unknown = { .is_exact = false };
	struct piece p;
	uint32_t i;

	piece_of(a, node->first, &p);
	if (node->least == 0) {
		*out = unknown;
		out->exact = nothing();
		out->is_exact = node->most == 0 || (p.is_exact &&
		    (node->most == 1 || is_blank_alone(&p)) &&
		    strings_union(&out->exact, &p.exact));
		return;
	}
	if (is_blank_alone(&p)) {
		*out = p;
		return;
	}
	for (i = 0; i < node->least && i < COPIES_MAX; i++)
		append(&j, &p);
	if (i < node->most)
		append(&j, &unknown);
	finish(&j, out);
}

static void
set(struct arena *a, const struct node *node, struct piece *out)
{
	char bytes[4];
	size_t i, n;

	*out = (struct piece){ .is_exact = node->code_count != 0 };
	for (i = 0; i < node->code_count; i++) {
		n = unicode_put(node->codes[i], bytes);
		strings_add(&out->exact, arena_copy(a, (struct span){ bytes, n }));
	}
}

static void
piece_of(struct arena *a, const struct node *node, struct piece *out)
{
	switch (node->kind) {
	case NODE_EMPTY:
	case NODE_LOOK:
		*out = (struct piece){ .is_exact = true, .exact = nothing() };
		return;
	case NODE_ANY:
		*out = (struct piece){ .is_exact = false };
		return;
	case NODE_SET:
		set(a, node, out);
		return;
	case NODE_SEQUENCE:
		sequence(a, node, out);
		return;
	case NODE_CHOICE:
		choice(a, node, out);
		return;
	case NODE_REPEAT:
		repeat(a, node, out);
		return;
	}
}

void
literals_read(struct arena *a, struct span pattern, unsigned flags,
    struct literals *l)
{
	struct arena *scratch = arena_new();
	struct node *node = syntax_parse(scratch, pattern, flags);
	struct strings best = { .count = 0 };
	struct span *list;
	struct piece p;
	size_t i;

	if (node != NULL) {
		piece_of(scratch, node, &p);
		best = within(&p);
	}
	list = ARENA_ARRAY(a, struct span, best.count + 1);
	for (i = 0; i < best.count; i++)
		list[i] = arena_copy(a, best.list[i]);
	*l = (struct literals){ list, best.count };
	arena_free(scratch);
}
