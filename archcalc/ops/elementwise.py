"""Functions of single values, and of values of several tensors at the same place, as traced programs have them.

The work for each value follows from the definition of the function. A unit sees its own position only; where tensors
have other sizes, axes of size 1 are repeated, from the last axis on, as NumPy does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, NamedTuple, final

from archcalc.algebra.dims import Dim, Shape, is_int, known_to_differ, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    CAST_TO_WIDEST,
    FLOAT32,
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
    Window,
    Work,
    show_shape,
)
from archcalc.graph.rules import RESULT_CHANNELS, RESULT_SIZE, WHOLE_COUNTS
from archcalc.ops.pointwise import FUNCTION

__all__ = ["Combine", "Elementwise"]


class ValueFunction(NamedTuple):
    """A function of one value, or of values of several tensors: the work for a value, and what autograd keeps."""

    work: Work
    memory: Memory = KEEPS_INPUTS
    copies: int = 0
    """Further values that autograd keeps for each value."""
    has_gradient: bool = True
    autocast: Autocast = WIDEST
    """On CUDA; PyTorch's CPU has no rule for any of them."""


_NONE, _ADD, _MULTIPLY, _COMPARE = Work(), Work(add=1), Work(multiply=1), Work(compare=1)
_DIVIDE, _EXP, _POWER = Work(divide=1), Work(exponential=1), Work(power=1)
_CHOSEN = Work(multiply=1, add=1, compare=1, exponential=1)
_LOG_OF_SUM = Work(add=1, exponential=2)

FUNCTIONS: Mapping[str, ValueFunction] = {
    "abs": ValueFunction(_COMPARE),
    "add": ValueFunction(_ADD, PASSES_GRADIENT),
    "ceil": ValueFunction(_NONE, KEEPS_NOTHING),
    "celu": ValueFunction(_CHOSEN._replace(divide=1)),
    "clamp": ValueFunction(Work(compare=2)),
    "compare": ValueFunction(_COMPARE, KEEPS_NOTHING, has_gradient=False),
    "cos": ValueFunction(_EXP),
    "divide": ValueFunction(_DIVIDE, KEEPS_NOTHING),
    "elu": ValueFunction(_CHOSEN),
    "erf": ValueFunction(_EXP),
    "exp": ValueFunction(_EXP, KEEPS_OUTPUT, autocast=FLOAT32),
    "fill": ValueFunction(_NONE, KEEPS_NOTHING, has_gradient=False),
    "floor": ValueFunction(_NONE, KEEPS_NOTHING),
    "leaky_relu": ValueFunction(Work(multiply=1, compare=1)),
    "log": ValueFunction(_EXP, autocast=FLOAT32),
    "log_sigmoid": ValueFunction(_LOG_OF_SUM),
    "mish": ValueFunction(Work(multiply=2, add=3, divide=1, exponential=3)),
    "multiply": ValueFunction(_MULTIPLY, KEEPS_NOTHING),
    "negative": ValueFunction(_NONE, KEEPS_NOTHING),
    "not": ValueFunction(_NONE, KEEPS_NOTHING, has_gradient=False),
    "power": ValueFunction(_POWER, autocast=FLOAT32),
    "reciprocal": ValueFunction(_DIVIDE, KEEPS_OUTPUT, autocast=FLOAT32),
    "remainder": ValueFunction(_DIVIDE, PASSES_GRADIENT),
    "round": ValueFunction(_NONE, KEEPS_NOTHING),
    "rsqrt": ValueFunction(_POWER, KEEPS_OUTPUT, autocast=FLOAT32),
    "selu": ValueFunction(_CHOSEN._replace(multiply=2)),
    "sign": ValueFunction(_COMPARE, KEEPS_NOTHING),
    "sin": ValueFunction(_EXP),
    "softplus": ValueFunction(_LOG_OF_SUM, autocast=FLOAT32),
    "softsign": ValueFunction(Work(add=1, compare=1, divide=1), copies=1),
    "sqrt": ValueFunction(_POWER, KEEPS_OUTPUT),
    "square": ValueFunction(_MULTIPLY, autocast=FLOAT32),
    "subtract": ValueFunction(_ADD, PASSES_GRADIENT),
}
"""Functions of one value; those of two are given a constant as the other."""
WITH_A_CONSTANT = frozenset({"add", "compare", "divide", "multiply", "power", "remainder", "subtract"})

_FACTORS = Memory(saves_inputs=True, saved_for="others")

COMBINATIONS: Mapping[str, ValueFunction] = {
    "add": ValueFunction(_ADD, PASSES_GRADIENT),
    "atan2": ValueFunction(_EXP, autocast=CAST_TO_WIDEST),
    "bitwise": ValueFunction(_COMPARE, KEEPS_NOTHING, has_gradient=False),
    "compare": ValueFunction(_COMPARE, KEEPS_NOTHING, has_gradient=False),
    "divide": ValueFunction(_DIVIDE, Memory(saves_inputs=True, saved_for=((1,), (0, 1)))),
    "lerp": ValueFunction(Work(multiply=1, add=2), Memory(saves_inputs=True, saved_for=((2,), (2,), (0, 1, 2)))),
    "maximum": ValueFunction(_COMPARE),
    "minimum": ValueFunction(_COMPARE),
    "multiply": ValueFunction(_MULTIPLY, _FACTORS),
    "power": ValueFunction(_POWER, Memory(saves_inputs=True, saves_output=True), autocast=FLOAT32),
    "remainder": ValueFunction(_DIVIDE, Memory(saves_inputs=True, saved_for=((1,), (1,)), passes_gradient=(0,))),
    "subtract": ValueFunction(_ADD, Memory(passes_gradient=(0,))),
    "where": ValueFunction(_COMPARE, KEEPS_NOTHING),
}
"""Functions of values of several tensors. Of more than two tensors, `lerp` (a + w (b - a)) and `where`, which takes its
values from the second or the third by the first, are of three; the others are of two, applied from the left.
"""
OF_THREE = frozenset({"lerp", "where"})


