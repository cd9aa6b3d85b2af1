"""SqueezeNet, All-CNN, U-Net, highway networks, the spatial transformer and two small units, against what others built
or, where nobody did, against the papers by hand."""

from __future__ import annotations

from collections import Counter
from math import floor
from typing import Any

import numpy as np
import pytest
import sympy
import torch
from gradients import check_every_unit
from reference import archcalc_layers, counts

from archcalc import analyze, zoo
from archcalc.analysis.cost import costs
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Value
from archcalc.ops.sampling import AffineGrid, BilinearSample
from archcalc.validation import models
from archcalc.zoo.unet import unet

FILES = (
    "squeezenet",
    "all_cnn",
    "unet",
    "highway",
    "fitnet_highway",
    "spatial_transformer",
    "squeeze_excite_example",
    "depthwise_separable_example",
)
HERE = {each.name: each for each in zoo.networks() if each.file in FILES}

COMPARED = [
    pytest.param(name, given, size, id=f"{name}-{'x'.join(map(str, size))}")
    for name, each in HERE.items()
    if (given := each.family.references.get(name)) is not None and given.library != "account"
    for size in (each.input, given.size or (each.input[0], 225, 301))
]


@pytest.mark.parametrize(("name", "given", "size"), COMPARED)
def test_a_network_is_the_one_that_others_built(name: str, given: zoo.Reference, size: tuple[int, int, int]) -> None:
    """Parameters, running statistics, mult-adds and every convolution and linear layer equal the reference's."""
    module = models.load(given)
    theirs = counts(module, size)
    ours = analyze(name, input=size, **given.settings)
    assert archcalc_layers(ours) == theirs.layers
    assert ours.totals.params == theirs.params
    assert ours.totals.mult_adds == theirs.mult_adds
    assert ours.totals.buffers == sum(b.numel() for key, b in module.named_buffers() if "running" in key)


def test_squeezenet_has_the_outputs_and_operations_that_papers_print() -> None:
    """Table 1's 111, 55, 27 and 13 positions a side, and 1,700 million operations at two for each mult-add, at 227."""
    analysis = analyze("squeezenet1_0", input=(3, 227, 227))
    sides = {layer.row: layer.output_shape[-1] for layer in analysis.layers}
    assert [sides[row] for row in ("conv1", "pool1", "pool4", "pool8", "conv10")] == [111, 55, 27, 13, 13]
    assert round(2 * totals_of("squeezenet1_0", input=(3, 227, 227)).mult_adds, -8) == 1_700_000_000


def totals_of(name: str, **given: Any) -> Any:
    return analyze(name, **given).totals


def rows(name: str) -> dict[str, tuple[Any, Any]]:
    """Parameters and mult-adds of every row that has parameters."""
    layers = analyze(name).layers
    return {layer.row: (layer.params, layer.mult_adds) for layer in layers if layer.params}


def convolutions(channels: int, text: str) -> dict[str, tuple[int, int]]:
    """Rows conv1, conv2 ... of convolutions with biases, each written kernel:channels@side of its output."""
    table: dict[str, tuple[int, int]] = {}
    for number, layer in enumerate(text.split(), 1):
        kernel, out, side = (int(part) for part in layer.replace("@", ":").split(":"))
        weights = kernel * kernel * channels * out
        table[f"conv{number}"] = (weights + out, weights * side * side)
        channels = out
    return table


