"""ResNeXt: Xie, Girshick, Dollar, Tu & He, "Aggregated Residual Transformations for Deep Neural Networks",
arXiv:1611.05431.

Table 1 and the authors' Torch code, form (c) of Figure 3: a bottleneck whose 3x3 convolution works in `cardinality`
groups of `width` channels, doubled in every group of blocks. The stride is in the 3x3 from the start. A name such as
`resnext50_32x4d` gives depth, cardinality and width. 14, 26 and 38 layers, with one to three blocks in every group, are
pytorchcv's.

`_cifar` networks (section 5.2) have three groups of n blocks, depth 9n + 2, and 64 channels after the first
convolution. All shortcuts that change the shape are projections (option B). Deviations: none.
"""

from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.graph import Choice, Value, Whole, row
from archcalc.ops.conv import Conv
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU
from archcalc.zoo import CLASSES, Family, Reference, Variant, resnet

# depth, cardinality and width of the ImageNet networks, the paper's first
TABLE = ((50, 32, 4), (101, 32, 4), (101, 64, 4), (14, 32, 4), (26, 32, 4), (38, 32, 4))
#         blocks in layer1 to layer4
BLOCKS = {
    14: (1, 1, 1, 1),
    26: (2, 2, 2, 2),
    38: (3, 3, 3, 3),
    **{depth: resnet.TABLE[depth] for depth in (50, 101, 152)},
}


def aggregated(
    x: Value,
    width: int,
    stride: int,
    cardinality: int,
    group_width: int,
    gate: resnet.Gate | None = None,
    shortcut: str = "projection",
    *,
    dilation: int = 1,
) -> Value:
    """The bottleneck with a grouped 3x3, Figure 3(c); `group_width` channels a group where `width` is 64."""
    inner = cardinality * (group_width * width // 64)
    return resnet.bottleneck(x, width, stride, shortcut, inner=inner, groups=cardinality, dilation=dilation, gate=gate)


def resnext(
    x: Value,
    depth: int = 50,
    cardinality: int = 32,
    width: int = 4,
    stem: str = "7x7",
    blocks: Any = None,
    output_stride: int = 32,
    classes: int = 1000,
) -> Value:
    def unit(x: Value, channels: int, stride: int, dilations: resnet.Dilations) -> Value:
        return aggregated(x, channels, stride, cardinality, width, dilation=dilations[0])

    return resnet.network(x, BLOCKS[depth], unit, stem, blocks, output_stride, classes)


def resnext_cifar(
    x: Value, depth: int = 29, cardinality: int = 8, width: int = 64, shortcut: str = "projection", classes: int = 10
) -> Value:
    if depth % 9 != 2:
        raise ArchcalcError(f"resnext: a depth for CIFAR is 9n + 2 (11, 20, 29, 38 ...), not {depth}")

    def unit(x: Value, channels: int, stride: int) -> Value:
        return aggregated(x, channels, stride, cardinality, width, shortcut=shortcut)

    x = row("conv1", x, Conv(64, 3, padding=1, bias=False), BatchNorm(), ReLU())
    return resnet.classifier(resnet.stages(x, [(depth - 2) // 9] * 3, unit), classes)


TITLE = "Aggregated Residual Transformations for Deep Neural Networks"
AUTHORS, SOURCE = "Xie et al.", "arXiv:1611.05431"
IMAGENET, CIFAR = (3, 224, 224), (3, 32, 32)
DEPTH = Choice(tuple(BLOCKS), "weight layers")
CARDINALITY = Whole(1, 1024, "groups of the 3x3 convolutions")
WIDTH = Whole(1, 1024, "channels of each group in the first blocks")


def _named(depth: int, cardinality: int, width: int) -> dict[str, int]:
    return {"depth": depth, "cardinality": cardinality, "width": width}


FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("002", "003", "004"),
        build=resnext_cifar,
        hyperparameters={
            "depth": Whole(11, 9002, "weight layers, 9n + 2"),
            "cardinality": CARDINALITY,
            "width": WIDTH,
            "shortcut": resnet.SHORTCUTS,
            "classes": CLASSES,
        },
        variants={
            f"resnext29_{c}x64d_cifar": Variant(f"CIFAR, {c} groups of 64", CIFAR, _named(29, c, 64)) for c in (8, 16)
        },
        patterns={"resnext{depth}_{cardinality}x{width}d_cifar": Variant("CIFAR, groups by name", CIFAR)},
        aliases={f"resnext29_{c}x64d": f"resnext29_{c}x64d_cifar" for c in (8, 16)},
        references={
            "resnext29_8x64d_cifar": Reference(
                "pytorchcv",
                "resnext_cifar.get_resnext_cifar",
                {"num_classes": 10, "blocks": 29, "cardinality": 8, "bottleneck_width": 64},
            ),
            "resnext29_16x64d_cifar": Reference("pytorchcv", "resnext29_16x64d_cifar10"),
        },
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("002", "003", "004"),
        build=resnext,
        hyperparameters={
            "depth": DEPTH,
            "cardinality": CARDINALITY,
            "width": WIDTH,
            **resnet.BACKBONE,
            "classes": CLASSES,
        },
        variants={
            f"resnext{depth}_{c}x{width}d": Variant(f"{c} groups of {width}", IMAGENET, _named(depth, c, width))
            for depth, c, width in TABLE
        },
        patterns={"resnext{depth}_{cardinality}x{width}d": Variant("groups by name", IMAGENET)},
        aliases={f"resnext{depth}": f"resnext{depth}_32x4d" for depth in (50, 101)},
        references={
            **{f"resnext{depth}_32x4d": Reference("pytorchcv", f"resnext{depth}_32x4d") for depth in (14, 26, 38)},
            "resnext50_32x4d": Reference("torchvision", "resnext50_32x4d"),
            "resnext101_32x4d": Reference("timm", "resnext101_32x4d"),
            "resnext101_64x4d": Reference("torchvision", "resnext101_64x4d"),
        },
    ),
)
