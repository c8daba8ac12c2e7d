#!/usr/bin/env python3
"""Runs clang-tidy over every C++ source that changed since it was last found clean: itself, a header of src/ that it
includes, or the list of checks.

    tools/tidy.py BUILD_FOLDER [FILE...]      BUILD_FOLDER holds compile_commands.json; the memory is BUILD_FOLDER/clean/
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLANG_TIDY = "clang-tidy-19"
# A test waits at once for the coroutine that its lambda starts, and GoogleTest derives from what looks unfit for it.
LEFT_OUT_OF_TESTS = "-cppcoreguidelines-avoid-capturing-lambda-coroutines,-cppcoreguidelines-virtual-class-destructor"
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def reach(source):
    """The source and the headers of src/ that it includes, directly or not."""
    seen, waiting = set(), [source]
    while waiting:
        path = waiting.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        waiting += [ROOT / "src" / name.decode() for name in INCLUDE.findall(path.read_bytes())]
    return seen


def fingerprint(source, command, version):
    digest = hashlib.sha256(version + command.encode() + (ROOT / ".clang-tidy").read_bytes())
    for path in sorted(reach(source)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def tidy(build, source):
    checks = [f"--checks={LEFT_OUT_OF_TESTS}"] if source.stem.endswith("_test") else []
    done = subprocess.run([CLANG_TIDY, "-p", build, "--quiet", *checks, source], capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    only = {pathlib.Path(name).resolve() for name in sys.argv[2:]}
    memory = build / "clean"
    memory.mkdir(exist_ok=True)
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
    waiting = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        if build in source.parents or (only and source not in only):
            continue
        stamp = memory / fingerprint(source, entry["command"], version)
        if not stamp.exists():
            waiting[source] = stamp
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {pool.submit(tidy, build, source): source for source in waiting}
        for number, run in enumerate(concurrent.futures.as_completed(runs), 1):
            source = runs[run]
            clean, output = run.result()
            print(f"[{number}/{len(waiting)}] {source.relative_to(ROOT)}", flush=True)
            if clean:
                waiting[source].touch()
            else:
                failed += 1
                print(output, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
