"""NASNet-A: Zoph, Vasudevan, Shlens & Le, "Learning Transferable Architectures for Scalable Image Recognition",
CVPR 2018, arXiv:1707.07012.

The cells that the paper draws, N normal cells in each of three stages; what the figures leave open follows the authors'
TensorFlow code (tensorflow/models, slim/nets/nasnet). N@F in a name: N cells, F channels before the classifier. A
separable convolution is applied twice, each time after a ReLU. A cell whose two inputs differ in size halves the older
one with two interleaved 1x1 convolutions (factorised reduction). In `nasnet_a_large` the first cell after a reduction
takes for its older input the one that the reduction cell took, in the other two the cell just before the reduction. The
ImageNet stem is a 3x3 convolution without padding and two reduction cells. Drop path is for training only and is left
out.

The authors' README prints 5.3M parameters and 564M mult-adds (mobile) and 88.9M and 23.8B (large), the paper 3.3M
parameters (CIFAR), all confirmed; the 88.9M count running statistics as parameters: 88,753,150 learnt values and
196,668 statistics. The sizes of which no code was released are not: `cells` 7 and `filters` 2304 (CIFAR) or 1920
(ImageNet) make 32.6M and 24.6M parameters where the paper prints 27.6M and 22.6M.

Padding is TensorFlow's "SAME". pytorchcv imitates it with one more row and column of zeros at the top and the left, and
cuts the first row and column of the result off after the convolution: nothing changes but the mult-adds, by positions
that are computed and thrown away. Its `nasnet_6a4032` does so in one reduction cell (22x22 instead of 21x21 positions:
26,540,976 mult-adds more than timm's `nasnetalarge`, which is the network here), its `nasnet_4a1056` in three.
`cropped` counts as pytorchcv does. Average pools with stride 2 take the zeros of the padding into the mean, as timm's
do; TensorFlow's leave them out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archcalc.algebra.dims import equal
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Choice, Op, Switch, Value, Whole, block, row
from archcalc.ops.combine import Add, Concat
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Crop, Flatten, ZeroPad
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import Dropout, ReLU
from archcalc.ops.pool import AvgPool, GlobalAvgPool, MaxPool
from archcalc.ops.sliding import Padding
from archcalc.zoo import AUX, CLASSES, Family, Reference, Variant
from archcalc.zoo._blocks import depthwise

Pairs = tuple[tuple[str, int, str, int], ...]
"""For each sum of a cell: operation and input, twice. Input 0 is the last cell, 1 the one before, 2 the first sum."""

# Figure 4; "none" is the identity
NORMAL: Pairs = (
    ("sep_5x5", 0, "sep_3x3", 1),
    ("sep_5x5", 1, "sep_3x3", 1),
    ("avg_3x3", 0, "none", 1),
    ("avg_3x3", 1, "avg_3x3", 1),
    ("sep_3x3", 0, "none", 0),
)
REDUCTION: Pairs = (
    ("sep_5x5", 0, "sep_7x7", 1),
    ("max_3x3", 0, "sep_7x7", 1),
    ("avg_3x3", 0, "sep_5x5", 1),
    ("none", 3, "avg_3x3", 2),
    ("sep_3x3", 2, "max_3x3", 0),
)


def sums(
    inputs: Sequence[Value], pairs: Pairs, operate: Callable[..., Value], stride: int, *settings: Any
) -> list[Value]:
    """The inputs of a cell and its sums of two operations each: `operate(x, operation, stride, *settings)`.

    Operations on the two inputs of the cell have `stride`, those on sums have stride 1.
    """
    states = list(inputs)
    for number, (first, i, second, j) in enumerate(pairs):
        strides = (stride if i < 2 else 1, stride if j < 2 else 1)
        states.append(block(f"comb{number}", _sum, states[i], states[j], operate, first, second, *strides, *settings))
    return states


def _sum(
    x: Value,
    y: Value,
    operate: Callable[..., Value],
    left: str,
    right: str,
    left_stride: int,
    right_stride: int,
    *settings: Any,
) -> Value:
    """The sum of an operation on one value and an operation on another."""
    x = block("left", operate, x, left, left_stride, *settings)
    return row("add", (x, block("right", operate, y, right, right_stride, *settings)), Add())


def separable(
    x: Value, channels: int, kernel: int, stride: int = 1, padding: Padding | None = None, cropped: bool = False
) -> Value:
    """Two times a ReLU, a depthwise and a 1x1 convolution and batch norm; the stride is in the first."""
    before, after = _cropping(cropped)
    x = row("dw1", x, ReLU(), *before, depthwise(x, kernel, stride, padding))
    x = row("pw1", x, Conv(channels, 1, bias=False), *after, BatchNorm())
    x = row("dw2", x, ReLU(), depthwise(x, kernel))
    return row("pw2", x, Conv(channels, 1, bias=False), BatchNorm())


def _cropping(cropped: bool) -> tuple[tuple[Op, ...], tuple[Op, ...]]:
    """The padding before and the crop after a layer of a reduction cell, as in pytorchcv."""
    return ((ZeroPad(top=1, left=1),), (Crop(top=1, left=1),)) if cropped else ((), ())


def relu_conv_norm(label: str, x: Value, channels: int) -> Value:
    """A ReLU, a 1x1 convolution and batch norm."""
    return block("", _relu_conv_norm, x, label, channels)


def _relu_conv_norm(x: Value, label: str, channels: int) -> Value:
    return row(label, x, ReLU(), Conv(channels, 1, bias=False), BatchNorm())


def factorized_reduction(x: Value, channels: int, activation: bool = True) -> Value:
    """Half the size: 1x1 convolutions of every second position, and of those one further down and right, side by side.

    The authors write the choice of positions as average pools of 1x1. For any size: a row and a column of zeros are
    added at the bottom and the right.
    """
    if channels % 2:
        raise ArchcalcError(f"a factorised reduction needs an even number of channels, not {channels}")
    x = row("relu", x, ReLU()) if activation else x
    a = row("path1.pool", x, AvgPool(1, 2))
    a = row("path1.conv", a, Conv(channels // 2, 1, bias=False))
    b = row("path2.pool", x, ZeroPad(bottom=1, right=1), Crop(top=1, left=1), AvgPool(1, 2))
    b = row("path2.conv", b, Conv(channels // 2, 1, bias=False))
    return row("concat", (a, b), Concat(), BatchNorm())


def _inputs(x: Value, previous: Value | None, channels: int, halve: bool) -> tuple[Value, Value]:
    """The cell's two inputs with `channels` channels and one size; without a previous cell the second is `x` itself."""
    if previous is None:
        previous = x
    elif halve:
        previous = block("prev", factorized_reduction, previous, channels)
    elif not equal(previous.channels, channels):
        previous = relu_conv_norm("prev_1x1", previous, channels)
    return relu_conv_norm("1x1", x, channels), previous


