/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_XML_H
#define BASE_XML_H

#include <stdbool.h>

#include "base/span.h"

/* The one door to expat. */

struct xml_events {
	/* names without prefix; attributes as expat has them: name, value, ..., NULL */
	int (*start)(void *context, const char *name, const char **attributes);
	int (*end)(void *context, const char *name);
	int (*text)(void *context, struct span utf8);
	bool forbids_type;	/* a document type, and with it entities, is an error */
};

/**
 * xml_parse(bytes, events, context):
 * Read ${bytes}.  Return 0; 1 if an event returned non-zero; -1 if it is no
 * well-formed XML (events may have been seen), entities that swell and elements
 * 1,000 deep included.  Nothing outside of ${bytes} is read.
 */
int xml_parse(struct span bytes, const struct xml_events *events, void *context);

/** xml_attribute(attributes, name): The value of the attribute with this local name, or NULL. */
const char *xml_attribute(const char **attributes, const char *name);

#endif /* !BASE_XML_H */
