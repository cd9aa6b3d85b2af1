"""The figure of scaling laws: each quantity against each variable, relative to the present one, on logarithmic axes.

For the input size the growth of the area (length, volume) is divided out, so that the steps of the cost curve are
visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archcalc.figures import style
from archcalc.graph.axes import extent, position, sides
from archcalc.present.names import pretty
from archcalc.search.scaling import SHOWN, Scaling, VariableLaws

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = style.PAGE
WORDS = {
    "params": "parameters",
    "mult_adds": "mult-adds",
    "activation_sum": "activations",
    "peak_inference_bytes": "peak at inference",
    "training_saved_bytes": "saved for backward",
}
PANEL = 62.0
"""Height of a row of panels in millimetres."""


def draw(data: Scaling, width: float = WIDTH) -> Figure:
    """The figure: one panel for each variable, two in a row."""
    laws = [each for each in data.variables if each.samples]
    columns = 2 if len(laws) > 1 else 1
    rows = -(-len(laws) // columns)
    changed = "".join(f", {key} = {value}" for key, value in data.changed.items())
    sheet = style.Sheet(
        f"Scaling laws of {pretty(data.architecture)}{changed}",
        width,
        rows * PANEL,
        [
            style.origin(
                "Exact counts as multiples of those of the network by its name; the key has the exponent for large "
                "values.",
                f"For the size, counts are divided by {_power(data.input)}: the quotient is not constant, because "
                "sizes are rounded at a stride or trimmed by a window.",
            )
        ],
    )
    for place, growth in enumerate(laws):
        row, column = divmod(place, columns)
        left = 14 + column * width / columns
        right = width - (column + 1) * width / columns + 3
        axes = sheet.axes(left, right, row * PANEL + 3, (rows - row - 1) * PANEL + 10)
        _panel(axes, growth, data.input)
    return sheet.figure


def _panel(axes: Any, growth: VariableLaws, shape: tuple[Any, ...]) -> None:
    """Draw one variable: a line for each quantity that depends on it; for the size, divided by the input's extent."""
    by_size = growth.variable == "size"
    samples = [each for each in growth.samples if not by_size or 1 <= 2 * each[0] / growth.present <= 4]
    values = [value for value, _ in samples]
    own = next((counts for value, counts in samples if value == growth.present), samples[-1][1])
    drawn: list[float] = []
    for number, law in enumerate(growth.laws):
        key = SHOWN[number]
        rule = [(value / growth.present) ** (len(shape) - 1) if by_size else 1 for value in values]
        heights = [counts[key] / own[key] / each for (_, counts), each in zip(samples, rule, strict=True) if own[key]]
        if not law.exponent or not heights or min(heights) <= 0:
            continue
        drawn += heights
        power = "" if law.exponent == 1 else f"$^{law.exponent}$"
        axes.plot(values, heights, color=style.COLOURS[number], linestyle="-" if by_size else style.DASHES[number],
                  linewidth=0.8 if by_size else 1.0, label=f"{WORDS[key]}: {growth.variable}{power}",
                  gid=f"{growth.variable} {key}")  # fmt: skip
    low, high = min(drawn, default=0.5), max(drawn, default=2.0)
    style.scale_axis(axes.xaxis, min(values), max(values), log=not by_size, most=7)
    bottom, top = (low - (high - low) * 0.05, high + (high - low) * 0.4) if by_size else (low / 1.05, _above(low, high))
    style.scale_axis(axes.yaxis, bottom, top, log=not by_size, most=7)
    style.grid(axes, "both")
    axes.axvline(growth.present, color=style.GREY, linewidth=0.6)
    if by_size:
        axes.set_xlabel(f"{sides(shape)} of the input ({position(shape)}s)")
        axes.set_ylabel(f"relative to the {extent(shape)} rule from {growth.present}")
    else:
        own = growth.meaning == growth.variable
        axes.set_xlabel(growth.variable if own else f"{growth.variable}: {growth.meaning}")
        axes.set_ylabel(f"times that of {growth.variable} {growth.present:g}")
    axes.legend(loc="upper right" if by_size else "upper left", frameon=False, fontsize=style.NOTE, handlelength=2.4,
                labelspacing=0.3, borderpad=0.1)  # fmt: skip


def _power(shape: tuple[Any, ...]) -> str:
    return {2: "the size", 4: "the cube of the size"}.get(len(shape), "the square of the size")


def _above(low: float, high: float) -> float:
    """The end of a logarithmic axis that leaves room for the key."""
    return high * max(high / low, 1.2) ** 0.5
