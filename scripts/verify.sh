#!/usr/bin/env bash
# Everything that must hold: set-up, lint, types, the package, and the tests, those on a real engine included (scripts/verify.mjs, which
# gets the arguments). Nothing stops at the first failure, so that one run shows all of them.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash scripts/setup.sh || exit 3

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
# Programs that only tests need, the real git-lfs and a static busybox: they fail where these can't be had.
missing=()
command -v git-lfs >/dev/null || missing+=(git-lfs)
command -v busybox >/dev/null || missing+=(busybox-static)
if [ ${#missing[@]} -gt 0 ] && can_install; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" >/dev/null; } || true
fi
if ! can_install; then export PARITY_VERIFY_ENGINES=none; fi

exec node scripts/verify.mjs "$@"
