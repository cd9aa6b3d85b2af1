"""Recurrent layers over sequences: (length, features) to (length, hidden)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, final

from archcalc.algebra.dims import Dim, Shape, any_below, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    LOWER,
    WIDEST,
    Autocast,
    AutocastDevice,
    Memory,
    Op,
    OpFormulas,
    Parameters,
    Reach,
    Rule,
    Work,
)
from archcalc.graph.rules import RESULT_CHANNELS, RESULT_SIZE
from archcalc.ops.elementwise import times

__all__ = ["Recurrent"]

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
CELLS = {
    "rnn": Work(multiply=1, add=2, divide=1, exponential=1),
    "gru": Work(multiply=4, add=7, divide=3, exponential=3),
    "lstm": Work(multiply=5, add=8, divide=5, exponential=5),
}
"""The work for a value of the state at each step besides the products and their biases: sigmoids, tanhs, gates."""

_LAYERS = "G * h * (C_in + r) + (l - 1) * G * h * (q + 1) * r"
_PROJECTED = f"{_LAYERS} + l * h * r"


@final
class Recurrent(Op):
    """Layers of an RNN, GRU or LSTM, one above the other, over (length, features), in one direction or in both.

    Parameters of each layer and direction, with g = 1, 3 or 4 gates: g h (f + h), and 2 g h biases; with `projection` p
    (LSTM only) the recurrent input has p features, and p h weights are added. Mult-adds: its weights for each step.
    Further work: the sigmoids and tanhs of the gates and of the state, and their products. Memory: what PyTorch's own
    code keeps, step by step: the input of each layer, the gates and the states; cuDNN keeps a reserve of a size of its
    own instead. Errors: an unknown cell, no layer or unit, another shape. Source: Hochreiter & Schmidhuber 1997; Cho et
    al. 2014, arXiv:1406.1078; PyTorch's `LSTM`.

    >>> Recurrent("lstm", 128).params((50, 64)).learnable
    99328
    """

    cell: Literal["rnn", "gru", "lstm"]
    hidden: Dim
    layers: int = 1
    bidirectional: bool = False
    bias: bool = True
    projection: Dim = 0
    role = "linear"
    autocast = LOWER
    on_last_axis = True
    formulas = OpFormulas(
        RESULT_CHANNELS,
        RESULT_SIZE,
        params=(
            Rule(f"q * ({_PROJECTED} + 2 * l * G * h)", when="projection, bias", says="weights, projections, biases"),
            Rule(f"q * ({_PROJECTED})", when="projection", says="weights and projections"),
            Rule(f"q * ({_LAYERS} + 2 * l * G * h)", when="bias", says="weights and biases"),
            Rule(f"q * ({_LAYERS})", says="weights"),
        ),
        mult_adds=(
            Rule(f"t * q * ({_PROJECTED})", when="projection", says="each weight once for each step"),
            Rule(f"t * q * ({_LAYERS})", says="each weight once for each step"),
        ),
        meanings={
            "G": "gates",
            "h": "hidden units",
            "r": "values that a step gives to the next one",
            "l": "layers",
            "q": "directions",
            "t": "steps",
        },
    )

    @property
    def kind(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The kind of its cell."""
        return self.cell

    def shape(self, x: Shape) -> Shape:
        if self.cell not in GATES or self.layers < 1 or any_below(self.hidden, 1) or len(x) != 2:
            raise RuleError("it needs (length, features), a known cell, and at least one layer of one hidden unit")
        if self._projects and self.cell != "lstm":
            raise RuleError(f"there are no projections in {self.cell}")
        return (*x[:-1], self._given)

    def params(self, x: Shape) -> Parameters:
        biases = 2 * GATES[self.cell] * self.hidden * self._directions * self.layers if self.bias else 0
        return Parameters(self._weights(x), biases)

    def work(self, x: Shape) -> Work:
        steps = product(x[:-1])
        each = CELLS[self.cell]
        each = each._replace(add=each.add + 2 * GATES[self.cell] * self.bias)
        done = times(each, steps * self.hidden * self._directions * self.layers)
        return done._replace(multiply_accumulate=self._weights(x) * steps)

    def window(self, x: Shape) -> Reach:
        return Reach.WHOLE if self.bidirectional else Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        steps, back = product(x[:-1]), self.projection if self._projects else self.hidden
        each = steps * (6 * self.hidden + back + (self.hidden if self._projects else 0))
        if self.cell == "rnn":
            each = (steps + 1) * self.hidden
        kept: Dim = 0
        features = x[-1]
        for layer in range(self.layers):
            copies = 1 if layer else self._directions
            kept = kept + copies * steps * features + each * self._directions
            features = self._given
        return Memory(extra_elements=kept)

    def letters(self, x: Shape) -> dict[str, Any]:
        return {
            "G": GATES[self.cell],
            "h": self.hidden,
            "r": self.projection if self._projects else self.hidden,
            "l": self.layers,
            "q": self._directions,
            "t": product(x[1:]),
        }

    def autocast_type(self, device: AutocastDevice, *shapes: Shape) -> Autocast:
        return WIDEST if device == "cpu" and self.cell == "gru" else self.autocast  # its state keeps the input's type

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        kind = getattr(torch.nn, self.cell.upper())
        projected = {"proj_size": self.projection} if self.projection else {}
        layer = kind(
            x[-1],
            self.hidden,
            self.layers,
            bias=self.bias,
            batch_first=True,
            bidirectional=self.bidirectional,
            **projected,
        )

        class Recurrent(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.layer = layer

            def forward(self, x: Any) -> Any:
                return self.layer(x)[0]

        return Recurrent()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _given(self) -> Dim:
        return self._directions * (self.projection if self._projects else self.hidden)

    @property
    def _projects(self) -> bool:
        return not (type(self.projection) is int and self.projection == 0)

    def _weights(self, x: Shape) -> Dim:
        total: Dim = 0
        features = x[-1]
        back = self.projection if self._projects else self.hidden
        for _ in range(self.layers):
            each = GATES[self.cell] * self.hidden * (features + back) + (back * self.hidden if self._projects else 0)
            total = total + each * self._directions
            features = self._given
        return total
