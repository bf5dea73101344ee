#!/bin/sh
# Installs what shows that the release workflow does what it says: shellcheck reads its scripts, skopeo and jq run in
# them (`npm run rehearse`). Debian or Ubuntu, as root.
set -eu
exec sh "$(dirname "$0")/../kit/packages.sh" jq shellcheck skopeo
