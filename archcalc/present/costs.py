"""Tables of `archcalc table`, `rf` and `compare`: costs and receptive fields of layers and networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from archcalc.algebra.dims import is_int
from archcalc.analysis.quantities import predicted, quantity_of, remark_on
from archcalc.analysis.results import Analysis, Layer, ReceptiveField, labels, settings_text
from archcalc.analysis.stages import shrinking
from archcalc.conventions import RUN_ON_ANY_AXES
from archcalc.graph.axes import example
from archcalc.present.latency import seconds
from archcalc.present.tables import Aside, ByteRemark, Column, Table, human, human_bytes, left
from archcalc.present.words import by_all, cited, field_size, left_out_remark, output, pair, phrase


def _heading(analysis: Analysis) -> str:
    changed = "".join(f", {setting}" for setting in settings_text(analysis.changed))
    return f"{analysis.architecture}{changed}, input {by_all(analysis.inputs)}{cited(analysis.citation)}"


def _one(analyses: Sequence[Analysis]) -> str:
    """One member of a batch in a word: an image, unless some network takes something else."""
    ones = {example(each.inputs) for each in analyses}
    return ones.pop() if len(ones) == 1 else "example"


def _memory_remark(analyses: Sequence[Analysis]) -> str:
    one = _one(analyses)
    batches = list(dict.fromkeys(f"{each.batch}" for each in analyses))
    images = f"one {one}" if batches == ["1"] else f"a batch of {' or '.join(batches)} {one}s"
    types = " or ".join(dict.fromkeys(each.dtype for each in analyses))
    pure = any([each.dtype in ("float16", "bfloat16") for each in analyses])
    mixed = (
        ", parameters too. Mixed precision keeps parameters, and some activations, in float32: "
        "`archcalc memory NAME --precision amp_fp16` states it"
        if pure
        else ""
    )
    return f"Memory: bytes of {types} for {images}{mixed}."


def _unit(analysis: Analysis, quantity: str, otherwise: str) -> str:
    """The heading of a quantity's column: the unit of the requested convention, if that counts the quantity."""
    counting = analysis.counting
    return counting.unit.partition(" (")[0] if counting is not None and counting.quantity == quantity else otherwise


def _count(analysis: Analysis, quantity: str, otherwise: Any, counted: Any) -> Any:
    """A count in a quantity's column: that of the requested convention, if that counts the quantity."""
    counting = analysis.counting
    return counted if counting is not None and counting.quantity == quantity else otherwise


def _mult_adds_remark(analyses: Sequence[Analysis]) -> str:
    """The definition of mult-adds, if a column has that heading."""
    remark = f"Mult-adds: multiply-accumulates of convolutions and linear layers, for one {_one(analyses)}."
    return _count(analyses[0], "work", remark, "")


def counting_remarks(analyses: Sequence[Analysis]) -> list[str]:
    """A sentence on the requested convention, and the kinds of ops that it leaves out of these networks."""
    counting = analyses[0].counting
    if counting is None:
        return []
    says = f"{counting.unit} as {analyses[0].convention} counts{f' ({counting.tool})' if counting.tool else ''}"
    nodes: dict[str, int] = {}
    for each in analyses:
        for left_out in each.counting.left_out if each.counting is not None else ():
            if not (is_int(left_out.operations) and left_out.operations == 0):
                nodes[left_out.op] = nodes.get(left_out.op, 0) + left_out.nodes
    image = f"; for one {_one(analyses)}" if counting.quantity != "parameters" else ""
    remarks = [f"{says}: {counting.summary}{image}.", left_out_remark(nodes)]
    kind, tool = _one(analyses), counting.tool.partition(" ")[0]
    if tool and tool not in RUN_ON_ANY_AXES and kind in ("sequence", "volume"):
        remarks.append(f"{tool} was not run on {kind}s: the count follows from its rules for images.")
    return remarks


class CountColumn(NamedTuple):
    """A column of counts: how it is headed and written, its figure for a layer, and its total."""

    column: Column
    of: Callable[[Layer], Any]
    total: Any


def _figures(analysis: Analysis) -> list[CountColumn]:
    totals, width = analysis.totals, analysis.element_bytes * analysis.batch
    counted = None if analysis.counting is None else analysis.counting.total

    def activations(layer: Layer) -> Any:
        return Aside(layer.activations) if layer.in_place else layer.activations

    def memory(layer: Layer) -> Any:
        plain = layer.activations * width
        return _count(analysis, "memory", Aside(plain) if layer.in_place else plain, layer.counted)

    def params(layer: Layer) -> Any:
        return _count(analysis, "parameters", layer.params, layer.counted)

    def work(layer: Layer) -> Any:
        return _count(analysis, "work", layer.mult_adds, layer.counted)

    all_params = _count(analysis, "parameters", totals.params, counted)
    all_work = _count(analysis, "work", totals.mult_adds, counted)
    all_memory = _count(analysis, "memory", totals.activation_sum * width, counted)
    rank = _count(analysis, "memory", 3, 0)
    return [
        CountColumn(Column("activations", human, narrow="drop"), activations, totals.activation_sum),
        CountColumn(Column("memory", human_bytes, rank=rank), memory, all_memory),
        CountColumn(Column("params", human), params, all_params),
        CountColumn(Column(_unit(analysis, "work", "mult-adds"), human), work, all_work),
    ]


