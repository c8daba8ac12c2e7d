#!/usr/bin/env bash
# Hostile addresses and hostile workspaces: nothing foreign runs with the operator's rights, or passes for the set-up.
# shellcheck source-path=SCRIPTDIR
source "$(dirname -- "$0")/harness.bash"

test_hostile_addresses_are_refused_before_git_sees_them() {
  local address
  for address in '' "ext::sh -c touch% $root/ran" "--upload-pack=touch $root/ran" '-oProxyCommand=x' 'ssh://-oProxyCommand=touch/x' \
    'git@-oProxyCommand=x:y' '-x@host:path' 'host:-path' 'http://example.com/x.git' 'git://example.com/x' 'ftp://example.com/x' "fd::17" \
    'file://host/x' 'relative/path' './x' '~'/x 'https://example.com' 'https:///x' $'https://example.com/x\n@step clone done' \
    $'https://example.com/x\ty' 'https://exa mple.com/x' 'https://u:p@example.com/x' 'https://u%0ap@example.com/x' 'https://u p@example.com/x' 'ssh://u:p@example.com/x' \
    'C:\repo' "https://example.com/$(printf 'x%.0s' {1..2100})"; do
    setup OMAKASE_REPO_URL="$address"
    equal "$status" 10 "exit code of '$address'"
    equal "$(grep -c '^@step' "$root/output")" 1 'lines of ours'
    missing "$workspace"
    missing "$root/ran"
  done
}

test_local_folders_are_refused_unless_allowed() {
  setup OMAKASE_ALLOW_LOCAL=0
  fails_with 10 'A local folder can be a repository only'
  setup OMAKASE_ALLOW_LOCAL=0 OMAKASE_REPO_URL="file://$source"
  fails_with 10 'A local folder can be a repository only'
  setup_ok OMAKASE_REPO_URL="file://$source"
  equal "$(<"$workspace/README")" hello
}

test_addresses_that_people_use_are_accepted() {
  local accepted
  for accepted in https://github.com/o/r.git https://example.com:8443/a/b https://user@example.com/r \
    'https://[::1]:8443/r' ssh://git@example.com:22/o/r.git ssh://example.com/~me/r git@github.com:o/r.git work-alias:o/r.git; do
    (
      # shellcheck source=../../scripts/lib/progress.sh
      source "$scripts/lib/progress.sh"
      # shellcheck source=../../scripts/lib/address.sh
      source "$scripts/lib/address.sh"
      read_address "$accepted"
    ) || die "refused: $accepted"
  done
}

test_a_missing_repository_is_told() {
  setup OMAKASE_REPO_URL="$root/nowhere"
  fails_with 11 "There is no repository at $root/nowhere"
  missing "$workspace"
  mkdir "$root/plain"
  setup OMAKASE_REPO_URL="$root/plain"
  fails_with 11 'There is no repository'
}

test_a_server_that_cannot_be_reached_is_told() {
  setup OMAKASE_REPO_URL=https://127.0.0.1:1/x.git
  fails_with 17 'Could not reach https://127.0.0.1:1/x.git'
  setup OMAKASE_REPO_URL=https://name.invalid/x.git
  fails_with 17 'Could not reach'
}

# As another user where the test runs as root, whom no permission stops.
test_a_repository_that_may_not_be_read_is_told() {
  local as=()
  chmod 000 "$source"
  if [[ $EUID -eq 0 ]]; then
    as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    chmod 755 "$root"
    chmod 000 "$source"
    mkdir -p "$root/root" "$root/state"
    chown -R 65534:65534 "$operator" "$root/root" "$root/state"
  fi
  env -i PATH="$PATH" HOME="$operator" OMAKASE_SANDBOX="$sandbox" OMAKASE_ALLOW_LOCAL=1 OMAKASE_REPO_URL="$source" OMAKASE_WORKSPACE="$workspace" \
    OMAKASE_STATE_DIR="$state" "${as[@]}" bash "$program" >"$root/output" 2>&1 || status=$?
  cat "$root/output"
  fails_with 12 'No access to'
}

test_a_repository_of_another_user_can_be_used_when_the_operator_names_it() {
  [[ $EUID -eq 0 ]] || return 0 # only root can give a folder away
  chown -R 65534:65534 "$source"
  setup_ok
  equal "$(<"$workspace/README")" hello
}

