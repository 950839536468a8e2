#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Edits that a policy asks for, as Postfix makes them."""

import unittest

import lab as house
from lab import STAMP, field_values, letter, stamps

RULES = """
rule edit-header {
    if      subject ~ /sửa tiêu đề/
    add     header X-Phan-Loai "Nội bộ"
    replace header Importance "high"
    remove  header X-Thua
    tag     subject "[KHẨN]"
}

rule edit-removal {
    if      recipient = bo@sink.test
    remove  recipient <bo@sink.test>
    add     recipient <moi@sink.test>
}

rule edit-redirect {
    if      recipient = chuyen@sink.test
    redirect to <dich@sink.test>
}

rule edit-nobody {
    if      recipient = mot-minh@sink.test
    remove  recipient mot-minh@sink.test
}
"""

SUBJECT = "=?utf-8?B?c+G7rWEgdGnDqnUgxJHhu4E=?="   # sửa tiêu đề


class Edits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = house.Lab()
        cls.addClassCleanup(cls.lab.close)
        extra = cls.lab.daemon.policy / "zz.policy"
        extra.write_text(RULES)
        extra.chmod(0o644)
        cls.lab.__enter__()

    def pass_through(self, data, recipients):
        answer = self.lab.send(data, recipients)
        self.assertTrue(answer.accepted, answer)
        return self.lab.sink.wait_for_message(house.message_id_of(data))

    def letter_to_edit(self, *extra):
        data = house.without(letter(extra=extra), b"Subject")
        return b"Subject: " + SUBJECT.encode() + b"\r\n" + data

    def test_fields_are_added_replaced_removed_and_the_subject_tagged(self):
        data = self.letter_to_edit("Importance: low", "importance: normal",
                                   "X-Thua: 1", "X-Thua: 2", "X-Giu: 3")
        [arrived] = self.pass_through(data, "a@sink.test")
        got = arrived.data
        self.assertEqual(field_values(got, b"Importance"), [b"high"])
        self.assertEqual(field_values(got, b"X-Thua"), [])
        self.assertEqual(field_values(got, b"X-Giu"), [b"3"])
        self.assertEqual(field_values(got, b"X-Phan-Loai"),
                         [b"=?UTF-8?B?TuG7mWkgYuG7mQ==?="])
        self.assertEqual(field_values(got, b"Subject"),
                         [b"=?UTF-8?B?W0tI4bqoTl0=?= " + SUBJECT.encode()])
        self.assertEqual(len(stamps(got)), 1)
        changed = (b"Received", STAMP, b"Importance", b"X-Thua",
                   b"X-Phan-Loai", b"Subject")
        self.assertEqual(house.without(got, *changed),
                         house.without(data, *changed))

    def test_a_recipient_is_removed_and_another_added(self):
        data = letter()
        arrived = self.pass_through(data, ["bo@sink.test", "a@sink.test"])
        reached = {address for a in arrived for address, _ in a.recipients}
        self.assertEqual(reached, {"a@sink.test", "moi@sink.test"})
        rows = self.lab.daemon.receipts(
            "--message-id", house.message_id_of(data))
        self.assertEqual({r["to"] for r in rows}, reached)

    def test_a_redirected_letter_reaches_its_new_address_alone(self):
        data = letter()
        arrived = self.pass_through(data, ["a@sink.test", "chuyen@sink.test"])
        reached = {address for a in arrived for address, _ in a.recipients}
        self.assertEqual(reached, {"dich@sink.test"})

    def test_a_letter_without_any_recipient_left_is_held(self):
        data = letter()
        answer = self.lab.send(data, "mot-minh@sink.test")
        self.assertTrue(answer.accepted, answer)
        [row] = self.lab.daemon.receipts(
            "--message-id", house.message_id_of(data))
        self.assertEqual((row["to"], row["state"]),
                         ("mot-minh@sink.test", "held"))


if __name__ == "__main__":
    house.main()
