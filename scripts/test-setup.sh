#!/bin/bash
# test-setup.sh [PROBE...] - the Debian packages that the tests' real parts come from. As root it
# installs the missing ones; as an ordinary user it names them and the command, and exits 1.
set -euo pipefail

# probe (a program or a file that the package brings) : package
needs=(
  "/usr/lib/postgresql/*/bin/initdb:postgresql"
  "/usr/sbin/pgbouncer:pgbouncer"
  "chromium-headless-shell:chromium-headless-shell"
  "baresip:baresip-core"
  "/usr/lib/*/faketime/libfaketime.so.1:libfaketime"
  "prlimit:util-linux"
  "vagrant:vagrant"
  "systemd-analyze:systemd"
  "flock:util-linux"
  "openssl:openssl"
  "/usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring"
)
# A fresh root file system can only be made by root.
[ "$(id -u)" != 0 ] || needs+=("mmdebstrap:mmdebstrap")

missing() { # the packages whose probe finds nothing, one a line
  local need probe
  for need in "${needs[@]}"; do
    probe=${need%:*}
    case $probe in
      /*) compgen -G "$probe" >/dev/null ;;
      *) command -v "$probe" >/dev/null ;;
    esac || echo "${need##*:}"
  done
  python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
}

list=$(missing)
[ -n "$list" ] || exit 0
mapfile -t packages <<<"$list"
if [ "$(id -u)" != 0 ]; then
  echo "test-setup: missing: ${packages[*]}" >&2
  echo "test-setup: install them, then run this again:" >&2
  echo "    sudo apt-get update && sudo apt-get install --no-install-recommends ${packages[*]}" >&2
  exit 1
fi
echo "test-setup: installing ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for try in 1 2 3; do
  # Another source that is down must not stop us: only the install decides.
  apt-get -q update >"$log" 2>&1 || true
  if apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 install "${packages[@]}" \
    >>"$log" 2>&1 </dev/null; then
    exit 0
  fi
  echo "test-setup: try $try failed: $(grep -m1 '^E:' "$log" || tail -n 1 "$log")" >&2
done
echo "test-setup: could not install ${packages[*]}: check the network and apt's sources" >&2
exit 1
