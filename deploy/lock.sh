#!/bin/sh
# Makes deploy/requirements.txt again, every package of the image at one version with the hashes of its files, and
# requirements-build.txt, those that the image is built with.
#
#   python -m pip install uv && deploy/lock.sh              # the newest versions that pyproject.toml admits
#   deploy/lock.sh --upgrade-package grpcio                 # of one package alone; the others stay
#
# tests/test_deploy_image.py checks that the file satisfies pyproject.toml. A lock names no index: pip takes the one that
# it is configured for, and the hashes say whether it got the files that were meant.
set -eu
cd "$(dirname "$0")/.."
compile() {
    uv pip compile "$@" --universal --python-version 3.13 --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command deploy/lock.sh --quiet
}
echo 'hatchling' | compile - --output-file deploy/requirements-build.txt
set -- "$@" --extra serve --extra report --extra picture --extra otel
if grep -q '^web = ' pyproject.toml; then
    set -- "$@" --extra web
fi
compile pyproject.toml "$@" --output-file deploy/requirements.txt
