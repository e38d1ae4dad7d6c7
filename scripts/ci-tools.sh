#!/usr/bin/env bash
# The real programs that tests and checks run: for CI files actionlint and act (Go), zizmor (PyPI), gitlab-ci-local (npm) with a Node
# that it accepts, and the toolkit that GitHub's own actions are made of, all in one folder of their own, at pinned versions; for the
# HTML report the system's Chromium. Quick when they are there, and safe to run again. Go is needed, and rsync, shellcheck and chromium,
# which are installed as root on Debian or Ubuntu.
#
# usage: scripts/ci-tools.sh [NAME…]  prints the folder; NAME: actionlint, zizmor, act, gitlab-ci-local, chromium (default: all)
# PARITY_TEST_CI_TOOLS_DIR            the folder (default: ${XDG_CACHE_HOME:-~/.cache}/parity-test-ci-tools)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

actionlint=v1.7.12
act=v0.2.89
zizmor=1.32.0
node=24.9.0
dir=${PARITY_TEST_CI_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/parity-test-ci-tools}

say() { echo "ci-tools.sh: $*" >&2; }
die() { say "$@"; exit 3; }

# A package (of the command's name, and those that it is no use without) is asked for only when its command is missing.
need() {
  command -v "$1" >/dev/null && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then die "$1 is missing: $2"; fi
  say "installing $1: $2"
  install_packages "$1" "${@:3}" || { apt-get update -qq && install_packages "$1" "${@:3}"; }
}
install_packages() { apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" >/dev/null; }

# Once more for a download that broke off. The version is in the file's name, so that another one is not taken for it.
build() {
  local name=$1 module=$2 version=$3
  [ -x "$dir/bin/$name-$version" ] && return
  command -v go >/dev/null || die "Go is missing: $name is built from its Go module (https://go.dev/dl)"
  say "building $name $version"
  GOBIN="$dir/part" GOFLAGS=-buildvcs=false go install "$module@$version" 2>"$dir/$name.log" ||
    GOBIN="$dir/part" GOFLAGS=-buildvcs=false go install "$module@$version" 2>"$dir/$name.log" ||
    { cat "$dir/$name.log" >&2; die "$name could not be built"; }
  mv "$dir/part/$name" "$dir/bin/$name-$version"
}

packages() {
  local wanted
  wanted="$node $(cksum <test/fixtures/ci-tools/package-lock.json)"
  [ "$(cat "$dir/npm/stamp" 2>/dev/null)" = "$wanted" ] && return
  say 'installing gitlab-ci-local and the actions toolkit'
  rm -rf "$dir/npm" && mkdir -p "$dir/npm/node"
  cp test/fixtures/ci-tools/package*.json "$dir/npm/"
  # That this machine's Node is older is no matter: they get their own.
  npm ci --prefix "$dir/npm" --no-audit --no-fund --ignore-scripts --loglevel=error >&2
  npm install --prefix "$dir/npm/node" --no-audit --no-fund --ignore-scripts --loglevel=error \
    "node-linux-$(node -p process.arch)@$node" >&2
  echo "$wanted" >"$dir/npm/stamp"
}

# Left out where it can't be had: pip has it for the usual platforms only.
zizmor() {
  [ -x "$dir/zizmor-$zizmor/bin/zizmor" ] && return
  say "installing zizmor $zizmor"
  rm -rf "$dir/part/zizmor"
  python3 -m pip install --quiet --disable-pip-version-check --target "$dir/part/zizmor" "zizmor==$zizmor" 2>"$dir/zizmor.log" ||
    { cat "$dir/zizmor.log" >&2; say 'zizmor could not be installed'; return; }
  mv "$dir/part/zizmor" "$dir/zizmor-$zizmor"
}

names=("$@")
[ ${#names[@]} -gt 0 ] || names=(actionlint zizmor act gitlab-ci-local chromium)
mkdir -p "$dir/bin" "$dir/part"
for name in "${names[@]}"; do
  case $name in
    actionlint)
      need shellcheck 'actionlint looks at the scripts in a workflow with it'
      build actionlint github.com/rhysd/actionlint/cmd/actionlint "$actionlint"
      ln -sfn "actionlint-$actionlint" "$dir/bin/actionlint"
      ;;
    zizmor)
      zizmor
      ln -sfn "$dir/zizmor-$zizmor/bin/zizmor" "$dir/bin/zizmor"
      ;;
    act)
      build act github.com/nektos/act "$act"
      ln -sfn "act-$act" "$dir/bin/act"
      packages
      ;;
    gitlab-ci-local)
      need rsync 'gitlab-ci-local copies the repository with it'
      packages
      ln -sfn "$dir/npm/node_modules/.bin/gitlab-ci-local" "$dir/bin/gitlab-ci-local"
      ;;
    chromium)
      command -v google-chrome >/dev/null || need chromium 'the HTML report is looked at in it' fonts-dejavu-core
      ;;
    *) die "no program is called $name" ;;
  esac
done
if [ -e "$dir/npm/stamp" ]; then ln -sfn "$dir/npm/node/node_modules/node-linux-$(node -p process.arch)/bin/node" "$dir/bin/node"; fi
echo "$dir"
