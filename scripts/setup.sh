#!/usr/bin/env bash
# What quickstart and verify need before they start: the packages, an engine, the build. Quick when all is there, and safe to
# run again. The engine is found; on Debian or Ubuntu, as root, it is installed and started; anywhere else it is asked for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "-- $*" >&2; }
stop() {
  printf '\n' >&2
  printf '%s\n' "$@" >&2
  exit 3
}

check_node() {
  command -v node >/dev/null || stop 'Node is missing.' 'Install Node 20.19 or newer, then run this again.'
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    stop "Node $(node --version) is too old." 'Install Node 20.19 or newer, then run this again.'
}

install_packages() {
  local stamp=node_modules/.parity-setup wanted
  wanted="$(node --version) $(cksum <package-lock.json)"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
  say 'installing the packages (npm ci)'
  npm ci --no-audit --no-fund --loglevel=error
  printf '%s\n' "$wanted" >"$stamp"
}

# Parity's own search decides: an engine counts when parity can use it. Exit code 3 says that it found none that answers.
engine_answers() {
  local code=0
  node bin/parity.js status >"$status" 2>&1 || code=$?
  if ((code != 0 && code != 3)); then
    cat "$status" >&2
    exit "$code"
  fi
  ((code == 0))
}

apt_install() {
  say "installing with apt: $*"
  # A machine that was never updated has no package lists; one that was may have stale ones.
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@" >/dev/null
}

like_debian() {
  command -v apt-get >/dev/null && grep -qE '^(ID|ID_LIKE)=.*(debian|ubuntu)' /etc/os-release 2>/dev/null
}

# Whether the process that a pid file names is the one it was written for. A file that survived its process (a restored
# machine) would keep a new dockerd from starting, and is removed.
pid_file_holds() {
  local file=$1 name=$2
  [ -f "$file" ] || return 1
  [ "$(cat "/proc/$(cat "$file")/comm" 2>/dev/null)" = "$name" ] && return 0
  rm -f "$file"
  return 1
}

start_dockerd() {
  local log=/var/log/parity-dockerd.log pid='' started=$SECONDS
  if [ -d /run/systemd/system ]; then
    say 'starting the engine (systemctl start docker)'
    systemctl start docker
  elif ! pid_file_holds /var/run/docker.pid dockerd; then
    say "starting the engine (dockerd, its log is $log)"
    pid_file_holds /var/run/docker/containerd/containerd.pid containerd || true
    setsid nohup dockerd >>"$log" 2>&1 </dev/null &
    pid=$!
  fi
  until engine_answers; do
    if [ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null; then
      tail -n 15 "$log" >&2
      stop 'dockerd ended at once; its last words are above.' "All of them: $log"
    fi
    if ((SECONDS - started > 90)); then
      cat "$status" >&2
      stop 'The engine was started and does not answer after 90 s.'
    fi
    sleep 0.3
  done
}

ensure_engine() {
  local packages=()
  # Parity makes its Debian base (for networks with no container registry) with mmdebstrap.
  if [ "$(id -u)" = 0 ] && like_debian; then
    command -v mmdebstrap >/dev/null || packages+=(mmdebstrap debian-archive-keyring ca-certificates)
  fi
  if engine_answers; then
    if ((${#packages[@]} > 0)); then apt_install "${packages[@]}"; fi
    return
  fi
  if [ -n "${DOCKER_HOST:-}" ]; then
    cat "$status" >&2
    stop "DOCKER_HOST names an engine that does not answer: $DOCKER_HOST" 'Start it, or unset DOCKER_HOST, then run this again.'
  fi
  if [ "$(id -u)" != 0 ] || [ "$(uname -s)" != Linux ] || { ! command -v dockerd >/dev/null && ! like_debian; }; then
    cat "$status" >&2
    stop 'Parity needs a container engine: Docker, Podman (its API socket), Colima, Rancher Desktop or Docker Desktop.' \
      'Debian, Ubuntu:  sudo apt-get install docker.io && sudo usermod -aG docker "$USER"   (then log in again)' \
      'Fedora:          sudo dnf install podman && systemctl --user enable --now podman.socket' \
      'macOS:           brew install colima docker && colima start' \
      'Then run this again.'
  fi
  command -v dockerd >/dev/null || packages+=(docker.io iptables ca-certificates)
  if ((${#packages[@]} > 0)); then apt_install "${packages[@]}"; fi
  start_dockerd
}

status="$(mktemp)"
trap 'rm -f "$status"' EXIT
check_node
install_packages
say 'building'
node scripts/build.mjs
ensure_engine
