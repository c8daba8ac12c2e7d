# shellcheck shell=bash disable=SC2034,SC2154 # the parts of the set-up share their variables
# The project's repository address, and the credentials for it, which come apart from it.
# Both come from a person or from the store and are hostile until they have been accepted here.

address=         # what is shown, stored, and passed to git; it may name a user, and holds no password
address_origin=  # https://host:port, for which the credentials are
address_host=    # for ssh
address_user=    # of an https address, where one is named
credentials=     # lines for git's credential protocol, or empty
credentials_are= # what they are to a person: a token, a password
token_unused=    # the project has a token, and the address no use for it

read_address() { # read_address <repository address>
  local raw=$1 host='[A-Za-z0-9_][A-Za-z0-9._-]*' rest='[^[:space:][:cntrl:]\\]+' path='[^-:[:space:][:cntrl:]\\][^[:space:][:cntrl:]\\]*'
  [[ -n $raw ]] || fail "$BAD_ADDRESS" 'The project has no repository address. Set one in the project.'
  [[ ${#raw} -le 2048 && ! $raw =~ [[:cntrl:]] ]] ||
    fail "$BAD_ADDRESS" 'The repository address is too long or contains control characters. Correct it in the project.'
  if [[ $raw =~ ^https://(([^@/[:space:]]*)@)?(($host|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?)(/$rest)$ ]]; then
    address=https://${BASH_REMATCH[3]}${BASH_REMATCH[6]}
    address_origin=https://${BASH_REMATCH[3]}
    address_user=${BASH_REMATCH[2]}
    [[ $address_user != *:* ]] || fail "$BAD_ADDRESS" 'A password has no place in the repository address, where it would be seen. Leave it out, and give the project a token.'
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

# What opens the repository is read from stdin, which is a pipe of the server's, so that no list of processes, environment or file
# ever shows it: lines `login=user[:password]` (percent-encoded, as in an address) and `token=…`, each at most once.
read_credentials() {
  local line login=$address_user token=
  while IFS= read -r -t 30 line || [[ -n $line ]]; do
    [[ ${#line} -le 8192 ]] || fail "$BAD_ADDRESS" 'The token for the repository is too long. Replace it in the project'\''s settings.'
    case $line in
      login=*) login=${line#login=} ;;
      token=*) token=${line#token=} ;;
    esac
  done
  exec </dev/null
  if [[ -z $address_origin ]]; then
    token_unused=$token
    return
  fi
  [[ -z $login ]] || accept_login "$login"
  [[ -z $token ]] || accept_token "$token"
}

accept_login() { # accept_login <user[:password], percent-encoded>
  local password=
  [[ $1 =~ ^([]A-Za-z0-9._~!$\&\'()*+,\;=:-]|%[0-9A-Fa-f]{2})*$ ]] ||
    fail "$BAD_ADDRESS" 'The user name or password of the repository must be percent-encoded. Correct it in the project.'
  address_user=$(percent_decode "${1%%:*}")
  [[ $1 != *:* ]] || password=$(percent_decode "${1#*:}")
  [[ ! $address_user$password =~ [[:cntrl:]] ]] ||
    fail "$BAD_ADDRESS" 'The user name or password of the repository contains control characters. Correct it in the project.'
  [[ -z $password ]] || credentials=username=$address_user$'\n'password=$password credentials_are=password
}

# Where the address names no user: hosts take any name beside a token, or ask for this one.
accept_token() {
  [[ ! $1 =~ [[:cntrl:]] ]] || fail "$BAD_ADDRESS" 'The token for the repository contains control characters. Replace it in the project'\''s settings.'
  credentials=username=${address_user:-x-access-token}$'\n'password=$1 credentials_are=token
}

percent_decode() { printf '%b' "${1//%/\\x}"; }
