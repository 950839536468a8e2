#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What milterctl tells of Postfix: held letters, and whether all is wired."""

import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import lab as house
from lab import letter


class Held(unittest.TestCase):
    def setUp(self):
        self.lab = house.Lab()
        self.addCleanup(self.lab.close)
        (self.lab.daemon.policy / "zz.policy").write_text(
            "rule stop {\n if subject ~ /^STOP/\n hold \"look\"\n}\n")
        self.lab.__enter__()

    def held(self, *more):
        return self.lab.daemon.ctl(
            "held", "--postfix", self.lab.postfix.conf, *more)

    def test_a_held_letter_is_told_with_the_line_that_releases_it(self):
        done = self.held()
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        stopped = letter("thu-thuong.eml").replace(
            b"Subject: ", b"Subject: STOP ", 1)
        self.assertTrue(self.lab.send(
            stopped, ["a@sink.test", "b@sink.test"]).accepted)
        row = json.loads(self.held("--format", "json").stdout)
        self.assertEqual((row["rule"], row["to"], row["from"]),
                         ("stop", ["a@sink.test", "b@sink.test"],
                          house.OFFICE))
        self.assertTrue(row["since"] and row["queue_id"])
        self.assertIn("header:Subject", row["where"])
        self.assertIn(f"postsuper -c {self.lab.postfix.conf} -H QUEUE-ID",
                      self.held().stdout)
        subprocess.run(row["release"].split(), check=True,
                       stderr=subprocess.DEVNULL)
        self.lab.postfix.command("flush")
        house.wait_for(lambda: len(self.lab.sink.arrived) == 1, "it leaves")
        self.assertEqual(self.held().returncode, 1)

    def test_what_others_hold_is_not_ours(self):
        answer = self.lab.send(letter("cong-van.eml"), "soft@sink.test")
        self.assertTrue(answer.accepted)
        subprocess.run(["postsuper", "-c", self.lab.postfix.conf, "-h", "ALL"],
                       check=True, stderr=subprocess.DEVNULL)
        done = self.held()
        self.assertEqual(done.returncode, 1)
        self.assertIn("1 more letters are on hold", done.stderr)

    def test_without_postfix_it_cannot_be_told(self):
        done = self.lab.daemon.ctl("held", "--postfix", "/nonexistent")
        self.assertEqual(done.returncode, 3, done.stderr)


BASE_CF = """\
compatibility_level = 3.6
queue_directory = {b}/spool
data_directory = {b}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {b}/maillog
"""

BASE_MASTER = """\
smtp inet n - y - - smtpd
cleanup unix n - y - 0 cleanup
"""


