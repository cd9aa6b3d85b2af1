"""Res2Net: Gao, Cheng, Zhao, Zhang, Yang & Torr, "Res2Net: A New Multi-scale Backbone Architecture", TPAMI 2021,
arXiv:1904.01169.

ResNet whose 3x3 convolution is split (Figure 2b): the first 1x1 makes `scale` parts of `width` channels (doubled in
every group of blocks); each part but the last passes a 3x3 convolution, after the result of the part before was added;
the last is only passed on. A name such as `res2net50_26w_4s` gives depth, width and scale.

Details of the authors' code that the paper does not give: in the first block of every group the parts are not added to
each other, and the last one passes a 3x3 average pool (with the padding in the average) of the block's stride, which
keeps its size in layer1. One output has paths of several lengths; its receptive field is that of the longest.
"""

from typing import Any

from archcalc.algebra.dims import equal
from archcalc.graph import Choice, Value, Whole, row
from archcalc.ops.combine import Add, Concat
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Slice
from archcalc.ops.pool import AvgPool
from archcalc.zoo import CLASSES, Family, Reference, Variant, resnet
from archcalc.zoo._blocks import conv_norm

# depth, width and scale
TABLE = ((50, 26, 4), (50, 48, 2), (50, 14, 8), (50, 26, 6), (50, 26, 8), (101, 26, 4))


def bottle2neck(x: Value, width: int, stride: int, part: int, scale: int, groups: int = 1, dilation: int = 1) -> Value:
    """1x1 to `scale` parts of `part` channels, hierarchical 3x3 convolutions, 1x1 to four times `width`."""
    begins = stride != 1 or not equal(x.channels, 4 * width)
    y = conv_norm("conv1", x, scale * part, 1)
    parts = [row(f"split{n + 1}", y, Slice(n * part, (n + 1) * part)) for n in range(scale)]
    done: list[Value] = []
    for number, each in enumerate(parts[:-1], 1):
        entering = each if begins or not done else row(f"add{number}", (done[-1], each), Add())
        done.append(conv_norm(f"conv2_{number}", entering, part, 3, stride, dilation, groups=groups, dilation=dilation))
    last = row("pool", parts[-1], AvgPool(3, stride, 1)) if begins else parts[-1]
    y = row("concat", (*done, last), Concat())
    return resnet.join(x, y, Conv(4 * width, 1, bias=False), stride, "projection")


def res2net(
    x: Value,
    depth: int = 50,
    width: int = 26,
    scale: int = 4,
    stem: str = "7x7",
    blocks: Any = None,
    output_stride: int = 32,
    classes: int = 1000,
) -> Value:
    def unit(x: Value, channels: int, stride: int, dilations: resnet.Dilations) -> Value:
        return bottle2neck(x, channels, stride, width * channels // 64, scale, dilation=dilations[0])

    return resnet.network(x, resnet.TABLE[depth], unit, stem, blocks, output_stride, classes)


TITLE, AUTHORS = "Res2Net: A New Multi-scale Backbone Architecture", "Gao et al."
SOURCE = "arXiv:1904.01169"
DEPTH = Choice((50, 101, 152), "weight layers, the 3x3 convolutions of a block as one")
SCALE = Whole(2, 64, "parts into which a 3x3 convolution is split")
INPUT = (3, 224, 224)

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2019,
        source=SOURCE,
        documents=("002",),
        build=res2net,
        hyperparameters={
            "depth": DEPTH,
            "width": Whole(1, 1024, "channels of each part in the first blocks"),
            "scale": SCALE,
            **resnet.BACKBONE,
            "classes": CLASSES,
        },
        variants={
            f"res2net{depth}_{width}w_{scale}s": Variant(
                f"{scale} parts of {width}", INPUT, {"depth": depth, "width": width, "scale": scale}
            )
            for depth, width, scale in TABLE
        },
        patterns={"res2net{depth}_{width}w_{scale}s": Variant("parts by name", INPUT)},
        aliases={"res2net50": "res2net50_26w_4s", "res2net101": "res2net101_26w_4s"},
        references={
            f"res2net{depth}_{width}w_{scale}s": Reference("timm", f"res2net{depth}_{width}w_{scale}s")
            for depth, width, scale in TABLE
        },
    ),
)