def _with_shares(figures: Sequence[CountColumn]) -> list[CountColumn]:
    """Each column of counts but memory, whose shares are those of activations, and after it one of per cent."""
    found: list[CountColumn] = []
    for each in figures:
        if each.column.heading != "memory":
            kept = each._replace(column=each.column._replace(narrow="keep"))
            found += [kept, CountColumn(Column("%", of_last=True), partial(_share, each), None)]
    return found


def _share(figure: CountColumn, layer: Layer) -> str:
    part, total = figure.of(layer), figure.total
    return f"{100 * part / total:.1f}" if total and part and not isinstance(part, Aside) else ""


def _totals_remark(analysis: Analysis) -> ByteRemark:
    """A sentence on the memory of the network; without training, which there is not in integers."""
    totals = analysis.totals
    saved = () if analysis.dtype == "int8" else (totals.training_saved_bytes,)
    return ByteRemark(
        f"Parameters {{}}, peak of activations at inference {{}}, {'saved for backward {}, ' if saved else ''}"
        f"{totals.weight_layers} weight layers.",
        (totals.parameter_bytes, totals.peak_inference_bytes, *saved),
    )


def cost_table(analysis: Analysis, shares: bool = False, remark: str = "") -> Table:
    """The cost table: a line for each layer, totals below; with `shares`, also each count in per cent of its total.

    `remark` is one on the network at this input, such as `parameters_by_input`.
    """
    remarks: list[str | ByteRemark] = [
        _totals_remark(analysis),
        *counting_remarks([analysis]),
        *([remark] if remark else []),
        *analysis.remarks,
    ]
    figures = _with_shares(_figures(analysis)) if shares else _figures(analysis)
    return Table(
        caption=_heading(analysis),
        columns=[
            left("layer", "above"),
            left("operation", "wrap"),
            Column("output", rank=1),
            *[each.column for each in figures],
            Column("field", rank=2),
        ],
        rows=[
            (
                layer.name,
                phrase(layer, len(analysis.input) - 1),
                output(layer.output_shape),
                *[each.of(layer) for each in figures],
                field_size(layer.receptive_field),
            )
            for layer in analysis.layers
        ],
        totals=[("total", None, None, *[each.total for each in figures], None)],
        remarks=remarks,
        notes=_cost_notes(analysis),
    )


def _cost_notes(analysis: Analysis) -> list[tuple[str, str]]:
    """The remarks on single columns of the cost table."""
    aside = "in parentheses: computed in place, not part of the total."
    in_place = any(layer.in_place for layer in analysis.layers)
    irregular = any(layer.receptive_field.irregular for layer in analysis.layers)
    whole = any(layer.receptive_field.whole_input for layer in analysis.layers)
    local = any(layer.receptive_field.whole_input and layer.receptive_field.local for layer in analysis.layers)
    but = " (in parentheses the field without the gates that do)" if local else ""
    notes = [
        ("field", f"Field whole: every unit sees the whole input{but}." if whole else ""),
        ("mult-adds", _mult_adds_remark([analysis])),
        ("activations", f"Activations {aside}" if in_place else ""),
        (
            "memory",
            _count(analysis, "memory", f"{_memory_remark([analysis])}{f' Memory {aside}' if in_place else ''}", ""),
        ),
        (
            "field",
            "Field varies: the windows of units differ (in parentheses the field without that branch)."
            if irregular
            else "",
        ),
    ]
    return [note for note in notes if note[1]]


def field_table(analysis: Analysis) -> Table:
    """A table with a line for each layer: size, stride and offset of the receptive field."""
    rows = [
        (
            layer.name,
            phrase(layer, len(analysis.input) - 1),
            output(layer.output_shape),
            field_size(layer.receptive_field),
            pair((layer.receptive_field.local or layer.receptive_field).stride),
            pair((layer.receptive_field.local or layer.receptive_field).offset),
        )
        for layer in analysis.layers
        if layer.op != "input"
    ]
    return Table(
        caption=f"Receptive fields of {_heading(analysis)}",
        columns=[
            left("layer", "above"),
            left("operation", "wrap"),
            Column("output", narrow="drop"),
            Column("size"),
            Column("stride"),
            Column("offset"),
        ],
        rows=rows,
        remarks=[
            "Input positions. Stride: between neighbouring units; offset: where the first unit's field begins, "
            "negative in the padding; whole: every unit sees the whole input; varies: the windows of units differ."
        ],
    )


