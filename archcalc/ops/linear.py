"""Layers that multiply a vector by a matrix, and the distance layer that ends LeNet-5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, any_below, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    FLOAT32_OUTPUT,
    KEEPS_INPUTS,
    LOWER,
    POINTWISE,
    AutocastDevice,
    Memory,
    Nothing,
    Op,
    OpFormulas,
    Parameters,
    Rule,
    Window,
    Work,
)
from archcalc.graph.rules import EQUATION_3, LECUN, SAME_SIZE, WHOLE_COUNTS

__all__ = ["Linear", "RadialBasis"]


@final
class Linear(Op):
    """Matrix product on the last axis: (..., C) to (..., out).

    Parameters: C * out, plus out biases. Mult-adds: C * out for each vector.
    Errors: fewer outputs than one.
    Source: document 003, equation (3).

    >>> fc = Linear(1000)
    >>> fc.params((4096,)).learnable, fc.work((4096,)).multiply_accumulate
    (4097000, 4096000)
    """

    out: Dim
    bias: bool = True
    role = "linear"
    autocast = LOWER
    on_last_axis = True
    formulas = OpFormulas(
        channels=(Rule("C_out", says="one value for each neuron"),),
        size=SAME_SIZE,
        params=(
            Rule("(C_in + 1) * C_out", EQUATION_3, "bias", "a weight for each input and a bias, for each neuron"),
            Rule(
                "C_in * C_out",
                f"{EQUATION_3}, without its + 1",
                says="a weight for each input, for each neuron; no bias",
            ),
        ),
        mult_adds=(
            Rule(
                "H * W * C_in * C_out",
                f"{EQUATION_3}, at every position",
                "map",
                "each weight is used at every position",
            ),
            Rule("C_in * C_out", "document 003, VGG parameters and memory (FC)", says="each weight is used once"),
        ),
        meanings={"C_in": "inputs", "C_out": "neurons"},
    )

    def shape(self, x: Shape) -> Shape:
        if any_below(self.out, 1):
            raise RuleError("it needs at least one output")
        return (*x[:-1], self.out)

    def params(self, x: Shape) -> Parameters:
        return Parameters(x[-1] * self.out, self.out if self.bias else 0)

    def work(self, x: Shape) -> Work:
        return Work(product(x) * self.out, add=product(self.shape(x)) if self.bias else 0)

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return KEEPS_INPUTS

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return torch.nn.Linear(x[-1], self.out, bias=self.bias)


@final
class RadialBasis(Op):
    """Squared distance of a vector to `out` fixed prototypes: (C,) to (out,).

    No learnable parameters: the C * out prototype components are set by hand (buffers).
    Work: C subtractions, C multiplications and C - 1 additions for each output.
    Errors: an input that is no vector, fewer outputs than one.
    Source: LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", equation (7).
    """

    out: Dim
    role = "linear"
    autocast = FLOAT32_OUTPUT
    formulas = OpFormulas(
        channels=(Rule("C_out", says="one distance for each prototype"),),
        size=(),
        params=(Nothing("the prototypes are set by hand, not learnt: they are buffers", f"{LECUN}, equation (7)"),),
        mult_adds=(Nothing(f"squares of differences are summed, and {WHOLE_COUNTS}"),),
        buffers=(Rule("C_in * C_out", f"{LECUN}, equation (7)", says="the components of the prototypes"),),
        meanings={"C_in": "inputs", "C_out": "prototypes"},
    )

    def shape(self, x: Shape) -> Shape:
        if len(x) != 1:
            raise RuleError("it needs a vector")
        if any_below(self.out, 1):
            raise RuleError("it needs at least one output")
        return (self.out,)

    def params(self, x: Shape) -> Parameters:
        return Parameters(running=x[0] * self.out)

    def work(self, x: Shape) -> Work:
        return Work(multiply=x[0] * self.out, add=(2 * x[0] - 1) * self.out)

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return Memory(extra_elements=x[0] * self.out)

    def autocast_memory(self, device: AutocastDevice, *shapes: Shape) -> Memory:
        return self.memory(*shapes)._replace(extra_elements=0, float32_elements=shapes[0][0] * self.out)

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        out, channels = self.out, x[0]

        class RadialBasis(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.register_buffer("prototypes", torch.ones(out, channels))

            def forward(self, x: Any) -> Any:
                return (x[:, None, :] - self.prototypes).square().sum(-1)

        return RadialBasis()
