"""Tables of `archcalc latency`: the time on a device in total, by kinds of kernels and by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archcalc.analysis.latency.statement import ExpectedError, LatencyStatement
from archcalc.analysis.results import settings_text
from archcalc.graph.axes import example
from archcalc.present.tables import Column, Table, human, human_bytes, left
from archcalc.present.words import by_all, cited

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))
_LABELS = {
    "matmul": "linear layers and products",
    "conv": "convolutions",
    "grouped_conv": "convolutions in groups",
    "depthwise_conv": "convolutions by channel",
    "pointwise": "elementwise, norms, pools, copies",
}


def seconds(value: Any) -> str:
    """A time with four digits: 12.34ms.

    >>> seconds(0.0123456), seconds(0)
    ('12.35ms', '0')
    """
    if not value:
        return "0"
    limit, unit = next(((limit, unit) for limit, unit in _UNITS if value >= limit * 0.99995), _UNITS[-1])
    return f"{value / limit:.{max(0, 4 - len(str(int(value / limit))))}f}{unit}"


def percent(value: Any) -> str:
    """A share: 12.3%."""
    return f"{100 * value:.1f}%"


def latency_tables(statement: LatencyStatement, layers: bool = False) -> list[Table]:
    """The tables of a statement: by kinds of kernels, and with `layers` by layer."""
    tables = [_kinds(statement)]
    return [*tables, layers_table(statement)] if layers else tables


def _caption(statement: LatencyStatement) -> str:
    changed = "".join(f", {each}" for each in settings_text(statement.changed))
    one = example(statement.inputs)
    of = f"a batch of {statement.batch} {one}s" if statement.batch > 1 else f"one {one}"
    what = "a training step" if statement.task == "training" else "an inference"
    layout = ", channels_last" if statement.layout == "nhwc" else ""
    return (
        f"Predicted time of {what} of {statement.architecture}{changed}, {of}, input {by_all(statement.inputs)}, "
        f"{statement.precision}, {statement.device_name}, {statement.runtime} PyTorch{layout}"
        f"{cited(statement.citation)}"
    )


def _kinds(statement: LatencyStatement) -> Table:
    total = statement.seconds
    rows = [(_LABELS[each.name], each.kernels, each.seconds, each.seconds / total) for each in statement.kinds]
    columns = [left(""), Column("kernels", human), Column("time", seconds), Column("share", percent)]
    one = example(statement.inputs)
    kernels = sum([each.kernels for each in statement.kinds])
    return Table(
        _caption(statement),
        columns,
        rows,
        [("total", kernels, total, 1.0)],
        [
            f"{statement.images_per_second:,.4g} {one}s per second.",
            _bounds(statement),
            expected_error(statement),
            *statement.remarks,
        ],
    )


def _bounds(statement: LatencyStatement) -> str:
    shares = ", ".join([f"{percent(each.seconds / statement.seconds)} by {each.name}" for each in statement.bounds])
    peak, reached = statement.peak, statement.flops / statement.seconds
    return (
        f"Bound {shares}. {human(statement.flops)} FLOPs, {human(round(reached))}FLOP/s, {percent(reached / peak)} of "
        f"the peak of {human(peak)}FLOP/s; {human_bytes(statement.bytes)} moved."
    )


def expected_error(statement: LatencyStatement) -> str:
    """A sentence on the error of a statement, and on what it was measured."""
    return statement.error.sentence(statement.device)


def layers_table(statement: LatencyStatement) -> Table:
    """The layers of a statement, in the order in which they run."""
    step = statement.task == "training"
    columns = [
        left("layer", "wrap"),
        *([left("phase")] if step else []),
        Column("kernels", human, rank=2),
        Column("FLOPs", human, rank=1),
        Column("moved", human_bytes, rank=1),
        Column("FLOP/B", _digits, rank=3),
        Column("time", seconds),
        Column("share", percent),
        left("bound by"),
    ]
    rows = [
        (
            each.name,
            *([each.phase] if step else []),
            each.kernels,
            each.flops,
            each.bytes,
            each.intensity,
            each.seconds,
            each.seconds / statement.seconds,
            each.bound,
        )
        for each in statement.layers
    ]
    return Table("", columns, rows)


def _digits(value: Any) -> str:
    return f"{value:.4g}"


def _error_pair(error: ExpectedError) -> str:
    return f"{100 * error.median:.0f}% / {100 * error.p90:.0f}%"


def several_table(statements: Sequence[LatencyStatement]) -> Table:
    """A line for each statement: networks, devices, sizes or batches beside one another."""
    step = statements[0].task == "training"
    rows = [
        (
            each.architecture,
            "".join(settings_text(each.changed)),
            by_all(each.inputs),
            each.batch,
            each.device,
            each.seconds,
            each.images_per_second,
            each.bounds[0].name,
            each.error if each.error.is_known else None,
        )
        for each in statements
    ]
    columns = [
        left("network", "wrap"),
        left("settings", "wrap"),
        left("input"),
        Column("batch", human),
        left("device", "wrap"),
        Column("time", seconds),
        Column("images/s", _digits),
        left("bound by"),
        Column("error", _error_pair),
    ]
    kept = [place for place, _ in enumerate(columns) if place != 1 or any([row[1] for row in rows])]
    what = "a training step" if step else "an inference"
    same = sorted({f"{each.precision}, {each.runtime} PyTorch" for each in statements})
    said = dict.fromkeys([remark for each in statements for remark in each.remarks])
    return Table(
        f"Predicted time of {what}, {' and '.join(same)}",
        [columns[place] for place in kept],
        [[row[place] for place in kept] for row in rows],
        remarks=[
            "Expected error: half of the predictions are off by at most the first, 90 % by at most the second figure; "
            "empty where it is not known.",
            *said,
        ],
    )


def latency_records(statement: LatencyStatement, layers: bool = False) -> list[dict[str, Any]]:
    """A record for the whole statement, or with `layers` one for each layer."""
    own = {
        "architecture": statement.architecture,
        "input": by_all(statement.inputs),
        "device": statement.device,
        "batch": statement.batch,
        "precision": statement.precision,
        "task": statement.task,
        "runtime": statement.runtime,
        "layout": statement.layout,
    }
    if layers:
        return [{**own, **each._asdict(), "intensity": each.intensity} for each in statement.layers]
    error = statement.error
    total = {"flops": statement.flops, "bytes": statement.bytes, "seconds": statement.seconds}
    of = {"median_error": error.median, "p90_error": error.p90}
    return [{**own, **total, "images_per_second": statement.images_per_second, **of}]
