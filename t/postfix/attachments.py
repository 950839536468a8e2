#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Letters with documents attached, through Postfix, and what explain says of them."""

import io
import json
import os
import signal
import unittest
import zipfile
from email.message import EmailMessage

import lab as house
from lab import OFFICE, new_message_id

ELSEWHERE = "someone@elsewhere.test"

RULE = """
rule attached-mark {
	if      attachment.text ~ /^\\s*MẬT\\s*$/m
	reject  550 5.7.1 "An attachment bears the mark"
}
"""

SPLIT = ("<w:p><w:r><w:t>M</w:t></w:r><w:r><w:t>Ậ</w:t></w:r>"
         "<w:r><w:t>T</w:t></w:r></w:p>")
PLAIN = "<w:p><w:r><w:t>Kính gửi các sở</w:t></w:r></w:p>"


def packed(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members.items():
            z.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return out.getvalue()


def docx(paragraph):
    xml = ('<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://'
           'schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
           f"{paragraph}</w:body></w:document>")
    return packed(**{
        "[Content_Types].xml":
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/'
            'package/2006/content-types"><Override PartName="/word/document.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.document.main+xml"/></Types>',
        "word/document.xml": xml})


def with_attachment(name, data, sender=OFFICE):
    m = EmailMessage()
    m["From"], m["To"] = sender, "a@sink.test"
    m["Subject"], m["Message-ID"] = "Công văn", new_message_id()
    m.set_content("Xin gửi kèm văn bản.\n")
    m.add_attachment(data, maintype="application", subtype="octet-stream",
                     filename=name)
    return m.as_bytes().replace(b"\n", b"\r\n")


class Attachments(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = house.Lab()
        cls.addClassCleanup(cls.lab.close)
        extra = cls.lab.daemon.policy / "attached.policy"
        extra.write_text(RULE)
        extra.chmod(0o644)
        cls.lab.__enter__()

    def explained(self, data):
        """The action that explain names for the same letter."""
        path = self.lab.daemon.folder / "letter.eml"
        path.write_bytes(data)
        done = self.lab.daemon.ctl(
            "policy", "explain", path, "--sender", OFFICE, "--recipient",
            "a@sink.test", "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["verdict"]

    def assert_refused(self, data):
        answer = self.lab.send(data, "a@sink.test")
        self.assertEqual((answer.code, answer.stage), (550, "end"), answer)
        verdict = self.explained(data)
        self.assertEqual(verdict["action"], "reject")
        self.assertIn("attached-mark", verdict["rules"])

    def test_a_mark_in_a_document_is_found_though_it_is_split_into_runs(self):
        self.assert_refused(with_attachment("cv.docx", docx(SPLIT)))

    def test_a_mark_in_a_document_in_a_zip_in_a_zip_is_found(self):
        inner = packed(a_dot_docx=docx(SPLIT))
        self.assert_refused(with_attachment("a.zip", packed(b_dot_zip=inner)))

    def test_the_name_of_a_document_does_not_matter(self):
        self.assert_refused(with_attachment("photo.jpg", docx(SPLIT)))

    def test_a_document_without_a_mark_passes(self):
        data = with_attachment("cv.docx", docx(PLAIN))
        self.assertTrue(self.lab.send(data, "a@sink.test").accepted)
        self.assertEqual(self.explained(data)["action"], "accept")

    def test_attachments_of_strangers_are_not_looked_into(self):
        data = with_attachment("cv.docx", docx(SPLIT), ELSEWHERE)
        answer = self.lab.send(data, "a@sink.test", sender=ELSEWHERE)
        self.assertTrue(answer.accepted, answer)

    def test_a_killed_fork_server_is_replaced_and_no_letter_waits_for_it(self):
        daemon = self.lab.daemon
        for _ in range(3):
            old = daemon.extractor()
            self.assertTrue(old)
            os.kill(old, signal.SIGKILL)
            self.assert_refused(with_attachment("cv.docx", docx(SPLIT)))
            house.wait_for(lambda: daemon.extractor() not in (0, old),
                           "the fork server comes back")

    def test_the_text_of_a_document_is_in_no_log(self):
        self.lab.send(with_attachment("cv.docx", docx(PLAIN)), "a@sink.test")
        self.assertNotIn("Kính gửi", self.lab.daemon.log())


if __name__ == "__main__":
    house.main()
