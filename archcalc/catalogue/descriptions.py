"""Metadata of networks and design spaces: citation, hyperparameters, names, confirmation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Literal, NamedTuple

from archcalc import zoo
from archcalc.graph import Choice, Hyperparameter, Network, Real, Whole
from archcalc.zoo import Family

DOCUMENTS = {
    "000": "Popular CNN architectures",
    "001": "CNN Architectures, PHYS591000, 2022",
    "002": "CNN Architectures, COMP/EECE 7/8740 Neural Networks",
    "003": "Neural Networks for Computer Vision, Lecture 8, Comenius University Bratislava",
    "004": "CNN Architectures, Lecture 9, 2017",
}
"""Titles of the documents that the catalogue follows."""


class Citation(NamedTuple):
    """The citation of a paper: a BibTeX entry with fields in plain text, without escapes."""

    kind: Literal["article", "inproceedings", "misc"]
    key: str
    fields: Mapping[str, str]


def cite(authors: str, title: str, year: int, source: str) -> Citation:
    """The entry for a paper: its source is `arXiv:1409.1556`, a journal with `volume(number)`, or a conference."""
    people = [part for part in re.split(r", | & | (?=et al\.)", authors) if part]
    fields = {
        "author": " and ".join("others" if each == "et al." else each for each in people),
        "title": title,
        "year": str(year),
    }
    key = _key(people[0], title, year)
    if source.startswith("arXiv:"):
        number = source.removeprefix("arXiv:")
        fields |= {"eprint": number, "archivePrefix": "arXiv", "url": f"https://arxiv.org/abs/{number}"}
        return Citation("misc", key, fields)
    journal = re.fullmatch(r"(.+) (\d+)\((\d+)\)", source)
    if journal:
        fields |= dict(zip(("journal", "volume", "number"), journal.groups(), strict=True))
        return Citation("article", key, fields)
    return Citation("inproceedings", key, fields | {"booktitle": source})


def _key(first: str, title: str, year: int) -> str:
    """A BibTeX key of first author, year and first significant word of the title: simonyan2014very."""
    words = [word.replace("-", "").lower() for word in re.findall(r"[^\W_]+(?:-[^\W_]+)*", title)]
    meant = next(word for word in words if word not in ("a", "an", "the", "on"))
    return f"{first.rpartition(' ')[2].lower()}{year}{meant}"


class Option(NamedTuple):
    """A hyperparameter of a network: its default and the values that it may have."""

    name: str
    value: Any
    range: str
    meaning: str
    kind: str
    """`whole`, `real`, `choice` or `switch`."""
    low: float | None
    high: float | None
    choices: tuple[Any, ...]


class Named(NamedTuple):
    """A network of the same family, or a pattern of names, with a summary."""

    name: str
    summary: str


class Confirmation(NamedTuple):
    """The confirmation of a network by something that this project did not write."""

    by: Literal["model", "text", "family"]
    """An implementation; another way, described in `text`; or none, only other networks of its family."""
    library: str = ""
    model: str = ""
    options: Mapping[str, Any] = {}
    """Arguments of the library's function."""
    settings: Mapping[str, Any] = {}
    """Hyperparameters of the network in the comparison."""
    inputs: tuple[tuple[int, int, int], ...] = ()
    """Inputs of the comparison; if only one is listed, another that both accept is compared too."""
    differs: str = ""
    """The kinds of operations that are left out of the comparison, with the reasons."""
    text: str = ""


class Description(NamedTuple):
    """The metadata of a network."""

    name: str
    summary: str
    title: str
    authors: str
    year: int
    source: str
    citation: Citation
    documents: tuple[str, ...]
    input: tuple[int, int, int]
    hyperparameters: tuple[Option, ...]
    aliases: tuple[str, ...]
    variants: tuple[Named, ...]
    """The named networks of its family, including itself."""
    patterns: tuple[Named, ...]
    """Patterns of further names in its family, with hyperparameters in braces."""
    confirmation: Confirmation
    notes: tuple[str, ...]
    """Paragraphs on the source that the network follows, deviations from it, and disagreements of sources."""


