"""What each command shows: a result of `query` as a `Table`, and how its cells are worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.conventions import Convention
from archcalc.descriptions import DOCUMENTS, Citation, Description, Space
from archcalc.dims import is_int
from archcalc.query.catalogue import Entry
from archcalc.results import Analysis, Layer, ReceptiveField
from archcalc.tables import Column, Table, digits, human, human_bytes, latex_escape, left

MULT_ADDS_REMARK = "Mult-adds: multiply-accumulates of convolutions and linear layers, for one image."


def by(sides: Sequence[Any]) -> str:
    """Sizes joined by x."""
    return "x".join(map(str, sides))


def output(shape: Sequence[Any]) -> str:
    """An output shape as the slides print it: height x width x channels."""
    return by((*shape[1:], shape[0])) if len(shape) == 3 else by(shape)


def pair(sides: tuple[Any, Any] | None) -> str:
    """A height and a width; once if they agree."""
    if sides is None:
        return ""
    return str(sides[0]) if sides[0] == sides[1] else by(sides)


def field_size(sight: ReceptiveField) -> str:
    """The size of a receptive field, or why there is none."""
    if sight.size is not None:
        return pair(sight.size)
    local = f" ({pair(sight.local.size)})" if sight.local is not None else ""
    return ("whole" if sight.whole_input else "varies") + local


def describe(layer: Layer) -> str:
    """A layer as a short phrase: conv 11x11/4 p2 g2."""
    given: Mapping[str, Any] = layer.attributes
    words = [layer.op.replace("_", " ")]
    groups = given.get("groups", 1)
    if groups != 1 and groups == given.get("out"):
        words.append("dw")
    if "kernel" in given:
        stride = given.get("stride", 1)
        words.append(_two(given["kernel"], "x") + (f"/{_two(stride)}" if stride not in (1, (1, 1)) else ""))
    if given.get("padding", 0) not in (0, (0, 0)):
        words.append(f"p{_padding(given['padding'])}")
    if given.get("dilation", 1) not in (1, (1, 1)):
        words.append(f"d{_two(given['dilation'])}")
    if groups != 1 and groups != given.get("out"):
        words.append(f"g{groups}")
    return " ".join(words)


def _two(value: Any, joined: str = "") -> str:
    sides: Any = value
    if type(value) is tuple:
        return by(sides)
    return f"{value}x{value}" if joined else str(value)


def _padding(value: Any) -> str:
    sides: Any = value
    return ",".join(map(_padding, sides)) if type(value) is tuple else str(value)


def _heading(analysis: Analysis) -> str:
    changed = "".join(f", {key}={value}" for key, value in analysis.changed.items())
    return f"{analysis.architecture}{changed}, input {by(analysis.input)} ({analysis.citation})"


def _per_image(analysis: Analysis) -> str:
    images = "one image" if analysis.batch == 1 else f"a batch of {analysis.batch} images"
    return f"Memory: bytes of {analysis.dtype} for {images}."


def _unit(analysis: Analysis, quantity: str, otherwise: str) -> str:
    """The heading of the column of a quantity: the unit of the convention that was asked for."""
    counting = analysis.counting
    return counting.unit.partition(" (")[0] if counting is not None and counting.quantity == quantity else otherwise


def _count(analysis: Analysis, quantity: str, otherwise: Any, counted: Any) -> Any:
    """A number of the column of a quantity: the convention's, where one was asked for that counts it."""
    counting = analysis.counting
    return counted if counting is not None and counting.quantity == quantity else otherwise


def _mult_adds_remark(analysis: Analysis) -> str:
    """What mult-adds are, where that is the column's heading."""
    return _count(analysis, "work", f"{MULT_ADDS_REMARK} ", "")


def _counting_remarks(analyses: Sequence[Analysis]) -> list[str]:
    """How the convention counts that was asked for, and what it leaves out of these networks."""
    counting = analyses[0].counting
    if counting is None:
        return []
    says = f"{counting.unit} as {analyses[0].convention} counts{f' ({counting.tool})' if counting.tool else ''}"
    nodes: dict[str, int] = {}
    for each in analyses:
        for left_out in each.counting.left_out if each.counting is not None else ():
            if not (is_int(left_out.operations) and left_out.operations == 0):
                nodes[left_out.op] = nodes.get(left_out.op, 0) + left_out.nodes
    image = "; for one image" if counting.quantity == "work" else ""
    return [f"{says}: {counting.summary}{image}.", left_out_remark(nodes)]


def left_out_remark(nodes: Mapping[str, int]) -> str:
    """Kinds of ops that compute something and are not counted, with their numbers."""
    shown = ", ".join(f"{number} {op.replace('_', ' ')}" for op, number in nodes.items())
    return f"Left out: {shown}." if shown else "Nothing is left out."


