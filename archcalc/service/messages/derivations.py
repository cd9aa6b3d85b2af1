"""Derivations as messages."""

from __future__ import annotations

from archcalc.derivations.results import Derivation, Listing, Part
from archcalc.derivations.working import Equation, LetterValue, Zero
from archcalc.service.messages.fields import (
    PLAINS,
    SHAPE,
    VALUE,
    VALUES,
    Record,
    alone,
    many,
    one_of,
    optional,
)
from archcalc.service.messages.formulas import EXPRESSION

LETTER = Record(LetterValue, "name meaning", value=VALUE)
EQUATION = Record(
    Equation, "left meaning source says", formula=EXPRESSION, letters=many(LETTER), steps=many(EXPRESSION)
)
ZERO = Record(Zero, "left meaning reason source")
LISTING = Record(Listing, columns=PLAINS, rows=many(alone("cells", many(VALUE))))
PART = Record(
    Part, "heading remark", lines=many(one_of("line", equation=EQUATION, zero=ZERO)), listing=optional(LISTING)
)
DERIVATION = Record(
    Derivation,
    "architecture citation layer quantity meaning unit",
    input=SHAPE,
    changed=VALUES,
    parts=many(PART),
    value=VALUE,
    further_inputs=many(SHAPE),
)
