"""SqueezeNet: Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
arXiv:1602.07360.

Table 1: a convolution, eight fire modules, and a 1x1 convolution with one map for each class, averaged; no linear
layer. `squeezenet1_1` is the authors' later release: of the mult-adds it has 0.43 times as many at 224 px, 0.47 times
at 227. `squeezenet1_0_bypass` adds the input of fire modules 3, 5, 7 and 9 to their output (Figure 2, middle);
`squeezenet1_0_complex_bypass` the others' too, after a 1x1 convolution to the channels of the output (right).
Convolutions have biases, there is no normalisation, pools round up (Caffe).

The last convolution, conv10, is 1x1 and does not pad, as in the paper's Table 1 and in the ports of frameworks. In the
authors' Caffe model of 1.0 (`squeezenet1_0_caffe`, at its 227 px) it pads by 1: it works on 15x15 positions instead of
13x13, the outer ones of which see zeros only. The model of 1.1 does not pad.

The paper does not agree with itself on conv1: Table 1 makes 111x111 of 224x224, which a 7x7 convolution with stride 2
and no padding makes of 227x227, the input of the authors' Caffe model. Frameworks publish their figures for 224, where
conv1 is 109x109, and this is the input here. The 1,700 million of the MobileNet paper's Table 9 are multiplications and
additions apart, at 227x227: twice the 861 million of the Caffe model, or twice 833 million, which round alike. The 7.7
MB that Table 3 prints with complex bypass, against 4.8 MB without, are not those of Figure 2: its four 1x1 convolutions
have 341,248 parameters, 1.4 MB. ReLU follows the squeeze and expand layers, so not these.
"""

from archcalc.graph import Choice, Switch, Value, block, row
from archcalc.ops.combine import Add, Concat
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.pointwise import Dropout, ReLU
from archcalc.ops.pool import GlobalAvgPool, MaxPool
from archcalc.zoo import CONVOLVED, Family, Reference, Variant

#              conv1      max pools after
TABLE = {
    "1.0": ((96, 7), ("conv1", "fire4", "fire8")),
    "1.1": ((64, 3), ("conv1", "fire3", "fire5")),
}
# output channels of each fire module; an eighth of them is squeezed to, a half expanded by 1x1, a half by 3x3
FIRES = {2: 128, 3: 128, 4: 256, 5: 256, 6: 384, 7: 384, 8: 512, 9: 512}


def fire(x: Value, channels: int, bypass: bool, project: bool) -> Value:
    """A 1x1 convolution to few channels, then 1x1 and 3x3 convolutions side by side, Figure 1.

    `bypass` adds the input to the output, `project` after a 1x1 convolution.
    """
    y = row("squeeze", x, Conv(channels // 8, 1), ReLU())
    a = row("expand1x1", y, Conv(channels // 2, 1), ReLU())
    b = row("expand3x3", y, Conv(channels // 2, 3, padding=1), ReLU())
    y = row("concat", (a, b), Concat())
    if project:
        x = row("bypass", x, Conv(channels, 1))
    return row("add", (y, x), Add()) if bypass or project else y


def squeezenet(
    x: Value,
    version: str = "1.0",
    bypass: bool = False,
    complex_bypass: bool = False,
    padded_conv10: bool = False,
    classes: int = 1000,
) -> Value:
    (channels, kernel), pools = TABLE[version]
    x = row("conv1", x, Conv(channels, kernel, 2), ReLU())
    x = row("pool1", x, MaxPool(3, 2, ceil=True))
    for number, width in FIRES.items():
        keeps = number % 2 == 1
        x = block(f"fire{number}", fire, x, width, keeps and (bypass or complex_bypass), complex_bypass and not keeps)
        if f"fire{number}" in pools:
            x = row(f"pool{number}", x, MaxPool(3, 2, ceil=True))
    x = row("conv10", x, Dropout(), Conv(classes, 1, padding=int(padded_conv10)), ReLU())
    return row("avgpool", x, GlobalAvgPool(), Flatten())


INPUT = (3, 224, 224)

FAMILIES = (
    Family(
        title="SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
        authors="Iandola et al.",
        year=2016,
        source="arXiv:1602.07360",
        documents=("000", "004"),
        build=squeezenet,
        hyperparameters={
            "version": Choice(tuple(TABLE), "the paper's network or the later release"),
            "bypass": Switch("the input of every second fire module added to its output"),
            "complex_bypass": Switch("that, and the input of the others through a 1x1 convolution"),
            "padded_conv10": Switch("conv10 pads by 1, as in the authors' Caffe model of 1.0"),
            "classes": CONVOLVED,
        },
        variants={
            "squeezenet1_0": Variant("Table 1", INPUT),
            "squeezenet1_0_caffe": Variant("authors' Caffe model", (3, 227, 227), {"padded_conv10": True}),
            "squeezenet1_1": Variant("later release", INPUT, {"version": "1.1"}),
            "squeezenet1_0_bypass": Variant("simple bypass", INPUT, {"bypass": True}),
            "squeezenet1_0_complex_bypass": Variant("complex bypass", INPUT, {"complex_bypass": True}),
        },
        aliases={"squeezenet": "squeezenet1_0"},
        references={
            "squeezenet1_0": Reference("torchvision", "squeezenet1_0"),
            "squeezenet1_0_caffe": Reference("account", "squeezenet1_0_caffe"),
            "squeezenet1_1": Reference("torchvision", "squeezenet1_1"),
            "squeezenet1_0_bypass": Reference("pytorchcv", "squeezeresnet_v1_0"),
            "squeezenet1_0_complex_bypass": Reference("account", "squeezenet1_0_complex_bypass"),
        },
    ),
)
