"""Panels of labelled points: side by side on a page, below each other in a column, with one look for each family.

The kinds `convnext`, `density-plane`, `efficientnet`, `throughput` and `wrn` are made of these: each gives the points
and the axes, and this module draws them, so that all have the same labels, lines and limits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.figures import labels, style
from archcalc.figures.points import families
from archcalc.figures.tradeoff import segments

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANEL, WIDE_PANEL = 66.0, 84.0
"""Heights of a panel in millimetres, in a column and on a page."""
LABEL_ROOM = 7.2
"""Millimetres left of the tick labels of the vertical axis."""
TICKS = 8
"""The most ticks of the vertical axis."""
MOST_FAR = {True: 26, False: 60}
"""The most labels that may be far from their points, in a narrow and in a wide panel; the others are near or absent."""


class PanelSpot(NamedTuple):
    """A labelled point; the fields `name`, `family` and `year` decide its look, as those of a plotted point do."""

    name: str
    label: str
    family: str
    year: int
    x: float
    y: float
    line: str = ""
    """Points of one line are joined from left to right; empty: this one is not."""
    params: int = 0
    """Parameters, to which the area of a bubble is proportional; 0: a plain mark."""
    columns: Mapping[str, object] = {}
    """The point as a record."""


class Guide(NamedTuple):
    """A thin line behind the points, with its name at one of its ends."""

    label: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]


class SpotAxis(NamedTuple):
    """An axis: its label with the unit, and its scale."""

    label: str
    log: bool = True
    top: float = math.inf
    """The end of the scale at most, such as 100 %."""


class SpotPanel(NamedTuple):
    """One panel; its points are in the order of importance of their labels."""

    x: SpotAxis
    y: SpotAxis
    spots: tuple[PanelSpot, ...]
    guides: tuple[Guide, ...] = ()
    heading: str = ""


class Panels(NamedTuple):
    """A figure of panels, with sentences for the small print."""

    title: str
    panels: tuple[SpotPanel, ...]
    notes: tuple[str, ...]


def records(data: Panels) -> list[dict[str, object]]:
    """The points of all panels as flat dictionaries of one set of columns."""
    every = [dict(spot.columns) for panel in data.panels for spot in panel.spots]
    names = list(dict.fromkeys([name for each in every for name in each]))
    return [{name: each.get(name) for name in names} for each in every]


def draw(data: Panels, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide; points without room for a label are named below it."""
    figure, missing = _draw(data, width, "")
    return _draw(data, width, labels.note(missing))[0] if missing else figure


