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
# A flat repository. Its Release names the suite, by which mmdebstrap picks the essential packages.
repository=$work/repository
mkdir -p "$repository"
: >"$repository/Packages"
names=
for deb in "$work"/debs/*.deb; do
  file=$(basename "$deb")
  ln -f "$deb" "$repository/$file" 2>/dev/null || cp "$deb" "$repository/$file"
  dpkg-deb --field "$deb" >>"$repository/Packages"
  printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "$deb")" "${file%.deb}" >>"$repository/Packages"
  names=$names,$(dpkg-deb --field "$deb" Package)
done
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
mmdebstrap --mode="$mode" $skip --variant=minbase --format=tar --architectures="$architecture" --include="${names#,}" \
  --aptopt='APT::Get::AllowUnauthenticated "true"' \
  --dpkgopt=path-exclude=/usr/share/man/* --dpkgopt=path-exclude=/usr/share/info/* \
  --dpkgopt=path-exclude=/usr/share/locale/* --dpkgopt=path-exclude=/usr/share/doc/* \
  --dpkgopt=path-include=/usr/share/doc/*/copyright \
  --customize-hook='cat "$PARITY_SOURCES" >"$1/etc/apt/sources.list"' \
  --customize-hook='rm -rf "$1"/etc/hostname "$1"/etc/resolv.conf "$1"/etc/machine-id "$1"/etc/apt/apt.conf.d/99mmdebstrap' \
  --customize-hook='rm -rf "$1"/usr/share/python3/debpython/__pycache__' \
  --customize-hook='rm -rf "$1"/var/log/*.log "$1"/var/log/apt "$1"/var/cache/ldconfig "$1"/var/cache/apt/*.bin "$1"/var/lib/dpkg/*-old "$1"/var/cache/debconf/*-old' \
  "$suite" "$work/base.tar" "deb [trusted=yes] copy:$address ./" >&2
