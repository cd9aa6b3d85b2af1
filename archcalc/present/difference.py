"""The table of `archcalc diff`: two networks layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archcalc.analysis.difference import LayerPair, NetworkDifference
from archcalc.analysis.results import Analysis, Layer, labels, layer_axes
from archcalc.present.tables import Column, Table, human, left, signed
from archcalc.present.words import by_all, field_size, output, phrase

DELTAS = {"params": "params", "mult_adds": "mult-adds", "activations": "activations"}
MARKS = {"same": "=", "resized": "~", "changed": "!", "added": "+", "removed": "-"}


def difference_table(found: NetworkDifference) -> Table:
    """A line for each layer that differs, with both operations and what the second has more; totals below."""
    first, second = labels([found.first, found.second])
    rows = [_row(pair, found.first) for pair in found.layers if pair.change != "same"]
    same = len(found.layers) - len(rows)
    sums = [_total(found.second, key) - _total(found.first, key) for key in DELTAS]
    if not rows:
        return Table(f"{first} and {second}: no layer differs", (), (), remarks=_sides(found, first, second))
    return Table(
        caption=f"{first} and {second}: the layers that differ, and what {second} has more",
        columns=[
            left(""),
            left("layer", "above"),
            left(first, "wrap"),
            left(second, "wrap"),
            *[Column(heading, signed) for heading in DELTAS.values()],
        ],
        rows=rows,
        totals=[("", "total", None, None, *sums)],
        remarks=[
            *_sides(found, first, second),
            f"{same} {'layer is' if same == 1 else 'layers are'} the same. {_legend(found.layers)}".strip(),
        ],
    )


def _row(pair: LayerPair, first: Analysis) -> Sequence[Any]:
    axes = len(first.input) - 1
    cells = [
        None if each is None else f"{phrase(each, axes)}, {output(each.output_shape)}"
        for each in (pair.first, pair.second)
    ]
    if pair.change == "resized" and pair.second is not None:
        cells[1] = output(pair.second.output_shape)
    names = [each.name for each in pair if each is not None]
    return [MARKS[pair.change], " > ".join(dict.fromkeys(names)), *cells, *[pair.delta(key) or None for key in DELTAS]]


def _total(analysis: Analysis, key: str) -> Any:
    return analysis.totals["activation_sum" if key == "activations" else key]


def _sides(found: NetworkDifference, first: str, second: str) -> list[str]:
    """A remark with the input and the totals of both networks."""
    return [" ".join([_totals(name, each) for name, each in ((first, found.first), (second, found.second))])]


def _totals(name: str, analysis: Analysis) -> str:
    totals = analysis.totals
    last = [layer for layer in analysis.layers if layer.receptive_field.size is not None]
    field = f", field {field_size(last[-1].receptive_field)}" if last else ""
    return (
        f"{name}: input {by_all(analysis.inputs)}, {human(totals.params)} params, {human(totals.mult_adds)} mult-adds, "
        f"{totals.weight_layers} weight layers{field}."
    )


def _legend(pairs: Sequence[LayerPair]) -> str:
    words = {
        "resized": "~ the same operation on other sizes or channels",
        "changed": "! another operation",
        "added": "+ added",
        "removed": "- removed",
    }
    present = {pair.change for pair in pairs}
    shown = [text for change, text in words.items() if change in present]
    return f"{'; '.join(shown)}." if shown else ""


def difference_records(found: NetworkDifference) -> list[dict[str, Any]]:
    """A flat dictionary for each pair of layers, the same ones too."""

    def side(layer: Layer | None, which: str) -> dict[str, Any]:
        return {
            f"{which}_layer": layer and layer.name,
            f"{which}_operation": layer and phrase(layer, layer_axes(layer, len(found.first.input) - 1)),
            f"{which}_output": layer and output(layer.output_shape),
            **{f"{which}_{key}": layer and getattr(layer, key) for key in DELTAS},
        }

    return [
        {"change": pair.change, **side(pair.first, "first"), **side(pair.second, "second")}
        | {f"{key}_difference": pair.delta(key) for key in DELTAS}
        for pair in found.layers
    ]


def difference_data(found: NetworkDifference) -> dict[str, Any]:
    """The difference for JSON: both networks' names and totals, and every pair of layers."""
    first, second = labels([found.first, found.second])
    return {
        "first": {"architecture": first, "totals": found.first.totals.to_dict()},
        "second": {"architecture": second, "totals": found.second.totals.to_dict()},
        "layers": difference_records(found),
    }
