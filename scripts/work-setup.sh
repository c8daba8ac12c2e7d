#!/usr/bin/env bash
# Prepares a work session: the workspace by agent-setup.sh, then the agent's context beside it.
# All input comes from the environment and all progress goes to stdout; README.md holds both.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
source "$here/lib/progress.sh"
source "$here/lib/context.sh"

bash -- "$here/agent-setup.sh" || exit $? # it has said why

start_telling
begin context "Giving the agent its character, role and memories"
workspace=$(realpath -- "$OMAKASE_WORKSPACE")
context_write
step_done 'The agent has its character, its role, the memories and the instructions of the project.'
