"""Structures of a space's networks: one is built once, on polynomials, and stands for all points of that structure.

What shapes a graph is settled before: words, switches, numbers that choose layers, numbers of blocks. Everything else
is a letter, and the network built on letters has totals that are polynomials in them. Where the layers depend on a
letter (a shortcut where two widths differ, a window that fits), the decision is made as it holds at one point, and the
condition is noted: the structure stands for the points that meet all of its conditions, no others.

Numbers of equal blocks are letters too, although no graph has a symbolic number of nodes: the totals are affine in
each from the first or the second block on. That is not assumed: the network is built with one block more in each place,
with several more in all places, and with the numbers of the point, and every quantity must agree; where one does not,
each number of blocks is a structure of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

from archcalc.algebra.polynomial import Envelope, NeedsPeriod, NotPolynomial, Polynomial, Space, Unsettled
from archcalc.analysis.latency.forms import LatencyForm, latency_form
from archcalc.analysis.latency.setups import setup_of
from archcalc.analysis.quantities import ON, Basis, predicted, quantity_of
from archcalc.base.errors import ArchcalcError
from archcalc.spaces.programs import EXACT_INT, ArrayProgram

MORE = 2
"""Blocks that are added in all places, and in some of them one or two more, to check that totals are affine."""


class NotAffine(Exception):
    """Some quantities, `keys`, are not affine in the numbers of equal blocks."""

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__(keys)
        self.keys = frozenset(keys)


class NoNetwork(Exception):
    """No network can be built at the points that meet the conditions of `structure`, which has no totals."""

    def __init__(self, structure: SpaceStructure, why: str) -> None:
        super().__init__(why)
        self.structure = structure


RATIOS: Mapping[str, tuple[str, str]] = {"arithmetic_intensity": ("mult_adds", "bytes_moved")}
"""Quantities that are ratios, the first for every image of the batch: they are computed from the totals of both."""


class FreeArgument(NamedTuple):
    """A letter of a structure: the argument is `period * letter + residue`."""

    name: str
    """The argument of the networks that it stands for."""
    period: int = 1
    residue: int = 0


class Letters:
    """Columns of the values of letters, with the smallest and the largest of each."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self.columns = columns
        self.smallest = {name: int(column.min()) if len(column) else EXACT_INT for name, column in columns.items()}
        self.largest = {name: int(column.max(initial=0)) for name, column in columns.items()}

    def of(self, good: Any) -> Letters:
        """The values at some of the rows; the ends stay."""
        some = object.__new__(Letters)
        some.columns = {name: column[good] for name, column in self.columns.items()}
        some.smallest, some.largest = self.smallest, self.largest
        return some

    def holds(self, other: Letters) -> bool:
        """Return True if the values of others lie between these ends."""
        return all([other.smallest[name] >= low for name, low in self.smallest.items()]) and all(
            [other.largest[name] <= high for name, high in self.largest.items()]
        )

    def joined(self, other: Letters) -> Letters:
        """No values, with the ends of both."""
        some = self.of(slice(0))
        some.smallest = {name: min(low, other.smallest[name]) for name, low in self.smallest.items()}
        some.largest = {name: max(high, other.largest[name]) for name, high in self.largest.items()}
        return some


def span(rows: Any) -> Any:
    """Rows in order, as a slice if none is left out between the first and the last."""
    whole = len(rows) and int(rows[-1]) - int(rows[0]) + 1 == len(rows)
    return slice(int(rows[0]), int(rows[-1]) + 1) if whole else rows


