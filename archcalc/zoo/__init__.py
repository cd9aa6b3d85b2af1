"""The catalogue of architectures: one file for each family, and the look-up of names.

A file defines `FAMILIES`: each has its citation, its hyperparameters, its named variants and the function that builds
it. The file system is the registry: a name belongs to the longest file name here with which it begins, and only that
file is imported. Names are compared without case, `-`, `_` and `.`.

With `classes=0` every network that ends in a fully connected classifier is built without it: see `_pooled`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Literal, NamedTuple

from archcalc.base.errors import UnknownName
from archcalc.base.package import file_names
from archcalc.base.spelling import matched, unknown
from archcalc.graph import Hyperparameter, Network, Switch, Value, Whole
from archcalc.graph.hyperparameters import read_hyperparameter, read_size
from archcalc.graph.network import IN_CHANNELS
from archcalc.zoo._design_spaces import DESIGN_SPACES
from archcalc.zoo._names import otherwise
from archcalc.zoo._pooled import UpToFeatures

CLASSES = Whole(1, 10_000_000, "outputs of the classifier; 0 leaves it out: the pooled features", or_zero=True)
LAYERS = {"layers": Whole(1, 100_000, "layers by the name")}
CONVOLVED = Whole(1, 10_000_000, "outputs of the last convolution, which is the classifier")
AUX = Switch("the auxiliary classifiers, in parameters and mult-adds alike")


class Variant(NamedTuple):
    """A named network of a family: its summary, its input (channels, height, width), and its hyperparameters."""

    summary: str
    input: tuple[int, int, int]
    settings: Mapping[str, Any] = {}


class Reference(NamedTuple):
    """An independent model whose operations a network must have, each with the same facts, in the same order."""

    library: Literal["torchvision", "timm", "pytorchcv", "account"]
    model: str
    """The model's name in the library; for pytorchcv also a builder, `resnet_cifar.get_resnet_cifar`, for torchvision
    also a part, `inception.InceptionA`; for an account its file in archcalc/validation/accounts."""
    options: Mapping[str, Any] = {}
    """Arguments of the library's function."""
    settings: Mapping[str, Any] = {}
    """Hyperparameters of our network in the comparison, if the network of the bare name differs from the model."""
    size: tuple[int, int, int] | None = None
    """The second input of the comparison, if not every input is accepted."""
    differs: Mapping[str, str] = {}
    """Why the model differs on purpose, for each kind of operation that is then left out of both (`lrn`, `max_pool`),
    each module of the model (`downsample`), each fact in an account that is then not read (`scale`), or `input`, the
    canonical one."""
    part: str = ""
    """The module of the model that is meant, by its path (`features.1.0`); empty for the whole model."""
    channels_last: bool = False
    """The part reads and gives channels last."""

    @property
    def meant(self) -> str:
        """The model, or which part of it."""
        return f"{self.part} of {self.model}" if self.part else self.model

    @property
    def is_whole(self) -> bool:
        """True if a network that it confirms is the library's model as it is."""
        changed = self.settings or self.differs or self.part or "num_classes" in self.options
        return self.library != "account" and not changed

    @property
    def left_out(self) -> str:
        """What is left out of the comparison, with the reasons, in words."""
        kinds: dict[str, list[str]] = {}
        for kind, reason in self.differs.items():
            kinds.setdefault(reason, []).append(kind)
        return "; ".join([f"not compared: {', '.join(each)} ({reason})" for reason, each in kinds.items()])


class Family(NamedTuple):
    """Networks of one paper: the citation, the function that builds them, and their names.

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
    layers: Callable[[int], Mapping[str, Any]] | None = None
    """The hyperparameters of the network with so many layers, for a pattern with `{layers}`."""
    aliases: Mapping[str, str] = {}
    references: Mapping[str, Reference] = {}
    """The reference model of each variant for which there is one."""
    confirmed: str = ""
    """The confirmation of variants without a reference model."""


def hyperparameters_of(family: Family) -> dict[str, Hyperparameter]:
    """A family's hyperparameters and the one that every network has: `in_channels`."""
    return {**family.hyperparameters, "in_channels": IN_CHANNELS}


def _network(name: str, family: Family, variant: Variant, file: str) -> Network:
    """A network of a family, with the hyperparameters that its name fixes."""
    return Network(
        name,
        UpToFeatures(family.build),
        (variant.input,),
        hyperparameters_of(family),
        variant.settings,
        variant.summary,
        f"{family.authors} {family.year}, {family.source}",
        family=family,
        file=file,
    )


def spelt(name: str) -> str:
    """A name in the form that is compared, with separators between two digits: 1.6 and 1_6 are one number, not 16."""
    return matched(re.sub(r"(?<=\d)[-_.\s](?=\d)", "/", name))


