#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What milterctl does to the ledger while milterd holds it."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

import lab as house

FILL = pathlib.Path(house.BUILD) / "t/ctl/fill"


class Books(unittest.TestCase):
    """A daemon with an empty ledger, and an export of another one."""

    @classmethod
    def setUpClass(cls):
        subprocess.run(["make", "-s", "-C", house.BUILD, "t/ctl/fill"],
                       check=True)

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, as milterd does")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vanthu-"))
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.daemon = house.Daemon(self.folder / "v")
        self.addCleanup(self.daemon.stop)
        self.other = house.Daemon(self.folder / "o")
        (self.folder / "o/ledger").mkdir()
        subprocess.run([FILL, self.folder / "o/ledger", "50"], check=True)
        self.export = self.folder / "export.jsonl"
        self.fine(self.other, "export", "--output", self.export)

    def fine(self, daemon, *arguments):
        done = daemon.ctl(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def ask(self, line, payload=b""):
        """What the control socket answers."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(20)
            s.connect(str(self.daemon.folder / "run/control"))
            s.sendall(line + payload)
            s.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := s.recv(4096):
                answer += chunk
        return answer.decode()

    def test_the_daemon_writes_what_is_imported(self):
        self.daemon.start()
        said = self.fine(self.daemon, "import", self.export)
        self.assertIn("new or changed: 51 documents, 151 recipients", said)
        self.assertEqual(self.fine(self.daemon, "export"),
                         self.export.read_text())
        self.assertIn("event=changed operator=root", self.daemon.log())
        self.assertIn("new or changed: 0 documents",
                      self.fine(self.daemon, "import", self.export))
        self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual(self.fine(self.daemon, "export"),
                         self.export.read_text())

    def test_the_daemon_writes_while_it_is_backed_up_verified_and_pruned(self):
        self.daemon.start()
        self.fine(self.daemon, "import", self.export)
        said = self.fine(self.daemon, "prune", "--recipient", "u1@x1.edu.vn")
        self.assertRegex(said, r"erased: 0 documents, [1-9]")
        self.assertEqual(self.daemon.receipts("--to", "u1@x1.edu.vn"), [])
        self.fine(self.daemon, "prune", "--before", "2007-11-16")
        self.assertEqual(self.daemon.receipts("--until", "2007-11-16"), [])
        self.assertNotEqual(self.daemon.receipts(), [])
        copy = self.folder / "copy"
        self.fine(self.daemon, "backup", copy)
        self.assertIn(": 0 faults", self.fine(self.daemon, "verify"))
        kept = self.fine(self.daemon, "export")
        self.other.settings["ledger"] = copy / "ledger"
        self.other.write()
        self.assertEqual(self.fine(self.other, "export"), kept)

    def test_the_daemon_survives_what_makes_no_sense(self):
        self.daemon.start()
        for line, payload, word in (
                (b"change 5\n", b"12345", "record 1 of the list"),
                (b"change 500\n", b"12345", "ended too early"),
                (b"change 999999999999\n", b"", "at once"),
                (b"change x\n", b"", "ok 0 0 0 0"),
                (b"change\n", b"", "unknown command")):
            with self.subTest(line):
                self.assertIn(word, self.ask(line, payload))
        self.assertIn('"version"', self.fine(self.daemon, "status",
                                             "--format", "json"))

    def test_only_root_and_the_daemon_s_user_may_change(self):
        self.daemon.start()
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=0", "--clear-groups",
             house.BUILD / "milterctl", "-c", self.daemon.file, "import",
             self.export], text=True, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("only root", done.stderr)
        self.assertEqual(self.daemon.receipts(), [])


if __name__ == "__main__":
    house.main()
