#!/usr/bin/env bash
# Private repositories, over https and ssh: opened with what the server was given, which nobody else gets to see.
# shellcheck source-path=SCRIPTDIR
source "$(dirname -- "$0")/harness.bash"

# A git host with TLS, which opens to me:s3cr@t, or to the user and password given. Sets $port; what it was asked is in $root/asked.
serve_https() {
  git clone -q --bare "$source" "$root/served/r.git"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$root/key.pem" -out "$root/certificate.pem" 2>/dev/null
  start_server https_server.py "$root/served" "$root/key.pem" "$root/certificate.pem" "$root/asked" <<<"${1:-me:s3cr@t}"
  git config --global http.sslCAInfo "$root/certificate.pem"
}

start_server() { # start_server <program> <arguments...>: until the test ends
  mkfifo "$root/port"
  /usr/bin/python3 "$(dirname -- "$0")/$1" "${@:2}" <&0 >"$root/port" &
  # shellcheck disable=SC2064 # this very process
  trap "kill $!" EXIT
  read -r port <"$root/port"
}

kept_nowhere() { # kept_nowhere <secret>
  ! grep -rIl -e "$1" "$workspace" "$state" "$context" "$operator" 2>/dev/null || die 'it is in a file'
  says_nothing_of "$1"
}

test_a_token_opens_a_private_repository() {
  serve_https x-access-token:t0ken
  secrets=token=t0ken
  setup_ok OMAKASE_REPO_URL="https://localhost:$port/r.git"
  equal "$(<"$workspace/README")" hello
  setup_ok OMAKASE_REPO_URL="https://localhost:$port/r.git"
  says '@step fetch done'
  kept_nowhere t0ken
  equal "$(git -C "$workspace" remote get-url origin)" "https://localhost:$port/r.git"
}

test_a_token_goes_with_the_user_that_the_address_names() {
  serve_https deploy:t0ken
  secrets=token=t0ken
  setup_ok OMAKASE_REPO_URL="https://deploy@localhost:$port/r.git"
  equal "$(<"$workspace/README")" hello
}

test_a_password_that_stood_in_the_address_is_used() {
  serve_https
  secrets=login=me:s3cr%40t
  setup_ok OMAKASE_REPO_URL="https://localhost:$port/r.git"
  setup_ok OMAKASE_REPO_URL="https://localhost:$port/r.git"
  says '@step fetch done'
  kept_nowhere s3cr
}

test_a_refused_token_says_to_replace_it() {
  serve_https x-access-token:t0ken
  secrets=token=st4le
  setup OMAKASE_REPO_URL="https://localhost:$port/r.git"
  fails_with 12 "The token was refused by localhost:$port: it may be wrong or expired, or may not read this repository. Replace it in the project's settings."
  missing "$workspace"
  kept_nowhere st4le
  secrets=token=t0ken
  setup_ok OMAKASE_REPO_URL="https://localhost:$port/r.git"
  secrets=token=st4le
  setup_ok OMAKASE_REPO_URL="https://localhost:$port/r.git"
  says '@step fetch warning The token was refused'
  says 'The session starts on what is there.'
}

test_without_a_token_a_private_repository_asks_for_one() {
  serve_https
  setup OMAKASE_REPO_URL="https://localhost:$port/r.git"
  fails_with 12 'give the project a token in its settings'
  missing "$workspace"
}

test_what_cannot_be_a_token_is_refused_and_not_shown() {
  secrets=token=$'a\tb'
  setup OMAKASE_REPO_URL=https://localhost:1/r.git
  fails_with 10 'The token for the repository contains control characters'
  secrets=token=$(printf 'x%.0s' {1..9000})
  setup OMAKASE_REPO_URL=https://localhost:1/r.git
  fails_with 10 'The token for the repository is too long'
  secrets=$'login=me:p w\n'
  setup OMAKASE_REPO_URL=https://localhost:1/r.git
  fails_with 10 'must be percent-encoded'
  secrets='login=me:%0ahost=evil'
  setup OMAKASE_REPO_URL=https://localhost:1/r.git
  fails_with 10 'contains control characters'
}

test_a_server_that_sends_git_elsewhere_does_not_get_the_token_there() {
  serve_https x-access-token:t0ken
  secrets=token=t0ken
  setup_ok OMAKASE_REPO_URL="https://localhost:$port/elsewhere/localhost/r.git"
  rm -rf "$workspace" "$state" "$root/asked"
  setup OMAKASE_REPO_URL="https://localhost:$port/elsewhere/127.0.0.1/r.git"
  equal "$status" 12 'exit code'
  grep -q '^127.0.0.1 /r.git' "$root/asked" || die 'it was not sent elsewhere: this shows nothing'
  ! grep -q '^127.0.0.1 .*t0ken' "$root/asked" || die 'the token was given to another host'
}

