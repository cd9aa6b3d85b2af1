#!/bin/sh
# Format, lint, types, and the contract that imports run downwards; needs pip install -e '.[test,dev]'.
set -eu
cd "$(dirname "$0")/.."
ruff format --check .
ruff check .
pyright
lint-imports
