/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/err.h"
#include "base/regex.h"
#include "mail/unicode.h"
#include "mail/view.h"

#include "policy/gate.h"
#include "policy/list.h"
#include "match_internal.h"

#define CAPTURE_MAX 64
#define NUMBER_MAX 200

#define NOWHERE ((size_t)-1)

/* One view being searched. */
struct search {
	struct match *match;
	struct match_hits *hits;
	const struct predicate *predicate;
	const struct regex *regex;
	const struct view *view;
	const char *title;	/* of the view, as the rule calls it */
	size_t bytes, own;	/* whose excuses count, see search_scope */
	bool is_found;		/* a hit that nothing excuses */
};

/*
 * "subject" and "header Subject" are one text: an exception for one covers the
 * other, so views are told apart by what they hold, not by where they live.
 */
static bool
is_same(const struct view *a, const struct view *b)
{
	return a == b || (a->name == b->name && strcmp(a->part, b->part) == 0 &&
	    span_equal(a->text, b->text));
}

static size_t
view_number(struct match *m, const struct view *v)
{
	size_t i, size = m->view_size == 0 ? 16 : 2 * m->view_size;

	for (i = 0; i < m->view_count; i++)
		if (is_same(m->views[i].view, v))
			return i;
	if (m->view_count == m->view_size) {
		m->views = arena_grow(m->arena, m->views,
		    m->view_size * sizeof(*m->views), size * sizeof(*m->views));
		m->view_size = size;
	}
	m->views[m->view_count] = (struct match_view){ .view = v };
	return m->view_count++;
}

static struct span
view_lower(struct match *m, const struct view *view)
{
	size_t number = view_number(m, view);
	struct match_view *v = &m->views[number];

	if (v->lower.p == NULL)
		v->lower = unicode_lower(m->arena, v->view->text);
	return v->lower;
}

/* One look at a text serves all patterns of all rules. */
static bool
may_match(struct match *m, const struct view *view, size_t pattern)
{
	struct match_view *v;
	size_t number;

	if (m->gate == NULL)
		return true;
	number = view_number(m, view);	/* which may move the views */
	v = &m->views[number];
	if (v->candidates == NULL)
		v->candidates = gate_scan(m->gate, m->arena, v->view->text);
	return gate_may_match(v->candidates, pattern);
}

static void
add_candidates(struct match *m, uint64_t *set, const struct view *text,
    enum view_name name)
{
	const struct view *v;
	size_t i, number, words = gate_words(m->gate);

	for (v = view_get(text, name); v != NULL; v = v->next) {
		may_match(m, v, 0);
		number = view_number(m, v);
		for (i = 0; i < words; i++)
			set[i] |= m->views[number].candidates[i];
	}
}

/* The views of a pattern that names none (see is_looked_at). */
static bool
is_asked(const struct view *text, enum view_name name, bool has_bare)
{
	if (name == VIEW_FOLDED)
		return !view_is_folded(text);
	return name != VIEW_BARE || has_bare;
}

static void
add_all_candidates(struct match *m, uint64_t *set, struct view *const *texts,
    size_t count, bool has_bare)
{
	size_t i;
	int name;

	for (i = 0; i < count; i++)
		for (name = VIEW_TEXT; name < VIEW_COUNT; name++)
			if (is_asked(texts[i], (enum view_name)name, has_bare))
				add_candidates(m, set, texts[i],
				    (enum view_name)name);
}

static bool
has_unread(const struct message *msg)
{
	size_t i;

	for (i = 0; i < msg->parts.count; i++)
		if (msg->parts.list[i].reason != PART_READ)
			return true;
	return false;
}

void
match_anywhere(struct match *m, bool has_bare)
{
	const struct message *msg = m->letter->message;
	uint64_t *set;

	/* Who could not look into all of it may not say that something is nowhere. */
	if (m->gate == NULL || msg->parts.reason != PART_READ ||
	    msg->reason != PART_READ)
		return;
	m->has_unread = has_unread(msg);
	set = ARENA_ARRAY(m->arena, uint64_t, gate_words(m->gate));
	add_all_candidates(m, set, &msg->subject, msg->subject != NULL, has_bare);
	add_all_candidates(m, set, msg->texts, msg->text_count, has_bare);
	add_all_candidates(m, set, msg->names, msg->name_count, has_bare);
	add_all_candidates(m, set, msg->attachments, msg->attachment_count, has_bare);
	m->anywhere = set;
}

/*
 * Which exceptions take a hit away?  `text` and `folded` are one reading: what
 * is found in either counts for both, by the bytes of the part that it covers,
 * and for `bare`, which only says less.  It does not count the other way round:
 * "mat khau" without its tones proves nothing about a MẬT.  And each `legacy`
 * reading stands alone: else bytes that are a mark in one font could be excused
 * by what they happen to spell in another.
 */
static void
search_scope(struct search *s, const struct view *text)
{
	s->bytes = s->own = NOWHERE;
	if (s->view->name != VIEW_LEGACY)
		s->bytes = view_number(s->match, text);
	if (s->view->name == VIEW_LEGACY || s->view->name == VIEW_BARE)
		s->own = view_number(s->match, s->view);
}

