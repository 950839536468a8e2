#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What Postfix's own log says, joined to the letters it is about."""

import os
import random
import subprocess
import sys
import threading
import time
import unittest

import lab as house
from lab import letter

LETTERS = int(os.environ.get("LETTERS") or 300)
SEED = int(os.environ.get("SEED") or time.time_ns())


def edit(path, *pairs):
    text = path.read_text()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text)


class Office(unittest.TestCase):
    """A lab whose daemon follows the log, unless told not to."""

    follows = True
    settings = {}
    main_cf = ()
    master_cf = (("pickup unix n - n 60 1", "pickup unix n - n 2 1"),)

    @classmethod
    def setUpClass(cls):
        cls.lab = house.Lab(**cls.settings)
        cls.addClassCleanup(cls.lab.close)
        edit(cls.lab.postfix.conf / "main.cf", *cls.main_cf)
        edit(cls.lab.postfix.conf / "master.cf", *cls.master_cf)
        cls.maillog = cls.lab.postfix.folder / "log/maillog"
        if cls.follows:
            cls.follow()
        cls.prepare()
        cls.lab.__enter__()

    @classmethod
    def prepare(cls):
        pass

    @classmethod
    def follow(cls):
        cls.lab.daemon.settings["maillog"] = cls.maillog
        cls.lab.daemon.write()

    def post(self, recipients, asks=False, **kwargs):
        """Send a tracked letter; its Message-ID.  asks: for every notice."""
        data = letter()
        port = self.lab.postfix.submission if asks else None
        answer = self.lab.send(data, recipients, port=port, **kwargs)
        self.assertTrue(answer.accepted, answer)
        return house.message_id_of(data)

    def wait(self, message_id, recipient, *states, **kwargs):
        return self.lab.daemon.wait_state(
            message_id, recipient, set(states), **kwargs)

    def wait_flag(self, message_id, recipient, flag):
        def look():
            rows = self.lab.daemon.receipts("--message-id", message_id)
            return [r for r in rows
                    if r["to"] == recipient and flag in r["flags"]]

        return house.wait_for(look, f"{recipient} has {flag}")[0]

    def codes(self, row, source="log"):
        return [e["code"] for e in row["evidence"] if e["source"] == source]

    def postsuper(self, *arguments):
        subprocess.run(
            ["postsuper", "-c", str(self.lab.postfix.conf), *arguments],
            check=True, stdin=subprocess.DEVNULL, capture_output=True)


class Follower(Office):
    """Nobody asks for notices of success: the log alone tells."""

    def test_what_the_next_host_took_is_relayed(self):
        message_id = self.post("a@sink.test")
        row = self.wait(message_id, "a@sink.test", "relayed")
        self.assertCountEqual(self.codes(row), ["queued", "sent-next-hop"])
        self.assertNotIn("unauthenticated", row["flags"])

    def test_postlogd_is_seen_to_be_the_only_one_that_writes(self):
        def is_ours():
            message_id = self.post("a@sink.test")
            row = self.wait(message_id, "a@sink.test", "relayed")
            return {e["trust"] for e in row["evidence"]} == {3}

        house.wait_for(is_ours, "the log has trust 3")

    def test_what_is_in_a_mailbox_here_is_delivered(self):
        message_id = self.post("hop@moet.test")
        row = self.wait(message_id, "hop@moet.test", "delivered")
        self.assertTrue(row["delivered"])

    def test_each_recipient_has_a_state_of_its_own(self):
        people = {"x@sink.test": "relayed", "nobody@sink.test": "failed",
                  "x@moet.test": "delivered", "soft.x@sink.test": "delayed"}
        message_id = self.post(list(people))
        for person, state in people.items():
            self.wait(message_id, person, state)

    def test_a_list_is_relayed_by_its_members(self):
        message_id = self.post("list@moet.test")
        row = self.wait(message_id, "list@moet.test", "relayed")
        self.assertEqual(self.codes(row).count("sent-next-hop"), 1)

    def test_a_delayed_letter_is_relayed_in_the_end(self):
        refusal = (r"^cham@", "450 4.2.1 come back")
        self.lab.sink.refusals.append(refusal)
        message_id = self.post("cham@sink.test")
        self.wait(message_id, "cham@sink.test", "delayed")
        self.lab.sink.refusals.remove(refusal)
        row = self.wait(message_id, "cham@sink.test", "relayed")
        self.assertEqual(self.codes(row).count("deferred"), 1)

    def test_hold_release_and_requeue_lose_nobody(self):
        refusal = (r"^giu@", "450 4.2.1 come back")
        self.lab.sink.refusals.append(refusal)
        message_id = self.post(["giu@sink.test", "xong@sink.test"])
        row = self.wait(message_id, "giu@sink.test", "delayed")
        self.postsuper("-h", row["queue_id"])
        self.wait(message_id, "giu@sink.test", "held")
        self.postsuper("-H", row["queue_id"])
        self.wait(message_id, "giu@sink.test", "delayed")
        self.postsuper("-r", row["queue_id"])
        self.lab.sink.refusals.remove(refusal)
        row = self.wait(message_id, "giu@sink.test", "relayed")
        self.assertEqual(self.codes(row).count("requeued"), 1)
        row = self.wait(message_id, "xong@sink.test", "relayed")
        self.assertEqual(self.codes(row).count("requeued"), 0)

    def test_a_letter_deleted_from_the_queue_has_vanished(self):
        message_id = self.post("soft.xoa@sink.test")
        row = self.wait(message_id, "soft.xoa@sink.test", "delayed")
        self.postsuper("-d", row["queue_id"])
        self.wait_flag(message_id, "soft.xoa@sink.test", "vanished")

    def test_an_ordinary_user_cannot_put_words_into_postlogd_s_file(self):
        message_id = self.post("soft.gia@sink.test")
        row = self.wait(message_id, "soft.gia@sink.test", "delayed")
        forged = (f"{row['queue_id']}: to=<soft.gia@sink.test>, "
                  "relay=virtual, delay=1, delays=1/0/0/0, dsn=2.0.0, "
                  "status=sent (x)")
        for tag in ("postfix-lab/virtual", "postfix-lab/virtual[1]"):
            subprocess.run(
                ["postlog", "-c", str(self.lab.postfix.conf), "-t", tag,
                 forged], user="nobody", group="nogroup", extra_groups=[],
                stdin=subprocess.DEVNULL, capture_output=True)
        later = self.post("sau@sink.test")
        self.wait(later, "sau@sink.test", "relayed")
        [row] = self.lab.daemon.receipts("--message-id", message_id)
        self.assertEqual(row["state"], "delayed")

    def test_copy_and_truncate_loses_no_line(self):
        first = self.post("truoc@sink.test")
        self.wait(first, "truoc@sink.test", "relayed")
        os.kill(self.lab.daemon.filter(), 19)   # SIGSTOP: it reads nothing
        self.maillog.with_suffix(".1").write_bytes(self.maillog.read_bytes())
        os.truncate(self.maillog, 0)
        os.kill(self.lab.daemon.filter(), 18)
        second = self.post("sau2@sink.test")
        self.wait(second, "sau2@sink.test", "relayed")
        self.assertNotIn("event=log-gap", self.lab.daemon.log())


