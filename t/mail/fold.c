/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "mail/fold.h"

Test(fold, a_tone_moves_within_a_pair)
{
	uint32_t other[2];

	cr_assert(fold_tone_pair((const uint32_t[]){ 'O', 0x1EA2 }, other));
	cr_expect_eq(other[0], 0x1ECE);
	cr_expect_eq(other[1], 'A');
	cr_expect(!fold_tone_pair((const uint32_t[]){ 'u', 0xE0 }, other));
	cr_expect(!fold_tone_pair((const uint32_t[]){ 'o', 'a' }, other));
}
