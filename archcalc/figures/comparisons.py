"""Comparisons that papers make, by name: EfficientNet and its rivals, ConvNeXt and Swin, wide residual networks.

Each is a selection of published accuracies, drawn against costs that are counted here. They are rows of one table, not
modules of their own: a comparison says which networks by which recipes stand in which panel, and `panels` draws it.
Networks of different recipes differ in their training too, which the small print says.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from archcalc import zoo
from archcalc.base.package import read_text
from archcalc.evidence.accuracy import DATA, recipes
from archcalc.figures import Plot, panels
from archcalc.figures.counting import CostAxis, axis_of
from archcalc.figures.panels import Panels, PanelSpot, SpotAxis, SpotPanel
from archcalc.figures.points import PlottedPoint, choose, family_lines
from archcalc.present.names import pretty

draw, records = panels.draw, panels.records

ALL: tuple[str, ...] = ()
"""All networks of a recipe."""


class PanelPlan(NamedTuple):
    """A panel: its networks by recipe, and what it shows of them."""

    selected: Mapping[str, tuple[str, ...]]
    """The networks of each recipe; `ALL` of them, or some."""
    quantity: str = "work"
    """The horizontal axis: `work` or `parameters`."""
    dataset: str = "imagenet"
    error: bool = False
    """True if the vertical axis shows the error, not the accuracy."""
    heading: str = ""
    joined: str = "numbers"
    """Points to join: those whose names differ in one number, or those of one `family` and input size, or those of one
    `depth`, the first number of their names."""
    bubbles: bool = False


class PaperComparison(NamedTuple):
    """A comparison: its title, panels, and where it is from."""

    title: str
    panels: tuple[PanelPlan, ...]
    after: str
    times: bool = False
    """True if a panel of published times stands last."""


RIVALS: Mapping[str, tuple[str, ...]] = {
    "efficientnet_authors": ALL,
    "nasnet_authors": ALL,
    "senet_authors": ("senet154",),
    "polynet_authors": ("polynet", "inception_resnet_v2", "inception_v4"),
    "resnext_authors": ("resnext50_32x4d", "resnext101_32x4d", "resnext101_64x4d"),
    "keras": ("xception",),
    "inception_authors": ("inception_v3",),
    "resnet_authors": ("resnet50_v1", "resnet101_v1", "resnet152_v1"),
    "densenet_authors": ("densenet121", "densenet169", "densenet201", "densenet264"),
}
"""EfficientNet and those that its paper compares it with, as far as the catalogue has them, by their own authors or,
for Xception, by its library."""

COMPARISONS = {
    "efficientnet": PaperComparison(
        "EfficientNet and its rivals: ImageNet top-1 accuracy against parameters and mult-adds",
        (PanelPlan(RIVALS, "parameters"), PanelPlan(RIVALS)),
        "After Tan & Le 2019, arXiv:1905.11946, Figures 1 and 5, without AmoebaNet, PNASNet and GPipe.",
    ),
    "convnext": PaperComparison(
        "ConvNeXt and Swin: ImageNet top-1 accuracy against mult-adds",
        (
            PanelPlan(
                {"convnext_authors": ALL, "swin_authors": ALL},
                heading="trained on ImageNet-1K",
                joined="family",
                bubbles=True,
            ),
            PanelPlan(
                {"convnext_authors_in22k": ALL, "swin_authors_in22k": ALL},
                heading="pretrained on ImageNet-22K",
                joined="family",
                bubbles=True,
            ),
        ),
        "After Liu et al. 2022, arXiv:2201.03545, Figure 1. Area of a bubble: parameters, which stand beside the name.",
    ),
    "wrn": PaperComparison(
        "Wide residual networks: error against parameters, and against time on ImageNet",
        tuple(
            [
                PanelPlan({"wrn_authors_zca": ALL}, "parameters", dataset, error=True, joined="depth")
                for dataset in ("cifar10", "cifar100")
            ]
        ),
        "After Zagoruyko & Komodakis 2016, arXiv:1605.07146, Tables 4 and 8; lines join networks of one depth.",
        times=True,
    ),
}
"""The comparisons by the name of their kind."""

TITLES = {"imagenet": "ImageNet", "cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}
WORDS = {"work": "mult-adds", "parameters": "parameters"}
UNITS = {"work": (1e9, "billion"), "parameters": (1e6, "million")}


class PublishedTime(NamedTuple):
    """A network's time as its source prints it."""

    architecture: str
    top1_error: float
    milliseconds: float
    batch: int
    task: str
    device: str
    source: str


