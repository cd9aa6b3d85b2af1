"""Reconciliation of counts: each convention's total for one network, and the steps from one total to another.

A step is a term of a kind of op that one convention counts and the other does not, or counts with another weight. The
start and the steps add up to the end exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim, is_int
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.base.spelling import shown
from archcalc.conventions import Bug, Convention, Term
from archcalc.conventions.calls import Seen, assumed, seen
from archcalc.conventions.counting import (
    Counted,
    LeftOut,
    Measures,
    by_term,
    conventions,
    find_convention,
    find_conventions,
    left_out,
    total,
    whole,
)
from archcalc.conventions.implementations import ARCHCALC, REFERENCE, REFERENCES, STOPPED, Difference, differences
from archcalc.conventions.measures import MEASURES, operations
from archcalc.graph import Network
from archcalc.request import NetworkLike, Request

MODEL = "model"
"""The implementation that is the traced model itself."""


class Step(NamedTuple):
    """One step of a waterfall: `weight` x `measured` = `amount`, of `nodes` ops of a kind; subtracted if negative."""

    op: str
    measure: str
    meaning: str
    weight: int
    measured: Dim
    amount: Dim
    nodes: int
    reason: str = ""
    """The reason, if it is a tool's bug or a property of an implementation."""
    bug: bool = False


class Line(NamedTuple):
    """The total of one convention for the network, or for an implementation of it."""

    name: str
    """The convention's name; `ptflops@reference` for ptflops on the reference implementation."""
    convention: Convention
    implementation: str
    """Library and model; `archcalc` for the model that archcalc executes; empty for the network itself."""
    total: Dim
    bugs: Dim
    """The part of the total that comes from the tool's bugs."""
    left_out: tuple[LeftOut, ...]


class Waterfall(NamedTuple):
    """The steps from one count to another: `start.total` and the amounts of the steps add up to `end.total`."""

    start: Line
    end: Line
    steps: tuple[Step, ...]


class Reconciliation(NamedTuple):
    """The counts of one network under several conventions, and the steps between them."""

    architecture: str
    input: tuple[Dim, ...]
    changed: dict[str, Any]
    """The hyperparameters of the request."""
    lines: tuple[Line, ...]
    waterfalls: tuple[Waterfall, ...]
    """Waterfalls from the first convention to each other one with the same quantity."""
    further_inputs: tuple[tuple[Dim, ...], ...] = ()
    """The shapes of the inputs after the first."""


@question
def reconcile(
    network: NetworkLike,
    *,
    tools: Sequence[str] = (),
    start: str = "mult_adds",
    to: str | None = None,
    **given: Any,
) -> Reconciliation:
    """The totals of a network under several conventions, and the steps from `start` to `to`, or to each of them.

    `tools` are names of conventions or of tools; by default all conventions with the quantity of `start`. `start` and
    `to` may name an implementation, `ptflops@reference`. `given` are the settings of a request: `input` and
    hyperparameters. Counts are for one image, each in its convention's unit.

    Raises UnknownName with the nearest names, and ArchcalcError as `analyze` does.

    >>> (waterfall,) = reconcile("resnet50", to="fvcore").waterfalls
    >>> [(step.measure, step.amount) for step in waterfall.steps]
    [('elements', 22227968), ('input_elements', 100352)]
    """
    request = Request.of(network, **given)
    counted = NetworkCounts(request.resolved, Measures(request.graph), bool(request.settings))
    begin = counted.named(start)
    ends = [] if to is None else [_comparable(begin, counted.named(to))]
    chosen = [each for tool in tools for each in _of_quantity(find_conventions(tool), begin.convention.quantity)]
    if not tools and to is None:
        chosen = [each for each in conventions() if each.quantity == begin.convention.quantity]
    lines = [line for each in chosen for line in counted.lines(each)]
    known = {line.name: line for line in (begin, *lines, *ends)}
    alike = [line for line in ends or known.values() if line.convention.quantity == begin.convention.quantity]
    return Reconciliation(
        architecture=request.resolved.name,
        input=counted.measures.graph.nodes[0].shape,
        changed=request.changed,
        lines=tuple(known.values()),
        waterfalls=tuple([counted.waterfall(begin, line) for line in alike if line.name != begin.name]),
        further_inputs=tuple([node.shape for node in request.graph.nodes if node.op.role == "input"][1:]),
    )


