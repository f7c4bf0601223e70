import unittest

from sample import run


def check(text):
    return run("check_coro", {"src/loop/a.cpp": text})


class Coroutines(unittest.TestCase):
    def test_a_lambda_coroutine_is_named_with_its_line(self):
        for text in ("\nauto f = [&] { co_return; };\n",
                     "\nspawn([this, n](int a) -> Task<int> { co_return a; });\n",
                     "\nauto f = []<typename T>(T t) mutable noexcept -> Task<std::map<int, int>> { CO_TRY(auto x, t()); };\n"):
            with self.subTest(text):
                code, output = check(text)
                self.assertEqual(code, 1)
                self.assertIn("src/loop/a.cpp:2: a lambda is a coroutine", output)

    def test_plain_lambdas_indices_and_attributes_pass(self):
        self.assertEqual(check("[[nodiscard]] Task<int> f(int* a) {\n  auto g = [&](int x) { return x; };\n"
                               "  int b = a[0]; if (a[1]) { co_return b; }\n  co_return g(b);\n}\n"), (0, ""))

    def test_structured_binding_on_an_await(self):
        self.assertIn("a structured binding on co_await", check("void f() {\n  auto [a, b] = co_await g();\n}\n")[1])
        self.assertIn("a.cpp:2", check("void f() {\n  const auto& [a, b] =\n      co_await g();\n}\n")[1])
        self.assertEqual(check("Task<> f() {\n  auto r = co_await g();\n  auto [a, b] = r;\n}\n")[0], 0)

    def test_destroy_in_await_suspend(self):
        bad = "struct A { void await_suspend(std::coroutine_handle<> h) noexcept { h.destroy(); } };\n"
        self.assertIn("await_suspend destroys a coroutine", check(bad)[1])
        good = "struct A { void await_suspend(std::coroutine_handle<> h) { later(h); }\n ~A() { h_.destroy(); } };\n"
        self.assertEqual(check(good)[0], 0)

    def test_captures_without_a_name_in_an_await(self):
        for bad in ("CO_TRY(auto x,\n  co_await offload(loop, [n] { return n; }));", "co_await\n offload(loop_, [&, n = std::move(m)]() { g(); h(); });"):
            with self.subTest(bad):
                output = check("Task<int> f() {\n  " + bad + "\n}\n")[1]
                self.assertIn("a.cpp:3: a lambda with captures stands unnamed", output)
                self.assertEqual(output.count("mend:"), 1)
        for good in ("auto job = [n] { return n; };\n  co_await offload(loop, std::move(job));", "co_await offload(loop, [] { return 1; });",
                     "co_await g();\n  sort(a, [&](int x, int y) { return x < y; });", "co_await g(a[1]);"):
            with self.subTest(good):
                self.assertEqual(check("Task<int> f() {\n  " + good + "\n}\n"), (0, ""))


if __name__ == "__main__":
    unittest.main()
