"""Conventions, counts and reconciliations as messages."""

from __future__ import annotations

from archcalc.conventions import Bug, Convention, Term
from archcalc.conventions.counting import Count, Counted
from archcalc.conventions.reconciling import Line, Reconciliation, Step, Waterfall
from archcalc.service.messages.costs import COUNTED_OF, LEFT_OUT
from archcalc.service.messages.fields import COUNTS, PLAINS, SHAPE, VALUES, Record, many, named, optional

BUG = Record(Bug, "summary versions evidence")
TERM = Record(Term, "weight measure", bug=optional(BUG))
CONVENTION = Record(
    Convention,
    "name summary source unit tool versions",
    terms=named(many(TERM)),
    quantity=COUNTED_OF,
    notes=PLAINS,
    other_bugs=many(BUG),
)
COUNTED = Record(Counted, "op measure meaning weight nodes", "measured amount", bug=optional(BUG))
COUNT = Record(
    Count,
    "architecture",
    "total",
    input=SHAPE,
    convention=CONVENTION,
    by_layer=COUNTS,
    by_term=many(COUNTED),
    left_out=many(LEFT_OUT),
)
LINE = Record(Line, "name implementation", "total bugs", convention=CONVENTION, left_out=many(LEFT_OUT))
STEP = Record(Step, "op measure meaning weight nodes reason bug", "measured amount", "bug=is_bug")
WATERFALL = Record(Waterfall, start=LINE, end=LINE, steps=many(STEP))
RECONCILIATION = Record(
    Reconciliation,
    "architecture",
    input=SHAPE,
    changed=VALUES,
    lines=many(LINE),
    waterfalls=many(WATERFALL),
    further_inputs=many(SHAPE),
)
