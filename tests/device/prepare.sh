#!/usr/bin/env bash
# Lay the wheels that a GPU machine lacks beside Python 3.12, torch, torchvision and timm into .wheels/, which git
# ignores: fvcore and what it needs, pytorchcv, NVML, and the timm that the catalogue's references are pinned to.
# All of them are pure Python; together they are under 5 MiB. What brings the tree there must bring .wheels/ too.
#   tests/device/prepare.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

rm -rf .wheels
python3 -m pip wheel --quiet --no-deps --wheel-dir .wheels \
    fvcore==0.1.5.post20221221 iopath==0.1.10 yacs==0.1.8 portalocker==3.2.0 tabulate==0.9.0 termcolor==3.1.0 \
    pytorchcv==0.0.74 timm==1.0.31 nvidia-ml-py==13.580.126 click==8.3.0

foreign=$(find .wheels -name '*.whl' ! -name '*-none-any.whl')
if [ -n "$foreign" ]; then
    echo "prepare.sh: not pure Python, so it may not run there: $foreign" >&2
    exit 1
fi
du -sh .wheels
