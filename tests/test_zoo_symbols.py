"""Whole networks on general sizes: what sympy symbols and numpy arrays give is what ints give, size by size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy

from archcalc import Analysis, analyze

h, w = sympy.symbols("h w", integer=True, positive=True)


def test_resnet50_has_a_closed_form_at_multiples_of_32() -> None:
    """On a 32h x 32w image ResNet-50 does 83,410,944 mult-adds for each 32x32 patch, and 2,048,000 in its classifier."""
    totals = analyze("resnet50", input=(3, 32 * h, 32 * w)).totals
    assert sympy.expand(totals.mult_adds) == 83_410_944 * h * w + 2_048_000
    assert totals.params == 25_557_032


SMALLEST = {
    "alexnet": 67,
    "alexnet_owt": 63,
    "zfnet_wide_cs231n": 39,
    "vgg16": 32,
    "vgg11_torchvision": 32,
    "nin_imagenet": 40,
    "nin_cifar": 8,
    "googlenet": 48,
    "googlenet_with_aux": 96,
    "googlenet_torchvision": 32,
    "resnet18": 1,
    "resnet50": 1,
    "resnet50_v1": 1,
    "resnet20_cifar": 1,
    "resnet164_cifar": 1,
    "plain34": 1,
    "mobilenet_v1_0.75_224": 1,
}
"""Networks that take any size, odd ones too, and a side that is large enough for each."""

SIZE_DECIDES_PARAMETERS = {"alexnet", "zfnet_wide_cs231n", "vgg16", "googlenet_with_aux"}
"""Networks whose first linear layer, or that of a head, reads the whole map."""


def sides(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Forty heights and widths: all residues of small strides, odd and even, tall and wide."""
    near = SMALLEST[name] + np.arange(32, dtype=np.int64)
    some = np.random.default_rng(0).integers(SMALLEST[name], 700, 8)
    heights = np.concatenate([near, some])
    return heights, np.concatenate([near[::-1] + 3, some[::-1]])


def facts(analysis: Analysis) -> list[Any]:
    """Totals, and of every row its output shape and counts."""
    rows = [[*layer.output_shape, layer.params, layer.mult_adds, layer.activations] for layer in analysis.layers]
    totals = analysis.totals
    memory = [totals.parameter_bytes, totals.peak_inference_bytes, totals.training_saved_bytes]
    return [totals.params, totals.buffers, totals.mult_adds, totals.activation_sum, *memory, *sum(rows, [])]


@pytest.mark.parametrize("name", SMALLEST)
def test_arrays_of_sizes_give_the_ints_of_every_size(name: str) -> None:
    """One analysis on int64 arrays of heights and widths is, element by element, the analyses of all these sizes."""
    heights, widths = sides(name)
    swept = np.array(np.broadcast_arrays(heights, *facts(analyze(name, input=(3, heights, widths))))[1:])
    assert swept.dtype == np.int64
    for position, (height, width) in enumerate(zip(heights.tolist(), widths.tolist(), strict=True)):
        assert swept[:, position].tolist() == facts(analyze(name, input=(3, height, width))), (height, width)


@pytest.mark.parametrize("name", SMALLEST)
def test_parameters_depend_on_the_size_where_a_linear_layer_reads_the_map(name: str) -> None:
    """fc6 of AlexNet, ZFNet and VGG, and of GoogLeNet's heads, grows with the image; nothing else in a network does."""
    heights, widths = sides(name)
    params = np.broadcast_to(analyze(name, input=(3, heights, widths)).totals.params, heights.shape)
    assert (len(np.unique(params)) > 1) == (name in SIZE_DECIDES_PARAMETERS)


def test_vgg16_grows_by_whole_fc6_columns() -> None:
    """On a 32h x 32w image pool5 leaves h x w positions of 512 channels, and fc6 has 4,096 weights for each."""
    params = sympy.expand(analyze("vgg16", input=(3, 32 * h, 32 * w)).totals.params)
    assert params == 4096 * 512 * h * w + 35_597_096
    assert params.subs({h: 7, w: 7}) == 138_357_544


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "vgg16", "mobilenet_v1_0.5_160"])
def test_symbols_give_the_ints_of_every_size(name: str) -> None:
    """A formula in height and width, with numbers put in afterwards, gives what the numbers give, odd sizes included."""
    found = analyze(name, input=(3, h, w)).totals
    for height, width in ((224, 224), (225, 301), (97, 130)):
        totals = analyze(name, input=(3, height, width)).totals
        values = {h: height, w: width}
        assert sympy.sympify(found.params).subs(values) == totals.params
        assert found.mult_adds.subs(values) == totals.mult_adds
        assert found.activation_sum.subs(values) == totals.activation_sum
