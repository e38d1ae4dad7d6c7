#!/usr/bin/env bash
# Engines for the tests, beside the machine's own: Docker 26.1 with BuildKit, the same with the containerd image store, and
# Podman. The two Dockers run from a Debian trixie tree in network namespaces of their own and do not see the host's files,
# so they are faithful remote engines too; Podman is the host's. Root on Debian or Ubuntu is needed.
#
# usage: scripts/engines.sh start [NAME…]   start what does not run yet; NAME: buildkit, containerd, podman (default: all)
#        scripts/engines.sh stop            end all of them, by pid
#        scripts/engines.sh status          what runs
#
# PARITY_TEST_ENGINES_DIR  the folder for trees, data and logs (default: ${XDG_CACHE_HOME:-~/.cache}/parity-test-engines)
# PARITY_TEST_ENGINE_TREE  a trixie tree with Docker that is there already, to be used in place of a new one
# Sockets are told in DIR/engines.env, a line NAME=unix:///… each, which test/support/engines.ts reads.
set -euo pipefail

dir=${PARITY_TEST_ENGINES_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/parity-test-engines}
tree=${PARITY_TEST_ENGINE_TREE:-$dir/trixie}
sockets=/run/parity-test-engines
all=(buildkit containerd podman)
# Podman and runc leave out what a nested or hybrid cgroup set-up and low hard limits do not allow.
podman_conf='[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
'

die() { echo "engines.sh: $*" >&2; exit 1; }
# A package is asked for only when its command is missing.
need() {
  command -v "$1" >/dev/null && return
  echo "installing $2" >&2
  install_package "$2" || { apt-get update -qq && install_package "$2"; }
}
install_package() { apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$1" >/dev/null; }
# A process is its number and its start: /run may outlive the processes (a restored machine), and their numbers come again. One
# that has ended and was not reaped has none.
start_of() { sed 's/.*) //; /^Z/d' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }
remember() { echo "$2 $(start_of "$2")" >"$sockets/$1.pid"; }
alive() {
  local pid at
  [ -s "$sockets/$1.pid" ] && read -r pid at <"$sockets/$1.pid" && [ -n "$at" ] && [ "$(start_of "$pid")" = "$at" ]
}
answers() { curl -sf --max-time 2 --unix-socket "$sockets/$1.sock" http://engine/_ping >/dev/null; }

# A Docker gets 10.89.N.0/24 to the host and 172.31.N.0/24 for its containers.
number() { case $1 in buildkit) echo 1 ;; containerd) echo 2 ;; podman) echo 3 ;; *) die "no engine is called $1" ;; esac; }

fill_tree() {
  rm -rf "$tree.part"
  mmdebstrap --quiet --variant=minbase --include=docker.io,docker-buildx,iptables,ca-certificates trixie "$tree.part"
}

make_tree() {
  [ -x "$tree/usr/sbin/dockerd" ] && return
  need mmdebstrap mmdebstrap
  echo "making $tree (about a minute)" >&2
  # Once more for a download that broke off.
  fill_tree || { sleep 5 && fill_tree; } || die "no trixie tree could be made"
  mv "$tree.part" "$tree"
}

# Two daemons in one network namespace would delete each other's bridge and rules.
make_network() {
  local name=$1 n ns=parity-$1
  n=$(number "$name")
  need iptables iptables
  ip -n "$ns" route get 1.1.1.1 >/dev/null 2>&1 && ip link show "ptest$n" >/dev/null 2>&1 && return
  drop_network "$name"
  ip netns add "$ns"
  ip link add "ptest$n" type veth peer name eth0 netns "$ns"
  ip addr add "10.89.$n.1/24" dev "ptest$n"
  ip link set "ptest$n" up
  ip -n "$ns" addr add "10.89.$n.2/24" dev eth0
  ip -n "$ns" link set eth0 up
  ip -n "$ns" link set lo up
  ip -n "$ns" route add default via "10.89.$n.1"
  sysctl -qw net.ipv4.ip_forward=1
  iptables -w 30 -t nat -A POSTROUTING -s "10.89.$n.0/24" ! -o "ptest$n" -j MASQUERADE
  iptables -w 30 -I FORWARD -i "ptest$n" -j ACCEPT
  iptables -w 30 -I FORWARD -o "ptest$n" -j ACCEPT
}

drop_network() {
  local name=$1 n ns=parity-$1
  n=$(number "$name")
  iptables -w 30 -t nat -D POSTROUTING -s "10.89.$n.0/24" ! -o "ptest$n" -j MASQUERADE 2>/dev/null || true
  iptables -w 30 -D FORWARD -i "ptest$n" -j ACCEPT 2>/dev/null || true
  iptables -w 30 -D FORWARD -o "ptest$n" -j ACCEPT 2>/dev/null || true
  ip link del "ptest$n" 2>/dev/null || true
  ip netns del "$ns" 2>/dev/null || rm -f "/run/netns/$ns"
}

