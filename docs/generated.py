"""Pages of the reference that are made from the package: what they say is what the package computes with."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from archcalc import ops, zoo
from archcalc.algebra.expressions import parse
from archcalc.analysis.quantities import QUANTITIES
from archcalc.catalogue.descriptions import describe_network
from archcalc.catalogue.listing import catalogue
from archcalc.conventions.catalogue import all_conventions
from archcalc.derivations.letters import meaning
from archcalc.graph.rules import Nothing, Rule
from archcalc.hardware.devices import devices
from archcalc.present import catalogue as networks
from archcalc.present import conventions as conventions_of
from archcalc.present.devices import device_tables, devices_table
from archcalc.present.markup import as_markdown, markdown_escape
from archcalc.present.tables import Table

SCOPES = {"image": "one image", "batch": "the batch", "network": "the network"}
RULES = {
    "channels": "Output channels",
    "size": "Output size on one axis",
    "params": "Parameters",
    "buffers": "Buffers",
    "mult_adds": "Mult-adds",
}


def pages() -> dict[str, str]:
    """All pages: Markdown by the name of the file."""
    return {
        "quantities.md": quantities(),
        "conventions.md": conventions(),
        **dict(operations()),
        **dict(families()),
        "devices.md": all_devices(),
    }


def quantities() -> str:
    """The table of quantities."""
    lines = [
        "# Quantities",
        "",
        "The quantities of a network: their names in commands, CSV, JSON, Python and the service, with their units. A "
        "quantity is of one image, of the batch, or of the network whatever the batch.",
        "",
        "| name | heading | unit | of | meaning | other names |",
        "| :--- | :--- | :--- | :--- | :--- | :--- |",
    ]
    for each in QUANTITIES.values():
        cells = (each.label, each.unit, SCOPES[each.scope], each.meaning, ", ".join(each.aliases))
        lines.append(f"| `{each.key}` | {' | '.join(map(markdown_escape, cells))} |")
    return "\n".join(lines) + "\n"


def conventions() -> str:
    """Every convention with its weights, bugs and source."""
    found = all_conventions()
    parts = [
        "# Conventions of counting",
        "A convention says what a tool or a paper counts: for each kind of operation a sum of measures with weights. A "
        "bug of a tool is listed with the versions and the evidence. "
        "[How counters differ](../../how-to/compare_counters.md) shows how to compare two of them.",
        _of(conventions_of.conventions_table(found)._replace(caption="", remarks=())),
    ]
    for each in found:
        parts += [f"## {each.name}", *_all(conventions_of.convention_tables(each))]
    return "\n\n".join(parts) + "\n"


def operations() -> Iterator[tuple[str, str]]:
    """A page for every file of operations, and their index."""
    by_file: dict[str, list[Any]] = {}
    for name in ops.__all__:
        op = getattr(ops, name)
        by_file.setdefault(op.__module__.rpartition(".")[2], []).append(op)
    listed: list[str] = []
    for file, members in sorted(by_file.items()):
        module = import_module(f"archcalc.ops.{file}")
        title = re.split(r"[:,.\n]", module.__doc__ or file)[0]
        members.sort(key=lambda op: inspect.getsourcelines(op)[1])
        yield f"operations/{file}.md", "\n\n".join([f"# {markdown_escape(title)}", *map(_operation, members)]) + "\n"
        listed.append(f"| [{markdown_escape(title)}]({file}.md) | {', '.join(f'`{op.__name__}`' for op in members)} |")
    yield (
        "operations/index.md",
        "# Operations\n\nEvery operation that networks are made of, with its formulas, from which sizes, parameters "
        "and mult-adds are computed and derived. In Python they are in `archcalc.ops`.\n\n"
        "| topic | operations |\n| :--- | :--- |\n" + "\n".join(listed) + "\n\n" + _tree(sorted(by_file)),
    )


def _operation(op: Any) -> str:
    fields = [f"`{name}: {kind}`" for name, kind in _fields(op)]
    parts = [f"## {op.__name__}", _docstring(op.__doc__ or "")]
    if fields:
        parts.append(f"Fields: {', '.join(fields)}.")
    letters: dict[str, None] = {}
    for key, heading in RULES.items():
        lines = [f"**{heading}**", ""]
        for rule in getattr(op.formulas, key):
            lines.append(f"- {_formula(rule)}{_condition(rule.when)}: {markdown_escape(_words(rule))}")
            if isinstance(rule, Rule):
                letters |= dict.fromkeys(re.findall(r"[A-Za-z]\w*", rule.formula))
        if lines[2:]:
            parts.append("\n".join(lines))
    known = [(each, text) for each in letters if (text := _meaning(op, each))]
    if known:
        parts.append("Letters: " + "; ".join(f"${parse(letter).latex()}$ {text}" for letter, text in known) + ".")
    return "\n\n".join(parts)


def _meaning(op: Any, letter: str) -> str:
    return markdown_escape(op.formulas.meanings.get(letter) or meaning(letter))


def _fields(op: Any) -> Iterator[tuple[str, str]]:
    for name, kind in inspect.get_annotations(op).items():
        if not name.startswith("_") and "ClassVar" not in str(kind):
            default = getattr(op, name, None) if not hasattr(getattr(op, name, None), "__get__") else None
            yield name, f"{kind}" + ("" if default is None else f" = {default!r}")


def _formula(rule: Rule | Nothing) -> str:
    return "0" if isinstance(rule, Nothing) else f"${parse(rule.formula).latex()}$"


def _condition(when: str) -> str:
    return f", if `{when}`" if when else ""


def _words(rule: Rule | Nothing) -> str:
    said = rule.reason if isinstance(rule, Nothing) else rule.says
    return "; ".join(part for part in (said, rule.source) if part)


def _docstring(text: str) -> str:
    """A docstring, which is plain text, as Markdown: paragraphs, formulas on lines of their own, examples."""
    parts: list[str] = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.lstrip().startswith(">>>"):
            parts.append(f"```pycon\n{inspect.cleandoc(paragraph)}\n```")
        else:
            words = " ".join(line.strip() for line in paragraph.splitlines())
            pieces = words.split("`")  # every second one is code
            parts.append("`".join(part if i % 2 else markdown_escape(part) for i, part in enumerate(pieces)))
    return "\n\n".join(parts)


def families() -> Iterator[tuple[str, str]]:
    """A page for every family of the catalogue, and the index of all networks."""
    entries = {entry.name: entry for entry in catalogue()}
    by_file: dict[str, list[Any]] = {}
    for network in zoo.networks():
        by_file.setdefault(network.file, []).append(network)
    for file, members in sorted(by_file.items()):
        found = [entries[each.name] for each in members if each.name in entries]
        if not found:
            continue
        module = import_module(f"archcalc.zoo.{file}")
        title = (module.__doc__ or file).partition(":")[0]
        parts = [
            f"# {markdown_escape(title)}",
            _docstring(module.__doc__ or ""),
            _of(networks.catalogue_table(found)._replace(caption="", remarks=())),
        ]
        for each in found:
            tables = [table._replace(caption="") for table in networks.description_tables(describe_network(each.name))]
            if tables and tables[-1].remarks:  # the notes of the file, which stand above
                tables[-1] = tables[-1]._replace(remarks=())
            parts += [f"## {each.name}", f"{markdown_escape(each.summary)}", *_all(tables)]
        yield f"catalogue/{file}.md", "\n\n".join(part for part in parts if part) + "\n"
    files = sorted({file for file, members in by_file.items() if any(each.name in entries for each in members)})
    table = as_markdown(networks.catalogue_table(list(entries.values()))._replace(caption="", remarks=()))
    homes = {network.name: file for file, members in by_file.items() for network in members}

    def linked(found: re.Match[str]) -> str:
        name = found[1]
        return f"| [{name}]({homes[name]}.md#{_anchor(name)}) |" if name in homes else found[0]

    table = re.sub(r"^\| (\w+) \|", linked, table, flags=re.MULTILINE)
    yield (
        "catalogue/index.md",
        f"# Catalogue\n\n{len(entries)} networks, each with a page of its family: citation, deviations from the paper, "
        f"hyperparameters, and what confirms it.\n\n{table}\n\n{_tree(files)}",
    )


def _anchor(name: str) -> str:
    """The anchor of a heading, as MyST makes it."""
    return re.sub(r"[^\w-]", "", name.lower().replace(" ", "-"))


def all_devices() -> str:
    """Every device with its figures and sources."""
    found = devices()
    parts = [
        "# Devices",
        "The devices that times and memory are predicted for. A figure that no source states is empty. "
        "[A device of your own](../../how-to/time_on_a_device.md) is a small file.",
        _of(devices_table(found)._replace(caption="", remarks=())),
    ]
    for each in found:
        parts += [f"## {each.name}", *_all([table._replace(caption="") for table in device_tables(each)])]
    return "\n\n".join(parts) + "\n"


def _of(table: Table) -> str:
    """A table; one without headings as a list."""
    text = as_markdown(table)
    if table.columns and not any(column.heading for column in table.columns):
        rows, _ = table.cells(exact=False)
        text = "\n".join(f"- **{markdown_escape(key)}**: {markdown_escape(', '.join(rest))}" for key, *rest in rows)
    return re.sub(r"(?<![\w(<])(https?://[^\s|<>]+?)(?=[\s|;,]|\.?$)", r"<\1>", text, flags=re.MULTILINE)


def _all(tables: list[Table]) -> list[str]:
    return [_of(table) for table in tables]


def _tree(names: list[str]) -> str:
    return ":::{toctree}\n:hidden:\n\n" + "\n".join(names) + "\n:::\n"
