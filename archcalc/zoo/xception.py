"""Xception: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", arXiv:1610.02357.

Figure 5: entry flow, eight blocks of middle flow, exit flow. A separable convolution is a 3x3 on every channel by
itself and a 1x1 over all channels, with nothing between the two and batch norm after them. Strides are in 3x3 max
pools, and in the 1x1 convolutions of the shortcuts.

The figure does not show padding: as in the author's Keras code, timm and pytorchcv, the first two convolutions pad
nothing and the others keep the size. TensorFlow pads pools of stride 2 less at the top and the left, which changes no
count. The optional fully connected layers of the figure are left out. The released network has biases nowhere but in
the classifier.

`xception41`, `xception65` and `xception71` are the networks of DeepLabv3+ (Chen et al. 2018, arXiv:1802.02611, Figure
4), with a classifier as in timm: batch norm after each half of a separable convolution, three of these in every block,
strides in the last of them, and no pools. 65 has eight more blocks of middle flow than 41, and 71 two more blocks of
stride 1 in its entry flow than 65.
"""

from archcalc.algebra.dims import equal
from archcalc.graph import Choice, Value, Whole, block, row
from archcalc.ops.combine import Add
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU
from archcalc.ops.pool import GlobalAvgPool, MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant
from archcalc.zoo._blocks import conv_norm, depthwise

#         channels of the separable convolutions; each block ends with a max pool of stride 2
ENTRY = ((128, 128), (256, 256), (728, 728))
MIDDLE = (728, 728, 728)
EXIT = (728, 1024)
LAST = (1536, 2048)

#    channels and strides of the aligned blocks of the entry flow, and blocks of the middle flow
ALIGNED = {
    41: (((128, 2), (256, 2), (728, 2)), 8),
    65: (((128, 2), (256, 2), (728, 2)), 16),
    71: (((128, 2), (256, 1), (256, 2), (728, 1), (728, 2)), 16),
}


def separable(label: str, x: Value, channels: int, before: bool = True, after: bool = False) -> Value:
    """A separable convolution, with ReLU before or after it."""
    x = row(f"{label}_dw", x, *([ReLU()] if before else []), depthwise(x, 3))
    return row(f"{label}_pw", x, Conv(channels, 1, bias=False), BatchNorm(), *([ReLU()] if after else []))


def unit(x: Value, widths: tuple[int, ...], shrinks: bool = True, activated: bool = False) -> Value:
    """Separable convolutions and a shortcut; `activated`: the input had its ReLU already."""
    y = x
    for number, channels in enumerate(widths, 1):
        y = separable(f"sep{number}", y, channels, before=number > 1 or not activated)
    if shrinks:
        y = row("pool", y, MaxPool(3, 2, 1))
        x = conv_norm("shortcut", x, widths[-1], 1, 2, activation=None)
    return row("add", (y, x), Add())


def xception(x: Value, middle: int = 8, classes: int = 1000) -> Value:
    x = conv_norm("entry.conv1", x, 32, 3, 2, 0)
    x = conv_norm("entry.conv2", x, 64, 3, 1, 0)
    for number, widths in enumerate(ENTRY, 1):
        x = block(f"entry.block{number}", unit, x, widths, activated=number == 1)
    for number in range(middle):
        x = block(f"middle.block{len(ENTRY) + 1 + number}", unit, x, MIDDLE, shrinks=False)
    x = block(f"exit.block{len(ENTRY) + 1 + middle}", unit, x, EXIT)
    for number, channels in enumerate(LAST, 3):
        x = separable(f"exit.conv{number}", x, channels, before=False, after=True)
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Linear(classes))


def aligned_separable(label: str, x: Value, channels: int, stride: int = 1, after: bool = False) -> Value:
    """A separable convolution with batch norm after both halves, and ReLU before it, or after both."""
    relu = (ReLU(),) if after else ()
    x = row(f"{label}_dw", x, *(() if after else (ReLU(),)), depthwise(x, 3, stride), BatchNorm(), *relu)
    return row(f"{label}_pw", x, Conv(channels, 1, bias=False), BatchNorm(), *relu)


def aligned_unit(x: Value, widths: tuple[int, ...], stride: int) -> Value:
    """Three separable convolutions, the last one with the stride, and a shortcut."""
    y = x
    for number, channels in enumerate(widths, 1):
        y = aligned_separable(f"sep{number}", y, channels, stride if number == len(widths) else 1)
    if stride != 1 or not equal(x.channels, widths[-1]):
        x = conv_norm("shortcut", x, widths[-1], 1, stride, activation=None)
    return row("add", (y, x), Add())


def xception_aligned(x: Value, depth: int = 65, classes: int = 1000) -> Value:
    entry, middle = ALIGNED[depth]
    x = conv_norm("entry.conv1", x, 32, 3, 2)
    x = conv_norm("entry.conv2", x, 64, 3)
    for number, (channels, stride) in enumerate(entry, 1):
        x = block(f"entry.block{number}", aligned_unit, x, (channels,) * 3, stride)
    for number in range(len(entry) + 1, len(entry) + 1 + middle):
        x = block(f"middle.block{number}", aligned_unit, x, MIDDLE, 1)
    x = block(f"exit.block{len(entry) + 1 + middle}", aligned_unit, x, (728, 1024, 1024), 2)
    for number, channels in enumerate((1536, 1536, 2048), 4):
        x = aligned_separable(f"exit.conv{number}", x, channels, after=True)
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Linear(classes))


FAMILIES = (
    Family(
        title="Xception: Deep Learning with Depthwise Separable Convolutions",
        authors="Chollet",
        year=2016,
        source="arXiv:1610.02357",
        documents=("003",),
        build=xception,
        hyperparameters={"middle": Whole(0, 1000, "blocks of the middle flow"), "classes": CLASSES},
        variants={"xception": Variant("Figure 5", (3, 299, 299))},
        references={"xception": Reference("timm", "legacy_xception")},
    ),
    Family(
        title="Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation",
        authors="Chen et al.",
        year=2018,
        source="arXiv:1802.02611",
        documents=(),
        build=xception_aligned,
        hyperparameters={
            "depth": Choice(tuple(ALIGNED), "convolutions in a row, a separable one once"),
            "classes": CLASSES,
        },
        variants={f"xception{n}": Variant("aligned", (3, 299, 299), {"depth": n}) for n in ALIGNED},
        references={f"xception{n}": Reference("timm", f"xception{n}") for n in ALIGNED},
    ),
)
