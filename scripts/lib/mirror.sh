# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # the parts of the set-up share their variables
# The project's mirror: a bare copy of the repository beside the workspace, where only we write.
#
# The network and the operator's credentials are used here and nowhere else. The workspace is then fed from the mirror,
# in the sandbox and without credentials, so that nothing an agent wrote into the workspace's git configuration
# ever runs with the operator's rights. The mirror is a cache: it can be thrown away.

mirror=
mirror_default_branch=

# Fetches everything from the project's address into the mirror. Its status is the exit code that `fetch_failure` names.
mirror_update() { # mirror_update <seconds>
  local seconds=$1
  prepare_remote_git
  local_repository_readable || return "$NO_ACCESS"
  if [[ -d $mirror ]] && ! git -C "$mirror" rev-parse --is-bare-repository >/dev/null 2>&1; then
    rm -rf -- "$mirror"
  fi
  git init -q --bare --template= "$mirror" || return "$DISK_FULL"
  rm -f -- "$mirror"/objects/pack/tmp_* # what a killed fetch left
  stream guarded "$clone_limit_mb" remote_git "$seconds" fetch --progress --prune --no-write-fetch-head --no-recurse-submodules \
    -- "$address" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*' || return "$(fetch_failure $?)"
  find_default_branch
}

find_default_branch() {
  local head
  mirror_default_branch=${OMAKASE_DEFAULT_BRANCH:-}
  if [[ -z $mirror_default_branch ]]; then
    head=$(remote_git "$QUICK_SECONDS" ls-remote --symref -- "$address" HEAD 2>/dev/null </dev/null || true)
    [[ ! $head =~ ^ref:\ refs/heads/([^[:space:]]+) ]] || mirror_default_branch=${BASH_REMATCH[1]}
  fi
  # A remote without a named HEAD, or an empty one.
  [[ -n $mirror_default_branch ]] || mirror_default_branch=$(git -C "$mirror" for-each-ref --count=1 --format='%(refname:lstrip=2)' refs/heads)
  [[ -n $mirror_default_branch ]] || mirror_default_branch=main
  git -C "$mirror" symbolic-ref HEAD "refs/heads/$mirror_default_branch"
}

# What was learnt at the last successful fetch, for a start without network.
known_default_branch() {
  mirror_default_branch=${OMAKASE_DEFAULT_BRANCH:-$(git -C "$mirror" symbolic-ref --short HEAD 2>/dev/null || echo main)}
}

# Sets $too_large, and $too_large_code: why the files of a branch are more than a workspace may hold, as far as has to be counted to know; else empty.
# A few bytes of history can stand for files without end.
measure_branch() { # measure_branch <branch>
  local files bytes needed
  too_large='' too_large_code=$TOO_LARGE
  read -r files bytes < <(run "$QUICK_SECONDS" git -C "$mirror" ls-tree -r -l --full-tree "refs/heads/$1" |
    awk -v most_files="$MAX_FILES" -v most="$clone_limit_mb" '{ files++; bytes += $4 } files > most_files || bytes > most * 1048576 { exit } END { printf "%d %.0f\n", files, bytes }')
  needed=$((bytes / 1048576 + $(du -sm -- "$mirror" | cut -f 1)))
  look_at_disk
  if [[ $files -gt $MAX_FILES ]]; then
    too_large="The branch $1 of $address has more than $MAX_FILES files, which is more than a workspace may hold. Use a smaller repository or branch."
  elif [[ $needed -gt $clone_limit_mb ]]; then
    too_large=$(explain_fetch_failure "$TOO_LARGE")
  elif [[ $((free_mb - needed)) -lt $free_disk_mb ]]; then
    too_large_code=$DISK_FULL
    too_large="The workspace would take $needed MB, and the server's disk has $free_mb MB free, of which $free_disk_mb MB are kept. Free some space on the server and start again."
  fi
}

mirror_is_empty() { [[ -z $(git -C "$mirror" for-each-ref --count=1 refs/heads) ]]; }

mirror_has_branch() { git -C "$mirror" show-ref --verify --quiet "refs/heads/$1"; }

