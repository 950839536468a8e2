/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "ctl/options.h"
#include "ledger/store.h"

#include "verb_internal.h"

#define DEEPEST 16

static const struct option_rule known[] = { { NULL, OPTION_FLAG } };

static int
sync_close(int fd, const char *path, struct err *e)
{
	int rc = fsync(fd);

	return close(fd) < 0 || rc < 0 ? err_errno(e, "%s", path) : 0;
}

static int
sync_folder(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_errno(e, "%s", path) : sync_close(fd, path, e);
}

static int
copy_bytes(int in, int out, const char *path, struct err *e)
{
	char room[65536];
	ssize_t n;

	while ((n = read(in, room, sizeof(room))) > 0)
		for (ssize_t done = 0, w; done < n; done += w)
			if ((w = write(out, room + done, (size_t)(n - done))) < 0)
				return err_errno(e, "%s", path);
	return n < 0 ? err_errno(e, "%s", path) : 0;
}

static int
copy_file(const char *from, const char *to, struct err *e)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, rc = -1;

	if (in < 0)
		return err_errno(e, "%s", from);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (out < 0)
		err_errno(e, "%s", to);
	else
		rc = copy_bytes(in, out, to, e);
	close(in);
	if (out >= 0 && sync_close(out, to, rc == 0 ? e : &(struct err){ "" }) < 0)
		rc = -1;
	return rc;
}

static int copy_tree(struct arena *a, const char *from, const char *to,
    unsigned depth, struct err *e);

static int
copy_folder(struct arena *a, const char *from, const char *to, unsigned depth,
    struct err *e)
{
	DIR *folder = opendir(from);
	struct dirent *one;
	int rc = 0;

	if (folder == NULL)
		return err_errno(e, "%s", from);
	if (mkdir(to, 0750) < 0)
		rc = err_errno(e, "%s", to);
	while (rc == 0 && (one = readdir(folder)) != NULL)
		if (strcmp(one->d_name, ".") != 0 && strcmp(one->d_name, "..") != 0)
			rc = copy_tree(a, arena_print(a, "%s/%s", from, one->d_name),
			    arena_print(a, "%s/%s", to, one->d_name), depth + 1, e);
	closedir(folder);
	return rc == 0 ? sync_folder(to, e) : -1;
}

/* Sockets and the like are no part of a policy. */
static int
copy_tree(struct arena *a, const char *from, const char *to, unsigned depth,
    struct err *e)
{
	struct stat st;

	if (depth > DEEPEST)
		return err_set(e, "%s: nested more than %d deep", from, DEEPEST);
	if (stat(from, &st) < 0)
		return err_errno(e, "%s", from);
	if (S_ISDIR(st.st_mode))
		return copy_folder(a, from, to, depth, e);
	return S_ISREG(st.st_mode) ? copy_file(from, to, e) : 0;
}

static int
copy_ledger(struct arena *a, const struct config *c, const char *to, struct err *e)
{
	const char *folder = arena_print(a, "%s/ledger", to);
	struct store *s = store_open_readonly(c->ledger, e);
	int rc = -1;

	if (s == NULL)
		return -1;
	if (mkdir(folder, 0750) < 0)
		err_errno(e, "%s", folder);
	else
		rc = store_copy(s, folder, e);
	store_close(s);
	return rc;
}

static int
copy_all(struct arena *a, const struct context *ctx, const struct config *c,
    const char *to, struct err *e)
{
	if (copy_ledger(a, c, to, e) < 0 ||
	    copy_tree(a, c->policy, arena_print(a, "%s/policy", to), 0, e) < 0)
		return -1;
	if (access(ctx->config_path, F_OK) == 0 && copy_file(ctx->config_path,
	    arena_print(a, "%s/vanthu.conf", to), e) < 0)
		return -1;
	return sync_folder(to, e);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *place)
{
	(void)st;
	(void)flag;
	(void)place;
	return remove(path);
}

/* Under another name until it is whole: what bears the name can be relied on. */
static int
back_up(struct arena *a, const struct context *ctx, const struct config *c,
    const char *to, struct err *e)
{
	const char *part = arena_print(a, "%s.part", to);
	struct stat st;

	if (lstat(to, &st) == 0)
		return err_set(e, "%s: is there already; a backup replaces nothing",
		    to);
	if (mkdir(part, 0750) < 0)
		return err_errno(e, "%s: another backup is made there, or "
		    "was killed: then remove it", part);
	if (copy_all(a, ctx, c, part, e) < 0) {
		nftw(part, remove_one, DEEPEST, FTW_DEPTH | FTW_PHYS);
		return -1;
	}
	if (rename(part, to) < 0)
		return err_errno(e, "%s", to);
	return sync_folder(dirname(arena_string(a, span_of(to))), e);
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct options o;
	struct config c;
	struct err e;
	int status;

	if (verb_options("backup", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 1 || o.operands[0][0] == '\0')
		return fail_usage("backup", "the folder to be made is needed");
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	if (back_up(a, ctx, &c, o.operands[0], &e) < 0)
		status = fail(STATUS_UNREACHABLE, "%s", e.text);
	else
		printf("%s: ledger, policy and configuration; the keys are not in "
		    "it: keep %s safe\nelsewhere, for without them the IDs of "
		    "these documents cannot be verified again\n", o.operands[0],
		    c.keys);
	config_end(&c);
	return status;
}

const struct verb verb_backup = {
	"backup", "copy ledger and policy while the daemon runs",
	"usage: milterctl backup FOLDER\n\n"
	"Make FOLDER and copy into it the ledger as it is at one moment, the policy\n"
	"and the configuration.  milterd goes on meanwhile.  Once FOLDER is there it is\n"
	"whole and on disk; a folder that is there already is not touched.\n\n"
	"Keys are not copied: keep them elsewhere.  Whoever has them can make IDs that\n"
	"look like ours; if they are lost, acknowledgements of documents from before\n"
	"cannot be told from forged ones.\n\n"
	"To restore: stop milterd, put ledger/data.mdb where the ledger was, give it to\n"
	"the user of milterd, start milterd; milterctl verify tells if it is whole.\n\n"
	"Exit status: 0; 2 usage; 3 something cannot be read or written.\n\n"
	"example: milterctl backup /backup/vanthu-$(date +%F)\n",
	run,
};
