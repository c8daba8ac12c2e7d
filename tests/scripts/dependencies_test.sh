#!/usr/bin/env bash
# Dependencies: the right manager from the lockfile, nothing done while the lockfiles are unchanged, nothing left in `git status`.
# shellcheck source-path=SCRIPTDIR
source "$(dirname -- "$0")/harness.bash"

lock_of_nothing='{"name":"x","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"x","version":"1.0.0"}}}'

add_package() { # add_package <folder under the repository> [scripts]
  mkdir -p "$source/$1"
  printf '{"name":"x","version":"1.0.0","scripts":{%s}}\n' "${2:-}" >"$source/$1/package.json"
  echo "$lock_of_nothing" >"$source/$1/package-lock.json"
  commit "$source" "Add package $1"
}

# A package manager that makes the folder in $1 and notes how it was called, in the agent's home.
fake_manager() { # fake_manager <name> <folder it makes> [more shell]
  mkdir -p "$root/bin"
  # shellcheck disable=SC2016 # the fake's own shell
  printf '#!/bin/sh\necho "%s $* in ${PWD##*/}" >>"$HOME/calls"\n[ -z "%s" ] || mkdir -p "%s"\n%s\n' "$1" "$2" "$2" "${3:-}" >"$root/bin/$1"
  chmod +x "$root/bin/$1"
  PATH=$root/bin:${PATH#"$root/bin:"}
}

calls() { cat "$state/home/calls" 2>/dev/null || true; }

test_npm_installs_once_and_a_second_start_is_cached() {
  add_package .
  setup_ok
  says 'Installing the dependencies of the project with npm'
  says '@step install done Dependencies are installed.'
  setup_ok
  says '@step install done Dependencies are up to date.'
  says_nothing_of 'Installing'
  equal "$(git -C "$workspace" status --porcelain)" ''
}

test_what_an_install_creates_is_not_in_git_status() {
  fake_manager npm node_modules/left
  fake_manager python3 .venv/bin 'printf "#!/bin/sh\n" >.venv/bin/pip; chmod +x .venv/bin/pip; touch .venv/bin/x'
  touch "$source/requirements.txt"
  add_package .
  add_package 'web app'
  # shellcheck disable=SC2016 # the fake's own shell
  fake_manager npm node_modules 'touch node_modules/left'
  setup_ok
  [[ -e $workspace/node_modules/left && -e "$workspace/web app/node_modules/left" ]] || die 'not installed'
  equal "$(git -C "$workspace" status --porcelain)" ''
  echo new >"$workspace/new"
  equal "$(git -C "$workspace" status --porcelain)" '?? new'
  says 'uncommitted=0'
}

test_a_changed_lockfile_or_a_removed_folder_installs_again() {
  fake_manager npm node_modules 'touch node_modules/left'
  add_package .
  setup_ok
  setup_ok
  equal "$(calls | wc -l)" 1
  rm -rf "$workspace/node_modules"
  setup_ok
  equal "$(calls | wc -l)" 2 'after node_modules was removed'
  echo >>"$source/package-lock.json"
  commit "$source" 'Change the lockfile'
  setup_ok
  equal "$(calls | wc -l)" 3 'after the lockfile changed'
  rm -rf "$workspace"
  setup_ok
  equal "$(calls | wc -l)" 4 'in another clone'
}

test_an_interrupted_install_is_done_again() {
  fake_manager npm node_modules 'exit 1'
  add_package .
  setup
  fails_with 14 'npm could not install the dependencies of the project (exit code 1)'
  fake_manager npm node_modules
  setup_ok
  equal "$(calls | wc -l)" 2
}

test_each_lockfile_finds_its_manager() {
  local lockfile manifest manager expected
  while IFS='|' read -r lockfile manifest manager expected; do
    rm -rf "$workspace" "$state" "$source" "${root:?}/bin"
    new_repository "$source"
    touch "$source/$lockfile" "$source/$manifest"
    commit "$source" "Add $lockfile"
    fake_manager "$manager" ''
    setup_ok
    equal "$(calls | tail -n 1)" "$manager $expected in p1" "$lockfile"
    equal "$(git -C "$workspace" status --porcelain)" ''
  done <<'END'
package-lock.json|package.json|npm|ci --no-audit --no-fund
npm-shrinkwrap.json|package.json|npm|ci --no-audit --no-fund
pnpm-lock.yaml|package.json|pnpm|install --frozen-lockfile
yarn.lock|package.json|yarn|install --frozen-lockfile
bun.lock|package.json|bun|install --frozen-lockfile
bun.lockb|package.json|bun|install --frozen-lockfile
uv.lock|pyproject.toml|uv|sync --frozen
poetry.lock|pyproject.toml|poetry|install --no-interaction
Cargo.lock|Cargo.toml|cargo|fetch --locked
go.sum|go.mod|go|mod download
Gemfile.lock|Gemfile|bundle|install
END
}

test_the_newer_yarn_is_told_in_its_own_words() {
  fake_manager yarn ''
  printf '__metadata:\n  version: 8\n' >"$source/yarn.lock"
  echo '{}' >"$source/package.json"
  commit "$source" 'Use yarn'
  setup_ok
  equal "$(calls)" 'yarn install --immutable in p1'
}

test_of_two_lockfiles_the_declared_manager_counts() {
  fake_manager npm ''
  fake_manager yarn ''
  touch "$source/yarn.lock"
  add_package .
  echo '{"packageManager": "npm@10.0.0"}' >"$source/package.json"
  commit "$source" 'Declare npm'
  setup_ok
  equal "$(calls)" 'npm ci --no-audit --no-fund in p1'
}

test_packages_one_level_down_are_installed_where_they_are() {
  fake_manager npm ''
  add_package web
  add_package a/b
  setup_ok
  equal "$(calls)" 'npm ci --no-audit --no-fund in web'
}

test_a_failing_install_ends_the_start_and_shows_why() {
  fake_manager npm '' 'echo "npm error: no such package: leftpat"; exit 7'
  add_package .
  setup
  fails_with 14 'npm could not install the dependencies of the project (exit code 7); the lines above say why'
  says 'npm error: no such package: leftpat'
}

test_a_failing_install_below_the_root_is_a_warning() {
  fake_manager npm '' 'exit 7'
  add_package example
  setup_ok
  says '@step install warning npm could not install the dependencies of example (exit code 7)'
}

test_a_failing_install_says_that_the_projects_network_may_be_why() {
  confined || return 0
  fake_manager npm '' 'readlink /proc/self/ns/net >networks.log; exit 1'
  add_package .
  setup OMAKASE_NETWORK=model
  fails_with 14 "The project's network is set to the model only, which keeps installs from the internet"
  [[ $(<"$workspace/networks.log") != "$(readlink /proc/self/ns/net)" ]] || die "it has this machine's network"
  setup OMAKASE_NETWORK=open
  fails_with 14 'npm could not install the dependencies of the project (exit code 1)'
  says_nothing_of 'is set to the model only'
}

test_a_full_disk_is_told_as_such() {
  fake_manager npm '' 'echo "npm error ENOSPC: no space left on device, write"; exit 228'
  add_package .
  setup
  fails_with 13 'the disk is full'
}

test_an_install_that_never_ends_is_stopped_with_all_it_started() {
  fake_manager npm '' 'tail -f /dev/null & tail -f /dev/null'
  add_package .
  setup OMAKASE_INSTALL_TIMEOUT=1
  fails_with 16 'did not finish installing the dependencies of the project within 1 seconds'
  ! grep -lzs "$root/bin" /proc/[0-9]*/environ || die 'a process is left'
}

test_a_missing_manager_is_a_warning_that_says_how_to_get_it() {
  local lockfile manifest needed remedy
  # The system's programs without any package manager.
  mkdir "$root/programs"
  ln -s /usr/bin/* "$root/programs"
  rm -f "$root"/programs/{npm,pnpm,yarn,bun,uv,poetry,python3,cargo,go,bundle}
  export PATH=$root/programs
  while IFS='|' read -r lockfile manifest needed remedy; do
    rm -rf "$workspace" "$state" "$source"
    new_repository "$source"
    touch "$source/$lockfile" "$source/$manifest"
    commit "$source" "Add $lockfile"
    setup_ok
    says "@step install warning $needed is missing, so the dependencies of the project were not installed: install it on the server ($remedy)."
  done <<'END'
package-lock.json|package.json|npm|apt install npm
pnpm-lock.yaml|package.json|pnpm|npm install --global pnpm
yarn.lock|package.json|yarn|npm install --global yarn
bun.lock|package.json|bun|npm install --global bun
uv.lock|pyproject.toml|uv|see docs.astral.sh/uv
poetry.lock|pyproject.toml|poetry|apt install python3-poetry
requirements.txt|requirements.txt|python3|apt install python3-venv
Cargo.lock|Cargo.toml|cargo|apt install cargo
go.sum|go.mod|go|apt install golang
Gemfile.lock|Gemfile|bundle|apt install bundler
END
}

test_lockfiles_that_are_links_are_not_followed() {
  fake_manager npm ''
  add_package .
  ln -sf /dev/zero "$source/package-lock.json"
  commit "$source" 'Link'
  setup_ok
  equal "$(calls)" ''
}

test_installing_can_be_turned_off() {
  fake_manager npm ''
  add_package .
  setup_ok OMAKASE_INSTALL=0
  equal "$(calls)" ''
  says_nothing_of '@step install'
}

test_install_scripts_see_neither_the_operators_home_nor_the_servers_environment() {
  echo top >"$operator/secret"
  # shellcheck disable=SC2016 # the fake's own shell
  fake_manager npm '' 'env >env.log; cat /proc/1/environ >>env.log 2>/dev/null; ls -A "'"$operator"'" >home.log 2>&1; echo written >"'"$operator"'/written" || true'
  add_package .
  setup_ok OMAKASE_REPO_URL="file://$source"
  ! grep -q OMAKASE_ "$workspace/env.log" || die 'the settings are in its environment'
  grep -q "^HOME=$state/home$" "$workspace/env.log" || die 'not the home of the agent'
  confined || return 0
  ! grep -q secret "$workspace/home.log" || die "the operator's home is there"
  missing "$operator/written"
}

run_tests "$@"
