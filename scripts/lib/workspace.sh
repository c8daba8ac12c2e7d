# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # the parts of the set-up share their variables
# The workspace: made from the mirror the first time, later moved forward only where nothing of a person's can be lost.
# Every git command here runs in the sandbox.

workspace_git() { inside "${OMAKASE_CLONE_TIMEOUT:-1800}" git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c gc.auto=0 -c maintenance.auto=false -c advice.detachedHead=false "$@"; }

# A clone is built beside its place and renamed into it, so that what is in place is always whole.
workspace_create() {
  local partial=$workspace.partial branch=$mirror_default_branch
  [[ ! -e $partial && ! -L $partial ]] || rm -rf -- "$partial" # a killed clone: the lock is ours, nobody is writing it
  mkdir -- "$partial"
  sandbox_open "$partial" "$agent_home" "$mirror"
  if mirror_is_empty; then
    workspace_git init -q --template= -b "$branch" "$partial"
    workspace_git -C "$partial" remote add origin "$address"
  else
    mirror_has_branch "$branch" || fail "$NO_REPOSITORY" "The repository has no branch \"$branch\". Correct the default branch in the project."
    measure_branch "$branch"
    [[ -z $too_large ]] || give_up_clone "$too_large_code" "$too_large"
    stream guarded "$clone_limit_mb" workspace_git clone --progress --no-hardlinks --template= -b "$branch" -- "$mirror" "$partial" || checkout_failed $?
    workspace_git -C "$partial" remote set-url origin "$address"
  fi
  copy_identity "$partial"
  mv -T -- "$partial" "$workspace"
}

checkout_failed() {
  local code
  code=$(fetch_failure "$1")
  case $code in
    "$DISK_FULL" | "$TIMED_OUT" | "$TOO_LARGE") give_up_clone "$code" "$(explain_fetch_failure "$code")" ;;
    *) give_up_clone "$WORKSPACE_UNUSABLE" "The files of $address could not be written to the workspace; git's own words are in the lines above." ;;
  esac
}

# What was begun goes: it may be what fills the disk.
give_up_clone() { # give_up_clone <exit code> <text>
  rm -rf -- "$workspace.partial"
  [[ $1 -ne $TOO_LARGE && $1 -ne $DISK_FULL ]] || rm -rf -- "$mirror"
  fail "$1" "$2"
}

# Commits made in the workspace, by the person or by the agent when asked, carry the operator's name.
copy_identity() {
  local key value
  for key in user.name user.email; do
    value=$(git -C "$mirror" config --get "$key" || true)
    [[ -z $value ]] || workspace_git -C "$1" config "$key" "$value"
  done
}

# Refuses a folder that is not this project's clone; it is somebody's, and it stays as it is.
workspace_check() {
  local top origin words
  words="The folder $workspace"
  [[ ! -L $workspace && -d $workspace ]] || fail "$WORKSPACE_UNUSABLE" "$words is not a folder of its own. Move it away and start again."
  [[ -r $workspace && -w $workspace && -x $workspace ]] || fail "$WORKSPACE_UNUSABLE" "$words cannot be read and written by this server. Correct its owner or permissions."
  top=$(workspace_git rev-parse --show-toplevel) || top=
  [[ -n $top && $top == "$(realpath -- "$workspace")" ]] ||
    fail "$WORKSPACE_UNUSABLE" "$words is there but holds no Git repository. Nothing in it was changed: move it away and start again."
  origin=$(workspace_git config --get remote.origin.url || true)
  [[ $origin == "$address" || $(cat -- "$state/workspace-made" 2>/dev/null) == "$(workspace_identity)" ]] ||
    fail "$WORKSPACE_UNUSABLE" "$words holds another repository ($(mask_passwords <<<"${origin:-without a remote}")), not $address. Nothing in it was changed: move it away, or set its remote \"origin\" to the project's address."
}

# The folder that we made for this address: a person may give its remote another address (ssh instead of https, say).
workspace_identity() { printf '%s %s\n' "$(stat -c %d:%i -- "$workspace")" "$address"; }

# Brings what the mirror has into the workspace's remote-tracking branches; touches no file and no branch of a person's.
workspace_fetch() {
  stream workspace_git fetch --no-recurse-submodules --no-write-fetch-head "$mirror" '+refs/heads/*:refs/remotes/origin/*'
}

uncommitted_count() { workspace_git status --porcelain --untracked-files=all | wc -l; }

current_branch() { workspace_git symbolic-ref --short -q HEAD || true; }