@cache
def files() -> tuple[str, ...]:
    """The names of the family files, longest first."""
    stems = [name[:-3] for name in file_names(os.path.dirname(__file__)) if name.endswith(".py") and name[0] != "_"]
    return tuple(sorted(stems, key=lambda stem: (-len(stem), stem)))


def networks() -> Iterator[Network]:
    """Every named network of the catalogue, by file name."""
    for stem in sorted(files()):
        for family in import_module(f"{__name__}.{stem}").FAMILIES:
            for name, variant in family.variants.items():
                yield _network(name, family, variant, stem)


@cache
def names() -> tuple[str, ...]:
    """All canonical names, family by family."""
    return tuple(each.name for each in networks())


def find(name: str) -> Network | None:
    """The network of a name; None if there is none.

    Its own name or an alias, another name of papers, or that of the library's model which it was found to be.
    """
    other = otherwise(name)
    return _by_own_name(name) or (_by_own_name(other) if other else None) or _by_reference(name)


def _by_reference(name: str) -> Network | None:
    """The network that is the model of this name in torchvision, timm or pytorchcv, without a difference."""
    wanted = spelt(name)
    for each in networks():
        found = each.family.references.get(each.name)
        if found and spelt(found.model) == wanted and found.is_whole:
            return each
    return None


def _by_own_name(name: str) -> Network | None:
    wanted = matched(name)
    stem = next((stem for stem in files() if wanted.startswith(matched(stem))), None)
    if stem is None:
        return None
    for family in import_module(f"{__name__}.{stem}").FAMILIES:
        member = _in_family(name, family, stem)
        if member is not None:
            return member
    return None


def network(name: str) -> Network:
    """The network of a name. Raises UnknownName with the nearest known names."""
    known = find(name)
    if known is not None:
        return known
    space = design_space(name)
    if space is not None:
        said = f"{space} is a design space, a set of networks, not a network; see `archcalc show {space}`"
        raise UnknownName(said, given=name)
    own = otherwise(name) or name
    alike = {name + each[len(own) :] if each.startswith(own) else each: each for each in _alike(matched(own))}
    raise unknown("architecture", name, alike, "`archcalc list` shows all names")


def design_space(name: str) -> str | None:
    """The canonical name of the design space of a name; None if there is none."""
    return next((each for each in DESIGN_SPACES if matched(each) == matched(name)), None)


def _alike(wanted: str) -> list[str]:
    """The names in files whose file names are close to a name, so that few files are imported."""
    from difflib import SequenceMatcher

    def likeness(stem: str) -> float:
        return SequenceMatcher(None, wanted[: len(matched(stem))], matched(stem)).ratio()

    close = [stem for stem in sorted(files(), key=likeness, reverse=True)[:5] if likeness(stem) >= 0.5]
    return [name for stem in close for name in names_in(stem)]


def names_in(stem: str) -> Iterator[str]:
    """The canonical names in a family file."""
    for family in import_module(f"{__name__}.{stem}").FAMILIES:
        yield from family.variants


def _in_family(name: str, family: Family, stem: str) -> Network | None:
    known = [*zip(family.variants, family.variants, strict=True), *family.aliases.items()]
    for form in (spelt, matched):
        wanted = form(name)
        for each, canonical in known:
            if form(each) == wanted:
                return _network(canonical, family, family.variants[canonical], stem)
    for pattern, variant in family.patterns.items():
        match = re.fullmatch(_expression(pattern), name.lower())
        if match:
            return _network(*_named_by(pattern, match.groupdict(), family, variant), stem)
    return None


def _expression(pattern: str) -> str:
    """A pattern as a regular expression, in which `_` matches -, _, . or nothing, except between two numbers."""
    escaped = re.sub(r"(?<=\})_(?=\{)", "[-_]", pattern)
    escaped = re.sub(r"(?<!\[-)_(?!\])", "[-_.]?", escaped)
    return re.sub(r"\{(\w+)\}", r"(?P<\1>\\d{1,9}(?:\\.\\d{1,9})?)", escaped)


def _named_by(pattern: str, parts: dict[str, str], family: Family, variant: Variant) -> tuple[str, Family, Variant]:
    name = pattern.format(**parts)
    settings = dict(variant.settings)
    size = parts.pop("size", None)
    channels, *sizes = variant.input
    height, width = (read_size(size, name), read_size(size, name)) if size is not None else sizes
    layers = parts.pop("layers", None)
    if layers is not None and family.layers is not None:
        settings |= family.layers(read_hyperparameter(name, LAYERS, "layers", layers))
    for key, text in parts.items():
        settings[key] = read_hyperparameter(name, family.hyperparameters, key, text)
    return name, family, Variant(variant.summary, (channels, height, width), settings)
