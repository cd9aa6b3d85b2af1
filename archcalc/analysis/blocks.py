"""Cost tables by stage or block: layers whose names begin alike, added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archcalc.algebra.dims import Dim
from archcalc.analysis.parts import beginning
from archcalc.analysis.results import Analysis, Layer
from archcalc.base.errors import ArchcalcError

BLOCK = "block"
"""The op of a line that stands for several layers; its attributes are the kinds of these with their numbers."""


def at_depth(analysis: Analysis, depth: int) -> Analysis:
    """The same table with one layer for all whose names agree in their first `depth` parts.

    `layer1.0` has two parts, and so has `conv3_2`.

    Parameters, mult-adds and activations are sums: activations of the layers that count, so that they add up to
    `activation_sum`. Output and receptive field are those of the last layer. Raises ArchcalcError for a depth below 1.

    >>> from archcalc import analyze
    >>> table = at_depth(analyze("resnet50"), 1)
    >>> [layer.name for layer in table.layers]
    ['input', 'conv1', 'maxpool', 'layer1', 'layer2', 'layer3', 'layer4', 'avgpool', 'fc']
    >>> sum(layer.params for layer in table.layers) == table.totals.params
    True
    """
    if depth < 1:
        raise ArchcalcError(f"a depth is at least 1, not {depth}", about="depth")
    groups: dict[str, list[Layer]] = {}
    for layer in analysis.layers:
        groups.setdefault(beginning(layer.name, depth), []).append(layer)
    return replace(analysis, layers=tuple([_sum(name, layers) for name, layers in groups.items()]))


def _sum(name: str, layers: Sequence[Layer]) -> Layer:
    if len(layers) == 1:
        return layers[0]
    kinds: dict[str, int] = {}
    for layer in layers:
        kinds[layer.op] = kinds.get(layer.op, 0) + 1
    return layers[-1]._replace(
        name=name,
        row=name,
        op=BLOCK,
        attributes=kinds,
        activations=_total([layer.activations for layer in layers if not layer.in_place]),
        params=_total([layer.params for layer in layers]),
        buffers=_total([layer.buffers for layer in layers]),
        mult_adds=_total([layer.mult_adds for layer in layers]),
        counted=None
        if layers[0].counted is None
        else _total([0 if layer.counted is None else layer.counted for layer in layers]),
        in_place=False,
    )


def _total(values: Sequence[Dim]) -> Any:
    total: Dim = 0
    for value in values:
        total = total + value
    return total
