#!/bin/sh
# The documentation as a site: docs/build.sh FOLDER [html|linkcheck]; with EXPLORER=yes the explorer is a part of it,
# with OFFLINE=yes nothing is asked of the network, and links into other projects' documentation are left out.
set -eu
cd "$(dirname "$0")"
out=${1:?where the site goes}
sphinx-build -q -W --keep-going -j auto -b "${2:-html}" . "$out"
test "${EXPLORER:-no}" = no || archcalc site -o "$out/explorer"
