"""Entries of the ImageNet challenge that the documents name: top-5 error by year, and the depth of their networks.

Errors as printed; the number of layers is counted here, on the longest path of the entry's network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archcalc import zoo
from archcalc.analysis.cost import weight_layers
from archcalc.base.errors import ArchcalcError
from archcalc.evidence.accuracy import all_points
from archcalc.figures import Plot, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# the challenge's year, the entry in the data, its label, the network that it was made of
ENTRIES = (
    (2012, "alexnet_ilsvrc2012", "AlexNet", "alexnet"),
    (2013, "zfnet", "ZFNet", "zfnet"),
    (2014, "vgg_ensemble_ilsvrc2014", "VGG", "vgg19"),
    (2014, "googlenet_ensemble_ilsvrc2014", "GoogLeNet", "googlenet"),
    (2015, "resnet_ensemble_ilsvrc2015", "ResNet", "resnet152"),
    (2017, "senet_ensemble", "SENet", "senet154"),
)
HUMAN = "human_annotator"
RECIPES = ("ilsvrc", "senet_authors")


class ChallengeEntry(NamedTuple):
    """One entry of the challenge."""

    year: int
    label: str
    top5_error: float
    network: str
    layers: int
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


def _layers(name: str) -> int:
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
        }
        for each in data.entries
    ]


def draw(data: Winners, width: float = style.COLUMN) -> Figure:
    """The figure, `width` millimetres wide."""
    notes = [
        "Top-5 errors as lecture slides and the abstract of SENet print them. Entries are ensembles; VGG was second in "
        "2014, and the figure of 2013 is the winning entry's, which the slides ascribe to ZFNet. Layers: convolutions "
        "and linear layers on the longest path of VGG-19, ResNet-152, SENet-154 and the others.",
        style.origin(),
    ]
    sheet = style.Sheet("Entries of the ImageNet challenge: error and depth", width, 66 if width < 120 else 74, notes)
    axes = sheet.axes(10.5, 2.5, 5, 13)
    at = range(len(data.entries))
    axes.set_xlim(-0.6, len(data.entries) - 0.4)
    style.scale_axis(axes.yaxis, 0, 18, most=4)
    axes.set_ylabel("top-5 error (%)")
    axes.set_xticks(list(at), [each.label for each in data.entries])
    axes.tick_params(axis="x", length=0)
    axes.bar(list(at), [each.top5_error for each in data.entries], width=0.62, color=style.COLOURS[5],
             edgecolor=style.COLOURS[0], linewidth=0.6, gid="errors")  # fmt: skip
    axes.axhline(data.human, color=style.INK, linewidth=0.6, linestyle=style.DASHES[1], zorder=0.5)
    box = axes.get_window_extent()
    size = style.NOTE
    for number, each in enumerate(data.entries):
        x, y = (float(part) for part in axes.transData.transform((number, each.top5_error)))
        style.at(sheet.figure, x, y + 2, f"{each.top5_error:g}", size=style.TICK, ha="center", gid=f"label{number}")
        style.at(sheet.figure, x, box.y0 - 17, str(each.year), size=size, ha="center", color=style.GREY)
        style.at(sheet.figure, x, box.y0 - 26, f"{each.layers} layers", size=size, ha="center", color=style.GREY)
    right, level = (float(part) for part in axes.transData.transform((len(data.entries) - 0.4, data.human)))
    said = f"human annotator, {data.human:g}"
    style.at(sheet.figure, right, level + 2, said, size=size, ha="right", gid="label human")
    return sheet.figure
