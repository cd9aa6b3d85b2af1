"""The graph view as SVG: laid out by Graphviz, with sizes of boxes by the typeface, a title and a legend.

Graphviz reserves room for titles of clusters, but arrows may pass there. So a title is put where none passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archcalc.pictures.box_words import NodeWords, count
from archcalc.pictures.drawing import TextSpot, arrow, crosses, flattened, outlined, spot
from archcalc.pictures.folding import PictureNode
from archcalc.pictures.graph_view import COSTS, SAID_SIZE, TITLE_SIZE, GraphView
from archcalc.pictures.graphviz import GraphLayout, layout
from archcalc.pictures.key import INK, LINE, KeyEntry
from archcalc.pictures.scene import Link
from archcalc.pictures.svg import escaped, sheet, written
from archcalc.pictures.wrapping import wrapped
from archcalc.present.typeface import text_width

NAME, SMALL, HEAD = 9.5, 8.5, 12.0
"""Sizes of type in points: the name of a box, its other words, the title of the picture."""
LEADING = 10.6
BETWEEN, ONE_LINE = 4.0, 108.0
"""The gap between spans of a line; the width up to which a name and what the layer does share a line."""
MARGIN = 8.0
BAR = 3.0
"""The height of the bar that shows a cost."""
GREY = "#444444"
NARROWEST = 330.0
"""The least width of a sheet, on which the legend has a few lines."""


class BoxSpan(NamedTuple):
    """Words of a line with their size, weight and colour."""

    said: str
    size: float
    colour: str
    bold: bool = False

    @property
    def width(self) -> float:
        return text_width(self.said, self.size, self.bold)


def node_lines(words: NodeWords) -> list[list[BoxSpan]]:
    """The lines of a box; its name and what it does share one if that is short."""
    name, what = BoxSpan(words.name, NAME, INK, bold=True), BoxSpan(words.what, SMALL, INK)
    size = BoxSpan(" · ".join(filter(None, (words.size, words.cost))), SMALL, GREY)
    first = [[name]] if words.what == words.name else [[name], [what]]
    if len(first) == 2 and name.width + BETWEEN + what.width <= max(ONE_LINE, size.width):
        first = [[name, what]]
    steps = [[BoxSpan(words.steps, SMALL, GREY)]] if words.steps else []
    return [*first, *steps, *([[size]] if size.said else [])]


def line_width(line: Sequence[BoxSpan]) -> float:
    """The width of a line in points."""
    return sum([span.width for span in line]) + BETWEEN * (len(line) - 1)


def measured(words: NodeWords) -> tuple[float, float]:
    """The width and height in points of a box around its words."""
    lines = node_lines(words)
    wide, high = max(map(line_width, lines)), LEADING * len(lines)
    if words.entry.word == "end":
        return wide + 4, high + 2
    if words.entry.word in ("merge", "input"):
        return wide * 1.25 + 12, high * 1.3 + 4
    return wide + 14, high + 6 + (BAR + 1.5 if words.share else 0) + (2 if words.entry.word == "block, folded" else 0)


def svg(view: GraphView, *, link: Link | None = None, reproducible: bool = False, head: bool = True) -> str:
    """The picture as SVG text; `head` is the title above. Raises ArchcalcError without Graphviz, as `layout` does."""
    placed = wrapped(laid_out(view, reproducible=reproducible), view.direction)
    title = [(view.title, HEAD, True), (view.totals, SMALL, False)] if head else []
    wide = max(
        [placed.width + 2 * MARGIN, NARROWEST, *[text_width(said, size, bold) + 16 for said, size, bold in title]]
    )
    top = MARGIN + sum([size * 1.3 for _, size, _ in title])
    body: list[str] = []
    y = MARGIN
    for said, size, bold in title:
        body.append(written(MARGIN, y + size * 0.95, said, size, bold=bold, fill=INK if bold else GREY))
        y += size * 1.3
    moved = f'<g transform="translate({(wide - placed.width) / 2:.2f} {top:.2f})">'
    body += [moved, *network(view, placed, link), "</g>"]
    key, end = legend(view.key, legend_words(view), wide, top + placed.height + 6)
    boxes = [words.name for words in view.words.values()]
    description = f"{len(boxes)} boxes joined by {len(view.folding.edges)} arrows: {', '.join(boxes)}. {view.totals}."
    return sheet(wide, end + MARGIN / 2, view.title, description, [*body, *key])


def laid_out(view: GraphView, *, reproducible: bool = False) -> GraphLayout:
    """The layout of a picture; frames are wider where an arrow would strike through a title."""
    found: list[tuple[int, GraphLayout]] = []
    for times in (1.0, 2.0, 3.2):
        placed = layout(view.dot(measured, times), reproducible=reproducible)
        found.append((struck(view, placed), placed))
        if found[-1][0] == 0:
            break
    return min(found, key=lambda each: each[0])[1]


def struck(view: GraphView, placed: GraphLayout) -> int:
    """The number of titles of frames for which there is no free place."""
    lines = [flattened(edge.points, edge.tip) for edge in placed.edges]
    taken = _taken(view, placed)
    found = 0
    waiting = list(view.folding.items)
    while waiting:
        item = waiting.pop(0)
        if item.block is None:
            place = title_place(item.label, TextSpot(*placed.clusters[view.ids[item.id]]), lines, taken)
            found += place is None
            taken += [place] if place is not None else []
            waiting += item.items
    return found


NUDGES = [(0.0, 0.0), *[(x, y) for far in (4.0, 8.0, 12.0, 18.0) for x in (far, -far, 0.0) for y in (0.0, far, -far)]]
"""Places that are tried for words at an arrow, from where Graphviz puts them."""


def _labels(view: GraphView, placed: GraphLayout) -> list[tuple[float, float, str]]:
    """The words at arrows: the middle of their baseline, where no arrow and no box is, and what they say."""
    said = {(view.ids[begin], view.ids[end]): words for begin, end, words in view.folding.edges if words}
    lines = [flattened(edge.points, edge.tip) for edge in placed.edges] if said else []
    taken = _boxes(placed)
    found: list[tuple[float, float, str]] = []
    for edge in placed.edges:
        words = said.get((edge.begin, edge.end))
        if words and edge.label:
            x, y = edge.label[0], edge.label[1] + SAID_SIZE * 0.3
            places = [(x + dx, y + dy) for dx, dy in NUDGES]
            free = (each for each in places if _is_free(spot(*each, words, SAID_SIZE, anchor="middle"), lines, taken))
            x, y = next(free, places[0])
            taken.append(spot(x, y, words, SAID_SIZE, anchor="middle"))
            found.append((x, y, words))
    return found


def _is_free(place: TextSpot, lines: Sequence[Sequence[tuple[float, float]]], taken: Sequence[TextSpot]) -> bool:
    near = TextSpot(place.left - 1.5, place.top, place.right + 1.5, place.bottom)
    return not any([near.meets(each) for each in taken]) and not any([crosses(line, near) for line in lines])


def _boxes(placed: GraphLayout) -> list[TextSpot]:
    return [TextSpot(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for x, y, w, h in placed.nodes.values()]


def _taken(view: GraphView, placed: GraphLayout) -> list[TextSpot]:
    return [
        *_boxes(placed),
        *[spot(x, y, words, SAID_SIZE, anchor="middle") for x, y, words in _labels(view, placed)],
    ]


def network(view: GraphView, placed: GraphLayout, link: Link | None = None) -> list[str]:
    """The clusters, arrows and boxes of a picture that is laid out."""
    lines = [flattened(edge.points, edge.tip) for edge in placed.edges]
    body = _clusters(view, placed, view.folding.items, lines, _taken(view, placed), 0)
    for edge in placed.edges:
        body += ['<g class="edge">', *arrow(edge.points, edge.tip), "</g>"]
    body += [written(x, y, words, SAID_SIZE, anchor="middle", fill=GREY) for x, y, words in _labels(view, placed)]
    for node, words in view.words.items():
        body += _node(words, placed.nodes[view.ids[node]], link(node) if link is not None else None)
    return body


def _node(words: NodeWords, place: tuple[float, float, float, float], address: str | None) -> list[str]:
    x, y, wide, high = place
    lines = node_lines(words)
    body = ['<g class="node">', f"<title>{escaped(words.tip)}</title>"]
    body += [f'<a href="{escaped(address)}">'] if address else []
    body += outlined(words.entry, x, y, wide, high)
    bar = words.share > 0 and words.entry.word not in ("merge", "input")
    top = y - (LEADING * len(lines) + (BAR + 1.5 if bar else 0)) / 2
    for number_, line in enumerate(lines):
        base = top + LEADING * number_ + LEADING * 0.77
        left = x - line_width(line) / 2
        for span in line:
            body.append(written(left, base, span.said, span.size, bold=span.bold, fill=span.colour))
            left += span.width + BETWEEN
    if bar:
        body += _bar(words, x, top + LEADING * len(lines) + 1.0, wide - 12)
    return [*body, *(["</a>"] if address else []), "</g>"]


def _bar(words: NodeWords, x: float, top: float, wide: float) -> list[str]:
    """The bar of a cost: its share of the largest one's full width."""
    box = f'x="{x - wide / 2:.2f}" y="{top:.2f}" height="{BAR:.2f}"'
    return [
        f'<rect {box} width="{wide:.2f}" fill="#ffffff" stroke="none"/>',
        f'<rect {box} width="{max(wide * words.share, 0.3):.2f}" fill="{words.entry.stroke}" stroke="none"/>',
    ]


