/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/err.h"
#include "base/log.h"

#include "filter/privilege.h"

struct owner {
	uid_t uid;
	gid_t gid;
};

static int
find_owner(const struct config *c, struct owner *o, struct err *e)
{
	struct passwd *pw = getpwnam(c->user);
	struct group *g = getgrnam(c->group);

	if (pw == NULL)
		return err_set(e, "there is no user '%s'; make one (adduser "
		    "--system --group %s) or set 'user'", c->user, c->user);
	o->uid = pw->pw_uid;
	o->gid = g != NULL ? g->gr_gid : pw->pw_gid;
	return 0;
}

/* The folders above it belong to root; the last one is ours. */
static int
make_folder(const char *path, mode_t mode, const struct owner *o, struct err *e)
{
	char *copy = strdup(path);
	int rc = 0;

	must(copy != NULL);
	for (char *p = strchr(copy + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(copy, 0755);
		*p = '/';
	}
	if (mkdir(path, mode) == 0) {
		if (chmod(path, mode) < 0 ||
		    (o != NULL && chown(path, o->uid, o->gid) < 0))
			rc = err_errno(e, "%s: cannot set owner and mode", path);
	} else if (errno != EEXIST) {
		rc = err_errno(e, "%s: cannot make this folder", path);
	}
	free(copy);
	return rc;
}

static int
make_parent_folder(const char *path, mode_t mode, const struct owner *o,
    struct err *e)
{
	char *copy = strdup(path), *slash;
	int rc = 0;

	must(copy != NULL);
	slash = strrchr(copy, '/');
	if (slash != NULL && slash != copy) {
		*slash = '\0';
		rc = make_folder(copy, mode, o, e);
	}
	free(copy);
	return rc;
}

static int
make_socket_folder(const struct config *c, const struct owner *o, struct err *e)
{
	struct group *g = getgrnam(c->socket_group);
	struct owner shared;

	if (strncmp(c->socket, "unix:", 5) != 0)
		return 0;
	if (o == NULL)
		return make_parent_folder(c->socket + 5, 0750, NULL, e);
	shared = *o;
	if (g != NULL)
		shared.gid = g->gr_gid;
	return make_parent_folder(c->socket + 5, 0750, &shared, e);
}

static void
raise_files(const struct config *c)
{
	struct rlimit limit;
	rlim_t want = c->session_limit * 2 + 256;
	char text[32];

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (limit.rlim_max < want && geteuid() == 0)
		limit.rlim_max = want;
	limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
	snprintf(text, sizeof(text), "%lu", (unsigned long)limit.rlim_cur);
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < want)
		log_event(LOG_LEVEL_WARNING, "few-open-files", "limit", text,
		    "reason", "lower session_limit or raise LimitNOFILE", NULL);
}

int
privilege_prepare(const struct config *c, struct err *e)
{
	struct owner owner, *o = NULL;

	if (geteuid() == 0) {
		if (find_owner(c, &owner, e) < 0)
			return -1;
		o = &owner;
	}
	raise_files(c);
	if (make_folder(c->ledger, 0750, o, e) < 0 ||
	    make_folder(c->spool, 0700, o, e) < 0 ||
	    make_folder(c->keys, 0700, o, e) < 0 ||
	    make_parent_folder(c->control, 0755, o, e) < 0)
		return -1;
	return make_socket_folder(c, o, e);
}

/* The groups of the user, and the one that shares the socket. */
static int
set_groups(const struct config *c, const struct owner *o, struct err *e)
{
	struct group *g = getgrnam(c->socket_group);
	gid_t list[64];
	int n = 62;

	if (getgrouplist(c->user, o->gid, list, &n) < 0)
		return err_set(e, "user '%s' is in too many groups", c->user);
	if (g != NULL)
		list[n++] = g->gr_gid;
	if (setgroups((size_t)n, list) < 0 || setgid(o->gid) < 0)
		return err_errno(e, "cannot take the groups of '%s'", c->user);
	return 0;
}

int
privilege_drop(const struct config *c, struct err *e)
{
	struct owner o;

	if (geteuid() != 0)
		return 0;
	if (find_owner(c, &o, e) < 0)
		return -1;
	if (o.uid == 0) {
		log_event(LOG_LEVEL_WARNING, "running-as-root", "reason",
		    "set 'user' to one that owns nothing else", NULL);
		return 0;
	}
	if (set_groups(c, &o, e) < 0)
		return -1;
	if (setuid(o.uid) < 0)
		return err_errno(e, "cannot become user '%s'", c->user);
	must(setuid(0) < 0);
	return 0;
}

void
privilege_no_cores(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

void
privilege_detach(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	must(fd >= 0);
	must(dup2(fd, 0) >= 0 && dup2(fd, 1) >= 0 && dup2(fd, 2) >= 0);
	if (fd > 2)
		close(fd);
}