class SpaceStructure:
    """A structure: its letters, its conditions, and the totals of its networks as programs on arrays."""

    def __init__(self, letters: Sequence[FreeArgument], space: Space, quantities: Mapping[str, Sequence[Any]]) -> None:
        """`quantities` has for each key the polynomials of which the largest is the total, none if it has no total; for
        a prediction its form.
        """
        self.at_least, self.zero, self.nonzero = [_whole(each) for each in (space.at_least, space.zero, space.nonzero)]
        self._names = space.names
        self._conditions = ArrayProgram(space.names, [*self.at_least, *self.zero, *self.nonzero])
        self._latencies = {key: form for key, form in quantities.items() if isinstance(form, LatencyForm)}
        members = {key: some for key, some in quantities.items() if key not in self._latencies}
        self._members = {key: len(some) for key, some in members.items()}
        self._totals = ArrayProgram(space.names, [each for some in members.values() for each in some])
        used = {*self._conditions.names, *self._totals.names}.union(
            *[form.symbols() for form in self._latencies.values()]
        )
        self.letters = tuple([letter for letter in letters if letter.name in used])
        """The letters that a condition or a total depends on."""
        self._decided: tuple[Letters | None, list[int]] = (None, [])

    def polynomials(self, key: str) -> tuple[Any, ...]:
        """The polynomials of which the largest is the total of a quantity; none if it has no total."""
        places = {name: place for place, name in enumerate(self._members)}
        first = sum(list(self._members.values())[: places[key]])
        return self._totals.polynomials[first : first + self._members[key]]

    def values(self, arguments: Mapping[str, Any], rows: Any) -> Letters:
        """The values of the letters at some rows of columns of arguments, which are of its residue classes.

        Rows are in order.
        """
        columns: dict[str, Any] = {}
        some = span(rows)
        for name, period, residue in self.letters:
            column = arguments[name][some] if isinstance(some, slice) else arguments[name].take(some)
            column = column - residue if residue else column
            columns[name] = column if period == 1 else column // period
        return Letters(columns)

    def holds(self, values: Letters, rows: int) -> Any:
        """For every row, True if its point is of this structure; one True if all are."""
        if not self._conditions.polynomials or not rows:
            return True
        zero, nonzero = len(self.at_least), len(self.at_least) + len(self.zero)
        open_ones = self._open(values)
        if not open_ones:
            return True
        program = ArrayProgram(self._names, [self._conditions.polynomials[index] for index in open_ones])
        good: Any = True
        for index, result in zip(open_ones, program.run(values.columns, rows, values.largest), strict=True):
            good = good & (result >= 0 if index < zero else result == 0 if index < nonzero else result != 0)
        return good

    def _open(self, values: Letters) -> list[int]:
        """The conditions that the ends of the letters leave open, by their places; decided once for the same ends."""
        known, places = self._decided
        if known is not None and known.holds(values):
            return places
        ends = values if known is None else known.joined(values)
        zero, nonzero = len(self.at_least), len(self.at_least) + len(self.zero)
        for some in (ends, values):
            places = [
                index
                for index, (low, high) in enumerate(self._conditions.bounds(some.smallest, some.largest))
                if (low < 0 if index < zero else (low, high) != (0, 0) if index < nonzero else low <= 0 <= high)
            ]
            if not places:
                self._decided = some, places
                break
        return places

    def totals(self, values: Letters, rows: int) -> dict[str, Any]:
        """The totals at values of the letters: arrays of int64 (of Python's ints where one does not fit), or None."""
        import numpy

        results = iter(self._totals.run(values.columns, rows, values.largest))
        found: dict[str, Any] = {}
        for key, count in self._members.items():
            members = [next(results) for _ in range(count)]
            found[key] = numpy.maximum.reduce(members) if len(members) > 1 else members[0] if members else None
        for key, form in self._latencies.items():
            found[key] = numpy.broadcast_to(form.seconds(values.columns), rows)
        return found


def _whole(conditions: Mapping[Polynomial, None]) -> list[Polynomial]:
    """Conditions on the sign of some polynomials, with whole coefficients."""
    result: list[Polynomial] = []
    for each in conditions:
        factor = lcm(*[Fraction(c).denominator for c in each.terms.values()])
        result.append(Polynomial(each.space, {m: int(c * factor) for m, c in each.terms.items()}))
    return result


class Costing(NamedTuple):
    """What is asked of every network: quantities, batch, type of a value and way of training."""

    quantities: tuple[str, ...]
    batch: int
    dtype: str
    training: Any

    @property
    def counted(self) -> tuple[str, ...]:
        """The quantities, with the two that a ratio is of in its place."""
        return tuple(dict.fromkeys([each for key in self.quantities for each in RATIOS.get(key, (key,))]))

    def basis(self, graph: Any) -> Basis:
        return Basis(graph, self.batch, self.dtype, self.training)

    def plain(self, graph: Any) -> dict[str, Any]:
        """The totals of a network of plain numbers."""
        basis = self.basis(graph)
        return {key: quantity_of(key).fold(basis) for key in self.quantities}

    def symbolic(self, graph: Any) -> dict[str, Any]:
        """For all that is counted the polynomials of which the largest is the total; for predictions their forms.

        Raises NotPolynomial or NeedsPeriod where a total is no polynomial in these letters.
        """
        basis, times = self.basis(graph), predicted(self.counted)
        found: dict[str, Any] = {
            key: _members(quantity_of(key).fold(basis)) for key in self.counted if key not in times
        }
        for key in times:
            setup = setup_of(key.partition(ON)[2], self.training.precision_of(self.dtype))
            found[key] = latency_form(graph, setup, self.batch, self.training)
        return found

    def finished(self, totals: Mapping[str, Any]) -> dict[str, Any]:
        """The quantities from all that was counted, as arrays."""
        found: dict[str, Any] = {}
        for key in self.quantities:
            if key in RATIOS:
                above, below = [totals[each] for each in RATIOS[key]]
                found[key] = above * self.batch / below
            else:
                found[key] = totals[key]
        return found


