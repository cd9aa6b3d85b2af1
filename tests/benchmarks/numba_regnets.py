"""All RegNetX of some axes, counted by a kernel that is written by hand in numba: the measure of archcalc's sweeps."""

from __future__ import annotations

from math import log
from typing import Any

import numpy
from numba import njit, prange, set_num_threads


@njit(cache=False)
def one(depth: int, w_0: int, w_a: float, w_m: float, groups: Any, ratios: Any, sums: Any) -> None:
    """Add parameters and mult-adds of the networks of all groups and ratios to `sums`."""
    depths = numpy.zeros(depth, numpy.int64)
    widths = numpy.zeros(depth, numpy.int64)
    stages, step = 0, log(w_m)
    last = -1
    for j in range(depth):
        wide = 8 * round(w_0 * w_m ** round(log((w_0 + w_a * j) / w_0) / step) / 8)
        if wide != last:
            widths[stages] = last = wide
            stages += 1
        depths[stages - 1] += 1
    for given in groups:
        for ratio in ratios:
            before, side = 32, 112
            params, mult_adds = 3 * 9 * 32 + 64, 112 * 112 * 27 * 32
            for stage in range(stages):
                inside = max(widths[stage] // ratio, 1)
                group = min(given, inside)
                inside = max(round(inside / group), 1) * group
                wide, number = inside * ratio, depths[stage]
                small = (side + 1) // 2
                middle, shared, into = inside * group * 9, inside * wide, before * inside
                params += into + before * wide + 2 * wide + number * (middle + shared + 4 * inside + 2 * wide)
                params += (number - 1) * shared
                mult_adds += side * side * into
                mult_adds += small * small * (before * wide + number * (middle + shared) + (number - 1) * shared)
                before, side = wide, small
            sums[0] += params + before * 1000 + 1000
            sums[1] += mult_adds + before * 1000


@njit(parallel=True)
def every(depths: Any, w_0s: Any, w_as: Any, w_ms: Any, groups: Any, ratios: Any) -> Any:
    pairs = len(depths) * len(w_0s)
    sums = numpy.zeros((pairs, 2), numpy.int64)
    for pair in prange(pairs):
        depth, w_0 = depths[pair // len(w_0s)], w_0s[pair % len(w_0s)]
        for w_a in w_as:
            for w_m in w_ms:
                one(depth, w_0, w_a, w_m, groups, ratios, sums[pair])
    return sums


def regnets(axes: list[Any], threads: int) -> list[int]:
    """The sums of parameters and of mult-adds over all points of the axes of the space `regnetx`, in their order."""
    set_num_threads(threads)
    depths, w_0s, w_as, w_ms, groups, ratios = axes
    wanted = (depths, w_0s, w_as.astype(float), w_ms.astype(float), groups, ratios)
    return [sum(column.tolist()) for column in every(*wanted).T]
