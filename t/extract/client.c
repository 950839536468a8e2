/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/wait.h>

#include <pthread.h>

#include <criterion/criterion.h>

#include "base/clock.h"
#include "base/err.h"
#include "extract/server.h"

#include "extract/client.h"
#include "serving.h"

static const struct client_limits limits = {
	.sink = { .text_bytes = 1 << 20, .unpacked_bytes = 32 << 20, .ratio = 100,
	    .members = 100, .depth = 4 },
	.sandbox = { .memory_bytes = 64 << 20, .time_ms = 2000 },
	.attachments = 100,
	.message_time_ms = 5000,
	.at_once = 1,
};

static struct finding
ask(struct client *c, struct arena *a, const char *orders, int64_t wait_ms)
{
	struct findings f;

	client_extract(c, a, span_of("trial"), span_of(orders), &limits.sink,
	    clock_monotonic_ms() + wait_ms, &f);
	cr_assert_eq(f.count, 1);
	return f.list[0];
}

static void
kill_server(pid_t pid)
{
	kill(pid, SIGKILL);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

Test(client, a_server_that_died_is_followed_by_another_on_the_same_socket)
{
	struct arena *a = arena_new();
	struct client *c;
	struct err e;
	int pair[2];
	pid_t pid;

	cr_assert_eq(server_socket(pair, &e), 0);
	c = client_new(pair[0], &limits);
	pid = serving_start(pair[1]);
	cr_expect(span_is(ask(c, a, "one", 5000).text, "one"));
	kill_server(pid);
	pid = serving_start(pair[1]);
	cr_expect(span_is(ask(c, a, "two", 5000).text, "two"));
	kill_server(pid);
	client_free(c);
	close(pair[0]);
	close(pair[1]);
	arena_free(a);
}

Test(client, without_a_server_the_wait_ends, .timeout = 60)
{
	struct arena *a = arena_new();
	struct client *c;
	struct err e;
	int pair[2];

	cr_assert_eq(server_socket(pair, &e), 0);
	c = client_new(pair[0], &limits);
	cr_expect_eq(ask(c, a, "one", 200).reason, PART_HELPER);
	close(pair[1]);
	cr_expect_eq(ask(c, a, "two", 5000).reason, PART_HELPER);
	cr_expect_eq(ask(c, a, "three", 0).reason, PART_TIME);
	client_free(c);
	close(pair[0]);
	arena_free(a);
}

/* A thread that asks, and what it got. */
struct asker {
	struct client *client;
	char orders[16];
	int64_t wait_ms;
	enum part_reason reason;
};

static void *
asker_run(void *cookie)
{
	struct asker *k = cookie;
	struct arena *a = arena_new();

	k->reason = ask(k->client, a, k->orders, k->wait_ms).reason;
	arena_free(a);
	return NULL;
}

Test(client, whoever_finds_no_turn_in_time_is_told_so_and_the_others_are_served)
{
	struct asker askers[8] = { 0 };
	pthread_t threads[8];
	struct client *c;
	struct err e;
	int pair[2], late = 0;
	size_t i;

	cr_assert_eq(server_socket(pair, &e), 0);
	serving_start(pair[1]);
	close(pair[1]);
	c = client_new(pair[0], &limits);
	for (i = 0; i < 8; i++) {
		askers[i] = (struct asker){ c, "wait", 600, PART_READ };
		cr_assert_eq(pthread_create(&threads[i], NULL, asker_run, &askers[i]), 0);
	}
	for (i = 0; i < 8; i++) {
		pthread_join(threads[i], NULL);
		late += askers[i].reason == PART_TIME;
	}
	cr_expect_eq(late, 8);
	for (i = 0; i < 8; i++) {
		askers[i] = (struct asker){ c, "text 500", 20000, PART_HELPER };
		cr_assert_eq(pthread_create(&threads[i], NULL, asker_run, &askers[i]), 0);
	}
	for (i = 0; i < 8; i++) {
		pthread_join(threads[i], NULL);
		cr_expect_eq(askers[i].reason, PART_READ);
	}
	client_free(c);
	close(pair[0]);
}
