"""Formulas as plain data, texts and whole numbers only, for printing, for messages and for reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from archcalc.algebra.envelope import Envelope
from archcalc.algebra.notation import written
from archcalc.algebra.polynomial import Polynomial, dominant
from archcalc.forms.exact import ExactForm
from archcalc.forms.results import ClosedForm, Formula, Symbol


class FormulaTerm(NamedTuple):
    """One term of a polynomial: a whole number or a fraction p/q, and the power of each letter that it has."""

    coefficient: str
    exponents: Mapping[str, int]


class Written(NamedTuple):
    """A formula in three notations, and its terms; several lists of terms where it is the largest of several."""

    text: str
    latex: str
    typst: str
    unit: str
    polynomials: tuple[tuple[FormulaTerm, ...], ...]
    mainly: str = ""
    """For the largest of several: the one that is the largest if every letter is at least `mainly_from`."""
    mainly_from: int = 0


class Letter(NamedTuple):
    """The definition of a letter of the formulas: `symbol` = `period` x `letter` + `residue`, from `least` on."""

    symbol: str
    letter: str
    meaning: str
    period: int
    residue: int
    least: str
    definition: str


class WrittenRow(NamedTuple):
    """One row of the cost table as formulas."""

    name: str
    op: str
    output_shape: tuple[str, ...]
    activations: Written
    params: Written
    mult_adds: Written


class FormulaSheet(NamedTuple):
    """The closed forms of one network."""

    architecture: str
    citation: str
    input: tuple[str, ...]
    letters: tuple[Letter, ...]
    conditions: tuple[str, ...]
    quantities: Mapping[str, Written]
    output_shape: tuple[str, ...]
    receptive_field: str
    layers: tuple[WrittenRow, ...]


class ResidueClass(NamedTuple):
    """The formulas of all sizes H = period h + r, W = period w + s, and the smallest size of each; None: no size."""

    residues: tuple[int, int]
    smallest: tuple[int | None, int | None]
    quantities: Mapping[str, Written]


class Spread(NamedTuple):
    """One term of all residue classes: a coefficient for every (r, s), or fewer if it does not vary with r or s."""

    exponents: Mapping[str, int]
    shape: tuple[int, int]
    """The number of residues of height and of width with their own coefficient; 1: all have the same."""
    coefficients: tuple[int, ...]
    """The coefficients, row by row."""


class ExactSheet(NamedTuple):
    """The quasi-polynomials of one network: some residue classes written out, and the coefficients of all."""

    architecture: str
    citation: str
    channels: int
    periods: tuple[int, int]
    smallest_heights: tuple[int | None, ...]
    smallest_widths: tuple[int | None, ...]
    classes: tuple[ResidueClass, ...]
    coefficients: Mapping[str, tuple[tuple[Spread, ...], ...]]


def write(formula: Formula) -> Written:
    """A formula as plain data."""
    members = formula.value.members if isinstance(formula.value, Envelope) else (formula.value,)
    main, least = dominant(formula.value) if len(members) > 1 else (None, 0)
    return Written(
        formula.text,
        formula.latex,
        formula.typst,
        formula.unit,
        tuple([_terms(member) for member in members]),
        "" if main is None else written(main),
        least,
    )


def _terms(value: Any) -> tuple[FormulaTerm, ...]:
    if not isinstance(value, Polynomial):
        return (FormulaTerm(str(value), {}),)
    return tuple([FormulaTerm(str(number), _exponents(value, monomial)) for monomial, number in value.ordered()])


def _exponents(value: Polynomial, monomial: tuple[int, ...]) -> dict[str, int]:
    return {name: power for name, power in zip(value.space.names, monomial, strict=True) if power}


def letter(symbol: Symbol) -> Letter:
    """A symbol as plain data."""
    bounds = {"least": str(symbol.least), "definition": symbol.definition()}
    return Letter(symbol.name, symbol.letter, symbol.meaning, symbol.period, symbol.residue, **bounds)


def formula_sheet(form: ClosedForm) -> FormulaSheet:
    """Closed forms of a network as plain data."""
    return FormulaSheet(
        form.architecture,
        form.citation,
        tuple([side.text for side in form.input]),
        tuple([letter(symbol) for symbol in form.symbols]),
        form.conditions,
        {key: write(formula) for key, formula in form.quantities.items()},
        tuple([side.text for side in form.output_shape]),
        form.receptive_field,
        tuple(
            [
                WrittenRow(
                    row.name,
                    row.op,
                    tuple([side.text for side in row.output_shape]),
                    write(row.activations),
                    write(row.params),
                    write(row.mult_adds),
                )
                for row in form.rows
            ]
        ),
    )


def exact_sheet(form: ExactForm, quantities: tuple[str, ...], residues: tuple[int, int]) -> ExactSheet:
    """Exact forms as plain data, written out for squares if both axes have one period.

    Otherwise every residue of the height is written out, with the width's residue in `residues`.
    """
    tall, wide = form.periods
    heights, widths = form.smallest
    chosen = [(r, r if tall == wide else residues[1]) for r in range(tall)]
    return ExactSheet(
        form.architecture,
        form.citation,
        form.channels,
        form.periods,
        heights,
        widths,
        tuple(
            [
                ResidueClass((r, s), (heights[r], widths[s]), {q: write(form.closed(q, (r, s))) for q in quantities})
                for r, s in chosen
            ]
        ),
        {quantity: _spreads(form.quantities[quantity]) for quantity in quantities},
    )


def _spreads(value: Any) -> tuple[tuple[Spread, ...], ...]:
    members = value.members if isinstance(value, Envelope) else (value,)
    return tuple([_spread(member) for member in members])


def _spread(value: Any) -> tuple[Spread, ...]:
    if not isinstance(value, Polynomial):
        return (Spread({}, (1, 1), (value,)),)
    return tuple(
        [
            Spread(_exponents(value, monomial), (1, 1), (number,))
            if isinstance(number, int)
            else Spread(_exponents(value, monomial), number.shape, number.values)
            for monomial, number in value.ordered()
        ]
    )
