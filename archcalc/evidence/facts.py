"""Values of facts: a quantity of a network, of some of its rows, or of an example's ops.

Every number that `audit` and `explain` compare with a printed one is computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import add, mul
from typing import Any, NamedTuple, final

from archcalc import zoo
from archcalc.algebra.expressions import Expression, Fact, Subject, arithmetic
from archcalc.analysis.layer_rules import LayerRule
from archcalc.base.errors import ArchcalcError
from archcalc.conventions import Convention
from archcalc.evidence.quantities import COUNTED, EACH, WHOLE, Selection
from archcalc.evidence.subjects import EXAMPLES, NO_LETTERS, GraphRows, plain
from archcalc.spaces import documented


class Differs(ArchcalcError):
    """Rows for which one number is printed have different numbers."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values
        super().__init__("the rows differ: " + ", ".join(map(str, values)))


def one(value: Any) -> Any:
    """The value that all rows share. Raises Differs if they do not agree."""
    if isinstance(value, Rows):
        distinct = list(dict.fromkeys(value))
        if len(distinct) != 1:
            raise Differs(distinct)
        return distinct[0]
    return value


@final
class Rows(tuple[Any, ...]):
    """The numbers of several rows in their order. Arithmetic works row by row; rows that agree count as one number."""

    __slots__ = ()

    def _with(self, join: Callable[[Any, Any], Any], other: Any) -> Rows:
        ours, theirs = self, other if isinstance(other, Rows) else Rows([other] * len(self))
        if len(ours) != len(theirs):
            ours, theirs = [one(ours)], [one(theirs)]
        return Rows([join(*pair) for pair in zip(ours, theirs, strict=True)])

    def __add__(self, other: Any) -> Any:
        return self._with(add, other)

    def __radd__(self, other: Any) -> Any:
        return self._with(lambda ours, theirs: theirs + ours, other)

    def __mul__(self, other: Any) -> Any:
        return self._with(mul, other)

    __rmul__ = __mul__

    def __neg__(self) -> Any:
        return Rows([-each for each in self])

    def __truediv__(self, other: Any) -> Any:
        return self._with(arithmetic.divide, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(lambda ours, theirs: arithmetic.divide(theirs, ours), other)

    def __pow__(self, other: Any) -> Any:
        return self._with(arithmetic.power, other)

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Rows) else bool(one(self) == other)

    def __lt__(self, other: Any) -> bool:
        return tuple(self) < tuple(other) if isinstance(other, Rows) else bool(one(self) < other)

    def __gt__(self, other: Any) -> bool:
        return tuple(self) > tuple(other) if isinstance(other, Rows) else bool(one(self) > other)

    def __hash__(self) -> int:
        return super().__hash__()


class Context(NamedTuple):
    """The context of facts: the network for each subject, and the convention of counting."""

    networks: Callable[[Subject], GraphRows] = plain
    convention: Convention | LayerRule | None = None
    letters: Mapping[str, int] = NO_LETTERS


PLAIN = Context()


class _Known(dict[Any, Any]):
    """The letters of a context, and its facts, each computed on first use."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.letters)
        self.context = context

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, Fact):
            return fact(key, self.context)
        raise KeyError(key)


def value(tree: Expression, context: Context = PLAIN) -> Any:
    """The value of an expression; for several rows, the value that they share.

    Raises ArchcalcError for an unknown quantity, network or row, and Differs for rows that do not agree.
    """
    return one(tree.evaluate(_Known(context)))


def fact(wanted: Fact, context: Context = PLAIN) -> Any:
    """The value of one fact; `Rows` for quantities of single rows."""
    if wanted.quantity in ("designs", "dimensions"):
        return _of_space(wanted)
    stands = wanted.subject.name in EXAMPLES or bool(wanted.symbols())
    of = plain(wanted.subject, context.letters) if stands else context.networks(wanted.subject)
    if wanted.quantity in COUNTED:
        if wanted.rows and wanted.quantity in WHOLE:
            raise ArchcalcError(f"{wanted.quantity} is of a whole network, not of rows")
        names = of.select(wanted.rows) if wanted.rows else None
        return COUNTED[wanted.quantity](Selection(of, names, context.convention))
    if wanted.quantity in EACH:
        names = of.select(wanted.rows) if wanted.rows else list(of.rows)[1:]
        return Rows([EACH[wanted.quantity](of, name) for name in names])
    known = ", ".join([*COUNTED, *EACH, "designs", "dimensions"])
    raise ArchcalcError(f"no quantity is called {wanted.quantity!r}; there are {known}")


def _of_space(wanted: Fact) -> int:
    name = zoo.design_space(wanted.subject.name)
    if name is None:
        raise ArchcalcError(f"no design space is called {wanted.subject.name!r}")
    return documented.approximation(name) if wanted.quantity == "designs" else documented.dimensions(name)
