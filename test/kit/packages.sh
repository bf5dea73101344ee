#!/bin/sh
# Installs those packages of Debian or Ubuntu that are missing: sh test/kit/packages.sh NAME...
set -eu
missing=
for package in "$@"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || { echo "packages.sh: all are installed: $*"; exit 0; }
[ "$(id -u)" = 0 ] || { echo "packages.sh: run me as root: this installs$missing" >&2; exit 1; }
echo "packages.sh: installing$missing"
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
