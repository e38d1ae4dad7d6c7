#!/bin/bash
# Writes the root file system of a container registry (the distribution server) as a tar on stdout, from Debian's own packages
# (mmdebstrap, as root). Import it with the changes that image.conf lists. usage: make.sh [suite]
set -euo pipefail
CONFIG_FILE="$(cd "$(dirname "$0")" && pwd)/config.yml"
export CONFIG_FILE
exec mmdebstrap --quiet --variant=minbase --include=docker-registry \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --customize-hook='cp "$CONFIG_FILE" "$1/etc/docker/registry/config.yml"' \
  "${1:-bookworm}" -