def _of_quantity(conventions: Sequence[Convention], quantity: str) -> Sequence[Convention]:
    """The conventions that count a quantity; all if none does."""
    return [each for each in conventions if each.quantity == quantity] or conventions


def _comparable(start: Line, end: Line) -> Line:
    """The end itself. Raises ArchcalcError if it counts something other than the start."""
    if start.convention.quantity != end.convention.quantity:
        raise ArchcalcError(
            f"{start.name} counts {start.convention.unit}, {end.name} counts {end.convention.unit}: no steps lead from "
            "one to the other"
        )
    return end


class NetworkCounts:
    """A network with its measures, counted in several ways."""

    def __init__(self, network: Network, measures: Measures, changed: bool) -> None:
        self.measures = measures
        self.name = network.name
        reference = None if network.family is None else network.family.references.get(network.name)
        self.implementations = {ARCHCALC: "the model that archcalc executes"}
        if reference is not None and self.name in REFERENCES and not changed:
            self.implementations[REFERENCE] = f"{reference.library}'s {reference.model}"
        if measures.graph.origins:
            self.implementations = {MODEL: "the model itself, as its code is written"}

    def named(self, text: str) -> Line:
        """The line of a convention, or of a convention on an implementation: `ptflops`, `ptflops@reference`."""
        name, at, implementation = text.partition("@")
        if at and implementation not in self.implementations:
            known = ", ".join(f"{name}@{each}" for each in self.implementations)
            said = f"no implementation {shown(implementation)} of {self.name} is known"
            raise ArchcalcError(f"{said}; there is {known}")
        convention = find_convention(name)
        if implementation == REFERENCE and self.name in STOPPED.get(convention.name, ()):
            raise ArchcalcError(f"{convention.tool} stops with an error on {self.implementations[REFERENCE]}")
        return self.line(convention, implementation)

    def lines(self, convention: Convention) -> Iterator[Line]:
        """The line of a convention, and of each implementation that it counts otherwise."""
        yield self.line(convention, "")
        for implementation in self.implementations:
            doubtful = implementation == MODEL and bool(self.doubts(convention))
            if doubtful or any(True for _ in self.differing(convention, implementation)):
                yield self.line(convention, implementation)

    def line(self, convention: Convention, implementation: str) -> Line:
        amount: Dim = total(self.measures, convention)
        steps = list(self.differing(convention, implementation))
        for step in steps:
            amount = amount + step.amount
        bugs: Dim = 0
        for term in by_term(self.measures, convention):
            if term.bug is not None:
                bugs = bugs + term.amount
        name = f"{convention.name}@{implementation}" if implementation else convention.name
        model = self.implementations.get(implementation, "")
        if implementation == MODEL:
            model += "".join([f"; {convention.name}: {each}" for each in self.doubts(convention)])
        return Line(name, convention, model, amount, bugs, tuple(self._left_out(convention, steps)))

    def _left_out(self, convention: Convention, steps: Sequence[Step]) -> Iterator[LeftOut]:
        """The ops that a convention leaves out, after the steps of an implementation."""
        usual = left_out(self.measures, convention)
        counted = dict.fromkeys([term.op for term in by_term(self.measures, convention)])
        added = {step.op for step in steps if not is_int(step.amount) or step.amount > 0}
        with_bias = {f"{step.op}_bias" for step in steps if step.measure == "bias" and step.weight > 0}
        yield from [each for each in usual if each.op not in added | with_bias]
        for kind in counted:
            terms = [term.amount for term in by_term(self.measures, convention) if term.op == kind]
            own = [step.amount for step in steps if step.op == kind]
            if convention.quantity == "work" and own and _nothing(sum([*terms, *own], 0)):
                indices = self.measures.kinds[kind]
                done = sum([operations(self.measures.site(index)) for index in indices], 0)
                yield LeftOut(kind, len(indices), done)

    def differing(self, convention: Convention, implementation: str) -> Iterator[Step]:
        """The differences of a convention for an implementation."""
        if implementation == MODEL:
            yield from self._written(convention)
            return
        for difference in differences(convention, implementation, self.name):
            for kind, terms in difference.terms_of(convention).items():
                yield from self._differing(difference, kind, terms)

    def doubts(self, convention: Convention) -> tuple[str, ...]:
        """What the trace does not say and the count of the model itself depends on: not known, or taken for granted."""
        said: dict[str, None] = {}
        for kind, indices in self.measures.kinds.items():
            for index in indices:
                site = self.measures.site(index)
                found = seen(convention, kind, site)
                if found is not None and not found.known:
                    said[f"not predicted, {found.reason}"] = None
                elif found is not None and (taken := assumed(convention, kind, site)):
                    said[taken] = None
        return tuple(said)

    def _written(self, convention: Convention) -> Iterator[Step]:
        """The differences between a model as its code calls it and as a convention takes it to be implemented."""
        for kind, indices in self.measures.kinds.items():
            usual = convention.of(kind)
            places: dict[Seen, list[int]] = {}
            for place, index in enumerate(indices):
                found = seen(convention, kind, self.measures.site(index))
                if found is not None and found.terms != usual:
                    places.setdefault(found, []).append(place)
            for found, held in places.items():
                weights: dict[str, int] = {}
                for sign, terms in ((1, found.terms), (-1, usual)):
                    for term in terms:
                        measure = whole(self.measures, kind, term.measure)
                        weights[measure] = weights.get(measure, 0) + sign * term.weight
                yield from self._weighed(kind, weights, held, found.reason)

    def _differing(self, difference: Difference, kind: str, terms: Sequence[Term]) -> Iterator[Step]:
        """The steps of a difference for one kind of op; terms with the same measure are one step."""
        rows = [self.measures.graph.nodes[index].row for index in self.measures.kinds.get(kind, ())]
        held = [place for place, row in enumerate(rows) if difference.holds_for(row)]
        weights: dict[str, int] = {}
        for term in terms:
            measure = whole(self.measures, kind, term.measure)
            weights[measure] = weights.get(measure, 0) + term.weight
        yield from self._weighed(kind, weights, held, difference.reason)

    def _weighed(self, kind: str, weights: Mapping[str, int], held: Sequence[int], reason: str) -> Iterator[Step]:
        """A step for each measure with its weight, over the ops of a kind in some places."""
        for measure, weight in weights.items():
            if not weight:
                continue
            amounts = self.measures.of(kind, measure)
            measured: Dim = 0
            for place in held:
                measured = measured + amounts[place]
            if not _nothing(measured):
                meaning = MEASURES[measure].meaning
                yield Step(kind, measure, meaning, weight, measured, weight * measured, len(held), reason)

    def waterfall(self, start: Line, end: Line) -> Waterfall:
        """The steps of implementations: the start's differences are subtracted first, the end's added last."""
        back = [_turned(step) for step in self.differing(start.convention, _implementation(start))]
        on = self.differing(end.convention, _implementation(end))
        return Waterfall(start, end, (*back, *_steps(self.measures, start.convention, end.convention), *on))


def _implementation(line: Line) -> str:
    return line.name.partition("@")[2]


def _turned(step: Step) -> Step:
    return step._replace(weight=-step.weight, amount=-step.amount)


def _nothing(amount: Dim) -> bool:
    return is_int(amount) and amount == 0


def _steps(measures: Measures, start: Convention, end: Convention) -> Iterator[Step]:
    """The differences of the terms, in the order of the network's ops."""
    before = {_key(term): term for term in by_term(measures, start)}
    after = {_key(term): term for term in by_term(measures, end)}
    order = {kind: place for place, kind in enumerate(measures.kinds)}
    for key in sorted(dict.fromkeys((*before, *after)), key=lambda key: order[key[0]]):
        old, new = before.get(key), after.get(key)
        term: Any = new or old
        weight = (new.weight if new else 0) - (old.weight if old else 0)
        if weight:
            amount = weight * term.measured
            reason = "" if term.bug is None else term.bug.summary
            yield Step(
                term.op, term.measure, term.meaning, weight, term.measured, amount, term.nodes, reason, bool(reason)
            )


def _key(term: Counted) -> tuple[str, str, Bug | None]:
    return (term.op, term.measure, term.bug)
