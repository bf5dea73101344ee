#!/bin/sh
# Puts promtool and prometheus, which the tests of alerts and dashboard run, into the cache folder of this project. Debian
# or Ubuntu; root only where apt has no lists yet. Of Debian's package nothing else is unpacked, and no daemon installed.
set -eu
folder="${XDG_CACHE_HOME:-$HOME/.cache}/kubelet-csr-gate/binaries/prometheus"
if [ -x "$folder/promtool" ] && [ -x "$folder/prometheus" ]; then
  echo "setup.sh: promtool and prometheus are in $folder"
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt downloads as a user of its own
cd "$work"
apt-get download -qq prometheus 2>/dev/null || { apt-get update -qq && apt-get download -qq prometheus; }
dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool ./usr/bin/prometheus
mkdir -p "$folder"
mv usr/bin/promtool usr/bin/prometheus "$folder"
echo "setup.sh: promtool and prometheus are in $folder"
