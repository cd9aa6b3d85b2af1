"""Printed figures, their verdicts and readings, and accuracies as messages."""

from __future__ import annotations

from typing import Any, get_args

from archcalc.algebra.amounts import Printed
from archcalc.analysis.quantities import QUANTITIES
from archcalc.evidence.accuracy import AccuracyPoint, Located
from archcalc.evidence.accuracy_check import Check, Disagreement
from archcalc.evidence.alternatives import Change
from archcalc.evidence.audit import VERDICTS, Audit, Audited, Case, read_verdict
from archcalc.evidence.claims import Claim
from archcalc.evidence.explain import Explanation
from archcalc.evidence.judging import Explained, Strength
from archcalc.evidence.readings import Reading
from archcalc.evidence.selecting import NetworkSelection, NotBuilt, SelectedNetwork, Setting
from archcalc.service.messages.costs import DTYPE
from archcalc.service.messages.fields import (
    PLAIN,
    PLAINS,
    SHAPE,
    VALUE,
    VALUES,
    MessageField,
    Record,
    Word,
    keyed,
    many,
    mapped,
    optional,
    parts,
)
from archcalc.service.messages.training import TRAINING
from archcalc.v1 import archcalc_pb2 as contract

VERDICT = Word("verdict", contract.AuditVerdict, VERDICTS)


def _read_then_write(text: Any) -> Any:
    return VERDICT.write(read_verdict(text))


VERDICT_ASKED = MessageField(_read_then_write, VERDICT.read)
"""The verdict of a request, by any of its names."""

CLAIM = Record(
    Claim,
    "id document line section architecture scope quantity text number unit comment printed selector slip note",
)
AUDITED = Record(Audited, "reading reason", claim=CLAIM, verdict=VERDICT, computed=VALUE, under=VALUE)
AUDIT = Record(
    Audit,
    audited=many(AUDITED),
    counts=keyed("document", PLAIN, "counts", keyed("verdict", VERDICT, "count", PLAIN)),
)
CASE = Record(Case, "line", audited=AUDITED, facts=many(parts(fact=PLAIN, value=VALUE)), slip=VALUE)

PRINTED = Record(Printed, "text power unit binary words grouped", value=VALUE, last=VALUE, places=VALUE)
CHANGE = Record(Change, "kind words weak", weight=VALUE)
READING = Record(
    Reading, "convention digits agrees distance", networks=PLAINS, input=PLAINS, changes=many(CHANGE), value=VALUE
)
STRENGTH = Word("strength", contract.ReadingStrength, get_args(Strength))
EXPLAINED = Record(
    Explained,
    "quantity fact unlikely by_chance",
    "",
    "by_chance=expected_by_chance",
    reading=READING,
    strength=STRENGTH,
)
EXPLANATION = Record(
    Explanation,
    "architecture networks by_chance",
    "",
    "networks=networks_tried by_chance=left_out_by_chance",
    printed=PRINTED,
    quantities=PLAINS,
    known=many(AUDITED),
    readings=many(EXPLAINED),
    nearest=many(EXPLAINED),
)

ACCURACY_POINT = Record(
    AccuracyPoint,
    "architecture dataset recipe evaluation extra_data source printed_params printed_mult_adds notes",
    "",
    "size=size_pixels",
    top1=optional(PLAIN),
    top5=optional(PLAIN),
    size=optional(PLAIN),
)
LOCATED = Record(
    Located,
    "problem",
    point=ACCURACY_POINT,
    input=optional(SHAPE),
    params=optional(PLAIN),
    mult_adds=optional(PLAIN),
)
DISAGREEMENT = Record(Disagreement, "quantity printed ours relative reason", point=ACCURACY_POINT)
CHECK = Record(Check, "agreeing absent", disagreements=many(DISAGREEMENT))

SETTING = Record(
    Setting,
    sizes=PLAINS,
    batch=MessageField(lambda batch: batch, lambda batch: batch or 1),
    dtype=MessageField(DTYPE.write, lambda number: DTYPE.read(number) or "float32"),
    hyperparameters=mapped(VALUE),
    training=TRAINING,
)
SELECTED = Record(
    SelectedNetwork,
    "name summary year batch recipe",
    changed=VALUES,
    input=SHAPE,
    dtype=DTYPE,
    values=mapped(VALUE, order=tuple(QUANTITIES)),
    top1=optional(PLAIN),
    top5=optional(PLAIN),
)
SELECTION = Record(NetworkSelection, "unknown", rows=many(SELECTED), refused=many(Record(NotBuilt, "name reason")))
