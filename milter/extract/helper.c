/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/mman.h>
#include <sys/prctl.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/span.h"
#include "extract/sandbox.h"
#include "extract/sink.h"

#include "helper_internal.h"
#include "wire_internal.h"

/* Libraries abort, or fall over a NULL, when they get no memory: told apart here. */
static void
on_crash(int signal)
{
	(void)signal;
	_exit(errno == ENOMEM ? HELPER_NO_MEMORY : HELPER_FAILED);
}

void
helper_prepare(void)
{
	signal(SIGABRT, on_crash);
	signal(SIGTRAP, on_crash);
	signal(SIGSEGV, on_crash);
}

static void
be_a_helper(pid_t server)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != server)
		_exit(HELPER_FAILED);
}

/* What a library prints is about a document: it goes nowhere. */
static int
silence(int null)
{
	int i;

	for (i = 0; i < 3; i++)
		if (dup2(null, i) < 0)
			return -1;
	return 0;
}

static int
map_bytes(int fd, size_t size, struct span *bytes)
{
	void *p = NULL;

	if (size != 0)
		p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	*bytes = (struct span){ p, size };
	return p != MAP_FAILED ? 0 : -1;
}

void
helper_run(struct sandbox *s, const struct wire_request *r, pid_t server, int null,
    const int fds[2])
{
	struct span bytes;
	struct sink *sink;
	int out = fds[1];

	be_a_helper(server);
	if (silence(null) < 0 || map_bytes(fds[0], r->size, &bytes) < 0 ||
	    sandbox_enter(s, &r->sandbox, out) < 0)
		_exit(HELPER_FAILED);
	sink = sink_new(out, &r->sink);
	_exit(sink_document(sink, span_of(r->name), bytes) == 0 ? HELPER_DONE :
	    HELPER_FAILED);
}
