/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/err.h"
#include "ctl/program.h"

#include "doctor_internal.h"

#define PATIENCE_MS 30000
#define MARK "NOTIFY=DELAY,FAILURE,SUCCESS"
#define RECIPE "see contrib/postfix/README"

static struct span
next_field(struct span *rest)
{
	struct span field;
	size_t n = 0;

	*rest = span_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	field = span_sub(*rest, 0, n);
	*rest = span_sub(*rest, n, rest->n);
	return field;
}

static bool
has(struct span text, const char *part)
{
	return span_find(text, span_of(part)) < text.n;
}

static int
postconf(struct doctor *d, const char *option, struct span *output)
{
	const char *const usual[] = { "postconf", option, NULL };
	const char *const other[] = { "postconf", "-c", d->postfix, option, NULL };
	struct err e = { "" };
	int rc = program_read(d->arena, d->postfix != NULL ? other : usual,
	    PATIENCE_MS, output, &e);

	if (rc == 0)
		return 0;
	doctor_find(d, "postconf", "install Postfix, or name its configuration "
	    "with --postfix", "postconf %s cannot be asked%s%s", option,
	    e.text[0] != '\0' ? ": " : "", e.text);
	return -1;
}

static void
read_parameters(struct doctor *d, struct span output, struct parameter **list,
    size_t *count)
{
	struct span line, rest = output;
	size_t n = 0, at;

	while (span_line(&rest, &line))
		n++;
	*list = ARENA_ARRAY(d->arena, struct parameter, n + 1);
	*count = 0;
	while (span_line(&output, &line)) {
		if ((at = span_find_byte(line, '=')) == line.n)
			continue;
		(*list)[(*count)++] = (struct parameter){
		    span_trim(span_sub(line, 0, at)),
		    span_trim(span_sub(line, at + 1, line.n)) };
	}
}

/* name type private unprivileged chroot wakeup limit command */
static void
read_services(struct doctor *d, struct span output)
{
	struct span line, rest = output, field[8];
	size_t n = 0;

	while (span_line(&rest, &line))
		n++;
	d->services = ARENA_ARRAY(d->arena, struct service, n + 1);
	while (span_line(&output, &line)) {
		for (size_t i = 0; i < 8; i++)
			field[i] = next_field(&line);
		if (field[7].n != 0)
			d->services[d->service_count++] = (struct service){
			    field[0], field[1], field[7], span_is(field[4], "y") };
	}
}

static int
read_postfix(struct doctor *d)
{
	struct span output;

	if (postconf(d, "-x", &output) < 0)
		return -1;
	read_parameters(d, output, &d->parameters, &d->parameter_count);
	if (postconf(d, "-P", &output) < 0)
		return -1;
	read_parameters(d, output, &d->overrides, &d->override_count);
	if (postconf(d, "-M", &output) < 0)
		return -1;
	read_services(d, output);
	return 0;
}

struct span
doctor_get(const struct doctor *d, const char *name)
{
	for (size_t i = 0; i < d->parameter_count; i++)
		if (span_is(d->parameters[i].name, name))
			return d->parameters[i].value;
	return (struct span){ NULL, 0 };
}

/* What a service of master.cf says itself; NULL if it says nothing. */
static const struct span *
override(const struct doctor *d, const struct service *s, const char *name)
{
	struct span full = span_of(arena_print(d->arena, "%.*s/%.*s/%s",
	    SPAN_PRINT(s->name), SPAN_PRINT(s->type), name));

	for (size_t i = 0; i < d->override_count; i++)
		if (span_equal(d->overrides[i].name, full))
			return &d->overrides[i].value;
	return NULL;
}

/* One milter of a list: "ADDRESS" or "{ ADDRESS, name=value }". */
struct milter {
	struct span address, options;
};

static bool
next_milter(struct span *rest, struct milter *m)
{
	size_t n = 0;

	while (rest->n != 0 && strchr(" \t,", rest->p[0]) != NULL)
		*rest = span_sub(*rest, 1, rest->n);
	if (rest->n == 0)
		return false;
	if (rest->p[0] != '{') {
		while (n < rest->n && strchr(" \t,", rest->p[n]) == NULL)
			n++;
		*m = (struct milter){ span_sub(*rest, 0, n), { NULL, 0 } };
		*rest = span_sub(*rest, n, rest->n);
		return true;
	}
	n = span_find_byte(*rest, '}');
	m->options = span_trim(span_sub(*rest, 1, n - 1));
	*rest = span_sub(*rest, n + 1, rest->n);
	n = 0;
	while (n < m->options.n && strchr(" \t,", m->options.p[n]) == NULL)
		n++;
	m->address = span_sub(m->options, 0, n);
	m->options = span_sub(m->options, n, m->options.n);
	return true;
}