def _clusters(
    view: GraphView,
    placed: GraphLayout,
    items: Sequence[PictureNode],
    lines: list[list[tuple[float, float]]],
    taken: list[TextSpot],
    level: int,
) -> list[str]:
    """The frames of opened blocks, each with its title where no arrow passes."""
    body: list[str] = []
    for item in items:
        if item.block is not None:
            continue
        box = TextSpot(*placed.clusters[view.ids[item.id]])
        place = title_place(item.label, box, lines, taken) or _title_spot(item.label, *_first(box))
        taken.append(place)
        x, y = place.left, place.bottom - 0.24 * TITLE_SIZE
        size = f'width="{box.right - box.left:.2f}" height="{box.bottom - box.top:.2f}"'
        fill = "#ffffff" if level % 2 else "#f6f6f6"
        body += [
            '<g class="cluster">',
            f'<rect x="{box.left:.2f}" y="{box.top:.2f}" {size} rx="5" fill="{fill}" stroke="#8a8a8a"/>',
            written(x, y, item.label, TITLE_SIZE, bold=True, fill=LINE),
            "</g>",
            *_clusters(view, placed, item.items, lines, taken, level + 1),
        ]
    return body


def _title_spot(title: str, x: float, y: float) -> TextSpot:
    return spot(x, y, title, TITLE_SIZE, bold=True)


