"""Alternatives to the obvious reading of a printed number: other networks, inputs, numbers of classes, conventions.

Sizes and numbers of classes are tried together: one graph is built on arrays of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import product
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.algebra.arrays import along
from archcalc.algebra.expressions import Expression, Subject
from archcalc.analysis.layer_rules import RULES, LayerRule
from archcalc.base.errors import ArchcalcError
from archcalc.conventions import FLOPS, Convention
from archcalc.conventions.counting import conventions
from archcalc.evidence.facts import Context
from archcalc.evidence.subjects import EXAMPLES, GraphRows, find, network, setting
from archcalc.graph import Network

SIZES = (128, 160, 176, 192, 224, 227, 240, 256, 288, 299, 320, 331, 384, 448, 512)
"""Crop sizes of networks for large images, in pixels."""
SMALL_SIZES = (28, 32)
SMALLEST_CROP = 100
"""Networks with smaller inputs are tried at their own size only."""
CONFUSED = (224, 227)
"""Sizes that are often confused: AlexNet's paper prints 224, but the network needs 227."""
CLASSES = (10, 100, 120, 1000, 1001, 21841)
"""The classes of CIFAR-10 and MNIST, CIFAR-100, Stanford Dogs, ImageNet, ImageNet with background, ImageNet-22k."""
GRIDDED = frozenset({"params", "weights", "mult_adds", "activations", "peak_inference_bytes", "training_saved_bytes"})

WELL_KNOWN_TOOLS = ("fvcore", "ptflops", "thop", "torch")
"""The tools whose counts papers and model cards print most often."""


class Change(NamedTuple):
    """One assumption that differs from the obvious reading, and its weight: 1 is usual, more is less likely."""

    kind: str
    words: str
    weight: float = 1
    weak: bool = False
    """True for a change that gives so many numbers that one of them often agrees by chance."""


class Scope(NamedTuple):
    """The limits of a search for readings."""

    most_changes: int = 2
    variants: bool = True
    sizes: tuple[int, ...] = SIZES
    """Input sizes of networks for large images."""
    classes: bool = True
    most_weak: int = 4
    """The largest number of weak changes in one reading."""
    grid_alone: bool = False
    """True if other sizes and numbers of classes are tried for the obvious network and convention only."""


class SizesAndClasses(NamedTuple):
    """Sizes and numbers of classes that one graph is built on; the first of each is the obvious one."""

    sizes: tuple[int, ...]
    classes: tuple[int, ...]


class Way(NamedTuple):
    """Networks and a convention in place of the obvious ones."""

    changes: tuple[Change, ...]
    names: tuple[str, ...]
    context: Context
    grid: SizesAndClasses | None
    convention: str
    plain_input: tuple[int, ...]
    doubles: bool
    """True for a count of mult-adds: others may count two operations for each."""
    bytes: bool
    """True for the bytes of float32 values."""
    unit: str
    """The word of the convention for what it counts; empty for the default and for quantities without conventions."""


def ways(tree: Expression, scope: Scope) -> Iterator[Way]:
    """Networks and conventions that a claim may refer to, the obvious ones first."""
    subjects = _subjects(tree)
    quantities = {fact.quantity for fact in tree.facts()}
    gridded = len(subjects) == 1 and quantities <= GRIDDED and all(not fact.rows for fact in tree.facts())
    counts = gridded and quantities <= {"params", "activations"}
    for names, heads, changes in _stand_ins(subjects, scope):
        room = min(1, scope.most_changes) if scope.grid_alone else scope.most_changes
        grid, networks = _networks(subjects, names, heads, scope, gridded=gridded and len(changes) < room)
        if networks is None:
            continue
        canonical = tuple(networks[subject].graph.name for subject in subjects)
        shape = _input_of(subjects, names)
        for convention, change in _conventions(quantities):
            counted = (*changes, *([change] if change else []))
            if len(counted) > scope.most_changes:
                continue
            if change and grid and len(counted) >= room:  # a change of size or classes would be one too many
                grid, networks = _networks(subjects, names, heads, scope, gridded=False)
                if networks is None:
                    break
            name = "" if convention is None else convention.name
            doubles = gridded and change is None and quantities == {"mult_adds"}
            unit = convention.unit if change and isinstance(convention, Convention) else ""
            context = Context(networks.__getitem__, convention)
            yield Way(counted, canonical, context, grid, name, shape, doubles, counts, unit)


def _stand_ins(subjects: Sequence[Subject], scope: Scope) -> Iterator[tuple[tuple[str, ...], bool, tuple[Change, ...]]]:
    """Names of networks that may be meant by some subjects, with and without auxiliary heads, and the changes."""
    for names in product(*[_names(subject, scope) for subject in subjects]):
        pairs = zip(names, subjects, strict=True)
        swapped = tuple(Change("variant", f"variant {name}", 0.5) for name, subject in pairs if name != subject.name)
        for heads in (False, True) if subjects and all(_has_heads(name) for name in names) else (False,):
            changes = (*swapped, *([Change("heads", "with auxiliary heads", 0.4)] if heads else []))
            if len(changes) <= scope.most_changes:
                yield names, heads, changes


def variants(name: str) -> tuple[str, ...]:
    """The networks that may be meant by a name: those of its file that share its shortest known beginning.

    `alexnet_owt` may be `alexnet` or `alexnet_simplified`; `resnet50` may be `resnet50_v1`.
    """
    return _variants(find(name), name.lower())


