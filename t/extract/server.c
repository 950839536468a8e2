/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/wait.h>

#include <stdio.h>

#include <criterion/criterion.h>

#include "base/clock.h"
#include "base/err.h"
#include "extract/client.h"

#include "extract/server.h"
#include "serving.h"

static const struct client_limits limits = {
	.sink = { .text_bytes = 1 << 20, .unpacked_bytes = 32 << 20, .ratio = 100,
	    .members = 100, .depth = 4 },
	.sandbox = { .memory_bytes = 32 << 20, .time_ms = 2000 },
	.attachments = 100,
	.message_time_ms = 5000,
	.at_once = 2,
};

struct desk {
	struct arena *arena;
	struct client *client;
	pid_t server;
	int fd;
};

static void
desk_open(struct desk *d)
{
	struct err e = { "" };
	int pair[2];

	d->arena = arena_new();
	cr_assert_eq(server_socket(pair, &e), 0, "%s", e.text);
	d->server = serving_start(pair[1]);
	d->fd = pair[0];
	close(pair[1]);
	d->client = client_new(d->fd, &limits);
}

/* The server ends when nobody can ask any more. */
static void
desk_close(struct desk *d)
{
	int status;

	client_free(d->client);
	close(d->fd);
	cr_expect_eq(waitpid(d->server, &status, 0), d->server);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	arena_free(d->arena);
}

static struct finding
ask(struct desk *d, const char *orders)
{
	struct findings f;

	client_extract(d->client, d->arena, span_of("trial"), span_of(orders),
	    &limits.sink, clock_monotonic_ms() + 60000, &f);
	cr_assert_geq(f.count, 1);
	return f.list[0];
}

Test(server, a_document_is_read_in_a_helper)
{
	struct desk d;
	struct findings f;

	desk_open(&d);
	client_extract(d.client, d.arena, span_of("trial"), span_of("MẬT\nnest 2"),
	    &limits.sink, clock_monotonic_ms() + 5000, &f);
	cr_assert_eq(f.count, 3);
	cr_expect_eq(f.list[0].reason, PART_READ);
	cr_expect(span_is(f.list[0].text, "MẬT"));
	cr_expect_str_eq(f.list[2].path, "1/1");
	desk_close(&d);
}

Test(server, one_can_be_started_for_this_process_alone)
{
	struct desk d = { .arena = arena_new() };
	struct err e = { "" };

	d.server = server_start(&d.fd, &e);
	cr_assert_gt(d.server, 0, "%s", e.text);
	d.client = client_new(d.fd, &limits);
	cr_expect(span_is(ask(&d, "Công văn").text, "Công văn"));
	desk_close(&d);
}

Test(server, much_text_comes_through_the_pipe)
{
	struct desk d;
	struct finding f;

	desk_open(&d);
	f = ask(&d, "text 1000000");
	cr_expect_eq(f.text.n, 1000000);
	cr_expect_eq(f.reason, PART_READ);
	desk_close(&d);
}

Test(server, an_empty_document_is_read_too)
{
	struct desk d;

	desk_open(&d);
	cr_expect_eq(ask(&d, "").reason, PART_READ);
	desk_close(&d);
}

Test(server, a_parser_that_was_taken_over_gets_nowhere)
{
	static const struct { char orders[16]; enum part_reason reason; } attempts[] = {
		{ "open", PART_READ }, { "create", PART_READ }, { "write", PART_READ },
		{ "run", PART_HELPER }, { "connect", PART_HELPER }, { "fork", PART_HELPER },
		{ "exec", PART_HELPER }, { "crash", PART_HELPER },
		{ "lie", PART_HELPER }, { "eat", SERVING_NO_MEMORY },
	};
	struct desk d;
	struct finding f;
	size_t i;

	desk_open(&d);
	for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		f = ask(&d, attempts[i].orders);
		cr_expect_eq(f.reason, attempts[i].reason, "%s: %s",
		    attempts[i].orders, part_reason_name(f.reason));
		cr_expect_not(span_is(f.text, "out"), "%s", attempts[i].orders);
	}
	cr_expect(span_is(ask(&d, "well").text, "well"), "the next one is read");
	desk_close(&d);
}

Test(server, nobody_is_killed_or_watched_by_a_helper)
{
	static const struct { char order[8]; enum part_reason reason; } tries[] = {
		{ "kill", PART_HELPER }, { "trace", PART_HELPER },
		{ "signal", PART_READ },
	};
	struct desk d;
	pid_t bystander;
	char text[64];
	size_t i;

	desk_open(&d);
	for (i = 0; i < 3; i++) {
		if ((bystander = fork()) == 0) {
			pause();
			_exit(0);
		}
		snprintf(text, sizeof(text), "%s %d", tries[i].order, (int)bystander);
		cr_expect_eq(ask(&d, text).reason, tries[i].reason);
		cr_expect_eq(waitpid(bystander, NULL, WNOHANG), 0);
		kill(bystander, SIGTERM);
		cr_expect_eq(waitpid(bystander, NULL, 0), bystander);
		snprintf(text, sizeof(text), "%s %d", tries[i].order, (int)d.server);
		cr_expect_eq(ask(&d, text).reason, tries[i].reason);
	}
	cr_expect(span_is(ask(&d, "well").text, "well"));
	desk_close(&d);
}

Test(server, a_helper_that_spins_or_waits_ends_in_time, .timeout = 120)
{
	struct desk d;

	desk_open(&d);
	cr_expect_eq(ask(&d, "before\nspin").reason, PART_TIME);
	cr_expect(span_is(ask(&d, "before\nwait").text, ""),
	    "text that was not yet written is not there");
	cr_expect_eq(ask(&d, "wait").reason, PART_TIME);
	desk_close(&d);
}

Test(server, what_was_read_before_a_member_crashed_is_found)
{
	struct desk d;
	struct findings f;

	desk_open(&d);
	client_extract(d.client, d.arena, span_of("x"), span_of("MẬT\nwide 1\ncrash"),
	    &limits.sink, clock_monotonic_ms() + 5000, &f);
	cr_assert_geq(f.count, 1);
	cr_expect(span_is(f.list[0].text, "MẬT"));
	cr_expect_eq(f.list[0].reason, PART_HELPER);
	desk_close(&d);
}
