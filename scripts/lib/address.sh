# shellcheck shell=bash disable=SC2034,SC2154 # the parts of the set-up share their variables
# The project's repository address: what is allowed, and the credentials in it kept apart from it.
# It comes from a person or from the store and is hostile until `read_address` has accepted it.

address=      # without credentials: the only form that is shown, stored, or passed to git
credentials=  # lines for git's credential protocol, or empty
address_host= # for ssh

read_address() { # read_address <repository address>
  local raw=$1 host='[A-Za-z0-9_][A-Za-z0-9._-]*' rest='[^[:space:][:cntrl:]\\]+' path='[^-:[:space:][:cntrl:]\\][^[:space:][:cntrl:]\\]*'
  [[ -n $raw ]] || fail "$BAD_ADDRESS" 'The project has no repository address. Set one in the project.'
  [[ ${#raw} -le 2048 && ! $raw =~ [[:cntrl:]] ]] ||
    fail "$BAD_ADDRESS" 'The repository address is too long or contains control characters. Correct it in the project.'
  if [[ $raw =~ ^https://(([^@/[:space:]]*)@)?(($host|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/$rest)$ ]]; then
    local user_info=${BASH_REMATCH[2]}
    address=https://${BASH_REMATCH[3]}
    [[ -z $user_info ]] || read_credentials "$user_info"
  elif [[ $raw =~ ^ssh://([A-Za-z0-9._][A-Za-z0-9._-]*@)?($host)(:[0-9]{1,5})?/$rest$ ]] ||
    [[ $raw =~ ^([A-Za-z0-9._][A-Za-z0-9._-]*@)?($host):$path$ && $raw != *://* ]]; then
    address=$raw
    address_host=${BASH_REMATCH[2]}
  elif [[ $raw =~ ^(file://)?/ && $raw != *\\* ]]; then
    [[ ${OMAKASE_ALLOW_LOCAL:-} == 1 ]] ||
      fail "$BAD_ADDRESS" 'A local folder can be a repository only on a server that listens on this machine alone. Use an https or ssh address.'
    address=$raw
  else
    fail "$BAD_ADDRESS" 'The repository address is not one that can be used. Give https://host/path, ssh://host/path or git@host:path.'
  fi
}

read_credentials() { # read_credentials <user[:password], percent-encoded>
  local user=${1%%:*} password=
  [[ $1 =~ ^([]A-Za-z0-9._~!$\&\'()*+,\;=:-]|%[0-9A-Fa-f]{2})*$ ]] ||
    fail "$BAD_ADDRESS" 'The user name or password in the repository address must be percent-encoded. Correct it in the project.'
  user=$(percent_decode "$user")
  [[ $1 != *:* ]] || password=$(percent_decode "${1#*:}")
  [[ ! $user$password =~ [[:cntrl:]] ]] ||
    fail "$BAD_ADDRESS" 'The user name or password in the repository address contains control characters. Correct it in the project.'
  credentials=username=$user
  [[ $1 != *:* ]] || credentials+=$'\n'password=$password
}

percent_decode() { printf '%b' "${1//%/\\x}"; }
