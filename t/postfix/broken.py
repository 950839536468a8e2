#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A disk that cannot write the ledger's first pages: LMDB gives its map up, the
filter ends, the parent starts another; the sender tries again."""

import pathlib
import subprocess
import unittest

import burden
import lab as house
from lab import letter


class Broken(unittest.TestCase):
    def setUp(self):
        self.lab = house.Lab()
        self.addCleanup(self.lab.close)
        self.sign = self.lab.folder / "broken"
        shim = self.lab.folder / "broken_disk.so"
        subprocess.run(
            ["cc", "-O2", "-shared", "-fPIC", "-o", shim,
             pathlib.Path(__file__).with_name("broken_disk.c"), "-ldl"],
            check=True)
        self.lab.daemon.environment.update(LD_PRELOAD=str(shim),
                                           BROKEN_DISK=str(self.sign))
        self.lab.__enter__()

    def test_a_filter_whose_ledger_is_given_up_is_replaced(self):
        daemon = self.lab.daemon
        parent, first = daemon.process.pid, daemon.filter()
        before = burden.load(self.lab, lambda got: len(got) > 20)
        self.assertEqual({a.code for _, a in before}, {250})
        self.sign.touch()
        broken = burden.load(self.lab, lambda got: len(got) > 20 and
                             daemon.filter() not in (0, first))
        self.assertTrue(any(400 <= a.code <= 499 for _, a in broken))
        self.sign.unlink()
        house.wait_for(
            lambda: self.lab.send(letter(), "a@sink.test").accepted,
            "service, now that the disk is whole")
        after = burden.load(self.lab, lambda got: len(got) > 20)
        self.assertEqual({a.code for _, a in after}, {250})
        self.assertEqual(daemon.process.pid, parent)
        self.assertIsNone(daemon.process.poll())
        self.assertRegex(daemon.log(), "Input/output error")
        burden.assert_nothing_lost(self, self.lab, before + broken + after)


if __name__ == "__main__":
    house.main()
