#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Reloads under load: no letter is lost or wrongly judged, whatever the files hold.

usage: reload.py BUILD_FOLDER [--reloads N] [--connections N]

While letters come in over many connections the policy is changed and reloaded
again and again, every tenth time with a file that is broken or cut off.  Each
letter must get the verdict that all good policies give it, each record must
name one of those policies, and the memory of the process must not grow.  Needs
the load generator in $VANTHU_BENCH, as t/bench/load.py does.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'bench'))
import load  # noqa: E402

BASE = '''ministry { domain moet.edu.vn network 127.0.0.0/8 login * }
rule letter { if text ~ /Số: (?<n>\\d+)/ track "{n}" }
'''
LAST = 'rule mark { if text ~ /^MẬT$/m reject }\n'     # what a file that is cut off lacks
LETTERS = 40
SHOWN = 100     # records whose policy is looked at


def good(number):
    return f'{BASE}rule generation-{number} {{ if subject ~ /never {number}/ note }}\n{LAST}'


def broken(number):
    """Cut off in the last rule, cut off in the middle of a character, not a policy, empty."""
    whole = good(number).encode()
    return [whole[:-9], whole[:whole.index('Ậ'.encode()) + 1], b'rule {\n', b''][number // 10 % 4]


def write_letters(folder):
    """Half of them are refused by every good policy, half are tracked."""
    os.mkdir(folder)
    with open(os.path.join(folder, 'manifest.tsv'), 'w', encoding='utf-8') as manifest:
        for i in range(LETTERS):
            line, verdict = ('MẬT', 'reject') if i % 2 else (f'Số: {i}', 'accept')
            with open(os.path.join(folder, f'{i}.eml'), 'w', encoding='utf-8', newline='') as f:
                f.write(f'From: vp@moet.edu.vn\r\nTo: a@x.vn\r\nSubject: thư {i}\r\n'
                        'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n'
                        f'Content-Transfer-Encoding: 8bit\r\n\r\nKính gửi\r\n{line}\r\n')
            manifest.write(f'{i}.eml\t{verdict}\tx\n')


class Load(threading.Thread):
    """Letters without end, until told."""

    def __init__(self, bench, server, connections):
        super().__init__()
        self.bench, self.server, self.connections = bench, server, connections
        self.is_over = threading.Event()
        self.sent, self.wrong = 0, []

    def once(self):
        letters = self.bench.path('letters')
        out = subprocess.run([self.bench.path('milterload'), '-s', 'unix:' + self.server.sock,
                              '-c', str(self.connections), '-n', '4000', '-m', '50', '-u',
                              '-f', 'vp@moet.edu.vn', '-e', os.path.join(letters, 'manifest.tsv'),
                              letters], capture_output=True, text=True)
        if not out.stdout.strip():
            self.wrong.append(out.stderr)
            return
        result = json.loads(out.stdout.strip().splitlines()[-1])
        self.sent += result['completed']
        verdicts = result['verdicts']
        if out.returncode != 0 or result['completed'] != 4000 or \
                verdicts['reject'] != 2000 or verdicts['accept'] != 2000:
            self.wrong.append(json.dumps(result))

    def run(self):
        while not self.is_over.is_set() and not self.wrong:
            self.once()


class Reloads:
    def __init__(self, bench, server):
        self.bench = bench
        self.path = bench.policy
        self.digests = {bench.status()['policy']}
        children = f'/proc/{server.process.pid}/task/{server.process.pid}/children'
        with open(children) as f:
            self.pids = f.read().split()
        self.memory = []
        self.wrong = []

    def anonymous_kb(self):
        """Of the process that judges, the larger child; pages of the ledger are no memory of ours."""
        sizes = []
        for pid in self.pids:
            with open(f'/proc/{pid}/status') as f:
                sizes += [int(line.split()[1]) for line in f if line.startswith('RssAnon:')]
        return max(sizes)

    def write(self, text):
        new = self.path + '.new'
        with open(new, 'wb') as f:
            f.write(text)
        os.chmod(new, 0o644)
        os.rename(new, self.path)

    def once(self, number):
        is_broken = number % 10 == 9
        self.write(broken(number) if is_broken else good(number).encode())
        out = subprocess.run([os.path.join(self.bench.build, 'milterctl'), '-c',
                              self.bench.path('vanthu.conf'), 'reload'], capture_output=True)
        if out.returncode != (1 if is_broken else 0):
            self.wrong.append(f'reload {number}: {out.returncode} {out.stdout} {out.stderr}')
        digest = self.bench.status()['policy']
        if is_broken and digest not in self.digests:
            self.wrong.append(f'reload {number}: the broken policy {digest} is in force')
        self.digests.add(digest)
        self.memory.append(self.anonymous_kb())


def ctl(bench, *arguments):
    out = subprocess.run([os.path.join(bench.build, 'milterctl'), '-c', bench.path('vanthu.conf'),
                          *arguments, '--format', 'json'], capture_output=True, text=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


def policies_of_records(bench):
    ids = sorted({row['id'] for row in ctl(bench, 'receipts')})
    chosen = random.Random(1).sample(ids, min(SHOWN, len(ids)))
    return ids, {ctl(bench, 'show', one)[0]['policy'] for one in chosen}


def is_flat(memory):
    """The last fifth takes no more than a fifth more than the second one did."""
    fifth = len(memory) // 5
    before, after = max(memory[fifth:2 * fifth]), max(memory[-fifth:])
    print(f'reload: {before} kB in the second fifth, {after} kB in the last')
    return after <= 1.2 * before


def main():
    parser = argparse.ArgumentParser(description='reloads under load')
    parser.add_argument('build')
    parser.add_argument('--reloads', type=int, default=50)
    parser.add_argument('--connections', type=int, default=64)
    options = parser.parse_args()
    if not os.path.exists(os.path.join(load.BENCH, 'milterload.c')):
        print(f'skipped: {load.BENCH}/milterload.c is not there (set VANTHU_BENCH)')
        return 77
    with tempfile.TemporaryDirectory(prefix='vanthu-reload-') as folder:
        bench = load.Bench(os.path.abspath(options.build), folder)
        bench.policy = bench.path('reload.policy')
        with open(bench.policy, 'w', encoding='utf-8') as f:
            f.write(good(-1))
        os.chmod(bench.policy, 0o644)
        write_letters(bench.path('letters'))
        server = bench.vanthu()
        try:
            stream, reloads = Load(bench, server, options.connections), Reloads(bench, server)
            stream.start()
            for number in range(options.reloads):
                reloads.once(number)
            stream.is_over.set()
            stream.join()
            status = bench.status()
            ids, policies = policies_of_records(bench)
        finally:
            server.stop()
    wrong = stream.wrong + reloads.wrong
    counters = status['counters']
    if not policies or not policies <= reloads.digests:
        wrong.append(f'records name policies that were never in force: {policies - reloads.digests}')
    if counters['reload_failures'] != options.reloads // 10:
        wrong.append(f'{counters["reload_failures"]} reloads failed')
    if counters['rejected'] != stream.sent // 2 or len(ids) == 0:
        wrong.append(f'{counters["rejected"]} of {stream.sent} letters were refused')
    if not is_flat(reloads.memory):
        wrong.append('memory grows')
    print(f'reload: {options.reloads} reloads, {counters["reload_failures"]} of them refused, '
          f'{stream.sent} letters over {options.connections} connections, '
          f'{len(policies)} policies in the records looked at')
    print(*wrong, sep='\n')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
