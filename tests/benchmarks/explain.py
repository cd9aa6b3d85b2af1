"""`archcalc explain` on printed figures: how often its first answer is right, and how often it claims too much.

`tests/benchmarks/explain.csv` has the figures: as printed, the network they are asked of, the true reading (the fact
and the changes that `explain` should name, sorted; alternatives by `|`) or `none`, the source, and the text in which
the figure was seen (`checked`: the source, a stored copy of it, or one that quotes it). Kinds without a reading:
`unreadable`, a figure of the source that no known way of counting gives; `contradicted`, a slip; and two that were
made from printed figures: `swapped`, printed for a network of another family, and `altered`, with its last two digits
exchanged. `sibling` figures are asked of another network of their family.

`python tests/benchmarks/explain.py` prints the shares of the rows on which weights and thresholds were tuned, and of
those that were held out, then and later; `--record` writes them to `tests/benchmarks/explain.md`; `--wrong` lists the
misses.
The aims: the first answer is right for 90 %, and a reading is claimed for at most 3 % of the figures that have none.
"""

from __future__ import annotations

import csv
import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from archcalc import explain
from archcalc.evidence.judging import Explained

FIGURES = Path(__file__).with_suffix(".csv")
PAGE = Path(__file__).with_suffix(".md")
NONE = "none"
TITLES = {"held out later": "Later held out", "held out": "Held out", "tuned": "Tuned on"}
"""Parts of the figures, as sections of the page."""
FIRST_RUN = (
    "On the first run of these figures, which were labelled before it, the first answer was right for 88 of 108",
    "(81.5 %), and a reading was claimed for 1 of the 76 that have none (1.3 %) and wrongly for 1 of the others.",
)
"""What was found before anything was changed for them."""


class Row(NamedTuple):
    """A printed figure, the network that it is asked of, and its true reading."""

    part: str
    """`tuned`, `held out`, or `held out later`: added when weights and thresholds were settled, labelled before the
    first run."""
    printed: str
    architecture: str
    reading: str
    kind: str
    source: str
    checked: str
    """The text in which the figure was seen."""
    note: str


class Answer(NamedTuple):
    """The first answer to a figure: the reading in words, or `none`, and whether it is claimed."""

    row: Row
    first: str
    claimed: bool

    @property
    def right(self) -> bool:
        return self.first in self.row.reading.split(" | ")


def figures() -> list[Row]:
    with FIGURES.open(encoding="utf-8", newline="") as file:
        return [Row(*row) for row in csv.reader(file)][1:]


def told(each: Explained) -> str:
    """A reading in words: the fact, then its changes, sorted."""
    fact = each.fact if each.quantity in ("layers", "field", "output") else each.quantity
    digits = [each.reading.digits] if each.reading.digits not in ("", "final zeros hold places") else []
    return "; ".join([fact, *sorted([*[change.words for change in each.reading.changes], *digits])])


def answered(row: Row) -> Answer:
    readings = explain(row.printed, architecture=row.architecture).readings
    if not readings:
        return Answer(row, NONE, claimed=False)
    return Answer(row, told(readings[0]), claimed=readings[0].strength == "claimed")


def lines(answers: Sequence[Answer]) -> list[str]:
    """A line for the figures that have a reading, and for each kind of those that have none."""
    found = [each for each in answers if each.row.reading != NONE]
    kinds = list(dict.fromkeys(each.row.kind for each in found))
    out = ["| figures | number | first answer right | of these claimed | wrongly claimed | no reading |"]
    out.append("| :--- | ---: | ---: | ---: | ---: | ---: |")
    each_kind = [(kind, [each for each in found if each.row.kind == kind]) for kind in kinds]
    for kind, some in [*each_kind, ("all of these", found)]:
        right = [each for each in some if each.right]
        wrong = sum(each.claimed and not each.right for each in some)
        silent = sum(each.first == NONE for each in some)
        claimed = sum(each.claimed for each in right)
        out.append(f"| {kind} | {len(some)} | {share(len(right), len(some))} | {claimed} | {wrong} | {silent} |")
    out += ["", "| figures without a reading | number | claimed | called weak | no reading |"]
    out.append("| :--- | ---: | ---: | ---: | ---: |")
    absent = [each for each in answers if each.row.reading == NONE]
    kinds = list(dict.fromkeys(each.row.kind for each in absent))
    for kind, some in [
        *[(kind, [a for a in absent if a.row.kind == kind]) for kind in kinds],
        ("all of these", absent),
    ]:
        claimed = sum(each.claimed for each in some)
        weak = sum(not each.claimed and each.first != NONE for each in some)
        out.append(f"| {kind} | {len(some)} | {share(claimed, len(some))} | {weak} | {len(some) - claimed - weak} |")
    return out


def share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})" if whole else "0"


def page(answers: Sequence[Answer]) -> str:
    parts = [
        "# Readings of printed figures",
        "",
        "How often the first answer of `archcalc explain` is right, and how often it claims a reading of a figure that",
        "has none. The figures, their true readings, their sources and where each was seen are in `explain.csv`.",
        "Weights and thresholds were tuned on one part. Two were held out: one at the time, mostly torchvision's,",
        "and one later: model cards, tables, file sizes, receptive fields and threads.",
        "Made by `python tests/benchmarks/explain.py --record`.",
    ]
    for part, title in TITLES.items():
        first = ["", *FIRST_RUN] if part == "held out later" else []
        parts += ["", f"## {title}", *first, "", *lines([each for each in answers if each.row.part == part])]
    return "\n".join(parts) + "\n"


def main() -> None:
    gc.disable()
    answers = [answered(row) for row in figures()]
    if "--wrong" in sys.argv:
        for number, each in enumerate(answers):
            if not each.right:
                mark = "claimed" if each.claimed else "weak" if each.first != NONE else ""
                row = each.row
                print(
                    f"{number} {row.kind}: {row.printed} of {row.architecture}: {each.first} {mark}; is {row.reading}"
                )
    text = page(answers)
    print(text)
    if "--record" in sys.argv:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
