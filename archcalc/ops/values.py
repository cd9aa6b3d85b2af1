"""Values that do not come from the network's input: weights used as they are, and constants; and calls of operators that
archcalc does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, any_below, product
from archcalc.base.errors import RuleError
from archcalc.graph import KEEPS_NOTHING, NO_PARAMETERS, NO_WORK, POINTWISE, Memory, Op, Parameters, Reach, Window, Work

__all__ = ["Constant", "Embedding", "Unknown", "Weight"]


def _sizes(sizes: Shape) -> Shape:
    if any([any_below(size, 0) for size in sizes]):
        raise RuleError(f"{sizes} is no shape")
    return sizes


@final
class Weight(Op):
    """A learnable tensor of given `sizes`, used as it is: a class token, a position embedding, a table of biases.

    >>> Weight((197, 768)).params().learnable
    151296
    """

    sizes: tuple[Dim, ...]
    role = "layout"
    channel_axis = "unknown"

    def shape(self) -> Shape:
        return _sizes(self.sizes)

    def params(self) -> Parameters:
        return Parameters(weight=product(self.sizes))

    def work(self) -> Work:
        return NO_WORK

    def window(self) -> Window:
        return POINTWISE

    def memory(self) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any) -> Callable[..., Any]:
        sizes = self.sizes

        class Weight(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.weight = torch.nn.Parameter(torch.ones(sizes))

            def forward(self) -> Any:
                return self.weight[None]

        return Weight()


@final
class Constant(Op):
    """A tensor of given `sizes` that is not learnt: made on the way (an index, a mask), or a `buffer` kept with the
    weights.
    """

    sizes: tuple[Dim, ...]
    buffer: bool = False
    role = "layout"
    channel_axis = "unknown"

    def shape(self) -> Shape:
        return _sizes(self.sizes)

    def params(self) -> Parameters:
        return Parameters(running=product(self.sizes)) if self.buffer else NO_PARAMETERS

    def work(self) -> Work:
        return NO_WORK

    def window(self) -> Window:
        return POINTWISE

    def memory(self) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any) -> Callable[..., Any]:
        sizes = self.sizes

        class Constant(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                if True:
                    self.register_buffer("value", torch.ones(sizes))

            def forward(self) -> Any:
                return self.value[None]

        return Constant()


@final
class Embedding(Op):
    """A learnt vector of `width` numbers for each of `count` words: (n,) indices to (n, width).

    Parameters: count * width; no arithmetic. Source: PyTorch's `Embedding`.

    >>> Embedding(30522, 768).params((128,)).learnable
    23440896
    """

    count: Dim
    width: Dim
    role = "linear"
    channel_axis = "last"

    def shape(self, x: Shape) -> Shape:
        return (*x, self.width)

    def params(self, x: Shape) -> Parameters:
        return Parameters(weight=self.count * self.width)

    def work(self, x: Shape) -> Work:
        return NO_WORK

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return Memory(saves_inputs=True)

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        layer = torch.nn.Embedding(self.count, self.width)

        class Embedding(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.weight = layer.weight

            def forward(self, x: Any) -> Any:
                return torch.nn.functional.embedding(x.long() % len(self.weight), self.weight)

        return Embedding()


@final
class Unknown(Op):
    """A call of an operator whose work archcalc does not know: its `operator`, and the `sizes` that its trace gave.

    Its work is not counted, so the totals of a network with one are lower bounds, and the tables say so.
    """

    operator: str
    sizes: tuple[Dim, ...]
    weights: Dim = 0
    """Learnable values that it is given and that no other op owns."""
    role = "merge"
    channel_axis = "unknown"

    def shape(self, *inputs: Shape) -> Shape:
        return _sizes(self.sizes)

    def params(self, *inputs: Shape) -> Parameters:
        return Parameters(weight=self.weights)

    def work(self, *inputs: Shape) -> Work:
        return NO_WORK

    def window(self, *inputs: Shape) -> Reach:
        return Reach.IRREGULAR

    def memory(self, *inputs: Shape) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any, *inputs: Shape) -> Callable[..., Any]:
        raise RuleError(f"{self.operator} is not known, so there is no module of it")
