"""Concrete applications of every op: the table over which the laws of the ops are checked."""

from __future__ import annotations

import functools
import importlib
import inspect
import operator
import pkgutil
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import archcalc.ops
from archcalc.graph import Op, show_shape
from archcalc.ops.applied import Each, Given
from archcalc.ops.attention import PatchMerging, WindowAttention
from archcalc.ops.combine import Add, Concat, Multiply
from archcalc.ops.conv import Conv, ConvTranspose, TableConv
from archcalc.ops.elementwise import COMBINATIONS, FUNCTIONS, OF_THREE, Combine, Elementwise
from archcalc.ops.layout import ChannelsFirst, ChannelShuffle, ChannelsLast, Crop, Flatten, Slice, Subsample, ZeroPad
from archcalc.ops.linear import Linear, RadialBasis
from archcalc.ops.norm import BatchNorm, ChannelScale, GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
from archcalc.ops.pointwise import (
    GELU,
    Complement,
    Dropout,
    HardSigmoid,
    HardSwish,
    PReLU,
    ReLU,
    ReLU6,
    Scale,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from archcalc.ops.pool import AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, GlobalAvgPool, MaxPool, Subsampling
from archcalc.ops.products import Attention, Einsum, MatMul
from archcalc.ops.recurrent import Recurrent
from archcalc.ops.reduce import ALONG, REDUCTIONS, Along, Reduce
from archcalc.ops.resize import Resize
from archcalc.ops.sampling import AffineGrid, BilinearSample
from archcalc.ops.scatter import Scatter, SliceScatter
from archcalc.ops.values import Embedding, FixedTensor, Unknown, Weight
from archcalc.ops.views import (
    Copy,
    Expand,
    Flip,
    Index,
    Narrow,
    Pad,
    Permute,
    Repeat,
    Reshape,
    Roll,
    Select,
    Stack,
)


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
    made: Callable[..., Op] | None = None
    """The op for inputs of other shapes, if its fields name sizes."""
    images: int | None = None
    """How many of its inputs, from the first, each image has its own of, as of a convolution with computed weights."""
    letters: tuple[str, ...] = ()
    """For each axis of the inputs a letter, the same for sizes that are one dimension, or a dot for a size that may not
    change; by default the sizes that are equal on one axis are one."""
    masks: tuple[int, ...] = ()
    """The places of inputs that nothing learns."""

    @property
    def gives_last(self) -> bool:
        """Whether its output has its channels on the last axis."""
        return self.op.channel_axis == "last" or (self.last and self.op.channel_axis == "kept")


def example_id(example: Example) -> str:
    """The example as pytest prints it."""
    return f"{example.op!r} on {', '.join(show_shape(shape) for shape in example.shapes)}"


def sized(*shapes: tuple[int, ...], last: bool = False, fixed: bool = False, step: int = 1) -> Examples:
    """A function that makes examples of ops that are made of the shapes of their inputs."""

    def examples(*makers: Callable[..., Op]) -> list[Example]:
        return [Example(made(*shapes), shapes, last, fixed, step, made) for made in makers]

    return examples


def on(*shapes: tuple[int, ...], last: bool = False, fixed: bool = False, step: int = 1, **given: Any) -> Examples:
    """A function that makes examples of several ops, all applied to the same shapes."""
    return partial(_examples, Example(Add(), shapes, last, fixed, step, **given))


Examples = Callable[..., list[Example]]


def product(sizes: Any) -> Any:
    """The product of some sizes, of whatever kind of number."""
    return functools.reduce(operator.mul, sizes, 1)


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
    MaxPool(3, 1, padding=1, dilation=2),
    MaxPool(3, 2, padding=1, ceil=True, dilation=2),
    MaxPool((2, 3), (2, 1), padding=(1, 0), dilation=(3, 2)),
    MaxPool(3, 2, padding="same", dilation=2),
    MaxPool(2, 2, padding=((0, 1), (1, 0)), dilation=2),
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

VIEWS = [
    *on((6, 4, 5))(
        Permute((0, 1, 2)),
        Permute((1, 2, 0)),
        Permute((0, 2, 1)),
        Select(0, 2),
        Select(1, 3),
        Narrow(0, 1, 3),
        Narrow(0, 0, 6, 2),
        Pad((0, 1, 2), (0, 3, 0)),
        Pad((1, 0, 0), (2, 0, 0)),
        Pad((0, 2, -1), (0, -1, 1)),
        Pad((0, 1, 2), (0, 3, 1), "reflect"),
        Pad((0, 1, 2), (0, 3, 1), "replicate"),
        Pad((0, 1, 2), (0, 3, 1), "circular"),
        Repeat((1, 2, 3)),
        Repeat((2, 1, 1)),
        Repeat((2, 1, 1, 1)),
        Roll((1,), (1,)),
        Roll((2, -1), (1, 2)),
        Flip((2,)),
        Flip((1, 2)),
        Copy(),
    ),
    *on((6, 5))(Permute((1, 0)), Select(0, 0), Select(1, 4), Repeat((2, 3)), Flip((1,)), Roll((1,), (1,))),
    *on((6,))(Repeat((3,)), Repeat((2, 1)), Copy()),
    *on((6, 4, 5), (6, 4, 5))(Stack(0), Stack(1), Stack(3)),
    *on((6,), (6,), (6,))(Stack(0), Stack(1)),
    *on((6, 4, 5), (6, 4, 5))(Concat(1), Concat(2)),
    *on((6, 4, 5), (6, 2, 5))(Concat(1)),
    *on((6, 4, 5), (6, 2, 5), letters=("c.w", "c.w"))(SliceScatter(1, 1, 3), SliceScatter(1, 0, 4, 2)),
    *on((6, 4, 5), (3, 4, 5), letters=(".hw", ".hw"))(SliceScatter(0, 2, 5)),
    *on((6, 4, 5), (6, 4, 5))(Scatter(indices=120), Scatter(adds=True, indices=120)),
    *sized((6, 4, 5))(
        lambda x: Narrow(1, 1, x[1] - 1),
        lambda x: Narrow(2, 0, x[2], 2),
        Reshape,
        lambda x: Reshape((x[0], x[1] * x[2])),
        lambda x: Reshape((1, x[0] * x[1], x[2])),
        lambda x: Reshape((product(x),)),
        lambda x: Reshape((x[0] * x[1], x[2]), copy=True),
        Expand,
        lambda x: Expand((3, *x)),
        lambda x: Index((x[0], x[2], x[1]), product(x)),
        lambda x: Index((x[0], x[1] - 1, x[2] + 2)),
        lambda x: Index((2, x[1])),
    ),
    *sized((6, 1, 5))(lambda x: Expand((x[0], 4, x[2]))),
    *sized((1, 4, 5))(lambda x: Expand((3, *x[1:]))),
    *sized((6, 4, 5), (6, 4, 5))(lambda _, index: Index(index, product(index))),
]

VALUES = [
    *on()(Weight((7, 5)), Weight((7,)), FixedTensor((7, 5)), FixedTensor((4, 7, 5), buffer=True)),
    *on((9,))(Embedding(11, 6)),
    *on((9, 3))(Embedding(5, 4)),
]
"""Ops without inputs, and words looked up."""

OF_VALUES = [
    *on((6, 4, 5))(*[Elementwise(name) for name in sorted(FUNCTIONS)]),
    *on((6, 4, 5), (6, 4, 5))(*[Combine(name) for name in sorted(COMBINATIONS) if name != "lerp"]),
    *on((6, 4, 5), (6, 4, 5), (6, 4, 5))(*[Combine(name) for name in sorted(OF_THREE)]),
    *on((6, 4, 5), (6, 4, 5), (6, 4, 5))(Combine("add")),
    *on((6, 4, 5), (6, 1, 1))(Combine("add"), Combine("multiply"), Combine("where"), Combine("divide")),
    *on((6, 1, 1), (6, 4, 5))(Combine("subtract"), Combine("where")),
    *on((6, 4, 5), (5,), letters=("chw", "w"))(Combine("add"), Combine("multiply")),
    *on((5,), (6, 4, 5), letters=("w", "chw"))(Combine("maximum")),
    *on((6, 4, 5), (4, 1), letters=("chw", "h."))(Combine("multiply")),
    *on((7,))(Elementwise("sqrt")),
    *on((9, 20), (9, 20), last=True)(Combine("subtract")),
]

OF_AXES = [
    *on((6, 4, 5))(*[Reduce(name, (1,)) for name in sorted(REDUCTIONS)]),
    *on((6, 4, 5))(*[Along(name, 1) for name in sorted(ALONG)]),
    *on((6, 4, 5))(
        Reduce("mean", (0,), keep=True),
        Reduce("mean", (0,)),
        Reduce("sum", (1, 2)),
        Reduce("variance", (1, 2), keep=True),
        Reduce("max", (0, 1, 2)),
        Reduce("argmax", (0, 1, 2)),
        Reduce("product", (0, 1, 2)),
        Reduce("norm", (2,), keep=True),
        Along("log_softmax", 0),
        Along("cumulative_sum", 2),
        Softmax(1),
        Softmax(2),
    ),
    *on((6, 5))(Reduce("mean", (0,)), Reduce("sum", (1,)), Along("log_softmax", 1), Softmax(1)),
    *on((6,))(Reduce("sum", (0,)), Along("sort", 0), Along("cumulative_sum", 0)),
]

PRODUCTS = [
    *on((3, 5, 5), (3, 5, 5), letters=("hnn", "hnn"))(MatMul(), Einsum("hij,hjk->hik")),
    *on((3, 5, 4), (3, 4, 7), letters=("hnk", "hkm"))(MatMul(), Einsum("hnd,hdm->hnm")),
    *on((5, 4), (4, 7), letters=("nk", "km"))(MatMul()),
    *on((3, 5, 4), (4, 7), letters=(".nk", "km"))(MatMul()),
    *on((5, 4), (3, 4, 7), letters=("nk", ".km"))(MatMul()),
    *on((2, 3, 5, 4), (3, 4, 7), letters=(".hnk", "hkm"))(MatMul()),
    *on((3, 5, 8), (3, 5, 8), (3, 5, 8))(Attention()),
    *on((3, 5, 8), (3, 7, 8), (3, 7, 6), letters=("hnd", "hmd", "hme"))(Attention()),
    *on((3, 5, 8), (3, 7, 8), (3, 7, 8), (5, 7), letters=("hnd", "hmd", "hmd", "nm"), masks=(3,))(Attention()),
    *on((4, 5, 8), (2, 7, 8), (2, 7, 8), letters=(".nd", ".md", ".md"))(Attention()),
    *on((3, 5), (5, 4), (4, 2), letters=("ab", "bc", "cd"))(Einsum("ab,bc,cd->ad")),
    *on((3, 5, 4))(Einsum("abc->ca"), Einsum("abc->cba")),
]

SAMPLED = [
    *sized((3, 6, 4))(
        lambda x: Resize((2 * x[1], 3 * x[2])),
        lambda x: Resize((x[1] // 2, x[2])),
        lambda x: Resize((x[1] + 1, x[2] + 3)),
        lambda x: Resize((2 * x[1], 2 * x[2]), "linear"),
        lambda x: Resize((x[1] + 1, 2 * x[2] + 1), "linear"),
        lambda x: Resize((2 * x[1], x[2] + 3), "cubic"),
    ),
    *sized((3, 6))(lambda x: Resize((2 * x[1],)), lambda x: Resize((x[1] + 3,), "linear")),
    *sized((3, 2, 3, 4))(
        lambda x: Resize((x[1], 2 * x[2], 2 * x[3])), lambda x: Resize((x[1] + 1, x[2] + 2, x[3] + 1), "linear")
    ),
]

MORE_NORMS = [
    *on((6, 7, 5))(GroupNorm(6), GroupNorm(2), GroupNorm(3, affine=False), GroupNorm(1), PReLU(), PReLU(shared=True)),
    *on((6, 13))(GroupNorm(3), PReLU()),
    *on((6, 13), last=True)(LayerNorm(axes=2)),
    *on((6,))(GroupNorm(2), PReLU()),
    *on((6, 5, 3))(GroupNorm(2, bias=False)),
    *on((9, 20), last=True)(LayerNorm(affine=False), LayerNorm(bias=False), RMSNorm(), RMSNorm(affine=False)),
    *on((5, 9, 8), last=True)(LayerNorm(axes=2), LayerNorm(axes=3, bias=False), RMSNorm(2), RMSNorm(3)),
    *on((20,))(RMSNorm()),
    *on((3, 12, 8))(AdaptiveMaxPool(1), AdaptiveMaxPool((6, 2)), AdaptiveMaxPool(5)),
    *on((4, 13))(AdaptiveMaxPool(5)),
    *on((4, 5, 7, 6))(AdaptiveMaxPool((5, 1, 3)), GroupNorm(2)),
]

RECURRENT = on((6, 5), last=True)(
    Recurrent("rnn", 7),
    Recurrent("gru", 7),
    Recurrent("lstm", 7),
    Recurrent("lstm", 7, bias=False),
    Recurrent("lstm", 7, layers=2, bidirectional=True),
    Recurrent("lstm", 7, layers=2, projection=3),
    Recurrent("lstm", 7, bidirectional=True, projection=3, bias=False),
    Recurrent("gru", 4, layers=3, bidirectional=True),
    Recurrent("rnn", 4, layers=2, bidirectional=True, bias=False),
)

APPLIED = [
    *on((3, 4, 6, 5), letters=("k.hw",))(
        Each(Conv(6, 3, padding=1)), Each(MaxPool(2, 2)), Each(BatchNorm()), Each(GroupNorm(2))
    ),
    *on((4, 6, 5), (6, 4, 3, 3), (6,), letters=(".hw", "....", "."), images=1)(Given(Conv(6, 3, padding=1))),
    *on((4, 6, 5), (6, 4, 3, 3), letters=(".hw", "...."), images=1)(Given(Conv(6, 3, 2, bias=False))),
    *on((9, 5), (7, 5), (7,), last=True, letters=("n.", "..", "."), images=1)(Given(Linear(7))),
    *on((4, 6, 5), (4, 6, 2, 2), (6,), letters=(".hw", "....", "."), images=1)(Given(ConvTranspose(6, 2, 2))),
]

UNKNOWN = on((6, 4, 5))(Unknown("aten.fft", (6, 4, 3)), Unknown("aten.lstsq", (6,), 40))
"""Calls that no module stands for; PyTorch cannot be asked about them."""

LOWERED: list[Example] = [
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
    *VIEWS,
    *VALUES,
    *OF_VALUES,
    *OF_AXES,
    *PRODUCTS,
    *SAMPLED,
    *MORE_NORMS,
    *RECURRENT,
    *APPLIED,
]
"""The examples that a PyTorch module or function stands for."""

EXAMPLES: list[Example] = [*LOWERED, *UNKNOWN]
