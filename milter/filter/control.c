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
#include "ledger/store.h"
#include "ledger/writer.h"
#include "policy/policy.h"
#include "track/keyring.h"

#include "filter/control.h"

struct control {
	struct desk *desk;
	int fd;
};

static void
print_policy(struct desk *d, FILE *out)
{
	const struct snapshot *s = snapshot_hold(d->snapshots);

	fprintf(out, "\"policy\":\"%s\",\"rules\":%zu,\"key\":%d",
	    policy_digest(s->policy), policy_rule_count(s->policy),
	    keyring_active(s->keys));
	snapshot_release(d->snapshots, s);
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

/* Why a reload failed, on one line: the first fault stands for all. */
static void
name_failure(const struct faults *f, const struct err *e, char *text, size_t size)
{
	const struct fault *first = f->first;

	while (first != NULL && first->is_warning)
		first = first->next;
	if (first == NULL)
		snprintf(text, size, "%s", e->text);
	else
		snprintf(text, size, "%s:%zu:%zu: %s (%zu in all; see them "
		    "with: milterctl policy check)", first->file, first->line,
		    first->column, first->message, f->errors);
}

static void
answer_reload(struct desk *d, const char *operator, FILE *out)
{
	struct faults faults = { 0 };
	struct err e;
	char first[1024];

	if (desk_reload(d, &faults, &e) == 0) {
		log_reload(d, operator, NULL);
		fprintf(out, "ok policy and keys reloaded\n");
		faults_end(&faults);
		return;
	}
	name_failure(&faults, &e, first, sizeof(first));
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
	else
		fprintf(stream, "error unknown command; known are: "
		    "status metrics reload ack change\n");
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
