#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Load: tracked 50 KB letters through milterd, beside a milter that only reads.

usage: load.py BUILD_FOLDER [--messages N] [--rounds N] [--report]

Each letter has one document attached; what was found in the documents that came
last is remembered, so most are read once.  Prints ratios of one run, never bare
times, and fails when a promise of milter/DESIGN is broken: a third of the reader's speed at 8 and 64 connections,
at least 20 receipts per commit at 64 connections on a disk of 10 ms, and no
wait that an idle commit does not need. With --report the speeds are only printed:
a busy machine proves nothing; the counts still fail. Needs the load generator in
$VANTHU_BENCH (default: ../shared/bench beside the checkout).
"""
import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
BENCH = os.environ.get('VANTHU_BENCH', os.path.join(TOP, '..', 'shared', 'bench'))


def wait_for_socket(path, process):
    """Until somebody serves it; the process must live meanwhile."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f'{process.args[0]} ended with {process.returncode}')
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(path)
                return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f'{path}: nobody serves it')


class Server:
    def __init__(self, argv, sock, env=None):
        self.sock = sock
        self.process = subprocess.Popen(argv, env=env, stderr=subprocess.DEVNULL)
        wait_for_socket(sock, self.process)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Bench:
    def __init__(self, build, folder):
        self.build = build
        self.folder = folder
        self.policy = None      # the shipped one
        for tool in ('milterload', 'nullmilter'):
            libs = ['-lmilter'] if tool == 'nullmilter' else []
            subprocess.run(['cc', '-O2', '-w', '-pthread', '-o', self.path(tool),
                            os.path.join(BENCH, tool + '.c')] + libs, check=True)
        subprocess.run([sys.executable, os.path.join(BENCH, 'mkcorpus.py'), 'mail', '-n', '50',
                        '-o', self.path('k50'), '--profile', 'k50'], check=True,
                       stdout=subprocess.DEVNULL)
        self.leave_out_pdfs()
        subprocess.run(['cc', '-O2', '-shared', '-fPIC', '-o', self.path('slow.so'),
                        os.path.join(TOP, 't', 'bench', 'slow_fdatasync.c')], check=True)

    def leave_out_pdfs(self):
        """Those of the maker have no page: such letters are held, not sent on."""
        for name in os.listdir(self.path('k50')):
            with open(self.path(os.path.join('k50', name)), 'rb') as f:
                if b'application/pdf' not in f.read():
                    continue
            os.remove(self.path(os.path.join('k50', name)))

    def path(self, name):
        return os.path.join(self.folder, name)

    def reader(self):
        return Server([self.path('nullmilter'), '-m', 'readall', '-s', 'unix:' + self.path('null')],
                      self.path('null'))

    def vanthu(self, preload=None, settings=''):
        policy = self.policy or self.path('policy')
        if not os.path.exists(policy):
            shutil.copytree(os.path.join(TOP, 'policy'), policy)
        config = self.path('vanthu.conf')
        with open(config, 'w') as f:
            f.write(f'socket = unix:{self.path("milter")}\nsocket_group = root\n'
                    f'control = {self.path("control")}\nledger = {self.path("ledger")}\n'
                    f'spool = {self.path("spool")}\nkeys = {self.path("keys")}\n'
                    f'policy = {policy}\nuser = root\ngroup = root\nhostname = mx.moet.test\n{settings}')
        env = dict(os.environ, LD_PRELOAD=preload) if preload else None
        return Server([os.path.join(self.build, 'milterd'), '-f', '-c', config],
                      self.path('milter'), env)

    def status(self):
        out = subprocess.run([os.path.join(self.build, 'milterctl'), '-c', self.path('vanthu.conf'),
                              'status', '--format', 'json'], check=True, capture_output=True)
        return json.loads(out.stdout)

    def load(self, server, connections, messages, warm=100):
        # The generator serves m messages per connection, then opens a new one.
        out = subprocess.run([self.path('milterload'), '-s', 'unix:' + server.sock, '-c', str(connections),
                              '-n', str(messages), '-m', '200', '-u', '-w', str(warm),
                              '-p', str(server.process.pid), self.path('k50')],
                             capture_output=True, text=True)
        if out.returncode != 0:
            raise SystemExit('milterload: ' + out.stdout + out.stderr)
        return json.loads(out.stdout.strip().splitlines()[-1])


def rate(result):
    for key in ('msgs_per_s', 'rate', 'mps', 'msgs_s'):
        if key in result:
            return float(result[key])
    raise SystemExit('milterload prints no rate: ' + json.dumps(result))


def compare_cold(bench, messages):
    """Every attachment looked into anew: printed, nothing is promised of it."""
    rates = []
    for make in (bench.reader, lambda: bench.vanthu(settings='extract_cache = 0\n')):
        server = make()
        try:
            rates.append(rate(bench.load(server, 8, messages)))
        finally:
            server.stop()
    print(f'8 connections, no attachment remembered: {rates[1] / rates[0]:.2f}')


def compare(bench, connections, messages, rounds):
    ratios = []
    for _ in range(rounds):
        rates = []
        for make in (bench.reader, bench.vanthu):
            server = make()
            try:
                rates.append(rate(bench.load(server, connections, messages)))
            finally:
                server.stop()
        ratios.append(rates[1] / rates[0])
    ratio = statistics.median(ratios)
    ok = ratio >= 1 / 3
    print(f'{connections} connections: tracked letters at {ratio:.2f} of the reader\'s rate '
          f'(want 0.33) {"ok" if ok else "TOO SLOW"}')
    return ok


def receipts_per_commit(bench, connections, messages, preload):
    server = bench.vanthu(preload)
    try:
        # The generator warms up with one connection: those commits are not counted.
        bench.load(server, 1, 100, warm=0)
        before = bench.status()['ledger']
        bench.load(server, connections, messages, warm=0)
        after = bench.status()['ledger']
    finally:
        server.stop()
    receipts = after['records'] - before['records']
    if receipts < messages:
        raise SystemExit(f'only {receipts} receipts of {messages} letters')
    return receipts / max(after['commits'] - before['commits'], 1)


def main():
    parser = argparse.ArgumentParser(description='load ratios of milterd')
    parser.add_argument('build')
    parser.add_argument('--messages', type=int, default=4000)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--report', action='store_true')
    options = parser.parse_args()
    if not os.path.exists(os.path.join(BENCH, 'milterload.c')):
        print(f'skipped: {BENCH}/milterload.c is not there (set VANTHU_BENCH)')
        return 77
    with tempfile.TemporaryDirectory(prefix='vanthu-bench-') as folder:
        bench = Bench(os.path.abspath(options.build), folder)
        is_fast = all([compare(bench, n, options.messages, options.rounds) for n in (8, 64)])
        compare_cold(bench, options.messages // 4)
        slow = receipts_per_commit(bench, 64, 1500, bench.path('slow.so'))
        print(f'64 connections, a disk of 10 ms: {slow:.1f} receipts per commit (want 20) '
              f'{"ok" if slow >= 20 else "TOO FEW"}')
        alone = receipts_per_commit(bench, 1, 300, None)
        print(f'1 connection: {alone:.2f} receipts per commit, so no commit waits for company '
              f'{"ok" if alone <= 1.1 else "IT WAITS"}')
    return 0 if slow >= 20 and alone <= 1.1 and (is_fast or options.report) else 1


if __name__ == '__main__':
    sys.exit(main())
