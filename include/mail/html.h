/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_HTML_H
#define MAIL_HTML_H

#include "base/arena.h"
#include "base/span.h"

struct map;

/**
 * html_text(a, html, m):
 * What a reader sees of ${html} (UTF-8): entities decoded, comments, scripts,
 * styles, head's title and elements hidden by attribute, inline style or a plain rule of a
 * <style> left out (what is in doubt is shown: whose end a browser may see elsewhere,
 * as that of a cell, a list or a paragraph; what a style that is not understood may
 * show), letters in capitals where a style shows them so, blocks and <br> as line
 * ends, cells as tabs, inline tags without a trace, runs of blanks one blank (but not
 * in <pre>), no blanks at the ends of lines.  ${m} gets the way back.
 */
struct span html_text(struct arena *a, struct span html, struct map *m);

#endif /* !MAIL_HTML_H */
