/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_HTML_INTERNAL_H
#define MAIL_HTML_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/** html_entity(s, code): The reference at the start of ${s} ("&"); return its length or 0. */
size_t html_entity(struct span s, uint32_t *code);

/* One tag, from "<" to ">". */
struct tag {
	struct span name;
	char lower[12];		/* the name in lower case, cut */
	size_t end;		/* behind its ">" */
	bool is_end;		/* "</..." */
	bool is_hidden;		/* for good: hidden, display:none */
	bool is_displayed;	/* it has a display other than none */
	int font;		/* 1 shown, 0 says nothing, -1 font-size:0 */
	int opacity;		/* 1 shown, 0 says nothing, -1 none */
	int visibility;		/* 1 visible, 0 says nothing, -1 hidden */
};

/* What is known to fail from here on, so that nothing is looked for twice. */
struct scan {
	bool ignores_quotes;
	bool no_greater;
};

/** tag_parse(s, at, scan, t): Read the tag at ${at}; false if it has no end. */
bool tag_parse(struct span s, size_t at, struct scan *scan, struct tag *t);

#endif /* !MAIL_HTML_INTERNAL_H */
