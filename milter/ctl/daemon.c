/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/err.h"
#include "ctl/options.h"
#include "ctl/table.h"

#include "verb_internal.h"

static const char *const formats[] = { "table", "json", NULL };

static const struct option_rule status_options[] = {
	{ "format", OPTION_VALUE }, { NULL, OPTION_FLAG },
};

static const struct option_rule reload_options[] = { { NULL, OPTION_FLAG } };

static int
dial(const char *path, struct err *e)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(un.sun_path))
		return err_set(e, "%s: too long for a socket", path);
	strcpy(un.sun_path, path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return err_errno(e, "socket");
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return fd;
	err_errno(e, "%s", path);
	close(fd);
	return -1;
}

static int
read_answer(int fd, struct buffer *b, struct err *e)
{
	ssize_t n;

	for (;;) {
		n = read(fd, buffer_reserve(b, 4096), 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "no answer");
		if (n == 0)
			return b->n != 0 ? 0 : err_set(e, "no answer");
		b->n += (size_t)n;
	}
}

static int
write_all(int fd, struct span s, const char *path, struct err *e)
{
	ssize_t n;

	while (s.n != 0) {
		n = send(fd, s.p, s.n, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return err_errno(e, "%s", path);
		if (n > 0)
			s = span_sub(s, (size_t)n, s.n);
	}
	return 0;
}

int
daemon_send(const char *path, const char *line, struct span bytes, struct arena *a,
    bool *is_ok, struct span *answer, struct err *e)
{
	struct buffer b = { .arena = a };
	int fd = dial(path, e), rc = -1;

	if (fd < 0)
		return -1;
	if (write_all(fd, span_of(line), path, e) == 0 &&
	    write_all(fd, bytes, path, e) == 0)
		rc = read_answer(fd, &b, e);
	close(fd);
	if (rc < 0)
		return -1;
	*answer = buffer_span(&b);
	*is_ok = span_starts_nocase(*answer, "ok");
	if (!*is_ok && !span_starts_nocase(*answer, "error"))
		return err_set(e, "%s: this is not milterd", path);
	*answer = span_trim(span_sub(*answer, *is_ok ? 2 : 5, answer->n));
	return 0;
}

int
daemon_ask(const char *path, const char *line, struct arena *a, bool *is_ok,
    struct span *answer, struct err *e)
{
	return daemon_send(path, line, (struct span){ NULL, 0 }, a, is_ok, answer, e);
}

int
daemon_request(const struct context *ctx, struct arena *a, const char *line,
    struct span *answer)
{
	struct config c;
	struct err e = { "" };
	bool is_ok = false;
	int status = context_config(ctx, true, &c);

	if (status != STATUS_FINE)
		return status;
	if (daemon_ask(c.control, line, a, &is_ok, answer, &e) < 0)
		status = fail(STATUS_UNREACHABLE, "cannot reach the daemon, is "
		    "milterd running? %s", e.text);
	else if (!is_ok)
		status = fail(STATUS_NONE, "%.*s", SPAN_PRINT(*answer));
	config_end(&c);
	return status;
}

/* The end of the string or scalar of JSON that begins at ${at}. */
static size_t
scalar_end(struct span s, size_t at)
{
	if (s.p[at] != '"') {
		while (at < s.n && strchr(",]}", s.p[at]) == NULL)
			at++;
		return at;
	}
	for (at++; at < s.n && s.p[at] != '"'; at++)
		at += s.p[at] == '\\' && at + 1 < s.n;
	return at < s.n ? at + 1 : at;
}

static struct span
unquoted(struct span s)
{
	return s.n >= 2 && s.p[0] == '"' ? span_sub(s, 1, s.n - 2) : s;
}

/*
 * Name and value line by line: what is left is flat but for objects of numbers,
 * and whose member a name is can be seen from it.
 */
static void
print_members(const struct context *ctx, struct arena *a, struct span s)
{
	struct table *t = table_new(a, NULL, 2);
	struct span word, name = span_of("");
	size_t at = 0, end;

	while (at < s.n) {
		if (strchr("{}[],", s.p[at]) != NULL) {
			at++;
			continue;
		}
		end = scalar_end(s, at);
		word = unquoted(span_sub(s, at, end - at));
		at = end;
		if (at < s.n && s.p[at] == ':') {
			name = word;
			at++;
		} else {
			table_cell(t, name);
			table_cell(t, word);
		}
	}
	table_print(t, stdout, ctx->width, ctx->has_color);
}

/* The end of the array that begins at ${at}, behind its bracket. */
static size_t
array_end(struct span s, size_t at)
{
	while (at < s.n && s.p[at] != ']')
		at = strchr("{}[],:", s.p[at]) != NULL ? at + 1 : scalar_end(s, at);
	return at < s.n ? at + 1 : at;
}

/* Take the array called ${name} out of ${s}, with the comma before it. */
static struct span
take_array(struct arena *a, struct span *s, const char *name)
{
	const char *key = arena_print(a, ",\"%s\":", name);
	size_t start = span_find(*s, span_of(key)), end;
	struct span array;

	if (start == s->n)
		return span_of("");
	end = array_end(*s, start + strlen(key));
	array = span_sub(*s, start + strlen(key), end - start - strlen(key));
	*s = span_of(arena_print(a, "%.*s%.*s", (int)start, s->p,
	    (int)(s->n - end), s->p + end));
	return array;
}

/* Objects with the same members in the same order: one row each. */
static void
print_objects(const struct context *ctx, struct arena *a, struct span s,
    const char *const *headings, size_t count)
{
	struct table *t = table_new(a, headings, count);
	size_t at = 0, end, rows = 0;
	struct span word;

	while (at < s.n) {
		if (strchr("{}[],:", s.p[at]) != NULL) {
			at++;
			continue;
		}
		end = scalar_end(s, at);
		word = unquoted(span_sub(s, at, end - at));
		at = end;
		if (at < s.n && s.p[at] == ':')
			continue;
		table_cell(t, word);
		rows++;
	}
	if (rows == 0)
		return;
	putchar('\n');
	table_print(t, stdout, ctx->width, ctx->has_color);
}

static void
print_status(const struct context *ctx, struct arena *a, struct span answer)
{
	static const char *const shadow_headings[] = { "IN SHADOW", "UNTIL",
	    "OPERATOR", "NOTE" };
	static const char *const rule_headings[] = { "RULE", "HITS", "IN SHADOW",
	    "UNKNOWN", "TIME (US)" };
	struct span shadowed = take_array(a, &answer, "shadowed");
	struct span rules = take_array(a, &answer, "rule_counters");

	print_members(ctx, a, answer);
	print_objects(ctx, a, shadowed, shadow_headings, 4);
	print_objects(ctx, a, rules, rule_headings, 5);
}

static int
run_status(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct span answer;
	struct options o;
	struct err e;
	int format, status;

	if (verb_options("status", a, status_options, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 0)
		return fail_usage("status", "unexpected argument '%s'",
		    o.operands[0]);
	format = options_choice("format", options_get(&o, "format"), formats, &e);
	if (format < 0)
		return fail_usage("status", "%s", e.text);
	status = daemon_request(ctx, a, "status\n", &answer);
	if (status != STATUS_FINE)
		return status;
	if (format == 1)
		printf("%.*s\n", SPAN_PRINT(answer));
	else
		print_status(ctx, a, answer);
	return STATUS_FINE;
}

static int
run_reload(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct span answer;
	struct options o;
	int status;

	if (verb_options("reload", a, reload_options, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 0)
		return fail_usage("reload", "unexpected argument '%s'",
		    o.operands[0]);
	status = daemon_request(ctx, a, "reload\n", &answer);
	if (status == STATUS_FINE)
		printf("%.*s\n", SPAN_PRINT(answer));
	return status;
}

const struct verb verb_status = {
	"status", "how the daemon is",
	"usage: milterctl status [--format table|json]\n\n"
	"Ask milterd through its control socket: version, policy, ledger, counters, the\n"
	"rules that somebody has put in shadow, and what each rule did since its policy\n"
	"came into force (only rules that did something).\n\n"
	"Exit status: 0; 1 it answered with an error; 2 usage; 3 it cannot be\n"
	"reached.\n\n"
	"example: milterctl status --format json\n",
	run_status,
};

const struct verb verb_reload = {
	"reload", "make the daemon read policy and keys anew",
	"usage: milterctl reload\n\n"
	"milterd checks the policy and the keys and says which rules were added, removed\n"
	"and changed; if they do not check, the old ones stay in force and every fault is\n"
	"printed.\n\n"
	"Exit status: 0 reloaded; 1 the old ones stay; 2 usage; 3 the daemon cannot\n"
	"be reached.\n\n"
	"example: milterctl policy check && milterctl reload\n",
	run_reload,
};
