#!/usr/bin/env bash
# From a fresh checkout to a green pipeline: set-up, then `parity up` on the example repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh
printf '\n$ parity up --cwd examples/shop\n\n' >&2
exec node bin/parity.js up --cwd examples/shop
