"""ConvNeXt: Liu, Mao, Wu, Feichtenhofer, Darrell & Xie, "A ConvNet for the 2020s", arXiv:2201.03545.

A 4x4 stem with stride 4; four stages of inverted bottlenecks with 7x7 depthwise convolutions; layer normalisation
everywhere; a 2x2 convolution with stride 2 between stages. As in the authors' code the pointwise layers are linear
layers on channels that stand last, and each block ends with a learnable scale for each channel ("layer scale").
Stochastic depth costs nothing and is left out. Deviations: none.

The figures in the README of the authors' repository are met, but for two: the mult-adds of ConvNeXt-B at 384 px, 45.0 G
in one of its tables and 47.0 G in another, are 45.1 G; the parameters of ConvNeXt-T, 28 M or 29 M, are 28.59 M.
`convnext_large_mlp` is timm's, for weights of OpenCLIP: a layer of 1536 before the classifier, and images of 320 px.
`convnext_block_example` is the block that document 003 compares with that of Swin: the first of `convnext_tiny`.
"""

from archcalc.graph import Choice, Switch, Value, block, row
from archcalc.ops.combine import Add
from archcalc.ops.conv import Conv
from archcalc.ops.layout import ChannelsFirst, ChannelsLast, Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import ChannelScale, LayerNorm
from archcalc.ops.pointwise import GELU
from archcalc.ops.pool import GlobalAvgPool
from archcalc.zoo import CLASSES, Family, Reference, Variant

#               C    blocks in stages 1 to 4
TABLE = {
    "tiny": (96, (3, 3, 9, 3)),
    "small": (96, (3, 3, 27, 3)),
    "base": (128, (3, 3, 27, 3)),
    "large": (192, (3, 3, 27, 3)),
    "xlarge": (256, (3, 3, 27, 3)),
}


def convnext_block(x: Value, kernel: int = 7) -> Value:
    """Depthwise convolution, 1x1 to four times the channels and back, and a shortcut: Figure 4, right."""
    depthwise = Conv(x.channels, kernel, padding=kernel // 2, groups=x.channels)
    y = row("dwconv", x, depthwise, ChannelsLast(), LayerNorm())
    y = row("pwconv1", y, Linear(4 * x.channels), GELU())
    y = row("pwconv2", y, Linear(x.channels), ChannelScale(), ChannelsFirst())
    return row("add", (y, x), Add())


def convnext(x: Value, size: str = "tiny", kernel: int = 7, hidden: bool = False, classes: int = 1000) -> Value:
    width, depths = TABLE[size]
    x = row("stem", x, Conv(width, 4, 4), LayerNorm(channels_first=True))
    for stage, blocks in enumerate(depths, 1):
        if stage > 1:
            width *= 2
            x = row(f"stage{stage}.downsample", x, LayerNorm(channels_first=True), Conv(width, 2, 2))
        for number in range(blocks):
            x = block(f"stage{stage}.{number}", convnext_block, x, kernel)
    x = row("avgpool", x, GlobalAvgPool(), LayerNorm(channels_first=True))
    x = row("hidden", x, Flatten(), Linear(x.channels), GELU()) if hidden else x
    return row("head", x, Flatten(), Linear(classes))


TITLE, AUTHORS, SOURCE = "A ConvNet for the 2020s", "Liu et al.", "arXiv:2201.03545"
INPUT = (3, 224, 224)
KERNEL = Choice((3, 5, 7, 9, 11), "side of the depthwise convolutions")

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2022,
        source=SOURCE,
        documents=("003",),
        build=convnext,
        hyperparameters={
            "size": Choice(tuple(TABLE), "widths and depths"),
            "kernel": KERNEL,
            "hidden": Switch("a layer of as many outputs as channels before the classifier"),
            "classes": CLASSES,
        },
        variants={
            **{
                f"convnext_{size}": Variant(f"C = {width}, {sum(depths)} blocks", INPUT, {"size": size})
                for size, (width, depths) in TABLE.items()
            },
            "convnext_large_mlp": Variant("hidden layer in the head", (3, 320, 320), {"size": "large", "hidden": True}),
        },
        references={
            **{f"convnext_{size}": Reference("torchvision", f"convnext_{size}") for size in TABLE if size != "xlarge"},
            "convnext_xlarge": Reference("timm", "convnext_xlarge"),
            "convnext_large_mlp": Reference("timm", "convnext_large_mlp"),
        },
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2022,
        source=SOURCE,
        documents=("003",),
        build=convnext_block,
        hyperparameters={"kernel": KERNEL},
        variants={"convnext_block_example": Variant("block of 96 channels", (96, 56, 56))},
        references={
            "convnext_block_example": Reference("torchvision", "convnext_tiny", part="features.1.0"),
        },
    ),
)