def _draw(data: Panels, width: float, note: str) -> tuple[Figure, list[str]]:
    """The figure with a note in its small print, and the labels of points without room."""
    number = len(data.panels)
    across = 1 if width < 120 else min(number, 3 if number % 3 == 0 else 2)
    rows, wide = -(-number // across), width / across
    high = PANEL if width < 120 or wide < 70 else WIDE_PANEL
    sheet = style.Sheet(
        data.title, width, high * rows, [*data.notes[:-1], style.origin(data.notes[-1], *filter(None, [note]))]
    )
    look = families([spot for panel in data.panels for spot in panel.spots])
    missing: list[str] = []
    for place, panel in enumerate(data.panels):
        row, at = divmod(place, across)
        top = high * row + (5.0 if panel.heading else 2.0)
        left = at * wide + LABEL_ROOM + _widest(panel) / style.POINTS
        axes = sheet.axes(left, width - (at + 1) * wide + 2.5, top, high * (rows - row - 1) + 9)
        missing += _panel(axes, panel, look, narrow=wide < 120)
    return sheet.figure, missing


def _panel(axes: Any, panel: SpotPanel, look: Mapping[str, tuple[str, str]], *, narrow: bool) -> list[str]:
    """Draw a panel; return the labels of points without room."""
    _scale(axes.xaxis, panel.x, [spot.x for spot in panel.spots], 6 if narrow else 8)
    _scale(axes.yaxis, panel.y, [spot.y for spot in panel.spots], TICKS)
    style.grid(axes, "both")
    if panel.heading:
        box = axes.get_window_extent()
        style.at(axes.figure, box.x0, box.y1 + 5, panel.heading, size=style.LABEL, weight="semibold", gid="heading")
    taken = _guides(axes, panel.guides)
    lines: list[labels.Segment] = []
    for name in dict.fromkeys([spot.line for spot in panel.spots if spot.line]):
        own = sorted([spot for spot in panel.spots if spot.line == name], key=lambda spot: (spot.x, spot.y))
        xs, ys = [spot.x for spot in own], [spot.y for spot in own]
        axes.plot(xs, ys, color=look[own[0].family][0], linewidth=0.7, alpha=0.7, zorder=2, gid=f"line {name}")
        lines += segments(axes, xs, ys)
    marks = [_mark(axes, spot, *look[spot.family], narrow=narrow) for spot in panel.spots]
    return _labels(axes, marks, taken, lines, narrow=narrow)


def _limits(shown: SpotAxis, values: Sequence[float]) -> tuple[float, float]:
    """The ends of an axis, with room beyond the values."""
    low, high = min(values), max(values)
    if shown.log:
        room = max(high / low, 1.5) ** 0.08
        return low / room, high * room**1.3
    room = 0.1 * max(high - low, 1.0)
    return max(0.0, low - room), min(high + room, shown.top)


def _scale(axis: Any, shown: SpotAxis, values: Sequence[float], most: int) -> None:
    """Set the limits and the label of an axis."""
    style.scale_axis(axis, *_limits(shown, values), log=shown.log, most=most)
    axis.set_label_text(shown.label)


def _widest(panel: SpotPanel) -> float:
    """The width in points of the widest tick label of the vertical axis."""
    limits = _limits(panel.y, [spot.y for spot in panel.spots])
    ticks = style.decade_ticks(*limits, TICKS) if panel.y.log else style.even_ticks(*limits, TICKS)
    return max([style.text_width(style.number(tick), style.TICK) for tick in ticks], default=0.0)


def _mark(axes: Any, spot: PanelSpot, colour: str, marker: str, *, narrow: bool) -> labels.Mark:
    """Draw a point; return its place on the figure."""
    radius = (0.7 if narrow else 1.0) * math.sqrt(spot.params / 1e6) if spot.params else 2.1 if narrow else 2.5
    bubble = bool(spot.params)
    axes.plot(
        [spot.x], [spot.y], marker="o" if bubble else marker, markersize=2 * radius, linestyle="none",
        markerfacecolor=(colour, 0.42) if bubble else colour, markeredgecolor=colour if bubble else "white",
        markeredgewidth=0.6 if bubble else 0.4, clip_on=False, zorder=4 - spot.params / 1e10, gid=f"point {spot.name}",
    )  # fmt: skip
    x, y = axes.transData.transform((spot.x, spot.y))
    return labels.Mark(float(x), float(y), float(radius), spot.label)


def _labels(
    axes: Any,
    marks: Sequence[labels.Mark],
    taken: Sequence[labels.Box],
    lines: Sequence[labels.Segment],
    *,
    narrow: bool,
) -> list[str]:
    """Draw the labels: of the first points anywhere, of the others near them; return those without room.

    A leader that runs through another label is left out with its label.
    """
    box = axes.get_window_extent()
    size = style.NOTE - (0.6 if narrow else 0)
    bounds = (box.x0 + 1, box.y0 + 1, box.x1 + 2 * style.POINTS, box.y1 + 3)
    most = MOST_FAR[narrow]
    others = [(m.x - m.radius, m.y - m.radius, m.x + m.radius, m.y + m.radius) for m in marks[most:]]
    placed = labels.place(marks[:most], bounds, size, [*taken, *others], lines)
    if others:
        there = [each for each in placed if each is not None]
        full = [(each.x, each.y, each.x + each.width, each.y + each.height) for each in there]
        full += [(m.x - m.radius, m.y - m.radius, m.x + m.radius, m.y + m.radius) for m in marks[:most]]
        leaders = [(*each.leader[0], *each.leader[1]) for each in there if each.leader is not None]
        rest = labels.place(marks[most:], bounds, size, [*taken, *full], [*lines, *leaders])
        placed = [*placed, *[None if each is None or each.leader is not None else each for each in rest]]
    placed = _clear(placed)
    labels.draw(axes, [place if mark.text else None for mark, place in zip(marks, placed, strict=True)], size)
    return [mark.text for mark, place in zip(marks, placed, strict=True) if place is None and mark.text]


def _clear(placed: Sequence[labels.Placed | None]) -> list[labels.Placed | None]:
    """The labels without those whose leader runs through the letters of another one, the last ones first."""
    import numpy

    kept = list(placed)
    for number in reversed(range(len(kept))):
        own = kept[number]
        others = [each for at, each in enumerate(kept) if each is not None and at != number and each.text]
        if own is None or own.leader is None or not others:
            continue
        boxes = numpy.array([(each.x, each.y + 1, each.x + each.width, each.y + each.height - 1) for each in others])
        if labels.crossed(numpy, numpy.array([(*own.leader[0], *own.leader[1])]), boxes).any():
            kept[number] = None
    return kept


def _guides(axes: Any, guides: Sequence[Guide]) -> list[labels.Box]:
    """Draw guides with their names where they leave the axes; return the boxes of the names."""
    box = axes.get_window_extent()
    taken: list[labels.Box] = []
    size = style.PRINT
    for guide in guides:
        axes.plot(guide.xs, guide.ys, color=style.RULE, linewidth=0.7, linestyle=style.DASHES[1], zorder=1.5,
                  gid=f"guide {guide.label}")  # fmt: skip
        wide = style.text_width(guide.label, size)
        inside = [
            (float(x), float(y))
            for x, y in axes.transData.transform(list(zip(guide.xs, guide.ys, strict=True)))
            if box.x0 + 2 <= x <= box.x1 - wide - 2 and box.y0 + 2 <= y <= box.y1 - size
        ]
        if not inside:
            continue
        x, y = inside[-1]
        name = (x, y, x + wide, y + size)
        if all(name[0] > o[2] or o[0] > name[2] or name[1] > o[3] or o[1] > name[3] for o in taken):
            style.at(axes.figure, x, y, guide.label, size=size, color=style.GREY, gid=f"guide {guide.label}")
            taken.append((name[0] - 1, name[1] - 2, name[2] + 1, name[3]))
    return taken
