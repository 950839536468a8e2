/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "extract/kind.h"

#define SPAN(text) ((struct span){ text, sizeof(text) - 1 })

Test(kind, pictures_and_sounds_have_no_text_to_miss)
{
	cr_expect_str_eq(kind_opaque(SPAN("\x89PNG\r\n\x1A\n....")), "image/png");
	cr_expect_str_eq(kind_opaque(SPAN("RIFF1234WEBPVP8 ")), "image/webp");
	cr_expect_null(kind_opaque(SPAN("PK\3\4")));
	cr_expect_null(kind_opaque(SPAN("\x89PN")));
	cr_expect_null(kind_opaque(SPAN("")));
}

Test(kind, a_picture_that_is_a_pdf_as_well_is_looked_into)
{
	cr_expect_null(kind_opaque(SPAN("\xFF\xD8\xFF....%PDF-1.4")));
}

Test(kind, a_document_is_known_by_its_beginning_and_a_text_is_none)
{
	cr_expect(kind_is_document(SPAN("PK\3\4")));
	cr_expect(kind_is_document(SPAN("{\\rtf1 x}")));
	cr_expect(kind_is_document(SPAN("BZh91AY&SY")));
	cr_expect_not(kind_is_document(SPAN("PK, thân gửi")));
	cr_expect_not(kind_is_document(SPAN("see %PDF-1.4")));
	cr_expect_not(kind_is_document(SPAN("")));
}
