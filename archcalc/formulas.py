"""Closed forms: what a question for formulas comes back as, frozen: evaluated, written, and as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from archcalc.errors import ArchcalcError
from archcalc.notation import STYLES, Style, written
from archcalc.polynomial import Envelope, Polynomial, Space

QUANTITIES: Mapping[str, str] = {
    "params": "learnable values",
    "mult_adds": "multiply-accumulates for one image",
    "activation_sum": "elements for one image",
    "peak_inference": "elements alive at once for one image",
    "peak_inference_bytes": "bytes",
    "training_saved_bytes": "bytes",
}
"""The whole-network quantities that have a closed form, and their units."""


class Symbol(NamedTuple):
    """What a letter of a closed form stands for: `name` = `period` x `letter` + `residue`."""

    name: str
    """As a question names it: H, W, S (both sides of a square), C, K, N, or a hyperparameter."""
    letter: str
    """As the formulas write it; the name itself where the period is 1 and the residue 0."""
    meaning: str
    period: int = 1
    residue: int = 0
    least: Fraction | int = 0
    """The smallest value of the letter."""
    largest: Fraction | int | None = None
    step: Fraction | int = 1
    """What the letter is a multiple of; below 1 only for real hyperparameters, 0 if any real number will do."""
    limit: Fraction | int | None = None
    """The largest value that the architecture takes."""

    def definition(self) -> str:
        """H = 32h + 3, and from where on."""
        parts: list[str] = []
        if self.letter != self.name:
            scaled = self.letter if self.period == 1 else f"{self.period}{self.letter}"
            parts.append(f"{self.name} = {scaled}" + (f" + {self.residue}" if self.residue else ""))
        if self.step not in (0, 1):
            parts.append(f"{self.letter} a multiple of {self.step}")
        bound = f"{self.letter} >= {self.least}"
        parts.append(bound if self.largest is None else f"{self.least} <= {self.letter} <= {self.largest}")
        return ", ".join(parts)

    def read(self, value: Any, what: str) -> Any:
        """The letter at a value of the symbol. Raises ArchcalcError where the closed form does not hold."""
        if not isinstance(value, (int, float, Fraction)) or isinstance(value, bool):
            raise ArchcalcError(f"{what}: {self.name} is a number, not {value!r}")
        letter = (Fraction(str(value)) - self.residue) / self.period
        high = [bound for bound in (self.largest, self.limit) if bound is not None]
        if (self.step and letter / self.step % 1) or letter < self.least or any([letter > bound for bound in high]):
            raise ArchcalcError(f"{what}: {self.name} = {value} is not among {self.definition()}")
        return int(letter) if letter == int(letter) else letter


@dataclass(frozen=True)
class Formula:
    """A count as an expression in some letters: an int, a polynomial, or the largest of several."""

    value: Any = field(repr=False)
    unit: str = ""

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """One line that Python reads, but for `^`."""
        return written(self.value)

    @property
    def latex(self) -> str:
        return written(self.value, "latex")

    @property
    def typst(self) -> str:
        return written(self.value, "typst")

    def in_style(self, style: Style) -> str:
        return written(self.value, style)

    @property
    def sympy(self) -> Any:
        """The same as a sympy expression of whole, non-negative symbols (real ones where they are real)."""
        return to_sympy(self.value)

    def __call__(self, **letters: Any) -> Any:
        """The count at some values of the letters: ints, or numpy arrays that broadcast."""
        return number_at(self.value, letters)

    def plain(self) -> dict[str, Any]:
        """Text, LaTeX, Typst, and the terms as exponents of each letter."""
        return {style: written(self.value, style) for style in STYLES} | {"terms": terms(self.value)}


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
    """The formulas of one architecture on one residue class of each symbol, and where they hold.

    Calling it with the symbols (`form(H=224, W=224)`) gives the counts there, exactly those of `analyze`; it raises
    ArchcalcError where the formulas do not hold.
    """

    architecture: str
    citation: str
    input: tuple[Formula, ...]
    symbols: tuple[Symbol, ...]
    conditions: tuple[str, ...]
    """Where the formulas hold besides the bounds of the symbols."""
    quantities: Mapping[str, Formula]
    output_shape: tuple[Formula, ...]
    receptive_field: str
    rows: tuple[RowFormula, ...] = field(repr=False)
    space: Space = field(repr=False)

    def __call__(self, **values: Any) -> dict[str, Any]:
        letters = self.letters(values)
        return {key: formula(**letters) for key, formula in self.quantities.items()}

    def letters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The letters at some values of the symbols. Raises ArchcalcError where the formulas do not hold."""
        what = self.architecture
        for name in values:
            if name not in {symbol.name for symbol in self.symbols}:
                raise ArchcalcError(f"{what}: this closed form has no symbol {name}")
        missing = [symbol.name for symbol in self.symbols if symbol.name not in values]
        if missing:
            raise ArchcalcError(f"{what}: the closed form needs {', '.join(missing)}")
        letters = {symbol.letter: symbol.read(values[symbol.name], what) for symbol in self.symbols}
        broken = [str(each) for each, test in conditions(self.space) if not test(each.value(letters))]
        if broken:
            raise ArchcalcError(f"{what}: the closed form does not hold there, by {broken[0]}")
        return letters

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and dictionaries: what `--format json` prints."""
        return {
            "architecture": self.architecture,
            "citation": self.citation,
            "input": [side.text for side in self.input],
            "symbols": [
                {key: value if isinstance(value, (int, str, type(None))) else str(value) for key, value in pairs}
                for pairs in (symbol._asdict().items() for symbol in self.symbols)
            ],
            "conditions": list(self.conditions),
            "quantities": {key: {"unit": form.unit, **form.plain()} for key, form in self.quantities.items()},
            "output_shape": [side.text for side in self.output_shape],
            "receptive_field": self.receptive_field,
            "layers": [
                {
                    "name": row.name,
                    "op": row.op,
                    "output_shape": [side.text for side in row.output_shape],
                    **{key: getattr(row, key).plain() for key in ("activations", "params", "mult_adds")},
                }
                for row in self.rows
            ],
        }


@dataclass(frozen=True)
class ExactForm:
    """The quasi-polynomials of one architecture in the height and the width of its input: every residue class.

    `form(heights, widths)` gives the counts at any sizes, ints or numpy arrays that broadcast, exactly those of
    `analyze`, without building the network; it raises ArchcalcError at a size that the network does not take.
    """

    architecture: str
    citation: str
    channels: int
    periods: tuple[int, int]
    """After how many pixels the polynomials repeat, in height and width."""
    quantities: Mapping[str, Any] = field(repr=False)
    """For each quantity a polynomial in h and w whose coefficients are arrays of (height residue, width residue)."""
    space: Space = field(repr=False)

    @cached_property
    def smallest(self) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
        """For every residue of the height and of the width the smallest size from which its polynomial holds.

        None where no size of that residue will do.
        """
        return self._smallest(0), self._smallest(1)

    def _smallest(self, axis: int) -> tuple[int | None, ...]:
        import numpy

        period, letter = self.periods[axis], self.space.names[axis]
        least = numpy.zeros(period, dtype=numpy.int64)
        possible = numpy.ones(period, dtype=bool)
        for condition in self.space.at_least:
            slope, constant = _line(condition, axis)
            if slope is None:
                continue
            constant = numpy.broadcast_to(numpy.asarray(constant).reshape(-1), period)
            if slope == 0:
                possible &= constant >= 0
            else:
                least = numpy.maximum(least, -(constant // slope))
        del letter
        sizes = least * period + numpy.arange(period)
        return tuple([int(size) if ok else None for size, ok in zip(sizes, possible, strict=True)])

    def __call__(self, height: Any, width: Any) -> dict[str, Any]:
        return {key: self.evaluate(key, height, width) for key in self.quantities}

    def evaluate(self, quantity: str, height: Any, width: Any) -> Any:
        """One quantity at some sizes. Raises ArchcalcError at the first size that the network does not take."""
        import numpy

        heights, widths = numpy.asarray(height), numpy.asarray(width)
        for axis, sizes in ((0, heights), (1, widths)):
            self._check(axis, sizes)
        divided = [numpy.divmod(sizes, period) for sizes, period in zip((heights, widths), self.periods, strict=True)]
        names = self.space.names
        letters = {name: each[0] for name, each in zip(names, divided, strict=True)}
        residues = {name: each[1] for name, each in zip(names, divided, strict=True)}
        total = number_at(self.quantities[quantity], letters, residues)
        if heights.ndim or widths.ndim:
            shape = numpy.broadcast_shapes(heights.shape, widths.shape)
            return total if numpy.shape(total) == shape else numpy.broadcast_to(total, shape).copy()
        return int(total)

    def _check(self, axis: int, sizes: Any) -> None:
        import numpy

        side = ("height", "width")[axis]
        if sizes.dtype.kind not in "iu":
            raise ArchcalcError(f"{self.architecture}: a {side} is a whole number, not {sizes.dtype}")
        least = numpy.array([LARGEST + 1 if size is None else size for size in self.smallest[axis]])
        refused = (sizes < 1) | (sizes > LARGEST)
        refused |= sizes < least[sizes % self.periods[axis]]
        if refused.any():
            first = int(sizes[refused][0]) if sizes.ndim else int(sizes)
            raise ArchcalcError(f"{self.architecture} takes no input of {side} {first}")

    def closed(self, quantity: str, residues: tuple[int, int]) -> Formula:
        """The polynomial of one residue class of the height and the width."""
        value = self.quantities[quantity]
        picked = dict(zip(self.space.names, residues, strict=True))
        return Formula(_on_class(value, picked), QUANTITIES[quantity])

    def to_dict(self) -> dict[str, Any]:
        """Periods, smallest sizes and coefficients (height residue by width residue) as plain lists."""
        return {
            "architecture": self.architecture,
            "citation": self.citation,
            "input": [self.channels, "H", "W"],
            "periods": list(self.periods),
            "meaning": "H = periods[0]*h + r, W = periods[1]*w + s; a coefficient is given for every r and s",
            "smallest": {"height": list(self.smallest[0]), "width": list(self.smallest[1])},
            "quantities": {
                key: {"unit": QUANTITIES[key], "terms": self._terms(value)} for key, value in self.quantities.items()
            },
        }

    def _terms(self, value: Any) -> Any:
        if isinstance(value, Envelope):
            return {"max": [self._terms(member) for member in value.members]}
        return terms(value)


LARGEST = 1_000_000
"""Sizes above this are refused, as `analyze` refuses them: every count below stays under 2^63."""


def number_at(value: Any, letters: Mapping[str, Any], residues: Mapping[str, Any] | None = None) -> Any:
    """A count at some values of its letters."""
    if isinstance(value, Envelope):
        numbers = [number_at(member, letters, residues) for member in value.members]
        if all([isinstance(number, (int, Fraction)) for number in numbers]):
            return max(numbers)
        import numpy

        return numpy.maximum.reduce(numpy.broadcast_arrays(*numbers))
    return value.value(letters, residues) if isinstance(value, Polynomial) else value


def to_sympy(value: Any) -> Any:
    """A count as a sympy expression."""
    import sympy

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


def terms(value: Any) -> Any:
    """A count as a list of {coefficient, exponents}; several lists under "max"."""
    if isinstance(value, Envelope):
        return {"max": [terms(member) for member in value.members]}
    if not isinstance(value, Polynomial):
        return [{"coefficient": _plain(value), "exponents": {}}]
    return [
        {
            "coefficient": _plain(coefficient),
            "exponents": {name: power for name, power in zip(value.space.names, monomial, strict=True) if power},
        }
        for monomial, coefficient in value.ordered()
    ]


def _plain(coefficient: Any) -> Any:
    if isinstance(coefficient, int):
        return coefficient
    return str(coefficient) if isinstance(coefficient, Fraction) else coefficient.tolist()


def conditions(space: Space) -> list[tuple[Polynomial, Any]]:
    """What a space noted on the way, each with the test that its value must pass."""
    return [
        *[(each, lambda number: number >= 0) for each in space.at_least],
        *[(each, lambda number: number != 0) for each in space.nonzero],
        *[(each, lambda number: number == int(number)) for each in space.whole],
    ]


def _line(condition: Polynomial, axis: int) -> tuple[int | None, Any]:
    """(slope, constant) of a condition on one axis only; slope None for a condition on the other axis."""
    powers = {monomial: coefficient for monomial, coefficient in condition.terms.items() if any(monomial)}
    constant = condition.terms.get(condition.space.constant, 0)
    if not powers:
        along = constant.shape[axis] > 1 if hasattr(constant, "shape") else True
        return (0 if along else None), constant
    ((monomial, slope),) = powers.items()
    if monomial[axis] != 1 or sum(monomial) != 1:
        return None, constant
    return int(slope), constant


def _on_class(value: Any, residues: Mapping[str, int]) -> Any:
    """A count of all residue classes, on one of them."""
    from archcalc.polynomial import make, upper_envelope

    if isinstance(value, Envelope):
        return upper_envelope([_on_class(member, residues) for member in value.members])
    if not isinstance(value, Polynomial):
        return value
    classes = [residues[name] for name in value.space.names]
    picked = {
        monomial: coefficient
        if isinstance(coefficient, (int, Fraction))
        else int(coefficient[tuple([r if n > 1 else 0 for r, n in zip(classes, coefficient.shape, strict=True)])])
        for monomial, coefficient in value.terms.items()
    }
    return make(value.space, picked)
