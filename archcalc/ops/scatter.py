"""Values of one tensor written into another: what a change of a part of a tensor gives.

Source: PyTorch's `slice_scatter`, which is what `x[:, 1:] = y` means without a change in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, known_to_differ
from archcalc.base.errors import RuleError
from archcalc.graph import KEEPS_NOTHING, POINTWISE, Memory, Reach, Window, show_shape
from archcalc.ops.views import Movement, Narrow

__all__ = ["SliceScatter"]


@final
class SliceScatter(Movement):
    """A tensor whose positions `start` up to `stop` of an axis, every `step`-th, are those of a second one; a copy.

    Errors: an axis or positions that are not there, or a second tensor of another shape than these.

    >>> SliceScatter(1, 1, 197).shape((8, 197, 197), (8, 196, 197))
    (8, 197, 197)
    """

    axis: int
    start: Dim
    stop: Dim
    step: int = 1
    channel_axis = "kept"

    def shape(self, x: Shape, source: Shape) -> Shape:
        wanted = Narrow(self.axis, self.start, self.stop, self.step).shape(x)
        if len(wanted) != len(source) or any([known_to_differ(a, b) for a, b in zip(wanted, source, strict=True)]):
            raise RuleError(f"{show_shape(source)} does not fill these positions, {show_shape(wanted)}")
        return x

    def window(self, x: Shape, source: Shape) -> Window | Reach:
        return POINTWISE if self.axis == 0 else Reach.IRREGULAR

    def memory(self, x: Shape, source: Shape) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any, x: Shape, source: Shape) -> Callable[..., Any]:
        def write(x: Any, source: Any) -> Any:
            return torch.slice_scatter(x, source, self.axis + 1, self.start, self.stop, self.step)

        return write
