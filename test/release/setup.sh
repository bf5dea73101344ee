#!/bin/sh
# Installs what the tests of the release need: shellcheck, and skopeo and jq for test/release/publishing.proof.ts.
# Debian or Ubuntu, as root.
set -eu
exec sh "$(dirname "$0")/../kit/packages.sh" jq shellcheck skopeo