class Unprivileged(Office):
    """The filter is nobody and the log is root's alone."""

    settings = {"user": "nobody", "group": "nogroup", "socket_group": "nogroup"}

    @classmethod
    def prepare(cls):
        cls.lab.daemon.socket.parent.chmod(0o777)
        cls.maillog.touch()
        cls.maillog.chmod(0o600)

    def test_the_parent_opens_the_log_for_it(self):
        message_id = self.post("a@sink.test")
        self.wait(message_id, "a@sink.test", "relayed")
        self.assertEqual(self.maillog.stat().st_mode & 0o777, 0o600)


class Late(Office):
    """The log is followed for the first time when it was rotated already."""

    follows = False

    def post_into_a_log(self):
        """A letter's Message-ID; None until postlogd has opened a file again."""
        message_id = self.post("sau@sink.test")
        return message_id if self.maillog.exists() else None

    def test_the_rotated_file_is_read_as_well(self):
        before = self.post("truoc@sink.test")
        self.lab.sink.wait_for_message(before)
        self.lab.wait_quiet()
        self.maillog.rename(self.maillog.with_suffix(".1"))
        self.lab.postfix.command("reload")
        after = house.wait_for(self.post_into_a_log, "the new log", 60)
        self.lab.daemon.stop()
        self.follow()
        self.lab.daemon.start()
        self.wait(after, "sau@sink.test", "relayed")
        row = self.wait(before, "truoc@sink.test", "relayed")
        self.assertCountEqual(self.codes(row), ["queued", "sent-next-hop"])
        self.assertNotIn("event=log-gap", self.lab.daemon.log())


class Load(Office):
    """Rotation under load while the daemon is killed again and again."""

    settings = {"grace": "1s"}

    def rotate(self, n):
        """As logrotate does: the next one comes once there is a log again."""
        self.maillog.rename(self.maillog.with_suffix(f".{n}"))
        self.lab.postfix.command("reload")
        house.wait_for(self.maillog.exists, "the new log", 60)

    def send_some(self, names, sent):
        for name in names:
            data = letter()
            people = [f"{name}@sink.test", f"nobody.{name}@sink.test"]
            while not self.lab.send(data, people).accepted:
                time.sleep(0.05)
            sent.append((house.message_id_of(data), people))

    def test_every_letter_has_its_state_and_its_evidence_once(self):
        chance = random.Random(SEED)
        print(f"SEED={SEED} LETTERS={LETTERS}", file=sys.stderr)
        sent = []
        threads = [threading.Thread(target=self.send_some, args=(
            [f"t{t}.{i}" for i in range(LETTERS // 4)], sent))
            for t in range(4)]
        for t in threads:
            t.start()
        for n in range(4):
            want = (n + 1) * LETTERS // 6
            house.wait_for(lambda: len(sent) >= want, "letters go out", 120)
            self.lab.daemon.crash(chance)
            self.rotate(n)
        for t in threads:
            t.join()
        self.check(sent)

    def check(self, sent):
        def wrong():
            rows = {}
            for r in self.lab.daemon.receipts():
                rows[r["message_id"].strip("<>"), r["to"]] = r
            bad = []
            for message_id, (good, refused) in sent:
                for who, state, codes in (
                        (good, "relayed", ["queued", "sent-next-hop"]),
                        (refused, "failed", ["bounced", "queued"])):
                    row = rows[message_id.strip("<>"), who]
                    have = set(self.codes(row))
                    if row["state"] != state or not have >= set(codes):
                        bad.append((who, row["state"], self.codes(row)))
            return bad

        try:
            house.wait_for(lambda: not wrong() or None, "every state is right", 60)
        except AssertionError:
            self.fail(f"still wrong after a minute: {wrong()}")
        for r in self.lab.daemon.receipts():
            codes = self.codes(r)
            if "retried" not in r["flags"]:
                self.assertEqual(len(codes), len(set(codes)), r)
                self.assertNotIn("vanished", r["flags"], r)
        self.assertNotIn("event=mail-vanished", self.lab.daemon.log())
        print(f"{len(sent)} letters, all states right", file=sys.stderr)


if __name__ == "__main__":
    house.main()
