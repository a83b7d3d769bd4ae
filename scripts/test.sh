#!/bin/bash
# test.sh [--rest] [PYTEST ARGUMENT...] - sets up and runs the tests; its output ends with pytest's
# last line. Without --rest: all but what is marked `thorough` or `provision`, and each fault on one
# database. --rest: what that left out. Arguments that name tests (tests/...) are what is run, then,
# whatever its marks, and there is no pass of the faults.
# WORKERS: how many side by side; by default as many as the machine carries (tests/workers.py).
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # compiled once, not at each of the many starts of the product
began=$SECONDS
say() { echo "test: $* ($((SECONDS - began)) s)"; }

which=main
if [ "${1:-}" = --rest ]; then
  which=rest
  shift
fi
chosen=(-m "not thorough and not provision")
if [ "$which" = rest ]; then
  chosen=(-m "thorough or provision")
  # Only root can make a root file system.
  if [ "$(id -u)" != 0 ]; then
    chosen=(-m "thorough and not provision")
    say "without the proof of provision, which only root can run"
  fi
fi
case " $*" in *" tests/"*) chosen=() ;; esac

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

workers=${WORKERS:-$(.venv/bin/python -m tests.workers)}
if [ "$which" = main ]; then
  # Beside the linters: a test that can't be read is said now, and compiled once for all workers.
  .venv/bin/python -m pytest --collect-only -q "${chosen[@]}" "$@" >var/collected 2>&1 &
  collecting=$!
  scripts/lint.sh
  say "lint passed"
  wait "$collecting" || {
    sed -n "/= ERRORS =/,\$p" var/collected
    say "the tests can't be collected" >&2
    exit 1
  }
  say "the tests were collected: $(tail -n 1 var/collected)"
fi

options=(-n "$workers" --dist worksteal --max-worker-restart 0)
if [ "${CI:-}" = true ]; then options+=(--durations 10); fi
pytest=(.venv/bin/python -m pytest "${options[@]}" "${chosen[@]}" "$@")
[ "$#" = 0 ] || exec "${pytest[@]}"

# The faults beside the tests: both wait for the product's pauses most of the time. The faults' table is
# said first, so that what is said last is pytest's closing line.
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT # nothing left to end is no failure
failed=0
"${pytest[@]}" >var/pytest.log 2>&1 &
tests=$!
seed="${SEED:-$(date +%Y%m%d)}"
say "faults: .venv/bin/python -m tests.faults --runs 1 --seed $seed --databases $which"
if .venv/bin/python -m tests.faults --runs 1 --seed "$seed" --databases "$which" \
  --workers "$workers"; then
  say "no fault broke a promise"
else
  failed=1
fi
say "tests: ${pytest[*]}"
tail -n +1 -f --pid="$tests" var/pytest.log
wait "$tests" || failed=1
exit "$failed"