operation_in_progress() {
  local git_directory=$workspace/.git
  if [[ -e $git_directory/rebase-merge || -e $git_directory/rebase-apply ]]; then
    echo rebase
  elif [[ -e $git_directory/MERGE_HEAD ]]; then
    echo merge
  elif [[ -e $git_directory/CHERRY_PICK_HEAD ]]; then
    echo cherry-pick
  elif [[ -e $git_directory/REVERT_HEAD ]]; then
    echo revert
  elif [[ -e $git_directory/BISECT_LOG ]]; then
    echo bisect
  fi
}

# Fast-forwards the default branch when that loses nothing; otherwise says why the session starts on what is there.
workspace_catch_up() {
  local branch=$mirror_default_branch remote=refs/remotes/origin/$mirror_default_branch head operation
  begin changes 'Looking at what is in the workspace'
  head=$(current_branch)
  operation=$(operation_in_progress)
  if [[ -n $operation ]]; then
    step_warning "A $operation is in progress in the workspace; it was left as it is and nothing was updated."
  elif [[ -z $head ]]; then
    step_warning "The workspace is on no branch (detached HEAD); it was left there and not updated to $branch."
  elif [[ $head != "$branch" ]]; then
    step_warning "The workspace is on branch $head, not on $branch; it was left there and not updated."
  elif ! workspace_git show-ref --verify --quiet "$remote"; then
    step_done "The repository has no branch $branch yet; the workspace starts on what is there."
  elif ! workspace_git rev-parse --verify --quiet HEAD >/dev/null; then
    catch_up_from_nothing "$remote"
  else
    [[ $(workspace_git rev-list --left-right --count "HEAD...$remote") =~ ^([0-9]+)[[:space:]]+([0-9]+)$ ]] ||
      fail "$WORKSPACE_UNUSABLE" "Git cannot read the history of $workspace; its own words are in the lines above. Nothing in it was changed."
    catch_up_from_commit "$remote" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
  fi
}

catch_up_from_commit() { # catch_up_from_commit <remote ref> <commits ahead> <commits behind>
  local remote=$1 ahead=$2 behind=$3 changed too_large too_large_code
  changed=$(workspace_git status --porcelain --untracked-files=no | wc -l)
  if [[ $behind -eq 0 ]]; then
    step_done "$(kept "$ahead")"
  elif [[ $ahead -ne 0 ]]; then
    step_warning "The workspace has $(count "$ahead" commit) of its own and lacks $(count "$behind" commit) of $mirror_default_branch; both were left as they are. Merge or rebase when you like."
  elif [[ $changed -ne 0 ]]; then
    step_warning "$(count "$changed" 'uncommitted change') kept; the workspace was not moved forward by the $(count "$behind" 'new commit') of $mirror_default_branch."
  elif measure_branch "$mirror_default_branch" && [[ -n $too_large ]]; then
    step_warning "The workspace was not moved forward. $too_large"
  elif workspace_git merge --ff-only --no-overwrite-ignore --no-stat "$remote" 2>&1 | as_output; then
    step_done "Moved forward by $(count "$behind" commit). $(kept 0)"
  else
    step_warning "The workspace could not be moved forward by the $(count "$behind" 'new commit') of $mirror_default_branch: the lines above say why. Nothing in it was changed."
  fi
}

# The repository was empty when it was cloned and now has commits.
catch_up_from_nothing() {
  if [[ -n $(workspace_git status --porcelain) || -n $(find "$workspace" -mindepth 1 -maxdepth 1 ! -name .git -print -quit) ]]; then
    step_warning "The repository has its first commits, but the workspace has files of its own: both were left as they are."
  elif workspace_git merge --ff-only --no-overwrite-ignore --no-stat "$1" 2>&1 | as_output; then
    step_done 'Moved to the first commits of the repository.'
  else
    step_warning 'The workspace could not be moved to the first commits of the repository: the lines above say why.'
  fi
}

kept() { # kept <local commits>
  local uncommitted words=
  uncommitted=$(uncommitted_count)
  [[ $1 -eq 0 ]] || words="$(count "$1" 'local commit')"
  [[ $uncommitted -eq 0 ]] || words+="${words:+ and }$(count "$uncommitted" 'uncommitted file')"
  [[ -n $words ]] && echo "$words kept." || echo 'Nothing is uncommitted.'
}

count() { # count <number> <noun>
  [[ $1 -eq 1 ]] && echo "1 $2" || echo "$1 $2s"
}

tell_state() {
  local branch commit
  branch=$(current_branch)
  commit=$(workspace_git rev-parse --short --verify --quiet HEAD || echo none)
  printf '@info %s\n' "$(one_line "branch=${branch:-(detached)} commit=$commit uncommitted=$(uncommitted_count)")"
}
