"""Relatives of a network that a figure may be of: others of its family, and other values of its hyperparameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.algebra.amounts import Printed
from archcalc.algebra.expressions import Expression, Fact, Identifier, number, parse_claim
from archcalc.base.errors import ArchcalcError
from archcalc.catalogue.kept import kept
from archcalc.evidence.alternatives import SMALLEST_CROP, Change, Scope, variants
from archcalc.evidence.readings import Note, Reading, near, of_total, readings
from archcalc.evidence.subjects import find
from archcalc.evidence.subjects import network as built
from archcalc.graph import Network
from archcalc.graph.hyperparameters import Choice, Hyperparameter, Real, Switch, Whole

WIDTHS = (0.25, 0.35, 0.5, 0.75, 1.0, 1.25, 1.3, 1.4, 1.5, 2.0)
"""Real hyperparameters are multipliers; these are the values that papers and libraries have."""
STEPS = (-12, -6, -3, -2, -1, 1, 2, 3, 6, 12)
"""Steps from a whole number to others that are tried."""
OTHERS = frozenset({"classes", "in_channels", "aux"})
"""Hyperparameters that other assumptions are about."""
ALONE = Scope(most_changes=0, variants=False, sizes=(), classes=False)


class Relative(NamedTuple):
    """A network of the same family: its name, settings that it has in addition, and the change in words."""

    name: str
    settings: tuple[tuple[str, Any], ...]
    change: Change

    def stands_in(self, fact: Fact) -> Fact:
        """The fact, of this network instead of its own."""
        return _set(fact, self.name, self.settings)


def of_relatives(name: str, tree: Expression, printed: Printed, note: Note) -> Iterator[Reading]:
    """Readings of a number as the plain count of a relative; `note` as for `readings`."""
    for relative in relatives(find(name)):
        its = tree.mapped(relative.stands_in)
        total = _kept(relative, its)
        if total is None:
            yield from _with(relative.change, its, printed, note)
        elif not _far(its, total, printed):
            yield from _with(relative.change, its, printed, note, total)


def relatives(network: Network) -> Iterator[Relative]:
    """The others of a network's family with a like input, then the network with one hyperparameter changed.

    A changed network that has a name of its own (`wrn_34_10`) is called by it.
    """
    tried = {network.name, *(variants(network.name) if network.file else ())}
    for name in zoo.names_in(network.file) if network.file else ():
        if name not in tried and _alike(find(name), network):
            tried.add(name)
            yield Relative(name, (), _sibling(name))
    settled = {**network.defaults(), **network.settings}
    for key, kind in network.hyperparameters.items():
        for value in _others(kind, settled.get(key)) if key not in OTHERS else ():
            name = _named(network, key, settled.get(key), value)
            if not name:
                yield Relative(network.name, ((key, value),), Change("setting", f"{key}={_word(value)}", 1.6))
            elif name not in tried:
                tried.add(name)
                yield Relative(name, (), _sibling(name))


def _sibling(name: str) -> Change:
    return Change("sibling", f"sibling {name}", 1.3)


def of_features(name: str, quantity: str, printed: Printed, note: Note) -> Iterator[Reading]:
    """The reading of a number of parameters or mult-adds as of the network without its classifier."""
    if "classes" not in find(name).hyperparameters or quantity not in ("params", "mult_adds"):
        return
    words, tree = _without_classifier(name, quantity)
    change = Change("features", f"without the classifier ({words})", 1.2)
    yield from _with(change, tree, printed, note)


def _without_classifier(name: str, quantity: str) -> tuple[str, Expression]:
    """The count of a network with `classes=0`; if it ends in a convolution, which that keeps, of what is before it."""
    none = (("classes", 0),)
    try:
        built(name, none)
    except ArchcalcError:
        nodes = built(name).graph.nodes
        last = next((node.row for node in reversed(nodes) if node.op.role in ("conv", "linear")), "")
        return last, parse_claim(f"{quantity}({name}) - {quantity}({name}; {last})")
    return "classes=0", parse_claim(f"{quantity}({name})").mapped(lambda fact: _set(fact, name, none))


def _kept(relative: Relative, tree: Expression) -> int | None:
    """The total of a relative under its own name that an expression is about, from the file of totals."""
    known = None if relative.settings else kept().get(relative.name)
    fact = next(iter(tree.facts()))
    return getattr(known, fact.quantity, None)


def _far(tree: Expression, total: int, printed: Printed) -> bool:
    """True if the number of a relative whose total is known is not near the printed one."""
    values: Any = dict.fromkeys(tree.facts(), total)
    number = tree.evaluate(values)
    low, high = near(printed)
    return not any(low <= number * factor <= high for factor in (1, 2, Fraction(1, 2), Fraction(1, 4)))


def _with(
    change: Change, tree: Expression, printed: Printed, note: Note, total: int | None = None
) -> Iterator[Reading]:
    """Readings of the plain count of an expression, with a change that is made in it; `total` if it is known."""

    def noted(reading: Reading) -> None:
        note(_changed(reading, tree, change))

    found = readings(tree, printed, ALONE, noted) if total is None else of_total(tree, total, printed, ALONE, noted)
    for reading in found:
        yield _changed(reading, tree, change)


def _changed(reading: Reading, tree: Expression, change: Change) -> Reading:
    """A reading with the change that was made in its expression; a setting in words hides the network from it."""
    subject = next(iter(tree.facts())).subject
    names = reading.networks or (subject.name,)
    shape = reading.input or find(subject.name).input
    return reading._replace(networks=names, input=shape, changes=(change, *reading.changes))


def _alike(one: Network, other: Network) -> bool:
    small = [min(each.input[1:], default=0) < SMALLEST_CROP for each in (one, other)]
    return len(one.inputs) == len(other.inputs) and len(one.input) == len(other.input) and small[0] == small[1]


def _others(kind: Hyperparameter, usual: Any) -> Iterator[Any]:
    """Other values of a hyperparameter."""
    if isinstance(kind, Switch):
        yield not usual
    elif isinstance(kind, Choice):
        yield from [value for value in kind.options if value != usual]
    elif isinstance(kind, Real):
        yield from [value for value in WIDTHS if kind.low <= value <= kind.high and value != usual]
    elif isinstance(kind, Whole) and isinstance(usual, int):
        yield from [usual + step for step in STEPS if kind.low <= usual + step <= kind.high]


def _named(network: Network, key: str, usual: Any, value: Any) -> str:
    """The name of a network with another setting, if its name has the setting's number in it."""
    if not network.file or key not in network.settings or isinstance(value, bool):
        return ""
    name = re.sub(rf"(?<![\d.]){re.escape(str(usual))}(?![\d.])", str(value), network.name, count=1)
    known = zoo.find(name) if name != network.name else None
    same = known is not None and known.file == network.file and known.settings == {**network.settings, key: value}
    return known.name if same and known is not None else ""


def _set(fact: Fact, name: str, settings: tuple[tuple[str, Any], ...]) -> Fact:
    """A fact of a network of another name or with more settings."""
    more = [(key, _expression(value)) for key, value in settings]
    return Fact(fact.quantity, fact.subject._replace(name=name, settings=(*fact.subject.settings, *more)), fact.rows)


def _expression(value: Any) -> Expression:
    return Identifier(_word(value)) if isinstance(value, (bool, str)) else number(Fraction(str(value)))


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