/* The socket that ${address} is for a service, as vanthu.conf writes it. */
static const char *
resolve(const struct doctor *d, struct span address, bool is_chroot)
{
	struct span queue = doctor_get(d, "queue_directory"), path;
	size_t at = span_find_byte(address, ':');

	path = span_sub(address, at + 1, address.n);
	if (span_starts_nocase(address, "inet:")) {
		at = path.n;
		while (at > 0 && path.p[at - 1] != ':')
			at--;
		return arena_print(d->arena, "inet:%.*s@%.*s",
		    (int)(path.n - at), path.p + at,
		    (int)(at > 0 ? at - 1 : 0), path.p);
	}
	if (path.n != 0 && path.p[0] == '/' && !is_chroot)
		return arena_print(d->arena, "unix:%.*s", SPAN_PRINT(path));
	return arena_print(d->arena, "unix:%.*s%s%.*s", SPAN_PRINT(queue),
	    path.n != 0 && path.p[0] == '/' ? "" : "/", SPAN_PRINT(path));
}

static bool
is_ours(const struct doctor *d, struct span address, bool is_chroot)
{
	return strcmp(resolve(d, address, is_chroot), d->config->socket) == 0;
}

static bool
is_signer(struct span address)
{
	return has(address, "dkim") || has(address, "sign") || has(address, "arc");
}

/* Is milterd in the list, in the right place, and does its failing stop mail? */
static void
check_list(struct doctor *d, const char *name, struct span list, bool is_chroot)
{
	struct span default_action = doctor_get(d, "milter_default_action");
	struct milter m;
	bool is_there = false, is_elsewhere = false;

	while (next_milter(&list, &m)) {
		if (is_ours(d, m.address, is_chroot)) {
			is_there = true;
			if (has(m.options, "default_action"))
				default_action = has(m.options, "tempfail") ?
				    span_of("tempfail") : m.options;
		} else if (is_there && !is_signer(m.address))
			doctor_find(d, "milter-order", "put milterd behind all "
			    "scanners, before the DKIM signer",
			    "%s: %.*s stands behind milterd: it sees nothing of "
			    "what milterd holds or discards", name,
			    SPAN_PRINT(m.address));
		else
			is_elsewhere |= is_ours(d, m.address, !is_chroot);
	}
	if (!is_there && is_elsewhere)
		doctor_find(d, "milter-chroot", "name the socket relative to "
		    "queue_directory, and let it lie in there",
		    "%s: seen from the chroot, the socket of milterd is another "
		    "file", name);
	else if (!is_there)
		doctor_find(d, name, "add milterd's socket to it, " RECIPE,
		    "%s: milterd (%s) is not in it", name, d->config->socket);
	else if (!span_is(default_action, "tempfail"))
		doctor_find(d, "milter-default-action",
		    "set milter_default_action = tempfail",
		    "%s: while milterd is down letters do not wait", name);
}

static bool
is_submission(const struct service *s)
{
	static const char *const names[] = { "submission", "submissions", "smtps",
	    "465", "587" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_is(s->name, names[i]))
			return true;
	return false;
}

/* What a file of notify.regexp's kind has to say. */
static void
check_filter_file(struct doctor *d, struct span filter)
{
	size_t at = span_find_byte(filter, ':');
	const char *path = arena_string(d->arena, span_sub(filter, at + 1, filter.n));
	char line[1024];
	bool has_mark = false;
	FILE *in = fopen(path, "re");

	if (in == NULL) {
		doctor_find(d, "command-filter-file",
		    "copy contrib/postfix/notify.regexp there",
		    "smtpd_command_filter: %s cannot be read: smtpd will refuse "
		    "every command", path);
		return;
	}
	while (fgets(line, sizeof(line), in) != NULL)
		has_mark |= line[0] != '#' && strstr(line, MARK) != NULL;
	fclose(in);
	if (!has_mark)
		doctor_find(d, "command-filter-mark",
		    "copy contrib/postfix/notify.regexp there",
		    "smtpd_command_filter: %s does not add " MARK ", by whose "
		    "spelling milterd knows what only it asked for", path);
}

static void
check_command_filter(struct doctor *d)
{
	struct span main = doctor_get(d, "smtpd_command_filter");
	bool is_there = main.n != 0;

	if (main.n != 0)
		check_filter_file(d, main);
	for (size_t i = 0; i < d->service_count; i++) {
		const struct span *own = span_is(d->services[i].command, "smtpd") ?
		    override(d, &d->services[i], "smtpd_command_filter") : NULL;

		if (own == NULL || own->n == 0)
			continue;
		is_there = true;
		check_filter_file(d, *own);
	}
	if (!is_there)
		doctor_find(d, "command-filter", "set smtpd_command_filter on the "
		    "submission service, " RECIPE, "nobody asks for notices of "
		    "success: receipts stay \"accepted\"");
}

