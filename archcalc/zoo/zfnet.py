"""ZFNet: Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks", arXiv:1311.2901.

Figure 3: an 8-layer net, 7x7 convolution with stride 2 first. `zfnet_wide_cs231n` is the net of document 004, with 512,
1024 and 512 maps in conv3 to conv5; the paper's main model keeps 384, 384, 256 and only tries these widths.

The figure prints 110, 55, 26, 13 and 6 for an input of 224: conv1 with padding 1, pooling that rounds up.
Contrast normalisation after pool1 and pool2 is taken as local response normalisation.
"""

from archcalc.graph import Switch, Value, row
from archcalc.ops.conv import Conv
from archcalc.ops.norm import LocalResponseNorm
from archcalc.ops.pointwise import ReLU
from archcalc.ops.pool import MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant
from archcalc.zoo.alexnet import classifier

#           conv3 conv4 conv5
WIDTHS = {
    False: (384, 384, 256),
    True: (512, 1024, 512),
}

NORM_FIRST = {"lrn": "pytorchcv normalises before it pools, where Figure 3 of the paper normalises the pooled maps"}


def zfnet(x: Value, wide: bool = False, classes: int = 1000) -> Value:
    x = row("conv1", x, Conv(96, 7, stride=2, padding=1), ReLU())
    x = row("pool1", x, MaxPool(3, 2, ceil=True), LocalResponseNorm(5))
    x = row("conv2", x, Conv(256, 5, stride=2), ReLU())
    x = row("pool2", x, MaxPool(3, 2, ceil=True), LocalResponseNorm(5))
    for number, channels in enumerate(WIDTHS[wide], 3):
        x = row(f"conv{number}", x, Conv(channels, 3, padding=1), ReLU())
    x = row("pool5", x, MaxPool(3, 2, ceil=True))
    return classifier(x, classes)


FAMILIES = (
    Family(
        title="Visualizing and Understanding Convolutional Networks",
        authors="Zeiler & Fergus",
        year=2013,
        source="arXiv:1311.2901",
        documents=("003", "004"),
        build=zfnet,
        hyperparameters={"wide": Switch("512, 1024 and 512 maps in conv3 to conv5"), "classes": CLASSES},
        variants={
            "zfnet": Variant("the main model", (3, 224, 224)),
            "zfnet_wide_cs231n": Variant("wide conv3-5, 004", (3, 224, 224), {"wide": True}),
        },
        references={
            "zfnet": Reference("pytorchcv", "zfnet", differs=NORM_FIRST),
            "zfnet_wide_cs231n": Reference("pytorchcv", "zfnetb", differs=NORM_FIRST),
        },
    ),
)
