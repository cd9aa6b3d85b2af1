"""DARTS: Liu, Simonyan & Yang, "DARTS: Differentiable Architecture Search", ICLR 2019, arXiv:1806.09055.

The cells that were found on CIFAR-10, as released: genotype DARTS_V2 in the authors' repository (quark0/darts), built
as its cnn/model.py does, in the sizes of its training scripts: 20 cells from 36 channels (CIFAR), 14 from 48
(ImageNet). Two cells are reductions, at a third and at two thirds of the depth. The second half of a factorised
reduction reads the map without its first row and column, so every map that is halved must have an even height and width
(CIFAR: the input divides by 4; ImageNet: a quarter of it, rounded up, divides by 8). `aux` adds the authors' auxiliary
head after the second reduction; the ImageNet one lacks its second batch norm, an omission that they kept for
consistency with the paper. Drop path is for training only and is left out.

`normal` and `reduction` are other cells, in the authors' notation, of all operations that a search chooses from. A skip
connection with a stride is a factorised reduction, as in their cnn/operations.py.

Published figures: 3.3M parameters (CIFAR) and 4.7M (ImageNet), both confirmed; 574M mult-adds (ImageNet), not
confirmed: convolutions and the linear layer of the released network have 529,911,552, and pytorchcv's network the same.
No usual way of counting makes up for 44M. Batch norm (two operations for each value), ReLU and pooling (one for each
input) counted as well give 544.59M, the figure that a user of flops-counter.pytorch reports in the authors' issue 46;
the auxiliary head adds only 1.6M. The authors published no counting code.
"""

from __future__ import annotations

from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut
from archcalc.graph import Other, Value, Whole, block, row
from archcalc.ops.combine import Concat
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Crop, Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU
from archcalc.ops.pool import AvgPool, GlobalAvgPool, MaxPool
from archcalc.zoo import AUX, CLASSES, Family, Reference, Variant
from archcalc.zoo.nasnet_a import Pairs, auxiliary, relu_conv_norm, separable, sums

# Operation and input of every edge, two for each sum, as the authors write genotypes. Input 0 is the cell before the
# last, 1 the last cell, 2 the first sum; the sums side by side are the output
NORMAL = (
    ("sep_conv_3x3", 0), ("sep_conv_3x3", 1), ("sep_conv_3x3", 0), ("sep_conv_3x3", 1),
    ("sep_conv_3x3", 1), ("skip_connect", 0), ("skip_connect", 0), ("dil_conv_3x3", 2),
)  # fmt: skip
REDUCTION = (
    ("max_pool_3x3", 0), ("max_pool_3x3", 1), ("skip_connect", 2), ("max_pool_3x3", 1),
    ("max_pool_3x3", 0), ("skip_connect", 2), ("skip_connect", 2), ("max_pool_3x3", 1),
)  # fmt: skip
OPERATIONS = (
    "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5",
)  # fmt: skip
"""The operations between which a search chooses; the eighth, none, is never in the cell that it finds."""
MOST_EDGES = 200


def read_cell(given: Any, which: str) -> Pairs:
    """The sums of a cell from its edges, an operation and an input each. Raises ArchcalcError for what is no cell."""

    def wrong(said: str) -> ArchcalcError:
        return ArchcalcError(f"darts: the {which} cell {said}", about=f"hyperparameters.{which}")

    try:
        edges: list[tuple[Any, Any]] = [(operation, source) for operation, source in given]
    except (TypeError, ValueError):
        edges = []
    if not 2 <= len(edges) <= MOST_EDGES or len(edges) % 2:
        form = "('sep_conv_3x3', 0)"
        raise wrong(f"has two edges for every sum, operation and input each such as {form}, not {cut(repr(given))}")
    for number, (operation, source) in enumerate(edges):
        if operation not in OPERATIONS:
            raise wrong(f"has the operations {', '.join(OPERATIONS)}, not {cut(repr(operation))}")
        last = 1 + number // 2
        if type(source) is not int or not 0 <= source <= last:
            raise wrong(f"has the inputs 0 to {last} at sum {last}, not {cut(repr(source))}")
    return tuple([(*first, *second) for first, second in zip(edges[::2], edges[1::2], strict=True)])


