"""MnasNet: Tan, Chen, Pang, Vasudevan, Sandler, Howard & Le, "MnasNet: Platform-Aware Neural Architecture Search for
Mobile", CVPR 2019, arXiv:1807.11626.

`mnasnet_a1` is Figure 7(a): mobile inverted bottlenecks (MBConv), squeeze-and-excitation in three of the seven stages.
`mnasnet_b1` is the network of the same search without squeeze-and-excitation, `mnasnet_small` the one for small
budgets; both follow the authors' TensorFlow code, as does the 1x1 convolution to 1280 channels before the pool. The
inner gate has a quarter of the channels that enter the block.

`width` is what the paper calls the depth multiplier: it multiplies all channels but the last 1280, rounded to the
nearest multiple of 8 but not more than 10 % down. A name such as `mnasnet_b1_0.75` gives it. Torchvision's
`mnasnet0_5` to `mnasnet1_3` and timm's `mnasnet_100` are B1; timm's `semnasnet_100` is A1. Torchvision's first version
did not multiply the first three convolutions.

Deviation: padding is the same on all sides, as in the PyTorch ports. TensorFlow's "SAME" puts the odd row at the bottom
and the right where the stride is 2, which shifts the receptive field and changes no size or count. The first version of
the paper has another network, with 4.2M parameters.
"""

from typing import Any

from archcalc.algebra.dims import below, equal, floor, maximum
from archcalc.graph import Choice, Op, Real, Value, block, row
from archcalc.ops.combine import Add
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import Dropout, ReLU
from archcalc.ops.pool import GlobalAvgPool
from archcalc.ops.sliding import Padding
from archcalc.zoo import CLASSES, Family, Reference, Variant
from archcalc.zoo._blocks import conv_norm, depthwise, squeeze_excite

# channels of the first convolution; then expansion, kernel, stride of the first block, channels, blocks, gates
TABLE = {
    "a1": (
        32,
        (1, 3, 1, 16, 1, False),
        (6, 3, 2, 24, 2, False),
        (3, 5, 2, 40, 3, True),
        (6, 3, 2, 80, 4, False),
        (6, 3, 1, 112, 2, True),
        (6, 5, 2, 160, 3, True),
        (6, 3, 1, 320, 1, False),
    ),
    "b1": (
        32,
        (1, 3, 1, 16, 1, False),
        (3, 3, 2, 24, 3, False),
        (3, 5, 2, 40, 3, False),
        (6, 5, 2, 80, 3, False),
        (6, 3, 1, 96, 2, False),
        (6, 5, 2, 192, 4, False),
        (6, 3, 1, 320, 1, False),
    ),
    "small": (
        8,
        (1, 3, 1, 8, 1, False),
        (3, 3, 2, 16, 1, False),
        (6, 3, 2, 16, 2, False),
        (6, 5, 2, 32, 4, True),
        (6, 3, 1, 32, 3, True),
        (6, 5, 2, 88, 3, True),
        (6, 3, 1, 144, 1, False),
    ),
}


def rounded(channels: Any) -> Any:
    """The nearest multiple of 8, but at least 8, and the next one if that is more than 10 % down."""
    nearest = maximum(8, floor(channels + 4) // 8 * 8)
    return nearest + 8 if below(nearest, 0.9 * channels) else nearest


def mbconv(
    x: Value,
    channels: int,
    expansion: int,
    kernel: int,
    stride: int,
    *,
    gated: bool,
    activation: type[Op] = ReLU,
    padding: Padding | None = None,
) -> Value:
    """The mobile inverted bottleneck: 1x1 to `expansion` times the channels, depthwise, 1x1 without activation.

    `gated` puts squeeze-and-excitation before the last convolution. The input is added where the shape stays.
    """
    y = x
    if expansion != 1:
        y = conv_norm("expand", y, expansion * x.channels, 1, activation=activation)
    y = row("depthwise", y, depthwise(y, kernel, stride, padding), BatchNorm(), activation())
    if gated:
        y = squeeze_excite(y, x.channels // 4, activation)
    y = conv_norm("project", y, channels, 1, activation=None)
    if stride == 1 and equal(channels, x.channels):
        y = row("add", (y, x), Add())
    return y


def mnasnet(x: Value, model: str = "a1", width: float = 1.0, classes: int = 1000) -> Value:
    first, *stages = TABLE[model]
    x = conv_norm("conv1", x, rounded(first * width), 3, 2)
    for stage, (expansion, kernel, stride, channels, blocks, gated) in enumerate(stages, 1):
        for number in range(blocks):
            step = stride if number == 0 else 1
            x = block(
                f"stage{stage}.{number}", mbconv, x, rounded(channels * width), expansion, kernel, step, gated=gated
            )
    x = conv_norm("conv2", x, 1280, 1)
    x = row("avgpool", x, GlobalAvgPool())
    return row("classifier", x, Flatten(), Dropout(0.2), Linear(classes))


INPUT = (3, 224, 224)
SUMMARY = {"a1": "A1, gates", "b1": "B1, no gates", "small": "small, gates"}
WIDTHS = {"a1": (0.5, 0.75, 1.4), "b1": (0.5, 0.75, 1.3, 1.4)}
TIMM = {"a1": "semnasnet", "b1": "mnasnet"}


def _scaled(model: str, width: float) -> Variant:
    return Variant(f"{SUMMARY[model]}, x {width}", INPUT, {"model": model, "width": width})


def _reference(model: str, width: float) -> Reference:
    if model == "b1" and width != 1.4:
        return Reference("torchvision", f"mnasnet{width}".replace(".", "_"))
    return Reference("timm", f"{TIMM[model]}_{round(100 * width):03}")


FAMILIES = (
    Family(
        title="MnasNet: Platform-Aware Neural Architecture Search for Mobile",
        authors="Tan et al.",
        year=2018,
        source="arXiv:1807.11626",
        documents=("003",),
        build=mnasnet,
        hyperparameters={
            "model": Choice(tuple(TABLE), "which search result"),
            "width": Real(0.01, 16, "multiplier of all channels but the last 1280"),
            "classes": CLASSES,
        },
        variants={
            **{f"mnasnet_{model}": Variant(SUMMARY[model], INPUT, {"model": model}) for model in TABLE},
            **{f"mnasnet_{model}_{width}": _scaled(model, width) for model in WIDTHS for width in WIDTHS[model]},
        },
        patterns={
            f"mnasnet_{model}_{{width}}": Variant(f"{SUMMARY[model]}, by name", INPUT, {"model": model})
            for model in TABLE
        },
        aliases={
            "mnasnet": "mnasnet_a1",
            "mnasnet0_5": "mnasnet_b1_0.5",
            "mnasnet0_75": "mnasnet_b1_0.75",
            "mnasnet1_0": "mnasnet_b1",
            "mnasnet1_3": "mnasnet_b1_1.3",
        },
        references={
            "mnasnet_a1": _reference("a1", 1.0),
            "mnasnet_b1": _reference("b1", 1.0),
            "mnasnet_small": Reference("timm", "mnasnet_small"),
            **{f"mnasnet_{model}_{width}": _reference(model, width) for model in WIDTHS for width in WIDTHS[model]},
        },
    ),
)
