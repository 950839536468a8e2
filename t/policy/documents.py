#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Judge every row of the corpus's marks as a body, a subject and documents of each kind.

usage: documents.py [STEP [KIND...]]     (every STEPth row; default 20)
Each text stands among other lines of a document that python-docx or LibreOffice
wrote, which is attached to a letter of the ministry; the shipped policy judges the
letter by "milterctl policy explain".  Prints a line per kind and the rows that end
otherwise than their `expect` says; exit 1 if there are any.
"""
import base64
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.policy import SMTP

BUILD = os.environ.get("VANTHU_BUILD", os.getcwd())
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WRITTEN = ("docx", "odt", "rtf", "doc", "pdf")
TABLES = ("xlsx", "xls", "ods")
KINDS = ("body", "html", "subject", "txt", *WRITTEN, *TABLES, "pptx", "zip", "eml")
BEFORE, BEHIND = "Kính gửi: Các Sở", "Nơi nhận: như trên."
HEAD = ("From: vp@moet.edu.vn\r\nTo: phongcntt.hanoi@moet.edu.vn\r\nDate: Mon, 05 Nov 2007 08:00:00 +0700\r\n"
        "Message-ID: <1@moet.edu.vn>\r\nMIME-Version: 1.0\r\n")
# what the documents say about themselves must not decide
NAME = "congvan"


class Row:
    """A row of a list; its text as its bytes say, legacy fonts as windows-1252 shows them."""

    def __init__(self, fields, may_pass):
        self.id, self.where, self.expect = fields["id"], fields["where"], fields["expect"]
        self.must_pass = may_pass
        self.charset, self.data = fields["charset"], base64.b64decode(fields["data"])
        self.is_html = fields["form"].startswith("html")
        # no font of LibreOffice's has these: a page of boxes says nothing
        self.has_no_glyphs = fields["form"] == "fullwidth"
        shown = {"viscii": "cp1252", "windows-1252": "cp1252"}.get(self.charset, self.charset)
        try:
            self.text = self.data.decode(shown).replace("\r", "")
        except (UnicodeDecodeError, LookupError):
            self.text = ""      # a byte that no document can hold
        if self.is_html:
            self.text = fields["text"].replace("\\n", "\n").replace("\\t", "\t")


def rows(corpus, step):
    for name, may_pass in (("positive", False), ("negative", True)):
        path = f"{corpus}/vietnamese/marks-{name}.tsv"
        with open(path, encoding="utf-8") as f:
            lines = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
        for fields in lines[::step]:
            yield Row(fields, may_pass)


# Documents -----------------------------------------------------------------

def lines_of(row):
    return [BEFORE, *row.text.split("\n"), BEHIND]


def write_docx(path, row):
    """Each line in runs of two letters, as spelling checks and edits leave them."""
    import docx
    d = docx.Document()
    for line in lines_of(row):
        p = d.add_paragraph()
        for at in range(0, len(line), 2):
            p.add_run(line[at:at + 2])
    d.save(path)


def write_csv(path, row):
    with open(path, "w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([[1, line] for line in lines_of(row)])


PPTX_TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.presentationml.slide+xml"/>
<Override PartName="/ppt/presentation.xml" ContentType=
"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"/></Types>"""
SLIDE = """<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"
xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:cSld><p:spTree><p:sp><p:txBody>
%s</p:txBody></p:sp></p:spTree></p:cSld></p:sld>"""


def write_pptx(path, row):
    def escape(s):
        return s.replace("&", "&amp;").replace("<", "&lt;")
    body = "".join("<a:p><a:r><a:t>%s</a:t></a:r></a:p>" % escape(line) for line in lines_of(row))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", PPTX_TYPES)
        z.writestr("ppt/presentation.xml", "<p:presentation xmlns:p='http://schemas."
                   "openxmlformats.org/presentationml/2006/main'/>")
        z.writestr("ppt/slides/slide1.xml", SLIDE % body)