# Springenberg et al. 2014, Table 1, what section 3 makes of it (Table 2 prints it for C), and the sums of parameters
ALL_CNN = {
    "all_cnn_a_base": ("5:96@32 5:192@16 3:192@6 1:192@6 1:10@6", 839_242),
    "all_cnn_a_strided": ("5:96@16 5:192@8 3:192@6 1:192@6 1:10@6", 839_242),
    "all_cnn_a_convpool": ("5:96@32 3:96@32 5:192@16 3:192@16 3:192@6 1:192@6 1:10@6", 1_254_250),
    "all_cnn_a": ("5:96@32 3:96@16 5:192@16 3:192@8 3:192@6 1:192@6 1:10@6", 1_254_250),
    "all_cnn_b_base": ("5:96@32 1:96@32 5:192@16 1:192@16 3:192@6 1:192@6 1:10@6", 885_610),
    "all_cnn_b_strided": ("5:96@32 1:96@16 5:192@16 1:192@8 3:192@6 1:192@6 1:10@6", 885_610),
    "all_cnn_b_convpool": (
        "5:96@32 1:96@32 3:96@32 5:192@16 1:192@16 3:192@16 3:192@6 1:192@6 1:10@6",
        1_300_618,
    ),
    "all_cnn_b": ("5:96@32 1:96@32 3:96@16 5:192@16 1:192@16 3:192@8 3:192@6 1:192@6 1:10@6", 1_300_618),
    "all_cnn_c_base": ("3:96@32 3:96@32 3:192@16 3:192@16 3:192@6 1:192@6 1:10@6", 954_730),
    "all_cnn_c_strided": ("3:96@32 3:96@16 3:192@16 3:192@8 3:192@6 1:192@6 1:10@6", 954_730),
    "all_cnn_c_convpool": (
        "3:96@32 3:96@32 3:96@32 3:192@16 3:192@16 3:192@16 3:192@6 1:192@6 1:10@6",
        1_369_738,
    ),
    "all_cnn_c": ("3:96@32 3:96@32 3:96@16 3:192@16 3:192@16 3:192@8 3:192@6 1:192@6 1:10@6", 1_369_738),
}


@pytest.mark.parametrize("name", ALL_CNN)
def test_all_cnn_is_what_its_tables_add_up_to_by_hand(name: str) -> None:
    """Every convolution has the weights, biases and mult-adds of its table's column."""
    text, params = ALL_CNN[name]
    assert rows(name) == convolutions(3, text)
    assert analyze(name).totals.params == params


def test_all_cnn_c_has_the_parameters_that_its_paper_prints() -> None:
    """Table 3: about 1.4M for All-CNN-C and ConvPool-CNN-C, the two that add up."""
    assert {round(totals_of(name).params, -5) for name in ("all_cnn_c", "all_cnn_c_convpool")} == {1_400_000}


# Ronneberger et al. 2015, Figure 1: channels in and out, kernel, and side of the output
UNET = {
    "down1.conv1": (1, 64, 3, 570),
    "down1.conv2": (64, 64, 3, 568),
    "down2.conv1": (64, 128, 3, 282),
    "down2.conv2": (128, 128, 3, 280),
    "down3.conv1": (128, 256, 3, 138),
    "down3.conv2": (256, 256, 3, 136),
    "down4.conv1": (256, 512, 3, 66),
    "down4.conv2": (512, 512, 3, 64),
    "bottom.conv1": (512, 1024, 3, 30),
    "bottom.conv2": (1024, 1024, 3, 28),
    "up4.upconv": (1024, 512, 2, 56),
    "up4.conv1": (1024, 512, 3, 54),
    "up4.conv2": (512, 512, 3, 52),
    "up3.upconv": (512, 256, 2, 104),
    "up3.conv1": (512, 256, 3, 102),
    "up3.conv2": (256, 256, 3, 100),
    "up2.upconv": (256, 128, 2, 200),
    "up2.conv1": (256, 128, 3, 198),
    "up2.conv2": (128, 128, 3, 196),
    "up1.upconv": (128, 64, 2, 392),
    "up1.conv1": (128, 64, 3, 390),
    "up1.conv2": (64, 64, 3, 388),
    "score": (64, 2, 1, 388),
}


