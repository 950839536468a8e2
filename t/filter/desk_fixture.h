/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef T_FILTER_DESK_FIXTURE_H
#define T_FILTER_DESK_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fault.h"
#include "filter/desk.h"
#include "mail/mime.h"

/* A real desk in a folder of its own: keys, ledger, policy, spool. */
struct fixture {
	char folder[64];
	struct desk desk;
};

#define FIXTURE_POLICY							\
	"ministry {\n domain moet.edu.vn\n network 127.0.0.0/8\n}\n"	\
	"rule letter {\n if text ~ /Số: (?<n>\\d+)/\n track \"{n}\"\n}\n"	\
	"rule mark {\n if text ~ /^MẬT$/m\n reject 550 5.7.1 \"no\"\n}\n"	\
	"rule wait {\n if subject ~ /^hold/\n hold \"look\"\n}\n"	\
	"rule later {\n if subject ~ /^later/\n defer 451 4.7.1 \"later\"\n}\n"

static inline char *
fixture_path(struct fixture *f, const char *name)
{
	char *path;

	must(asprintf(&path, "%s/%s", f->folder, name) > 0);
	return path;
}

static inline void
fixture_write_policy(struct fixture *f, const char *text)
{
	FILE *out = fopen(f->desk.config.policy, "w");

	must(out != NULL && fputs(text, out) >= 0 && fclose(out) == 0);
	must(chmod(f->desk.config.policy, 0644) == 0);
}

static inline void
fixture_begin(struct fixture *f)
{
	struct config *c = &f->desk.config;
	struct faults faults = { 0 };
	struct err e = { "" };

	memset(f, 0, sizeof(*f));
	strcpy(f->folder, "/tmp/vanthu-desk-XXXXXX");
	must(mkdtemp(f->folder) != NULL);
	config_default(c);
	free(c->ledger);
	free(c->spool);
	free(c->keys);
	free(c->policy);
	c->ledger = fixture_path(f, "ledger");
	c->spool = fixture_path(f, "spool");
	c->keys = fixture_path(f, "keys");
	c->policy = fixture_path(f, "test.policy");
	must(mkdir(c->ledger, 0750) == 0 && mkdir(c->spool, 0700) == 0 &&
	    mkdir(c->keys, 0700) == 0);
	fixture_write_policy(f, FIXTURE_POLICY);
	mime_init();
	if (desk_open(&f->desk, &faults, &e) < 0) {
		faults_print(&faults, stderr, true);
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
}

static inline void
fixture_end(struct fixture *f)
{
	char command[128];

	desk_close(&f->desk);
	config_end(&f->desk.config);
	snprintf(command, sizeof(command), "rm -rf %s", f->folder);
	must(system(command) == 0);
}

#endif /* !T_FILTER_DESK_FIXTURE_H */
