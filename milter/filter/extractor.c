/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/prctl.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/config.h"
#include "base/err.h"
#include "base/log.h"
#include "extract/ocr.h"
#include "extract/server.h"
#include "filter/privilege.h"

#include "filter/extractor.h"

static int
settle(const struct config *c, pid_t parent, struct err *e)
{
	setpgid(0, 0);
	if (privilege_drop(c, e) < 0)
		return -1;
	/* Dropping root clears it; and the parent may be gone already. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return err_set(e, "the parent process is gone");
	privilege_no_cores();
	return 0;
}

/* Without it pages stay unread, and are said to be. */
static void
prepare_ocr(const struct config *c)
{
	struct err e;

	if (*c->extract_ocr != '\0' && ocr_open(c->extract_ocr, &e) < 0)
		log_event(LOG_LEVEL_ERROR, "no-ocr", "reason", e.text, NULL);
}

void
extractor_run(const struct config *c, pid_t parent, int fd, bool is_detached)
{
	struct err e = { "" };

	if (is_detached)
		privilege_detach();
	if (settle(c, parent, &e) == 0) {
		prepare_ocr(c);
		if (server_run(fd, &e) == 0)
			_exit(EXIT_SUCCESS);
	}
	log_event(LOG_LEVEL_ERROR, "extract-failed", "reason", e.text, NULL);
	_exit(EXIT_FAILURE);
}
