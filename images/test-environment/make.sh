#!/bin/bash
# Writes the root file system of the image that the environment's tests run steps in, as a tar on stdout: Python and git from
# Debian's packages (mmdebstrap, as root), pytest with its neighbours, and the Node and npm of this machine. It has the folders that
# a real image has: the venv's Python sees Debian's packages, too.
# usage: make.sh [suite]
set -euo pipefail
node="$(node -p process.execPath)"
npm="$(npm root --global)/npm"
export node npm
exec mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,python3-pytest,python3-pytest-cov,python3-pytest-xdist,git,ca-certificates,procps \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --customize-hook='chroot "$1" python3 -m venv --without-pip /opt/parity' \
  --customize-hook='echo /usr/lib/python3/dist-packages >"$(echo "$1"/opt/parity/lib/python3*/site-packages)/debian.pth"' \
  --customize-hook='printf "#!/opt/parity/bin/python3\nfrom pytest import console_main\nraise SystemExit(console_main())\n" >"$1/opt/parity/bin/pytest"' \
  --customize-hook='chmod +x "$1/opt/parity/bin/pytest"' \
  --customize-hook='mkdir -p "$1/parity/cache" "$1/opt/parity/node/lib" && chmod 1777 "$1/parity/cache"' \
  --customize-hook='cp "$node" "$1/opt/parity/bin/node" && cp -r "$npm" "$1/opt/parity/node/lib/npm"' \
  --customize-hook='rm -f "$1/opt/parity/node/lib/npm/npmrc" && ln -s ../node/lib/npm/bin/npm-cli.js "$1/opt/parity/bin/npm"' \
  "${1:-bookworm}" -
