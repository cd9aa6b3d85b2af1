"""Layers applied in another way than to one map with weights of their own: to several maps, or with computed weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape
from archcalc.base.errors import RuleError
from archcalc.graph import NO_PARAMETERS, Memory, Op, Parameters, Reach, Window, Work
from archcalc.ops.elementwise import times

__all__ = ["Each", "Given"]


@final
class Each(Op):
    """A layer applied to each of several maps of one input: (k, C, H, W), such as windows or frames, weights shared.

    >>> from archcalc.ops import Conv
    >>> Each(Conv(64, 3, padding=1)).shape((49, 32, 8, 8))
    (49, 64, 8, 8)
    """

    op: Op
    channel_axis = "unknown"

    @property
    def role(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The layer's kind."""
        return self.op.role

    def shape(self, x: Shape) -> Shape:
        if len(x) < 2:
            raise RuleError("it needs several maps")
        return (x[0], *self.op.shape(x[1:]))

    def params(self, x: Shape) -> Parameters:
        return self.op.params(x[1:])

    def work(self, x: Shape) -> Work:
        return times(self.op.work(x[1:]), x[0])

    def window(self, x: Shape) -> Reach:
        return Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        each = self.op.memory(x[1:])
        return each._replace(extra_elements=_many(each.extra_elements, x[0]), extra_bytes=_many(each.extra_bytes, x[0]))

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        inner = self.op.lower(torch, x[1:])

        class Each(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.inner = inner

            def forward(self, x: Any) -> Any:
                y = self.inner(x.flatten(0, 1))
                return y.unflatten(0, x.shape[:2])

        return Each()


@final
class Given(Op):
    """A layer whose weights are computed, not learnt: the first input is its own, the others are the weights.

    So is a convolution with standardized or generated weights. It has no parameters: what its weights are computed
    from has them. Memory: the weights are saved too, like any factor of a product.
    """

    op: Op
    channel_axis = "unknown"

    @property
    def role(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The layer's kind."""
        return self.op.role

    def shape(self, x: Shape, *weights: Shape) -> Shape:
        return self.op.shape(x)

    def params(self, x: Shape, *weights: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape, *weights: Shape) -> Work:
        return self.op.work(x)

    def window(self, x: Shape, *weights: Shape) -> Window | Reach:
        return self.op.window(x)

    def memory(self, x: Shape, *weights: Shape) -> Memory:
        return self.op.memory(x)

    def lower(self, torch: Any, x: Shape, *weights: Shape) -> Callable[..., Any]:
        inner = self.op.lower(torch, x)

        def given(x: Any, *weights: Any) -> Any:
            names = [name for name, _ in inner.named_parameters()]
            values = [weight.reshape(value.shape) for weight, value in zip(weights, inner.parameters(), strict=False)]
            return torch.func.functional_call(inner, dict(zip(names, values, strict=False)), (x,))

        return given


def _many(amount: Dim, count: Dim) -> Dim:
    return amount and amount * count