static void
check_services(struct doctor *d)
{
	for (size_t i = 0; i < d->service_count; i++) {
		const struct service *s = &d->services[i];
		const struct span *own;

		if (!span_is(s->command, "smtpd") || !is_submission(s))
			continue;
		if ((own = override(d, s, "smtpd_milters")) != NULL)
			check_list(d, "smtpd_milters of the submission service", *own,
			    s->is_chroot);
		own = override(d, s, "receive_override_options");
		if (own != NULL && has(*own, "no_milters"))
			doctor_find(d, "no-milters", "take no_milters out of "
			    "receive_override_options", "%.*s: milterd is never "
			    "asked there", SPAN_PRINT(s->name));
		own = override(d, s, "smtpd_discard_ehlo_keywords");
		if (own != NULL && has(*own, "dsn"))
			doctor_find(d, "dsn-discarded", "take dsn out of "
			    "smtpd_discard_ehlo_keywords", "%.*s: NOTIFY is "
			    "refused there", SPAN_PRINT(s->name));
	}
}

static bool
smtpd_is_chroot(const struct doctor *d)
{
	for (size_t i = 0; i < d->service_count; i++)
		if (span_is(d->services[i].command, "smtpd"))
			return d->services[i].is_chroot;
	return false;
}

static bool
cleanup_is_chroot(const struct doctor *d)
{
	for (size_t i = 0; i < d->service_count; i++)
		if (span_is(d->services[i].command, "cleanup"))
			return d->services[i].is_chroot;
	return false;
}

static void
check_notices(struct doctor *d)
{
	struct span classes = doctor_get(d, "internal_mail_filter_classes");

	check_list(d, "non_smtpd_milters", doctor_get(d, "non_smtpd_milters"),
	    cleanup_is_chroot(d));
	if (!has(classes, "bounce"))
		doctor_find(d, "notices-of-failure", "set "
		    "internal_mail_filter_classes = bounce, notify",
		    "Postfix shows no notice of failure to milterd");
	if (!has(classes, "notify"))
		doctor_find(d, "notices-of-success", "set "
		    "internal_mail_filter_classes = bounce, notify",
		    "Postfix shows no notice of success to milterd");
}

static void
check_switches(struct doctor *d)
{
	struct span size = doctor_get(d, "message_size_limit");
	unsigned long long limit = strtoull(arena_string(d->arena, size), NULL, 10);
	struct span protocol = doctor_get(d, "milter_protocol");

	if (!span_is(doctor_get(d, "enable_long_queue_ids"), "yes"))
		doctor_find(d, "long-queue-ids", "set enable_long_queue_ids = yes",
		    "queue IDs are used again: a line of the log may be taken for "
		    "another letter's");
	if (has(doctor_get(d, "receive_override_options"), "no_milters"))
		doctor_find(d, "no-milters", "take no_milters out of "
		    "receive_override_options", "milterd is never asked");
	if (has(doctor_get(d, "smtpd_discard_ehlo_keywords"), "dsn"))
		doctor_find(d, "dsn-discarded", "take dsn out of "
		    "smtpd_discard_ehlo_keywords", "NOTIFY is refused");
	if (protocol.n != 0 && strtoul(arena_string(d->arena, protocol), NULL, 10) < 6)
		doctor_find(d, "milter-protocol", "set milter_protocol = 6",
		    "with protocol %.*s milterd cannot change a letter as it has "
		    "to", SPAN_PRINT(protocol));
	if (limit == 0 || limit > d->config->message_size_limit)
		doctor_find(d, "message-size", "raise message_size_limit in "
		    "vanthu.conf, or lower Postfix's", "Postfix takes letters of "
		    "%.*s bytes, milterd %zu: larger ones are put off",
		    SPAN_PRINT(size), d->config->message_size_limit);
}

static void
check_log(struct doctor *d)
{
	const char *own = d->config->maillog;
	struct span file = doctor_get(d, "maillog_file");

	if (own[0] == '\0')
		return;
	if (file.n == 0 && d->config->maillog_writer == LOG_WRITER_POSTLOGD)
		doctor_find(d, "maillog-writer", "set maillog_file in main.cf, or "
		    "maillog_writer = syslog", "the log is written by syslog, "
		    "where any local user may write: it is not as sure as "
		    "maillog_writer says");
	else if (file.n != 0 && !span_equal(file, span_of(own)))
		doctor_find(d, "maillog-file", "set maillog to the file that "
		    "\"postconf -h maillog_file\" names", "Postfix logs to %.*s, "
		    "milterd reads %s", SPAN_PRINT(file), own);
}

void
doctor_postfix(struct doctor *d)
{
	if (read_postfix(d) < 0)
		return;
	check_list(d, "smtpd_milters", doctor_get(d, "smtpd_milters"),
	    smtpd_is_chroot(d));
	check_notices(d);
	check_command_filter(d);
	check_services(d);
	check_switches(d);
	check_log(d);
}
