"""Solutions, scaling laws and ratios as messages."""

from __future__ import annotations

from archcalc.algebra.quotients import Ratio
from archcalc.search.inverses import Inverse
from archcalc.search.laws import CostStep, CostSteps, Law, Scaling, VariableLaws
from archcalc.search.ratios import RatioLaws
from archcalc.search.solutions import Bound, Solution, Solved
from archcalc.service.messages.costs import DTYPE
from archcalc.service.messages.fields import (
    COUNTS,
    PLAINS,
    SHAPE,
    TEXTS,
    VALUE,
    VALUES,
    MessageField,
    Record,
    Word,
    keyed,
    many,
    optional,
    parts,
)
from archcalc.service.messages.formulas import FORMULA
from archcalc.v1 import archcalc_pb2 as contract

BOUND = Record(Bound, "quantity given unit", "value", within=VALUE, reaches=VALUE)
SOLVED = Record(Solved, value=VALUE, input=SHAPE, counts=VALUES)
INVERSE = Record(Inverse, "quantity unit letter domain text latex letter_at value_at", "target", formula=FORMULA)
SOLUTION = Record(
    Solution,
    "architecture citation batch variable meaning range multiple_of falls binding search",
    input=SHAPE,
    dtype=DTYPE,
    changed=VALUES,
    bounds=many(BOUND),
    within=optional(SOLVED),
    reaches=optional(SOLVED),
    nearest=VALUE,
    inverses=many(INVERSE),
    checked=many(VALUE),
    remarks=PLAINS,
    further_inputs=many(SHAPE),
)

VARIABLE_KIND = Word("kind of variable", contract.VariableKind, ("size", "width", "depth"))
LAW = Record(
    Law,
    "quantity unit exponent letter domain",
    leading=VALUE,
    formula=FORMULA,
    local=VALUE,
    doubled=VALUE,
)
VARIABLE_LAWS = Record(
    VariableLaws,
    "variable meaning how",
    kind=VARIABLE_KIND,
    present=VALUE,
    laws=many(LAW),
    samples=many(parts(setting=VALUE, counts=COUNTS)),
)
COST_STEP = Record(
    CostStep,
    "residue before after",
    "",
    "before=before_pixels after=after_pixels",
    rises=VALUES,
    area=VALUE,
    difference=FORMULA,
)
COST_STEPS = Record(CostSteps, "period taken flat", "", "period=period_pixels", steps=many(COST_STEP))
SCALING = Record(
    Scaling,
    "architecture citation batch",
    input=SHAPE,
    dtype=DTYPE,
    changed=VALUES,
    variables=many(VARIABLE_LAWS),
    cost_steps=optional(COST_STEPS),
    without=TEXTS,
    further_inputs=many(SHAPE),
)

TERMS = keyed("powers", PLAINS, "coefficient", VALUE)


def _ratios() -> Record:
    """The record of ratios; a limit has no limit itself."""
    shared = {"above": TERMS, "below": TERMS, "names": PLAINS, "at_present": VALUE}
    limit = Record(Ratio, "quantity", **shared, limit=MessageField(_no_limit, _no_limit))
    return Record(Ratio, "quantity", **shared, limit=optional(limit))


def _no_limit(_: object) -> None:
    """Return None: there is no limit of a limit."""


RATIO_LAWS = Record(RatioLaws, "architecture other how", symbols=TEXTS, ratios=many(_ratios()), left_out=TEXTS)
