"""Repetition in the files of accounts: lines under a name that other lines use, and lines that are repeated.

    block layer
        norm  batch_norm  {in}
        relu  relu        norm
        conv  conv        relu      out={growth} kernel=3 padding=1 bias=no
        out   concat      {in},conv
    end
    data    input     -      size=3,32,32
    conv    conv      data   out=16 kernel=3 padding=1
    dense   layer*12  conv   growth=12

Between `block NAME` and `end` are the lines of a block, whose name is then a kind. `{in}` is all that the using line
reads, `{in1}` and `{in2}` the first and the second of it; any other `{word}` is what the using line says of it, and
may stand anywhere, as a kind too. Names within belong to the use: the relu of line `a` is `a.relu`. The result is that
of the line `out`, or of the last one. A block may use those that are defined above it.

`*12` repeats a line, with names dense.1 to dense.12; each reads the one before in place of the first that the line
reads. Where a line reads more, the others move on by one: `b cell*2 x,y` is `b.1 cell x,y` and `b.2 cell b.1,x`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from archcalc.base.errors import ArchcalcError

Line: TypeAlias = tuple[str, ...]
"""The words of a line: name, kind, what it reads, facts."""
WORD = re.compile(r"\{(\w+)\}")
READ = re.compile(r"in\d*")


class _Block(NamedTuple):
    lines: tuple[Line, ...]
    known: Mapping[str, _Block]
    """The blocks defined above it."""

    def words(self) -> set[str]:
        """The words that a line has to say when it uses the block."""
        return {word for line in self.lines for part in line for word in WORD.findall(part) if not READ.fullmatch(word)}


def written_out(text: Iterable[str]) -> list[Line]:
    """The operations of a file, each on a line of its own. Raises ArchcalcError for a block that is not in order."""
    blocks: dict[str, _Block] = {}
    whole: list[Line] = []
    within: list[Line] | None = None
    name = ""
    for line in [tuple(each.split()) for each in text]:
        if not line or line[0].startswith("#"):
            continue
        if line[0] == "block" and len(line) == 2 and within is None:
            name, within = line[1], []
        elif line == ("end",) and within:
            blocks[name] = _Block(tuple(within), dict(blocks))
            within = None
        elif len(line) < 3:
            raise ArchcalcError(f"no line of an account: {' '.join(line)}")
        else:
            (whole if within is None else within).append(line)
    if within is not None:
        raise ArchcalcError(f"no end of block {name}")
    writer = _Writer()
    writer.write(_Block(tuple(whole), blocks), "", [], {})
    return writer.lines


class _Writer:
    """Writes the lines of blocks out, with the names that they have in the whole network."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._results: dict[str, str] = {}

    def write(self, block: _Block, prefix: str, sources: Sequence[str], words: Mapping[str, str]) -> str:
        """Write the lines of one block, and return the name of its result."""
        results: dict[str, str] = {}
        for line in block.lines:
            read = [each for part in line[2].split(",") for each in self._read(part, prefix, sources, words)]
            name, kind, *facts = [_filled(part, words) for part in (*line[:2], *line[3:])]
            results[name] = self._repeated(prefix + name, kind, read, facts, block.known)
        return results.get("out") or list(results.values())[-1]

    def _read(self, part: str, prefix: str, sources: Sequence[str], words: Mapping[str, str]) -> Sequence[str]:
        """The names in the whole network of a part of what a line reads."""
        if part == "-":
            return [part]
        if READ.fullmatch(part[1:-1]) and WORD.fullmatch(part):
            place = int(part[3:-1] or 0)
            if place > len(sources):
                raise ArchcalcError(f"line {prefix[:-1]} of an account reads nothing for {part}")
            return [sources[place - 1]] if place else sources
        name = prefix + _filled(part, words)
        return [self._results.get(name, name)]

    def _repeated(
        self, name: str, kind: str, read: Sequence[str], facts: Sequence[str], known: Mapping[str, _Block]
    ) -> str:
        kind, _, times = kind.partition("*")
        result = ""
        if not times:
            result = self._one(name, kind, read, facts, known)
        elif not times.isdecimal() or not int(times):
            raise ArchcalcError(f"line {name} of an account cannot be repeated {times} times")
        for number in range(1, int(times or 0) + 1):
            result = self._results[f"{name}.{number}"] = self._one(f"{name}.{number}", kind, read, facts, known)
            read = [result, *read[:-1]]
        self._results[name] = result
        return result

    def _one(self, name: str, kind: str, read: Sequence[str], facts: Sequence[str], known: Mapping[str, _Block]) -> str:
        if kind not in known:
            self.lines.append((name, kind, ",".join(read), *facts))
            return name
        words = {fact.partition("=")[0]: fact.partition("=")[2] for fact in facts}
        wanted = known[kind].words()
        if words.keys() != wanted:
            unlike = ", ".join(sorted(words.keys() ^ wanted))
            raise ArchcalcError(f"line {name} of an account and block {kind} do not agree on {unlike}")
        return self.write(known[kind], f"{name}.", read, words)


def _filled(part: str, words: Mapping[str, str]) -> str:
    """A word of a line with the facts of the using line in it."""
    missing = [word for word in WORD.findall(part) if word not in words]
    if missing:
        raise ArchcalcError(f"there is nothing for {{{missing[0]}}} here in an account: {part}")
    return WORD.sub(lambda word: words[word[1]], part)
