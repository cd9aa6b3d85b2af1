"""Values of facts: a quantity of a network, of some of its rows, or of an example's ops.

Every number that `audit` and `explain` compare with a printed one is computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.analysis.layer_rules import LayerRule
from archcalc.base.errors import ArchcalcError
from archcalc.conventions import Convention
from archcalc.evidence.claims.arithmetic import Fact, Subject, Tree, letters_in
from archcalc.evidence.claims.evaluation import NO_LETTERS, Rows, evaluate, one
from archcalc.evidence.quantities import COUNTED, EACH, WHOLE, Selection
from archcalc.evidence.subjects import EXAMPLES, GraphRows, plain
from archcalc.zoo import _design_spaces as design_spaces


class Context(NamedTuple):
    """The context of facts: the network that stands for each subject, and the convention of counting."""

    networks: Callable[[Subject], GraphRows] = plain
    convention: Convention | LayerRule | None = None
    letters: Mapping[str, int] = NO_LETTERS


PLAIN = Context()


def value(tree: Tree, context: Context = PLAIN) -> Any:
    """The value of an expression; of several rows, the value that they have in common.

    Raises ArchcalcError for an unknown quantity, network or row, and Differs for rows that do not agree.
    """
    return one(evaluate(tree, lambda wanted: fact(wanted, context), context.letters))


def fact(wanted: Fact, context: Context = PLAIN) -> Any:
    """The value of one fact; `Rows` for a quantity of each row."""
    if wanted.quantity in ("designs", "dimensions"):
        return _of_space(wanted)
    stands = wanted.subject.name in EXAMPLES or bool(letters_in(wanted))
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
    space = design_spaces.DESIGN_SPACES[name]
    return space.size if wanted.quantity == "designs" else space.dimensions
