"""The catalogue of architectures: one file a family, and how a name finds its file.

A file states `FAMILIES`: each with its citation, its hyperparameters, its named variants and the function that builds
it. The file system is the registry: a name belongs to the longest file name here that it starts with, and only that
file is imported. Names are matched without case, `-`, `_` and `.`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Literal, NamedTuple

from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.base.spelling import matched, unknown
from archcalc.graph import Value
from archcalc.zoo._design_spaces import DESIGN_SPACES


class Whole(NamedTuple):
    """A whole-number hyperparameter."""

    low: int
    high: int
    meaning: str

    def read(self, given: Any) -> int:
        if isinstance(given, str) and re.fullmatch(r"[+-]?\d{1,40}", given.strip()):
            given = int(given)
        if type(given) is not int:
            raise ValueError(f"a whole number, not {given!r}")
        if not self.low <= given <= self.high:
            raise ValueError(f"from {self.low} to {self.high}, not {given}")
        return given

    def span(self) -> str:
        return f"{self.low} to {self.high}"


class Real(NamedTuple):
    """A real-number hyperparameter."""

    low: float
    high: float
    meaning: str

    def read(self, given: Any) -> float:
        if isinstance(given, str) and re.fullmatch(r"[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})", given.strip()):
            given = float(given)
        if type(given) is int:
            given = float(given)
        if type(given) is not float:
            raise ValueError(f"a number, not {given!r}")
        if not self.low <= given <= self.high:
            raise ValueError(f"from {self.low:g} to {self.high:g}, not {given:g}")
        return given

    def span(self) -> str:
        return f"{self.low:g} to {self.high:g}"


class Choice(NamedTuple):
    """A hyperparameter with a few possible values, all words or all whole numbers."""

    options: tuple[Any, ...]
    meaning: str

    def read(self, given: Any) -> Any:
        for option in self.options:
            if given == option or (isinstance(given, str) and given.strip() == str(option)):
                return option
        raise ValueError(f"one of {self.span()}, not {given!r}")

    def span(self) -> str:
        return ", ".join(str(option) for option in self.options)


class Switch(NamedTuple):
    """A hyperparameter that is on or off."""

    meaning: str

    def read(self, given: Any) -> bool:
        if isinstance(given, str):
            given = {"true": True, "yes": True, "on": True, "1": True}.get(
                given.strip().lower(),
                {"false": False, "no": False, "off": False, "0": False}.get(given.strip().lower(), given),
            )
        if type(given) is not bool:
            raise ValueError(f"true or false, not {given!r}")
        return given

    def span(self) -> str:
        return "true or false"


Hyperparameter = Whole | Real | Choice | Switch

CLASSES = Whole(1, 10_000_000, "outputs of the classifier")
IN_CHANNELS = Whole(1, 1_000_000, "channels of the input")
AUX = Switch("the auxiliary classifiers, in parameters and mult-adds alike")


class Variant(NamedTuple):
    """A named network of a family: what it is, its input (channels, height, width), and its hyperparameters."""

    summary: str
    input: tuple[int, int, int]
    settings: Mapping[str, Any] = {}


class Reference(NamedTuple):
    """A model that this project did not write, and that a network must equal: params, mult-adds and layer shapes."""

    library: Literal["torchvision", "timm", "pytorchcv"]
    model: str
    """The library's id of it, for pytorchcv a builder: `resnet_cifar.get_resnet_cifar`, for torchvision a part:
    `inception.InceptionA`."""
    options: Mapping[str, Any] = {}
    """Arguments of the library's function."""
    settings: Mapping[str, Any] = {}
    """Hyperparameters that our network gets for the comparison, where the bare name differs from the model."""
    size: tuple[int, int, int] | None = None
    """The second input for the comparison, where not every one will do."""
    differs: str = ""
    """How the model differs on purpose although it is the best there is; what is compared all the same must agree."""


class Family(NamedTuple):
    """Networks of one paper: who published them, how they are built, and the names they go by.

    `build(x, **hyperparameters)` returns the network's output, or a tuple with the main output first. `patterns` name
    variants that are not listed: in `mobilenet_v1_{width}_{size}` each braced word is a hyperparameter (`size`: the
    height and width of the input).
    """

    title: str
    authors: str
    year: int
    source: str
    documents: tuple[str, ...]
    build: Callable[..., Value | tuple[Value, ...]]
    hyperparameters: Mapping[str, Hyperparameter]
    variants: Mapping[str, Variant]
    patterns: Mapping[str, Variant] = {}
    aliases: Mapping[str, str] = {}
    references: Mapping[str, Reference] = {}
    """For each variant that others have built too, whose model confirms it."""
    confirmed: str = ""
    """How the variants without a reference are confirmed."""


def hyperparameters_of(family: Family) -> dict[str, Hyperparameter]:
    """A family's hyperparameters and the one that every network has: `in_channels`."""
    return {**family.hyperparameters, "in_channels": IN_CHANNELS}


class Architecture(NamedTuple):
    """One named network: its family and what its name settles."""

    name: str
    family: Family
    variant: Variant
    file: str
    """The name of its file here, whose docstring says what it follows."""


def spelt(name: str) -> str:
    """A name as it is matched, but with what stands between two digits: 1.6 and 1_6 are one number, and not 16."""
    return matched(re.sub(r"(?<=\d)[-_.\s](?=\d)", "/", name))


