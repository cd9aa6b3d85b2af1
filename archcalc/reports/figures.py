"""Figures of a report: the plots of `archcalc.figures`, whose title and small print become the caption, and pictures of
networks that are large enough to be legible. All are SVG with letters as text, not as outlines.
"""

from __future__ import annotations

import io
import re
from importlib import import_module
from typing import Any

from archcalc.analysis.structure import Structure, structure
from archcalc.base.errors import ArchcalcError
from archcalc.figures import Plot, gather, kind_of, module_of, style
from archcalc.figures.names import pretty
from archcalc.pictures import graph_view, graphviz
from archcalc.present.tables import human
from archcalc.present.words import by_all
from archcalc.reports.blocks import Block, Figure, Paragraph, TextSpan
from archcalc.reports.words import curled, sized
from archcalc.request import NetworkLike

TEXT_WIDTH = 170.0
"""The width between the margins, in millimetres."""
GAP = 5.0
HALF = (TEXT_WIDTH - GAP) / 2
"""The width of a figure that has another beside it, in millimetres."""
VIEW = "graph"
"""The picture of a network: `graph`, or `volume` for boxes to scale."""
BLOCKS = False
"""True if the block of which a network has most is drawn too."""
MOST_HEIGHT = 205.0
"""The part of a page that a figure may take."""
POINTS = 72 / 25.4
LEAST_TYPE = 5.2
"""The smallest size of letters in a picture, in points; fewer blocks are opened where letters would be smaller."""
OWN_TYPE = 11.0
"""The size of letters in a node before scaling."""


def plot(kind: str, *names: NetworkLike, width: float = HALF, convention: str | None = None) -> Block:
    """A plot as a figure; if it cannot be drawn, a remark with the reason."""
    try:
        data = gather(Plot(kind, names, convention=convention))
    except ArchcalcError as error:
        return Paragraph(f"No plot {kind}: {error}.", small=True)
    with style.styled():
        figure = module_of(kind_of(kind)).draw(data, width)
        title, notes = _taken_out(figure, "title"), _taken_out(figure, "print")
        svg = _svg(figure, title, notes)
    notes_said = re.sub(r"\s*Drawn by archcalc [^ ]*\.$", "", " ".join(text for text, _ in notes))
    heading = " ".join(text for text, _ in title)
    return Figure(
        svg, (TextSpan(f"{curled(heading)}. ", "strong"), curled(sized(notes_said))), f"{heading}. {notes_said}", width
    )


def _taken_out(figure: Any, gid: str) -> list[tuple[str, float]]:
    """Remove a figure's title or small print; return its lines with their baselines in points from the bottom."""
    height = figure.get_figheight() * 72
    texts = [each for each in figure.texts if (each.get_gid() or "").startswith(gid)]
    for each in texts:
        each.remove()
    return [(each.get_text(), each.get_position()[1] * height) for each in texts]


