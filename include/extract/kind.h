/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_KIND_H
#define EXTRACT_KIND_H

#include <stdbool.h>

#include "base/span.h"

/*
 * What the first bytes of a file say, seen from outside of the sandbox: is it
 * worth a helper?  Only fixed marks at fixed places are looked at; no parser.
 */

/** kind_opaque(bytes): The type of a picture, sound, film or font: no text to miss; NULL if it is none. */
const char *kind_opaque(struct span bytes);

/** kind_is_document(bytes): Does it begin as a document or an archive, whatever it is declared? */
bool kind_is_document(struct span bytes);

#endif /* !EXTRACT_KIND_H */
