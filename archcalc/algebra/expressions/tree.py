"""Expressions as trees: their parts, their value for given symbols, and substitution of symbols."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, final

from archcalc.algebra.expressions import arithmetic
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut

FOLDS = {"sum": ("+", 0), "prod": ("*", 1)}
"""The operation that joins the terms of all rows, and its value without rows."""


class Expression(ABC):
    """A frozen formula. Equal trees are equal; `parse_claim(e.text()) == e` for every expression that it returns."""

    __slots__ = ("_parts",)
    _parts: tuple[Any, ...]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._parts))

    def __repr__(self) -> str:
        return f"<{self.text()}>"

    def _set(self, *parts: Any) -> None:
        object.__setattr__(self, "_parts", parts)

    @abstractmethod
    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """The value when each symbol has its number: int, Fraction, sympy expression, numpy array, or a type of one's
        own with `+ - * / //`.

        A symbol that `sum(... over l)` or `prod(... over l)` runs over (`P_l`) has a sequence. Division of whole
        numbers is exact: 6 / 3 is the int 2, 1 / 3 a Fraction. Raises ArchcalcError for a symbol without a value, a
        division by zero, and powers that are no whole numbers or too large.
        """

    @abstractmethod
    def put(self, values: Mapping[str, Any]) -> Expression:
        """The expression with numbers or other expressions put in for some of its symbols.

        A sum or product over rows becomes its terms where sequences are given.
        """

    @abstractmethod
    def _names(self) -> Iterator[str]: ...

    def mapped(self, change: Callable[[Fact], Expression]) -> Expression:
        """The expression with each of its facts replaced."""
        return self

    def facts(self) -> Iterator[Fact]:
        """Its facts, from left to right."""
        yield from ()

    @final
    def symbols(self) -> tuple[str, ...]:
        """The names of its symbols, each once, in the order of their first occurrence."""
        return tuple(dict.fromkeys(self._names()))

    @final
    def text(self) -> str:
        """As plain text that `parse` reads."""
        from archcalc.algebra.expressions.printers import TEXT

        return TEXT.write(self)

    @final
    def latex(self) -> str:
        """As LaTeX, for math mode."""
        from archcalc.algebra.expressions.printers import LATEX

        return LATEX.write(self)

    @final
    def typst(self) -> str:
        """As Typst, for math mode."""
        from archcalc.algebra.expressions.printers import TYPST

        return TYPST.write(self)


@final
class Constant(Expression):
    """A whole number, or a Fraction that a decimal can write."""

    __slots__ = ()

    def __init__(self, value: Any) -> None:
        """Raises ArchcalcError on another kind of number."""
        self._set(arithmetic.whole_or_decimal(value))

    @property
    def value(self) -> Any:
        return self._parts[0]

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        return self.value

    def put(self, values: Mapping[str, Any]) -> Expression:
        return self

    def _names(self) -> Iterator[str]:
        yield from ()


@final
class Identifier(Expression):
    """A letter with subscripts: `C_in`, `k_h`."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        self._set(name)

    @property
    def name(self) -> str:
        return self._parts[0]

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        try:
            return values[self.name]
        except KeyError:
            known = f"; known: {', '.join(values)}" if values else ""
            raise ArchcalcError(f"{cut(self.name)} has no value{known}") from None

    def put(self, values: Mapping[str, Any]) -> Expression:
        value = values.get(self.name, self)
        return value if isinstance(value, Expression) else number(value)

    def _names(self) -> Iterator[str]:
        yield self.name


class Subject(NamedTuple):
    """The subject of a fact: a network, or an op of an example, with its settings."""

    name: str
    settings: tuple[tuple[str, Expression], ...] = ()


WORDS = frozenset({"true", "false", "floor", "ceil"})
"""Values of settings that are no symbols."""


@final
class Fact(Expression):
    """A quantity of a subject, of all its rows or of some: a number that is computed when the fact is evaluated."""

    __slots__ = ()

    def __init__(self, quantity: str, subject: Subject, rows: tuple[str, ...] = ()) -> None:
        self._set(quantity, subject, rows)

    @property
    def quantity(self) -> str:
        return self._parts[0]

    @property
    def subject(self) -> Subject:
        return self._parts[1]

    @property
    def rows(self) -> tuple[str, ...]:
        return self._parts[2]

    def evaluate(self, values: Mapping[Any, Any]) -> Any:
        try:
            return values[self]
        except KeyError:
            raise ArchcalcError(f"{self.quantity}({self.subject.name}) is no number") from None

    def put(self, values: Mapping[str, Any]) -> Expression:
        return self

    def mapped(self, change: Callable[[Fact], Expression]) -> Expression:
        return change(self)

    def facts(self) -> Iterator[Fact]:
        yield self

    def _names(self) -> Iterator[str]:
        for _, value in self.subject.settings:
            yield from (name for name in value.symbols() if name not in WORDS)


