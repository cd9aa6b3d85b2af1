"""What can be turned to make a network larger or smaller, and what it costs at one setting, by building it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from archcalc.analysis.quantities import Basis, totals
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.base.questions import go_on
from archcalc.base.spelling import matched, nearest, shown
from archcalc.forms.symbols import axes_of, present
from archcalc.graph import Choice, Network, Real, Switch, Whole
from archcalc.graph.hyperparameters import LARGEST_SIZE
from archcalc.request import BATCH, Request

SIZE = Whole(1, LARGEST_SIZE, "height and width of the input")
SYMBOLS: Mapping[str, str] = {"size": "S", "batch": "N", "classes": "K", "in_channels": "C"}
"""What closed forms call a knob where they have a letter for it."""
FINEST = Fraction(1, 100)
"""Steps of a real-number hyperparameter where no others are asked for."""

ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    "alpha": ("width",),
    "growth_rate": ("growth",),
    "groups": ("cardinality",),
    "width": ("w", "k", "scale", "channels", "filters"),
}
"""Common words, and the hyperparameters that families without one of that name mean: the first that is there."""


class Knob(NamedTuple):
    """One thing that is turned."""

    name: str
    kind: Whole | Real | Choice | Switch
    present: Any
    """Its setting by the network's name."""
    symbol: str
    """What closed forms call it."""

    @property
    def meaning(self) -> str:
        return self.kind.meaning

    @property
    def low(self) -> Any:
        """The smallest setting of a Whole or Real knob."""
        return self.kind.low if isinstance(self.kind, (Whole, Real)) else None

    @property
    def high(self) -> Any:
        """The largest setting of a Whole or Real knob."""
        return self.kind.high if isinstance(self.kind, (Whole, Real)) else None

    def options(self) -> tuple[Any, ...]:
        """The settings of a knob that has only a few; numbers in order."""
        if isinstance(self.kind, Switch):
            return (False, True)
        if not isinstance(self.kind, Choice):
            return ()
        numbers = all(isinstance(option, int) for option in self.kind.options)
        return tuple(sorted(self.kind.options)) if numbers else self.kind.options


class Subject:
    """The network of a question with everything settled but one knob."""

    def __init__(self, request: Request) -> None:
        self.found: Network = request.found
        self.input = request.input
        self.batch: Any = request.batch
        self.dtype = request.dtype
        self.given = dict(request.settings)
        self.settings = request.hyperparameters
        self.built = 0
        """Operations of all networks that were built: a measure of the work so far."""

    @cached_property
    def shape(self) -> tuple[Any, ...]:
        """The shape of the input, channels first, as far as the knob leaves it."""
        channels, *sides = self.input or self.found.input
        return self.settings.get("in_channels", channels), *sides

    def at(self, shape: tuple[Any, ...]) -> None:
        """Let the network have another size by default, and stay free to turn it."""
        self.shape = self.found.graph(shape, self.settings).nodes[0].shape

    def knob(self, word: str) -> Knob:
        """The knob that a word means. Raises UnknownName with the nearest.

        `size` is the input's also where a family has a hyperparameter of that name (each of its values has a name).
        """
        sized = {"size": SIZE} if axes_of(self.found) else {}
        kinds: dict[str, Any] = {**self.found.hyperparameters, **sized, "batch": BATCH}
        known = _spellings(kinds)
        key = word if word in kinds else known.get(matched(word))
        if key is None:
            said = f"{self.found.name} has nothing to vary that is called {shown(word)}"
            near = nearest(word, known)
            raise UnknownName(f"{said}; it has {', '.join(kinds)}", near, "knob", "hyperparameter", word)
        given = self.input is not None if key in ("size", "in_channels") else key == "batch" and self.batch != 1
        if given or (key != "size" and key in self.given):
            raise ArchcalcError(f"{key} is both set and searched for", about="knob")
        symbol = "L" if key == "size" and len(self.shape) == 2 else SYMBOLS.get(key, key)
        return Knob(key, kinds[key], self._present(key), symbol)

    def _present(self, key: str) -> Any:
        if key == "size":
            return self.shape[1]
        return self.batch if key == "batch" else present(self.found, self.settings, key)

    def request(self, **given: Any) -> Request:
        """The request with everything as it is settled, but for `input`, `batch` or `settings` where they are given."""
        asked = {"input": self.input, "batch": self.batch, "dtype": self.dtype, "settings": self.given, **given}
        return Request(self.found, **asked)

    def at_setting(self, knob: Knob, value: Any) -> Request:
        """The request at one setting of the knob."""
        if knob.name == "size":
            channels, *sides = self.shape
            return self.request(input=(channels, *[value] * len(sides)))
        if knob.name == "batch":
            return self.request(batch=value)
        return self.request(settings={**self.given, knob.name: value})

    def counts(self, knob: Knob, value: Any, quantities: Sequence[str]) -> dict[str, Any] | None:
        """Some quantities at one setting of the knob; None where the network does not take it."""
        go_on()
        request = self.at_setting(knob, value)
        try:
            graph = request.graph
        except ArchcalcError:
            return None
        self.built += len(graph.nodes)
        return dict(totals(Basis(graph, request.batch, request.element_bytes), quantities))


def steps(knob: Knob, multiple_of: Any) -> Fraction:
    """Of what a setting is a multiple. Raises ArchcalcError for a step that is none."""
    kind = knob.kind
    if not isinstance(kind, (Whole, Real)):
        if multiple_of is not None:
            raise ArchcalcError(f"{knob.name} has no multiples: it is one of {kind.span()}", about="multiple_of")
        return Fraction(1)
    if multiple_of is None:
        return Fraction(1) if isinstance(kind, Whole) else FINEST
    whole = Whole(1, LARGEST_SIZE, "")
    try:
        step: Any = whole.read(multiple_of) if isinstance(kind, Whole) else Real(1e-6, kind.high, "").read(multiple_of)
    except ValueError as error:
        raise ArchcalcError(f"{knob.name} is asked for in multiples of {error}", about="multiple_of") from None
    return Fraction(str(multiple_of).strip()) if isinstance(kind, Real) else Fraction(step)


def setting(knob: Knob, value: Fraction) -> Any:
    """A number as the knob takes it."""
    return float(value) if isinstance(knob.kind, Real) else int(value)


def limits(knob: Knob, step: Fraction) -> tuple[int, int]:
    """How many steps the smallest and the largest setting of a Whole or Real knob are."""
    low, high = Fraction(str(knob.low)), Fraction(str(knob.high))
    return -(-low // step), high // step


def multiples(knob: Knob, step: Fraction) -> Iterator[Any]:
    """The settings of a Whole or Real knob that are multiples of a step, from the smallest up."""
    low, high = limits(knob, step)
    return (setting(knob, number * step) for number in range(low, high + 1))


def _spellings(kinds: Mapping[str, Any]) -> dict[str, str]:
    """What the knobs of a family may be called, as words are matched."""
    common = {
        matched(word): next(name for name in names if name in kinds)
        for word, names in ALSO_CALLED.items()
        if any(name in kinds for name in names)
    }
    return common | {"s": "size", "n": "batch"} | {matched(each): each for each in kinds}
