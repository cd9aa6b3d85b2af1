#!/usr/bin/env bash
# Keep the records that run.sh left in OUT: copy them below reports/ and make the pages anew.
#   tests/device/keep.sh OUT
# `archcalc report --all --output reports/` then draws the figures of time and power.
set -euo pipefail
out=$(cd "${1:?usage: tests/device/keep.sh OUT}" && pwd)
cd "$(dirname "$0")/../.."
shopt -s nullglob
for kind in validation measured; do
    mkdir -p "reports/$kind"
    for file in "$out/$kind"/*.json; do
        kept="reports/$kind/$(basename "$file")"
        if [ -f "$kept" ] && [ "$(grep -c '^{"name"' "$kept")" -gt "$(grep -c '^{"name"' "$file")" ]; then
            echo "keep.sh: $kept has more networks than $file, and stays" >&2
        else
            install -m 644 "$file" "$kept"
        fi
    done
done
"${PYTHON:-python3}" - <<'PY'
from pathlib import Path
from archcalc.measure import page
from archcalc.validation import matrix
print(matrix.write_page(Path("reports/validation")), page.write_page(Path("reports/measured")))
PY
