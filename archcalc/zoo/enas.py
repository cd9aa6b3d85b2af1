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

`normal` and `reduction` are other micro cells, `layers` other macro networks, in the authors' numbers. A micro cell
joins everything that no sum uses, also its inputs, halved in a reduction. A search of macro networks chooses from two
more operations, pools, which the released code does not build in fixed mode. Halved outputs that no later layer reads
are left out; the authors' code has weights for them, which it never uses.
"""

from typing import Any

from archcalc.algebra.dims import equal
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut
from archcalc.graph import Other, Value, Whole, block, row
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

MOST_NUMBERS, MOST_LAYERS = 400, 240
KERNELS = (3, 3, 5, 5)
"""The kernel of each operation of the macro network."""

# for each layer the operation and whether the stem and each layer before the last joins its output
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


def read_cell(given: Any, which: str) -> Pairs:
    """The sums of a cell, from the authors' numbers as text or one by one. Raises ArchcalcError for what is no cell."""

    def wrong(said: str) -> ArchcalcError:
        return ArchcalcError(f"enas: the {which} cell {said}", about=f"hyperparameters.{which}")

    numbers = _numbers(given)
    if not 4 <= len(numbers) <= MOST_NUMBERS or len(numbers) % 4:
        form = "0 2 1 0: input, operation, input, operation"
        raise wrong(f"has four numbers for every sum such as {form}, not {cut(repr(given))}")
    for place, number in enumerate(numbers):
        last = len(OPERATIONS) - 1 if place % 2 else 1 + place // 4
        if not 0 <= number <= last:
            raise wrong(
                f"has {'operations' if place % 2 else 'inputs'} 0 to {last} at sum {1 + place // 4}, not {number}"
            )
    fours = [numbers[i : i + 4] for i in range(0, len(numbers), 4)]
    return tuple([(OPERATIONS[first], i, OPERATIONS[second], j) for i, first, j, second in fours])


def _numbers(given: Any) -> list[int]:
    """Whole numbers from text or a sequence; none of what is neither."""
    try:
        items: list[Any] = given.split() if isinstance(given, str) else list(given)
        return [int(each) for each in items if isinstance(each, str) or type(each) is int]
    except (TypeError, ValueError):
        return []


def micro_cell(previous: Value, x: Value, channels: int, pairs: Pairs, reduction: bool, after_reduction: bool) -> Value:
    """A cell of the micro search space: what no sum uses, of the sums and the inputs, side by side."""
    if after_reduction:
        previous = block("calibrate_x", factorized_reduction, previous, channels)
    elif not equal(previous.channels, channels):
        previous = relu_conv_norm("calibrate_x", previous, channels)
    if not equal(x.channels, channels):
        x = relu_conv_norm("calibrate_y", x, channels)
    x = relu_conv_norm("base", x, channels)
    return block("", _joined_sums, previous, x, channels, pairs, reduction)


def _joined_sums(previous: Value, x: Value, channels: int, pairs: Pairs, reduction: bool) -> Value:
    """What no sum of a cell uses, of the sums and the inputs, which have its channels, side by side."""
    used = {source for _, i, _, j in pairs for source in (i, j)}
    states = sums((previous, x), pairs, _operate, 2 if reduction else 1, channels)
    for number in sorted({0, 1} - used) if reduction else ():
        states[number] = block(f"calibrate{number}", factorized_reduction, states[number], channels, activation=False)
    return row("concat", [state for number, state in enumerate(states) if number not in used], Concat())


def _operate(x: Value, name: str, stride: int, channels: int) -> Value:
    """An operation on an input of a cell or a sum; nothing, with a stride, is a factorised reduction."""
    if name == "none" and stride == 2:
        return factorized_reduction(x, channels, activation=False)
    return operation(x, name, stride, channels, "same")


def _auxiliary(x: Value, classes: int) -> Value:
    """The auxiliary classifier of the micro network; its 2x2 convolution spans the map of a 32 px input."""
    x = row("pool", x, ReLU(), AvgPool(5, 3))
    x = conv_norm("proj", x, 128, 1)
    x = row("conv", x, Conv(768, 2, padding="same", bias=False), BatchNorm(), ReLU())
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Linear(classes, bias=False))


