"""How many points of a space have a total of at most some number, without walking over them, between exact bounds.

Where a total is a sum along a chain of groups (`archcalc.spaces.chains`), the number of points with each sum follows
group by group: dynamic programming over the sum and the state of the last group. Sums of which there are too many are
put into bins of equal width. A term is rounded down to a whole number of bins, so that the sum of a point is too small
by no more than the largest remainders together: points whose rounded sum is at most T are an upper bound of the number
of those with at most T, and points whose rounded sum is smaller by all remainders are a lower bound. The last group
enters by its exact terms, the first one together with what joins it to the second. Numbers of points are whole numbers
in every step. Where a bin is as wide as the unit of all terms, their greatest common divisor, both bounds are the exact
number.

>>> from archcalc.spaces.space import DesignSpace
>>> space = DesignSpace.of("resnet18", over={"size": "32..224:32"})
>>> count_under(space, "mult_adds", 1_000_000_000)
Bounds(lower=5, upper=5)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import gcd, prod
from typing import Any, NamedTuple

from archcalc.analysis.quantities import QUANTITIES, predicted
from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.base.spelling import unknown
from archcalc.spaces.chains import LARGEST_GROUP, Chain, JointPart, chains_of
from archcalc.spaces.evaluating import Evaluator
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.structures import RATIOS, Costing
from archcalc.training import DEFAULT_TRAINING, Training

BINS = 1 << 12
"""Bins up to the largest total that is asked for, by default; a quarter as many at least where there are many states,
so that a table has about `TABLE` numbers."""
TABLE = 1 << 21
MOST_BINS = 1 << 20
NARROW = 4
"""A total that is so many times below the largest that bins are made for has bins of its own."""
FEW = 1 << 16
"""Points of a space up to which all are evaluated, one by one or on arrays."""
CHUNK = 1 << 14
AT_ONCE = 1 << 20
"""Entries of the table that are looked up together, about."""
LIMB = 32
"""Bits of a limb of a number of points, where 63 do not suffice."""
LARGEST_TABLE = 1 << 27
"""Numbers of points in a table of states and bins, at most."""
LARGEST = MOST_POINTS = (1 << 62) - 1
"""The largest total, and the largest number of points that has one limb."""


class Bounds(NamedTuple):
    """Two numbers of points between which the exact number lies; the exact number if they are equal."""

    lower: int
    upper: int

    @property
    def gap(self) -> float:
        """The distance of the bounds as a share of the upper one, 0 where they are equal."""
        return (self.upper - self.lower) / self.upper if self.upper else 0.0


def count_under(
    space: DesignSpace,
    quantity: str,
    at_most: int,
    *,
    bins: int | None = None,
    batch: int = 1,
    dtype: str = "float32",
    training: Training = DEFAULT_TRAINING,
) -> Bounds:
    """The number of points of a space whose total of a quantity is at most a number, in the quantity's own unit.

    Raises as `distribution` does.
    """
    return distribution(space, quantity, (at_most,), bins=bins, batch=batch, dtype=dtype, training=training)[0]


def distribution(
    space: DesignSpace,
    quantity: str,
    at_most: Sequence[int],
    *,
    bins: int | None = None,
    batch: int = 1,
    dtype: str = "float32",
    training: Training = DEFAULT_TRAINING,
    largest_group: int = LARGEST_GROUP,
    few: int = FEW,
) -> list[Bounds]:
    """The numbers of points whose total is at most each of some numbers: the distribution function, times all points.

    `bins` is the number of bins up to the largest of `at_most`: with twice as many the bounds are about twice as close
    and the time about twice as long. Of numbers that are far apart each factor of four takes the time anew.

    A space of up to `few` combinations is walked over, and the numbers are exact; its points without a network, or
    without such a total, are not counted.

    Raises UnknownName for a quantity that there is not, and ArchcalcError for one that is no sum of terms of groups of
    axes and of neighbours among them, for a space of networks of several structures, and for tables that are too large.
    """
    need("numpy", "a design space")
    if predicted([quantity]):
        raise ArchcalcError(f"{quantity} is a prediction, which is no sum: points are not counted by it", "quantity")
    if quantity not in QUANTITIES:
        raise unknown("quantity", quantity, list(QUANTITIES), f"there are {', '.join(QUANTITIES)}")
    if quantity in RATIOS:
        raise ArchcalcError(
            f"{quantity} is a ratio of two totals, which is no sum: points are not counted by it", "quantity"
        )
    if bins is not None and not 1 <= bins <= MOST_BINS:
        raise ArchcalcError(f"there are 1 to {MOST_BINS:,} bins, not {bins:,}", "bins")
    found = [Bounds(0, 0) for _ in at_most]
    if not found:
        return []
    parts = (
        _walked(Evaluator(space, (quantity,), batch, dtype, training), at_most)
        if space.combinations <= few
        else (
            counted(chain, at_most, bins)
            for chain in chains_of(space, Costing((quantity,), batch, dtype, training), largest_group=largest_group)
        )
    )
    for part in parts:
        check_cancelled()
        found = [Bounds(a.lower + b.lower, a.upper + b.upper) for a, b in zip(found, part, strict=True)]
    return found


def _walked(evaluator: Evaluator, at_most: Sequence[int]) -> Iterator[list[Bounds]]:
    """The numbers of points in stretches of the space."""
    import numpy

    space = evaluator.space
    for start in range(0, space.combinations, CHUNK):
        columns = space.columns(numpy.arange(start, min(start + CHUNK, space.combinations)))
        allowed = space.allowed(columns)
        columns = {name: column[allowed] for name, column in columns.items()}
        (totals,) = evaluator.evaluate(columns).columns.values()
        totals = numpy.ma.compressed(totals)
        yield [Bounds(*[int((totals <= each).sum())] * 2) for each in at_most]


def counted(chain: Chain, at_most: Sequence[int], bins: int | None = None) -> list[Bounds]:
    """The numbers of points of a chain whose sums are at most some numbers. Raises ArchcalcError for large tables."""
    if not all([len(each) for each in chain.own]):
        return [Bounds(0, 0) for _ in at_most]
    most = chain.most
    if most - chain.constant > LARGEST:
        raise ArchcalcError("points are counted up to totals of 2^62, and there may be larger ones", "under")
    limits = [min(each, most) - chain.constant for each in at_most]
    costs = [part.costs for parts in chain.joints for part in parts if part.costs is not None]
    unit = gcd(*[_divisor(each) for each in (*chain.own, *costs)]) or 1
    found: dict[int, Bounds] = {}
    counting: _Counting | None = None
    for limit in sorted({limit for limit in limits if limit >= 0}, reverse=True):
        check_cancelled()
        if counting is None or limit // unit * NARROW < counting.limit:
            counting = _Counting(chain, unit, limit // unit, bins)
        found[limit] = counting.up_to(limit // unit)
        if limit == most - chain.constant:
            found[limit] = Bounds(found[limit].upper, found[limit].upper)
    bounds = [found.get(limit, Bounds(0, 0)) for limit in limits]
    return [Bounds(each.lower * chain.factor, each.upper * chain.factor) for each in bounds]


def _divisor(values: Any) -> int:
    """The greatest common divisor of some numbers."""
    import numpy

    return int(numpy.gcd.reduce(values, axis=None)) if values.size else 0


class _Counting:
    """The numbers of points of all groups but the last, by state and bin, summed along the bins.

    Everything is in units: terms are divided by their greatest common divisor.
    """

    def __init__(self, chain: Chain, unit: int, limit: int, bins: int | None) -> None:
        import numpy

        self.numpy: Any = numpy
        self.own = [each // unit for each in chain.own]
        self.joints = [
            [part if part.costs is None else part._replace(costs=part.costs // unit) for part in parts]
            for parts in chain.joints
        ]
        self.limit = max(limit, 0)
        self.width = self.limit // (bins or self._fitting()) + 1
        """Units of a bin."""
        self.bins = self.limit // self.width + 1
        self.slack = 0
        """Units by which rounding has made sums smaller, at most."""
        points = prod([len(each) for each in self.own])
        self.limbs = 1 if points <= MOST_POINTS else -(-points.bit_length() // LIMB)
        if len(self.own) == 1:
            self.last = numpy.sort(self.own[0])
            return
        table = self._first()
        for place in range(1, len(self.own) - 1):
            table = self._own(table, place)
            if place < len(self.own) - 2:
                table = self._cross(table, self.joints[place][0], 0)
            table = self._others(table, place)
        self._finish(table)

    def _fitting(self) -> int:
        """A number of bins that is quick enough."""
        states = [prod([part.allowed.shape[side] for part in parts]) for parts in self.joints for side in (0, 1)]
        return min(BINS, max(BINS // 4, TABLE // max(states, default=1)))

    def _shape(self, *states: int) -> tuple[int, ...]:
        shape = (*states, self.limbs, self.bins)
        if prod(shape) > LARGEST_TABLE:
            said = f"{prod(states):,} states and {self.bins:,} bins make a table of {prod(shape):,} numbers"
            raise ArchcalcError(f"{said}, more than {LARGEST_TABLE:,}: take fewer bins", "bins")
        return shape

    def _first(self) -> Any:
        """The table behind the first group: joined to the second one exactly, then rounded, if there is a third."""
        numpy = self.numpy
        if len(self.own) == 2:  # the second one is the last
            table = self._own(None, 0)
            return self._others(table, 0)
        part, *others = self.joints[0]
        shape = [part.allowed.shape[1], *[each.allowed.shape[0] for each in others]]
        table = numpy.zeros(self._shape(*shape), numpy.int64)
        rest = numpy.zeros(len(self.own[0]), numpy.int64)
        for each in others:
            rest = rest * each.allowed.shape[0] + each.before
        order = numpy.lexsort((rest, part.before))
        states, rest, own = part.before[order], rest[order], self.own[0][order]
        size = prod(shape[1:]) * self.bins
        for state in range(shape[0]):
            check_cancelled()
            terms = own + part.costs[:, state][states]
            good = part.allowed[:, state][states] & (terms <= self.limit)
            places = rest[good] * self.bins + terms[good] // self.width
            table[state].reshape(-1, self.limbs, self.bins)[:, 0] = numpy.bincount(places, minlength=size).reshape(
                -1, self.bins
            )
        self.slack += self.width - 1
        return self._others(self._carried(table), 0)

    def _own(self, table: Any, place: int) -> Any:
        """The table with the terms of a group, by its states towards the next one.

        `table` has the states of the group towards the one before; None for the first group.
        """
        numpy = self.numpy
        into, to_shape = self._states([part.before for part in self.joints[place]], self.joints[place], 0)
        if table is None:
            table = numpy.zeros((1, self.limbs, self.bins), numpy.int64)
            table[0, 0, 0] = 1
            origin, number = numpy.zeros_like(into), 1
        else:
            origin, shape = self._states([part.behind for part in self.joints[place - 1]], self.joints[place - 1], 1)
            number = prod(shape)
            table = table.reshape(number, self.limbs, self.bins)
        result = numpy.zeros(self._shape(*to_shape), numpy.int64)
        flat = result.reshape(-1, self.limbs, self.bins)
        good = self.own[place] <= self.limit
        own = self.own[place][good]
        steps = own // self.width
        self.slack += int((own % self.width).max(initial=0))
        keys = (into[good] * number + origin[good]) * self.bins + steps
        keys, weights = numpy.unique(keys, return_counts=True)
        low, high = self._ends(table)
        pairs, steps = numpy.divmod(keys, self.bins)
        targets, origins = numpy.divmod(pairs, number)
        stops = numpy.minimum(high[origins], self.bins - steps)
        some = numpy.flatnonzero(stops > low[origins])
        columns = [each[some].tolist() for each in (targets, origins, steps, low[origins], stops, weights)]
        for target, source, step, start, stop, weight in zip(*columns, strict=True):
            piece = table[source, :, start:stop]
            flat[target, :, start + step : stop + step] += piece if weight == 1 else piece * weight
        return self._carried(result)

    def _cross(self, table: Any, part: JointPart, axis: int) -> Any:
        """The table with the states of a part towards the next group in place of those before, with its terms."""
        numpy = self.numpy
        moved = numpy.ascontiguousarray(numpy.moveaxis(table, axis, 0))
        rest = moved.shape[1:-2]
        before = moved.reshape(moved.shape[0], -1, self.bins)
        result = numpy.zeros(self._shape(part.allowed.shape[1], *rest), numpy.int64)
        behind = result.reshape(result.shape[0], -1, self.bins)
        low, high = self._ends(before)
        steps = part.costs // self.width
        good = part.allowed & (part.costs <= self.limit)
        self.slack += int((part.costs % self.width)[good].max(initial=0))
        stops = numpy.minimum(high[:, None], self.bins - steps)
        origins, targets = numpy.nonzero(good & (stops > low[:, None]))
        order = numpy.lexsort((origins, targets))
        origins, targets = origins[order], targets[order]
        columns = [
            e.tolist() for e in (origins, targets, steps[origins, targets], low[origins], stops[origins, targets])
        ]
        for source, target, step, start, stop in zip(*columns, strict=True):
            behind[target, :, start + step : stop + step] += before[source, :, start:stop]
        return self._carried(numpy.moveaxis(result, 0, axis))

    def _others(self, table: Any, place: int) -> Any:
        """The table with the further parts of a joint crossed, the first of which has index 1."""
        numpy = self.numpy
        for axis, part in enumerate(self.joints[place]):
            if not axis:
                continue
            if part.costs is not None:
                table = self._cross(table, part, axis)
                continue
            steps = self._steps(part.allowed)
            shape = list(table.shape)
            shape[axis] = part.allowed.shape[1]
            result = numpy.zeros(self._shape(*shape[:-2]), numpy.int64)
            for before, behind in zip(table, result, strict=True):  # the states with costs; small tables stay in caches
                before, behind = numpy.moveaxis(before, axis - 1, 0), numpy.moveaxis(behind, axis - 1, 0)  # noqa: PLW2901
                for state, (again, more, fewer) in enumerate(steps):
                    if again:
                        behind[state] = behind[state - 1]
                    for origin in more:
                        behind[state] += before[origin]
                    for origin in fewer:
                        behind[state] -= before[origin]
            table = self._carried(result)
        return table

    def _steps(self, allowed: Any) -> list[tuple[bool, list[int], list[int]]]:
        """For every state behind: if the sum of the one before it is used again, and what is added and taken away."""
        steps: list[tuple[bool, list[int], list[int]]] = []
        last = [False] * len(allowed)
        for column in allowed.T.tolist():
            more = [place for place, wanted in enumerate(column) if wanted and not last[place]]
            fewer = [place for place, wanted in enumerate(column) if last[place] and not wanted]
            again = len(more) + len(fewer) < sum(column)
            steps.append(
                (again, more, fewer) if again else (False, [i for i, wanted in enumerate(column) if wanted], [])
            )
            last = column
        return steps

    def _states(self, columns: Sequence[Any], parts: Sequence[JointPart], side: int) -> tuple[Any, list[int]]:
        """The states of a group in all parts of a joint as one number each, and how many each part has."""
        shape = [part.allowed.shape[side] for part in parts]
        states: Any = 0
        for column, number in zip(columns, shape, strict=True):
            states = states * number + column
        return states, shape

    def _ends(self, table: Any) -> tuple[Any, Any]:
        """For every first index of a table of three the first bin with points, and the one behind the last."""
        numpy = self.numpy
        low, high = numpy.zeros(len(table), numpy.int64), numpy.zeros(len(table), numpy.int64)
        for place, each in enumerate(table):
            full = numpy.flatnonzero(each.any(axis=0))
            if len(full):
                low[place], high[place] = full[0], full[-1] + 1
        return low, high

    def _carried(self, table: Any) -> Any:
        """The table with limbs of 32 bits each, if there are several."""
        for limb in range(self.limbs - 1):
            table[..., limb + 1, :] += table[..., limb, :] >> LIMB
            table[..., limb, :] &= (1 << LIMB) - 1
        return table

    def _finish(self, table: Any) -> None:
        """Keep the table of all groups but the last, summed along the bins, and the last group by its states."""
        numpy = self.numpy
        table = self._carried(table.cumsum(axis=-1))
        self.table = numpy.ascontiguousarray(table.reshape(table.shape[0], -1, self.limbs, self.bins))
        part, *others = self.joints[-1]
        rest, _ = self._states([each.behind for each in others], others, 1)
        rest = numpy.broadcast_to(rest, len(self.own[-1]))
        keys = numpy.stack([part.behind, rest, self.own[-1]])
        keys, self.weights = numpy.unique(keys[:, self.own[-1] <= self.limit], axis=1, return_counts=True)
        self.state, self.rest, self.last = keys

    def up_to(self, limit: int) -> Bounds:
        """The bounds of the number of points whose sum is at most a number of units."""
        numpy = self.numpy
        if len(self.own) == 1:
            return Bounds(*[int(numpy.searchsorted(self.last, limit, side="right"))] * 2)
        part = self.joints[-1][0]
        found = [0, 0]
        starts = numpy.searchsorted(self.state, numpy.arange(part.allowed.shape[1] + 1))
        for state, (start, stop) in enumerate(pairwise(starts.tolist())):
            before = numpy.flatnonzero(part.allowed[:, state])
            if start == stop or not len(before):
                continue
            rows = max(1, AT_ONCE // len(before))
            for first in range(start, stop, rows):
                self._add(found, limit, before, state, slice(first, min(first + rows, stop)))
        return Bounds(*found)

    def _add(self, found: list[int], limit: int, before: Any, state: int, some: slice) -> None:
        """Add to the bounds the points that have one of some states before, and are of some rows of the last group."""
        numpy = self.numpy
        left = limit - self.joints[-1][0].costs[before, state][:, None] - self.last[some]
        rows = before[:, None] * self.table.shape[1] + self.rest[some]
        large = self.limbs > 1 and len(before) * int(self.weights[some].sum()) << LIMB > LARGEST
        for place, slack in enumerate((self.slack, 0)):
            bins = (left - slack) // self.width
            good = numpy.nonzero(bins >= 0)
            weights = self.weights[some][good[1]].astype(object if large else numpy.int64)
            for limb in range(self.limbs):
                numbers = self.table.reshape(-1)[(rows[good] * self.limbs + limb) * self.bins + bins[good]]
                found[place] += int((numbers * weights).sum()) << (LIMB * limb)
