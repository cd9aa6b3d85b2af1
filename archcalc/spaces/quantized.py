"""RegNet's rule on arrays: the stages of many networks at once.

Radosavovic et al., "Designing Network Design Spaces", arXiv:2003.13678, equations (2) to (4): block j has the width
w_0 + w_a * j, and step s where it is nearest to w_0 * w_m^s. The definition is `archcalc.zoo.regnetx.stages`, which
goes through the blocks of one network; here the first block of every step is computed instead.

The results are the same to the bit. Where a real number is so near to a half that arrays and numbers might be rounded
in different directions, the definition decides: for the network, if it is the place of a block; else for the width.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.zoo.regnetx import stages

NEAR = 1e-9
"""Relative distance from a half below which the definition decides; errors of arrays are below 1e-13."""
AT_ONCE = 1 << 14
"""Networks that are computed together, so that their arrays stay in the cache."""


class Quantized(NamedTuple):
    """The stages of networks, before bottlenecks are made of whole groups. Arrays have the shape (stages, networks)."""

    depths: Any
    """Blocks, int64; 0 where a network has no such stage."""
    widths: Any
    """Channels, int64; 0 where a network has no such stage."""
    counts: Any
    """The number of stages of each network."""


def quantized(depth: Any, w_0: Any, w_a: Any, w_m: Any) -> Quantized:
    """The stages of networks: four arrays of one length, the first two of whole numbers.

    Raises ArchcalcError if a `w_0` is no multiple of 8, a `depth` or `w_0` is below 1, a `w_a` negative, or a `w_m`
    below 1.01.

    >>> import numpy
    >>> found = quantized(*map(numpy.array, ([22, 13], [24, 24], [24.48, 36.44], [2.54, 2.49])))
    >>> found.depths.T.tolist(), found.widths.T.tolist()
    ([[1, 2, 7, 12], [1, 1, 4, 7]], [[24, 64, 152, 392], [24, 56, 152, 368]])
    """
    numpy = need("numpy", "a design space")
    depth, w_0 = numpy.asarray(depth, numpy.int64), numpy.asarray(w_0, numpy.int64)
    w_a, w_m = numpy.asarray(w_a, numpy.float64), numpy.asarray(w_m, numpy.float64)
    _check(depth, w_0, w_a, w_m)
    parts = [
        _part(numpy, *[each[first : first + AT_ONCE] for each in (depth, w_0, w_a, w_m)])
        for first in range(0, max(len(depth), 1), AT_ONCE)
    ]
    most = max([len(part.depths) for part in parts])
    depths, widths = numpy.zeros((2, most, len(depth)), numpy.int64)
    result = Quantized(depths, widths, numpy.concatenate([part.counts for part in parts]))
    for first, part in zip(range(0, max(len(depth), 1), AT_ONCE), parts, strict=True):
        place = slice(first, first + AT_ONCE)
        result.depths[: len(part.depths), place], result.widths[: len(part.depths), place] = part[:2]
    return result


def _check(depth: Any, w_0: Any, w_a: Any, w_m: Any) -> None:
    for name, column, right, rule in (
        ("w_0", w_0, w_0 % 8 == 0, "a multiple of 8"),
        ("w_0", w_0, w_0 > 0, "8 or more"),
        ("depth", depth, depth > 0, "1 or more"),
        ("w_a", w_a, w_a >= 0, "0 or more"),
        ("w_m", w_m, w_m >= 1.01, "1.01 or more"),
    ):
        if not right.all():
            raise ArchcalcError(f"RegNetX has a {name} that is {rule}, not {column[~right][0]}", f"axes.{name}")


def _part(numpy: Any, depth: Any, w_0: Any, w_a: Any, w_m: Any) -> Quantized:
    """The stages of a part of the networks: step by step, of those networks that have blocks left."""
    length = len(depth)
    table = numpy.zeros((2, 4, length), numpy.int64)
    counts, before, done = numpy.zeros((3, length), numpy.int64)
    doubtful = numpy.zeros(length, bool)
    rows, power, step = numpy.arange(length), numpy.ones(length), 0
    given = (depth, w_0, w_a, w_m)
    depth, root = depth.astype(numpy.float64), numpy.sqrt(w_m)
    while len(rows):
        with numpy.errstate(divide="ignore", over="ignore", invalid="ignore"):  # w_a may be 0
            first = (w_0 * (power * root) - w_0) / w_a  # the place, a real number, at which the next step begins
            near = (abs(first - numpy.rint(first)) <= NEAR * first) & (numpy.rint(first) < depth)
            until = numpy.minimum(numpy.ceil(first), depth).astype(numpy.int64)
        doubtful[rows[near]] = True
        width = _widths(numpy, w_0, w_m, power, step)
        here = until > done
        if not here.all():
            width = numpy.where(here, width, before)
        counts[rows] += here & (width != before)
        places = counts[rows] - 1
        if places.max() >= table.shape[1]:
            table = numpy.concatenate([table, numpy.zeros_like(table)], axis=1)
        table[0, places, rows] += until - done
        table[1, places, rows] = width
        left = until < depth
        rows, w_0, w_a, w_m, depth, root = [each[left] for each in (rows, w_0, w_a, w_m, depth, root)]
        power, before, done, step = power[left] * w_m, width[left], until[left], step + 1
    for row in numpy.flatnonzero(doubtful).tolist():
        decided = stages(*[each[row].item() for each in given], group_width=1)
        counts[row] = len(decided)
        table[:, :, row] = 0
        while counts[row] > table.shape[1]:
            table = numpy.concatenate([table, numpy.zeros_like(table)], axis=1)
        table[:, : counts[row], row] = [[stage.depth for stage in decided], [stage.width for stage in decided]]
    most = counts.max(initial=0)
    return Quantized(table[0, :most], table[1, :most], counts)


def _widths(numpy: Any, w_0: Any, w_m: Any, power: Any, step: int) -> Any:
    """The widths of blocks at a step: w_0 * w_m^step, rounded to a multiple of 8, of two the one that Python takes."""
    eighths = w_0 * power / 8
    result = numpy.rint(eighths)
    near = numpy.flatnonzero(abs(abs(eighths - result) - 0.5) <= NEAR * eighths)
    for at, start, ratio in zip(near.tolist(), w_0[near].tolist(), w_m[near].tolist(), strict=True):
        result[at] = round(start * ratio**step / 8)
    return 8 * result.astype(numpy.int64)
