#!/bin/sh
# usage: resolve.sh ARCHITECTURE WORK
# Asks apt which packages WORK/base.names and WORK/all.names (names and apt patterns, one a line) need on top of
# WORK/status-ARCHITECTURE (when there; else of nothing), from PARITY_SOURCES (by default WORK/sources.list). Writes
# WORK/base-ARCHITECTURE.uris and WORK/all-ARCHITECTURE.uris (apt's --print-uris: 'address' file size SHA256:hash) and
# WORK/dates-ARCHITECTURE (the archives' own dates).
set -eu
architecture=$1 work=$2
here=$(dirname "$0")
. "$here/apt-root.sh"
status= preferences=
if [ -f "$work/status-$architecture" ]; then status=$work/status-$architecture; fi
if [ -f "$work/preferences-$architecture" ]; then preferences=$work/preferences-$architecture; fi
apt_root "$work/apt-$architecture" "$architecture" "${PARITY_SOURCES:-$work/sources.list}" "$status" "$preferences"
apt_update
for list in base all; do
  if [ ! -f "$work/$list.names" ]; then continue; fi
  set --
  while IFS= read -r name; do
    if [ -n "$name" ]; then set -- "$@" "$name"; fi
  done <"$work/$list.names"
  : >"$work/$list-$architecture.uris"
  if [ $# -gt 0 ]; then
    apt-get install --print-uris -qq -y --allow-downgrades "$@" >"$work/$list-$architecture.uris"
  fi
done
cat "$work/apt-$architecture"/var/lib/apt/lists/*Release | grep '^Date:' >"$work/dates-$architecture"
