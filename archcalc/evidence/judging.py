"""The readings of a printed figure for one network, each claimed, weak or left out (`archcalc.evidence.chance`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from archcalc.algebra.amounts import Printed
from archcalc.algebra.expressions import parse_claim
from archcalc.evidence.alternatives import CONFUSED, SIZES, Scope
from archcalc.evidence.audit import Audited
from archcalc.evidence.chance import CERTAIN, CLAIMED, OFFERED, OFFERED_WEAK, Plausibility, Trials
from archcalc.evidence.figures import FIELD, OUTPUT, PrintedFigure, PrintedQuantity
from archcalc.evidence.places import of_fields, of_outputs
from archcalc.evidence.readings import Note, Reading, readings
from archcalc.evidence.relatives import of_features, of_relatives

Strength = Literal["claimed", "weak", "near"]
FARTHEST = 0.1
"""The distance of the farthest reading that is shown as near: what is more than a tenth off counts something else."""

FEW_DIGITS = 0.015
"""The width of a printed interval, as a fraction of the number, from which no other size or number of classes is
offered: there are so many that some agree with every number."""
MORE_DIGITS = 1e-3
"""The width up to which a size is offered together with another change, and two weak changes at `MANY_DIGITS`."""
MANY_DIGITS = 1e-4
OFTEN_CUT_OFF = 0.4
"""The weight that cutting off digits has less here than in the audit, which prefers figures that round."""
COLUMN = 3
"""The weight of a convention that counts only a part, such as comparisons: none of the nearest."""
FAR_FETCHED = frozenset({"setting", "digits", "row"})
"""Kinds of changes that the nearest readings do not have."""


class Explained(NamedTuple):
    """A reading that gives a number or comes near it, with the quantity and the fact."""

    quantity: str
    fact: str
    """The fact that is counted: `layers` may be depth, convs or linears."""
    reading: Reading
    unlikely: float = 0.0
    """The weight of the quantity, if the figure does not say that it counts it."""
    strength: Strength = "near"
    """`claimed`; `weak`: may agree by chance; `near`: does not agree."""
    by_chance: float = 0.0
    """The expected number of readings at least as plausible that would agree by chance."""

    @property
    def plausibility(self) -> Plausibility:
        """The sort key of alternatives."""
        cut_off = any([change.kind == "digits" for change in self.reading.changes])
        weight = self.reading.weight + self.unlikely - (OFTEN_CUT_OFF if cut_off else 0.0)
        return Plausibility(self.reading.weak, round(weight, 3))

    @property
    def rank(self) -> tuple[Any, ...]:
        """The sort key of an explanation: claimed readings first, then the likeliest."""
        _, *rest = self.reading.rank
        return self.strength != "claimed", *self.plausibility, *rest, self.quantity


class Judged(NamedTuple):
    """What a search in one network found."""

    shown: list[Explained]
    """The claimed readings and the weak ones."""
    left_out: int
    """The number of readings that agree no more than by chance."""
    nearest: list[Explained]
    """The nearest reading of each network of its family that does not agree."""


class _Search:
    """A search in one network: every alternative near the figure is noted, whether it agrees or not."""

    def __init__(self, name: str, figure: PrintedFigure, scope: Scope) -> None:
        self.name = name
        self.figure = figure
        self.scope = scope
        self.trials = Trials()
        self.nearest: dict[tuple[str, ...], Explained] = {}

    def of_network(self) -> Iterator[Explained]:
        """Readings of the network and its variants."""
        for quantity, fact in self._facts():
            note = self._noting(quantity, fact)
            if quantity.name == FIELD.name:
                found = of_fields(self.name, self.figure.printed, note, others=self.scope.variants)
            elif quantity.name == OUTPUT.name:
                found = of_outputs(self.name, self.figure.printed, self.figure.sides, note, others=self.scope.variants)
            else:
                found = self._counted(fact, note)
            yield from [_explained(quantity, fact, reading) for reading in found]

    def _counted(self, fact: str, note: Note) -> Iterator[Reading]:
        yield from readings(parse_claim(fact.format(self.name)), self.figure.printed, self.scope, note)
        if self.scope.most_changes:
            yield from of_features(self.name, _key(fact), self.figure.printed, note)

    def of_family(self) -> Iterator[Explained]:
        """Readings as the plain count of others of its family."""
        for quantity, fact in self._facts():
            if quantity.facts and quantity.unlikely == 0:
                tree = parse_claim(fact.format(self.name))
                for reading in of_relatives(self.name, tree, self.figure.printed, self._noting(quantity, fact)):
                    yield _explained(quantity, fact, reading)

    def _facts(self) -> list[tuple[PrintedQuantity, str]]:
        return [(each, fact) for each in self.figure.quantities for fact in each.facts or (each.name,)]

    def _noting(self, quantity: PrintedQuantity, fact: str) -> Note:
        def note(reading: Reading) -> None:
            each = _explained(quantity, fact, reading)
            based = any([change.kind == "base" for change in reading.changes])
            value: Any = reading.value
            times = 1.0 if self.figure.sides else float(value / (self.figure.printed.value or 1))
            self.trials.note((fact, value, based), times, each.plausibility)
            if _shown_as_near(each):
                known = self.nearest.get(reading.networks)
                if known is None or reading.distance < known.reading.distance:
                    self.nearest[reading.networks] = each

        return note

    def judged(self, each: Explained, known: Sequence[Audited]) -> Explained | None:
        """A reading with its strength; None if it agrees no more than by chance."""
        chance = self.trials.chance(each.plausibility, width(self.figure, each.reading))
        obvious = each.plausibility == (False, 0) or any(_is(each.reading, audited) for audited in known)
        if obvious or max(chance) <= (CERTAIN if each.reading.weak else CLAIMED):
            return each._replace(strength="claimed", by_chance=chance.near)
        offered = chance.near <= (OFFERED_WEAK if each.reading.weak else OFFERED)
        return each._replace(strength="weak", by_chance=chance.near) if offered else None


def search(name: str, figure: PrintedFigure, scope: Scope, known: Sequence[Audited]) -> Judged:
    """The readings of a figure for a network; of its family too if none of its own is claimed and a change is allowed.

    `known` are the figures of the audit that are this one: a reading that the audit gives is claimed.
    """
    one = _Search(name, figure, scope)
    found = _plainest(_best(one.of_network()))
    judged = [one.judged(each, known) for each in found]
    if scope.variants and scope.most_changes and not any(each and each.strength == "claimed" for each in judged):
        found = _plainest(_best([*found, *one.of_family()]))
        judged = [one.judged(each, known) for each in found]
    shown = [each for each in judged if each is not None]
    return Judged(shown, len(judged) - len(shown), list(one.nearest.values()))


def scope_for(printed: Printed, most_changes: int) -> Scope:
    """The scope of a search that leaves out alternatives of which none could be shown at so few digits."""
    wide = width_of(printed)
    return Scope(
        most_changes=most_changes,
        sizes=SIZES if wide <= FEW_DIGITS else CONFUSED,
        classes=wide <= FEW_DIGITS,
        most_weak=most_changes if wide <= MANY_DIGITS else 1,
        grid_alone=wide > MORE_DIGITS,
    )


def width(figure: PrintedFigure, reading: Reading) -> float:
    """The width of the interval of numbers that a reading would accept, as a fraction of the printed number."""
    printed = figure.printed
    if figure.sides:
        return float(1 / printed.value)
    words = next((change.words for change in reading.changes if change.kind == "digits"), reading.digits)
    return width_of(printed, words)


def width_of(printed: Printed, words: str = "") -> float:
    """The width of a printed interval, read in a way (`Span.reading`) or in one that comes before it."""
    spans = printed.spans()
    last = next((place for place, span in enumerate(spans) if span.reading == words), 0)
    taken = spans[: last + 1]
    high, low = max(span.high for span in taken), min(span.low for span in taken)
    return float((high - low) / (printed.value or 1))


def _shown_as_near(each: Explained) -> bool:
    """True for a reading that does not agree but comes near, as one of at most one usual change."""
    reading = each.reading
    usual = not reading.weak and each.unlikely == 0 and reading.weight < COLUMN
    usual = usual and not any([change.kind in FAR_FETCHED for change in reading.changes])
    return usual and len(reading.changes) < 2 and not reading.agrees and reading.distance <= FARTHEST


def _key(fact: str) -> str:
    return fact.partition("({})")[0].split()[-1]


def _explained(quantity: PrintedQuantity, fact: str, reading: Reading) -> Explained:
    return Explained(quantity.name, _key(fact), reading, quantity.unlikely)


def _is(reading: Reading, audited: Audited) -> bool:
    """True if a reading is the one under which the audit finds that a figure holds."""
    words = {*[change.words for change in reading.changes], *([reading.digits] if reading.digits else [])}
    return audited.under == reading.value and words == set(audited.reading.split("; "))


def _best(explained: Iterable[Explained]) -> list[Explained]:
    """The likeliest of the readings that give the same number of the same quantity."""
    best: dict[Any, Explained] = {}
    for each in explained:
        key = (each.fact, each.quantity, each.reading.value, any(c.kind == "base" for c in each.reading.changes))
        if key not in best or each.rank < best[key].rank:
            best[key] = each
    return list(best.values())


def _plainest(explained: list[Explained]) -> list[Explained]:
    """The readings, without those for which fewer of the same changes are enough."""
    sets = [(each, frozenset(change.words for change in each.reading.changes)) for each in explained]
    return [
        each
        for each, changes in sets
        if len(changes) < 2 or not any(less < changes and each.fact == other.fact for other, less in sets)
    ]
