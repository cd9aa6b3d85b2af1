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
    """The definition of a letter of the formulas: `symbol` = `period` x `letter` + `residue`, from `least` on.

    Some formulas hold up to `largest` only; it is empty where there is no such end.
    """

    symbol: str
    letter: str
    meaning: str
    period: int
    residue: int
    least: str
    definition: str
    largest: str = ""

    @property
    def range(self) -> tuple[tuple[str, str], ...]:
        """The bounds of the letter, each a sign and a number: (">=", "1"), or ("=", "0") for a single value."""
        if self.largest == self.least:
            return (("=", self.least),)
        return ((">=", self.least), *((("<=", self.largest),) if self.largest else ()))


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
    """The formulas of all sizes H = period h + r, W = period w + s, and the smallest size of each; None: no size.

    Of a sequence L alone, of a volume D, H and W.
    """

    residues: tuple[int, ...]
    smallest: tuple[int | None, ...]
    quantities: Mapping[str, Written]


class Spread(NamedTuple):
    """One term of all residue classes at once: a coefficient for each of them, or for fewer where it does not vary."""

    exponents: Mapping[str, int]
    shape: tuple[int, ...]
    """The number of residues of each axis with coefficients of their own; 1: all have the same."""
    coefficients: tuple[int, ...]
    """Row by row: the last axis fastest."""


class ExactSheet(NamedTuple):
    """The quasi-polynomials of one network: some residue classes written out, and the coefficients of all."""

    architecture: str
    citation: str
    channels: int
    periods: tuple[int, ...]
    smallest_heights: tuple[int | None, ...]
    smallest_widths: tuple[int | None, ...]
    classes: tuple[ResidueClass, ...]
    coefficients: Mapping[str, tuple[tuple[Spread, ...], ...]]
    smallest_depths: tuple[int | None, ...] = ()
    """Of volumes."""
    smallest_lengths: tuple[int | None, ...] = ()
    """Of sequences, which have no heights and widths."""


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
    bounds |= {"largest": "" if symbol.largest is None else str(symbol.largest)}
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


def exact_sheet(form: ExactForm, quantities: tuple[str, ...], residues: tuple[int, ...]) -> ExactSheet:
    """Exact forms as plain data, written out for squares and cubes if all axes have one period.

    Else, every residue of the first axis is written out with the others' in `residues`.
    """
    first, axes = form.periods[0], range(len(form.periods))
    alike = len(set(form.periods)) == 1
    chosen = [(r, *[r if alike else each for each in residues[1:]]) for r in range(first)]
    smallest = {f"smallest_{axis}s": sizes for axis, sizes in zip(form.axes, form.smallest, strict=True)}
    return ExactSheet(
        form.architecture,
        form.citation,
        form.channels,
        form.periods,
        smallest.pop("smallest_heights", ()),
        smallest.pop("smallest_widths", ()),
        tuple(
            [
                ResidueClass(
                    each,
                    tuple([form.smallest[axis][each[axis]] for axis in axes]),
                    {q: write(form.closed(q, each)) for q in quantities},
                )
                for each in chosen
            ]
        ),
        {quantity: _spreads(form.quantities[quantity], len(axes)) for quantity in quantities},
        **smallest,
    )


def _spreads(value: Any, axes: int) -> tuple[tuple[Spread, ...], ...]:
    members = value.members if isinstance(value, Envelope) else (value,)
    return tuple([_spread(member, (1,) * axes) for member in members])


def _spread(value: Any, same: tuple[int, ...]) -> tuple[Spread, ...]:
    if not isinstance(value, Polynomial):
        return (Spread({}, same, (value,)),)
    return tuple(
        [
            Spread(_exponents(value, monomial), same, (number,))
            if isinstance(number, int)
            else Spread(_exponents(value, monomial), number.shape, number.values)
            for monomial, number in value.ordered()
        ]
    )
