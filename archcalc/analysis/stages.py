"""Receptive fields of one network layer by layer, and of several after each stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.algebra.dims import is_int
from archcalc.analysis.results import Analysis, Layer, ReceptiveField, field_dict, labels


def stage_fields(analyses: Sequence[Analysis]) -> dict[str, list[ReceptiveField | None]]:
    """For every stage (first part of a row's label), the field of each network's last layer in it; None: no such stage.

    Networks of different families, whose stages have other names or other strides, are compared stride by stride
    instead: `/8` is the last layer whose units lie 8 input positions apart. Stages in which every network sees the
    whole input are left out: there is nothing to compare.
    """
    named = [_by_name(analysis) for analysis in analyses]
    if not alike(named):
        named = [_by_stride(analysis) for analysis in analyses]
        from fractions import Fraction

        order = sorted({stage for seen in named for stage in seen}, key=lambda stage: float(Fraction(stage[1:])))
    else:
        order = merged(named)
    matrix = {stage: [seen.get(stage) for seen in named] for stage in order}
    return {
        stage: fields
        for stage, fields in matrix.items()
        if not all(seen is not None and seen.whole_input for seen in fields)
    }


def alike(named: Sequence[Mapping[str, ReceptiveField]]) -> bool:
    """Return True if networks have most stages in common, each at the same stride in all."""
    common = set(named[0]).intersection(*named[1:])
    strides = [{seen[stage].stride for seen in named if seen[stage].stride is not None} for stage in common]
    return 2 * len(common) >= min(map(len, named)) and all(len(each) < 2 for each in strides)


def _by_name(analysis: Analysis) -> dict[str, ReceptiveField]:
    """The field of the last layer of each stage, by the stage's name."""
    layers = [layer for layer in analysis.layers if layer.op != "input"]
    return {layer.row.split(".")[0]: layer.receptive_field for layer in layers}


def _by_stride(analysis: Analysis) -> dict[str, ReceptiveField]:
    """The field of the last layer at each stride, up to the first layer whose stride is smaller than before."""
    seen: dict[str, ReceptiveField] = {}
    end = shrinking(analysis)
    for layer in analysis.layers:
        if layer is end:
            break
        stride = _stride(layer)
        if stride is not None:
            seen[f"/{stride}"] = layer.receptive_field
    return seen


def shrinking(analysis: Analysis) -> Layer | None:
    """The first layer whose stride is smaller than before, as after upsampling; None if there is none."""
    before: Any = 0
    for layer in analysis.layers:
        stride = _stride(layer)
        if stride is None:
            continue
        if not is_int(stride) or stride < before:
            return layer
        before = stride
    return None


def _stride(layer: Layer) -> Any:
    """Input positions between units on the first axis; None for the input and for fields that are no windows."""
    stride = (layer.receptive_field.local or layer.receptive_field).stride
    return stride[0] if stride and layer.op != "input" else None


def merged(named: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of all stages, each network's in its order."""
    order: list[str] = []
    for seen in named:
        after = 0
        for stage in seen:
            if stage in order:
                after = order.index(stage) + 1
            else:
                order.insert(after, stage)
                after += 1
    return order


def field_records(analysis: Analysis) -> list[dict[str, Any]]:
    """The receptive field of every layer as flat dictionaries."""
    counts = ("activations", "memory_bytes", "params", "buffers", "mult_adds")
    return [{key: value for key, value in record.items() if key not in counts} for record in analysis.records()[1:]]


def field_data(analysis: Analysis) -> dict[str, Any]:
    """The receptive field of every layer of one network."""
    return {
        "architecture": analysis.architecture,
        "input": list(analysis.input),
        "layers": [
            {
                "name": layer.name,
                "row": layer.row,
                "op": layer.op,
                "output_shape": list(layer.output_shape),
                "receptive_field": field_dict(layer.receptive_field),
            }
            for layer in analysis.layers
            if layer.op != "input"
        ],
    }


Matrix = Mapping[str, Sequence[ReceptiveField | None]]


def stage_records(analyses: Sequence[Analysis], matrix: Matrix) -> list[dict[str, Any]]:
    """The size of the field after each stage (on each axis if they differ), a column for each network."""

    def cell(seen: ReceptiveField | None) -> Any:
        if seen is None or seen.size is None:
            return "whole input" if seen is not None and seen.whole_input else None
        first, *others = seen.size
        return first if all([other == first for other in others]) else "x".join(map(str, seen.size))

    return [
        {"stage": stage, **{label: cell(seen) for label, seen in zip(labels(analyses), fields, strict=True)}}
        for stage, fields in matrix.items()
    ]


def stage_data(analyses: Sequence[Analysis], matrix: Matrix) -> dict[str, Any]:
    """The field of several networks after each stage."""
    return {
        "architectures": labels(analyses),
        "stages": [
            {
                "stage": stage,
                "receptive_fields": [None if seen is None else field_dict(seen) for seen in fields],
            }
            for stage, fields in matrix.items()
        ],
    }
