#!/usr/bin/env python3
"""Checks that the folders of src/ keep to the house's plan: who may include whom, and what stays in one place.

    tools/check_layers.py [SRC]        prints each failure as file:line, and ends with 1 when there is one
"""

import pathlib
import re
import sys

# Bottom up: the order in which to read the program. A folder may include itself and what stands here.
FOLDERS = {
    "base": "",
    "model": "base",
    "runtime": "base",
    "redaction": "base",
    "net": "base runtime",
    "process": "base runtime",
    "store": "base model runtime",
    "store/dynamodb": "base model runtime store net",
    "feed": "base model runtime net redaction store",
    "access": "base model runtime store",
    "notify": "base model runtime net store feed",
    "usage": "base model runtime store feed",
    "llm": "base model runtime net",
    "runner": "base runtime process net",
    "agents": "base model runtime net process runner llm feed usage store",
    "team": "base model runtime net process runner llm feed usage store agents access",
    "practice": "base model runtime net",
    "workloads": "base model runtime net redaction llm feed usage store access",
    # Below api, which answers with the page and with its own description where no endpoint is meant.
    "assets": "base net",
    "api": "base model runtime redaction net process store feed access notify usage llm runner agents team practice "
    "workloads assets",
    "app": "base model runtime redaction net process store feed access notify usage llm runner agents team practice "
    "workloads assets api",
}

# What only some folders may name: (what it is, pattern of the line, the folders).
CONFINED = [
    (
        "a thread or a lock",
        re.compile(
            r"#\s*include\s*<(thread|mutex|shared_mutex|condition_variable|future|latch|barrier|semaphore|stop_token|pthread\.h)>"
            r"|\bstd::(jthread|thread|async|mutex|timed_mutex|recursive_mutex|shared_mutex|condition_variable(_any)?)\b"
            r"|\b(boost::)?asio::thread_pool\b|\bpthread_create\b"
        ),
        ["runtime"],
    ),
    ("Beast", re.compile(r"#\s*include\s*<boost/beast|\bboost::beast\b"), ["net"]),
    ("libcurl", re.compile(r"#\s*include\s*<curl/"), ["net"]),
    ("OpenSSL", re.compile(r"#\s*include\s*<openssl/"), ["notify"]),
    ("epoll", re.compile(r"#\s*include\s*<sys/epoll\.h>|\bepoll_(create1?|ctl|wait|pwait2?)\b"), ["runtime", "feed"]),
    ("SQLite", re.compile(r"#\s*include\s*[<\"]sqlite3"), ["store/sqlite"]),
    ("libsodium", re.compile(r"#\s*include\s*[<\"]sodium"), ["base", "store"]),
    ("blocking sleep", re.compile(r"\bthis_thread::sleep_|\b(u|nano)sleep\s*\(|(?<!\w)::sleep\s*\("), []),
]

INCLUDE = re.compile(r'#\s*include\s*"([^"]+)"')
LINE_COMMENT = re.compile(r"//.*")
SOURCES = {".h", ".cc"}


def folder_of(path):
    """The folder of the table that a path inside src/ belongs to; None where there is none."""
    parts = pathlib.PurePosixPath(path).parts[:-1]
    for length in range(len(parts), 0, -1):
        name = "/".join(parts[:length])
        if name in FOLDERS:
            return name
    return None


def may_include(folder, other):
    allowed = FOLDERS[folder].split()
    return other == folder or other in allowed or other.split("/")[0] == folder.split("/")[0]


def inside(path, folders):
    return any(path.startswith(folder + "/") for folder in folders)


def check_include(path, target, src):
    folder, other = folder_of(path), folder_of(target)
    if other is None or not (src / target).is_file():
        return f'"{target}" is no header of src/'
    if not may_include(folder, other):
        return f'{folder} may not include {other} ("{target}"); it may use: {FOLDERS[folder] or "nothing"}'
    return None


def check_file(path, text, src):
    """The failures of one file, and the headers of src/ that it includes."""
    failures, includes = [], []
    for number, raw in enumerate(text.splitlines(), 1):
        if found := INCLUDE.search(raw):
            includes.append(found.group(1))
            if failure := check_include(path, found.group(1), src):
                failures.append(f"{path}:{number}: {failure}")
        line = LINE_COMMENT.sub("", raw)
        for what, pattern, folders in CONFINED:
            if pattern.search(line) and not inside(path, folders):
                where = f"belongs in {' or '.join(folders)}" if folders else "is not done: wait for the event"
                failures.append(f"{path}:{number}: {what} {where}")
    return failures, includes


def find_cycle(graph):
    """A list of names that leads back to its first, or None."""
    state, trail = {}, []

    def visit(node):
        state[node] = "open"
        trail.append(node)
        for following in graph.get(node, []):
            if state.get(following) == "open":
                return trail[trail.index(following) :] + [following]
            if following not in state and (cycle := visit(following)):
                return cycle
        trail.pop()
        state[node] = "done"
        return None

    for start in sorted(graph):
        if start not in state and (cycle := visit(start)):
            return cycle
    return None


def check(src):
    failures, graph = [], {}
    for file in sorted(src.rglob("*")):
        if file.suffix not in SOURCES:
            continue
        path = file.relative_to(src).as_posix()
        if folder_of(path) is None:
            failures.append(f"{path}:1: no folder of the table; see FOLDERS in tools/check_layers.py")
            continue
        found, includes = check_file(path, file.read_text(encoding="utf-8"), src)
        failures += found
        graph[path] = includes
    for name in sorted({path.split("/")[0] for path in graph}):
        if not (src / name / "README.md").is_file():
            failures.append(f"{name}/README.md:1: is missing")
    if cycle := find_cycle(graph):
        failures.append(f"{cycle[0]}:1: headers include each other: {' -> '.join(cycle)}")
    return failures


def main():
    here = pathlib.Path(__file__).resolve().parent.parent / "src"
    failures = check(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here)
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
