/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/stat.h>

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/regex.h"
#include "base/source.h"
#include "mail/message.h"
#include "mail/mime.h"
#include "policy/lexer.h"
#include "policy/policy.h"
#include "policy/verdict.h"

/*
 * usage: rules POLICY MAIL_FOLDER [LETTERS]
 * What it costs to bring a policy into force, beside PCRE2's own compile and JIT
 * of its patterns; and whether letters are judged as if every pattern were tried.
 */

#define ROUNDS 3

static double
cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct policy *
compile(const char *path, double *took_s)
{
	struct err e;
	struct faults f = { 0 };
	struct sources *set = sources_open(path, ".policy", &e);
	struct policy *p;

	if (set == NULL) {
		fprintf(stderr, "%s\n", e.text);
		exit(EXIT_FAILURE);
	}
	*took_s = cpu_s();
	p = policy_compile(set, &f);
	*took_s = cpu_s() - *took_s;
	if (p == NULL) {
		faults_print(&f, stderr, true);
		exit(EXIT_FAILURE);
	}
	faults_end(&f);
	sources_free(set);
	return p;
}

static unsigned
flags_of(struct span letters)
{
	unsigned flags = 0;
	size_t i;

	for (i = 0; i < letters.n; i++)
		flags |= 1u << (strchr("imsx", letters.p[i]) - "imsx");
	return flags;
}

/* All patterns of the file, compiled by PCRE2 and nothing else. */
static double
compile_patterns(const char *path, size_t *count)
{
	struct arena *a = arena_new();
	struct faults f = { 0 };
	struct err e;
	struct sources *set = sources_open(path, ".policy", &e);
	const struct token *t;
	struct regex **all;
	size_t n, i, offset;
	double took_s;

	must(set != NULL);
	t = lexer_run(a, set->first, &f, &n);
	all = ARENA_ARRAY(a, struct regex *, n + 1);
	*count = 0;
	took_s = cpu_s();
	for (i = 0; i < n; i++)
		if (t[i].kind == TOKEN_REGEX)
			all[(*count)++] = regex_compile(t[i].text,
			    flags_of(t[i].flags), &offset, &e);
	took_s = cpu_s() - took_s;
	for (i = 0; i < *count; i++)
		regex_free(all[i]);
	faults_end(&f);
	sources_free(set);
	arena_free(a);
	return took_s;
}

static bool
activation(const char *path)
{
	double ours = 0, theirs = 0, one;
	size_t n = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		theirs += compile_patterns(path, &n);
		policy_free(compile(path, &one));
		ours += one;
	}
	printf("activation of %zu patterns: %.1f times PCRE2's own compile and JIT "
	    "(want 5) %s\n", n, ours / theirs,
	    ours <= 5 * theirs ? "ok" : "TOO SLOW");
	return ours <= 5 * theirs;
}

static bool
same_rule(const struct rule_result *x, const struct rule_result *y)
{
	size_t i, offset[2], length[2];

	if (x->truth != y->truth || x->hit_count != y->hit_count)
		return false;
	for (i = 0; i < x->hit_count; i++) {
		hit_place(&x->hits[i], &offset[0], &length[0]);
		hit_place(&y->hits[i], &offset[1], &length[1]);
		if (offset[0] != offset[1] || length[0] != length[1] ||
		    strcmp(x->hits[i].part, y->hits[i].part) != 0 ||
		    strcmp(x->hits[i].view, y->hits[i].view) != 0)
			return false;
	}
	return true;
}

static const struct verdict *
judge(const struct policy *p, const struct letter *l, struct arena *a)
{
	struct regex_scratch *s = regex_scratch_new(0, 0);
	const struct verdict *v = policy_judge(p, l, a, s);

	regex_scratch_free(s);
	return v;
}

/* How many hits the letter has; the number of rules that differ is added. */
static size_t
compare(const struct policy *gated, const struct policy *plain, struct span raw,
    size_t *differ)
{
	static const struct message_limits limits = {
		.mime = { 1000, 50, 1 << 20, 2000 }, .text_bytes = 1 << 24,
	};
	struct arena *a = arena_new();
	struct span to = span_of("phongcntt.hanoi@moet.edu.vn");
	struct letter l = { .sender = span_of("vp@moet.edu.vn"), .recipients = &to,
	    .recipient_count = 1, .is_authenticated = true,
	    .now_ms = clock_now_ms(), .message = message_read(a, raw, &limits) };
	const struct verdict *v = judge(gated, &l, a), *w = judge(plain, &l, a);
	size_t i, hits = 0;

	for (i = 0; i < v->rule_count; i++) {
		*differ += !same_rule(&v->rules[i], &w->rules[i]);
		hits += w->rules[i].hit_count;
	}
	arena_free(a);
	return hits;
}

static char *
read_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *bytes;

	must(f != NULL && fstat(fileno(f), &st) == 0);
	bytes = malloc((size_t)st.st_size + 1);
	must(bytes != NULL);
	*n = fread(bytes, 1, (size_t)st.st_size, f);
	fclose(f);
	return bytes;
}

static bool
equality(const char *path, const char *folder, size_t most)
{
	struct policy *gated, *plain;
	size_t letters = 0, hits = 0, differ = 0, n;
	char where[1000], *bytes;
	struct dirent *one;
	double took_s;
	DIR *d = opendir(folder);

	must(d != NULL);
	gated = compile(path, &took_s);
	plain = compile(path, &took_s);
	policy_ungate(plain);
	while (letters < most && (one = readdir(d)) != NULL) {
		snprintf(where, sizeof(where), "%s/%s", folder, one->d_name);
		if (strstr(one->d_name, ".eml") == NULL)
			continue;
		bytes = read_file(where, &n);
		hits += compare(gated, plain, (struct span){ bytes, n }, &differ);
		free(bytes);
		letters++;
	}
	closedir(d);
	policy_free(gated);
	policy_free(plain);
	printf("%zu letters: %zu hits, %zu results differ from plain evaluation %s\n",
	    letters, hits, differ, differ == 0 && hits != 0 ? "ok" : "WRONG");
	return differ == 0 && hits != 0;
}

int
main(int argc, char **argv)
{
	bool is_good;

	if (argc < 3) {
		fprintf(stderr, "usage: rules POLICY MAIL_FOLDER [LETTERS]\n");
		return 2;
	}
	mime_init();
	is_good = activation(argv[1]);
	is_good &= equality(argv[1], argv[2], argc > 3 ? (size_t)atoi(argv[3]) : 20);
	return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
