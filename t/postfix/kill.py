#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""kill -9 under load: a document that got 250 has its receipt, and a stamp.

KILLS	how often to kill (default 50)
SEED	of the random moments (default: the time; it is printed)
"""

import collections
import os
import random
import sys
import threading
import time
import unittest

import lab as house
from lab import letter, stamps

KILLS = int(os.environ.get("KILLS") or 50)
SEED = int(os.environ.get("SEED") or time.time_ns())
CLIENTS = 8

Copy = collections.namedtuple("Copy", "message_id stamps")


class Sender(threading.Thread):
    """Sends letter after letter, each until it is taken."""

    def __init__(self, lab, stop):
        super().__init__(daemon=True)
        self.lab, self.stop = lab, stop
        self.accepted = []      # Message-IDs that got 250
        self.waited = 0         # answers 4xx
        self.wrong = []         # any other answer

    def run(self):
        while not self.stop.is_set():
            self.post(letter())

    def post(self, data):
        while not self.stop.is_set():
            answer = self.lab.send(data, "a@sink.test")
            if answer.accepted:
                self.accepted.append(house.message_id_of(data))
                return
            if not 400 <= answer.code <= 499:
                self.wrong.append(answer)
                return
            self.waited += 1
            self.stop.wait(0.02)


class Kill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = house.Lab(
            keep=lambda a: Copy(house.message_id_of(a.data), stamps(a.data)))
        cls.addClassCleanup(cls.lab.close)
        cls.lab.__enter__()
        cls.daemon = cls.lab.daemon
        cls.stop = threading.Event()
        cls.senders = [Sender(cls.lab, cls.stop) for _ in range(CLIENTS)]
        cls.random = random.Random(SEED)
        cls.killed = collections.Counter()
        print(f"SEED={SEED} KILLS={KILLS}", file=sys.stderr)
        for s in cls.senders:
            s.start()
        cls.trouble = None
        try:
            for n in range(KILLS):
                cls.kill_once(n)
            cls.wait_for_letters(20)
        except AssertionError as e:
            cls.trouble = e
        finally:
            cls.stop.set()
            for s in cls.senders:
                s.join()

    @classmethod
    def count_accepted(cls):
        return sum(len(s.accepted) for s in cls.senders)

    @classmethod
    def wait_for_letters(cls, more):
        want = cls.count_accepted() + more
        house.wait_for(lambda: cls.count_accepted() >= want,
                       "mail goes through again", 60)

    @classmethod
    def kill_once(cls, n):
        """At a random moment, once mail goes through again."""
        cls.wait_for_letters(cls.random.randint(1, 60))
        time.sleep(cls.random.uniform(0, 0.2))
        cls.killed[cls.daemon.crash(cls.random)] += 1

    def test_the_daemon_came_back_each_time(self):
        self.assertIsNone(self.trouble)
        self.assertEqual(sum(self.killed.values()), KILLS)

    def test_senders_saw_only_250_or_4xx(self):
        self.assertEqual([a for s in self.senders for a in s.wrong], [])
        self.assertGreater(sum(s.waited for s in self.senders), 0,
                           "no kill met a letter: the load was too light")

    def test_every_document_that_got_250_has_its_receipt_and_its_stamp(self):
        accepted = {i for s in self.senders for i in s.accepted}
        self.assertGreater(len(accepted), KILLS)
        known = collections.defaultdict(set)
        for row in self.daemon.receipts():
            known["<" + row["message_id"].strip("<>") + ">"].add(row["id"])
        lost = accepted - known.keys()
        self.assertEqual(sorted(lost)[:5], [], f"{len(lost)} of {len(accepted)} lost")
        self.lab.wait_quiet()
        arrived = collections.defaultdict(list)
        for copy in self.lab.sink.arrived:
            arrived[copy.message_id].append(copy.stamps)
        wrong = [(i, known[i], arrived[i]) for i in accepted
                 if len(known[i]) != 1 or not arrived[i]
                 or any(copy != list(known[i]) for copy in arrived[i])]
        self.assertEqual(wrong[:5], [], f"{len(wrong)} of {len(accepted)}")
        print(f"{len(accepted)} letters, {dict(self.killed)} kills, "
              f"{sum(s.waited for s in self.senders)} answers 4xx",
              file=sys.stderr)


if __name__ == "__main__":
    house.main()
