#!/bin/sh
# Saves two made-up keys in a fresh directory, finds them from three levels down, explains, logs out.
set -eu
atmn=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
# Nothing of the caller's own set-up takes part.
unset AUTUMN_SECRET_KEY AUTUMN_PROD_SECRET_KEY AUTUMN_SECRET_KEY_FILE AUTUMN_PROD_SECRET_KEY_FILE ATMN_BACKEND_URL
project=$(mktemp -d "${TMPDIR:-/tmp}/atmn-demo.XXXXXX")
trap 'rm -rf "$project"' EXIT
cd "$project"
exec 2>&1

step() {
    printf '\n$ %s\n' "$*"
}

step "echo \$SANDBOX_KEY \$LIVE_KEY | atmn save"
echo am_sk_test_madeup0000000000000000000000000000sandbox am_sk_live_madeup000000000000000000000000000000live |
    "$atmn" save
step "ls -l .env"
ls -l .env
mkdir -p packages/web/src
cd packages/web/src
step "cd packages/web/src && atmn key --json"
"$atmn" key --json
step "atmn key --prod | wc -c"
"$atmn" key --prod | wc -c
step "atmn key --explain"
"$atmn" key --explain
cd "$project"
step "atmn logout"
"$atmn" logout
step "atmn key"
if "$atmn" key; then exit 1; else test $? -eq 4; fi
printf '\nDone: the exit code 4 says that somebody has to log in.\n'
