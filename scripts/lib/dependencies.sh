# shellcheck shell=bash disable=SC2034,SC2154 # the parts of the set-up share their variables
# Installs what the lockfiles in the workspace, and in the folders directly under it, ask for; skipped while they are unchanged.
# Installing runs the repository's own scripts: in the sandbox, with the agent's home, where the agent then finds the caches.

install_warnings=
install_count=0

install_dependencies() {
  local folder
  begin install 'Looking for lockfiles'
  mkdir -p -- "$state/installs"
  install_folder .
  while IFS= read -r -d '' folder; do
    # Anything else would need quoting in .git/info/exclude.
    [[ ! $folder =~ ^[A-Za-z0-9._@+][A-Za-z0-9._@+\ -]*$ ]] || install_folder "$folder"
  done < <(find "$workspace" -mindepth 1 -maxdepth 1 -type d ! -name '.*' ! -name node_modules ! -name vendor -printf '%f\0' | sort -z)
  if [[ -n $install_warnings ]]; then
    step_warning "$install_warnings"
  elif [[ $install_count -eq 0 ]]; then
    step_done 'Dependencies are up to date.'
  else
    step_done 'Dependencies are installed.'
  fi
}

# At most one manager of each language: a second lockfile of the same language is a leftover.
install_folder() { # install_folder <folder under the workspace>
  local folder=$1 manager languages=' '
  for manager in $(declared_node_manager "$folder") pnpm yarn bun npm uv poetry pip cargo go bundler; do
    describe_manager "$manager"
    [[ $languages != *" $language "* ]] || continue
    is_file "$folder/$manifest" || continue
    lockfiles_in "$folder" || continue
    languages+="$language "
    install_with "$manager" "$folder"
  done
}

# A manager's facts: the language it serves, its manifest, its lockfiles, what it creates, the program it needs and where to get that.
describe_manager() {
  created=(node_modules) language=node manifest=package.json program=$1 remedy="npm install --global $1"
  case $1 in
    npm) lockfiles=(npm-shrinkwrap.json package-lock.json) remedy='apt install npm' ;;
    pnpm) lockfiles=(pnpm-lock.yaml) ;;
    yarn) lockfiles=(yarn.lock) created+=(.pnp.cjs .pnp.loader.mjs .yarn/cache .yarn/unplugged .yarn/install-state.gz .yarn/build-state.yml) ;;
    bun) lockfiles=(bun.lock bun.lockb) ;;
    uv) lockfiles=(uv.lock) language=python manifest=pyproject.toml created=(.venv) remedy='see docs.astral.sh/uv' ;;
    poetry) lockfiles=(poetry.lock) language=python manifest=pyproject.toml created=(.venv) remedy='apt install python3-poetry' ;;
    pip) lockfiles=(requirements.txt) language=python manifest=requirements.txt created=(.venv) program=python3 remedy='apt install python3-venv' ;;
    cargo) lockfiles=(Cargo.lock) language=rust manifest=Cargo.toml created=("$agent_home/.cargo/registry") remedy='apt install cargo' ;;
    go) lockfiles=(go.sum) language=go manifest=go.mod created=("$agent_home/go/pkg/mod") remedy='apt install golang' ;;
    bundler) lockfiles=(Gemfile.lock) language=ruby manifest=Gemfile created=("$agent_home/.bundle/gems") program=bundle remedy='apt install bundler' ;;
  esac
}

install_command() { # install_command <manager> <folder>: fills the caller's `command`
  # shellcheck disable=SC2016 # the home is the sandbox's
  case $1 in
    npm) command=(npm ci --no-audit --no-fund) ;;
    # In the agent's home: as the sandbox mounts that apart from the workspace, pnpm would choose a place among the project's files.
    pnpm) command=(sh -c 'pnpm config set --global store-dir "$HOME/.local/share/pnpm/store" && pnpm install --frozen-lockfile') ;;
    # Root's cache would be outside every home.
    yarn) command=(env "YARN_CACHE_FOLDER=$agent_home/.cache/yarn" yarn install --frozen-lockfile) && ! grep -q '^__metadata:' "$workspace/$2/yarn.lock" || command=(yarn install --immutable) ;;
    bun) command=(bun install --frozen-lockfile) ;;
    uv) command=(uv sync --frozen) ;;
    poetry) command=(env POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --no-interaction) ;;
    pip) command=(sh -c '{ test -x .venv/bin/pip || python3 -m venv .venv; } && .venv/bin/pip install --disable-pip-version-check -r requirements.txt') ;;
    cargo) command=(cargo fetch --locked) ;;
    # To go.sum it would add what is not there yet, and say nothing.
    go) command=(sh -c 'was=$(mktemp) && trap "rm -f $was" EXIT && cp go.sum "$was" || exit
      status=0
      go mod download || status=$?
      cmp -s "$was" go.sum && exit "$status"
      diff "$was" go.sum
      cp "$was" go.sum
      echo "go.sum lacks what go.mod asks for: go mod tidy adds it."
      exit 1') ;;
    # In the agent's home, so that its own bundler finds the same gems and the workspace stays clean.
    bundler) command=(sh -c 'export BUNDLE_SILENCE_ROOT_WARNING=true
      bundle config set --global path "$HOME/.bundle/gems" && BUNDLE_FROZEN=true bundle install') ;;
  esac
}

