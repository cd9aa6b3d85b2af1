"""Receptive fields of one network layer by layer, and of several after each stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.analysis.results import Analysis, ReceptiveField, field_dict, labels


def stage_fields(analyses: Sequence[Analysis]) -> dict[str, list[ReceptiveField | None]]:
    """For every stage (first part of a row's label), the field of each network's last layer in it; None: no such stage.

    Stages in which every network sees the whole input are left out: there is nothing to compare.
    """
    order: list[str] = []
    last: list[dict[str, ReceptiveField]] = []
    for analysis in analyses:
        seen: dict[str, ReceptiveField] = {}
        for layer in analysis.layers:
            if layer.op != "input":
                seen[layer.row.split(".")[0]] = layer.receptive_field
        after = 0
        for stage in seen:
            if stage in order:
                after = order.index(stage) + 1
            else:
                order.insert(after, stage)
                after += 1
        last.append(seen)
    matrix = {stage: [seen.get(stage) for seen in last] for stage in order}
    return {
        stage: fields
        for stage, fields in matrix.items()
        if not all(seen is not None and seen.whole_input for seen in fields)
    }


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
