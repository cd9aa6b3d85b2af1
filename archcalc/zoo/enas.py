"""ENAS: Pham, Guan, Zoph, Le & Dean, "Efficient Neural Architecture Search via Parameter Sharing", ICML 2018,
arXiv:1802.03268.

The two CIFAR-10 networks that the authors released (melodyguan/enas): the encodings in scripts/cifar10_micro_final.sh
and scripts/cifar10_macro_final.sh, built as src/cifar10/micro_child.py and general_child.py build them in fixed mode.
Neither is the network of the paper's table, which prints 4.6M parameters (micro), 21.3M and 38.0M (macro, 12 layers,
with more channels): the released code makes 3,894,372 (micro, 4.4M with its auxiliary head) and 42,559,392 (macro, 24
layers from 96 channels). Others who ran the authors' code report these counts and the micro cells' output shapes (tests
of taming-wild-ai/neural-architecture-search).

Found in the code: in fixed mode the macro network builds operations 1 and 3, separable convolutions by the README, as
ordinary 3x3 and 5x5 convolutions after a 1x1. A micro cell whose last input has other channels than its own puts two
1x1 convolutions in a row before it. The 17 cells of the micro network are the script's 15 and two reductions. The
classifiers have no bias; the macro network's script asks for an auxiliary head, but its builder has none. Padding is
TensorFlow's "SAME"; average pools with stride 2 take its zeros into the mean, which TensorFlow's leave out. Drop path
is for training only and is left out.
"""

from archcalc.algebra.dims import equal
from archcalc.graph import Value, Whole, block, row
from archcalc.ops.combine import Concat
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import Dropout, ReLU
from archcalc.ops.pool import AvgPool, GlobalAvgPool
from archcalc.zoo import AUX, CLASSES, Family, Reference, Variant
from archcalc.zoo._blocks import conv_norm
from archcalc.zoo.nasnet_a import HALVING, Pairs, factorized_reduction, operation, relu_conv_norm, sums

OPERATIONS = ("sep_3x3", "sep_5x5", "avg_3x3", "max_3x3", "none")

# input and operation, twice, of each of five sums; input 0 is the cell before the last, 1 the last, 2 the first sum ...
NORMAL = "0 2 0 0 0 4 0 1 0 4 1 1 1 0 0 1 0 2 1 1"
REDUCTION = "1 0 1 0 0 3 0 2 1 1 3 1 1 0 0 4 0 3 1 1"

# for each layer the kernel (3, 3, 5, 5) and whether the stem and each layer before the last joins its output
MACRO = (
    "0",
    "3 0",
    "0 1 0",
    "2 0 0 1",
    "2 0 0 0 0",
    "3 1 1 0 1 0",
    "2 0 0 0 0 0 1",
    "2 0 1 1 0 1 1 1",
    "1 0 1 1 1 0 1 0 1",
    "0 0 0 0 0 0 0 0 0 0",
    "2 0 0 0 0 0 1 0 0 0 0",
    "0 1 0 0 1 1 0 0 0 0 1 1",
    "2 0 1 0 0 0 0 0 1 0 1 1 0",
    "1 0 0 1 0 0 0 1 1 1 0 1 0 1",
    "0 1 1 0 1 0 1 0 0 0 0 0 1 0 0",
    "2 0 0 1 0 0 0 0 0 0 0 1 0 1 0 1",
    "2 0 1 0 0 0 1 0 0 1 1 1 1 0 0 1 0",
    "2 0 0 0 0 1 0 1 0 1 0 0 1 0 1 0 0 1",
    "3 0 1 1 0 1 0 0 0 0 0 1 0 1 0 1 0 0 0",
    "3 0 1 1 0 0 0 0 0 0 0 0 0 1 1 0 0 0 0 1",
    "0 1 0 0 1 0 1 1 0 0 0 1 0 0 0 0 0 1 1 0 0",
    "3 0 1 0 1 1 0 0 1 0 1 1 0 1 1 0 1 0 0 1 0 0",
    "0 1 0 1 0 1 0 0 0 0 0 0 0 0 1 0 1 0 0 1 0 0 0",
    "0 1 1 0 0 0 1 1 1 0 1 0 0 0 1 0 1 0 0 1 1 0 0 0",
)


def _pairs(encoded: str) -> Pairs:
    numbers = [int(number) for number in encoded.split()]
    fours = [numbers[i : i + 4] for i in range(0, len(numbers), 4)]
    return tuple([(OPERATIONS[first], i, OPERATIONS[second], j) for i, first, j, second in fours])


