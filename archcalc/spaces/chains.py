"""A total over a space as a sum along a chain: terms of groups of axes, and terms of groups that are neighbours.

The total of a network of stages is a sum over stages, and the term of a stage depends on the choices in it and on the
stage before. That is not assumed: the network is built on letters (`archcalc.spaces.structures`), and the monomials of
the total say which axes occur together. The axes are put into a row of groups, so that each monomial and each
constraint speaks of one group or of two neighbours; where there is no such row, each value of an axis that many speak
of makes a chain of its own. Each group is then a table of its combinations, with the sum of its own monomials. A
monomial of two neighbours is the product of a factor of either one, so that their table has a row and a column only for
every different factor.

Arguments that are computed from axes (`DesignSpace.translate`) are tabulated over the axes that they depend on. Which
these are is found by changing one axis at a time at random points, and the tables are compared with the function at
further random points; an argument that depends on an axis at no such point is not detected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product
from math import prod
from typing import Any, NamedTuple

from archcalc.algebra.polynomial import NeedsPeriod, NotPolynomial, Polynomial
from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError
from archcalc.spaces.constraints import Relation
from archcalc.spaces.layering import layered
from archcalc.spaces.programs import ArrayProgram
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.structures import Costing, FreeArgument, NoNetwork, NotAffine, SpaceStructure, structure_at

LARGEST_GROUP = 1 << 18
"""Combinations of the axes of a group, at most."""
LARGEST_JOINT = 1 << 24
"""Entries of a table of two neighbours, at most."""
MOST_CHAINS = 1000
"""Combinations of the axes of which each value makes a chain of its own, at most."""
TRIES, CHECKS = 256, 2048
"""Random points at which the dependence of arguments on axes is looked for, and at which the tables are checked."""
LARGEST = (1 << 62) - 1
UNFIT = (NotPolynomial, TypeError, ValueError, KeyError, AttributeError)
"""What a builder raises that cannot take a letter for an argument."""


class JointPart(NamedTuple):
    """What joins two neighbours, or a part of it that shares no axes with the others."""

    before: Any
    """For every combination of the group before its state, from 0; an int64 array."""
    behind: Any
    """For every combination of the group behind its state."""
    costs: Any
    """The term for every pair of states, an int64 array (states before, states behind), none negative; None if 0."""
    allowed: Any
    """True for pairs that fulfil the constraints, an array of the same shape."""


class Chain(NamedTuple):
    """Sums along a row of groups: `constant`, a term of each group, and terms of each two neighbours."""

    constant: int
    own: tuple[Any, ...]
    """For every group the terms of its combinations, int64 arrays, none negative."""
    joints: tuple[tuple[JointPart, ...], ...]
    """Between each group and the next one: a part with costs first, and further ones."""
    factor: int
    """The number of points for each combination: the product of the lengths of axes that do not matter."""

    @property
    def combinations(self) -> int:
        """The number of points, those that break a constraint between groups among them."""
        return self.factor * prod([len(each) for each in self.own])

    @property
    def most(self) -> int:
        """A number that no sum exceeds."""
        joints = [int(part.costs.max(initial=0)) for parts in self.joints for part in parts if part.costs is not None]
        return self.constant + sum([int(each.max(initial=0)) for each in self.own]) + sum(joints)


class _Atom(NamedTuple):
    """Axes that are together because arguments depend on several of them, and the arguments of each combination."""

    axes: tuple[str, ...]
    arguments: Any
    """Columns by name, of which the last axis is the fastest; None if there are too many combinations."""


def chains_of(space: DesignSpace, costing: Costing, *, largest_group: int = LARGEST_GROUP) -> Iterator[Chain]:
    """The chains whose sums are the totals at all points of a space of the one quantity of `costing`.

    Raises ArchcalcError where the total is no polynomial, where there are no such chains, and where not all networks
    are of one structure.
    """
    return _Splitter(space, costing, largest_group).chains()


class _Splitter:
    """A space and a quantity, and what is known of them."""

    def __init__(self, space: DesignSpace, costing: Costing, largest_group: int) -> None:
        import numpy

        self.numpy: Any = numpy
        self.space, self.costing, self.largest_group = space, costing, largest_group
        (self.quantity,) = costing.quantities
        self.comparisons = tuple(dict.fromkeys([each for rule in space.constraints for each in rule.comparisons]))
        self.lengths = dict(zip(space.names, space.lengths, strict=True))
        self.random = numpy.random.default_rng(20)
        self.depends = self._dependences()
        """For every argument the axes that it depends on."""
        first = self.arguments({name: numpy.zeros(1, numpy.int64) for name in space.names})
        self.fixed = {name for name, column in first.items() if column.dtype.kind not in "iu"}
        """Arguments that are no letters."""
        self.least = 1
        self.structures: dict[Any, SpaceStructure] = {}
        self.rows: dict[Any, Any] = {}

    def error(self, what: str) -> ArchcalcError:
        return ArchcalcError(f"{self.space.name}: {self.quantity} cannot be counted by groups: {what}", "under")

    def arguments(self, places: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments at places on all axes."""
        return self.space.translated(self.space.columns_at(places))

    def random_places(self, count: int) -> dict[str, Any]:
        """Places on all axes, drawn independently."""
        return {name: self.random.integers(0, length, count) for name, length in self.lengths.items()}

    def _dependences(self) -> dict[str, frozenset[str]]:
        if self.space.translate is None:
            return {name: frozenset([name]) for name in self.space.names}
        places = self.random_places(TRIES)
        base = self.arguments(places)
        found: dict[str, set[str]] = {name: set() for name in base}
        for axis, length in self.lengths.items():
            moved = (places[axis] + self.random.integers(1, max(length, 2), TRIES)) % length
            for name, column in self.arguments({**places, axis: moved}).items():
                if (column != base[name]).any():
                    found[name].add(axis)
        return {name: frozenset(axes) for name, axes in found.items()}

    def chains(self) -> Iterator[Chain]:
        """All chains."""
        self._settle()
        names = dict.fromkeys([axis for name in self.fixed for axis in sorted(self.depends[name])])
        yield from self._over(tuple([name for name in self.space.names if name in names]), {})

    def _over(self, names: Sequence[str], places: Mapping[str, int]) -> Iterator[Chain]:
        """The chains at every combination of some axes, beside those that have a place already."""
        number = prod([self.lengths[name] for name in (*names, *places)])
        if number > MOST_CHAINS:
            axes = ", ".join([*places, *names])
            raise self.error(f"it has terms of its own for each of {number:,} combinations of {axes}")
        for own in product(*[range(self.lengths[name]) for name in names]):
            check_cancelled()
            yield from self._at({**places, **dict(zip(names, own, strict=True))})

    def _at(self, places: Mapping[str, int]) -> Iterator[Chain]:
        """The chains where some axes have one value."""
        values = {name: self.space.axis(name).array[place] for name, place in places.items()}
        settled = [each for each in self.comparisons if not set(each.names) - set(places)]
        if not all([bool(each.holds(values)) for each in settled]):
            return
        cut = _Cut(self, places, self._structure(places))
        groups = cut.groups()
        if groups is not None:
            yield cut.chain(groups)
            return
        degree = {name: len(others) for name, others in cut.beside.items()}
        name = max(degree, key=lambda each: (degree[each], -self.lengths[each]))
        yield from self._over((name,), places)

    def _settle(self) -> None:
        """Find out which arguments can be letters."""
        names = list(self.depends)
        while True:
            try:
                self._structure({})
            except NeedsPeriod as needs:
                letters = [name for name in names if name not in self.fixed and name not in self.space.repeats]
                self.fixed |= {letters[place] for place in needs.factors}
            except NotAffine:
                if self.least == 2:
                    raise self.error("it is no polynomial in the numbers of blocks") from None
                self.least = 2
            except UNFIT:
                bad = {name for name in names if name not in self.fixed and not self._can(name)}
                if not bad:
                    raise self.error("it is no polynomial in what the axes set") from None
                self.fixed |= bad
            else:
                return

    def _can(self, name: str) -> bool:
        """Return True if there is a structure with this one letter."""
        try:
            self._structure({}, only=name)
        except (NeedsPeriod, NotAffine, *UNFIT):
            return False
        return True

    def _structure(self, places: Mapping[str, int], only: str | None = None) -> SpaceStructure:
        """The structure where some axes have one value, the others their first."""
        first = {name: self.numpy.full(1, places.get(name, 0)) for name in self.space.names}
        point = {name: _plain(column[0]) for name, column in self.arguments(first).items()}
        key = (only, self.least, tuple([(name, point[name]) for name in sorted(self.fixed)]))
        if key not in self.structures:
            letters = [name for name in point if name not in self.fixed and only in (None, name)]
            repeats = [name for name in letters if name in self.space.repeats]
            low = next((name for name in repeats if point[name] < self.least), None)
            if low is not None:
                raise self.error(f"it is a polynomial for {low} from {self.least} on, and there is {point[low]}")
            try:
                self.structures[key] = structure_at(
                    self._graph,
                    self.costing,
                    point,
                    [FreeArgument(name) for name in letters if name not in repeats],
                    dict.fromkeys(repeats, self.least),
                )
            except NoNetwork as refused:
                raise self.error(f"not every network can be built: {refused}") from None
        return self.structures[key]

    def _graph(self, arguments: Mapping[str, Any]) -> Any:
        return self.space.resolved.graph(*self.space.assembled(arguments))