def _members(value: Any) -> tuple[Any, ...]:
    if isinstance(value, Unsettled):
        raise NeedsPeriod(value.factors)
    members: tuple[Any, ...] = () if value is None else value.members if isinstance(value, Envelope) else (value,)
    for each in members:
        if isinstance(each, Polynomial):
            if not all([type(coefficient) is int for coefficient in each.terms.values()]):
                raise NotPolynomial(f"{each} has coefficients that are not whole")
        elif type(each) is not int:
            raise NotPolynomial(f"{each!r} is no whole number")
    return members


def structure_at(
    build: Any,
    costing: Costing,
    point: Mapping[str, Any],
    letters: Sequence[FreeArgument],
    repeats: Mapping[str, int],
) -> SpaceStructure:
    """The structure of a point: the network with symbols for the letters and for the repeats.

    `build` makes a graph of arguments. `repeats` are the numbers of blocks from which totals are to be affine, by
    argument.

    Raises NotPolynomial where a letter shapes the graph, NeedsPeriod where it must be coarser, NotAffine, NoNetwork
    where there is none, and whatever a builder raises that cannot take a letter.
    """
    present = {each.name: int(point[each.name]) // each.period for each in letters}
    space = Space(
        (*[each.name for each in letters], *repeats), near=present | dict.fromkeys(repeats, 0), equal_there=True
    )
    arguments = dict(point) | {each.name: space.symbol(each.name) * each.period + each.residue for each in letters}

    def at(blocks: Mapping[str, int]) -> dict[str, Any]:
        return costing.symbolic(build(arguments | dict(blocks)))

    symbols = [*letters, *[FreeArgument(name, 1, least) for name, least in repeats.items()]]
    try:
        base = at(repeats)
    except NotPolynomial:
        raise
    except ArchcalcError as error:
        raise NoNetwork(SpaceStructure(symbols, space, {}), str(error)) from None
    if repeats:
        more = {name: at({**repeats, name: least + 1}) for name, least in repeats.items()}
        affine = {
            key: _affine(space, members, {name: each[key] for name, each in more.items()})
            for key, members in base.items()
        }
        wrong = {key for key, members in affine.items() if members is None}
        base = {key: members for key, members in affine.items() if members is not None}
        further = {name: least + MORE + place % 3 for place, (name, least) in enumerate(repeats.items())}
        for checked in (further, {name: point[name] for name in repeats}):
            steps = {name: checked[name] - least for name, least in repeats.items()}
            found = at(checked)
            wrong |= {key for key in base if not _same(found[key], _at_blocks(base[key], steps))}
        if wrong:
            raise NotAffine(wrong)
    return SpaceStructure(symbols, space, base)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, LatencyForm):
        return dict(one.kernels) == dict(other.kernels)
    return set(one) == set(other)


def _affine(space: Space, members: Any, more: Mapping[str, Any]) -> Any:
    """A total with a letter for every number of further blocks, from its values with one block more in each place.

    None for the largest of several polynomials that changes with them.
    """
    if isinstance(members, LatencyForm):
        first, each = dict(members.kernels), {name: dict(form.kernels) for name, form in more.items()}
        kernels = dict.fromkeys([kernel for known in (first, *each.values()) for kernel in known])
        times = [
            _sum(space, first.get(kernel, 0), {name: known.get(kernel, 0) for name, known in each.items()})
            for kernel in kernels
        ]
        return replace(members, kernels=tuple(zip(kernels, times, strict=True)))
    if all([_same(members, each) for each in more.values()]):
        return tuple(members)
    if len(members) != 1 or any([len(each) != 1 for each in more.values()]):
        return None
    return (_sum(space, members[0], {name: value for name, (value,) in more.items()}),)


def _sum(space: Space, first: Any, more: Mapping[str, Any]) -> Any:
    """A number and, for every place, its difference to another for each further block there."""
    total = first
    for name, value in more.items():
        total = total + (value - first) * space.symbol(name)
    return total


def _at_blocks(members: Any, steps: Mapping[str, int]) -> Any:
    """A total at some numbers of further blocks."""
    if isinstance(members, LatencyForm):
        times = [(kernel, _with_blocks(number, steps)) for kernel, number in members.kernels]
        return replace(members, kernels=tuple([(kernel, number) for kernel, number in times if number]))
    return [_with_blocks(each, steps) for each in members]


def _with_blocks(value: Any, steps: Mapping[str, int]) -> Any:
    """A total at some numbers of further blocks, a polynomial in the other letters."""
    if not isinstance(value, Polynomial):
        return value
    return value.value({name: steps[name] if name in steps else value.space.symbol(name) for name in value.space.names})
