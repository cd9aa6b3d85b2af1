"""Placement of labels without overlap: each label takes the best of a fixed set of places around its point.

The placement is deterministic: labels are placed one after the other, the most important first, each where it hides the
least; then each may move again, with the others in place. A leader crosses no other label, and no mark but those that
overlap its own. A label without a free place is left out, and the figure says how many are. A library such as
adjustText moves labels by forces instead; it needs scipy and may leave overlaps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from archcalc.figures import style
from archcalc.figures.crossings import crossed, meeting, touching

GAPS = (1.2, 3.0, 5.5, 9.0, 13.0, 18.0, 24.0, 31.0)
"""Distances between a mark and its label, in points; from `LEADER` on a thin line joins them."""
LEADER = 4.0
GROUND = 3.5
"""The z-order of a label's white ground: above lines, below marks."""
ANGLES = tuple(
    math.radians(angle) for angle in (0, 180, 90, 270, 45, 315, 135, 225, 22, 338, 158, 202, 67, 293, 113, 247)
)
FULL = len(GAPS) * len(ANGLES)
"""The number of places of the full text."""
PADDING = 0.7
TOUCH = 0.4
"""The least distance in points between a leader and a mark that is not its own."""
ROUNDS = 3


SHORT = 25.0
"""The cost of a short text instead of the full one: that of a long leader."""


class Mark(NamedTuple):
    """A point with a label: its place and radius in points of the figure, and the text."""

    x: float
    y: float
    radius: float
    text: str
    short: str = ""
    """A shorter text for where the full one has no room near its mark, such as 101 on the line of ResNet-50."""
    bold: bool = False


class Placed(NamedTuple):
    """The place of a label: its left lower corner and size in points, and the ends of its leader, if it has one."""

    text: str
    x: float
    y: float
    width: float
    height: float
    leader: tuple[tuple[float, float], tuple[float, float]] | None
    bold: bool = False


Box = tuple[float, float, float, float]
Segment = tuple[float, float, float, float]


def place(
    marks: Sequence[Mark],
    bounds: Box,
    size: float,
    taken: Sequence[Box] = (),
    lines: Sequence[Segment] = (),
    leaders: Sequence[Segment] = (),
) -> list[Placed | None]:
    """The place of each mark's label, or None if no place is free.

    `marks` are in order of importance. Labels stay inside `bounds`, off all marks, the boxes `taken` and other
    `leaders`, and off `lines` if possible. All coordinates are in points from the left lower corner of the figure.
    """
    import numpy

    circles = numpy.array([(mark.x, mark.y, mark.radius) for mark in marks]).reshape(-1, 3)
    places = [_places(mark, size) for mark in marks]
    costs = [
        _fixed_cost(numpy, boxes, gaps, number, circles, bounds, taken, lines)
        for number, (boxes, gaps) in enumerate(places)
    ]
    own = [_leaders(numpy, boxes, circles[number]) for number, (boxes, _) in enumerate(places)]
    room = _Room(numpy, places, costs, own, leaders)
    for _ in range(ROUNDS):
        for number in range(len(marks)):
            room.settle(number)
    room.make_room()
    return [
        None if index is None else _placed(mark, boxes[index], float(gaps[index]), lead[index], index >= FULL)
        for mark, (boxes, gaps), lead, index in zip(marks, places, own, room.chosen, strict=True)
    ]


class _Room:
    """Labels being placed: the places of each, and the index of the chosen one, or None."""

    def __init__(
        self, numpy: Any, places: Sequence[Any], costs: Sequence[Any], own: Sequence[Any], leaders: Sequence[Segment]
    ) -> None:
        self.numpy, self.places, self.costs, self.own, self.leaders = numpy, places, costs, own, leaders
        self.chosen: list[int | None] = [None] * len(places)

    def cost(self, number: int, beside: Sequence[int]) -> Any:
        """The cost of each place of a label, beside those of others that are placed."""
        boxes, gaps = self.places[number]
        there = [(other, index) for other in beside if other != number and (index := self.chosen[other]) is not None]
        others = [self.places[other][0][index] for other, index in there]
        drawn = [self.own[other][index] for other, index in there if self.places[other][1][index] > LEADER]
        crossing = _leader_cost(self.numpy, boxes, self.own[number], gaps > LEADER, others, [*self.leaders, *drawn])
        return self.costs[number] + _overlap_cost(self.numpy, boxes, others) + crossing

    def settle(self, number: int, beside: Sequence[int] | None = None) -> bool:
        """Move a label to its best place beside all others, or some; False if none is free."""
        cost = self.cost(number, range(len(self.places)) if beside is None else beside)
        best = int(cost.argmin())
        self.chosen[number] = best if math.isfinite(cost[best]) else None
        return self.chosen[number] is not None

    def make_room(self) -> None:
        """Give labels without a place one that less important ones hold, and move or leave out these."""
        for number in [number for number, index in enumerate(self.chosen) if index is None]:
            if not self.settle(number, range(number)):
                continue
            for other in range(number + 1, len(self.places)):
                index = self.chosen[other]
                if index is not None and not math.isfinite(self.cost(other, [number])[index]):
                    self.settle(other)
        for number in [number for number, index in enumerate(self.chosen) if index is None]:
            self.settle(number)


