#!/usr/bin/env bash
# Validate, then measure on this machine's GPU within SECONDS, and leave the records in OUT.
#   tests/device/run.sh OUT [SECONDS]
# OUT gets validation/ and measured/: a record named after the GPU, its page, and what the command printed. A record of
# the same GPU that is kept under reports/ is gone on with. A disagreement is a figure of the record and no failure;
# this script fails where no record was made.
# DEVICE=cpu rehearses it: a few small networks, seconds. NETWORKS, JOBS and PYTHON change what their names say.
set -euo pipefail
out=$(mkdir -p "${1:?usage: tests/device/run.sh OUT [SECONDS]}" && cd "$1" && pwd)
cd "$(dirname "$0")/../.."
seconds=${2:-540}
device=${DEVICE:-cuda}
python=${PYTHON:-python3}

remaining() { echo $((seconds - SECONDS)); }

if [ -d .wheels ]; then
    site=$(mktemp -d)
    trap 'rm -rf "$site"' EXIT
    "$python" -m pip install --quiet --no-index --no-deps --no-compile --target "$site" .wheels/*.whl
    PYTHONPATH="$site${PYTHONPATH:+:$PYTHONPATH}"
fi
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1 COLUMNS=160

name=$("$python" - "$device" <<'PY'
import re, sys
from archcalc.base.errors import ArchcalcError
from archcalc.execution.device import device_name, require
try:
    require(sys.argv[1])
    import fvcore
except ArchcalcError as error:
    sys.exit(f"run.sh: {error}")
except ModuleNotFoundError as error:
    sys.exit(f"run.sh: {error}: lay the wheels with tests/device/prepare.sh, and bring .wheels/ along")
print(re.sub("[^a-z0-9]+", "-", device_name(sys.argv[1]).lower()).strip("-"))
PY
)
cores=$("$python" -c 'import os; print(len(os.sched_getaffinity(0)))')
if [ "$device" = cpu ]; then
    networks=${NETWORKS:-lenet5 resnet20_cifar depthwise_separable_example}
    validate=(--jobs "${JOBS:-$cores}")
    measure=(--batch 1 --batch 2 --precision float32 --seconds 0.05)
else
    networks=${NETWORKS:---all}
    validate=(--jobs "${JOBS:-$((cores > 3 ? cores - 2 : 1))}")
    measure=(--seconds 0.05)
fi

# COMMAND KIND LIMIT OPTION...: go on with the record of this device under reports/, or make a new one.
record() {
    local command=$1 kind=$2 limit=$3 code=2
    shift 3
    mkdir -p "$out/$kind"
    local file="$out/$kind/$name.json"
    local run=("$python" -m archcalc "$command" --device "$device" --time-limit "$limit" "$@")
    echo "+ $command for at most $limit s"
    if [ -f "reports/$kind/$name.json" ] && [ "$device" != cpu ]; then
        cp "reports/$kind/$name.json" "$file"
        # shellcheck disable=SC2086
        "${run[@]}" --resume "$file" $networks > "$out/$kind/printed.txt" 2>&1 && code=0 || code=$?
    fi
    if [ "$code" = 2 ]; then # there is none, or it was made with other versions
        rm -f "$file"
        # shellcheck disable=SC2086
        "${run[@]}" --record "$file" $networks > "$out/$kind/printed.txt" 2>&1 && code=0 || code=$?
    fi
    tail -n 25 "$out/$kind/printed.txt"
    [ -f "$file" ] || { echo "run.sh: $command left no record (exit code $code)" >&2; return 1; }
}

echo "+ $name, $cores cores, $(remaining) s"
share=$(($(remaining) * 7 / 10))
status=0
record validate validation $((share < 420 ? share : 420)) "${validate[@]}" || status=1
record measure measured $(($(remaining) - 15)) "${measure[@]}" || status=1
find "$out" -type f -size +16M -print -exec false {} + || { echo "run.sh: a file is over 16 MiB" >&2; status=1; }
echo "+ done after $SECONDS s"
exit "$status"
