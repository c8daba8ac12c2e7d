#!/usr/bin/env bash
# The real pip and poetry. Neither Debian 12 nor npm has uv: of it there is a stand-in only (dependencies_test.sh).
# shellcheck source-path=SCRIPTDIR
source "$(dirname -- "$0")/harness.bash"
source "$(dirname -- "$0")/managers.bash"

wheel=wheels/soup-1.0-py3-none-any.whl

# The package `soup`, as an index would serve it.
add_wheel() {
  mkdir -p "$source/wheels"
  python3 - "$source/$wheel" <<'END'
import sys, zipfile
about = "soup-1.0.dist-info/"
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("soup.py", "kind = 'miso'\n")
    wheel.writestr(about + "METADATA", "Metadata-Version: 2.1\nName: soup\nVersion: 1.0\n")
    wheel.writestr(about + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(about + "RECORD", "soup.py,,\n" + "".join(f"{about}{name},,\n" for name in ("METADATA", "WHEEL", "RECORD")))
END
}

test_pip() {
  add_wheel
  echo "./$wheel" >"$source/requirements.txt"
  commit "$source" 'Require soup'
  installs_once pip '.venv/bin/python -c "import soup; print(soup.kind)"'
  echo './wheels/rice-1.0-py3-none-any.whl' >>"$source/requirements.txt"
  commit "$source" 'Require rice, which is not there'
  cannot_install pip 1 "No such file or directory: '$workspace/wheels/rice-1.0-py3-none-any.whl'"
}

test_poetry() {
  add_wheel
  cat >"$source/pyproject.toml" <<END
[tool.poetry]
name = "meal"
version = "1.0.0"
description = ""
authors = []
[tool.poetry.dependencies]
python = "^3.11"
soup = { path = "$wheel" }
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
END
  touch "$source/meal.py"
  (cd "$source" && poetry lock --no-interaction)
  commit "$source" 'Lock with poetry'
  installs_once poetry 'poetry run python -c "import soup; print(soup.kind)"'
  sed -i 's/^soup.*/&\nrice = "^1.0"/' "$source/pyproject.toml"
  commit "$source" 'Depend on rice too'
  cannot_install poetry 1 'Because meal depends on rice (^1.0) which'
}

run_tests "$@"
