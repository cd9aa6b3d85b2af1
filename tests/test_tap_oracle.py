"""Convolutions and pools are what one counts on the fingers: every position, tap and pair of channels, one by one.

Torch is asked too, for sizes and for what it refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from torch.nn import functional

from archcalc.base.errors import RuleError
from archcalc.ops.conv import Conv, ConvTranspose, TableConv
from archcalc.ops.pool import AvgPool, MaxPool
from archcalc.ops.sliding import sides

torch.set_num_threads(1)

Two = tuple[int, int]


def two(least: int, most: int) -> st.SearchStrategy[Two]:
    return st.tuples(st.integers(least, most), st.integers(least, most))


SIZES = two(1, 9)
PADDINGS = st.tuples(two(0, 2), two(0, 2))
CHANNELS = st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 2))
"""Groups, input channels of a group, output channels of a group."""


def window_starts(size: int, before: int, after: int, extent: int, stride: int) -> list[int]:
    """Where a window may begin, one every `stride` positions, so that all of it lies on the padded input."""
    return [start for start in range(-before, size + after, stride) if start + extent <= size + after]


def connected(groups: int, inputs: int, outputs: int) -> list[Two]:
    """Every pair of an output and an input channel that lie in one group."""
    channels = product(range(groups * outputs), range(groups * inputs))
    return [(o, i) for o, i in channels if o // outputs == i // inputs]


def count(*lists: Any) -> int:
    """How many combinations there are, counted one by one."""
    return sum(1 for _ in product(*lists))


def or_refused(call: Callable[[], Any], *errors: type[Exception]) -> tuple[int, ...] | None:
    """The shape that a call returns, None where it refuses."""
    try:
        result = call()
    except errors:
        event("refused")
        return None
    return tuple(result.shape[1:]) if isinstance(result, torch.Tensor) else result


@given(SIZES, two(1, 3), two(1, 3), PADDINGS, two(1, 2), CHANNELS)
@settings(deadline=None)
def test_a_convolution_multiplies_once_for_each_position_tap_and_connected_pair_of_channels(
    size: Two, kernel: Two, stride: Two, padding: tuple[Two, Two], dilation: Two, channels: tuple[int, int, int]
) -> None:
    """And has one output position for each window on the padded input; where there is none it refuses."""
    taps = [range(0, (k - 1) * d + 1, d) for k, d in zip(kernel, dilation, strict=True)]
    rows, columns = (window_starts(size[axis], *padding[axis], taps[axis][-1] + 1, stride[axis]) for axis in (0, 1))
    groups, inputs, outputs = channels
    conv = Conv(groups * outputs, kernel, stride, padding, dilation, groups)
    x = (groups * inputs, *size)
    if not rows or not columns:
        assert or_refused(lambda: conv.shape(x), RuleError) is None
        return
    assert conv.shape(x) == (groups * outputs, len(rows), len(columns))
    assert conv.work(x).multiply_accumulate == count(rows, columns, *taps, connected(*channels))
    assert conv.params(x).weight == count(*taps, connected(*channels))


@st.composite
def on_one_axis_or_three(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[Two, ...]]:
    """Size, kernel, stride and padding (before and after) for each axis of a sequence or a volume."""
    axes = draw(st.sampled_from([1, 3]))

    def several(least: int, most: int) -> st.SearchStrategy[tuple[int, ...]]:
        return st.tuples(*[st.integers(least, most)] * axes)

    return (
        draw(several(1, 5)),
        draw(several(1, 3)),
        draw(several(1, 3)),
        draw(st.tuples(*[two(0, 1)] * axes)),
    )


@given(on_one_axis_or_three(), st.integers(1, 2), CHANNELS)
@settings(deadline=None)
def test_a_convolution_of_a_sequence_or_a_volume_multiplies_as_often(
    window: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[Two, ...]],
    dilation: int,
    channels: tuple[int, int, int],
) -> None:
    """Once for each position, tap and connected pair of channels; a number that is one for all axes is one for each."""
    size, kernel, stride, padding = window
    each = zip(size, kernel, stride, padding, strict=True)
    positions = [window_starts(n, *pads, (k - 1) * dilation + 1, s) for n, k, s, pads in each]
    groups, inputs, outputs = channels
    conv = Conv(groups * outputs, kernel, stride, padding, dilation, groups)
    x = (groups * inputs, *size)
    if not all(positions):
        assert or_refused(lambda: conv.shape(x), RuleError) is None
        return
    assert conv.shape(x) == (groups * outputs, *map(len, positions))
    taps = [range(k) for k in kernel]
    assert conv.work(x).multiply_accumulate == count(*positions, *taps, connected(*channels))
    assert conv.params(x).weight == count(*taps, connected(*channels))


@given(on_one_axis_or_three(), st.booleans(), CHANNELS)
@settings(deadline=None)
def test_layers_of_a_sequence_or_a_volume_have_the_size_that_torch_gives_them_or_are_refused_by_both(
    window: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[Two, ...]],
    ceil: bool,
    channels: tuple[int, int, int],
) -> None:
    """Transposed convolutions, whose multiplications are counted one by one, and pools."""
    size, kernel, stride, pads = window
    padding = tuple(before for before, _ in pads)
    groups, inputs, outputs = channels
    x = (groups * inputs, *size)
    data, axes = torch.zeros(1, *x), len(size)
    spread = getattr(functional, f"conv_transpose{axes}d")
    weight = torch.zeros(groups * inputs, outputs, *kernel)
    conv = ConvTranspose(groups * outputs, kernel, stride, padding, groups=groups)
    truth = or_refused(lambda: spread(data, weight, None, stride, padding, 0, groups), RuntimeError)
    empty = truth is None or 0 in truth
    assert or_refused(lambda: conv.shape(x), RuleError) == (None if empty else truth)
    if not empty:
        positions_and_taps = [range(n) for n in size + kernel]
        assert conv.work(x).multiply_accumulate == count(*positions_and_taps, connected(*channels))
    largest = getattr(functional, f"max_pool{axes}d")
    truth = or_refused(lambda: largest(data, kernel, stride, padding, 1, ceil), RuntimeError)
    assert or_refused(lambda: MaxPool(kernel, stride, padding, ceil).shape(x), RuleError) == truth
    mean = getattr(functional, f"avg_pool{axes}d")
    truth = or_refused(lambda: mean(data, kernel, stride, padding, ceil), RuntimeError)
    assert or_refused(lambda: AvgPool(kernel, stride, padding, ceil).shape(x), RuleError) == truth


@given(SIZES, two(1, 4), two(1, 3), two(1, 2), CHANNELS)
@settings(deadline=None)
def test_a_same_convolution_has_one_position_for_each_stride_th_input_position(
    size: Two, kernel: Two, stride: Two, dilation: Two, channels: tuple[int, int, int]
) -> None:
    rows, columns = (range(0, size[axis], stride[axis]) for axis in (0, 1))
    groups, inputs, outputs = channels
    conv = Conv(groups * outputs, kernel, stride, "same", dilation, groups)
    x = (groups * inputs, *size)
    assert conv.shape(x) == (groups * outputs, len(rows), len(columns))
    taps = [range(k) for k in kernel]
    assert conv.work(x).multiply_accumulate == count(rows, columns, *taps, connected(*channels))


@given(st.integers(1, 30), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3))
def test_same_padding_is_the_least_that_completes_the_last_window_with_the_odd_row_at_the_end(
    size: int, kernel: int, stride: int, dilation: int
) -> None:
    before, after = sides(kernel, stride, "same", dilation)[0].pads(size)
    extent = (kernel - 1) * dilation + 1
    positions = len(range(0, size, stride))
    enough = (pad for pad in range(100) if len(window_starts(size + pad, 0, 0, extent, stride)) >= positions)
    assert before + after == next(enough)
    assert after - before in {0, 1}


@given(SIZES, two(1, 3), two(1, 3), two(0, 2), two(0, 2), two(1, 3), CHANNELS)
@settings(deadline=None)
def test_a_transposed_convolution_multiplies_once_for_each_input_value_tap_and_connected_channel(
    size: Two, kernel: Two, stride: Two, padding: Two, extra: Two, dilation: Two, channels: tuple[int, int, int]
) -> None:
    """And has the size that torch gives it; where torch refuses, or returns an empty map, it refuses."""
    groups, inputs, outputs = channels
    conv = ConvTranspose(groups * outputs, kernel, stride, padding, extra, dilation, groups)
    x = (groups * inputs, *size)
    weight = torch.zeros(groups * inputs, outputs, *kernel)
    truth = or_refused(
        lambda: functional.conv_transpose2d(torch.zeros(1, *x), weight, None, stride, padding, extra, groups, dilation),
        RuntimeError,
    )
    empty = truth is None or 0 in truth
    assert or_refused(lambda: conv.shape(x), RuleError) == (None if empty else truth)
    assume(not empty)
    positions_and_taps = [range(n) for n in size + kernel]
    assert conv.work(x).multiply_accumulate == count(*positions_and_taps, connected(*channels))


@given(SIZES, st.integers(1, 3), st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=1, max_size=4))
def test_a_table_convolution_multiplies_once_for_each_position_tap_and_connection_of_the_table(
    size: Two, kernel: int, table: list[set[int]]
) -> None:
    rows, columns = (window_starts(n, 0, 0, kernel, 1) for n in size)
    assume(rows and columns)
    conv = TableConv(tuple(tuple(sorted(maps)) for maps in table), kernel)
    connections = [(o, i) for o, maps in enumerate(table) for i in maps]
    assert conv.shape((4, *size)) == (len(table), len(rows), len(columns))
    expected = count(rows, columns, range(kernel), range(kernel), connections)
    assert conv.work((4, *size)).multiply_accumulate == expected


def mostly(numbers: st.SearchStrategy[Two], *bad: Two) -> st.SearchStrategy[Two]:
    """Such numbers, now and then bad ones."""
    return st.one_of(*[numbers] * 6, st.sampled_from([(0, 1), (1, 0), *bad]))


@given(
    SIZES,
    mostly(two(1, 4)),
    mostly(two(1, 3)),
    two(0, 2),
    mostly(two(1, 2)),
    mostly(st.just((4, 2)), (3, 2), (6, 3), (0, 2)),
)
@settings(max_examples=200, deadline=None)
def test_a_convolution_has_the_size_that_torch_gives_it_or_is_refused_by_both(
    size: Two, kernel: Two, stride: Two, padding: Two, dilation: Two, channels: Two
) -> None:
    """Kernels, strides and dilations of 0, no channels, and channels that do not split are refused."""
    out, groups = channels
    x = (4, *size)

    def convolved() -> torch.Tensor:
        weight = torch.zeros(out, 4 // groups, *kernel)
        return functional.conv2d(torch.zeros(1, *x), weight, None, stride, padding, dilation, groups)

    truth = or_refused(convolved, RuntimeError, ZeroDivisionError)
    assert or_refused(lambda: Conv(out, kernel, stride, padding, dilation, groups).shape(x), RuleError) == truth


def rounded_up(size: int, kernel: int, stride: int, padding: int) -> list[int]:
    """Window starts from the first on until one reaches the end; none begins beyond the input, in the padding after."""
    starts = [-padding]
    while starts[-1] + kernel < size + padding and starts[-1] + stride < size:
        starts.append(starts[-1] + stride)
    return starts


@st.composite
def pooled_axes(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Size, kernel, stride and padding of a window that fits, padded by at most half of it."""
    kernel = draw(st.integers(1, 5))
    padding = draw(st.integers(0, kernel // 2))
    size = draw(st.integers(max(1, kernel - 2 * padding), 12))
    return size, kernel, draw(st.integers(1, 5)), padding


@given(pooled_axes(), pooled_axes(), st.booleans())
def test_a_pool_has_one_output_for_each_window_that_begins_where_it_may(
    tall: tuple[int, int, int, int], wide: tuple[int, int, int, int], ceil: bool
) -> None:
    starts = [
        rounded_up(size, kernel, stride, padding) if ceil else window_starts(size, padding, padding, kernel, stride)
        for size, kernel, stride, padding in (tall, wide)
    ]
    size, kernel, stride, padding = zip(tall, wide, strict=True)
    for pool in (MaxPool(kernel, stride, padding, ceil), AvgPool(kernel, stride, padding, ceil)):
        assert pool.shape((3, *size)) == (3, len(starts[0]), len(starts[1]))


@given(two(1, 12), two(1, 4), two(1, 4), two(0, 2), two(1, 3), st.booleans(), st.integers(0, 4))
@settings(max_examples=300, deadline=None)
def test_a_dilated_max_pool_has_the_size_that_torch_gives_it_or_is_refused_by_both(
    size: Two, kernel: Two, stride: Two, padding: Two, dilation: Two, ceil: bool, depth: int
) -> None:
    """On images; with a depth of its own window on volumes, where it is not 0."""
    functions = (functional.max_pool2d, functional.max_pool3d)
    given = [size, kernel, stride, padding, dilation]
    if depth:
        given = [(depth, *given[0]), (2, *kernel), (1, *stride), (1, *padding), (2, *dilation)]
    shape, kernel, stride, padding, dilation = given
    x = torch.zeros(1, 3, *shape)
    truth = or_refused(lambda: functions[depth > 0](x, kernel, stride, padding, dilation, ceil), RuntimeError)
    assert or_refused(lambda: MaxPool(kernel, stride, padding, ceil, dilation).shape((3, *shape)), RuleError) == truth


@given(two(1, 12), two(1, 5), two(1, 4), two(0, 2), st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_pool_has_the_size_that_torch_gives_it_or_is_refused_by_both(
    size: Two, kernel: Two, stride: Two, padding: Two, ceil: bool
) -> None:
    """Torch refuses windows that do not fit and padding of more than half a window."""
    x = torch.zeros(1, 3, *size)
    largest = or_refused(lambda: functional.max_pool2d(x, kernel, stride, padding, 1, ceil), RuntimeError)
    mean = or_refused(lambda: functional.avg_pool2d(x, kernel, stride, padding, ceil), RuntimeError)
    assert or_refused(lambda: MaxPool(kernel, stride, padding, ceil).shape((3, *size)), RuleError) == largest
    assert or_refused(lambda: AvgPool(kernel, stride, padding, ceil).shape((3, *size)), RuleError) == mean
