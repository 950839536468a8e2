#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""One document to a thousand, who all answer while the daemon is killed.

What each of them sends is drawn by chance, some of it twice or three times,
in random order, over CLIENTS connections.  The states in the ledger must be
what a function of the letters sent says, however often and in whatever order
they came.

PEOPLE	recipients (default 1000)
KILLS	how often to kill (default 10)
SEED	of all chance (default: the time; it is printed)
"""

import collections
import os
import queue
import random
import sys
import threading
import time
import unittest

import lab as house
from lab import OFFICE, STRANGER, letter
from notices import ANSWER, RECEIPT, REPORT, filled

PEOPLE = int(os.environ.get("PEOPLE") or 1000)
KILLS = int(os.environ.get("KILLS") or 10)
SEED = int(os.environ.get("SEED") or time.time_ns())
CLIENTS = 8
LIMIT = 5000

SAID = "manual-action/MDN-sent-manually; displayed"
DONE = "automatic-action/MDN-sent-automatically; displayed"

# What is sent: what evidence it is worth, from (source, code).
KINDS = {
    "delivered": ("dsn", "delivered"), "delayed": ("dsn", "delayed"),
    "failed": ("dsn", "failed"), "read": ("mdn", "displayed"),
    "shown": ("mdn", "displayed-automatic"), "answered": ("reply", "human"),
    "away": ("reply", "auto"), "forged": ("dsn", "failed"),
}

Letter = collections.namedtuple("Letter", "person kind sender data")


def write(person, kind, stamp, original):
    """What ${person}'s side sends."""
    if kind in ("delivered", "delayed", "failed", "forged"):
        wrong = stamp[:-1] + ("2" if stamp[-1] != "2" else "3")
        _, data = filled(
            REPORT, envelope_id=wrong if kind == "forged" else stamp,
            recipient=person, header=f"Message-ID: {original}",
            action="failed" if kind == "forged" else kind,
            status={"delivered": "2.0.0", "delayed": "4.4.1"}.get(kind, "5.1.1"))
        return Letter(person, kind, "", data)
    if kind in ("read", "shown"):
        _, data = filled(RECEIPT, sender=person, original=original,
                         disposition=SAID if kind == "read" else DONE)
        return Letter(person, kind, "", data)
    mark = "X-A: b" if kind == "answered" else "Auto-Submitted: auto-replied"
    _, data = filled(ANSWER, sender=person, original=original, header=mark)
    return Letter(person, kind, person if kind == "answered" else "", data)


def state_of(kinds):
    """The headline that this set of letters makes."""
    for kind, state in (("answered", "replied"), ("read", "displayed"),
                        ("delivered", "delivered"), ("failed", "failed"),
                        ("delayed", "delayed")):
        if kind in kinds:
            return state
    return "accepted"


def flags_of(kinds):
    """The flags that it makes, of those in FLAGS."""
    answers = kinds & {"answered", "read"}
    flags = set()
    if answers and "delivered" not in kinds:
        flags.add("transport-implied")
    if "failed" in kinds and kinds & {"answered", "read", "shown", "away",
                                      "delivered"}:
        flags.add("conflict-failed")
    if not answers and kinds & {"shown", "away"}:
        flags.add("only-auto")
    return flags


FLAGS = {"transport-implied", "conflict-failed", "only-auto", "no-origin",
         "clock-skew"}


class Client(threading.Thread):
    """Sends what is in the bag, each until it is taken."""

    def __init__(self, lab, bag):
        super().__init__(daemon=True)
        self.lab, self.bag = lab, bag
        self.sent = self.waited = 0
        self.wrong = []

    def run(self):
        while True:
            try:
                each = self.bag.get_nowait()
            except queue.Empty:
                return
            self.post(each)
            self.sent += 1

    def post(self, each):
        while True:
            answer = self.lab.send(each.data, OFFICE, sender=each.sender,
                                   client=STRANGER)
            if answer.accepted:
                return
            if answer.code and not 400 <= answer.code <= 499:
                self.wrong.append(answer)
                return
            self.waited += 1
            time.sleep(0.05)


class Thousand(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = house.Lab(keep=lambda arrived: None, grace="1h")
        cls.addClassCleanup(cls.lab.close)
        with open(cls.lab.postfix.conf / "main.cf", "a") as main_cf:
            main_cf.write(f"smtpd_recipient_limit = {LIMIT}\n")
        cls.lab.__enter__()
        cls.chance = random.Random(SEED)
        print(f"SEED={SEED} PEOPLE={PEOPLE} KILLS={KILLS}", file=sys.stderr)

    def draw(self, people, stamp, original):
        """What everybody sends, with repeats, shuffled."""
        drawn, letters = {}, []
        for person in people:
            drawn[person] = set(self.chance.sample(
                sorted(KINDS), self.chance.randint(1, 3)))
            for kind in sorted(drawn[person]):
                each = write(person, kind, stamp, original)
                letters += [each] * self.chance.choice((1, 1, 2, 3))
        self.chance.shuffle(letters)
        return drawn, letters

    def storm(self, letters):
        """Send them all from CLIENTS connections and kill KILLS times meanwhile."""
        bag = queue.Queue()
        for each in letters:
            bag.put(each)
        clients = [Client(self.lab, bag) for _ in range(CLIENTS)]
        for c in clients:
            c.start()
        for n in range(KILLS):
            want = len(letters) * (n + 1) // (KILLS + 1)
            house.wait_for(lambda: sum(c.sent for c in clients) >= want,
                           "answers go through", 120)
            self.lab.daemon.crash(self.chance)
        for c in clients:
            c.join()
        self.assertEqual([a for c in clients for a in c.wrong], [])
        return sum(c.waited for c in clients)

    def test_the_states_are_the_function_of_what_was_sent(self):
        people = [f"p{n:04}@sink.test" for n in range(PEOPLE)]
        data = letter()
        answer = self.lab.send(data, people)
        self.assertTrue(answer.accepted, answer)
        original = house.message_id_of(data)
        rows = self.lab.daemon.receipts("--message-id", original)
        self.assertEqual({r["to"] for r in rows}, set(people))
        drawn, letters = self.draw(people, rows[0]["id"], original)
        waited = self.storm(letters)
        self.assertEqual(self.differing(original, drawn), [])
        print(f"{len(letters)} letters, {KILLS} kills, {waited} answers 4xx",
              file=sys.stderr)

    def differing(self, original, drawn):
        """The rows that are not what they must be, at most five."""
        rows = {r["to"]: r for r in
                self.lab.daemon.receipts("--message-id", original)}
        self.assertEqual(rows.keys(), drawn.keys())
        bad = []
        for person, kinds in drawn.items():
            row = rows[person]
            have = sorted((e["source"], e["code"]) for e in row["evidence"]
                          if e["source"] != "filter")
            want = sorted(KINDS[k] for k in kinds)
            if (row["state"], FLAGS & set(row["flags"]), have) != (
                    state_of(kinds), flags_of(kinds), want):
                bad.append((person, sorted(kinds), row["state"], row["flags"],
                            have))
        return bad[:5]


if __name__ == "__main__":
    house.main()
