# shellcheck shell=bash disable=SC2034,SC2154 # shared with harness.bash and the tests
# For tests with the real package managers, offline: what a project depends on lies in its own repository.

managers=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/managers/node_modules
# The system's tools and those that scripts/setup brings, whatever else this machine has.
PATH=$managers/.bin:${scripts%/*}/tools/node/node_modules/.bin:/usr/local/bin:/usr/bin:/bin

settings=() # of the set-up's, for this test

# What the agent's shell would find: the same tools, home and sandbox, and not the settings of an unattended install.
in_sandbox() { # in_sandbox <shell commands>: in the workspace
  # shellcheck disable=SC2016 # the inner shell's
  env -i PATH="$PATH" HOME="$operator" OMAKASE_SANDBOX="$sandbox" bash -euo pipefail -c '
    source "$1/lib/progress.sh"; source "$1/lib/commands.sh"
    sandbox_open "$2" "$3/home"
    inside 120 env -u CI sh -euc "$4"' bash "$scripts" "$workspace" "$state" "$1"
}

# The first start installs, the dependency can be used, nothing is left in `git status`, and the second start has nothing to do.
installs_once() { # installs_once <manager> <shell commands that use the dependency `soup`, and print `miso`>
  setup_ok "${settings[@]}"
  says "@step install running Installing the dependencies of the project with $1"
  says '@step install done Dependencies are installed.'
  says 'uncommitted=0'
  equal "$(in_sandbox "$2")" miso 'what the dependency says'
  equal "$(git -C "$workspace" status --porcelain)" '' 'git status'
  setup_ok "${settings[@]}"
  says '@step install done Dependencies are up to date.'
  says_nothing_of 'Installing the dependencies'
}

# A new clone of what is in the repository now.
cannot_install() { # cannot_install <manager> <its exit code> <what it says itself>
  rm -rf "$workspace"
  setup "${settings[@]}"
  fails_with 14 "$1 could not install the dependencies of the project (exit code $2); the lines above say why. Correct it in the repository or on the server, then start again."
  says "$3"
  equal "$(git -C "$workspace" status --porcelain)" '' 'git status'
}
