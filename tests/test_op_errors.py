"""A broken rule is told in one line: the op, its fields, the shapes it got, where in which network, and the rule."""

from __future__ import annotations

import re

import pytest
import torch
from op_examples import EXAMPLES, Example, example_id

from archcalc.base.errors import ArchcalcError, RuleError
from archcalc.graph import Graph, Op, Value, block, row, show_shape
from archcalc.ops.attention import PatchMerging, WindowAttention
from archcalc.ops.combine import Add, Concat, Multiply
from archcalc.ops.conv import Conv, ConvTranspose, TableConv
from archcalc.ops.layout import ChannelShuffle, Crop, Slice, Subsample, ZeroPad
from archcalc.ops.linear import Linear, RadialBasis
from archcalc.ops.norm import BatchNorm, LocalResponseNorm
from archcalc.ops.pool import AdaptiveAvgPool, AvgPool, GlobalAvgPool, MaxPool, Subsampling
from archcalc.ops.sampling import AffineGrid, BilinearSample

MAP = (64, 56, 56)

BROKEN: list[tuple[Op, tuple[int, ...], str]] = [
    (
        Conv(64, 3, groups=3),
        MAP,
        "Conv(out=64, kernel=3, groups=3) on (64, 56, 56) in resnext50 / conv3_x: "
        "64 input channels do not split into 3 groups",
    ),
    (
        Conv(30, 1, groups=4),
        MAP,
        "Conv(out=30, kernel=1, groups=4) on (64, 56, 56) in resnext50 / conv3_x: "
        "30 output channels do not split into 4 groups",
    ),
    (
        Conv(0, 1),
        MAP,
        "Conv(out=0, kernel=1) on (64, 56, 56) in resnext50 / conv3_x: it needs at least one output channel",
    ),
    (
        Conv(8, (3, 9), padding=1),
        (64, 4, 4),
        "Conv(out=8, kernel=(3, 9), padding=1) on (64, 4, 4) in resnext50 / conv3_x: "
        "a window of 9 does not fit into an input of 6 (padding included)",
    ),
    (
        Conv(8, 3, stride=0),
        MAP,
        "Conv(out=8, kernel=3, stride=0) on (64, 56, 56) in resnext50 / conv3_x: "
        "stride is a whole number of at least 1, or two, not 0",
    ),
    (
        Conv(8, 3, padding="valid"),  # type: ignore[arg-type]
        MAP,
        "Conv(out=8, kernel=3, padding='valid') on (64, 56, 56) in resnext50 / conv3_x: "
        "padding is a number, two, two pairs or \"same\", not 'valid'",
    ),
    (
        Conv(8, 3),
        (512,),
        "Conv(out=8, kernel=3) on (512) in resnext50 / conv3_x: "
        "it needs (channels, length), (channels, height, width) or (channels, depth, height, width)",
    ),
    (
        Conv(8, (3, 3, 3)),
        MAP,
        "Conv(out=8, kernel=(3, 3, 3)) on (64, 56, 56) in resnext50 / conv3_x: "
        "kernel is a whole number of at least 1, or two, not (3, 3, 3): the input has two axes beside its channels",
    ),
    (
        Conv(8, 3, padding=(1, 1)),
        (64, 100),
        "Conv(out=8, kernel=3, padding=(1, 1)) on (64, 100) in resnext50 / conv3_x: "
        'padding is a number, one for each axis, a pair for each axis or "same", not (1, 1): '
        "the input has one axis beside its channels",
    ),
    (
        MaxPool((2, 2), 2),
        (64, 8, 56, 56),
        "MaxPool(kernel=(2, 2), stride=2) on (64, 8, 56, 56) in resnext50 / conv3_x: "
        "kernel is a whole number of at least 1, or three, not (2, 2): the input has three axes beside its channels",
    ),
    (
        Crop(top=1),
        (64, 100),
        "Crop(top=1) on (64, 100) in resnext50 / conv3_x: (channels, length) has no sides but left and right",
    ),
    (
        ZeroPad(front=1),
        MAP,
        "ZeroPad(front=1) on (64, 56, 56) in resnext50 / conv3_x: (channels, height, width) has no front and back",
    ),
    (
        ConvTranspose(8, 2, stride=2, output_padding=2),
        MAP,
        "ConvTranspose(out=8, kernel=2, stride=2, output_padding=2) on (64, 56, 56) in resnext50 / conv3_x: "
        "output padding 2 is not below the stride or the dilation",
    ),
    (
        MaxPool(3, 2, padding=2),
        MAP,
        "MaxPool(kernel=3, stride=2, padding=2) on (64, 56, 56) in resnext50 / conv3_x: "
        "padding 2 is more than half of the window 3",
    ),
    (
        AvgPool(7, 1),
        (64, 6, 6),
        "AvgPool(kernel=7, stride=1) on (64, 6, 6) in resnext50 / conv3_x: "
        "a window of 7 does not fit into an input of 6 (padding included)",
    ),
    (
        Slice(32, 65),
        MAP,
        "Slice(start=32, stop=65) on (64, 56, 56) in resnext50 / conv3_x: "
        "channels 32 to 65 are not among the 64 of the input",
    ),
    (
        Linear(0),
        (512,),
        "Linear(out=0) on (512) in resnext50 / conv3_x: it needs at least one output",
    ),
]


