"""The papers of the atlas, the networks of each, and the network of each family that is shown in full.

A family's representative is the network whose name is the family's own (`alexnet`, `unet`); else the one with the most
figures in the documents, then the one with the most measured accuracies, then the first; networks of more than
`MOST_ROWS` rows only if the family has no other. A chapter has the plain name by which people know a paper's networks.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import NamedTuple

from archcalc import zoo
from archcalc.evidence.accuracy import all_points
from archcalc.evidence.claims import claims
from archcalc.graph import Network
from archcalc.zoo import Family

MOST_ROWS = 500

CHAPTERS = {
    "lenet": "LeNet",
    "alexnet": "AlexNet",
    "nin": "Network in network (NiN)",
    "zfnet": "ZFNet",
    "alexnet_owt": "AlexNet for one GPU (OWT)",
    "all_cnn": "All-CNN",
    "caffenet": "CaffeNet and Caffe\u2019s LeNet",
    "googlenet": "GoogLeNet",
    "vgg": "VGG",
    "bn_inception": "BN-Inception",
    "highway": "Highway networks",
    "inception_v3": "Inception-v2 and Inception-v3",
    "resnet": "Residual networks (ResNet)",
    "spatial_transformer": "Spatial transformer networks",
    "unet": "U-Net",
    "densenet": "DenseNet",
    "fractal_of_fractalnet": "Fractal of FractalNet",
    "fractalnet": "FractalNet",
    "inception_v4": "Inception-v4 and Inception-ResNet",
    "multi_resnet": "Multi-residual networks",
    "polynet": "PolyNet",
    "preresnet": "Pre-activation ResNet",
    "resnext": "ResNeXt",
    "ror3": "Residual networks of residual networks (RoR)",
    "squeezenet": "SqueezeNet",
    "stochastic_depth": "Stochastic depth",
    "wrn": "Wide residual networks (WRN)",
    "xception": "Xception",
    "mobilenet_v1": "MobileNet",
    "nasnet_a": "NASNet",
    "senet": "Squeeze-and-excitation networks (SENet)",
    "shufflenet_v1": "ShuffleNet",
    "darts": "DARTS",
    "enas": "ENAS",
    "mnasnet": "MnasNet",
    "xception65": "Xception of DeepLabv3+",
    "efficientnet": "EfficientNet",
    "res2net": "Res2Net and Res2NeXt",
    "regnetx": "RegNetX",
    "swin": "Swin Transformer",
    "convnext": "ConvNeXt",
}
"""The plain name of each paper's networks, by the file in `archcalc/zoo` that has one of them, or by a network's name
where a file has networks of several papers."""


class Paper(NamedTuple):
    """A paper and its networks in the catalogue."""

    title: str
    networks: tuple[Network, ...]
    representatives: tuple[str, ...]
    """One network of each family, in order."""

    @property
    def first(self) -> Family:
        return self.networks[0].family

    @property
    def name(self) -> str:
        """The plain name of its networks; without one, the paper's title."""
        own = [*[each.name for each in self.networks], *[each.file for each in self.networks]]
        return next((CHAPTERS[key] for key in own if key in CHAPTERS), self.title)


@cache
def papers() -> tuple[Paper, ...]:
    """The papers by year, those of one year in the order of the catalogue."""
    by_paper: dict[str, list[Network]] = {}
    for each in zoo.networks():
        by_paper.setdefault(each.family.title, []).append(each)
    listed = [Paper(title, tuple(networks), _representatives(networks)) for title, networks in by_paper.items()]
    return tuple(sorted(listed, key=lambda paper: paper.first.year))


def _representatives(networks: list[Network]) -> tuple[str, ...]:
    families: dict[int, list[Network]] = {}
    for each in networks:
        families.setdefault(id(each.family), []).append(each)
    return tuple([_representative(members) for members in families.values()])


def _representative(members: list[Network]) -> str:
    bare = [each for each in members if each.name == each.file]
    if bare:
        return bare[0].name
    small = [each for each in members if len(members) == 1 or _rows(each) <= MOST_ROWS] or members
    return max(small, key=lambda each: (_printed()[each.name], _measured()[each.name])).name


def _rows(each: Network) -> int:
    graph = each.graph(None, each.settings)
    return len({node.row for node in graph.nodes})


@cache
def _printed() -> Counter[str]:
    """The number of figures that the documents print of each network."""
    counts: Counter[str] = Counter()
    for each in claims():
        network = zoo.find(each.architecture)
        if network is not None:
            counts[network.name] += 1
    return counts


@cache
def _measured() -> Counter[str]:
    """The number of accuracies of each network."""
    return Counter(point.architecture for point in all_points())
