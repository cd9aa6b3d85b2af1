"""Wide ResNet: Zagoruyko & Komodakis, "Wide Residual Networks", BMVC 2016, arXiv:1605.07146.

CIFAR networks `wrn_{depth}_{k}`: Table 1, three groups of n pre-activation blocks B(3,3) with 16k, 32k and 64k
channels, depth = 6n + 4. Every change of shape has a 1x1 projection of the activated values; k = 1 has none in its
first group. The depth counts convolutions: 6n in the blocks, the first one and three projections, but not the
classifier. `k` may be a multiple of 1/16, so that the first group has any number of channels. There is no dropout; the
paper's variants with dropout have the same counts.

`wrn50_2` and `wrn101_2` are the ImageNet networks WRN-50-2-bottleneck and its deeper relative: ResNet, not
pre-activation, with twice the channels around each 3x3 convolution, which has the stride (the authors' pretrained model
and torchvision). pytorchcv's `wrn50_2` has convolution biases and no batch norm, 34,112 parameters fewer.
"""

from typing import Any

from archcalc.algebra.dims import floor
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Choice, Value, Whole, row
from archcalc.ops.conv import Conv
from archcalc.zoo import CLASSES, Family, Reference, Variant, preresnet, resnet

# depth and k
TABLE = ((40, 1), (40, 2), (40, 4), (40, 8), (28, 10), (28, 12), (22, 8), (22, 10), (16, 8), (16, 10))


def wrn(
    x: Value,
    depth: int = 50,
    k: float = 2,
    stem: str = "7x7",
    blocks: Any = None,
    output_stride: int = 32,
    classes: int = 1000,
) -> Value:
    def unit(x: Value, width: int, stride: int, dilations: resnet.Dilations) -> Value:
        return resnet.bottleneck(x, width, stride, inner=floor(k * width), dilation=dilations[0])

    return resnet.network(x, resnet.TABLE[depth], unit, stem, blocks, output_stride, classes)


def wrn_cifar(x: Value, depth: int = 28, k: float = 10, shortcut: str = "projection", classes: int = 10) -> Value:
    if depth % 6 != 4:
        raise ArchcalcError(f"wrn: a depth is 6n + 4 (10, 16, 22, 28 ...), not {depth}")

    def unit(x: Value, width: int, stride: int) -> Value:
        return preresnet.basic(x, width, stride, shortcut)

    x = row("conv1", x, Conv(16, 3, padding=1, bias=False))
    x = resnet.stages(x, [(depth - 4) // 6] * 3, unit, floor(16 * k))
    return resnet.classifier(preresnet.preactivate(x, "norm"), classes)


TITLE, AUTHORS, SOURCE = "Wide Residual Networks", "Zagoruyko & Komodakis", "arXiv:1605.07146"
IMAGENET, CIFAR = (3, 224, 224), (3, 32, 32)
DEPTHS = (50, 101, 152)

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("002", "004"),
        build=wrn,
        hyperparameters={
            "depth": Choice(DEPTHS, "weight layers"),
            "k": Whole(1, 100, "widening of the inner channels", parts=16),
            **resnet.BACKBONE,
            "classes": CLASSES,
        },
        variants={f"wrn{n}_2": Variant("inner 3x3 twice as wide", IMAGENET, {"depth": n, "k": 2}) for n in (50, 101)},
        references={f"wrn{n}_2": Reference("torchvision", f"wide_resnet{n}_2") for n in (50, 101)},
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("002", "003", "004"),
        build=wrn_cifar,
        hyperparameters={
            "depth": Whole(10, 6004, "layers, 6n + 4"),
            "k": Whole(1, 100, "widening of all channels", parts=16),
            "shortcut": resnet.SHORTCUTS,
            "classes": CLASSES,
        },
        variants={
            f"wrn_{depth}_{k}": Variant(f"CIFAR, {16 * k} to {64 * k} ch.", CIFAR, {"depth": depth, "k": k})
            for depth, k in TABLE
        },
        patterns={"wrn_{depth}_{k}": Variant("CIFAR, depth and k by name", CIFAR)},
        references={
            f"wrn_{depth}_{k}": Reference(
                "pytorchcv", "wrn_cifar.get_wrn_cifar", {"num_classes": 10, "blocks": depth, "width_factor": k}
            )
            for depth, k in TABLE
        },
    ),
)