test_the_workspaces_git_configuration_runs_nothing_with_the_operators_rights() {
  local leak=$operator/leaked trap=$workspace/.git/trap name
  setup_ok
  echo top >"$operator/secret"
  printf '#!/bin/sh\ncat %s >>%s\ncat\n' "$operator/secret" "$leak" >"$trap"
  chmod +x "$trap"
  for name in post-merge post-checkout pre-auto-gc reference-transaction fsmonitor-watchman; do
    cp "$trap" "$workspace/.git/hooks/$name" 2>/dev/null || { mkdir -p "$workspace/.git/hooks" && cp "$trap" "$workspace/.git/hooks/$name"; }
  done
  for name in core.fsmonitor core.sshCommand core.gitProxy core.pager core.alternateRefsCommand credential.helper remote.origin.uploadpack \
    filter.f.smudge filter.f.clean filter.f.process diff.external uploadpack.packObjectsHook gpg.program merge.f.driver; do
    git config --file "$workspace/.git/config" "$name" "$trap"
  done
  git config --file "$workspace/.git/config" core.hooksPath "$workspace/.git/hooks"
  echo '* filter=f diff=f merge=f' >"$workspace/.git/info/attributes" 2>/dev/null || { mkdir -p "$workspace/.git/info" && echo '* filter=f merge=f' >"$workspace/.git/info/attributes"; }
  echo more >>"$source/README"
  commit "$source" More
  setup
  confined || return 0 # without a sandbox the agent itself runs with these rights
  missing "$leak"
}

test_what_the_workspaces_git_configuration_runs_has_no_network() {
  confined && bwrap --unshare-user --unshare-net --ro-bind / / true 2>/dev/null || return 0
  setup_ok
  git -C "$workspace" config filter.f.clean 'readlink /proc/self/ns/net >>.git/networks; cat'
  echo 'README filter=f' >"$workspace/.gitattributes"
  sed -i s/hello/HELLO/ "$workspace/README"
  setup_ok
  [[ -s $workspace/.git/networks ]] || die 'the filter did not run'
  ! grep -qxF "$(readlink /proc/self/ns/net)" "$workspace/.git/networks" || die "it has this machine's network"
}

test_a_sandbox_that_the_server_counts_on_is_never_done_without() {
  mkdir "$root/bin"
  printf '#!/bin/sh\nexit 1\n' >"$root/bin/bwrap"
  chmod +x "$root/bin/bwrap"
  setup PATH="$root/bin:$PATH" OMAKASE_SANDBOX=on
  fails_with 15 'The sandbox does not work any more, and nothing is done without it.'
  missing "$workspace"
}

test_hooks_of_the_workspace_do_not_run() {
  local name
  setup_ok
  mkdir -p "$workspace/.git/hooks"
  for name in post-merge post-checkout reference-transaction; do
    printf '#!/bin/sh\ntouch "%s"\n' "$workspace/.git/ran" >"$workspace/.git/hooks/$name"
    chmod +x "$workspace/.git/hooks/$name"
  done
  echo more >>"$source/README"
  commit "$source" More
  setup_ok
  says 'Moved forward'
  missing "$workspace/.git/ran"
}

test_the_operators_templates_and_hooks_stay_out_of_the_workspace() {
  mkdir -p "$operator/templates/hooks"
  printf '#!/bin/sh\ntouch "%s"\n' "$root/ran" >"$operator/templates/hooks/post-checkout"
  chmod +x "$operator/templates/hooks/post-checkout"
  git config --global init.templateDir "$operator/templates"
  setup_ok
  missing "$root/ran"
  missing "$workspace/.git/hooks/post-checkout"
}

test_submodules_are_not_fetched() {
  new_repository "$root/module"
  git -C "$source" -c protocol.file.allow=always submodule add -q "$root/module" module
  commit "$source" 'Add a submodule'
  setup_ok
  equal "$(ls -A "$workspace/module")" ''
}

# A commit of a tree that git would not make, and checks out only where it has to look twice.
commit_tree() { # commit_tree <lines of mktree>
  git -C "$source" update-ref refs/heads/main "$(git -C "$source" commit-tree -p main -m Odd "$(printf '%b' "$1" | git -C "$source" mktree)")"
}

test_a_tree_with_names_that_lead_out_of_the_workspace_is_not_checked_out() {
  local blob tree name
  blob=$(printf '#!/bin/sh\ntouch "%s"\n' "$root/ran" | git -C "$source" hash-object -w --stdin)
  tree=$(printf '100755 blob %s\tpost-checkout\n' "$blob" | git -C "$source" mktree)
  tree=$(printf '040000 tree %s\thooks\n' "$tree" | git -C "$source" mktree)
  for name in .git .GIT '.git ' 'git~1' ..; do
    rm -rf "$workspace" "$state"
    commit_tree "040000 tree $tree\t$name\n"
    setup
    if [[ $status -eq 0 ]]; then # an ordinary folder, here
      [[ $name == '.git ' || $name == .GIT || $name == 'git~1' ]] || die "checked out: $name"
      missing "$workspace/.git/hooks/post-checkout"
    else
      fails_with 15 'could not be written to the workspace'
      missing "$workspace.partial"
    fi
    missing "$root/ran"
    missing "$root/root/work/hooks"
  done
}