@cache
def files() -> tuple[str, ...]:
    """The names of the family files, longest first."""
    stems = [name[:-3] for name in os.listdir(os.path.dirname(__file__)) if name.endswith(".py") and name[0] != "_"]
    return tuple(sorted(stems, key=lambda stem: (-len(stem), stem)))


def architectures() -> Iterator[Architecture]:
    """Every named network of the catalogue, by file name."""
    for stem in sorted(files()):
        for family in import_module(f"{__name__}.{stem}").FAMILIES:
            for name, variant in family.variants.items():
                yield Architecture(name, family, variant, stem)


@cache
def names() -> tuple[str, ...]:
    """All canonical names, family by family."""
    return tuple(each.name for each in architectures())


def find(name: str) -> Architecture | None:
    """The network of that name, None if there is none."""
    wanted = matched(name)
    stem = next((stem for stem in files() if wanted.startswith(matched(stem))), None)
    if stem is None:
        return None
    for family in import_module(f"{__name__}.{stem}").FAMILIES:
        found = _in_family(name, family, stem)
        if found is not None:
            return found
    return None


def architecture(name: str) -> Architecture:
    """The network of that name. Raises UnknownName with the nearest known names."""
    found = find(name)
    if found is not None:
        return found
    space = design_space(name)
    if space is not None:
        said = f"{space} is a design space, a set of networks, not a network; see `archcalc show {space}`"
        raise UnknownName(said, given=name)
    raise unknown("architecture", name, _alike(matched(name)), "`archcalc list` shows all names")


def design_space(name: str) -> str | None:
    """The canonical name of the design space that a name means, None if it means none."""
    return next((each for each in DESIGN_SPACES if matched(each) == matched(name)), None)


def _alike(wanted: str) -> list[str]:
    """The names in the files whose own names are close to one that is wanted: so that few are imported."""
    from difflib import SequenceMatcher

    def likeness(stem: str) -> float:
        return SequenceMatcher(None, wanted[: len(matched(stem))], matched(stem)).ratio()

    close = [stem for stem in sorted(files(), key=likeness, reverse=True)[:5] if likeness(stem) >= 0.5]
    return [name for stem in close for name in names_in(stem)]


def names_in(stem: str) -> Iterator[str]:
    """The canonical names in a family file."""
    for family in import_module(f"{__name__}.{stem}").FAMILIES:
        yield from family.variants


def _in_family(name: str, family: Family, stem: str) -> Architecture | None:
    known = [*zip(family.variants, family.variants, strict=True), *family.aliases.items()]
    for form in (spelt, matched):
        wanted = form(name)
        for each, canonical in known:
            if form(each) == wanted:
                return Architecture(canonical, family, family.variants[canonical], stem)
    for pattern, variant in family.patterns.items():
        match = re.fullmatch(_expression(pattern), name.lower())
        if match:
            return Architecture(*_named_by(pattern, match.groupdict(), family, variant), stem)
    return None


def _expression(pattern: str) -> str:
    """A pattern as a regular expression: any of - _ . or nothing for `_`, except between two numbers."""
    escaped = re.sub(r"(?<=\})_(?=\{)", "[-_]", pattern)
    escaped = re.sub(r"(?<!\[-)_(?!\])", "[-_.]?", escaped)
    return re.sub(r"\{(\w+)\}", r"(?P<\1>\\d{1,9}(?:\\.\\d{1,9})?)", escaped)


def _named_by(pattern: str, parts: dict[str, str], family: Family, variant: Variant) -> tuple[str, Family, Variant]:
    name = pattern.format(**parts)
    settings = dict(variant.settings)
    size = parts.pop("size", None)
    channels, *sizes = variant.input
    height, width = (read_size(size, name), read_size(size, name)) if size is not None else sizes
    for key, text in parts.items():
        settings[key] = read_hyperparameter(name, family.hyperparameters, key, text)
    return name, family, Variant(variant.summary, (channels, height, width), settings)


LARGEST_SIZE = 1_000_000
"""Sizes above this are taken for a slip: with it every count of the catalogue stays below 2^63."""


def read_size(given: Any, name: str) -> int:
    """A height or width. Raises ArchcalcError unless it is a whole number from 1 to `LARGEST_SIZE`."""
    try:
        return Whole(1, LARGEST_SIZE, "").read(given)
    except ValueError as error:
        raise ArchcalcError(f"{name}: an input size is {_short(error)}", about="input") from None


def read_hyperparameter(name: str, kinds: Mapping[str, Hyperparameter], key: str, given: Any) -> Any:
    """The value of a hyperparameter, from text or as it is.

    Symbols and arrays pass: they have no range to check. Raises ArchcalcError on an unknown key or a value out of
    range.
    """
    kind = kinds.get(key)
    if kind is None:
        known = ", ".join(kinds)
        unknown = f"{name} has no hyperparameter {_short(repr(key))}; it has {known}"
        raise ArchcalcError(unknown, about="hyperparameters")
    if not isinstance(given, (str, int, float, type(None))):
        return given
    try:
        return kind.read(given)
    except ValueError as error:
        wrong = f"{name}: {key} ({kind.meaning}) is {_short(error)}"
        raise ArchcalcError(wrong, about=f"hyperparameters.{key}") from None


def _short(text: object) -> str:
    full = str(text)
    return full if len(full) <= 120 else full[:117] + "..."
