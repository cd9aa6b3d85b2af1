"""The style of figures: sizes in millimetres, type, colours, axes, ticks and the small print.

Widths are those of journals: 88 mm for a column, 180 mm for a page. Colours have the hues of Okabe and Ito's, with
lightness spread so that they stay apart for protanopes, deuteranopes and tritanopes and in print without colour
(tests/test_plot_colours.py simulates them); nothing is shown by colour alone. Type is Source Sans, from a package, so
that a figure is the same to the byte wherever it is drawn.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from archcalc import __version__
from archcalc.base.extras import need

_UNIT = re.compile(r"(?<=\d) (?=(?:%|[KMGT]|mm|ms|us|s|W|GB|MB)(?:\W|$))")
POINTS = 72 / 25.4
"""Points in a millimetre."""
COLUMN, PAGE = 88.0, 180.0
"""Widths of a column and of a page, in millimetres."""

TITLE, LABEL, TICK, NOTE, PRINT = 8.5, 7.5, 7.0, 6.4, 5.6
"""Sizes of type in points: title, axis label, tick label, label of a point, small print."""

INK, GREY, RULE = "#1a1a1a", "#5f5f5f", "#c9c9c9"
COLOURS = ("#004477", "#aa2200", "#119944", "#bb4466", "#dd8811", "#77bbff", "#000000", "#551100")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
DASHES: tuple[Any, ...] = ("-", (0, (4, 1.5)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)), (0, (2, 1)), (0, (8, 2)))

FAMILY = "Source Sans Pro"
RC: dict[str, Any] = {
    "font.family": [FAMILY],
    "font.size": TICK,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": LABEL,
    "axes.labelpad": 3.0,
    "axes.unicode_minus": True,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": TICK,
    "ytick.labelsize": TICK,
    "xtick.major.size": 2.6,
    "ytick.major.size": 2.6,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.pad": 2.4,
    "ytick.major.pad": 2.4,
    "lines.linewidth": 1.1,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 0.5,
    "hatch.linewidth": 0.5,
    "path.simplify": False,
    "text.hinting": "none",
    "svg.fonttype": "path",
    "svg.hashsalt": "archcalc",
    "pdf.fonttype": 42,
    "figure.dpi": 72,
}


def drawing_library() -> Any:
    """Matplotlib. Raises MissingTool unless it and the typeface are installed."""
    library = need("matplotlib", "a plot")
    font_file()
    return library


@cache
def font_file(bold: bool = False) -> str:
    """The file of the typeface."""
    package = need("font_source_sans_pro", "a plot")
    name = "SourceSansPro-Semibold.ttf" if bold else "SourceSansPro-Regular.ttf"
    return os.path.join(package.font_directory, name)


def _raw(parameters: dict[str, Any], key: str) -> Any:
    """The raw value of a parameter, without loading a backend."""
    return dict[str, Any].__getitem__(parameters, key)


@contextmanager
def styled() -> Generator[None]:
    """Within this block, use matplotlib's defaults with archcalc's on top, not the user's matplotlibrc."""
    library = drawing_library()
    from matplotlib import font_manager

    known: Any = font_manager.fontManager
    for bold in (False, True):
        path = font_file(bold)
        if all(each.fname != path for each in known.ttflist):
            known.addfont(path)
            known.ttflist.insert(0, known.ttflist.pop())
    with library.rc_context():
        given, default = library.rcParams, library.rcParamsDefault
        for key in default:  # defaults need no validation, and reading the backend loads pyplot
            if key != "backend" and _raw(given, key) != _raw(default, key):
                given[key] = default[key]
        given.update(RC)
        yield


@cache
def _face(bold: bool) -> Any:
    from matplotlib.ft2font import FT2Font

    face = FT2Font(font_file(bold))
    face.set_size(100, 72)
    return face


