/* SPDX-License-Identifier: BSD-2-Clause */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#include "extract/ocr.h"

#define LIBRARY "libtesseract.so.5"

/*
 * Tesseract's interface for C, as far as it is used: the door is here, and not in a
 * header of its own, for without OCR it need not be installed.
 */
struct tesseract {
	void *engine;
	void *(*create)(void);
	int (*init)(void *engine, const char *folder, const char *languages);
	void (*set_image)(void *engine, const unsigned char *dots, int width, int height,
	    int bytes_per_dot, int bytes_per_row);
	void (*set_resolution)(void *engine, int dots_per_inch);
	char *(*get_text)(void *engine);
	void (*delete_text)(const char *text);
	void (*clear)(void *engine);
	void (*delete)(void *engine);
};

/* Models are read where files can be opened, and used where they cannot. */
static struct tesseract tesseract;

static int
find(void *library, const char *name, void *function, size_t size, struct err *e)
{
	void *found = dlsym(library, name);

	if (found == NULL)
		return err_set(e, "%s has no %s", LIBRARY, name);
	memcpy(function, &found, size);
	return 0;
}

#define FIND(field, name) \
	(find(library, name, &t->field, sizeof(t->field), e) == 0)

static int
find_all(struct tesseract *t, void *library, struct err *e)
{
	return FIND(create, "TessBaseAPICreate") && FIND(init, "TessBaseAPIInit3") &&
	    FIND(set_image, "TessBaseAPISetImage") &&
	    FIND(set_resolution, "TessBaseAPISetSourceResolution") &&
	    FIND(get_text, "TessBaseAPIGetUTF8Text") &&
	    FIND(delete_text, "TessDeleteText") &&
	    FIND(clear, "TessBaseAPIClear") &&
	    FIND(delete, "TessBaseAPIDelete") ? 0 : -1;
}

int
ocr_open(const char *languages, struct err *e)
{
	struct tesseract t = { 0 };
	void *library;

	if (tesseract.engine != NULL)
		return 0;
	/* Its threads would be more than one, and in a helper none can be made. */
	setenv("OMP_THREAD_LIMIT", "1", 1);
	if ((library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL)) == NULL)
		return err_set(e, "OCR: %s (Debian: tesseract-ocr)", dlerror());
	if (find_all(&t, library, e) < 0)
		return err_prefix(e, "OCR");
	must((t.engine = t.create()) != NULL);
	if (t.init(t.engine, NULL, languages) != 0) {
		t.delete(t.engine);
		return err_set(e, "OCR: no model for '%s' (Debian: tesseract-ocr-%s)",
		    languages, languages);
	}
	tesseract = t;
	return 0;
}

void
ocr_close(void)
{
	if (tesseract.engine != NULL)
		tesseract.delete(tesseract.engine);
	tesseract.engine = NULL;
}

bool
ocr_is_open(void)
{
	return tesseract.engine != NULL;
}

char *
ocr_read(const struct ocr_picture *p)
{
	const struct tesseract *t = &tesseract;
	char *text, *copy = NULL;

	if (!ocr_is_open())
		return NULL;
	t->set_image(t->engine, p->dots, p->width, p->height, 1, p->width);
	t->set_resolution(t->engine, p->dots_per_inch);
	if ((text = t->get_text(t->engine)) != NULL)
		copy = strdup(text);
	t->delete_text(text);
	t->clear(t->engine);
	return copy;
}
