"""Derivations as blocks of plain data, in the order of `archcalc why`, with equations in LaTeX and as text: for a page.

A block is a dictionary with a `kind`: `heading` and `words` have a `text`; `equation` has `latex`, the lines of
an `aligned` environment, and the same as `text`, line by line; `brief` has a short equation in `latex` and `text` with
its `words`; `legend` has `letters`; `listing` has `columns` and `rows` of a sum's terms.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archcalc.algebra.expressions import Identifier
from archcalc.derivations.results import Derivation, Listing, Part
from archcalc.derivations.working import Equation, Zero, given
from archcalc.present.derivations import documents, likewise, remarks, result, table, title, values
from archcalc.present.typeset import broken


def derivation_blocks(derivation: Derivation) -> dict[str, Any]:
    """The title, the blocks, the result and the documents of a derivation.

    >>> from archcalc import why
    >>> page = derivation_blocks(why("lenet5", "c1", "params"))
    >>> page["result"], [block["kind"] for block in page["blocks"][:4]]
    ('156 parameters', ['heading', 'equation', 'legend', 'words'])
    """
    return {
        "title": title(derivation),
        "blocks": [block for part in derivation.parts for block in _part(part)],
        "result": result(derivation),
        "documents": documents(derivation),
        "value": derivation.to_dict()["value"],
        "unit": derivation.unit,
    }


def _part(part: Part) -> Iterator[dict[str, Any]]:
    if part.heading:
        yield {"kind": "heading", "text": part.heading}
    if part.listing is not None and part.listing.rows:
        yield _listing(part.listing)
    before: Equation | Zero | None = None
    for line in part.lines:
        yield from _line(before, line)
        before = line
    if part.remark:
        yield {"kind": "words", "text": part.remark}


def _line(before: Equation | Zero | None, line: Equation | Zero) -> Iterator[dict[str, Any]]:
    if isinstance(line, Equation):
        name = Identifier(line.left).latex()
        again = likewise(before, line)
        if again or given(line):
            words = "likewise" if again else line.says or line.meaning
            written = {"latex": f"{name} = {line.steps[-1].latex()}", "text": f"{line.left} = {line.steps[-1].text()}"}
            yield {"kind": "brief", **written, "words": words}
            return
        yield _equation(name, line)
        if line.letters:
            yield {"kind": "legend", "letters": _letters(line)}
    if said := remarks(line):
        yield {"kind": "words", "text": said}


def _equation(name: str, line: Equation) -> dict[str, Any]:
    sides = [line.formula, *line.steps]
    rows: list[str] = []
    for i, side in enumerate(sides):
        first, *rest = broken(side.latex())
        rows += [f"{'' if i else name} &= {first}", *[rf"&\quad {{}} {piece}" for piece in rest]]
    latex = "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"
    return {"kind": "equation", "latex": latex, "text": [f"{line.left} = {side.text()}" for side in sides]}


def _letters(line: Equation) -> list[dict[str, str]]:
    texts = values(line.letters)
    return [
        {
            "latex": Identifier(name).latex() + (f" = {latex}" if latex else ""),
            "text": name,
            "value": text,
            "means": what,
        }
        for (name, latex, what), (_, text, _) in zip(values(line.letters, "latex"), texts, strict=True)
    ]


def _listing(listing: Listing) -> dict[str, Any]:
    terms = table(listing)
    rows, _ = terms.cells(exact=True)
    numbers = [column.right for column in terms.columns]
    return {"kind": "listing", "columns": list(listing.columns), "numbers": numbers, "rows": rows}