@cache
def _advance(letter: str, bold: bool) -> float:
    """The advance width of a letter, in ems."""
    from matplotlib.ft2font import LoadFlags

    return _face(bold).load_char(ord(letter), flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536 / 100


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a line of text in points; pairs of letters that move together make it a little less."""
    return size * sum([_advance(letter, bold) for letter in text])


def wrapped(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """Text in lines of at most `width` points, broken at spaces, but not between a number and its unit.

    >>> wrapped("Shares below 6 % are not written", 5.6, 46.0)
    ['Shares below 6 %', 'are not written']
    """
    lines: list[str] = []
    for joined in _UNIT.sub("\0", text).split():
        word = joined.replace("\0", " ")
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def shortened(text: str, size: float, width: float, *, from_left: bool = False, bold: bool = False) -> str:
    """Text of at most `width` points: letters at its end, or with `from_left` at its beginning, become an ellipsis."""
    for length in range(len(text), 0, -1):
        left, right = ("\u2026", text[-length:]) if from_left else (text[:length], "\u2026")
        tried = text if length == len(text) else left + right
        if text_width(tried, size, bold) <= width:
            return tried
    return "\u2026"


class Sheet:
    """A figure being laid out: millimetres from its top left corner, a title above and small print below."""

    def __init__(self, title: str, width: float, body: float, small_print: Sequence[str]) -> None:
        """`body` is the height in millimetres between the title and the small print."""
        from matplotlib.figure import Figure

        inner = (width - 4) * POINTS
        title_lines = wrapped(title, TITLE, inner, bold=True)
        print_lines = [line for each in small_print for line in wrapped(each, PRINT, inner)]
        leading, small = TITLE * 1.2 / POINTS, PRINT * 1.22 / POINTS
        self.width = width
        self.top = 1.5 + leading * len(title_lines) + 1.0
        self.body = body
        self.height = self.top + body + 1.5 + small * len(print_lines) + 1.2
        self.figure: Any = Figure(figsize=(width / 25.4, self.height / 25.4), facecolor="white")
        self.title = title
        self.small_print = " ".join(small_print)
        for number, line in enumerate(title_lines):
            self.text(2, 1.5 + leading * (number + 0.78), line, size=TITLE, weight="semibold", gid=f"title{number}")
        for number, line in enumerate(print_lines):
            y = self.top + body + 1.5 + small * (number + 0.78)
            self.text(2, y, line, size=PRINT, color=GREY, gid=f"print{number}")
        self.figure.set_label(title)

    def text(self, x: float, y: float, text: str, **style: Any) -> Any:
        """Text whose baseline begins (or as `ha` says) at millimetres from the top left corner."""
        return self.figure.text(x / self.width, 1 - y / self.height, text, va="baseline", **style)

    def axes(self, left: float, right: float, top: float = 0.0, bottom: float = 9.0) -> Any:
        """Axes with these margins in millimetres inside the body."""
        box = (
            left / self.width,
            1 - (self.top + self.body - bottom) / self.height,
            (self.width - left - right) / self.width,
            (self.body - top - bottom) / self.height,
        )
        axes = self.figure.add_axes(box)
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def origin(*parts: str) -> str:
    """The last line of the small print: notes, and the version of archcalc."""
    return " ".join([*parts, f"Drawn by archcalc {__version__}."])


def tint(colour: str, part: float = 0.3) -> str:
    """A colour mixed with white, of which it is a part.

    >>> tint("#000000", 0.25)
    '#bfbfbf'
    """
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - part * (255 - each)):02x}" for each in parts)


def number(value: float) -> str:
    """A number as a tick label: 0.5, 12.5, 2,000."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def decade_ticks(low: float, high: float, most: int = 9) -> list[float]:
    """Readable ticks of a logarithmic axis: 1, 2, 5 of each decade, or fewer if these are more than `most`."""
    for steps in ((1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 5), (1, 2, 5), (1, 3), (1,)):
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        ticks = [step * 10.0**power for power in range(first, last + 1) for step in steps]
        ticks = [float(f"{tick:.6g}") for tick in ticks if low <= tick * 1.0000001 and tick <= high * 1.0000001]
        if len(ticks) <= most:
            return ticks
    step = math.ceil(len(ticks) / most)
    return ticks[::step]


def even_ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Readable ticks of a linear axis: multiples of 1, 2, 2.5 or 5 times a power of ten."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{tick * step:.10g}") for tick in range(first, last + 1)]


def scale_axis(
    axis: Any, low: float, high: float, log: bool = False, most: int = 8, write: Any = number, *, whole: bool = False
) -> None:
    """Set the limits and labelled ticks of an axis (`axes.xaxis` or `axes.yaxis`).

    With `whole`, only whole numbers are labelled, as suits a number of layers.
    """
    from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

    axes, which = axis.axes, axis.axis_name
    if log:
        getattr(axes, f"set_{which}scale")("log")
    getattr(axes, f"set_{which}lim")(low, high)
    ticks = decade_ticks(low, high, most) if log else even_ticks(low, high, most)
    if whole:
        ticks = [tick for tick in ticks if tick == int(tick)]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_ticklabels([write(tick) for tick in ticks])
    axis.set_minor_locator(NullLocator())
    if log:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        minor = [float(f"{digit * 10.0**power:.6g}") for power in powers for digit in range(1, 10)]
        axis.set_minor_locator(FixedLocator([tick for tick in minor if low <= tick <= high and tick not in ticks]))
        axis.set_minor_formatter(NullFormatter())


def grid(axes: Any, which: str = "y") -> None:
    """Draw thin lines at the ticks, behind everything."""
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis=which, color=RULE, linewidth=0.4)


def at(figure: Any, x: float, y: float, text: str, **style: Any) -> Any:
    """Text whose baseline begins (or as `ha` says) at points from the left lower corner of the figure."""
    return figure.text(x / 72, y / 72, text, transform=figure.dpi_scale_trans, va="baseline", **style)