prepare_remote_git() {
  export LC_ALL=C GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL=https:ssh GIT_HTTP_LOW_SPEED_LIMIT=1000 GIT_HTTP_LOW_SPEED_TIME=60
  unset GIT_ASKPASS SSH_ASKPASS
  if [[ $address == /* || $address == file://* ]]; then
    GIT_ALLOW_PROTOCOL='file'
    trust_local_repository
  fi
  [[ -z $address_host || -n ${GIT_SSH_COMMAND:-} || -n $(git -C / config --get core.sshCommand || true) ]] || use_ssh_unattended
}

local_repository_readable() {
  local path=${address#file://}
  [[ $path != /* || ! -e $path ]] || [[ -r $path && (! -d $path || -x $path) ]]
}

# The operator named this folder as the project's repository; git would refuse it when it belongs to another user.
trust_local_repository() {
  local path=${address#file://} config=$state/gitconfig
  : >"$config"
  git config --file "$config" include.path "${XDG_CONFIG_HOME:-$HOME/.config}/git/config"
  git config --file "$config" --add include.path "$HOME/.gitconfig"
  git config --file "$config" --add safe.directory "$path"
  git config --file "$config" --add safe.directory "$path/.git"
  export GIT_CONFIG_GLOBAL=$config
}

use_ssh_unattended() {
  GIT_SSH_COMMAND='ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4'
  # The operator's own choice about unknown hosts stands; without one, a host is trusted the first time it is seen.
  [[ $(ssh -G "$address_host" 2>/dev/null) != *'stricthostkeychecking ask'* ]] || GIT_SSH_COMMAND+=' -o StrictHostKeyChecking=accept-new'
  export GIT_SSH_COMMAND
}

# The project's credentials reach git over a descriptor: not in arguments, environment, or any file. Git asks for them for the
# address's own host alone, wherever a server sends it on to; without them, the operator's own helpers are asked.
remote_git() { # remote_git <seconds> <git arguments...>
  local seconds=$1
  shift
  # One pack, whose size the system itself bounds (in KiB).
  local options=(-C "$mirror" -c core.hooksPath=/dev/null -c gc.autoDetach=false -c fetch.unpackLimit=1)
  ulimit -S -f $((clone_limit_mb * 1024)) 2>/dev/null || true # or as little as it was
  if [[ -n $credentials ]]; then
    # shellcheck disable=SC2016 # expanded by the helper's own shell
    options+=(-c credential.helper= -c "credential.$address_origin.helper="'!f() { test "$1" != get || cat <&7; }; f')
    run "$seconds" git "${options[@]}" "$@" 7< <(printf '%s\n' "$credentials")
  else
    [[ -z $address_user ]] || options+=(-c "credential.$address_origin.username=$address_user")
    run "$seconds" git "${options[@]}" "$@"
  fi
}

# Which exit code a failed fetch has, from git's own words (LC_ALL=C).
fetch_failure() { # fetch_failure <status>
  local words=$last_words
  case $1 in
    124 | 137) words='timed out' ;;
    "$DISK_NEARLY_FULL") words='No space left on device' ;;
    "$WROTE_TOO_MUCH")
      echo "$TOO_LARGE"
      return
      ;;
  esac
  case $words in
    'timed out') echo "$TIMED_OUT" ;;
    *'No space left on device'* | *'Disk quota exceeded'*) echo "$DISK_FULL" ;;
    *'invalid index-pack output'*) pack_is_too_large && echo "$TOO_LARGE" || echo "$WORKSPACE_UNUSABLE" ;;
    *'transport '*' not allowed'* | *'not supported'*) echo "$BAD_ADDRESS" ;;
    *'Authentication failed'* | *'could not read Username'* | *'could not read Password'* | *'Permission denied'* | *'returned error: 401'* | \
      *'returned error: 403'* | *'Access denied'* | *'access denied'* | *'Host key verification failed'* | *'dubious ownership'*) echo "$NO_ACCESS" ;;
    *'Could not resolve'* | *'Failed to connect'* | *'Connection refused'* | *'Connection timed out'* | *'Connection reset'* | *'Network is unreachable'* | \
      *'No route to host'* | *'Operation too slow'* | *'early EOF'* | *'RPC failed'* | *'SSL '* | *'certificate'* | *'gnutls_handshake'* | *'returned error: 5'*) echo "$NO_NETWORK" ;;
    *'not found'* | *'Not Found'* | *'does not appear to be a git repository'* | *'does not exist'* | *'No such file'* | *'returned error: 404'* | \
      *'Could not read from remote repository'*) echo "$NO_REPOSITORY" ;;
    *) echo "$WORKSPACE_UNUSABLE" ;;
  esac
}

# Git does not say that the system let it write no more.
pack_is_too_large() { [[ -n $(find "$mirror/objects/pack" -name 'tmp_pack_*' -size "+$((clone_limit_mb * 1024 - 1))k") ]]; }

explain_fetch_failure() { # explain_fetch_failure <code>: what happened and what to do, for a person
  case $1 in
    "$BAD_ADDRESS") echo "Git refuses the address $address. Give an https or ssh address in the project." ;;
    "$NO_REPOSITORY") echo "There is no repository at $address${credentials_are:+, or the $credentials_are does not open it}. Check the address in the project${credentials_are:+, and what the $credentials_are may read}." ;;
    "$NO_ACCESS") explain_no_access ;;
    "$DISK_FULL") echo 'The disk is full. Free some space on the server and start again.' ;;
    "$TOO_LARGE") echo "$address is larger than the $clone_limit_mb MB that a clone may take here. Use a smaller repository, or start the server with a higher --clone-limit-mb." ;;
    "$TIMED_OUT") echo "$address did not answer in time. Try again, or raise the time limit for a large repository." ;;
    "$NO_NETWORK") echo "Could not reach $address. Check the server's network (address, proxy, certificate) and start again." ;;
    *) echo "Git could not fetch $address; its own words are in the lines above." ;;
  esac
}

explain_no_access() {
  if [[ -n $credentials_are ]]; then
    echo "The $credentials_are was refused by ${address_origin#https://}: it may be wrong or expired, or may not read this repository. Replace it in the project's settings."
  elif [[ -n $token_unused ]]; then
    echo "No access to $address. The project's token works for https addresses only: give the https address, or give this server's user an ssh key."
  elif [[ -n $address_host ]]; then
    echo "No access to $address. Give this server's user an ssh key that may read it (and accept the host's key), or give the project the https address and a token."
  else
    echo "No access to $address. If it is private, give the project a token in its settings, or this server's user a git credential helper. If not, check the address."
  fi
}
