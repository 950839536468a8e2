#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every end that a letter can have: by notices, by the log, in any order.

One letter goes to somebody for each end.  Notices alone tell the states first;
then the ledger is set back to the moment before Postfix delivered anything, and
the same notices come in other orders, some twice, with the log read as well.

ORDERS	how many (default 3)
SEED	of all chance (default: the time; it is printed)
"""

import os
import random
import shutil
import signal
import sys
import time
import unittest

import lab as house
from lab import OFFICE, STRANGER, letter
from maillog import Office

ORDERS = int(os.environ.get("ORDERS") or 3)
SEED = int(os.environ.get("SEED") or time.time_ns())

# Whom it goes to: how that ends, what notices say of it, and what the log does.
PEOPLE = {
    "hop@moet.test": ("delivered", {"delivered"}, {"queued", "sent-local"}),
    "so@nodsn.test": ("relayed", {"relayed"}, {"queued", "sent-next-hop"}),
    "list@moet.test": ("expanded", {"expanded"}, {"queued", "sent-next-hop"}),
    "nobody@sink.test": ("failed", {"failed"}, {"queued", "bounced"}),
    "cham@moet.test": ("delivered", {"delayed", "delivered"},
                       {"queued", "deferred", "sent-local"}),
    "het@sink.test": ("failed", {"delayed", "failed"},
                      {"queued", "deferred", "bounced"}),
}
# Without notices a list is known by what became of its members.
BY_LOG = {p: "relayed" if p == "list@moet.test" else e[0]
          for p, e in PEOPLE.items()}


class Ends(Office):
    follows = False
    settings = {"success_notices": "pass"}
    main_cf = (
        ("maximal_queue_lifetime = 600s", "maximal_queue_lifetime = 8s"),
        ("bounce_queue_lifetime = 600s", "bounce_queue_lifetime = 8s"),
        ("delay_warning_time = 0", "delay_warning_time = 1s"),
        ("virtual_mailbox_maps = static:all/", "virtual_mailbox_maps = "
         "inline:{ {cham@moet.test=cham/} }, static:all/"))

    @classmethod
    def prepare(cls):
        cls.lab.sink.refusals.append((r"^het@", "450 4.2.1 full"))
        cls.before = cls.lab.folder / "before"
        cls.chance = random.Random(SEED)
        print(f"SEED={SEED} ORDERS={ORDERS}", file=sys.stderr)

    def qmgr(self):
        return [p for p in house.children(self.lab.postfix.master())
                if house.name(p) == "qmgr"]

    def close_mailbox(self):
        """What is for cham@ waits until the mailbox can be made."""
        self.box = self.lab.postfix.folder / "mbox/cham"
        shutil.rmtree(self.box, ignore_errors=True)
        self.box.mkdir()
        self.box.chmod(0o700)

    def post_and_keep(self):
        """Send to all; keep the ledger as it is before anything is delivered."""
        [qmgr] = house.wait_for(self.qmgr, "qmgr runs")
        self.close_mailbox()
        os.kill(qmgr, signal.SIGSTOP)
        try:
            message_id = self.post(list(PEOPLE), asks=True)
            self.lab.daemon.stop()
            shutil.copytree(self.lab.daemon.folder / "ledger", self.before)
            self.lab.daemon.start()
        finally:
            os.kill(qmgr, signal.SIGCONT)
        return message_id

    def set_back(self):
        self.lab.daemon.stop()
        ledger = self.lab.daemon.folder / "ledger"
        shutil.rmtree(ledger)
        shutil.copytree(self.before, ledger)
        self.lab.daemon.start()

    def codes_of(self, row, source):
        return {e["code"] for e in row["evidence"] if e["source"] == source}

    def wrong(self, message_id, states, sources):
        """Who has another state or other evidence than ${sources} give."""
        rows = {r["to"]: r for r in
                self.lab.daemon.receipts("--message-id", message_id)}
        assert rows.keys() == PEOPLE.keys()
        bad = []
        for person, (_, by_notice, by_log) in PEOPLE.items():
            row = rows[person]
            want = {"dsn": by_notice, "log": by_log}
            for source in sources:
                if self.codes_of(row, source) != want[source]:
                    bad.append((person, source, row["evidence"]))
            if row["state"] != states[person]:
                bad.append((person, row["state"]))
        return bad

    def settle(self, message_id, states, *sources):
        try:
            house.wait_for(lambda: not self.wrong(message_id, states, sources),
                           "every state", 60)
        except AssertionError:
            self.fail(self.wrong(message_id, states, sources))

    def notices(self, message_id):
        return [a.data for a in self.lab.sink.arrived
                if a.sender == "" and message_id.encode() in a.data]

    def deliver(self, notices):
        for data in notices:
            answer = self.lab.send(data, OFFICE, sender="", client=STRANGER)
            self.assertTrue(answer.accepted, answer)

    def open_mailbox_later(self, message_id):
        self.wait(message_id, "cham@moet.test", "delayed")
        os.chown(self.box, 2000, 2000)

    def test_each_end_has_its_state_and_its_evidence(self):
        states = {p: e[0] for p, e in PEOPLE.items()}
        message_id = self.post_and_keep()
        self.open_mailbox_later(message_id)
        self.settle(message_id, states, "dsn")
        notices = self.notices(message_id)
        self.assertGreaterEqual(len(notices), 4)
        for n in range(ORDERS):
            with self.subTest(order=n):
                self.set_back()
                drawn = notices + self.chance.choices(notices, k=len(notices))
                self.chance.shuffle(drawn)
                self.deliver(drawn)
                self.settle(message_id, states, "dsn")
        self.follow()
        for n in range(ORDERS):
            with self.subTest(order=n, log=True):
                self.set_back()
                drawn = notices * 2
                self.chance.shuffle(drawn)
                self.deliver(drawn)
                self.settle(message_id, states, "dsn", "log")
        with self.subTest("the log alone"):
            self.set_back()
            self.settle(message_id, BY_LOG, "log")


if __name__ == "__main__":
    house.main()
