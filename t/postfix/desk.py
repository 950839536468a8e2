#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What milterctl tells of Postfix: held letters, and whether all is wired."""

import json
import subprocess
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


if __name__ == "__main__":
    house.main()