def operation(
    x: Value, name: str, stride: int, channels: int, padding: Padding | None = None, cropped: bool = False
) -> Value:
    """An operation on an input of a cell or a sum. A 1x1 convolution follows a pool, or nothing, of other channels."""
    kind, _, kernel = name.partition("_")
    if kind == "sep":
        return separable(x, channels, int(kernel[0]), stride, padding, cropped)
    if kind != "none":
        before, after = _cropping(cropped and stride == 2)
        sides = 1 if padding is None or stride == 1 else padding
        pool = MaxPool(3, stride, sides) if kind == "max" else AvgPool(3, stride, sides, count_include_pad=sides != 1)
        x = row("pool", x, *before, pool, *after)
    if equal(x.channels, channels):
        return x
    return row("1x1", x, *([ReLU()] if kind == "none" else []), Conv(channels, 1, bias=False), BatchNorm())


def normal_cell(x: Value, previous: Value | None, channels: int, halve: bool = False) -> Value:
    """Figure 4 left; the previous cell's output is joined to the five sums."""
    _, second, *states = sums(_inputs(x, previous, channels, halve), NORMAL, operation, 1, channels)
    if not equal(second.channels, channels):
        second = row("prev_reduction", second, Conv(channels, 1, bias=False), BatchNorm())
    return row("concat", (second, *states), Concat())


def reduction_cell(
    x: Value,
    previous: Value | None,
    channels: int,
    padding: Padding | None = "same",
    cropped: bool = False,
    halve: bool = False,
) -> Value:
    """Figure 4 right: operations on the cell's inputs have stride 2; sums 1 to 4 are the output."""
    states = sums(_inputs(x, previous, channels, halve), REDUCTION, operation, 2, channels, padding, cropped)
    return row("concat", states[3:], Concat())


def auxiliary(x: Value, classes: int, kernel: int | None = None, stride: int = 3, norm: bool = True) -> Value:
    """The auxiliary classifier: a 5x5 average pool, a 1x1 convolution, one of the whole map, a linear layer."""
    x = row("pool", x, ReLU(), AvgPool(5, stride))
    x = row("proj", x, Conv(128, 1, bias=False), BatchNorm(), ReLU())
    size: Any = kernel or x.shape[1:]
    x = row("conv", x, Conv(768, size, bias=False), *([BatchNorm()] if norm else []), ReLU())
    return row("fc", x, Flatten(), Linear(classes))


