"""ShuffleNet: Zhang, Zhou, Lin & Sun, "ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile
Devices", CVPR 2018, arXiv:1707.01083.

Table 1 and Figure 2: grouped 1x1 convolution, channel shuffle, depthwise 3x3, grouped 1x1; the input is added, or where
the stride is 2 averaged (3x3) and put after the new channels. The first 1x1 of stage 2 is not grouped: its input has
too few channels. Inner channels are a quarter of a stage's. In `shufflenet_v1_g3_1.5x` there are 3 groups and 1.5 times
the channels of Table 1.

The first convolution has 24 channels; scaled, as in the authors' PyTorch code, 48 at 2x, 24 at 1.5x, 12 at 0.5x, and
the next multiple of the groups where these do not divide (16 at 0.5x with 8 groups). pytorchcv has 36 at 1.5x. The code
has no 0.25x; the rule of the paper gives 6 channels there. With 2 and 4 groups there is no 0.5x and 0.25x: a quarter of
the scaled channels does not split into the groups, and how it would be rounded is not published.

The paper's 143M, 140M, 137M, 133M and 137M mult-adds for 1, 2, 3, 4 and 8 groups do not count the classifier.

The authors' code differs from Figure 2: it shuffles after the depthwise convolution, has no ReLU on the averaged input
and no bias in the classifier (1,000 parameters). Neither sizes nor mult-adds change.
"""

from typing import Any

from archcalc.algebra.dims import ceil_to, equal, floor
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Choice, Real, Value, Whole, block, row
from archcalc.ops.combine import Add, Concat
from archcalc.ops.conv import Conv
from archcalc.ops.layout import ChannelShuffle, Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU
from archcalc.ops.pool import AvgPool, GlobalAvgPool, MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant
from archcalc.zoo._blocks import conv_norm, depthwise

# Table 1: output channels of stage 2 for each number of groups; every stage doubles them
TABLE = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}
REPEAT = (4, 8, 4)


def unit(x: Value, channels: int, groups: int, first_groups: int, stride: int) -> Value:
    """The ShuffleNet unit: Figure 2(b), with stride 2 Figure 2(c)."""
    shuffle = [ChannelShuffle(groups)] if groups > 1 else []
    narrow = Conv(channels // 4, 1, groups=first_groups, bias=False)
    y = row("conv1", x, narrow, BatchNorm(), ReLU(), *shuffle)
    y = row("conv2", y, depthwise(y, 3, stride), BatchNorm())
    kept = x.channels if stride == 2 else 0
    y = row("conv3", y, Conv(channels - kept, 1, groups=groups, bias=False), BatchNorm())
    if stride == 1:
        return row("add", (y, x), Add(), ReLU())
    x = row("pool", x, AvgPool(3, 2, 1))
    return row("concat", (y, x), Concat(), ReLU())


def stem_channels(groups: int, scale: float) -> Any:
    """Channels of the first convolution in the authors' code: as many as split into the groups."""
    channels = 24 if equal(scale, 1.5) else floor(24 * scale)
    return ceil_to(channels, groups)


def shufflenet_v1(x: Value, groups: int = 3, scale: float = 1.0, stem: int = 0, classes: int = 1000) -> Value:
    x = conv_norm("conv1", x, stem_channels(groups, scale) if equal(stem, 0) else stem, 3, 2)
    x = row("maxpool", x, MaxPool(3, 2, 1))
    for stage, count in enumerate(REPEAT, 2):
        channels = floor(TABLE[groups] * 2 ** (stage - 2) * scale)
        if channels // 4 % groups:
            raise ArchcalcError(f"shufflenet_v1: a quarter of {channels} channels does not split into {groups} groups")
        for number in range(count):
            first = stage == 2 and number == 0
            stride = 2 if number == 0 else 1
            x = block(f"stage{stage}.{number}", unit, x, channels, groups, 1 if first else groups, stride)
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Linear(classes))


INPUT = (3, 224, 224)
SCALES = {
    1: (0.25, 0.5, 1.0, 1.5, 2.0),
    2: (1.0, 2.0),
    3: (0.25, 0.5, 1.0, 1.5, 2.0),
    4: (1.0, 2.0),
    8: (0.5, 1.0, 1.5, 2.0),
}
NAMES = {f"shufflenet_v1_g{groups}_{scale}x": (groups, scale) for groups in SCALES for scale in SCALES[groups]}


def _variant(groups: int, scale: float) -> Variant:
    name = "1 group" if groups == 1 else f"{groups} groups"
    return Variant(f"{name}, channels x {scale}", INPUT, {"groups": groups, "scale": scale})


OTHER_STEMS = {(1, 1.5): (24, 216), (3, 1.5): (24, 360), (8, 0.5): (16, 192), (8, 1.5): (24, 576)}
"""Channels of the first convolution in the authors' code, where pytorchcv's rule gives others, and of stage 2."""


def _reference(groups: int, scale: float) -> Reference:
    """The network of pytorchcv, or where its rule gives another first convolution, its class with the authors'."""
    if (groups, scale) not in OTHER_STEMS:
        return Reference("pytorchcv", "shufflenet.get_shufflenet", {"groups": groups, "width_scale": scale})
    stem, first = OTHER_STEMS[groups, scale]
    channels = [[first] * 4, [2 * first] * 8, [4 * first] * 4]
    options = {"channels": channels, "init_block_channels": stem, "groups": groups}
    return Reference("pytorchcv", "shufflenet.ShuffleNet", options)


FAMILIES = (
    Family(
        title="ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices",
        authors="Zhang, Zhou, Lin & Sun",
        year=2017,
        source="arXiv:1707.01083",
        documents=("003",),
        build=shufflenet_v1,
        hyperparameters={
            "groups": Choice(tuple(TABLE), "groups of the 1x1 convolutions"),
            "scale": Real(0.1, 16, "multiplier of all channels"),
            "stem": Whole(0, 10_000, "channels of the first convolution, 0: by the scale"),
            "classes": CLASSES,
        },
        variants={name: _variant(*settings) for name, settings in NAMES.items()},
        patterns={"shufflenet_v1_g{groups}_{scale}x": Variant("groups, scale by name", INPUT)},
        aliases={
            "shufflenet_v1": "shufflenet_v1_g3_1.0x",
            **{f"shufflenet_v1_g{groups}_1x": f"shufflenet_v1_g{groups}_1.0x" for groups in TABLE},
            **{f"shufflenet_v1_g{groups}_2x": f"shufflenet_v1_g{groups}_2.0x" for groups in TABLE},
        },
        references={name: _reference(*settings) for name, settings in NAMES.items()},
    ),
)
