"""The page `reports/importing/tools.md`: which numbers of tools for imported models are predicted, and which are not.

python tests/tools/imported_page.py
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests"))

from test_imported_tools import (  # noqa: E402
    ERRORS,
    GOLDEN,
    NOT_PREDICTED,
    ON_A_CPU,
    counts_of,
    pairs,
    predicted,
    usual,
)

PAGE = ROOT / "reports/importing/tools.md"
HEAD = (
    "# Tools on imported models",
    "",
    "What tools return for {models} models of timm, torchvision and `tests/torch_models.py`, run on the models "
    "themselves on a CPU with one image (tests/data/tools_imported.json), and what `archcalc reconcile` says of their "
    "imports in the lines `NAME@model`. `python tests/tools/imported_page.py` makes this page.",
    "",
    "*Equal* are numbers equal to the unit. *On a CPU*: equal where fused attention is taken out, which the tool "
    "counts on a GPU only. *Usual*: equal without looking at the model's code, as the convention takes networks to be "
    "implemented.",
    "",
    "| tool | number | numbers | equal | on a CPU | not predicted | usual |",
    "| :--- | :--- | ---: | ---: | ---: | ---: | ---: |",
)
SHARED = "its modules are held by several others: parameters of shared ones are added again"
MISTAKE = "a mistake of the importer: group norms without bias get one"


def main() -> None:
    counts: dict[tuple[str, str], Counter[str]] = {}
    for pair in pairs():
        found = counts.setdefault((pair.tool, pair.quantity), Counter())
        attention = counts_of(pair.model).measures.sum("attention", "multiply_accumulate")
        equal = predicted(pair) == pair.value
        fused = equal and pair.convention in ON_A_CPU and attention
        found["on a CPU" if fused else "equal" if equal else "not"] += 1
        found["usual"] += usual(pair) == pair.value
    lines = [line.format(models=len(GOLDEN["thop"]["models"])) for line in HEAD]
    for (tool, quantity), found in counts.items():
        cells = [sum(found.values()) - found["usual"], *[found[key] for key in ("equal", "on a CPU", "not", "usual")]]
        lines.append(f"| {tool} | {quantity} | {' | '.join(map(str, cells))} |")
    lines += ["", "Not predicted, and what the answer says of it:", ""]
    lines += ["| convention | models | why |", "| :--- | :--- | :--- |"]
    for name, models in NOT_PREDICTED.items():
        reasons: dict[str, list[str]] = {}
        for model, reason in models.items():
            reasons.setdefault(reason or (SHARED if name == "torchinfo params" else MISTAKE), []).append(model)
        lines += [f"| {name} | {', '.join(every)} | {reason} |" for reason, every in reasons.items()]
    stopped = "; ".join(f"{tool} at {', '.join(sorted(models))}" for tool, models in ERRORS.items())
    lines += ["", f"With an error stops {stopped}."]
    lines += ["torchsummary's bytes are not compared: they are of all modules, those too that compute nothing."]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
