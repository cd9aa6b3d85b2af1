"""Reports of some networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archcalc import __version__
from archcalc.analysis.table import analyze
from archcalc.evidence.validation import records
from archcalc.graph import Network
from archcalc.present.names import pretty
from archcalc.reports import front, network
from archcalc.reports.blocks import Block, Document
from archcalc.request import NetworkLike, Request, resolve

Progress = Callable[[str], None]
"""A function that is called with a description before each step."""


def unobserved(_: str) -> None:
    """Progress that is not shown."""


def resolved(names: Sequence[NetworkLike]) -> tuple[str | Network, ...]:
    """Canonical names, and networks that are not in the catalogue, each once. Raises UnknownName."""
    resolved_names = [resolve(name).name if isinstance(name, str) else Request.of(name).resolved for name in names]
    return tuple(dict.fromkeys(resolved_names))


def of_networks(names: Sequence[NetworkLike], progress: Progress | None = None) -> Document:
    """A report of some networks, in the given order. Raises UnknownName for an unknown name."""
    chosen = resolved(names)
    step = progress or unobserved
    step("front matter")
    titles = [each if isinstance(each, str) else each.name for each in chosen]
    known = tuple([each for each in chosen if isinstance(each, str)])
    about = _listed([pretty(each) for each in titles])
    blocks: list[Block] = [*front.reading()]
    if len(chosen) > 1:
        blocks += front.comparison([analyze(each) for each in chosen])
    if known:  # of one's own network nobody has published or recorded anything
        links = {each: f"#{network.label(each)}" for each in known}
        blocks += [*front.accuracy(names=known), *front.printed(front.audit_of(known), about)]
        blocks += front.validated([front.matrix(each, links) for each in records()])
    for each, title in zip(chosen, titles, strict=True):
        step(title)
        blocks += network.section(each)
    return Document(
        title=about,
        subtitle="Sizes, parameters, mult-adds, memory and receptive fields, layer by layer",
        imprint=imprint(),
        author=f"archcalc {__version__}",
        date=date(),
        keywords=("neural networks", "parameters", "mult-adds", "memory", "receptive field", *titles),
        blocks=blocks,
    )


def steps(names: Sequence[Any]) -> int:
    """The number of steps that `of_networks` reports."""
    return 1 + len(names)


def date() -> str:
    """The date of a report: that of the newest record of validation, so that it depends on the contents only."""
    return max([each.date for each in records()], default="")


def imprint() -> str:
    """A sentence with the version that made a report, and the date of validation."""
    said = f"; validated {date()}" if date() else ""
    return f"Computed and set by archcalc {__version__}{said}. Every number follows from the layers\u2019 formulas."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
