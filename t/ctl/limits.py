#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Hostile letters: milterctl inspect answers each within 2 s of CPU and 300 MB.

usage: limits.py [MILTERCTL [POLICY-FOLDER]]; run in the build root.  Prints what
each letter cost, helpers included: CPU of all processes, memory of the largest.
"""

import base64
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib

CPU_S = 2.0
MEMORY_MB = 300
HEAD = b"From: a@moet.test\r\nTo: b@x.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
ctl = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "./milterctl")
with open(ctl, "rb") as program:
    is_slow = b"__asan_init" in program.read()	# a sanitizer has its own cost


# Letters -------------------------------------------------------------------

def multipart(*parts, boundary=b"b", head=HEAD):
    lines = [head + b"Content-Type: multipart/mixed; boundary=" + boundary, b""]
    for part in parts:
        lines += [b"--" + boundary, part]
    return b"\r\n".join([*lines, b"--" + boundary + b"--", b""])


def attachment(name, data):
    return (b"Content-Type: application/octet-stream\r\n"
            b"Content-Disposition: attachment; filename=" + name.encode() +
            b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
            base64.encodebytes(data).replace(b"\n", b"\r\n"))


def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members:
            z.writestr(name, data)
    return out.getvalue()


def zeros_member(name, size):
    """A zip with one member of ${size} zeros, made without holding them."""
    chunk = bytes(1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    once = packer.compress(chunk) + packer.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    crc = 0
    for _ in range(size >> 20):
        crc = zlib.crc32(chunk, crc)
    data = once * (size >> 20) + end
    return _stored(name, data, crc, size)


def _stored(name, data, crc, size):
    fields = (b"\x14\0\0\0\x08\0\0\0\0\0" + crc.to_bytes(4, "little") +
              len(data).to_bytes(4, "little") + size.to_bytes(4, "little") +
              len(name).to_bytes(2, "little"))
    local = b"PK\3\4" + fields + b"\0\0" + name
    central = b"PK\1\2\x14\0" + fields + bytes(16) + name
    return (local + data + central + b"PK\5\6" + bytes(4) + b"\1\0\1\0" +
            len(central).to_bytes(4, "little") +
            (len(local) + len(data)).to_bytes(4, "little") + b"\0\0")


def a_million_empty_parts():
    return multipart()[:-9] + b"--b\r\n\r\n" * 1000000 + b"--b--\r\n"


def a_million_headers():
    return HEAD + b"X: y\r\n" * 1000000 + b"\r\nbody\r\n"


def multiparts_2000_deep():
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n"
                       b"--b%d\r\n" % (i, i) for i in range(2000))
    return HEAD + opening + b"\r\ntext\r\n"


def messages_2000_deep():
    return HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 2000 + b"\r\ntext\r\n"


def a_zip_bomb():
    return multipart(attachment("a.zip", zeros_member(b"a.txt", 1536 << 20)))


def a_document_bomb():
    return multipart(attachment(
        "a.docx", zeros_member(b"word/document.xml", 1536 << 20)))


def zips_40_deep():
    data = b"text"
    for i in range(40):
        data = zipped([(f"{i}.zip" if i else "a.txt", data)])
    return multipart(attachment("a.zip", data))


def zips_of_16_zips_5_times():
    data = zipped([("a.txt", bytes(1 << 20))])
    for _ in range(5):
        data = zipped([(f"{i}.zip", data) for i in range(16)])
    return multipart(attachment("a.zip", data))


def ten_thousand_members():
    return multipart(attachment(
        "a.zip", zipped([(f"{i}.txt", b"x") for i in range(10000)])))


def fifty_attachments():
    one = zipped([("a.txt", b"x")])
    return multipart(*[attachment(f"{i}.zip", one) for i in range(50)])


def five_hundred_attachments():
    return multipart(*[attachment(f"{i}.zip", zipped([("a.txt", b"%d" % i)]))
                       for i in range(500)])


def crc_that_is_its_own(make):
    """The c for which crc32(make(c)) is c, or None: CRCs are linear."""
    zero = zlib.crc32(make(0))
    rows = [(zlib.crc32(make(1 << i)) ^ zero ^ (1 << i), 1 << i) for i in range(32)]
    found, wanted = 0, zero
    for bit in (1 << i for i in range(32)):
        pivot = next((r for r in rows if r[0] & bit), None)
        if pivot is None:
            if wanted & bit:
                return None
            continue
        rows = [(r[0] ^ pivot[0], r[1] ^ pivot[1]) if r[0] & bit else r
                for r in rows if r is not pivot]
        if wanted & bit:
            wanted, found = wanted ^ pivot[0], found ^ pivot[1]
    return found


def a_gzip_that_holds_itself():
    """After Russ Cox: deflate's two verbs, print and repeat, each in five bytes."""
    print_1, print_4 = b"\0\5\0\xfa\xff", b"\0\x14\0\xeb\xff"
    repeat_4 = repeat_twice(10, 20)
    for number in range(1000):
        head = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff%04d\0" % number
        code = ((head + print_4) * 2 + repeat_4 + print_1 + (repeat_4 + print_1 * 2 + print_4) * 2 +
                (repeat_4 + print_4) * 4)
        size = len(code) + 40

        def whole(crc):
            end = repeat_4 + b"\0\0\0\xff\xff\3\0" + crc.to_bytes(4, "little") + \
                size.to_bytes(4, "little")
            return code + end * 2
        crc = crc_that_is_its_own(whole)
        if crc is not None:
            break
    data = whole(crc)
    assert zlib.decompress(data, 31) == data
    return multipart(attachment("a.gz", data))