/* The bytes of the part that ${hit} covers; an empty one stands on what follows it. */
static struct regex_hit
hit_bytes(const struct search *s, const struct regex_hit *hit)
{
	struct regex_hit bytes;

	view_locate(s->view, hit->start, hit->length, &bytes.start, &bytes.length);
	return bytes;
}

static size_t
hit_end(const struct regex_hit *hit)
{
	return hit->start + (hit->length == 0 ? 1 : hit->length);
}

static bool
overlaps_excuse(const struct match_hits *h, size_t view, struct regex_hit hit)
{
	size_t low = 0, high = h->excuse_count, middle;
	const struct excuse *x;

	while (low < high) {
		middle = low + (high - low) / 2;
		x = &h->excuses[middle];
		if (x->view < view || (x->view == view && x->end <= hit.start))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == h->excuse_count)
		return false;
	x = &h->excuses[low];
	return x->view == view && x->start < hit_end(&hit);
}

static bool
is_excused(const struct search *s, const struct regex_hit *hit)
{
	if (s->hits->excuse_count == 0)
		return false;
	if (s->own != NOWHERE && overlaps_excuse(s->hits, s->own, *hit))
		return true;
	return s->bytes != NOWHERE &&
	    overlaps_excuse(s->hits, s->bytes, hit_bytes(s, hit));
}

static void
add_excuse(struct search *s, const struct regex_hit *hit)
{
	struct match_hits *h = s->hits;
	size_t size = h->excuse_size == 0 ? 16 : 2 * h->excuse_size;
	struct regex_hit place = s->own != NOWHERE ? *hit : hit_bytes(s, hit);

	if (h->excuse_count == h->excuse_size) {
		h->excuses = arena_grow(s->match->arena, h->excuses,
		    h->excuse_size * sizeof(*h->excuses),
		    size * sizeof(*h->excuses));
		h->excuse_size = size;
	}
	h->excuses[h->excuse_count++] = (struct excuse){
	    s->own != NOWHERE ? s->own : s->bytes, place.start, hit_end(&place) };
}

static bool
is_fit(struct span capture)
{
	return capture.n <= CAPTURE_MAX &&
	    span_find_byte(capture, '\n') == capture.n &&
	    span_find_byte(capture, '\r') == capture.n;
}

/* The first hit names the document; one that does not fit leaves it nameless. */
static void
read_number(struct search *s)
{
	const struct regex *re = s->regex;
	const struct template_piece *t = s->hits->template;
	struct buffer b = { .arena = s->match->arena };
	struct span capture;

	if (t == NULL || s->hits->has_number || re == NULL ||
	    !regex_has_captures(re, t))
		return;
	s->hits->has_number = true;
	for (; t != NULL; t = t->next) {
		capture = t->literal;
		if (t->capture != NULL)
			capture = regex_capture(s->match->scratch,
			    regex_group(re, t->capture), s->view->text);
		if (t->capture != NULL && !is_fit(capture))
			return;
		buffer_add(&b, capture);
	}
	if (b.n <= NUMBER_MAX)
		s->hits->number = buffer_span(&b);
}

static void
keep(struct search *s, const struct regex_hit *hit)
{
	struct match_hits *h = s->hits;
	struct hit *new;

	if (h->hits == NULL)
		h->hits = ARENA_ARRAY(s->match->arena, struct hit, MATCH_KEPT);
	if (h->hit_count == MATCH_KEPT)
		return;
	new = &h->hits[h->hit_count++];
	new->part = s->view->part;
	new->view = s->title;
	new->text = span_sub(s->view->text, hit->start, hit->length);
	new->seen = s->view;
	new->start = hit->start;
}

static void
found(struct search *s, const struct regex_hit *hit)
{
	if (s->hits->is_except) {
		s->is_found = true;
		s->hits->places++;
		add_excuse(s, hit);
	} else if (!is_excused(s, hit)) {
		s->is_found = true;
		s->hits->places++;
		read_number(s);
		keep(s, hit);
	}
}

static enum truth
undecided(struct search *s, const char *reason)
{
	s->hits->reason = arena_print(s->match->arena, "%s", reason);
	return TRUTH_UNKNOWN;
}

/* 1 with the next hit, 0 at the end, -1 if it cannot be decided. */
static int
next(struct search *s, struct list_text *t, size_t *at, struct regex_hit *hit,
    struct err *e)
{
	int rc;

	if (s->predicate->comparison == COMPARE_HAS_LIST)
		return list_next(s->predicate->list, t, hit);
	rc = regex_next(s->regex, s->match->scratch, s->view->text,
	    *at, hit, e);
	if (rc == 1)
		*at = regex_after(s->view->text, hit);
	return rc;
}