def enas_micro(
    x: Value,
    channels: int = 36,
    cells: int = 15,
    normal: Any = NORMAL,
    reduction: Any = REDUCTION,
    aux: bool = False,
    classes: int = 10,
) -> Value | tuple[Value, ...]:
    sums_of = (read_cell(normal, "normal"), read_cell(reduction, "reduction"))
    x = conv_norm("stem.conv", x, 3 * channels, 3, activation=None)
    previous, stage, after_reduction = x, 1, False
    heads: list[Value] = []
    for number in range(cells + 2):
        reduces = number in (cells // 3, 2 * (cells // 3) + 1)
        stage, channels = (stage + 1, 2 * channels) if reduces else (stage, channels)
        label = f"stage{stage}.layer{number}"
        previous, x = x, block(label, micro_cell, previous, x, channels, sums_of[reduces], reduces, after_reduction)
        after_reduction = reduces
        if aux and number == 2 * (cells // 3) + 2:
            heads.append(block("aux", _auxiliary, x, classes))
    x = row("avgpool", x, ReLU(), GlobalAvgPool())
    return (row("fc", x, Flatten(), Dropout(0.2), Linear(classes, bias=False)), *heads)


def _macro_layer(x: Value, earlier: list[Value], channels: int, kernel: int) -> Value:
    """Two convolutions, and what is joined to them."""
    x = relu_conv_norm("conv_1x1", x, channels)
    x = row(f"conv_{kernel}x{kernel}", x, ReLU(), Conv(channels, kernel, padding=kernel // 2, bias=False), BatchNorm())
    return row("concat", (*earlier, x), Concat()) if earlier else x


def enas_macro(x: Value, channels: int = 96, layers: Any = MACRO, classes: int = 10) -> Value:
    every = read_layers(layers)
    third = len(every) // 3
    outputs = [conv_norm("stem.conv", x, channels, 3, activation=None)]
    for number, (kind, joins) in enumerate(every):
        stage = min(number // third, 2) + 1
        earlier = [value for value, joined in zip(outputs, joins, strict=False) if joined]
        label = f"stage{stage}.layer{number}"
        x = block(label, _macro_layer, outputs[-1], earlier, channels, KERNELS[kind])
        outputs.append(relu_conv_norm(f"{label}.skip", x, channels) if number else x)
        if number in (third - 1, 2 * third - 1):
            channels *= 2
            read = {place for _, later in every[number + 1 :] for place, joined in enumerate(later) if joined}
            pool = f"stage{stage + 1}.pool"
            for place in sorted({*read, len(outputs) - 1}):
                if place < len(outputs):
                    name = f"{pool}{place}"
                    outputs[place] = block(name, factorized_reduction, outputs[place], channels, activation=False)
    x = row("avgpool", outputs[-1], GlobalAvgPool())
    return row("fc", x, Flatten(), Dropout(0.5), Linear(classes, bias=False))


def read_layers(given: Any) -> list[tuple[int, list[int]]]:
    """The operation of each layer of the macro network, and for each output before it whether it is joined.

    Raises ArchcalcError for what is no such list.
    """
    try:
        every = [_numbers(each) for each in given]
    except TypeError:
        every = []
    if not 3 <= len(every) <= MOST_LAYERS:
        said = f"from 3 to {MOST_LAYERS} layers, such as '0', '3 0' and '0 1 0', not {cut(repr(given))}"
        raise ArchcalcError(f"enas: the macro network has {said}", about="hyperparameters.layers")
    for number, numbers in enumerate(every):
        if len(numbers) != number + 1 or not 0 <= numbers[0] < len(KERNELS) or {*numbers[1:]} - {0, 1}:
            said = (
                f"an operation from 0 to {len(KERNELS) - 1} and {number} times 0 or 1, not {cut(repr(given[number]))}"
            )
            raise ArchcalcError(f"enas: layer {number} of the macro network is {said}", about="hyperparameters.layers")
    return [(numbers[0], numbers[1:]) for numbers in every]


TITLE = "Efficient Neural Architecture Search via Parameter Sharing"
AUTHORS, SOURCE, CIFAR = "Pham, Guan, Zoph, Le & Dean", "arXiv:1802.03268", (3, 32, 32)
NUMBERS = "input and operation, twice, of each sum"
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
            "normal": Other(f"{NUMBERS} of the normal cells", literal=True),
            "reduction": Other(f"{NUMBERS} of the reduction cells", literal=True),
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
        hyperparameters={
            "channels": CHANNELS,
            "layers": Other(
                "operation of each layer, and 1 for each earlier output that it joins, else 0", literal=True
            ),
            "classes": CLASSES,
        },
        variants={"enas_macro": Variant("24 layers", CIFAR)},
        references={"enas_macro": Reference("account", "enas_macro", size=(3, 36, 44))},
    ),
)
