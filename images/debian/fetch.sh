#!/bin/sh
# usage: fetch.sh ARCHITECTURE WORK SOURCES
# Fetches into WORK/debs/<sha256>.deb what WORK/wanted lists (name version sha256, a line each) and SOURCES has, by hash. Writes
# WORK/missing: the lines that SOURCES has not, and `name version sha256 other-sha256` for a version it has with other content.
set -eu
architecture=$1 work=$2 sources=$3
here=$(dirname "$0")
. "$here/apt-root.sh"
root=$(mktemp -d "$work/apt.XXXXXX")
apt_root "$root" "$architecture" "$sources"
apt_update
mkdir -p "$work/debs"
# One pass over the package indexes: find each wanted hash, and each wanted name and version.
apt-get indextargets --format '$(FILENAME)|$(REPO_URI)' 'Created-By: Packages' >"$root/targets"
: >"$root/available"
while IFS='|' read -r file base; do
  if [ ! -f "$file" ]; then continue; fi
  awk -v base="$base" '
    /^Package: /  { name = $2 }
    /^Version: /  { version = $2 }
    /^Filename: / { path = $2 }
    /^SHA256: /   { sha = $2 }
    /^$/ { if (sha != "") print sha, name, version, base path; sha = "" }
    END  { if (sha != "") print sha, name, version, base path }' "$file" >>"$root/available"
done <"$root/targets"
awk -v missing="$work/missing" -v found="$root/found" '
  BEGIN { printf "" >missing; printf "" >found }
  FILENAME == ARGV[1] { uri[$1] = $4; other[$2 " " $3] = $1; next }
  ($3 in uri) { print uri[$3], $3 >found; next }
  { print $1, $2, $3, other[$1 " " $2] >missing }' "$root/available" "$work/wanted"
set --
while read -r uri sha; do
  set -- "$@" "$uri" "$work/debs/$sha.deb" "SHA256:$sha"
done <"$root/found"
helper=/usr/lib/apt/apt-helper
if [ $# -gt 0 ]; then "$helper" download-file "$@" >&2; fi
rm -rf "$root"
