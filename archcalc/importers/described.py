"""Networks that a text describes: limits of what is read, fields with their errors, and the function that builds."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from inspect import Parameter, Signature
from typing import Any, cast, final

from archcalc.algebra.dims import Shape
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut, nearest, shown
from archcalc.graph import Graph, Network, Op, Value, row

MOST_CHARACTERS = 10_000_000
"""The largest text that is read."""
MOST_LAYERS = 100_000
"""The most layers of a network, repeats counted each time."""
MOST_NESTED = 20
"""The most networks or blocks within one another."""
LARGEST = 10_000_000
"""The largest number of channels, classes or the like that a text may give."""
LARGEST_SIDE = 100_000
"""The largest kernel, stride, padding or size of a grid that a text may give."""
_LARGEST_AXIS = 10**12
_LONGEST_LABEL = 200

Build = Callable[[tuple[Value, ...], Mapping[str, Any]], tuple[Value, ...]]
"""Takes the values of the inputs and all hyperparameters; returns the outputs, the main one first."""


def check_text(name: str, text: object, most: int = MOST_CHARACTERS) -> str:
    """The text itself. Raises ArchcalcError for what is no text, or is longer than what is read."""
    if not isinstance(text, str):
        raise ArchcalcError(f"{name}: a description of layers is text, not {cut(repr(text))}")
    if len(text) > most:
        raise ArchcalcError(f"{name}: it has {len(text):,} characters; at most {most:,} are read")
    return text


@final
class DescribedBuilder:
    """The function of a described network: a value for each input, and the hyperparameters with their defaults."""

    def __init__(self, inputs: int, build: Build, defaults: Mapping[str, Any]) -> None:
        self._inputs = inputs
        self._build = build
        self._defaults = dict(defaults)
        self.origin: tuple[Callable[..., Any], tuple[Any, ...]] | None = None
        """A function and arguments that make it anew, in another process."""

    def __reduce__(self) -> Any:
        return self.origin if self.origin is not None else object.__reduce__(self)

    @property
    def __signature__(self) -> Signature:
        """The parameters, from which `Network` reads the hyperparameters."""
        values = [Parameter(f"input_of_text_{i}", Parameter.POSITIONAL_ONLY) for i in range(self._inputs)]
        own = [Parameter(key, Parameter.KEYWORD_ONLY, default=value) for key, value in self._defaults.items()]
        return Signature([*values, *own])

    def __call__(self, *inputs: Value, **given: Any) -> tuple[Value, ...]:
        return self._build(inputs, self._defaults | given)


def network_of(
    name: str,
    inputs: Mapping[str, Shape],
    build: Build,
    defaults: Mapping[str, Any] | None = None,
    summary: str = "",
) -> Network:
    """The network of a description. Raises ArchcalcError naming the layer and the rule where it cannot be built."""
    builder = DescribedBuilder(len(inputs), build, defaults or {})
    network = Network.build(builder, input=tuple(inputs.values()), name=name, summary=summary)
    return replace(network, labels=tuple(inputs)) if len(inputs) > 1 else network


def one_line(text: str) -> str:
    """A name as a message shows it: on one line, cut if it is long."""
    return cut(_printable(text[:_LONGEST_LABEL]))


def _printable(text: str) -> str:
    return (text if text.isprintable() else "".join([each if each.isprintable() else "?" for each in text])).strip()


@final
class RowLabels:
    """Labels for the rows of layers whose names may repeat, or be no line of text."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._numbers: dict[str, int] = {}

    def fresh(self, name: str) -> str:
        """A label that no row has: the name, with a number where it is taken."""
        plain = _printable(name[:_LONGEST_LABEL]) or "layer"
        label = plain
        while label in self._taken:
            number = self._numbers[plain] = self._numbers.get(plain, 1) + 1
            label = f"{plain}_{number}"
        self._taken.add(label)
        return label


