"""Functions along axes: those that leave one value for each place (means, sums), and those that keep all values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, final

from archcalc.algebra.dims import Dim, Shape, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    KEEPS_INPUTS,
    KEEPS_NOTHING,
    KEEPS_OUTPUT,
    NO_PARAMETERS,
    POINTWISE,
    Memory,
    Op,
    Parameters,
    Reach,
    Window,
    Work,
)
from archcalc.ops.elementwise import times
from archcalc.ops.views import axis_of

__all__ = ["Along", "Reduce"]


class Reduction(NamedTuple):
    """The work of a reduction for each value that it reads and each that it gives, and what autograd keeps."""

    read: Work
    given: Work
    memory: Memory = KEEPS_NOTHING


_ADD, _COMPARE, _NONE = Work(add=1), Work(compare=1), Work()
_SPREAD = Work(multiply=1, add=3)

REDUCTIONS: Mapping[str, Reduction] = {
    "arg": Reduction(_COMPARE, _NONE),
    "log_sum_exp": Reduction(
        Work(add=1, exponential=1), Work(exponential=1), Memory(saves_inputs=True, saves_output=True)
    ),
    "maximum": Reduction(_COMPARE, _NONE, Memory(saves_inputs=True, saves_output=True)),
    "mean": Reduction(_ADD, Work(divide=1)),
    "minimum": Reduction(_COMPARE, _NONE, Memory(saves_inputs=True, saves_output=True)),
    "norm": Reduction(Work(multiply=1, add=1), Work(power=1), Memory(saves_inputs=True, saves_output=True)),
    "product": Reduction(Work(multiply=1), _NONE, Memory(saves_inputs=True, saves_output=True)),
    "std": Reduction(_SPREAD, Work(divide=2, power=1), Memory(saves_inputs=True, saves_output=True)),
    "sum": Reduction(_ADD, _NONE),
    "test": Reduction(_COMPARE, _NONE),
    "variance": Reduction(_SPREAD, Work(divide=2), KEEPS_INPUTS),
}
"""Functions that leave one value. `arg` is the place of the largest or smallest, `test` is all or any."""

ALONG: Mapping[str, Reduction] = {
    "cumulative_sum": Reduction(_ADD, _NONE),
    "log_softmax": Reduction(Work(add=2, exponential=1), _NONE, KEEPS_OUTPUT),
    "sort": Reduction(_COMPARE, _NONE),
}
"""Functions that keep all values of an axis."""


@final
class Reduce(Op):
    """One value for each place of the other axes: `function` of all values along `axes`, which are gone or kept as 1.

    `archcalc.ops.reduce.REDUCTIONS` lists the functions. No parameters. Errors: an unknown function or axis.

    >>> Reduce("mean", (0,)).shape((197, 768))
    (768,)
    """

    function: str
    axes: tuple[int, ...]
    keep: bool = False
    role = "pool"
    channel_axis = "unknown"

    @property
    def kind(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The name of the function."""
        return self.function

    def shape(self, x: Shape) -> Shape:
        if self.function not in REDUCTIONS:
            raise RuleError(f"there is no function {self.function!r}")
        gone = {axis_of(axis, x) for axis in self.axes}
        sizes: list[Dim] = [1 if axis in gone else size for axis, size in enumerate(x) if self.keep or axis not in gone]
        return tuple(sizes) or (1,)

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        each = REDUCTIONS[self.function]
        read, given = times(each.read, product(x)), times(each.given, product(self.shape(x)))
        return Work(*[a + b for a, b in zip(read, given, strict=True)])

    def window(self, x: Shape) -> Reach:
        return Reach.WHOLE if len(set(self.axes)) >= len(x) - 1 else Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return REDUCTIONS[self.function].memory

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        names = {"arg": "argmax", "log_sum_exp": "logsumexp", "maximum": "amax", "minimum": "amin", "test": "any"}
        names |= {"variance": "var", "product": "prod", "norm": "linalg_vector_norm"}
        function: Any = getattr(torch, names.get(self.function, self.function), None) or torch.linalg.vector_norm
        axes = tuple([axis + 1 for axis in self.axes])

        def reduce(x: Any) -> Any:
            y = function(x, dim=axes, keepdim=self.keep)
            return y.reshape(len(x), *self.shape(x.shape[1:]))

        return reduce


@final
class Along(Op):
    """A function of all values along an axis that keeps them all: `archcalc.ops.reduce.ALONG` lists the functions."""

    function: str
    axis: int
    role = "activation"

    @property
    def kind(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The name of the function."""
        return self.function

    def shape(self, x: Shape) -> Shape:
        if self.function not in ALONG:
            raise RuleError(f"there is no function {self.function!r}")
        axis_of(self.axis, x)
        return x

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return times(ALONG[self.function].read, product(x))

    def window(self, x: Shape) -> Window | Reach:
        return POINTWISE if self.axis == 0 and len(x) > 1 else Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return Memory(extra_bytes=8 * product(x)) if self.function == "sort" else ALONG[self.function].memory

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        function: Any = {"cumulative_sum": torch.cumsum, "log_softmax": torch.log_softmax}.get(
            self.function, torch.sort
        )

        def along(x: Any) -> Any:
            y = function(x, dim=self.axis + 1)
            return y.values if self.function == "sort" else y

        return along
