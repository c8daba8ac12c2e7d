#!/usr/bin/env bash
# What a start does to the workspace: made once, moved forward when that is safe, and nothing of a person's ever lost.
# shellcheck source-path=SCRIPTDIR
source "$(dirname -- "$0")/harness.bash"

new_commit() { # new_commit <file>: in the repository that the workspace comes from
  echo "$1" >"$source/$1"
  commit "$source" "Add $1"
}

leave_work_behind() {
  echo staged >"$workspace/staged"
  git -C "$workspace" add staged
  echo staged-and-changed >"$workspace/twice"
  git -C "$workspace" add twice
  echo changed >>"$workspace/twice"
  echo unstaged >>"$workspace/README"
  printf 'no newline \0 at the end' >"$workspace/un tracked é"
  mkdir "$workspace/build"
  echo ignored >"$workspace/build/out"
  echo ignored >"$workspace/my.log"
}

test_the_first_start_clones_the_default_branch() {
  git -C "$source" checkout -qb trunk
  new_commit a
  setup_ok
  equal "$(git -C "$workspace" symbolic-ref --short HEAD)" trunk
  equal "$(git -C "$workspace" rev-parse HEAD)" "$(git -C "$source" rev-parse trunk)"
  equal "$(git -C "$workspace" remote get-url origin)" "$source"
  equal "$(git -C "$workspace" status --porcelain)" ''
  says "@step clone done"
  says "@info branch=trunk commit=$(git -C "$source" rev-parse --short trunk) uncommitted=0"
  missing "$workspace.partial"
}

test_the_projects_default_branch_wins_over_the_remotes() {
  git -C "$source" branch develop
  new_commit a
  setup_ok OMAKASE_DEFAULT_BRANCH=develop
  equal "$(git -C "$workspace" symbolic-ref --short HEAD)" develop
  missing "$workspace/a"
}

test_a_default_branch_that_is_not_there_is_told() {
  setup OMAKASE_DEFAULT_BRANCH=nowhere
  fails_with 11 'no branch "nowhere"'
  setup OMAKASE_DEFAULT_BRANCH=--upload-pack=x
  fails_with 10 'not a possible name'
}

test_ten_starts_keep_every_byte_of_uncommitted_work() {
  local before i
  setup_ok
  echo stashed >>"$workspace/README"
  git -C "$workspace" stash -q
  leave_work_behind
  touch -d yesterday "$workspace/.gitignore" # git would like to note this in the index
  before=$(belongings "$workspace")
  for i in 1 2 3 4 5 6 7 8 9 10; do
    new_commit "upstream-$i"
    setup_ok
    equal "$(belongings "$workspace")" "$before" "after start $i"
  done
  says '@step changes warning 3 uncommitted changes kept'
  says "commit=$(git -C "$workspace" rev-parse --short HEAD) uncommitted=4"
}

test_a_clean_workspace_is_moved_forward() {
  setup_ok
  new_commit a
  setup_ok
  says '@step changes done Moved forward by 1 commit.'
  equal "$(git -C "$workspace" rev-parse HEAD)" "$(git -C "$source" rev-parse HEAD)"
  equal "$(git -C "$workspace" status --porcelain)" ''
}

test_a_workspace_that_is_to_be_taken_as_it_is_is_only_looked_at() {
  local before known
  setup_ok
  leave_work_behind
  before=$(belongings "$workspace")
  known=$(git -C "$workspace" rev-parse HEAD)
  new_commit upstream
  setup_ok OMAKASE_AS_IT_IS=1
  says '@step fetch done Another session works in this workspace; it is read as it is.'
  says "@info branch=main commit=$(git -C "$workspace" rev-parse --short HEAD) uncommitted=4"
  equal "$(belongings "$workspace")" "$before"
  equal "$(git -C "$workspace" rev-parse origin/main)" "$known" 'what was fetched last'
  equal "$(git -C "$state/repository.git" rev-parse main)" "$known" 'the mirror'
  mv "$source" "$source.gone"
  setup_ok OMAKASE_AS_IT_IS=1
  mv "$source.gone" "$source"
  setup_ok
  equal "$(git -C "$workspace" rev-parse origin/main)" "$(git -C "$source" rev-parse main)" 'fetched, without the setting'
}

test_a_workspace_that_is_not_there_is_made_even_if_it_is_to_be_taken_as_it_is() {
  setup_ok OMAKASE_AS_IT_IS=1
  says '@step clone done'
  equal "$(cat "$workspace/README")" hello
}

test_untracked_files_stay_when_the_workspace_moves_forward() {
  setup_ok
  echo mine >"$workspace/notes"
  new_commit a
  setup_ok
  says 'Moved forward by 1 commit. 1 uncommitted file kept.'
  equal "$(<"$workspace/notes")" mine
}

