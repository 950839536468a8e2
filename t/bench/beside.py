#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""How long letters without an attachment wait while others send PDFs.

usage: beside.py BUILD_FOLDER [--messages N] [--rate N] [--report]

The p99 of the end of message, N letters a second, alone and while four connections
send PDFs of four pages, no two alike, as fast as they are answered.  Prints the
ratio of one run and fails when it is above 2; with --report it is only printed: a
busy machine proves nothing.  Needs $VANTHU_BENCH and $VANTHU_CORPUS.
"""
import argparse
import base64
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import load

CORPUS = os.environ.get('VANTHU_CORPUS', os.path.join(load.TOP, '..', 'shared', 'corpus'))
PDF = os.path.join(CORPUS, 'vietnamese', 'legacy', 'tcvn3', '2007-1AF57_02-2007.pdf')
PDFS = 400


def write_pdf_letters(folder):
    """A PDF may end in a comment: each one is read anew."""
    os.mkdir(folder)
    with open(PDF, 'rb') as f:
        pdf = f.read()
    for n in range(PDFS):
        text = base64.encodebytes(pdf + b'\n%%%d\n' % n).decode()
        with open(os.path.join(folder, f'{n}.eml'), 'w', newline='\r\n') as f:
            f.write(f'From: <cv{n}@moet.edu.vn>\nTo: <so@sogd.example>\nSubject: tai lieu {n}\n'
                    f'Message-ID: <pdf{n}@moet.edu.vn>\nDate: Mon, 05 Nov 2007 08:00:00 +0700\n'
                    'MIME-Version: 1.0\nContent-Type: application/pdf; name=a.pdf\n'
                    f'Content-Transfer-Encoding: base64\n\n{text}')


class Plain(load.Bench):
    def __init__(self, build, folder):
        super().__init__(build, folder)
        subprocess.run([sys.executable, os.path.join(load.BENCH, 'mkcorpus.py'), 'mail', '-n', '50',
                        '-o', self.path('text'), '--profile', 'text'], check=True,
                       stdout=subprocess.DEVNULL)
        write_pdf_letters(self.path('pdf'))

    def command(self, server, *rest):
        return [self.path('milterload'), '-s', 'unix:' + server.sock, '-u', '-m', '100000', *rest]

    def p99(self, server, messages, rate):
        out = subprocess.run(self.command(server, '-c', '4', '-n', str(messages), '-R', str(rate),
                                          '-w', '50', self.path('text')),
                             capture_output=True, text=True, check=True)
        return load.json.loads(out.stdout.strip().splitlines()[-1])['eom_ms']['p99']

    def p99_beside(self, server, messages, rate):
        others = subprocess.Popen(self.command(server, '-c', '4', '-t', '3600', self.path('pdf')),
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return self.p99(server, messages, rate)
        finally:
            if others.poll() is not None:
                raise SystemExit(f'the PDFs ended with {others.returncode}')
            others.kill()
            others.wait()


def main():
    parser = argparse.ArgumentParser(description='plain letters beside PDFs')
    parser.add_argument('build')
    parser.add_argument('--messages', type=int, default=3000)
    parser.add_argument('--rate', type=int, default=100)
    parser.add_argument('--report', action='store_true')
    options = parser.parse_args()
    for path in (os.path.join(load.BENCH, 'milterload.c'), PDF):
        if not os.path.exists(path):
            print(f'skipped: {path} is not there')
            return 77
    with tempfile.TemporaryDirectory(prefix='vanthu-bench-') as folder:
        bench = Plain(os.path.abspath(options.build), folder)
        server = bench.vanthu()
        try:
            alone = bench.p99(server, options.messages, options.rate)
            beside = bench.p99_beside(server, options.messages, options.rate)
            seen = bench.status()['counters']
        finally:
            server.stop()
    ratio = beside / alone
    print(f'4 connections send PDFs: the p99 of letters without attachment is {ratio:.1f} of '
          f'what it is alone (want 2) {"ok" if ratio <= 2 else "TOO SLOW"}')
    if seen['messages'] < 2 * options.messages:
        raise SystemExit(f'only {seen["messages"]} messages were seen')
    return 0 if ratio <= 2 or options.report else 1


if __name__ == '__main__':
    sys.exit(main())
