"""Swin Transformer: Liu, Lin, Cao, Hu, Wei, Zhang, Lin & Guo, "Swin Transformer: Hierarchical Vision Transformer using
Shifted Windows", arXiv:2103.14030.

Patches of 4x4, four stages of blocks in pairs, the second of each pair with windows shifted by half their side; patch
merging makes one of 2x2 neighbours. Mult-adds include the products of queries with keys and of weights with values, as
the figures in the README of the authors' repository do. Stochastic depth costs nothing and is left out.

Windows that do not fit have two readings, `windows`, which are the same for the named networks at their own sizes:

`shrunk`, the default: an axis of a map that is not larger than the window has one window of its size, and no shift; the
table of relative positions is that of the smaller window. As the authors' code on square maps that their windows divide
(it refuses others), and as timm's, built for that size, on all. `padded`: windows keep their size, as torchvision's.

In both, a map that is no multiple of its windows gets zeros at its bottom and right before the projection to queries,
keys and values, as in timm and torchvision, so that the mult-adds of attention grow in steps of whole windows.

What a unit sees: attention is given as irregular, for windows lie side by side and do not slide; the field in
parentheses is that of the patches without attention. Only the head sees the whole input for certain.
`swin_block_example` is the block that document 003 compares with that of ConvNeXt: the first of `swin_t`.
"""

from typing import Any

from archcalc.algebra.dims import Dim, ceil_to, known_to_differ, minimum
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Choice, Switch, Value, Whole, block, row
from archcalc.ops.attention import PatchMerging, WindowAttention
from archcalc.ops.combine import Add
from archcalc.ops.conv import Conv
from archcalc.ops.layout import ChannelsFirst, ChannelsLast, Crop, Flatten, ZeroPad
from archcalc.ops.linear import Linear
from archcalc.ops.norm import LayerNorm
from archcalc.ops.pointwise import GELU
from archcalc.ops.pool import GlobalAvgPool
from archcalc.zoo import CLASSES, Family, Reference, Variant

#         C   heads in stage 1, blocks in stages 1 to 4
TABLE = {
    "t": (96, 3, (2, 2, 6, 2)),
    "s": (96, 3, (2, 2, 18, 2)),
    "b": (128, 4, (2, 2, 18, 2)),
    "l": (192, 6, (2, 2, 18, 2)),
}


def windows_on(height: Dim, width: Dim, window: Dim, windows: str) -> tuple[Dim, Dim]:
    """Height and width of the windows on a map."""
    return (minimum(height, window), minimum(width, window)) if windows == "shrunk" else (window, window)


def swin_block(x: Value, heads: int, window: int, windows: str, shifted: bool) -> Value:
    """Attention within windows, then two linear layers, each with a shortcut: Figure 3(b). Channels stand last."""
    height, width, channels = x.shape
    tall, wide = windows_on(height, width, window, windows)
    bottom, right = ceil_to(height, tall) - height, ceil_to(width, wide) - width
    pad, crop = ZeroPad(bottom=bottom, right=right), Crop(bottom=bottom, right=right)
    y = row("qkv", x, LayerNorm(), ChannelsFirst(), pad, ChannelsLast(), Linear(3 * channels))
    y = row("attention", y, WindowAttention(heads, (tall, wide), window // 2 if shifted else 0))
    y = row("proj", y, Linear(channels), ChannelsFirst(), crop, ChannelsLast())
    x = row("add1", (x, y), Add())
    y = row("mlp1", x, LayerNorm(), Linear(4 * channels), GELU())
    y = row("mlp2", y, Linear(channels))
    return row("add2", (x, y), Add())


def swin(x: Value, size: str = "t", window: int = 7, windows: str = "shrunk", classes: int = 1000) -> Value:
    width, heads, depths = TABLE[size]
    x = row("patches", x, Conv(width, 4, 4), ChannelsLast(), LayerNorm())
    for stage, blocks in enumerate(depths, 1):
        if stage > 1:
            width, heads = 2 * width, 2 * heads
            x = row(f"stage{stage}.merging", x, PatchMerging(), LayerNorm(), Linear(width, bias=False))
        for number in range(blocks):
            x = block(f"stage{stage}.{number}", swin_block, x, heads, window, windows, number % 2 == 1)
    x = row("avgpool", x, LayerNorm(), ChannelsFirst(), GlobalAvgPool())
    return row("head", x, Flatten(), Linear(classes))


def swin_block_example(
    x: Value, heads: int = 3, window: int = 7, windows: str = "shrunk", shifted: bool = False
) -> Value:
    """One block on channels that stand first. Raises ArchcalcError if its heads do not divide them."""
    channels: Any = x.channels
    if known_to_differ(channels % heads, 0):
        raise ArchcalcError(f"a Swin block's channels are a multiple of its heads: {x.channels} is none of {heads}")
    return row("output", swin_block(row("tokens", x, ChannelsLast()), heads, window, windows, shifted), ChannelsFirst())


TITLE = "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows"
AUTHORS, SOURCE = "Liu et al.", "arXiv:2103.14030"
WINDOW = Whole(1, 1000, "side of the attention windows")
WINDOWS = Choice(("shrunk", "padded"), "on maps smaller than a window: smaller windows (timm), or zeros (torchvision)")
TIMM = {"t": "tiny", "s": "small", "b": "base", "l": "large"}
# inputs of other sizes that timm's models, built for their own, read with the same windows: multiples of 4, and one
# window in the last stage, where timm's do not shift
SMALLER, SMALLER_384 = (3, 200, 212), (3, 360, 372)
ANY_SIZE = {"strict_img_size": False}

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2021,
        source=SOURCE,
        documents=("003",),
        build=swin,
        hyperparameters={
            "size": Choice(tuple(TABLE), "widths, heads and depths"),
            "window": WINDOW,
            "windows": WINDOWS,
            "classes": CLASSES,
        },
        variants={
            **{
                f"swin_{size}": Variant(f"C = {width}, {sum(depths)} blocks", (3, 224, 224), {"size": size})
                for size, (width, _, depths) in TABLE.items()
            },
            **{
                f"swin_{size}_384": Variant("384 px, windows of 12", (3, 384, 384), {"size": size, "window": 12})
                for size in ("b", "l")
            },
        },
        references={
            **{
                f"swin_{size}": Reference("timm", f"swin_{TIMM[size]}_patch4_window7_224", ANY_SIZE, size=SMALLER)
                for size in TABLE
            },
            **{
                f"swin_{size}_384": Reference(
                    "timm", f"swin_{TIMM[size]}_patch4_window12_384", ANY_SIZE, size=SMALLER_384
                )
                for size in ("b", "l")
            },
        },
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2021,
        source=SOURCE,
        documents=("003",),
        build=swin_block_example,
        hyperparameters={
            "heads": Whole(1, 10_000, "attention heads"),
            "window": WINDOW,
            "windows": WINDOWS,
            "shifted": Switch("windows shifted by half their side"),
        },
        variants={"swin_block_example": Variant("block of 96 channels", (96, 56, 56))},
        references={
            "swin_block_example": Reference(
                "timm", "swin_tiny_patch4_window7_224", ANY_SIZE, part="layers.0.blocks.0", channels_last=True
            ),
        },
    ),
)
