/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_OCR_H
#define EXTRACT_OCR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct err;

/*
 * Reading pictures of pages with Tesseract, an option: nothing of it is loaded, and
 * nothing needs it to be there, unless it is opened.  One per process, which has one
 * thread; helpers that are forked later have it, too.
 */

/* A picture in shades of grey, a byte for each dot, rows without a gap. */
struct ocr_picture {
	const unsigned char *dots;
	int width, height;
	int dots_per_inch;
};

/**
 * ocr_open(languages, e):
 * Load the library and the models of ${languages}, as Tesseract calls them ("vie",
 * "vie+eng").  Before a sandbox is shut.  Return 0, or -1 with the reason in ${e}.
 */
int ocr_open(const char *languages, struct err *e);

/** ocr_close(): Let go of the models; nothing if it is not open. */
void ocr_close(void);

/** ocr_is_open(): Can pictures be read? */
bool ocr_is_open(void);

/**
 * ocr_read(picture):
 * What stands in ${picture}, as UTF-8 with a line for each of its lines; NULL if it
 * could not be read.  free(3) it.
 */
char *ocr_read(const struct ocr_picture *picture);

#endif /* !EXTRACT_OCR_H */
