"""RoR-3: Zhang, Sun, Han, Yuan, Guo & Liu, "Residual Networks of Residual Networks: Multilevel Residual Networks",
arXiv:1608.02908.

The CIFAR networks with shortcuts on three levels: around each block, around each of the three groups, and around all of
them ("root"). The layers are those of pytorchcv, which were not compared with code of the authors. There every shortcut
that changes the shape, that of every group and the root are 1x1 convolutions with batch norm, and groups end in a 2x2
max pool, so that only the root has a stride. The depth, 6n + 8, counts the six of them. The input's sides must be
multiples of 4. With `shortcut=padding` blocks that change the shape have zero channels instead, groups and the root
their convolutions as before.
"""

from archcalc.algebra.dims import equal
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Value, Whole, block, row
from archcalc.ops.combine import Add
from archcalc.ops.pointwise import ReLU
from archcalc.ops.pool import MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant, resnet
from archcalc.zoo._blocks import conv_norm

CHANNELS = (16, 32, 64)


def unit(x: Value, width: int, activated: bool, shortcut: str) -> Value:
    """Two 3x3 convolutions and a shortcut."""
    y = conv_norm("conv1", x, width, 3)
    y = conv_norm("conv2", y, width, 3, activation=None)
    if not equal(x.channels, width):
        projected = shortcut == "projection"
        x = conv_norm("downsample", x, width, 1, activation=None) if projected else resnet.pad(x, width, 1)
    return row("add", (y, x), Add(), *([ReLU()] if activated else []))


def group(x: Value, width: int, blocks: int, pooled: bool, shortcut: str) -> Value:
    """Blocks, the last without ReLU, and a shortcut around them."""
    around = conv_norm("shortcut", x, width, 1, activation=None)
    for number in range(blocks):
        x = block(f"{number}", unit, x, width, number < blocks - 1, shortcut)
    if not pooled:
        return row("add", (x, around), Add())
    x = row("add", (x, around), Add(), ReLU())
    return row("pool", x, MaxPool(2, 2))


def ror3(x: Value, depth: int = 110, shortcut: str = "projection", classes: int = 10) -> Value:
    if depth % 6 != 2:
        raise ArchcalcError(f"ror3: a depth is 6n + 8 (14, 20, 26, 32 ...), not {depth}")
    x = conv_norm("conv1", x, 16, 3)
    root = conv_norm("root", x, 64, 1, 4, activation=None)
    for number, width in enumerate(CHANNELS, 1):
        x = block(f"layer{number}", group, x, width, (depth - 8) // 6, number < len(CHANNELS), shortcut)
    x = row("add", (x, root), Add(), ReLU())
    return resnet.classifier(x, classes)


FAMILIES = (
    Family(
        title="Residual Networks of Residual Networks: Multilevel Residual Networks",
        authors="Zhang et al.",
        year=2016,
        source="arXiv:1608.02908",
        documents=("002",),
        build=ror3,
        hyperparameters={
            "depth": Whole(14, 6008, "layers, 6n + 8"),
            "shortcut": resnet.JOINING,
            "classes": CLASSES,
        },
        variants={
            f"ror3_{n}": Variant(f"CIFAR, n = {(n - 8) // 6}", (3, 32, 32), {"depth": n}) for n in (56, 110, 164)
        },
        references={f"ror3_{n}": Reference("pytorchcv", f"ror3_{n}_cifar10", size=(3, 36, 44)) for n in (56, 110, 164)},
    ),
)