def repeat_twice(length, distance):
    """A block of fixed codes: two times LENGTH (3 to 10) bytes from DISTANCE (17 to 24) back."""
    bits = "010" + (format(length - 2, "07b") + "01000" + format(distance - 17, "03b")[::-1]) * 2
    return int((bits + "0000000")[::-1], 2).to_bytes(5, "little")


def tags_under_a_long_sheet():
    sheet = "".join(".c%d{display:none}" % i for i in range(120)).encode()
    return HEAD + b"Content-Type: text/html\r\n\r\n<style>" + sheet + b"</style>" + \
        b"<a class='x y'>" * 500000


def a_billion_laughs():
    xml = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">'
    for i in range(1, 30):
        xml += b'<!ENTITY l%d "&l%d;&l%d;&l%d;&l%d;">' % (i, *[i - 1] * 4)
    xml += b"]><w:document xmlns:w='w'><w:t>&l29;</w:t></w:document>"
    return multipart(attachment("a.docx", zipped(
        [("[Content_Types].xml", b"<Types/>"), ("word/document.xml", xml)])))


def a_header_of_60_kilobytes():
    return HEAD.replace(b"Subject: x", b"Subject: " + b"=?utf-8?q?a?= " * 5000) + \
        b"\r\nbody\r\n"


def a_header_of_20_megabytes():
    return HEAD + b"X: " + b"(" * 20000000 + b"\r\n\r\nbody\r\n"


def boundaries_that_nearly_match():
    return multipart(boundary=b"a" * 70)[:-4] + \
        (b"--" + b"a" * 69 + b"b\r\n") * 50000


def a_boundary_without_an_end():
    return HEAD + b'Content-Type: multipart/mixed; boundary="' + b"=" * 60000 + \
        b"\r\n\r\n" + b"--\r\n" * 500000


def content_type_twice():
    return multipart(b"\r\ntext", head=HEAD + b"Content-Type: text/plain\r\n")


LETTERS = [
    a_million_empty_parts, a_million_headers, multiparts_2000_deep,
    messages_2000_deep, a_zip_bomb, a_document_bomb, zips_40_deep,
    zips_of_16_zips_5_times, ten_thousand_members, fifty_attachments,
    five_hundred_attachments, a_gzip_that_holds_itself, tags_under_a_long_sheet,
    a_billion_laughs, a_header_of_60_kilobytes, a_header_of_20_megabytes,
    boundaries_that_nearly_match, a_boundary_without_an_end, content_type_twice,
]

# Letters of which not all can be read, and so must say why.
INCOMPLETE = {
    a_million_empty_parts: {"size"}, a_million_headers: {"size"},
    multiparts_2000_deep: {"depth"}, messages_2000_deep: {"depth"},
    five_hundred_attachments: {"size"}, a_gzip_that_holds_itself: {"damaged", "depth"},
    a_header_of_20_megabytes: {"size"}, content_type_twice: {"damaged"},
}


# Measuring -----------------------------------------------------------------

def inspect(path):
    """What inspect says of the letter, and what it cost."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([ctl, "inspect", path, "--format", "json"],
                                   stdout=out, stdin=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    cost = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    return process.returncode, text, cost


def reasons(text):
    seen = json.loads(text)
    return {r for r in [seen["uninspectable"],
                        *(p["uninspectable"] for p in seen["parts"])] if r}


def write(make, path):
    """In a process of its own: a child's memory counts what its parent had."""
    pid = os.fork()
    if pid == 0:
        try:
            with open(path, "wb") as f:
                f.write(make())
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def check(make, folder):
    path = os.path.join(folder, make.__name__ + ".eml")
    write(make, path)
    status, text, (cpu, memory) = inspect(path)
    os.unlink(path)
    found = reasons(text) if status == 0 else set()
    faults = []
    if status != 0:
        faults.append(f"exit {status}")
    if not is_slow and (cpu > CPU_S or memory > MEMORY_MB):
        faults.append("too dear")
    if make in INCOMPLETE and not INCOMPLETE[make] & found:
        faults.append("does not say that it is incomplete")
    print(f"{'FAIL' if faults else 'ok  '} {make.__name__.replace('_', ' '):32}"
          f"{cpu:6.2f} s {memory:5.0f} MB  {' '.join(sorted(found)) or '-'}"
          f"{'  ' if faults else ''}{', '.join(faults)}", flush=True)
    return not faults


def main():
    with tempfile.TemporaryDirectory() as folder:
        good = [check(make, folder) for make in LETTERS]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
