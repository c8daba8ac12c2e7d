#!/usr/bin/env bash
# Makes a project's workspace ready: clones it the first time, fetches later, installs its dependencies.
# All input comes from the environment and all progress goes to stdout; README.md holds both.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib/progress.sh"
source "$here/lib/commands.sh"
source "$here/lib/limits.sh"
source "$here/lib/address.sh"
source "$here/lib/mirror.sh"
source "$here/lib/workspace.sh"
source "$here/lib/dependencies.sh"
start_telling

read_settings() {
  workspace=${OMAKASE_WORKSPACE:-}
  state=${OMAKASE_STATE_DIR:-}
  [[ ! -d $workspace/.git ]] || current_step=fetch
  read_address "${OMAKASE_REPO_URL:-}"
  read_credentials
  [[ $workspace == /?* && $state == /?* && $workspace$state != *[[:cntrl:]]* && /$workspace/$state/ != */../* ]] ||
    fail "$WORKSPACE_UNUSABLE" 'The server gave no absolute folder for the workspace and its state.'
  [[ -z ${OMAKASE_DEFAULT_BRANCH:-} ]] || git check-ref-format --branch "$OMAKASE_DEFAULT_BRANCH" >/dev/null 2>&1 ||
    fail "$BAD_ADDRESS" 'The default branch is not a possible name of a branch. Correct it in the project.'
  mirror=$state/repository.git
  agent_home=${OMAKASE_AGENT_HOME:-$state/home}
}

make_folders() {
  local parent=${workspace%/*}
  if ! mkdir -p -- "$parent" "$state" "$agent_home" || ! chmod 700 -- "$state" "$agent_home" || [[ ! -w $parent ]]; then
    fail "$WORKSPACE_UNUSABLE" "The folders $parent and $state cannot be written. Correct their owner or permissions, or free some space."
  fi
  workspace=$(realpath -- "$parent")/${workspace##*/}
}

# One set-up of a workspace at a time; the lock goes with the process that holds it.
take_lock() {
  exec 9>"$state/setup.lock"
  flock -n 9 || {
    echo 'Another set-up of this workspace is running; waiting for it.'
    flock -w "${OMAKASE_LOCK_TIMEOUT:-300}" 9 || fail "$TIMED_OUT" 'Another set-up of this workspace is still running. Wait for it to end, then start again.'
  }
}

clone_workspace() {
  local status=0
  begin clone "Cloning $address"
  require_disk
  update_mirror_with_retry || status=$?
  [[ $status -ne $DISK_FULL && $status -ne $TOO_LARGE ]] || rm -rf -- "$mirror" # a cache, and it may be what fills the disk
  [[ $status -eq 0 ]] || fail "$status" "$(explain_fetch_failure "$status")"
  workspace_create
  workspace_identity >"$state/workspace-made"
  step_done "Cloned $address"
  sandbox_open "$workspace" "$agent_home" "$mirror"
}

fetch_workspace() {
  local status=0
  begin fetch "Fetching $address"
  sandbox_open "$workspace" "$agent_home" "$mirror"
  workspace_check
  update_mirror_with_retry || status=$?
  if [[ $status -ne 0 ]]; then
    known_default_branch
    step_warning "$(explain_fetch_failure "$status") The session starts on what is there."
  elif workspace_fetch; then
    step_done "Fetched $address"
  else
    step_warning 'What was fetched could not be brought into the workspace: the lines above say why. The session starts on what is there.'
  fi
}

# An agent is at work there; another one that only reads takes it as it is.
use_as_it_is() {
  begin fetch 'Looking at the workspace'
  sandbox_open "$workspace" "$agent_home" "$mirror"
  workspace_check
  known_default_branch
  step_done 'Another session works in this workspace; it is read as it is.'
}

# The mirror is a cache: when git finds it broken, it is fetched anew, once.
update_mirror_with_retry() {
  local status=0 seconds=${OMAKASE_CLONE_TIMEOUT:-1800}
  mirror_update "$seconds" || status=$?
  [[ $status -eq $WORKSPACE_UNUSABLE ]] || return "$status"
  rm -rf -- "$mirror"
  mirror_update "$seconds"
}

main() {
  read_settings
  read_limits
  make_folders
  take_lock
  if [[ -d $workspace && ! -L $workspace && -z $(ls -A -- "$workspace") ]] || [[ ! -e $workspace && ! -L $workspace ]]; then
    clone_workspace
    workspace_catch_up
  elif [[ ${OMAKASE_AS_IT_IS:-} == 1 ]]; then
    use_as_it_is
  else
    fetch_workspace
    workspace_catch_up
  fi
  [[ ${OMAKASE_INSTALL:-1} == 0 ]] || install_dependencies
  tell_state
}

main
