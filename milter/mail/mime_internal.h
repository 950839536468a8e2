/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_MIME_INTERNAL_H
#define MAIL_MIME_INTERNAL_H

#include <stdbool.h>

#include "mail/mime.h"

/** mime_is_bounded(raw, limits): Is ${raw} small enough in lines for the parser to see it? */
bool mime_is_bounded(struct span raw, const struct mime_limits *limits);

/** part_type(a, h): The declared type in lower case; "text/plain" if there is none or it is no type. */
const char *part_type(struct arena *a, const struct headers *h);

/** part_type_is_container(type): Is it multipart or a whole message? */
bool part_type_is_container(const char *type);

/** part_fill(a, p): Complete ${p}, whose headers, type and raw bytes are set. */
void part_fill(struct arena *a, struct part *p);

#endif /* !MAIL_MIME_INTERNAL_H */
