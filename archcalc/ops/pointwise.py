"""Functions of one value: activations, softmax, dropout. They keep the shape, have no parameters, and a unit sees
its own position only.

The work for each value follows from the definition of the function; conventions may weigh it otherwise.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Shape, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    FLOAT32_OUTPUT,
    KEEPS_INPUTS,
    KEEPS_NOTHING,
    KEEPS_OUTPUT,
    LOWER,
    NO_PARAMETERS,
    POINTWISE,
    WIDEST,
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

__all__ = [
    "GELU",
    "Complement",
    "Dropout",
    "HardSigmoid",
    "HardSwish",
    "PReLU",
    "ReLU",
    "ReLU6",
    "Scale",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
]

FUNCTION = OpFormulas(
    SAME_CHANNELS,
    SAME_SIZE,
    params=(Nothing("a fixed function of each value has nothing to learn"),),
    mult_adds=(Nothing(f"a function of each value multiplies by no weights, and {WHOLE_COUNTS}"),),
)


class Pointwise(Op, ABC):
    """An activation function; subclasses differ in work, memory and the PyTorch module."""

    role = "activation"
    formulas = FUNCTION

    @final
    def shape(self, x: Shape) -> Shape:
        return x

    @final
    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    @final
    def window(self, x: Shape) -> Window:
        return POINTWISE


@final
class ReLU(Pointwise):
    """max(x, 0): one comparison. Source: Nair & Hinton 2010."""

    def work(self, x: Shape) -> Work:
        return Work(compare=product(x))

    def memory(self, x: Shape) -> Memory:
        return KEEPS_OUTPUT

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.ReLU()


@final
class ReLU6(Pointwise):
    """min(max(x, 0), 6): two comparisons. Source: Krizhevsky 2010, "Convolutional Deep Belief Networks on CIFAR-10"."""

    def work(self, x: Shape) -> Work:
        return Work(compare=2 * product(x))

    def memory(self, x: Shape) -> Memory:
        return KEEPS_INPUTS

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.ReLU6()


@final
class PReLU(Op):
    """max(x, 0) + a * min(x, 0) with a learnt number a for each channel (C, H, W), or one for all if `shared`.

    Work: one comparison and one multiplication for each value. Source: He et al. 2015, arXiv:1502.01852.

    >>> PReLU().params((64, 56, 56)).learnable, PReLU(shared=True).params((64, 56, 56)).learnable
    (64, 1)
    """

    shared: bool = False
    role = "activation"
    autocast = LOWER
    kind = "prelu"
    formulas = FUNCTION._replace(
        params=(
            Rule("1", "He et al. 2015, arXiv:1502.01852", "shared", "one slope for all channels"),
            Rule("C_in", "He et al. 2015, arXiv:1502.01852", says="a slope for each channel"),
        )
    )

    def shape(self, x: Shape) -> Shape:
        return x

    def params(self, x: Shape) -> Parameters:
        return Parameters(weight=1 if self.shared else x[0])

    def work(self, x: Shape) -> Work:
        return Work(multiply=product(x), compare=product(x))

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return KEEPS_INPUTS

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.PReLU(1 if self.shared else x[0])


@final
class Sigmoid(Pointwise):
    """1 / (1 + exp(-x)): one exponential, one addition, one division.

    Source: PyTorch's `Sigmoid`.
    """

    def work(self, x: Shape) -> Work:
        elements = product(x)
        return Work(add=elements, divide=elements, exponential=elements)

    def memory(self, x: Shape) -> Memory:
        return KEEPS_OUTPUT

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.Sigmoid()


@final
class Tanh(Pointwise):
    """1 - 2 / (exp(2x) + 1): one multiplication, two additions, one exponential, one division.

    LeNet-5 scales it, A tanh(S a): the two constants are counted with this op's multiplication.
    Source: LeCun et al. 1998, section II-B.
    """

    def work(self, x: Shape) -> Work:
        elements = product(x)
        return Work(multiply=elements, add=2 * elements, divide=elements, exponential=elements)

    def memory(self, x: Shape) -> Memory:
        return KEEPS_OUTPUT

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.Tanh()


@final
class SiLU(Pointwise):
    """x * sigmoid(x), also called swish. Source: Elfwing et al. 2017, arXiv:1702.03118."""

    def work(self, x: Shape) -> Work:
        elements = product(x)
        return Work(multiply=elements, add=elements, divide=elements, exponential=elements)

    def memory(self, x: Shape) -> Memory:
        return KEEPS_INPUTS

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.SiLU()


@final
class GELU(Pointwise):
    """x/2 * (1 + erf(x/sqrt 2)). Source: Hendrycks & Gimpel 2016, arXiv:1606.08415."""

    def work(self, x: Shape) -> Work:
        elements = product(x)
        return Work(multiply=3 * elements, add=elements, exponential=elements)

    def memory(self, x: Shape) -> Memory:
        return KEEPS_INPUTS

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.GELU()


@final
class HardSwish(Pointwise):
    """x * min(max(x + 3, 0), 6) / 6. Source: Howard et al. 2019, arXiv:1905.02244."""

    def work(self, x: Shape) -> Work:
        elements = product(x)
        return Work(multiply=2 * elements, add=elements, compare=2 * elements)

    def memory(self, x: Shape) -> Memory:
        return KEEPS_INPUTS

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.Hardswish()


@final
class HardSigmoid(Pointwise):
    """min(max(x + 3, 0), 6) / 6. Source: Howard et al. 2019, arXiv:1905.02244."""

    def work(self, x: Shape) -> Work:
        elements = product(x)
        return Work(multiply=elements, add=elements, compare=2 * elements)

    def memory(self, x: Shape) -> Memory:
        return KEEPS_INPUTS

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.Hardsigmoid()


@final
class Scale(Pointwise):
    """x * factor, a constant: residual scaling, or a mean out of a sum. One multiplication.

    Source: Szegedy et al. 2016, arXiv:1602.07261, section 3.3.
    """

    factor: float

    def work(self, x: Shape) -> Work:
        return Work(multiply=product(x))

    def memory(self, x: Shape) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        def scale(x: Any) -> Any:
            return x * self.factor

        return scale


@final
class Complement(Pointwise):
    """1 - x: the carry gate of a highway layer. One addition. Source: Srivastava et al. 2015, arXiv:1505.00387."""

    def work(self, x: Shape) -> Work:
        return Work(add=product(x))

    def memory(self, x: Shape) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        def complement(x: Any) -> Any:
            return 1 - x

        return complement


@final
class Softmax(Op):
    """exp(x) / sum of exp(x) along an axis, by default the first: one exponential, one addition, one division a value.

    Errors: an axis that is not there. Source: PyTorch's `Softmax`.
    """

    axis: int = 0
    role = "activation"
    autocast = FLOAT32_OUTPUT
    autocast_cpu = WIDEST
    formulas = FUNCTION

    def shape(self, x: Shape) -> Shape:
        if not 0 <= self.axis < len(x):
            raise RuleError(f"there is no axis {self.axis} in {show_shape(x)}")
        return x

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        elements = product(x)
        return Work(add=elements, divide=elements, exponential=elements)

    def window(self, x: Shape) -> Window | Reach:
        return along(self.axis, x)

    def memory(self, x: Shape) -> Memory:
        return KEEPS_OUTPUT

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.Softmax(dim=self.axis + 1)


def along(axis: int, x: Shape) -> Window | Reach:
    """The part of a map that a unit of a function along an axis sees: the first axis is the channels'."""
    if axis == 0:
        return POINTWISE
    return Reach.WHOLE if len(x) == 2 else Reach.IRREGULAR


@final
class Dropout(Op):
    """Each value zeroed with `probability` while training; the identity, and no work, at inference.

    Autograd keeps a mask of one byte for each value (PyTorch's fused CUDA kernel; its CPU fallback keeps a mask of the
    network's dtype). Source: Srivastava et al. 2014, JMLR 15.
    """

    probability: float = 0.5
    role = "activation"
    formulas = FUNCTION._replace(mult_adds=(Nothing("at inference it does nothing"),))

    def shape(self, x: Shape) -> Shape:
        return x

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return Work()

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return Memory(shares="inference", extra_bytes=product(x))

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.Dropout(self.probability)
