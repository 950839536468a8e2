/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk that loses its first two pages, LMDB's meta pages, while the file
 * $BROKEN_DISK exists: preload it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define META_BYTES 8192

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
	ssize_t (*real)(int, const void *, size_t, off_t);
	const char *sign = getenv("BROKEN_DISK");

	if (offset < META_BYTES && sign != NULL && access(sign, F_OK) == 0) {
		errno = EIO;
		return -1;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "pwrite");
	return real(fd, bytes, n, offset);
}
