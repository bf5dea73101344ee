#!/bin/sh
# Installs what tests need from Debian or Ubuntu: sh test/setup.sh [PART]..., by default all parts.
#   e2e      containerd, runc             run the pods
#            iproute2, util-linux         make hosts of namespaces
#            containernetworking-plugins  the pod network
#            conntrack, iptables, nftables, socat, ethtool  tools of kube-proxy, kubelet and kubeadm
#   chart    promtool and prometheus, into the cache folder of this project; of their package nothing else is unpacked
#   browser  chromium and a font, which show the page of the report
#   shells   fish and zsh, which read the completion scripts
#   release  shellcheck, and skopeo and jq, which run in the scripts of the release; openssl, which verifies the webhook's CA
#   upstream ansible-core, which runs the role for Kubespray
# Nothing else of the machine is needed but Go and npm.
# The package of containerd starts no daemon where there is no systemd; where there is one, it stays unused.
# Root is needed where something is missing.
set -eu

install() {
  missing=
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
  done
  [ -n "$missing" ] || { echo "setup.sh: installed: $*"; return; }
  [ "$(id -u)" = 0 ] || { echo "setup.sh: run me as root: I install$missing" >&2; exit 1; }
  echo "setup.sh: installing$missing"
  apt-get update -qq
  # shellcheck disable=SC2086 # a list of words
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

unpack_prometheus() {
  folder="${XDG_CACHE_HOME:-$HOME/.cache}/kubelet-csr-gate/binaries/prometheus"
  if [ ! -x "$folder/promtool" ] || [ ! -x "$folder/prometheus" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work" # apt downloads as a user of its own
    (
      cd "$work"
      apt-get download -qq prometheus 2>/dev/null || { apt-get update -qq && apt-get download -qq prometheus; }
      dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool ./usr/bin/prometheus
    )
    mkdir -p "$folder"
    mv "$work/usr/bin/promtool" "$work/usr/bin/prometheus" "$folder"
  fi
  echo "setup.sh: promtool and prometheus are in $folder"
}

[ $# -gt 0 ] || set -- e2e chart release browser shells upstream
for part in "$@"; do
  case $part in
    e2e)
      install containerd runc conntrack iptables nftables socat iproute2 ethtool util-linux containernetworking-plugins
      ;;
    chart) unpack_prometheus ;;
    release) install jq openssl shellcheck skopeo ;;
    browser) install chromium fonts-dejavu-core ;;
    shells) install fish zsh ;;
    upstream) install ansible-core ;;
    *)
      echo "setup.sh: $part is not e2e, chart, release, browser, shells or upstream" >&2
      exit 2
      ;;
  esac
done
