#!/bin/bash
# get-asterisk.sh 22|16 [DEST] - unpack Debian's Asterisk with all its libraries into a folder.
#
# No root, no chroot, nothing installed: apt resolves the closure against an empty package status,
# the .debs are unpacked, and DEST/asterisk starts the program with the tree's own ld.so.
# DEST: ${XDG_CACHE_HOME:-~/.cache}/asterisk-callback/asterisk-22 (or -16). A finished tree is kept.
#   ASTERISK_SUITES   Debian suites, tried in order (22: "forky sid", 16: "bullseye")
#   ASTERISK_PKGS     packages to unpack
#   DEBIAN_MIRROR     default: the mirror this machine's apt uses
#   DEBIAN_KEYRING    default: /usr/share/keyrings/debian-archive-keyring.gpg
# Exit: 0 done, 2 something is missing here, 3 cannot download, 4 the unpacked program does not run.
set -euo pipefail

die() { echo "get-asterisk: $2" >&2; exit "$1"; }

case ${1:-} in
  22) SUITES=${ASTERISK_SUITES:-forky sid} ;;
  16) SUITES=${ASTERISK_SUITES:-bullseye} ;;
  *) die 2 "usage: get-asterisk.sh 22|16 [DEST]" ;;
esac
PKGS=${ASTERISK_PKGS:-asterisk asterisk-core-sounds-en-gsm}
DEST=${2:-${XDG_CACHE_HOME:-${HOME:?get-asterisk: set HOME or name DEST}/.cache}/asterisk-callback/asterisk-$1}
PARENT=$(dirname "$DEST")
for tool in apt-get:apt dpkg-deb:dpkg tar:tar flock:util-linux find:findutils xargs:findutils; do
  command -v "${tool%:*}" >/dev/null || die 2 "${tool%:*} is missing: apt-get install ${tool#*:}"
done
mkdir -p "$PARENT" 2>/dev/null || die 2 "cannot create $PARENT: set XDG_CACHE_HOME to a writable folder"
[ -w "$PARENT" ] || die 2 "cannot write to $PARENT: set XDG_CACHE_HOME to a writable folder"
DEST=$(cd "$PARENT" && pwd)/$(basename "$DEST")

kept() { [ -s "$DEST/PACKAGES" ] && [ "$(cat "$DEST/WANTED" 2>/dev/null)" = "$PKGS" ] && [ -x "$DEST/asterisk" ]; }
kept && exit 0
exec 9>"$DEST.lock"
flock -w 600 9 || die 3 "another run has held $DEST.lock for 10 minutes: end it and try again"
kept && exit 0

