"""U-Net: Ronneberger, Fischer & Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015,
arXiv:1505.04597.

Figure 1: four times two unpadded 3x3 convolutions and a 2x2 max pool; two convolutions at the bottom, where 32x32
positions arrive and 28x28 leave; four times a 2x2 up-convolution (transposed, stride 2) that halves the channels, the
features of the same level cropped to its size beside it, and two 3x3 convolutions; a 1x1 convolution to two classes.
572x572 pixels give 388x388. `unet_same` pads the 3x3 convolutions, so that nothing is cropped and the output has the
input's size, here 512x512; it needs multiples of 16.

The crop is centred; where it is odd, the odd row or column goes at the bottom or the right. The unpadded net tiles
without loss only at sizes 16k + 12, as 572; at others the pools drop a row, as they do in frameworks. Dropout ends the
contracting path, after the fourth level and after the bottom, as in the network that the authors released.

`unet_same_bn` is the usual rewrite, padded, with batch norm after each 3x3 convolution, which then has no bias, without
dropout, and on colours.

Deviations: none from the paper. The released Caffe network is not Figure 1 throughout: a ReLU follows each
up-convolution, and the last one keeps 128 channels.
"""

from archcalc.algebra.dims import any_below
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Op, Switch, Value, Whole, block, row
from archcalc.ops.combine import Concat
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.layout import Crop
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import Dropout, ReLU
from archcalc.ops.pool import MaxPool
from archcalc.zoo import Family, Reference, Variant


def double_conv(x: Value, channels: int, padding: int, norm: bool, *after: Op) -> Value:
    """Two 3x3 convolutions."""
    for label, more in (("conv1", ()), ("conv2", after)):
        conv = Conv(channels, 3, padding=padding, bias=not norm)
        x = row(label, x, conv, *([BatchNorm()] if norm else []), ReLU(), *more)
    return x


def up(x: Value, skip: Value, channels: int, padding: int, norm: bool) -> Value:
    """An up-convolution, the contracting path's features beside it, and two 3x3 convolutions."""
    x = row("upconv", x, ConvTranspose(channels, 2, 2))
    if not padding:
        tall, wide = (large - small for large, small in zip(skip.shape[1:], x.shape[1:], strict=True))
        skip = row("crop", skip, Crop(tall // 2, tall - tall // 2, wide // 2, wide - wide // 2))
    x = row("concat", (x, skip), Concat())
    return double_conv(x, channels, padding, norm)


def unet(
    x: Value, width: int = 64, levels: int = 4, padded: bool = False, batch_norm: bool = False, classes: int = 2
) -> Value:
    padding, drop = int(padded), () if batch_norm else (Dropout(),)
    for side in x.shape[1:]:
        if padded and any_below(side // 2**levels * 2**levels - side, 0):
            raise ArchcalcError(f"{x.graph.name}: height and width must be multiples of {2**levels}, not {side}")
    skips: list[Value] = []
    for level in range(levels):
        last = drop if level == levels - 1 else ()
        skips.append(block(f"down{level + 1}", double_conv, x, width * 2**level, padding, batch_norm, *last))
        x = row(f"pool{level + 1}", skips[-1], MaxPool(2, 2))
    x = block("bottom", double_conv, x, width * 2**levels, padding, batch_norm, *drop)
    for level in reversed(range(levels)):
        x = block(f"up{level + 1}", up, x, skips[level], width * 2**level, padding, batch_norm)
    return row("score", x, Conv(classes, 1))


SIDE = "the code has none of its own, its test has 320 px"
ANY = "the code has none of its own"

FAMILIES = (
    Family(
        title="U-Net: Convolutional Networks for Biomedical Image Segmentation",
        authors="Ronneberger, Fischer & Brox",
        year=2015,
        source="arXiv:1505.04597",
        documents=("000",),
        build=unet,
        hyperparameters={
            "width": Whole(1, 4096, "channels of the first level; each level doubles them"),
            "levels": Whole(1, 10, "levels above the bottom, each with a 2x2 pool"),
            "padded": Switch("3x3 convolutions that keep the size"),
            "batch_norm": Switch("batch norm after each 3x3 convolution, which has no bias; no dropout"),
            "classes": Whole(1, 10_000_000, "maps of the output"),
        },
        variants={
            "unet": Variant("Figure 1, unpadded", (1, 572, 572)),
            "unet_same": Variant("padded, nothing cropped", (1, 512, 512), {"padded": True}),
            "unet_same_bn": Variant("padded, batch norm", (3, 512, 512), {"padded": True, "batch_norm": True}),
        },
        references={
            "unet": Reference("account", "unet"),
            "unet_same": Reference("account", "unet_same", size=(1, 320, 336), differs={"input": SIDE}),
            "unet_same_bn": Reference("account", "unet_same_bn", size=(3, 320, 336), differs={"input": ANY}),
        },
    ),
)
