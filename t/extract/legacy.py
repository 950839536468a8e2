#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compare the text of the legacy documents with their transcripts.

usage: legacy.py [-v] [NAME...]      (-v: the words that differ)
A line per file, then one per kind: words of the transcript, the shares of them
that were found in order, and the reason.  "format": decoded here by tables of the
test's own, so that the formats are judged.  "view": as patterns see them, by the
legacy view.  Exit 1 if a kind misses its share in either: 99 % for doc, rtf and
xls, 95 % for pdf.
"""
import difflib
import os
import re
import subprocess
import sys
import unicodedata

BUILD = os.environ.get("VANTHU_BUILD", os.getcwd())
SHARE = {"doc": 0.99, "rtf": 0.99, "xls": 0.99, "pdf": 0.95}
TONES = {"á": "\u0301", "à": "\u0300", "ả": "\u0309", "ã": "\u0303", "ạ": "\u0323"}

# base letter: TCVN3 lower, upper; then á à ả ã ạ
TCVN3 = """
a 61 41 B8 B5 B6 B7 B9|ă A8 A1 BE BB BC BD C6|â A9 A2 CA C7 C8 C9 CB
e 65 45 D0 CC CE CF D1|ê AA A3 D5 D2 D3 D4 D6|i 69 49 DD D7 D8 DC DE
o 6F 4F E3 DF E1 E2 E4|ô AB A4 E8 E5 E6 E7 E9|ơ AC A5 ED EA EB EC EE
u 75 55 F3 EF F1 F2 F4|ư AD A6 F8 F5 F6 F7 F9|y 79 59 FD FA FB FC FE
đ AE A7"""
# base letter: itself, then á à ả ã ạ, lower case
VNI = """
a 61 61F9 61F8 61FB 61F5 61EF|ă 61EA 61E9 61E8 61FA 61FC 61EB
â 61E2 61E1 61E0 61E5 61E3 61E4|e 65 65F9 65F8 65FB 65F5 65EF
ê 65E2 65E1 65E0 65E5 65E3 65E4|i 69 ED EC E6 F3 F2
o 6F 6FF9 6FF8 6FFB 6FF5 6FEF|ô 6FE2 6FE1 6FE0 6FE5 6FE3 6FE4
ơ F4 F4F9 F4F8 F4FB F4F5 F4EF|u 75 75F9 75F8 75FB 75F5 75EF
ư F6 F6F9 F6F8 F6FB F6F5 F6EF|y 79 79F9 79F8 79FB 79F5 EE|đ F1"""


def rows(table):
    for row in table.replace("\n", "|").split("|"):
        if row.strip():
            yield row.split()


def tcvn3_table():
    table = {0x2212: "ư"}   # a font's soft hyphen, as PDF readers name it
    for base, lower, upper, *tones in rows(TCVN3):
        table[int(lower, 16)] = base
        table[int(upper, 16)] = base.upper()
        for byte, tone in zip(tones, TONES.values()):
            table[int(byte, 16)] = unicodedata.normalize("NFC", base + tone)
    return table


def vni_table():
    table = {}
    for base, *forms in rows(VNI):
        for form, tone in zip(forms, ["", *TONES.values()]):
            letter = unicodedata.normalize("NFC", base + tone)
            key = bytes.fromhex(form).decode("latin-1")
            table[key] = letter
            upper = "".join(chr(ord(c) - 0x20) for c in key)
            table[upper] = letter.upper()
            table[key[0] + upper[1:]] = letter
    return table


def decode_vni(text):
    table = vni_table()
    out, at = [], 0
    while at < len(text):
        for n in (2, 1):
            if text[at:at + n] in table:
                out.append(table[text[at:at + n]])
                at += n
                break
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


SYLLABLE = re.compile(
    "(?:b|ch?|d|đ|gh?|gi|h|kh?|l|m|ngh?|nh?|ph?|qu|r|s|t[hr]?|v|x)?"
    "(?:iêu|yêu|oai|oao|oay|oeo|uây|uôi|uya|uyê|uyu|ươi|ươu|ai|ao|au|ay|âu|ây|eo|êu|"
    "ia|iê|yê|iu|oa|oă|oe|oi|oo|ôi|ơi|ua|uâ|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|[aăâeêioôơuưy])"
    "(?:ch?|m|ng?|nh|p|t)?")


def misfits(text):
    """Of the words with letters beyond ASCII, the share that are no Vietnamese syllables."""
    bad, all_words = 0, 0
    for word in re.findall(r"[^\W\d_]+", text.lower()):
        plain = unicodedata.normalize("NFC", "".join(
            c for c in unicodedata.normalize("NFD", word) if c not in TONES.values()))
        all_words += not word.isascii()
        bad += not word.isascii() and SYLLABLE.fullmatch(plain) is None
    return bad / max(all_words, 1)


def decode(text, encoding):
    """A line by the document's table, or, if that makes no sense of it, another: some mix them."""
    lines = []
    for line in text.split("\n"):
        ways = [line.translate(tcvn3_table()), decode_vni(line)]
        ways = ways[::-1 if encoding == "vni" else 1] + [line]
        lines.append(ways[0] if misfits(ways[0]) < 0.4 else min(ways, key=misfits))
    return "\n".join(lines)


