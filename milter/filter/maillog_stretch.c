/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "maillog_internal.h"

const struct followed *
stretch_find(const struct stretch *s, const struct logline *l)
{
	for (size_t i = s->followed_count; i > 0; i--) {
		const struct followed *f = &s->followed[i - 1];

		if (span_equal(f->queue_id, l->queue_id) &&
		    span_equal(f->instance, l->instance))
			return f;
	}
	return NULL;
}

void
stretch_follow(struct stretch *s, const struct followed *f)
{
	struct followed *copy;

	if (s->followed_count == s->followed_size) {
		size_t size = 2 * s->followed_size + 64;

		s->followed = arena_grow(s->arena, s->followed,
		    s->followed_size * sizeof(*s->followed),
		    size * sizeof(*s->followed));
		s->followed_size = size;
	}
	copy = &s->followed[s->followed_count++];
	*copy = *f;
	copy->queue_id = arena_copy(s->arena, f->queue_id);
	copy->instance = arena_copy(s->arena, f->instance);
	copy->origin_id = arena_copy(s->arena, f->origin_id);
}

struct finding *
stretch_add(struct stretch *s, const struct docid *id, struct span recipient)
{
	struct finding *f;

	if (s->finding_count == s->finding_size) {
		size_t size = 2 * s->finding_size + 64;

		s->findings = arena_grow(s->arena, s->findings,
		    s->finding_size * sizeof(*s->findings),
		    size * sizeof(*s->findings));
		s->finding_size = size;
	}
	f = &s->findings[s->finding_count++];
	*f = (struct finding){ .id = *id,
	    .recipient = arena_copy(s->arena, recipient) };
	return f;
}

static bool
is_done_code(enum evidence_code c)
{
	return c == CODE_SENT_NEXT_HOP || c == CODE_SENT_LOCAL || c == CODE_BOUNCED;
}

void
stretch_complete(const struct stretch *s, const struct docid *id,
    struct followed_recipient *r)
{
	for (size_t i = 0; i < s->finding_count; i++) {
		const struct finding *f = &s->findings[i];
		enum evidence_code code = f->evidence.code;

		if (memcmp(f->id.uuid, id->uuid, sizeof(id->uuid)) != 0 ||
		    !span_equal(f->recipient, r->address))
			continue;
		r->has_status |= is_done_code(code) || code == CODE_DEFERRED;
		r->is_done |= is_done_code(code);
	}
}

/* The same was said already in this stretch: for an alias by any member. */
bool
stretch_has(const struct stretch *s, const struct docid *id,
    struct span address, const struct evidence *ev, bool is_alias)
{
	for (size_t i = s->finding_count; i > 0; i--) {
		const struct finding *f = &s->findings[i - 1];

		if (f->evidence.source != SOURCE_LOG ||
		    memcmp(f->id.uuid, id->uuid, sizeof(id->uuid)) != 0 ||
		    !span_equal(f->recipient, address) ||
		    f->evidence.code != ev->code)
			continue;
		return is_alias || memcmp(f->evidence.digest, ev->digest,
		    sizeof(ev->digest)) == 0;
	}
	return false;
}
