#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Rules: ten against ten thousand of them through milterd.

usage: rules.py BUILD_FOLDER [--messages N] [--rounds N] [--report]

Prints ratios of one run: messages per second with ten thousand rules beside
those with ten (want half), what bringing them into force costs beside PCRE2's
own compile and JIT of the same patterns (want five times), whether letters are
judged as if every pattern were tried, and the resident memory of the process
that judges (want 200 MB).  With --report a rate is only printed: a busy machine
proves nothing; wrong results still fail.  Needs $VANTHU_BENCH, as load.py does.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

import load

COUNTS = (10, 10000)
MEMORY_MB = 200


def escaped(pattern):
    """For between slashes."""
    out, i = '', 0
    while i < len(pattern):
        step = 2 if pattern[i] == '\\' else 1
        out += '\\/' if pattern[i] == '/' else pattern[i:i + step]
        i += step
    return out


def write_policy(bench, count):
    """The maker's rules as a policy; all refuse."""
    path = bench.path(f'rules-{count}.policy')
    with open(bench.path(f'rules-{count}.tsv'), encoding='utf-8') as rows, \
            open(path, 'w', encoding='utf-8') as out:
        out.write('ministry { domain moet.edu.vn network 127.0.0.0/8 login * }\n')
        for row in rows:
            if row.startswith('#'):
                continue
            name, scope, _, _, pattern = row.rstrip('\n').split('\t')
            field = 'subject' if scope == 'subject' else 'subject, text'
            out.write(f'rule {name} {{ if {field} ~ /{escaped(pattern)}/i reject }}\n')
    os.chmod(path, 0o644)
    return path


def resident_mb(pid):
    """Of the largest process among ${pid} and its children."""
    pids = [pid]
    with open(f'/proc/{pid}/task/{pid}/children') as f:
        pids += [int(one) for one in f.read().split()]
    sizes = []
    for one in pids:
        with open(f'/proc/{one}/status') as f:
            sizes += [int(line.split()[1]) / 1024 for line in f if line.startswith('VmRSS:')]
    return max(sizes)


def measure(bench, count, messages):
    bench.policy = bench.path(f'rules-{count}.policy')
    server = bench.vanthu()
    try:
        result = bench.load(server, 8, messages)
        return load.rate(result), result['server']['cpu_s'], resident_mb(server.process.pid)
    finally:
        server.stop()


def tell(text, is_good):
    print(text, 'ok' if is_good else 'NOT KEPT', flush=True)
    return is_good


def rates(bench, options):
    ratios, costs, memory = [], [], 0
    for _ in range(options.rounds):
        few, few_cpu_s, _ = measure(bench, COUNTS[0], options.messages)
        many, many_cpu_s, size = measure(bench, COUNTS[1], options.messages)
        ratios.append(many / few)
        costs.append(many_cpu_s / few_cpu_s)
        memory = max(memory, size)
    ratio = statistics.median(ratios)
    is_fast = tell(f'10,000 rules: {ratio:.2f} of the messages per second of 10 rules (want 0.50), '
                   f'{statistics.median(costs):.2f} times the CPU time', ratio >= 0.5)
    is_small = tell(f'10,000 rules: {memory:.0f} MB resident under load (want {MEMORY_MB})',
                    memory < MEMORY_MB)
    return is_fast or options.report, is_small


def offline(bench, options):
    """Activation and equality of hits, by t/bench/rules."""
    out = subprocess.run([os.path.join(bench.build, 't', 'bench', 'rules'),
                          bench.path(f'rules-{COUNTS[1]}.policy'), bench.path('k50'), '10'],
                         stdout=subprocess.PIPE, text=True)
    for line in out.stdout.splitlines():
        print(f'10,000 rules: {line}', flush=True)
    return out.returncode == 0 or (options.report and 'WRONG' not in out.stdout and
                                   'letters' in out.stdout)


def main():
    parser = argparse.ArgumentParser(description='ten rules against ten thousand')
    parser.add_argument('build')
    parser.add_argument('--messages', type=int, default=4000)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--report', action='store_true')
    options = parser.parse_args()
    if not os.path.exists(os.path.join(load.BENCH, 'milterload.c')):
        print(f'skipped: {load.BENCH}/milterload.c is not there (set VANTHU_BENCH)')
        return 77
    with tempfile.TemporaryDirectory(prefix='vanthu-bench-') as folder:
        bench = load.Bench(os.path.abspath(options.build), folder)
        subprocess.run([sys.executable, os.path.join(load.BENCH, 'mkcorpus.py'), 'rules', '--sparse',
                        '-n', ','.join(map(str, COUNTS)), '-o', folder], check=True,
                       stdout=subprocess.DEVNULL)
        for count in COUNTS:
            write_policy(bench, count)
        results = [*rates(bench, options), offline(bench, options)]
    return 0 if all(results) else 1


if __name__ == '__main__':
    sys.exit(main())
