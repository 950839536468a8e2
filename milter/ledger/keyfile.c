/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/err.h"

#include "ledger/keyfile.h"

#define LINE_FORMAT "vanthu-key 1 %" PRId64 " %s\n"

/* "007.key" is key 7; -1 for any other name. */
static int
key_id(const char *name)
{
	int id, n = 0;

	if (sscanf(name, "%3d.key%n", &id, &n) != 1 || n != 7 ||
	    name[n] != '\0' || id < 0 || id > 255)
		return -1;
	return id;
}

static int
read_hex(const char *hex, uint8_t out[KEY_BYTES])
{
	unsigned byte;

	if (strlen(hex) != 2 * KEY_BYTES)
		return -1;
	for (size_t i = 0; i < KEY_BYTES; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return -1;
		out[i] = (uint8_t)byte;
	}
	return 0;
}

static int
check_mode(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(e, "%s", path);
	if ((st.st_mode & 077) != 0)
		return err_set(e, "%s: others may read this key; chmod 0600 it, "
		    "and make a new one with: milterctl keys new", path);
	return 0;
}

static int
load_one(const char *path, int id, struct keyring *k, struct err *e)
{
	uint8_t secret[KEY_BYTES];
	char hex[2 * KEY_BYTES + 2] = "";
	int64_t created;
	FILE *in = fopen(path, "re");
	int rc = -1;

	if (in == NULL)
		return err_errno(e, "%s: cannot read this key", path);
	if (check_mode(fileno(in), path, e) < 0)
		goto out;
	if (fscanf(in, "vanthu-key 1 %" SCNd64 " %65s", &created, hex) != 2 ||
	    read_hex(hex, secret) < 0) {
		err_set(e, "%s: not a key of ours; restore it from a backup or "
		    "move it away", path);
		goto out;
	}
	keyring_add(k, (uint8_t)id, created, secret);
	rc = 0;
out:
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(hex, sizeof(hex));
	fclose(in);
	return rc;
}

int
keyfile_load(const char *folder, struct keyring *k, struct err *e)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[4096];
	int rc = 0;

	if (dir == NULL)
		return err_errno(e, "%s: cannot read the keys' folder", folder);
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		int id = key_id(entry->d_name);

		if (id < 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		rc = load_one(path, id, k, e);
	}
	closedir(dir);
	return rc;
}

static int
free_id(const char *folder, struct err *e)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int highest = -1;

	if (dir == NULL)
		return err_errno(e, "%s: cannot read the keys' folder", folder);
	while ((entry = readdir(dir)) != NULL)
		if (key_id(entry->d_name) > highest)
			highest = key_id(entry->d_name);
	closedir(dir);
	if (highest >= 255)
		return err_set(e, "%s: all 256 key ids are used", folder);
	return highest + 1;
}

static int
write_key(int fd, int64_t now_ms)
{
	uint8_t secret[KEY_BYTES];
	char hex[2 * KEY_BYTES + 1], line[128];
	int n, rc;

	digest_random(secret, sizeof(secret));
	digest_hex(secret, sizeof(secret), hex);
	n = snprintf(line, sizeof(line), LINE_FORMAT, now_ms, hex);
	rc = write(fd, line, (size_t)n) == n && fsync(fd) == 0 ? 0 : -1;
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(hex, sizeof(hex));
	explicit_bzero(line, sizeof(line));
	return rc;
}

static int
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

int
keyfile_make(const char *folder, int64_t now_ms, uint8_t *id, struct err *e)
{
	char temporary[4096], path[4096];
	int next = free_id(folder, e), fd, rc;

	if (next < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/%03d.key", folder, next);
	snprintf(temporary, sizeof(temporary), "%s/.new-XXXXXX", folder);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s: cannot write a key here", folder);
	rc = fchmod(fd, 0600) == 0 ? write_key(fd, now_ms) : -1;
	close(fd);
	if (rc == 0)
		rc = link(temporary, path);
	if (rc < 0)
		err_errno(e, "%s: cannot write this key", path);
	unlink(temporary);
	if (rc == 0 && sync_folder(folder) < 0)
		rc = err_errno(e, "%s: cannot sync", folder);
	*id = (uint8_t)next;
	return rc;
}
