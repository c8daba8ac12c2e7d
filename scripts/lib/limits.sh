# shellcheck shell=bash disable=SC2034,SC2154 # the parts of the set-up share their variables
# What the set-up may use of the machine, which others need too: a repository and its install scripts are strangers.
#
# A watcher stands beside every long command and ends it with all it has started when there are too many processes, or too little
# memory or disk. Commands are nice to the rest of the machine, and the watcher is not, least of all where we are root, whose
# processes the kernel does not limit. While processes multiply it starts none itself: there might be no room for one more.

# What `guarded` answers when it ended the command.
readonly TOO_MANY_PROCESSES=241 OUT_OF_MEMORY=242 DISK_NEARLY_FULL=243 WROTE_TOO_MUCH=244
readonly MAX_FILES=1000000
max_processes=2000
clone_limit_mb=10240
install_limit_mb=20480
free_disk_mb=500
free_memory_mb=200

read_limits() {
  local name given
  for name in max_processes clone_limit_mb install_limit_mb free_disk_mb free_memory_mb; do
    given=OMAKASE_${name^^}
    [[ ! ${!given:-} =~ ^[0-9]{1,9}$ ]] || printf -v "$name" %d "${!given}"
  done
  # Where memory is short, what is installed here gives way before the server does.
  choom -n 500 -p $$ >/dev/null 2>&1 || true
}

# The result is the command's, or one of those above. `commands.sh` tells the watcher whom it would have to end.
guarded() { # guarded <megabytes that it may write> <run or inside…, and what they take...>
  local megabytes=$1 status=0 verdict=0 watched=yes watcher reporter free_mb
  shift
  look_at_disk
  exec 6> >(watch_over)
  watcher=$!
  # Above everything else, so that it gets its turn among thousands.
  chrt --fifo --reset-on-fork --pid 1 "$watcher" >/dev/null 2>&1 || true
  report_disk "$megabytes" "$free_mb" &
  reporter=$!
  "$@" || status=$?
  kill "$reporter" 2>/dev/null || true
  (echo 'over' >&6) 2>/dev/null || true # unless it has ended the command, and itself
  exec 6>&-
  wait "$watcher" || verdict=$?
  wait "$reporter" 2>/dev/null || true
  [[ $verdict -eq 0 ]] || return "$verdict"
  [[ $status -lt $TOO_MANY_PROCESSES || $status -gt $WROTE_TOO_MUCH ]] || status=1
  return "$status"
}

# Its standard input names whom to end (`group <pid>`, and the sandbox's first process as bubblewrap or `omakase confined` tells it), why (`end <what to
# answer>`), and that the command is over.
watch_over() {
  local line got begun='' group='' first='' before processes
  exec 6>&-
  processes=(/proc/[0-9]*)
  before=${#processes[@]}
  ! memory_is_low || free_memory_mb=0 # it was so without us
  while kill -0 $$ 2>/dev/null; do
    line='' got=0
    IFS= read -r -t 0.1 line || got=$?
    [[ $got -ne 1 ]] || exit 0 # nobody writes any more
    # A line of which the time-out has taken the beginning goes on with the next look.
    line=$begun$line begun=''
    [[ $got -eq 0 ]] || begun=$line line=''
    case $line in
      over) exit 0 ;;
      'group '*) group=${line#group } ;;
      *'"child-pid": '*) [[ ! $line =~ ([0-9]+) ]] || first=${BASH_REMATCH[1]} ;;
      'end '*) end_command "${line#end }" ;;
    esac
    [[ $got -ne 0 && -n $group ]] || continue
    processes=(/proc/"${first:+$first/root/proc/}"[0-9]*)
    [[ ${#processes[@]} -le $((max_processes + (first ? 0 : before))) ]] || end_command "$TOO_MANY_PROCESSES"
    ! memory_is_low || end_command "$OUT_OF_MEMORY"
  done
}

end_command() { # end_command <what the watcher answers>
  [[ -z $first ]] || kill -KILL "$first" 2>/dev/null || true
  kill -KILL -- "-$group" 2>/dev/null || true
  exit "$1"
}

memory_is_low() {
  local name value
  while read -r name value _; do
    [[ $name != MemAvailable: ]] || break
  done </proc/meminfo
  [[ $name == MemAvailable: && $((value / 1024)) -lt $free_memory_mb ]]
}

# Sets $free_mb: how much may still be written where the workspace and the state are; 0 when files have run out.
look_at_disk() {
  local available block files free_files
  free_mb=
  while read -r available block files free_files; do
    available=$((available * block / 1048576))
    [[ $files -eq 0 || $free_files -ge $((files / 100)) ]] || available=0
    [[ -n $free_mb && $free_mb -le $available ]] || free_mb=$available
  done < <(stat -f -c '%a %S %c %d' -- "${workspace%/*}" "$state")
}

# Tells the watcher once when there is too little left, or when the command has written too much. Looking starts programs, which
# may have to wait among many; the watcher does not wait for it.
report_disk() { # report_disk <megabytes that may be written> <megabytes that were free>
  local megabytes=$1 before_mb=$2 held never
  exec {never}<> <(:)
  while kill -0 $$ 2>/dev/null; do
    read -r -t 1 -u "$never" || true
    look_at_disk
    [[ $free_mb -ge $free_disk_mb ]] || break
    [[ $((before_mb - free_mb)) -gt $megabytes ]] || continue
    # So much was written, perhaps by others.
    held=$(timeout 20 du -scm -- "$workspace" "$workspace.partial" "$mirror" "$agent_home" 2>/dev/null | sed -n '$s/[^0-9].*//p') || true
    [[ ${held:-0} -le $megabytes ]] || break
    before_mb=$free_mb
  done
  [[ $free_mb -lt $free_disk_mb ]] && echo "end $DISK_NEARLY_FULL" >&6 || echo "end $WROTE_TOO_MUCH" >&6
}

require_disk() { # fails before anything is begun that could not end well
  look_at_disk
  [[ $free_mb -ge $free_disk_mb ]] ||
    fail "$DISK_FULL" "The server's disk has $free_mb MB free, and $free_disk_mb MB are kept free. Free some space on the server and start again."
}

explain_overuse() { # explain_overuse <status of guarded> <who did what>: for a person
  case $1 in
    "$TOO_MANY_PROCESSES") echo "$2, which started more than $max_processes processes and was stopped with all of them. Look at the scripts that it runs." ;;
    "$OUT_OF_MEMORY") echo "$2, and the server's memory ran out: it was stopped. Start again when more is free, or give the server more memory." ;;
    "$DISK_NEARLY_FULL") echo "$2, and the disk was nearly full: it was stopped with less than $free_disk_mb MB left. Free some space on the server and start again." ;;
    "$WROTE_TOO_MUCH") echo "$2, which took more disk than it may have and was stopped." ;;
  esac
}
