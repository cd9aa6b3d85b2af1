"""The audit: figures that the documents print, compared with computed ones.

Verdicts are computed, not stored. A figure is *exact* if it is the computed number, *within the printed digits* if that
number rounds to it, *holds under* if another reading gives it (the likeliest of those that `explain` tries), and
*contradicted* if none does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import floor
from typing import Any, Literal, NamedTuple

from archcalc import zoo
from archcalc.algebra.amounts import read_printed
from archcalc.algebra.expressions import Expression, Fact, Identifier, parse, parse_claim
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.base.questions import question
from archcalc.base.spelling import matched, shown
from archcalc.evidence.alternatives import CONFUSED, Scope
from archcalc.evidence.claims import Claim, claim, claims, document_lines
from archcalc.evidence.facts import Context, Differs, value
from archcalc.evidence.readings import Reading, agreeing, readings

Verdict = Literal[
    "exact", "within the printed digits", "holds under", "contradicted", "not computable", "not evaluated"
]
VERDICTS: tuple[Verdict, ...] = (
    "exact",
    "within the printed digits",
    "holds under",
    "contradicted",
    "not computable",
    "not evaluated",
)
SHORT: Mapping[str, Verdict] = {
    "exact": "exact",
    "within": "within the printed digits",
    "digits": "within the printed digits",
    "rounds": "within the printed digits",
    "holds": "holds under",
    "under": "holds under",
    "wrong": "contradicted",
    "contradicted": "contradicted",
    "computable": "not computable",
    "none": "not computable",
    "evaluated": "not evaluated",
    "failed": "not evaluated",
}
"""Verdicts by the words that stand for them, those of the table among them: `wrong` is contradicted."""
POINTS = (2, 3, 5)
"""The values of each letter at which a printed formula is compared: three suffice for polynomials of degree 2."""
SCOPE = Scope(most_changes=2, sizes=CONFUSED, classes=False)


class Audited(NamedTuple):
    """A printed figure with its verdict."""

    claim: Claim
    verdict: Verdict
    computed: Any
    """The computed value: an int, a Fraction, a shape, True or False, or a formula as text; None if there is none."""
    reading: str
    """The reading under which it holds, or the way its digits are read."""
    reason: str
    """The reason why nothing is computed, or the probable cause of a wrong figure."""
    under: Any = None
    """The number that the reading gives, if the figure holds under a reading."""


class Case(NamedTuple):
    """One figure in full."""

    audited: Audited
    line: str
    """The line of the document."""
    facts: tuple[tuple[str, Any], ...]
    """The computed facts: expressions with their values."""
    slip: Any
    """The value of the likely slip; None if none is known."""


Counts = Mapping[str, Mapping[Verdict, int]]
"""The number of figures by document and verdict."""


class Audit(NamedTuple):
    """Figures with their verdicts, in the order of the documents."""

    audited: tuple[Audited, ...]
    """The figures with the requested verdict."""
    counts: Counts
    """The numbers of all verdicts."""

    def total(self, verdict: Verdict) -> int:
        """The number of figures with a verdict, in all documents."""
        return sum(each.get(verdict, 0) for each in self.counts.values())


@question
def audit(document: str | None = None, architecture: str | None = None, verdict: str | None = None) -> Audit:
    """The verdicts on all figures that the lecture documents print, or on some of them.

    `document` is its first three digits (`"003"`), `architecture` the name of a network, `verdict` one of `VERDICTS` or
    a word of it. The counts in the result are those of all verdicts.

    Raises ArchcalcError if there is no such document, architecture, figure or verdict.

    >>> [each.claim.id for each in audit(document="004", verdict="wrong").audited][:1]
    ['C0690']
    """
    wanted = None if verdict is None else read_verdict(verdict)
    chosen = [each for each in claims() if _chosen(each, document, architecture)]
    if not chosen:
        raise _none(document, architecture)
    judged = [judge(each) for each in chosen]
    counts: dict[str, Counter[Verdict]] = {}
    for each in judged:
        counts.setdefault(each.claim.document, Counter())[each.verdict] += 1
    return Audit(
        tuple(each for each in judged if wanted is None or each.verdict == wanted),
        {key: dict(own) for key, own in counts.items()},
    )


@question
def audit_claim(id: str) -> Case:
    """One figure in full. Raises UnknownName."""
    wanted = claim(id)
    facts: tuple[tuple[str, Any], ...] = ()
    if not wanted.reason:
        facts = tuple((each.text(), _fact_value(each)) for each in dict.fromkeys(parse_claim(wanted.selector).facts()))
    slip = value(parse_claim(wanted.slip)) if wanted.slip else None
    return Case(judge(wanted), document_lines()[wanted.document, wanted.line], facts, slip)


def _fact_value(fact: Fact) -> Any:
    """The value of a fact; None if it has letters."""
    if fact.symbols():
        return None
    try:
        return value(fact)
    except Differs as error:
        return ", ".join(map(str, error.values))


def read_verdict(text: str) -> Verdict:
    """The verdict of a name or of a word of it. Raises ArchcalcError if there is none."""
    wanted = text.strip().lower().replace("_", " ").replace("-", " ")
    for verdict in VERDICTS:
        if wanted == verdict:
            return verdict
    known = SHORT.get(wanted)
    if known is None:
        raise ArchcalcError(f"no verdict is called {shown(text)}; there are {', '.join(VERDICTS)} (or wrong)")
    return known


def _chosen(each: Claim, document: str | None, architecture: str | None) -> bool:
    if document is not None and each.document != document.strip().zfill(3):
        return False
    return architecture is None or matched(architecture) in names_of(each)


def names_of(each: Claim) -> set[str]:
    """The names of a figure's network in the list of claims and in the catalogue."""
    names = {matched(each.architecture)}
    try:
        network = zoo.network(each.architecture)
    except UnknownName:
        return names
    same = [alias for alias, canonical in network.family.aliases.items() if canonical == network.name]
    return names | {matched(name) for name in (network.name, *same)}


