#!/usr/bin/env python3
"""Plants one fault of every kind in a small tree of its own and asks for the finding."""
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tidy  # noqa: E402

CLEAN = {
    "shared/core/README.md": "# shared/core\n",
    "shared/core/money.hpp": "#pragma once\n#include <string>\n\nnamespace platform {\nint cents();\n}  // namespace platform\n",
    "shared/core/money.cpp": '#include "shared/core/money.hpp"\n\nnamespace platform {\nint cents() {\n    return 1;\n}\n}  // namespace platform\n',
    "tests/shared/core/money_test.cpp": '#include "shared/core/money.hpp"\n',
}


class TidyTest(unittest.TestCase):
    def findings(self, files):
        with tempfile.TemporaryDirectory() as root:
            for name, text in {**CLEAN, **files}.items():
                if text is None:
                    continue
                path = pathlib.Path(root) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
            return list(tidy.check(root))

    def expect(self, files, *wanted):
        found = self.findings(files)
        for text in wanted:
            self.assertTrue(any(text in line for line in found), f"'{text}' is not among {found}")
        self.assertEqual(len(found), len(wanted), found)

    def cpp(self, body, name="shared/core/money.cpp"):
        return {name: '#include "shared/core/money.hpp"\n' + body}

    def test_a_clean_tree_has_no_findings(self):
        self.expect({})

    def test_libraries_stay_in_their_rooms(self):
        for header, home in {
            "pistache/http.h": "shared/http/",
            "librdkafka/rdkafkacpp.h": "shared/kafka/",
            "cppconn/driver.h": "shared/mysql/",
            "mysql_driver.h": "shared/mysql/",
            "hiredis/hiredis.h": "shared/redis/",
            "openssl/ssl.h": "shared/redis/",
            "cpprest/http_client.h": "operator/kube/",
            "prometheus/counter.h": "shared/telemetry/",
            "yaml-cpp/yaml.h": "shared/config/",
            "curl/curl.h": "shared/http/",
        }.items():
            with self.subTest(header):
                self.expect(self.cpp(f"#include <{header}>\n"), f"money.cpp:2: <{header}> belongs to {home}")

    def test_library_headers_stand_in_cpp_files(self):
        self.expect(
            {"shared/core/money.hpp": "#pragma once\n#include <nlohmann/json.hpp>\n"},
            "money.hpp:2: <nlohmann/json.hpp> belongs in a .cpp file",
        )

    def test_includes_are_paths_from_the_root(self):
        self.expect(self.cpp('#include "money.hpp"\n'), 'money.cpp:2: "money.hpp" is not a path from the root')

    def test_banned_words(self):
        for code in (
            "void f(std::jthread& t) { t.detach(); }",
            "std::thread t;",
            "std::this_thread::sleep_for(x);",
            'auto v = std::getenv("X");',
            "auto t = std::chrono::steady_clock::now();",
            "using namespace std;",
            "std::cout << 1;",
            'printf("x");',
            "int r = rand();",
            "// FIXME later",
            "// TODO later",
        ):
            with self.subTest(code):
                name = "services/order/x.cpp"
                self.expect(
                    {
                        name: code + "\n",
                        "services/order/README.md": "# order\n",
                        "tests/services/order/x_test.cpp": "// a test\n",
                    },
                    f"{name}:1: '",
                )

    def test_allowed_uses_are_no_findings(self):
        self.expect(
            self.cpp(
                "// std::thread is not used; see TODO(#12)\n"
                'const char* text = "printf(";\n'
                "auto n = std::thread::hardware_concurrency();\n"
                "std::thread::id id;\n"
                "auto t = std::chrono::system_clock::now();\n"
            )
        )
        self.expect({"services/order/README.md": "# order\n", "services/order/main.cpp": "int main() { std::cout << 1; }\n"})

    def test_tests_do_not_sleep(self):
        self.expect(
            {"tests/shared/core/money_test.cpp": "std::this_thread::sleep_for(1s);\n"}, "money_test.cpp:1: 'sleep_for' is not used here"
        )

    def test_sizes(self):
        self.expect(self.cpp("int a;\n" * 500), "money.cpp: 501 lines")
        self.expect(self.cpp("int f() {\n" + "    g();\n" * 70 + "}\n"), "money.cpp:2: a function of 72 lines")
        self.expect(self.cpp("int f() {\n" + "    g();\n" * 68 + "}\n"))
        self.expect({"shared/core/README.md": "# x\n" + "line\n" * 90}, "README.md: longer than a screen")

    def test_every_source_has_its_test_and_every_test_its_source(self):
        self.expect({"shared/core/new.cpp": "int x;\n"}, "shared/core/new.cpp: has no tests/shared/core/new_test.cpp")
        self.expect({"tests/shared/gone/old_test.cpp": "int x;\n"}, "old_test.cpp: tests nothing that exists")
        self.expect({"tests/shared/core/money_more_test.cpp": "int x;\n"})

    def test_a_source_may_name_the_test_that_covers_it(self):
        line = "shared/core/new.cpp tests/shared/core/money_test.cpp\n"
        self.expect({"shared/core/new.cpp": "int x;\n", "tests/tidy/covered.txt": "# why\n" + line})
        self.expect({"tests/tidy/covered.txt": line}, "new.cpp does not need its line any more")
        own = {"shared/core/new.cpp": "int x;\n", "tests/shared/core/new_test.cpp": "int x;\n", "tests/tidy/covered.txt": line}
        self.expect(own, "new.cpp does not need its line any more")
        gone = "shared/core/new.cpp tests/shared/core/gone_test.cpp\n"
        self.expect({"shared/core/new.cpp": "int x;\n", "tests/tidy/covered.txt": gone}, "which is not there")

    def test_every_room_has_a_page(self):
        self.expect({"services/order/main.cpp": "int main() {}\n"}, "services/order: has no README.md")

    def test_form(self):
        self.expect({"shared/core/money.hpp": "#include <string>\n"}, "money.hpp:1: a header begins with #pragma once")
        self.expect(self.cpp("int a; \n"), "money.cpp:2: blanks at the end")
        self.expect(self.cpp("\tint a;\n"), "money.cpp:2: a tab")
        self.expect(self.cpp("int a;"), "money.cpp: no line feed at the end")
        self.expect({"docs/page.md": b"\xff\xfe\n"}, "docs/page.md: not UTF-8")

    def test_project_text(self):
        for text in ("see /work/main/x", "in /root/x", "at /home/somebody", "written by an AI", "asked Claude"):
            with self.subTest(text):
                self.expect({"docs/page.md": f"# page\n{text}\n"}, "docs/page.md:2: '")
        self.expect({"docs/page.md": "network of /api/work/items, $HOME/work/x, workers, /rooted, FAIL, MAIL\n"})


if __name__ == "__main__":
    unittest.main()