@pytest.mark.parametrize(("op", "shape", "message"), BROKEN, ids=[f"{op!r} on {shape}" for op, shape, _ in BROKEN])
def test_the_error_names_op_shape_place_and_rule(op: Op, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ArchcalcError) as error:
        row("conv3_x", Graph("resnext50", shape).input, op)
    assert str(error.value) == message


REFUSED: list[tuple[Op, tuple[tuple[int, ...], ...]]] = [
    (Conv(8, 3, dilation=-1), (MAP,)),
    (Conv(8, 3.0), (MAP,)),  # type: ignore[arg-type]
    (Conv(8, (3, 3, 3)), (MAP,)),  # type: ignore[arg-type]
    (Conv(8, 3, padding=-1), (MAP,)),
    (Conv(8, 3), (MAP[:1],)),
    (Conv(8, 3), ((64, 2, 3, 4, 5),)),
    (Conv(8, 3, padding=((1, 1, 1), (1, 1, 1))), (MAP,)),  # type: ignore[arg-type]
    (Conv(-8, 1), (MAP,)),
    (Conv(8, 1, groups=0), (MAP,)),
    (ConvTranspose(8, 1, padding=1), ((64, 2, 2),)),
    (ConvTranspose(9, 2, groups=2), (MAP,)),
    (TableConv(((0, 64),), 3), (MAP,)),
    (MaxPool(2, 2), ((64,),)),
    (MaxPool(2, 2, padding=((0, 1), (0, 1)), ceil=True), (MAP,)),
    (MaxPool(5, 2, ceil=True), ((64, 1, 1),)),
    (AdaptiveAvgPool(0), (MAP,)),
    (GlobalAvgPool(), ((64,),)),
    (BatchNorm(), ((64, 2, 3, 4, 5),)),
    (TableConv(((0,),), 3), ((1, 9),)),
    (Subsampling(2), ((6, 4, 4, 4),)),
    (LocalResponseNorm(0), (MAP,)),
    (Crop(top=56), (MAP,)),
    (Crop(left=-1), (MAP,)),
    (ZeroPad(bottom=-1), (MAP,)),
    (Subsample(0), (MAP,)),
    (Slice(3, 3), (MAP,)),
    (Slice(-1, 3), (MAP,)),
    (ChannelShuffle(3), (MAP,)),
    (RadialBasis(10), (MAP,)),
    (RadialBasis(0), ((84,),)),
    (Add(), (MAP, (64, 28, 28))),
    (Add(), (MAP, (64,))),
    (Add(), (MAP, MAP, (32, 56, 56))),
    (Concat(), (MAP, (64, 56, 57))),
    (Multiply(), (MAP, (32, 1, 1))),
    (Multiply(), (MAP, (64, 1, 56))),
]


@pytest.mark.parametrize(("op", "shapes"), REFUSED, ids=[f"{op!r} on {shapes}" for op, shapes in REFUSED])
def test_what_makes_no_layer_is_refused(op: Op, shapes: tuple[tuple[int, ...], ...]) -> None:
    """With a message of one line that says something."""
    with pytest.raises(RuleError) as error:
        op.shape(*shapes)
    assert len(str(error.value).splitlines()) == 1


SHAPES = [
    *[(6,), (8,), (96,), (6, 9), (8, 8), (3, 1), (6, 8, 8), (8, 6, 7), (7, 7, 96), (1, 1, 1)],
    *[(6, 4, 6, 8), (8, 8, 8, 8), (6, 2, 2, 2, 2), (1, 2, 1, 1, 1)],
]
"""Shapes of one to five axes, most of them not what an op is made for."""


