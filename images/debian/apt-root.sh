# An apt of its own, apart from the machine's: sourced by the scripts beside it.
# usage: apt_root DIR ARCHITECTURE SOURCES [STATUS [PREFERENCES]]
# Makes an apt root in DIR that knows SOURCES (a sources.list, or an /etc/apt) only, believes that STATUS (a dpkg status file; default: nothing) is installed,
# and exports APT_CONFIG so that every apt command that follows uses it. The host's proxies for apt are kept.
apt_root() {
  mkdir -p "$1/etc/apt/apt.conf.d" "$1/etc/apt/preferences.d" "$1/var/lib/apt/lists/partial" \
    "$1/var/cache/apt/archives/partial" "$1/var/lib/dpkg"
  if [ -d "$3" ]; then
    # An /etc/apt: its sources, in whichever of the two forms.
    if [ -f "$3/sources.list" ]; then cp "$3/sources.list" "$1/etc/apt/"; fi
    if [ -d "$3/sources.list.d" ]; then cp -R "$3/sources.list.d" "$1/etc/apt/"; fi
  else
    cp "$3" "$1/etc/apt/sources.list"
  fi
  if [ -n "${4:-}" ]; then cp "$4" "$1/var/lib/dpkg/status"; else : >"$1/var/lib/dpkg/status"; fi
  if [ -n "${5:-}" ]; then cp "$5" "$1/etc/apt/preferences.d/locked"; fi
  trusted=/etc/apt/trusted.gpg.d
  # A host that is not Debian's own (Ubuntu) has Debian's keys elsewhere; mmdebstrap's sources then name them (signed-by).
  if [ -d /usr/share/keyrings ] && ! ls /etc/apt/trusted.gpg.d/debian-archive-* >/dev/null 2>&1; then
    trusted=$1/etc/apt/trusted.gpg.d
    mkdir -p "$trusted"
    for key in /etc/apt/trusted.gpg.d/* /usr/share/keyrings/debian-archive-keyring.gpg; do
      if [ -f "$key" ]; then cp "$key" "$trusted/"; fi
    done
  fi
  apt-config dump | grep -E '^Acquire::(http|https)::(Proxy|No-?[Pp]roxy|proxy)' >"$1/apt.conf" || :
  cat >>"$1/apt.conf" <<EOF
Dir "$1";
Dir::Etc::Trusted "/etc/apt/trusted.gpg";
Dir::Etc::TrustedParts "$trusted";
APT::Architecture "$2";
APT::Architectures "$2";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
APT::Get::List-Cleanup "false";
Acquire::Languages "none";
Acquire::GzipIndexes "false";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Acquire::ForceHash "SHA256";
EOF
  if [ -n "${PARITY_CA_FILE:-}" ]; then echo "Acquire::https::CaInfo \"$PARITY_CA_FILE\";" >>"$1/apt.conf"; fi
  APT_CONFIG=$1/apt.conf
  export APT_CONFIG
}

# usage: apt_update; fails when any source could not be read (apt-get itself only warns and uses what it had).
apt_update() {
  apt-get update -q -o APT::Update::Error-Mode=any >&2
}
