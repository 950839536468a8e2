/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/glob.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* The last star alone is kept: the one before it had its shortest match. */
bool
glob_matches(struct span pattern, struct span s)
{
	size_t p = 0, i = 0, star = pattern.n, back = 0;

	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			back = i;
		} else if (p < pattern.n && lower(pattern.p[p]) == lower(s.p[i])) {
			p++;
			i++;
		} else if (star != pattern.n) {
			p = star + 1;
			i = ++back;
		} else
			return false;
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

bool
glob_is(struct span s)
{
	return span_find_byte(s, '*') != s.n;
}
