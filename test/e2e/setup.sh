#!/bin/sh
# Installs what a host of `npm run e2e` is made of, besides the Kubernetes programs. Debian or Ubuntu, as root.
#   containerd, runc             run the pods            conntrack, iptables, nftables  kube-proxy's tools
#   iproute2, util-linux         make hosts of namespaces    socat, ethtool             kubelet's and kubeadm's tools
#   containernetworking-plugins  the pod network
# The Debian package of containerd starts no daemon where there is no systemd; where there is one, it stays unused.
set -eu
[ "$(id -u)" = 0 ] || { echo "setup.sh: run me as root: this installs packages" >&2; exit 1; }
packages="containerd runc conntrack iptables nftables socat iproute2 ethtool util-linux containernetworking-plugins"
missing=
for package in $packages; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || { echo "setup.sh: all packages are installed"; exit 0; }
echo "setup.sh: installing$missing"
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
