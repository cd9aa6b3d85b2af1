"""AlexNet: Krizhevsky, Sutskever & Hinton, "ImageNet Classification with Deep Convolutional Neural Networks",
NIPS 2012.

`alexnet` is the two-GPU original: conv2, conv4 and conv5 see only the maps of their own GPU (groups of 2); conv1 reads
the whole image on both. The paper prints 224 px; 227 is what makes (227 - 11)/4 + 1 = 55 (document 004).
`alexnet_simplified` is the table of document 004: one tower without groups, and pooling before normalisation.
`alexnet_owt` is the single tower of Krizhevsky, "One weird trick for parallelizing convolutional neural networks",
arXiv:1404.5997, as torchvision builds it: 64-192-384-256-256, no normalisation, adaptive 6x6 pool.
CaffeNet (`caffenet`) has a file of its own for its name.
"""

from archcalc.graph import Choice, Op, Switch, Value, row
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import LocalResponseNorm
from archcalc.ops.pointwise import Dropout, ReLU
from archcalc.ops.pool import AdaptiveAvgPool, MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant


def alexnet(x: Value, groups: int = 2, pool_first: bool = False, classes: int = 1000) -> Value:
    x = _stage(x, 1, Conv(96, 11, stride=4), pool_first)
    x = _stage(x, 2, Conv(256, 5, padding=2, groups=groups), pool_first)
    x = row("conv3", x, Conv(384, 3, padding=1), ReLU())
    x = row("conv4", x, Conv(384, 3, padding=1, groups=groups), ReLU())
    x = row("conv5", x, Conv(256, 3, padding=1, groups=groups), ReLU())
    x = row("pool5", x, MaxPool(3, 2, ceil=True))
    return classifier(x, classes)


def _stage(x: Value, number: int, conv: Op, pool_first: bool) -> Value:
    """Convolution, normalisation and pooling; with `pool_first` the normalisation comes last and has its own row."""
    if pool_first:
        x = row(f"conv{number}", x, conv, ReLU())
        x = row(f"pool{number}", x, MaxPool(3, 2, ceil=True))
        return row(f"norm{number}", x, LocalResponseNorm(5))
    x = row(f"conv{number}", x, conv, ReLU(), LocalResponseNorm(5))
    return row(f"pool{number}", x, MaxPool(3, 2, ceil=True))


def classifier(x: Value, classes: int) -> Value:
    """fc6, fc7 and fc8 of AlexNet and its successors."""
    x = row("fc6", x, Flatten(), Linear(4096), ReLU(), Dropout())
    x = row("fc7", x, Linear(4096), ReLU(), Dropout())
    return row("fc8", x, Linear(classes))


def one_weird_trick(x: Value, classes: int = 1000) -> Value:
    x = row("conv1", x, Conv(64, 11, stride=4, padding=2), ReLU())
    x = row("pool1", x, MaxPool(3, 2))
    x = row("conv2", x, Conv(192, 5, padding=2), ReLU())
    x = row("pool2", x, MaxPool(3, 2))
    x = row("conv3", x, Conv(384, 3, padding=1), ReLU())
    x = row("conv4", x, Conv(256, 3, padding=1), ReLU())
    x = row("conv5", x, Conv(256, 3, padding=1), ReLU())
    x = row("pool5", x, MaxPool(3, 2))
    x = row("avgpool", x, AdaptiveAvgPool(6))
    return classifier(x, classes)


HYPERPARAMETERS = {
    "groups": Choice((1, 2), "towers that conv2, conv4 and conv5 are split into"),
    "pool_first": Switch("pooling before normalisation"),
    "classes": CLASSES,
}
ONE_TOWER = {"groups": 1, "pool_first": True}

FAMILIES = (
    Family(
        title="ImageNet Classification with Deep Convolutional Neural Networks",
        authors="Krizhevsky, Sutskever & Hinton",
        year=2012,
        source="NIPS 2012",
        documents=("000", "001", "003", "004"),
        build=alexnet,
        hyperparameters=HYPERPARAMETERS,
        variants={
            "alexnet": Variant("original, two GPUs", (3, 227, 227)),
            "alexnet_simplified": Variant("one tower, document 004", (3, 227, 227), ONE_TOWER),
        },
        aliases={"alexnet_grouped": "alexnet"},
        references={name: Reference("account", name) for name in ("alexnet", "alexnet_simplified")},
    ),
    Family(
        title="One weird trick for parallelizing convolutional neural networks",
        authors="Krizhevsky",
        year=2014,
        source="arXiv:1404.5997",
        documents=(),
        build=one_weird_trick,
        hyperparameters={"classes": CLASSES},
        variants={"alexnet_owt": Variant("one tower, torchvision", (3, 224, 224))},
        references={"alexnet_owt": Reference("torchvision", "alexnet")},
    ),
)