@final
class Operation(Expression):
    """An operator on operands: +, *, max, min and `and` on any number; /, ^, =, < and > on two; - (negation), !, floor
    and ceil on one; sum and prod on a term and the symbol of the row that it runs over.

    The negation of a number is a number: there is no second way to write -3.
    """

    __slots__ = ()

    def __new__(cls, operator: str, operands: Sequence[Expression]) -> Any:
        first = operands[0]
        if operator == "-" and isinstance(first, Constant):
            return Constant(-first.value)
        return super().__new__(cls)

    def __init__(self, operator: str, operands: Sequence[Expression]) -> None:
        self._set(operator, tuple(operands))

    @property
    def operator(self) -> str:
        return self._parts[0]

    @property
    def operands(self) -> tuple[Expression, ...]:
        return self._parts[1]

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        if self.operator in FOLDS:
            join, nothing = FOLDS[self.operator]
            terms = [self.operands[0].evaluate(row) for row in self._rows(values)]
            return arithmetic.bounded(arithmetic.OPERATORS[join](*terms)) if terms else nothing
        inner = self.operands[0]
        if self.operator in ("floor", "ceil") and isinstance(inner, Operation) and inner.operator == "/":
            above, below = [part.evaluate(values) for part in inner.operands]
            return arithmetic.quotient(self.operator, above, below)
        return arithmetic.bounded(
            arithmetic.OPERATORS[self.operator](*[part.evaluate(values) for part in self.operands])
        )

    def put(self, values: Mapping[str, Any]) -> Expression:
        if self.operator in FOLDS:
            join, nothing = FOLDS[self.operator]
            if not any(_is_row(values.get(name)) for name in self._running()):
                free = {name: value for name, value in values.items() if name != self._index()}
                return Operation(self.operator, (self.operands[0].put(free), self.operands[1]))
            terms = [self.operands[0].put(row) for row in self._rows(values)]
            return terms[0] if len(terms) == 1 else Operation(join, terms) if terms else Constant(nothing)
        operands: list[Expression] = []
        for part in self.operands:
            put = part.put(values)
            opened = isinstance(part, Operation) and FOLDS.get(part.operator, ("",))[0] == self.operator
            operands += (
                put.operands if opened and isinstance(put, Operation) and put.operator == self.operator else [put]
            )
        return Operation(self.operator, operands)

    def mapped(self, change: Callable[[Fact], Expression]) -> Expression:
        return Operation(self.operator, [part.mapped(change) for part in self.operands])

    def facts(self) -> Iterator[Fact]:
        for part in self.operands:
            yield from part.facts()

    def _names(self) -> Iterator[str]:
        if self.operator in FOLDS:
            yield from (name for name in self.operands[0].symbols() if name != self._index())
            return
        for part in self.operands:
            yield from part.symbols()

    def _index(self) -> str:
        (index,) = self.operands[1].symbols()
        return index

    def _running(self) -> list[str]:
        """The symbols that have a value for each row: those with the index as their last subscript."""
        return [name for name in self.operands[0].symbols() if name.endswith(f"_{self._index()}")]

    def _rows(self, values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """The values of all symbols in each row; the index itself counts from 1."""
        running = self._running()
        if not running:
            raise ArchcalcError(f"a {self.operator} over {self._index()} has no symbol such as x_{self._index()} in it")
        columns = [Identifier(name).evaluate(values) for name in running]
        lengths = {len(column) if _is_row(column) else -1 for column in columns}
        if len(lengths) != 1 or lengths == {-1}:
            raise ArchcalcError(
                f"a {self.operator} over {self._index()} needs as many values of each of {', '.join(running)}"
            )
        for place, row in enumerate(zip(*columns, strict=True), 1):
            yield {**values, self._index(): place, **dict(zip(running, row, strict=True))}


def _is_row(value: object) -> bool:
    return isinstance(value, (tuple, list))


def number(value: Any) -> Expression:
    """A number as an expression: a fraction that is no short decimal becomes a division. Raises ArchcalcError on
    anything that is no exact number.
    """
    if arithmetic.is_short(value):
        return Constant(value)
    return Operation("/", (Constant(value.numerator), Constant(value.denominator)))
