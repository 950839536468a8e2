/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/err.h"

#include "policy/literal.h"
#include "gate_internal.h"

/* No character beyond this has an upper or a lower case. */
#define CASED_CODES 0x20000

static uint16_t *
place(struct alphabet *b, uint32_t code)
{
	uint16_t **page = &b->pages[code >> 8];

	if (*page == NULL)
		*page = ARENA_ARRAY(b->arena, uint16_t, 256);
	return &(*page)[code & 0xff];
}

static void
add_variant(struct alphabet *b, uint16_t class, uint32_t code)
{
	if (class == ALPHABET_BLANK)
		return;		/* no window holds one */
	must(b->variant_counts[class] < ALPHABET_VARIANTS);
	b->variants[class][b->variant_counts[class]++] = code;
}

static void
make_room(struct alphabet *b)
{
	size_t size = b->size == 0 ? 64 : 2 * b->size;

	if (b->class_count + 2 < b->size)
		return;
	b->variants = arena_grow(b->arena, b->variants,
	    b->size * sizeof(*b->variants), size * sizeof(*b->variants));
	b->variant_counts = arena_grow(b->arena, b->variant_counts, b->size, size);
	b->size = size;
}

uint16_t
alphabet_add(struct alphabet *b, uint32_t code)
{
	uint16_t *class;

	make_room(b);
	if (b->class_count == 0) {
		b->class_count = ALPHABET_BLANK + 1;
		*place(b, ' ') = ALPHABET_BLANK;
	}
	class = place(b, code);
	if (*class != 0 || b->class_count == ALPHABET_CLASSES)
		return *class;
	*class = (uint16_t)b->class_count++;
	b->variant_counts[*class] = 0;
	add_variant(b, *class, code);
	return *class;
}

void
alphabet_close(struct alphabet *b)
{
	uint32_t code, folded;
	uint16_t class;

	for (code = 0; code < CASED_CODES; code++) {
		folded = literal_fold(code);
		if (folded == code || (class = alphabet_class(b, folded)) == 0)
			continue;
		*place(b, code) = class;
		add_variant(b, class, code);
	}
}
