import subprocess
import sys
import tempfile
import unittest

from sample import TOOLS

CTEST = """<testsuite name="x" tests="6">
<testcase name="pass" status="run"/><testcase name="fail" status="fail"><failure message=""/></testcase>
<testcase name="skip" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/></testcase>
<testcase name="off" status="disabled"/>
<testcase name="x_NOT_BUILT" status="notrun"><skipped message="Unable to find executable"/></testcase>
</testsuite>"""
PYTEST = """<testsuites><testsuite><testcase name="a"/><testcase name="b"><skipped message="no root"/></testcase>
<testcase name="c"><error message="setup"/></testcase></testsuite></testsuites>"""


def count(*texts):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, text in enumerate(texts):
            paths.append(f"{folder}/{number}.xml")
            with open(paths[-1], "w") as file:
                file.write(text)
        return subprocess.run([sys.executable, TOOLS / "count_results", *paths], capture_output=True, text=True).stdout.strip()


class CountResults(unittest.TestCase):
    def test_ctest_counts_a_missing_program_as_a_failure(self):
        self.assertEqual(count(CTEST), "1 2 2")

    def test_pytest_counts_an_error_as_a_failure(self):
        self.assertEqual(count(PYTEST), "1 1 1")

    def test_sums_and_torn_files(self):
        self.assertEqual(count(CTEST, PYTEST, "<testsuite><testc"), "2 4 3")


if __name__ == "__main__":
    unittest.main()
