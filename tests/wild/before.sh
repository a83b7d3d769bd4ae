#!/bin/bash
# before.sh REV [-k EXPRESSION] [-n WORKERS] - runs the tests marked `case` on the product of REV.
#
# REV is checked out into a temporary folder, the tests of this tree are laid over it, and what
# those say is printed as a table: does the product of REV hold the case, did it fail, or can it
# not be asked (a test needs a name or an option that was not there). Exit 0 whatever is found.
# Modules of the product moved into rooms once: a REV from before that gets the last tests that
# still know its names.
set -uo pipefail
usage() {
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
[ $# -ge 1 ] && [ "${1#-}" = "$1" ] || usage
rev=$1 chosen='' workers=2
shift
while getopts k:n: option; do
  case $option in
    k) chosen=$OPTARG ;;
    n) workers=$OPTARG ;;
    *) usage ;;
  esac
done

top=$(cd "$(dirname "$0")/../.." && pwd)
"$top/scripts/venv.sh" || exit 1
folder=$(mktemp -d /tmp/acb-before-XXXXXX)
there=$folder/tree
trap 'git -C "$top" worktree remove --force "$there" 2>/dev/null; rm -rf "$folder"' EXIT
git -C "$top" worktree add --quiet --detach "$there" "$rev" || exit 1
rm -rf "$there/tests"
if [ -d "$there/asterisk_callback/services/calling" ]; then
  cp -R "$top/tests" "$there/tests"
  cp "$top/setup.cfg" "$there/setup.cfg" # the names of the marks
else
  rooms=$(git -C "$top" log -1 --format=%H --diff-filter=A -- asterisk_callback/services/calling/__init__.py)
  git -C "$top" archive "$rooms^" tests setup.cfg | tar -x -C "$there" || exit 1
fi
ln -s "$top/.venv" "$there/.venv"

cd "$there" || exit 1
export PYTHONPATH=$there LAB_BEFORE=1 LAB_PATIENCE=30
python=$there/.venv/bin/python
found=$("$python" -c 'import asterisk_callback as a; print(a.__file__)')
case $found in
  "$there"/*) ;;
  *) echo "before: $found is not the product of $rev" >&2 && exit 1 ;;
esac
"$python" -m pytest -q -m case ${chosen:+-k "$chosen"} -n "$workers" -p no:cacheprovider \
  --continue-on-collection-errors --junitxml "$folder/junit.xml" tests >"$folder/log" 2>&1
if [ ! -s "$folder/junit.xml" ]; then
  tail -30 "$folder/log" >&2
  exit 1
fi
"$python" tests/wild/before_table.py "$folder/junit.xml" tests "$rev"
exit 0
