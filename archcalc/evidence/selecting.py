"""Networks of the catalogue chosen by their figures and by published accuracy: one line for each, sorted."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.algebra.conditions import parse_condition, together
from archcalc.analysis.quantities import (
    LATENCY,
    QUANTITIES,
    Basis,
    check_predicted,
    predicted,
    quantity_of,
    read_quantity,
    totals,
)
from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.base.spelling import matched, unknown
from archcalc.catalogue.kept import kept
from archcalc.catalogue.listing import matching, nothing_matches
from archcalc.evidence.accuracy import SINGLE, AccuracyPoint, points
from archcalc.graph import Network
from archcalc.request import Request
from archcalc.training import DEFAULT_TRAINING, Training

OTHERS: Mapping[str, str] = {
    "top1": "the best published top-1 accuracy in per cent",
    "top5": "the top-5 accuracy of the same measurement in per cent",
    "year": "the year of the paper",
    "size": "the height of the input in pixels",
}
"""Figures of a network that are no quantities of it."""
ALIASES = {"accuracy": "top1", "resolution": "size"}
ALWAYS = ("params", "mult_adds")


class Setting(NamedTuple):
    """An input size, batch, type and hyperparameters at which every network is looked at; unset: the network's own."""

    sizes: tuple[int, ...] = ()
    """Height and width; one number stands for both."""
    batch: int = 1
    dtype: str = "float32"
    hyperparameters: Mapping[str, Any] = {}
    training: Training = DEFAULT_TRAINING
    """The way of training, on which the memory of a training step depends."""


class SelectedNetwork(NamedTuple):
    """One network at one setting."""

    name: str
    summary: str
    year: int
    changed: Mapping[str, Any]
    """Its hyperparameters that the request gives."""
    input: tuple[int, ...]
    batch: int
    dtype: str
    values: Mapping[str, Any]
    """Params, mult-adds, and the other quantities of the conditions and the order; None: the network has none."""
    top1: float | None
    top5: float | None
    recipe: str
    """The training recipe of the accuracy; empty where no accuracy was published or asked for."""


class NotBuilt(NamedTuple):
    """A network that does not take a setting, and why."""

    name: str
    reason: str


class NetworkSelection(NamedTuple):
    """The networks that meet the conditions, in order."""

    rows: tuple[SelectedNetwork, ...]
    unknown: int
    """Networks for which a condition needs a figure that they do not have, such as an accuracy: they are left out."""
    refused: tuple[NotBuilt, ...]


@question
def select(
    pattern: str = "",
    where: Sequence[str] = (),
    sort: Sequence[str] = (),
    settings: Sequence[Setting] = (),
    dataset: str = "imagenet",
    recipe: Sequence[str] = (),
) -> NetworkSelection:
    """Networks whose name or summary contains `pattern` and that meet all conditions, in the given order.

    Conditions and order are in any quantity of the cost table (`params`, `mult_adds`, `peak_inference_bytes`,
    `receptive_field` ...), `top1`, `top5`, `year` and `size`; `-top1` sorts from the largest down, and what has no such
    figure stands last. A latency on a device (`latency@rtx-4090 < 5ms`) is a prediction in seconds for the batch, in
    the precision of the setting; `archcalc.analysis.quantities.remark_on` says how large its error is. The accuracy is
    the best single-crop one on the data set that was published for the row's input size without further training data,
    or among those of the given recipes; the row names its recipe.

    Raises ArchcalcError for a condition that cannot be read, or if no network matches the pattern.

    >>> found = select(where=["mult_adds < 600M and params < 5M"], sort=["-top1"])
    >>> found.rows[0].name, found.rows[0].top1
    ('mnasnet_a1', 75.61)
    """
    condition = together([parse_condition(each, _figure, _in_bytes, _in_seconds) for each in where])
    order = [_order(each) for each in sort]
    asked = [*condition.names, *[key for key, _ in order]]
    keys = tuple(dict.fromkeys([*ALWAYS, *[each for each in asked if _is_quantity(each)]]))
    best = _best(dataset, recipe) if {"top1", "top5"} & {*asked} or recipe else dict[Any, AccuracyPoint]()
    asked_at = [_checked(setting) for setting in settings or (Setting(),)]
    for setting in asked_at:
        check_predicted(keys, setting.dtype, setting.training)
    rows: list[SelectedNetwork] = []
    refused: list[NotBuilt] = []
    missing: set[str] = set()
    networks = matching(pattern)
    if not networks:
        raise nothing_matches(pattern)
    for network in networks:
        for setting in asked_at:
            check_cancelled()
            try:
                row = _row(network, setting, keys, best)
            except ArchcalcError as error:
                refused.append(NotBuilt(network.name, str(error)))
                continue
            verdict = condition.holds(_figures(row))
            if verdict:
                rows.append(row)
            elif verdict is None:
                missing.add(network.name)
    for key, down in reversed(order):
        rows = _sorted(rows, key, down)
    return NetworkSelection(tuple(rows), len(missing), tuple(refused))