def stage_table(analyses: Sequence[Analysis], matrix: Mapping[str, Sequence[ReceptiveField | None]]) -> Table:
    """A table of receptive fields with a line for each stage, or stride, and a column for each network."""
    strides = all(stage.startswith("/") for stage in matrix)
    after = "the last layer of each stride" if strides else "each stage"
    return Table(
        caption=f"Receptive field after {after}, in input positions",
        columns=[
            left("stride" if strides else "stage", "above"),
            *map(Column, labels(analyses)),
        ],
        rows=[
            (stage, *[None if field is None else field_size(field) for field in fields])
            for stage, fields in matrix.items()
        ],
        remarks=_stride_remarks(analyses)
        if strides
        else ["Stages in which every network sees the whole input are not shown."],
    )


def _stride_remarks(analyses: Sequence[Analysis]) -> list[str]:
    found = zip(labels(analyses), map(shrinking, analyses), strict=True)
    return [
        "The stages of these networks differ in name or stride, so they are compared stride by stride.",
        *[f"{label} is shown up to {end.name}, where its stride shrinks." for label, end in found if end is not None],
    ]


COMPARED = ("params", "mult_adds", "activation_sum", "peak_inference_bytes")


def _added(key: str) -> Column:
    """The column of a further quantity."""
    quantity = quantity_of(key)
    return Column(quantity.label, {"bytes": human_bytes, "seconds": seconds}.get(quantity.unit, human))


def compare_table(analyses: Sequence[Analysis], quantities: Sequence[str] = ()) -> Table:
    """A table with a line for each network: totals, and their ratios to the first network's.

    `quantities` are keys of further totals that have a column.
    """
    added = [key for key in quantities if key not in COMPARED]

    def figure(analysis: Analysis, key: str) -> Any:
        counted = None if analysis.counting is None else analysis.counting.total
        quantity = {"params": "parameters", "mult_adds": "work", "peak_inference_bytes": "memory"}.get(key, "")
        return _count(analysis, quantity, analysis.totals[key], counted)

    def ratio(analysis: Analysis, key: str) -> str:
        ours, first = figure(analysis, key), figure(analyses[0], key)
        return f"{ours / first:.3g}" if first else ""

    peak, rank = _count(analyses[0], "memory", ("peak", 2), ("memory", 0))
    settings = [" ".join(settings_text(each.changed)) for each in analyses]
    names = [f"{each.architecture} {own}" for each, own in zip(analyses, settings, strict=True)]
    further: dict[str, list[str]] = {
        "batch": [str(each.batch) for each in analyses],
        "type": [each.dtype for each in analyses],
    }
    further = {heading: values for heading, values in further.items() if len(set(values)) > 1}
    further = ({"settings": settings} if any(settings) else {}) | further
    inputs = {name: {each.input for each, its in zip(analyses, names, strict=True) if its == name} for name in names}
    rows: list[Sequence[Any]] = []
    for index, analysis in enumerate(analyses):
        cells: list[Any] = [analysis.architecture, *[values[index] for values in further.values()]]
        cells.append(by_all(analysis.inputs))
        for key in (*COMPARED, *added):
            cells += [figure(analysis, key), ratio(analysis, key)]
        rows.append([*cells, str(analysis.totals.weight_layers)])
    return Table(
        caption=f"Totals, and their ratio to {labels(analyses)[0]}",
        columns=[
            left("architecture", "above"),
            *[left(heading) if heading == "settings" else Column(heading) for heading in further],
            Column("input", narrow="keep" if any([len(each) > 1 for each in inputs.values()]) else "drop"),
            Column("params", human),
            Column("x", of_last=True),
            Column(_unit(analyses[0], "work", "mult-adds"), human),
            Column("x", of_last=True),
            Column("activations", human, rank=1),
            Column("x", rank=1, of_last=True),
            Column(peak, human_bytes, rank=rank),
            Column("x", rank=rank, of_last=True),
            *[column for key in added for column in (_added(key), Column("x", of_last=True))],
            Column("layers", narrow="drop"),
        ],
        rows=rows,
        remarks=[
            *counting_remarks(analyses),
            *[remark_on(key) for key in predicted(added)],
        ],
        notes=[
            *[("mult-adds", remark) for remark in [_mult_adds_remark(analyses)] if remark],
            ("peak", f"Peak: activations alive at once at inference. {_memory_remark(analyses)}"),
        ],
    )
