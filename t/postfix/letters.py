#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Letters that go out through Postfix, and what milterd makes of them."""

import concurrent.futures
import re
import unittest

import lab as house
from lab import OFFICE, STAMP, STRANGER, letter, new_message_id, stamps

FAKE = "0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789"


class Letters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = house.Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.lab.__enter__()

    def pass_through(self, data, recipients, **kwargs):
        """Send; the letters as they arrived, one for each recipient at least."""
        answer = self.lab.send(data, recipients, **kwargs)
        self.assertTrue(answer.accepted, answer)
        return self.lab.sink.wait_for_message(house.message_id_of(data))

    def stamped(self, data, recipients, **kwargs):
        """Send; the one stamp on what arrived."""
        arrived = self.pass_through(data, recipients, **kwargs)
        found = {tuple(stamps(a.data)) for a in arrived}
        self.assertEqual(len(found), 1, found)
        self.assertEqual(len(min(found)), 1, found)
        return min(found)[0]

    def assert_only_stamped(self, sent, arrived):
        """Byte for byte the same but for Received and the stamp."""
        self.assertEqual(house.without(arrived, b"Received", STAMP), sent)

    def test_a_clean_official_letter_arrives_stamped_and_else_unchanged(self):
        for name in ("cong-van.eml", "cong-van-nhieu-phan.eml",
                     "mat-khau.eml"):
            with self.subTest(name):
                data = letter(name)
                [arrived] = self.pass_through(data, "a@sink.test")
                self.assertEqual(len(stamps(arrived.data)), 1)
                self.assert_only_stamped(data, arrived.data)

    def test_a_stamped_letter_equals_the_one_that_met_no_milter(self):
        data = letter()
        [with_milter] = self.pass_through(data, "a@sink.test")
        plain = data.replace(
            house.message_id_of(data).encode(), new_message_id().encode())
        [without_milter] = self.pass_through(
            plain, "a@sink.test", port=self.lab.postfix.plain)
        self.assertEqual(stamps(without_milter.data), [])
        self.assertEqual(
            house.without(with_milter.data, b"Received", STAMP, b"Message-ID"),
            house.without(without_milter.data, b"Received", b"Message-ID"))

    def test_the_receipt_has_number_sender_and_message_id(self):
        data = letter()
        stamp = self.stamped(data, "so.hanoi@sink.test")
        [row] = self.lab.daemon.receipts("--id", stamp.lower())
        self.assertEqual(row["id"], stamp)
        self.assertEqual(row["number"], "12/BGDĐT-VP")
        self.assertEqual(row["from"], OFFICE)
        self.assertEqual(row["to"], "so.hanoi@sink.test")
        self.assertEqual(row["state"], "accepted")
        self.assertEqual(row["message_id"].strip("<>"),
                         house.message_id_of(data).strip("<>"))
        self.assertTrue(row["queue_id"])

    def test_a_letter_marked_secret_is_refused_with_5_7_1(self):
        for name in ("mat.eml", "mat-html.eml"):
            with self.subTest(name):
                answer = self.lab.send(letter(name), "a@sink.test")
                self.assertEqual((answer.code, answer.stage), (550, "end"))
                self.assertRegex(answer.text, r"^5\.7\.1 ")

    def test_a_refused_letter_leaves_a_record_for_each_recipient(self):
        data = letter("mat.eml")
        self.lab.send(data, ["r1@sink.test", "r2@sink.test"])
        rows = self.lab.daemon.receipts(
            "--message-id", house.message_id_of(data))
        self.assertEqual({(r["to"], r["state"]) for r in rows},
                         {("r1@sink.test", "rejected"),
                          ("r2@sink.test", "rejected")})
        self.assertEqual({r["number"] for r in rows} - {None, ""}, set())

    def test_an_ordinary_letter_gets_no_stamp_and_no_receipt(self):
        data = letter("thu-thuong.eml")
        [arrived] = self.pass_through(data, "a@sink.test")
        self.assertEqual(house.without(arrived.data, b"Received"), data)
        self.assertEqual(self.lab.daemon.receipts(
            "--message-id", house.message_id_of(data)), [])

    def test_mail_of_foreign_senders_passes_untouched(self):
        for client in (house.MINISTRY, STRANGER):
            for name in ("cong-van.eml", "mat.eml"):
                with self.subTest(f"{name} from {client}"):
                    data = letter(name)
                    [arrived] = self.pass_through(
                        data, "a@sink.test", client=client,
                        sender="someone@elsewhere.test")
                    self.assertEqual(
                        house.without(arrived.data, b"Received"), data)

    def test_a_stranger_who_claims_the_ministry_gets_no_stamp(self):
        data = letter()
        [arrived] = self.pass_through(data, "a@sink.test", client=STRANGER)
        self.assertEqual(house.without(arrived.data, b"Received"), data)
        self.assertEqual(self.lab.daemon.receipts(
            "--message-id", house.message_id_of(data)), [])

    def test_three_recipients_give_three_receipts(self):
        data = letter()
        people = [f"p{i}@sink.test" for i in range(3)]
        stamp = self.stamped(data, people)
        rows = self.lab.daemon.receipts("--id", stamp)
        self.assertEqual(sorted(r["to"] for r in rows), people)

    def test_a_retry_keeps_its_id(self):
        data = letter()
        self.lab.send(data, "a@sink.test")
        self.lab.send(data, "a@sink.test")
        arrived = self.lab.sink.wait_for_message(
            house.message_id_of(data), count=2)
        self.assertEqual(len({tuple(stamps(a.data)) for a in arrived}), 1)
        [row] = self.lab.daemon.receipts(
            "--message-id", house.message_id_of(data))
        self.assertIn("retried", row["flags"])

    def test_parallel_batches_of_one_letter_share_an_id(self):
        data = letter()
        batches = [[f"b{i}.{j}@sink.test" for j in range(3)]
                   for i in range(16)]
        with concurrent.futures.ThreadPoolExecutor(len(batches)) as pool:
            answers = list(pool.map(
                lambda batch: self.lab.send(data, batch), batches))
        self.assertTrue(all(a.accepted for a in answers), answers)
        arrived = self.lab.sink.wait_for_message(
            house.message_id_of(data), count=len(batches))
        ids = {tuple(stamps(a.data)) for a in arrived}
        self.assertEqual(len(ids), 1, ids)
        rows = self.lab.daemon.receipts("--id", min(ids)[0])
        self.assertEqual(sorted(r["to"] for r in rows),
                         sorted(p for batch in batches for p in batch))

    def test_different_letters_get_different_ids(self):
        ids = {self.stamped(letter(), "a@sink.test") for _ in range(5)}
        self.assertEqual(len(ids), 5)

    def test_a_thousand_recipients_get_a_thousand_receipts(self):
        data = letter()
        people = sorted(f"n{i:04}@sink.test" for i in range(1000))
        answer = self.lab.send(data, people)
        self.assertTrue(answer.accepted, answer)
        message_id = house.message_id_of(data)

        def reached():
            return {address for a in self.lab.sink.arrived
                    if house.message_id_of(a.data) == message_id
                    for address, _ in a.recipients}

        house.wait_for(lambda: len(reached()) == 1000, "all recipients", 60)
        rows = self.lab.daemon.receipts("--message-id", message_id)
        self.assertEqual(sorted(r["to"] for r in rows), people)
        self.assertEqual(len({r["id"] for r in rows}), 1)

    def test_a_large_letter_goes_through_the_spool(self):
        data = letter() + b"Mot dong dai vua phai cua mot thu lon.\r\n" * 80000
        [arrived] = self.pass_through(data, "a@sink.test")
        self.assertEqual(len(stamps(arrived.data)), 1)
        self.assert_only_stamped(data, arrived.data)

    def test_a_letter_without_message_id_gets_one_and_keeps_it(self):
        # Postfix adds its own for local clients before a milter sees it
        data = house.without(letter(extra=["X-Khong-Ma: 1"]), b"Message-ID")
        answer = self.lab.send(data, "khong-ma@sink.test")
        self.assertTrue(answer.accepted, answer)
        [arrived] = self.lab.sink.wait(
            lambda a: a.recipients[0][0] == "khong-ma@sink.test")
        self.assertTrue(house.message_id_of(arrived.data))
        self.assertEqual(len(stamps(arrived.data)), 1)

    def test_forged_stamps_are_removed(self):
        forged = [f"{STAMP.decode()}: {FAKE}", "X-Giua: 1",
                  f"{STAMP.decode().lower()}: two\r\n\tlines",
                  f"{STAMP.decode()}:"]
        data = letter(extra=forged)
        [arrived] = self.pass_through(data, "a@sink.test")
        [stamp] = stamps(arrived.data)
        self.assertNotIn(stamp, (FAKE, "two\r\n\tlines", ""))
        self.assertEqual(len(self.lab.daemon.receipts("--id", stamp)), 1)
        self.assert_only_stamped(house.without(data, STAMP), arrived.data)

    def test_a_forged_stamp_on_an_ordinary_letter_is_removed(self):
        data = letter("thu-thuong.eml", extra=[f"{STAMP.decode()}: {FAKE}"])
        [arrived] = self.pass_through(data, "a@sink.test")
        self.assertEqual(stamps(arrived.data), [])

    def test_a_stamp_on_foreign_mail_is_left_alone(self):
        data = letter(extra=[f"{STAMP.decode()}: {FAKE}"])
        [arrived] = self.pass_through(
            data, "a@sink.test", sender="someone@elsewhere.test")
        self.assertEqual(house.without(arrived.data, b"Received"), data)

    def test_a_copied_stamp_is_replaced_and_flagged(self):
        old = self.stamped(letter(), "a@sink.test")
        data = letter("mat-khau.eml", extra=[f"{STAMP.decode()}: {old}"])
        new = self.stamped(data, "a@sink.test")
        self.assertNotEqual(new, old)
        [row] = self.lab.daemon.receipts("--id", new)
        self.assertIn("copied-stamp", row["flags"])

    def test_envid_and_ret_reach_the_next_hop(self):
        data = letter()
        [arrived] = self.pass_through(data, "a@sink.test")
        arguments = {a.upper() for a in arrived.arguments}
        self.assertIn(f"ENVID={stamps(arrived.data)[0]}".upper(), arguments)
        self.assertIn("RET=HDRS", arguments)

    def test_a_clients_own_envid_is_kept(self):
        [arrived] = self.pass_through(
            letter(), "a@sink.test", mail_options=["RET=FULL", "ENVID=cua+2Bt"])
        self.assertIn("ENVID=cua+2Bt", arrived.arguments)
        self.assertEqual(len(stamps(arrived.data)), 1)

    def test_the_submission_service_asks_for_notices(self):
        [arrived] = self.pass_through(
            letter(), "a@sink.test", port=self.lab.postfix.submission)
        notify = [a for a in arrived.recipients[0][1] if "NOTIFY=" in a]
        self.assertEqual(len(notify), 1)
        self.assertEqual(set(re.split("[=,]", notify[0])),
                         {"NOTIFY", "SUCCESS", "FAILURE", "DELAY"})

    def test_several_letters_in_one_connection_are_each_judged(self):
        import smtplib
        sent = [letter(n) for n in
                ("cong-van.eml", "mat.eml", "thu-thuong.eml", "cong-van.eml")]
        codes = []
        with smtplib.SMTP("127.0.0.1", self.lab.postfix.smtp,
                          local_hostname="client.moet.test") as smtp:
            for data in sent:
                smtp.ehlo_or_helo_if_needed()
                smtp.mail(OFFICE)
                smtp.rcpt("a@sink.test")
                codes.append(smtp.data(data)[0])
        self.assertEqual(codes, [250, 550, 250, 250])
        found = [len(stamps(self.lab.sink.wait_for_message(
            house.message_id_of(sent[i]))[0].data)) for i in (0, 2, 3)]
        self.assertEqual(found, [1, 0, 1])

    def test_the_secret_text_is_in_no_log(self):
        self.lab.send(letter("mat.eml"), "a@sink.test")
        for word in ("MẬT", "Nội dung chỉ là ví dụ", "13/BGDĐT-VP"):
            self.assertNotIn(word, self.lab.daemon.log())


if __name__ == "__main__":
    house.main()