# Runs dockerd with the tree as its root, in mount and network namespaces of its own. nsenter, not `ip netns exec`: that one
# hides the cgroups. pivot_root, not chroot: BuildKit remounts /. The data folder is mounted from outside the tree.
start_docker() {
  local name=$1 n features=$2
  n=$(number "$name")
  make_tree
  make_network "$name"
  mkdir -p "$dir/$name/data" "$dir/$name/run" "$tree/old" "$tree/parity-data"
  echo "{\"features\": $features}" >"$dir/$name/daemon.json"
  setsid nsenter --net="/run/netns/parity-$name" unshare --mount --propagation private bash -c '
    set -e
    tree=$1 dir=$2 name=$3 sockets=$4 bip=$5
    mount --bind "$tree" "$tree"
    for m in proc dev sys; do mount --rbind "/$m" "$tree/$m"; done
    mount -t tmpfs tmpfs "$tree/run"
    mkdir -p "$tree$sockets" "$tree/run/exec"
    mount --bind "$sockets" "$tree$sockets"
    mount --bind "$dir/$name" "$tree/parity-data"
    mount -t tmpfs tmpfs "$tree/tmp"
    # Its own copies: two engines may share the tree.
    for file in resolv.conf ssl/certs/ca-certificates.crt; do
      if [ -e "/etc/$file" ]; then touch "$tree/etc/$file"; cat "/etc/$file" >"$dir/$name/${file##*/}"; mount --bind "$dir/$name/${file##*/}" "$tree/etc/$file"; fi
    done
    cd "$tree"
    pivot_root . old
    umount -l /old
    exec dockerd -H "unix://$sockets/$name.sock" --config-file /parity-data/daemon.json --data-root /parity-data/data \
      --exec-root /run/exec --pidfile /run/dockerd.pid --bip "$bip"
  ' engine "$tree" "$dir" "$name" "$sockets" "172.31.$n.1/24" >"$dir/$name/log" 2>&1 </dev/null &
  remember "$name" $!
}

start_podman() {
  need podman podman
  need runc runc
  mkdir -p "$dir/podman/data" "$dir/podman/run"
  printf '%s' "$podman_conf" >"$dir/podman/containers.conf"
  CONTAINERS_CONF="$dir/podman/containers.conf" setsid podman --root "$dir/podman/data" --runroot "$dir/podman/run" \
    system service --time=0 "unix://$sockets/podman.sock" >"$dir/podman/log" 2>&1 </dev/null &
  remember podman $!
}

start() {
  local name i
  if ! alive "$1"; then
    rm -f "$sockets/$1.sock"
    case $1 in
      buildkit) start_docker buildkit '{"buildkit": true}' ;;
      containerd) start_docker containerd '{"buildkit": true, "containerd-snapshotter": true}' ;;
      podman) start_podman ;;
    esac
  fi
  for ((i = 0; i < 600; i++)); do
    answers "$1" && return
    alive "$1" || break
    sleep 0.2
  done
  tail -n 20 "$dir/$1/log" >&2
  die "the engine $1 did not start; its log is $dir/$1/log"
}

# Podman's containers outlive its service, those of interrupted builds (external ones) included.
export dir
podman_here() { CONTAINERS_CONF="$dir/podman/containers.conf" podman --root "$dir/podman/data" --runroot "$dir/podman/run" "$@"; }
export -f podman_here

stop() {
  local name=$1 pid i
  if [ "$name" = podman ] && alive podman; then podman_here ps --all --quiet --external | xargs -r -n 1 bash -c 'podman_here rm --force --time 0 "$0"' >/dev/null; fi
  if alive "$name"; then
    read -r pid _ <"$sockets/$name.pid"
    kill "$pid"
    for ((i = 0; i < 100; i++)); do alive "$name" || break; sleep 0.1; done
    alive "$name" && kill -9 "$pid"
  fi
  rm -f "$sockets/$name.pid" "$sockets/$name.sock"
  [ "$name" = podman ] || drop_network "$name"
}

tell() {
  local name
  : >"$dir/engines.env.part"
  for name in "${all[@]}"; do
    if alive "$name"; then echo "$name=unix://$sockets/$name.sock" >>"$dir/engines.env.part"; fi
  done
  mv "$dir/engines.env.part" "$dir/engines.env"
  cat "$dir/engines.env"
}

[ "$(id -u)" = 0 ] || die 'root is needed (namespaces, networks)'
command=${1:-}
shift || true
mkdir -p "$dir" "$sockets"
need curl curl
case $command in
  start)
    # Tests reach these engines over ssh, too, with a server of their own; the package's own service is none of it.
    [ -x /usr/sbin/sshd ] || need sshd openssh-server
    need ssh openssh-client
    names=("$@")
    [ ${#names[@]} -gt 0 ] || names=("${all[@]}")
    for name in "${names[@]}"; do number "$name" >/dev/null; done
    tell >/dev/null
    for name in "${names[@]}"; do start "$name"; done
    tell
    ;;
  stop) for name in "${all[@]}"; do stop "$name"; done; tell ;;
  status) tell ;;
  *) die 'usage: scripts/engines.sh start [NAME…] | stop | status' ;;
esac
