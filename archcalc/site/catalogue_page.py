"""The data of the catalogue's page: a row for each network."""

from __future__ import annotations

from typing import Any

from archcalc import zoo
from archcalc.analysis.quantities import Basis, totals
from archcalc.present.names import pretty
from archcalc.request import Request

TOTALS = ("params", "mult_adds", "activation_sum", "peak_inference_bytes", "training_step_bytes")


def catalogue_row(name: str) -> dict[str, Any]:
    """The row of a network at its own input.

    >>> catalogue_row("lenet5")["totals"]["params"]
    60000
    """
    network = zoo.network(name)
    counts = totals(Basis.of(Request.of(name)), TOTALS)
    return {
        "name": name,
        "label": pretty(name),
        "summary": network.summary,
        "family": network.file,
        "year": network.family.year,
        "input": list(network.input),
        "totals": {key: _number(counts[key]) for key in TOTALS},
    }


def _number(value: int) -> int | str:
    """A number for JSON: the digits of one that JavaScript does not hold exactly."""
    return str(value) if abs(value) >= 1 << 53 else value
