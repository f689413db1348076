#!/usr/bin/env python3
"""The rules of the house that no compiler checks. One line per finding; exit 1 if there is any."""
import pathlib
import re
import subprocess
import sys

ROOMS = ("shared/", "services/", "operator/")
LINES_MAX = 500
FUNCTION_LINES_MAX = 70
README_LINES_MAX = 80
COVERED = "tests/tidy/covered.txt"

# A third-party library has one room, and there it stands in .cpp files. System headers are on every include path,
# so CMake cannot refuse them.
LIBRARY_HOMES = {
    r"pistache/": ("shared/http/",),
    r"curl/": ("shared/http/", "services/notification/adapters/"),
    r"librdkafka/": ("shared/kafka/",),
    r"(cppconn|mysql|mariadb)[_/]|mysql(d_error|_driver|_connection)|mysqld_error\.h|errmsg\.h": ("shared/mysql/",),
    r"hiredis/": ("shared/redis/",),
    r"openssl/": ("shared/redis/", "shared/telemetry/"),
    r"cpprest/|pplx/": ("operator/kube/",),
    r"prometheus/": ("shared/telemetry/",),
    r"nlohmann/": ("shared/core/",),
    r"yaml-cpp/": ("shared/config/",),
    r"opentelemetry/|absl/": ("shared/otlp/",),
}
# pattern -> what to use instead, and the folders that may use it
BANNED = {
    r"\.detach\(\)": ("an owned std::jthread", ()),
    r"\bstd::thread\b(?!::id|::hardware_concurrency)": ("std::jthread", ()),
    r"\bsleep_for\b|\bsleep_until\b|\busleep\(|\bnanosleep\(": ("a stop token's wait, or FakeClock", ()),
    r"\bgetenv\b|\benviron\b": ("a row of the service's config.cpp", ("shared/config/", "shared/core/crash_point.cpp")),
    r"(system|steady|high_resolution)_clock::now\(": ("Clock", ("shared/core/",)),
    r"\busing namespace std;": ("std::", ()),
    r"std::(cout|cerr|clog)\b|(?<![\w:])f?printf\(|\bputs\(": (
        "log::, or an ostream that main gives",
        ("services/*/main.cpp", "operator/main.cpp", "shared/service/program.cpp"),
    ),
    r"\brand\(\)|\bsrand\(": ("a generator that is given its seed", ()),
    r"\bFIXME\b|\bXXX\b": ("finish it, or open an issue and say TODO(#n)", ()),
    r"\bTODO\b(?!\(#\d+\))": ("TODO(#n) with the number of an issue", ()),
}
# Tests may look at the world that they test.
BANNED_IN_TESTS = (r"\.detach\(\)", r"\bsleep_for\b", r"\busing namespace std;", r"\bFIXME\b", r"\bTODO\b")

# What project text never holds: places of one machine, and how the text came about.
TEXT_FAULTS = {
    r"(?<![\w.~/-])/(work|root)/(?!\.)": "a path of one machine",
    r"(?<![\w./-])/home/\w+": "a path of one machine",
    r"\b(AI|LLM|ChatGPT|Claude|Copilot)\b": "not a word of this project",
}
TEXT_EXEMPT = ("tests/tidy/", "Dockerfile")  # the Dockerfile's paths are those inside an image
TEXT_SUFFIXES = {".cpp", ".hpp", ".md", ".txt", ".py", ".sh", ".cmake", ".yaml", ".yml", ".json", ".tpl", ".go", ".java", ".sql", ""}
SKIPPED_FOLDERS = (".git", "build", "__pycache__", "node_modules")


def project_files(root):
    """The files of the tree as git sees them, new ones included; without git, all but build results."""
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"], text=True, capture_output=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        names = [name for name in listed.stdout.split("\0") if name]
    else:
        base = pathlib.Path(root)
        names = [
            str(path.relative_to(base))
            for path in base.rglob("*")
            if path.is_file() and not set(path.relative_to(base).parts) & set(SKIPPED_FOLDERS)
        ]
    return sorted(name for name in names if (pathlib.Path(root) / name).is_file())


def under(name, folders):
    return any(re.match(re.escape(folder).replace(r"\*", "[^/]+"), name) for folder in folders)


def code_without_comments(line):
    return re.sub(r"//.*", "", re.sub(r'"(\\.|[^"\\])*"', '""', line))


def check_includes(name, lines, files):
    for number, line in enumerate(lines, 1):
        found = re.match(r'#include ([<"])([^>"]+)', line)
        if not found:
            continue
        quote, header = found.groups()
        if quote == '"' and header not in files:
            yield f'{name}:{number}: "{header}" is not a path from the root of the tree'
        for pattern, homes in LIBRARY_HOMES.items():
            if quote == "<" and re.match(pattern, header):
                if not under(name, homes) and not name.startswith("tests/"):
                    yield f"{name}:{number}: <{header}> belongs to {', '.join(homes)}"
                elif name.endswith(".hpp") and not name.endswith("_impl.hpp") and name.startswith(ROOMS):
                    yield f"{name}:{number}: <{header}> belongs in a .cpp file, so that nobody else sees it"


