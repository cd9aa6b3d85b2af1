"""A key of colours, with hatches or markers, above the axes, in as many lines as the width needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archcalc.figures import style

PITCH = 4.0
"""Height of a line of the key in millimetres."""


def rows(names: Sequence[str], width: float) -> list[list[str]]:
    """Names in lines that fit a figure of `width` millimetres."""
    found: list[list[str]] = [[]]
    for each in names:
        if found[-1] and sum([width_of(name) for name in [*found[-1], each]]) > (width - 6) * style.POINTS:
            found.append([])
        found[-1].append(each)
    return found


def width_of(name: str) -> float:
    """The points that a name takes in a line of the key, with its mark and the gap behind it."""
    return 12 + style.text_width(name, style.NOTE) + 8


def draw(sheet: style.Sheet, lines: Sequence[Sequence[str]], looks: Mapping[str, tuple[str, str]]) -> None:
    """Draw the key at the top of the body; `looks` are the colour and the hatch of each name."""
    from matplotlib.patches import Rectangle

    for number, line in enumerate(lines):
        x, y = 2 * style.POINTS, (sheet.height - sheet.top - 3.2 - PITCH * number) * style.POINTS
        for name in line:
            colour, hatch = looks[name]
            sheet.figure.add_artist(
                Rectangle((x / 72, (y - 1) / 72), 9 / 72, 6.5 / 72, transform=sheet.figure.dpi_scale_trans,
                          facecolor=colour, hatch=hatch, edgecolor="white", linewidth=0.4)
            )  # fmt: skip
            style.at(sheet.figure, x + 12, y, name, size=style.NOTE, gid=f"key {name}")
            x += width_of(name)


def draw_marks(sheet: style.Sheet, lines: Sequence[Sequence[str]], looks: Mapping[str, tuple[str, str]]) -> None:
    """Draw the key at the top of the body; `looks` are the colour and the marker of each name."""
    from matplotlib.lines import Line2D

    for number, line in enumerate(lines):
        x, y = 2 * style.POINTS, (sheet.height - sheet.top - 3.2 - PITCH * number) * style.POINTS
        for name in line:
            colour, marker = looks[name]
            mark = Line2D([(x + 5) / 72], [(y + 2.2) / 72], transform=sheet.figure.dpi_scale_trans, marker=marker)
            mark.set(markersize=4.6, color=colour, linestyle="none", markeredgecolor="white", markeredgewidth=0.4)
            sheet.figure.add_artist(mark)
            style.at(sheet.figure, x + 12, y, name, size=style.NOTE, gid=f"key {name}")
            x += width_of(name)
