"""Statements of memory as messages."""

from __future__ import annotations

from archcalc.analysis.memory import KINDS
from archcalc.analysis.memory.statement import (
    PHASES,
    Alternative,
    DeviceFit,
    InferenceMemory,
    KindBytes,
    MemoryStatement,
    Peak,
    StepWork,
)
from archcalc.service.messages.fields import PLAIN, PLAINS, SHAPE, VALUES, Record, Word, many, optional
from archcalc.service.messages.training import TRAINING_PRECISION
from archcalc.v1 import archcalc_pb2 as contract

PHASE = Word("phase", contract.StepPhase, PHASES)
KIND = Word("kind", contract.MemoryKind, KINDS)

KIND_BYTES = Record(KindBytes, "", "bytes", kind=KIND)
PEAK = Record(Peak, "layer op", "bytes", phase=PHASE, kinds=many(KIND_BYTES))
INFERENCE = Record(
    InferenceMemory,
    "is_best",
    "weights ideal best_order",
    "weights=weight_bytes ideal=ideal_bytes best_order=best_order_bytes",
    best_order=optional(PLAIN),
    eager=PEAK,
)
WORK = Record(
    StepWork,
    "",
    "forward backward again optimizer",
    "forward=forward_flops backward=backward_flops again=recomputed_flops optimizer=optimizer_flops",
)
ALTERNATIVE = Record(Alternative, "name", "bytes flops")
FIT = Record(
    DeviceFit,
    "device usable context fits largest_batch",
    "",
    "usable=usable_bytes context=context_bytes",
)
STATEMENT = Record(
    MemoryStatement,
    "architecture citation batch training storages",
    "params learnt",
    inputs=many(SHAPE),
    precision=TRAINING_PRECISION,
    changed=VALUES,
    inference=INFERENCE,
    step=PEAK,
    phases=many(PEAK),
    work=WORK,
    alternatives=many(ALTERNATIVE),
    fit=optional(FIT),
    remarks=PLAINS,
)