static enum truth
search(struct search *s)
{
	struct list_text t = { .text = s->view->text };
	struct regex_hit hit;
	struct err e = { "" };
	size_t count, at = 0;
	int rc = 1;

	if (s->predicate->comparison == COMPARE_HAS_LIST)
		t.lower = view_lower(s->match, s->view);
	for (count = 0; count < MATCH_LOOKED_AT; count++) {
		if (at > s->view->text.n)
			rc = 0;
		else
			rc = next(s, &t, &at, &hit, &e);
		if (rc != 1)
			break;
		found(s, &hit);
	}
	/* An exception not read to its end might excuse more. */
	if (rc != 0 && (!s->is_found || s->hits->is_except))
		return undecided(s, rc < 0 ? e.text : "too many hits");
	return s->is_found ? TRUTH_YES : TRUTH_NO;
}

static enum truth
whole(struct search *s)
{
	struct span lower = list_lower(s->match->arena, s->view->text);
	struct regex_hit all = { 0, s->view->text.n };

	if (s->predicate->comparison == COMPARE_IN_LIST ?
	    list_has(s->predicate->list, lower) :
	    span_equal(s->predicate->lower, lower))
		found(s, &all);
	return s->is_found ? TRUTH_YES : TRUTH_NO;
}

/*
 * One reading of ${text}; without case where capitals mean nothing.  A hit says
 * the view that the rule names, even if folding changed nothing in it.
 */
static enum truth
match_view(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f, const struct view *text, const struct view *v)
{
	enum view_name name = f->has_view ? f->view : v->name;
	struct search s = { .match = m, .hits = h, .predicate = pr, .view = v,
	    .title = view_title(name) };

	if (pr->comparison == COMPARE_REGEX && !may_match(m, v, pr->pattern))
		return TRUTH_NO;
	s.regex = name == VIEW_LEGACY || name == VIEW_BARE ? pr->caseless : pr->regex;
	search_scope(&s, text);
	if (pr->comparison == COMPARE_REGEX || pr->comparison == COMPARE_HAS_LIST)
		return search(&s);
	return whole(&s);
}

static enum truth
match_views(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f, const struct view *text, enum view_name name)
{
	enum truth truth = TRUTH_NO;
	const struct view *v;

	if (name == VIEW_FOLDED && pr->comparison == COMPARE_REGEX && view_is_folded(text))
		name = VIEW_TEXT;
	for (v = view_get(text, name); v != NULL; v = v->next)
		truth = truth_or(truth, match_view(m, h, pr, f, text, v));
	return truth;
}

/* Lists and values are folded themselves, so that `folded` says all that `text` does. */
static bool
is_looked_at(const struct predicate *pr, const struct view *text, enum view_name name)
{
	bool is_pattern = pr->comparison == COMPARE_REGEX;

	switch (name) {
	case VIEW_TEXT:
		return is_pattern;
	case VIEW_FOLDED:
		return !is_pattern || !view_is_folded(text);
	case VIEW_BARE:
		return pr->is_bare;
	default:
		return true;
	}
}

static enum truth
match_all_views(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f, const struct view *text)
{
	enum truth truth = TRUTH_NO;
	int name;

	if (f->has_view)
		return match_views(m, h, pr, f, text, f->view);
	for (name = VIEW_TEXT; name < VIEW_COUNT; name++)
		if (is_looked_at(pr, text, (enum view_name)name))
			truth = truth_or(truth, match_views(m, h, pr, f, text,
			    (enum view_name)name));
	return truth;
}

static struct view **
header_views(struct match *m, const char *name, size_t *count)
{
	struct match_header *h;

	for (h = m->headers; h != NULL; h = h->next)
		if (span_is(span_of(h->name), name))
			break;
	if (h == NULL) {
		h = ARENA_NEW(m->arena, struct match_header);
		h->name = name;
		h->views = message_header_views(m->arena, m->letter->message,
		    name, &h->count);
		h->next = m->headers;
		m->headers = h;
	}
	*count = h->count;
	return h->views;
}

/* Is ${part} ("2/a.txt", "name:2") of the attachment that is asked about? */
static bool
is_about(const struct match *m, const struct field *f, const char *part)
{
	if (f->kind == FIELD_ATTACHMENT_TEXT)
		return match_is_within(m, part);
	return m->attachment == NULL ||
	    strcmp(part + strlen("name:"), m->attachment->path) == 0;
}

enum truth
match_text(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f)
{
	const struct message *msg = m->letter->message;
	struct view *subject[1] = { msg->subject }, **views = subject;
	bool is_attached = f->kind == FIELD_ATTACHMENT_NAME ||
	    f->kind == FIELD_ATTACHMENT_TEXT;
	size_t i, count = msg->subject != NULL;
	enum truth truth = TRUTH_NO;

	if (f->kind == FIELD_HEADER)
		views = header_views(m, f->header, &count);
	else if (f->kind == FIELD_TEXT) {
		views = msg->texts;
		count = msg->text_count;
	} else if (f->kind == FIELD_ATTACHMENT_NAME) {
		views = msg->names;
		count = msg->name_count;
	} else if (f->kind == FIELD_ATTACHMENT_TEXT) {
		views = msg->attachments;
		count = msg->attachment_count;
	}
	for (i = 0; i < count; i++) {
		if (is_attached && !is_about(m, f, views[i]->part))
			continue;
		truth = truth_or(truth, match_all_views(m, h, pr, f,
		    views[i]));
	}
	return truth;
}