class _Cut:
    """A space in which some axes have one value, and the structure of its networks."""

    def __init__(self, splitter: _Splitter, places: Mapping[str, int], structure: SpaceStructure) -> None:
        self.splitter, self.places, self.structure = splitter, places, structure
        self.numpy = splitter.numpy
        self.axes = [name for name in splitter.space.names if name not in places]
        self.letters = {each.name: each for each in structure.letters}
        self.depends = {name: splitter.depends[name] - set(places) for name in self.letters}
        self.total = self._total()
        together = [*self.depends.values(), *[self._axes_of(monomial) for monomial in self.total.terms]]
        self.comparisons = [(each, frozenset(each.names) - set(places)) for each in splitter.comparisons]
        self.beside: dict[str, set[str]] = {name: set() for name in self.axes}
        for axes in (*together, *[names for _, names in self.comparisons]):
            for name in axes:
                self.beside[name] |= axes - {name}
        self.atoms = self._atoms()
        self.atom_of = {name: atom for atom in self.atoms for name in atom.axes}

    def _total(self) -> Polynomial:
        """The total without its conditions, as a polynomial."""
        members = self.structure.polynomials(self.splitter.quantity)
        if len(members) != 1:
            said = "the largest of several sums, not one sum" if members else "not defined for these networks"
            raise self.splitter.error(f"it is {said}")
        if isinstance(members[0], Polynomial):
            return members[0]
        from archcalc.algebra.polynomial import Space

        space = Space(tuple(self.letters))
        return Polynomial(space, {space.constant: members[0]})

    def _letters_of(self, monomial: Sequence[int]) -> list[str]:
        return [name for name, exponent in zip(self.total.space.names, monomial, strict=True) if exponent]

    def _axes_of(self, monomial: Sequence[int]) -> frozenset[str]:
        return frozenset([axis for name in self._letters_of(monomial) for axis in self.depends[name]])

    def _atoms(self) -> list[_Atom]:
        """The axes, together where one argument depends on several of them, with tables of the arguments."""
        label = {name: name for name in self.axes}
        for axes in self.depends.values():
            joined = {label[name] for name in axes}
            if joined:
                label = {name: min(joined) if own in joined else own for name, own in label.items()}
        atoms = [tuple([name for name in self.axes if label[name] == own]) for own in dict.fromkeys(label.values())]
        return [self._atom(axes) for axes in (*atoms, ())]

    def _atom(self, axes: tuple[str, ...]) -> _Atom:
        splitter = self.splitter
        names = [name for name, own in self.depends.items() if own <= set(axes) and bool(own) == bool(axes)]
        shape = [splitter.lengths[name] for name in axes]
        if prod(shape) > splitter.largest_group:
            return _Atom(axes, {} if not names else None)
        fast = self.numpy.indices(shape).reshape(len(shape), -1) if axes else self.numpy.zeros((0, 1), int)
        count = prod(shape)
        own = dict(zip(axes, fast, strict=True))
        places = {
            name: own[name] if name in own else self.numpy.full(count, self.places.get(name, 0))
            for name in splitter.space.names
        }
        arguments = splitter.arguments(places)
        return _Atom(axes, {name: arguments[name] - self.letters[name].residue for name in names})

    def groups(self) -> list[tuple[str, ...]] | None:
        """The axes that a total or a constraint speaks of in a row of groups; None if there is no such row."""
        spoken = {name for monomial in self.total.terms for name in self._axes_of(monomial)}
        spoken |= {name for _, names in self.comparisons for name in names}
        kept = {atom.axes: None for atom in self.atoms if spoken & set(atom.axes)}
        sizes = {axes: prod([self.splitter.lengths[name] for name in axes]) for axes in kept}
        if any([atom.arguments is None for atom in self.atoms]):
            return None
        beside = {axes: {self.atom_of[other].axes for name in axes for other in self.beside[name]} for axes in kept}
        beside = {axes: {other for other in others if other != axes} for axes, others in beside.items()}
        row = layered(sizes, beside, self.splitter.largest_group)
        return None if row is None else [tuple([name for axes in group for name in axes]) for group in row]

    def chain(self, groups: Sequence[tuple[str, ...]]) -> Chain:
        """The chain of these groups, whose terms are made to begin at 0."""
        tables = [_Combinations(self, axes) for axes in groups] or [_Combinations(self, ())]
        place_of = {axis: place for place, axes in enumerate(groups) for axis in axes}
        self._check_arguments()
        constant = 0
        own: list[dict[Any, int]] = [{} for _ in tables]
        crossing: list[dict[Any, dict[Any, int]]] = [{} for _ in tables]
        names = self.total.space.names
        for monomial, coefficient in self.total.terms.items():
            places = sorted({place_of[axis] for axis in self._axes_of(monomial)})
            for place, name in enumerate(names):
                if monomial[place] and not self.depends[name]:
                    coefficient *= int(self.atoms[-1].arguments[name][0]) ** monomial[place]  # noqa: PLW2901
            if not places:
                constant += coefficient
                continue
            halves = [self._half(monomial, place_of, place) for place in places]
            if len(halves) == 1:
                own[places[0]][halves[0]] = own[places[0]].get(halves[0], 0) + coefficient
            else:
                terms = crossing[places[0]].setdefault(halves[0], {})
                terms[halves[1]] = terms.get(halves[1], 0) + coefficient
        sums: list[Any] = []
        for table, terms in zip(tables, own, strict=True):
            column = table.values(terms)
            least = int(column.min()) if len(column) else 0
            constant += least
            sums.append(column - least)
        joints: list[tuple[JointPart, ...]] = []
        for place, (before, behind) in enumerate(pairwise(tables)):
            parts, least = self._joint(before, behind, crossing[place])
            constant += least
            joints.append(parts)
        self._check_conditions(tables)
        spoken = {name for axes in groups for name in axes}
        factor = prod([self.splitter.lengths[name] for name in self.axes if name not in spoken])
        return Chain(constant, tuple(sums), tuple(joints), factor)

    def _half(self, monomial: Sequence[int], place_of: Mapping[str, int], place: int) -> tuple[int, ...]:
        """The part of a monomial whose letters depend on the axes of one group."""
        return tuple(
            [
                exponent if exponent and {place_of[axis] for axis in self.depends[name]} == {place} else 0
                for name, exponent in zip(self.total.space.names, monomial, strict=True)
            ]
        )

    def _joint(
        self, before: _Combinations, behind: _Combinations, crossing: Mapping[Any, Mapping[Any, int]]
    ) -> tuple[tuple[JointPart, ...], int]:
        """The parts that join two neighbours, those with costs first, and the least value of their sum."""
        links: list[tuple[frozenset[str], Any]] = []
        for half, terms in crossing.items():
            axes = self._axes_of(half).union(*[self._axes_of(other) for other in terms])
            links.append((axes, (half, terms)))
        for comparison, names in self.comparisons:
            if names & set(before.axes) and names & set(behind.axes):
                links.append((names, comparison))
        parts: list[tuple[set[str], list[Any]]] = []
        for axes, link in links:
            touched = [part for part in parts if part[0] & axes]
            parts = [part for part in parts if not part[0] & axes]
            parts.append(
                (axes.union(*[own for own, _ in touched]), [each for _, some in touched for each in some] + [link])  # pyright: ignore[reportArgumentType]
            )
        found: list[JointPart] = []
        constant = 0
        for _, own in parts:
            part, least = self._part(before, behind, own)
            constant += least
            found.append(part)
        found.sort(key=lambda part: part.costs is None)
        if not found or found[0].costs is None:
            numpy = self.numpy
            nothing, all_of_it = numpy.zeros((1, 1), numpy.int64), numpy.ones((1, 1), bool)
            states = [numpy.zeros(table.rows, numpy.int64) for table in (before, behind)]
            found.insert(0, JointPart(states[0], states[1], nothing, all_of_it))
        return tuple(found), constant

    def _part(self, before: _Combinations, behind: _Combinations, links: Sequence[Any]) -> tuple[JointPart, int]:
        numpy = self.numpy
        products = [link for link in links if not isinstance(link, Relation)]
        comparisons = [link for link in links if isinstance(link, Relation)]
        spoken = dict.fromkeys([name for each in comparisons for name in each.names])
        left = [before.values({half: 1}) for half, _ in products]
        right = [behind.values(terms) for _, terms in products]
        axes = [{name: table.columns[name] for name in spoken if name in table.axes} for table in (before, behind)]
        states, firsts = zip(
            *[
                _states(numpy, [*columns, *own.values()], table.rows)
                for columns, own, table in zip((left, right), axes, (before, behind), strict=True)
            ],
            strict=True,
        )
        shape = tuple([len(each) for each in firsts])
        if prod(shape) > LARGEST_JOINT:
            raise self.splitter.error(f"a table of two neighbours has {prod(shape):,} entries")
        allowed = numpy.ones(shape, bool)
        values: dict[str, Any] = dict(self.values)
        values |= {name: column[firsts[0]][:, None] for name, column in axes[0].items()}
        values |= {name: column[firsts[1]][None, :] for name, column in axes[1].items()}
        for each in comparisons:
            allowed &= each.holds(values)
        if not products:
            return JointPart(states[0], states[1], None, allowed), 0
        most = sum([int(abs(a).max(initial=0)) * int(abs(b).max(initial=0)) for a, b in zip(left, right, strict=True)])
        if most > LARGEST:
            raise self.splitter.error("it reaches numbers beyond 2^62")
        costs = numpy.zeros(shape, numpy.int64)
        for one, other in zip(left, right, strict=True):
            costs += one[firsts[0]][:, None] * other[firsts[1]][None, :]
        least = int(costs.min()) if costs.size else 0
        return JointPart(states[0], states[1], costs - least, allowed), least

    @property
    def values(self) -> dict[str, Any]:
        """The values of the axes that have one."""
        return {name: self.splitter.space.axis(name).array[place] for name, place in self.places.items()}

    def _check_arguments(self) -> None:
        """Compare the tables with the function that computes arguments, at random points."""
        splitter = self.splitter
        if splitter.space.translate is None:
            return
        places = splitter.random_places(CHECKS)
        places |= {name: self.numpy.full(CHECKS, place) for name, place in self.places.items()}
        actual = splitter.arguments(places)
        for atom in self.atoms:
            rows = self.numpy.zeros(CHECKS, self.numpy.int64)
            for name in atom.axes:
                rows = rows * splitter.lengths[name] + places[name]
            for name, column in atom.arguments.items():
                if (column[rows] + self.letters[name].residue != actual[name]).any():
                    raise splitter.error(f"{name} depends on more than {', '.join(atom.axes)}")

    def _check_conditions(self, tables: Sequence[_Combinations]) -> None:
        """Raise ArchcalcError unless all networks are of the structure."""
        columns = {name: column for atom in self.atoms for name, column in atom.arguments.items()}
        ends = [
            {name: int(end(column)) for name, column in columns.items()} for end in (self.numpy.min, self.numpy.max)
        ]
        structure = self.structure
        names = self.total.space.names
        for kind, conditions in enumerate((structure.at_least, structure.zero, structure.nonzero)):
            for each in conditions:
                ((low, high),) = ArrayProgram(names, [each]).bounds(*ends)
                if (low < 0, (low, high) != (0, 0), low <= 0 <= high)[kind]:
                    self._check_condition(each, kind, tables)

    def _check_condition(self, condition: Polynomial, kind: int, tables: Sequence[_Combinations]) -> None:
        """The same for a condition that the ends of its letters leave open, which one group may settle."""
        axes: frozenset[str] = frozenset[str]().union(*[self._axes_of(monomial) for monomial in condition.terms])
        for table in tables:
            if axes <= set(table.axes):
                values = table.values(condition.terms)
                if (values >= 0, values == 0, values != 0)[kind].all():
                    return
        said = ("< 0", "!= 0", "== 0")[kind]
        raise self.splitter.error(f"networks in which {condition} {said} have other layers than the rest")


