"""Merges of branches of a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, final

from archcalc.algebra.dims import Shape, is_int, known_to_differ, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    CAST_TO_WIDEST,
    NO_PARAMETERS,
    PASSES_GRADIENT,
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
from archcalc.graph.rules import SAME_CHANNELS, SAME_SIZE, WHOLE_COUNTS

__all__ = ["Add", "Concat", "Multiply"]

MERGE = OpFormulas(
    SAME_CHANNELS,
    SAME_SIZE,
    params=(Nothing("joining branches has nothing to learn"),),
    mult_adds=(Nothing(f"it works on one value of each branch at a time, and {WHOLE_COUNTS}"),),
)


def _alike(shapes: tuple[Shape, ...], begin: int = 0) -> None:
    """Raise RuleError if the axes from `begin` on are known to differ."""
    wanted = shapes[0][begin:]
    for shape in shapes[1:]:
        if shape[begin:] is not wanted and (
            len(shape) != len(shapes[0])
            or any([known_to_differ(a, b) for a, b in zip(shape[begin:], wanted, strict=True)])
        ):
            raise RuleError(f"shapes {show_shape(shapes[0])} and {show_shape(shape)} do not match")


def of_one_batch(values: Sequence[Any]) -> list[Any]:
    """Tensors whose first axis is the batch; a weight, which has none, is repeated for each example."""
    batch = max([len(value) for value in values])
    return [value.expand(batch, *value.shape[1:]) if len(value) == 1 < batch else value for value in values]


@final
class Add(Op):
    """Sum of tensors of one shape: n - 1 additions for each value. Source: He et al. 2015, arXiv:1512.03385.

    Errors: shapes that differ.
    """

    role = "merge"
    formulas = MERGE

    def shape(self, *inputs: Shape) -> Shape:
        _alike(inputs)
        return inputs[0]

    def params(self, *inputs: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, *inputs: Shape) -> Work:
        return Work(add=product(inputs[0]) * (len(inputs) - 1))

    def window(self, *inputs: Shape) -> Window:
        return POINTWISE

    def memory(self, *inputs: Shape) -> Memory:
        return PASSES_GRADIENT

    def lower(self, torch: Any, *inputs: Shape) -> Callable[..., Any]:
        return lambda *values: reduce(torch.add, values)


@final
class Multiply(Op):
    """Product of two tensors: the second has the first's shape, or is a gate (C, 1, 1) for each channel.

    One multiplication for each value. Source: Hu et al. 2017, arXiv:1709.01507.
    Errors: a second input of another shape.

    >>> Multiply().shape((64, 56, 56), (64, 1, 1))
    (64, 56, 56)
    """

    role = "merge"
    formulas = MERGE
    gated = True

    def shape(self, x: Shape, gate: Shape) -> Shape:
        for_channels = len(gate) == len(x) and all([is_int(side) and side == 1 for side in gate[1:]])
        sizes = gate[:1] + x[1:] if for_channels else gate
        _alike((x, sizes))
        return x

    def params(self, x: Shape, gate: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape, gate: Shape) -> Work:
        return Work(multiply=product(x))

    def window(self, x: Shape, gate: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape, gate: Shape) -> Memory:
        return Memory(saves_inputs=True, saved_for="others")

    def lower(self, torch: Any, x: Shape, gate: Shape) -> Callable[..., Any]:
        return torch.mul


@final
class Concat(Op):
    """Tensors joined along an axis, by default the first (channels); the other axes must agree. No arithmetic.

    Errors: sizes that differ on another axis, an axis that is not there.
    Source: Szegedy et al. 2014, arXiv:1409.4842.

    >>> Concat().shape((64, 28, 28), (128, 28, 28), (32, 28, 28))
    (224, 28, 28)
    """

    axis: int = 0
    role = "merge"
    autocast_cpu = CAST_TO_WIDEST
    formulas = MERGE._replace(
        channels=(
            Rule(
                "sum(C_l over l)",
                "document 004, the naive Inception module",
                "no axis, no turned",
                "the channels of all branches together",
            ),
            Rule("c", says="the first axis of the result"),
        ),
        size=(
            Rule("N", when="no axis, no turned", says="the size of the input"),
            Rule(
                "m", says="the axis of the result: sizes of all branches together on the axis on which they are joined"
            ),
        ),
        mult_adds=(Nothing("it only puts channels side by side"),),
        meanings={"C_l": "channels of branch l"},
    )

    def shape(self, *inputs: Shape) -> Shape:
        axis, first = self.axis, inputs[0]
        if not 0 <= axis < len(first):
            raise RuleError(f"there is no axis {axis} in {show_shape(first)}")
        _alike(inputs, begin=axis + 1)
        if axis:
            _alike(tuple([shape[:axis] for shape in inputs]))
        joined: Any = sum([shape[axis] for shape in inputs])  # pyright: ignore[reportCallIssue, reportArgumentType]
        return (*first[:axis], joined, *first[axis + 1 :])

    def params(self, *inputs: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, *inputs: Shape) -> Work:
        return Work()

    def window(self, *inputs: Shape) -> Window | Reach:
        return Reach.IRREGULAR if self.axis else POINTWISE

    def memory(self, *inputs: Shape) -> Memory:
        return PASSES_GRADIENT

    def letters(self, *inputs: Shape) -> dict[str, Any]:
        return {"C_l": tuple([shape[0] for shape in inputs])}

    def lower(self, torch: Any, *inputs: Shape) -> Callable[..., Any]:
        return lambda *values: torch.cat(of_one_batch(values), self.axis + 1)
