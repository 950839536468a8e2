/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mail/charset.h"
#include "mail/html.h"
#include "mail/unicode.h"

#include "mail/view.h"

#define META_BYTES 1024		/* browsers look no further either */

const char *
view_title(enum view_name name)
{
	static const char *const titles[VIEW_COUNT] = { [VIEW_TEXT] = "text" };

	return titles[name];
}

static struct view *
view_new(struct arena *a, const char *part)
{
	struct view *v = ARENA_NEW(a, struct view);

	v->name = VIEW_TEXT;
	v->part = part;
	v->map.arena = a;
	return v;
}

/* The charset that a page without a label names itself (HTML 13.2.3.2). */
static struct span
meta_charset(struct span html)
{
	struct span head = span_sub(html, 0, META_BYTES), value;
	size_t at, n;

	for (at = 0; at < head.n; at++)
		if ((head.p[at] | 0x20) == 'c' &&
		    span_starts_nocase(span_sub(head, at, 8), "charset="))
			break;
	value = span_sub(head, at + 8, head.n);
	while (value.n != 0 && (value.p[0] == '"' || value.p[0] == '\'' || value.p[0] == ' '))
		value = span_sub(value, 1, value.n);
	for (n = 0; n < value.n && strchr("\"'> ;/", value.p[n]) == NULL; n++)
		continue;
	return span_sub(value, 0, n);
}

struct view *
view_of_text(struct arena *a, const char *part, struct span text)
{
	struct view *v = view_new(a, part);

	v->text = unicode_readable(a, text, &v->map);
	return v;
}

struct view *
view_of_part(struct arena *a, const char *part, struct span decoded, struct span charset,
    int is_html)
{
	struct view *v = view_new(a, part);
	struct map bytes = { .arena = a }, html = { .arena = a };
	struct span text;

	if (is_html && charset.n == 0)
		charset = meta_charset(decoded);
	text = charset_decode(a, charset, decoded, &bytes);
	if (is_html) {
		text = html_text(a, text, &html);
		map_compose(&bytes, &html);
		bytes = html;
	}
	v->text = unicode_readable(a, text, &v->map);
	map_compose(&bytes, &v->map);
	return v;
}

void
view_locate(const struct view *v, size_t start, size_t length, size_t *offset,
    size_t *width)
{
	map_back(&v->map, start, length, offset, width);
}