class Doctor(unittest.TestCase):
    """The recipe of contrib/postfix as it is shipped, with milterd running."""

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to be milterd and to look everywhere")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vanthu-"))
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.conf = self.folder / "conf"
        run = self.folder / "spool/vanthu"
        for path in (self.conf, self.folder / "data", run):
            path.mkdir(parents=True)
        os.chown(run, 0, pwd.getpwnam("postfix").pw_gid)
        run.chmod(0o750)
        self.recipe()
        log = self.folder / "maillog"
        log.write_text("")
        self.daemon = house.Daemon(
            self.folder / "v", socket=f"unix:{run}/vanthu.sock",
            socket_mode="0660", socket_group="postfix", maillog=log)
        self.daemon.socket = run / "vanthu.sock"
        self.addCleanup(self.daemon.stop)
        self.daemon.start()

    def recipe(self):
        """As README of contrib/postfix says, but for where the filter lies."""
        shipped = house.SOURCE / "contrib/postfix"
        shutil.copy(shipped / "notify.regexp", self.conf)
        self.main = self.conf / "main.cf"
        self.main.write_text(BASE_CF.format(b=self.folder)
                             + (shipped / "main.cf").read_text())
        self.master = self.conf / "master.cf"
        self.master.write_text(BASE_MASTER + (
            shipped / "master.cf").read_text().replace(
                "/etc/postfix/vanthu-notify.regexp",
                str(self.conf / "notify.regexp")))

    def findings(self):
        done = self.daemon.ctl("doctor", "--postfix", self.conf,
                               "--format", "json")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(done.returncode, 1 if rows else 0, done.stderr)
        self.assertEqual(done.stderr, "")
        for row in rows:
            self.assertTrue(row["what"] and row["mend"], row)
        return {row["finding"]: row["what"] for row in rows}

    def set(self, text):
        with open(self.main, "a") as f:
            f.write(text + "\n")

    def change(self, path, old, new):
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))

    def config(self, **settings):
        self.daemon.settings.update(settings)
        self.daemon.write()

    def key(self):
        return next(iter((self.daemon.folder / "keys").glob("*.key")))

    def old_key(self):
        path = self.key()
        path.write_text(re.sub(r"(vanthu-key 1) \d+", r"\1 1000000000000",
                               path.read_text()))

    def old_log(self):
        when = time.time() - 3 * 86400
        os.utime(self.folder / "maillog", (when, when))

    def grow_policy(self):
        with open(self.daemon.policy / "moet.policy", "a") as f:
            f.write("\n# changed\n")

    def grow_ledger(self):
        other = house.Daemon(self.folder / "o")
        ledger = self.folder / "o/ledger"
        ledger.mkdir()
        subprocess.run(["make", "-s", "-C", house.BUILD, "t/ctl/fill"],
                       check=True)
        subprocess.run([pathlib.Path(house.BUILD) / "t/ctl/fill", ledger,
                        "300"], check=True)
        export = self.folder / "export"
        for daemon, words in ((other, ("export", "--output", export)),
                              (self.daemon, ("import", export))):
            done = daemon.ctl(*words)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.config(ledger_size_limit="1M")

    def planted(self):
        """(finding, how it is planted)"""
        sock = "unix:vanthu/vanthu.sock"
        other = "unix:elsewhere/x.sock"
        return [
            ("smtpd_milters", lambda: self.set(f"smtpd_milters = {other}")),
            ("milter-order", lambda: self.set(
                f"smtpd_milters = {sock}, unix:rspamd/milter.sock")),
            ("milter-default-action", lambda: self.set(
                f"smtpd_milters = {{ {sock}, default_action=accept }}")),
            ("milter-default-action", lambda: self.set(
                f"smtpd_milters = {sock}\nmilter_default_action = accept")),
            ("milter-chroot", lambda: self.set(
                f"smtpd_milters = unix:{self.daemon.socket}")),
            ("non_smtpd_milters", lambda: self.set("non_smtpd_milters =")),
            ("notices-of-failure", lambda: self.set(
                "internal_mail_filter_classes = notify")),
            ("notices-of-success", lambda: self.set(
                "internal_mail_filter_classes = bounce")),
            ("long-queue-ids", lambda: self.set("enable_long_queue_ids = no")),
            ("command-filter", lambda: self.change(
                self.master, "-o smtpd_command_filter", "-o smtpd_x_filter")),
            ("command-filter-file", lambda: (
                self.conf / "notify.regexp").unlink()),
            ("command-filter-mark", lambda: self.change(
                self.conf / "notify.regexp", "DELAY,FAILURE,SUCCESS",
                "SUCCESS,FAILURE,DELAY")),
            ("no-milters", lambda: self.set(
                "receive_override_options = no_milters")),
            ("no-milters", lambda: self.change(
                self.master, "  -o syslog_name",
                "  -o receive_override_options=no_milters\n"
                "  -o syslog_name")),
            ("smtpd_milters of the submission service", lambda: self.change(
                self.master, "  -o syslog_name",
                "  -o smtpd_milters=\n  -o syslog_name")),
            ("dsn-discarded", lambda: self.set(
                "smtpd_discard_ehlo_keywords = silent-discard, dsn")),
            ("milter-protocol", lambda: self.set("milter_protocol = 2")),
            ("message-size", lambda: self.set("message_size_limit = 99999999")),
            ("maillog-file", lambda: self.set(
                f"maillog_file = {self.folder}/other")),
            ("maillog-writer", lambda: (self.set("maillog_file ="),
                                        self.config(
                                            maillog_writer="postlogd"))),
            ("maillog", lambda: (self.folder / "maillog").unlink()),
            ("maillog-still", self.old_log),
            ("socket-folder", lambda: self.daemon.socket.parent.chmod(0o700)),
            ("socket-mode", lambda: self.daemon.socket.chmod(0o600)),
            ("keys", lambda: (self.daemon.folder / "keys").chmod(0o755)),
            ("key-mode", lambda: self.key().chmod(0o644)),
            ("key-age", self.old_key),
            ("ledger-mode", lambda: (
                self.daemon.folder / "ledger").chmod(0o755)),
            ("ledger-full", self.grow_ledger),
            ("on-error", lambda: self.config(on_error="accept")),
            ("min-trust", lambda: self.config(min_trust="0")),
            ("policy-differs", self.grow_policy),
            ("policy", lambda: (
                self.daemon.policy / "zz.policy").write_text("rule {\n")),
            ("daemon", lambda: self.config(control=self.folder / "none")),
            ("ledger", lambda: self.config(ledger=self.folder / "none")),
            ("postconf", lambda: shutil.rmtree(self.conf)),
        ]

    def test_nothing_is_said_of_the_shipped_recipe(self):
        self.assertEqual(self.findings(), {})
        done = self.daemon.ctl("doctor", "--postfix", self.conf)
        self.assertEqual((done.returncode, done.stdout),
                         (0, "nothing found\n"))

    def test_a_signer_behind_and_a_scanner_before_are_in_order(self):
        self.set("smtpd_milters = { unix:rspamd/milter.sock },\n"
                 "    { unix:vanthu/vanthu.sock, default_action=tempfail },\n"
                 "    { unix:opendkim/opendkim.sock }")
        self.assertEqual(self.findings(), {})

    def test_each_planted_fault_is_found(self):
        saved = self.folder.parent / (self.folder.name + "-saved")
        shutil.copytree(self.folder / "v", saved, symlinks=True,
                        ignore=shutil.ignore_patterns("control", "*.sock",
                                                      "ledger"))
        self.addCleanup(shutil.rmtree, saved, True)
        settings = dict(self.daemon.settings)
        planted = self.planted()
        self.assertGreaterEqual(len(planted), 25)
        for finding, plant in planted:
            with self.subTest(finding):
                plant()
                self.assertIn(finding, self.findings())
            self.restore(saved, settings)
        self.assertEqual(self.findings(), {})

    def restore(self, saved, settings):
        self.conf.mkdir(exist_ok=True)
        self.recipe()
        log = self.folder / "maillog"
        log.write_text("")
        os.utime(log)
        self.daemon.socket.parent.chmod(0o750)
        self.daemon.socket.chmod(0o660)
        (self.daemon.folder / "ledger").chmod(0o750)
        for name in ("keys", "policy"):
            shutil.rmtree(self.daemon.folder / name)
            shutil.copytree(saved / name, self.daemon.folder / name)
            shutil.copystat(saved / name, self.daemon.folder / name)
        self.daemon.settings = dict(settings)
        self.daemon.write()

    def test_a_daemon_that_is_down_is_told(self):
        self.daemon.stop()
        self.assertEqual(sorted(self.findings()), ["daemon", "socket"])


if __name__ == "__main__":
    house.main()
