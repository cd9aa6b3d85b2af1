"""Tables of `archcalc list`, `show` and `spaces`: the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.catalogue.descriptions import DOCUMENTS, Citation, Description
from archcalc.catalogue.listing import Entry
from archcalc.conventions import Convention
from archcalc.present.markup import latex_escape
from archcalc.present.tables import Column, Table, digits, human, human_bytes, left
from archcalc.present.words import by, left_out_remark
from archcalc.spaces.documented import NamedSpaceSize, SpaceDescription

LONGEST_VALUE = 24
"""Characters of a hyperparameter's value that a table shows."""


def description_tables(description: Description) -> list[Table]:
    """Tables of a network's metadata and hyperparameters, with notes below."""
    paragraphs = [part for note in description.notes for part in ("", note)]
    facts = Table(
        caption=_caption(description),
        columns=[left("", "keep"), left("", "wrap")],
        rows=[row for row in _facts(description) if row[1]],
    )
    meanings = ["" if each.meaning == each.name else each.meaning for each in description.hyperparameters]
    options = Table(
        caption="",
        columns=[left("hyperparameter"), left("value"), left("range", "wrap"), left("meaning", "wrap")],
        rows=[
            (o.name, _cut(_value(o.value)), o.range, meaning)
            for o, meaning in zip(description.hyperparameters, meanings, strict=True)
        ],
        remarks=paragraphs[1:],
    )
    if not any(meanings):
        options = options._replace(columns=options.columns[:-1], rows=[row[:-1] for row in options.rows])
    if not options.rows:
        return [facts._replace(columns=facts.columns if facts.rows else (), remarks=options.remarks)]
    return [facts, options] if facts.rows else [options._replace(caption=facts.caption)]


def _caption(description: Description) -> str:
    """The name with the summary and the input; a summary of one's own network may be a sentence, and stands last."""
    name, summary, size = description.name, description.summary, by(description.input)
    return f"{name}: {summary}, input {size}" if description.title else f"{name}, input {size}: {summary}"


def _facts(description: Description) -> list[tuple[str, str]]:
    return [
        *(_paper(description) if description.title else []),
        ("confirmed", confirmed(description)),
        ("also called", ", ".join(description.aliases)),
        ("family", ", ".join(each.name for each in description.variants)),
        ("further names", ", ".join(f"{each.name} ({each.summary})" for each in description.patterns)),
    ]


def _paper(about: Description | SpaceDescription) -> list[tuple[str, str]]:
    return [
        ("title", about.title),
        ("authors", about.authors),
        ("published", f"{about.year}, {about.source}"),
        ("BibTeX", f"archcalc show {about.name} --bibtex"),
        ("documents", "; ".join(f"{each} ({DOCUMENTS[each]})" for each in about.documents)),
    ]


def confirmed(description: Description) -> str:
    """A sentence on how a network was confirmed."""
    how = description.confirmation
    if how.by == "text":
        return how.text
    if how.by == "family":
        return "not compared itself, since its name follows a pattern; other networks of its family were compared"
    model = f"{how.model}({_assigned(how.options)})" if how.options else how.model
    ours = f", with {_assigned(how.settings)} here" if how.settings else ""
    at = f"{by(how.inputs[0])} and {by(how.inputs[1]) if len(how.inputs) > 1 else 'another size if both take one'}"
    differs = f"; {how.differs}" if how.differs else ""
    whose = f"{how.library}'s {model}" if how.library != "account" else f"archcalc/validation/accounts/{how.model}.txt"
    return f"every operation, in order, is that of {whose}{ours}, at {at}{differs}"


def _assigned(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={_value(value)}" for key, value in values.items())


def _cut(text: str) -> str:
    """The beginning of a long value, such as a whole cell."""
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 4]} ..."


def _value(value: Any) -> str:
    """A value in the notation of the command line."""
    return str(value).lower() if type(value) is bool else str(value)


def bibtex(citation: Citation) -> str:
    """A BibTeX entry: special characters escaped, the title in braces so that it keeps its capitals."""
    fields = {name: latex_escape(text) for name, text in citation.fields.items()}
    fields["title"] = f"{{{fields['title']}}}"
    lines = [f"  {name} = {{{text}}}," for name, text in fields.items()]
    return "\n".join([f"@{citation.kind}{{{citation.key},", *lines, "}"])


