#!/bin/sh
# The atlas can be built, as a release does, and has every network; and the kit for a GPU works on the day that there is one.
set -eu
cd "$(dirname "$0")/.."
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
archcalc report -o "$made/atlas.pdf"
python tests/atlas.py "$made/atlas.pdf"
DEVICE=cpu PYTHON=python tests/device/run.sh "$made/device" 120
