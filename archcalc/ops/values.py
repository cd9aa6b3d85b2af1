"""Values that do not come from the network's input: weights used as they are, words looked up, and constants; and calls
of operators that archcalc does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, any_below, is_int, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    FLOAT32_OUTPUT,
    KEEPS_NOTHING,
    NO_PARAMETERS,
    NO_WORK,
    POINTWISE,
    Memory,
    Nothing,
    Op,
    OpFormulas,
    Parameters,
    Reach,
    Rule,
    Window,
    Work,
    show_shape,
)
from archcalc.graph.rules import RESULT_CHANNELS, RESULT_SIZE

__all__ = ["Embedding", "FixedTensor", "Unknown", "Weight"]

OWN = Memory(shares="weights")
VALUES = OpFormulas(
    RESULT_CHANNELS,
    RESULT_SIZE,
    params=(
        Rule("V", when="V", says="each value is learnt"),
        Nothing("its values are not learnt"),
    ),
    mult_adds=(Nothing("its values are there and are not computed"),),
    meanings={"V": "values"},
)


def _sizes(sizes: Shape) -> Shape:
    if any([any_below(size, 1) for size in sizes]):
        raise RuleError(f"{show_shape(sizes)} is no shape")
    return sizes or (1,)


@final
class Weight(Op):
    """A learnable tensor of given `sizes`, used as it is: a class token, a position embedding, a table of biases.

    >>> Weight((197, 768)).params().learnable
    151296
    """

    sizes: tuple[Dim, ...]
    role = "layout"
    autocast = FLOAT32_OUTPUT
    channel_axis = "unknown"
    formulas = VALUES

    def shape(self) -> Shape:
        return _sizes(self.sizes)

    def params(self) -> Parameters:
        return Parameters(weight=product(self.sizes))

    def work(self) -> Work:
        return NO_WORK

    def window(self) -> Window:
        return POINTWISE

    def memory(self) -> Memory:
        return OWN

    def letters(self) -> dict[str, Any]:
        return {"V": product(self.sizes)}

    def lower(self, torch: Any) -> Callable[..., Any]:
        sizes = self.sizes or (1,)

        class Weight(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.weight = torch.nn.Parameter(torch.ones(sizes))

            def forward(self) -> Any:
                weight = self.weight if torch.is_grad_enabled() else self.weight.detach()
                return weight[None]  # a view of a parameter without a gradient function stops FlopCounterMode

        return Weight()


@final
class FixedTensor(Op):
    """A tensor of given `sizes` that is not learnt: made on the way (an index, a mask), or a `buffer` kept with the
    weights.
    """

    sizes: tuple[Dim, ...]
    buffer: bool = False
    role = "layout"
    autocast = FLOAT32_OUTPUT
    kind = "constant"
    channel_axis = "unknown"
    formulas = VALUES._replace(
        params=(Nothing("its values are not learnt"),),
        buffers=(
            Rule("Q", when="buffer", says="its values are stored with the weights"),
            Nothing("its values are made when they are needed"),
        ),
        meanings={"Q": "values"},
    )
    has_gradient = False

    def shape(self) -> Shape:
        return _sizes(self.sizes)

    def params(self) -> Parameters:
        return Parameters(running=product(self.sizes)) if self.buffer else NO_PARAMETERS

    def work(self) -> Work:
        return NO_WORK

    def window(self) -> Window:
        return POINTWISE

    def memory(self) -> Memory:
        return OWN if self.buffer else KEEPS_NOTHING

    def letters(self) -> dict[str, Any]:
        return {"Q": product(self.sizes)}

    def lower(self, torch: Any) -> Callable[..., Any]:
        sizes = self.sizes or (1,)
        if not self.buffer:
            return _constant(torch, sizes)

        class Buffer(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.register_buffer("value", torch.ones(sizes))

            def forward(self) -> Any:
                return self.value[None]

        return Buffer()


def _constant(torch: Any, sizes: Shape) -> Callable[..., Any]:
    """A module that makes a tensor of ones each time, on the device that the module was moved to."""

    class Constant(torch.nn.Module):
        def __init__(self) -> None:
            torch.nn.Module.__init__(self)
            self.place = torch.empty(0)

        def _apply(self, fn: Any, recurse: bool = True) -> Any:
            self.place = fn(self.place)
            return torch.nn.Module._apply(self, fn, recurse)  # noqa: SLF001 - the one way of all moves of a module

        def forward(self) -> Any:
            return torch.ones(sizes, device=self.place.device)[None]

    return Constant()


@final
class Embedding(Op):
    """A learnt vector of `width` numbers for each of `count` words: (n,) indices to (n, width).

    Parameters: count * width; no arithmetic. Memory: an index of 8 bytes for each word. Source: PyTorch's `Embedding`.

    >>> Embedding(30522, 768).params((128,)).learnable
    23440896
    """

    count: Dim
    width: Dim
    role = "linear"
    autocast = FLOAT32_OUTPUT
    channel_axis = "last"
    formulas = OpFormulas(
        RESULT_CHANNELS,
        RESULT_SIZE,
        params=(Rule("V * w", says="a vector for each word that there is"),),
        mult_adds=(Nothing("a vector is looked up, not computed"),),
        meanings={"V": "words", "w": "width of a vector"},
    )

    def shape(self, x: Shape) -> Shape:
        if any_below(self.count, 1) or any_below(self.width, 1):
            raise RuleError("it needs at least one word and one number for each")
        return (*x, self.width)

    def params(self, x: Shape) -> Parameters:
        return Parameters(weight=self.count * self.width)

    def work(self, x: Shape) -> Work:
        return NO_WORK

    def window(self, x: Shape) -> Reach:
        return Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return Memory(extra_bytes=8 * product(x))

    def letters(self, x: Shape) -> dict[str, Any]:
        return {"V": self.count, "w": self.width}

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
    formulas = VALUES._replace(mult_adds=(Nothing("its work is not known, and not counted"),))

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

    def letters(self, *inputs: Shape) -> dict[str, Any]:
        return {} if is_int(self.weights) and self.weights == 0 else {"V": self.weights}

    def lower(self, torch: Any, *inputs: Shape) -> Callable[..., Any]:
        raise RuleError(f"{self.operator} is not known, so there is no module of it")
