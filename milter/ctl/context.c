/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "ctl/options.h"
#include "extract/attachment.h"
#include "extract/client.h"
#include "extract/ocr.h"
#include "extract/server.h"
#include "ledger/store.h"
#include "mail/mime.h"
#include "policy/policy.h"

#include "verb_internal.h"

int
fail_usage(const char *verb, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "milterctl %s: ", verb);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "\nsee: milterctl %s --help\n", verb);
	return STATUS_USAGE;
}

int
fail(int status, const char *format, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "milterctl: ");
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	putc('\n', stderr);
	return status;
}

int
verb_options(const char *verb, struct arena *a, const struct option_rule *known,
    int argc, char **argv, struct options *o)
{
	struct err e;

	if (options_parse(a, known, argc, argv, o, &e) < 0)
		return fail_usage(verb, "%s", e.text);
	return 0;
}

static bool
is_missing(const char *path)
{
	return access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

static int
report(const struct faults *f, const struct err *e)
{
	faults_print(f, stderr, true);
	if (e->text[0] != '\0')
		return fail(STATUS_UNREACHABLE, "%s", e->text);
	return STATUS_USAGE;
}

int
context_config(const struct context *ctx, bool is_needed, struct config *c)
{
	struct faults f = { 0 };
	struct err e = { "" };
	int status = STATUS_FINE;

	if (!ctx->is_config_named && is_missing(ctx->config_path)) {
		config_default(c);
		return STATUS_FINE;
	}
	if (config_load(ctx->config_path, c, &f, &e) < 0) {
		config_end(c);
		if (is_needed || ctx->is_config_named)
			status = report(&f, &e);
		else
			config_default(c);
	}
	faults_end(&f);
	return status;
}

/* The ledger is read as memory: what the disk does not give is a signal. */
static void
tell_lost_page(int number)
{
	static const char text[] = "milterctl: a page of the ledger's file cannot "
	    "be read: it was cut, or the disk fails; restore it from a backup\n";

	(void)number;
	_exit(write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ? STATUS_USAGE :
	    STATUS_UNREACHABLE);
}

int
context_store(const struct config *c, struct store **store)
{
	struct sigaction lost = { .sa_handler = tell_lost_page };
	struct err e = { "" };

	sigaction(SIGBUS, &lost, NULL);
	if ((*store = store_open_readonly(c->ledger, &e)) != NULL)
		return STATUS_FINE;
	return fail(STATUS_UNREACHABLE, "cannot read the ledger: %s", e.text);
}

struct receipt_rules
context_rules(const struct config *c)
{
	return (struct receipt_rules){
		.now_ms = clock_now_ms(),
		.grace_ms = c->grace_ms,
		.min_trust = (enum evidence_trust)c->min_trust,
	};
}

/* All of ${in}, up to ${limit} bytes: 0; -1 if it could not be read or is longer. */
static int
read_all(FILE *in, size_t limit, struct buffer *b, struct err *e)
{
	char *room;
	size_t n;

	do {
		room = buffer_reserve(b, 65536);
		n = fread(room, 1, 65536, in);
		b->n += n;
		if (b->n > limit)
			return err_set(e, "larger than message_size_limit");
	} while (n != 0);
	return ferror(in) ? err_errno(e, "read") : 0;
}

/* Files of an old Macintosh end their lines with CR alone; mail never does. */
static void
mend_lines(char *p, size_t n)
{
	if (n == 0 || memchr(p, '\n', n) != NULL)
		return;
	for (size_t i = 0; i < n; i++)
		if (p[i] == '\r')
			p[i] = '\n';
}

struct message *
context_parse(struct arena *a, const struct config *c, char *p, size_t n)
{
	struct message_limits limits = {
		.mime = { c->part_limit, c->depth_limit, c->header_size_limit,
		    c->header_count_limit },
		.text_bytes = c->text_limit,
	};

	mend_lines(p, n);
	return message_read(a, (struct span){ p, n }, &limits);
}

int
context_message(struct arena *a, const char *path, const struct config *c,
    struct message **m)
{
	struct buffer b = { .arena = a };
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct err e;
	int rc;

	if (in == NULL)
		return fail(STATUS_UNREACHABLE, "%s: %s", path, strerror(errno));
	rc = read_all(in, c->message_size_limit, &b, &e);
	if (in != stdin)
		fclose(in);
	if (rc < 0)
		return fail(STATUS_UNREACHABLE, "%s: %s", path, e.text);
	mime_init();
	*m = context_parse(a, c, b.p, b.n);
	return STATUS_FINE;
}

int
context_policy(const char *path, struct policy **p)
{
	struct faults faults = { 0 };
	struct err e = { "" };
	struct sources *set = sources_open(path, ".policy", &e);

	*p = NULL;
	if (set == NULL)
		return fail(access(path, R_OK) < 0 ? STATUS_UNREACHABLE :
		    STATUS_NONE, "%s", e.text);
	mime_init();
	if ((*p = policy_compile(set, &faults)) == NULL)
		faults_print(&faults, stderr, true);
	faults_end(&faults);
	sources_free(set);
	return *p != NULL ? STATUS_FINE : STATUS_NONE;
}

int
context_extractor(const struct config *c, struct extractor *x)
{
	struct err e;

	if (*c->extract_ocr != '\0' && ocr_open(c->extract_ocr, &e) < 0)
		fprintf(stderr, "milterctl: %s\n", e.text);
	if ((x->pid = server_start(&x->fd, &e)) < 0)
		return fail(STATUS_UNREACHABLE, "%s", e.text);
	return STATUS_FINE;
}

void
context_extract(const struct extractor *x, struct arena *a, const struct config *c,
    struct message *m)
{
	struct client_limits limits = client_configured(c);
	struct client *client = client_new(x->fd, &limits);

	attachments_extract(client, a, m);
	client_free(client);
}

void
context_extractor_end(struct extractor *x)
{
	ocr_close();
	close(x->fd);	/* it ends when nobody can ask any more */
	while (waitpid(x->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

struct policy *
context_directory(const struct config *c)
{
	struct faults faults = { 0 };
	struct err e = { "" };
	struct sources *set = sources_open(c->policy, ".policy", &e);
	struct policy *p = set != NULL ? policy_compile_untried(set, &faults) : NULL;

	if (p == NULL)
		fprintf(stderr, "milterctl: the policy does not load, so units "
		    "have no names here; see: milterctl policy check\n");
	sources_free(set);
	faults_end(&faults);
	return p;
}
