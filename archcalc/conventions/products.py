"""Measures of convolutions and linear layers: biases, groups, padding, and how tools count transposed convolutions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from archcalc.algebra.dims import Dim, is_int, product
from archcalc.conventions.sites import Site
from archcalc.conventions.taps import valid_taps
from archcalc.ops.sliding import per_axis, taps


def applied_parameters(site: Site) -> Dim:
    """Learnable values of an op, each time that it is applied."""
    return site.op.params(*site.inputs).learnable


def bias(site: Site) -> Dim:
    return product(site.output) if site.op.bias else 0


def absent_bias(site: Site) -> Dim:
    return 0 if site.op.bias else product(site.output)


def bias_of_other_groups(site: Site) -> Dim:
    """The part of the biases that is lost if they are divided by the groups."""
    return bias(site) - bias(site) // site.op.groups


def other_groups(site: Site) -> Dim:
    return site.work.multiply_accumulate * (site.op.groups - 1)


def weights_of_other_groups(site: Site) -> Dim:
    return site.parameters.weight * (site.op.groups - 1)


def padding_taps(site: Site) -> Dim:
    return site.work.multiply_accumulate - valid_taps(site.op, site.inputs[0], site.output)


def rows_after_first(site: Site) -> Dim:
    """Multiply-accumulates and biases of a linear layer for all vectors after the first."""
    return site.work.multiply_accumulate + bias(site) - applied_parameters(site)


def window_size(site: Site) -> int:
    """Positions of the window of a convolution or a pool."""
    return taps(site.op.kernel, len(site.inputs[0]) - 1)


def spread(site: Site) -> Dim:
    """Products of a transposed convolution if one filter were applied for each output value, as in a convolution."""
    return product(site.output) * (site.inputs[0][0] // site.op.groups) * window_size(site)


def spread_excess(site: Site) -> Dim:
    return spread(site) - site.work.multiply_accumulate


def ungrouped_excess(site: Site) -> Dim:
    """The excess of torchprofile, which ignores the groups of a transposed convolution if the channels change."""
    channels, out = site.inputs[0][0], site.op.out
    same = is_int(channels) and is_int(out) and channels == out
    return 0 if same else spread(site) * (site.op.groups - 1)


def regrouped_deficit(site: Site) -> Dim:
    """Products of a transposed convolution minus those with the output channels divided by the groups twice."""
    filters = site.op.out // site.op.groups
    return product(site.inputs[0]) * window_size(site) * (filters - filters // site.op.groups)


def spread_bias_deficit(site: Site) -> Dim:
    """Biases of a transposed convolution minus those on the output of a plain convolution, for one group's channels."""
    op = site.op
    if not op.bias:
        return 0
    positions: Dim = 1
    sizes = site.inputs[0][1:]
    numbers = (per_axis(name, getattr(op, name), least, len(sizes)) for name, least in _WINDOW_FIELDS)
    for size, kernel, stride, padding, dilation in zip(sizes, *numbers, strict=True):
        positions = positions * ((size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1)
    return product(site.output) - (op.out // op.groups) * positions


_WINDOW_FIELDS = (("kernel", 1), ("stride", 1), ("padding", 0), ("dilation", 1))


def strided_spread(site: Site) -> Dim:
    """Products of a transposed convolution at output positions, divided by the strides, with netscope's output size.

    That size is (size - 1) stride + kernel - 2 padding, without dilation and output padding.
    """
    op, (channels, *sizes) = site.op, site.inputs[0]
    numbers = [per_axis(name, getattr(op, name), least, len(sizes)) for name, least in _WINDOW_FIELDS[:3]]
    total: Dim = channels * (op.out // op.groups)
    strides = 1
    for size, kernel, stride, padding in zip(sizes, *numbers, strict=True):
        total = total * ((size - 1) * stride + kernel - 2 * padding) * kernel
        strides = strides * stride
    return quotient(total, strides)


def strided_spread_of_other_groups(site: Site) -> Dim:
    return strided_spread(site) * (site.op.groups - 1)


def quotient(dividend: Dim, divisor: int) -> Any:
    """The exact quotient: an int if it is whole, else a fraction."""
    if not is_int(dividend):
        return dividend * Fraction(1, divisor)
    return dividend // divisor if dividend % divisor == 0 else Fraction(dividend, divisor)