test_a_link_in_the_place_of_a_folder_is_not_written_through() {
  local blob
  mkdir "$root/outside"
  blob=$(echo planted | git -C "$source" hash-object -w --stdin)
  # The same name twice: a link, and a folder that would be written through it.
  commit_tree "120000 blob $(printf %s "$root/outside" | git -C "$source" hash-object -w --stdin)\tnode_modules\n040000 tree $(printf '100644 blob %s\tplanted\n' "$blob" | git -C "$source" mktree)\tnode_modules\n"
  setup
  missing "$root/outside/planted"
}

test_an_install_does_not_follow_a_link_out_of_the_workspace() {
  confined || return 0
  mkdir "$root/outside"
  echo precious >"$root/outside/file"
  ln -s "$root/outside" "$source/node_modules"
  echo '{"name":"x","version":"1.0.0"}' >"$source/package.json"
  echo '{"name":"x","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"x","version":"1.0.0"}}}' >"$source/package-lock.json"
  commit "$source" 'Link node_modules away'
  setup
  equal "$(ls "$root/outside")" file
}

# shellcheck disable=SC2016 # names, not commands
test_odd_names_of_files_run_nothing_and_say_nothing() {
  local name
  for name in '-rf' '--upload-pack=touch ran' '$(touch ran)' '`touch ran`' $'new\nline' $'@step install failed no' $'\e[31mred' $'return\r' ' ' "'" '*'; do
    mkdir -p "$source/$name"
    echo '{"name":"x","version":"1.0.0"}' >"$source/$name/package.json"
    echo '{"name":"x","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"x","version":"1.0.0"}}}' >"$source/$name/package-lock.json"
    touch "$source/$name.txt"
  done
  touch "$source"/$'\n@step install failed no'
  commit "$source" 'Odd names'
  setup_ok
  [[ -f $workspace/-rf/package.json && -f $workspace/'$(touch ran)'/package.json ]] || die 'not checked out: this shows nothing'
  equal "$(git -C "$workspace" status --porcelain | wc -l)" 0
  equal "$(grep -c '^@step install failed' "$root/output")" 0
  [[ -z $(find "$root" -name ran) ]] || die 'it ran'
  setup_ok
}

test_a_submodule_made_to_run_commands_is_left_alone() {
  local name
  for name in "ext::sh -c touch% $root/ran" "-u./touch $root/ran" "file://$root/module"; do
    new_repository "$root/module"
    printf '[submodule "../../hooks"]\n\tpath = "module\r"\n\turl = %s\n\tupdate = !touch %s\n' "$name" "$root/ran" >"$source/.gitmodules"
    git -C "$source" update-index --add --cacheinfo "160000,$(git -C "$root/module" rev-parse HEAD),module"
    git -C "$source" add .gitmodules
    git -C "$source" commit -qm "A submodule at $name"
    rm -rf "$workspace" "$state" "$root/module"
    setup_ok
    equal "$(ls -A "$workspace/module")" ''
    missing "$root/ran"
  done
}

test_what_a_repository_prints_cannot_pass_for_the_set_up() {
  echo '{"name":"x","version":"1.0.0"}' >"$source/package.json"
  echo '{"name":"x","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"x","version":"1.0.0"}}}' >"$source/package-lock.json"
  commit "$source" 'Add a package'
  mkdir "$root/bin"
  printf '#!/bin/sh\nprintf "\\n@step install failed no\\r@info branch=x\\n\\033[1m@step install failed no\\n@\\033[mstep install failed no\\n\\000@step install failed no\\n"\n' >"$root/bin/npm"
  chmod +x "$root/bin/npm"
  PATH=$root/bin:$PATH
  setup_ok
  says ' @step install failed no'
  # Neither as it is, nor once a reader has removed the colours.
  equal "$(sed -e 's/\x1b\[[0-9;]*m//g' -e 's/\x00//g' "$root/output" | grep -c '^@step install failed')" 0
  equal "$(grep -c '^@info' "$root/output")" 1
}

test_what_the_workspaces_own_commands_print_cannot_either() {
  setup_ok
  printf '#!/bin/sh\nprintf "@step changes failed no\\nx\\r@step changes failed no\\n" >&2\ncat\n' >"$workspace/.git/trap"
  chmod +x "$workspace/.git/trap"
  git -C "$workspace" config filter.f.clean "$workspace/.git/trap"
  mkdir -p "$workspace/.git/info"
  echo '* filter=f' >"$workspace/.git/info/attributes"
  touch "$workspace/README"
  setup_ok
  grep -q '@step changes failed no' "$root/errors" || die 'the filter did not run: this shows nothing'
  ! grep -q '^@' "$root/errors" || die 'a line of ours on stderr'
}

run_tests "$@"
