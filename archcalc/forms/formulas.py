"""Closed forms as plain data: written, evaluated at a point, and compared with a given formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import islice
from math import isfinite
from typing import Any, NamedTuple

from archcalc.algebra.amounts import read_amount
from archcalc.algebra.expressions import parse
from archcalc.algebra.expressions.sizes import polynomial_size
from archcalc.algebra.notation import written
from archcalc.algebra.polynomial import Envelope, NeedsPeriod, Polynomial, Space, Unsettled, counted_from, exceeds
from archcalc.analysis.quantities import FORMS, read_quantity
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.base.spelling import shown
from archcalc.forms.closed import closed_form, exact_form
from archcalc.forms.results import ClosedForm
from archcalc.forms.sheets import ExactSheet, FormulaSheet, Written, exact_sheet, formula_sheet, write
from archcalc.forms.symbols import axes_of
from archcalc.graph.hyperparameters import read_size
from archcalc.request import NetworkLike, Request

MOST_SHOWN = 40
"""The most terms of a difference that are written."""


@question
def formulas(
    network: NetworkLike,
    symbols: Sequence[str] = (),
    **given: Any,
) -> FormulaSheet:
    """`closed_form` as plain data."""
    return formula_sheet(closed_form(network, symbols, **given))


@question
def exact_formulas(
    network: NetworkLike,
    quantities: Sequence[str] = ("mult_adds",),
    **given: Any,
) -> ExactSheet:
    """`exact_form` as plain data: some quantities on every residue class of the input's sizes."""
    asked = tuple([read_quantity(each, FORMS, "closed form") for each in quantities])
    request = Request.of(network, **given)
    form = exact_form(request, quantities=asked)
    sizes: Any = [request.shape[place] for place in request.resolved.places]
    return exact_sheet(form, asked, tuple([size % period for size, period in zip(sizes, form.periods, strict=True)]))


class Evaluated(NamedTuple):
    """The closed forms of one architecture at one point."""

    architecture: str
    counts: Mapping[str, int]
    formulas: Mapping[str, Written]
    definitions: tuple[str, ...] = ()
    """What the letters of the formulas stand for: H = 32h, h >= 1."""


class Comparison(NamedTuple):
    """The result of comparing a given formula with the closed form of a quantity."""

    equal: bool
    text: str
    """Both formulas and their difference, in words."""


@question
def evaluate(network: NetworkLike, values: Mapping[str, Any], **given: Any) -> Evaluated:
    """The closed forms in some symbols, evaluated at some values of them (texts or numbers).

    They are those of the residue classes of these values. Raises ArchcalcError if the network does not accept a value.
    """
    numbers = {symbol: read_number(symbol, value) for symbol, value in values.items()}
    request = Request.of(network, **given)
    resolved, shape = request.resolved, request.shape
    axes = axes_of(resolved)
    if axes:
        sides = [shape[place] for place in resolved.places]
        placed = [numbers.get(axis, numbers.get("S", side)) for axis, side in zip(axes, sides, strict=True)]
        request = request.on(resolved.with_sizes(shape, [read_size(side, resolved.name) for side in placed]))
    form = closed_form(request, tuple(values))
    counts = form(**numbers)
    formulas = {key: write(formula) for key, formula in form.quantities.items()}
    return Evaluated(form.architecture, counts, formulas, tuple([symbol.definition() for symbol in form.symbols]))


@question
def compare_formula(
    network: NetworkLike, text: str, quantity: str = "mult_adds", symbols: Sequence[str] = (), **given: Any
) -> Comparison:
    """Compare a formula, given as text, with the closed form of a quantity, in the letters of the closed form.

    `+ - * / // ^` (or `**`), `floor`, `ceil`, `max` and `min` mean what they mean for the numbers that the letters of
    the closed form stand for: `/` is the exact quotient, `//` the one rounded down. The formula must be a polynomial at
    all of them: `h/h`, `1/h`, a power with a letter, a negative or a fractional exponent are refused, and so are a
    rounded quotient or a maximum that is another polynomial for some sizes. So is a degree above 64, and a formula of
    more than 10,000 products of terms. The text is parsed, never run as code.

    Raises ArchcalcError for a text that is refused or cannot be read.
    """
    key = read_quantity(quantity, FORMS, "closed form")
    return compared(closed_form(network, symbols, **given), key, text)


def compared(form: ClosedForm, key: str, text: str) -> Comparison:
    """A formula compared with a quantity of a closed form, as `compare_formula` does."""
    ours = form.quantities[key]
    if isinstance(ours.value, Envelope):
        raise ArchcalcError(f"{form.architecture}: {key} is the largest of several polynomials, {ours.text}")
    difference = _in_letters_of(form, text) - ours.value
    where = "; ".join(symbol.definition() for symbol in form.symbols)
    if isinstance(difference, int) and difference == 0:
        return Comparison(text=f"equal: {key} of {form.architecture} is {ours.text} ({where})", equal=True)
    more = f"yours is {_shortened(difference)} more"
    return Comparison(text=f"different: {key} of {form.architecture} is {ours.text} ({where}); {more}", equal=False)


def _shortened(difference: Any) -> str:
    """A difference as text; of very many terms the first."""
    if not isinstance(difference, Polynomial) or len(difference.terms) <= MOST_SHOWN:
        return written(difference)
    first = Polynomial(difference.space, dict(islice(difference.ordered(), MOST_SHOWN)))
    return f"{written(first)} + ... ({len(difference.terms)} terms)"


def _in_letters_of(form: ClosedForm, text: str) -> Any:
    """The polynomial that is given by a formula in the letters of a closed form.

    Raises ArchcalcError if it is no polynomial, or is one only for some sizes of the closed form.
    """
    own = form.space
    space = Space(own.names, [name for name, real in zip(own.names, own.real, strict=True) if real], own.near)
    formula = parse(text)
    polynomial_size(formula)
    try:
        value: Any = formula.evaluate({letter: space.symbol(letter) for letter in space.names})
    except NeedsPeriod as needs:
        value = Unsettled(needs.factors)
    if isinstance(value, Unsettled):
        raise ArchcalcError(f"{shown(text)} is no polynomial: a quotient in it is rounded differently")
    bounds = {symbol.letter: symbol.least for symbol in form.symbols}
    for condition in space.at_least:
        if condition not in own.at_least and not exceeds(counted_from(condition, bounds), 0):
            raise ArchcalcError(f"{shown(text)} is a polynomial only where {condition} >= 0")
    for condition in space.whole:
        if condition not in own.whole:
            raise ArchcalcError(f"{shown(text)} is a polynomial only where {condition} is whole")
    for divisor in space.nonzero:
        least = counted_from(divisor, bounds)
        if not (exceeds(least, 1) or exceeds(-least, 1)):
            raise ArchcalcError(f"{shown(text)} has no value where {divisor} is 0")
    return value


def read_number(symbol: str, value: Any) -> int | Fraction:
    """A whole or decimal number. Raises ArchcalcError for anything else."""
    if isinstance(value, str):
        value = value if (number := read_amount(value, {"": 1})) is None else number
    if isinstance(value, float) and isfinite(value):
        value = Fraction(str(value))
    if not isinstance(value, (int, Fraction)) or isinstance(value, bool):
        raise ArchcalcError(f"{symbol} is a number, not {shown(value)}", about="values")
    return int(value) if value == int(value) else value
