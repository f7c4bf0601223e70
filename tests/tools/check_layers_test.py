import unittest

from sample import header, run


def check(files, *arguments):
    return run("check_layers", files, *(arguments or ["--no-compile"]))


class Includes(unittest.TestCase):
    def test_lower_and_own_folder_pass(self):
        code, output = check({"src/http/a.cpp": '#include "http/b.h"\n#include "base/c.h"\n#include <vector>\n'})
        self.assertEqual((code, output), (0, ""))

    def test_upwards_and_sideways_are_named_with_a_mend(self):
        code, output = check({"src/os/a.cpp": '\n#include "http/b.h"\n#include "crypto/c.h"\n'})
        self.assertEqual(code, 1)
        self.assertIn('src/os/a.cpp:2: #include "http/b.h": http/ (layer 5) is above os/ (layer 1)', output)
        self.assertIn("src/os/a.cpp:3", output)
        self.assertIn("the same layer as", output)
        self.assertIn("mend: move what both need into a folder below layer 1", output)

    def test_an_include_in_a_comment_is_none(self):
        self.assertEqual(check({"src/os/a.cpp": '// \n/*\n#include "http/b.h"\n*/\n'})[0], 0)

    def test_path_from_src_and_known_folder_are_asked_for(self):
        _, output = check({"src/os/a.cpp": '#include "b.h"\n#include "zlib/z.h"\n', "src/odd/x.cpp": "\n"})
        self.assertIn('"b.h" has no folder', output)
        self.assertIn("zlib/ is not in src/layers.txt", output)
        self.assertIn("src/odd/x.cpp:1: the folder of odd/x.cpp is not in src/layers.txt", output)

    def test_only_the_given_path_is_reported(self):
        files = {"src/os/a.cpp": '#include "http/b.h"\n', "src/base/a.cpp": '#include "http/b.h"\n'}
        _, output = check(files, "--no-compile", "src/base")
        self.assertIn("src/base/a.cpp", output)
        self.assertNotIn("src/os/a.cpp", output)


class Headers(unittest.TestCase):
    def test_pragma_once_and_first_line(self):
        _, output = check({"src/os/a.h": "// os/b.h - moved.\nint f();\n"})
        self.assertIn("no #pragma once", output)
        self.assertIn('begin with "// os/a.h - <purpose>"', output)

    def test_an_incomplete_header_is_found_by_compiling(self):
        files = {"src/os/a.h": header("os/a.h", "inline std::string s;\n"), "src/os/b.h": header("os/b.h", "int f();\n")}
        code, output = check(files, "src")
        self.assertEqual(code, 1)
        self.assertIn("src/os/a.h:1: the header is not complete by itself", output)
        self.assertNotIn("src/os/b.h", output)

    def test_a_header_that_its_source_includes_first_is_left_to_the_build(self):
        files = {"src/os/a.h": header("os/a.h", "inline std::string s;\n"), "src/os/a.cpp": '#include "os/a.h"\n'}
        self.assertEqual(check(files, "src")[0], 0)


class Sizes(unittest.TestCase):
    def test_file_limit_and_its_reason(self):
        long_file = "int x;\n" * 401
        self.assertIn("401 lines, the limit is 400", check({"src/os/a.cpp": long_file})[1])
        self.assertEqual(check({"src/os/a.cpp": "// long: one table\n" + long_file})[0], 0)

    def test_functions_are_measured_everywhere(self):
        body = "  int y = 0;\n" * 60
        long_ones = {
            "free": "int f(int a,\n      int b) {\n" + body + "}\n",
            "member": "namespace n {\nclass C : public B {\n public:\n  int g() const override {\n" + body + "  }\n};\n}\n",
            "constructor": "C::C(int a) : a_{a}, b_(a) {\n" + body + "}\n",
            "test": "TEST(Suite, Name) {\n" + body + "}\n",
            "after a table": "constexpr int k[] = {1, 2};\nconstexpr S s{f(1)};\nint h() {\n" + body + "}\n",
        }
        for name, text in long_ones.items():
            with self.subTest(name):
                self.assertRegex(check({"src/os/a.cpp": text})[1], r"has 6\d lines, the limit is 60")
                reasoned = text.replace("{\n  int y", "{\n  // long: a state machine reads better whole\n  int y", 1)
                self.assertEqual(check({"src/os/a.cpp": reasoned})[0], 0)

    def test_a_long_table_and_short_functions_pass(self):
        table = "constexpr Row kRows[] = {\n" + "    {f(1), 2},\n" * 70 + "};\n"
        short = "int f() {\n" + "  int y;\n" * 40 + "}\n"
        self.assertEqual(check({"src/os/a.cpp": table + short * 3})[0], 0)

    def test_braces_in_strings_and_comments_do_not_count(self):
        text = 'int f() {\n  g("}{{{", \'{\');  // {{\n}\n' + "int x;\n" * 70
        self.assertEqual(check({"src/os/a.cpp": text})[0], 0)


class NamesAndOwnership(unittest.TestCase):
    def test_empty_names_are_refused(self):
        for name in ("util.cpp", "string_utils.cpp", "common/x.cpp", "misc.cpp"):
            with self.subTest(name):
                self.assertIn("in a name says nothing", check({f"src/os/{name}": "\n"})[1])
        self.assertEqual(check({"src/os/database.cpp": "\n", "src/os/miscount.cpp": "\n"})[0], 0)

    def test_only_crypto_frees_tls_objects(self):
        text = "void f() { SSL_CTX_free(c); }\n"
        self.assertIn("SSL_CTX_free outside src/crypto/", check({"src/os/a.cpp": text})[1])
        self.assertEqual(check({"src/crypto/a.cpp": text, "src/os/b.cpp": "// SSL_free\n"})[0], 0)


if __name__ == "__main__":
    unittest.main()
