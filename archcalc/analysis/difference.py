"""The difference of two networks, layer by layer: what was added, removed and changed, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from archcalc.analysis.results import Analysis, Layer
from archcalc.analysis.table import analyze
from archcalc.request import NetworkLike, Request

MOST_PAIRS = 250_000
"""The most pairs of layers between two that keep their names that are compared; more are taken as removed and added."""

Change = Literal["same", "resized", "changed", "added", "removed"]


class LayerPair(NamedTuple):
    """A layer of the first network and the one that stands for it in the second; None: there is none."""

    first: Layer | None
    second: Layer | None

    @property
    def change(self) -> Change:
        """What became of the layer; `resized` is the same operation on a map of other sizes or with other channels."""
        if self.first is None or self.second is None:
            return "added" if self.first is None else "removed"
        if _operation(self.first) != _operation(self.second):
            return "changed"
        return "same" if _size(self.first) == _size(self.second) else "resized"

    def delta(self, quantity: str) -> Any:
        """The second layer's params, mult_adds or activations less the first's; a layer that is missing has 0.

        So have the activations of a layer in place, which `activation_sum` leaves out.
        """
        return _amount(self.second, quantity) - _amount(self.first, quantity)


class NetworkDifference(NamedTuple):
    """Two networks and their layers side by side."""

    first: Analysis
    second: Analysis
    layers: tuple[LayerPair, ...]


def diff(first: NetworkLike, second: NetworkLike, **given: Any) -> NetworkDifference:
    """The layers of two networks side by side: those with equal names, and between these the most alike, in order.

    `given` are settings of both requests (see `analyze`), and one network at two sizes or settings is two requests.
    The differences of params, mult-adds and activations add up to those of the totals. Raises ArchcalcError as
    `analyze` does.

    >>> added = [pair for pair in diff("vgg16", "vgg19").layers if pair.change == "added"]
    >>> [pair.second.name for pair in added], sum(pair.delta("mult_adds") for pair in added)
    (['conv3_4', 'conv4_4', 'conv5_4'], 4161798144)
    """
    return compared(*[analyze(Request.of(each, **given)) for each in (first, second)])


def compared(first: Analysis, second: Analysis) -> NetworkDifference:
    """The layers of two cost tables side by side."""
    return NetworkDifference(first, second, tuple(_pairs(first.layers, second.layers)))


def _pairs(ours: Sequence[Layer], theirs: Sequence[Layer]) -> Iterator[LayerPair]:
    names = [layer.name for layer in ours], [layer.name for layer in theirs]
    for tag, a, b, c, d in SequenceMatcher(None, *names, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from map(LayerPair, ours[a:b], theirs[c:d])
        else:
            yield from _most_alike(ours[a:b], theirs[c:d])


def _most_alike(ours: Sequence[Layer], theirs: Sequence[Layer]) -> Iterator[LayerPair]:
    """Layers paired in order so that the sum of their likeness is largest (Needleman & Wunsch 1970)."""
    if not ours or not theirs or len(ours) * len(theirs) > MOST_PAIRS:
        yield from [LayerPair(layer, None) for layer in ours]
        yield from [LayerPair(None, layer) for layer in theirs]
        return
    best = [[0.0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for i in reversed(range(len(ours))):
        for j in reversed(range(len(theirs))):
            paired = best[i + 1][j + 1] + _likeness(ours[i], theirs[j])
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < len(ours) or j < len(theirs):
        both = i < len(ours) and j < len(theirs)
        alike = _likeness(ours[i], theirs[j]) if both else 0.0
        if both and alike and best[i][j] == best[i + 1][j + 1] + alike:
            yield LayerPair(ours[i], theirs[j])
            i, j = i + 1, j + 1
        elif i < len(ours) and (j == len(theirs) or best[i][j] == best[i + 1][j]):
            yield LayerPair(ours[i], None)
            i += 1
        else:
            yield LayerPair(None, theirs[j])
            j += 1


def _likeness(one: Layer, other: Layer) -> float:
    """0 for layers of different kinds; more for the same fields, the same output, the same last part of the name."""
    if one.op != other.op:
        return 0.0
    same_name = one.name.rpartition(".")[2] == other.name.rpartition(".")[2]
    return (
        1.0
        + (_operation(one) == _operation(other))
        + (one.output_shape == other.output_shape)
        + 0.5 * (one.output_shape[1:] == other.output_shape[1:])
        + 0.25 * same_name
    )


def _amount(layer: Layer | None, quantity: str) -> Any:
    return 0 if layer is None or (quantity == "activations" and layer.in_place) else getattr(layer, quantity)


def _size(layer: Layer) -> tuple[Any, ...]:
    return layer.output_shape, layer.params, layer.mult_adds, layer.activations, layer.counted


def _operation(layer: Layer) -> tuple[Any, ...]:
    """The kind of a layer and its fields, without its outputs or the size of an input."""
    return layer.op, {key: value for key, value in layer.attributes.items() if key not in ("out", "size")}
