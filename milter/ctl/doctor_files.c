/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/err.h"
#include "ledger/keyfile.h"
#include "ledger/store.h"
#include "track/keyring.h"

#include "doctor_internal.h"

#define DAY_MS INT64_C(86400000)
#define KEY_DAYS 400
#define LEAST_FREE_BYTES ((uint64_t)256 * 1024 * 1024)
#define FULL_PERCENT 80

/* May ${user} do what ${bit} (4, 2, 1) stands for, by mode, owner and groups? */
static bool
may(const struct stat *st, const struct passwd *user, mode_t bit)
{
	gid_t groups[256];
	int n = 256;

	if (user->pw_uid == 0)
		return true;
	if (st->st_uid == user->pw_uid)
		return (st->st_mode & (bit << 6)) != 0;
	if (getgrouplist(user->pw_name, user->pw_gid, groups, &n) < 0)
		n = 0;
	for (int i = 0; i < n; i++)
		if (groups[i] == st->st_gid)
			return (st->st_mode & (bit << 3)) != 0;
	return (st->st_mode & bit) != 0;
}

/* Every folder on the way, then the socket itself. */
static void
check_reach(struct doctor *d, const char *path, const struct passwd *user)
{
	char *copy = arena_string(d->arena, span_of(path));
	struct stat st;

	for (char *p = strchr(copy + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (stat(copy, &st) == 0 && !may(&st, user, 1)) {
			doctor_find(d, "socket-folder", "give the folder to group "
			    "postfix with mode 0750", "%s: Postfix (user %s) may "
			    "not enter", copy, user->pw_name);
			return;
		}
		*p = '/';
	}
	if (stat(path, &st) == 0 && !may(&st, user, 2))
		doctor_find(d, "socket-mode", "set socket_group = postfix and "
		    "socket_mode = 0660", "%s: Postfix (user %s) may not write",
		    path, user->pw_name);
}

/* A file that nobody listens at is left from a daemon that is gone. */
static bool
is_stale(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_refused;

	if (fd < 0 || strlen(path) >= sizeof(un.sun_path)) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	strcpy(un.sun_path, path);
	is_refused = connect(fd, (struct sockaddr *)&un, sizeof(un)) < 0 &&
	    errno == ECONNREFUSED;
	close(fd);
	return is_refused;
}

static void
check_socket(struct doctor *d)
{
	struct span owner = doctor_get(d, "mail_owner");
	const char *path = d->config->socket, *name = owner.n != 0 ?
	    arena_string(d->arena, owner) : "postfix";
	const struct passwd *user = getpwnam(name);
	struct stat st;

	if (strncmp(path, "unix:", 5) != 0)
		return;
	path += 5;
	if (stat(path, &st) < 0)
		doctor_find(d, "socket", "start milterd", "%s: %s", path,
		    strerror(errno));
	else if (is_stale(path))
		doctor_find(d, "socket", "start milterd", "%s: nobody serves it",
		    path);
	else if (user != NULL)
		check_reach(d, path, user);
}

static void
check_folder(struct doctor *d, const char *name, const char *path, mode_t never)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno != EACCES)
			doctor_find(d, name, "start milterd, which makes it",
			    "%s: %s", path, strerror(errno));
	} else if ((st.st_mode & never) != 0)
		doctor_find(d, name, arena_print(d->arena, "chmod %04o %s",
		    st.st_mode & 07777 & ~never, path),
		    "%s: mode %04o lets in whom it should not", path,
		    st.st_mode & 07777);
}

