#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What milterd says to bad input, and that it goes on with the last good one."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import lab as house
from lab import letter, stamps

FIVE_FAULTS = """\
ministry {
    domain moet.edu.vn
    network 127.0.0.300/8
}
rule one {
    if atachment.text ~ /x/
    reject 550 5.7.1 "no"
}
rule two {
    if subject ~ /(unclosed/
    reject 550 5.7.1 "no"
}
rule three {
    reject 550 5.7.1 "no"
}
rule four {
    if subject in @no-such-list
    reject 550 5.7.1 "no"
}
"""


class Faults(unittest.TestCase):
    """A daemon's folder for each test, without Postfix."""

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to run milterd as somebody else")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vanthu-"))
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.daemon = house.Daemon(self.folder / "v")
        self.addCleanup(self.daemon.stop)

    def refuse(self, *words, arguments=("-f",), config=None, **kwargs):
        """milterd must not start, and say these words on its error lines."""
        file = config or self.daemon.file
        try:
            done = self.daemon.run(*arguments, "-c", file, **kwargs)
        except subprocess.TimeoutExpired:
            self.fail("milterd started")
        self.assertNotEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(done.returncode, 0, "killed by a signal")
        for word in words:
            self.assertIn(word, done.stderr)
        return done.stderr

    def test_a_good_configuration_checks(self):
        done = self.daemon.run("-n", "-c", self.daemon.file)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_an_unknown_name_is_told_with_file_line_and_way_out(self):
        with open(self.daemon.file, "a") as f:
            f.write("sokcet_mode = 0660\n")
        line = len(self.daemon.settings) + 1
        for arguments in (("-n",), ("-f",)):
            self.refuse(f"{self.daemon.file}:{line}:", "sokcet_mode",
                        "did you mean 'socket_mode'", arguments=arguments)

    def test_a_missing_configuration_file_is_told(self):
        self.refuse("/nonexistent/vanthu.conf",
                    config="/nonexistent/vanthu.conf")

    def test_five_faults_of_a_policy_are_told_in_one_run(self):
        bad = self.daemon.policy / "zz.policy"
        bad.write_text(FIVE_FAULTS)
        said = self.refuse(arguments=("-n",))
        for line, word in ((3, "127.0.0.300"), (6, "atachment"), (10, ""),
                           (13, ""), (17, "no-such-list")):
            told = [t for t in said.splitlines() if f"zz.policy:{line}:" in t]
            if line == 13:  # the rule without "if": at its name or its end
                told = [t for t in said.splitlines()
                        if any(f"zz.policy:{n}:" in t for n in (13, 14, 15))]
            self.assertTrue(told, f"no fault at line {line} in:\n{said}")
            self.assertIn(word, "\n".join(told))
        self.assertIn("did you mean", said)

    def test_a_faulty_policy_keeps_the_daemon_from_starting(self):
        (self.daemon.policy / "zz.policy").write_text(FIVE_FAULTS)
        self.refuse("zz.policy:6:")

    def test_an_empty_policy_file_is_told(self):
        empty = self.folder / "empty.policy"
        empty.write_text("")
        self.daemon.settings["policy"] = empty
        self.daemon.write()
        for arguments in (("-n",), ("-f",)):
            self.refuse("empty.policy", arguments=arguments)

    def test_a_policy_folder_without_a_policy_is_told(self):
        empty = self.folder / "empty"
        empty.mkdir()
        self.daemon.settings["policy"] = empty
        self.daemon.write()
        for arguments in (("-n",), ("-f",)):
            self.refuse(str(empty), arguments=arguments)

    def test_a_policy_that_others_may_write_is_refused(self):
        for path in self.daemon.policy.glob("*.policy"):
            path.chmod(0o666)
            break
        self.refuse(path.name, arguments=("-n",))

    def test_a_ledger_that_is_not_writable_is_told(self):
        ledger = self.folder / "locked"
        ledger.mkdir(mode=0o755)
        self.daemon.settings["ledger"] = ledger
        self.daemon.write()
        if shutil.which("setpriv") is None:
            self.skipTest("no setpriv")
        for path in (self.daemon.folder, self.daemon.socket.parent):
            os.chown(path, 65534, 65534)
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
             house.BUILD / "milterd", "-f", "-c", self.daemon.file],
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60)
        self.assertGreater(done.returncode, 0, done.stderr)
        self.assertIn(str(ledger), done.stderr)

    def test_root_becomes_the_user_that_is_configured(self):
        self.daemon.settings.update(user="nobody", group="nogroup",
                                    socket_group="nogroup")
        self.daemon.write()
        os.chown(self.daemon.folder, 65534, 65534)
        os.chown(self.daemon.socket.parent, 65534, 65534)
        self.daemon.start()
        status = pathlib.Path(f"/proc/{self.daemon.filter()}/status")
        uids = [line for line in status.read_text().splitlines()
                if line.startswith("Uid:")]
        self.assertEqual(uids, ["Uid:\t65534\t65534\t65534\t65534"])
        self.assertEqual(self.daemon.stop(), 0)

    def test_an_unknown_user_is_told(self):
        self.daemon.settings["user"] = "no-such-user"
        self.daemon.write()
        self.refuse("no-such-user")

    def test_a_socket_in_use_by_another_process_is_told(self):
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(self.daemon.socket))
            other.listen(64)
            self.refuse(str(self.daemon.socket), "in use")

    def test_a_stale_socket_is_no_hindrance(self):
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(self.daemon.socket))
        self.daemon.start()

    def test_a_second_daemon_on_one_ledger_is_told(self):
        self.daemon.start()
        settings = dict(self.daemon.settings, socket="unix:"
                        f"{self.folder}/second.sock",
                        control=f"{self.folder}/second.control")
        second = self.folder / "second.conf"
        second.write_text("".join(f"{k} = {v}\n" for k, v in settings.items()))
        self.refuse(str(self.daemon.settings["ledger"]), "another",
                    config=second)
        self.assertTrue(house.accepts(str(self.daemon.socket)))

    def test_a_wrong_option_is_a_usage_error(self):
        for arguments in (("-z",), ("-c",), ("extra",)):
            done = self.daemon.run(*arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("usage", done.stderr)

    def test_sigterm_ends_the_daemon_with_status_0(self):
        self.daemon.start()
        self.assertEqual(self.daemon.stop(), 0)
        self.assertFalse(house.accepts(str(self.daemon.socket)))

    def test_without_f_milterd_returns_once_it_serves(self):
        done = self.daemon.run("-c", self.daemon.file)
        pids = [p for p in map(int, filter(str.isdigit, os.listdir("/proc")))
                if str(self.daemon.file) in _command_line(p)]
        self.addCleanup(self.daemon.kill, pids)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(house.accepts(str(self.daemon.socket)))
        self.assertTrue(pids)
        os.kill(min(pids), signal.SIGTERM)
        house.wait_for(lambda: not any(map(house.is_alive, pids)),
                       "the daemon ends")

    def test_status_answers_as_long_as_the_daemon_runs(self):
        self.daemon.start()
        self.assertEqual(self.daemon.ctl("status").returncode, 0)
        self.daemon.stop()
        self.assertEqual(self.daemon.ctl("status").returncode, 3)


def _command_line(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


class Reload(unittest.TestCase):
    """A policy that changes while mail goes through."""

    @classmethod
    def setUpClass(cls):
        cls.lab = house.Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.lab.__enter__()

    def setUp(self):
        self.daemon = self.lab.daemon
        self.extra = self.daemon.policy / "zz.policy"
        self.addCleanup(self.daemon.ctl, "reload")
        self.addCleanup(self.extra.unlink, True)

    def judged(self):
        """What the letters of the ministry get: (official, secret)."""
        return tuple(self.lab.send(letter(n), "a@sink.test").code
                     for n in ("cong-van.eml", "mat.eml"))

    def refuse_all_official(self):
        """The shipped files have tests that this would fail: they make way."""
        for name in ("tests.policy", "deadlines.policy"):
            file = self.daemon.policy / name
            self.addCleanup(file.write_text, file.read_text())
            file.unlink()
        self.extra.write_text(
            'rule no-more {\n    if text ~ /BGDĐT/\n'
            '    reject 550 5.7.2 "closed"\n}\n')

    def test_a_good_policy_takes_effect_at_reload(self):
        self.assertEqual(self.judged(), (250, 550))
        self.refuse_all_official()
        done = self.daemon.ctl("reload")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.judged(), (550, 550))

    def test_a_good_policy_takes_effect_at_sighup(self):
        self.refuse_all_official()
        os.kill(self.daemon.process.pid, signal.SIGHUP)
        house.wait_for(lambda: self.judged() == (550, 550), "the new policy")

    def test_a_broken_policy_leaves_the_old_one_at_reload(self):
        self.extra.write_text(FIVE_FAULTS)
        done = self.daemon.ctl("reload")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("zz.policy:6:", done.stdout + done.stderr)
        self.assertEqual(self.judged(), (250, 550))

    def test_a_broken_policy_leaves_the_old_one_at_sighup(self):
        self.extra.write_text(FIVE_FAULTS)
        before = self.daemon.log().count("zz.policy")
        os.kill(self.daemon.process.pid, signal.SIGHUP)
        house.wait_for(lambda: self.daemon.log().count("zz.policy") > before,
                       "a log line about the broken policy")
        self.assertEqual(self.judged(), (250, 550))
        self.assertIsNone(self.daemon.process.poll())

    def test_reloads_under_load_lose_no_letter(self):
        import concurrent.futures
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            sent = [letter() for _ in range(60)]
            answers = pool.map(
                lambda data: self.lab.send(data, "a@sink.test"), sent)
            for _ in range(20):
                os.kill(self.daemon.process.pid, signal.SIGHUP)
                self.daemon.ctl("reload")
            codes = {a.code for a in answers}
        self.assertEqual(codes, {250})
        for data in sent:
            [arrived] = self.lab.sink.wait_for_message(
                house.message_id_of(data))
            self.assertEqual(len(stamps(arrived.data)), 1)


if __name__ == "__main__":
    house.main()