test_untracked_and_ignored_files_in_the_way_are_kept() {
  local before path
  for path in notes my.log build/out build; do
    rm -rf "$workspace" "$state" "$source"
    new_repository "$source"
    setup_ok
    if [[ $path == build ]]; then
      mkdir "$workspace/build"
      echo mine >"$workspace/build/out"
    else
      mkdir -p "$(dirname "$workspace/$path")"
      echo mine >"$workspace/$path"
    fi
    before=$(belongings "$workspace")
    mkdir -p "$(dirname "$source/$path")"
    echo theirs >"$source/$path"
    git -C "$source" add -f "$path"
    commit "$source" "Add $path"
    setup_ok
    says '@step changes warning The workspace could not be moved forward'
    equal "$(belongings "$workspace")" "$before" "$path"
  done
}

test_an_edit_that_git_was_told_not_to_see_is_kept() {
  local before flag
  for flag in --assume-unchanged --skip-worktree; do
    rm -rf "$workspace" "$state"
    setup_ok
    git -C "$workspace" update-index "$flag" README
    echo 'my own settings' >"$workspace/README"
    before=$(sha256sum <"$workspace/README")
    echo "theirs $flag" >>"$source/README"
    commit "$source" 'Change README'
    setup_ok
    equal "$(sha256sum <"$workspace/README")" "$before" "$flag"
  done
}

test_local_commits_stay_and_divergence_is_told() {
  local before
  setup_ok
  echo mine >"$workspace/mine"
  commit "$workspace" 'Mine'
  before=$(belongings "$workspace")
  setup_ok
  says '@step changes done 1 local commit kept.'
  new_commit a
  new_commit b
  setup_ok
  says '@step changes warning The workspace has 1 commit of its own and lacks 2 commits of main'
  equal "$(belongings "$workspace")" "$before"
}

test_another_branch_or_none_is_left_as_it_is() {
  local before
  setup_ok
  git -C "$workspace" checkout -qb feature
  before=$(belongings "$workspace")
  new_commit a
  setup_ok
  says '@step changes warning The workspace is on branch feature, not on main'
  says '@info branch=feature '
  equal "$(belongings "$workspace")" "$before"
  git -C "$workspace" checkout -q --detach
  setup_ok
  says 'on no branch (detached HEAD)'
  says '@info branch=(detached) '
}

test_a_merge_or_rebase_in_progress_is_left_as_it_is() {
  local before
  setup_ok
  git -C "$workspace" checkout -qb other
  echo theirs >"$workspace/README"
  commit "$workspace" 'Theirs'
  git -C "$workspace" checkout -q main
  echo ours >"$workspace/README"
  commit "$workspace" 'Ours'
  ! git -C "$workspace" merge -q other || die 'no conflict'
  before=$(belongings "$workspace")
  setup_ok
  says '@step changes warning A merge is in progress'
  equal "$(belongings "$workspace")" "$before"
  git -C "$workspace" merge --abort
  ! git -C "$workspace" rebase -q other || die 'no conflict'
  setup_ok
  says 'A rebase is in progress'
}

test_a_rewritten_remote_branch_is_divergence() {
  new_commit a
  setup_ok
  git -C "$source" reset -q --hard HEAD~1
  new_commit b
  setup_ok
  says 'has 1 commit of its own and lacks 1 commit'
  equal "$(<"$workspace/a")" a
}

test_a_start_without_the_remote_begins_with_what_is_there() {
  setup_ok
  echo mine >"$workspace/notes"
  mv "$source" "$source.away"
  setup_ok
  says '@step fetch warning There is no repository at'
  says 'The session starts on what is there.'
  says '@info branch=main '
  equal "$(<"$workspace/notes")" mine
}

test_an_empty_repository_works_and_takes_its_first_commit() {
  rm -rf "$source"
  git init -q --bare -b main "$source"
  setup_ok
  says '@info branch=main commit=none uncommitted=0'
  setup_ok
  git init -q -b main "$root/other"
  echo first >"$root/other/first"
  commit "$root/other" 'First'
  git -C "$root/other" push -q "$source" main
  setup_ok
  says '@step changes done Moved to the first commits'
  equal "$(<"$workspace/first")" first
}

test_the_first_commits_do_not_touch_files_of_an_empty_workspace() {
  rm -rf "$source"
  git init -q --bare -b main "$source"
  setup_ok
  echo mine >"$workspace/first"
  git init -q -b main "$root/other"
  echo first >"$root/other/first"
  commit "$root/other" 'First'
  git -C "$root/other" push -q "$source" main
  setup_ok
  says '@step changes warning The repository has its first commits'
  equal "$(<"$workspace/first")" mine
}

test_commits_in_the_workspace_have_the_operators_name() {
  setup_ok
  equal "$(env -i PATH="$PATH" HOME=/nonexistent git -C "$workspace" config user.email)" ada@example.com
}

