"""Sheets: what a lesson asks, with the answers and what typical mistakes give, all computed by archcalc.

An answer is a number that `archcalc why` derives of a small network. What a mistake gives is the same number of another
network, the one that the mistaken reader has in mind: its convolution has no bias, or stride 1. So no formula stands
here a second time, and a hint cannot be wrong about the number that it answers to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from archcalc.analysis.results import Layer
from archcalc.analysis.table import analyze
from archcalc.catalogue.descriptions import describe_own
from archcalc.derivations.derive import derive
from archcalc.graph import Network, Op, Value, row
from archcalc.request import NetworkLike, Request

_T = TypeVar("_T")

Mistake = tuple[str, Callable[[], Any]]
"""A hint, and the function that computes what the mistake gives."""


class Draw(NamedTuple):
    """The numbers of a variant: each is drawn by its own word, so that all machines draw the same ones."""

    lesson: str
    seed: int

    def one(self, word: str, options: Sequence[_T]) -> _T:
        """One of some options.

        >>> Draw("conv1", 7).one("kernel", (3, 5, 7)) == Draw("conv1", 7).one("kernel", (3, 5, 7))
        True
        """
        digest = sha256(f"{self.lesson}/{self.seed}/{word}".encode()).digest()
        return options[int.from_bytes(digest[:8], "big") % len(options)]


class Derivable(NamedTuple):
    """A quantity of a layer of a network, as `archcalc why` takes them."""

    network: NetworkLike
    layer: str
    quantity: str
    given: Mapping[str, Any] = {}

    @property
    def value(self) -> Any:
        """The number; a shape is a tuple (channels, height, width), equal sides of a field are one number."""
        return _value(self.network, self.layer, self.quantity, tuple(self.given.items()))


class Problem(NamedTuple):
    """One question of a sheet, with its answer and the mistakes that it has hints for."""

    key: str
    ask: str
    answer: Derivable
    mistakes: Sequence[Mistake] = ()
    claims: Sequence[str] = ()
    """The figures of the documents that print this very number."""


class Quotient(NamedTuple):
    """A question for the quotient of two answers of the sheet."""

    key: str
    ask: str
    above: str
    below: str


class SourceLine(NamedTuple):
    """A line of a document that states the task."""

    document: str
    line: int


class Blank(NamedTuple):
    """A cell of a table that a question asks for."""

    key: str


class LessonTable(NamedTuple):
    """A table of a sheet. Cells are text, numbers, or blanks."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | int | Blank]]


class PictureStep(NamedTuple):
    """A step of a sheet's picture: a layer and the shape of its output, which is hidden until `key` is answered."""

    label: str
    operation: str
    shape: tuple[int, ...]
    key: str = ""


class LessonSheet(NamedTuple):
    """One variant of a lesson."""

    text: Sequence[str]
    """Paragraphs that state the task, with all its numbers."""
    problems: Sequence[Problem | Quotient]
    numbers: Mapping[str, Any]
    """The numbers of the variant, all of them in the text or the table."""
    places: Sequence[SourceLine] = ()
    grid: LessonTable | None = None
    steps: Sequence[PictureStep] = ()
    network: str = ""
    """The network of the catalogue that the sheet is about, for a link; empty for a variant."""


def plain(value: Any, quantity: str) -> Any:
    """A value of a derivation as a number if its sides agree, else as a tuple."""
    sides: Any = value
    return sides[0] if quantity != "output_shape" and isinstance(value, tuple) and len(set(sides)) == 1 else sides


@lru_cache(maxsize=512)
def _value(network: NetworkLike, layer: str, quantity: str, given: tuple[tuple[str, Any], ...]) -> Any:
    """The number of a derivation, read from the cost table where that has it: a table is made once for many hints."""
    if quantity in ("params", "mult_adds", "activations", "output_shape") and layer != "total":
        for row in _rows(network, tuple([each for each in given if each[0] not in ("batch", "dtype")])):
            if row.name == layer:
                return getattr(row, quantity)
    return plain(derive(network, layer, quantity, **dict(given)).value, quantity)


@lru_cache(maxsize=64)
def _rows(network: NetworkLike, given: tuple[tuple[str, Any], ...]) -> tuple[Layer, ...]:
    return analyze(network, **dict(given)).layers


def layers(name: str, shape: tuple[int, ...], *rows: tuple[str, *tuple[Op, ...]]) -> Network:
    """A network of rows one after the other: each is a label and its ops."""

    def build(x: Value) -> Value:
        for label, *ops in rows:
            x = row(label, x, *ops)
        return x

    return Network.build(build, input=shape, name=name)


def put(op: Op, **fields: Any) -> Any:
    """The same op with other fields.

    >>> from archcalc.ops import Conv
    >>> put(Conv(96, 11, 4), stride=1)
    Conv(out=96, kernel=11)
    """
    return type(op)(**{**op.attributes(), **fields})


def op_of(network: str, layer: str, kind: str = "conv") -> tuple[Any, Any]:
    """The first op of a kind in a row of a network of the catalogue, and the shape of its input."""
    nodes = Request.of(network).graph.nodes
    found = next(node for node in nodes if node.row == layer and node.op.kind == kind)
    return found.op, nodes[found.inputs[0]].shape


def default(network: str, key: str) -> Any:
    """The value of a hyperparameter of a network of the catalogue, unless another is given."""
    return next(each.value for each in describe_own(Request.of(network).resolved).hyperparameters if each.name == key)


def square(side: Any) -> str:
    """The sides of a square in the way of a text: 11x11."""
    return f"{side}x{side}"


def volume(shape: Sequence[Any]) -> str:
    """The shape of a volume as tables have it, channels first: 96x55x55."""
    return "x".join(map(str, shape))
