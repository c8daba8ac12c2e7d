# shellcheck shell=bash disable=SC2034 # what it sets is for the tests
# The frame of a test file: `test_…` functions, each in a shell and a folder of its own, run by `run_tests "$@"` (names select).
# In a test: $operator is the operator's home, $source the repository, $workspace and $state what the server would give.
set -euo pipefail

scripts=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../scripts" && pwd)
sandbox=${OMAKASE_SANDBOX:-auto}
export GIT_CONFIG_NOSYSTEM=1 GIT_OPTIONAL_LOCKS=0 LC_ALL=C.UTF-8
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

run_tests() {
  local name failed=0
  if [[ ${1:-} == --in ]]; then # the test itself, in a bash of its own: nothing around it softens `set -e`
    prepare "$2"
    "$3"
    return
  fi
  [[ $# -gt 0 ]] || mapfile -t names < <(declare -F | sed -n 's/^declare -f \(test_\)/\1/p')
  for name in "${names[@]-}" "$@"; do
    [[ -z $name ]] || run_test "$name" || failed=$((failed + 1))
  done
  [[ $failed -eq 0 ]] || {
    echo "$failed failed"
    exit 1
  }
}

run_test() {
  local root status=0
  root=$(mktemp -d)
  bash "$0" --in "$root" "$1" >"$root/log" 2>&1 || status=$?
  if [[ $status -eq 0 ]]; then
    echo "ok      $1"
  else
    echo "FAILED  $1"
    sed 's/^/        /' "$root/log"
  fi
  chmod -R u+rwX "$root"
  rm -rf "$root"
  return "$status"
}

prepare() {
  root=$1 operator=$1/operator source=$1/source workspace=$1/root/work/p1 state=$1/state/p1 context=$1/context
  mkdir -p "$operator" "$root/agent"
  export HOME=$operator
  git config --global user.name Ada
  git config --global user.email ada@example.com
  printf '# You are Miso\n' >"$root/agent/personality.md"
  printf '# Your role\n' >"$root/agent/role.md"
  : >"$root/agent/memories.md"
  program=$scripts/agent-setup.sh
  secrets=
  new_repository "$source"
}

new_repository() { # one commit: README, and an ignore list
  git init -q -b main "$1"
  echo hello >"$1/README"
  printf '*.log\nbuild/\n' >"$1/.gitignore"
  commit "$1" 'Begin'
}

commit() { # commit <repository> <subject>: everything in it
  git -C "$1" add -A
  git -C "$1" commit -qm "$2"
}

# Runs the set-up as the server would, with $secrets on its standard input; more settings may follow. Sets $status and $output.
setup() {
  status=0
  env -i PATH="$PATH" HOME="$operator" LANG=C.UTF-8 \
    OMAKASE_SANDBOX="$sandbox" OMAKASE_ALLOW_LOCAL=1 OMAKASE_REPO_URL="$source" OMAKASE_WORKSPACE="$workspace" OMAKASE_STATE_DIR="$state" \
    OMAKASE_CONTEXT_DIR="$context" OMAKASE_ROLE_FILE="$root/agent/role.md" OMAKASE_PERSONALITY_FILE="$root/agent/personality.md" \
    OMAKASE_MEMORIES_FILE="$root/agent/memories.md" "$@" bash "$program" <<<"$secrets" >"$root/output" 2>"$root/errors" || status=$?
  output=$(<"$root/output")
  printf -- '--- setup %s: %s\n%s\n' "$*" "$status" "$output"
  cat "$root/errors"
}

setup_ok() {
  setup "$@"
  [[ $status -eq 0 ]] || die "the set-up ended with $status"
}

fails_with() { # fails_with <exit code> <words of the last line>
  equal "$status" "$1" 'exit code'
  [[ $(tail -n 1 "$root/output") == "@step "*" failed "*"$2"* ]] || die "the last line does not say: $2"
}

says() { [[ $output == *"$1"* ]] || die "not said: $1"; }

says_nothing_of() { [[ $output$(<"$root/errors") != *"$1"* ]] || die "said: $1"; }

equal() { [[ $1 == "$2" ]] || die "${3:-value}: got '$1', expected '$2'"; }

missing() { [[ ! -e $1 && ! -L $1 ]] || die "is there: $1"; }

die() {
  echo "** $1 (line ${BASH_LINENO[1]})"
  exit 1
}

confined() { [[ $sandbox != off ]] && bwrap --unshare-user --unshare-pid --ro-bind / / true 2>/dev/null; }

# Everything of a person's in a work tree: each file's name, mode and content, the index byte for byte, refs and stashes.
belongings() {
  (cd "$1" && find . -path ./.git -prune -o -printf '%p %y %m %l\n' | sort)
  (cd "$1" && find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0r sha256sum)
  sha256sum <"$1/.git/index"
  git -C "$1" show-ref --heads || true
  git -C "$1" stash list
  git -C "$1" status --porcelain=v2 --ignored
}
