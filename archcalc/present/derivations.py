"""Derivations as text: the order of parts, common to all formats, and plain text."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, final

from archcalc.algebra.expressions import Expression, Identifier
from archcalc.algebra.expressions.printers import Style
from archcalc.algebra.notation import written
from archcalc.analysis.results import settings_text
from archcalc.derivations.letters import SIZES
from archcalc.derivations.results import Derivation, Listing, Part
from archcalc.derivations.working import Equation, LetterValue, Zero, given
from archcalc.present.layout import as_text
from archcalc.present.tables import Column, Table, digits, left


def title(derivation: Derivation) -> str:
    """The title: network, layer, quantity and input."""
    layer = "whole network" if derivation.layer == "total" else derivation.layer
    changed = "".join(f", {each}" for each in settings_text(derivation.changed))
    sides = " + ".join(["x".join(map(str, each)) for each in (derivation.input, *derivation.further_inputs)])
    return f"{derivation.architecture} / {layer}: {derivation.meaning}, input {sides}{changed}"


def result(derivation: Derivation) -> str:
    """The result with its unit."""
    value: Any = derivation.value
    if derivation.quantity == "output_shape":
        from archcalc.present.words import output

        words = " x ".join(("channels", *SIZES[len(value) - 1])) if len(value) > 1 else "values"
        return f"{output(value).replace('x', ' x ')} ({words})"
    if value is None:
        return blind(derivation)
    if isinstance(value, tuple):
        both: Any = value  # pyright: ignore[reportUnknownVariableType]
        lines = [line for part in derivation.parts for line in part.lines]
        if derivation.quantity != "receptive_field":
            from archcalc.present.words import pair

            return f"{pair(both)} {derivation.unit}"
        names = dict.fromkeys(line.meaning for line in lines)
        facts = [f"{name} {'x'.join(str(line.value) for line in lines if line.meaning == name)}" for name in names]
        return f"{', '.join(facts)} (input positions)"
    unit = derivation.unit[:-1] if value == 1 and derivation.unit.endswith("s") else derivation.unit
    return f"{digits(value)} {unit}"


def blind(derivation: Derivation) -> str:
    """The result if a field is no window: the part of the input that is seen, and the local window."""
    lines = [line for part in derivation.parts for line in part.lines]
    words = " ".join(
        [part.remark for part in derivation.parts] + [line.reason for line in lines if isinstance(line, Zero)]
    )
    seen = "the whole input is seen" if "every unit depends" in words else "the windows of units differ"
    local = "x".join(
        dict.fromkeys(str(line.value) for line in lines if line.left == "r" and isinstance(line, Equation))
    )
    return f"{seen}; local windows see {local} input positions" if local else seen


def documents(derivation: Derivation) -> list[str]:
    """The titles of the documents that the sources cite."""
    from archcalc.catalogue.descriptions import DOCUMENTS

    numbers = re.findall(r"document (\d{3})", " ".join(derivation.sources))
    return [f"Document {number}: {DOCUMENTS[number]}." for number in sorted(set(numbers))]


def likewise(before: object, line: object) -> bool:
    """Return True if an equation for the width repeats the one before it for the height."""
    if not (isinstance(before, Equation) and isinstance(line, Equation)):
        return False
    if (before.left, line.left) != ("H_out", "W_out") or before.steps != line.steps or given(line):
        return False
    return line.formula.put({"W": Identifier("H")}) == before.formula


def reason(zero: Zero) -> str:
    return f"No {zero.meaning}: {zero.reason}" if zero.left != "r" else f"No window: {zero.reason}"


def remarks(line: Equation | Zero) -> str:
    """The remark and the source of an equation."""
    says = line.says if isinstance(line, Equation) else reason(line)
    parts = [part for part in (says, line.source and f"source: {line.source}") if part]
    words = "; ".join(parts)
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def values(letters: Sequence[LetterValue], style: Style = "text") -> list[tuple[str, str, str]]:
    """The letters of a formula, each with its value (empty for the index of a sum) and its meaning."""
    return [
        (letter.name, "" if isinstance(letter.value, tuple) else written(letter.value, style), letter.meaning)
        for letter in letters
    ]


class Writer(ABC):
    """A writer of derivations in one format; the order of the parts is common to all."""

    @final
    def whole(self, derivation: Derivation) -> str:
        parts = [self.heading(title(derivation)), *[self.part(part) for part in derivation.parts]]
        parts.append(self.result(result(derivation)))
        notes = documents(derivation)
        if notes:
            parts.append(self.words(" ".join(notes)))
        return self.finish([part for part in parts if part])

    @final
    def part(self, part: Part) -> str:
        lines: list[str] = [self.subheading(part.heading)] if part.heading else []
        if part.listing is not None and part.listing.rows:
            lines.append(self.listing(part.listing))
        before: Equation | Zero | None = None
        for line in part.lines:
            lines.append(self._line(before, line))
            before = line
        if part.remark:
            lines.append(self.words(part.remark))
        return self.joined(lines)

    def _line(self, before: Equation | Zero | None, line: Equation | Zero) -> str:
        if isinstance(line, Zero):
            return self.words(remarks(line))
        if likewise(before, line) or given(line):
            return self.brief(line, "likewise" if likewise(before, line) else line.says or line.meaning)
        steps = self.equation(line, [line.formula, *line.steps])
        return self.joined([steps, self.legend(line), self.words(remarks(line))])

    @abstractmethod
    def heading(self, words: str) -> str: ...

    @abstractmethod
    def subheading(self, words: str) -> str: ...

    @abstractmethod
    def words(self, words: str) -> str: ...

    @abstractmethod
    def brief(self, line: Equation, words: str) -> str: ...

    @abstractmethod
    def equation(self, line: Equation, sides: Sequence[Expression]) -> str: ...

    @abstractmethod
    def legend(self, line: Equation) -> str: ...

    @abstractmethod
    def listing(self, listing: Listing) -> str: ...

    @abstractmethod
    def result(self, words: str) -> str: ...

    def joined(self, lines: Sequence[str]) -> str:
        return "\n\n".join(line for line in lines if line)

    def finish(self, parts: Sequence[str]) -> str:
        return "\n\n".join(parts)


def table(listing: Listing) -> Table:
    """The terms of a sum, as a table."""
    words = [any(isinstance(row[i], str) for row in listing.rows) for i in range(len(listing.columns))]
    columns = [
        left(name, "wrap") if text else Column(name, digits) for name, text in zip(listing.columns, words, strict=True)
    ]
    return Table("", columns, listing.rows)


@final
class TextNotation(Writer):
    """Derivations as plain text; equations are aligned at their first equals sign."""

    def __init__(self, width: int) -> None:
        self.width = width

    def heading(self, words: str) -> str:
        return self._wrapped(words)

    def subheading(self, words: str) -> str:
        return self._wrapped(f"{words}:")

    def words(self, words: str) -> str:
        return self._wrapped(words, "  ") if words else ""

    def brief(self, line: Equation, words: str) -> str:
        return self._wrapped(f"{line.left} = {line.steps[-1].text()} ({words})", "  ", "    ")

    def equation(self, line: Equation, sides: Sequence[Expression]) -> str:
        lead = f"  {line.left}"
        blank = " " * len(lead)
        return "\n".join(
            self._wrapped(f"{blank if i else lead} = {side.text()}", "", f"{blank}   ") for i, side in enumerate(sides)
        )

    def legend(self, line: Equation) -> str:
        said = [
            f"{name} = {value} ({what})" if value else f"{name} {what}" for name, value, what in values(line.letters)
        ]
        return self._wrapped(f"with {', '.join(said)}", "  ", "  ") if said else ""

    def listing(self, listing: Listing) -> str:
        indented = as_text(table(listing), width=self.width - 2).splitlines()
        return "\n".join(f"  {line}".rstrip() for line in indented)

    def result(self, words: str) -> str:
        return self._wrapped(f"Result: {words}")

    def joined(self, lines: Sequence[str]) -> str:
        return "\n".join(line for line in lines if line)

    def _wrapped(self, words: str, indent: str = "", following: str | None = None) -> str:
        if len(indent + words) <= self.width:
            return indent + words
        import textwrap

        return "\n".join(
            textwrap.wrap(
                words,
                self.width,
                initial_indent=indent,
                subsequent_indent=indent if following is None else following,
                break_on_hyphens=False,
                drop_whitespace=True,
            )
        )