def _svg(figure: Any, title: list[tuple[str, float]], notes: list[tuple[str, float]]) -> bytes:
    """The figure as SVG, without the space of its title and its small print."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    stream = io.BytesIO()
    figure.patch.set_visible(False)
    matplotlib.rcParams["svg.fonttype"] = "none"
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(stream, metadata={"Date": None, "Creator": None})
    width, height = figure.get_figwidth() * 72, figure.get_figheight() * 72
    top = height - title[-1][1] + style.TITLE * 0.25 if title else 0.0
    bottom = height - notes[0][1] - style.PRINT * 0.95 if notes else height
    return _cropped(stream.getvalue().decode(), (0.0, top, width, bottom - top)).encode()


def _cropped(svg: str, box: tuple[float, float, float, float]) -> str:
    """An SVG of which only a box (left, top, width, height in points) is shown."""
    left, top, width, height = box
    begin = svg.index("<svg ")
    end = svg.index(">", begin)
    head = svg[begin:end]
    head = re.sub(r'\bwidth="[^"]*"', f'width="{width:.3f}pt"', head, count=1)
    head = re.sub(r'\bheight="[^"]*"', f'height="{height:.3f}pt"', head, count=1)
    head = re.sub(r'\bviewBox="[^"]*"', f'viewBox="{left:g} {top:.3f} {width:.3f} {height:.3f}"', head, count=1)
    return svg[:begin] + head + svg[end:]


def renderer() -> list[str] | None:
    """The command that draws networks: Graphviz from pygraphviz if possible, so that reports look the same."""
    return graphviz.bundled() or graphviz.renderer()


def network(network: NetworkLike, width: float) -> Block:
    """The picture of a network, at most so many millimetres wide; without Graphviz, where it is needed, a remark."""
    drawn = structure(network)
    name = drawn.architecture
    if VIEW == "graph" and renderer() is None:
        return Paragraph(
            [f"No picture of {name}: Graphviz is not installed where this report was made (",
             TextSpan("pip install 'archcalc[picture]'", "name"), ")."], small=True,
        )  # fmt: skip
    svg, scale, said = VIEWS[VIEW](drawn, width)
    params = human(sum([row.layer.params for row in drawn.rows]))
    caption = (TextSpan(f"{pretty(name)}. ", "strong"), said)
    about = f"The layers of {name} and how they are joined; {params} parameters."
    return Figure(svg.encode(), caption, about, _size(svg)[0] * scale / POINTS)


def _graph(drawn: Structure, width: float) -> tuple[str, float, str]:
    """Nodes and arrows, opened as deep as their letters stay legible: the picture, its scale, its key."""
    svg, scale = "", 1.0
    for depth in (3, 2, 1):
        svg = _rendered(graph_view.draw(drawn, depth), f"{drawn.architecture}, input {by_all(drawn.inputs)}")
        scale = _scale(svg, width, 0.75)
        if scale * OWN_TYPE >= LEAST_TYPE:
            break
    return svg, scale, (
        "Blue: convolution; orange: pool; yellow: linear layer; grey oval: merge; double frame: a block in one box. "
        "Equal blocks in a row are drawn once, with their number."
    )  # fmt: skip


def _volume(drawn: Structure, width: float) -> tuple[str, float, str]:
    """Boxes to scale in height, width and channels."""
    svg = _view("volume_view").draw(drawn)
    return svg, _scale(svg, width), "Boxes are the outputs of layers, to the scale that the picture gives."


VIEWS = {"graph": _graph, "volume": _volume}
"""The pictures of a network, by name."""


def typical_block(network: NetworkLike) -> list[Block]:
    """The block of which the network has most, layer by layer; nothing for a network without blocks."""
    if not BLOCKS:
        return []
    drawn = structure(network)
    try:
        svg: str = _view("block_view").draw(drawn)
    except ArchcalcError:
        return []
    about = f"A block of {pretty(drawn.architecture)}"
    caption = (TextSpan(f"{about}. ", "strong"), "Its layers, and the sizes between them.")
    width = _size(svg)[0] * _scale(svg, TEXT_WIDTH) / POINTS
    return [Figure(svg.encode(), caption, f"{about}, layer by layer.", width)]


def _view(module: str) -> Any:
    """A module of `archcalc.pictures` that draws networks, loaded where it is needed."""
    return import_module(f"archcalc.pictures.{module}")


def _scale(svg: str, width: float, most: float = 1.0) -> float:
    """The scale at which a picture is at most so many millimetres wide and not too high for a page."""
    wide, high = _size(svg)
    return min(width * POINTS / wide, MOST_HEIGHT * POINTS / high, most)


def _rendered(dot: str, title: str) -> str:
    """A picture as SVG, without its title and in the typeface of the figures."""
    untitled = dot.replace(f"  label={graph_view.text(title)};\n", "", 1)
    svg = graphviz.to_svg(untitled, renderer(), [style.font_file(bold) for bold in (False, True)])
    svg = re.sub(r"<title>.*?</title>\n?", "", svg, flags=re.DOTALL)
    return re.sub(r'font-family="[^"]*"', f'font-family="{style.FAMILY}"', svg)


def _size(svg: str) -> tuple[float, float]:
    """Width and height in points."""
    sides = [re.search(rf'<svg[^>]*\b{side}="([\d.]+)pt"', svg) for side in ("width", "height")]
    wide, high = [float(side[1]) if side else 1.0 for side in sides]
    return wide, high