def cost_table(analysis: Analysis) -> Table:
    """One line a layer, totals below."""
    width = analysis.element_bytes * analysis.batch
    rows = [
        (
            layer.name,
            describe(layer),
            output(layer.output_shape),
            f"({human(layer.activations)})" if layer.in_place else layer.activations,
            layer.activations * width,
            _count(analysis, "parameters", layer.params, layer.counted),
            _count(analysis, "work", layer.mult_adds, layer.counted),
            field_size(layer.receptive_field),
        )
        for layer in analysis.layers
    ]
    totals, counted = analysis.totals, None if analysis.counting is None else analysis.counting.total
    remarks = [
        f"Parameters {human_bytes(totals.parameter_bytes)}, peak of activations at inference "
        f"{human_bytes(totals.peak_inference_bytes)}, kept for training {human_bytes(totals.training_saved_bytes)}, "
        f"{totals.weight_layers} weight layers.",
        *_counting_remarks([analysis]),
        f"{_mult_adds_remark(analysis)}{_per_image(analysis)}",
    ]
    if any(layer.receptive_field.irregular for layer in analysis.layers):
        remarks.append("Field varies: the windows of units differ (in parentheses what is seen without that branch).")
    if any(layer.in_place for layer in analysis.layers):
        remarks.append("Activations in parentheses are taken to be in place and are not in the total.")
    return Table(
        caption=_heading(analysis),
        columns=[
            left("layer", "cut"),
            left("operation"),
            Column("output"),
            Column("activations", human, narrow="drop"),
            Column("memory", human_bytes),
            Column("params", human),
            Column(_unit(analysis, "work", "mult-adds"), human),
            Column("field"),
        ],
        rows=rows,
        totals=[
            (
                "total",
                None,
                None,
                totals.activation_sum,
                totals.activation_sum * width,
                _count(analysis, "parameters", totals.params, counted),
                _count(analysis, "work", totals.mult_adds, counted),
                None,
            )
        ],
        remarks=remarks,
    )