def write_zip(path, inner_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as z:
        z.write(inner_path, NAME + os.path.splitext(inner_path)[1])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("inner.zip", inner.getvalue())


def convert(paths, kind, folder):
    arguments = ["soffice", "-env:UserInstallation=file://" + folder + "/profile",
                 "--headless", "--convert-to", kind, "--outdir", folder + "/" + kind]
    if paths[0].endswith(".csv"):
        arguments += ["--infilter=CSV:44,34,76,1"]
    subprocess.run(arguments + paths, check=True, capture_output=True, timeout=900)


def write_documents(all_rows, kinds, folder):
    documents = [r for r in all_rows if r.where in ("line", "body") and r.text]
    for kind in ("csv", "docx", *kinds):
        os.makedirs(f"{folder}/{kind}", exist_ok=True)
    for r in documents:
        write_docx(f"{folder}/docx/{r.id}.docx", r)
        write_csv(f"{folder}/csv/{r.id}.csv", r)
        if "pptx" in kinds:
            write_pptx(f"{folder}/pptx/{r.id}.pptx", r)
        if "zip" in kinds:
            write_zip(f"{folder}/zip/{r.id}.zip", f"{folder}/docx/{r.id}.docx")
    for kind in kinds:
        if kind in WRITTEN[1:]:
            convert([f"{folder}/docx/{r.id}.docx" for r in documents], kind, folder)
        elif kind in TABLES:
            convert([f"{folder}/csv/{r.id}.csv" for r in documents], kind, folder)
    return documents


# Letters -------------------------------------------------------------------

def plain(row, subtype):
    return (HEAD + f"Subject: Cong van\r\nContent-Type: text/{subtype}; charset={row.charset}\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n").encode() + base64.encodebytes(row.data)


def with_subject(row):
    return HEAD.encode() + b"Subject: " + row.data + b"\r\n\r\nKinh gui.\r\n"


def escaped(line):
    """Half of the letters as references, as mailers of the time wrote them."""
    line = "".join("&#%d;" % ord(c) if i % 2 or c in "<>&" else c for i, c in enumerate(line))
    return line.replace("&#32;", " ").replace("  ", "&nbsp; ")


def as_html(row):
    text = "".join(f"<p><span style='color:red'>{escaped(line)}</span></p>"
                   for line in lines_of(row))
    m = letter()
    m.set_content("<html><body>" + text + "</body></html>", subtype="html", cte="base64")
    return m.as_bytes(policy=SMTP)


def letter():
    m = EmailMessage()
    for name, value in re.findall(r"(.*?): (.*)\r\n", HEAD):
        if name != "MIME-Version":
            m[name] = value
    m["Subject"] = "Cong van"
    return m


def attached(data, name):
    m = letter()
    m.set_content("Kinh gui.\n")
    m.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return m.as_bytes(policy=SMTP)


def named(row):
    name = base64.b64encode(row.text.encode()).decode()
    return (HEAD + "Subject: x\r\nContent-Type: application/octet-stream;\r\n"
            f" name=\"=?utf-8?B?{name}?=\"\r\n\r\n\r\n").encode()


def forwarded(row):
    m = letter()
    m.set_content("Kinh gui.\n")
    inner = EmailMessage()
    inner["Subject"] = "x"
    inner.set_content("\n".join(lines_of(row)) + "\n", cte="base64")
    m.add_attachment(inner)
    return m.as_bytes(policy=SMTP)


def letters(kind, all_rows, documents, folder):
    if kind == "body":
        return [(r, plain(r, "html" if r.is_html else "plain")) for r in all_rows
                if r.where in ("line", "body")]
    if kind == "subject":
        return [(r, with_subject(r) if r.where == "subject" else named(r)) for r in all_rows
                if r.where in ("subject", "filename")]
    if kind == "html":
        return [(r, as_html(r)) for r in documents]
    if kind == "txt":
        return [(r, attached(r.data, NAME + ".txt")) for r in documents if not r.is_html]
    if kind == "eml":
        return [(r, forwarded(r)) for r in documents]
    made = []
    for r in documents:
        if kind == "pdf" and r.has_no_glyphs:
            continue
        with open(f"{folder}/{kind}/{r.id}.{kind}", "rb") as f:
            made.append((r, attached(f.read(), f"{NAME}.{kind}")))
    return made


# Judging -------------------------------------------------------------------

def judge(folder, number, data):
    path = f"{folder}/{number}.eml"
    with open(path, "wb") as f:
        f.write(data)
    run = subprocess.run([BUILD + "/milterctl", "policy", "explain", path, "--sender",
                          "vp@moet.edu.vn", "--recipient", "phongcntt.hanoi@moet.edu.vn", "--policy",
                          SOURCE + "/policy", "--format", "json"],
                         capture_output=True, timeout=60)
    os.unlink(path)
    if run.returncode != 0:
        return "exit %d" % run.returncode, run.stderr.decode()
    verdict = json.loads(run.stdout)["verdict"]
    return verdict["action"], " ".join(verdict["rules"])


def main():
    corpus = os.environ.get("VANTHU_CORPUS", "")
    if not os.path.exists(corpus + "/vietnamese/marks-positive.tsv"):
        print("documents: skipped, no file", (corpus or "$VANTHU_CORPUS") +
              "/vietnamese/marks-positive.tsv")
        return 77
    if shutil.which("soffice") is None:
        print("documents: skipped, no soffice (LibreOffice) here")
        return 77
    step = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    kinds = sys.argv[2:] or KINDS
    all_rows, bad = list(rows(corpus, step)), 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        documents = write_documents(all_rows, kinds, folder)
        for kind in kinds:
            sent = letters(kind, all_rows, documents, folder)
            ends = list(pool.map(lambda one: judge(folder, *one),
                                 enumerate(data for _, data in sent)))
            wrong = [(r, *end) for (r, _), end in zip(sent, ends)
                     if (end[0] != "accept" if r.must_pass else
                         end[0] not in ("reject", "hold"))]
            stopped = sum(end[0] in ("reject", "hold") for end in ends)
            print("%-8s %4d letters %4d stopped %4d wrong" % (
                kind, len(sent), stopped, len(wrong)), flush=True)
            for r, action, rules in wrong:
                print("         %s %s: %s %s" % (r.id, r.text.replace("\n", "|")[:60], action,
                                                rules))
            bad += len(wrong)
    return int(bad != 0)


if __name__ == "__main__":
    sys.exit(main())
