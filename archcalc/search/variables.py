"""Variables of a network (input size, batch, hyperparameters), and the costs of the network at a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from archcalc.analysis.quantities import Basis, totals
from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.base.spelling import matched, nearest, shown
from archcalc.forms.symbols import axes_of, present
from archcalc.graph import Choice, Hyperparameter, Network, Other, Real, Switch, Whole
from archcalc.graph.axes import sides
from archcalc.graph.hyperparameters import LARGEST_SIZE
from archcalc.request import BATCH, Request

SYMBOLS: Mapping[str, str] = {"size": "S", "batch": "N", "classes": "K", "in_channels": "C"}
"""Letters of variables in closed forms."""
FINEST = Fraction(1, 100)
"""The default step of a real-number hyperparameter."""

ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    "alpha": ("width",),
    "growth_rate": ("growth",),
    "groups": ("cardinality",),
    "width": ("w", "k", "scale", "channels", "filters"),
}
"""Common names of variables, with the hyperparameters that they stand for: the first that the family has."""


class Variable(NamedTuple):
    """A variable of a network; everything else is fixed."""

    name: str
    kind: Whole | Real | Choice | Switch
    present: Any
    """Its value in the request."""
    symbol: str
    """Its letter in closed forms."""

    @property
    def meaning(self) -> str:
        return self.kind.meaning

    @property
    def low(self) -> Any:
        """The smallest value of a numeric variable; None for a choice or a switch."""
        return self.kind.low if isinstance(self.kind, (Whole, Real)) else None

    @property
    def high(self) -> Any:
        """The largest value of a numeric variable; None for a choice or a switch."""
        return self.kind.high if isinstance(self.kind, (Whole, Real)) else None

    def options(self) -> tuple[Any, ...]:
        """The values of a choice or a switch, numbers in order; empty for a numeric variable."""
        if isinstance(self.kind, Switch):
            return (False, True)
        if not isinstance(self.kind, Choice):
            return ()
        numbers = all(isinstance(option, int) for option in self.kind.options)
        return tuple(sorted(self.kind.options)) if numbers else self.kind.options


class VariedNetwork:
    """The network of a request with everything fixed but one variable."""

    def __init__(self, request: Request) -> None:
        self.network: Network = request.resolved
        self.input = request.input
        self.batch: Any = request.batch
        self.dtype = request.dtype
        self.training = request.training
        self.given = dict(request.settings)
        self.settings = request.hyperparameters
        self.changed = request.changed
        self.built = 0
        """The number of ops in all networks built so far, a measure of the work done."""

    @cached_property
    def shape(self) -> tuple[Any, ...]:
        """The shape of the input, channels first, if the variable is not the size."""
        channels, *sides = self.input or self.network.input
        return self.settings.get("in_channels", channels), *sides

    @property
    def further_inputs(self) -> tuple[tuple[Any, ...], ...]:
        """The shapes of the inputs after the first."""
        given = self.input if self.input is not None and len(self.network.inputs) > 1 else self.network.inputs
        return tuple([tuple(each) for each in given[1:]])

    def at(self, shape: tuple[Any, ...]) -> None:
        """Set the present input size, which can still be varied."""
        self.shape = self.network.graph(shape, self.settings).nodes[0].shape

    def variable(self, word: str) -> Variable:
        """The variable of a name. Raises UnknownName with the nearest names.

        `size` is always that of the input, even if a family has a hyperparameter called `size`.
        """
        size = Whole(1, LARGEST_SIZE, f"{sides((0, *self.network.places))} of the input")
        sized = {"size": size} if axes_of(self.network) else {}
        kinds: dict[str, Any] = {**self.network.hyperparameters, **sized, "batch": BATCH}
        known = _spellings(kinds)
        key = word if word in kinds else known.get(matched(word))
        if key is None:
            said = f"{self.network.name} has no variable called {shown(word)}"
            near = nearest(word, known)
            hint = self.network.hint
            raise UnknownName(f"{said}; it has {', '.join(kinds)}{hint}", near, "variable", "hyperparameter", word)
        given = self.input is not None if key in ("size", "in_channels") else key == "batch" and self.batch != 1
        if given or (key != "size" and key in self.given):
            raise ArchcalcError(f"{key} is both fixed and searched for", about="variable")
        symbol = "L" if key == "size" and len(self.network.places) == 1 else SYMBOLS.get(key, key)
        return Variable(key, _searched(self.network.name, key, kinds[key]), self._present(key), symbol)

    def _present(self, key: str) -> Any:
        if key == "size":
            return self.shape[self.network.places[0]]
        return self.batch if key == "batch" else present(self.network, self.settings, key)

    def request(self, **given: Any) -> Request:
        """The request with another `input`, `batch` or `settings` if given."""
        return replace(Request(self.network, self.input, self.batch, self.dtype, self.given, self.training), **given)

    def request_at(self, variable: Variable, value: Any) -> Request:
        """The request at one value of the variable."""
        if variable.name == "size":
            return self.request(input=self.network.with_sizes(self.shape, [value] * len(self.network.places)))
        if variable.name == "batch":
            return self.request(batch=value)
        return self.request(settings={**self.given, variable.name: value})

    def counts(self, variable: Variable, value: Any, quantities: Sequence[str]) -> dict[str, Any] | None:
        """Some quantities at one value of the variable; None if the network does not accept it."""
        check_cancelled()
        request = self.request_at(variable, value)
        try:
            graph = request.graph
        except ArchcalcError:
            return None
        self.built += len(graph.nodes)
        return dict(totals(Basis.of(request), quantities))


def steps(variable: Variable, multiple_of: Any) -> Fraction:
    """The step of a variable: all values are multiples of it. Raises ArchcalcError for an invalid step."""
    kind = variable.kind
    if not isinstance(kind, (Whole, Real)):
        if multiple_of is not None:
            raise ArchcalcError(f"{variable.name} has no multiples: it is one of {kind.span()}", about="multiple_of")
        return Fraction(1)
    if multiple_of is None:
        return Fraction(1) if isinstance(kind, Whole) else FINEST
    whole = Whole(1, LARGEST_SIZE, "")
    try:
        step: Any = whole.read(multiple_of) if isinstance(kind, Whole) else Real(1e-6, kind.high, "").read(multiple_of)
    except ValueError as error:
        raise ArchcalcError(f"{variable.name} is searched in multiples of {error}", about="multiple_of") from None
    return Fraction(str(multiple_of).strip()) if isinstance(kind, Real) else Fraction(step)


def as_value(variable: Variable, value: Fraction) -> Any:
    """A number converted to a value of the variable: an int, or a float for a real-number variable."""
    return float(value) if isinstance(variable.kind, Real) else int(value)


def limits(variable: Variable, step: Fraction) -> tuple[int, int]:
    """The smallest and the largest value of a numeric variable, in steps."""
    low, high = Fraction(str(variable.low)), Fraction(str(variable.high))
    return -(-low // step), high // step


def multiples(variable: Variable, step: Fraction) -> Iterator[Any]:
    """The values of a numeric variable that are multiples of a step, from the smallest up."""
    low, high = limits(variable, step)
    return (as_value(variable, number * step) for number in range(low, high + 1))


def _searched(name: str, key: str, kind: Hyperparameter) -> Whole | Real | Choice | Switch:
    """The values that a search tries: of a whole number those of its range, without a 0 outside it and its fractions.

    Raises ArchcalcError for a hyperparameter without a range.
    """
    if isinstance(kind, Other):
        said = f"{name}: {key} ({kind.meaning}) has no range to search in: it takes any value"
        raise ArchcalcError(said, about="variable")
    return kind._replace(or_zero=False, parts=1) if isinstance(kind, Whole) else kind


def _spellings(kinds: Mapping[str, Any]) -> dict[str, str]:
    """Names of variables by the spellings that are accepted for them."""
    common = {
        matched(word): next(name for name in names if name in kinds)
        for word, names in ALSO_CALLED.items()
        if any(name in kinds for name in names)
    }
    return common | {"s": "size", "n": "batch"} | {matched(each): each for each in kinds}
