#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A full disk under load: the sender tries again, and nothing is lost."""

import os
import subprocess
import unittest

import burden
import lab as house
from lab import OFFICE, STRANGER, letter
from notices import report

DISK_MB = 24


class Full(unittest.TestCase):
    """Ledger and spool on a small disk of their own."""

    def setUp(self):
        self.lab = house.Lab()
        self.addCleanup(self.lab.close)
        self.daemon = self.lab.daemon
        self.disk = self.lab.folder / "disk"
        self.disk.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0755",
             "vanthu-lab", self.disk], stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            self.skipTest(f"cannot mount a tmpfs: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk])
        self.addCleanup(self.daemon.stop)
        self.daemon.settings.update(ledger=self.disk / "ledger",
                                    spool=self.disk / "spool")
        self.daemon.write()
        self.lab.__enter__()

    def fill(self, leave_kb):
        """Take all room but this much."""
        ballast = self.disk / "ballast"
        stat = os.statvfs(self.disk)
        free = stat.f_bavail * stat.f_frsize - leave_kb * 1024
        with open(ballast, "wb") as f:
            os.posix_fallocate(f.fileno(), 0, max(free, 4096))
        return ballast

    def go_through(self, leave_kb, large):
        pid = self.daemon.process.pid
        before = burden.load(self.lab, lambda got: len(got) > 20, large)
        self.assertEqual({a.code for _, a in before}, {250})
        ballast = self.fill(leave_kb)
        full = burden.load(self.lab, 
            lambda got: sum(400 <= a.code <= 499 for _, a in got) > 20, large)
        ballast.unlink()
        house.wait_for(
            lambda: self.lab.send(letter(), "a@sink.test").accepted,
            "service, now that there is room again")
        after = burden.load(self.lab, lambda got: len(got) > 20, large)
        self.assertEqual({a.code for _, a in after}, {250})
        burden.assert_nothing_lost(self, self.lab, before + full + after)
        self.assertEqual(self.daemon.process.pid, pid)
        self.assertIsNone(self.daemon.process.poll())

    def test_a_full_ledger_makes_letters_wait(self):
        self.go_through(64, large=False)

    def test_a_full_spool_makes_large_letters_wait(self):
        self.go_through(1024, large=True)

    def test_a_full_disk_is_in_the_log(self):
        self.fill(0)
        burden.load(self.lab, lambda got: any(400 <= a.code <= 499 for _, a in got))
        self.assertRegex(self.daemon.log(), r"(?i)(no space|full|no room)")

    def bounce_into_full(self):
        """Letters that are bounced while the disk is full: their recipients."""
        people = [f"u{i}@sink.test" for i in range(200)]
        data = letter()
        answer = self.lab.send(data, people)
        self.assertTrue(answer.accepted, answer)
        message_id = house.message_id_of(data)
        stamp = self.daemon.receipts("--message-id", message_id)[0]["id"]
        ballast = self.fill(0)
        bounced = []
        for person in people:
            notice_id, notice = report(stamp, person, "failed", "5.1.1")
            answer = self.lab.send(notice, OFFICE, sender="", client=STRANGER)
            self.assertTrue(answer.accepted, answer)
            self.lab.sink.wait_for_message(notice_id)
            bounced.append(person)
            if self.daemon.log().count("event=evidence-waits") >= 3:
                break
        self.assertIn("event=evidence-waits", self.daemon.log())
        self.assertNotIn("event=evidence-lost", self.daemon.log())
        return message_id, bounced, ballast

    def assert_all_failed(self, message_id, bounced):
        for person in bounced:
            self.daemon.wait_state(message_id, person, {"failed"})

    def test_a_bounce_that_came_while_the_disk_was_full_is_not_lost(self):
        message_id, bounced, ballast = self.bounce_into_full()
        ballast.unlink()
        self.assert_all_failed(message_id, bounced)
        self.assertIn("event=backlog-written", self.daemon.log())

    def test_nor_is_it_when_the_daemon_is_killed_meanwhile(self):
        message_id, bounced, ballast = self.bounce_into_full()
        house.kill_tree(self.daemon.process.pid)
        self.daemon.process.wait(10)
        ballast.unlink()
        self.daemon.start()
        self.assert_all_failed(message_id, bounced)

    def test_a_daemon_started_on_a_full_disk_serves_or_says_why(self):
        burden.load(self.lab, lambda got: len(got) > 20)
        ballast = self.fill(0)
        self.daemon.stop()
        try:
            self.daemon.start()
        except AssertionError:
            self.assertRegex(self.daemon.log_tail(),
                             r"(?i)(no space|full|no room)")
        self.daemon.stop()
        ballast.unlink()
        self.daemon.start()
        answer = self.lab.send(letter(), "a@sink.test")
        self.assertTrue(answer.accepted, answer)


if __name__ == "__main__":
    house.main()
