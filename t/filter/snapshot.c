/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <unistd.h>

#include "base/arena.h"
#include "filter/snapshot.h"
#include "policy/policy.h"

#include "desk_fixture.h"

static struct fixture f;

static void
begin(void)
{
	fixture_begin(&f);
}

static void
end(void)
{
	fixture_end(&f);
}

TestSuite(snapshot, .init = begin, .fini = end);

Test(snapshot, a_message_keeps_the_policy_it_began_with)
{
	const struct snapshot *old = snapshot_hold(f.desk.snapshots), *now;
	struct faults faults = { 0 };
	struct err e;

	fixture_write_policy(&f, FIXTURE_POLICY "rule extra {\n if subject ~ /x/\n note\n}\n");
	cr_assert_eq(desk_reload(&f.desk, &faults, &e), 0, "%s", e.text);
	now = snapshot_hold(f.desk.snapshots);
	cr_expect_eq(policy_rule_count(old->policy), 4);
	cr_expect_eq(policy_rule_count(now->policy), 5);
	snapshot_release(f.desk.snapshots, old);
	snapshot_release(f.desk.snapshots, now);
}

Test(snapshot, a_broken_policy_leaves_the_old_one_in_force)
{
	const struct snapshot *now;
	struct faults faults = { 0 };
	struct err e = { "" };

	fixture_write_policy(&f, "rule {\n");
	cr_expect_eq(desk_reload(&f.desk, &faults, &e), -1);
	cr_expect_gt(faults.errors, 0);
	now = snapshot_hold(f.desk.snapshots);
	cr_expect_eq(policy_rule_count(now->policy), 4);
	snapshot_release(f.desk.snapshots, now);
	faults_end(&faults);
}

Test(snapshot, an_empty_policy_file_never_loads)
{
	struct faults faults = { 0 };
	struct err e = { "" };

	fixture_write_policy(&f, "");
	cr_expect_eq(desk_reload(&f.desk, &faults, &e), -1);
	cr_expect(strstr(e.text, f.desk.config.policy) != NULL, "%s", e.text);
	faults_end(&faults);
}

static int
open_again(struct faults *faults, struct err *e)
{
	desk_close(&f.desk);
	return desk_open(&f.desk, faults, e);
}

Test(snapshot, a_restart_with_a_broken_policy_gives_the_last_good_one)
{
	struct faults faults = { 0 };
	struct err e = { "" };
	struct arena *a = arena_new();
	const struct snapshot *now;
	const char *broken;

	fixture_write_policy(&f, FIXTURE_POLICY "rule extra {\n if subject ~ /x/\n note\n}\n");
	cr_assert_eq(desk_reload(&f.desk, &faults, &e), 0, "%s", e.text);
	cr_expect_null(snapshots_broken(f.desk.snapshots, a));
	fixture_write_policy(&f, "rule half {\n");
	cr_assert_eq(open_again(&faults, &e), 0);
	now = snapshot_hold(f.desk.snapshots);
	cr_expect_eq(policy_rule_count(now->policy), 5);
	snapshot_release(f.desk.snapshots, now);
	broken = snapshots_broken(f.desk.snapshots, a);
	cr_expect(broken != NULL && strstr(broken, "half") != NULL, "%s", broken);
	fixture_write_policy(&f, FIXTURE_POLICY);
	cr_expect_eq(desk_reload(&f.desk, &faults, &e), 0);
	cr_expect_null(snapshots_broken(f.desk.snapshots, a));
	faults_end(&faults);
	arena_free(a);
}

Test(snapshot, a_policy_that_never_came_into_force_is_not_kept)
{
	char nowhere[] = "/nowhere/to/be/found", *keys = f.desk.config.keys;
	const struct snapshot *now;
	struct faults faults = { 0 };
	struct err e = { "" };

	fixture_write_policy(&f, FIXTURE_POLICY "rule extra {\n if subject ~ /x/\n note\n}\n");
	f.desk.config.keys = nowhere;
	cr_expect_eq(desk_reload(&f.desk, &faults, &e), -1);
	f.desk.config.keys = keys;
	fixture_write_policy(&f, "rule {\n");
	cr_assert_eq(open_again(&faults, &e), 0, "%s", e.text);
	now = snapshot_hold(f.desk.snapshots);
	cr_expect_eq(policy_rule_count(now->policy), 4);
	snapshot_release(f.desk.snapshots, now);
	faults_end(&faults);
}

Test(snapshot, what_is_kept_is_whole_or_it_is_nothing)
{
	struct faults faults = { 0 };
	struct err e = { "" };
	char path[200];

	snprintf(path, sizeof(path), "%s/policy.last", f.desk.config.ledger);
	cr_assert_eq(truncate(path, 100), 0);
	fixture_write_policy(&f, "rule half {\n");
	cr_expect_eq(open_again(&faults, &e), -1);
	cr_expect_gt(faults.errors, 0);
	faults_end(&faults);
	fixture_write_policy(&f, FIXTURE_POLICY);
	cr_assert_eq(open_again(&faults, &e), 0);
}

Test(snapshot, a_reload_probes_only_what_is_new)
{
	struct faults faults = { 0 };
	struct err e;
	const struct snapshot *now;

	fixture_write_policy(&f, FIXTURE_POLICY "rule extra {\n if subject ~ /x/\n note\n}\n");
	cr_assert_eq(desk_reload(&f.desk, &faults, &e), 0);
	now = snapshot_hold(f.desk.snapshots);
	cr_expect_eq(policy_probes(now->policy), 1);
	snapshot_release(f.desk.snapshots, now);
}
