"""FractalNet: Larsson, Maire & Shakhnarovich, "FractalNet: Ultra-Deep Neural Networks without Residuals", ICLR 2017,
arXiv:1605.07648.

A fractal block of C columns joins paths of 1, 2, 4 ... 2^(C-1) convolutions: column j has a 3x3 convolution on every
2^j-th level, and where columns meet they are joined by their mean. Five blocks with a 2x2 max pool after each make a
network of 5 * 2^(C-1) layers on its deepest path: 20 with three columns, 40 with four. A linear layer classifies the
1x1 map that is left of 32x32; of larger images more is left, and it has more weights. Drop-path is for training only
and is left out.

Blocks have 64, 128, 256, 512 and 512 channels; in the `_narrow` networks, which go up to 160 layers, 16, 32, 64, 128
and 128. `fractalnet_20_cifar` has 33.7M parameters, as pytorchcv's has.

Convolutions are followed by batch norm and ReLU and have no biases, as in pytorchcv. `_caffe` is what the authors' code
generates: biases, batch norm without learnt values, every column pooled by itself before the last join of a block, and
Caffe's pools, which round up. Dropout in the i-th block is (i - 1) * 10 %.

FractalNet-34 for ImageNet is left out: its widths and its first layers are not published in code.
"""

from collections.abc import Callable, Sequence

from archcalc.graph import Op, Switch, Value, Whole, block, row
from archcalc.ops.combine import Add
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import Dropout, ReLU, Scale
from archcalc.ops.pool import MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant

# channels of the five blocks in units of the first
WIDENING = (1, 2, 4, 8, 8)
DROPOUT = (0.0, 0.1, 0.2, 0.3, 0.4)


def mean(label: str, inputs: Sequence[Value]) -> Value:
    """The join of Figure 1: the mean of its inputs."""
    return row(label, inputs, Add(), Scale(1 / len(inputs)))


def fractal(x: Value, columns: int, unit: Callable[[Value, int, int], Value]) -> Value:
    """The expansion rule, Equation 1: a column steps over `span` levels up to `level` by `unit(x, level, span)`."""
    inputs = [x] * columns
    for level in range(1, 2 ** (columns - 1) + 1):
        meeting = [column for column in range(columns) if level % 2**column == 0]
        outputs = [unit(inputs[column], level, 2**column) for column in reversed(meeting)]
        x = mean(f"join{level}", outputs) if len(outputs) > 1 else outputs[0]
        for column in meeting:
            inputs[column] = x
    return x


def fractal_block(
    x: Value, columns: int, channels: int, dropout: float = 0.0, *, caffe: bool = False, pools: int = 1
) -> Value:
    """A fractal of 3x3 convolutions, and `pools` 2x2 max pools: after it, or in `caffe` on every column at its end."""

    def pooled(x: Value, name: str) -> Value:
        for number in range(1, pools + 1):
            x = row(f"{name}{number}" if pools > 1 else name, x, MaxPool(2, 2, ceil=caffe))
        return x

    def unit(x: Value, level: int, span: int) -> Value:
        name = f"column{columns + 1 - span.bit_length()}"
        drop = (Dropout(dropout),) if dropout else ()
        conv = Conv(channels, 3, padding=1, bias=caffe)
        ops: tuple[Op, ...] = (conv, *drop, BatchNorm(affine=not caffe), ReLU())
        x = row(f"{name}.conv{level // span}", x, *ops)
        return pooled(x, f"{name}.pool") if caffe and level == 2 ** (columns - 1) else x

    x = fractal(x, columns, unit)
    return x if caffe else pooled(x, "pool")


def fractalnet_cifar(x: Value, columns: int = 3, first: int = 64, caffe: bool = False, classes: int = 10) -> Value:
    for number, (widening, dropout) in enumerate(zip(WIDENING, DROPOUT, strict=True), 1):
        x = block(f"block{number}", fractal_block, x, columns, first * widening, dropout, caffe=caffe)
    return row("prediction", x, Flatten(), Linear(classes))


INPUT = (3, 32, 32)
DEPTHS = {5 * 2 ** (columns - 1): columns for columns in range(1, 7)}


def _variant(depth: int, **settings: object) -> Variant:
    columns = DEPTHS[depth]
    name = "1 column" if columns == 1 else f"{columns} columns"
    extra = ", narrow" if "first" in settings else ", as generated" if "caffe" in settings else ""
    return Variant(f"{name}{extra}", INPUT, {"columns": columns, **settings})


ODD = (3, 33, 47)


def _reference(columns: int, channels: tuple[int, ...]) -> Reference:
    """Pytorchcv's class with as many columns, and channels for each block."""
    fixed = {"dropout_probs": (0.0, 0.1, 0.2, 0.3, 0.4), "loc_drop_prob": 0.15, "glob_drop_ratio": 0.5}
    options = {"num_columns": columns, "channels": channels, **fixed}
    return Reference("pytorchcv", "fractalnet_cifar.CIFARFractalNet", options, size=ODD)


FAMILIES = (
    Family(
        title="FractalNet: Ultra-Deep Neural Networks without Residuals",
        authors="Larsson, Maire & Shakhnarovich",
        year=2016,
        source="arXiv:1605.07648",
        documents=("002", "004"),
        build=fractalnet_cifar,
        hyperparameters={
            "columns": Whole(1, 9, "columns of each block: 5 * 2^(columns - 1) layers"),
            "first": Whole(1, 10_000, "channels of the first block"),
            "caffe": Switch("biases, plain batch norm and pools as the authors' code generates them"),
            "classes": CLASSES,
        },
        variants={
            **{f"fractalnet_{n}_cifar": _variant(n) for n in (20, 40)},
            **{f"fractalnet_{n}_cifar_caffe": _variant(n, caffe=True) for n in (20, 40)},
            **{f"fractalnet_{n}_cifar_narrow": _variant(n, first=16) for n in DEPTHS},
        },
        aliases={"fractalnet_20": "fractalnet_20_cifar", "fractalnet_40": "fractalnet_40_cifar"},
        references={
            "fractalnet_20_cifar": Reference("pytorchcv", "fractalnet_cifar10", size=ODD),
            "fractalnet_40_cifar": _reference(4, (64, 128, 256, 512, 512)),
            **{f"fractalnet_{n}_cifar_caffe": Reference("account", f"fractalnet_{n}_cifar_caffe") for n in (20, 40)},
            "fractalnet_5_cifar_narrow": _reference(1, (16, 32, 64, 128, 128)),
            "fractalnet_10_cifar_narrow": _reference(2, (16, 32, 64, 128, 128)),
            "fractalnet_20_cifar_narrow": _reference(3, (16, 32, 64, 128, 128)),
            "fractalnet_40_cifar_narrow": _reference(4, (16, 32, 64, 128, 128)),
            "fractalnet_80_cifar_narrow": _reference(5, (16, 32, 64, 128, 128)),
            "fractalnet_160_cifar_narrow": _reference(6, (16, 32, 64, 128, 128)),
        },
    ),
)
