"""The receptive fields of single units where these are not alike: after upsampling, units repeat with a period."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from archcalc.analysis.receptive_field import Track, fields
from archcalc.graph import Graph

UnitFields = Mapping[str, list[dict[str, Any] | None]]
"""For every row whose units differ, one entry for each axis: see `unit_fields`."""


def unit_fields(graph: Graph) -> UnitFields:
    """The fields of single units, for each row whose units are not alike.

    An entry has the `jump` and `units` of a track (see `archcalc.analysis.receptive_field`): unit `q * len(units) + p`
    sees the input positions from first to last of `units[p]`, moved by `q * jump`; None stands for a unit that sees no
    input. An axis along which all units are alike has None in place of an entry. Raises ArchcalcError as `fields` does.

    >>> from archcalc.request import Request
    >>> unit_fields(Request.of("unet").graph)["up4.upconv"][0]
    {'jump': 16, 'units': [[0, 139], [0, 139]]}
    """
    found: dict[str, list[dict[str, Any] | None]] = {}
    for node, field in zip(graph.nodes, fields(graph), strict=True):
        found[node.row] = [None if _alike(track) else _entry(track) for track in field.local or ()]
    return {row: axes for row, axes in found.items() if any(axes)}


def numbers_in(found: UnitFields) -> Iterator[Any]:
    """All numbers of the entries."""
    for entry in [entry for axes in found.values() for entry in axes if entry]:
        yield entry["jump"]
        yield from [each for unit in entry["units"] if unit for each in unit]


def referred(found: UnitFields, ref: Callable[[Any], Any]) -> dict[str, list[dict[str, Any] | None]]:
    """The same entries with `ref` of every number."""

    def entry(given: dict[str, Any]) -> dict[str, Any]:
        units = [None if unit is None else [ref(each) for each in unit] for unit in given["units"]]
        return {"jump": ref(given["jump"]), "units": units}

    return {row: [None if each is None else entry(each) for each in axes] for row, axes in found.items()}


def _alike(track: Track) -> bool:
    return len(track.units) == 1 and track.units[0] is not None


def _entry(track: Track) -> dict[str, Any]:
    return {"jump": track.jump, "units": [None if unit is None else list(unit) for unit in track.units]}
