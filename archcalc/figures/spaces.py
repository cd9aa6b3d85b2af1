"""Sizes of the design spaces from AnyNetX A to RegNet: counted beside printed, on a logarithmic scale.

Document 003 prints the sizes as formulas and rounded numbers, after Radosavovic et al. 2020, arXiv:2003.13678. A filled
mark is the number of networks counted here, where the space is a finite set; a ring is the printed size. From D on the
formulas divide by 4!, which is an approximation: values that must not fall may also be equal.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.figures import Plot, rows, style
from archcalc.spaces.documented import SpaceDescription, spaces

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RAISED = str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
WORDS = {
    "anynet_b": "one bottleneck ratio for all stages",
    "anynet_c": "one group width",
    "anynet_d": "widths that do not fall",
    "anynet_e": "depths that do not fall",
    "regnet": "widths on a quantised line",
}
"""What each space adds to the one before."""


class SpaceSizes(NamedTuple):
    """The documented spaces, the largest first."""

    spaces: tuple[SpaceDescription, ...]


def gather(_request: Plot) -> SpaceSizes:
    """The spaces of document 003; the request has no options."""
    return SpaceSizes(tuple(sorted(spaces(), key=lambda each: -each.size)))


def printed(space: SpaceDescription) -> float:
    """The printed size of a space as a number.

    >>> [printed(each) for each in spaces()][:2]
    [1.8e+18, 6.8e+16]
    """
    match = re.fullmatch(r"~?([\d.]+)\*10\^(\d+)", space.printed)
    if match is None:
        raise ArchcalcError(f"{space.name}: its printed size is no number times a power of ten: {space.printed}")
    return float(f"{match[1]}e{match[2]}")


def records(data: SpaceSizes) -> list[dict[str, object]]:
    """The sizes as flat dictionaries."""
    return [
        {
            "space": each.name,
            "restriction": each.restriction,
            "dimensions": each.dimensions,
            "formula": each.formula,
            "formula_value": each.size,
            "networks": each.points,
            "printed": each.printed,
            "source": f"document {', '.join(each.documents)}; {each.source}",
        }
        for each in data.spaces
    ]


def power(value: float) -> str:
    """A number as digits times a power of ten.

    >>> power(1.84e18), power(1e9)
    ('1.84 · 10¹⁸', '10⁹')
    """
    exponent = math.floor(math.log10(value) + 1e-12)
    digits, raised = f"{value / 10.0**exponent:.3g}", str(exponent).translate(RAISED)
    return f"10{raised}" if digits == "1" else f"{digits} \u00b7 10{raised}"


def draw(data: SpaceSizes, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide: a line for each space."""
    lines = [
        rows.Row(
            each.name,
            _name(each),
            float(each.points or printed(each)),
            style.COLOURS[0],
            style.MARKERS[0],
            f"{power(printed(each))}   {power(each.points) if each.points else 'not counted'}",
        )
        for each in data.spaces
    ]
    told = "; ".join([f"{_name(each)}: {WORDS[each.name]}" for each in data.spaces if each.name in WORDS])
    notes = [
        "Filled: networks, counted; rings: size printed in document 003, whose formulas divide by 4! for values that "
        "must not fall, though values may be equal. Four of RegNet's six parameters are not counted there: the "
        "document takes 64 values of each.",
        style.origin(f"Each space adds a restriction to the one before. {told}."),
    ]
    title = "Design spaces from AnyNetX A to RegNet: number of networks"
    sheet = style.Sheet(title, width, rows.height(lines), notes)
    axes = rows.draw(sheet, lines, "printed, counted")
    values = [printed(each) for each in data.spaces]
    style.scale_axis(axes.xaxis, min(values) / 8, max(values) * 8, log=True, most=6, write=power)
    rows.stems(axes, lines)
    axes.set_xlabel("networks")
    _rings(axes, data, lines)
    return sheet.figure


def _rings(axes: Any, data: SpaceSizes, lines: list[rows.Row]) -> None:
    """Draw the printed sizes; RegNet has no other."""
    for each, place in zip(data.spaces, rows.places(lines), strict=True):
        inside = "none" if each.points else "white"
        axes.plot([printed(each)], [place], marker="o", markersize=6.5, markerfacecolor=inside, linestyle="none",
                  markeredgecolor=style.COLOURS[1], markeredgewidth=0.9, clip_on=False, zorder=5,
                  gid=f"printed {each.name}")  # fmt: skip


def _name(space: SpaceDescription) -> str:
    return "RegNet" if space.name == "regnet" else f"AnyNetX {space.name[-1].upper()}"
