#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Put the corpus's marks into documents of every kind and look for them there.

usage: marks.py [STEP]     (every STEPth row of marks-positive.tsv; default 8)
Documents are written by python-docx and by LibreOffice, so that what is read is
what programs write.  Prints a line per kind; exit 1 if a mark is not found again.
"""
import base64
import csv
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import zipfile

BUILD = os.environ.get("VANTHU_BUILD", os.getcwd())
KINDS = ("docx", "odt", "rtf", "doc", "pdf", "xlsx", "xls", "ods", "zip")
BOX = """<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:v="urn:schemas-microsoft-com:vml"><w:pict>
 <v:shape id="box" style="width:200pt;height:50pt" type="#_x0000_t202"><v:textbox>
 <w:txbxContent><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:txbxContent></v:textbox>
 </v:shape></w:pict></w:r>"""


def marks(corpus, step):
    """The texts as their bytes say, legacy fonts as windows-1252 shows them."""
    with open(corpus + "/vietnamese/marks-positive.tsv", encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows[::step]:
        if row["where"] not in ("line", "body") or "html" in row["form"]:
            continue
        charset = row["charset"] if row["charset"] in ("utf-8", "viscii") else "cp1252"
        charset = "cp1252" if charset == "viscii" else charset
        text = base64.b64decode(row["data"]).decode(charset, "replace")
        if "\ufffd" not in text:
            yield row["id"], text.replace("\r", "")


def write_docx(path, text):
    """The text once in the body, its letters in runs of two, and once in each place."""
    import docx
    from docx.oxml import parse_xml
    d = docx.Document()
    for line in text.split("\n"):
        p = d.add_paragraph()
        for at in range(0, len(line), 2):
            p.add_run(line[at:at + 2])
    one = text.replace("\n", " ").strip()
    d.sections[0].header.paragraphs[0].text = "header " + one
    d.sections[0].footer.paragraphs[0].text = "footer " + one
    d.add_table(1, 1).cell(0, 0).text = "cell " + one
    box = BOX % ("box " + one.replace("&", "&amp;").replace("<", "&lt;"))
    d.add_paragraph()._p.append(parse_xml(box))
    d.core_properties.title = "title " + one
    d.save(path)
    return [text] + [place + " " + one for place in
                     ("header", "footer", "cell", "box", "title")]


def write_table(path, text):
    """A CSV file, of which LibreOffice makes workbooks."""
    with open(path, "w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([[1, line] for line in text.split("\n")])
    return [line for line in text.split("\n") if line.strip()]


def convert(paths, kind, folder):
    if not paths:
        return
    arguments = ["soffice", "-env:UserInstallation=file://" + folder + "/profile",
                 "--headless", "--convert-to", kind, "--outdir", folder + "/" + kind]
    if paths[0].endswith(".csv"):
        arguments += ["--infilter=CSV:44,34,76,1"]
    subprocess.run(arguments + paths, check=True, capture_output=True, timeout=600)


def nested_zip(path, text):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("công văn.txt", text)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("inner.zip", inner.getvalue())


def plain(text):
    text = "".join(c for c in text if unicodedata.category(c) != "Cf" and c != "\u034f"
                   and not "\ufe00" <= c <= "\ufe0f")
    text = unicodedata.normalize("NFC", text)
    return re.sub(r"[\s\xa0]+", " ", text).strip()


def missing(path, wanted):
    run = subprocess.run([BUILD + "/t/extract/look", path], capture_output=True,
                         timeout=60, check=True)
    text = plain(run.stdout.decode())
    # a table's cells and a page's lines may stand between the lines of one text
    return [w for w in wanted if not all(plain(line) in text for line in w.split("\n"))]


def build(corpus, step, folder):
    """kind -> {id: (path, texts)}"""
    made = {kind: {} for kind in KINDS}
    for kind in KINDS + ("csv",):
        os.mkdir(folder + "/" + kind)
    tables = {}
    for name, text in marks(corpus, step):
        wanted = write_docx(f"{folder}/docx/{name}.docx", text)
        tables[name] = write_table(f"{folder}/csv/{name}.csv", text)
        nested_zip(f"{folder}/zip/{name}.zip", text)
        made["zip"][name] = [text]
        for kind in ("docx", "odt", "rtf", "doc", "pdf"):
            made[kind][name] = wanted
        # LibreOffice leaves the box empty in RTF
        made["rtf"][name] = [w for w in wanted if not w.startswith("box ")]
        for kind in ("xlsx", "xls", "ods"):
            made[kind][name] = tables[name]
    for kind in ("odt", "rtf", "doc", "pdf"):
        convert([f"{folder}/docx/{n}.docx" for n in made["docx"]], kind, folder)
    for kind in ("xlsx", "xls", "ods"):
        convert([f"{folder}/csv/{n}.csv" for n in tables], kind, folder)
    return made


def main():
    corpus = os.environ.get("VANTHU_CORPUS", "")
    if not os.path.exists(corpus + "/vietnamese/marks-positive.tsv"):
        print("marks: skipped, no file", (corpus or "$VANTHU_CORPUS") +
              "/vietnamese/marks-positive.tsv")
        return 77
    if shutil.which("soffice") is None:
        print("marks: skipped, no soffice (LibreOffice) here")
        return 77
    step = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, documents in build(corpus, step, folder).items():
            lost = {n: missing(f"{folder}/{kind}/{n}.{kind}", wanted)
                    for n, wanted in documents.items()}
            texts = sum(map(len, documents.values()))
            bad += sum(map(len, lost.values()))
            print("%-5s %4d documents %5d texts %4d lost" % (
                kind, len(documents), texts, sum(map(len, lost.values()))))
            for name, ones in lost.items():
                for one in ones:
                    print("      %s: %r" % (name, one))
    return int(bad != 0)


sys.exit(main())
