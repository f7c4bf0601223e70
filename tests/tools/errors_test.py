import unittest

from sample import run

GOOD = '''inline constexpr ErrorKind kTruncated{"base.truncated", Blame::peer, Retry::never,
    "a message ends before one of its fields, {or} a "
    "\\"list\\", does",
    "report the software", "RFC 8446 3.4", 50, 400};  // not "this"
'''


class CheckErrors(unittest.TestCase):
    def test_good_rows_pass(self):
        self.assertEqual(run("check_errors", {"src/base/a.h": GOOD}), (0, ""))

    def test_an_id_used_twice_names_both_places(self):
        code, output = run("check_errors", {"src/base/a.h": GOOD, "src/os/b.h": "\n" + GOOD})
        self.assertEqual(code, 1)
        self.assertIn('src/os/b.h:2: the id "base.truncated" is taken by kTruncated in src/base/a.h:1', output)

    def test_form_of_the_id_and_empty_sentences(self):
        bad = 'constexpr ErrorKind kBad{"BadId", Blame::peer, Retry::never, "", "", "", -1, 0};\n'
        output = run("check_errors", {"src/base/a.h": bad})[1]
        for part in ('kBad has the id "BadId"', "kBad has no what", "kBad has no remedy"):
            self.assertIn(part, output)

    def test_tests_may_have_rows_of_their_own(self):
        self.assertEqual(run("check_errors", {"src/base/a.h": GOOD, "src/base/a_test.cpp": GOOD})[0], 0)


class MakeReference(unittest.TestCase):
    def test_a_stale_page_fails_and_a_fresh_one_passes(self):
        files = {"src/base/a.h": GOOD}
        code, output = run("make_reference", files, "--check")
        self.assertEqual(code, 1)
        self.assertIn("docs/reference/errors.md: does not match the code", output)
        self.assertEqual(run("make_reference", files)[0], 0)

    def test_the_page_says_what_the_row_says(self):
        import error_rows_page
        page = error_rows_page.of(GOOD)
        self.assertIn("### base.truncated", page)
        self.assertIn('A message ends before one of its fields, {or} a "list", does.', page)
        self.assertIn("HTTP status 400, TLS alert 50", page)


if __name__ == "__main__":
    unittest.main()
