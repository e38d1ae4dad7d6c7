#!/bin/sh
# usage: bootstrap.sh SUITE ARCHITECTURE WORK EPOCH
# Makes WORK/base.tar, a root file system, from WORK/debs/*.deb and nothing else. WORK/default.list becomes its package
# sources. Every time in it is at most EPOCH; the same packages give the same bytes.
set -eu
suite=$1 architecture=$2 work=$3
SOURCE_DATE_EPOCH=$4
# What Python writes while packages are set up must not depend on chance either.
PYTHONHASHSEED=0
export SOURCE_DATE_EPOCH PYTHONHASHSEED
LC_ALL=C.UTF-8
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
# An installation waits for the disk more than it computes; so it goes on in memory, where there is plenty and a mount is allowed.
plenty() {
  for limit in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    if [ -f "$limit" ] && ! awk '{ exit $1 != "max" && $1 < 4e9 }' "$limit"; then return 1; fi
  done
  awk '/^MemAvailable:/ && $2 > 4e6 { found = 1 } END { exit !found }' /proc/meminfo
}
if [ -z "${PARITY_ROOM:-}" ] && [ "$(id -u)" = 0 ] && plenty; then
  # Not below the work folder: to folders that its own user can't reach mmdebstrap gives another owner.
  PARITY_ROOM=$(mktemp -d /tmp/parity-base.XXXXXX)
  export PARITY_ROOM
  trap 'rmdir "$PARITY_ROOM"' EXIT
  trap 'exit 143' INT TERM
  if unshare --mount mount -t tmpfs parity "$PARITY_ROOM" 2>/dev/null; then
    # shellcheck disable=SC2016 # the inner shell's own
    unshare --mount sh -euc 'mount -t tmpfs -o mode=755 parity "$PARITY_ROOM"; exec sh "$0" "$@"' "$0" "$@"
    exit
  fi
  rmdir "$PARITY_ROOM"
  trap - EXIT INT TERM
  PARITY_ROOM=
fi
room=$work
if [ -n "${PARITY_ROOM:-}" ]; then
  room=$PARITY_ROOM TMPDIR=$PARITY_ROOM
  export TMPDIR
fi
# A flat repository. Its Release names the suite, by which mmdebstrap picks the essential packages. The packages in it are the same ones
# unpacked: that takes all processors here, and one where dpkg and mmdebstrap do it, twice for the essential ones.
repository=$room/repository
mkdir -p "$repository"
(cd "$work/debs" && printf '%s\n' *.deb | xargs -n 12 -P "$(nproc)" perl "$here/unpack-debs.pl" "$repository")
cat "$repository"/*.entry >"$repository/Packages"
names=$(sed -n 's/^Package: //p' "$repository/Packages" | tr '\n' ,)
mkdir -p "$room/bin"
cp "$here/path-filter.pl" "$room/bin/mmtarfilter"
chmod 755 "$room/bin/mmtarfilter"
PATH=$room/bin:$PATH
export PATH
cat >"$repository/Release" <<EOF
Origin: parity
Suite: $suite
Codename: $suite
Architectures: $architecture
Date: $(date -u -R -d "@$SOURCE_DATE_EPOCH")
SHA256:
 $(sha256sum "$repository/Packages" | cut -d' ' -f1) $(stat -c %s "$repository/Packages") Packages
EOF
mode=root
if [ "$(id -u)" != 0 ]; then mode=unshare; fi
# What a container's own lack of privileges forbids (mounts, devices) the base does not need either.
skip=
if [ -n "${PARITY_IN_CONTAINER:-}" ]; then skip=--skip=chroot/mount; fi
address=$(printf %s "$repository" | sed 's/%/%25/g; s/ /%20/g; s/\[/%5b/g; s/\]/%5d/g')
PARITY_SOURCES=$work/default.list
export PARITY_SOURCES
# shellcheck disable=SC2086,SC2016 # $skip is one word or none; the hooks' $1 is mmdebstrap's
mmdebstrap --mode="$mode" $skip --variant=minbase --format=tar --architectures="$architecture" --include="${names%,}" \
  --aptopt='APT::Get::AllowUnauthenticated "true"' \
  --dpkgopt=path-exclude=/usr/share/man/* --dpkgopt=path-exclude=/usr/share/info/* \
  --dpkgopt=path-exclude=/usr/share/locale/* --dpkgopt=path-exclude=/usr/share/doc/* \
  --dpkgopt=path-include=/usr/share/doc/*/copyright \
  --dpkgopt=force-unsafe-io \
  --customize-hook='options="$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap; kept=$(grep -v "^force-unsafe-io$" "$options"); printf "%s\n" "$kept" >"$options"' \
  --customize-hook='cat "$PARITY_SOURCES" >"$1/etc/apt/sources.list"' \
  --customize-hook='rm -rf "$1"/etc/hostname "$1"/etc/resolv.conf "$1"/etc/machine-id "$1"/etc/apt/apt.conf.d/99mmdebstrap' \
  --customize-hook='rm -rf "$1"/usr/share/python3/debpython/__pycache__' \
  --customize-hook='rm -rf "$1"/var/log/*.log "$1"/var/log/apt "$1"/var/cache/ldconfig "$1"/var/cache/apt/*.bin "$1"/var/lib/dpkg/*-old "$1"/var/cache/debconf/*-old' \
  "$suite" "$work/base.tar" "deb [trusted=yes] copy:$address ./" >&2
