"""The data of the page that compares networks: their layers side by side, and the steps between two ways of counting.

The numbers of the page come from the networks' own data (`network_page`), which a browser computes anew for every size.
Here is what needs more than these: which layers and stages stand for each other, as in `archcalc diff`, and the totals
under all conventions with the steps from one to another, as in `archcalc reconcile`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import inf, log2
from typing import Any

from archcalc.analysis.blocks import at_depth
from archcalc.analysis.difference import compared
from archcalc.analysis.parts import beginning
from archcalc.analysis.results import Analysis, Layer, settings_text
from archcalc.analysis.stages import alike, merged
from archcalc.analysis.table import analyze
from archcalc.base.errors import ArchcalcError
from archcalc.conventions.counting import conventions
from archcalc.conventions.reconciling import Line, Step, Waterfall, reconcile
from archcalc.graph.axes import example
from archcalc.present.conventions import left_out_words, step_words
from archcalc.present.words import by_all
from archcalc.request import NetworkLike, Request

FIRST = ("resnet50", "vgg16")
"""The networks of the page as it is written."""
FIRST_STEPS = ("mult_adds", "fvcore")
MOST = 6
VECTORS = "vectors"


def compare_page(names: Sequence[str]) -> dict[str, Any]:
    """The data of the page as the site is written, for JSON: of two of some names, `FIRST` if these are among them.

    >>> page = compare_page(["lenet5", "vgg16", "resnet50"])
    >>> page["names"], page["alignment"]["pairs"][0]
    (['resnet50', 'vgg16'], [0, 0, True])
    """
    chosen = [name for name in FIRST if name in names]
    chosen += [name for name in names if name not in chosen]
    pair = chosen[: len(FIRST)]
    start, to = FIRST_STEPS
    return {
        "names": pair,
        "alignment": alignment([Request.of(name) for name in pair]),
        "reconciliation": reconciliation(Request.of(pair[0]), start=start, only=to),
    }


def alignment(networks: Sequence[NetworkLike]) -> dict[str, Any]:
    """The layers and stages of networks that stand for each other, by their places in the cost tables; see `diff`.

    `pairs`, of two networks, has the place of a layer in each table, or None, and whether both are the same operation.
    `stages` has a label and, for each network, ranges of places: `[1, 3, 5, 6]` are the layers 1, 2 and 5. Stages go
    `by` name, or `by` scale where the networks have not the same. Raises ArchcalcError as `analyze` does.

    >>> alignment(["vgg16", "vgg19"])["pairs"][9:12]
    [[9, 9, True], [None, 10, False], [10, 11, True]]
    """
    if not 1 <= len(networks) <= MOST:
        raise ArchcalcError(f"1 to {MOST} networks are compared, not {len(networks)}", about="networks")
    analyses = [_analyzed(index, network) for index, network in enumerate(networks)]
    return {"pairs": _pairs(*analyses) if len(analyses) == 2 else None, "stages": _stages(analyses)}


def _analyzed(index: int, network: NetworkLike) -> Analysis:
    """The cost table of one of several networks; an error says which it is about."""
    try:
        return analyze(network)
    except ArchcalcError as error:
        error.about = f"networks[{index}]" + (f".{error.about}" if error.about else "")
        raise


def _pairs(first: Analysis, second: Analysis) -> list[list[Any]]:
    places = [{id(layer): place for place, layer in enumerate(each.layers)} for each in (first, second)]
    return [
        [
            None if pair.first is None else places[0][id(pair.first)],
            None if pair.second is None else places[1][id(pair.second)],
            pair.change in ("same", "resized"),
        ]
        for pair in compared(first, second).layers
    ]


def _stages(analyses: Sequence[Analysis]) -> dict[str, Any]:
    """The layers of each network by the first part of their names, or by the scale of their outputs."""
    named = [{layer.name: layer.receptive_field for layer in at_depth(each, 1).layers} for each in analyses]
    same = alike(named)
    keys = [
        [beginning(layer.name, 1) if same else scale(layer, each.input) for layer in each.layers] for each in analyses
    ]
    found = {key for each in keys for key in each}
    order = merged(named) if same else sorted(found, key=_between)
    return {
        "by": "name" if same else "scale",
        "groups": [
            {"label": label, "parts": [_ranges([key == label for key in each]) for each in keys]} for label in order
        ],
    }


def scale(layer: Layer, shape: Sequence[Any]) -> str:
    """The scale of a layer's output: `/4` has a quarter of the input's positions on the first axis, `x2` twice as many.

    It is the stride of the receptive field, or the nearest power of two where units have no window. `vectors` is an
    output without positions.

    >>> table = analyze("unet")
    >>> [scale(layer, table.input) for layer in table.layers if layer.name in ("down1.conv1", "up4.conv1")]
    ['/1', '/8']
    """
    stride = (layer.receptive_field.local or layer.receptive_field).stride
    sides = layer.output_shape[1:]
    if not sides or (not stride and all([side == 1 for side in sides])):
        return VECTORS
    between = Fraction(stride[0]) if stride else Fraction(2) ** round(log2(shape[1] / sides[0]))
    return f"/{between}" if between >= 1 else f"x{1 / between}"


def _between(label: str) -> float:
    """The input positions between neighbours of a scale; vectors come last."""
    if label == VECTORS:
        return inf
    return float(Fraction(label[1:]) if label[0] == "/" else 1 / Fraction(label[1:]))


def _ranges(held: Iterable[bool]) -> list[int]:
    """The places that are held, as the beginning and end of each run."""
    ends: list[int] = []
    before = False
    for place, now in enumerate([*held, False]):
        if now != before:
            ends.append(place)
            before = now
    return ends


def reconciliation(request: NetworkLike, start: str = "mult_adds", only: str | None = None) -> dict[str, Any]:
    """The totals of a network under all conventions of one quantity, and the steps from `start` to each, in words.

    With `only`, the total of this convention and the steps to it only. Totals and steps are for one image, each in its
    convention's unit.
    Raises ArchcalcError as `reconcile` does.

    >>> found = reconciliation("resnet50", only="fvcore")
    >>> found["waterfalls"]["fvcore"][0]["words"], found["waterfalls"]["fvcore"][0]["amount"]
    ('+ 2 x batch norm output elements', 22227968)
    """
    asked = Request.of(request)
    found = reconcile(asked, start=start)
    quantity = found.lines[0].convention.quantity
    models = dict.fromkeys([line.implementation for line in found.lines if line.implementation])
    return {
        "name": found.architecture,
        "settings": settings_text(found.changed),
        "input": by_all((found.input, *found.further_inputs)),
        "example": example((found.input, *found.further_inputs)),
        "start": found.lines[0].name,
        "quantity": quantity,
        "starts": {each.name: each.quantity for each in conventions()},
        "names": [line.name for line in found.lines],
        "lines": [_line(line) for line in found.lines if only is None or line.name in (found.lines[0].name, only)],
        "models": list(models),
        "waterfalls": {
            each.end.name: [_step(step, each) for step in each.steps]
            for each in found.waterfalls
            if only in (None, each.end.name)
        },
    }


def _line(line: Line) -> Mapping[str, Any]:
    convention = line.convention
    return {
        "name": line.name,
        "total": line.total,
        "unit": convention.unit,
        "summary": convention.summary,
        "bugs": line.bugs,
        "left_out": left_out_words(line.left_out),
    }


def _step(step: Step, waterfall: Waterfall) -> Mapping[str, Any]:
    """A step as a term of a sum, and as a sentence, with the reason if it has one."""
    return {
        "words": step_words(step),
        "amount": step.amount,
        "why": sentence(step, waterfall.start.name, waterfall.end.name),
        "reason": step.reason,
        "bug": step.bug,
    }


def sentence(step: Step, start: str, end: str) -> str:
    """A step in words: what it counts, how often, and which of both conventions counts more of it.

    >>> (waterfall,) = reconcile("resnet50", to="fvcore").waterfalls
    >>> sentence(waterfall.steps[0], "mult_adds", "fvcore")
    '53 x batch norm with 11,113,984 output elements: fvcore counts 2 more for each than mult_adds'
    """
    of = f"{step.nodes:,} x {step.op.replace('_', ' ')} with {step.measured:,} {step.meaning}"
    return f"{of}: {end} counts {abs(step.weight)} {'more' if step.weight > 0 else 'less'} for each than {start}"
