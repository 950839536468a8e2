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


RECEIPT = """\
From: {sender}
To: {office}
Subject: Read: Cong van
Message-ID: {message_id}
In-Reply-To: {original}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification;
\tboundary="b"

--b
Content-Type: text/plain

Da doc.
--b
Content-Type: message/disposition-notification

Reporting-UA: mail.elsewhere.test; Thu 1.0
Final-Recipient: rfc822; {sender}
Original-Message-ID: {original}
Disposition: {disposition}

--b--
"""

ANSWER = """\
From: {sender}
To: {office}
Subject: Re: Cong van
Message-ID: {message_id}
In-Reply-To: {original}
{header}

Da nhan.
"""


def filled(form, **fields):
    """The bytes of a form, with a Message-ID of its own."""
    message_id = house.new_message_id()
    text = form.format(office=OFFICE, message_id=message_id, **fields)
    return message_id, text.replace("\n", "\r\n").encode()


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

    def test_a_success_notice_that_only_we_asked_for_is_discarded(self):
        message_id = self.post(
            "im-lang@moet.test", port=self.lab.postfix.submission)
        self.lab.daemon.wait_state(
            message_id, "im-lang@moet.test", {"delivered"})
        self.lab.wait_quiet()
        seen = [a for a in self.lab.sink.arrived
                if a.sender == "" and message_id.encode() in a.data]
        self.assertEqual(seen, [])
        self.assertIn("milter-discard", self.lab.postfix.log())

    def test_a_notice_is_never_refused_and_its_letter_never_deferred(self):
        message_id = self.post("nobody.tu-choi@rej.test",
                               port=self.lab.postfix.submission)
        self.lab.daemon.wait_state(message_id, "nobody.tu-choi@rej.test", {"failed"})
        self.lab.wait_quiet()
        self.assertNotRegex(self.lab.postfix.log(),
                            r"bounce failed|trace failed")

    def answer(self, form, sender, original, **fields):
        """Send what a recipient's program makes; wait until it is through."""
        envelope = fields.pop("envelope", sender)
        answer_id, data = filled(form, sender=sender, original=original,
                                 **fields)
        sent = self.lab.send(data, OFFICE, sender=envelope, client=STRANGER)
        self.assertTrue(sent.accepted, sent)
        self.lab.sink.wait_for_message(answer_id)

    def state(self, message_id, recipient):
        rows = self.lab.daemon.receipts("--message-id", message_id)
        [row] = [r for r in rows if r["to"] == recipient]
        return row

    def test_a_receipt_of_the_reader_moves_it_to_displayed(self):
        message_id = self.post(["doc@sink.test", "khong@sink.test"])
        self.answer(RECEIPT, "doc@sink.test", message_id, envelope="",
                    disposition="manual-action/MDN-sent-manually; displayed")
        row = self.state(message_id, "doc@sink.test")
        self.assertEqual(row["state"], "displayed")
        self.assertTrue(row["acknowledged"])
        self.assertEqual(self.state(message_id, "khong@sink.test")["state"],
                         "accepted")

    def test_an_answer_moves_it_to_replied_and_a_vacation_does_not(self):
        message_id = self.post(["nguoi@sink.test", "may@sink.test"])
        self.answer(ANSWER, "nguoi@sink.test", message_id, header="X-A: b")
        self.answer(ANSWER, "may@sink.test", message_id,
                    header="Auto-Submitted: auto-replied")
        self.assertEqual(self.state(message_id, "nguoi@sink.test")["state"],
                         "replied")
        row = self.state(message_id, "may@sink.test")
        self.assertEqual(row["state"], "accepted")
        self.assertIn("only-auto", row["flags"])
        self.assertIsNone(row["acknowledged"])

    def test_an_answer_of_somebody_else_is_only_claimed(self):
        message_id = self.post("thay@sink.test")
        self.answer(ANSWER, "gia-mao@sink.test", message_id, header="X-A: b")
        self.assertEqual(self.state(message_id, "thay@sink.test")["state"],
                         "accepted")
        self.assertIn("claimed-only", self.state(
            message_id, "gia-mao@sink.test")["flags"])

    def test_a_bounce_in_words_alone_moves_the_receipt(self):
        message_id = self.post("loi@sink.test")
        stamp = self.stamp_of(message_id)
        bounce_id, data = filled(
            "From: MAILER-DAEMON@mx.sink.test\nTo: {office}\n"
            "Subject: failure notice\nMessage-ID: {message_id}\n\n"
            "Hi. This is the qmail-send program at mx.sink.test.\n"
            "I'm afraid I wasn't able to deliver your message.\n\n"
            "<loi@sink.test>:\n550 5.1.1 no mailbox here by that name\n\n"
            "--- Below this line is a copy of the message.\n\n"
            "Return-Path: <{office}>\nReceived: from x by y\n"
            "Vanthu-Document-ID: {stamp}\nSubject: z\n\n.\n", stamp=stamp)
        self.lab.send(data, OFFICE, sender="", client=STRANGER)
        self.lab.sink.wait_for_message(bounce_id)
        self.assertEqual(self.state(message_id, "loi@sink.test")["state"],
                         "failed")

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
