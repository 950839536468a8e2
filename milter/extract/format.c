/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/charset.h"

#include "extract/format.h"

static const struct format *const formats[] = { &format_text };

const struct format *
format_find(struct span bytes, struct span name, const char **type)
{
	(void)name;
	*type = "application/octet-stream";
	if (span_find_byte(bytes, '\0') != bytes.n || !charset_is_utf8(bytes))
		return NULL;
	*type = format_text.type;
	return &format_text;
}

void
format_warm(void)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i]->warm != NULL)
			formats[i]->warm();
}
