/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "filter/desk.h"
#include "filter/metrics.h"
#include "filter/snapshot.h"
#include "filter/socket.h"
#include "ledger/item.h"
#include "ledger/operator.h"
#include "ledger/shadow.h"
#include "ledger/store.h"
#include "ledger/writer.h"
#include "policy/policy.h"
#include "track/keyring.h"

#include "filter/control.h"

#define SHADOW_LONGEST_MS (INT64_C(30) * 24 * 3600 * 1000)

struct control {
	struct desk *desk;
	int fd;
};

/* A string of JSON, or null. */
static void
print_text(FILE *out, const char *text)
{
	if (text == NULL) {
		fputs("null", out);
		return;
	}
	putc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			fprintf(out, "\\u%04x", (unsigned)*text);
		else
			putc(*text, out);
	}
	putc('"', out);
}

static void
print_policy(struct desk *d, FILE *out)
{
	const struct snapshot *s = snapshot_hold(d->snapshots);
	struct arena *a = arena_new();
	char since[CLOCK_TEXT_SIZE];

	fprintf(out, "\"policy\":\"%s\",\"policy_since\":\"%s\",\"policy_broken\":",
	    policy_digest(s->policy), clock_print(s->since_ms, since));
	print_text(out, snapshots_broken(d->snapshots, a));
	fprintf(out, ",\"rules\":%zu,\"key\":%d", policy_rule_count(s->policy),
	    keyring_active(s->keys));
	arena_free(a);
	snapshot_release(d->snapshots, s);
}

static int64_t
value(const atomic_int_fast64_t *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

/* Of ten thousand rules those are of interest of which there is something to say. */
static void
print_rules(struct desk *d, FILE *out)
{
	const struct snapshot *s = snapshot_hold(d->snapshots);
	const char *comma = "";

	fprintf(out, "\"rule_counters\":[");
	for (size_t i = 0; i < policy_rule_count(s->policy); i++) {
		const struct rule_counter *c = &s->rules[i];

		if (value(&c->hits) + value(&c->shadow_hits) +
		    value(&c->unknowns) + value(&c->spent_ns) == 0)
			continue;
		fprintf(out, "%s{\"rule\":\"%s\",\"hits\":%" PRId64
		    ",\"shadow_hits\":%" PRId64 ",\"unknowns\":%" PRId64
		    ",\"time_us\":%" PRId64 "}", comma,
		    policy_rule_name(s->policy, i), value(&c->hits),
		    value(&c->shadow_hits), value(&c->unknowns),
		    value(&c->spent_ns) / 1000);
		comma = ",";
	}
	fprintf(out, "]");
	snapshot_release(d->snapshots, s);
}

static void
print_shadows(struct desk *d, FILE *out)
{
	struct arena *a = arena_new();
	const struct shadow *list;
	char until[CLOCK_TEXT_SIZE];
	size_t n;

	list = shadows_at(d->shadows, clock_now_ms(), a, &n);
	fprintf(out, "\"shadowed\":[");
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%s{\"rule\":\"%s\",\"until\":\"%s\",\"operator\":",
		    i > 0 ? "," : "", list[i].rule,
		    clock_print(list[i].until_ms, until));
		print_text(out, list[i].operator);
		fprintf(out, ",\"note\":");
		print_text(out, list[i].note);
		fprintf(out, "}");
	}
	fprintf(out, "]");
	arena_free(a);
}

static void
print_ledger(struct desk *d, FILE *out)
{
	struct store_usage usage;
	struct writer_counts counts;

	store_usage(d->store, &usage);
	writer_counts(d->writer, &counts);
	fprintf(out, "\"ledger\":{\"map_bytes\":%" PRIu64 ",\"used_bytes\":%"
	    PRIu64 ",\"limit_bytes\":%" PRIu64 ",\"readers\":%u,\"commits\":%"
	    PRIu64 ",\"records\":%" PRIu64 ",\"failures\":%" PRIu64
	    ",\"waiting\":%" PRIu64 "}", usage.map_bytes, usage.used_bytes,
	    usage.limit_bytes, usage.readers, counts.commits, counts.records,
	    counts.failures, counts.waiting);
}