@cache
def _variants(network: Network, begins: str) -> tuple[str, ...]:
    known = list(zoo.names_in(network.file)) if network.file else []
    roots = [each for each in known if begins == each or begins.startswith(each + "_")]
    root = min([*roots, begins], key=len)
    return tuple(each for each in known if each != network.name and (each == root or each.startswith(root + "_")))


def _subjects(tree: Expression) -> list[Subject]:
    """The networks of an expression, each once."""
    named = [fact.subject for fact in tree.facts() if fact.subject.name not in EXAMPLES and not fact.symbols()]
    return list(dict.fromkeys(subject for subject in named if zoo.design_space(subject.name) is None))


def _input_of(subjects: Sequence[Subject], names: Sequence[str]) -> tuple[int, ...]:
    if not subjects:
        return ()
    settings = {key: value for key, value in subjects[0].settings if key == "size"}
    channels, *sides = find(names[0]).input
    if settings:
        sides = [setting(settings["size"])] * 2
    return (channels, *sides)


def _names(subject: Subject, scope: Scope) -> tuple[str, ...]:
    return (subject.name, *variants(subject.name)) if scope.variants else (subject.name,)


def _has_heads(name: str) -> bool:
    network = find(name)
    return "aux" in network.hyperparameters and not network.settings.get("aux", False)


def _networks(
    subjects: Sequence[Subject], names: Sequence[str], heads: bool, scope: Scope, *, gridded: bool
) -> tuple[SizesAndClasses | None, Mapping[Subject, GraphRows] | None]:
    """The networks that stand for some subjects, on arrays of sizes and classes if they can be built so."""
    built_for: dict[Subject, GraphRows] = {}
    grid: SizesAndClasses | None = None
    for subject, name in zip(subjects, names, strict=True):
        settings = {key: setting(value) for key, value in subject.settings}
        if heads:
            settings["aux"] = True
        if not settings.keys() - {"size"} <= find(name).hyperparameters.keys():
            return None, None
        built = (
            _on_grid(find(name), tuple(settings.items()), scope.sizes, more_classes=scope.classes) if gridded else None
        )
        if built is not None:
            grid, built_for[subject] = built
            continue
        size = settings.pop("size", None)
        try:
            built_for[subject] = network(name, tuple(settings.items()), size)
        except ArchcalcError:
            return None, None
    return grid, built_for


@lru_cache(maxsize=32)
def _on_grid(
    network: Network, given: tuple[tuple[str, Any], ...], others: tuple[int, ...], *, more_classes: bool
) -> tuple[SizesAndClasses, GraphRows] | None:
    """A network on arrays of sizes and classes; None if there is only one of each or it cannot be built on all."""
    settings = dict(given)
    chosen = network.settled({key: value for key, value in given if key not in ("size", "classes")})
    if len(network.inputs) > 1 or len(network.input) != 3:
        return None
    _, usual, width = network.input
    first = settings.get("size", usual)
    if "size" in settings or usual != width:
        others = ()
    elif usual < SMALLEST_CROP:
        others = SMALL_SIZES
    sizes = (first, *[size for size in others if size != first])
    classes = _classes(network, chosen, settings, more=more_classes)
    if len(sizes) == 1 and len(classes) == 1:
        return None
    if len(classes) > 1:
        chosen = chosen | {"classes": along(classes, axis=1, axes=2)}
    channels = chosen.get("in_channels", network.input[0])
    for tried in (sizes, (first,)):
        side = along(tried, axis=0, axes=2) if len(tried) > 1 else first
        try:
            return SizesAndClasses(tried, classes), GraphRows(network.graph((channels, side, side), chosen), chosen)
        except (ArchcalcError, TypeError):  # a size does not fit, or a window is as large as its map: one size alone
            continue
    return None


def _classes(
    network: Network, chosen: Mapping[str, Any], settings: Mapping[str, Any], *, more: bool
) -> tuple[int, ...]:
    """Numbers of classes to try: the requested one first, then the network's own."""
    if "classes" not in network.hyperparameters:
        return (0,)
    own = chosen.get("classes", network.defaults()["classes"])
    return tuple(dict.fromkeys((settings.get("classes", own), own, *(CLASSES if more else ()))))


def _conventions(quantities: set[str]) -> Iterator[tuple[Convention | LayerRule | None, Change | None]]:
    """The conventions for some quantities, the default first."""
    if "mult_adds" in quantities:
        usual, *others = [each for each in conventions() if each.quantity == "work"]
    elif "params" in quantities:
        usual, *others = [each for each in conventions() if each.quantity == "parameters"]
    elif quantities & RULES.keys():
        (counted,) = quantities & RULES.keys() if len(quantities & RULES.keys()) == 1 else ("depth",)
        rules = [rule for rule in RULES[counted] if quantities & RULES.keys() <= set(rule.counts)]  # type: ignore[index]
        yield None, None
        for rule in rules[1:]:
            yield rule, Change("rule", rule.summary)
        return
    else:
        yield None, None
        return
    yield usual, None
    for each in others:
        if each != FLOPS:  # two operations for each mult-add are a change of their own
            yield each, Change("convention", f"convention {each.name}", _usualness(each))


def _usualness(convention: Convention) -> float:
    """The weight of a convention: those of papers are the most usual, then those of tools, then single columns."""
    if convention.unit in ("comparisons", "additions", "divisions", "exponentials and powers"):
        return 3
    if not convention.tool:
        return 0.5 if convention.name == "params_with_statistics" else 1
    return 1.2 if convention.tool in WELL_KNOWN_TOOLS else 1.6