def add_row(label: str, x: Value | Sequence[Value], *ops: Op, reuse: bool = False) -> Value:
    """A row, as `archcalc.row`. Raises ArchcalcError also for too many layers, and for sizes beyond any network."""
    return checked(row(label, x, *ops, reuse=reuse))


def one_side(sides: tuple[int, ...]) -> int | tuple[int, ...]:
    """A single number for axes that agree."""
    return sides[0] if len(set(sides)) == 1 else sides


def list_of(given: object) -> list[Any] | None:
    """A list, or None for anything else."""
    return cast("list[Any]", given) if isinstance(given, list) else None


def table_of(given: object) -> dict[str, Any] | None:
    """A dictionary, or None for anything else."""
    return cast("dict[str, Any]", given) if isinstance(given, dict) else None


@contextmanager
def opened_row(graph: Graph, label: str) -> Generator[None]:
    """A row of the graph that is open for ops of which each is made for the shape that the one before gives."""
    graph.row = graph.open_row(label)
    try:
        yield
    finally:
        graph.row = ""


def checked(value: Value) -> Value:
    """The value itself. Raises ArchcalcError if the network becomes larger than any that is meant."""
    graph = value.graph
    if len(graph.nodes) > 4 * MOST_LAYERS:
        raise ArchcalcError(f"{graph.name}: there are more than {4 * MOST_LAYERS:,} operations")
    if any([type(size) is int and size > _LARGEST_AXIS for size in value.shape]):
        raise ArchcalcError(f"{graph.name} / {graph.nodes[-1].row}: an axis has more than 10^12 positions")
    return value


@dataclass(frozen=True)
class GivenFields:
    """The fields that a text gives to a layer, read as what they must be; `place` names the layer in errors."""

    values: Mapping[str, Any]
    place: str

    def wrong(self, said: str) -> ArchcalcError:
        """An error about this layer."""
        return ArchcalcError(f"{self.place}: {said}")

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a field, or the default where it is missing or null."""
        value = self.values.get(key)
        return default if value is None else value

    def whole(self, key: str, default: int | None = None, least: int = 1, most: int = LARGEST) -> int:
        """A whole number. Raises ArchcalcError for anything else, and where it is missing and has no default."""
        value = self.get(key, default)
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or not least <= value <= most:
            raise self._expected(key, value, f"a whole number from {least} to {most}")
        return value

    def real(self, key: str, default: float) -> float:
        """A number, read from text if need be."""
        value = self.get(key, default)
        if type(value) not in (int, float) or not abs(value) < 1e30:
            raise self._expected(key, value, "a number")
        return float(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.get(key, default)
        if type(value) not in (bool, int) or value not in (0, 1):
            raise self._expected(key, value, "true or false")
        return bool(value)

    def word(self, key: str, options: Sequence[str], default: str) -> str:
        """One of some words. Raises ArchcalcError for another, with the nearest."""
        value = self.get(key, default)
        if not isinstance(value, str) or value not in options:
            near = nearest(value, options) if isinstance(value, str) and len(options) > 1 else ()
            hint = f" (nearest: {near[0]})" if near else ""
            raise self._expected(key, value, f"{'one of ' * (len(options) > 1)}{', '.join(options)}{hint}")
        return value

    def several(self, key: str, axes: int, default: int | None = None, least: int = 1) -> tuple[int, ...]:
        """A whole number for each axis; one number, or a list of one, stands for all."""
        value = self.get(key, default)
        each = [*(list_of(value) or [value])]
        if len(each) == 1:
            each *= axes
        if len(each) != axes or not all([type(one) is int and least <= one <= LARGEST_SIDE for one in each]):
            one = f"a whole number from {least} to {LARGEST_SIDE}"
            raise self._expected(key, value, f"{one}, or one for each of the {axes} axes")
        return tuple(each)

    def _expected(self, key: str, value: Any, words: str) -> ArchcalcError:
        if value is None:
            return self.wrong(f"it needs {key}, {words}")
        return self.wrong(f"{key} is {words}, not {shown(value)}")
