"""Tables of `archcalc accuracy`: accuracies with their sources, recipes, and figures that disagree with our counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from archcalc.evidence.accuracy import Located, all_points, recipes
from archcalc.evidence.accuracy_check import Check
from archcalc.present.tables import Column, Table, human, left
from archcalc.present.words import pair

COMPUTED = "Params and mult-adds: computed for that input size, not the source's; --format csv has notes."


def _percent(value: Any) -> str:
    return "" if value is None else f"{value:.2f}"


def _relative(value: Any) -> str:
    return f"{100 * value:+.2f}%"


def accuracy_table(located: Sequence[Located]) -> Table:
    """A table with a line for each printed accuracy."""
    rows = [
        (
            each.point.architecture,
            each.point.dataset,
            each.point.top1,
            each.point.top5,
            None if each.input is None else pair(each.input[1:]),
            each.params,
            each.mult_adds,
            each.point.recipe,
            each.point.source,
        )
        for each in located
    ]
    absent = len({each.point.architecture for each in located if each.input is None})
    remarks = [COMPUTED]
    if absent:
        remarks.append(f"Without a size: {absent} networks that are not in the catalogue, under their sources' names.")
    return Table(
        "Accuracies in percent, as printed",
        [
            left("architecture", "above"),
            left("data set"),
            Column("top-1", _percent),
            Column("top-5", _percent, narrow="drop"),
            Column("size"),
            Column("params", human),
            Column("mult-adds", human),
            left("recipe", "names"),
            left("source", "wrap"),
        ],
        rows,
        remarks=remarks,
    )


def recipes_table() -> Table:
    """A table of training recipes, as far as sources state them, with the number of their points."""
    counts = Counter(point.recipe for point in all_points())
    sets = {each.recipe: each.dataset for each in reversed(all_points())}
    several = Counter(recipe for recipe, _ in {(each.recipe, each.dataset) for each in all_points()})
    rows = [
        (name, counts[name], sets[name] + (" ..." if several[name] > 1 else ""), each.title, each.training)
        for name, each in recipes().items()
    ]
    heads = [left("recipe"), Column("points"), left("data set"), left("title", "wrap"), left("training", "wrap")]
    return Table(f"{len(rows)} training recipes", heads, rows)


def recipe_records() -> list[dict[str, object]]:
    """The recipes as flat dictionaries."""
    counts = Counter(point.recipe for point in all_points())
    return [{**each._asdict(), "points": counts[name]} for name, each in recipes().items()]


def check_table(check: Check, absent: dict[str, int]) -> Table:
    """A table of printed parameters and mult-adds that disagree with ours, the largest difference first."""
    rows = [
        (
            each.point.architecture,
            each.point.size,
            each.quantity.replace("_", "-"),
            each.printed,
            each.ours,
            each.relative,
            each.reason or "unexplained",
            each.point.source,
        )
        for each in check.disagreements
    ]
    unexplained = sum(not each.reason for each in check.disagreements)
    remarks = [
        "With its reason, a printed figure agrees with ours to its last digit. Other operations counted too: the "
        "network has enough of them, besides multiply-accumulates, for the difference.",
        f"{check.agreeing} printed figures agree with ours to their last digit, {len(rows)} do not: "
        f"{len(rows) - unexplained} of these with a likely reason, {unexplained} without.",
    ]
    if absent:
        remarks.append(
            f"Not compared: {check.absent} figures of networks that the catalogue does not have "
            f"({len(absent)} names: {', '.join(absent)})."
        )
    return Table(
        "Parameters and mult-adds that sources of accuracies print, compared with ours",
        [
            left("architecture", "above"),
            Column("size"),
            left("quantity"),
            Column("printed", human),
            Column("ours", human),
            Column("relative", _relative),
            left("likely reason", "wrap"),
            left("source", "wrap"),
        ],
        rows,
        remarks=remarks,
    )
