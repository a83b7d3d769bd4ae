#!/bin/bash
# messages.sh - brings the catalogues in asterisk_callback/translations to the sentences of code and
# templates, and compiles them. New sentences come in untranslated: the tests name them.
set -euo pipefail
cd "$(dirname "$0")/.."
babel=.venv/bin/pybabel
# The sentences of the core: first arguments of its errors, and what N_ marks.
keywords=(-k N_ -k InvalidInput:2)
for error in InvalidNumber NumberNotAllowed InvalidTime UnknownQueue LimitReached \
  IdempotencyConflict NotFound NotPossible NotNow; do
  keywords+=(-k "$error")
done
pot=$(mktemp)
trap 'rm -f "$pot"' EXIT
$babel -q extract -F asterisk_callback/babel.cfg "${keywords[@]}" --no-location --sort-output \
  -o "$pot" asterisk_callback flask_app
for folder in asterisk_callback/translations/*/; do
  language=$(basename "$folder")
  $babel -q update -i "$pot" -d asterisk_callback/translations -l "$language" \
    --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -w 100
done
$babel -q compile -d asterisk_callback/translations
