/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>

#include "base/config.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/source.h"
#include "filter/parent.h"
#include "filter/privilege.h"
#include "mail/mime.h"
#include "policy/policy.h"

#define CONFIG_FILE SYSCONFDIR "/vanthu/vanthu.conf"

struct options {
	const char *config;
	bool is_foreground;
	bool is_check;
};

static void
usage(FILE *out)
{
	fprintf(out,
	    "usage: milterd [-f] [-n] [-c FILE]\n"
	    "  -c FILE  configuration (default %s)\n"
	    "  -f       stay in the foreground, log on stderr\n"
	    "  -n       check configuration and policy, print every fault, exit\n"
	    "  -h, -V   this help, the version\n"
	    "example: milterd -n -c /etc/vanthu/vanthu.conf && milterd\n",
	    CONFIG_FILE);
}

/* -1 go on, else the exit status. */
static int
read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:fnhV", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 'f':
			o->is_foreground = true;
			break;
		case 'n':
			o->is_check = true;
			break;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		case 'V':
			printf("milterd %s\n", PACKAGE_VERSION);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "milterd: unexpected argument '%s'\n", argv[optind]);
	usage(stderr);
	return 2;
}

static int
load_config(const char *path, struct config *c)
{
	struct faults faults = { 0 };
	struct err e = { "" };
	int rc = config_load(path, c, &faults, &e);

	faults_print(&faults, stderr, true);
	if (e.text[0] != '\0')
		fprintf(stderr, "milterd: %s\n", e.text);
	faults_end(&faults);
	return rc;
}

static int
check_policy(const char *path)
{
	struct faults faults = { 0 };
	struct err e = { "" };
	struct sources *set = sources_open(path, ".policy", &e);
	struct policy *p = NULL;
	int rc;

	if (set == NULL)
		fprintf(stderr, "milterd: %s\n", e.text);
	else {
		mime_init();
		p = policy_compile(set, &faults);
	}
	faults_print(&faults, stderr, true);
	rc = p != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
	policy_free(p);
	sources_free(set);
	faults_end(&faults);
	return rc;
}

static int
fail(const struct err *e)
{
	fprintf(stderr, "milterd: %s\n", e->text);
	log_event(LOG_LEVEL_ERROR, "start-failed", "reason", e->text, NULL);
	return EXIT_FAILURE;
}

/*
 * Leave a parent in the background.  The one that was called waits until the
 * daemon serves, so that "started" is true when it says so.  Return -1 in the
 * daemon, with the descriptor to tell it by in ${ready}.
 */
static int
go_to_background(int *ready)
{
	int fds[2];
	pid_t pid;
	char byte;

	must(pipe2(fds, O_CLOEXEC) == 0);
	pid = fork();
	must(pid >= 0);
	if (pid > 0) {
		close(fds[1]);
		return read(fds[0], &byte, 1) == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	close(fds[0]);
	must(setsid() >= 0);
	*ready = fds[1];
	return -1;
}

/* Only once the starter heard that all is well is stderr of no more use. */
static int
run(struct config *c, const struct options *o)
{
	int ready = -1, rc;
	struct err e;

	log_open("milterd", o->is_foreground);
	if (privilege_prepare(c, &e) < 0)
		return fail(&e);
	privilege_no_cores();
	if (!o->is_foreground && (rc = go_to_background(&ready)) >= 0)
		return rc;
	if (parent_lock(c, &e) < 0)
		return fail(&e);
	return parent_run(c, ready);
}

int
main(int argc, char **argv)
{
	struct options o = { .config = CONFIG_FILE };
	struct config c;
	int rc = read_options(argc, argv, &o);

	if (rc >= 0)
		return rc;
	if (load_config(o.config, &c) < 0)
		rc = EXIT_FAILURE;
	if (o.is_check && check_policy(c.policy) != EXIT_SUCCESS)
		rc = EXIT_FAILURE;
	if (rc < 0)
		rc = o.is_check ? EXIT_SUCCESS : run(&c, &o);
	config_end(&c);
	return rc;
}
