#!/usr/bin/env bash
# Everything that must hold: set-up, lint, types, the package, and all tests, those on a real engine included. Nothing stops at the first
# failure, so that one run shows all of them. The last line counts tests; a check that is no test counts when it fails.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
reports=node_modules/.cache/parity-verify
rm -rf "$reports" && mkdir -p "$reports" || exit 3

bash scripts/setup.sh || exit 3

# Programs that only tests need: they run the real git-lfs, and fail where it can't be had.
if ! command -v git-lfs >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends git-lfs >/dev/null; } || true
fi

check() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  "$@" || printf '%s\n' "$name" >>"$reports/failed-checks"
}

tests() {
  npx vitest run --project "$1" --reporter=default --reporter=json --outputFile.json="$reports/$1.json"
}

# Other engines than the machine's own (BuildKit, the containerd image store, Podman), where they can be had; they start while the quick
# checks run.
engines=''
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  bash scripts/engines.sh start >"$reports/engines.log" 2>&1 &
  engines=$!
  export PARITY_TEST_ENGINES=all
fi
# The programs that generated CI files are tested with, too.
bash scripts/ci-tools.sh >"$reports/ci-tools.log" 2>&1 &
ci_tools=$!
ci_tools_installed() {
  wait "$ci_tools" && return
  cat "$reports/ci-tools.log"
  echo 'once more:'
  bash scripts/ci-tools.sh
}
engines_started() {
  wait "$engines" && return
  cat "$reports/engines.log"
  echo 'once more:'
  bash scripts/engines.sh start
}

check lint npm run --silent lint
check types npm run --silent types
check package npx publint --strict
# No version and no command of this repository and its example drifts.
check doctor node bin/parity.js doctor --offline --strict
check 'unit tests' tests unit
check 'cli tests' tests cli
if [ -n "$engines" ]; then check 'extra engines' engines_started; fi
check 'CI tools' ci_tools_installed
check 'engine tests' tests engine

if grep -qs '^extra engines$' "$reports/failed-checks"; then cat "$reports/engines.log"; fi
printf '\n'
node scripts/counts.mjs "$reports"
