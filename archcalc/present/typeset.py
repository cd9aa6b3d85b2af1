"""Derivations in LaTeX, Markdown and Typst."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

from archcalc.algebra.expressions import Expression, Identifier
from archcalc.derivations.results import Listing
from archcalc.derivations.working import Equation
from archcalc.present.derivations import Writer, table, values
from archcalc.present.markup import as_latex, as_markdown, latex_escape

LINE = 88
"""The number of characters of a typeset equation after which it continues on a new line."""


def broken(mathematics: str, at: int = LINE) -> list[str]:
    """A long equation in pieces, each after the first beginning with its + or -.

    It is not broken within braces, `\\left` and `\\right`, or the arguments of a function, but within long parentheses.
    """
    pieces: list[str] = []
    groups: list[bool] = []  # for each open bracket, True if its content stays on one line
    start, cut = 0, 0
    for match in re.finditer(r"\\left\W|\\right\W|[{}]|[\w^]\(|\(|\)| [+-] ", mathematics):
        mark = match[0]
        if match.start() - start > at and cut > start:
            pieces.append(mathematics[start:cut])
            start = cut
        if mark in (" + ", " - "):
            cut = cut if any(groups) else match.start()
        elif mark in ("}", ")") or mark.startswith("\\right"):
            groups.pop()
        else:
            groups.append(mark != "(" or len(_inside(mathematics, match.start())) <= at // 2)
    return [piece.strip() for piece in [*pieces, mathematics[start:]]]


def _inside(mathematics: str, begin: int) -> str:
    """From a parenthesis to the one that closes it."""
    depth = 0
    for place in range(begin, len(mathematics)):
        depth += (mathematics[place] == "(") - (mathematics[place] == ")")
        if depth == 0:
            return mathematics[begin:place]
    return mathematics[begin:]


class _Tex(Writer):
    """Equations in LaTeX, for Markdown and LaTeX."""

    opening: str
    closing: str

    def equation(self, line: Equation, sides: Sequence[Expression]) -> str:
        name = Identifier(line.left).latex()
        rows: list[str] = []
        for i, side in enumerate(sides):
            first, *rest = broken(side.latex())
            rows += [f"  {'' if i else name} &= {first}", *[rf"  &\quad {{}} {piece}" for piece in rest]]
        return "\n".join([self.opening, " \\\\\n".join(rows), self.closing])

    def brief(self, line: Equation, words: str) -> str:
        return f"${Identifier(line.left).latex()} = {line.steps[-1].latex()}$ ({self.words(words)})"

    def legend(self, line: Equation) -> str:
        said = [
            f"${Identifier(name).latex()}{f' = {value}' if value else ''}$ ({self.words(what)})"
            for name, value, what in values(line.letters, "latex")
        ]
        return f"with {', '.join(said)}" if said else ""


@final
class LatexWriter(_Tex):
    """A LaTeX fragment for a document with amsmath and booktabs."""

    opening, closing = r"\begin{align*}", r"\end{align*}"

    def heading(self, words: str) -> str:
        return f"% needs \\usepackage{{amsmath}} and \\usepackage{{booktabs}}\n\\subsection*{{{latex_escape(words)}}}"

    def subheading(self, words: str) -> str:
        return f"\\paragraph{{{latex_escape(words)}}}"

    def words(self, words: str) -> str:
        return latex_escape(words)

    def listing(self, listing: Listing) -> str:
        return f"\\begin{{center}}\n{as_latex(table(listing), exact=True)}\n\\end{{center}}"

    def result(self, words: str) -> str:
        return f"\\textbf{{Result: {latex_escape(words)}}}"


@final
class Markdown(_Tex):
    """Markdown with LaTeX between dollar signs."""

    opening, closing = "$$\n\\begin{aligned}", "\\end{aligned}\n$$"

    def heading(self, words: str) -> str:
        return f"### {_plain(words)}"

    def subheading(self, words: str) -> str:
        return f"**{_plain(words)}**"

    def words(self, words: str) -> str:
        return _plain(words)

    def listing(self, listing: Listing) -> str:
        return as_markdown(table(listing), exact=True)

    def result(self, words: str) -> str:
        return f"**Result: {_plain(words)}**"


def _plain(words: str) -> str:
    """Text with Markdown's marks made harmless."""
    return re.sub(r"([\\`*_<>$|#])", r"\\\1", words)


@final
class TypstWriter(Writer):
    """A Typst document."""

    def heading(self, words: str) -> str:
        return f"= {self.words(words)}"

    def subheading(self, words: str) -> str:
        return f"*{self.words(words)}*"

    def words(self, words: str) -> str:
        return f'#"{words.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}"' if words else ""

    def brief(self, line: Equation, words: str) -> str:
        return f"${Identifier(line.left).typst()} = {line.steps[-1].typst()}$ ({self.words(words)})"

    def equation(self, line: Equation, sides: Sequence[Expression]) -> str:
        name = Identifier(line.left).typst()
        rows: list[str] = []
        for i, side in enumerate(sides):
            first, *rest = broken(side.typst())
            rows += [f"  {'' if i else name} &= {first}", *[f'  &quad "" {piece}' for piece in rest]]
        return "\n".join(["$", " \\\n".join(rows), "$"])

    def legend(self, line: Equation) -> str:
        said = [
            f"${Identifier(name).typst()}{f' = {value}' if value else ''}$ ({self.words(what)})"
            for name, value, what in values(line.letters, "typst")
        ]
        return f"with {', '.join(said)}" if said else ""

    def listing(self, listing: Listing) -> str:
        rows, _ = table(listing).cells(exact=True)
        cells: list[Any] = [
            [self._cell(name) for name in listing.columns],
            *[[self._cell(c) for c in row] for row in rows],
        ]
        sides = ", ".join("right" if column.right else "left" for column in table(listing).columns)
        body = "\n".join(f"  {', '.join(row)}," for row in cells)
        return f"#table(columns: {len(listing.columns)}, align: ({sides},), stroke: none,\n{body}\n)"

    def _cell(self, words: str) -> str:
        return f"[{self.words(words)}]"

    def result(self, words: str) -> str:
        return f"*Result: {self.words(words)}*"


WRITERS: Mapping[str, Callable[[], Writer]] = {"markdown": Markdown, "latex": LatexWriter, "typst": TypstWriter}
