#!/bin/bash
# venv.sh [run|dev] - makes .venv from a lock, or brings it up to date when the lock has changed.
#   run  requirements.lock: enough to run the service and the demo from the checkout
#   dev  requirements-dev.lock: that, all tools, and the command .venv/bin/asterisk-callback (default)
# Needs nothing of the host but python3 with its venv module. PYTHON: another python3 to use.
set -euo pipefail
cd "$(dirname "$0")/.."
stage=${1:-dev}
case $stage in
  run) lock=requirements.lock made_from=("$lock") ;;
  dev) lock=requirements-dev.lock made_from=("$lock" setup.cfg pyproject.toml) ;;
  *) echo "usage: venv.sh [run|dev]" >&2 && exit 2 ;;
esac
state=$(cat "${made_from[@]}" scripts/venv.sh | sha256sum)
made() { [ "$(cat ".venv/made-$stage" 2>/dev/null)" = "$state" ] && .venv/bin/python -c '' 2>/dev/null; }
made && exit 0

mkdir -p var
exec 9>var/venv.lock # two tasks at once: the second waits, then finds it made
flock 9
made && exit 0

python=${PYTHON:-python3}
command -v "$python" >/dev/null || {
  echo "venv: $python is missing: apt-get install python3 python3-venv" >&2
  exit 1
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "venv: $("$python" -V) is too old, 3.11 is needed: name another, make PYTHON=/path/to/python3" >&2
  exit 1
}
"$python" -c 'import ensurepip, venv' 2>/dev/null || {
  echo "venv: $python has no venv module: apt-get install python3-venv" >&2
  exit 1
}

echo "venv: installing what $lock names"
.venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv
# -qq: pip's warnings about the host's own settings are not about us; errors are still shown.
pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input -qq)
# uv does in 4 s what takes pip 50 s. It comes through pip and by the lock's hash; where it can't
# reach the index (it does not read pip's settings), pip does all of it.
uv=(.venv/bin/uv pip install --python .venv/bin/python --system-certs --quiet)
[ -z "${PIP_CERT:-}" ] || export SSL_CERT_FILE=${SSL_CERT_FILE:-$PIP_CERT} # a company's own
hashed=(--require-hashes --only-binary :all:)
awk '/^[^ ]/ {ours = /^uv==/} ours' requirements-dev.lock >var/uv.lock
"${pip[@]}" install "${hashed[@]}" -r var/uv.lock
"${uv[@]}" "${hashed[@]}" -r "$lock" 2>var/uv.log ||
  "${pip[@]}" install "${hashed[@]}" -r "$lock" || {
  echo "venv: could not install from $lock: check the network and pip's settings (uv said: $(tail -n 1 var/uv.log))" >&2
  exit 1
}
if [ "$stage" = dev ]; then # the checkout itself; its build backend came with the lock
  "${pip[@]}" install --no-deps --no-build-isolation --editable .
fi
echo "$state" >".venv/made-$stage"
