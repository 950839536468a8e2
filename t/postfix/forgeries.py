#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What liars and loops send: it is shown as claimed and moves nothing."""

import pathlib
import subprocess
import unittest

import lab as house
from lab import OFFICE, STRANGER, letter
from notices import ANSWER, RECEIPT, filled, report

BLOCKS = 100000
REPEATS = 50
DEPTH = 40
MEMORY_MB = 256     # a notice of BLOCKS recipients may take no more


class Forgeries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = house.Lab(authserv_id="mx.moet.test")
        cls.addClassCleanup(cls.lab.close)
        cls.lab.__enter__()

    def post(self, *people):
        data = letter()
        answer = self.lab.send(data, list(people))
        self.assertTrue(answer.accepted, answer)
        return house.message_id_of(data)

    def rows(self, message_id):
        return {r["to"]: r for r in
                self.lab.daemon.receipts("--message-id", message_id)}

    def stamp_of(self, message_id):
        return next(iter(self.rows(message_id).values()))["id"]

    def deliver(self, data, sender=""):
        """Send it; wait until it is through, for nothing of it is refused."""
        answer = self.lab.send(data, OFFICE, sender=sender, client=STRANGER)
        self.assertTrue(answer.accepted, answer)
        self.lab.sink.wait_for_message(house.message_id_of(data))

    def assert_claimed(self, row, code):
        """It is there for all to see, trusted by nobody, and moved nothing."""
        claimed = [e for e in row["evidence"] if e["code"] == code]
        self.assertEqual({e["trust"] for e in claimed}, {0}, row)
        self.assertIn(row["state"], ("accepted", "unsent?"))
        self.assertIsNone(row["delivered"])
        self.assertIsNone(row["acknowledged"])

    def test_a_wrong_tag_is_claimed(self):
        message_id = self.post("a@sink.test")
        stamp = self.stamp_of(message_id)
        wrong = stamp[:-1] + ("2" if stamp[-1] != "2" else "3")
        _, data = report(wrong, "a@sink.test", "failed", "5.1.1",
                         f"Message-ID: {message_id}")
        self.deliver(data)
        self.assert_claimed(self.rows(message_id)["a@sink.test"], "failed")

    def test_a_guessed_id_is_claimed(self):
        message_id = self.post("b@sink.test")
        other = self.stamp_of(self.post("c@sink.test"))
        guessed = self.stamp_of(message_id)[:26] + other[26:]
        _, data = report(guessed, "b@sink.test", "delivered", "2.0.0",
                         f"Message-ID: {message_id}\nVanthu-Document-ID: {guessed}")
        self.deliver(data)
        self.assert_claimed(self.rows(message_id)["b@sink.test"], "delivered")

    def test_an_unknown_recipient_is_claimed_and_moves_nobody(self):
        message_id = self.post("d@sink.test")
        _, data = report(self.stamp_of(message_id), "ai-do@sink.test", "failed",
                         "5.1.1")
        self.deliver(data)
        rows = self.rows(message_id)
        self.assertEqual(rows["d@sink.test"]["state"], "accepted")
        self.assertIn("claimed-only", rows["ai-do@sink.test"]["flags"])

    def receipt(self, person, message_id, *results, sender=None):
        """A receipt of the reader with Authentication-Results in front."""
        _, data = filled(
            RECEIPT, sender=sender or person, original=message_id,
            disposition="manual-action/MDN-sent-manually; displayed")
        fields = "".join(f"Authentication-Results: {r}\r\n" for r in results)
        return fields.encode() + data

    def test_authentication_that_failed_or_is_foreign_is_claimed(self):
        passed = "dkim=pass header.d=sink.test"
        for n, results in enumerate((
                (), ("mx.moet.test; dkim=fail header.d=sink.test",),
                (f"mx.elsewhere.test; {passed}",),
                ("mx.moet.test; dkim=pass header.d=elsewhere.test",),
                ("mx.moet.test; none", f"mx.elsewhere.test; {passed}"))):
            person = f"e{n}@sink.test"
            with self.subTest(results=results):
                message_id = self.post(person)
                self.deliver(self.receipt(person, message_id, *results))
                self.assert_claimed(self.rows(message_id)[person], "displayed")

    def test_authentication_that_passed_counts(self):
        message_id = self.post("f@sink.test")
        self.deliver(self.receipt("f@sink.test", message_id,
                                  "mx.moet.test; dkim=pass header.d=sink.test"))
        row = self.rows(message_id)["f@sink.test"]
        self.assertEqual(row["state"], "displayed")
        self.assertEqual(max(e["trust"] for e in row["evidence"]
                             if e["source"] == "mdn"), 2)

    def test_a_foreign_from_is_claimed_however_it_is_signed(self):
        message_id = self.post("g@sink.test")
        _, data = filled(ANSWER, sender="ke-gian@elsewhere.test",
                         original=message_id, header="X-A: b")
        self.deliver(b"Authentication-Results: mx.moet.test; "
                     b"dkim=pass header.d=elsewhere.test\r\n" + data,
                     "ke-gian@elsewhere.test")
        rows = self.rows(message_id)
        self.assertEqual(rows["g@sink.test"]["state"], "accepted")
        self.assertIn("claimed-only", rows["ke-gian@elsewhere.test"]["flags"])

    def sendmail(self, data):
        """As a local user: it comes through pickup, as Postfix's own does not."""
        subprocess.run(
            ["sendmail", "-C", str(self.lab.postfix.conf), "-f", "<>", OFFICE],
            input=data.replace(b"\r\n", b"\n"), check=True, timeout=60)
        self.lab.sink.wait_for_message(house.message_id_of(data))

    def test_a_local_users_internal_notice_is_not_our_own(self):
        message_id = self.post("h@sink.test")
        row = self.rows(message_id)["h@sink.test"]
        for envelope_id in ("", row["id"][:-1] + "0" * (row["id"][-1] != "0")
                            + "1" * (row["id"][-1] == "0")):
            _, data = report(
                envelope_id + f"\nX-Postfix-Queue-ID: {row['queue_id']}",
                "h@sink.test", "failed", "5.1.1", f"Message-ID: {message_id}")
            self.sendmail(data)
            self.assert_claimed(self.rows(message_id)["h@sink.test"], "failed")

    def test_a_local_user_who_knows_the_tag_is_no_more_than_a_stranger(self):
        message_id = self.post("i@sink.test")
        row = self.rows(message_id)["i@sink.test"]
        _, data = report(row["id"] + f"\nX-Postfix-Queue-ID: {row['queue_id']}",
                         "i@sink.test")
        self.sendmail(data)
        row = self.rows(message_id)["i@sink.test"]
        self.assertEqual([e["trust"] for e in row["evidence"]
                          if e["source"] == "dsn"], [1])
        self.assertIn("unauthenticated", row["flags"])

    def memory_mb(self):
        status = pathlib.Path(f"/proc/{self.lab.daemon.filter()}/status")
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
        raise AssertionError("no VmHWM")

    def test_a_notice_of_100000_recipients_is_bounded(self):
        message_id = self.post("k@sink.test")
        before = self.memory_mb()
        _, data = report(self.stamp_of(message_id), "k@sink.test")
        block = "".join(f"Final-Recipient: rfc822; la{n}@sink.test\r\n"
                        "Action: failed\r\nStatus: 5.1.1\r\n\r\n"
                        for n in range(BLOCKS)).encode()
        mark = b"Status: 2.0.0\r\n\r\n"
        self.assertIn(mark, data)
        self.deliver(data.replace(mark, mark + block))
        rows = self.rows(message_id)
        self.assertEqual(rows.pop("k@sink.test")["state"], "delivered")
        self.assertLessEqual(len(rows), 1000)
        self.assertTrue(all("claimed-only" in r["flags"] for r in rows.values()))
        self.assertLess(self.memory_mb() - before, MEMORY_MB)

    def test_a_notice_that_loops_counts_once(self):
        message_id = self.post("l@sink.test")
        _, data = report(self.stamp_of(message_id), "l@sink.test", "delayed",
                         "4.4.1")
        for n in range(REPEATS):
            data = f"Received: from loop{n} by loop\r\n".encode() + data
            answer = self.lab.send(data, OFFICE, sender="", client=STRANGER)
            self.assertTrue(answer.accepted or n >= 45, answer)
        row = self.rows(message_id)["l@sink.test"]
        self.assertEqual(row["state"], "delayed")
        self.assertEqual([e["code"] for e in row["evidence"]
                          if e["source"] == "dsn"], ["delayed"])

    @staticmethod
    def wrap(data, recipient):
        """A notice that returns ${data} whole."""
        notice_id, outer = report("", recipient, "failed", "5.1.1")
        return notice_id, outer.replace(
            b"Content-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n",
            b"Content-Type: message/rfc822\r\n\r\n" + data)

    def test_a_notice_for_a_notice_says_nothing_of_the_letter(self):
        message_id = self.post("m@sink.test")
        _, inner = report(self.stamp_of(message_id), "m@sink.test", "failed",
                          "5.1.1")
        _, data = self.wrap(inner.replace(b'boundary="b"', b'boundary="c"')
                            .replace(b"--b", b"--c"), OFFICE)
        self.deliver(data)
        self.assertEqual(self.rows(message_id)["m@sink.test"]["state"],
                         "accepted")

    def test_notices_in_notices_end(self):
        message_id = self.post("n@sink.test")
        _, data = report(self.stamp_of(message_id), "n@sink.test", "failed",
                         "5.1.1")
        for n in range(DEPTH):
            border = f"b{n}".encode()
            _, data = self.wrap(
                data.replace(b'boundary="b"', b'boundary="' + border + b'"')
                .replace(b"--b\r\n", b"--" + border + b"\r\n")
                .replace(b"--b--", b"--" + border + b"--"), OFFICE)
        self.deliver(data)
        self.assertEqual(self.rows(message_id)["n@sink.test"]["state"],
                         "accepted")


if __name__ == "__main__":
    house.main()