def check_words(name, lines):
    in_tests = name.startswith("tests/")
    for number, line in enumerate(lines, 1):
        code = code_without_comments(line)
        for pattern, (instead, homes) in BANNED.items():
            if in_tests and not pattern.startswith(BANNED_IN_TESTS):
                continue
            text = line if "TODO" in pattern or "FIXME" in pattern else code
            if re.search(pattern, text) and not under(name, homes):
                yield f"{name}:{number}: '{re.search(pattern, text).group()}' is not used here; use {instead}"
        if line != line.rstrip():
            yield f"{name}:{number}: blanks at the end of the line"
        if "\t" in line:
            yield f"{name}:{number}: a tab"


def check_functions(name, lines):
    """Finds functions by clang-format's layout: they begin and end at the margin."""
    start = None
    for number, line in enumerate(lines, 1):
        if re.match(r"[A-Za-z_~].*\(", line) and not re.match(r"(namespace|class|struct|enum|using|TEST|INSTANTIATE|#)\b", line):
            start = number
        elif line.startswith("}"):
            if start and number - start + 1 > FUNCTION_LINES_MAX and not line.startswith("};"):
                yield f"{name}:{start}: a function of {number - start + 1} lines; at most {FUNCTION_LINES_MAX}"
            start = None


def check_code(name, text, files):
    lines = text.split("\n")
    if not text.endswith("\n"):
        yield f"{name}: no line feed at the end"
    if len(lines) - 1 > LINES_MAX:
        yield f"{name}: {len(lines) - 1} lines; split it (at most {LINES_MAX})"
    if name.endswith(".hpp") and lines[0] != "#pragma once":
        yield f"{name}:1: a header begins with #pragma once"
    yield from check_includes(name, lines, files)
    yield from check_words(name, lines)
    if name.startswith(ROOMS):
        yield from check_functions(name, lines)


def read_covered(root):
    """Sources without a test of their own name: which test covers each of them."""
    path = pathlib.Path(root) / COVERED
    lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
    return dict(line.split(maxsplit=1) for line in lines if len(line.split()) > 1 and not line.startswith("#"))


def check_covered(covered, files):
    for name, by in covered.items():
        if name not in files or f"tests/{name[:-4]}_test.cpp" in files:
            yield f"{COVERED}: {name} does not need its line any more"
        elif by.split()[0] not in files:
            yield f"{COVERED}: {name} is said to be covered by {by}, which is not there"


def check_mirror(name, files, covered):
    """Every source has its test, every test its source."""
    if name.startswith(ROOMS) and name.endswith(".cpp") and not name.endswith("main.cpp"):
        if f"tests/{name[:-4]}_test.cpp" not in files and name not in covered:
            yield f"{name}: has no tests/{name[:-4]}_test.cpp"
    elif name.endswith("_test.cpp") and name.startswith(tuple(f"tests/{room}" for room in ROOMS)):
        source = name.removeprefix("tests/").removesuffix("_test.cpp")
        # "sender_recovery_test.cpp" is a further test of "sender.cpp".
        parts = source.split("_")
        stems = ["_".join(parts[:count]) for count in range(len(parts), 0, -1)]
        if not any(stem + suffix in files for stem in stems for suffix in (".cpp", ".hpp")):
            folder = source.rsplit("/", 1)[0] + "/"
            if not any(file.startswith(folder) for file in files):
                yield f"{name}: tests nothing that exists"


def check_text(name, text):
    if under(name, TEXT_EXEMPT):
        return
    for number, line in enumerate(text.split("\n"), 1):
        for pattern, why in TEXT_FAULTS.items():
            found = re.search(pattern, line)
            if found:
                yield f"{name}:{number}: '{found.group()}' is {why}"


def check_rooms(root, files):
    """Every room explains itself on one screen."""
    rooms = {"/".join(file.split("/")[:2]) for file in files if file.startswith(("shared/", "services/")) and file.count("/") > 1}
    for room in sorted(rooms):
        readme = f"{room}/README.md"
        if readme not in files:
            yield f"{room}: has no README.md"
        elif len((pathlib.Path(root) / readme).read_text(encoding="utf-8").split("\n")) > README_LINES_MAX:
            yield f"{readme}: longer than a screen ({README_LINES_MAX} lines)"


def check(root):
    names = project_files(root)
    files = set(names)
    covered = read_covered(root)
    yield from check_covered(covered, files)
    yield from check_rooms(root, files)
    for name in names:
        path = pathlib.Path(root) / name
        if path.suffix not in TEXT_SUFFIXES or path.is_symlink():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            if path.suffix in {".cpp", ".hpp", ".md", ".py"}:
                yield f"{name}: not UTF-8"
            continue
        yield from check_text(name, text)
        if path.suffix in {".cpp", ".hpp"} and name.startswith(ROOMS + ("tests/",)):
            yield from check_code(name, text, files)
            yield from check_mirror(name, files, covered)


if __name__ == "__main__":
    findings = list(check(sys.argv[1] if len(sys.argv) > 1 else "."))
    print("\n".join(findings) if findings else "tidy")
    sys.exit(bool(findings))
