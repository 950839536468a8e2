/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "mail/address.h"
#include "mail/fold.h"
#include "mail/unicode.h"

#include "policy/list.h"

static bool
is_blank(uint32_t code)
{
	return code == ' ' || (code >= '\t' && code <= '\r') || code == 0xa0 ||
	    (code >= 0x2000 && code <= 0x200a) || code == 0x202f ||
	    code == 0x205f || code == 0x3000;
}

struct span
list_lower(struct arena *a, struct span s)
{
	struct span lower = unicode_lower(a,
	    fold_text(a, unicode_readable(a, s, NULL), NULL));
	struct buffer b = { .arena = a };
	bool is_after_blank = true;
	uint32_t code;
	size_t at, n;

	for (at = 0; (n = unicode_next(lower, at, &code)) != 0; at += n) {
		if (!is_blank(code))
			buffer_add(&b, span_sub(lower, at, n));
		else if (!is_after_blank)
			buffer_byte(&b, ' ');
		is_after_blank = is_blank(code);
	}
	return span_trim(buffer_span(&b));
}

void
list_add(struct list *l, struct span entry, size_t place)
{
	struct span lower = list_lower(l->arena, entry);
	size_t size = l->size == 0 ? 16 : 2 * l->size;

	if (lower.n == 0)
		return;
	if (l->count == l->size) {
		l->raw = arena_grow(l->arena, l->raw, l->size * sizeof(lower),
		    size * sizeof(lower));
		l->entries = arena_grow(l->arena, l->entries,
		    l->size * sizeof(lower), size * sizeof(lower));
		l->places = arena_grow(l->arena, l->places,
		    l->size * sizeof(place), size * sizeof(place));
		l->size = size;
	}
	l->places[l->count] = place;
	l->raw[l->count] = arena_copy(l->arena, span_trim(entry));
	l->entries[l->count++] = lower;
}

void
list_add_lines(struct list *l, struct span text)
{
	const char *start = text.p;
	struct span line;

	while (span_line(&text, &line)) {
		line = span_trim(span_sub(line, 0, span_find_byte(line, '#')));
		list_add(l, line, (size_t)(line.p - start));
	}
}

static int
span_order(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int rc = n == 0 ? 0 : memcmp(x->p, y->p, n);

	return rc != 0 ? rc : (x->n > y->n) - (x->n < y->n);
}

void
list_seal(struct list *l)
{
	size_t i;

	l->addresses = ARENA_ARRAY(l->arena, struct span, l->count + 1);
	l->sorted = ARENA_ARRAY(l->arena, struct span, l->count + 1);
	for (i = 0; i < l->count; i++) {
		l->addresses[i] = arena_copy(l->arena, unicode_lower(l->arena,
		    address_canonical(l->arena, l->raw[i])));
		l->sorted[i] = l->entries[i];
	}
	qsort(l->addresses, l->count, sizeof(*l->addresses), span_order);
	qsort(l->sorted, l->count, sizeof(*l->sorted), span_order);
}

bool
list_has(const struct list *l, struct span lower)
{
	return bsearch(&lower, l->sorted, l->count, sizeof(lower), span_order) != NULL;
}

bool
list_has_address(const struct list *l, struct span address)
{
	return bsearch(&address, l->addresses, l->count, sizeof(address),
	    span_order) != NULL;
}

/* The bytes of ${s} at ${at} that choose the entries worth a look: a word, or one character. */
static size_t
head_length(struct span s, size_t at)
{
	size_t n, start = at;
	uint32_t code;

	n = unicode_next(s, at, &code);
	if (n == 0 || !unicode_is_word(code))
		return n;
	for (; (n = unicode_next(s, at, &code)) != 0 && unicode_is_word(code); at += n)
		;
	return at - start;
}

static bool
starts_with(struct span s, struct span prefix)
{
	return s.n >= prefix.n && memcmp(s.p, prefix.p, prefix.n) == 0;
}

/* The first of the sorted entries that begins with ${head}, or count. */
static size_t
first_with(const struct list *l, struct span head)
{
	size_t low = 0, high = l->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (span_order(&l->sorted[middle], &head) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Both sides of a text advance one character at a time. */
struct place {
	size_t at, lower_at;
};

static uint32_t
step(const struct list_text *t, struct place *p)
{
	uint32_t ignored, code;

	p->at += unicode_next(t->text, p->at, &ignored);
	p->lower_at += unicode_next(t->lower, p->lower_at, &code);
	return code;
}

static uint32_t
peek(const struct list_text *t, const struct place *p)
{
	uint32_t code;

	return unicode_next(t->lower, p->lower_at, &code) == 0 ? 0 : code;
}

/*
 * A phrase does not go over the end of a line or from one column to the next:
 * under a stamp "MẬT" the letter may go on with "Độ khẩn", and "mật độ" must
 * not excuse it.
 */
static bool
is_gap(uint32_t code)
{
	return is_blank(code) && !(code >= '\t' && code <= '\r');
}

/* Does ${entry} stand at ${p}, up to the end of a word?  Then move ${p} behind it. */
static bool
entry_stands(const struct list_text *t, struct span entry, struct place *p)
{
	struct place now = *p;
	uint32_t want = 0;
	size_t at, n;

	for (at = 0; (n = unicode_next(entry, at, &want)) != 0; at += n) {
		if (now.lower_at >= t->lower.n)
			return false;
		if (want == ' ') {
			if (!is_gap(step(t, &now)))
				return false;
			if (is_gap(peek(t, &now)))
				step(t, &now);
		} else if (step(t, &now) != want)
			return false;
		if (at + n == entry.n)
			break;
	}
	if (unicode_is_word(want) && now.lower_at < t->lower.n &&
	    unicode_is_word(peek(t, &now)))
		return false;
	*p = now;
	return true;
}

static bool
longest(const struct list *l, const struct list_text *t, struct place *end)
{
	struct span head = span_sub(t->lower, t->lower_at,
	    head_length(t->lower, t->lower_at));
	struct place now;
	bool found = false;
	size_t i;

	for (i = first_with(l, head); i < l->count &&
	    starts_with(l->sorted[i], head); i++) {
		now = (struct place){ t->at, t->lower_at };
		if (entry_stands(t, l->sorted[i], &now) &&
		    (!found || now.at > end->at)) {
			*end = now;
			found = true;
		}
	}
	return found;
}

int
list_next(const struct list *l, struct list_text *t, struct regex_hit *hit)
{
	struct place p, end;
	uint32_t code;
	bool is_word;

	while (t->lower_at < t->lower.n) {
		p = (struct place){ t->at, t->lower_at };
		code = peek(t, &p);
		is_word = unicode_is_word(code) != 0;
		if (!(is_word && t->is_after_word) && longest(l, t, &end)) {
			*hit = (struct regex_hit){ t->at, end.at - t->at };
			t->at = end.at;
			t->lower_at = end.lower_at;
			t->is_after_word = false;
			return 1;
		}
		step(t, &p);
		t->at = p.at;
		t->lower_at = p.lower_at;
		t->is_after_word = is_word;
	}
	return 0;
}