def nasnet_a(
    x: Value,
    cells: int = 4,
    filters: int = 1056,
    stem: int = 32,
    skip_reduction: bool = False,
    cropped: str = "none",
    aux: bool = False,
    classes: int = 1000,
) -> Value | tuple[Value, ...]:
    width = _width(filters)
    x = row("stem.conv", x, Conv(stem, 3, 2, bias=False), BatchNorm())
    sides: Padding | None = "same" if cropped == "none" else None
    y = block("stem.cell1", reduction_cell, x, None, width // 4, sides)
    z = block("stem.cell2", reduction_cell, y, x, width // 2, sides, cropped == "all", halve=True)
    x, *heads = _stages(z, y, width, cells, aux, classes, skip_reduction, cropped)
    return (row("fc", x, Flatten(), Dropout(0.5), Linear(classes)), *heads)


def nasnet_a_cifar(
    x: Value, cells: int = 6, filters: int = 768, aux: bool = False, classes: int = 10
) -> Value | tuple[Value, ...]:
    width = _width(filters)
    x = row("stem.conv", x, Conv(3 * width, 3, padding=1, bias=False), BatchNorm())
    x, *heads = _stages(x, None, width, cells, aux, classes)
    return (row("fc", x, Flatten(), Linear(classes)), *heads)


def _width(filters: int) -> int:
    """Channels of the operations of the first stage: a cell of the last joins 6 x 4 times as many."""
    if filters % 24:
        raise ArchcalcError(f"nasnet_a: filters before the classifier are a multiple of 24, not {filters}")
    return filters // 24


def _stages(
    x: Value,
    previous: Value | None,
    width: int,
    cells: int,
    aux: bool,
    classes: int,
    skip: bool = False,
    cropped: str = "none",
) -> list[Value]:
    """Three stages of normal cells, a reduction cell before the second and the third; then the auxiliary classifier.

    The ImageNet stem has halved the size once more between `previous` and `x`.
    """
    heads: list[Value] = []
    sides: Padding | None = "same" if cropped == "none" else None
    halve = previous is not None
    for stage in (1, 2, 3):
        channels = width * 2 ** (stage - 1)
        if stage > 1:
            crop = cropped == "all" or (cropped == "first" and stage == 2)
            reduced = block(f"stage{stage}.reduction", reduction_cell, x, previous, channels, sides, crop)
            previous, x, halve = previous if skip else x, reduced, True
        for number in range(1, cells + 1):
            x, previous = block(f"stage{stage}.cell{number}", normal_cell, x, previous, channels, halve), x
            halve = False
        if aux and stage == 2:
            heads.append(block("aux", auxiliary, x, classes))
    return [row("avgpool", x, ReLU(), GlobalAvgPool()), *heads]


TITLE = "Learning Transferable Architectures for Scalable Image Recognition"
CELLS = Whole(1, 1000, "normal cells in each of the three stages")
FILTERS = Whole(24, 24_000_000, "channels before the classifier, a multiple of 24")
HALVING = {"halving.counts_padding": "TensorFlow's averages leave out zeros on one side, which PyTorch cannot"}
MOBILE, LARGE = {"cells": 4, "filters": 1056, "stem": 32}, {"cells": 6, "filters": 4032, "stem": 96}

FAMILIES = (
    Family(
        title=TITLE,
        authors="Zoph, Vasudevan, Shlens & Le",
        year=2017,
        source="arXiv:1707.07012",
        documents=("003",),
        build=nasnet_a,
        hyperparameters={
            "cells": CELLS,
            "filters": FILTERS,
            "stem": Whole(1, 1_000_000, "channels of the first convolution"),
            "skip_reduction": Switch("the first cell after a reduction shares the reduction cell's older input"),
            "cropped": Choice(
                ("none", "first", "all"), "reduction cells of the body whose padding is pytorchcv's, cut off again"
            ),
            "aux": AUX,
            "classes": CLASSES,
        },
        variants={
            "nasnet_a_mobile": Variant("4@1056", (3, 224, 224), MOBILE),
            "nasnet_a_large": Variant("6@4032", (3, 331, 331), LARGE | {"skip_reduction": True}),
        },
        aliases={"nasnet_a_4@1056": "nasnet_a_mobile", "nasnet_a_6@4032": "nasnet_a_large"},
        references={
            "nasnet_a_mobile": Reference("pytorchcv", "nasnet_4a1056", settings={"cropped": "all"}, size=(3, 225, 193)),
            "nasnet_a_large": Reference("timm", "nasnetalarge"),
        },
    ),
    Family(
        title=TITLE,
        authors="Zoph, Vasudevan, Shlens & Le",
        year=2017,
        source="arXiv:1707.07012",
        documents=("003",),
        build=nasnet_a_cifar,
        hyperparameters={"cells": CELLS, "filters": FILTERS, "aux": AUX, "classes": CLASSES},
        variants={"nasnet_a_cifar": Variant("6@768", (3, 32, 32), {"cells": 6, "filters": 768})},
        aliases={"nasnet_a_6@768": "nasnet_a_cifar"},
        references={"nasnet_a_cifar": Reference("account", "nasnet_a_cifar", size=(3, 36, 44), differs=HALVING)},
    ),
)