def misread(word):
    """The bytes of a word in TCVN3, in lower case, by whichever table."""
    back = {ord(letter): code for code, letter in tcvn3_table().items() if code < 0x100}
    return decode_vni(word.translate(back).lower())


def readings(word):
    """By whichever table: some transcripts read a cell of mixed files by the wrong one."""
    return [word, word.translate(tcvn3_table()).lower(), decode_vni(word).lower(),
            misread(word)]


def words(text):
    # case means nothing in fonts that have no capitals
    return unicodedata.normalize("NFC", text).lower().split()


def look(path, *options):
    run = subprocess.run([BUILD + "/t/extract/look", *options, path], capture_output=True,
                         timeout=60, check=True)
    head, _, text = run.stdout.decode().partition("\n")
    return head.split("\t"), text


def count(wanted, found, raw, verbose):
    """How many of the wanted words were found; ${raw} are those before decoding."""
    same = 0
    match = difflib.SequenceMatcher(None, wanted, found, autojunk=False)
    for tag, i, k, m, n in match.get_opcodes():
        if tag == "equal":
            same += k - i
            continue
        if k - i == n - m:
            same += sum(wanted[i + x] in readings(raw[m + x]) for x in range(k - i))
        if verbose:
            print("   ", tag, " ".join(wanted[i:k])[:200], "|", " ".join(found[m:n])[:200])
    return same


def compare(path, transcript, encoding, verbose):
    with open(transcript, encoding="utf-8") as f:
        wanted = words(f.read())
    head, text = look(path)
    by_format = count(wanted, words(decode(text, encoding)), words(text), verbose)
    # both folded: the tone of "hoá" has one place, and "A B E" is one word
    wanted_seen = words(look(transcript, "-s")[1])
    seen = words(look(path, "-s")[1])
    by_view = count(wanted_seen, seen, seen, verbose)
    return len(wanted), by_format, len(wanted_seen), by_view, head[2]


def share(part, whole):
    return 100 * part / max(whole, 1)


def main():
    only = [a for a in sys.argv[1:] if a != "-v"]
    corpus = os.environ.get("VANTHU_CORPUS")
    if not corpus or not os.path.isdir(corpus + "/vietnamese/legacy"):
        print("legacy: skipped, no folder", (corpus or "$VANTHU_CORPUS") +
              "/vietnamese/legacy")
        return 77
    folder = corpus + "/vietnamese/legacy"
    kinds = {}
    print("%-52s %7s %8s %8s  %s" % ("file", "words", "format", "view", "reason"))
    for encoding in ("tcvn3", "vni"):
        for name in sorted(os.listdir(f"{folder}/{encoding}")):
            if only and name not in only:
                continue
            stem, kind = os.path.splitext(name)
            transcript = f"{folder}/transcript/{stem}.txt"
            if not os.path.exists(transcript):
                print("%-52s has no transcript" % f"{encoding}/{name}")
                continue
            *found, reason = compare(f"{folder}/{encoding}/{name}", transcript,
                                     encoding, "-v" in sys.argv)
            print("%-52s %7d %7.2f%% %7.2f%%  %s" % (
                f"{encoding}/{name}", found[0], share(found[1], found[0]),
                share(found[3], found[2]), reason))
            sums = kinds.setdefault(kind[1:], [0, 0, 0, 0, 0])
            for i, n in enumerate([1, *found]):
                sums[i] += n
    bad = 0
    for kind, (files, total, by_format, total_seen, by_view) in sorted(kinds.items()):
        print("%-52s %7d %7.2f%% %7.2f%%  (at least %g%%)" % (
            f"{kind}, {files} files", total, share(by_format, total),
            share(by_view, total_seen), 100 * SHARE[kind]))
        bad |= by_format < SHARE[kind] * total or by_view < SHARE[kind] * total_seen
    return int(bad)


sys.exit(main())
