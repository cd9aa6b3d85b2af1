"""Cost tables and comparisons as flat dictionaries for CSV, and as data for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.analysis.results import Analysis, settings_text
from archcalc.present.words import by


def identity(analysis: Analysis) -> dict[str, Any]:
    """What tells a network apart from others in one file: name, settings, input, batch and type."""
    return {
        "architecture": analysis.architecture,
        "settings": " ".join(settings_text(analysis.changed)),
        "input": by(analysis.input),
        "batch": analysis.batch,
        "dtype": analysis.dtype,
    }


def cost_records(analyses: Sequence[Analysis], shares: bool = False) -> list[dict[str, Any]]:
    """A flat dictionary for each layer; of several tables with what tells them apart, with shares if asked for."""
    found: list[dict[str, Any]] = []
    for analysis in analyses:
        who = identity(analysis) if len(analyses) > 1 else {}
        records = analysis.records()
        if shares:
            records = [record | part for record, part in zip(records, share_records(analysis), strict=True)]
        found += [who | record for record in records]
    keys = list(dict.fromkeys(key for record in found for key in record))
    return [{key: record.get(key) for key in keys} for record in found]


def share_records(analysis: Analysis) -> list[dict[str, Any]]:
    """The shares of each layer in the totals, in per cent, by the key of the quantity; 0 of nothing is 0."""
    totals = analysis.totals

    def percent(part: Any, total: Any) -> float:
        return 100 * part / total if total else 0.0

    return [
        {
            "activations_percent": 0.0 if layer.in_place else percent(layer.activations, totals.activation_sum),
            "params_percent": percent(layer.params, totals.params),
            "mult_adds_percent": percent(layer.mult_adds, totals.mult_adds),
            **(
                {}
                if analysis.counting is None
                else {"counted_percent": percent(layer.counted or 0, analysis.counting.total)}
            ),
        }
        for layer in analysis.layers
    ]


def cost_data(analysis: Analysis, shares: bool = False) -> dict[str, Any]:
    """The table for JSON; with `shares`, each layer has its per cents."""
    data = analysis.to_dict()
    if shares:
        pairs = zip(data["layers"], share_records(analysis), strict=True)
        data["layers"] = [layer | part for layer, part in pairs]
    return data


def comparison_records(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of `comparison` as flat dictionaries: settings as KEY=VALUE, the input as CxHxW."""
    return [
        {**line, "settings": " ".join(settings_text(line["settings"])), "input": by(line["input"])} for line in lines
    ]