test_a_folder_that_is_not_the_projects_is_refused_and_left() {
  mkdir -p "$workspace"
  echo mine >"$workspace/file"
  setup
  fails_with 15 'holds no Git repository'
  equal "$(ls -A "$workspace") $(<"$workspace/file")" 'file mine'

  rm -rf "$workspace"
  new_repository "$workspace"
  setup
  fails_with 15 'holds another repository'
  equal "$(git -C "$workspace" log --format=%s)" Begin

  rm -rf "$workspace"
  ln -s "$source" "$workspace"
  setup
  fails_with 15 'not a folder of its own'
  equal "$(<"$source/README")" hello
}

test_a_workspace_inside_another_repository_is_not_taken_for_it() {
  git init -q "$root/root"
  mkdir -p "$workspace"
  echo mine >"$workspace/file"
  setup
  fails_with 15 'holds no Git repository'
}

test_the_remote_may_get_another_address_of_the_same_repository() {
  setup_ok
  git -C "$workspace" remote set-url origin git@example.com:me/fork.git
  new_commit a
  setup_ok
  says 'Moved forward by 1 commit.'
  equal "$(git -C "$workspace" remote get-url origin)" git@example.com:me/fork.git
}

test_another_repository_address_is_not_mixed_into_the_workspace() {
  setup_ok
  new_repository "$root/second"
  setup OMAKASE_REPO_URL="$root/second"
  fails_with 15 'holds another repository'
}

test_what_a_killed_clone_left_is_cleared_away() {
  mkdir -p "$workspace.partial/.git"
  echo half >"$workspace.partial/half"
  mkdir -p "$state/repository.git/objects/pack"
  echo half >"$state/repository.git/objects/pack/tmp_pack_x"
  setup_ok
  missing "$workspace.partial"
  missing "$workspace/half"
  missing "$state/repository.git/objects/pack/tmp_pack_x"
  equal "$(<"$workspace/README")" hello
}

test_a_set_up_killed_while_it_fetches_is_made_good_by_the_next() {
  local real status=0
  real=$(command -v git)
  mkdir "$root/bin"
  # A git that kills the whole set-up in the middle of the fetch.
  cat >"$root/bin/git" <<END
#!/bin/bash
[[ " \$* " != *' fetch '* ]] || { kill -KILL -- "-\$(cat "$root/group")"; exit 1; }
exec $real "\$@"
END
  chmod +x "$root/bin/git"
  # shellcheck disable=SC2016 # the inner shell's
  setsid --wait env -i PATH="$root/bin:$PATH" HOME="$operator" OMAKASE_SANDBOX="$sandbox" OMAKASE_ALLOW_LOCAL=1 OMAKASE_REPO_URL="$source" \
    OMAKASE_WORKSPACE="$workspace" OMAKASE_STATE_DIR="$state" bash -c 'echo $$ >"$1"; exec bash "$2"' bash "$root/group" "$program" || status=$?
  equal "$status" 137 'exit code of the killed set-up'
  missing "$workspace"
  setup_ok
  equal "$(<"$workspace/README")" hello
}

test_a_full_disk_is_told_and_what_was_begun_is_cleared_away() {
  local full
  if ! unshare -rm mount -t tmpfs none "$root" 2>/dev/null; then
    return 0 # no way to make a small disk here
  fi
  head -c 3000000 /dev/urandom >"$source/large"
  commit "$source" 'Add something large'
  for full in state root; do
    mkdir -p "$root/$full"
    export full
    export -f setup fails_with missing die equal
    export scripts sandbox root operator source workspace state context program secrets
    # shellcheck disable=SC2016 # the inner shell's
    unshare -rm bash -euc 'mount -t tmpfs -o size=1m none "$root/$full"; setup OMAKASE_FREE_DISK_MB=0; fails_with 13 "disk"; missing "$workspace.partial"; equal "$(find "$root/$full" -size +100k)" ""'
    rm -rf "$root/state" "$root/root"
  done
}

test_a_broken_mirror_is_made_anew() {
  setup_ok
  new_commit a
  find "$state/repository.git/objects" -type f -exec rm -f {} +
  setup_ok
  says 'Moved forward by 1 commit.'
}

test_set_ups_of_one_workspace_take_turns() {
  local first second
  setup_ok
  flock "$state/setup.lock" true
  exec 8>"$state/setup.lock"
  flock 8
  setup OMAKASE_LOCK_TIMEOUT=1
  fails_with 16 'still running'
  exec 8>&-
  rm -rf "$workspace" "$state"
  (setup_ok) &
  first=$!
  (root=$root/b && mkdir "$root" && ln -s ../agent "$root/agent" && setup_ok) &
  second=$!
  wait "$first"
  wait "$second"
  equal "$(<"$workspace/README")" hello
}

run_tests "$@"