def _none(document: str | None, architecture: str | None) -> ArchcalcError:
    documents = sorted({each.document for each in claims()})
    if document is not None and document.strip().zfill(3) not in documents:
        said = f"no document is called {shown(document)}; there are {', '.join(documents)}"
        return UnknownName(said, (), "document", "document", document)
    if architecture is not None and zoo.design_space(architecture) is None:
        known = {matched(each.architecture) for each in claims()}
        if matched(architecture) not in known:
            zoo.network(architecture)  # an unknown name gets its nearest ones
    where = "no document" if document is None else f"document {document.strip().zfill(3)} does not"
    said = "prints" if document is None else "print"
    return ArchcalcError(f"{where} {said} a figure of {architecture}")


def judge(each: Claim) -> Audited:
    """The verdict on one figure."""
    if each.reason:
        return Audited(each, "not computable", None, "", each.reason)
    tree = parse_claim(each.selector)
    kind, _, rest = each.printed.partition(": ")
    try:
        if kind in JUDGES:
            return JUDGES[kind](each, tree, rest)
        return _number(each, tree, each.printed)
    except Differs as error:
        return Audited(each, "contradicted", tuple(error.values), "", each.note or str(error))
    except ArchcalcError as error:
        return Audited(each, "not evaluated", None, "", str(error))


def _statement(each: Claim, tree: Expression, _printed: str) -> Audited:
    holds = value(tree)
    return Audited(each, "exact" if holds else "contradicted", holds, "", "" if holds else each.note)


def _shape(each: Claim, tree: Expression, printed: str) -> Audited:
    sides = tuple(map(int, printed.split("x")))
    shape: Any = value(tree)
    same = _flat(sides) == _flat(shape)
    return Audited(each, "exact" if same else "contradicted", shape, "", "" if same else each.note)


def _flat(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without sides of length 1: a vector may be printed with them."""
    return shape[2:] if len(shape) == 3 and shape[:2] == (1, 1) else shape


def _number(each: Claim, tree: Expression, text: str) -> Audited:
    printed = read_printed(text)
    number = value(tree)
    if number == printed.value:
        return Audited(each, "exact", number, "", "")
    span = agreeing(number, printed, whole=False)
    if span is not None:
        return Audited(each, "within the printed digits", number, span.reading, "")
    if each.slip and value(parse_claim(each.slip)) == printed.value:
        return Audited(each, "contradicted", number, "", each.note)
    best = min(readings(tree, printed, SCOPE), key=lambda reading: reading.rank, default=None)
    if best is None:
        return Audited(each, "contradicted", number, "", each.note)
    return Audited(each, "holds under", number, words(best), each.note, best.value)


def words(reading: Reading) -> str:
    """A reading in words: its changes, and the number that it gives."""
    return "; ".join([*[change.words for change in reading.changes], *([reading.digits] if reading.digits else [])])


def _formula(each: Claim, tree: Expression, text: str) -> Audited:
    """The verdict on a printed formula, compared with the op's own at many values, and on its printed result."""
    left, *results = [part.strip() for part in text.split("=")]
    if results and isinstance(parse(left), Identifier):
        left, *results = results
    formula = parse(left)
    letters = sorted({*tree.symbols(), *formula.symbols()})
    if letters:
        return _identity(each, tree, formula, letters)
    number = value(tree)
    if formula.evaluate({}) != number:
        return Audited(each, "contradicted", number, "", each.note)
    verdicts = [_number(each, tree, result) for result in results]
    return next((verdict for verdict in verdicts if verdict.verdict != "exact"), Audited(each, "exact", number, "", ""))


def _identity(each: Claim, tree: Expression, formula: Expression, letters: Sequence[str]) -> Audited:
    pairs = list(_points(tree, formula, letters))
    if not pairs:
        return Audited(each, "not evaluated", None, "", "the formula has no value at any point")
    apart = sum(number != said for number, said in pairs)
    if not apart:
        return Audited(each, "exact", "identical", f"at all {len(pairs)} points tried", "")
    if all(number == floor(said) for number, said in pairs):
        return Audited(
            each, "holds under", "identical", f"the quotient rounded down, at {apart} of {len(pairs)} points", each.note
        )
    return Audited(each, "contradicted", "different", "", each.note or f"at {apart} of {len(pairs)} points")


def _points(tree: Expression, formula: Expression, letters: Sequence[str]) -> Iterator[tuple[Any, Fraction]]:
    """The computed and the printed value of a formula, for all values of the letters that the layer accepts."""
    for values in product(POINTS, repeat=len(letters)):
        meant = dict(zip(letters, values, strict=True))
        try:
            number = value(tree, Context(letters=meant))
        except ArchcalcError:  # the window does not fit there
            continue
        yield number, Fraction(formula.evaluate(meant))


JUDGES: Mapping[str, Callable[[Claim, Expression, str], Audited]] = {
    "statement": _statement,
    "shape": _shape,
    "formula": _formula,
}
"""The function for each kind of figure, by the first word of `Claim.printed`; all other figures are numbers."""
