/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/mman.h>

#include <unistd.h>

#include "base/config.h"
#include "base/err.h"
#include "base/fault.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct faults f = { 0 };
	struct config c;
	struct err e = { "" };
	char path[32];
	int fd = memfd_create("config", MFD_CLOEXEC);

	FUZZ_MUST(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (config_load(path, &c, &f, &e) < 0)
		FUZZ_MUST(f.errors > 0 || e.text[0] != '\0');
	config_end(&c);
	close(fd);
	faults_end(&f);
	return 0;
}
