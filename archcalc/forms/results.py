"""Results of requests for formulas: frozen closed forms, which can be evaluated and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc.algebra.dims import maximum
from archcalc.algebra.expressions.printers import Style
from archcalc.algebra.notation import written
from archcalc.algebra.polynomial import Envelope, Polynomial, Space
from archcalc.analysis.quantities import QUANTITIES
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need


class Symbol(NamedTuple):
    """The definition of a letter of a closed form: `name` = `period` x `letter` + `residue`."""

    name: str
    """Its name in requests: H, W, S (both sides of a square), C, K, N, or a hyperparameter."""
    letter: str
    """Its name in formulas; the same as `name` if the period is 1 and the residue 0."""
    meaning: str
    period: int = 1
    residue: int = 0
    least: Fraction | int = 0
    """The smallest value of the letter."""
    largest: Fraction | int | None = None
    step: Fraction | int = 1
    """The step of the letter; below 1 only for real hyperparameters, 0 if it may be any real number."""
    limit: Fraction | int | None = None
    """The largest value that the network accepts."""

    def definition(self) -> str:
        """The definition and the range of the letter, as text: H = 32h + 3, h >= 1."""
        parts: list[str] = []
        if self.letter != self.name:
            scaled = self.letter if self.period == 1 else f"{self.period}{self.letter}"
            parts.append(f"{self.name} = {scaled}" + (f" + {self.residue}" if self.residue else ""))
        if self.step not in (0, 1):
            parts.append(f"{self.letter} a multiple of {self.step}")
        bound = f"{self.letter} >= {self.least}"
        if self.largest is not None:
            bound = f"{self.least} <= {self.letter} <= {self.largest}"
        parts.append(f"{self.letter} = {self.least}" if self.least == self.largest else bound)
        return ", ".join(parts)

    def read(self, value: Any, what: str) -> Any:
        """The letter at a value of the symbol, or at an array of whole numbers.

        Raises ArchcalcError if the closed form does not hold there.
        """
        if hasattr(value, "dtype"):
            return self._read_array(value, what)
        if not isinstance(value, (int, float, Fraction)) or isinstance(value, bool) or value != value:  # noqa: PLR0124
            raise ArchcalcError(f"{what}: {self.name} is a number, not {value!r}")
        letter = (Fraction(str(value)) - self.residue) / self.period
        high = [bound for bound in (self.largest, self.limit) if bound is not None]
        if (self.step and letter / self.step % 1) or letter < self.least or any([letter > bound for bound in high]):
            raise ArchcalcError(f"{what}: {self.name} = {value} is not among {self.definition()}")
        return int(letter) if letter == int(letter) else letter

    def _read_array(self, values: Any, what: str) -> Any:
        if values.dtype.kind not in "iu":
            raise ArchcalcError(f"{what}: {self.name} is a number or an array of whole numbers, not of {values.dtype}")
        for value in sorted({int(values.min()), int(values.max())}) if values.size else ():
            self.read(value - (value - self.residue) % self.period, what)  # the bounds
        apart = values[(values - self.residue) % self.period != 0]
        step = int(self.step) if self.step and int(self.step) == self.step else 1
        letters = (values - self.residue) // self.period
        apart = apart if apart.size else values[letters % step != 0]
        if apart.size:
            raise ArchcalcError(f"{what}: {self.name} = {apart.flat[0]} is not among {self.definition()}")
        return letters.astype(object)  # Python's ints, which do not overflow


@dataclass(frozen=True, repr=False)
class Formula:
    """A count as an expression in some letters: an int, a polynomial, or the largest of several."""

    value: Any
    unit: str = ""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Formula({self.text!r}, {self.unit!r})"

    @property
    def text(self) -> str:
        """One line in Python's notation, except for `^`."""
        return written(self.value)

    @property
    def latex(self) -> str:
        return written(self.value, "latex")

    @property
    def typst(self) -> str:
        return written(self.value, "typst")

    def in_style(self, style: Style) -> str:
        return written(self.value, style)

    def _repr_latex_(self) -> str:
        """The formula in a notebook."""
        return f"${self.latex}$"

    @property
    def sympy(self) -> Any:
        """The same as a sympy expression in non-negative symbols: integers, or reals for real hyperparameters."""
        return to_sympy(self.value)

    def __call__(self, **letters: Any) -> Any:
        """The count at some values of the letters: ints, or numpy arrays that broadcast."""
        return number_at(self.value, letters)


@dataclass(frozen=True)
class RowFormula:
    """One row of the cost table as formulas."""

    name: str
    op: str
    output_shape: tuple[Formula, ...]
    activations: Formula
    params: Formula
    mult_adds: Formula


