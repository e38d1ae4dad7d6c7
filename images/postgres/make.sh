#!/bin/bash
# Writes the root file system of a small PostgreSQL image as a tar on stdout, from Debian's own packages (mmdebstrap, as root).
# Import it with the changes that image.conf lists. usage: make.sh [suite]
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
export ENTRYPOINT_FILE="$here/entrypoint.sh"
exec mmdebstrap --quiet --variant=minbase --include=postgresql,util-linux \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --essential-hook='mkdir -p "$1/etc/postgresql-common" && echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.conf"' \
  --customize-hook='install -m 755 "$ENTRYPOINT_FILE" "$1/usr/local/bin/docker-entrypoint.sh"' \
  --customize-hook='for t in postgres psql pg_isready initdb pg_ctl createdb pg_dump; do ln -sf "$(cd "$1" && ls -d usr/lib/postgresql/*/bin | sed s,^,/,)/$t" "$1/usr/local/bin/$t"; done' \
  --customize-hook='mkdir -p "$1/docker-entrypoint-initdb.d"' \
  "${1:-bookworm}" -
