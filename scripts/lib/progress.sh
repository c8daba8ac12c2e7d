# shellcheck shell=bash disable=SC2034,SC2154 # the parts of the set-up share their variables
# What the set-up says on stdout, line by line (README.md holds the protocol), and how it ends.
# The server reads it; what other programs print is made safe by `as_output`, so that it can never look like a line of ours.

# Exit codes, one per thing a person would do something different about.
readonly BAD_ADDRESS=10 NO_REPOSITORY=11 NO_ACCESS=12 DISK_FULL=13 INSTALL_FAILED=14 WORKSPACE_UNUSABLE=15 TIMED_OUT=16 NO_NETWORK=17 TOO_LARGE=18

current_step=clone
failure_told=
stderr_guard=

step_running() { tell running "$1"; }
step_done() { tell 'done' "$1"; }
step_warning() { tell warning "$1"; }

tell() { printf '@step %s %s %s\n' "$current_step" "$1" "$(one_line "$2")"; }

begin() { # begin <step> <text>
  current_step=$1
  step_running "$2"
}

fail() { # fail <exit code> <text>: says what happened and what to do, then ends the set-up
  failure_told=yes
  tell failed "$2"
  exit "$1"
}

# Both scripts start with this. A set-up never ends without a word, whatever went wrong in it; and what git and the shell
# say on stderr gets the same treatment as other output, all of it before the end.
start_telling() {
  exec 2> >(as_output >&2)
  stderr_guard=$!
  trap end_telling EXIT
}

end_telling() {
  local status=$?
  exec 2>&-
  wait "$stderr_guard" || true
  [[ $status -eq 0 || -n $failure_told ]] ||
    tell failed "The set-up stopped unexpectedly (exit code $status); the lines above say where."
}

one_line() { printf '%s' "$1" | LC_ALL=C tr '\000-\037\177' ' ' | head -c 2000; }

# Raw output of another program: progress meters become lines, endless lines are cut, passwords in addresses are hidden,
# and a line that looks like ours, or would once its colours are removed, is moved one column to the right.
as_output() {
  stdbuf -oL tr '\r' '\n' | stdbuf -oL fold -b -w 4000 | mask_passwords
}

mask_passwords() {
  LC_ALL=C stdbuf -oL sed -e 's#://[^/@[:space:]]*@#://***@#g' -e 's/[[:space:]]*$//' -e 's/^@/ &/' -e 's/^.*[^[:print:]\t\x80-\xff]/ &/' -e '/^$/d'
}