# The archive of this machine's own release, not that of a third party or of security updates.
release() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p" /etc/os-release; }
MIRROR=${DEBIAN_MIRROR:-}
if [ -z "$MIRROR" ] && [ "$(release ID)" = debian ]; then
  # --no-release-info: also where `apt-get update` never ran
  # shellcheck disable=SC2016 # apt's own placeholders
  MIRROR=$(apt-get indextargets --no-release-info --format '$(COMPONENT) $(CREATED_BY) $(RELEASE) $(REPO_URI)' |
    awk -v c="$(release VERSION_CODENAME)" '$1 == "main" && $2 == "Packages" && uri == "" &&
      ($3 == c || $3 ~ /^((old)*stable|testing|sid|unstable)$/) {uri = $4} END {print uri}')
fi
[ -n "$MIRROR" ] || die 2 "this machine's apt knows no Debian mirror: set DEBIAN_MIRROR to one"
KEYRING=${DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
[ -r "$KEYRING" ] || die 2 "$KEYRING is missing: apt-get install debian-archive-keyring"

find "$PARENT" -maxdepth 1 -name "$(basename "$DEST").work.*" -exec rm -rf {} +  # left by a killed run
WORK=$(mktemp -d "$DEST.work.XXXXXX") # beside DEST, so that the last mv is atomic
trap 'rm -rf "$WORK"' EXIT
ARCH=$(dpkg --print-architecture)
export APT_CONFIG="$WORK/apt.conf" LC_ALL=C.UTF-8

download() { # SUITE CHECK_FRESHNESS
  rm -rf "${WORK:?}"/{state,cache,etc}
  mkdir -p "$WORK"/{state/lists/partial,cache/archives/partial,etc/none}
  : >"$WORK/state/status" # nothing installed: apt fetches every library, libc included
  echo "deb [arch=$ARCH signed-by=$KEYRING] $MIRROR $1 main" >"$WORK/etc/sources.list"
  cat >"$WORK/apt.conf" <<CONF
Dir::Etc::main "/dev/null";
Dir::Etc::parts "$WORK/etc/none";
Dir::Etc::sourcelist "$WORK/etc/sources.list";
Dir::Etc::sourceparts "$WORK/etc/none";
Dir::Etc::preferences "$WORK/etc/none/p";
Dir::Etc::preferencesparts "$WORK/etc/none";
Dir::State "$WORK/state";
Dir::State::status "$WORK/state/status";
Dir::Cache "$WORK/cache";
APT::Architecture "$ARCH";
APT::Architectures { "$ARCH"; };
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Check-Valid-Until "$2";
Acquire::Retries "3";
Acquire::http::Timeout "30";
CONF
  # shellcheck disable=SC2086 # PKGS is a list
  apt-get -q --error-on=any update >"$WORK/log" 2>&1 &&
    apt-get -q -y --download-only install $PKGS >>"$WORK/log" 2>&1
}

suite=
for s in $SUITES; do
  if download "$s" true; then suite=$s; break; fi
  if grep -q 'is expired' "$WORK/log"; then # an old mirror: the signature is still checked
    echo "get-asterisk: $s on this mirror is out of date; using it all the same" >&2
    if download "$s" false; then suite=$s; break; fi
  fi
  cause=$(grep -m1 '^E: ' "$WORK/log" || tail -n 1 "$WORK/log")
  echo "get-asterisk: no Asterisk from suite $s: $cause" >&2
done
[ -n "$suite" ] || die 3 "cannot download Asterisk $1: check the network and apt's proxy, or set DEBIAN_MIRROR (for a release that left the mirrors: its archive)"

TREE=$WORK/tree
mkdir "$TREE"
# shellcheck disable=SC2016 # $1 and $2 belong to the inner shell
find "$WORK/cache/archives" -name '*.deb' -print0 | sort -z | xargs -0 -P"$(nproc)" -I{} sh -c '
  dpkg-deb --fsys-tarfile "$1" | tar -x -f - -C "$2" --no-same-owner --keep-directory-symlink \
    --exclude=./dev --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale \
    --exclude=./usr/share/info --exclude="./usr/share/perl*" --exclude="./usr/lib/*/perl*" \
    --exclude=./usr/share/zoneinfo --exclude="./usr/lib/*/gconv" || exit 255' _ {} "$TREE" ||
  die 4 "cannot unpack into $PARENT: is the disk full (300 MB are needed)?"
ln -sfn en_US_f_Allison "$TREE/usr/share/asterisk/sounds/en" # what the package's postinst would do
cat >"$TREE/run" <<'RUN'
#!/bin/sh
# run PROGRAM ARGS: a program of this tree with this tree's ld.so. LD_LIBRARY_PATH stays unset, so
# that AGI and System() children are the host's programs.
t=$(dirname "$(readlink -f "$0")"); p=$1; shift
m=$(uname -m)-linux-gnu
for l in "$t"/usr/lib64/ld-linux-*.so.* "$t"/usr/lib/ld-linux-*.so.* "$t"/lib64/ld-linux-*.so.* \
  "$t"/lib/*/ld-linux-*.so.* "$t"/usr/lib/*/ld-linux-*.so.*; do [ -x "$l" ] && break; done
exec "$l" --library-path "$t/lib/$m:$t/usr/lib/$m:$t/usr/lib" "$t/usr/$p" "$@"
RUN
cat >"$TREE/asterisk" <<'RUN'
#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/run" sbin/asterisk "$@"
RUN
chmod 755 "$TREE/run" "$TREE/asterisk"
(cd "$TREE" && find usr/lib -path '*/asterisk/modules/app_dial.so' -printf '%h\n' | head -n 1) >"$TREE/MODULES_DIR"
[ -s "$TREE/MODULES_DIR" ] || die 4 "the packages of $suite hold no Asterisk modules"
echo "$PKGS" >"$TREE/WANTED"
(cd "$WORK/cache/archives" && printf '%s\n' *.deb) >"$TREE/PACKAGES"
VERSION=$("$TREE/asterisk" -V 2>&1) || die 4 "the unpacked Asterisk does not start: $VERSION"
rm -rf "$DEST"
mv -T "$TREE" "$DEST"
echo "get-asterisk: $VERSION in $DEST ($(du -sh "$DEST" | cut -f1), from $suite)"
