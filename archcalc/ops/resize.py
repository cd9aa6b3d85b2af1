"""Maps brought to another size by interpolation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, final

from archcalc.algebra.dims import Dim, Shape, any_below, known_equal, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    FLOAT32,
    KEEPS_NOTHING,
    NO_PARAMETERS,
    WIDEST,
    Axis,
    Memory,
    Nothing,
    Op,
    OpFormulas,
    Parameters,
    Reach,
    Rule,
    Window,
    Work,
)
from archcalc.graph.rules import SAME_CHANNELS, WHOLE_COUNTS, by_axis
from archcalc.ops.sliding import axes_of

__all__ = ["Resize"]

TAPS = {"nearest": 1, "linear": 2, "cubic": 4}
FACTORS = (1, 2, 3, 4, 5, 6, 7, 8, 16, 32)
"""The whole numbers that sizes may be multiplied or divided by in a window."""


@final
class Resize(Op):
    """A map (C, H, W) brought to `sizes` on its spatial axes: nearest, linear (bilinear, trilinear) or cubic.

    No parameters. Work: nearest none; else one multiplication and one addition for each of the 2 (cubic: 4) values on
    each axis that an output value is made from. Errors: as many sizes as the map has spatial axes, each from 1 on.
    Source: PyTorch's `interpolate`.

    >>> Resize((28, 28), "linear").shape((64, 14, 14))
    (64, 28, 28)
    """

    sizes: tuple[Dim, ...]
    mode: Literal["nearest", "linear", "cubic"] = "nearest"
    role = "layout"
    autocast = FLOAT32
    autocast_cpu = WIDEST
    formulas = OpFormulas(
        SAME_CHANNELS,
        size=(Rule("n", "PyTorch's `interpolate`", says="the requested size, whatever the input"),),
        params=(Nothing("interpolation has nothing to learn"),),
        mult_adds=(Nothing(f"it weighs neighbours by fixed numbers, and {WHOLE_COUNTS}"),),
    )

    def shape(self, x: Shape) -> Shape:
        if self.mode not in TAPS:
            raise RuleError(f"there is no mode {self.mode!r}")
        if axes_of(x) != len(self.sizes) or any([any_below(size, 1) for size in self.sizes]):
            raise RuleError(f"it needs {axes_of(x)} sizes from 1 on, not {self.sizes}")
        return (x[0], *self.sizes)

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        if self.mode == "nearest":
            return Work()
        taps = TAPS[self.mode] ** len(self.sizes)
        elements = product(self.shape(x))
        return Work(multiply=taps * elements, add=(taps - 1) * elements)

    def window(self, x: Shape) -> Window | Reach:
        axes = [_axis(size, new) for size, new in zip(x[1:], self.sizes, strict=True)]
        known = [axis for axis in axes if axis is not None]
        return Window(known) if self.mode == "nearest" and len(known) == len(axes) else Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return KEEPS_NOTHING

    def letters(self, x: Shape) -> dict[str, Any]:
        return by_axis("n", self.sizes)

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        words = {
            ("linear", 1): "linear",
            ("linear", 2): "bilinear",
            ("linear", 3): "trilinear",
            ("cubic", 2): "bicubic",
        }
        mode = words.get((self.mode, len(self.sizes)), self.mode)

        def resize(x: Any) -> Any:
            return torch.nn.functional.interpolate(x, size=self.sizes, mode=mode)

        return resize


def _axis(size: Dim, new: Dim) -> Axis | None:
    """The window of an axis whose size is known to be multiplied or divided by a whole number, else None."""
    for factor in FACTORS:
        if known_equal(new, size * factor):
            return Axis(factor, 1, factor - 1, 1, factor)
        if known_equal(size, new * factor):
            return Axis(stride=factor)
    return None
