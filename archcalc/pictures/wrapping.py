"""A long layout in columns side by side (or rows below each other), so that a page holds it with legible letters.

It is cut where the output of a single box goes on, whose arrows are led from the foot of a column to the head of the
next. A network whose arrows skip far, such as a U-Net, stays in one piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from archcalc.pictures.graphviz import GraphLayout, PlacedEdge

PAGE = (510.0, 690.0)
"""The width and height in points for which columns are chosen: 180 mm x 243 mm."""
GUTTER = 26.0
"""The room between columns, in which the arrow goes up."""
MOST_COLUMNS = 8
LEGIBLE = 0.8
"""The scale from which on letters are large enough, so that a picture need not be cut further."""

Box = tuple[float, float, float, float]
Point = tuple[float, float]


class LayoutPiece(NamedTuple):
    """A part of a layout between two cuts: its top and bottom, and its left and right ends."""

    top: float
    bottom: float
    left: float
    right: float


def wrapped(layout: GraphLayout, direction: str = "TB") -> GraphLayout:
    """The layout in the number of columns (rows, from left to right) with the largest letters on a page."""
    if direction == "LR":
        return _turned(_wrapped(_turned(layout), (PAGE[1], PAGE[0])))
    return _wrapped(layout, PAGE)


def _wrapped(layout: GraphLayout, page: Sequence[float]) -> GraphLayout:
    cuts = _cuts(layout)
    best, found = _scale(layout.width, layout.height, page), layout
    for columns in range(2, min(MOST_COLUMNS, len(cuts) + 1) + 1):
        if best >= LEGIBLE:
            break
        pieces = _pieces(layout, cuts, columns)
        tried = _side_by_side(layout, pieces)
        scale = _scale(tried.width, tried.height, page)
        if scale > best * 1.05:
            best, found = scale, tried
    return found


def _scale(width: float, height: float, page: Sequence[float]) -> float:
    return min(page[0] / width, page[1] / height, 1.0)


def _cuts(layout: GraphLayout) -> list[float]:
    """Heights between boxes and frames at which all arrows that go on come from one box."""
    spans = sorted(
        [(y - high / 2, y + high / 2) for _, y, _, high in layout.nodes.values()]
        + [(top, bottom) for _, top, _, bottom in layout.clusters.values()]
    )
    found: list[float] = []
    end = spans[0][1] if spans else 0.0
    for top, bottom in spans:
        if top > end + 6:
            y = (top + end) / 2
            passing = [edge for edge in layout.edges if _passes(edge, y)]
            if len({edge.begin for edge in passing}) == 1 and all([edge.label is None for edge in passing]):
                found.append(y)
        end = max(end, bottom)
    return found


def _passes(edge: PlacedEdge, y: float) -> bool:
    heights = [edge.tip[1], *[point[1] for point in edge.points]]
    return min(heights) < y < max(heights)


def _pieces(layout: GraphLayout, cuts: Sequence[float], columns: int) -> list[LayoutPiece]:
    """The pieces of at most `columns` columns whose highest is as low as possible."""
    ends = [0.0, *cuts, layout.height]
    low, high = layout.height / columns, layout.height
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if len(_packed(ends, middle)) <= columns else (middle, high)
    return [_piece(layout, top, bottom) for top, bottom in _packed(ends, high)]


def _packed(ends: Sequence[float], most: float) -> list[tuple[float, float]]:
    """The fewest pieces of at most that height, if every part between two ends is no higher."""
    found = [(ends[0], ends[1])]
    for begin, end in pairwise(ends[1:]):
        if end - found[-1][0] <= most:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found if all([b - a <= most for a, b in found]) else [*found] * (len(ends) + 1)


def _piece(layout: GraphLayout, top: float, bottom: float) -> LayoutPiece:
    boxes = [(x - w / 2, y, x + w / 2) for x, y, w, _ in layout.nodes.values() if top <= y <= bottom]
    boxes += [(left, y, right) for left, y, right, _ in layout.clusters.values() if top <= y <= bottom]
    for edge in layout.edges:
        inside = [x for x, y in (*edge.points, edge.tip) if top <= y <= bottom]
        boxes += [(x, top, x) for x in inside]
        if edge.label is not None and top <= edge.label[1] <= bottom:
            boxes.append((edge.label[0] - 30, top, edge.label[0] + 30))
    return LayoutPiece(top, bottom, min([box[0] for box in boxes]), max([box[2] for box in boxes]))


def _side_by_side(layout: GraphLayout, pieces: Sequence[LayoutPiece]) -> GraphLayout:
    """The pieces as columns from left to right, their heads level."""
    head = 8.0 if len(pieces) > 1 else 0.0
    offsets: list[tuple[float, float]] = []
    x = 0.0
    for piece in pieces:
        offsets.append((x - piece.left, head - piece.top))
        x += piece.right - piece.left + GUTTER

    def shift(y: float) -> tuple[float, float]:
        number = next((i for i, piece in enumerate(pieces) if y <= piece.bottom), len(pieces) - 1)
        return offsets[number]

    edges: list[PlacedEdge] = []
    for edge in layout.edges:
        begin, end = shift(edge.points[0][1]), shift(edge.tip[1])
        if begin == end:
            dx, dy = begin
            label = None if edge.label is None else (edge.label[0] + dx, edge.label[1] + dy)
            moved = [(a + dx, b + dy) for a, b in edge.points]
            edges.append(edge._replace(points=moved, tip=(edge.tip[0] + dx, edge.tip[1] + dy), label=label))
            continue
        number = offsets.index(end)
        gutter = offsets[number][0] + pieces[number].left - GUTTER / 2
        before, after = _split(edge.points, pieces[number].top)
        points = _led([_moved(each, begin) for each in before], [_moved(each, end) for each in after], gutter)
        edges.append(edge._replace(points=points, tip=_moved(edge.tip, end)))
    nodes = {name: (x + shift(y)[0], y + shift(y)[1], w, h) for name, (x, y, w, h) in layout.nodes.items()}
    clusters: dict[str, Box] = {}
    for name, (left, top, right, bottom) in layout.clusters.items():
        dx, dy = shift(top)
        clusters[name] = (left + dx, top + dy, right + dx, bottom + dy)
    bottoms = [p[1] for edge in edges for p in edge.points] + [y + h / 2 for _, y, _, h in nodes.values()]
    bottoms += [each[3] for each in clusters.values()]
    return GraphLayout(x - GUTTER, max(bottoms) + 2, nodes, clusters, edges)


def _moved(point: Point, by: Point) -> Point:
    return (point[0] + by[0], point[1] + by[1])


def _split(points: Sequence[Point], y: float) -> tuple[list[Point], list[Point]]:
    """Cubic curves that go down, in two parts that meet at a height."""
    for i in range(0, len(points) - 3, 3):
        if points[i + 3][1] >= y or i + 4 >= len(points):
            curve = points[i : i + 4]
            low, high = 0.0, 1.0
            for _ in range(30):
                middle = (low + high) / 2
                low, high = (middle, high) if _cut(curve, middle)[0][-1][1] < y else (low, middle)
            first, second = _cut(curve, high)
            return [*points[:i], *first], [*second, *points[i + 4 :]]
    return list(points), [points[-1]]


def _cut(curve: Sequence[Point], t: float) -> tuple[list[Point], list[Point]]:
    """A cubic curve in two, by de Casteljau's construction."""
    left: list[Point] = [curve[0]]
    right: list[Point] = [curve[-1]]
    rest: list[Point] = list(curve)
    while len(rest) > 1:
        rest = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(rest)]
        left.append(rest[0])
        right.append(rest[-1])
    return left, right[::-1]


def _led(before: Sequence[Point], after: Sequence[Point], gutter: float) -> list[Point]:
    """An arrow's line through the gutter, from the foot of a column to the head of the next; as straight curves."""
    foot, head = before[-1], after[0]
    corners = [foot, (gutter, foot[1]), (gutter, head[1]), head]
    points = list(before)
    for (x1, y1), (x2, y2) in pairwise(corners):
        points += [(x1 + (x2 - x1) / 3, y1 + (y2 - y1) / 3), (x2 - (x2 - x1) / 3, y2 - (y2 - y1) / 3), (x2, y2)]
    return [*points, *after[1:]]


def _turned(layout: GraphLayout) -> GraphLayout:
    """The layout with its axes exchanged."""
    return GraphLayout(
        layout.height,
        layout.width,
        {name: (y, x, high, wide) for name, (x, y, wide, high) in layout.nodes.items()},
        {name: (top, left, bottom, right) for name, (left, top, right, bottom) in layout.clusters.items()},
        [
            edge._replace(
                points=[(y, x) for x, y in edge.points],
                tip=(edge.tip[1], edge.tip[0]),
                label=None if edge.label is None else (edge.label[1], edge.label[0]),
            )
            for edge in layout.edges
        ],
    )