static void
print_counters(struct desk *d, FILE *out)
{
	const char *name;
	int64_t value;

	fprintf(out, "\"counters\":{");
	for (size_t i = 0; (name = counters_next(&d->counters, i, &value)); i++)
		fprintf(out, "%s\"%s\":%" PRId64, i > 0 ? "," : "", name, value);
	fprintf(out, "}");
}

static void
answer_status(struct desk *d, FILE *out)
{
	char started[CLOCK_TEXT_SIZE];

	fprintf(out, "ok {\"version\":\"%s\",\"pid\":%ld,\"started\":\"%s\","
	    "\"draining\":%s,", PACKAGE_VERSION, (long)getpid(),
	    clock_print(d->started_ms, started),
	    atomic_load(&d->is_draining) ? "true" : "false");
	print_policy(d, out);
	fprintf(out, ",");
	print_ledger(d, out);
	fprintf(out, ",");
	print_counters(d, out);
	fprintf(out, ",");
	print_shadows(d, out);
	fprintf(out, ",");
	print_rules(d, out);
	fprintf(out, "}\n");
}

static void
log_reload(struct desk *d, const char *operator, const char *failure)
{
	const struct snapshot *s = snapshot_hold(d->snapshots);

	log_event(failure != NULL ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
	    failure != NULL ? "reload-failed" : "reloaded",
	    "operator", operator, "policy", policy_digest(s->policy),
	    "reason", failure, NULL);
	snapshot_release(d->snapshots, s);
}

static void
print_difference(struct desk *d, const struct snapshot *before, FILE *out)
{
	const struct snapshot *now = snapshot_hold(d->snapshots);
	struct arena *a = arena_new();

	fprintf(out, "ok policy and keys reloaded: %s\n",
	    policy_difference(a, before->policy, now->policy));
	arena_free(a);
	snapshot_release(d->snapshots, now);
}

static void
answer_reload(struct desk *d, const char *operator, FILE *out)
{
	const struct snapshot *before = snapshot_hold(d->snapshots);
	struct faults faults = { 0 };
	struct err e;
	char first[1024];

	if (desk_reload(d, &faults, &e) == 0) {
		log_reload(d, operator, NULL);
		print_difference(d, before, out);
		snapshot_release(d->snapshots, before);
		faults_end(&faults);
		return;
	}
	snapshot_release(d->snapshots, before);
	desk_failure(&faults, &e, first, sizeof(first));
	log_reload(d, operator, first);
	fprintf(out, "error %s; the old policy stays\n", first);
	faults_print(&faults, out, true);
	faults_end(&faults);
}

void
control_reload(struct desk *d, const char *operator)
{
	FILE *nowhere = fopen("/dev/null", "w");

	must(nowhere != NULL);
	answer_reload(d, operator, nowhere);
	fclose(nowhere);
}

static struct span
take_word(struct span *rest)
{
	size_t at = span_find_byte(*rest, ' ');
	struct span word = span_sub(*rest, 0, at);

	*rest = span_sub(*rest, at + 1, rest->n);
	return word;
}

/* "ID RECIPIENT CODE", and the note up to the end of the line. */
static void
answer_ack(struct desk *d, const char *operator, struct span rest, FILE *out)
{
	struct operator_word word = { .name = operator };
	char id[DOCID_TEXT_SIZE] = "";
	struct err e;
	int rc;

	word.id = take_word(&rest);
	word.recipient = take_word(&rest);
	word.code = take_word(&rest);
	word.note = rest;
	rc = operator_record(d->store, d->writer, &word, &e);
	if (rc != 1) {
		fprintf(out, "error %s\n", e.text);
		return;
	}
	snprintf(id, sizeof(id), "%.*s", SPAN_PRINT(word.id));
	log_event(LOG_LEVEL_INFO, "evidence", "id", id, "source", "operator",
	    "operator", operator, NULL);
	fprintf(out, "ok recorded\n");
}