def _factorized_reduction(x: Value, channels: int) -> Value:
    """Half the size: strided 1x1 convolutions of the map, and of it without its first row and column, side by side."""
    if channels % 2:
        raise ArchcalcError(f"darts: a factorised reduction needs an even number of channels, not {channels}")
    x = row("relu", x, ReLU())
    a = row("conv1", x, Conv(channels // 2, 1, 2, bias=False))
    b = row("conv2", x, Crop(top=1, left=1), Conv(channels // 2, 1, 2, bias=False))
    return row("concat", (a, b), Concat(), BatchNorm())


def _operate(x: Value, operation: str, stride: int) -> Value:
    """A separable or dilated convolution, a pool, or nothing, which with a stride is a factorised reduction."""
    channels: int = x.channels  # pyright: ignore[reportAssignmentType]
    kind, kernel = operation[:3], int(operation[-1]) if operation[-1].isdigit() else 0
    if kind == "sep":
        return separable(x, channels, kernel, stride)
    if kind == "dil":
        conv = Conv(channels, kernel, stride, kernel - 1, dilation=2, groups=channels, bias=False)
        return row("pw", row("dw", x, ReLU(), conv), Conv(channels, 1, bias=False), BatchNorm())
    if kind == "max":
        return row("pool", x, MaxPool(3, stride, 1))
    if kind == "avg":
        return row("pool", x, AvgPool(3, stride, 1, count_include_pad=False))
    return x if stride == 1 else _factorized_reduction(x, channels)


def cell(previous: Value, x: Value, channels: int, pairs: Pairs, reduction: bool, after_reduction: bool) -> Value:
    """The sums of a normal or a reduction cell, side by side."""
    if after_reduction:
        previous = block("preprocess0", _factorized_reduction, previous, channels)
    else:
        previous = relu_conv_norm("preprocess0", previous, channels)
    x = relu_conv_norm("preprocess1", x, channels)
    return block("", _joined_sums, previous, x, pairs, 2 if reduction else 1)


def _joined_sums(previous: Value, x: Value, pairs: Pairs, stride: int) -> Value:
    """The sums of a cell whose inputs have its channels, side by side."""
    return row("concat", sums((previous, x), pairs, _operate, stride)[2:], Concat())


def darts_cifar(
    x: Value,
    channels: int = 36,
    cells: int = 20,
    normal: Any = NORMAL,
    reduction: Any = REDUCTION,
    aux: bool = False,
    classes: int = 10,
) -> Value | tuple[Value, ...]:
    x = row("stem.conv", x, Conv(3 * channels, 3, padding=1, bias=False), BatchNorm())
    x, *heads = _cells(x, x, channels, cells, normal, reduction)
    return _classifiers(x, heads if aux else [], classes, stride=3, norm=True)


def darts_imagenet(
    x: Value,
    channels: int = 48,
    cells: int = 14,
    normal: Any = NORMAL,
    reduction: Any = REDUCTION,
    aux: bool = False,
    classes: int = 1000,
) -> Value | tuple[Value, ...]:
    x = row("stem.conv1", x, Conv(channels // 2, 3, 2, 1, bias=False), BatchNorm(), ReLU())
    previous = row("stem.conv2", x, Conv(channels, 3, 2, 1, bias=False), BatchNorm())
    x = row("stem.conv3", previous, ReLU(), Conv(channels, 3, 2, 1, bias=False), BatchNorm())
    x, *heads = _cells(previous, x, channels, cells, normal, reduction, after_reduction=True)
    return _classifiers(x, heads if aux else [], classes, stride=2, norm=False)


def _cells(
    previous: Value,
    x: Value,
    channels: int,
    cells: int,
    normal: Any,
    reduction: Any,
    after_reduction: bool = False,
) -> tuple[Value, Value]:
    """The last cell's output, and that of the second reduction cell."""
    sums_of = (read_cell(normal, "normal"), read_cell(reduction, "reduction"))
    stage, middle = 1, x
    for number in range(cells):
        reduces = number in (cells // 3, 2 * cells // 3)
        stage, channels = (stage + 1, 2 * channels) if reduces else (stage, channels)
        label = f"stage{stage}.cell{number}"
        previous, x = x, block(label, cell, previous, x, channels, sums_of[reduces], reduces, after_reduction)
        after_reduction = reduces
        if number == 2 * cells // 3:
            middle = x
    return x, middle


def _classifiers(x: Value, heads: list[Value], classes: int, stride: int, norm: bool) -> tuple[Value, ...]:
    head = [block("aux", auxiliary, x, classes, 2, stride, norm) for x in heads]
    x = row("avgpool", x, GlobalAvgPool())
    return (row("fc", x, Flatten(), Linear(classes)), *head)


HYPERPARAMETERS = {
    "channels": Whole(1, 1_000_000, "channels of the operations of the first stage"),
    "cells": Whole(3, 3000, "cells, two of them reductions, at a third and at two thirds"),
    "normal": Other("operation and input of every edge of the normal cells, two for each sum", literal=True),
    "reduction": Other("the same of the reduction cells", literal=True),
    "aux": AUX,
    "classes": CLASSES,
}
TITLE, AUTHORS, SOURCE = "DARTS: Differentiable Architecture Search", "Liu, Simonyan & Yang", "arXiv:1806.09055"

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2018,
        source=SOURCE,
        documents=("000",),
        build=darts_cifar,
        hyperparameters=HYPERPARAMETERS,
        variants={"darts_cifar": Variant("CIFAR, 20 cells", (3, 32, 32))},
        references={"darts_cifar": Reference("account", "darts_cifar", size=(3, 36, 44))},
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2018,
        source=SOURCE,
        documents=("000",),
        build=darts_imagenet,
        hyperparameters=HYPERPARAMETERS,
        variants={"darts_imagenet": Variant("ImageNet, 14 cells", (3, 224, 224))},
        aliases={"darts": "darts_imagenet"},
        references={"darts_imagenet": Reference("pytorchcv", "darts", size=(3, 221, 318))},
    ),
)
