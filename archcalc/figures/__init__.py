"""Figures: the kinds of plots, the data of each, and the module that draws it.

Each kind is a module with three functions: `gather(request)` returns frozen data, `records(data)` the same data as flat
dictionaries, and `draw(data, width)` a Figure. matplotlib is imported when a figure is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import unknown
from archcalc.hardware.devices import DeviceLike
from archcalc.request import NetworkLike, Request
from archcalc.spaces.sources import SpaceSample
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.tables import TableLike


class Kind(NamedTuple):
    """A kind of plot: its name, a summary, the module that draws it, and the networks and options that it accepts."""

    name: str
    summary: str
    module: str
    networks: str
    """`some`: any number, by default those of a recipe; `recorded`: any number from a record of measurements, which
    `--device`, `--batch` and `--precision` select; `typical`: any number, by default some that are well known; `one` or
    `more`: required; `none`; `tables`: none, but tables of sweeps."""
    convention: str = ""
    """The quantity that `--convention` applies to: `work` or `parameters`; empty: none."""
    recipe: bool = False
    """True if its points are accuracies, selected by `--dataset` and `--recipe`."""
    trains: bool = False
    """True if it shows a training step, which `--batch`, `--precision` and the options of training describe."""
    devices: bool = False
    """True if `--device` names devices of `archcalc.hardware.devices`, not the device of a measurement."""
    times: bool = False
    """True if it shows predicted times, which `--step`, `--compiled` and `--channels-last` describe."""


KINDS = {
    each.name: each
    for each in (
        Kind(
            "accuracy", "top-1 against mult-adds, area of a bubble: parameters", "tradeoff", "some", "work", recipe=True
        ),
        Kind(
            "accuracy-latency",
            "top-1 against the predicted time of an image on a device, area of a bubble: parameters",
            "tradeoff",
            "some",
            recipe=True,
            trains=True,
            devices=True,
        ),
        Kind(
            "accuracy-memory",
            "top-1 against the memory of an inference (--batch, by default 1)",
            "tradeoff",
            "some",
            recipe=True,
            trains=True,
        ),
        Kind(
            "accuracy-training",
            "top-1 against the memory of a training step (--batch, by default 32)",
            "tradeoff",
            "some",
            recipe=True,
            trains=True,
        ),
        Kind("accuracy-activations", "top-1 against activations", "tradeoff", "some", recipe=True),
        Kind("accuracy-field", "top-1 against the receptive field", "tradeoff", "some", recipe=True),
        Kind("accuracy-params", "top-1 against parameters", "tradeoff", "some", "parameters", recipe=True),
        Kind("density", "top-1 for each million parameters", "density", "some", "parameters", recipe=True),
        Kind(
            "density-plane",
            "top-1 against top-1 for each million parameters",
            "density_plane",
            "some",
            "parameters",
            recipe=True,
        ),
        Kind("years", "top-1 against the year of the paper", "years", "some", "", recipe=True),
        Kind(
            "cifar",
            "CIFAR-10 and CIFAR-100: error of residual and dense networks",
            "cifar",
            "some",
            "work",
            recipe=True,
        ),
        Kind("wrn", "wide residual networks: error against parameters and time", "comparisons", "none"),
        Kind("efficientnet", "EfficientNet and its rivals: top-1 against costs", "comparisons", "none"),
        Kind("convnext", "ConvNeXt and Swin: top-1 against mult-adds", "comparisons", "none"),
        Kind("regnet", "RegNet's design spaces: distributions of cost and width", "regnet", "none"),
        Kind("regnet-best", "RegNet's best models: trends against mult-adds", "regnet", "none"),
        Kind("spaces", "sizes of the design spaces from AnyNetX A to RegNet", "spaces", "none"),
        Kind("compound", "EfficientNet-B0 scaled in depth, width, resolution, and all", "compound", "none"),
        Kind("roadmap", "ConvNeXt's roadmap from ResNet-50, step by step", "roadmap", "none"),
        Kind("mobilenet", "MobileNet's plane of width and resolution", "mobilenet", "none", "work"),
        Kind("ilsvrc", "winners of ILSVRC: error and depth", "ilsvrc", "none"),
        Kind("profile", "activations, mult-adds and parameters along one network", "profile", "one", "work"),
        Kind("field", "growth of the receptive field along networks", "field", "more"),
        Kind("types", "shares of the types of layers", "types", "more", "work"),
        Kind("sizes", "cost against input size, which rises in steps", "sizes", "more", "work"),
        Kind("memory", "bytes that are alive along a training step, by kind", "memory", "one", trains=True),
        Kind(
            "memory-batch",
            "memory of a training step and of inference against the batch",
            "batches",
            "typical",
            trains=True,
            devices=True,
        ),
        Kind(
            "roofline",
            "predicted FLOP/s of layers against FLOPs per byte, below a device's roof",
            "roofline",
            "one",
            trains=True,
            devices=True,
            times=True,
        ),
        Kind("time", "measured time of a forward pass against mult-adds", "measured", "recorded", "work"),
        Kind(
            "throughput",
            "published images per second of a device (--device) against mult-adds",
            "throughput",
            "recorded",
            "work",
        ),
        Kind("power", "measured power of a GPU against mult-adds", "measured", "recorded", "work"),
        Kind("edf", "distribution of a quantity over the networks of sweeps", "edf", "tables"),
        Kind("front", "networks of sweeps in two quantities, with their Pareto front", "front", "tables"),
        Kind("space", "distribution and trends of design spaces against mult-adds", "space", "tables"),
    )
}
"""Every kind of plot by its name, in the order of the help."""


NETWORKS = {
    "some": "all of a recipe, or those named",
    "recorded": "all of a record, or those named",
    "typical": "eight well-known ones, or those named",
    "one": "one",
    "more": "one or more",
    "none": "",
    "tables": "those of one or more design spaces or files, tables of sweeps",
}
"""`Kind.networks` in words."""


TABLE_OPTIONS = {
    "edf": ("column",),
    "front": ("x", "y", "maximize"),
    "space": ("column", "x", "y", "maximize", "best"),
}
"""The options of `TablePlot` that each plot of sweeps takes; all take ranges."""


TYPICAL = (
    "alexnet",
    "nin_imagenet",
    "googlenet",
    "vgg16",
    "resnet18",
    "resnet50",
    "resnet152",
    "inception_v3",
)
"""The networks of a plot of `typical` ones by default: eight of those that Canziani et al. 2017, arXiv:1605.07678,
compare."""


class TablePlot(NamedTuple):
    """The tables or design spaces of a plot of sweeps, and their columns; a column is named as in its table."""

    tables: tuple[TableLike | DesignSpace, ...] = ()
    """Tables, or design spaces or their names."""
    column: str = ""
    """The column of a distribution; by default mult_adds."""
    x: str = ""
    """The horizontal axis; by default mult_adds."""
    y: tuple[str, ...] = ()
    """The vertical axis, or that of each panel."""
    maximize: tuple[str, ...] = ()
    """The columns of which more is better."""
    ranges: tuple[str, ...] = ()
    """The regimes to which the networks are restricted, such as `mult_adds=360M..400M`."""
    best: str = ""
    """The column by which the best quarter of each regime is chosen, whose trend is drawn; empty: that of all."""
    sample: SpaceSample = SpaceSample()
    """Which networks of design spaces are looked at."""


class Plot(NamedTuple):
    """The request for a plot: its kind, networks and options."""

    kind: str
    names: tuple[NetworkLike, ...] = ()
    recipe: tuple[str, ...] = ()
    dataset: str | None = None
    convention: str | None = None
    batch: int | None = None
    """Images at once: of the measurement, of the training step, or the most of an axis of batches."""
    precision: str | None = None
    """The precision of the measurement or of the training step."""
    device: str | Sequence[DeviceLike] | None = None
    """A part of the name of the device that was measured; or devices whose memory is drawn, in a list or with commas
    between; or the device of a roofline."""
    sweep: TablePlot = TablePlot()
    """The tables and columns of a plot of sweeps."""
    marked: tuple[NetworkLike, ...] = ()
    """Networks that a plot of accuracies shows besides, emphasised: those that a report is about."""

    @property
    def titles(self) -> tuple[str, ...]:
        """The networks by name."""
        return tuple([each if isinstance(each, str) else Request.of(each).resolved.name for each in self.names])


def kind_of(name: str) -> Kind:
    """The kind of that name. Raises UnknownName with the nearest names."""
    wanted = name.strip().lower().replace("_", "-")
    if wanted in KINDS:
        return KINDS[wanted]
    raise unknown("plot", name, list(KINDS), f"there are {', '.join(KINDS)}", about="kind")


def check(request: Plot) -> Kind:
    """The kind of a request. Raises ArchcalcError for networks or options that this kind does not take."""
    kind = kind_of(request.kind)
    _check_tables(kind, request)
    if request.names and kind.networks == "none":
        raise ArchcalcError(f"the plot {kind.name} takes no networks, but got {', '.join(request.titles)}")
    if not request.names and kind.networks in ("one", "more"):
        raise ArchcalcError(f"name {NETWORKS[kind.networks]} network for this plot: archcalc plot {kind.name} resnet50")
    if kind.networks == "one" and len(request.names) > 1:
        raise ArchcalcError(f"the plot {kind.name} is of one network, not of {len(request.names)}")
    own = [title for title, each in zip(request.titles, request.names, strict=True) if not isinstance(each, str)]
    if own and kind.networks in ("some", "recorded"):
        raise ArchcalcError(f"the plot {kind.name} shows published figures, and there are none of {', '.join(own)}")
    if (request.recipe or request.dataset) and not kind.recipe:
        raise ArchcalcError(f"the plot {kind.name} takes no --recipe and no --dataset")
    if request.convention and not kind.convention:
        raise ArchcalcError(f"the plot {kind.name} counts nothing, so it takes no --convention")
    _check_run(kind, request)
    return kind


def _check_tables(kind: Kind, request: Plot) -> None:
    """Raise ArchcalcError unless a request has tables of sweeps, and no networks, where its kind shows these."""
    if kind.networks != "tables":
        if request.sweep != TablePlot():
            said = "it takes no --column, --x, --y, --maximize, --range and --best, and no sample of a space"
            raise ArchcalcError(f"the plot {kind.name} shows no table of a sweep, so {said}")
        return
    if request.names:
        raise ArchcalcError(f"the plot {kind.name} takes tables of sweeps, and no networks")
    if not request.sweep.tables:
        raise ArchcalcError(
            f"name a design space or the file of a table for this plot: archcalc plot {kind.name} regnetx --sample 500"
        )
    for option, given in (("column", request.sweep.column), ("x", request.sweep.x), ("y", request.sweep.y),
                          ("maximize", request.sweep.maximize), ("best", request.sweep.best)):  # fmt: skip
        if given and option not in TABLE_OPTIONS[kind.name]:
            raise ArchcalcError(f"the plot {kind.name} takes no --{option}")
    if kind.name == "front" and len(request.sweep.y) != 1:
        said = f"the column of its vertical axis, not {len(request.sweep.y)}"
        raise ArchcalcError(f"the plot front takes one --y, {said}")


def _check_run(kind: Kind, request: Plot) -> None:
    """Raise ArchcalcError for options of a measurement or of a training step that a kind does not take."""
    recorded = kind.networks == "recorded"
    if not recorded and not kind.trains and (request.batch is not None or request.precision or request.device):
        raise ArchcalcError(f"the plot {kind.name} measures nothing, so it takes no --batch, --precision and --device")
    if request.device and not recorded and not kind.devices:
        raise ArchcalcError(f"the plot {kind.name} takes no --device: the command memory says whether a step fits one")


def gather(request: Plot) -> Any:
    """The data of a plot, frozen. Raises ArchcalcError for an invalid request, before anything is drawn."""
    kind = check(request)
    return module_of(kind).gather(request._replace(kind=kind.name))


def module_of(kind: Kind) -> Any:
    """The module that gathers and draws a kind."""
    return import_module(f"{__name__}.{kind.module}")
