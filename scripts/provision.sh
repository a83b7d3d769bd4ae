#!/bin/bash
# provision.sh [SOURCE] - makes a Debian machine that has only this to do into one to try callbacks
# on: Asterisk, the service, two phones. For root; run again, it mends and changes nothing else.
# SOURCE: a checkout (default: /vagrant). Where there is no systemd (a chroot) nothing is started.
#
#   SIP_LISTEN=0.0.0.0:5060  RTP_FIRST=10000  RTP_LAST=10100  AMI_PORT=5038
#   GATE_LISTEN=127.0.0.1:4574  WEB_LISTEN=0.0.0.0:8080  BASE_URL=http://localhost:8080
# are taken at the first run.
set -euo pipefail

SOURCE=${1:-/vagrant}
FILES=$SOURCE/scripts/provision
TREE=/opt/asterisk
HOME_OF_OURS=/opt/asterisk-callback
CONFIG=/etc/asterisk-callback
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
umask 022

die() { echo "provision: $*" >&2 && exit 1; }
say() { echo "provision: $*"; }
[ "$(id -u)" = 0 ] || die "must run as root"
[ -f "$SOURCE/setup.cfg" ] || die "$SOURCE is no checkout of asterisk-callback"

updated=
update() { # the lists of packages, once, and only when something is to be installed
  [ -z "$updated" ] || return 0
  apt-get -q update >/dev/null || die "apt-get update failed: check the network and apt's sources"
  updated=yes
}

packages() { # installs what is missing
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  update
  say "installing ${missing[*]}"
  apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "${missing[@]}" >/dev/null
}

asterisk_itself() { # apt's own where the release has one, else a private tree
  if [ ! -x "$TREE/asterisk" ]; then
    dpkg-query -W asterisk >/dev/null 2>&1 || update
    if apt-cache policy asterisk | grep -q "Candidate: [0-9]"; then
      packages asterisk asterisk-core-sounds-en-gsm
      DATA=/usr/share/asterisk
      return
    fi
  fi
  DATA=$TREE/usr/share/asterisk
  id asterisk >/dev/null 2>&1 ||
    useradd --system --home-dir /var/lib/asterisk --shell /usr/sbin/nologin asterisk
  "$SOURCE/tests/lab/get-asterisk.sh" 22 "$TREE"
  install -d -o asterisk -g asterisk /var/{lib,log,spool,cache}/asterisk /run/asterisk
  install -d /etc/asterisk
  put 755 root "$FILES/asterisk.wrapper" /usr/local/sbin/asterisk
  put 644 root "$FILES/asterisk/asterisk.conf" /etc/asterisk/asterisk.conf
  put 644 root "$FILES/systemd/asterisk.service" /etc/systemd/system/asterisk.service
}

# put MODE GROUP TEMPLATE TARGET: fills in the template; leaves an equal file alone.
changed=()
put() {
  local new=$4.new
  sed -e "s|@TREE@|$TREE|g" -e "s|@MODULES@|$(cat "$TREE/MODULES_DIR" 2>/dev/null || true)|g" \
    -e "s|@SIP_LISTEN@|${SIP_LISTEN:-0.0.0.0:5060}|g" -e "s|@MEDIA@|$(media)|g" \
    -e "s|@RTP_FIRST@|${RTP_FIRST:-10000}|g" -e "s|@RTP_LAST@|${RTP_LAST:-10100}|g" \
    -e "s|@AMI_PORT@|${AMI_PORT:-5038}|g" \
    -e "s|@SECRET_6001@|$(phone 6001)|g" -e "s|@SECRET_6002@|$(phone 6002)|g" "$3" >"$new"
  chmod "$1" "$new"
  chgrp "$2" "$new"
  if cmp -s "$new" "$4"; then rm "$new"; else mv "$new" "$4" && changed+=("$4"); fi
}
media() { # sound follows signalling where that listens on one address only
  local host=${SIP_LISTEN:-0.0.0.0:5060}
  host=${host%:*}
  [ "$host" = 0.0.0.0 ] || printf 'media_address=%s\\nbind_rtp_to_media_address=yes' "$host"
}
phone() { sed -n "s/^$1 //p" "$CONFIG/phones.txt" 2>/dev/null || true; }
random() { head -c 15 /dev/urandom | base64 | tr '+/' 'ab'; }

