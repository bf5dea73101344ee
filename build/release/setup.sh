#!/bin/sh
# Installs what shows that the release workflow does what it says: shellcheck reads its scripts, skopeo and jq run in
# them (`npm run rehearse`). Debian or Ubuntu, as root.
set -eu
packages="jq shellcheck skopeo"
missing=
for package in $packages; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || { echo "setup.sh: all packages are installed"; exit 0; }
[ "$(id -u)" = 0 ] || { echo "setup.sh: run me as root: this installs$missing" >&2; exit 1; }
echo "setup.sh: installing$missing"
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
