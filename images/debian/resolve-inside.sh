#!/bin/sh
# usage: resolve-inside.sh WORK
# Runs inside a base image. Resolves WORK/all.names, and git when the image has none, on top of what the image has, for both
# architectures: the image of the other one holds the same packages, so its dpkg status is this one's with the word changed. Writes
# WORK/all-amd64.uris, WORK/all-arm64.uris (see resolve.sh) and WORK/added (the names that were added).
set -eu
work=$1
here=$(dirname "$0")
: >"$work/added"
if ! command -v git >/dev/null; then
  echo git >>"$work/added"
fi
cat "$work/added" >>"$work/all.names"
if ! grep -q . "$work/all.names"; then
  : >"$work/all-amd64.uris"
  : >"$work/all-arm64.uris"
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "parity: no apt-get in this image" >&2
  exit 1
fi
sources=/etc/apt
if [ -n "${PARITY_DEBIAN_MIRROR:-}" ]; then
  . /etc/os-release
  sources=$work/sources.list
  case $PARITY_DEBIAN_MIRROR in
    'deb '*) printf '%s\n' "$PARITY_DEBIAN_MIRROR" >"$sources" ;;
    *) printf 'deb %s %s main\n' "$PARITY_DEBIAN_MIRROR" "$VERSION_CODENAME" >"$sources" ;;
  esac
fi
for architecture in amd64 arm64; do
  sed "s/^Architecture: \(amd64\|arm64\)$/Architecture: $architecture/" /var/lib/dpkg/status >"$work/status-$architecture"
  PARITY_SOURCES=$sources sh "$here/resolve.sh" "$architecture" "$work"
done
