/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/clock.h"
#include "extract/client.h"
#include "extract/finding.h"
#include "extract/kind.h"
#include "mail/message.h"

#include "extract/attachment.h"

/* A message on its way through the helpers. */
struct round {
	struct client *client;
	struct arena *arena;
	struct message *message;
	struct sink_limits left;	/* text and members shrink */
	size_t attachments_left;
	int64_t deadline_ms;
};

static bool
is_shown(const struct part *p)
{
	return p->reason == PART_READ && strncmp(p->type, "text/", 5) == 0;
}

/* A body that every reader shows as the text it is. */
static bool
is_body(const struct part *p)
{
	return is_shown(p) && !p->is_attachment &&
	    (strcmp(p->type, "text/plain") == 0 || strcmp(p->type, "text/html") == 0);
}

/* What has parts of its own, or was given up before, is not looked into. */
static bool
is_candidate(const struct part *p)
{
	return !p->is_container && !p->is_inside && !is_body(p) &&
	    (p->reason == PART_READ || p->reason == PART_UNSUPPORTED);
}

bool
attachments_are_there(const struct message *m)
{
	size_t i;

	for (i = 0; i < m->parts.count; i++)
		if (is_candidate(&m->parts.list[i]))
			return true;
	return false;
}

static void
add_text(struct round *r, const char *path, const struct finding *f)
{
	size_t *left = &r->left.text_bytes;

	if (f->text.n == 0)
		return;
	*left -= f->text.n < *left ? f->text.n : *left;
	message_add_text(r->arena, r->message, path, f->text);
}

/* What is inside of the attachment ${path}, as a part of its own. */
static void
add_inside(struct round *r, const char *path, const struct finding *f)
{
	struct part p = {
		.path = arena_print(r->arena, "%s/%s", path, f->path),
		.type = f->type,
		.true_type = f->type,
		.name = f->name,
		.size = f->size,
		.is_attachment = true,
		.is_inside = true,
		.reason = f->reason,
	};

	r->left.members -= r->left.members != 0;
	message_add_part(r->arena, r->message, &p);
	add_text(r, p.path, f);
}

/* ${p} moves when parts are added: it is filled first. */
static void
look_into(struct round *r, struct part *p, struct span bytes)
{
	const char *path = p->path;
	struct findings f;
	size_t i;

	client_extract(r->client, r->arena, p->name, bytes, &r->left,
	    r->deadline_ms, &f);
	p->true_type = f.list[0].type;
	p->reason = f.list[0].reason;
	add_text(r, path, &f.list[0]);
	for (i = 1; i < f.count; i++)
		add_inside(r, path, &f.list[i]);
}

static void
look_at(struct round *r, struct part *p)
{
	struct span bytes = part_decode(r->arena, p);

	p->size = bytes.n;
	if (is_shown(p) && !kind_is_document(bytes))
		return;		/* it is text, and is read as such */
	p->true_type = bytes.n != 0 ? kind_opaque(bytes) : "application/x-empty";
	if (p->true_type != NULL) {
		p->reason = PART_READ;
	} else if (r->attachments_left == 0) {
		p->reason = PART_SIZE;
	} else {
		r->attachments_left--;
		look_into(r, p, bytes);
	}
}

void
attachments_extract(struct client *c, struct arena *a, struct message *m)
{
	const struct client_limits *l = client_limits(c);
	struct round r = { c, a, m, l->sink, l->attachments,
	    clock_monotonic_ms() + l->message_time_ms };
	size_t i, count = m->parts.count;

	for (i = 0; i < count; i++)
		if (is_candidate(&m->parts.list[i]))
			look_at(&r, &m->parts.list[i]);
}
