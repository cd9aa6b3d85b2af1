"""Lines of a layer list: labels, layers and their inputs, checked against the words and labels that there are."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut, nearest, shown
from archcalc.importers.described import MOST_LAYERS
from archcalc.importers.layer_amounts import Amount, read_amount
from archcalc.importers.layer_words import OpWord, find_op, inputs_of, read_op, spelled

LONGEST_LINE = 2000
"""The most characters of a line."""
INPUT = "input"
"""The label of the input of a network that has one, and of a block's."""
LABEL = r"[A-Za-z_][A-Za-z0-9_-]*"


class BlockCall(NamedTuple):
    """A block as a line writes it: its parameters, and how often it stands there, one after another."""

    block: str
    given: dict[str, Amount]
    times: Amount | None

    @property
    def names(self) -> list[str]:
        """The hyperparameters that its parameters read."""
        amounts = [*self.given.values(), *([self.times] if self.times is not None else [])]
        return [name for amount in amounts for name in amount.names]


Part: TypeAlias = BlockCall | tuple[OpWord, ...]
"""A block, or the ops of one row."""


class Sentence(NamedTuple):
    """A line: its place, its label, the labels of its inputs, and its parts with their labels."""

    place: str
    label: str
    sources: tuple[str, ...]
    parts: tuple[tuple[str, Part], ...]
    grouped: bool
    """True if the label of the line stands before those of its parts."""

    @property
    def labels(self) -> list[str]:
        """The labels by which other lines may name its values."""
        return [self.label] if self.grouped else [self.label, *[label for label, _ in self.parts]]


class LineSource(NamedTuple):
    """The lines of a network or a block, the number of the first, and what they may name."""

    place: str
    lines: Sequence[str]
    first: int
    inputs: Sequence[str]
    names: Collection[str]
    """Hyperparameters, and parameters of the block."""
    blocks: Mapping[str, Sequence[str]]
    """The parameters of every block."""


def read_lines(source: LineSource, used: set[str]) -> tuple[Sentence, ...]:
    """The lines of a network or a block; the hyperparameters that they read are added to `used`.

    Raises ArchcalcError with the line and the nearest known word.
    """
    reader = _LineReader(source, used)
    sentences = [reader.read(number, line) for number, line in enumerate(source.lines, source.first)]
    found = tuple([each for each in sentences if each is not None])
    if not found:
        raise ArchcalcError(f"{source.place}: it has no layers")
    if len(found) > MOST_LAYERS:
        raise ArchcalcError(f"{source.place}: there are more than {MOST_LAYERS:,} lines")
    return found


