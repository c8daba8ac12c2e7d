# shellcheck shell=bash disable=SC2034,SC2154 # the parts of the set-up share their variables
# Writes what the agent is told beside the conversation, outside the workspace, in the layout that Claude Code loads from an
# added directory (README.md): CLAUDE.md is the personality; three rules are the role, the memories and the project's own instructions.
#
# The project's instructions are imported, not copied: Claude Code follows such imports inside the workspace and nowhere else.
# A piece has a file of its own, so that an unclosed code block in one cannot swallow another.

context_write() {
  local folder rules source
  for source in "${OMAKASE_PERSONALITY_FILE:-}" "${OMAKASE_ROLE_FILE:-}"; do
    [[ -f $source && -r $source ]] || fail "$WORKSPACE_UNUSABLE" "The file $source of the agent's context is missing."
  done
  folder=$(realpath -m -- "${OMAKASE_CONTEXT_DIR:-.}")
  rules=$folder/.claude/rules
  [[ ${OMAKASE_CONTEXT_DIR:-} == /?* && $folder/ != "$workspace"/* ]] || fail "$WORKSPACE_UNUSABLE" 'The server gave no folder outside the workspace for the context.'
  mkdir -p -- "$rules" || fail "$WORKSPACE_UNUSABLE" "The folder $folder cannot be written. Correct its owner, or free some space."
  chmod 700 -- "$folder"
  replace "$folder/CLAUDE.md" <"$OMAKASE_PERSONALITY_FILE"
  replace "$rules/role.md" <"$OMAKASE_ROLE_FILE"
  memories_text | replace "$rules/memories.md"
  project_text | replace "$rules/project.md"
}

replace() { # replace <file>: whole or not at all
  cat >"$1.new" && mv -T -- "$1.new" "$1"
}

memories_text() {
  echo '# What you remember of this project'
  echo
  if [[ -s ${OMAKASE_MEMORIES_FILE:-} ]]; then
    cat -- "$OMAKASE_MEMORIES_FILE"
  else
    echo 'Nothing yet.'
  fi
}

project_text() {
  local file nested
  echo "# The project's own instructions"
  echo
  echo 'They hold for all work in this project, under your character and role.'
  echo
  for file in CLAUDE.md .claude/CLAUDE.md CLAUDE.local.md; do
    import "$file"
  done
  while IFS= read -r -d '' file; do
    import "$file"
  done < <(cd -- "$workspace" && find .claude/rules -type f -name '*.md' -print0 2>/dev/null | sort -z)
  nested=$(nested_instructions)
  [[ -z $nested ]] || printf '\nThese folders have instructions of their own. Read them before you work there:\n\n%s\n' "$nested"
}

import() { # import <file under the workspace>
  local path
  path=$(realpath -e -- "$workspace/$1" 2>/dev/null) || return 0
  # A link out of the workspace is not the project's.
  [[ -f $path && $path == "$(realpath -- "$workspace")"/* ]] || return 0
  ! is_conditional "$path" || return 0
  path=$workspace/$1
  printf '@%s\n' "${path// /\\ }"
}

# A rule for certain files only: Claude Code itself loads it from the workspace when it reads such a file.
is_conditional() {
  [[ $1 == */.claude/rules/* && $(head -c 4096 -- "$1" | tr -d '\0' | sed -n '1{/^---/!q}; 2,/^---/p') =~ (^|$'\n')paths: ]]
}

nested_instructions() {
  (cd -- "$workspace" && find . -maxdepth 4 \( -name node_modules -o -name vendor -o -name '.?*' \) -prune -o -type f -name CLAUDE.md ! -path ./CLAUDE.md -printf '%P\n' 2>/dev/null) |
    grep -E '^[A-Za-z0-9._/@+ -]+$' | sort | head -n 40 | sed 's/^/- /' || true
}
