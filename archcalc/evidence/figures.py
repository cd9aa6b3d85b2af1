"""Printed figures as text: the quantities that a figure may count, by its unit and its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from archcalc.algebra.amounts import Printed, Unit, read_printed
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown


class PrintedQuantity(NamedTuple):
    """A quantity that a printed number may count."""

    name: str
    facts: tuple[str, ...]
    """Claims in the language of `archcalc.algebra.expressions`, with `{}` for the network; empty for places."""
    units: frozenset[Unit]
    """The units in which it may be printed."""
    accepts: str
    """Examples of such numbers, for messages."""
    unlikely: float = 0.0
    """The weight of the quantity itself, if the figure does not say that it counts it."""


FIELD = PrintedQuantity("field", (), frozenset({""}), "483 or field 483")
OUTPUT = PrintedQuantity("output", (), frozenset({""}), "7x7x2048 or 56x56")
"""Quantities of places: of the rows of a network, not of the whole."""

QUANTITIES: dict[str, PrintedQuantity] = {
    each.name: each
    for each in (
        PrintedQuantity("params", ("params({})",), frozenset({"", "params"}), "25.6M or 138,357,544"),
        PrintedQuantity(
            "mult_adds",
            ("mult_adds({})",),
            frozenset({"", "FLOPs", "mult-adds"}),
            "3.8G, 569M mult-adds or 4.1 GFLOPs",
        ),
        PrintedQuantity("activations", ("activations({})",), frozenset({""}), "11.1M", 0.5),
        PrintedQuantity(
            "layers", ("depth({})", "convs({})", "linears({})"), frozenset({"", "layers"}), "22 or 22 layers"
        ),
        PrintedQuantity("parameter_bytes", ("4 * params({})",), frozenset({"bytes"}), "98 MB or 97.5 MiB"),
        PrintedQuantity("activation_bytes", ("4 * activations({})",), frozenset({"bytes"}), "61 MB", 0.5),
        PrintedQuantity("peak_inference_bytes", ("peak_inference_bytes({})",), frozenset({"bytes"}), "25.7 MB", 0.6),
        PrintedQuantity("training_saved_bytes", ("training_saved_bytes({})",), frozenset({"bytes"}), "73 MB", 0.6),
        FIELD,
        OUTPUT,
    )
}
MOST_LAYERS = 10_000
"""The largest number that is tried as a number of layers."""
_FIELD_WORDS = re.compile(
    r"(?:(?:receptive\s+)?field(?:\s+of)?:?\s*(?P<after>[\d,]+)(?:\s*[x\u00d7*]\s*(?P=after))?"
    r"|(?P<before>[\d,]+)(?:\s*[x\u00d7*]\s*(?P=before))?\s*(?:px|pixels?)?\s*(?:receptive\s+)?field)"
    r"\s*(?:px|pixels?)?",
    re.IGNORECASE,
)
_OUTPUT_WORDS = r"(?:(?:output|feature|activation)s?(?:\s+(?:map|size|shape)s?)?)"
_SHAPE = re.compile(
    rf"(?:{_OUTPUT_WORDS}(?:\s+of)?:?\s*)?"
    r"[(\[]?\s*(\d{1,6})\s*[x\u00d7,*]\s*(\d{1,6})(?:\s*[x\u00d7,*]\s*(\d{1,6}))?\s*[)\]]?"
    rf"(?:\s*{_OUTPUT_WORDS})?",
    re.IGNORECASE,
)


class PrintedFigure(NamedTuple):
    """A printed figure: its number, its sides if it is a shape, and the quantities that it may count."""

    printed: Printed
    sides: tuple[int, ...]
    """Two or three numbers as printed; empty for a number."""
    quantities: tuple[PrintedQuantity, ...]


def read_figure(text: str, quantity: str | None) -> PrintedFigure:
    """A figure as papers print it: `25.6M`, `98 MB`, `field 483`, `output 7x7x2048`; of one quantity, if it is given.

    Raises ArchcalcError for text that is no figure, for an unknown quantity, and for a figure that cannot count it.
    """
    wanted = None if quantity is None else _quantity(quantity)
    shape = _SHAPE.fullmatch(text.strip()) if len(text) <= 200 and not re.fullmatch(r"[\d,]+", text.strip()) else None
    if shape is not None and wanted in (None, OUTPUT):
        sides = tuple([int(side) for side in shape.groups() if side is not None])
        elements = 1
        for side in sides:
            elements *= side
        return PrintedFigure(Printed(text.strip(), Fraction(elements), Fraction(1), 0, ""), sides, (OUTPUT,))
    words = _FIELD_WORDS.fullmatch(text.strip()) if len(text) <= 200 else None
    if words is not None and wanted in (None, FIELD):
        return PrintedFigure(read_printed(words["after"] or words["before"])._replace(text=text.strip()), (), (FIELD,))
    if wanted is OUTPUT:
        raise ArchcalcError(f"{shown(text)} is no shape; output is printed as {OUTPUT.accepts}")
    try:
        printed = read_printed(text)
    except ArchcalcError as error:
        error.args = (f"{error}, field 483 or 7x7x2048",)
        raise
    return PrintedFigure(printed, (), tuple(_quantities(printed, wanted)))


def _quantity(given: str) -> PrintedQuantity:
    wanted = given.strip().lower().replace("-", "_").replace(" ", "_")
    if wanted not in QUANTITIES:
        raise ArchcalcError(f"no quantity is called {shown(given)}; there are {', '.join(QUANTITIES)}")
    return QUANTITIES[wanted]


def _quantities(printed: Printed, wanted: PrintedQuantity | None) -> Iterator[PrintedQuantity]:
    if printed.unit in ("%", "x"):
        kind = "a share" if printed.unit == "%" else "a ratio"
        raise ArchcalcError(f"{printed.text!r} is {kind} of an unknown whole; give a count such as 25.6M or 3.8G")
    if wanted is None:
        small = printed.power == 0 and printed.value < MOST_LAYERS
        yield from [
            q for q in QUANTITIES.values() if q.facts and printed.unit in q.units and (small or q.name != "layers")
        ]
        return
    if printed.unit not in wanted.units:
        raise ArchcalcError(
            f"{printed.text!r} is a number of {printed.unit or 'things without a unit'}; "
            f"{wanted.name} is printed as {wanted.accepts}"
        )
    yield wanted._replace(unlikely=0.0)