@pytest.mark.parametrize("example", EXAMPLES, ids=example_id)
def test_on_a_shape_of_any_number_of_axes_an_op_is_a_layer_or_is_refused_with_its_name_the_shape_and_the_rule(
    example: Example,
) -> None:
    """Where it is a layer, it states all its facts."""
    for shape in SHAPES:
        several = {(shape,) * len(example.shapes), (shape, *example.shapes[1:]), (*example.shapes[:-1], shape)}
        for shapes in several if example.shapes else ():
            graph = Graph("net", *shapes)
            try:
                value = row("here", graph.inputs, example.op)
            except ArchcalcError as error:
                place = f"{example.op!r} on {', '.join(map(show_shape, shapes))} in net / here: "
                assert str(error).startswith(place)  # noqa: PT017
                assert len(str(error).splitlines()) == 1  # noqa: PT017
                continue
            for fact in ("params", "work", "window", "memory", "letters"):
                getattr(example.op, fact)(*shapes)
            assert all(side >= 1 for side in value.shape)


IMAGES, LAST, PAIR = "it needs (channels, height, width)", "it needs (height, width, channels)", (2, 5, 7)
ON_IMAGES: list[tuple[Op, tuple[tuple[int, ...], ...], str]] = [
    (TableConv(((0, 1),), 3), (), IMAGES),
    (Subsampling(2), (), IMAGES),
    (BilinearSample(), (PAIR,), IMAGES),
    (WindowAttention(2, 2), (), LAST),
    (PatchMerging(), (), LAST),
    (AffineGrid(5, 7), (), "an affine map has 6 numbers"),
]


@pytest.mark.parametrize("shape", [(6, 8), (6, 4, 6, 8)], ids=["sequence", "volume"])
@pytest.mark.parametrize(("op", "others", "rule"), ON_IMAGES, ids=lambda given: getattr(given, "kind", ""))
def test_an_op_on_images_refuses_a_sequence_and_a_volume(
    op: Op, others: tuple[tuple[int, ...], ...], rule: str, shape: tuple[int, ...]
) -> None:
    graph = Graph("net", shape, *others)
    shapes = ", ".join(map(show_shape, (shape, *others)))
    with pytest.raises(ArchcalcError, match=f"^{re.escape(f'{op!r} on {shapes} in net / here: {rule}')}$"):
        row("here", graph.inputs, op)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 4), (3, -1)])
def test_an_input_without_axes_or_of_no_size_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ArchcalcError, match="net: an input is a shape of sizes from 1 on, such as"):
        Graph("net", (3, 8, 8), shape)


def test_a_merge_names_the_shapes_of_all_its_inputs() -> None:
    x = Graph("resnet18", MAP).input
    with pytest.raises(ArchcalcError) as error:
        row("add", [x, Conv(128, 1, stride=2)(x)], Add())
    assert str(error.value) == (
        "Add() on (64, 56, 56), (128, 28, 28) in resnet18 / add: shapes (64, 56, 56) and (128, 28, 28) do not match"
    )


def test_inside_blocks_the_place_is_the_whole_path() -> None:
    def unit(x: Value) -> Value:
        return row("conv2", x, Conv(64, 3, groups=3))

    with pytest.raises(ArchcalcError, match=r"in resnext50 / stage2\.unit1\.conv2: 64 input channels"):
        block("stage2", lambda x: block("unit1", unit, x), Graph("resnext50", MAP).input)


def test_outside_of_rows_the_place_is_the_network() -> None:
    with pytest.raises(ArchcalcError, match=r"^Linear\(out=0\) on \(512\) in mlp: it needs at least one output$"):
        Linear(0)(Graph("mlp", (512,)).input)


def test_an_op_that_failed_is_not_recorded_and_its_row_is_closed() -> None:
    graph = Graph("net", MAP)
    with pytest.raises(ArchcalcError):
        row("conv1", graph.input, Conv(64, 3, groups=3))
    assert (len(graph.nodes), graph.row) == (1, "")


def test_torch_has_no_mean_that_leaves_out_uneven_padding() -> None:
    """The shape of such a pool is known, but it stands for no PyTorch module: lowering it is an error."""
    pool = AvgPool(3, 2, padding=((0, 1), (0, 1)), count_include_pad=False)
    assert pool.shape(MAP) == (64, 28, 28)
    with pytest.raises(RuleError, match="cannot leave out padding"):
        pool.lower(torch, MAP)
