# shellcheck shell=bash disable=SC2034,SC2154 # the parts of the set-up share their variables
# Runs other programs: bounded in time, ended with us, and (what works on the workspace) in a sandbox.
#
# The workspace is written by agents: its .git/config and its install scripts can name commands to run. So everything that
# works in it runs under bubblewrap, with the agent's home and not the operator's: git and the package managers alike.
# Where bubblewrap does not work, the agent itself is not confined either, and the same commands run without it.
#
# No command there has the network, but for installs, which have what the project's agents have. And none may ask the kernel for what
# agents may not ask it for.

readonly QUICK_SECONDS=300 SHOWN_LINES=5000
sandbox=()
sandbox_environment=()
confinement=
no_network=model # but for its own loopback
last_words=

# Descriptor 9 is the lock, 4 and 5 are our own output, 6 leads to the watcher (limits.sh): a process left behind by an install must
# hold none of them. It is ended, unless it has left its process group and there is no sandbox.
run() { # run <seconds> <command...>
  local seconds=$1 status=0 group
  shift
  if [[ -n ${told_by_sandbox:-} ]]; then
    nice -n 10 setpriv --pdeathsig TERM timeout -k 5 "$seconds" "$@" 9>&- 4>&- 5>&- &
  else
    nice -n 10 setpriv --pdeathsig TERM timeout -k 5 "$seconds" "$@" 9>&- 4>&- 5>&- 6>&- &
  fi
  group=$!
  [[ -z ${watched:-} ]] || echo "group $group" >&6
  { wait "$group" || status=$?; } 2>/dev/null # bash tells who was killed; the reader is told why
  kill -KILL -- "-$group" 2>/dev/null || true
  return "$status"
}

inside() { # inside <seconds> <command...>: in the sandbox opened last, without network
  in_sandbox "$no_network" "$@"
}

inside_with_network() { # inside_with_network <seconds> <command...>: in it with the network of the project's agents
  in_sandbox "${OMAKASE_NETWORK:-open}" "$@"
}

# The internet without this machine is more than bubblewrap can give: the server's program gives that, and refuses what the filter does.
in_sandbox() { # in_sandbox <internet, model or open> <seconds> <command...>
  local network=$1 seconds=$2 told_by_sandbox='' filter=${OMAKASE_SECCOMP_FILE:-/dev/null} prefix=("${sandbox[@]}") options=()
  shift 2
  if [[ ${sandbox[0]} == bwrap ]]; then
    told_by_sandbox=${watched:-}
    [[ -z $told_by_sandbox ]] || options=(--info-fd 6)
    if [[ $network == internet ]]; then
      prefix=("$OMAKASE_PROGRAM" confined --network internet "${options[@]}" -- bwrap)
    else
      [[ $network == open ]] || options+=(--unshare-net)
      [[ $filter == /dev/null ]] || options+=(--seccomp 8)
      prefix=(bwrap "${options[@]}")
    fi
    prefix+=("${sandbox[@]:1}")
    # Within its user namespace the kernel counts a user's processes, though not root's; outside, it would count all of the user's.
    [[ -z $told_by_sandbox ]] || prefix+=(prlimit --nproc=$((max_processes + 500)))
  fi
  run "$seconds" env -i "${sandbox_environment[@]}" "${prefix[@]}" "$@" 8<"$filter"
}

# Shows a command's output as it comes, up to a limit, and keeps its end in `last_words`, in memory: the disk may be full. The
# result is its status.
stream() { # stream <function or command...>
  local status=0
  exec 5>&1
  last_words=$(
    exec 4> >(show_beginning >&5)
    shown=$!
    status=0
    "$@" 2>&1 </dev/null | as_output | tee -a /dev/fd/4 | tail -c 65536 | tr -d '\0' || status=${PIPESTATUS[0]}
    exec 4>&-
    wait "$shown" || true
    exit "$status"
  ) || status=$?
  exec 5>&-
  return "$status"
}

show_beginning() {
  local rest
  sed -u "$SHOWN_LINES"q # takes no byte of what follows
  rest=$(tail -n 20 | tr -d '\0')
  [[ -z $rest ]] || printf '[More was printed than is shown. It ended with:]\n%s\n' "$rest"
}

