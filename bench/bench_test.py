#!/usr/bin/python3
"""Tests of what bench/ computes and refuses. Run: /usr/bin/python3 bench/bench_test.py"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import checks  # noqa: E402
import generators  # noqa: E402
import load  # noqa: E402
import measure  # noqa: E402
import messages  # noqa: E402
import root as debian  # noqa: E402
import rows  # noqa: E402
import table  # noqa: E402

ROW = rows.Row("kept-h2", "1 KiB", "requests", "h2", 1024, 10, 2, 2, limit=0.35)
HTTP3 = rows.Row("connect-h3", "1 KiB", "connections", "h3", 1024, 10, 2, limit=0.45)
IDLE = rows.Row("idle", "idle", "idle", "http/1.1", 1024, 10, 10, limit=9 * 1024)
H2LOAD = """
TLS Protocol: TLSv1.3
Cipher: TLS_AES_128_GCM_SHA256
Application protocol: h2

finished in 12.84ms, 778.69 req/s, 822.24KB/s
requests: 10 total, 10 started, 10 done, 10 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 10 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 10.56KB (10813) total, 245B (245) headers (space savings 87.50%), 10.00KB (10240) data
"""


class Rows(unittest.TestCase):
    def test_a_beginning_selects_all_rows_that_have_it_and_an_id_only_itself(self):
        self.assertEqual([row.id for row in rows.select("connect")], ["connect-h1", "connect-h2", "connect-h3"])
        self.assertEqual([row.id for row in rows.select("idle")], ["idle"])
        self.assertEqual([row.id for row in rows.select("idle-h2,connect-h1,idle")], ["idle-h2", "connect-h1", "idle"])

    def test_an_unknown_name_is_refused(self):
        self.assertRaises(SystemExit, rows.select, "connect,kepd")

    def test_ids_are_unique(self):
        ids = [row.id for row in rows.ROWS]
        self.assertEqual(len(ids), len(set(ids)))


class Load(unittest.TestCase):
    def test_a_complete_run_counts(self):
        load.check_h2load(ROW, 10, H2LOAD)

    def test_anything_less_does_not_count(self):
        changes = {
            "10 succeeded, 0 failed": "9 succeeded, 1 failed",
            "0 errored": "1 errored",
            "10 2xx, 0 3xx": "9 2xx, 1 3xx",
            "(10240) data": "(10239) data",
            "TLSv1.3": "TLSv1.2",
            "TLS_AES_128_GCM_SHA256": "TLS_AES_256_GCM_SHA384",
            "protocol: h2": "protocol: http/1.1",
            "requests: 10 total": "requests: 11 total",
            "traffic:": "trafic:",
        }
        for was, is_now in changes.items():
            with self.subTest(is_now):
                self.assertIn(was, H2LOAD)
                self.assertRaises(load.Failed, load.check_h2load, ROW, 10, H2LOAD.replace(was, is_now))

    def test_connections_count_only_when_all_were_answered_in_full(self):
        said = '{"done": 10, "failed": 0, "body_bytes": 10240, "tickets": 0, "first_failure": ""}'
        load.check_connections(ROW, 10, "ready\n" + said + "\n")
        for bad in (said.replace("10240", "10239"), said.replace('"done": 10', '"done": 9'),
                    said.replace('"failed": 0', '"failed": 1'), said.replace('"tickets": 0', '"tickets": 2'),
                    "", "Segmentation fault"):
            self.assertRaises(load.Failed, load.check_connections, ROW, 10, bad)


    def test_messages_count_only_when_all_came_back(self):
        load.check_messages(10, '{"done": 10, "failure": ""}\n')
        for bad in ('{"done": 9, "failure": "closed"}', "", "Traceback"):
            self.assertRaises(load.Failed, load.check_messages, 10, bad)

    def test_the_echo_grants_what_the_standard_s_example_asks_for(self):  # RFC 6455 1.3
        head = b"GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        self.assertEqual(messages.accept_for(messages.key_of(head)), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")


class Measure(unittest.TestCase):
    def test_the_clock_of_a_process_is_exact_and_holds_its_ended_threads(self):
        burn = ("import threading, time\n"
                "def burn():\n"
                "    while time.thread_time() < 0.15: pass\n"
                "t = threading.Thread(target=burn); t.start(); t.join(); burn()\n"
                "print(time.process_time(), flush=True); import sys; sys.stdin.read()\n")
        with subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True) as child:
            itself = float(child.stdout.readline())
            seen = measure.cpu_seconds(child.pid)
            child.stdin.close()
        self.assertGreaterEqual(itself, 0.3)
        self.assertAlmostEqual(seen, itself, delta=0.01 * itself)

    def test_the_tree_of_a_process_holds_its_grandchildren(self):
        with subprocess.Popen(["sh", "-c", "sh -c 'echo $$; cat; true'; true"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as child:
            grandchild = int(child.stdout.readline())
            tree = measure.process_tree(child.pid)
            self.assertEqual(tree[0], child.pid)
            self.assertIn(grandchild, tree)
            self.assertNotIn(1, tree)
            child.stdin.close()

    def test_core_lists(self):
        self.assertEqual(measure._core_list("0-1,8\n"), {0, 1, 8})


class Root(unittest.TestCase):
    def test_only_the_archive_of_this_release_is_taken_for_the_mirror(self):
        offered = ["https://tools.example/apt bookworm", "http://mirror.example/debian-security bookworm-security",
                   "http://mirror.example/debian bookworm-updates", "http://mirror.example/debian bookworm"]
        self.assertEqual(debian.mirror_of(offered, "bookworm"), "http://mirror.example/debian")
        self.assertEqual(debian.mirror_of(offered[:3], "bookworm"), "")


class Table(unittest.TestCase):
    def result(self, row=ROW, **values):
        return table.Result(row, {name: list(numbers) for name, numbers in values.items()})

    def test_ratios_are_of_medians_and_the_best_peer_is_the_hardest(self):
        result = self.result(Sallyport=(4e-6, 3e-6, 90e-6), nginx=(12e-6, 10e-6, 11e-6), HAProxy=(8e-6,))
        self.assertAlmostEqual(result.ratio("nginx"), 4 / 11)
        self.assertAlmostEqual(result.best_ratio(), 0.5)
        self.assertIsNone(result.ratio("Caddy"))

    def test_a_limit_is_kept_or_not_or_unknown(self):
        self.assertEqual(self.result(Sallyport=(3.5,), nginx=(10,)).verdict(), "yes")
        self.assertEqual(self.result(Sallyport=(3.6,), nginx=(10,)).verdict(), "no")
        self.assertEqual(self.result(Sallyport=(3.5,), HAProxy=(10,)).verdict(), "")
        self.assertEqual(self.result(IDLE, Sallyport=(9216,)).verdict(), "yes")
        self.assertEqual(self.result(HTTP3, Sallyport=(4,), nginx=(20,), HAProxy=(10,)).verdict(), "yes")
        self.assertEqual(self.result(HTTP3, Sallyport=(5,), nginx=(20,), HAProxy=(10,)).verdict(), "no")
        self.assertEqual(self.result(IDLE, Sallyport=(9217,)).verdict(), "no")

    def test_a_missing_server_is_said_in_the_notes(self):
        result = self.result(nginx=(1e-5,))
        result.missing["Caddy"] = "no root folder"
        text = table.as_text([result], {"nginx": "1.30.6"})
        self.assertIn("no figure for Caddy: no root folder", text)
        self.assertIn("10.0", text)

    def test_the_document_keeps_what_stands_around_the_table(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "performance.md"
            page.write_text("# Speed\n\nbefore\n")
            table.write_markdown(page, "first")
            page.write_text(page.read_text() + "after\n")
            table.write_markdown(page, "second")
            self.assertEqual(page.read_text(), f"# Speed\n\nbefore\n\n{table.BEGIN}\nsecond\n{table.END}\nafter\n")


class Checks(unittest.TestCase):
    WHOLE, QUICK = (next(row for row in rows.ROWS if row.id == id) for id in ("check-default", "check-quick"))

    def figure(self, row, id):
        return next(figure for figure in checks.FIGURES if (figure.row, figure.id) == (row.id, id))

    def test_the_figures_of_a_run(self):
        used = checks.Used(wall=4.0, cpu=2.0, connections=7_000)
        for id, value in (("per_core", 500), ("per_second", 250), ("connections", 7)):
            self.assertEqual(self.figure(self.QUICK, id).of(used, 1_000), value)
        self.assertEqual(self.figure(self.WHOLE, "wall").of(used, 1), 4.0)

    def test_ratios_are_of_medians_and_limits_hold_in_their_direction(self):
        result = checks.Result(self.WHOLE, 1, {"Sallyport": [checks.Used(w, 0.1, 60) for w in (0.4, 0.3, 9)],
                                               "sslscan": [checks.Used(0.8, 0.1, 100)]})
        wall = self.figure(self.WHOLE, "wall")
        self.assertAlmostEqual(result.ratio(wall, "sslscan"), 0.5)
        self.assertIsNone(result.ratio(wall, "nmap"))
        self.assertEqual(result.verdict(wall), "yes")
        self.assertEqual(result.verdict(self.figure(self.WHOLE, "connections")), "no")
        self.assertEqual(result.verdict(self.figure(self.WHOLE, "cpu")), "")
        for cpu, kept in ((3.0, "yes"), (4.0, "no")):
            quick = checks.Result(self.QUICK, 1_000, {"Sallyport": [checks.Used(9, cpu, 1)]})
            self.assertEqual(quick.verdict(self.figure(self.QUICK, "per_core")), kept)

    def test_a_report_counts_only_when_every_target_was_examined(self):
        line = ('{"tested": true, "observations": {"versions": [{"version": "TLS 1.2", "offered": "yes"}, '
                '{"version": "TLS 1.3", "offered": "yes"}]}}\n')
        checks.verify(self.QUICK, checks.OURS, 2, line * 2)
        for bad in (line, line * 3, line + line.replace("true", "false"), line + line.replace("yes", "no"), line + "{", ""):
            self.assertRaises(checks.Failed, checks.verify, self.QUICK, checks.OURS, 2, bad)

    def test_another_checker_must_have_seen_both_versions(self):
        seen = "TLSv1.2   enabled\nTLSv1.3   enabled\nAccepted  TLSv1.2  128 bits  X\n"
        checks.verify(self.WHOLE, "sslscan", 1, seen)
        self.assertRaises(checks.Failed, checks.verify, self.WHOLE, "sslscan", 1, seen.replace("1.3   en", "1.3   dis"))

    def test_a_check_of_ssh_counts_only_with_every_host_key(self):
        row = next(row for row in rows.ROWS if row.id == "check-ssh")
        key = {"type": "x", "proven": True}
        report = lambda *keys: json.dumps({"targets": [{"observations": {"ssh": {"methods": ["publickey"], "host_keys": keys}}}]})  # noqa: E731
        checks.verify(row, checks.OURS, 1, report(key, key, key))
        for bad in (report(key, key), report(key, key, key | {"proven": False}), "{}", ""):
            self.assertRaises(checks.Failed, checks.verify, row, checks.OURS, 1, bad)

    def test_the_second_table_stands_below_the_first_with_who_is_missing(self):
        one = table.Result(ROW, {"Sallyport": [4e-6], "nginx": [8e-6]})
        result = checks.Result(self.WHOLE, 1, {"Sallyport": [checks.Used(0.25, 0.1, 55)]}, {"sslyze": "not installed"})
        text = table.as_markdown([one], {"sslscan": "2.0"}, [result])
        first, _, second = text.partition("| check |")
        self.assertIn("| operation |", first)
        self.assertIn("| a whole check of one nginx | s | 0.25 | - |", second)
        self.assertIn("no figure for sslyze: not installed", second)
        self.assertNotIn("sslscan 2.0", first)


class Generators(unittest.TestCase):
    ROW = next(row for row in rows.ROWS if row.id == "load-h1")

    def report(self, **changes):
        whole = {"good": 10, "failed": 0, "errors": {}, "per_second": 5.0, "bytes": {"bodies": 10 * self.ROW.bytes},
                 "connections": self.ROW.connections, "handshakes": {"full": self.ROW.connections},
                 "tls": {"suite": load.SUITE, "group": load.GROUP, "alpn": "http/1.1"}}
        return json.dumps(whole | changes)

    def test_a_rate_counts_only_when_every_request_was_answered(self):
        self.assertEqual(load.report_of_ours(self.ROW, 10, self.report())["per_second"], 5.0)
        for bad in ("", "{", self.report(good=9), self.report(failed=1), self.report(bytes={"bodies": 9}),
                    self.report(connections=self.ROW.connections + 1), self.report(handshakes={"full": 1}),
                    self.report(tls={"suite": load.SUITE, "group": load.GROUP, "alpn": "h2"}),
                    self.report(tls={"suite": load.SUITE, "group": "X25519", "alpn": "http/1.1"})):
            self.assertRaises(load.Failed, load.report_of_ours, self.ROW, 10, bad)

    def test_new_connections_count_only_with_a_full_handshake_and_an_answer_each(self):
        tls = {"suite": load.SUITE, "group": load.GROUP, "alpn": "h3"}
        self.assertEqual(load.report_of_ours(HTTP3, 10, self.report(connections=10, handshakes={"full": 10}, tls=tls))["good"], 10)
        for bad in (self.report(connections=10, handshakes={"full": 9}, tls=tls), self.report(connections=9, handshakes={"full": 10}, tls=tls),
                    self.report(connections=10, handshakes={"full": 10}, bytes={"bodies": 0}, tls=tls)):
            self.assertRaises(load.Failed, load.report_of_ours, HTTP3, 10, bad)

    def test_memory_counts_only_when_all_connections_were_held(self):
        row = rows.Row("idle-h3", "idle", "idle", "h3", 1024, 10, 10)
        whole = {"good": 10, "failed": 0, "connections": 10, "held": 10, "handshakes": {"full": 10}, "bytes": {"bodies": 10240}, "errors": {},
                 "tls": {"suite": load.SUITE, "group": load.GROUP}, "server": {"memory_bytes_held": 3000, "memory_bytes_before": 1000}}
        self.assertEqual(load.growth_of_held(row, 10, whole), 200)
        for bad in ({"held": 9}, {"good": 9}, {"connections": 11}, {"handshakes": {"full": 9}}, {"bytes": {"bodies": 0}}):
            self.assertRaises(load.Failed, load.growth_of_held, row, 10, whole | bad)

    def test_the_limit_is_on_the_ratio_of_medians(self):
        cost = generators.FIGURES[0]
        for ours, kept in ((4.0, "yes"), (4.1, "no")):
            result = generators.Result(self.ROW, {"Sallyport": generators.Said([1], [9.0, ours, 1.0], [1]), "h2load": generators.Said([1], [4.0], [1])})
            self.assertEqual(result.verdict(cost), kept)
        rate = generators.FIGURES[1]
        for ours, kept in ((95.0, "yes"), (89.0, "no")):  # the runs of h2load differ by a tenth
            said = {"Sallyport": generators.Said([ours], [1], [1]), "h2load": generators.Said([95.0, 100.0, 105.0], [1], [1])}
            self.assertEqual(generators.Result(self.ROW, said).verdict(rate), kept)
        result.missing["h2load"] = "not here"
        self.assertEqual((result.verdict(cost), result.ratio(cost)), ("", None))
        self.assertIn("no figure for h2load: not here", table.as_text([], {}, [], [result]))


if __name__ == "__main__":
    unittest.main()