def test_unet_is_its_figure_by_hand() -> None:
    """Every layer of Figure 1, 31,030,658 parameters; an up-convolution uses its weights once for an input position."""
    expected: dict[str, tuple[int, int, int]] = {}
    for label, (inputs, outputs, kernel, side) in UNET.items():
        weights, uses = kernel**2 * inputs * outputs, (side // 2 if kernel == 2 else side) ** 2
        expected[label] = (weights + outputs, weights * uses, side)
    analysis = analyze("unet")
    assert {x.row: (x.params, x.mult_adds, x.output_shape[1]) for x in analysis.layers if x.params} == expected
    assert analysis.totals.params == 31_030_658
    shapes = {layer.row: layer.output_shape for layer in analysis.layers}
    assert shapes["pool4"] == (512, 32, 32)
    assert shapes["up1.concat"] == (128, 392, 392)
    assert shapes["score"] == (2, 388, 388)


def test_unet_same_keeps_the_size_and_the_parameters() -> None:
    """Padding costs no parameters; the output is as large as the input, at every level."""
    analysis = analyze("unet_same", input=(1, 64, 48))
    assert analysis.layers[-1].output_shape == (2, 64, 48)
    assert analysis.totals.params == 31_030_658
    # 3x3 of Figure 1's widths, at 64x48 positions divided by 4, 16 ...; transposed 2x2 and the last 1x1
    down = 9 * (64 + 64 * 64) + 9 * (64 * 128 + 128**2) / 4 + 9 * (128 * 256 + 256**2) / 16
    low = 9 * (256 * 512 + 512**2) / 64 + 9 * (512 * 1024 + 1024**2) / 256
    spread = 4 * (1024 * 512 / 256 + 512 * 256 / 64 + 256 * 128 / 16 + 128 * 64 / 4)
    up = 9 * (1024 * 512 + 512**2) / 64 + 9 * (512 * 256 + 256**2) / 16 + 9 * (256 * 128 + 128**2) / 4
    last = 9 * (128 * 64 + 64**2) + 64 * 2
    assert analysis.totals.mult_adds == 64 * 48 * (down + low + spread + up + last)


@pytest.mark.parametrize("size", [(520, 512), (512, 511)])
def test_unet_same_names_the_sizes_that_it_takes(size: tuple[int, int]) -> None:
    with pytest.raises(ArchcalcError, match="unet_same: height and width must be multiples of 16, not 5"):
        analyze("unet_same", input=(1, *size))


@pytest.mark.parametrize(("padded", "shape"), [(False, (1, 44, 48)), (True, (1, 24, 28))])
def test_what_a_small_unet_sees_is_what_gradients_show(padded: bool, shape: tuple[int, int, int]) -> None:
    """Every output unit's field, after two levels of upsampling and merging with cropped features."""

    def build(x: Value) -> Value:
        return unet(x, width=1, levels=2, padded=padded, classes=1)

    check_every_unit(build, shape)


def test_unet_at_16n_and_12_is_a_formula() -> None:
    """Sizes and mult-adds of a 16h+12 x 16w+12 image are polynomials, true at every h and w."""
    h, w = sympy.symbols("h w", integer=True, positive=True)
    graph = HERE["unet"].graph((1, 16 * h + 12, 16 * w + 12), {})
    general = sympy.expand(sum(cost.work.multiply_accumulate for cost in costs(graph)))
    assert graph.nodes[-1].shape == (2, 16 * h - 172, 16 * w - 172)
    for tall, wide in ((35, 35), (20, 13)):
        concrete = analyze("unet", input=(1, 16 * tall + 12, 16 * wide + 12))
        assert general.subs({h: tall, w: wide}) == concrete.totals.mult_adds
        assert concrete.layers[-1].output_shape == (2, 16 * tall - 172, 16 * wide - 172)


def with_gates(plain: dict[str, tuple[int, int]], gated: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """The same rows with a second convolution of the same size, the transform gate, in those that have one."""
    split = {label: (f"{label}.state", f"{label}.transform_gate") if label in gated else (label,) for label in plain}
    return {row: plain[label] for label, parts in split.items() for row in parts}


def named(*numbers: int) -> tuple[str, ...]:
    return tuple(f"conv{number}" for number in numbers)


def test_highway_19_is_the_network_of_its_authors_by_hand() -> None:
    """examples/highways/cifar10-19layers of the authors' Caffe, layer by layer, and the paper's 19 layers and 2.3M."""
    plain = convolutions(3, " ".join(["3:32@32"] * 5 + ["3:80@16"] * 6 + ["3:128@8"] * 6 + ["1:100@8"]))
    expected = with_gates(plain, named(*range(2, 6), *range(7, 12), *range(13, 18)))
    assert rows("highway_19_cifar") == expected | {"fc": (100 * 10 + 10, 100 * 10)}
    totals = totals_of("highway_19_cifar")
    assert totals.params == 2_256_838
    assert totals.weight_layers == 19
    assert round(totals.params, -5) == 2_300_000


def test_highway_for_mnist_is_the_network_of_its_authors_by_hand() -> None:
    """examples/highways/mnist-10layers of the authors' Caffe; 151K and 39K parameters printed, the first cut short."""
    text = " ".join(["5:32@24"] + ["3:32@24"] * 2 + ["3:32@12"] * 3 + ["3:32@6"] * 3)
    expected = with_gates(convolutions(1, text), named(*range(2, 10)))
    fc = 32 * 3 * 3 * 10
    assert rows("highway_mnist") == expected | {"fc": (fc + 10, fc)}
    assert totals_of("highway_mnist").weight_layers == 10
    assert floor(totals_of("highway_mnist").params / 1000) == 151
    assert round(totals_of("highway_mnist_16").params / 1000) == 39


def test_fitnet_highway_has_the_layers_and_parameters_that_its_paper_prints() -> None:
    """Table 2: 11 layers and about 236K; about FitNet 1's 30M products (Romero et al., Table 5)."""
    plain = convolutions(3, " ".join(["3:16@32"] * 3 + ["3:32@16"] * 3 + ["3:64@8"] * 3))
    expected = with_gates(plain, named(2, 3, 5, 6, 8, 9))
    linear = {"fc1": (64 * 250 + 250, 64 * 250), "fc2": (250 * 10 + 10, 250 * 10)}
    assert rows("fitnet_highway_cifar") == expected | linear
    totals = totals_of("fitnet_highway_cifar")
    assert totals.weight_layers == 11
    assert round(totals.params, -3) == 236_000
    assert round(totals.mult_adds, -7) == 30_000_000


def test_a_highway_layer_gates_and_carries_every_value() -> None:
    """T and 1 - T are one value for each value of the map: two products and two additions, besides the convolutions."""
    graph = HERE["highway_19_cifar"].graph(None, {})
    layer = Counter(node.op.kind for node in graph.nodes if node.row.startswith("conv2."))
    assert layer == {"conv": 2, "relu": 1, "sigmoid": 1, "complement": 1, "multiply": 2, "add": 1}
    for node in graph.nodes:
        if node.op.kind == "multiply" and node.row.startswith("conv2."):
            assert [graph.nodes[index].shape for index in node.inputs] == [(32, 32, 32)] * 2


def test_the_spatial_transformer_by_hand() -> None:
    """A 28x28 image: 24, 12 and 8 positions a side in the convolutional localisation network; six outputs of either."""
    assert rows("spatial_transformer") == {
        "localisation.conv1": (20 * 25 + 20, 20 * 25 * 24 * 24),
        "localisation.conv2": (20 * 20 * 25 + 20, 20 * 20 * 25 * 8 * 8),
        "localisation.theta": (20 * 8 * 8 * 6 + 6, 20 * 8 * 8 * 6),
    }
    assert rows("spatial_transformer_fc") == {
        "localisation.fc1": (784 * 32 + 32, 784 * 32),
        "localisation.fc2": (32 * 32 + 32, 32 * 32),
        "localisation.theta": (32 * 6 + 6, 32 * 6),
    }


def test_the_spatial_transformer_keeps_grid_and_sampling_out_of_mult_adds() -> None:
    """784 points: 4 products for a point of the grid; 4 for an output value, and 6 for the place and weights of it."""
    graph = HERE["spatial_transformer"].graph(None, {})
    work = {node.op.kind: cost.work for node, cost in zip(graph.nodes, costs(graph), strict=True)}
    assert work["affine_grid"] == (0, 4 * 784, 4 * 784, 0, 0, 0, 0)
    assert work["bilinear_sample"] == (0, 4 * 784 + 6 * 784, 4 * 784 + 6 * 784, 0, 0, 0, 0)


done: Counter[str] = Counter()


class Counted(float):
    """A number that counts what is done to it."""

    def __mul__(self, other: float) -> Counted:
        done["multiply"] += 1
        return Counted(float(self) * other)

    def __add__(self, other: float) -> Counted:
        done["add"] += 1
        return Counted(float(self) + other)

    def __rsub__(self, other: float) -> Counted:
        done["add"] += 1
        return Counted(other - float(self))


def sampled(maps: list[list[list[float]]], theta: list[float], height: int, width: int) -> list[float]:
    """The spatial transformer's equations 1 and 5 for maps of one size, point by point, in counted numbers."""
    tall, wide = len(maps[0]), len(maps[0][0])
    a, b, c, d, e, f = (Counted(number) for number in theta)
    points: list[list[Counted]] = []
    for j in range(height):
        for i in range(width):
            s, t = (2 * i + 1) / width - 1, (2 * j + 1) / height - 1
            px = (a * s + b * t + c) * (wide / 2) + (wide - 1) / 2
            py = (d * s + e * t + f) * (tall / 2) + (tall - 1) / 2
            left, top = floor(px), floor(py)
            dx, dy = px + -left, py + -top
            ex, ey = 1 - dx, 1 - dy
            taps = (
                (top, left, ey * ex),
                (top, left + 1, ey * dx),
                (top + 1, left, dy * ex),
                (top + 1, left + 1, dy * dx),
            )
            sums = [Counted(0)] * len(maps)
            for row, column, weight in taps:
                inside = 0 <= row < tall and 0 <= column < wide
                sums = [total + weight * (m[row][column] if inside else 0) for total, m in zip(sums, maps, strict=True)]
            points.append(sums)
    return [float(sums[channel]) for channel in range(len(maps)) for sums in points]


def test_grid_and_sampler_do_the_work_that_they_state() -> None:
    """Equations 1 and 5 written out give PyTorch's values, in as many products and sums as the two ops state."""
    done.clear()
    x, theta = torch.rand(3, 6, 8, generator=torch.Generator().manual_seed(0)), [0.9, -0.3, 0.1, 0.4, 1.1, -0.2]
    maps: Any = x.tolist()
    by_hand = sampled(maps, theta, 5, 7)
    grid, sample = AffineGrid(5, 7), BilinearSample()
    points = grid.lower(torch, (6,))(torch.tensor([theta]))
    torch.testing.assert_close(
        sample.lower(torch, (3, 6, 8), (2, 5, 7))(x[None], points).flatten(), torch.tensor(by_hand)
    )
    work = [grid.work((6,)), sample.work((3, 6, 8), (2, 5, 7))]
    assert done == {"multiply": sum(each.multiply for each in work), "add": sum(each.add for each in work)}


def test_a_depthwise_separable_unit_is_what_the_documents_formulas_give() -> None:
    """K = 3, D = 56, M = N = 128: weights K*K*M + M*N against K*K*M*N, each used D*D times; batch norm apart."""
    assert rows("depthwise_separable_example") == {
        "depthwise": (9 * 128 + 2 * 128, 9 * 128 * 56 * 56),
        "pointwise": (128 * 128 + 2 * 128, 128 * 128 * 56 * 56),
    }
    assert rows("depthwise_separable_example_standard") == {"conv": (9 * 128 * 128 + 2 * 128, 9 * 128 * 128 * 56 * 56)}


def test_a_squeeze_ratio_that_does_not_divide_is_told() -> None:
    with pytest.raises(ArchcalcError, match="reduction must divide the 256 channels, not 3"):
        analyze("squeeze_excite_example", reduction=3)


SIDES = {"unet": 189, "unet_same": 48, "unet_same_bn": 48}
"""Smallest sides that these networks take; 33 for the others."""


@pytest.mark.parametrize("name", HERE)
def test_arrays_of_sizes_give_the_ints_of_every_size(name: str) -> None:
    """One analysis on arrays of sizes, odd and even, tall and wide, is the analyses of these sizes one by one."""
    channels, *_ = HERE[name].input
    least, step = SIDES.get(name, 33), 16 if name.startswith("unet_same") else 1
    heights = least + step * np.arange(5, dtype=np.int64)
    widths = heights[::-1] + 2 * step
    general = totals_of(name, input=(channels, heights, widths))
    for position, (height, width) in enumerate(zip(heights.tolist(), widths.tolist(), strict=True)):
        totals = totals_of(name, input=(channels, height, width))
        assert [np.broadcast_to(fact, 5)[position] for fact in general] == list(totals)


WHOLE = {"squeeze_excite_example", "spatial_transformer", "spatial_transformer_fc"}
"""Units whose output depends on all of the input; the others here do so only after a global pool or a linear layer."""


@pytest.mark.parametrize("name", HERE)
def test_what_units_see_is_stated_for_every_row(name: str) -> None:
    """Convolutions have a field with a size, unless they follow a gate that saw everything."""
    layers = [layer for layer in analyze(name).layers if layer.op == "conv" and layer.output_shape[1:] != (1, 1)]
    assert all(layer.receptive_field.size is not None for layer in layers)
    last = analyze(name).layers[-1].receptive_field
    assert last.whole_input == (len(analyze(name).layers[-1].output_shape) == 1 or name in WHOLE)
