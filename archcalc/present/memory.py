"""Tables of `archcalc memory`: inference and a training step by kinds of memory, work, ways to lower the peak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.analysis.memory import KINDS
from archcalc.analysis.memory.statement import MemoryStatement, Peak
from archcalc.analysis.results import settings_text
from archcalc.graph.axes import example
from archcalc.present.tables import ByteRemark, Column, Table, human, human_bytes, left
from archcalc.present.words import by_all, cited

LABELS: Mapping[str, str] = {
    "parameters": "parameters",
    "buffers": "buffers",
    "master_weights": "float32 master weights",
    "optimizer_state": "optimizer state",
    "gradients": "gradients of parameters",
    "data": "images and labels",
    "saved_activations": "activations saved for backward",
    "activations": "other activations",
    "activation_gradients": "gradients of activations",
    "weight_copies": "weights cast by autocast",
    "temporaries": "temporary tensors",
}
"""What each kind of memory is called in tables."""

PHASES: Mapping[str, str] = {"forward": "forward pass", "backward": "backward pass", "optimizer": "optimizer's step"}

APART = (
    "On a GPU come on top: the context of the process, workspaces of cuDNN and cuBLAS, and the rounding of PyTorch's "
    "allocator, at most 512 B for each tensor up to 1 MiB and 1 MiB for each larger one."
)


def memory_tables(statement: MemoryStatement, images: int | None = None) -> list[Table]:
    """The tables of a statement: memory, work (with `images`, of an epoch too), ways to lower the peak, the device."""
    return [_memory(statement), _work(statement, images), _ways(statement)]


def _memory(statement: MemoryStatement) -> Table:
    runs = [statement.inference.eager, *statement.phases]
    amounts = [dict(run.kinds) for run in runs]
    rows = [
        (LABELS[kind], *[each.get(kind) for each in amounts])
        for kind in KINDS
        if any([kind in each for each in amounts])
    ]
    changed = "".join(f", {each}" for each in settings_text(statement.changed))
    size = by_all(statement.inputs)
    one = example(statement.inputs)
    of = f"a batch of {statement.batch} {one}s" if statement.batch > 1 else f"one {one}"
    return Table(
        f"Memory of {statement.architecture}{changed}, {of}, input {size}: {statement.training}"
        f"{cited(statement.citation)}",
        [
            left("at the peak of"),
            Column("inference", human_bytes),
            *[Column(phase, human_bytes) for phase in ("forward", "backward", "optimizer")],
        ],
        rows,
        [("total", *[run.bytes for run in runs])],
        [*_peaks(statement), *_fits(statement), APART, *statement.remarks],
    )


def _peaks(statement: MemoryStatement) -> list[str | ByteRemark]:
    inference, step = statement.inference, statement.step
    says = f"Activations at inference: {{}} in eager PyTorch, most of all at {inference.eager.layer}"
    numbers = [inference.eager.bytes - inference.weights]
    says += "; {} if each is freed after its last use and nothing works in place"
    numbers.append(inference.ideal)
    if inference.best_order is not None:
        if inference.best_order < inference.ideal:
            says += ", {} in the best order of operations"
            numbers.append(inference.best_order)
        says += "" if inference.is_best else " (there are too many orders of operations to look for a better one)"
    return [
        ByteRemark(f"The training step needs {{}}: its peak is in the {_place(step)}.", (step.bytes,)),
        ByteRemark(f"{says}.", tuple(numbers)),
    ]


def _place(peak: Peak) -> str:
    return f"{PHASES[peak.phase]}{f', at {peak.layer} ({peak.op})' if peak.layer else ''}"


def _fits(statement: MemoryStatement) -> list[str | ByteRemark]:
    fit = statement.fit
    if fit is None:
        return []
    left_over = fit.usable - statement.step.bytes
    says = "It fits" if fit.fits else "It does not fit"
    margin = f"{{}} are {'left for workspaces and rounding' if fit.fits else 'missing'}"
    largest = f"the largest batch that fits is {fit.largest_batch}" if fit.largest_batch else "no batch fits"
    context = " (the context of a process, {}, is taken off)" if fit.context else ""
    numbers = (fit.usable, *([fit.context] if fit.context else []), abs(left_over))
    return [ByteRemark(f"{says} {fit.device}, which has {{}} to fill{context}: {margin}; {largest}.", numbers)]


def _work(statement: MemoryStatement, images: int | None) -> Table:
    work = statement.work
    steps = None if images is None else -(-images // statement.batch)
    rows = [
        (label, amount, None if steps is None else amount * steps)
        for label, amount in (
            ("forward", work.forward),
            ("backward", work.backward),
            ("forward again", work.again),
            ("optimizer", work.optimizer),
        )
        if amount or label != "forward again"
    ]
    columns = [left("FLOPs of"), Column("a step", human)]
    total: list[Any] = ["total", work.total]
    if steps is not None:
        columns.append(Column("an epoch", human))
        total.append(work.total * steps)
    epoch = f" An epoch of {images:,} images has {steps:,} steps." if steps is not None else ""
    learnt = "" if statement.learnt == statement.params else f" {human(statement.learnt)} of {human(statement.params)} "
    learns = f"{learnt}parameters learn." if learnt else ""
    remark = f"Two FLOPs for each multiply-accumulate of convolutions, linear layers and products.{epoch}{learns}"
    return Table("", columns, [row[: len(columns)] for row in rows], [total[: len(columns)]], [remark])


def _ways(statement: MemoryStatement) -> Table:
    before, work = statement.step.bytes, statement.work.total
    rows = [
        (way.name, way.bytes, f"{100 * (way.bytes - before) / before:+.1f} %", _times(way.flops, work))
        for way in statement.alternatives
    ]
    columns = [left("to lower the peak", "wrap"), Column("peak", human_bytes), Column("change"), Column("work")]
    remark = (
        "Each way alone. Work is that of a step over the step's above. The layout channels_last changes the order of "
        "values, not their number."
    )
    return Table("", columns, rows, remarks=[remark])


def _times(flops: int, work: int) -> str:
    return f"x {flops / work:.2f}" if work else ""


def memory_records(statement: MemoryStatement) -> list[dict[str, Any]]:
    """A record for each kind of memory and each run (`inference`, and the phases of the training step), and for each
    part of the work of a step.
    """
    runs = [("inference", statement.inference.eager), *[(each.phase, each) for each in statement.phases]]
    own = {"architecture": statement.architecture, "batch": statement.batch, "training": statement.training}
    memory = [
        {**own, "run": name, "kind": kind, "bytes": amount, "flops": None, "layer": run.layer}
        for name, run in runs
        for kind, amount in [*run.kinds, ("total", run.bytes)]
    ]
    parts = [*statement.work._asdict().items(), ("total", statement.work.total)]
    return memory + [
        {**own, "run": "work", "kind": part, "bytes": None, "flops": flops, "layer": ""} for part, flops in parts
    ]


def memory_data(statement: MemoryStatement, images: int | None) -> dict[str, Any]:
    """The statement as plain data, with the work of an epoch."""
    found = statement.to_dict()
    if images is not None:
        steps = -(-images // statement.batch)
        found["epoch"] = {"images": images, "steps": steps, "flops": statement.work.total * steps}
    return found
