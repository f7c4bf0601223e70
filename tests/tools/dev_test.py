"""The parts of ./dev that decide what the last line says and what is installed."""
import subprocess
import tempfile
import unittest
from pathlib import Path

from sample import TOOLS

PRELUDE = """set -euo pipefail
results=$1 logs=$1/log root='' jobs=1 python=/usr/bin/python3 red='' green='' plain=''
say() { echo "$*"; }
fail() { echo "$*" >&2; exit 1; }
cd "$2"
source tools/install.sh
source tools/build.sh
source tools/test.sh
"""


def bash(script):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["bash", "-c", PRELUDE + script, "dev", folder, TOOLS.parent], capture_output=True, text=True)
        return done.returncode, done.stdout.strip().splitlines(), done.stderr


class Summary(unittest.TestCase):
    def test_all_passed(self):
        code, lines, _ = bash("count 3 0 1 a; count 2 0 0 b; summary")
        self.assertEqual((code, lines[-1]), (0, "5 passed, 0 failed, 1 skipped"))

    def test_a_failure_is_named_and_fails(self):
        code, lines, _ = bash("count 3 0 0 a; count 2 2 0 unit-asan; summary")
        self.assertEqual(code, 1)
        self.assertIn("  unit-asan: 2", lines)
        self.assertEqual(lines[-1], "5 passed, 2 failed, 0 skipped")

    def test_nothing_run_is_no_success(self):
        self.assertEqual(bash("touch $tally; summary")[0], 1)

    def test_a_missing_report_counts_as_a_failure(self):
        code, lines, _ = bash("tally_report $1/absent.xml unit-asan; summary")
        self.assertEqual((code, lines[-1]), (1, "0 passed, 1 failed, 0 skipped"))

    def test_a_failing_check_counts_and_shows_what_it_said(self):
        code, lines, _ = bash("run_check one quiet sh -c 'echo seen; exit 3' || true; run_check two quiet echo unseen; summary")
        self.assertEqual(code, 1)
        self.assertIn("seen", lines)
        self.assertNotIn("unseen", lines)
        self.assertEqual(lines[-1], "1 passed, 1 failed, 0 skipped")

    def test_a_sanitizer_report_is_a_failure(self):
        code, lines, _ = bash("mkdir -p $1/log/sanitizer; echo race >$sanitizer_log.12; count 1 0 0 a\n"
                              "sanitizer_reports tsan; sanitizer_reports tsan; summary")
        self.assertEqual(code, 1)
        self.assertIn("race", lines)
        self.assertEqual(lines[-1], "1 passed, 1 failed, 0 skipped")


class Build(unittest.TestCase):
    def test_an_unknown_preset_is_refused(self):
        code, _, said = bash("build quick")
        self.assertEqual(code, 1)
        self.assertIn("no such preset: quick", said)

    def test_progress_is_thinned_and_errors_stay(self):
        steps = "\n".join(f"[{n}/100] Building x{n}.o" for n in range(1, 101))
        _, lines, _ = bash(f"printf '%s\n' '{steps}' 'x.cpp:1: error: bad' | every_tenth")
        self.assertEqual(len(lines), 11)
        self.assertEqual(lines[-2].strip(), "[100/100]")
        self.assertEqual(lines[-1], "x.cpp:1: error: bad")


class Packages(unittest.TestCase):
    def test_groups_are_picked_by_whole_names(self):
        _, lines, _ = bash("packages_of ' fuzz check '")
        self.assertEqual(lines, ["clang-format", "clang-19", "libclang-rt-19-dev"])

    def test_every_row_has_group_name_and_reason(self):
        for row in (TOOLS / "packages").read_text().splitlines():
            if not row.startswith("#"):
                group, _, reason = row.split(None, 2)
                self.assertIn(group, ("build", "check", "test", "beside", "fuzz", "trixie", "trixie-backports"))
                self.assertTrue(reason)


if __name__ == "__main__":
    unittest.main()