# Programs of the set-up that look, each time they are started, whether anybody can see the token.
test_no_process_shows_the_token_while_the_set_up_runs() {
  local name
  serve_https x-access-token:t0ken
  printf '{"name":"x","version":"1.0.0"}' >"$source/package.json"
  echo '{"name":"x","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"x","version":"1.0.0"}}}' >"$source/package-lock.json"
  commit "$source" 'Add a package'
  git -C "$source" push -q "$root/served/r.git" main
  mkdir "$root/bin"
  for name in git npm; do
    cat >"$root/bin/$name" <<END
#!/bin/bash
for file in /proc/[0-9]*/{environ,cmdline}; do
  ! grep -qs 't[0]ken' \$file || echo "LEAK in \$file: \$(tr '\\0' ' ' <\${file%/*}/cmdline)"
done >&2
[[ ! -e /proc/self/fd/7 || $name == git ]] || echo 'LEAK: a descriptor' >&2
echo "looked: $name" >&2
exec $(command -v "$name") "\$@"
END
    chmod +x "$root/bin/$name"
  done
  secrets=token=t0ken
  PATH=$root/bin:$PATH setup_ok OMAKASE_REPO_URL="https://localhost:$port/r.git"
  grep -q 'looked: git' "$root/output" || die 'git did not look: this shows nothing'
  grep -q 'looked: npm' "$root/output" || die 'npm did not look: this shows nothing'
  says_nothing_of LEAK
}

test_the_operators_credential_helper_is_asked() {
  serve_https
  # shellcheck disable=SC2016 # the helper's own shell
  git config --global credential.helper '!f() { echo username=me; echo password=s3cr@t; }; f'
  setup_ok OMAKASE_REPO_URL="https://localhost:$port/r.git"
  equal "$(<"$workspace/README")" hello
}

test_the_operators_credential_helper_is_asked_for_the_user_of_the_address() {
  serve_https
  printf 'https://you:other@localhost\nhttps://me:s3cr%%40t@localhost\n' >"$operator/.git-credentials"
  git config --global credential.helper store
  git config --global credential.useHttpPath false
  sed -i "s/localhost/localhost%3a$port/" "$operator/.git-credentials"
  setup_ok OMAKASE_REPO_URL="https://me@localhost:$port/r.git"
  equal "$(<"$workspace/README")" hello
}

test_a_missing_repository_on_a_server_is_told() {
  serve_https
  secrets=login=me:s3cr%40t
  setup OMAKASE_REPO_URL="https://localhost:$port/other.git"
  fails_with 11 'There is no repository at'
}

test_a_server_that_says_nothing_or_next_to_nothing_is_given_up() {
  local kind
  serve_https
  for kind in silent trickle; do
    setup OMAKASE_CLONE_TIMEOUT=2 OMAKASE_REPO_URL="https://localhost:$port/$kind/r.git"
    fails_with 16 'did not answer in time'
    missing "$workspace"
  done
}

# ssh looks for its files in the home that the system knows, not in $HOME: here that is the operator's, for these tests alone.
with_ssh() { # with_ssh <shell commands>
  unshare -rm true 2>/dev/null || exit 0
  mkdir -p "$operator/.ssh" "$root/keys"
  ssh-keygen -q -t ed25519 -N '' -f "$root/keys/host"
  ssh-keygen -q -t ed25519 -N '' -f "$root/keys/me"
  start_server ssh_server.py "$root/keys/host" "$root/keys/me.pub"
  export -f setup setup_ok fails_with says equal missing die
  export root scripts sandbox operator source workspace state context program secrets port
  # shellcheck disable=SC2016 # the inner shell's
  unshare -rm bash -euc 'mount --bind "$operator" "$(getent passwd 0 | cut -d: -f6)"; eval "$1"' bash "$1"
}

# shellcheck disable=SC2016 # the inner shell's
test_an_ssh_key_of_the_operator_opens_a_repository_on_a_host_met_for_the_first_time() {
  with_ssh '
    cp "$root/keys/me" "$operator/.ssh/id_ed25519"
    setup_ok OMAKASE_REPO_URL="ssh://git@127.0.0.1:$port$source"
    equal "$(<"$workspace/README")" hello
    [[ -s $operator/.ssh/known_hosts ]] || die "the host is not remembered"
    setup_ok OMAKASE_REPO_URL="ssh://git@127.0.0.1:$port$source"
    says "@step fetch done"
  '
}

# shellcheck disable=SC2016 # the inner shell's
test_the_operators_ssh_agent_is_asked() {
  with_ssh '
    eval "$(ssh-agent)" >/dev/null
    trap "ssh-agent -k >/dev/null" EXIT
    ssh-add -q "$root/keys/me"
    setup_ok SSH_AUTH_SOCK="$SSH_AUTH_SOCK" OMAKASE_REPO_URL="ssh://git@127.0.0.1:$port$source"
    equal "$(<"$workspace/README")" hello
  '
}

# shellcheck disable=SC2016 # the inner shell's
test_without_an_ssh_key_the_start_says_that_one_is_needed() {
  with_ssh '
    setup OMAKASE_REPO_URL="ssh://git@127.0.0.1:$port$source"
    fails_with 12 "ssh key that may read it"
    missing "$workspace"
    secrets=token=t0ken
    setup OMAKASE_REPO_URL="ssh://git@127.0.0.1:$port$source"
    fails_with 12 "token works for https addresses only"
  '
}

# shellcheck disable=SC2016 # the inner shell's
test_a_host_whose_key_has_changed_is_refused() {
  with_ssh '
    cp "$root/keys/me" "$operator/.ssh/id_ed25519"
    echo "[127.0.0.1]:$port $(cut -d" " -f1,2 "$root/keys/me.pub")" >"$operator/.ssh/known_hosts"
    setup OMAKASE_REPO_URL="ssh://git@127.0.0.1:$port$source"
    fails_with 12 "No access to"
  '
}

run_tests "$@"
