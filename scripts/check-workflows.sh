#!/usr/bin/env bash
# Looks at the project's own workflows with actionlint, and with zizmor where it could be installed (scripts/ci-tools.sh).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=${PARITY_TEST_CI_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/parity-test-ci-tools}/bin

"$bin/actionlint" -no-color .github/workflows/*.yml
if [ -x "$bin/zizmor" ]; then
  "$bin/zizmor" --offline --no-progress --color never --persona pedantic .github/workflows
else
  echo 'zizmor is not there: only actionlint has looked'
fi