sandbox_open() { # sandbox_open <folder to work in> <home> <read-only folder...>
  local folder=$1 home=$2
  shift 2
  sandbox_environment=("PATH=$PATH" "HOME=$home" "LANG=${LANG:-C.UTF-8}" LC_ALL=C.UTF-8 CI=1 GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
    GIT_OPTIONAL_LOCKS=0 GIT_ALLOW_PROTOCOL=file)
  local name
  for name in HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy SSL_CERT_FILE NODE_EXTRA_CA_CERTS NPM_CONFIG_REGISTRY \
    PIP_INDEX_URL GOPROXY; do
    [[ -z ${!name:-} ]] || sandbox_environment+=("$name=${!name}")
  done
  # Npm and pnpm would try for a minute to reach what cannot be reached.
  [[ ${OMAKASE_NETWORK:-open} != model ]] || sandbox_environment+=(NPM_CONFIG_FETCH_RETRIES=0)
  if can_confine; then
    bubblewrap "$folder" "$home" "$@"
  else
    sandbox=(env -C "$folder")
  fi
}

# Asked once and of bubblewrap alone, so that no other trouble can ever turn the sandbox off; nor can that where the server counts on
# it. What it can do without a network of its own, it does with the machine's.
can_confine() {
  if [[ -z $confinement ]]; then
    confinement=yes
    if [[ ${OMAKASE_SANDBOX:-auto} == off ]] || ! command -v bwrap >/dev/null; then
      confinement=no
    elif ! makes_sandbox --unshare-net; then
      no_network=open
      makes_sandbox || confinement=no
    fi
    [[ $confinement == yes || ${OMAKASE_SANDBOX:-auto} != on ]] ||
      fail "$WORKSPACE_UNUSABLE" 'The sandbox does not work any more, and nothing is done without it. See what "omakase doctor" says of it.'
  fi
  [[ $confinement == yes ]]
}

makes_sandbox() { # makes_sandbox <option...>
  run 20 bwrap --unshare-user --unshare-pid --unshare-ipc "$@" --ro-bind / / --proc /proc --dev /dev true >/dev/null 2>&1
}

bubblewrap() { # bubblewrap <folder to work in> <home> <read-only folder...>
  local folder=$1 home=$2 path
  shift 2
  sandbox=(bwrap --unshare-user --unshare-pid --unshare-ipc --unshare-uts --die-with-parent --new-session --cap-drop ALL
    --proc /proc --dev /dev --tmpfs /tmp --ro-bind /usr /usr --ro-bind /etc /etc --ro-bind-try /opt /opt --ro-bind-try /nix /nix)
  for path in /bin /sbin /lib /lib32 /lib64 /libx32; do
    if [[ -L $path ]]; then
      sandbox+=(--symlink "$(readlink "$path")" "$path")
    else
      sandbox+=(--ro-bind-try "$path" "$path")
    fi
  done
  # The resolver's file is often a link out of /etc.
  path=$(readlink -f /etc/resolv.conf || true)
  [[ -z $path || $path == /etc/* ]] || sandbox+=(--ro-bind-try "$path" "$path")
  bind_tools
  for path in "$@"; do sandbox+=(--ro-bind-try "$path" "$path"); done
  hide_private_settings
  # Settings of the kernel are files of root's in /proc: root's set-up must not write them.
  sandbox+=(--bind "$home" "$home" --bind "$folder" "$folder" --remount-ro /proc --remount-ro / --chdir "$folder" --)
}

# Of /etc what everybody may read: root's set-up could read the rest too.
hide_private_settings() {
  local path
  while IFS= read -r path; do
    [[ -r $path ]] || continue
    if [[ -d $path ]]; then sandbox+=(--perms 0000 --tmpfs "$path"); else sandbox+=(--ro-bind /dev/null "$path"); fi
  done < <(find /etc -xdev \( -type f -o -type d \) ! -perm -o=r -print -prune 2>/dev/null)
}

# Tools that were installed outside the system's folders, without what lies beside them (credentials, keyrings).
bind_tools() {
  local directory
  local -a directories
  IFS=: read -ra directories <<<"$PATH"
  for directory in "${directories[@]}"; do
    [[ $directory == /* && $directory != /usr/* && -d $directory && ! -L $directory ]] || continue
    [[ $directory != */node_modules/.bin ]] || directory=${directory%/.bin} # it holds links to what lies beside it
    sandbox+=(--ro-bind "$directory" "$directory")
    [[ ! -d ${directory%/*}/lib/node_modules ]] || sandbox+=(--ro-bind "${directory%/*}/lib" "${directory%/*}/lib")
  done
  for directory in .rustup .pyenv .rbenv .nvm .volta; do
    [[ ! -d $HOME/$directory ]] || sandbox+=(--ro-bind "$HOME/$directory" "$HOME/$directory")
  done
  [[ ! -d $HOME/.rustup ]] || sandbox_environment+=("RUSTUP_HOME=$HOME/.rustup")
  [[ ! -d $HOME/.pyenv ]] || sandbox_environment+=("PYENV_ROOT=$HOME/.pyenv")
}
