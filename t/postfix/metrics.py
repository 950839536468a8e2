#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What milterd tells Prometheus, checked with Prometheus's own tools."""

import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

import lab as house

RULES = house.SOURCE / "contrib/prometheus"


def numbers(text):
    """{name with labels: value} of the text format."""
    return {name: float(value) for name, value in re.findall(
        r"(?m)^(vanthu_[^ #]+) (\S+)$", text)}


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


class Metrics(unittest.TestCase):
    def setUp(self):
        self.port = house.free_ports(1)[0]
        self.lab = house.Lab(metrics_listen=f"inet:{self.port}@127.0.0.1")
        self.addCleanup(self.lab.close)
        self.lab.__enter__()

    def fetch(self, path="/metrics", method="GET", connection=None, body=None):
        c = connection or http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=20)
        c.request(method, path, body=body)
        answer = c.getresponse()
        return answer.status, answer.getheader("Content-Type"), \
            answer.read().decode()

    def test_letters_are_counted_and_promtool_finds_no_fault(self):
        before = numbers(self.fetch()[2])
        self.assertTrue(self.lab.send(
            house.letter("cong-van.eml"), "a@sink.test").accepted)
        self.assertFalse(self.lab.send(
            house.letter("mat.eml"), "a@sink.test").accepted)
        status, kind, text = self.fetch()
        self.assertEqual((status, kind), (
            200, "text/plain; version=0.0.4; charset=utf-8"))
        after = numbers(text)
        for name, more in (("vanthu_messages_total", 2),
                           ('vanthu_verdicts_total{action="accept"}', 1),
                           ('vanthu_verdicts_total{action="reject"}', 1),
                           ("vanthu_tracked_total", 1),
                           ('vanthu_rule_hits_total{rule="secrecy-mark"}', 1),
                           ('vanthu_rule_hits_total{rule="official-letter"}', 2),
                           ('vanthu_documents{state="rejected"}', 1),
                           ("vanthu_ledger_documents", 2)):
            self.assertEqual(after[name] - before[name], more, name)
        self.assertGreater(after['vanthu_rule_seconds_total{rule="secrecy-mark"}'], 0)
        self.assertGreaterEqual(
            after['vanthu_evidence_total{kind="filter"}'], 2)
        self.assertGreater(after["vanthu_ledger_used_bytes"], 0)
        self.assertEqual(after["vanthu_ledger_commit_seconds_count"],
                         after["vanthu_ledger_commits_total"])
        done = subprocess.run(["promtool", "check", "metrics"], input=text,
                              text=True, capture_output=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_milterctl_prints_the_same_families(self):
        said = self.lab.daemon.ctl("metrics")
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertEqual(numbers(said.stdout).keys(),
                         numbers(self.fetch()[2]).keys())

    def test_a_reload_that_fails_is_seen(self):
        bad = self.lab.daemon.policy / "zz.policy"
        bad.write_text("rule x {\n")
        self.assertEqual(self.lab.daemon.ctl("reload").returncode, 1)
        bad.unlink()
        self.assertEqual(self.lab.daemon.ctl("reload").returncode, 0)
        now = numbers(self.fetch()[2])
        self.assertEqual(now['vanthu_reloads_total{result="failure"}'], 1)
        self.assertEqual(now['vanthu_reloads_total{result="success"}'], 1)

    def test_nothing_else_is_served(self):
        self.assertEqual(self.fetch("/")[0], 404)
        self.assertEqual(self.fetch("/metrics/../../etc/passwd")[0], 404)
        self.assertEqual(self.fetch(method="DELETE")[0], 405)
        self.assertEqual(self.fetch(method="POST", body="x" * 100000)[0], 405)
        self.assertEqual(self.fetch(method="HEAD")[2], "")
        self.assertEqual(self.fetch()[0], 200)

    def test_every_metric_of_the_rules_and_the_dashboard_is_there(self):
        text = self.fetch()[2]
        families = set(re.findall(r"(?m)^# TYPE (\S+)", text))
        histograms = {f"{f}_{part}" for f in families
                      for part in ("bucket", "sum", "count")}
        for path in sorted(RULES.glob("*.*")):
            asked = set(re.findall(r"\bvanthu_\w+", path.read_text()))
            asked = {a for a in asked if not a.startswith("vanthu_alerts")}
            if path.suffix in (".yml", ".json"):
                self.assertEqual(asked - families - histograms, set(), path)

    def test_a_unix_socket_will_do(self):
        self.lab.daemon.stop()
        path = self.lab.daemon.folder / "run/metrics"
        self.lab.daemon.settings["metrics_listen"] = f"unix:{path}"
        self.lab.daemon.write()
        self.lab.daemon.start()
        self.assertEqual(self.fetch(connection=Unix(path))[0], 200)
        self.assertEqual(path.stat().st_mode & 0o777, 0o660)

    def test_an_address_that_others_reach_is_refused(self):
        self.lab.daemon.settings["metrics_listen"] = "inet:9099@0.0.0.0"
        self.lab.daemon.write()
        done = self.lab.daemon.run("-n", "-c", self.lab.daemon.file)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("reached from elsewhere", done.stderr)


class Rules(unittest.TestCase):
    def test_promtool_finds_the_rules_in_order(self):
        done = subprocess.run(
            ["promtool", "check", "rules", RULES / "alerts.yml"],
            text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_alert_fires_when_it_should(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="vanthu-"))
        self.addCleanup(shutil.rmtree, folder, True)
        for name in ("alerts.yml", "alerts_test.yml"):
            shutil.copy(RULES / name, folder)
        done = subprocess.run(
            ["promtool", "test", "rules", "alerts_test.yml"], cwd=folder,
            text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        tested = set(re.findall(r"alertname: (\w+)",
                                (RULES / "alerts_test.yml").read_text()))
        made = set(re.findall(r"alert: (\w+)",
                              (RULES / "alerts.yml").read_text()))
        self.assertEqual(tested, made)

    def test_the_dashboard_is_one(self):
        board = json.loads((RULES / "dashboard.json").read_text())
        self.assertTrue(board["title"] and board["uid"])
        ids = [p["id"] for p in board["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in board["panels"]:
            self.assertTrue(panel["title"] and panel["type"])
            self.assertTrue(panel["type"] == "row" or panel["targets"])


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    house.main()