def _first(box: TextSpot) -> tuple[float, float]:
    return box.left + 5, box.top + TITLE_SIZE + 2


def title_place(
    title: str, box: TextSpot, lines: Sequence[Sequence[tuple[float, float]]], taken: Sequence[TextSpot]
) -> TextSpot | None:
    """The place of a cluster's title, as far up and left as no arrow and no box is in its way; None if none is free."""
    first = _first(box)
    wide = text_width(title, TITLE_SIZE, bold=True)
    across = range(max(int((box.right - box.left - wide - 10) / 3), 0) + 1)
    inside = [line for line in lines if crosses(line, box)]
    down = range(max(int((box.bottom - box.top - TITLE_SIZE - 6) / 4), 1))
    for step in down:
        for side in across:
            place = _title_spot(title, first[0] + 3 * side, first[1] + 4 * step)
            if _is_free(place, inside, taken):
                return place
    return None


def legend(entries: Sequence[KeyEntry], words: Sequence[str], wide: float, top: float) -> tuple[list[str], float]:
    """The key below a picture, in as many lines as it needs, and where it ends."""
    items: list[tuple[KeyEntry | None, str]] = [
        *[(entry, entry.word) for entry in entries],
        *[(None, w) for w in words],
    ]
    body = ['<g class="legend">', f'<path d="M{MARGIN} {top:.2f}H{wide - MARGIN:.2f}" stroke="#c9c9c9"/>']
    x, y = MARGIN, top + 12
    for entry, said in items:
        before = 20.0 if entry else 0.0
        long = before + text_width(said, SMALL)
        if x > MARGIN and x + long > wide - MARGIN:
            x, y = MARGIN, y + 13
        if entry:
            body += outlined(entry, x + 8, y - 3, 16, 9)
        body.append(written(x + before, y, said, SMALL))
        x += long + 14
    return [*body, "</g>"], y + 5


def legend_words(view: GraphView) -> list[str]:
    """What the legend says besides the key."""
    folded = ["\u00d7 n: n equal blocks, drawn once, with the costs of all"] if view.folding.times else []
    bar = [f"bar: {COSTS[view.costs]}, full width {count(view.most)}"] if view.most else []
    return [*folded, "sizes: channels \u00d7 height \u00d7 width", *bar]
