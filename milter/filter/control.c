/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "filter/desk.h"
#include "filter/metrics.h"
#include "filter/snapshot.h"
#include "filter/socket.h"
#include "policy/policy.h"

#include "filter/control.h"
#include "control_internal.h"

struct control {
	struct desk *desk;
	int fd;
};

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

bool
control_is_owner(FILE *stream)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(peer);

	getsockopt(fileno(stream), SOL_SOCKET, SO_PEERCRED, &peer, &n);
	return peer.uid == 0 || peer.uid == geteuid();
}

struct span
control_word(struct span *rest)
{
	size_t at = span_find_byte(*rest, ' ');
	struct span word = span_sub(*rest, 0, at);

	*rest = span_sub(*rest, at + 1, rest->n);
	return word;
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
		control_change(d, operator, line + 7, stream);
		return;
	}
	fseek(stream, 0, SEEK_CUR);
	if (strcmp(line, "status") == 0)
		control_status(d, stream);
	else if (strcmp(line, "reload") == 0)
		answer_reload(d, operator, stream);
	else if (strcmp(line, "metrics") == 0) {
		fprintf(stream, "ok ");
		metrics_print(d, stream);
	} else if (strncmp(line, "ack ", 4) == 0)
		control_ack(d, operator, span_of(line + 4), stream);
	else if (strncmp(line, "shadow ", 7) == 0 && !control_is_owner(stream))
		fprintf(stream, "error only root and the user of milterd may do that\n");
	else if (strncmp(line, "shadow ", 7) == 0)
		control_shadow(d, operator, span_of(line + 7), stream);
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
	/* Half a line, of a client that died or is slow, is nobody's order. */
	if (fgets(line, sizeof(line), stream) == NULL || strchr(line, '\n') == NULL) {
		fseek(stream, 0, SEEK_CUR);
		fprintf(stream, "error the line has no end, or over %zu bytes\n",
		    sizeof(line) - 2);
	} else {
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