static void
check_key_files(struct doctor *d, DIR *folder)
{
	struct dirent *one;
	struct stat st;

	while ((one = readdir(folder)) != NULL)
		if (fstatat(dirfd(folder), one->d_name, &st, 0) == 0 &&
		    S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
			doctor_find(d, "key-mode", arena_print(d->arena,
			    "chmod 0600 %s/%s; if others may have read it: "
			    "milterctl keys new", d->config->keys, one->d_name),
			    "%s/%s: mode %04o: whoever reads it can make IDs that "
			    "look like ours", d->config->keys, one->d_name,
			    st.st_mode & 07777);
}

static int64_t
newest_ms(const struct keyring *k)
{
	int64_t newest = 0, ms;
	uint8_t id;

	for (int after = -1; keyring_next(k, after, &id, &ms); after = id)
		if (ms > newest)
			newest = ms;
	return newest;
}

static void
check_keys(struct doctor *d)
{
	struct keyring *k = keyring_new();
	DIR *folder = opendir(d->config->keys);
	struct err e;
	int64_t age_ms;

	check_folder(d, "keys", d->config->keys, 077);
	if (folder != NULL)
		check_key_files(d, folder);
	if (folder != NULL && keyfile_load(d->config->keys, k, &e) == 0) {
		age_ms = clock_now_ms() - newest_ms(k);
		if (keyring_count(k) == 0)
			doctor_find(d, "no-key", "start milterd, which makes one",
			    "%s: no key", d->config->keys);
		else if (age_ms > KEY_DAYS * DAY_MS)
			doctor_find(d, "key-age", "milterctl keys new && milterctl "
			    "reload", "the newest key is %lld days old",
			    (long long)(age_ms / DAY_MS));
		else if (age_ms < -DAY_MS)
			doctor_find(d, "clock", "set the clock", "the newest key "
			    "is from the future: the clock goes wrong");
	}
	if (folder != NULL)
		closedir(folder);
	keyring_free(k);
}

static void
check_disk(struct doctor *d, const char *name, const char *path)
{
	struct statvfs vfs;
	uint64_t free_bytes;

	if (statvfs(path, &vfs) < 0)
		return;
	free_bytes = (uint64_t)vfs.f_bavail * vfs.f_frsize;
	if (free_bytes < LEAST_FREE_BYTES)
		doctor_find(d, name, "make room: letters wait when the disk is full",
		    "%s: only %llu MB are free", path,
		    (unsigned long long)free_bytes >> 20);
}

static void
check_ledger(struct doctor *d)
{
	struct store_usage u;
	struct err e = { "" };
	struct store *s = store_open_readonly(d->config->ledger, &e);

	check_folder(d, "ledger-mode", d->config->ledger, 07);
	check_folder(d, "spool-mode", d->config->spool, 077);
	if (s == NULL) {
		doctor_find(d, "ledger", "start milterd; be in group vanthu to "
		    "look", "%s", e.text);
		return;
	}
	store_usage(s, &u);
	store_close(s);
	if (u.used_bytes > d->config->ledger_size_limit / 100 * FULL_PERCENT)
		doctor_find(d, "ledger-full", "raise ledger_size_limit, or milterctl "
		    "prune", "%llu MB of the ledger's %zu MB are used: new letters "
		    "wait", (unsigned long long)u.used_bytes >> 20,
		    d->config->ledger_size_limit >> 20);
}

/* Silence for a day is a log that nobody writes any more. */
static void
check_log(struct doctor *d)
{
	const char *path = d->config->maillog;
	struct stat st;
	int64_t age_ms;

	if (path[0] == '\0')
		return;
	if (stat(path, &st) < 0) {
		doctor_find(d, "maillog", "set maillog to what \"postconf -h "
		    "maillog_file\" prints, or to syslog's file", "%s: %s", path,
		    strerror(errno));
		return;
	}
	age_ms = clock_now_ms() - (int64_t)st.st_mtime * 1000;
	if (age_ms > DAY_MS)
		doctor_find(d, "maillog-still", "look where Postfix logs to now",
		    "%s: nothing was written for %lld days", path,
		    (long long)(age_ms / DAY_MS));
	else if (age_ms < -DAY_MS)
		doctor_find(d, "clock", "set the clock", "%s is from the future",
		    path);
}

static void
check_settings(struct doctor *d)
{
	const struct config *c = d->config;

	if (c->on_error == ON_ERROR_ACCEPT)
		doctor_find(d, "on-error", "set on_error = tempfail", "what cannot "
		    "be judged leaves: a secret letter too");
	if (c->min_trust == 0)
		doctor_find(d, "min-trust", "set min_trust = 1", "anybody's word "
		    "would move a receipt");
}

void
doctor_files(struct doctor *d)
{
	check_socket(d);
	check_keys(d);
	check_ledger(d);
	check_disk(d, "ledger-disk", d->config->ledger);
	check_disk(d, "spool-disk", d->config->spool);
	check_log(d);
	check_settings(d);
}