/* 1 ${rule} is one of the policy in force; else 0, and it has been told. */
static int
knows_rule(struct desk *d, struct span rule, FILE *out)
{
	const struct snapshot *s = snapshot_hold(d->snapshots);
	const char *near = policy_near_rule(s->policy, rule);
	int is_known = near != NULL && span_equal(rule, span_of(near));

	if (!is_known && near != NULL)
		fprintf(out, "error there is no rule '%.*s' (did you mean '%s'?)\n",
		    SPAN_PRINT(rule), near);
	else if (!is_known)
		fprintf(out, "error there is no rule '%.*s'\n", SPAN_PRINT(rule));
	snapshot_release(d->snapshots, s);
	return is_known;
}

static void
end_shadow(struct desk *d, const char *operator, struct span rule, FILE *out)
{
	char name[256];
	struct err e;
	int rc = shadows_end(d->shadows, rule, &e);

	snprintf(name, sizeof(name), "%.*s", SPAN_PRINT(rule));
	if (rc < 0)
		fprintf(out, "error %s\n", e.text);
	else if (rc == 0)
		fprintf(out, "error nobody has put '%s' in shadow\n", name);
	else {
		log_event(LOG_LEVEL_WARNING, "rule-unshadowed", "rule", name,
		    "operator", operator, NULL);
		fprintf(out, "ok '%s' does again what the policy says\n", name);
	}
}

static void
begin_shadow(struct desk *d, const char *operator, const char *rule,
    int64_t for_ms, const char *note, FILE *out)
{
	struct shadow one = { rule, clock_now_ms() + for_ms, operator, note };
	char until[CLOCK_TEXT_SIZE];
	struct err e;

	if (shadows_put(d->shadows, &one, &e) < 0) {
		fprintf(out, "error %s\n", e.text);
		return;
	}
	clock_print(one.until_ms, until);
	log_event(LOG_LEVEL_WARNING, "rule-shadowed", "rule", rule,
	    "until", until, "operator", operator,
	    "note", note[0] != '\0' ? note : NULL, NULL);
	fprintf(out, "ok '%s' is in shadow until %s\n", rule, until);
}

/* "RULE MILLISECONDS", and the note up to the end of the line. */
static void
answer_shadow(struct desk *d, const char *operator, struct span rest, FILE *out)
{
	struct arena *a = arena_new();
	struct span rule = take_word(&rest);
	const char *length = arena_string(a, take_word(&rest));
	char *end;
	int64_t for_ms = strtoll(length, &end, 10);

	if (*length == '\0' || *end != '\0' || for_ms < 0 || for_ms > SHADOW_LONGEST_MS)
		fprintf(out, "error '%s' is no time: milliseconds, at most 30 days\n",
		    length);
	else if (for_ms == 0)
		end_shadow(d, operator, rule, out);
	else if (knows_rule(d, rule, out))
		begin_shadow(d, operator, arena_string(a, rule), for_ms,
		    arena_string(a, rest), out);
	arena_free(a);
}

/* Whoever may write the ledger's files may change what is in it. */
static bool
may_change(int fd)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(peer);

	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n);
	return peer.uid == 0 || peer.uid == geteuid();
}

static void
log_change(const char *operator, const struct item_counts *n)
{
	char counts[128];

	snprintf(counts, sizeof(counts), "%" PRIu64 " documents, %" PRIu64
	    " recipients, %" PRIu64 " evidence", n->documents, n->recipients,
	    n->evidence);
	log_event(LOG_LEVEL_INFO, "changed", "operator", operator, "reason",
	    counts, NULL);
}

