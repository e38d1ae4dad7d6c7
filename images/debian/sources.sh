#!/bin/sh
# usage: sources.sh SUITE ARCHITECTURE WORK
# Writes WORK/default.list, the package sources that mmdebstrap has for the suite, and WORK/sources.list: the same, or what
# PARITY_DEBIAN_MIRROR says (an address, or whole `deb …` lines). No mirror's address is written down in parity.
set -eu
suite=$1 architecture=$2 work=$3
mode=root
if [ "$(id -u)" != 0 ]; then mode=unshare; fi
# The hook runs when mmdebstrap has written its sources and before it asks them anything; leaving there costs no download.
mmdebstrap --mode="$mode" --variant=custom --format=null --architectures="$architecture" --quiet \
  --setup-hook='cat "$1/etc/apt/sources.list" >&2; exit 9' "$suite" /dev/null >"$work/sources.log" 2>&1 || :
grep -E '^deb ' "$work/sources.log" >"$work/default.list" || {
  cat "$work/sources.log" >&2
  exit 1
}
case ${PARITY_DEBIAN_MIRROR:-} in
  '') cp "$work/default.list" "$work/sources.list" ;;
  'deb '*) printf '%s\n' "$PARITY_DEBIAN_MIRROR" >"$work/sources.list" ;;
  *) printf 'deb %s %s main\n' "$PARITY_DEBIAN_MIRROR" "$suite" >"$work/sources.list" ;;
esac
