#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Three letters and what becomes of them, for people to read (contrib/try)."""

import sys

import lab as house
from lab import OFFICE, letter, stamps


class Show:
    def __init__(self, lab):
        self.lab = lab
        self.is_good = True

    def say(self, text):
        print(text, flush=True)

    def expect(self, is_so, text):
        self.say(f"   {text}" if is_so else f"   NOT AS EXPECTED: {text}")
        self.is_good = self.is_good and bool(is_so)

    def post(self, title, data, recipients, expected):
        self.say(f"\n{title}\n   from {OFFICE} to {', '.join(recipients)}")
        answer = self.lab.send(data, recipients,
                               port=self.lab.postfix.submission)
        self.expect(answer.code == expected,
                    f"Postfix answered: {answer.code} {answer.text}")
        return house.message_id_of(data)

    def accepted(self):
        people = ["phongcntt.hanoi@moet.test", "so.danang@nodsn.test"]
        message_id = self.post(
            "1. An official letter, Số: 12/BGDĐT-VP: accepted and tracked",
            letter("cong-van.eml"), people, 250)
        [arrived] = self.lab.sink.wait_for_message(message_id)
        found = stamps(arrived.data)
        self.expect(len(found) == 1,
                    f"it arrived with Vanthu-Document-ID: {' '.join(found)}")
        for person, state in zip(people, ("delivered", "relayed")):
            row = self.lab.daemon.wait_state(message_id, person, {state})
            self.expect(True, f"Postfix's notice: {person} {row['state']}")

    def secret(self):
        self.post("2. A letter with MẬT on a line of its own: refused",
                  letter("mat.eml"), ["phongcntt.hanoi@moet.test"], 550)

    def failed(self):
        person = "nobody@example.test"
        message_id = self.post(
            "3. An official letter to somebody who is not there: it comes back",
            letter("cong-van-nhieu-phan.eml"), [person], 250)
        row = self.lab.daemon.wait_state(message_id, person, {"failed"})
        self.expect(True, f"Postfix's notice: {person} {row['state']}")
        [notice] = self.lab.sink.wait(
            lambda a: a.sender == "" and message_id.encode() in a.data)
        self.expect(notice.recipients[0][0] == OFFICE,
                    f"the notice went on to {notice.recipients[0][0]}")

    def receipts(self):
        done = self.lab.daemon.ctl("receipts")
        self.say("\n$ milterctl receipts")
        self.say(done.stdout + done.stderr)
        self.is_good = self.is_good and done.returncode == 0


def main():
    with house.Lab() as lab:
        show = Show(lab)
        try:
            show.accepted()
            show.secret()
            show.failed()
            show.receipts()
        except AssertionError as e:
            show.expect(False, str(e))
        if not show.is_good:
            show.say("milterd said:\n" + lab.daemon.log_tail(40))
    sys.exit(0 if show.is_good else 1)


if __name__ == "__main__":
    main()
