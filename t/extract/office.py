#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Read every file of the corpus's office/ and say what could not be read, and why.

usage: office.py [-v]      (-v: a line per file)
Prints the count of documents, those inside others included, by reason.  Exit 1
on a crash, a file that takes more than a second of CPU, or where an encrypted file
is not called so or its plain twin is.
"""
import collections
import os
import subprocess
import sys

BUILD = os.environ.get("VANTHU_BUILD", os.getcwd())
CPU_MS_MAX = 1000
# what is encrypted by the name that the corpus gave it, if not wholly
ENCRYPTED = ("password", "protected_", "protect.xlsx", "_owner_user", "Encrypted.odt",
             "ncrypted.7z", "-enc.rar", "Protected_passTika", "ZipEncrypted",
             "encrypted_zip")
PLAIN = ("_plain.", "outputs/", "protectedSheets", ".xml")


def look(path):
    run = subprocess.run([BUILD + "/t/extract/look", "-q", path], capture_output=True,
                         timeout=60)
    if run.returncode != 0:
        return None
    rows = [line.split("\t", 6) for line in run.stdout.decode().splitlines()]
    return [row for row in rows if len(row) == 7]


def is_meant_encrypted(path):
    return any(e in path for e in ENCRYPTED) and not any(p in path for p in PLAIN)


def check(path, rows):
    """What is wrong with what was found in a file; empty if nothing."""
    if rows is None:
        return "crashed"
    if float(rows[0][5]) > CPU_MS_MAX:
        return "took %s ms" % rows[0][5]
    if ("encrypted" in [row[2] for row in rows]) != is_meant_encrypted(path):
        return "is wrongly called" if not is_meant_encrypted(path) else "is not called encrypted"
    return ""


def main():
    corpus = os.environ.get("VANTHU_CORPUS", "")
    if not os.path.isdir(corpus + "/office"):
        print("office: skipped, no folder", (corpus or "$VANTHU_CORPUS") + "/office")
        return 77
    reasons, files, bad = collections.Counter(), 0, 0
    for folder, _, names in sorted(os.walk(corpus + "/office")):
        for name in sorted(names):
            path = folder + "/" + name
            rows = look(path)
            files += 1
            fault = check(path, rows)
            bad += fault != ""
            reasons.update(row[2] for row in rows or [])
            if fault or "-v" in sys.argv:
                print(path[len(corpus) + 1:], fault, rows[0][1:6] if rows else "")
    print("%d files, %d documents in them, %d wrong" % (files, sum(reasons.values()), bad))
    for reason, n in reasons.most_common():
        print("%6d %s" % (n, reason))
    return int(bad != 0)


sys.exit(main())