@cache
def published_times() -> tuple[PublishedTime, ...]:
    """The rows of `data/times.csv`."""
    rows = csv.DictReader(read_text(DATA, "times.csv").splitlines())
    return tuple(
        [
            PublishedTime(
                row["architecture"], float(row["top1_error_pct"]), float(row["milliseconds"]), int(row["batch"]),
                row["task"], row["device"], row["source"],
            )
            for row in rows
        ]
    )  # fmt: skip


def gather(request: Plot) -> Panels:
    """The points of a comparison. Raises ArchcalcError for a convention that counts something else."""
    chosen = COMPARISONS[request.kind]
    axes = {each.quantity: axis_of(None, each.quantity) for each in chosen.panels}
    drawn = [_panel(each, axes[each.quantity]) for each in chosen.panels]
    used = dict.fromkeys([recipe for each in chosen.panels for recipe in each.selected])
    said = "; ".join([f"{recipes()[name].title} ({_training(name)})" for name in used])
    different = " Training differs from recipe to recipe." if len(used) > 1 else ""
    notes = [f"Accuracies as published, one image, one crop: {said}.{different}", *[a.note for a in axes.values()]]
    notes.append(chosen.after)
    if chosen.times:
        drawn.append(_times())
        notes.append(_times_note())
    return Panels(chosen.title, tuple(drawn), tuple(notes))


def _training(name: str) -> str:
    return recipes()[name].training.replace("not stated in the source", "training not stated")


def _panel(plan: PanelPlan, axis: CostAxis) -> SpotPanel:
    """The points of a panel, of each recipe in its order."""
    found: list[PlottedPoint] = []
    for recipe, names in plan.selected.items():
        asked = Plot("accuracy", names, recipe=(recipe,), dataset=plan.dataset)
        found += choose(asked, axis).points
    size, unit = UNITS[plan.quantity]
    lines = _lines(found, plan.joined)
    noun = "error" if plan.error else "top-1 accuracy"
    spots = [
        PanelSpot(
            each.name,
            f"{each.label}, {each.params / 1e6:.0f} M" if plan.bubbles else each.label,
            _depth(each) if plan.joined == "depth" else each.family,
            each.year,
            each.counted / size,
            round(100 - each.top1, 4) if plan.error else each.top1,
            lines.get(each, ""),
            each.params if plan.bubbles else 0,
            _columns(each, plan, axis),
        )
        for each in found
    ]
    return SpotPanel(
        SpotAxis(f"{WORDS[plan.quantity]} ({unit})"),
        SpotAxis(f"{TITLES[plan.dataset]} {noun} (%)", log=False, top=100.0),
        tuple(spots),
        heading=plan.heading,
    )


def _depth(point: PlottedPoint) -> str:
    """The label of a network up to its first number: WRN-28 of WRN-28-10."""
    return "-".join(point.label.split("-")[:2])


def _lines(found: list[PlottedPoint], joined: str) -> dict[PlottedPoint, str]:
    """The name of the line of each point that is joined to others."""
    if joined == "numbers":
        return {each: group[0].name for group in family_lines(found) for each in group}
    if joined == "depth":
        return {each: _depth(each) for each in found}
    return {each: f"{each.family} {each.label.partition('@')[2]}" for each in found}


def _columns(each: PlottedPoint, plan: PanelPlan, axis: CostAxis) -> dict[str, object]:
    return {
        "dataset": plan.dataset,
        "architecture": each.name,
        "label": each.label,
        "top1_percent": each.top1,
        "error_percent": round(100 - each.top1, 4),
        "params": each.params,
        **axis.columns(each.counted),
        "recipe": each.recipe,
        "source": each.source,
    }


def _times() -> SpotPanel:
    """The panel of published times."""
    rows = published_times()
    spots = [
        PanelSpot(
            each.architecture,
            pretty(each.architecture),
            zoo.network(each.architecture).file,
            2016,
            each.milliseconds,
            each.top1_error,
            "resnet" if each.architecture.startswith("resnet") else "",
            columns={
                "dataset": "imagenet",
                "architecture": each.architecture,
                "label": pretty(each.architecture),
                "error_percent": each.top1_error,
                "milliseconds": each.milliseconds,
                "batch": each.batch,
                "task": each.task,
                "device": each.device,
                "source": each.source,
            },
        )
        for each in rows
    ]
    label = f"printed time of a batch of {rows[0].batch} (ms)"
    return SpotPanel(SpotAxis(label, log=False), SpotAxis("ImageNet top-1 error (%)", log=False), tuple(spots))


def _times_note() -> str:
    rows = published_times()
    said = "the table states neither unit nor device; the other times of the paper are milliseconds on a Titan X"
    return f"Times: {rows[0].source}; {said}."
