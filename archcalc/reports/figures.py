"""Figures of a report: the plots of `archcalc.figures`, whose title and small print become the caption, and pictures of
networks that are large enough to be legible. All are SVG with letters as text, not as outlines.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Sequence
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.figures import Plot, gather, kind_of, module_of, save, style
from archcalc.reports import marks
from archcalc.reports.blocks import Block, Figure, MarkedDrawing, Paragraph, TextSpan, anchor
from archcalc.reports.words import curled, sized
from archcalc.request import NetworkLike

TEXT_WIDTH = 170.0
"""The width between the margins, in millimetres."""
GAP = 5.0
HALF = (TEXT_WIDTH - GAP) / 2
"""The width of a figure that has another beside it, in millimetres."""
MOST_HEIGHT = 205.0
"""The part of a page that a figure may take."""
POINTS = 72 / 25.4
LEAST_TYPE = 5.2
"""The smallest size of letters in a picture, in points; fewer blocks are opened where letters would be smaller."""


FALLBACK = "'Source Sans 3', 'Helvetica Neue', Helvetica, Arial, sans-serif"
"""Typefaces for the letters of a plot where its own is not installed; they are set as wide as its own."""


def plot(
    kind: str,
    *names: NetworkLike,
    width: float = HALF,
    convention: str | None = None,
    marked: Sequence[NetworkLike] = (),
) -> Block:
    """A plot as a figure; if it cannot be drawn, a remark with the reason.

    Networks that are `marked` stand out among those that a plot of accuracies shows anyway.
    """
    try:
        data = gather(Plot(kind, names, convention=convention, marked=tuple(marked)))
    except ArchcalcError as error:
        return Paragraph(f"No plot {kind}: {error}.", small=True)
    module = module_of(kind_of(kind))
    records = module.records(data)
    drawing, title, notes = _drawn(module, data, width, records)
    said = re.sub(r"\s*Drawn by archcalc [^ ]*\.$", "", notes)
    return Figure(
        drawing.svg,
        (TextSpan(f"{curled(title)}. ", "strong"), curled(sized(said))),
        f"{title}. {said}",
        width,
        drawing.marks,
        marks.table(title, records),
        _drawn(module, data, style.COLUMN, records)[0] if width > style.COLUMN else None,
        _command("plot", [kind, *names], convention),
    )


def _drawn(module: Any, data: Any, width: float, records: Any) -> tuple[MarkedDrawing, str, str]:
    """A drawing of a plot, its title and its small print, which are not in it."""
    with style.styled():
        figure = module.draw(data, width)
        title, notes = _taken_out(figure, "title"), _taken_out(figure, "print")
        svg = _svg(figure, title, notes)
        found = marks.marks(figure, records)
    return MarkedDrawing(svg, found), " ".join(text for text, _ in title), " ".join(text for text, _ in notes)


def _command(name: str, asked: Sequence[NetworkLike], convention: str | None = None) -> str:
    """The command that draws a picture of the catalogue's networks; empty for networks of one's own."""
    words = [each for each in asked if isinstance(each, str)]
    options = ["--convention", convention] if convention else []
    file = f"{words[-1]}.svg" if words else ""
    return f"archcalc {name} {' '.join([*words, *options])} -o {file}" if len(words) == len(asked) else ""


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
    canvas.print_svg(stream, metadata=save.NO_METADATA)
    width, height = figure.get_figwidth() * 72, figure.get_figheight() * 72
    top = height - title[-1][1] + style.TITLE * 0.25 if title else 0.0
    bottom = height - notes[0][1] - style.PRINT * 0.95 if notes else height
    svg = _TEXT.sub(_fitted, stream.getvalue().decode())
    return _cropped(svg, (0.0, top, width, bottom - top)).encode()


_TEXT = re.compile(r'<text style="(?P<style>[^"]*)"(?P<rest>[^>]*)>(?P<text>[^<]*)</text>')


def _fitted(found: re.Match[str]) -> str:
    """A text with typefaces to fall back on and with its length, so that no other face makes it run into others."""
    look = found["style"]
    size = re.search(r"font(?:-size)?: (?:[a-z0-9]+ )*([0-9.]+)px", look)
    if size is None:
        return found[0]
    bold = re.search(r"font(?:-weight)?: (?:600|bold)", look) is not None
    long = style.text_width(html.unescape(found["text"]), float(size[1]), bold)
    look = look.replace(f"'{style.FAMILY}'", f"'{style.FAMILY}', {FALLBACK}")
    return (
        f'<text textLength="{long:.2f}" lengthAdjust="spacingAndGlyphs" style="{look}"{found["rest"]}>'
        f"{found['text']}</text>"
    )


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


def layers_label(network: str) -> str:
    """The label of the table of a network's layers, to whose rows the boxes of its picture lead."""
    return f"layers-{'-'.join(network.split())}"


def row_link(network: str) -> Callable[[str], str]:
    """The address of each row of a network in the table of its layers."""
    return lambda row: f"#{anchor(layers_label(network), row.removesuffix('.*'))}"