def field_table(analysis: Analysis) -> Table:
    """One line a layer: the receptive field's size, stride and offset."""
    rows = [
        (
            layer.name,
            describe(layer),
            output(layer.output_shape),
            field_size(layer.receptive_field),
            pair((layer.receptive_field.local or layer.receptive_field).stride),
            pair((layer.receptive_field.local or layer.receptive_field).offset),
        )
        for layer in analysis.layers[1:]
    ]
    return Table(
        caption=f"Receptive fields of {_heading(analysis)}",
        columns=[
            left("layer", "cut"),
            left("operation"),
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
    """One line a stage, one column a network: the size of the receptive field after the stage."""
    return Table(
        caption="Receptive field after each stage, in input positions",
        columns=[left("stage", "cut"), *[Column(analysis.architecture) for analysis in analyses]],
        rows=[
            (stage, *[None if sight is None else field_size(sight) for sight in sights])
            for stage, sights in matrix.items()
        ],
        remarks=["Stages in which every network sees the whole input are left out."],
    )


COMPARED = ("params", "mult_adds", "activation_sum", "peak_inference_bytes")


def compare_table(analyses: Sequence[Analysis]) -> Table:
    """One line a network: totals, and how many times the first network's they are."""

    def figure(analysis: Analysis, key: str) -> Any:
        counted = None if analysis.counting is None else analysis.counting.total
        quantity = {"params": "parameters", "mult_adds": "work"}.get(key, "")
        return _count(analysis, quantity, getattr(analysis.totals, key), counted)

    def ratio(analysis: Analysis, key: str) -> str:
        ours, first = figure(analysis, key), figure(analyses[0], key)
        return f"{ours / first:.3g}" if first else ""

    rows: list[Sequence[Any]] = []
    for analysis in analyses:
        cells: list[Any] = [analysis.architecture, by(analysis.input)]
        for key in COMPARED:
            cells += [figure(analysis, key), ratio(analysis, key)]
        rows.append([*cells, str(analysis.totals.weight_layers)])
    return Table(
        caption=f"Totals, and their ratio to {analyses[0].architecture}",
        columns=[
            left("architecture", "cut"),
            Column("input", narrow="drop"),
            Column("params", human),
            Column("x"),
            Column(_unit(analyses[0], "work", "mult-adds"), human),
            Column("x"),
            Column("activations", human),
            Column("x"),
            Column("peak", human_bytes),
            Column("x"),
            Column("layers", narrow="drop"),
        ],
        rows=rows,
        remarks=[
            *_counting_remarks(analyses),
            f"{_mult_adds_remark(analyses[0])}Peak: activations alive at once at inference. {_per_image(analyses[0])}",
        ],
    )


def description_tables(description: Description) -> list[Table]:
    """What a network is, and its hyperparameters, with notes below."""
    paragraphs = [part for note in description.notes for part in ("", note)]
    facts = Table(
        caption=f"{description.name}: {description.summary}, input {by(description.input)}",
        columns=[left("", "keep"), left("", "wrap")],
        rows=[row for row in _facts(description) if row[1]],
    )
    options = Table(
        caption="",
        columns=[left("hyperparameter"), left("value"), left("range", "wrap"), left("meaning", "wrap")],
        rows=[(o.name, _value(o.value), o.range, o.meaning) for o in description.hyperparameters],
        remarks=paragraphs[1:],
    )
    return [facts, options]


def _facts(description: Description) -> list[tuple[str, str]]:
    return [
        *_paper(description),
        ("confirmed", confirmed(description)),
        ("also called", ", ".join(description.aliases)),
        ("family", ", ".join(each.name for each in description.variants)),
        ("by name", ", ".join(f"{each.name} ({each.summary})" for each in description.patterns)),
    ]


def _paper(about: Description | Space) -> list[tuple[str, str]]:
    return [
        ("title", about.title),
        ("authors", about.authors),
        ("published", f"{about.year}, {about.source}"),
        ("BibTeX", f"archcalc show {about.name} --bibtex"),
        ("documents", "; ".join(f"{each} ({DOCUMENTS[each]})" for each in about.documents)),
    ]


def confirmed(description: Description) -> str:
    """How a network was confirmed, in a sentence."""
    how = description.confirmation
    if how.by == "text":
        return how.text
    if how.by == "family":
        return "this name is made by a rule and was not compared itself; the networks of its family were"
    model = f"{how.model}({_assigned(how.options)})" if how.options else how.model
    ours = f", with {_assigned(how.settings)} here" if how.settings else ""
    at = f"{by(how.inputs[0])} and {by(how.inputs[1]) if len(how.inputs) > 1 else 'another size if both take one'}"
    differs = f"; {how.differs}" if how.differs else ""
    return f"parameters, mult-adds and layers equal those of {how.library}'s {model}{ours}, at {at}{differs}"


def _assigned(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={_value(value)}" for key, value in values.items())


def _value(value: Any) -> str:
    """A value as the command line takes it."""
    return str(value).lower() if type(value) is bool else str(value)


def bibtex(citation: Citation) -> str:
    """A BibTeX entry: special characters escaped, the title in braces so that it keeps its capitals."""
    fields = {name: latex_escape(text) for name, text in citation.fields.items()}
    fields["title"] = f"{{{fields['title']}}}"
    lines = [f"  {name} = {{{text}}}," for name, text in fields.items()]
    return "\n".join([f"@{citation.kind}{{{citation.key},", *lines, "}"])


def space_tables(space: Space) -> list[Table]:
    """What a design space is, with notes below."""
    restrictions = "; ".join(space.restrictions) or "none"
    facts: list[tuple[str, Any]] = [
        *_paper(space),
        ("restrictions", restrictions),
        ("dimensions", str(space.dimensions)),
        ("formula", space.formula),
        ("size", f"{digits(space.size)} networks, which is what the formula gives exactly"),
        ("printed", f"{space.printed} in document {space.documents[0]}, rounded to two digits: an approximation"),
    ]
    notes = [part for note in space.notes for part in ("", note)]
    return [
        Table(
            caption=f"{space.name}: a design space, which is a set of networks",
            columns=[left(""), left("", "wrap")],
            rows=facts,
            remarks=notes[1:],
        )
    ]


def spaces_table(spaces: Sequence[Space]) -> Table:
    """One line a design space: what it adds to the one before, and its size."""
    first = spaces[0]
    return Table(
        caption=f'Design spaces of {first.authors} {first.year}, "{first.title}", {first.source}',
        columns=[
            left("space"),
            left("restriction", "wrap"),
            Column("dimensions", narrow="drop"),
            left("formula"),
            Column("networks", human),
            Column("printed", narrow="drop"),
        ],
        rows=[
            (s.name, s.restriction, str(s.dimensions), s.formula.replace(" ", ""), s.size, s.printed) for s in spaces
        ],
        remarks=[
            "Each AnyNet keeps the restrictions of those above it. Printed: the size in document "
            f"{first.documents[0]}, an approximation; `archcalc show NAME` says more."
        ],
    )


def entry_data(entry: Entry) -> dict[str, Any]:
    """A line of the catalogue as plain data."""
    data = entry._asdict()
    data["left_out"] = [each._asdict() for each in entry.left_out]
    return data if entry.counted is not None else {key: data[key] for key in data if key not in ("counted", "left_out")}


def catalogue_table(entries: Sequence[Entry], convention: Convention | None = None) -> Table:
    """One line a network of the catalogue."""
    work = convention is not None and convention.quantity == "work"
    params = convention is not None and not work
    nodes: dict[str, int] = {}
    for entry in entries:
        for each in entry.left_out:
            if each.operations != 0:
                nodes[each.op] = nodes.get(each.op, 0) + each.nodes
    remarks: list[str] = []
    if convention is not None:
        remarks.append(f"{convention.unit} as {convention.name} counts: {convention.summary}.")
        remarks.append(left_out_remark(nodes))
    return Table(
        caption=f"{len(entries)} architecture{'' if len(entries) == 1 else 's'}",
        columns=[
            left("name", "cut"),
            left("what it is", "trim"),
            Column("year"),
            Column("input"),
            Column("params", human),
            Column(convention.unit.partition(" (")[0] if convention is not None and work else "mult-adds", human),
        ],
        rows=[
            (
                e.name,
                e.summary,
                str(e.year),
                by(e.input),
                e.counted if params else e.params,
                e.counted if work else e.mult_adds,
            )
            for e in entries
        ],
        remarks=remarks,
    )
