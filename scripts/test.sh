#!/bin/bash
# test.sh [PYTEST ARGUMENT...] - sets up and runs everything; its output ends with pytest's last line.
# In CI (CI=true) or with PROVISION=1 the provision proof is part of it. Who names tests wants those:
# with arguments there is no pass of the faults.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # compiled once, not at each of the many starts of the product
began=$SECONDS
say() { echo "test: $* ($((SECONDS - began)) s)"; }

scripts/test-setup.sh
say "Debian packages are there"

# Side by side: the network is waited for more than anything is computed.
mkdir -p var
jobs=()
for version in 22 16; do
  tests/lab/get-asterisk.sh "$version" &
  jobs+=($!)
done
scripts/venv.sh &
jobs+=($!)
for job in "${jobs[@]}"; do wait "$job"; done
say "Asterisk 22, Asterisk 16 and .venv are there"

# Beside the linters: a test that can't be read is said now, and compiled once for all workers.
.venv/bin/python -m pytest --collect-only -q "$@" >var/collected 2>&1 &
collecting=$!
scripts/lint.sh
say "lint passed"
wait "$collecting" || {
  sed -n "/= ERRORS =/,\$p" var/collected
  say "the tests can't be collected" >&2
  exit 1
}
say "the tests were collected: $(tail -n 1 var/collected)"

if [ "$#" = 0 ]; then
  # By itself: its limits of time are short, and what they say must be the product's fault.
  seed="${SEED:-$(date +%Y%m%d)}"
  say "each fault once: .venv/bin/python -m tests.faults --runs 1 --seed $seed"
  .venv/bin/python -m tests.faults --runs 1 --seed "$seed" --workers "${WORKERS:-6}"
  say "no fault broke a promise"
fi

options=(-n "${WORKERS:-6}" --dist worksteal --max-worker-restart 0)
if [ "${CI:-}" = true ]; then options+=(--durations 10); fi
if [ "${CI:-}" != true ] && [ -z "${PROVISION:-}" ]; then options+=(-m "not provision"); fi
# A few failures among thousands are looked at once more, alone; a broken promise never is.
exec .venv/bin/python -m tests.second_look "${options[@]}" "$@"
