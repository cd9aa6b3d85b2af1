"""Figures as files: SVG, PDF and PNG, reproducible for the same data, written whole or not at all.

Letters in an SVG file are outlines: it looks the same in a paper, a slide or a drawing program on any machine, with or
without the typeface; its title and description, which hold the small print and the labels, are text. Plots in reports
have letters as text, to be searched and selected.
"""

from __future__ import annotations

import io
import sys
from html import escape
from typing import TYPE_CHECKING, Any

from archcalc import __version__
from archcalc.base.errors import ArchcalcError
from archcalc.base.files import format_of
from archcalc.base.spelling import shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "pdf", "png", "csv")
DOTS_PER_INCH = 300
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
"""The keys of the RDF that matplotlib writes into SVG, all left out: a page that holds such an SVG is invalid HTML."""
NARROWEST, WIDEST = 70.0, 400.0
"""The range of widths of a figure, in millimetres."""


def read_format(given: str | None, file: str | None) -> str:
    """The requested format, or that of the file's suffix, or svg. Raises ArchcalcError for any other suffix."""
    return format_of(given, file, {f".{each}": each for each in FORMATS}, "svg", "a plot")


def read_width(given: str) -> float:
    """A width in millimetres. Raises ArchcalcError if it is out of range."""
    try:
        width = float(given) if given.replace(".", "", 1).isdigit() and given.isascii() and len(given) < 12 else 0.0
    except ValueError:
        width = 0.0
    if not NARROWEST <= width <= WIDEST:
        raise ArchcalcError(f"--width takes millimetres from {NARROWEST:g} to {WIDEST:g}, not {shown(given)}")
    return width


def check_output(file: str | None, form: str, window: bool) -> None:
    """Raise ArchcalcError, before anything is drawn, if the plot cannot be written anywhere."""
    if window:
        if form == "csv":
            raise ArchcalcError("--show opens a window with the plot; its data (csv) go to stdout or to -o FILE")
        backend()
    elif file is None and form != "csv" and sys.stdout.isatty():
        raise ArchcalcError("a plot needs -o FILE.svg, .pdf or .png, or --show; --format csv prints its data")


def drawn(module: Any, data: Any, width: float) -> Figure:
    """The figure that a module draws, in archcalc's style."""
    from archcalc.figures.style import styled

    with styled():
        return module.draw(data, width)


def render(figure: Figure, form: str) -> bytes:
    """A figure as a file of that format."""
    from archcalc.figures.style import styled

    stream = io.BytesIO()
    title, author = str(figure.get_label()), f"archcalc {__version__}"
    with styled():
        if form == "svg":
            from matplotlib.backends.backend_svg import FigureCanvasSVG

            canvas: Any = FigureCanvasSVG(figure)
            canvas.print_svg(stream, metadata=NO_METADATA)
        elif form == "pdf":
            from matplotlib.backends.backend_pdf import FigureCanvasPdf

            known = {"Creator": author, "Producer": author, "Title": title, "CreationDate": None}
            pages: Any = FigureCanvasPdf(figure)
            pages.print_pdf(stream, metadata=known)
        else:
            _png(figure, stream, {"Software": author, "Title": title})
    return _described(stream.getvalue(), figure) if form == "svg" else stream.getvalue()


def _png(figure: Figure, stream: io.BytesIO, metadata: dict[str, str]) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    before = figure.dpi
    figure.set_dpi(DOTS_PER_INCH)
    try:
        canvas: Any = FigureCanvasAgg(figure)
        canvas.print_png(stream, metadata=metadata)
    finally:
        figure.set_dpi(before)


def _described(svg: bytes, figure: Figure) -> bytes:
    """SVG with a title and a description for screen readers: its letters are outlines."""
    text = svg.decode()
    words = " ".join(each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("print"))
    labels = [each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("label")]
    parts = [words, f"Labelled: {', '.join(labels)}." if labels else ""]
    said = f"<title>{escape(str(figure.get_label()))}</title>\n <desc>{escape(' '.join(filter(None, parts)))}</desc>"
    begin = text.index("<svg ")
    end = text.index(">", begin)
    return f'{text[:end]} role="img">\n {said}{text[end + 1 :]}'.encode()


def backend() -> str:
    """The backend for windows that matplotlib finds. Raises ArchcalcError where there is no display or no toolkit."""
    from archcalc.figures.style import drawing_library

    drawing_library()
    from matplotlib import pyplot

    name = pyplot.get_backend()
    if name.lower() in ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template"):
        raise ArchcalcError(
            "--show finds no window to draw in (no display, or no toolkit such as tkinter); use -o FILE"
        )
    return name


def show(figure: Figure) -> None:
    """Open a window with the figure and wait until it is closed. Raises ArchcalcError where there is none."""
    from matplotlib import pyplot

    from archcalc.figures.style import styled

    def made(*_: object, **__: object) -> Figure:
        return figure

    library: Any = pyplot
    with styled():
        library.switch_backend(backend())
        library.figure(num=1, FigureClass=made)
        library.show(block=True)
        library.close(figure)
