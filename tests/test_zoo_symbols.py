"""Whole networks on general sizes: what sympy symbols and numpy arrays give is what ints give, size by size."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pytest
import sympy

from archcalc import Analysis, analyze

h, w = sympy.symbols("h w", integer=True, positive=True)


def test_resnet50_has_a_closed_form_at_multiples_of_32() -> None:
    """On a 32h x 32w image ResNet-50 does 83,410,944 mult-adds for each 32x32 patch, and 2,048,000 to classify."""
    totals = analyze("resnet50", input=(3, 32 * h, 32 * w)).totals
    assert sympy.expand(totals.mult_adds) == 83_410_944 * h * w + 2_048_000
    assert totals.params == 25_557_032


def test_vgg16_grows_in_parameters_with_its_image() -> None:
    """On a 32h x 32w image pool5 leaves h x w positions of 512 maps, and fc6 has 4,096 weights for each value there."""
    params = sympy.expand(analyze("vgg16", input=(3, 32 * h, 32 * w)).totals.params)
    assert params == 4096 * 512 * h * w + 35_597_096
    assert params.subs({h: 7, w: 7}) == 138_357_544


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "alexnet", "mobilenet_v1_0.5_160", "resnet20_cifar"])
def test_symbols_give_the_ints_of_every_size(name: str) -> None:
    """A formula in height and width, with numbers put in afterwards, gives what the numbers give, odd ones included."""
    general = analyze(name, input=(3, h, w)).totals
    for height, width in ((224, 224), (225, 301), (97, 130)):
        totals = analyze(name, input=(3, height, width)).totals
        for fact in ("params", "mult_adds", "activation_sum"):
            assert sympy.sympify(getattr(general, fact)).subs({h: height, w: width}) == getattr(totals, fact), fact


@pytest.mark.parametrize("name", ["googlenet", "googlenet_with_aux", "googlenet_torchvision", "zfnet", "nin_imagenet"])
def test_symbols_give_the_ints_at_multiples_of_32_where_pools_round_up(name: str) -> None:
    """A formula for 32h x 32w, with numbers put in for h and w, gives what those sizes give."""
    general = analyze(name, input=(3, 32 * h, 32 * w)).totals
    for tall, wide in ((7, 7), (3, 10), (9, 4)):
        totals = analyze(name, input=(3, 32 * tall, 32 * wide)).totals
        for fact in ("params", "mult_adds", "activation_sum"):
            assert sympy.sympify(getattr(general, fact)).subs({h: tall, w: wide}) == getattr(totals, fact), fact


SMALLEST = {
    "alexnet": 67,
    "alexnet_owt": 63,
    "zfnet_wide_cs231n": 47,
    "vgg16": 32,
    "vgg11_torchvision": 32,
    "nin_imagenet": 39,
    "nin_cifar": 4,
    "googlenet": 31,
    "googlenet_with_aux": 47,
    "googlenet_torchvision": 15,
    "resnet18": 1,
    "resnet50": 1,
    "resnet50_v1": 1,
    "resnet20_cifar": 1,
    "resnet164_cifar": 1,
    "plain34": 1,
    "mobilenet_v1_0.75_224": 1,
}
"""Networks that take odd sizes too, and a side from which on every window of theirs fits."""


def sides(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Forty heights and widths, odd and even, tall and wide: 32 in a row and 8 anywhere below 700."""
    near = SMALLEST[name] + np.arange(32, dtype=np.int64)
    some = np.random.default_rng(0).integers(SMALLEST[name], 700, 8)
    return np.concatenate([near, some]), np.concatenate([near[::-1] + 3, some[::-1]])


def facts(analysis: Analysis) -> list[Any]:
    """All whole-number totals, and the output shape and the counts of every row."""
    rows = ((*x.output_shape, x.params, x.buffers, x.mult_adds, x.activations) for x in analysis.layers)
    whole = [total for key, total in analysis.totals.items() if key != "arithmetic_intensity"]  # which is a ratio
    return [*whole, *chain.from_iterable(rows)]


@pytest.mark.parametrize("name", SMALLEST)
def test_arrays_of_sizes_give_the_ints_of_every_size(name: str) -> None:
    """One analysis on int64 arrays of heights and widths is, element by element, the analyses of all these sizes."""
    heights, widths = sides(name)
    swept = np.array(np.broadcast_arrays(heights, *facts(analyze(name, input=(3, heights, widths))))[1:])
    assert swept.dtype == np.int64
    for position, (height, width) in enumerate(zip(heights.tolist(), widths.tolist(), strict=True)):
        assert swept[:, position].tolist() == facts(analyze(name, input=(3, height, width))), (height, width)


READS_THE_WHOLE_MAP = {"alexnet", "zfnet_wide_cs231n", "vgg16", "googlenet_with_aux"}
"""Networks whose first linear layer, or that of a head, is no window and no mean."""


@pytest.mark.parametrize("name", SMALLEST)
def test_parameters_depend_on_the_size_only_where_a_linear_layer_reads_the_map(name: str) -> None:
    """fc6 of AlexNet, ZFNet and VGG, and fc1 of GoogLeNet's heads, grow with the image; nothing else does."""
    heights, widths = sides(name)
    params = np.broadcast_to(analyze(name, input=(3, heights, widths)).totals.params, heights.shape)
    assert (len(np.unique(params)) > 1) == (name in READS_THE_WHOLE_MAP)
