# SPDX-License-Identifier: BSD-2-Clause
"""Letters from four threads at once, while something happens to the disk."""

import threading

import lab as house
from lab import letter, stamps

LARGE = b"Mot dong dai vua phai cua mot thu lon.\r\n" * 50000


def load(lab, until, large=False):
    """Send until until(answers); [(Message-ID, answer)]."""
    answers, stop = [], threading.Event()

    def client():
        while not stop.is_set():
            data = letter() + (LARGE if large else b"")
            answer = lab.send(data, "a@sink.test")
            answers.append((house.message_id_of(data), answer))

    threads = [threading.Thread(target=client) for _ in range(4)]
    for t in threads:
        t.start()
    try:
        house.wait_for(lambda: until(list(answers)),
                       "the answers that the disk should bring", 60)
    finally:
        stop.set()
        for t in threads:
            t.join()
    return answers


def assert_nothing_lost(test, lab, answers):
    """250 or 4xx; and who got 250 has a receipt and a stamp."""
    bad = [a for _, a in answers
           if not a.accepted and not 400 <= a.code <= 499]
    test.assertEqual(bad, [])
    accepted = {i for i, a in answers if a.accepted}
    known = {"<" + r["message_id"].strip("<>") + ">": r["id"]
             for r in lab.daemon.receipts()}
    test.assertEqual(accepted - known.keys(), set())
    lab.wait_quiet()
    arrived = {house.message_id_of(a.data): stamps(a.data)
               for a in lab.sink.arrived}
    wrong = {i: arrived.get(i) for i in accepted
             if arrived.get(i) != [known[i]]}
    test.assertEqual(wrong, {})
