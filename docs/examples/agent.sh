#!/bin/sh
# A program of yours as an agent: it opens a conversation in a project, does its work, and answers people in between.
#   OMAKASE_URL=http://127.0.0.1:7777 OMAKASE_TOKEN=… docs/examples/agent.sh PROJECT_ID [AGENT]
set -eu
api() { # METHOD PATH [JSON]
  curl --silent --show-error --fail --retry 8 --retry-all-errors --request "$1" "$OMAKASE_URL/api$2" \
    --header "Authorization: Bearer $token" ${3:+--header 'Content-Type: application/json' --data "$3"}
}
# Text of a JSON object as it stands there, so that it can be put into another one as it is.
field() { printf '%s' "$2" | sed -En "s/.*\"$1\":\"(([^\"\\\\]|\\\\.)*)\".*/\1/p"; }
say() { # TYPE TEXT, with an id: sent again after a lost answer it is stored once
  said=$((said + 1))
  api POST "/agent-runs/$run/messages" "{\"id\":\"$run-$said\",\"sender\":\"agent\",\"type\":\"$1\",\"content\":\"$2\"}" >/dev/null
}

token=$OMAKASE_TOKEN agent=${2:-toro} said=0
thread=$(field threadId "$(api POST "/agents/$agent/threads" "{\"projectId\":\"$1\",\"title\":\"Nightly tests\"}")")
started=$(api POST /agent-runs "{\"projectId\":\"$1\",\"agentName\":\"$agent\",\"threadId\":\"$thread\"}")
run=$(field id "$started") since=$(field startedAt "$started")
token=$(field token "$started") # good for this run only; from here on the administrator's is not needed

api PATCH "/agent-runs/$run" '{"status":"testing"}' >/dev/null
api POST "/agent-runs/$run/log" '[{"message":"The night begins."},{"level":"warn","message":"No tests were found."}]' >/dev/null
say message "I run the tests of this project every night. Write \`stop\` and I end."
while :; do
  message=$(api GET "/agent-runs/$run/messages?sender=user&limit=1&since=$since") # asked for is received
  content=$(field content "$message")
  [ -n "$content" ] || { sleep "${POLL_SECONDS:-5}" && continue; }
  since=$(field timestamp "$message")
  [ "$content" != stop ] || break
  say message "You wrote: $content"
done
api PATCH "/agent-runs/$run" '{"status":"completed","outputSummary":"Ended as you asked."}' >/dev/null
