"""The facts of an op on inputs of some shapes, each computed once: equal layers share them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

from archcalc.algebra.dims import Dim, Shape, product
from archcalc.graph.op import Memory, Op, Parameters, Reach, Window, Work

PLAIN = frozenset({int, bool, str, type(None)})
"""Types of fields whose values identify an op for good: no symbols, which belong to one computation."""


class Facts:
    """The facts of an op on inputs of some shapes: the output's shape at once, the rest when it is needed."""

    def __init__(self, op: Op, inputs: tuple[Shape, ...]) -> None:
        """Raises RuleError if the shapes break a rule of the op."""
        self._op = op
        self._inputs = inputs
        self.shape: Shape = op.shape(*inputs)
        self.plain = all([type(dim) is int for dim in self.shape])

    @cached_property
    def elements(self) -> Dim:
        """Elements of the output, for one image."""
        return product(self.shape)

    @cached_property
    def params(self) -> Parameters:
        """Parameters and buffers that the op owns, in elements."""
        return self._op.params(*self._inputs)

    @cached_property
    def work(self) -> Work:
        """The work of the op for one image at inference."""
        return self._op.work(*self._inputs)

    @cached_property
    def window(self) -> Window | Reach:
        """The part of its inputs that an output unit depends on."""
        return self._op.window(*self._inputs)

    @cached_property
    def memory(self) -> Memory:
        """The storage that the op shares with its inputs, and what autograd saves of it."""
        return self._op.memory(*self._inputs)


def facts_of(op: Op, inputs: Sequence[Facts]) -> Facts:
    """The facts of an op on the outputs of others, shared between equal ops on equal shapes if all are plain numbers.

    Raises RuleError if the shapes break a rule of the op.
    """
    shapes = tuple([each.shape for each in inputs])
    given = op.__dict__
    for each in inputs:
        if not each.plain:
            return Facts(op, shapes)
    for value in given.values():
        if type(value) not in PLAIN and not is_plain(value):
            return Facts(op, shapes)
    return _shared(type(op), shapes, tuple(given), *given.values())


def is_plain(value: Any) -> bool:
    """Return True if a value, with everything nested in it, is made of plain numbers and words only."""
    if type(value) is not tuple:
        return type(value) in PLAIN
    each: tuple[Any, ...] = value  # pyright: ignore[reportUnknownVariableType]
    return all([is_plain(item) for item in each])


def forget() -> None:
    """Drop the shared facts, as is needed after a change of an op's class."""
    _shared.cache_clear()


@lru_cache(maxsize=8192, typed=True)  # typed, or 3.0 would pass once 3 has
def _shared(kind: type[Op], inputs: tuple[Shape, ...], fields: tuple[str, ...], *values: Any) -> Facts:
    return Facts(kind(**dict(zip(fields, values, strict=True))), inputs)
