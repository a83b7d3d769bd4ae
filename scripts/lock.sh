#!/bin/bash
# lock.sh - resolves setup.cfg into two locks with hashes, for every Python that we support.
#   requirements.lock      the service with its PostgreSQL driver (what provision.sh installs)
#   requirements-dev.lock  the same and the tools of the tests
# Wheels only: an install from the lock runs nobody's setup.py and needs no compiler.
set -euo pipefail
cd "$(dirname "$0")/.."

# Read, not built: setup.cfg is plain, and building would need a network before there is a lock.
wanted() { # EXTRA... : what setup.cfg asks for, one requirement a line
  .venv/bin/python - "$@" <<'PY'
import configparser
import sys

config = configparser.ConfigParser(interpolation=None)
config.read("setup.cfg", encoding="utf-8")
print(config["options"]["install_requires"])
for extra in sys.argv[1:]:
    print(config["options.extras_require"][extra])
PY
}

compile() { # FILE EXTRA...
  local file=$1
  shift
  wanted "$@" | .venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
    --only-binary :all: --generate-hashes --no-header --no-annotate --no-emit-index-url \
    --no-emit-find-links --output-file "$file" - >/dev/null
}

rm -f requirements.lock # without the old answers, uv takes the newest
compile requirements.lock postgresql
cp requirements.lock requirements-dev.lock # the second one takes over the first one's versions
compile requirements-dev.lock postgresql dev
if grep -nE '://' requirements.lock requirements-dev.lock; then
  echo "lock: the address of an index got into a lock" >&2
  exit 1
fi
wc -l requirements.lock requirements-dev.lock
