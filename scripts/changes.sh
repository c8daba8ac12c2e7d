#!/usr/bin/env bash
# Prints how a workspace differs from where it left the repository's branch: committed, uncommitted and untracked alike.
#   changes.sh <workspace> <default branch> <shown|patch>
# On stdout: five fields, each ended by NUL (base's name, base's commit, branch, commit, number of local commits; empty where there
# is none), then one unified diff to the end: `shown` for people, `patch` with binary files, for `git apply`.
# Exit 1: git could not compare; the end of its own words is on stderr.
#
# The workspace is hostile and stays as it is: the server runs this in a sandbox without network, where the workspace is
# read-only. Its git configuration is read only to find commits; the comparison has a git folder and an index of its own.
set -euo pipefail
ulimit -d 2097152 -f 1048576 # KiB of memory and of each file, a hostile workspace's share

workspace=$1
default_branch=$2
style=$3
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
exec 3>&2 2>"$scratch/words"

export LC_ALL=C GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_ATTR_NOSYSTEM=1 GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0
export GIT_ALLOW_PROTOCOL=none GIT_NO_REPLACE_OBJECTS=1 GIT_PAGER=cat
cd -- "$workspace"

give_up() {
  tail -c 2000 "$scratch/words" >&3
  exit 1
}

theirs() { git --git-dir="$workspace/.git" --work-tree="$workspace" -c core.fsmonitor=false -c core.hooksPath=/dev/null "$@"; }

# What is compared with: where HEAD left the default branch as it was last fetched; HEAD itself where that is not known; nothing
# where the repository has no commit.
find_base() {
  local remote=refs/remotes/origin/$default_branch
  branch=$(theirs symbolic-ref -q --short HEAD || true)
  head=$(theirs rev-parse -q --verify 'HEAD^{commit}' || true)
  base='' base_name='' local_commits=0 commit=''
  [[ -n $head ]] || return 0
  commit=$(theirs rev-parse --short "$head")
  if base=$(theirs merge-base "$head" "$remote"); then
    base_name=origin/$default_branch
  elif [[ -n $(theirs for-each-ref --count=1 refs/remotes/origin) ]]; then
    base=$head base_name=HEAD
  fi
  local_commits=$(theirs rev-list --count "$head" ${base:+"^$base"})
}

# A git folder that nobody else has written, which sees the objects of the workspace's.
own_repository() {
  local format
  format=$(theirs rev-parse --show-object-format)
  git init -q --bare --template= --object-format="$format" "$scratch/git"
  export GIT_DIR=$scratch/git GIT_WORK_TREE=$workspace GIT_ALTERNATE_OBJECT_DIRECTORIES=$workspace/.git/objects
  # Larger files are told to differ, and not read.
  git config core.bigFileThreshold 16m
  git config core.quotePath false
  git config core.excludesFile "$workspace/.git/info/exclude"
  # With their times, by which git knows what has not been touched since.
  ! [[ -f .git/index ]] || cp -p .git/index "$scratch/git/index"
  for shared in .git/sharedindex.*; do
    ! [[ -f $shared ]] || cp -p "$shared" "$scratch/git/"
  done
}

compare() {
  local tree=$base options=(--no-color --no-ext-diff --no-textconv --ignore-submodules=dirty)
  [[ -n $tree ]] || tree=$(git hash-object -t tree /dev/null)
  # To find what was renamed, git holds every new file in memory at once.
  [[ $(git diff "${options[@]}" --no-renames --name-only -z "$tree" -- | tr -cd '\0' | wc -c) -gt 10000 ]] || options+=(--find-renames)
  [[ $style != patch ]] || options+=(--binary --full-index)
  git diff --no-renames "${options[@]}" "$tree" --
}

find_base || give_up
own_repository || give_up
# What is untracked gets an entry without content, in our index. Git passes over what it cannot take, such as the folder of
# another repository without a commit.
git add --intent-to-add --ignore-errors -- . || [[ $? -eq 1 ]] || give_up
printf '%s\0' "$base_name" "${base:+$(theirs rev-parse --short "$base")}" "$branch" "$commit" "$local_commits"
compare || give_up
