"""Cost tables, fields and comparisons as messages."""

from __future__ import annotations

from typing import get_args

from archcalc.analysis.quantities import QUANTITIES, Totals
from archcalc.analysis.results import Analysis, Layer, ReceptiveField
from archcalc.analysis.several import Compared, FieldMatrix, StageFields
from archcalc.analysis.structure import Joined, Structure
from archcalc.conventions.results import Counting, LeftOut
from archcalc.graph import Role
from archcalc.request import DTYPES, Resolved
from archcalc.search.sweep import Evaluation, Point
from archcalc.service.messages.fields import (
    FRACTION,
    PLAIN,
    PLAINS,
    SHAPE,
    VALUE,
    VALUES,
    MessageField,
    Record,
    Word,
    alone,
    many,
    mapped,
    optional,
)
from archcalc.v1 import archcalc_pb2 as contract

DTYPE = Word("dtype", contract.Dtype, tuple(DTYPES))
COUNTED_OF = Word("quantity", contract.CountedOf, ("work", "parameters", "memory"))
ROLE = Word("role", contract.Role, get_args(Role))

RESOLVED = Record(Resolved, "name", input=SHAPE)
LEFT_OUT = Record(LeftOut, "op nodes", "operations")
COUNTING = Record(Counting, "unit summary tool", "total", quantity=COUNTED_OF, left_out=many(LEFT_OUT))
VALUES_OF_TOTALS = mapped(VALUE, order=tuple(QUANTITIES))
TOTALS = MessageField(
    lambda totals: {"values": VALUES_OF_TOTALS.write(totals)},
    lambda message: Totals(VALUES_OF_TOTALS.read(message.values)),
)


def _fields() -> Record:
    """The record of receptive fields; a local field has no local field itself."""
    window = {
        "size": optional(SHAPE),
        "stride": optional(alone("values", many(FRACTION))),
        "offset": optional(SHAPE),
    }
    local = Record(ReceptiveField, "whole_input irregular", **window, local=MessageField(_no_field, _no_field))
    return Record(ReceptiveField, "whole_input irregular", **window, local=optional(local))


def _no_field(_: object) -> None:
    """Return None: there is no local field in a local field."""


RECEPTIVE_FIELD = _fields()
LAYER = Record(
    Layer,
    "name row op in_place",
    "activations params buffers mult_adds counted",
    "in_place=left_out_of_activation_sum",
    attributes=VALUES,
    output_shape=PLAINS,
    receptive_field=RECEPTIVE_FIELD,
    counted=optional(PLAIN),
)
ANALYSIS = Record(
    Analysis,
    "architecture citation batch convention",
    input=SHAPE,
    dtype=DTYPE,
    hyperparameters=VALUES,
    changed=VALUES,
    totals=TOTALS,
    layers=many(LAYER),
    counting=optional(COUNTING),
    remarks=PLAINS,
)
JOINED = Record(Joined, layer=LAYER, role=ROLE, inputs=PLAINS)
STRUCTURE = Record(Structure, "architecture", input=SHAPE, changed=VALUES, rows=many(JOINED))

COMPARED = Record(
    Compared,
    "architecture batch convention",
    changed=VALUES,
    input=SHAPE,
    dtype=DTYPE,
    totals=TOTALS,
    ratios=mapped(PLAIN, order=tuple(QUANTITIES)),
)
STAGE_FIELDS = Record(StageFields, "stage", fields=many(alone("field", optional(RECEPTIVE_FIELD))))
FIELD_MATRIX = Record(FieldMatrix, architectures=PLAINS, stages=many(STAGE_FIELDS))

POINT = Record(Point, input=optional(SHAPE), hyperparameters=mapped(VALUE))
EVALUATION = Record(Evaluation, "problem", input=optional(SHAPE), totals=optional(TOTALS))
