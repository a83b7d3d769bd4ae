#!/bin/bash
# test-fast.sh [PYTEST ARGUMENT...] - for every save, in under 30 s on two quiet cores: the linters
# and, beside them, all of tests/unit but the command line and what is slow or thorough, every route's
# access rule and a slice of the store (SQLite and memory). What it leaves out, `make test` runs.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
unset PYTHONDONTWRITEBYTECODE # compiled once, for the next time too
tests=(
  tests/unit --ignore tests/unit/cli
  tests/web/test_access.py tests/store/test_requests_table.py
)
lint=$(mktemp)
trap 'rm -f "$lint"' EXIT
scripts/lint.sh >"$lint" 2>&1 &
linters=$!
code=0
.venv/bin/python -m pytest -q -n 2 -m "not slow and not thorough" -k "not postgresql" "${tests[@]}" "$@" || code=$?
wait "$linters" || code=$?
cat "$lint"
exit "$code"