def describe_network(name: str) -> Description:
    """The metadata of a network. Raises UnknownName with the nearest known names."""
    network = zoo.network(name)
    family: Family = network.family
    return Description(
        name=network.name,
        summary=network.summary,
        title=family.title,
        authors=family.authors,
        year=family.year,
        source=family.source,
        citation=cite(family.authors, family.title, family.year, family.source),
        documents=family.documents,
        input=network.input,
        hyperparameters=tuple(_options(network)),
        aliases=tuple(alias for alias, canonical in family.aliases.items() if canonical == network.name),
        variants=tuple(Named(each, other.summary) for each, other in family.variants.items()),
        patterns=tuple(Named(each, other.summary) for each, other in family.patterns.items()),
        confirmation=_confirmation(network),
        notes=notes_of(f"archcalc.zoo.{network.file}"),
    )


def describe_own(network: Network) -> Description:
    """The metadata of a network that is not in the catalogue: input and hyperparameters, no paper, no confirmation."""
    labelled = zip(network.labels, network.inputs, strict=False)
    several = [f"{label} {'x'.join(map(str, shape))}" for label, shape in labelled]
    return Description(
        name=network.name,
        summary=network.summary or "a network of one's own",
        title="",
        authors="",
        year=0,
        source="",
        citation=Citation("misc", "", {}),
        documents=(),
        input=network.input,
        hyperparameters=tuple(_options(network)),
        aliases=(),
        variants=(),
        patterns=(),
        confirmation=Confirmation("text"),
        notes=(f"Inputs: {', '.join(several)}.",) if several else (),
    )


def _options(network: Network) -> list[Option]:
    values = network.defaults()
    return [_option(key, values[key], kind) for key, kind in network.hyperparameters.items()]


def _option(key: str, value: Any, kind: Hyperparameter) -> Option:
    low, high = (kind.low, kind.high) if isinstance(kind, (Whole, Real)) else (None, None)
    choices = kind.options if isinstance(kind, Choice) else ()
    return Option(key, value, kind.span(), kind.meaning, type(kind).__name__.lower(), low, high, choices)


def _confirmation(network: Network) -> Confirmation:
    family: Family = network.family
    reference = family.references.get(network.name)
    if reference is not None:
        inputs: Any = (network.input, *([reference.size] if reference.size else []))
        options, settings = _frozen(reference.options), _frozen(reference.settings)
        return Confirmation("model", reference.library, reference.meant, options, settings, inputs, reference.left_out)
    if network.name not in family.variants:
        return Confirmation("family")
    return Confirmation("text", text=family.confirmed)


def _frozen(value: Any) -> Any:
    """A value with tuples in place of lists."""
    held: Any = value
    if isinstance(value, Mapping):
        return {key: _frozen(each) for key, each in held.items()}
    return tuple([_frozen(each) for each in held]) if isinstance(value, (list, tuple)) else value


def notes_of(module: str) -> tuple[str, ...]:
    """The paragraphs of a module's docstring after the first, each on one line."""
    from inspect import getdoc

    _, *paragraphs = (getdoc(import_module(module)) or "").split("\n\n")
    return tuple(" ".join(paragraph.split()) for paragraph in paragraphs if paragraph.strip())


def plain(value: Any) -> Any:
    """A result as dictionaries, lists, texts and numbers: what JSON can hold."""
    held: Any = value._asdict() if hasattr(value, "_asdict") else value
    kind: Any = type(held)  # pyright: ignore[reportUnknownVariableType]
    if issubclass(kind, Mapping):
        return {key: plain(each) for key, each in held.items()}
    return [plain(each) for each in held] if kind in (tuple, list) else held
