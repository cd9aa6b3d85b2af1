"""Statements of time as messages."""

from __future__ import annotations

from archcalc.analysis.latency.statement import ExpectedError, LatencyStatement, LayerTime, TimeShare
from archcalc.service.messages.fields import PLAINS, SHAPE, VALUES, Record, many
from archcalc.service.messages.training import TRAINING_PRECISION

LAYER = Record(LayerTime, "name phase kernels seconds bound", "flops bytes")
SHARE = Record(TimeShare, " ".join(TimeShare._fields))
ERROR = Record(ExpectedError, " ".join(ExpectedError._fields))
STATEMENT = Record(
    LatencyStatement,
    "architecture citation batch task device device_name runtime layout seconds peak bandwidth",
    "flops bytes",
    inputs=many(SHAPE),
    precision=TRAINING_PRECISION,
    changed=VALUES,
    layers=many(LAYER),
    bounds=many(SHARE),
    kinds=many(SHARE),
    error=ERROR,
    remarks=PLAINS,
)
