#!/bin/bash
# Writes the root file system of the image that the environment's tests run steps in, as a tar on stdout: Python and git from
# Debian's packages (mmdebstrap, as root), and the Node and npm of this machine. It has the folders that a real image has.
# usage: make.sh [suite]
set -euo pipefail
node="$(node -p process.execPath)"
npm="$(npm root --global)/npm"
export node npm
exec mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,git,ca-certificates,procps \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --customize-hook='chroot "$1" python3 -m venv --without-pip /opt/parity' \
  --customize-hook='mkdir -p "$1/parity/cache" "$1/opt/parity/node/lib" && chmod 1777 "$1/parity/cache"' \
  --customize-hook='cp "$node" "$1/opt/parity/bin/node" && cp -r "$npm" "$1/opt/parity/node/lib/npm"' \
  --customize-hook='rm -f "$1/opt/parity/node/lib/npm/npmrc" && ln -s ../node/lib/npm/bin/npm-cli.js "$1/opt/parity/bin/npm"' \
  "${1:-bookworm}" -
