#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The report of a month: what is in it, and that a real browser finds no fault.

Run in the build root.  VANTHU_AXE names axe.min.js (npm: axe-core): then its
rules are tried as well.  DOCUMENTS: how many, each with three receipts.
"""

import collections
import csv
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path.cwd()
DOCUMENTS = int(os.environ.get("DOCUMENTS", "1000"))
CHROMIUM = shutil.which("chromium")
AXE = os.environ.get("VANTHU_AXE")


class Page(html.parser.HTMLParser):
    """Tags, the cells of tables by caption, and the texts of drawings."""

    def __init__(self, text):
        super().__init__()
        self.tags = collections.Counter()
        self.attributes = []
        self.tables = {}
        self.drawn = []
        self.path = []
        self.rows = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        self.attributes += [(tag, *a) for a in attributes]
        if tag in ("wbr", "meta", "link"):
            return
        self.path.append(tag)
        if tag == "caption":
            self.caption = ""
        if tag == "tbody":
            self.rows = self.tables[self.caption] = []
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attributes):
        self.tags[tag] += 1
        self.attributes += [(tag, *a) for a in attributes]

    def handle_endtag(self, tag):
        while tag in self.path and self.path.pop() != tag:
            pass
        if tag == "table":
            self.rows = []

    def handle_data(self, data):
        inner = self.path[-1] if self.path else ""
        if inner == "caption":
            self.caption += data
        elif inner in ("td", "th") and self.rows:
            self.rows[-1][-1] += data.strip()
        elif inner == "text":
            self.drawn.append(data)


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="vanthu-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        (cls.folder / "ledger").mkdir()
        (cls.folder / "policy").mkdir()
        (cls.folder / "policy/a.policy").write_text(
            'ministry { domain moet.edu.vn }\nunits file "units.tsv"\n'
            "rule letter { if text ~ /x/ track \"x\" }\n")
        (cls.folder / "policy/units.tsv").write_text(
            "H26\tSở <b>Hà Nội</b>\tsở\treal CNTT\ta@x.edu.vn\n"
            "H99\tSở không ai viết\tsở\treal CNTT\tc@x.edu.vn\n")
        (cls.folder / "vanthu.conf").write_text(
            f"ledger = {cls.folder}/ledger\npolicy = {cls.folder}/policy\n"
            f"control = {cls.folder}/control\n")
        subprocess.run([BUILD / "t/ctl/fill", cls.folder / "ledger",
                        str(DOCUMENTS)], check=True)
        cls.page = cls.folder / "report.html"
        done = cls.ctl("report", "--month", "2007-11", "--output", cls.page)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        cls.text = cls.page.read_text(encoding="utf-8")
        cls.parsed = Page(cls.text)

    @classmethod
    def ctl(cls, *arguments):
        return subprocess.run(
            [BUILD / "milterctl", "-c", cls.folder / "vanthu.conf",
             *map(str, arguments)], text=True, capture_output=True,
            stdin=subprocess.DEVNULL, env={**os.environ,
                                           "TZ": "Asia/Ho_Chi_Minh"})

    def receipts(self):
        done = self.ctl("receipts", "--format", "json", "--since",
                        "2007-11-01", "--until", "2007-12-01")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_the_numbers_are_those_of_the_receipts(self):
        rows = self.receipts()
        self.assertGreater(len(rows), DOCUMENTS)
        sent = [r for r in rows if r["accepted"]
                and r["state"] not in ("rejected", "held")]
        table = {r[0]: r[1] for r in self.parsed.tables["The month in numbers"]}
        self.assertEqual(int(table["documents seen"]),
                         len(set(r["id"] for r in rows)))
        for name, n in (
                ("receipts (a document at one recipient)", len(rows)),
                ("accepted and sent", len(sent)),
                ("refused by a rule",
                 sum(r["state"] == "rejected" for r in rows)),
                ("held", sum(r["state"] == "held" for r in rows)),
                ("delivered", sum(bool(r["delivered"] or r["acknowledged"])
                                  for r in sent)),
                ("acknowledged by a reader",
                 sum(bool(r["acknowledged"]) for r in sent)),
                ("overdue now", sum("overdue" in r["flags"] for r in sent))):
            self.assertEqual(int(table[name]), n, name)

    def test_units_kinds_days_and_rules_add_up(self):
        tables = self.parsed.tables
        whole = len(self.receipts())
        for caption, column in (("Receipts by unit", 2),
                                ("Receipts by kind of unit", 1),
                                ("Receipts by day", 1)):
            self.assertEqual(sum(int(r[column]) for r in tables[caption]),
                             whole, caption)
        acknowledged = int(dict(
            (r[0], r[1]) for r in tables["The month in numbers"])
            ["acknowledged by a reader"])
        self.assertEqual(sum(int(r[1]) for r in tables["Time to acknowledge"]),
                         acknowledged)
        cells = [c.split("/") for r in
                 tables["Acknowledged of sent, by unit and day"]
                 for c in r[1:] if c]
        self.assertEqual(sum(int(c[0]) for c in cells), acknowledged)
        self.assertEqual(
            sum(int(r[1]) for r in tables["Documents refused by rule"]),
            len(set(r["id"] for r in self.receipts()
                    if r["state"] == "rejected")))

    def test_every_number_that_is_drawn_is_in_a_table(self):
        cells = {c for rows in self.parsed.tables.values()
                 for row in rows for c in row}
        sums = {str(int(r[2])) for r in self.parsed.tables["Receipts by day"]}
        days = {str(i) for i in range(1, 32)}
        for text in self.parsed.drawn:
            if text.isdigit():
                self.assertIn(text, cells | sums | days)

    def test_a_unit_that_nobody_wrote_to_is_there(self):
        row = [r for r in self.parsed.tables["Receipts by unit"]
               if r[0] == "H99"]
        self.assertEqual(row[0][1:3], ["Sở không ai viết", "0"])

    def test_nothing_of_the_ledger_is_markup(self):
        for words in ("A&amp;&lt;&quot;b", "Sở &lt;b&gt;Hà Nội&lt;/b&gt;"):
            self.assertTrue(words in self.text, words)
        self.assertEqual(self.parsed.tags["b"] + self.parsed.tags["script"], 0)

    def test_it_needs_nothing_from_elsewhere(self):
        self.assertEqual(re.findall(
            r"(?i)https?:|url\(|@import|<img|<iframe", self.text), [])
        links = [a for a in self.parsed.attributes if a[1] in ("src", "href")]
        self.assertEqual(links, [("link", "href", "data:,")])

    def test_it_is_made_for_everybody(self):
        drawings = self.text.count('<svg role="img"')
        self.assertGreaterEqual(drawings, 4)
        self.assertEqual(self.text.count("<desc "), drawings)
        self.assertEqual(self.parsed.tags["table"], self.parsed.tags["caption"])
        ids = [v for _, name, v in self.parsed.attributes if name == "id"]
        self.assertEqual(len(ids), len(set(ids)))
        for words in ('<html lang="en">', "prefers-color-scheme:dark", "@media print", "size:A4"):
            self.assertTrue(words in self.text, words)

    def test_it_is_small(self):
        self.assertLess(self.page.stat().st_size, 1_000_000)

    def test_csv_has_a_line_for_each_unit(self):
        done = self.ctl("report", "--month", "2007-11", "--format", "csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = list(csv.DictReader(done.stdout.splitlines()))
        self.assertEqual(sum(int(r["receipts"]) for r in rows),
                         len(self.receipts()))
        self.assertEqual({r["unit"] for r in rows},
                         {"", "H26", "H41", "G03.15", 'A&<"b', "H99"})
        for row in rows:
            self.assertEqual(sum(int(row[f"sent_{d:02}"])
                                 for d in range(1, 31)), int(row["accepted"]))

    def test_usage(self):
        for wrong in (["--month", "2007-13"], ["--month", "07-11"],
                      ["--month", "2007-1x"], ["--format", "pdf"], ["x"]):
            self.assertEqual(self.ctl("report", *wrong).returncode, 2, wrong)
        self.assertEqual(self.ctl("report", "--month", "1999-02").returncode, 1)
        self.assertEqual(self.ctl("report", "--month", "2007-11", "--output",
                                  "/nonexistent/x").returncode, 3)

    def browse(self, page, *arguments):
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
             f"--user-data-dir={self.folder}/profile", "--log-level=0",
             "--enable-logging=stderr", "--virtual-time-budget=20000",
             *arguments, page.as_uri()],
            text=True, capture_output=True, timeout=180)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    @unittest.skipUnless(CHROMIUM, "no chromium")
    def test_a_browser_has_nothing_to_say(self):
        image = self.folder / "page.png"
        done = self.browse(self.page, f"--screenshot={image}",
                           "--window-size=1100,2000")
        self.assertNotIn("CONSOLE", done.stderr)
        self.assertGreater(image.stat().st_size, 10000)
        loud = self.folder / "loud.html"
        loud.write_text(self.text.replace(
            "</body>", "<script>console.error('x')</script></body>"))
        self.assertIn("CONSOLE", self.browse(loud, "--dump-dom").stderr)

    @unittest.skipUnless(CHROMIUM, "no chromium")
    def test_it_prints(self):
        paper = self.folder / "page.pdf"
        self.browse(self.page, f"--print-to-pdf={paper}",
                    "--no-pdf-header-footer")
        data = paper.read_bytes()
        self.assertTrue(data.startswith(b"%PDF-"))
        boxes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", data)
        self.assertTrue(boxes)
        for box in boxes:
            short, long = sorted(float(side) for side in box)
            self.assertAlmostEqual(short, 595, delta=2)
            self.assertAlmostEqual(long, 842, delta=2)

    @unittest.skipUnless(CHROMIUM and AXE, "no chromium, or no VANTHU_AXE")
    def test_axe_finds_no_violation(self):
        for scheme in ("light", "dark"):
            tried = self.folder / f"axe-{scheme}.html"
            text = self.text
            if scheme == "dark":
                text = text.replace("(prefers-color-scheme:dark)", "screen")
                self.assertIn("@media screen{", text[:2000])
            tried.write_text(text.replace("</body>", (
                "<script>" + pathlib.Path(AXE).read_text(encoding="utf-8")
                + "</script><script>axe.run().then(r => {"
                "const pre = document.createElement('pre'); pre.id = 'axe';"
                "pre.textContent = JSON.stringify({v: r.violations.map("
                "v => [v.id, v.nodes.length, v.nodes[0].html]), "
                "p: r.passes.length}); document.body.append(pre)})"
                "</script></body>")))
            dom = self.browse(tried, "--dump-dom").stdout
            found = re.search(r'<pre id="axe">(.*?)</pre>', dom, re.S)
            self.assertTrue(found, "axe did not run")
            result = json.loads(found[1].replace("&lt;", "<").replace(
                "&gt;", ">").replace("&amp;", "&"))
            self.assertEqual(result["v"], [], scheme)
            self.assertGreater(result["p"], 10)


if __name__ == "__main__":
    unittest.main(verbosity=2, argv=[sys.argv[0]])