class _Combinations:
    """The combinations of the axes of a group that fulfil the constraints on them."""

    def __init__(self, cut: _Cut, axes: tuple[str, ...]) -> None:
        numpy = cut.numpy
        self.cut = cut
        names = [name for atom in cut.atoms if set(atom.axes) & set(axes) for name in atom.axes]
        self.axes = tuple(names)
        shape = [cut.splitter.lengths[name] for name in names]
        count = prod(shape)
        places = dict(zip(names, numpy.indices(shape).reshape(len(shape), -1), strict=True)) if names else {}
        kept: Any = numpy.ones(count, bool)
        columns = {name: cut.splitter.space.axis(name).at(column) for name, column in places.items()}
        for comparison, spoken in cut.comparisons:
            if spoken and spoken <= set(names):
                kept &= comparison.holds({**cut.values, **columns})
        self.columns = {name: column[kept] for name, column in columns.items()}
        """The axes."""
        self.rows = int(kept.sum())
        self.arguments: dict[str, Any] = {}
        """The letters that depend on them."""
        for atom in cut.atoms:
            if atom.axes and set(atom.axes) <= set(names):
                rows: Any = 0
                for name in atom.axes:
                    rows = rows * cut.splitter.lengths[name] + places[name]
                self.arguments |= {name: column[rows[kept]] for name, column in atom.arguments.items()}

    def values(self, terms: Mapping[tuple[int, ...], int]) -> Any:
        """The polynomial of some terms at every combination."""
        cut, numpy = self.cut, self.cut.numpy
        if not terms or not self.rows:
            return numpy.zeros(self.rows, numpy.int64)
        space = cut.total.space
        constants = {name: numpy.broadcast_to(column, self.rows) for name, column in cut.atoms[-1].arguments.items()}
        (column,) = ArrayProgram(space.names, [Polynomial(space, dict(terms))]).run(
            {**constants, **self.arguments}, self.rows
        )
        if column.dtype == object or numpy.abs(column).max() > LARGEST:
            raise cut.splitter.error("it reaches numbers beyond 2^62")
        return column


def _states(numpy: Any, columns: Sequence[Any], rows: int) -> tuple[Any, Any]:
    """Equal combinations of values by one number each, from 0, and a row of every number."""
    codes = numpy.zeros(rows, numpy.int64)
    firsts = numpy.zeros(min(rows, 1), numpy.int64)
    for column in columns:
        _, ranks = numpy.unique(column, return_inverse=True)
        _, firsts, codes = numpy.unique(
            codes * (int(ranks.max(initial=0)) + 1) + ranks, return_index=True, return_inverse=True
        )
    return codes, firsts


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
