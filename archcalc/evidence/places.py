"""Figures of places in a network: receptive fields and output sizes, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from archcalc.algebra.amounts import Printed
from archcalc.analysis.receptive_field import fields
from archcalc.base.errors import ArchcalcError
from archcalc.evidence.alternatives import SIZES, SMALLEST_CROP, Change, variants
from archcalc.evidence.readings import Note, Reading
from archcalc.evidence.subjects import GraphRows, find, network, printed_shape


def of_fields(name: str, printed: Printed, note: Note, *, others: bool) -> Iterator[Reading]:
    """Rows after which units see as many input positions as printed, of a network and, for `others`, its variants.

    The last row of the network that has a field is the obvious one. Layers whose units see the whole input have none.
    """
    for each in (name, *(variants(name) if others else ())):
        changes = () if each == name else (Change("variant", f"variant {each}", 0.5),)
        of = network(each)
        try:
            seen = fields(of.graph)
        except ArchcalcError:  # branches of different strides meet
            continue
        sizes: dict[str, Any] = {}
        for row, indices in of.rows.items():
            local = None if seen[indices[-1]].reach is not None else seen[indices[-1]].local
            if local is not None:
                sizes[row] = tuple([track.size for track in local])
        for row, sides in _first_of_each(sizes):
            if len(set(sides)) == 1:
                last = sides == next(reversed(sizes.values()))
                reading = _reading(of, printed, sides[0], [*changes, *([] if last else [_after(row)])])
                note(reading)
                if reading.agrees:
                    yield reading


def of_outputs(name: str, printed: Printed, sides: tuple[int, ...], note: Note, *, others: bool) -> Iterator[Reading]:
    """Rows whose output has printed sides: height, width and channels, channels first, or height and width alone.

    For `others`, of the network's variants too and, if no row of these has them, at other sizes of the input.
    """
    found = False
    for each in (name, *(variants(name) if others else ())):
        changes = () if each == name else (Change("variant", f"variant {each}", 0.5),)
        for reading in _outputs(network(each), printed, sides, changes, note):
            found = True
            yield reading
    usual = find(name).input
    if found or not others or len(usual) != 3 or usual[1] != usual[2] or usual[1] < SMALLEST_CROP:
        return
    for size in SIZES:
        try:
            of = network(name, (), size)
        except ArchcalcError:  # the network does not take this size
            continue
        yield from _outputs(of, printed, sides, (Change("size", f"input {size}x{size}", 1.5, weak=True),), note)


def _outputs(
    of: GraphRows, printed: Printed, sides: tuple[int, ...], changes: Sequence[Change], note: Note
) -> Iterator[Reading]:
    shapes = {row: of.leaving(row) for row in of.rows}
    for row, shape in _first_of_each(shapes):
        last = shape == next(reversed(shapes.values()))
        value = printed_shape(shape)
        seen = sides in (shape, value) or (len(shape) == 3 and sides == shape[1:])
        reading = _reading(of, printed, value, [*changes, *([] if last else [_after(row)])])._replace(
            agrees=seen, distance=0.0 if seen else 1.0
        )
        note(reading)
        if seen:
            yield reading


def _first_of_each(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The first row with each value, in the order of the rows."""
    first: dict[Any, str] = {}
    for row, value in values.items():
        first.setdefault(value, row)
    return iter([(row, value) for value, row in first.items()])


def _after(row: str) -> Change:
    return Change("row", f"after {row}", 0.7)


def _reading(of: GraphRows, printed: Printed, value: Any, changes: Sequence[Change]) -> Reading:
    agrees = value == printed.value
    distance = abs(float((value - printed.value) / (printed.value or 1))) if isinstance(value, int) else 0.0
    shape: Any = of.graph.inputs[0].shape
    return Reading((of.graph.name,), shape, "", tuple(changes), value, "", agrees, distance)