def micro_cell(previous: Value, x: Value, channels: int, reduction: bool, after_reduction: bool) -> Value:
    """A cell of the micro search space: the sums that no other sum uses, side by side."""
    if after_reduction:
        previous = block("calibrate_x", factorized_reduction, previous, channels)
    elif not equal(previous.channels, channels):
        previous = relu_conv_norm("calibrate_x", previous, channels)
    if not equal(x.channels, channels):
        x = relu_conv_norm("calibrate_y", x, channels)
    x = relu_conv_norm("base", x, channels)

    def operate(x: Value, name: str, source: int) -> Value:
        stride = 2 if reduction and source < 2 else 1
        if name == "none" and stride == 2:
            return factorized_reduction(x, channels, activation=False)
        return operation(x, name, channels, stride, "same")

    pairs = _pairs(REDUCTION if reduction else NORMAL)
    used = {source for _, i, _, j in pairs for source in (i, j)}
    states = sums((previous, x), pairs, operate)
    return row("concat", [state for number, state in enumerate(states) if number not in used], Concat())


def _auxiliary(x: Value, classes: int) -> Value:
    """The auxiliary classifier of the micro network; its 2x2 convolution spans the map of a 32 px input."""
    x = row("pool", x, ReLU(), AvgPool(5, 3))
    x = conv_norm("proj", x, 128, 1)
    x = row("conv", x, Conv(768, 2, padding="same", bias=False), BatchNorm(), ReLU())
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Linear(classes, bias=False))


def enas_micro(
    x: Value, channels: int = 36, cells: int = 15, aux: bool = False, classes: int = 10
) -> Value | tuple[Value, ...]:
    x = conv_norm("stem.conv", x, 3 * channels, 3, activation=None)
    previous, stage, after_reduction = x, 1, False
    heads: list[Value] = []
    for number in range(cells + 2):
        reduction = number in (cells // 3, 2 * (cells // 3) + 1)
        stage, channels = (stage + 1, 2 * channels) if reduction else (stage, channels)
        label = f"stage{stage}.layer{number}"
        previous, x = x, block(label, micro_cell, previous, x, channels, reduction, after_reduction)
        after_reduction = reduction
        if aux and number == 2 * (cells // 3) + 2:
            heads.append(block("aux", _auxiliary, x, classes))
    x = row("avgpool", x, ReLU(), GlobalAvgPool())
    return (row("fc", x, Flatten(), Dropout(0.2), Linear(classes, bias=False)), *heads)


def _macro_layer(x: Value, earlier: list[Value], channels: int, kernel: int) -> Value:
    """Two convolutions, and what is joined to them."""
    x = relu_conv_norm("conv_1x1", x, channels)
    x = row(f"conv_{kernel}x{kernel}", x, ReLU(), Conv(channels, kernel, padding=kernel // 2, bias=False), BatchNorm())
    return row("concat", (*earlier, x), Concat()) if earlier else x


def enas_macro(x: Value, channels: int = 96, classes: int = 10) -> Value:
    outputs = [conv_norm("stem.conv", x, channels, 3, activation=None)]
    for number, encoded in enumerate(MACRO):
        kernel, *joins = [int(each) for each in encoded.split()]
        stage = number // 8 + 1
        earlier = [value for value, joined in zip(outputs, joins, strict=False) if joined]
        label = f"stage{stage}.layer{number}"
        x = block(label, _macro_layer, outputs[-1], earlier, channels, (3, 3, 5, 5)[kernel])
        outputs.append(relu_conv_norm(f"{label}.skip", x, channels) if number else x)
        if number in (7, 15):
            channels *= 2
            pool = f"stage{stage + 1}.pool"
            outputs = [
                block(f"{pool}{i}", factorized_reduction, y, channels, activation=False) for i, y in enumerate(outputs)
            ]
    x = row("avgpool", outputs[-1], GlobalAvgPool())
    return row("fc", x, Flatten(), Dropout(0.5), Linear(classes, bias=False))


TITLE = "Efficient Neural Architecture Search via Parameter Sharing"
AUTHORS, SOURCE, CIFAR = "Pham, Guan, Zoph, Le & Dean", "arXiv:1802.03268", (3, 32, 32)
CHANNELS = Whole(2, 1_000_000, "channels of the operations of the first stage")

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2018,
        source=SOURCE,
        documents=("003",),
        build=enas_micro,
        hyperparameters={
            "channels": CHANNELS,
            "cells": Whole(3, 3000, "normal cells; two reduction cells are added to them"),
            "aux": AUX,
            "classes": CLASSES,
        },
        variants={
            "enas_micro": Variant("15 normal cells", CIFAR),
            "enas_micro_with_aux": Variant("with its auxiliary head", CIFAR, {"aux": True}),
        },
        references={
            name: Reference("account", name, size=(3, 36, 44), differs=HALVING)
            for name in ("enas_micro", "enas_micro_with_aux")
        },
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2018,
        source=SOURCE,
        documents=("003",),
        build=enas_macro,
        hyperparameters={"channels": CHANNELS, "classes": CLASSES},
        variants={"enas_macro": Variant("24 layers", CIFAR)},
        references={"enas_macro": Reference("account", "enas_macro", size=(3, 36, 44))},
    ),
)