def space_tables(space: SpaceDescription) -> list[Table]:
    """Tables of a design space, with notes below."""
    restrictions = "; ".join(space.restrictions) or "none"
    facts: list[tuple[str, Any]] = [
        *_paper(space),
        ("restrictions", restrictions),
        ("dimensions", str(space.dimensions)),
        ("formula", space.formula),
        ("by formula", f"{digits(space.size)} networks{_against(space)}"),
        ("printed", f"{space.printed} in document {space.documents[0]}, rounded to two digits: an approximation"),
        ("counted", _counted(space)),
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


def _counted(space: SpaceDescription) -> str:
    if space.points is None:
        return "not countable: some of its parameters are real numbers"
    return f"{digits(space.points)} networks, exactly"


def _against(space: SpaceDescription) -> str:
    """The distance of the formula from the number that was counted, in words."""
    if space.points is None:
        return ", an approximation"
    if space.size == space.points:
        return ", which is exact"
    more = (space.points - space.size) / space.size
    return f", an approximation: the number of networks is {abs(more):.1%} {'larger' if more > 0 else 'smaller'}"


FEW = 1_000_000
"""The number of points from which on a table has it in four digits."""


def spaces_table(spaces: Sequence[SpaceDescription]) -> Table:
    """A table with a line for each design space: the restriction that it adds, and its size."""
    first = spaces[0]
    return Table(
        caption=f'Design spaces of {first.authors} {first.year}, "{first.title}", {first.source}',
        columns=[
            left("space"),
            left("restriction", "wrap"),
            Column("dimensions", narrow="drop"),
            left("formula"),
            Column("printed", narrow="drop"),
            Column("by formula", human, narrow="drop"),
            Column("counted", human),
        ],
        rows=[
            (s.name, s.restriction, str(s.dimensions), s.formula.replace(" ", ""), s.printed, s.size, s.points)
            for s in spaces
        ],
        remarks=[
            "Each AnyNet keeps the restrictions of those above it. Formula and printed size are those of document "
            f"{first.documents[0]}; to divide by 4! is an approximation, as equal values have fewer orders. Counted: "
            "the exact number of networks. `archcalc space NAME` has axes and constraints."
        ],
    )


def _points(number: int) -> str:
    return digits(number) if number < FEW else human(number)


def named_spaces_table(spaces: Sequence[NamedSpaceSize]) -> Table:
    """A table with a line for each design space by name, with its exact size."""
    return Table(
        caption="Design spaces by name, which space, sweep, front, best and plot take",
        columns=[
            left("space", "above"),
            left("networks", "wrap"),
            Column("source", right=False, narrow="drop", rank=1),
            Column("axes"),
            Column("points", _points),
        ],
        rows=[(each.name, each.title, each.source, str(each.dimensions), each.points) for each in spaces],
        remarks=["Points are counted exactly: --exact has all digits. Any network makes a space with --over."],
    )


def entry_data(entry: Entry) -> dict[str, Any]:
    """A network of the catalogue as plain data."""
    data = entry._asdict()
    data["left_out"] = [each._asdict() for each in entry.left_out]
    return data if entry.counted is not None else {key: data[key] for key in data if key not in ("counted", "left_out")}


def catalogue_table(entries: Sequence[Entry], convention: Convention | None = None) -> Table:
    """A table with a line for each network of the catalogue."""
    work = convention is not None and convention.quantity == "work"
    params = convention is not None and convention.quantity == "parameters"
    memory = convention is not None and convention.quantity == "memory"
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
            left("name", "above"),
            Column("description", right=False, narrow="trim", rank=1),
            Column("year"),
            Column("input"),
            Column("params", human),
            Column(convention.unit.partition(" (")[0] if convention is not None and work else "mult-adds", human),
            *([Column("memory", human_bytes)] if memory else []),
        ],
        rows=[
            (
                e.name,
                e.summary,
                str(e.year),
                by(e.input),
                e.counted if params else e.params,
                e.counted if work else e.mult_adds,
                *([e.counted] if memory else []),
            )
            for e in entries
        ],
        remarks=remarks,
    )