service() { # our package in an environment of its own, as its lock says
  local pip=("$HOME_OF_OURS/bin/python" -m pip --disable-pip-version-check --no-input -qq) state build
  local parts=(asterisk_callback dialplan flask_app LICENSE MANIFEST.in README.md pyproject.toml setup.cfg)
  state=$(cd "$SOURCE" && find requirements.lock "${parts[@]}" -name __pycache__ -prune -o -type f \
    -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
  [ "$(cat "$HOME_OF_OURS/made-from" 2>/dev/null)" != "$state" ] || return 0
  say "installing asterisk-callback into $HOME_OF_OURS"
  [ -x "$HOME_OF_OURS/bin/python" ] || python3 -m venv "$HOME_OF_OURS"
  "${pip[@]}" install --require-hashes --only-binary :all: -r "$SOURCE/requirements.lock"
  build=$(mktemp -d) # a build writes beside the source, which is not ours to write to
  tar -C "$SOURCE" --exclude __pycache__ --exclude '*.egg-info' -cf - "${parts[@]}" | tar -C "$build" -xf -
  "${pip[@]}" install --no-deps --force-reinstall "$build"
  rm -rf "$build"
  ln -sfn "$HOME_OF_OURS/bin/asterisk-callback" /usr/local/bin/asterisk-callback
  echo "$state" >"$HOME_OF_OURS/made-from"
  changed+=("$HOME_OF_OURS")
}

configuration() { # what the README tells an admin to do: init, then copy and include
  id asterisk-callback >/dev/null 2>&1 ||
    useradd --system --home-dir /var/lib/asterisk-callback --shell /usr/sbin/nologin asterisk-callback
  install -d -m 750 -o asterisk-callback -g asterisk-callback /var/lib/asterisk-callback
  install -d -m 750 -g asterisk-callback "$CONFIG"
  if [ ! -f "$CONFIG/callback.toml" ]; then
    /usr/local/bin/asterisk-callback init "$CONFIG" --company "Larkmoor Broadband" \
      --queue support --dial 'Local/{digits}@outside/n' --caller-id +442079460000 \
      --ami "127.0.0.1:${AMI_PORT:-5038}" --gate "${GATE_LISTEN:-127.0.0.1:4574}" \
      --listen "${WEB_LISTEN:-0.0.0.0:8080}" >/dev/null
    sed -i -e 's|^url = .*|url = "sqlite:////var/lib/asterisk-callback/callback.db"|' \
      -e "s|^base_url = \"[^\"]*\"|base_url = \"${BASE_URL:-http://localhost:8080}\"|" \
      -e 's|^# whisper = ""|whisper = "callback/callback"|' "$CONFIG/callback.toml"
    changed+=("$CONFIG/callback.toml")
  fi
  chgrp asterisk-callback "$CONFIG/callback.toml"
  chmod 640 "$CONFIG/callback.toml"
  if [ ! -f "$CONFIG/phones.txt" ]; then
    (umask 077 && printf '%s %s\n' 6001 "$(random)" 6002 "$(random)" >"$CONFIG/phones.txt")
  fi
}

files_for_asterisk() {
  local name
  for name in extensions indications logger modules musiconhold queues rtp; do
    put 644 root "$FILES/asterisk/$name.conf" "/etc/asterisk/$name.conf"
  done
  # Asterisk complains of each that is missing, and then takes the same defaults.
  for name in acl ccss cdr cel features pjproject queuerules udptl; do
    [ -f "/etc/asterisk/$name.conf" ] || : >"/etc/asterisk/$name.conf"
  done
  for name in manager pjsip; do
    put 640 asterisk "$FILES/asterisk/$name.conf" "/etc/asterisk/$name.conf"
  done
  for name in extensions_callback callback_settings; do
    put 644 root "$CONFIG/asterisk/$name.conf" "/etc/asterisk/$name.conf"
  done
  put 640 asterisk "$CONFIG/asterisk/manager_callback.conf" /etc/asterisk/manager_callback.conf
  # Through tar: Debian's folder of a language is a symbolic link, which cp would refuse.
  tar -C "$CONFIG/asterisk/sounds" -cf - . | tar -C "$DATA/sounds" --keep-directory-symlink -xf -
}

start() {
  local asked=()
  if [ ! -d /run/systemd/system ]; then
    say "no systemd here: the units were written, nothing was started"
    return
  fi
  systemctl daemon-reload
  systemctl --quiet enable asterisk asterisk-callback
  [ ${#changed[@]} -eq 0 ] || asked=(restart)
  systemctl "${asked[@]:-start}" asterisk
  timeout 30 sh -c 'until asterisk -rx "core waitfullybooted" >/dev/null 2>&1; do sleep 0.2; done' ||
    die "Asterisk does not start: journalctl -u asterisk"
  systemctl "${asked[@]:-start}" asterisk-callback
}

packages ca-certificates debian-archive-keyring python3-venv util-linux asterisk-moh-opsound-gsm
asterisk_itself
service
configuration
files_for_asterisk
put 644 root "$FILES/systemd/asterisk-callback.service" /etc/systemd/system/asterisk-callback.service
runuser -u asterisk-callback -- asterisk-callback --config "$CONFIG/callback.toml" db upgrade >/dev/null
start

say "done, ${#changed[@]} file(s) changed. The form: ${BASE_URL:-http://localhost:8080}"
say "Register two softphones over UDP; the agent's is 6001, every number that is called rings 6002:"
sed 's/^/provision:   user and password: /' "$CONFIG/phones.txt"
say "Is everything right? sudo asterisk-callback --config $CONFIG/callback.toml doctor"
