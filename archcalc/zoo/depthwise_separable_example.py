"""A convolution and its depthwise separable stand-in: Howard et al., "MobileNets: Efficient Convolutional Neural
Networks for Mobile Vision Applications", arXiv:1704.04861.

Figure 3 on a 56x56 map of 128 channels, the third unit of the paper's Table 1: a depthwise 3x3 and a pointwise 1x1
convolution to 128 channels, each with batch normalisation and ReLU. `_standard` is the one 3x3 convolution that they
stand in for. For K = 3, D = 56 and M = N = 128 the documents' formulas are K K M D D + M D D N mult-adds against
K K M N D D, and K K M + M N weights against K K M N; batch normalisation adds two parameters for each channel.
"""

from archcalc.graph import Choice, Switch, Value, Whole, row
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU
from archcalc.zoo import Family, Reference, Variant
from archcalc.zoo._blocks import conv_norm, depthwise


def unit(x: Value, channels: int = 128, kernel: int = 3, stride: int = 1, separable: bool = True) -> Value:
    if not separable:
        return conv_norm("conv", x, channels, kernel, stride)
    x = row("depthwise", x, depthwise(x, kernel, stride), BatchNorm(), ReLU())
    return conv_norm("pointwise", x, channels, 1)


INPUT = (128, 56, 56)

FAMILIES = (
    Family(
        title="MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
        authors="Howard et al.",
        year=2017,
        source="arXiv:1704.04861",
        documents=("000", "002", "003"),
        build=unit,
        hyperparameters={
            "channels": Whole(1, 1_000_000, "output channels, N"),
            "kernel": Choice((1, 3, 5, 7, 9, 11), "side of the kernel, K"),
            "stride": Whole(1, 100, "stride of the K x K convolution"),
            "separable": Switch("depthwise and pointwise instead of one convolution"),
        },
        variants={
            "depthwise_separable_example": Variant("depthwise and pointwise", INPUT),
            "depthwise_separable_example_standard": Variant("one standard convolution", INPUT, {"separable": False}),
        },
        references={
            "depthwise_separable_example": Reference("pytorchcv", "mobilenet_w1", part="features.stage2.unit2"),
            "depthwise_separable_example_standard": Reference("account", "depthwise_separable_example_standard"),
        },
    ),
)