install_with() { # install_with <manager> <folder>; the facts of the manager are described
  local manager=$1 folder=$2 stamp=$state/installs/$1@$2 fingerprint status=0 place="$2" command=()
  [[ $folder != . ]] || place='the project'
  fingerprint=$(install_fingerprint "$folder")
  [[ $(cat -- "$stamp" 2>/dev/null) != "$fingerprint $(created_state "$folder")" ]] || return 0
  rm -f -- "$stamp"
  if ! manager_present; then
    warn_install "$program is missing, so the dependencies of $place were not installed: install it on the server ($remedy)."
    return 0
  fi
  install_command "$manager" "$folder"
  step_running "Installing the dependencies of $place with $manager"
  require_disk
  stream guarded "$install_limit_mb" inside_with_network "${OMAKASE_INSTALL_TIMEOUT:-1800}" prlimit --core=0 --fsize=$((install_limit_mb * 1048576)) env -C "$workspace/$folder" "${command[@]}" || status=$?
  hide_created "$folder"
  [[ $status -eq 0 ]] || install_failed "$status" "$manager" "$folder" "$place"
  [[ $status -ne 0 ]] || printf '%s %s\n' "$fingerprint" "$(created_state "$folder")" >"$stamp"
  install_count=$((install_count + 1))
}

# The root's dependencies are what the session is for; those of a folder below may be an old example's.
install_failed() { # install_failed <status> <manager> <folder> <place>
  local doing="$2 was installing the dependencies of $4" code=$INSTALL_FAILED words remedy=''
  case $1 in
    "$DISK_NEARLY_FULL") code=$DISK_FULL words=$(explain_overuse "$1" "$doing") ;;
    "$TOO_MANY_PROCESSES" | "$OUT_OF_MEMORY") words=$(explain_overuse "$1" "$doing") ;;
    "$WROTE_TOO_MUCH") words="$(explain_overuse "$1" "$doing") The limit is $install_limit_mb MB (--install-limit-mb)." ;;
    124 | 137)
      code=$TIMED_OUT
      words="$2 did not finish installing the dependencies of $4 within ${OMAKASE_INSTALL_TIMEOUT:-1800} seconds and was stopped."
      remedy='Look at the lines above, then start again.'
      ;;
    *)
      words="$2 could not install the dependencies of $4 (exit code $1); the lines above say why."
      remedy='Correct it in the repository or on the server, then start again.'
      if [[ $last_words == *ENOSPC* || $last_words == *'No space left on device'* ]]; then
        code=$DISK_FULL
        words="$2 could not install the dependencies of $4 (exit code $1): the disk is full."
        remedy='Free some space on the server and start again.'
      fi
      ;;
  esac
  [[ $code -eq $DISK_FULL || ${OMAKASE_NETWORK:-open} != model || ${sandbox[0]} != bwrap ]] ||
    words+=' The project'\''s network is set to the model only, which keeps installs from the internet: choose another in its settings if this one needs it.'
  [[ $3 == . || $code -eq $DISK_FULL ]] || {
    warn_install "$words"
    return 0
  }
  fail "$code" "$words${remedy:+ $remedy}"
}

warn_install() {
  install_warnings+="${install_warnings:+ }$1"
}

is_file() { [[ -f $workspace/$1 && ! -L $workspace/$1 ]]; }

lockfiles_in() {
  local name
  for name in "${lockfiles[@]}"; do
    ! is_file "$1/$name" || return 0
  done
  return 1
}

# Of several lockfiles, the one of the manager that package.json names.
declared_node_manager() {
  local declared='"packageManager"[[:space:]]*:[[:space:]]*"(npm|pnpm|yarn|bun)@'
  is_file "$1/package.json" && [[ $(head -c 65536 -- "$workspace/$1/package.json" | tr -d '\0') =~ $declared ]] || return 0
  echo "${BASH_REMATCH[1]}"
}

manager_present() {
  local probe="command -v $program"
  [[ $program != python3 ]] || probe='python3 -c "import ensurepip, venv"'
  inside "$QUICK_SECONDS" sh -c "$probe" >/dev/null 2>&1
}

# Changes with the lockfiles, with another workspace in this place, and with another home for the caches.
install_fingerprint() {
  local name
  {
    stat -c '%d:%i:%w' -- "$workspace" # a new clone may get the place of one that was removed, but not its hour of birth
    echo "$agent_home"
    for name in "${lockfiles[@]}"; do
      ! is_file "$1/$name" || sha256sum <"$workspace/$1/$name"
    done
  } | sha256sum | cut -c1-64
}

# A project without dependencies creates nothing, so what counts is that it is as the install left it.
created_state() {
  local path left=
  for path in "${created[@]}"; do
    [[ $path == /* ]] || path=$workspace/$1/$path
    [[ ! -e $path ]] || left+="$path "
  done
  echo "${left:-nothing}"
}

# What an install creates is nobody's work: where the project does not ignore it, the clone does.
hide_created() {
  local path shown
  for path in "${created[@]}"; do
    [[ $path != /* ]] || continue
    [[ $1 == . ]] || path=$1/$path
    shown=$(workspace_git status --porcelain --untracked-files=normal -- "$path")
    [[ $shown == '??'* ]] || continue
    # shellcheck disable=SC2016 # expanded by the inner shell
    inside "$QUICK_SECONDS" sh -c 'mkdir -p .git/info && printf "/%s\n" "$1" >>.git/info/exclude' sh "$path"
  done
}
