"""Functions of single values, and of values of several tensors at the same place, as traced programs have them.

The work for each value follows from the definition of the function. A unit sees its own position only; where tensors
have other sizes, axes of size 1 are repeated, from the last axis on, as NumPy does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, final

from archcalc.algebra.dims import Dim, Shape, is_int, known_to_differ, product
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
    Window,
    Work,
    show_shape,
)

__all__ = ["Combine", "Elementwise"]

Keeps = Literal["nothing", "input", "output"]


class Function(NamedTuple):
    """A function of one value: its work, and what autograd keeps of it."""

    work: Work
    keeps: Keeps = "input"


_ADD, _MULTIPLY, _COMPARE, _DIVIDE = Work(add=1), Work(multiply=1), Work(compare=1), Work(divide=1)
_EXP, _POWER, _NONE = Work(exponential=1), Work(power=1), Work()

FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(_COMPARE),
    "add": Function(_ADD, "nothing"),
    "ceil": Function(_NONE, "nothing"),
    "celu": Function(Work(1 * 0, 2, 1, 1, 1, 1)),
    "clamp": Function(Work(compare=2)),
    "compare": Function(_COMPARE, "nothing"),
    "cos": Function(_EXP),
    "divide": Function(_DIVIDE, "nothing"),
    "elu": Function(Work(multiply=1, add=1, compare=1, exponential=1)),
    "erf": Function(_EXP),
    "exp": Function(_EXP, "output"),
    "fill": Function(_NONE, "nothing"),
    "floor": Function(_NONE, "nothing"),
    "leaky_relu": Function(Work(multiply=1, compare=1)),
    "log": Function(_EXP),
    "log_sigmoid": Function(Work(add=1, exponential=2)),
    "mish": Function(Work(multiply=1, add=2, divide=1, exponential=3)),
    "multiply": Function(_MULTIPLY, "nothing"),
    "negative": Function(_NONE, "nothing"),
    "not": Function(_NONE, "nothing"),
    "power": Function(_POWER),
    "reciprocal": Function(_DIVIDE, "output"),
    "remainder": Function(_DIVIDE, "nothing"),
    "round": Function(_NONE, "nothing"),
    "rsqrt": Function(Work(divide=1, power=1), "output"),
    "selu": Function(Work(multiply=2, add=1, compare=1, exponential=1), "output"),
    "sign": Function(_COMPARE, "nothing"),
    "sin": Function(_EXP),
    "softplus": Function(Work(add=1, exponential=2)),
    "softsign": Function(Work(add=1, compare=1, divide=1)),
    "sqrt": Function(_POWER, "output"),
    "square": Function(_MULTIPLY),
    "subtract": Function(_ADD, "nothing"),
}
"""Functions of one value; those of two are given a constant as the other."""

COMBINATIONS: Mapping[str, Function] = {
    "add": Function(_ADD, "nothing"),
    "atan2": Function(_EXP),
    "bitwise": Function(_COMPARE, "nothing"),
    "compare": Function(_COMPARE, "nothing"),
    "divide": Function(_DIVIDE),
    "lerp": Function(Work(multiply=1, add=2)),
    "maximum": Function(_COMPARE),
    "minimum": Function(_COMPARE),
    "multiply": Function(_MULTIPLY),
    "power": Function(_POWER),
    "remainder": Function(_DIVIDE, "nothing"),
    "select": Function(_COMPARE, "nothing"),
    "subtract": Function(_ADD, "nothing"),
}
"""Functions of values of several tensors. `select` takes its values from the second or the third by the first."""


@final
class Elementwise(Op):
    """A function of each value, named in `function`; `archcalc.ops.elementwise.FUNCTIONS` lists them.

    No parameters. Errors: an unknown function.

    >>> Elementwise("sqrt").work((4, 5)).power
    20
    """

    function: str
    role = "activation"

    @property
    def kind(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The name of the function."""
        return self.function

    def shape(self, x: Shape) -> Shape:
        if self.function not in FUNCTIONS:
            raise RuleError(f"there is no function {self.function!r}")
        return x

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return times(FUNCTIONS[self.function].work, product(x))

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        keeps = {"nothing": KEEPS_NOTHING, "input": KEEPS_INPUTS, "output": KEEPS_OUTPUT}
        return keeps[FUNCTIONS[self.function].keeps]

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return _torch_function(torch, self.function)


@final
class Combine(Op):
    """A function of the values of several tensors at the same place; axes of size 1 are repeated.

    `archcalc.ops.elementwise.COMBINATIONS` lists the functions. Errors: an unknown function, sizes that do not match.

    >>> Combine("subtract").shape((64, 56, 56), (64, 1, 1))
    (64, 56, 56)
    """

    function: str
    role = "merge"
    channel_axis = "kept"

    @property
    def kind(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The name of the function."""
        return self.function

    def shape(self, *inputs: Shape) -> Shape:
        if self.function not in COMBINATIONS:
            raise RuleError(f"there is no function {self.function!r}")
        return broadcast(*inputs)

    def params(self, *inputs: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, *inputs: Shape) -> Work:
        return times(COMBINATIONS[self.function].work, product(broadcast(*inputs)) * max(1, len(inputs) - 1))

    def window(self, *inputs: Shape) -> Window:
        return POINTWISE

    def memory(self, *inputs: Shape) -> Memory:
        if self.function == "select":
            return Memory(extra_bytes=product(inputs[0]))
        saves = COMBINATIONS[self.function].keeps == "input"
        return Memory(saves_inputs=saves, saved_for="others" if self.function == "multiply" else "op")

    def lower(self, torch: Any, *inputs: Shape) -> Callable[..., Any]:
        names = {"select": "where", "bitwise": "logical_and", "compare": "gt"}
        function = getattr(torch, names.get(self.function, self.function), None) or torch.div
        return function


def times(work: Work, count: Dim) -> Work:
    """The work of one value for a number of them."""
    return Work(*[amount and amount * count for amount in work])


def broadcast(*shapes: Shape) -> Shape:
    """The shape of a result, axes of size 1 repeated. Raises RuleError for sizes that do not match.

    >>> broadcast((3, 1, 5), (4, 1))
    (3, 4, 5)
    """
    axes = max(map(len, shapes))
    sizes: list[Dim] = []
    for axis in range(-axes, 0):
        size: Dim = 1
        for shape in shapes:
            other = shape[axis] if -axis <= len(shape) else 1
            if is_int(size) and size == 1:
                size = other
            elif not (is_int(other) and other == 1) and known_to_differ(size, other):
                raise RuleError(f"shapes {' and '.join(map(show_shape, shapes))} do not match")
        sizes.append(size)
    return tuple(sizes)


def _torch_function(torch: Any, name: str) -> Callable[..., Any]:
    """A function of one value in PyTorch, with some constant where it takes one."""
    functional = torch.nn.functional
    special: dict[str, Callable[[Any], Any]] = {
        "add": lambda x: x + 1,
        "clamp": lambda x: x.clamp(-1, 1),
        "compare": lambda x: x > 0,
        "divide": lambda x: x / 2,
        "fill": torch.zeros_like,
        "multiply": lambda x: x * 2,
        "not": torch.logical_not,
        "power": lambda x: x**3,
        "remainder": lambda x: x % 2,
        "subtract": lambda x: x - 1,
    }
    found: Any = special.get(name) or getattr(functional, name.replace("log_", "log"), None) or getattr(torch, name)
    return found
