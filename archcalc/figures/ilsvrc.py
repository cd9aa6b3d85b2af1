"""Winners of the ImageNet challenge and two more entries: top-5 error by year, and the depth of their networks.

Errors as printed; the number of layers is counted here, on the longest path of the entry's network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc import zoo
from archcalc.analysis.cost import weight_layers
from archcalc.base.errors import ArchcalcError
from archcalc.evidence.accuracy import all_points, sources
from archcalc.figures import Plot, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# the challenge's year, the entry in the data, its label, and the network that it was made of, if it is one
ENTRIES = (
    (2010, "nec_uiuc_ilsvrc2010", "NEC-UIUC", ""),
    (2011, "xrce_ilsvrc2011", "XRCE", ""),
    (2012, "alexnet_ilsvrc2012", "AlexNet", "alexnet"),
    (2013, "zfnet", "ZFNet", "zfnet"),
    (2014, "vgg_ensemble_ilsvrc2014", "VGG", "vgg19"),
    (2014, "googlenet_ensemble_ilsvrc2014", "GoogLeNet", "googlenet"),
    (2015, "resnet_ensemble_ilsvrc2015", "ResNet", "resnet152"),
    (2016, "trimps_soushen_ilsvrc2016", "Trimps-Soushen", ""),
    (2017, "senet_ensemble", "SENet", "senet154"),
)
WITHOUT = {2010: "no network", 2011: "no network", 2016: "several networks"}
"""What entries without a network of the catalogue were made of."""
HUMAN = "human_annotator"
RECIPES = ("ilsvrc", "senet_authors")
PITCH = 4.6
"""Millimetres from line to line."""


class ChallengeEntry(NamedTuple):
    """One entry of the challenge."""

    year: int
    label: str
    top5_error: float
    network: str
    """The network, empty if the entry was made without one or with several."""
    layers: int | None
    source: str


class Winners(NamedTuple):
    """The entries by year, and the error of a human annotator."""

    entries: tuple[ChallengeEntry, ...]
    human: float
    human_source: str


def gather(_request: Plot) -> Winners:
    """The entries."""
    printed = {each.architecture: each for each in reversed(all_points()) if each.recipe in RECIPES and each.top5}
    if any(name not in printed for name in (HUMAN, *[each[1] for each in ENTRIES])):
        raise ArchcalcError("an entry of the challenge is not in the accuracy data")
    entries = [
        ChallengeEntry(year, label, _error(printed[key].top5), network, _layers(network), printed[key].source)
        for year, key, label, network in ENTRIES
    ]
    return Winners(tuple(entries), _error(printed[HUMAN].top5), printed[HUMAN].source)


def _error(top5: float | None) -> float:
    return round(100 - (top5 or 0.0), 4)


def _layers(name: str) -> int | None:
    if not name:
        return None
    network = zoo.network(name)
    return weight_layers(network.graph(None, network.settings))


def records(data: Winners) -> list[dict[str, object]]:
    """The entries as flat dictionaries."""
    return [
        {
            "year": each.year,
            "entry": each.label,
            "top5_error_percent": each.top5_error,
            "network": each.network,
            "weight_layers": each.layers,
            "source": each.source,
            "source_address": sources()[each.source].address,
            "source_read": sources()[each.source].read,
        }
        for each in data.entries
    ]


def draw(data: Winners, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide: a line for each entry, with bars for its error and its depth."""
    notes = [
        "Top-5 errors on the test images with the challenge's own training data: 2010, 2011 and 2016 as the results "
        "pages of image-net.org have them, the others as lecture slides and the abstract of SENet print them, in one "
        "decimal here. From 2012 on, entries are ensembles; VGG was second in 2014, and the figure of 2013 is the "
        "winning entry's, which the slides ascribe to ZFNet. Layers: convolutions and linear layers on the longest "
        "path of VGG-19, ResNet-152, SENet-154 and the others.",
        style.origin(),
    ]
    body = PITCH * len(data.entries) + 15
    sheet = style.Sheet("Entries of the ImageNet challenge: error and depth", width, body, notes)
    left = 2 + _wide([each.label for each in data.entries]) + _wide(["2017"]) + 3
    half = (width - left - 5) / 2
    errors = sheet.axes(left, 5 + half, 4)
    depths = sheet.axes(left + half + 5, 2.5, 4)
    for axes in (errors, depths):
        axes.set_ylim(len(data.entries) - 0.4, -0.6)
        axes.set_yticks([])
        style.grid(axes, "x")
    style.scale_axis(errors.xaxis, 0, 34, most=4)
    style.scale_axis(depths.xaxis, 0, 195, most=4)
    errors.set_xlabel("top-5 error (%)")
    depths.set_xlabel("depth (weight layers)")
    _entries(sheet.figure, errors, depths, data)
    _human(sheet.figure, errors, data.human)
    return sheet.figure


def _wide(texts: list[str]) -> float:
    return max(style.text_width(text, style.TICK) for text in texts) / style.POINTS


def _entries(figure: Figure, errors: Any, depths: Any, data: Winners) -> None:
    at = range(len(data.entries))
    light = style.tint(style.COLOURS[0], 0.5)
    errors.barh(list(at), [each.top5_error for each in data.entries], height=0.66, color=light, gid="errors")
    depths.barh(list(at), [each.layers or 0 for each in data.entries], height=0.66, color=style.COLOURS[5],
                edgecolor=style.COLOURS[0], linewidth=0.6, gid="depths")  # fmt: skip
    box = errors.get_window_extent()
    before = 0
    for number, each in enumerate(data.entries):
        y = float(errors.transData.transform((0, number))[1]) - style.TICK * 0.33
        if each.year != before:
            style.at(figure, 2 * style.POINTS, y, str(each.year), size=style.TICK, weight="semibold")
        before = each.year
        style.at(figure, box.x0 - 4, y, each.label, size=style.TICK, ha="right", gid=f"label{number}")
        x = float(errors.transData.transform((each.top5_error, 0))[0])
        style.at(figure, x + 2.5, y, f"{each.top5_error:.1f}", size=style.TICK, gid=f"error {each.label}", bbox=GROUND)
        x = float(depths.transData.transform((each.layers or 0, 0))[0])
        said = WITHOUT[each.year] if each.layers is None else str(each.layers)
        colour = style.GREY if each.layers is None else style.INK
        style.at(figure, x + 2.5, y, said, size=style.TICK, color=colour, gid=f"depth {each.label}", bbox=GROUND)


GROUND = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}
"""White outlines that keep lines out of the figures."""


def _human(figure: Figure, axes: Any, human: float) -> None:
    """Draw the error of a human annotator across the entries."""
    axes.axvline(human, color=style.INK, linewidth=0.8, linestyle=style.DASHES[1], zorder=3)
    box = axes.get_window_extent()
    x = float(axes.transData.transform((human, 0))[0])
    style.at(figure, x - 2, box.y1 + 2, f"human annotator, {human:.1f}", size=style.NOTE, gid="label human")