static int
apply(struct desk *d, struct span bytes, struct item_counts *n, struct err *e)
{
	struct arena *a = arena_new();
	struct item *list;
	size_t count;
	int rc = items_parse(a, bytes, &list, &count, e);

	if (rc == 0)
		rc = writer_apply(d->writer, list, count, n, e);
	arena_free(a);
	return rc;
}

/* As many bytes of items follow the line as ${rest} says. */
static void
answer_change(struct desk *d, const char *operator, const char *rest, FILE *stream)
{
	struct item_counts n = { 0 };
	struct err e = { "" };
	size_t size = strtoul(rest, NULL, 10);
	char *bytes = size <= ITEMS_BYTES_MAX ? malloc(size + 1) : NULL;
	int rc = -1;

	if (!may_change(fileno(stream)))
		err_set(&e, "only root and the user of milterd may do that");
	else if (bytes == NULL)
		err_set(&e, "at most %zu bytes at once", ITEMS_BYTES_MAX);
	else if (fread(bytes, 1, size, stream) != size)
		err_set(&e, "the list ended too early");
	else
		rc = apply(d, (struct span){ bytes, size }, &n, &e);
	free(bytes);
	fseek(stream, 0, SEEK_CUR);
	if (rc < 0) {
		fprintf(stream, "error %s\n", e.text);
		return;
	}
	if (size != 0)
		log_change(operator, &n);
	fprintf(stream, "ok %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
	    n.documents, n.recipients, n.evidence, n.followed);
}

static void
name_operator(int fd, char *name, size_t size)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(peer);
	struct passwd entry, *found = NULL;
	char room[1024];

	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n);
	getpwuid_r(peer.uid, &entry, room, sizeof(room), &found);
	if (found != NULL)
		snprintf(name, size, "%s", found->pw_name);
	else
		snprintf(name, size, "uid %ld", (long)peer.uid);
}

static void
answer(struct desk *d, const char *operator, const char *line, FILE *stream)
{
	if (strncmp(line, "change ", 7) == 0) {
		answer_change(d, operator, line + 7, stream);
		return;
	}
	fseek(stream, 0, SEEK_CUR);
	if (strcmp(line, "status") == 0)
		answer_status(d, stream);
	else if (strcmp(line, "reload") == 0)
		answer_reload(d, operator, stream);
	else if (strcmp(line, "metrics") == 0) {
		fprintf(stream, "ok ");
		metrics_print(d, stream);
	} else if (strncmp(line, "ack ", 4) == 0)
		answer_ack(d, operator, span_of(line + 4), stream);
	else if (strncmp(line, "shadow ", 7) == 0)
		answer_shadow(d, operator, span_of(line + 7), stream);
	else
		fprintf(stream, "error unknown command; known are: "
		    "status metrics reload ack change shadow\n");
}

static void
converse(struct desk *d, int fd)
{
	struct timeval patience = { .tv_sec = 10 };
	char line[2048], operator[64];
	FILE *stream;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	name_operator(fd, operator, sizeof(operator));
	stream = fdopen(fd, "r+");
	if (stream == NULL) {
		close(fd);
		return;
	}
	if (fgets(line, sizeof(line), stream) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		answer(d, operator, line, stream);
	}
	fclose(stream);
}

static void *
serve(void *cookie)
{
	struct control *c = cookie;

	for (;;) {
		int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			converse(c->desk, fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			usleep(100000);
	}
	return NULL;
}

int
control_start(struct desk *d, struct err *e)
{
	static struct control control;
	char where[300];
	pthread_t thread;

	snprintf(where, sizeof(where), "unix:%s", d->config.control);
	if (socket_clear(where, e) < 0)
		return -1;
	control.desk = d;
	control.fd = socket_listen(d->config.control, e);
	if (control.fd < 0)
		return -1;
	if (socket_share(where, 0660, d->config.group, e) < 0)
		return -1;
	if (pthread_create(&thread, NULL, serve, &control) != 0)
		return err_set(e, "cannot start the control thread");
	pthread_detach(thread);
	return 0;
}
