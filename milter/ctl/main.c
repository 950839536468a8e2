/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/ioctl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"

#include "verb_internal.h"

#define CONFIG_FILE SYSCONFDIR "/vanthu/vanthu.conf"

static const struct verb *const verbs[] = {
	&verb_receipts, &verb_show, &verb_policy, &verb_inspect, &verb_status,
	&verb_reload, &verb_keys, &verb_ack, &verb_units, &verb_watch,
	&verb_export, &verb_import, &verb_prune,
	&verb_backup, &verb_verify, &verb_metrics,
	&verb_report, &verb_held, &verb_doctor,
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void
usage(FILE *out)
{
	size_t i;

	fprintf(out, "usage: milterctl [-c FILE] [--no-color] VERB ...\n\n");
	for (i = 0; i < VERBS; i++)
		fprintf(out, "  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
	fprintf(out, "\n"
	    "  -c FILE    configuration (default %s)\n"
	    "  --help, --version; milterctl VERB --help tells more\n\n"
	    "example: milterctl receipts --since 7d --state failed\n",
	    CONFIG_FILE);
}

static void
look_at_terminal(struct context *ctx)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size = { 0 };

	if (!isatty(STDOUT_FILENO))
		return;
	ctx->width = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		ctx->width = size.ws_col;
	ctx->has_color = (none == NULL || none[0] == '\0') && term != NULL &&
	    strcmp(term, "dumb") != 0;
}

static int
unknown_verb(const char *word)
{
	const char *names[VERBS + 1], *near;
	size_t i;

	for (i = 0; i < VERBS; i++)
		names[i] = verbs[i]->name;
	names[VERBS] = NULL;
	if ((near = fault_suggest(span_of(word), names)) != NULL)
		return fail(STATUS_USAGE, "unknown verb '%s' (did you mean '%s'?)",
		    word, near);
	return fail(STATUS_USAGE, "unknown verb '%s'; see: milterctl --help",
	    word);
}

/* Is ${word} among the options, before a "--"? */
static bool
has_option(int argc, char **argv, const char *word)
{
	int i;

	for (i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], word) == 0)
			return true;
	}
	return false;
}

static int
run(const struct verb *verb, struct context *ctx, int argc, char **argv)
{
	struct arena *a;
	int status;

	if (has_option(argc, argv, "--help") || has_option(argc, argv, "-h")) {
		fputs(verb->help, stdout);
		return STATUS_FINE;
	}
	if (has_option(argc, argv, "--no-color"))
		ctx->has_color = false;
	a = arena_new();
	status = verb->run(ctx, a, argc, argv);
	arena_free(a);
	return status;
}

static int
dispatch(struct context *ctx, int argc, char **argv)
{
	size_t i;

	if (argc == 0) {
		usage(stderr);
		return STATUS_USAGE;
	}
	for (i = 0; i < VERBS; i++) {
		if (strcmp(argv[0], verbs[i]->name) == 0)
			return run(verbs[i], ctx, argc - 1, argv + 1);
	}
	return unknown_verb(argv[0]);
}

/* Options before the verb.  -1 go on at ${*i}, else the exit status. */
static int
read_globals(int argc, char **argv, int *i, struct context *ctx)
{
	for (*i = 1; *i < argc && argv[*i][0] == '-'; ++*i) {
		const char *word = argv[*i];

		if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			usage(stdout);
			return STATUS_FINE;
		} else if (strcmp(word, "--version") == 0 ||
		    strcmp(word, "-V") == 0) {
			printf("milterctl %s\n", PACKAGE_VERSION);
			return STATUS_FINE;
		} else if (strcmp(word, "--no-color") == 0) {
			ctx->has_color = false;
		} else if (strncmp(word, "-c", 2) == 0) {
			if (word[2] == '\0' && *i + 1 == argc)
				return fail(STATUS_USAGE, "-c needs a file");
			ctx->config_path = word[2] != '\0' ? word + 2 : argv[++*i];
			ctx->is_config_named = true;
		} else
			return fail(STATUS_USAGE, "unknown option %s; see: "
			    "milterctl --help", word);
	}
	return -1;
}

int
main(int argc, char **argv)
{
	struct context ctx = { .config_path = CONFIG_FILE };
	int i, status;

	look_at_terminal(&ctx);
	status = read_globals(argc, argv, &i, &ctx);
	if (status < 0)
		status = dispatch(&ctx, argc - i, argv + i);
	if ((fflush(stdout) != 0 || ferror(stdout)) && status != STATUS_USAGE)
		status = fail(STATUS_UNREACHABLE, "cannot write the answer");
	return status;
}
