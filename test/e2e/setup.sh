#!/bin/sh
# Installs what a host of `npm run e2e` is made of, besides the Kubernetes programs. Debian or Ubuntu, as root.
#   containerd, runc             run the pods            conntrack, iptables, nftables  kube-proxy's tools
#   iproute2, util-linux         make hosts of namespaces    socat, ethtool             kubelet's and kubeadm's tools
#   containernetworking-plugins  the pod network
# The Debian package of containerd starts no daemon where there is no systemd; where there is one, it stays unused.
set -eu
[ "$(id -u)" = 0 ] || { echo "setup.sh: run me as root: npm run e2e makes hosts of namespaces" >&2; exit 1; }
exec sh "$(dirname "$0")/../kit/packages.sh" containerd runc conntrack iptables nftables socat iproute2 ethtool \
  util-linux containernetworking-plugins
