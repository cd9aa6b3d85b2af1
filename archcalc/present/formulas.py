"""The output of `archcalc formula`: tables, and mathematics in LaTeX or Typst."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from archcalc.analysis.quantities import FORMS
from archcalc.analysis.results import settings_text
from archcalc.forms.formulas import Evaluated
from archcalc.forms.sheets import ExactSheet, FormulaSheet, Letter, ResidueClass, Written
from archcalc.graph.axes import SIDES
from archcalc.present.markup import latex_escape
from archcalc.present.tables import Column, Table, left
from archcalc.present.words import cited, listed

FORMULA = Column("formula", right=False, narrow="wrap")


AXES: Mapping[int, str] = {2: "C x L", 3: "C x H x W", 4: "C x D x H x W"}
"""The order in which sizes are written, by the number of axes of the input."""


def _heading(architecture: str, changed: Mapping[str, Any], citation: str) -> str:
    own = "".join(f", {setting}" for setting in settings_text(changed))
    return f"{architecture}{own}{cited(citation)}"


def _shape(sides: Sequence[str]) -> str:
    """Sides joined by x, sums in parentheses."""
    return " x ".join(f"({side})" if " " in side else side for side in sides)


def _where(sheet: FormulaSheet) -> str:
    """A sentence with the input, the definitions of the letters, and the sizes that the formulas hold for."""
    shapes = [sheet.input, *[row.output_shape for row in sheet.layers if row.op == "input"][1:]]
    parts = [f"Input {', '.join(map(_shape, shapes))}"]
    parts += [_meaning(letter) for letter in sheet.letters]
    parts += [f"where {condition}" for condition in sheet.conditions]
    return ". ".join(parts) + "."


def _meaning(letter: Letter) -> str:
    """The meaning and the range of a letter; a hyperparameter whose meaning is its own name is written once."""
    means = "" if letter.meaning == letter.symbol else f"{letter.symbol}: {letter.meaning}; "
    return f"{means}{letter.definition}"


def brief(written: Written) -> str:
    """A formula in one cell: for a maximum, the formula that is the largest in general, and the number of formulas."""
    if not written.mainly:
        return written.text
    where = f" from {written.mainly_from} on" if written.mainly_from else ""
    return f"{written.mainly}{where} (largest of {len(written.polynomials)})"


def formula_table(sheet: FormulaSheet, changed: Mapping[str, Any]) -> Table:
    """A table with a line for each quantity of the whole network, and if these are all, for what has no unit."""
    rows = [(key, brief(written), written.unit) for key, written in sheet.quantities.items()]
    if len(rows) == len(FORMS):
        rows.append(("output shape", _shape(sheet.output_shape), ""))
        rows.append(("receptive field", sheet.receptive_field, ""))
    return Table(
        caption=_heading(sheet.architecture, changed, sheet.citation),
        columns=[left("quantity"), FORMULA, left("unit", "drop")],
        rows=rows,
        remarks=[_where(sheet)],
    )


def layer_table(sheet: FormulaSheet, changed: Mapping[str, Any]) -> Table:
    """A table with a line for each row of the cost table."""
    return Table(
        caption=_heading(sheet.architecture, changed, sheet.citation),
        columns=[
            left("layer", "above"),
            left("operation", "drop"),
            Column(
                f"output ({AXES[len(sheet.input)]})" if len(sheet.input) in AXES else "output",
                right=False,
                narrow="wrap",
            ),
            Column("params", right=False, narrow="wrap"),
            Column("mult-adds", right=False, narrow="wrap"),
        ],
        rows=[
            (row.name, row.op.replace("_", " "), _shape(row.output_shape), row.params.text, row.mult_adds.text)
            for row in sheet.layers
        ],
        totals=[("total", "", "", sheet.quantities["params"].text, sheet.quantities["mult_adds"].text)],
        remarks=[_where(sheet)],
    )


def formula_records(sheet: FormulaSheet) -> list[dict[str, Any]]:
    """One flat dictionary for each quantity."""
    return [{"quantity": key, **_notations(written)} for key, written in sheet.quantities.items()]


def layer_records(sheet: FormulaSheet) -> list[dict[str, Any]]:
    """One flat dictionary for each row of the cost table, formulas as text."""
    return [
        {
            "name": row.name,
            "op": row.op,
            "output_shape": "x".join(row.output_shape),
            "activations": row.activations.text,
            "params": row.params.text,
            "mult_adds": row.mult_adds.text,
        }
        for row in sheet.layers
    ]


def _notations(written: Written) -> dict[str, str]:
    return {"unit": written.unit, "text": written.text, "latex": written.latex, "typst": written.typst}


def formula_latex(sheet: FormulaSheet, *, per_layer: bool) -> str:
    """An `align*` for the whole network, or a `tabular` of all layers (packages: amsmath, booktabs)."""
    comments = [f"% {sheet.architecture}{cited(sheet.citation)}", f"% {_where(sheet)}"]
    if per_layer:
        lines = [
            rf"\texttt{{{latex_escape(row.name)}}} & ${row.params.latex}$ & ${row.mult_adds.latex}$ \\"
            for row in sheet.layers
        ]
        head = [r"\begin{tabular}{lll}", r"\toprule", r"layer & params & mult-adds \\", r"\midrule"]
        return "\n".join([*comments, *head, *lines, r"\bottomrule", r"\end{tabular}"])
    lines = [rf"\text{{{latex_escape(key)}}} &= {written.latex}" for key, written in sheet.quantities.items()]
    lines += [_definition_latex(letter) for letter in sheet.letters if letter.letter != letter.symbol]
    return "\n".join([*comments, r"\begin{align*}", " \\\\\n".join(f"  {line}" for line in lines), r"\end{align*}"])


def _definition_latex(letter: Letter) -> str:
    rest = f" + {letter.residue}" if letter.residue else ""
    name, variable = (
        each if len(each.rstrip("'")) == 1 else rf"\mathrm{{{latex_escape(each)}}}"
        for each in (letter.symbol, letter.letter)
    )
    signs = {">=": r"\ge", "<=": r"\le", "=": "="}
    bounds = ", ".join([f"{variable} {signs[sign]} {number}" for sign, number in letter.range])
    return rf"{name} &= {letter.period}\,{variable}{rest}, \quad {bounds}"


def formula_typst(sheet: FormulaSheet, *, per_layer: bool) -> str:
    """A block of Typst mathematics for the whole network, or a table of all layers."""
    comments = [f"// {sheet.architecture}{cited(sheet.citation)}", f"// {_where(sheet)}"]
    if per_layer:
        cells = [f"  [`{row.name}`], ${row.params.typst}$, ${row.mult_adds.typst}$," for row in sheet.layers]
        head = ["#table(", "  columns: 3,", "  table.header[layer][params][mult-adds],"]
        return "\n".join([*comments, *head, *cells, ")"])
    lines = [f'  upright("{key}") &= {written.typst}' for key, written in sheet.quantities.items()]
    for letter in sheet.letters:
        if letter.letter != letter.symbol:
            name, variable = (
                each if len(each) == 1 else f'upright("{each}")' for each in (letter.symbol, letter.letter)
            )
            rest = f" + {letter.residue}" if letter.residue else ""
            bounds = ", ".join([f"{variable} {sign} {number}" for sign, number in letter.range])
            lines.append(f"  {name} &= {letter.period} {variable}{rest}, quad {bounds}")
    return "\n".join([*comments, "$", " \\\n".join(lines), "$"])


def exact_table(sheet: ExactSheet, quantity: str, changed: Mapping[str, Any]) -> Table:
    """A table with a line for each residue class that is written out."""
    letters = [side[0].upper() for side in SIDES[len(sheet.periods) + 1]]
    alike = len(set(sheet.periods)) == 1
    shown = letters if alike else letters[:1]
    rows = [
        (_class_name(each, sheet.periods, shown), *map(_size, each.smallest), brief(each.quantities[quantity]))
        for each in sheet.classes
    ]
    return Table(
        caption=f"{_heading(sheet.architecture, changed, sheet.citation)}: {quantity}",
        columns=[left("input size"), *[Column(f"from {letter}") for letter in letters], FORMULA],
        rows=rows,
        remarks=[_classes(sheet, letters, alike)],
    )


def _classes(sheet: ExactSheet, letters: Sequence[str], alike: bool) -> str:
    """A sentence on the period, the number of residue classes, and those that are shown."""
    every = listed([f"{period} in {letter}" for letter, period in zip(letters, sheet.periods, strict=True)])
    if len(letters) == 1:
        said = f"A quasi-polynomial of period {every}: one polynomial for each residue"
        return f"{said}; --format json has all coefficients."
    rest = zip(letters[1:], sheet.periods[1:], sheet.classes[0].residues[1:], strict=True)
    others = listed([f"{letter} = {_side(letter.lower(), period, residue)}" for letter, period, residue in rest])
    shown = f"equal residues of {listed(letters)}" if alike else f"all residues of {letters[0]} with {others}"
    group = "pair" if len(letters) == 2 else "triple"
    return (
        f"A quasi-polynomial of period {every}: one polynomial for each {group} of residues, "
        f"{prod(sheet.periods):,} in all. Shown: {shown}; --size {'x'.join(letters)} shows the class of a size, "
        "--format json has all coefficients."
    )


def _class_name(each: ResidueClass, periods: Sequence[int], letters: Sequence[str]) -> str:
    named = zip(letters, periods, each.residues, strict=False)
    return ", ".join([f"{letter} = {_side(letter.lower(), period, residue)}" for letter, period, residue in named])


def _side(letter: str, period: int, residue: int) -> str:
    scaled = letter if period == 1 else f"{period}{letter}"
    return f"{scaled} + {residue}" if residue else scaled


def _size(size: int | None) -> str:
    return "none" if size is None else str(size)


def exact_records(sheet: ExactSheet) -> list[dict[str, Any]]:
    """One flat dictionary for each residue class that is written out."""
    sides = SIDES[len(sheet.periods) + 1]
    return [
        {
            **{f"{side}_residue": residue for side, residue in zip(sides, each.residues, strict=True)},
            **{f"{side}_period": period for side, period in zip(sides, sheet.periods, strict=True)},
            **{f"smallest_{side}": size for side, size in zip(sides, each.smallest, strict=True)},
            **{key: written.text for key, written in each.quantities.items()},
        }
        for each in sheet.classes
    ]


def value_table(values: Evaluated, at: str, changed: Mapping[str, Any]) -> Table:
    """A table of the formulas' values at one point."""
    return Table(
        caption=f"{_heading(values.architecture, changed, '')} at {at}",
        columns=[left("quantity"), Column("value", "{:,}".format), left("unit"), FORMULA],
        rows=[
            (key, count, values.formulas[key].unit, brief(values.formulas[key])) for key, count in values.counts.items()
        ],
        remarks=[f"{'; '.join(values.definitions)}."] if values.definitions else [],
    )


def symbol_table(name: str, symbols: Mapping[str, str]) -> Table:
    """A table of the symbols in which a network has closed forms."""
    return Table(
        caption=f"{name}: symbols of closed forms",
        columns=[left("symbol"), left("meaning")],
        rows=list(symbols.items()),
        remarks=["Other hyperparameters change the structure: use archcalc solve or archcalc scaling for them."],
    )