class _LineReader:
    """Reads lines in turn; a line may name the labels of those before."""

    def __init__(self, source: LineSource, used: set[str]) -> None:
        self._source = source
        self._used = used
        self._labels = dict.fromkeys(source.inputs, "an input")
        self._counts: dict[str, int] = {}
        explicit = [re.match(rf"\s*({LABEL})\s*:", line) for line in source.lines]
        self._explicit = {found[1] for found in explicit if found is not None}

    def read(self, number: int, line: str) -> Sentence | None:
        """A line, or None for one that says nothing."""
        place = f"{self._source.place}, line {number}"
        try:
            return self._read(place, line)
        except ArchcalcError as error:
            raise ArchcalcError(f"{place}: {error}") from error

    def _read(self, place: str, line: str) -> Sentence | None:
        if len(line) > LONGEST_LINE:
            raise ArchcalcError(f"it has {len(line):,} characters; at most {LONGEST_LINE:,} are read")
        text = line.partition("#")[0].strip()
        if not text:
            return None
        found = re.match(rf"({LABEL})\s*:(.*)", text)
        label, text = (found[1], found[2]) if found is not None else ("", text)
        if label in self._labels:
            raise ArchcalcError(f"{label} is the label of {self._labels[label]} already")
        text, less, after = text.partition("<")
        sources = tuple([self._known(each.strip()) for each in after.split(",")]) if less else ()
        parts = self._parts([each.split() for each in text.split(",")])
        _check_first(parts[0], len(sources))
        named = self._named(label, parts)
        return Sentence(place, label or named[-1][0], sources, named, bool(label) and len(parts) > 1)

    def _parts(self, items: Sequence[list[str]]) -> list[Part]:
        """The items of a line, ops joined into rows: at most one conv, linear, pool or merge in each."""
        parts: list[Part] = []
        for item in items:
            if not item:
                raise ArchcalcError("a layer is missing beside a comma, a colon or at <")
            part = self._item(item)
            for name in part.names:
                self._check_name(name, part)
            if isinstance(part, BlockCall):
                parts.append(part)
                continue
            if parts:
                _check_inputs(part, 1)
            if parts and not isinstance(parts[-1], BlockCall) and not (part.heads and _heads(parts[-1])):
                parts[-1] = (*parts[-1], part)
            else:
                parts.append((part,))
        return parts

    def _item(self, item: list[str]) -> OpWord | BlockCall:
        word, *details = item
        if word in self._source.blocks:
            return self._block(word, details)
        if find_op(word) is None:
            near = nearest(word, [*self._source.blocks, *spelled()])
            hint = f"nearest: {', '.join(near)}" if near else "a layer is a word such as conv, maxpool, linear"
            raise ArchcalcError(f"no layer or block is called {shown(word)}; {hint}")
        op = read_op(word, details)
        for each in op.others:
            self._known(each)
        return op

    def _block(self, word: str, details: list[str]) -> BlockCall:
        times = None
        if "*" in details:
            at = details.index("*")
            times = read_amount(" ".join(details[at + 1 :]))
            if times is None:
                raise ArchcalcError(f"after * stands how often the block {word} is repeated")
            details = details[:at]
        parameters = self._source.blocks[word]
        given: dict[str, Amount] = {}
        for detail in details:
            key, equals, value = detail.rpartition("=")
            left = [each for each in parameters if each not in given]
            key = key if equals else next(iter(left), "")
            if key not in left:
                has = f"it has {', '.join(parameters)}" if parameters else "it has none"
                raise ArchcalcError(f"the block {word} has no parameter for {shown(detail)}; {has}")
            amount = read_amount(value)
            if amount is None:
                raise ArchcalcError(f"{key} of the block {word} cannot be {shown(value)}")
            given[key] = amount
        return BlockCall(word, given, times)

    def _check_name(self, name: str, part: BlockCall | OpWord) -> None:
        if name not in self._source.names:
            words = part.switches if isinstance(part, OpWord) else []
            near = nearest(name, [*sorted(self._source.names), *words])
            hint = f"nearest: {', '.join(near)}" if near else f"`{name} = 64` at the top of the file makes it one"
            if find_op(name) is not None or name in self._source.blocks:
                hint = "a comma before it makes it a layer"
            raise ArchcalcError(f"no number is called {shown(name)}; {hint}")
        self._used.add(name)

    def _known(self, label: str) -> str:
        if label not in self._labels:
            near = nearest(label, list(self._labels))
            hint = f"nearest: {', '.join(near)}" if near else f"before it there are {cut(', '.join(self._labels))}"
            raise ArchcalcError(f"no line before it is called {shown(label)}; {hint}")
        return label

    def _named(self, label: str, parts: Sequence[Part]) -> tuple[tuple[str, Part], ...]:
        """The parts with their labels; numbered words where the line has none, or several parts."""
        if label and len(parts) == 1:
            named = [(label, parts[0])]
        elif label:
            counts: dict[str, int] = {}
            named = [(_numbered(_word(part), counts, (), first=""), part) for part in parts]
        else:
            taken = (self._labels, self._explicit)
            named = [(_numbered(_word(part), self._counts, taken, first="1"), part) for part in parts]
        self._labels |= dict.fromkeys([label] if label else [each for each, _ in named], "another line")
        return tuple(named)


def _heads(part: Part) -> bool:
    return not isinstance(part, BlockCall) and any([each.heads for each in part])


def _word(part: Part) -> str:
    """The word that a part is known by: that of a block, or of the op that heads its row."""
    if isinstance(part, BlockCall):
        return part.block
    return next((each.word for each in part if each.heads), part[0].word)


def _numbered(word: str, counts: dict[str, int], taken: Sequence[Collection[Any]], first: str) -> str:
    while True:
        counts[word] = counts.get(word, 0) + 1
        label = f"{word}{counts[word] if counts[word] > 1 else first}"
        if not any([label in each for each in taken]):
            return label


def _check_first(part: Part, sources: int) -> None:
    """Raise ArchcalcError unless the first layer of a line takes as many inputs as the line names."""
    if not isinstance(part, BlockCall):
        _check_inputs(part[0], max(sources, 1))
    elif sources > 1:
        raise ArchcalcError(f"the block {part.block} takes one input, not {sources}")


def _check_inputs(item: OpWord, sources: int) -> None:
    given = sources + len(item.others)
    takes = inputs_of(item.op)
    if takes == given or (takes is None and given > 1):
        return
    inputs = "two or more inputs" if takes is None else f"{takes} input{'' if takes == 1 else 's'}"
    hint = f": `{item.word} < a, b` names them" if takes != 1 else ""
    raise ArchcalcError(f"{item.word} takes {inputs}, not {given}{hint}")
