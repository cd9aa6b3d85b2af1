"""Recurrent layers over sequences: (length, features) to (length, hidden)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, final

from archcalc.algebra.dims import Dim, Shape, any_below, product
from archcalc.base.errors import RuleError
from archcalc.graph import Memory, Op, Parameters, Reach, Work

__all__ = ["Recurrent"]

GATES = {"rnn": 1, "gru": 3, "lstm": 4}


@final
class Recurrent(Op):
    """Layers of an RNN, GRU or LSTM, one above the other, over (length, features), in one direction or in both.

    Parameters of each layer and direction, with g = 1, 3 or 4 gates: g h (f + h), and 2 g h biases; with `projection` p
    the recurrent input has p features, and p h weights are added. Mult-adds: its weights for each step. Further work
    for each step and gate: h exponentials, additions and divisions. Source: Hochreiter & Schmidhuber 1997; Cho et al.
    2014, arXiv:1406.1078; PyTorch's `LSTM`.

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
    on_last_axis = True

    @property
    def kind(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The kind of its cell."""
        return self.cell

    def shape(self, x: Shape) -> Shape:
        if self.cell not in GATES or self.layers < 1 or any_below(self.hidden, 1) or len(x) < 2:
            raise RuleError("it needs (length, features), a known cell, and at least one layer of one hidden unit")
        return (*x[:-1], self._given)

    def params(self, x: Shape) -> Parameters:
        biases = 2 * GATES[self.cell] * self.hidden * self._directions * self.layers if self.bias else 0
        return Parameters(self._weights(x), biases)

    def work(self, x: Shape) -> Work:
        steps = product(x[:-1])
        values = steps * GATES[self.cell] * self.hidden * self._directions * self.layers
        return Work(self._weights(x) * steps, add=2 * values, divide=values, exponential=values)

    def window(self, x: Shape) -> Reach:
        return Reach.WHOLE

    def memory(self, x: Shape) -> Memory:
        steps = product(x[:-1])
        return Memory(saves_inputs=True, extra_elements=steps * (GATES[self.cell] + 1) * self.hidden * self._directions)

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
