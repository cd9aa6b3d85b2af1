"""Concrete applications of every op: the table over which the laws of the ops are checked."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import archcalc.ops
from archcalc.graph import Op, show_shape
from archcalc.ops.attention import PatchMerging, WindowAttention
from archcalc.ops.combine import Add, Concat, Multiply
from archcalc.ops.conv import Conv, ConvTranspose, TableConv
from archcalc.ops.layout import ChannelsFirst, ChannelShuffle, ChannelsLast, Crop, Flatten, Slice, Subsample, ZeroPad
from archcalc.ops.linear import Linear, RadialBasis
from archcalc.ops.norm import BatchNorm, ChannelScale, LayerNorm, LocalResponseNorm
from archcalc.ops.pointwise import (
    GELU,
    Complement,
    Dropout,
    HardSigmoid,
    HardSwish,
    ReLU,
    ReLU6,
    Scale,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from archcalc.ops.pool import AdaptiveAvgPool, AvgPool, GlobalAvgPool, MaxPool, Subsampling
from archcalc.ops.sampling import AffineGrid, BilinearSample


class Example(NamedTuple):
    """An op and the shapes (batch excluded) of the inputs that it is applied to."""

    op: Op
    shapes: tuple[tuple[int, ...], ...]
    last: bool = False
    """Whether its inputs are maps that have their channels on the last axis."""
    fixed: bool = False
    """Whether the op names channels or reads coordinates in them, so that it takes no other number of channels."""
    step: int = 1
    """Its sizes may grow by multiples of this."""

    @property
    def gives_last(self) -> bool:
        """Whether its output has its channels on the last axis."""
        return self.op.channel_axis == "last" or (self.last and self.op.channel_axis == "kept")


def example_id(example: Example) -> str:
    """The example as pytest prints it."""
    return f"{example.op!r} on {', '.join(show_shape(shape) for shape in example.shapes)}"


def on(*shapes: tuple[int, ...], last: bool = False, fixed: bool = False, step: int = 1) -> Examples:
    """A function that makes examples of several ops, all applied to the same shapes."""
    return partial(_examples, Example(Add(), shapes, last, fixed, step))


Examples = Callable[..., list[Example]]


def _examples(alike: Example, *ops: Op) -> list[Example]:
    return [alike._replace(op=op) for op in ops]


def op_classes() -> list[type[Op]]:
    """Every op class of archcalc.ops that states all facts, by name."""
    for module in pkgutil.iter_modules(archcalc.ops.__path__, "archcalc.ops."):
        importlib.import_module(module.name)
    found: set[type[Op]] = set()
    waiting = [Op]
    while waiting:
        children = waiting.pop().__subclasses__()
        waiting += children
        found.update(children)
    return sorted(
        (op for op in found if op.__module__.startswith("archcalc.ops.") and not inspect.isabstract(op)),
        key=lambda op: op.__name__,
    )


CONVOLUTIONS = on((4, 11, 9))(
    Conv(6, 3),
    Conv(6, 3, bias=False),
    Conv(6, 1),
    Conv(6, 3, stride=2, padding=1),
    Conv(6, (1, 7), padding=(0, 3)),
    Conv(6, (5, 2), stride=(3, 1), padding=(2, 0)),
    Conv(6, 3, padding=2, dilation=2),
    Conv(6, (3, 2), stride=2, padding=(0, 1), dilation=(3, 2)),
    Conv(6, 3, padding=4),
    Conv(6, 1, stride=3),
    Conv(6, 3, padding=1, groups=2),
    Conv(4, 3, stride=2, padding=1, groups=4, bias=False),
    Conv(8, 3, groups=4),
    Conv(6, 3, padding=((1, 0), (2, 1))),
    Conv(6, 3, stride=2, padding=((0, 1), (0, 1)), groups=2),
    Conv(6, 3, padding="same"),
    Conv(6, 2, padding="same"),
    Conv(6, (4, 3), padding="same", dilation=(1, 2)),
    Conv(6, 2, padding="same", dilation=3),
    Conv(6, 3, stride=2, padding="same"),
    Conv(6, 2, stride=2, padding="same"),
    Conv(6, 4, stride=2, padding="same", groups=2),
    Conv(6, 1, stride=2, padding="same"),
)

TRANSPOSED = on((4, 6, 5))(
    ConvTranspose(6, 3),
    ConvTranspose(6, 3, bias=False),
    ConvTranspose(6, 2, stride=2),
    ConvTranspose(6, 4, stride=2, padding=1),
    ConvTranspose(6, 3, stride=2, padding=1, output_padding=1),
    ConvTranspose(6, (2, 5), stride=(1, 3), padding=(0, 2), output_padding=(0, 2)),
    ConvTranspose(6, 2, stride=3),
    ConvTranspose(6, 1, stride=2),
    ConvTranspose(6, 3, stride=2, padding=1, dilation=2),
    ConvTranspose(6, 3, stride=2, padding=2, output_padding=1, dilation=3),
    ConvTranspose(6, 3, padding=2),
    ConvTranspose(6, 4, stride=2, padding=1, groups=2),
    ConvTranspose(4, 4, stride=2, padding=1, groups=4, bias=False),
)

SLIDING_POOLS = on((3, 11, 8))(
    MaxPool(2, 2),
    MaxPool(3, 2),
    MaxPool(3, 2, ceil=True),
    MaxPool(3, 2, padding=1),
    MaxPool(2, 2, padding=1, ceil=True),
    MaxPool((2, 3), (2, 1), padding=(1, 0)),
    MaxPool(1, 3),
    MaxPool(1, 3, ceil=True),
    MaxPool(3, 1, padding="same"),
    MaxPool(2, 1, padding="same"),
    MaxPool(3, 2, padding="same"),
    MaxPool(2, 2, padding="same"),
    MaxPool(3, 2, padding=((0, 1), (0, 1))),
    AvgPool(2, 2),
    AvgPool(3, 2, ceil=True),
    AvgPool(3, 2, padding=1),
    AvgPool(3, 2, padding=1, ceil=True, count_include_pad=False),
    AvgPool(3, 1, padding=1, count_include_pad=False),
    AvgPool((3, 2), (1, 2), padding=(1, 0)),
    AvgPool(5, 3, ceil=True),
    AvgPool(3, 1, padding="same"),
    AvgPool(2, 2, padding="same"),
    AvgPool(3, 2, padding=((1, 0), (0, 1))),
    Subsampling(2),
    Subsampling(3),
)

WHOLE_POOLS = on((3, 12, 8))(
    GlobalAvgPool(),
    AdaptiveAvgPool(1),
    AdaptiveAvgPool((1, 1)),
    AdaptiveAvgPool(4),
    AdaptiveAvgPool((6, 2)),
    AdaptiveAvgPool((1, 2)),
    AdaptiveAvgPool(5),
    AdaptiveAvgPool((4, 3)),
    AdaptiveAvgPool(14),
)

ON_SEQUENCES = [
    *on((4, 13))(
        Conv(6, 3),
        Conv(6, (3,), bias=False),
        Conv(6, 5, stride=2, padding=2),
        Conv(6, 3, padding=2, dilation=2, groups=2),
        Conv(4, 3, stride=2, padding=1, groups=4, bias=False),
        Conv(6, 3, padding=((2, 0),)),
        Conv(6, (4,), stride=(3,), padding=(1,), dilation=(2,)),
        Conv(6, 4, padding="same"),
        Conv(6, 3, stride=2, padding="same"),
        ConvTranspose(6, 3),
        ConvTranspose(6, 4, stride=2, padding=1),
        ConvTranspose(6, 3, stride=2, padding=1, output_padding=1, groups=2),
        ConvTranspose(6, (3,), stride=(3,), dilation=2, bias=False),
        MaxPool(2, 2),
        MaxPool(3, 2, padding=1),
        MaxPool(3, 2, ceil=True),
        MaxPool((2,), (3,), padding="same"),
        AvgPool(2, 2),
        AvgPool(5, 3, ceil=True),
        AvgPool(3, 2, padding=1, count_include_pad=False),
        AvgPool(3, 2, padding=((1, 0),)),
        GlobalAvgPool(),
        AdaptiveAvgPool(1),
        AdaptiveAvgPool((13,)),
        AdaptiveAvgPool(5),
        BatchNorm(),
        BatchNorm(affine=False),
        LayerNorm(channels_first=True),
        LocalResponseNorm(3),
        ChannelScale(channels_first=True),
        Crop(left=2, right=1),
        ZeroPad(left=1, right=2, channels_after=1),
        Subsample(2),
        ChannelShuffle(2),
        ChannelsLast(),
        ReLU(),
        Softmax(),
        Dropout(),
        Slice(1, 3),
        Flatten(),
    ),
    *on((13, 4), last=True)(ChannelsFirst()),
    *on((4, 13), (4, 13))(Add(), Multiply(), Concat()),
    *on((4, 13), (4, 1))(Multiply()),
]

ON_VOLUMES = [
    *on((4, 5, 7, 6))(
        Conv(6, 3),
        Conv(6, 1, bias=False),
        Conv(6, (1, 3, 3), padding=(0, 1, 1)),
        Conv(6, 3, stride=2, padding=1, groups=2),
        Conv(4, (3, 2, 1), stride=(1, 2, 3), padding=(1, 0, 2), dilation=(2, 1, 1), groups=4),
        Conv(6, 2, padding=((1, 0), (0, 1), (1, 1))),
        Conv(6, 3, stride=2, padding="same"),
        ConvTranspose(6, 2, stride=2),
        ConvTranspose(6, (1, 3, 2), stride=(1, 2, 1), padding=(0, 1, 0), output_padding=(0, 1, 0), groups=2),
        MaxPool(2, 2),
        MaxPool(3, 2, padding=1),
        MaxPool((1, 2, 2), (1, 2, 2), ceil=True),
        MaxPool(2, 2, padding="same"),
        AvgPool(2, 2),
        AvgPool(3, (1, 2, 2), padding=(0, 1, 1), ceil=True, count_include_pad=False),
        GlobalAvgPool(),
        AdaptiveAvgPool(1),
        AdaptiveAvgPool((5, 1, 3)),
        AdaptiveAvgPool((2, 3, 4)),
        BatchNorm(),
        LayerNorm(channels_first=True),
        LocalResponseNorm(3),
        ChannelScale(channels_first=True),
        Crop(1, 0, 0, 2, front=2, back=1),
        Crop(left=1),
        ZeroPad(1, 0, 0, 2, channels_before=1, front=2, back=1),
        Subsample(2),
        ChannelShuffle(2),
        ChannelsLast(),
        GELU(),
        Softmax(),
        Slice(0, 2),
        Flatten(),
    ),
    *on((5, 7, 6, 4), last=True)(ChannelsFirst()),
    *on((4, 5, 3, 2), (4, 5, 3, 2))(Add(), Multiply(), Concat()),
    *on((4, 5, 3, 2), (4, 1, 1, 1))(Multiply()),
]

LAYOUT = on((6, 7, 5))(
    Crop(1, 2, 0, 3),
    Crop(top=3),
    Crop(),
    ZeroPad(1, 2, 0, 3),
    ZeroPad(channels_before=1, channels_after=2),
    ZeroPad(),
    Subsample(2),
    Subsample(3),
    Flatten(),
    ChannelsLast(),
)

BY_CHANNELS = on((6, 7, 5), fixed=True)(Slice(0, 3), Slice(3, 6), Slice(0, 6), ChannelShuffle(3), ChannelShuffle(2))

NORMS = on((6, 7, 5))(
    BatchNorm(),
    BatchNorm(affine=False),
    LayerNorm(channels_first=True),
    LocalResponseNorm(),
    LocalResponseNorm(4),
    ChannelScale(channels_first=True),
)

ACTIVATIONS = on((6, 4, 5))(
    ReLU(),
    ReLU6(),
    Sigmoid(),
    Tanh(),
    SiLU(),
    GELU(),
    HardSwish(),
    HardSigmoid(),
    Softmax(),
    Scale(0.17),
    Complement(),
    Dropout(),
    Dropout(0.2),
)

ON_VECTORS = on((20,))(
    Linear(7),
    Linear(7, bias=False),
    RadialBasis(10),
    ReLU(),
    Tanh(),
    Softmax(),
    Dropout(),
    LayerNorm(),
    BatchNorm(),
    Flatten(),
)
ON_TOKENS = on((9, 20), last=True)(Linear(7), Linear(7, bias=False), LayerNorm(), ChannelScale(), GELU(), Flatten())

ON_ROWS = on((8, 6, 12), last=True, step=12)(
    WindowAttention(heads=2, side=2),
    WindowAttention(heads=2, side=2, shift=1),
    WindowAttention(heads=1, side=2, shift=1),
    WindowAttention(heads=2, side=(4, 2), shift=1),
    PatchMerging(),
)

EXAMPLES: list[Example] = [
    *CONVOLUTIONS,
    *TRANSPOSED,
    *on((3, 8, 7), fixed=True)(TableConv(((0, 1), (1, 2), (0, 2), (0, 1, 2)), 3), TableConv(((2,),), 5)),
    *SLIDING_POOLS,
    *WHOLE_POOLS,
    *ON_SEQUENCES,
    *ON_VOLUMES,
    *LAYOUT,
    *BY_CHANNELS,
    *on((6, 7, 5), last=True)(ChannelsFirst()),
    *NORMS,
    *ACTIVATIONS,
    *ON_VECTORS,
    *ON_TOKENS,
    *ON_ROWS,
    *on((6, 9, 12), last=True, step=36)(WindowAttention(heads=4, side=3, shift=1)),
    *on((7, 5, 6), last=True)(PatchMerging()),
    *on((1, 5, 5))(Conv(4, 5, padding=2), GlobalAvgPool(), BatchNorm(), Flatten()),
    *on((6, 4, 5), (6, 4, 5))(Add(), Multiply(), Concat()),
    *on((6, 4, 5), (6, 4, 5), (6, 4, 5))(Add(), Concat()),
    *on((6, 4, 5), (2, 4, 5), (3, 4, 5))(Concat()),
    *on((6, 4, 5), (6, 1, 1))(Multiply()),
    *on((6, 1, 1), (6, 1, 1))(Add(), Multiply()),
    *on((20,), (20,))(Add(), Multiply(), Concat()),
    *on((6,), fixed=True)(AffineGrid(5, 7), AffineGrid(1, 3)),
    *on((3, 6, 8), (2, 5, 7), fixed=True)(BilinearSample()),
]
