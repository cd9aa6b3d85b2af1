"""Functions along axes: those that leave one value for each place (means, sums), and those that keep all values.

Axes are read as those of a map: the first one is the channels', and positions are along the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, final

from archcalc.algebra.dims import Dim, Shape, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    FLOAT32,
    FLOAT32_OUTPUT,
    KEEPS_INPUTS,
    KEEPS_NOTHING,
    KEEPS_OUTPUT,
    NO_PARAMETERS,
    PASSES_GRADIENT,
    POINTWISE,
    WIDEST,
    Autocast,
    AutocastDevice,
    Memory,
    Nothing,
    Op,
    OpFormulas,
    Parameters,
    Reach,
    Window,
    Work,
)
from archcalc.graph.rules import RESULT_CHANNELS, RESULT_SIZE, WHOLE_COUNTS
from archcalc.ops.elementwise import times
from archcalc.ops.pointwise import FUNCTION, along
from archcalc.ops.views import axis_of

__all__ = ["Along", "Reduce"]


class Reduction(NamedTuple):
    """The work of a function along axes for each value that it reads and for each line of values, and its memory."""

    read: Work
    line: Work = Work()
    memory: Memory = KEEPS_NOTHING
    has_gradient: bool = True
    autocast: Autocast = WIDEST
    """On CUDA."""
    autocast_cpu: Autocast = WIDEST


_ADD, _COMPARE = Work(add=1), Work(compare=1)
_SPREAD = Work(multiply=1, add=3)
_BOTH = Memory(saves_inputs=True, saves_output=True)

REDUCTIONS: Mapping[str, Reduction] = {
    "any": Reduction(_COMPARE, Work(compare=-1), has_gradient=False),
    "argmax": Reduction(_COMPARE, Work(compare=-1), has_gradient=False),
    "log_sum_exp": Reduction(Work(add=1, exponential=1), Work(exponential=1), _BOTH, autocast=FLOAT32),
    "max": Reduction(_COMPARE, Work(compare=-1), _BOTH),
    "mean": Reduction(_ADD, Work(divide=1)),
    "min": Reduction(_COMPARE, Work(compare=-1), _BOTH),
    "norm": Reduction(Work(multiply=1, add=1), Work(power=1), _BOTH, autocast=FLOAT32_OUTPUT),
    "product": Reduction(Work(multiply=1), Work(multiply=-1), _BOTH, autocast=FLOAT32_OUTPUT, autocast_cpu=FLOAT32),
    "std": Reduction(_SPREAD, Work(divide=2, power=1), _BOTH),
    "sum": Reduction(_ADD, memory=PASSES_GRADIENT, autocast=FLOAT32_OUTPUT),
    "variance": Reduction(_SPREAD, Work(divide=2), KEEPS_INPUTS),
}
"""Functions that leave one value. `argmax` is the place of the largest or smallest value, `any` is all or any."""
ONE_AXIS = frozenset({"argmax", "product"})
"""Those that PyTorch applies along one axis, or to all values."""

ALONG: Mapping[str, Reduction] = {
    "cumulative_sum": Reduction(_ADD, autocast=FLOAT32_OUTPUT),
    "log_softmax": Reduction(Work(add=2, exponential=1), Work(exponential=1), KEEPS_OUTPUT, autocast=FLOAT32_OUTPUT),
    "sort": Reduction(Work()),
}
"""Functions that keep all values of an axis."""


@final
class Reduce(Op):
    """One value for each place of the other axes: `function` of all values along `axes`, which are gone or kept as 1.

    `archcalc.ops.reduce.REDUCTIONS` lists the functions. No parameters. Memory: PyTorch's `amax` and `amin` for the
    largest and smallest value. Errors: an unknown function or axis.

    >>> Reduce("mean", (0,)).shape((197, 768))
    (768,)
    """

    function: str
    axes: tuple[int, ...]
    keep: bool = False
    role = "pool"
    channel_axis = "unknown"
    formulas = OpFormulas(
        RESULT_CHANNELS,
        RESULT_SIZE,
        params=(Nothing("a fixed function of values has nothing to learn"),),
        mult_adds=(Nothing(f"it multiplies by no weights, and {WHOLE_COUNTS}"),),
    )

    @property
    def kind(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The name of the function."""
        return self.function

    @property
    def has_gradient(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """False for a function whose results are no numbers with a gradient, such as a place."""
        return REDUCTIONS[self.function].has_gradient

    def shape(self, x: Shape) -> Shape:
        if self.function not in REDUCTIONS:
            raise RuleError(f"there is no function {self.function!r}")
        gone = {axis_of(axis, x) for axis in self.axes}
        if not gone:
            raise RuleError("it needs an axis")
        if self.function in ONE_AXIS and 1 < len(gone) < len(x):
            raise RuleError(f"{self.function} is along one axis or all of them")
        sizes: list[Dim] = [1 if axis in gone else size for axis, size in enumerate(x) if self.keep or axis not in gone]
        return tuple(sizes) or (1,)

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return _work(REDUCTIONS[self.function], product(x), product(self.shape(x)))

    def window(self, x: Shape) -> Window | Reach:
        positions = set(range(1, len(x)))
        if positions <= set(self.axes) or len(self.shape(x)) == 1:
            return Reach.WHOLE
        return POINTWISE if self.keep and set(self.axes) == {0} else Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return REDUCTIONS[self.function].memory

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        found = REDUCTIONS[self.function]
        return found.autocast_cpu if device == "cpu" else found.autocast

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        functions: dict[str, Any] = {"log_sum_exp": torch.logsumexp, "max": torch.amax, "min": torch.amin}
        functions |= {"norm": torch.linalg.vector_norm, "variance": torch.var, "product": torch.prod}
        function = functions.get(self.function) or getattr(torch, self.function)
        one_axis = self.function in ONE_AXIS
        axes: tuple[int, ...] = tuple([axis + 1 for axis in sorted(set(self.axes))])

        def reduce(x: Any) -> Any:
            shape = (len(x), *self.shape(x.shape[1:]))
            if one_axis and len(axes) > 1:
                return function(x.flatten(1), 1).reshape(shape)
            return function(x, dim=min(axes) if one_axis else axes, keepdim=self.keep).reshape(shape)

        return reduce


@final
class Along(Op):
    """A function of all values along an axis that keeps them all: `archcalc.ops.reduce.ALONG` lists the functions.

    Work: `sort` compares each pair of values once, whatever the algorithm. Memory: sort keeps an index of 8 bytes for
    each value. Errors: an unknown function or axis.
    """

    function: str
    axis: int
    role = "activation"
    formulas = FUNCTION

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
        lines, size = product(x[: self.axis] + x[self.axis + 1 :]), x[self.axis]
        if self.function == "sort":
            return Work(compare=lines * (size * (size - 1) // 2))
        return _work(ALONG[self.function], product(x), lines)

    def window(self, x: Shape) -> Window | Reach:
        own = along(self.axis, x)
        return Reach.IRREGULAR if own is Reach.WHOLE and self.function == "cumulative_sum" else own

    def memory(self, x: Shape) -> Memory:
        return Memory(extra_bytes=8 * product(x)) if self.function == "sort" else ALONG[self.function].memory

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        found = ALONG[self.function]
        return found.autocast_cpu if device == "cpu" else found.autocast

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        functions: dict[str, Any] = {"cumulative_sum": torch.cumsum, "log_softmax": torch.log_softmax}
        function = functions.get(self.function, torch.sort)

        def along(x: Any) -> Any:
            y = function(x, dim=self.axis + 1)
            return y.values if self.function == "sort" else y

        return along


def _work(each: Reduction, values: Dim, lines: Dim) -> Work:
    read, line = times(each.read, values), times(each.line, lines)
    return Work(*[a + b for a, b in zip(read, line, strict=True)])