def _places(mark: Mark, size: float) -> tuple[Any, Any]:
    """Boxes (left, bottom, right, top) for a label around its mark, and the gap of each; those of a short text last."""
    import numpy

    height = size * 1.06
    boxes: list[Box] = []
    gaps: list[float] = []
    for text in (mark.text, *([mark.short] if mark.short else [])):
        width = style.text_width(text, size, mark.bold) + 2 * PADDING
        for gap in GAPS:
            for angle in ANGLES:
                across, up = math.cos(angle), math.sin(angle)
                x = mark.x + (mark.radius + gap) * across + (across - 1) / 2 * width
                y = mark.y + (mark.radius + gap) * up + (up - 1) / 2 * height
                boxes.append((x, y, x + width, y + height))
                gaps.append(gap)
    return numpy.array(boxes), numpy.array(gaps)


def _fixed_cost(
    numpy: Any,
    boxes: Any,
    gaps: Any,
    own: int,
    circles: Any,
    bounds: Box,
    taken: Sequence[Box],
    lines: Sequence[Segment],
) -> Any:
    """The cost of each place that does not depend on other labels; infinite where it is not free."""
    turns = numpy.tile(numpy.arange(len(ANGLES)) * 0.22, len(gaps) // len(ANGLES))
    cost = (
        gaps + turns + numpy.where(gaps > LEADER, 6.0, 0.0) + numpy.where(numpy.arange(len(gaps)) >= FULL, SHORT, 0.0)
    )
    outside = (
        (boxes[:, 0] < bounds[0]) | (boxes[:, 1] < bounds[1]) | (boxes[:, 2] > bounds[2]) | (boxes[:, 3] > bounds[3])
    )
    cost = numpy.where(outside, numpy.inf, cost)
    x, y, radius = circles[:, 0], circles[:, 1], circles[:, 2]
    across = x - numpy.clip(x, boxes[:, :1], boxes[:, 2:3])
    up = y - numpy.clip(y, boxes[:, 1:2], boxes[:, 3:])
    covered = across**2 + up**2 < (radius + 0.3) ** 2
    inside = numpy.hypot(x - x[own], y - y[own]) + 1e-9 < radius[own] - radius  # small marks on the own large one
    covered[:, (numpy.arange(len(x)) == own) | inside] = False
    cost = numpy.where(covered.any(axis=1), numpy.inf, cost)
    leaders, drawn = _leaders(numpy, boxes, circles[own]), gaps > LEADER
    if taken:
        cost = cost + _overlap_cost(numpy, boxes, [numpy.array(box) for box in taken])
        struck = crossed(numpy, leaders, numpy.array(taken)).any(axis=1)
        cost = numpy.where(drawn & struck, numpy.inf, cost)
    if lines:
        cost = cost + 5.0 * crossed(numpy, numpy.array(lines), boxes).sum(axis=0)
    touched = touching(numpy, leaders, circles, TOUCH)
    touched[:, (numpy.arange(len(x)) == own) | inside] = False
    overlapping = numpy.hypot(x - x[own], y - y[own]) < radius + radius[own] + TOUCH
    cost = numpy.where(drawn & touched[:, ~overlapping].any(axis=1), numpy.inf, cost)
    return cost + numpy.where(drawn, 10.0 * touched[:, overlapping].sum(axis=1), 0.0)


def _leader_cost(
    numpy: Any, boxes: Any, leaders: Any, drawn: Any, others: Sequence[Any], other_leaders: Sequence[Any]
) -> Any:
    """The cost of each place by its leader and those of others: infinite where a leader would cross a label."""
    cost = numpy.zeros(len(boxes))
    if others:
        cost = numpy.where(drawn & crossed(numpy, leaders, numpy.array(others)).any(axis=1), numpy.inf, cost)
    if other_leaders:
        beside = numpy.array(other_leaders)
        cost = numpy.where(crossed(numpy, beside, boxes).any(axis=0), numpy.inf, cost)
        cost = cost + numpy.where(drawn, 30.0 * meeting(leaders, beside).sum(axis=1), 0.0)
    return cost


def _leaders(numpy: Any, boxes: Any, circle: Any) -> Any:
    """The lines from a mark to labels in these boxes."""
    x, y, radius = circle
    near_x, near_y = numpy.clip(x, boxes[:, 0], boxes[:, 2]), numpy.clip(y, boxes[:, 1] + 1, boxes[:, 3] - 1)
    away = numpy.hypot(near_x - x, near_y - y) + 1e-9
    edge = numpy.minimum(radius / away, 1.0)
    return numpy.stack([x + (near_x - x) * edge, y + (near_y - y) * edge, near_x, near_y], axis=1)


def _overlap_cost(numpy: Any, boxes: Any, others: Sequence[Any]) -> Any:
    if not others:
        return numpy.zeros(len(boxes))
    other = numpy.array(others)
    apart = (
        (boxes[:, None, 0] >= other[None, :, 2])
        | (boxes[:, None, 2] <= other[None, :, 0])
        | (boxes[:, None, 1] >= other[None, :, 3])
        | (boxes[:, None, 3] <= other[None, :, 1])
    )
    return numpy.where(apart.all(axis=1), 0.0, numpy.inf)


def _placed(mark: Mark, box: Any, gap: float, leader: Any, short: bool) -> Placed:
    left, bottom, right, top = (float(side) for side in box)
    x0, y0, x1, y1 = (float(end) for end in leader)
    line = ((x0, y0), (x1, y1)) if gap > LEADER else None
    text = mark.short if short else mark.text
    return Placed(text, left + PADDING, bottom, right - left - 2 * PADDING, top - bottom, line, mark.bold)


def moved(label: Placed, up: float) -> Placed:
    """The label so many points higher."""
    leader = label.leader and tuple([(x, y + up) for x, y in label.leader])
    return label._replace(y=label.y + up, leader=leader)


def shortened(texts: Sequence[str]) -> list[str]:
    """The parts of labels that differ, for all but the first and the last; empty for these, and without a number.

    >>> shortened(["ResNet-18", "ResNet-50", "ResNet-101", "ResNet-152"])
    ['', '50', '101', '']
    """
    least, most = min(texts), max(texts)
    length = next((at for at, (a, b) in enumerate(zip(least, most, strict=False)) if a != b), len(least))
    shared = least[:length]
    cut = max(shared.rfind("-"), shared.rfind(" ")) + 1
    inner = [bool(cut) and 0 < number < len(texts) - 1 for number in range(len(texts))]
    return [
        text[cut:] if inside and any(letter.isdigit() for letter in text[cut:]) else ""
        for text, inside in zip(texts, inner, strict=True)
    ]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions from `low` to `high`, in the order of those wanted, at least `gap` apart and as near them as can be.

    The sum of the squared distances is the least (isotonic regression by pooling of adjacent violators). Where there is
    not enough room, they are as far apart as the room allows.

    >>> spread([1.0, 1.5, 9.0], 2.0, 0.0, 10.0)
    [0.25, 2.25, 9.0]
    """
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    pools: list[tuple[float, int]] = []
    for place, index in enumerate(order):
        pools.append((wanted[index] - place * gap, 1))
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            (last, many), (before, others) = pools.pop(), pools.pop()
            pools.append(((last * many + before * others) / (many + others), many + others))
    even = [mean for mean, many in pools for _ in range(many)]
    found = [0.0] * len(wanted)
    for place, index in enumerate(order):
        found[index] = min(max(even[place], low), high - (len(wanted) - 1) * gap) + place * gap
    return found


MOST_NAMED = 12
"""The most points without a label that the small print names."""


def note(missing: Sequence[str]) -> str:
    """A sentence for the small print that names the points without a label."""
    if len(missing) > MOST_NAMED:
        return f"{len(missing)} points are not labelled, for lack of room; --format csv names all."
    return f"Not labelled, for lack of room: {', '.join(dict.fromkeys(missing))}." if missing else ""


def draw(axes: Any, placed: Sequence[Placed | None], size: float) -> None:
    """Draw the labels that have a place, with their leaders; lines of the axes do not run through their letters."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    figure = axes.figure
    transform = figure.dpi_scale_trans
    for number, label in enumerate(placed):
        if label is None:
            continue
        if label.leader is not None:
            (x0, y0), (x1, y1) = label.leader
            figure.add_artist(
                Line2D([x0 / 72, x1 / 72], [y0 / 72, y1 / 72], transform=transform, color=style.GREY, linewidth=0.35)
            )
        box = Rectangle((label.x / 72, label.y / 72), label.width / 72, label.height / 72, transform=transform)
        box.set(facecolor="white", edgecolor="none", alpha=0.85, zorder=GROUND, clip_on=False)
        axes.add_artist(box)
        weight = "semibold" if label.bold else "normal"
        style.at(figure, label.x, label.y + size * 0.25, label.text, size=size, weight=weight, gid=f"label{number}")
