#!/usr/bin/env bash
# A repository or an install that takes more than its share is stopped, with all it started, and the last line says what and why.
# shellcheck source-path=SCRIPTDIR
source "$(dirname -- "$0")/harness.bash"

add_package_with() { # add_package_with <shell commands of its install>: the manager is npm's stand-in
  echo '{"name":"x","version":"1.0.0"}' >"$source/package.json"
  echo '{}' >"$source/package-lock.json"
  commit "$source" 'Add a package'
  mkdir -p "$root/bin"
  printf '#!/bin/bash\n%s\n' "$1" >"$root/bin/npm"
  chmod +x "$root/bin/npm"
  PATH=$root/bin:$PATH
}

nothing_is_left() { # nothing_is_left: of the install, which has the test's folder in its environment or arguments
  ! grep -lsa "$root/bin" /proc/[0-9]*/{environ,cmdline} | grep -v "^/proc/$$/" || die 'a process is left'
}

on_a_small_disk() { # on_a_small_disk <size> <shell commands>: with the workspaces and states on it
  unshare -rm true 2>/dev/null || exit 0
  export -f setup setup_ok fails_with says equal missing die add_package_with commit
  export root scripts sandbox operator source workspace state context program secrets
  # shellcheck disable=SC2016 # the inner shell's
  unshare -rm bash -euc 'mkdir "$root/disk"; mount -t tmpfs -o "size=$1" none "$root/disk"; workspace=$root/disk/work/p1 state=$root/disk/state/p1; eval "$2"' bash "$1" "$2"
}

test_a_fork_bomb_is_ended() {
  # With a bound of its own, should nobody stop it; each stays.
  # shellcheck disable=SC2016 # the install's own shell
  add_package_with 'for ((at = 0; at < 150; at++)); do tail -f /dev/null & done; wait'
  setup OMAKASE_MAX_PROCESSES=100
  fails_with 14 'npm was installing the dependencies of the project, which started more than 100 processes and was stopped with all of them'
  nothing_is_left
}

test_what_an_install_leaves_running_is_ended_and_nobody_waits_for_it() {
  add_package_with 'tail -f /dev/null & echo installed'
  setup_ok
  says installed
  nothing_is_left
}

test_a_daemon_that_an_install_leaves_is_ended_with_its_sandbox() {
  confined || return 0
  add_package_with 'setsid -f tail -f /dev/null; echo installed'
  setup_ok OMAKASE_INSTALL_LIMIT_MB=100
  nothing_is_left
}

test_an_install_that_fills_the_disk_is_stopped_before_it_is_full() {
  # shellcheck disable=SC2016 # the inner shell's
  on_a_small_disk 100m '
    add_package_with "mkdir -p node_modules; head -c 80000000 /dev/zero >node_modules/hog; tail -f /dev/null"
    setup OMAKASE_FREE_DISK_MB=40
    fails_with 13 "npm was installing the dependencies of the project, and the disk was nearly full: it was stopped with less than 40 MB left"
  '
  nothing_is_left
}

test_an_install_that_writes_more_than_its_limit_is_stopped() {
  # shellcheck disable=SC2016 # the inner shell's
  on_a_small_disk 200m '
    add_package_with "mkdir -p node_modules; for n in 1 2 3; do head -c 20000000 /dev/zero >node_modules/\$n; done; tail -f /dev/null"
    setup OMAKASE_FREE_DISK_MB=1 OMAKASE_INSTALL_LIMIT_MB=30
    fails_with 14 "took more disk than it may have and was stopped. The limit is 30 MB"
  '
  nothing_is_left
}

test_one_file_of_an_install_cannot_be_larger_than_its_limit() {
  add_package_with 'mkdir -p node_modules; head -c 5000000 /dev/zero >node_modules/hog'
  setup OMAKASE_INSTALL_LIMIT_MB=2
  fails_with 14 'npm could not install'
  [[ $(stat -c %s "$workspace/node_modules/hog") -le 2097152 ]] || die 'it is larger'
}

test_an_install_that_uses_up_the_memory_is_stopped() {
  local free
  # As if it took what is free now: half of it has to stay.
  free=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
  [[ $free -gt 2000000 ]] || return 0
  # shellcheck disable=SC2016 # the install's own shell
  add_package_with 'hog=$(head -c 700000000 /dev/zero | tr "\0" x); tail -f /dev/null'
  setup OMAKASE_FREE_MEMORY_MB=$((free / 1024 - 300))
  fails_with 14 "npm was installing the dependencies of the project, and the server's memory ran out"
  nothing_is_left
}

test_endless_output_is_cut_and_its_end_is_shown() {
  add_package_with 'seq 1 30000; printf "@step install failed forged\nthe reason\n"; exit 3'
  setup
  fails_with 14 'npm could not install the dependencies of the project (exit code 3)'
  [[ $(wc -l <"$root/output") -lt 6000 ]] || die 'all of it was shown'
  says '[More was printed than is shown. It ended with:]'
  says $'\nthe reason\n'
  equal "$(grep -c '^@step install failed' "$root/output")" 1
}

test_a_disk_without_room_is_told_before_anything_is_begun() {
  setup OMAKASE_FREE_DISK_MB=900000000
  fails_with 13 'MB free, and 900000000 MB are kept free. Free some space'
  missing "$workspace"
  missing "$state/repository.git"
}

test_a_repository_that_is_larger_than_its_limit_is_not_cloned() {
  head -c 3000000 /dev/urandom >"$source/large"
  commit "$source" 'Add something large'
  setup OMAKASE_CLONE_LIMIT_MB=2
  fails_with 18 "larger than the 2 MB that a clone may take here"
  missing "$workspace"
  missing "$workspace.partial"
  missing "$state/repository.git"
}

test_files_that_are_larger_than_their_history_are_measured_before_they_are_written() {
  head -c 50000000 /dev/zero >"$source/zeros"
  commit "$source" 'Add zeros'
  setup OMAKASE_CLONE_LIMIT_MB=20
  fails_with 18 'larger than the 20 MB'
  missing "$workspace.partial"
}

# A hundred folders in a hundred folders in a hundred, all of them the same: a few objects.
add_a_million_files() {
  local object
  object=$(git -C "$source" hash-object -w --stdin </dev/null)
  object=$(seq 101 | sed "s/.*/100644 blob $object\t&/" | git -C "$source" mktree)
  for _ in 1 2; do object=$(seq 100 | sed "s/.*/040000 tree $object\t&/" | git -C "$source" mktree); done
  git -C "$source" update-ref refs/heads/main "$(git -C "$source" commit-tree -p main -m 'Add files' "$object")"
}

test_a_repository_of_a_million_files_is_not_checked_out() {
  add_a_million_files
  setup
  fails_with 18 'has more than 1000000 files'
  missing "$workspace"
  missing "$workspace.partial"
}

test_a_workspace_is_not_moved_forward_to_a_million_files() {
  local before
  setup_ok
  before=$(belongings "$workspace")
  add_a_million_files
  setup_ok
  says '@step changes warning The workspace was not moved forward. The branch main of'
  equal "$(belongings "$workspace")" "$before"
}

run_tests "$@"