def _checked(setting: Setting) -> Setting:
    """The setting with its batch and type as they are read. Raises ArchcalcError for what no network takes."""
    read = Request.of("", batch=setting.batch, dtype=setting.dtype, training=setting.training)
    if any([size < 1 for size in setting.sizes]):
        raise ArchcalcError(f"a size is at least 1 pixel, not {min(setting.sizes)}", about="settings")
    return setting._replace(batch=read.batch, dtype=read.dtype)


def _figure(word: str) -> str:
    """The figure that a word means. Raises UnknownName."""
    named = ALIASES.get(matched(word), matched(word))
    if named in OTHERS:
        return named
    if matched(word) in ("flop", "flops"):
        said = "tools count FLOPs in different ways; write mult_adds, or 2 * mult_adds where each counts as two"
        raise ArchcalcError(said, about="where")
    if matched(word.partition("@")[0]) == LATENCY:
        return read_quantity(word, tuple(QUANTITIES), "figure", "where")
    known = (*QUANTITIES, *OTHERS)
    try:
        return read_quantity(word, tuple(QUANTITIES), "figure")
    except ArchcalcError:
        raise unknown("figure", word, list(known), f"there are {', '.join(known)}", about="where") from None


def _is_quantity(figure: str) -> bool:
    return figure in QUANTITIES or bool(predicted([figure]))


def _in_bytes(figure: str) -> bool:
    return _is_quantity(figure) and quantity_of(figure).unit == "bytes"


def _in_seconds(figure: str) -> bool:
    return _is_quantity(figure) and quantity_of(figure).unit == "seconds"


def _order(text: str) -> tuple[str, bool]:
    """The figure of an order, and True if it falls: `-top1`."""
    name = text.strip()
    return _figure_or_name(name.lstrip("+-")), name.startswith("-")


def _figure_or_name(word: str) -> str:
    return "name" if word == "name" else _figure(word)


def _sorted(rows: list[SelectedNetwork], key: str, down: bool) -> list[SelectedNetwork]:
    """Rows in the order of a figure, equal ones as they were; those without the figure last."""

    def figure(row: SelectedNetwork) -> Any:
        return row.name if key == "name" else _figures(row)[key]

    having = [row for row in rows if figure(row) is not None]
    return sorted(having, key=figure, reverse=down) + [row for row in rows if figure(row) is None]


def _figures(row: SelectedNetwork) -> dict[str, Any]:
    return {**row.values, "top1": row.top1, "top5": row.top5, "year": row.year, "size": row.input[1]}


def _row(
    network: Network, setting: Setting, keys: tuple[str, ...], best: Mapping[tuple[str, int], AccuracyPoint]
) -> SelectedNetwork:
    request = Request(network, None, setting.batch, setting.dtype, setting.hyperparameters, setting.training)
    channels, *sides = request.shape
    sizes = setting.sizes or tuple(sides)
    if len(sizes) not in (1, len(sides)):
        raise ArchcalcError(f"{network.name}: its input has {len(sides)} sizes, not {len(sizes)}", about="settings")
    shape = (channels, *(sizes * len(sides) if len(sizes) == 1 else sizes))
    if setting == Setting() and keys == ALWAYS and network.name in kept():
        values: Mapping[str, Any] = kept()[network.name]._asdict()
    else:
        settings = tuple(sorted(request.settings.items()))
        count = _values if all([isinstance(value, Hashable) for _, value in settings]) else _values.__wrapped__
        values = count(network.name, shape, setting.batch, setting.dtype, setting.training, settings, keys)
    point = best.get((network.name, shape[1])) if not request.changed else None
    return SelectedNetwork(
        network.name,
        network.summary,
        network.family.year,
        request.changed,
        shape,
        request.batch,
        request.dtype,
        dict(values),
        *((None, None, "") if point is None else (point.top1, point.top5, point.recipe)),
    )


@cache
def _values(
    name: str,
    shape: Any,
    batch: int,
    dtype: str,
    training: Training,
    settings: tuple[tuple[str, Any], ...],
    keys: tuple[str, ...],
) -> Mapping[str, Any]:
    request = Request(name, shape, batch, dtype, dict(settings), training)
    return totals(Basis.of(request), keys).to_dict()


def _best(dataset: str, recipe: Sequence[str]) -> dict[tuple[str, int], AccuracyPoint]:
    """The most accurate point of each network and input size, of one crop and without further data."""
    best: dict[tuple[str, int], AccuracyPoint] = {}
    own = _own_sizes()
    for point in points((), dataset, recipe):
        if point.evaluation not in SINGLE or point.extra_data or point.top1 is None:
            continue
        at = point.architecture, point.size or own.get(point.architecture, 0)
        if at not in best or point.top1 > (best[at].top1 or 0):
            best[at] = point
    return best


def _own_sizes() -> dict[str, int]:
    return {network.name: network.input[1] for network in zoo.networks()}
