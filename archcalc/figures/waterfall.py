"""The steps from one convention's count to another's: one bar for each, beginning where the one before it ended.

The axis shows the difference from the start, so that steps of a hundredth of the total are visible; blue adds,
vermilion subtracts, and hatching marks a tool's bug.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archcalc.algebra.dims import is_int
from archcalc.base.errors import ArchcalcError
from archcalc.base.files import destination
from archcalc.conventions.reconciling import Line, Reconciliation, Waterfall
from archcalc.figures import style
from archcalc.figures.save import read_format, render
from archcalc.figures.tradeoff import unit_of
from archcalc.present.conventions import step_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROW = 4.6
"""Height of a step in millimetres."""
MORE, LESS = style.COLOURS[0], style.COLOURS[1]


def save(reconciliation: Reconciliation, file: str) -> None:
    """Write the waterfall to a file: .svg, .pdf or .png.

    Raises ArchcalcError unless there is exactly one, of whole numbers, and the file can be written.
    """
    if len(reconciliation.waterfalls) != 1:
        raise ArchcalcError("a figure shows the steps to one convention: name it with --to")
    form = read_format(None, file)
    if form == "csv":
        raise ArchcalcError(f"{file}: a figure is .svg, .pdf or .png; --format csv prints the steps")
    figure = draw(reconciliation, reconciliation.waterfalls[0])
    with destination(file) as write:
        write(render(figure, form))


def draw(reconciliation: Reconciliation, waterfall: Waterfall, width: float = style.PAGE) -> Figure:
    """The figure, `width` millimetres wide."""
    start, end, steps = waterfall
    if not is_int(start.total) or not is_int(end.total):
        raise ArchcalcError("a figure needs an input of whole numbers")
    amounts: list[Any] = [step.amount for step in steps]
    with style.styled():
        size = "x".join(map(str, reconciliation.input))
        notes = [f"{step_words(step)}: {step.reason}." for step in steps if step.reason and not step.bug]
        bugs = dict.fromkeys(f"Hatched, a bug: {step.reason}." for step in steps if step.bug)
        sheet = style.Sheet(
            f"{reconciliation.architecture}, input {size}: from {start.name} ({start.total:,} {_unit(start)}) to "
            f"{end.name} ({end.total:,} {_unit(end)})",
            width,
            ROW * (len(steps) + 1) + 10,
            [" ".join([*bugs, *notes]), style.origin("Steps add up exactly.")],
        )
        words = [_typeset(each) for each in (*map(step_words, steps), f"{end.name} - {start.name}")]
        numbers = [_typeset(f"{amount:+,}") for amount in (*amounts, end.total - start.total)]
        left = 5 + max(style.text_width(each, style.TICK) for each in words) / style.POINTS
        right = 4 + max(style.text_width(each, style.TICK) for each in numbers) / style.POINTS
        axes = sheet.axes(min(left, width * 0.55), right, 1)
        _bars(axes, waterfall, amounts)
        _labels(axes, words, numbers, right - 2.5)
        return sheet.figure


def _typeset(text: str) -> str:
    """Text with minus signs in place of hyphens that stand for them."""
    return text.replace("- ", "\u2212 ") if " " in text else text.replace("-", "\u2212")


def _marked(value: float) -> str:
    return _typeset(f"{value:g}")


def _unit(line: Line) -> str:
    return line.convention.unit.partition(" (")[0]


def _bars(axes: Any, waterfall: Waterfall, amounts: list[int]) -> None:
    """Draw a bar for each step, a thin line to where the next begins, and a bar for the whole difference."""
    levels = [0]
    for amount in amounts:
        levels.append(levels[-1] + amount)
    low, high = min(levels), max(levels)
    size, word = unit_of(max(high - low, 1))
    for row, (step, begin) in enumerate(zip(waterfall.steps, levels, strict=False)):
        colour = MORE if step.amount > 0 else LESS  # pyright: ignore[reportOperatorIssue]
        axes.barh(
            row,
            amounts[row] / size,
            left=begin / size,
            height=0.66,
            facecolor="white" if step.bug else colour,
            edgecolor=colour,
            hatch="//////" if step.bug else None,
            zorder=3,
            gid=f"step{row}",
        )
        axes.plot([levels[row + 1] / size] * 2, [row - 0.33, row + 1.33], color=style.GREY, linewidth=0.5, zorder=2)
    axes.barh(len(amounts), levels[-1] / size, height=0.66, color=style.INK, zorder=3, gid="end")
    axes.axvline(0, color=style.INK, linewidth=0.6, zorder=4)
    room = 0.02 * max(high - low, 1)
    style.scale_axis(
        axes.xaxis,
        (low - (room if low < 0 else 0)) / size,
        (high + room) / size,
        write=_marked,
    )
    axes.set_xlabel(f"added to {waterfall.start.name}{f' ({word.strip()})' if word else ''}")
    style.grid(axes, "x")


def _labels(axes: Any, words: list[str], numbers: list[str], margin: float) -> None:
    """Write the steps in words on the left and their amounts on the right, `margin` millimetres beyond the axes."""
    axes.set_ylim(len(words) - 0.4, -0.6)
    axes.set_yticks(range(len(words)), words)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.get_yticklabels()[-1].set_fontweight("semibold")
    for row, text in enumerate(numbers):
        axes.annotate(
            text,
            (1, row),
            xycoords=("axes fraction", "data"),
            xytext=(margin * style.POINTS, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=style.TICK,
            fontweight="semibold" if row == len(numbers) - 1 else "normal",
            annotation_clip=False,
        )
