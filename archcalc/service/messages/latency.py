"""Statements of time as messages."""

from __future__ import annotations

from typing import Any

from archcalc.analysis.latency.statement import BOUNDS, ExpectedError, LatencyStatement, LayerTime, TimeShare
from archcalc.base.spelling import matched
from archcalc.hardware.efficiency import LAYOUTS, RUNTIMES, TASKS
from archcalc.service.messages.fields import PLAINS, SHAPE, VALUES, MessageField, Record, Word, many, specified
from archcalc.service.messages.memory import PHASE
from archcalc.service.messages.training import TRAINING_PRECISION
from archcalc.v1 import archcalc_pb2 as contract

TASK = Word("task", contract.Task, TASKS)
RUNTIME = Word("runtime", contract.Runtime, tuple(RUNTIMES))
LAYOUT = Word("layout", contract.Layout, tuple(LAYOUTS))
BOUND = Word("bound", contract.Bottleneck, BOUNDS)


def _asked(field: Word, default: bool = False) -> MessageField:
    """A word of a request, spelled as a person spells it; empty for none if there is a default."""

    def write(given: Any) -> int:
        if default and given == "":
            return 0
        found = [each for each in field.numbers if isinstance(given, str) and matched(each) == matched(given)]
        return field.write(found[0] if found else given)

    return MessageField(write, field.read)


TASK_ASKED, LAYOUT_ASKED = _asked(TASK), _asked(LAYOUT)
RUNTIME_ASKED = _asked(RUNTIME, default=True)

BASIS = Word("basis", contract.ErrorBasis, ("this device", "other devices", "another device"))
OF = {"this device": (True, False), "other devices": (False, True), "another device": (False, False)}
"""`of_device` and `of_others` of an error for each basis."""


def _write_error(error: ExpectedError) -> dict[str, Any]:
    fields = {name: each for name, each in error._asdict().items() if not name.startswith("of_")}
    basis = next(word for word, flags in OF.items() if flags == (error.of_device, error.of_others))
    return {**fields, "basis": BASIS.write(basis)}


def _read_error(message: Any) -> ExpectedError:
    of_device, of_others = OF[specified(BASIS).read(message.basis)]
    plain = {name: getattr(message, name) for name in ExpectedError._fields if not name.startswith("of_")}
    return ExpectedError(**plain, of_device=of_device, of_others=of_others)


LAYER = Record(LayerTime, "name kernels seconds", "flops bytes", phase=PHASE, bound=BOUND)
SHARE = Record(TimeShare, " ".join(TimeShare._fields))
ERROR = MessageField(_write_error, _read_error)
STATEMENT = Record(
    LatencyStatement,
    "architecture citation batch device device_name seconds peak bandwidth",
    "flops bytes",
    "peak=peak_flops_per_second bandwidth=bandwidth_bytes_per_second",
    task=TASK,
    runtime=RUNTIME,
    layout=LAYOUT,
    inputs=many(SHAPE),
    precision=TRAINING_PRECISION,
    changed=VALUES,
    layers=many(LAYER),
    bounds=many(SHARE),
    kinds=many(SHARE),
    error=ERROR,
    remarks=PLAINS,
)
