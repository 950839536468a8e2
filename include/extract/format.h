/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_FORMAT_H
#define EXTRACT_FORMAT_H

#include "base/span.h"

struct sink;

/*
 * A kind of document and how its text is got out.  Formats run in the sandbox:
 * no file is there to open, memory and time end early, and a crash costs the
 * document alone.
 */
struct format {
	const char *type;	/* "application/pdf" */
	/*
	 * Write the text of ${bytes} and what is inside to ${out}.  0; or -1 if it
	 * could not be read: PART_DAMAGED, unless sink_reason said why.
	 */
	int (*extract)(struct span bytes, struct sink *out);
	void (*warm)(void);	/* load what the library loads once; may be NULL */
};

extern const struct format format_archive, format_doc, format_eml, format_html,
    format_odf, format_ooxml, format_pdf, format_pgp, format_rtf, format_smime,
    format_text, format_tnef, format_xls;

/**
 * format_find(bytes, name, type):
 * Whose format ${bytes} are, judged by the bytes; ${name} only tells apart what
 * the bytes do not.  Sets ${type} in any case, to a string that stays.  NULL:
 * nobody reads that type.
 */
const struct format *format_find(struct span bytes, struct span name, const char **type);

/** format_warm(): Warm every format; once, in the fork server. */
void format_warm(void);

#endif /* !EXTRACT_FORMAT_H */