@final
class Elementwise(Op):
    """A function of each value, named in `function`; `archcalc.ops.elementwise.FUNCTIONS` lists them.

    No parameters. Memory: what PyTorch's CUDA kernels keep; on the CPU log_sigmoid keeps as many values again. Errors:
    an unknown function.

    >>> Elementwise("sqrt").work((4, 5)).power
    20
    """

    function: str
    role = "activation"
    formulas = FUNCTION

    @property
    def kind(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The name of the function, and whether a constant is its other value."""
        return f"{self.function}_constant" if self.function in WITH_A_CONSTANT else self.function

    @property
    def has_gradient(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """False for a function whose results are no numbers with a gradient, such as a comparison."""
        return FUNCTIONS[self.function].has_gradient

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
        found = FUNCTIONS[self.function]
        return found.memory._replace(extra_elements=product(x) * found.copies) if found.copies else found.memory

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        return WIDEST if device == "cpu" else FUNCTIONS[self.function].autocast

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return _of_one(torch, self.function)


@final
class Combine(Op):
    """A function of the values of several tensors at the same place; axes of size 1 are repeated.

    `archcalc.ops.elementwise.COMBINATIONS` lists the functions. Errors: an unknown function, sizes that do not match.

    >>> Combine("subtract").shape((64, 56, 56), (64, 1, 1))
    (64, 56, 56)
    """

    function: str
    role = "merge"
    formulas = OpFormulas(
        RESULT_CHANNELS,
        RESULT_SIZE,
        params=(Nothing("a function of values at the same place has nothing to learn"),),
        mult_adds=(Nothing(f"it works on one value of each tensor at a time, and {WHOLE_COUNTS}"),),
    )

    @property
    def kind(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The name of the function."""
        return self.function

    @property
    def has_gradient(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """False for a function whose results are no numbers with a gradient, such as a comparison."""
        return COMBINATIONS[self.function].has_gradient

    def shape(self, *inputs: Shape) -> Shape:
        if self.function not in COMBINATIONS:
            raise RuleError(f"there is no function {self.function!r}")
        most = 3 if self.function in OF_THREE else len(inputs)
        least = 3 if self.function == "lerp" else 2
        if not least <= len(inputs) <= most:
            raise RuleError(f"{self.function} is of other than {len(inputs)} tensors")
        return broadcast(*inputs)

    def params(self, *inputs: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, *inputs: Shape) -> Work:
        if self.function in OF_THREE:
            return times(COMBINATIONS[self.function].work, product(broadcast(*inputs)))
        done: Dim = 0
        for number in range(2, len(inputs) + 1):
            done = done + product(broadcast(*inputs[:number]))
        return times(COMBINATIONS[self.function].work, done)

    def window(self, *inputs: Shape) -> Window:
        return POINTWISE

    def memory(self, *inputs: Shape) -> Memory:
        if self.function == "where":
            return Memory(extra_bytes=product(inputs[0]))
        return COMBINATIONS[self.function].memory

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        return WIDEST if device == "cpu" else COMBINATIONS[self.function].autocast

    def lower(self, torch: Any, *inputs: Shape) -> Callable[..., Any]:
        return _of_several(torch, self.function)


def times(work: Work, count: Dim) -> Work:
    """The work of one value for a number of them."""
    return Work(*[amount if is_int(amount) and amount == 0 else amount * count for amount in work])


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


def _of_one(torch: Any, name: str) -> Callable[..., Any]:
    """A function of one value in PyTorch, with some constant where it takes one."""
    special: dict[str, Callable[[Any], Any]] = {
        "add": lambda x: x + 1,
        "clamp": lambda x: x.clamp(-1, 1),
        "compare": lambda x: x > 0,
        "divide": lambda x: x / 2,
        "fill": torch.zeros_like,
        "log_sigmoid": torch.nn.functional.logsigmoid,
        "multiply": lambda x: x * 2,
        "not": torch.logical_not,
        "power": lambda x: x**3,
        "remainder": lambda x: x % 2,
        "subtract": lambda x: x - 1,
    }
    return special.get(name) or getattr(torch.nn.functional, name, None) or getattr(torch, name)


def _of_several(torch: Any, name: str) -> Callable[..., Any]:
    """A function of values of several tensors in PyTorch, without the batch's axis where a tensor has fewer axes."""
    names = {"bitwise": "logical_and", "compare": "gt", "power": "pow"}

    def two(*values: Any) -> Any:  # looked up at each call: counting tools replace some of torch's functions
        return getattr(torch, names.get(name, name))(*values)

    def where(mask: Any, one: Any, other: Any = 0.0) -> Any:
        return torch.where(mask.bool(), one, other)

    def combine(*values: Any) -> Any:
        axes = max(value.dim() for value in values)
        values = tuple([value.reshape(len(value), *[1] * (axes - value.dim()), *value.shape[1:]) for value in values])
        if name in OF_THREE:
            return where(*values) if name == "where" else two(*values)
        return reduce(two, values)

    return combine
