/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "policy/urgency.h"

#include "letter.h"

static enum urgency
of(const char *subject, const char *body)
{
	struct arena *a = arena_new();
	struct letter l = letter_with(a, subject, body);
	enum urgency u = urgency_of(l.message);

	arena_free(a);
	return u;
}

Test(urgency, every_class_has_a_name_that_parses_back)
{
	struct arena *a = arena_new();
	int i;

	for (i = 0; i < URGENCY_COUNT; i++)
		cr_assert_eq(urgency_parse(a, span_of(urgency_names[i])), i);
	cr_assert_eq(urgency_parse(a, span_of("Hoả tốc")), URGENCY_HOA_TOC);
	cr_assert_eq(urgency_parse(a, span_of("THƯỢNG KHẨN")), URGENCY_THUONG_KHAN);
	cr_assert_eq(urgency_parse(a, span_of("khẩn cấp")), URGENCY_COUNT);
	arena_free(a);
}

Test(urgency, a_mark_stands_alone_on_its_line)
{
	cr_assert_eq(of("x", "KHẨN\nKính gửi"), URGENCY_KHAN);
	cr_assert_eq(of("x", "Kính gửi\n  [ HỎA   TỐC ]\n"), URGENCY_HOA_TOC);
	cr_assert_eq(of("x", "HOẢ TỐC"), URGENCY_HOA_TOC);
	cr_assert_eq(of("x", "THƯỢNG KHẨN."), URGENCY_THUONG_KHAN);
	cr_assert_eq(of("x", "HỎA TỐC HẸN GIỜ 16 giờ 30"), URGENCY_HOA_TOC_HEN_GIO);
	cr_assert_eq(of("x", "KHẨN\nHỎA TỐC"), URGENCY_HOA_TOC);
}

Test(urgency, a_mark_in_a_subject_is_in_front_or_in_brackets)
{
	cr_assert_eq(of("[KHẨN] Công văn 12", "x"), URGENCY_KHAN);
	cr_assert_eq(of("HỎA TỐC: Công văn", "x"), URGENCY_HOA_TOC);
	cr_assert_eq(of("Công văn (THƯỢNG KHẨN)", "x"), URGENCY_THUONG_KHAN);
	cr_assert_eq(of("KHẨN CẤP ứng phó bão", "x"), URGENCY_THUONG);
	cr_assert_eq(of("Tỉnh KHẨN: họp", "x"), URGENCY_THUONG);
}

Test(urgency, the_same_words_in_a_sentence_are_none)
{
	cr_assert_eq(of("x", "Đề nghị các đơn vị KHẨN trương"), URGENCY_THUONG);
	cr_assert_eq(of("x", "KHẨN CẤP"), URGENCY_THUONG);
	cr_assert_eq(of("x", "khẩn"), URGENCY_THUONG);
	cr_assert_eq(of("x", "văn bản hỏa tốc"), URGENCY_THUONG);
}
