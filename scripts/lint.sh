#!/bin/bash
# lint.sh - every static check. All of them run, whatever the first ones find; exit 1 if one fails.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
failed=()
check() { # NAME COMMAND...
  local name=$1 out
  shift
  if out=$("$@" 2>&1); then
    echo "lint: $name ok"
  else
    printf '%s\nlint: %s FAILED\n' "$out" "$name"
    failed+=("$name")
  fi
}
# Our own folders, by name: what else lies in a checkout (a HOME, a cache) is not ours to judge.
ours=(asterisk_callback dialplan flask_app tests)
list=$(git ls-files -co --exclude-standard -- 'scripts/*.sh' 'tests/*.sh' .ci/run 2>/dev/null ||
  find scripts tests -name '*.sh')
mapfile -t scripts <<<"$list"
check "ruff check" .venv/bin/ruff check --quiet "${ours[@]}"
check "ruff format" .venv/bin/ruff format --quiet --diff "${ours[@]}"
check "mypy" .venv/bin/mypy
check "import-linter" .venv/bin/lint-imports --config setup.cfg --no-logo --cache-dir .import_linter_cache
check "shellcheck" .venv/bin/shellcheck "${scripts[@]}"
if [ ${#failed[@]} -gt 0 ]; then
  echo "lint: failed: ${failed[*]} (make format mends the layout and what ruff can mend)" >&2
  exit 1
fi
