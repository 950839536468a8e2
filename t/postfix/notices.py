#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Notices that come back, from Postfix itself and from outside."""

import unittest

import lab as house
from lab import OFFICE, STRANGER, letter, stamps

REPORT = """\
From: MAILER-DAEMON@mx.elsewhere.test
To: {office}
Subject: Delivery report
Message-ID: {message_id}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

What became of your message.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.elsewhere.test
Original-Envelope-Id: {envelope_id}

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

Subject: x
{header}
--b--
"""


def report(envelope_id, recipient, action="delivered", status="2.0.0",
           header="X-Nothing: 1"):
    message_id = house.new_message_id()
    return message_id, REPORT.format(
        office=OFFICE, message_id=message_id, envelope_id=envelope_id,
        recipient=recipient, action=action, status=status, header=header,
    ).replace("\n", "\r\n").encode()


class Notices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = house.Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.lab.__enter__()

    def post(self, recipient, **kwargs):
        """Send a tracked letter; its Message-ID."""
        data = letter()
        answer = self.lab.send(data, recipient, **kwargs)
        self.assertTrue(answer.accepted, answer)
        return house.message_id_of(data)

    def stamp_of(self, message_id):
        [row] = self.lab.daemon.receipts("--message-id", message_id)
        return row["id"]

    def wait_notice(self, message_id, action):
        """A notice to the sender that returns this letter's headers."""
        return self.lab.sink.wait(
            lambda a: a.sender == "" and message_id.encode() in a.data
            and f"Action: {action}".encode() in a.data)

    def test_a_bounce_of_postfix_moves_the_receipt_to_failed(self):
        message_id = self.post("nobody@rej.test")
        row = self.lab.daemon.wait_state(
            message_id, "nobody@rej.test", {"failed"})
        codes = [e.get("code") for e in row["evidence"]]
        self.assertTrue(any("failed" in str(c) for c in codes), row)

    def test_a_bounce_is_passed_on_to_the_sender_unchanged(self):
        message_id = self.post("nobody@rej.test")
        [notice] = self.wait_notice(message_id, "failed")
        self.assertEqual(notice.recipients[0][0], OFFICE)
        self.assertEqual(stamps(house.split(notice.data)[0][0] + b"\r\n\r\n"),
                         [])

    def test_of_three_recipients_only_the_refused_one_fails(self):
        people = ["x1@sink.test", "nobody2@rej.test", "x3@sink.test"]
        message_id = self.post(people)
        self.lab.daemon.wait_state(message_id, people[1], {"failed"})
        rows = self.lab.daemon.receipts("--message-id", message_id)
        self.assertEqual({r["to"]: r["state"] for r in rows},
                         {people[0]: "accepted", people[1]: "failed",
                          people[2]: "accepted"})

    def test_a_bounce_is_found_though_the_client_chose_the_envid(self):
        message_id = self.post("gone@rej.test", mail_options=["ENVID=cua-toi"])
        self.lab.daemon.wait_state(message_id, "gone@rej.test", {"failed"})

    def test_a_hop_without_dsn_moves_the_receipt_to_relayed(self):
        message_id = self.post(
            "so@nodsn.test", port=self.lab.postfix.submission)
        self.lab.daemon.wait_state(message_id, "so@nodsn.test", {"relayed"})

    def test_delivery_to_a_mailbox_moves_the_receipt_to_delivered(self):
        message_id = self.post(
            "hop-thu@moet.test", port=self.lab.postfix.submission)
        row = self.lab.daemon.wait_state(
            message_id, "hop-thu@moet.test", {"delivered"})
        self.assertTrue(row["delivered"])
        ids = {house.message_id_of(m) for m in self.lab.postfix.mailbox()}
        self.assertIn(message_id, ids)

    def test_a_success_notice_the_client_asked_for_is_passed_on(self):
        message_id = self.post("hop-thu@moet.test",
                               rcpt_options=["NOTIFY=SUCCESS"])
        self.lab.daemon.wait_state(
            message_id, "hop-thu@moet.test", {"delivered"})
        self.wait_notice(message_id, "delivered")

    def test_an_alias_with_notify_moves_the_receipt_to_expanded(self):
        message_id = self.post(
            "list@moet.test", port=self.lab.postfix.submission)
        self.lab.daemon.wait_state(message_id, "list@moet.test", {"expanded"})

    def test_a_notice_from_outside_moves_the_receipt(self):
        message_id = self.post("xa@sink.test")
        stamp = self.stamp_of(message_id)
        notice_id, data = report(stamp, "xa@sink.test")
        answer = self.lab.send(data, OFFICE, sender="", client=STRANGER)
        self.assertTrue(answer.accepted, answer)
        row = self.lab.daemon.wait_state(
            message_id, "xa@sink.test", {"delivered"})
        self.assertIn("unauthenticated", row["flags"])
        [passed] = self.lab.sink.wait_for_message(notice_id)
        self.assertEqual(house.without(passed.data, b"Received"), data)

    def test_a_forged_notice_moves_nothing_and_is_passed_on(self):
        message_id = self.post("gia@sink.test")
        stamp = self.stamp_of(message_id)
        wrong = stamp[:-1] + ("2" if stamp[-1] != "2" else "3")
        for envelope_id in (wrong, "", "A" * 300):
            notice_id, data = report(
                envelope_id, "gia@sink.test", "failed", "5.1.1",
                f"Message-ID: {message_id}")
            answer = self.lab.send(data, OFFICE, sender="", client=STRANGER)
            self.assertTrue(answer.accepted, answer)
            self.lab.sink.wait_for_message(notice_id)
        [row] = self.lab.daemon.receipts("--message-id", message_id)
        self.assertEqual(row["state"], "accepted")

    def test_a_notice_about_somebody_else_moves_nobody(self):
        message_id = self.post("that@sink.test")
        notice_id, data = report(
            self.stamp_of(message_id), "other@sink.test", "failed", "5.1.1")
        self.lab.send(data, OFFICE, sender="", client=STRANGER)
        self.lab.sink.wait_for_message(notice_id)
        rows = self.lab.daemon.receipts("--message-id", message_id)
        states = {r["to"]: r["state"] for r in rows}
        self.assertEqual(states["that@sink.test"], "accepted")

    def test_an_old_delay_never_moves_a_delivered_receipt_back(self):
        message_id = self.post("cham@sink.test")
        stamp = self.stamp_of(message_id)
        for action, status in (("delivered", "2.0.0"), ("delayed", "4.4.1")):
            notice_id, data = report(stamp, "cham@sink.test", action, status)
            self.lab.send(data, OFFICE, sender="", client=STRANGER)
            self.lab.sink.wait_for_message(notice_id)
        [row] = self.lab.daemon.receipts("--message-id", message_id)
        self.assertEqual(row["state"], "delivered")


if __name__ == "__main__":
    house.main()
