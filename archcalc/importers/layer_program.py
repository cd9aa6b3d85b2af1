"""The network that the lines of a layer list build, for any hyperparameters."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, final

from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError, TooCostly
from archcalc.graph import Graph, Value
from archcalc.importers.described import MOST_LAYERS, MOST_NESTED, checked, opened_row
from archcalc.importers.layer_amounts import Scope
from archcalc.importers.layer_fields import whole
from archcalc.importers.layer_lines import INPUT, BlockCall, Sentence
from archcalc.importers.layer_words import OpWord


class ListedBlock(NamedTuple):
    """A block: its parameters with their defaults, and its lines."""

    defaults: Mapping[str, Any]
    lines: tuple[Sentence, ...]


class ListedProgram(NamedTuple):
    """A whole layer list: the names of its inputs, its lines, its blocks, and the labels of its outputs."""

    inputs: tuple[str, ...]
    lines: tuple[Sentence, ...]
    blocks: Mapping[str, ListedBlock]
    outputs: tuple[str, ...]

    def __call__(self, inputs: tuple[Value, ...], settings: Mapping[str, Any]) -> tuple[Value, ...]:
        """The outputs. Raises ArchcalcError with the line and the rule that broke."""
        known = dict(zip(self.inputs, inputs, strict=True))
        last = _Run(inputs[0].graph, self.blocks, settings).lines(self.lines, known, settings)
        return tuple([known[label] for label in self.outputs]) or (last,)


@final
class _Run:
    """One building of a network."""

    def __init__(self, graph: Graph, blocks: Mapping[str, ListedBlock], settings: Mapping[str, Any]) -> None:
        self._graph = graph
        self._blocks = blocks
        self._settings = settings
        self._steps = 0
        self._nested = 0

    def lines(self, lines: tuple[Sentence, ...], known: dict[str, Value], scope: Scope) -> Value:
        """The value of the last line; `known` gets the labels of all."""
        value = next(iter(known.values()))
        for sentence in lines:
            with _at(sentence):
                value = self._line(sentence, value, known, scope)
            known[sentence.label] = value
        return value

    def _line(self, sentence: Sentence, value: Value, known: dict[str, Value], scope: Scope) -> Value:
        values = tuple([known[label] for label in sentence.sources]) or (value,)
        with self._within(sentence.label if sentence.grouped else ""):
            for label, part in sentence.parts:
                self._step()
                if isinstance(part, BlockCall):
                    value = self._block(label, part, values[0], scope)
                else:
                    value = self._row(label, part, values, known, scope)
                values = (value,)
                if not sentence.grouped:
                    known[label] = value
        return value

    def _row(
        self, label: str, items: tuple[OpWord, ...], values: tuple[Value, ...], known: Mapping[str, Value], scope: Scope
    ) -> Value:
        graph = self._graph
        with opened_row(graph, label):
            for item in items:
                extra = [known[other] for other in item.others]
                op = item.made(scope, values[0].shape)
                values = (checked(op(*values, *extra)),)
        return values[0]

    def _block(self, label: str, call: BlockCall, value: Value, scope: Scope) -> Value:
        block = self._blocks[call.block]
        given = {name: amount.value(scope) for name, amount in call.given.items()}
        own = dict(self._settings) | dict(block.defaults) | given
        if call.times is None:
            return self._once(label, block, value, own)
        for number in range(1, whole(call.times, scope) + 1):
            value = self._once(f"{label}.{number}", block, value, own)
        return value

    def _once(self, label: str, block: ListedBlock, value: Value, scope: Scope) -> Value:
        self._step()
        if self._nested == MOST_NESTED:
            raise ArchcalcError(f"more than {MOST_NESTED} blocks are within one another")
        self._nested += 1
        try:
            with self._within(label):
                return self.lines(block.lines, {INPUT: value}, scope)
        finally:
            self._nested -= 1

    @contextmanager
    def _within(self, label: str) -> Generator[None]:
        """A block of rows: `label.` stands before the labels of those that are opened."""
        before = self._graph.prefix
        self._graph.prefix = f"{before}{label}." if label else before
        try:
            yield
        finally:
            self._graph.prefix = before

    def _step(self) -> None:
        self._steps += 1
        check_cancelled()
        if self._steps > MOST_LAYERS:
            raise ArchcalcError(f"there are more than {MOST_LAYERS:,} layers")


@final
class LocatedError(ArchcalcError):
    """An error that names its line."""


@contextmanager
def _at(sentence: Sentence) -> Generator[None]:
    """Put the line before errors that do not name theirs."""
    try:
        yield
    except (LocatedError, TooCostly):
        raise
    except ArchcalcError as error:
        raise LocatedError(f"{sentence.place}: {error}", about=error.about) from error
