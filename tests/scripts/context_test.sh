#!/usr/bin/env bash
# What the agent is told: its character above its role, its memories, and the project's own instructions, none of it in the workspace.
# shellcheck source-path=SCRIPTDIR
source "$(dirname -- "$0")/harness.bash"

session() {
  program=$scripts/work-setup.sh
  setup_ok "$@"
}

imports() { grep '^@' "$context/.claude/rules/project.md" || true; }

test_the_personality_and_the_role_are_pieces_of_their_own() {
  session
  equal "$(<"$context/CLAUDE.md")" '# You are Miso'
  equal "$(<"$context/.claude/rules/role.md")" '# Your role'
  says '@step context done'
  equal "$(tail -n 1 "$root/output" | cut -c1-19)" '@step context done '
}

test_every_agent_has_a_personality_and_a_role() {
  local row
  for row in miso/architect nori/coder koji/reviewer toro/tester; do
    session OMAKASE_PERSONALITY_FILE="$scripts/personalities/${row%/*}.md" OMAKASE_ROLE_FILE="$scripts/roles/${row#*/}/CLAUDE.md"
    [[ $(<"$context/CLAUDE.md") == *"${row#*/}"* && $(<"$context/.claude/rules/role.md") == *"${row#*/}"* ]] || die "$row"
  done
}

test_memories_are_written_anew_at_each_start() {
  echo '- the tests need a database' >"$root/agent/memories.md"
  session
  grep -q 'the tests need a database' "$context/.claude/rules/memories.md" || die 'not there'
  echo '- the tests need nothing' >"$root/agent/memories.md"
  session
  equal "$(tail -n 1 "$context/.claude/rules/memories.md")" '- the tests need nothing'
  session OMAKASE_MEMORIES_FILE=
  equal "$(tail -n 1 "$context/.claude/rules/memories.md")" 'Nothing yet.'
}

test_the_projects_instructions_are_imported() {
  mkdir -p "$source/.claude/rules" "$source/web" "$source/packages/a" "$source/node_modules/x"
  touch "$source/packages/a/CLAUDE.md" "$source/CLAUDE.md" "$source/.claude/CLAUDE.md" "$source/.claude/rules/style of code.md" "$source/web/CLAUDE.md" "$source/node_modules/x/CLAUDE.md"
  printf -- '---\npaths: ["web/**"]\n---\nOnly there.\n' >"$source/.claude/rules/web.md"
  commit "$source" 'Add instructions'
  session
  echo mine >"$workspace/CLAUDE.local.md"
  session
  equal "$(imports)" "@$workspace/CLAUDE.md
@$workspace/.claude/CLAUDE.md
@$workspace/CLAUDE.local.md
@$workspace/.claude/rules/style\\ of\\ code.md"
  equal "$(grep '^- ' "$context/.claude/rules/project.md")" $'- packages/a/CLAUDE.md\n- web/CLAUDE.md'
}

test_links_out_of_the_workspace_are_not_imported() {
  mkdir -p "$source/.claude/rules"
  ln -s /etc/passwd "$source/CLAUDE.md"
  ln -s "$operator/.gitconfig" "$source/.claude/CLAUDE.md"
  ln -s ../../../../operator "$source/.claude/rules/all"
  ln -s README "$source/CLAUDE.local.md"
  commit "$source" 'Add links'
  session
  equal "$(imports)" "@$workspace/CLAUDE.local.md"
}

test_nothing_of_it_is_in_the_workspace_or_in_git() {
  local before
  echo mine >"$source/CLAUDE.md"
  commit "$source" 'Add instructions'
  session
  before=$(belongings "$workspace")
  session
  equal "$(belongings "$workspace")" "$before"
  equal "$(git -C "$workspace" status --porcelain --ignored)" ''
}

test_the_context_may_not_be_in_the_workspace() {
  program=$scripts/work-setup.sh
  setup OMAKASE_CONTEXT_DIR="$workspace/.omakase"
  fails_with 15 'outside the workspace'
  missing "$workspace/.omakase"
}

test_a_missing_role_is_told_and_leaves_the_old_context() {
  local before
  session
  before=$(<"$context/CLAUDE.md")
  program=$scripts/work-setup.sh
  setup OMAKASE_ROLE_FILE="$root/nowhere"
  fails_with 15 "$root/nowhere of the agent's context is missing"
  equal "$(<"$context/CLAUDE.md")" "$before"
}

test_a_failure_of_the_workspace_is_the_last_word() {
  program=$scripts/work-setup.sh
  setup OMAKASE_REPO_URL="$root/nowhere"
  fails_with 11 'There is no repository'
  missing "$context"
}

run_tests "$@"