@dataclass(frozen=True)
class ClosedForm:
    """The formulas of one network on one residue class of each symbol, and the conditions under which they hold.

    A call with values of the symbols (`form(H=224, W=224)`) gives the counts there, exactly those of `analyze`; it
    raises ArchcalcError if the formulas do not hold there. Values may be numpy arrays of whole numbers; counts
    of more than 64 bits come as arrays of Python's ints.
    """

    architecture: str
    citation: str
    input: tuple[Formula, ...]
    symbols: tuple[Symbol, ...]
    conditions: tuple[str, ...]
    """Further conditions of the formulas, besides the bounds of the symbols."""
    quantities: Mapping[str, Formula]
    output_shape: tuple[Formula, ...]
    receptive_field: str
    rows: tuple[RowFormula, ...] = field(repr=False)
    space: Space = field(repr=False)

    def __call__(self, **values: Any) -> dict[str, Any]:
        letters = self.letters(values)
        return {key: _fitting(formula(**letters)) for key, formula in self.quantities.items()}

    def letters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The letters at some values of the symbols. Raises ArchcalcError if the formulas do not hold there."""
        what = self.architecture
        for name in values:
            if name not in {symbol.name for symbol in self.symbols}:
                raise ArchcalcError(f"{what}: this closed form has no symbol {name}")
        missing = [symbol.name for symbol in self.symbols if symbol.name not in values]
        if missing:
            raise ArchcalcError(f"{what}: the closed form needs {', '.join(missing)}")
        letters = {symbol.letter: symbol.read(values[symbol.name], what) for symbol in self.symbols}
        for each, test in conditions(self.space):
            holds: Any = test(each.value(letters))
            if not (holds.all() if hasattr(holds, "all") else holds):
                raise ArchcalcError(f"{what}: the closed form does not hold where {each} = {each.value(letters)}")
        return letters

    def _repr_latex_(self) -> str:
        """The formulas in a notebook, with what their letters stand for."""
        lines = [rf"\text{{{key.replace('_', ' ')}}} &= {formula.latex}" for key, formula in self.quantities.items()]
        lines += [rf"&\text{{{symbol.definition()}}}" for symbol in self.symbols]
        return "$$\\begin{aligned}" + r" \\ ".join(lines) + "\\end{aligned}$$"


def _fitting(value: Any) -> Any:
    """An array of Python's ints as one of 64 bits if they fit; anything else as it is."""
    if (
        getattr(getattr(value, "dtype", None), "kind", "") != "O"
        or not value.size
        or not -(2**63) <= value.min() <= value.max() < 2**63
    ):
        return value
    return value.astype("int64")


def unit_of(quantity: str, one: str) -> str:
    """The unit of a quantity of a network, `one` of whose inputs is an image, a sequence, or something else."""
    return QUANTITIES[quantity].unit.replace("per image", f"per {one}")


def number_at(value: Any, letters: Mapping[str, Any], residues: Mapping[str, Any] | None = None) -> Any:
    """A count at some values of its letters."""
    if isinstance(value, Envelope):
        numbers = [number_at(member, letters, residues) for member in value.members]
        if all([isinstance(number, (int, Fraction)) for number in numbers]):
            return max(numbers)
        return maximum(*numbers)
    return value.value(letters, residues) if isinstance(value, Polynomial) else value


def to_sympy(value: Any) -> Any:
    """A count as a sympy expression."""
    sympy = need("sympy", "a formula as a sympy expression")
    if isinstance(value, Envelope):
        return sympy.Max(*[to_sympy(member) for member in value.members])
    if not isinstance(value, Polynomial):
        return sympy.Integer(value)
    letters = [
        sympy.Symbol(name, nonnegative=True, **({"real": True} if real else {"integer": True}))
        for name, real in zip(value.space.names, value.space.real, strict=True)
    ]
    total: Any = sympy.Integer(0)
    for monomial, coefficient in value.terms.items():
        factors = [letter**exponent for letter, exponent in zip(letters, monomial, strict=True)]
        total += sympy.Rational(coefficient) * sympy.prod(factors)
    return total


def conditions(space: Space) -> list[tuple[Polynomial, Any]]:
    """The conditions of a space: polynomials, each with the test that its value must pass."""
    tests: list[tuple[Any, Callable[[Any], bool]]] = [
        (space.at_least, lambda number: number >= 0),
        (space.zero, lambda number: number == 0),
        (space.nonzero, lambda number: number != 0),
        (space.whole, lambda number: number % 1 == 0),
    ]
    return [(each, test) for noted, test in tests for each in noted]
