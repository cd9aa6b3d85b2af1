"""Values of one tensor written into another: what a change of a part of a tensor gives.

Source: PyTorch's `slice_scatter` and `index_put`, for `x[:, 1:] = y` and `x[index] = y` without a change in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, known_to_differ, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    CAST_TO_WIDEST,
    FIRST,
    NO_PARAMETERS,
    NO_WORK,
    POINTWISE,
    WIDEST,
    Memory,
    Nothing,
    Op,
    OpFormulas,
    Parameters,
    Reach,
    Window,
    Work,
    show_shape,
)
from archcalc.graph.rules import RESULT_CHANNELS, RESULT_SIZE
from archcalc.ops.views import Movement, Narrow

__all__ = ["Scatter", "SliceScatter"]


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
    autocast = FIRST

    def shape(self, x: Shape, source: Shape) -> Shape:
        wanted = Narrow(self.axis, self.start, self.stop, self.step).shape(x)
        if len(wanted) != len(source) or any([known_to_differ(a, b) for a, b in zip(wanted, source, strict=True)]):
            raise RuleError(f"{show_shape(source)} does not fill these positions, {show_shape(wanted)}")
        return x

    def window(self, x: Shape, source: Shape) -> Window | Reach:
        return POINTWISE if self.axis == 0 else Reach.IRREGULAR

    def memory(self, x: Shape, source: Shape) -> Memory:
        return Memory(passes_gradient=(1,))

    def lower(self, torch: Any, x: Shape, source: Shape) -> Callable[..., Any]:
        def write(x: Any, source: Any) -> Any:
            return torch.slice_scatter(x, source, self.axis + 1, self.start, self.stop, self.step)

        return write


@final
class Scatter(Op):
    """A tensor with values written into it at places that an index names, those of a second tensor or a constant.

    If it `adds`, they are added to what is there: one addition each. Memory: 8 bytes for each of its `indices`, once
    for the batch. Source: PyTorch's `index_put`, `index_add` and `scatter`.

    >>> Scatter(adds=True).work((196, 64), (49, 64)).add
    3136
    """

    adds: bool = False
    indices: Dim = 0
    role = "layout"
    autocast = CAST_TO_WIDEST
    autocast_cpu = WIDEST
    formulas = OpFormulas(
        RESULT_CHANNELS,
        RESULT_SIZE,
        params=(Nothing("moving values has nothing to learn"),),
        mult_adds=(Nothing("it moves values, and additions alone are no mult-adds"),),
    )

    def shape(self, x: Shape, *source: Shape) -> Shape:
        if len(source) > 1:
            raise RuleError("it writes the values of one tensor")
        return x

    def params(self, x: Shape, *source: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape, *source: Shape) -> Work:
        return Work(add=product(source[0])) if self.adds and source else NO_WORK

    def window(self, x: Shape, *source: Shape) -> Reach:
        return Reach.IRREGULAR

    def memory(self, x: Shape, *source: Shape) -> Memory:
        return Memory(once_bytes=8 * self.indices, passes_gradient=(0,) if self.adds else False)

    def lower(self, torch: Any, x: Shape, *source: Shape) -> Callable[..., Any]:
        count: Any = self.indices

        def scatter(x: Any, source: Any = None) -> Any:
            flat = x.flatten(1).t()
            places = len(flat) - 1 - torch.arange(max(1, count), device=x.device)
            written = flat.new_zeros(()) if source is None else source.flatten(1).t()[: len(places)]
            return torch.index_put(flat, (places,), written, self.adds).t().reshape(x.shape)

        return scatter
