#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A registry's day: what comes by phone, who has answered, who is silent."""

import datetime
import json
import threading
import unittest

import lab as house
from lab import OFFICE, STRANGER, letter
from notices import ANSWER, filled

UNITS = ("H01\tSở Một\tsở\treal CNTT\tphongcntt.1@sink.test\tphongcntt.1@sink.test\n"
         "H02\tSở Hai\tsở\treal CNTT\tphongcntt.2@sink.test\tphongcntt.2@sink.test\n"
         "H03\tSở Ba\tsở\treal CNTT\tphongcntt.3@sink.test\tphongcntt.3@sink.test\n"
         "H04\tSở Bốn\tsở\treal CNTT\tphongcntt.4@sink.test\tphongcntt.4@sink.test\n")
PEOPLE = [f"phongcntt.{n}@sink.test" for n in (1, 2, 3)]


def moment(text):
    return datetime.datetime.fromisoformat(text)


class House(unittest.TestCase):
    """What both have; no tests."""

    @classmethod
    def setUpClass(cls):
        cls.lab = house.Lab()
        cls.addClassCleanup(cls.lab.close)
        units = cls.lab.daemon.policy / "units.tsv"
        units.write_text(UNITS)
        cls.lab.__enter__()

    def post(self, *people):
        data = letter()
        answer = self.lab.send(data, list(people or PEOPLE))
        self.assertTrue(answer.accepted, answer)
        return house.message_id_of(data)

    def row(self, message_id, person):
        [row] = [r for r in self.lab.daemon.receipts("--message-id", message_id)
                 if r["to"] == person]
        return row

    def ack(self, document, person, *more):
        return self.lab.daemon.ctl("ack", document, person, *more)

    def answer(self, person, message_id):
        answer_id, data = filled(ANSWER, sender=person, original=message_id,
                                 header="X-A: b")
        sent = self.lab.send(data, OFFICE, sender=person, client=STRANGER)
        self.assertTrue(sent.accepted, sent)
        self.lab.sink.wait_for_message(answer_id)

    def units(self):
        done = self.lab.daemon.ctl("units", "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return {u["unit"]: u for u in map(json.loads, done.stdout.splitlines())}


class Registry(House):
    def test_a_word_by_phone_goes_through_the_daemon(self):
        message_id = self.post()
        document = self.row(message_id, PEOPLE[0])["id"]
        done = self.ack(document, PEOPLE[0], "--code", "registered", "--note",
                        "chị Lan, qua điện thoại")
        self.assertEqual(done.returncode, 0, done.stderr)
        row = self.row(message_id, PEOPLE[0])
        self.assertEqual(row["state"], "registered")
        [word] = [e for e in row["evidence"] if e["source"] == "operator"]
        self.assertEqual((word["code"], word["trust"]), ("registered", 3))
        self.assertIn("root", word["reporter"])
        self.assertIn("qua điện thoại", word["reason"])
        self.assertEqual(self.row(message_id, PEOPLE[1])["state"], "accepted")
        shown = self.lab.daemon.ctl("show", document).stdout
        self.assertIn("qua điện thoại", shown)

    def test_what_makes_no_sense_is_refused_and_recorded_nowhere(self):
        message_id = self.post()
        row = self.row(message_id, PEOPLE[0])
        for document, person in ((row["id"], "ai-do@sink.test"),
                                 (row["id"][:-1] + "!", PEOPLE[0]),
                                 ("ZZZZZZZZ", PEOPLE[0])):
            done = self.ack(document, person, "--code", "registered")
            self.assertEqual(done.returncode, 1, done)
            self.assertTrue(done.stderr)
        self.assertEqual(self.row(message_id, PEOPLE[0]), row)

    def test_the_word_is_kept_whoever_is_up_and_counts_once(self):
        message_id = self.post()
        document = self.row(message_id, PEOPLE[0])["id"]
        self.lab.daemon.stop()
        down = self.ack(document, PEOPLE[0], "--code", "refused")
        self.lab.daemon.start()
        self.assertEqual(down.returncode, 0, down.stderr)
        self.assertEqual(self.row(message_id, PEOPLE[0])["state"], "refused")
        self.assertEqual(self.ack(document, PEOPLE[0], "--code", "completed")
                         .returncode, 0)
        row = self.row(message_id, PEOPLE[0])
        self.assertEqual(row["state"], "completed")
        self.assertIn("conflict-refused", row["flags"])

    def test_many_words_at_once_lose_none(self):
        people = [f"nhieu{n}@sink.test" for n in range(16)]
        message_id = self.post(*people)
        document = self.row(message_id, people[0])["id"]
        failed = []

        def say(person):
            done = self.ack(document, person, "--code", "displayed")
            if done.returncode != 0:
                failed.append(done.stderr)

        threads = [threading.Thread(target=say, args=(p,)) for p in people]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(failed, [])
        states = {r["state"] for r in
                  self.lab.daemon.receipts("--message-id", message_id)}
        self.assertEqual(states, {"displayed"})


class Roll(House):
    """In a ledger of its own, for what units rolls up is all there is."""

    def test_units_are_rolled_up_with_who_answered_and_who_is_silent(self):
        first = self.post()
        second = self.post(PEOPLE[1])
        self.answer(PEOPLE[0], first)
        self.answer(PEOPLE[1], first)
        document = self.row(first, PEOPLE[1])["id"]
        third = self.post(PEOPLE[1])
        units = self.units()
        one, two, three, four = (units[f"H0{n}"] for n in (1, 2, 3, 4))
        self.assertEqual([u["sent"] for u in (one, two, three, four)],
                         [1, 3, 1, 0])
        self.assertEqual([u["acknowledged"] for u in (one, two, three, four)],
                         [1, 1, 0, 0])
        self.assertIsNone(one["silent_since"])
        self.assertEqual(moment(two["silent_since"]),
                         moment(self.row(third, PEOPLE[1])["accepted"]),
                         "since its last word, not since the letter before")
        self.assertEqual(moment(three["silent_since"]),
                         moment(self.row(first, PEOPLE[2])["accepted"]))
        self.assertIsNone(four["silent_since"])
        for unit, message_id, person in ((one, first, PEOPLE[0]),
                                         (two, first, PEOPLE[1])):
            row = self.row(message_id, person)
            took = moment(row["acknowledged"]) - moment(row["accepted"])
            self.assertEqual(unit["median_s"], int(took.total_seconds()))
            self.assertEqual(moment(unit["confirmed"]),
                             moment(row["acknowledged"]))
        self.assertIsNone(three["median_s"])
        self.assertIsNone(three["confirmed"])
        self.assertEqual(self.ack(document, PEOPLE[1], "--code", "completed")
                         .returncode, 0)
        self.assertEqual(self.units()["H02"]["acknowledged"], 1)
        self.assertNotEqual(self.row(second, PEOPLE[1])["state"], "completed")


if __name__ == "__main__":
    house.main()
