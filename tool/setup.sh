#!/usr/bin/env bash
# Installs what the tests need beyond Go, from the distribution's own packages: a PostgreSQL server, Chromium
# with fonts, and the few commands the real test servers (see e2e/lab) are built with.
#
#   tool/setup.sh            install what is missing; says so and does nothing when all is there
#   tool/setup.sh --check    only say what is missing; exits 1 when something is
#
# It needs Debian (or a child of it) and root, and starts no service.
set -euo pipefail

say() { printf 'setup: %s\n' "$*"; }

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]; }

# needs COMMAND-OR-FILE PACKAGE...: the packages are wanted when the thing itself is not there, so that a Node or
# a Chromium that came by another way is left as it is.
missing=()
needs() {
  local thing=$1
  shift
  if command -v "$thing" >/dev/null 2>&1 || compgen -G "$thing" >/dev/null; then return; fi
  missing+=("$@")
}

needs '/usr/lib/postgresql/*/bin/initdb' postgresql
needs chromium chromium
needs jq jq
needs curl curl
needs setpriv util-linux
needs g++ g++
needs make make
needs python3 python3
needs node nodejs
needs npm npm
needs redis-server redis-server
# Text in screenshots must look the same everywhere: Latin, emoji, and the scripts of the right-to-left tests.
for font in fonts-liberation fonts-dejavu-core fonts-noto-core fonts-noto-color-emoji; do
  installed "$font" || missing+=("$font")
done

if [ ${#missing[@]} -eq 0 ]; then
  say "everything is installed"
  exit 0
fi
if [ "${1:-}" = --check ]; then
  say "missing: ${missing[*]}"
  exit 1
fi
if ! command -v apt-get >/dev/null; then
  say "missing: ${missing[*]} (no apt-get here: install their like by hand)" >&2
  exit 1
fi
if [ "$(id -u)" != 0 ]; then
  say "missing: ${missing[*]} (run as root, or: sudo apt-get install ${missing[*]})" >&2
  exit 1
fi

# A policy that says no keeps the packages from starting their own daemons.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod +x $policy
  trap 'rm -f $policy' EXIT
fi

log=$(mktemp)
say "apt-get update"
apt-get update -qq >"$log" 2>&1 </dev/null || { tail -5 "$log" >&2; say "apt-get update failed; trying with the lists at hand" >&2; }
say "installing ${missing[*]}"
started=$SECONDS
if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$log" 2>&1 </dev/null; then
  tail -20 "$log" >&2
  say "apt-get install failed; the whole log is $log" >&2
  exit 1
fi
rm -f "$log"
say "installed in $((SECONDS - started)) s"
