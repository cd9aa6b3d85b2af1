"""Totals of networks at many points of a space, grouped by structure: exactly those of `analyze`, point by point.

Points come as columns. They are split by what shapes a graph; in each part a structure is built at the first point and
evaluated, as polynomials on arrays, at all points that meet its conditions; then at the first point that is left, until
none is. A part with few points is built point by point, which is faster than a structure and is what a structure must
equal. Structures are kept from call to call; so are the sums of blocks of networks of the catalogue, which networks
that are built one by one are put together from where only sums are asked for.

>>> import numpy
>>> from archcalc.spaces.space import DesignSpace
>>> space = DesignSpace.of("resnet18", over={"size": "32..224:32"})
>>> found = Evaluator(space, ("params", "mult_adds")).evaluate(space.columns(numpy.arange(7)))
>>> found.columns["mult_adds"][[0, 6]].tolist()
[37523456, 1814073344]
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from archcalc.algebra.polynomial import NeedsPeriod, NotPolynomial, Polynomial, Space
from archcalc.analysis.quantities import predicted
from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError
from archcalc.graph.block_sums import BlockSums
from archcalc.spaces.grouping import all_differ, grouped
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.structures import (
    RATIOS,
    Costing,
    FreeArgument,
    NoNetwork,
    NotAffine,
    SpaceStructure,
    span,
    structure_at,
)
from archcalc.training import DEFAULT_TRAINING, Training

FEW = 16
"""Points up to which the networks of a part are built one by one."""
MOST_PARTS = 10_000
"""Parts that are kept: cells that are drawn at random are a part each."""
AT_ONCE = 4096
"""Points whose arguments are made plain at once, of those that are built one by one."""
SUMS = frozenset({"params", "buffers", "mult_adds", "activation_sum", "parameter_bytes"})
"""Quantities that are sums over blocks."""
PATIENCE = 8
"""Points at which a structure is tried before the part is built one by one."""
LARGEST_PERIOD = 1 << 12
LARGEST = (1 << 63) - 1
HIGHEST_LEAST = 2
"""Blocks from which totals must be affine in their number; otherwise each number of blocks is a structure."""
EACH = 100
"""Points without a network whose own reasons are given; further ones get the reason of the first of their structure."""
UNFIT = (NotPolynomial, TypeError, ValueError, KeyError, AttributeError)
"""What a builder raises that cannot take a letter for an argument."""


class PointTotals(NamedTuple):
    """The totals at some points: arrays of int64, or float64 for ratios, masked where a network has no such total."""

    columns: Mapping[str, Any]
    problems: Mapping[int, str]
    """The rows at which no network can be built, with the reason."""


@dataclass
class AlikePoints:
    """Points that agree in what shapes the graph: their letters, and the structures that were found so far."""

    free: tuple[str, ...]
    """Arguments that are letters."""
    repeats: tuple[str, ...]
    """Arguments that are numbers of equal blocks, large enough to be letters."""
    seen: int = 0
    """Points that were asked for so far."""
    settled: bool = False
    """True if it is known which arguments can be letters."""
    alone: bool = False
    """True if networks are built one by one."""
    split: tuple[str, ...] = ()
    """Arguments that shape the graph here after all: points are split by them too."""
    periods: dict[str, int] = field(default_factory=dict[str, int])
    structures: dict[Any, list[SpaceStructure]] = field(default_factory=dict[Any, list[SpaceStructure]])
    """The structures by the residues of the letters."""
    refused: dict[Any, list[NoNetwork]] = field(default_factory=dict[Any, list[NoNetwork]])
    """Those of which there are no networks."""
    left: dict[Any, int] = field(default_factory=dict[Any, int])
    """The points so far that were of no structure known, by residues."""

    @property
    def few(self) -> int:
        """The number of points up to which networks are built one by one: a structure takes several builds."""
        return FEW * (len(self.repeats) + 3 if self.repeats else 1)


class Evaluator:
    """Totals of the networks of a space at any of its points. It can be pickled; structures stay where they were built.

    Raises UnknownName for a quantity that there is not.
    """

    def __init__(
        self,
        space: DesignSpace,
        quantities: Sequence[str],
        batch: int = 1,
        dtype: str = "float32",
        training: Training = DEFAULT_TRAINING,
    ) -> None:
        self.space = space
        self.costing = Costing(tuple(quantities), batch, dtype, training)
        self._groups = _groups(self.costing)
        self._idle: list[BlockSums] = []
        """Sums of blocks, one store for every thread that has evaluated at the same time as others."""

    def __getstate__(self) -> dict[str, Any]:
        return {"space": self.space, "costing": self.costing, "_groups": _groups(self.costing), "_idle": []}

    def evaluate(self, columns: Mapping[str, Any]) -> PointTotals:
        """The totals at the points that are the rows of the axes' columns."""
        try:
            known = self._idle.pop()
        except IndexError:
            known = BlockSums()
        try:
            return self._evaluate(*self.space.networks(dict(columns)), known)
        finally:
            self._idle.append(known)

    def _evaluate(self, arguments: Mapping[str, Any], places: Any, known: BlockSums) -> PointTotals:
        found: dict[str, Any] = {}
        problems: dict[int, str] = {}
        groups = list(self._groups)
        while groups:
            group = groups.pop(0)
            run = _Evaluation(self.space, group, arguments, known)
            try:
                run.everything()
            except NotAffine as error:
                apart = _split(group, error.keys)
                self._groups = [each for one in self._groups for each in (apart if one is group else (one,))]
                groups[:0] = apart
            else:
                found |= run.result()
                problems |= run.problems
        if places is not None:
            found = {key: column.take(places) for key, column in found.items()}
            problems = _at_points(problems, places)
        return PointTotals({key: found[key] for key in self.costing.quantities}, dict(sorted(problems.items())))


def _at_points(problems: Mapping[int, str], places: Any) -> dict[int, str]:
    """The problems of networks as those of the points whose networks they are."""
    import numpy

    if not problems:
        return {}
    rows = numpy.flatnonzero(numpy.isin(places, list(problems)))
    return {row: problems[place] for row, place in zip(rows.tolist(), places[rows].tolist(), strict=True)}


@dataclass(frozen=True)
class _Group:
    """Quantities that are affine in the numbers of equal blocks from the same number on; points by what they share."""

    costing: Costing
    least: int = 1
    parts: dict[Any, AlikePoints] = field(default_factory=dict[Any, AlikePoints])
    keys: dict[Any, tuple[Any, tuple[str, ...]]] = field(default_factory=dict[Any, tuple[Any, tuple[str, ...]]])
    """The keys of parts, and the arguments that they depend on, by what they agree in."""


def _groups(costing: Costing) -> list[_Group]:
    """Counts, and predictions."""
    times = predicted(costing.quantities)
    counts = tuple([key for key in costing.quantities if key not in times])
    return [_Group(costing._replace(quantities=some)) for some in (counts, times) if some]


def _split(group: _Group, keys: Collection[str]) -> list[_Group]:
    """A group, without the quantities that are not affine from its number on, and these from the next on."""
    wrong = [
        key for key in group.costing.quantities if key in keys or any([each in keys for each in RATIOS.get(key, ())])
    ]
    others = [key for key in group.costing.quantities if key not in wrong]
    parts = [(others, group.least), (wrong, group.least + 1)]
    return [_Group(group.costing._replace(quantities=tuple(some)), least) for some, least in parts if some]


class _Evaluation:
    """One evaluation: the columns of arguments, and the totals found so far."""

    def __init__(self, space: DesignSpace, group: _Group, arguments: Mapping[str, Any], known: BlockSums) -> None:
        import numpy

        in_sums = SUMS.issuperset(group.costing.quantities) and space.resolved.family is not None
        self.known = known if in_sums else None
        """Sums of blocks; None where other quantities are asked for, and for networks of one's own, whose functions may
        depend on more than their arguments."""
        self.space, self.group, self.count = space, group, len(next(iter(arguments.values())))
        first: dict[int, str] = {}
        self.same: dict[str, str] = {}
        """For every argument the one whose column it shares, itself as a rule."""
        for name, column in arguments.items():
            self.same[name] = name if name in space.repeats else first.setdefault(id(column), name)
        self.arguments = {name: column for name, column in arguments.items() if self.same[name] == name}
        keys = group.costing.quantities
        real = (*RATIOS, *predicted(keys))
        self.columns = {key: numpy.zeros(self.count, numpy.float64 if key in real else numpy.int64) for key in keys}
        self.missing: dict[str, list[Any]] = {key: [] for key in keys}
        self.problems: dict[int, str] = {}

    def everything(self) -> None:
        """Evaluate all rows. Raises NotAffine where some of the quantities are not."""
        import numpy

        words = [name for name, column in self.arguments.items() if column.dtype.kind not in "iu"]
        numbers = [name for name in self.arguments if name not in words]
        repeats = tuple([name for name in numbers if name in self.space.repeats])
        free = tuple([name for name in numbers if name not in repeats])
        self.evaluate(numpy.arange(self.count), {}, words, free, repeats)

    def result(self) -> dict[str, Any]:
        import numpy

        columns: dict[str, Any] = {}
        for key, column in self.columns.items():
            rows = [*self.missing[key], numpy.fromiter(self.problems, numpy.int64)]
            mask = numpy.zeros(self.count, bool)
            mask[numpy.concatenate(rows)] = True
            columns[key] = numpy.ma.MaskedArray(column, mask) if mask.any() else column
        return columns

    def evaluate(
        self,
        rows: Any,
        fixed: Mapping[str, Any],
        split: Sequence[str],
        free: tuple[str, ...],
        repeats: tuple[str, ...],
    ) -> None:
        """Evaluate some rows, split by the values of some arguments and by which numbers of blocks are small."""
        import numpy

        least = self.group.least
        places = span(rows)
        columns = [self.arguments[name][places] for name in split]
        if all_differ(columns):
            self._alone(rows, fixed)
            return
        few = [numpy.minimum(self.arguments[name][places], least) for name in repeats]
        columns += [each.astype(numpy.int8) if each.min(initial=0) >= 0 else each for each in few]
        for values, some in grouped(columns, len(rows)):
            known = dict(zip((*split, *repeats), values, strict=True))
            many = tuple([name for name in repeats if known[name] == least])
            settled = {**fixed, **{name: value for name, value in known.items() if name not in many}}
            key, used = self._key(settled, free, many)
            part = self.group.parts.get(key) or AlikePoints(used, many)
            if len(self.group.parts) < MOST_PARTS:
                self.group.parts[key] = part
            self._part(part, rows if some is None else rows[some], settled)

    def _key(
        self, fixed: Mapping[str, Any], free: tuple[str, ...], repeats: tuple[str, ...]
    ) -> tuple[Any, tuple[str, ...]]:
        """What identifies a part, and those of its free arguments that it depends on: what is built of symbols of them.

        Arguments of stages that a network does not have make no difference.
        """
        plain = (free, tuple(sorted(fixed.items(), key=lambda item: item[0])))
        if self.space.assemble is None:
            return plain, free
        if plain not in self.group.keys and len(self.group.keys) < MOST_PARTS:
            self.group.keys[plain] = self._built_of(plain, fixed, free, repeats)
        return self.group.keys.get(plain) or self._built_of(plain, fixed, free, repeats)

    def _built_of(
        self, plain: Any, fixed: Mapping[str, Any], free: tuple[str, ...], repeats: tuple[str, ...]
    ) -> tuple[Any, tuple[str, ...]]:
        space = Space(free)
        values = {name: space.symbol(name) for name in free} | dict.fromkeys(repeats, self.group.least) | dict(fixed)
        try:
            built = self.space.assembled({name: values[other] for name, other in self.same.items()})
        except (*UNFIT, ArchcalcError, NeedsPeriod):
            return plain, free
        used = _letters(built)
        return (repeats, repr(built)), tuple([name for name in free if name in used])

    def _part(self, part: AlikePoints, rows: Any, fixed: Mapping[str, Any]) -> None:
        part.seen += len(rows)
        if part.seen > part.few and not part.settled and not part.alone:
            self._settle(part, rows, fixed)
        if not part.settled or part.alone:
            self._alone(rows, fixed)
        elif part.split:
            free = tuple([name for name in part.free if name not in part.split])
            repeats = tuple([name for name in part.repeats if name not in part.split])
            self.evaluate(rows, fixed, part.split, free, repeats)
        else:
            self._by_residues(part, rows, fixed)

    def _settle(self, part: AlikePoints, rows: Any, fixed: Mapping[str, Any]) -> None:
        """Find out which arguments can be letters, at the first of some points that has a network."""
        import numpy

        few = rows[:: max(1, len(rows) // PATIENCE)][:PATIENCE]
        row = next((row for row in few if not isinstance(self._built(self._point(row, fixed)), str)), None)
        if row is None:
            return
        part.settled = True
        if self._can(part, row, fixed, part.free, part.repeats):
            return
        kept: list[str] = []
        for name in sorted(part.free, key=lambda name: -len(numpy.unique(self.arguments[name][rows]))):
            if self._can(part, row, fixed, (*kept, name), ()):
                kept.append(name)
        repeats = [name for name in part.repeats if self._can(part, row, fixed, kept, (name,))]
        if not self._can(part, row, fixed, kept, repeats):
            repeats = []
        part.split = tuple([name for name in (*part.free, *part.repeats) if name not in (*kept, *repeats)])
        part.alone = not kept and not repeats

    def _can(
        self, part: AlikePoints, row: int, fixed: Mapping[str, Any], free: Sequence[str], repeats: Sequence[str]
    ) -> bool:
        """Return True if there is a structure at a row with these letters; its periods are noted.

        Raises NotAffine if quantities may be affine from the next number of blocks on.
        """
        try:
            structure = self._structure(part, row, fixed, free, repeats)
        except NeedsPeriod:
            return self._can(part, row, fixed, free, repeats)
        except NotAffine:
            if self.group.least < HIGHEST_LEAST:
                raise
            return False
        except (*UNFIT, NoNetwork):
            return False
        if (tuple(free), tuple(repeats)) == (part.free, part.repeats):
            residues = tuple([(item, self.arguments[item[0]][row] % item[1]) for item in part.periods.items()])
            part.structures[residues] = [structure]
        return True

    def _structure(
        self, part: AlikePoints, row: int, fixed: Mapping[str, Any], free: Sequence[str], repeats: Sequence[str]
    ) -> SpaceStructure:
        """The structure at a row. Raises NeedsPeriod where a period became longer, which is noted."""
        point = self._point(row, fixed)
        letters = [
            FreeArgument(name, period, point[name] % period) for name in free for period in (part.periods.get(name, 1),)
        ]
        least = self.group.least
        try:
            return structure_at(self._graph, self.group.costing, point, letters, dict.fromkeys(repeats, least))
        except NeedsPeriod as needs:
            for place, factor in needs.factors.items():
                part.periods[free[place]] = part.periods.get(free[place], 1) * factor
            if max(part.periods.values()) > LARGEST_PERIOD:
                raise NotPolynomial("no period settles it") from None
            raise

    def _by_residues(self, part: AlikePoints, rows: Any, fixed: Mapping[str, Any]) -> None:
        """Evaluate the rows of a part, split by the residues of its letters."""
        periods = {name: period for name, period in part.periods.items() if name in part.free}
        columns = [self.arguments[name][span(rows)] % period for name, period in periods.items()]
        for residues, some in grouped(columns, len(rows)):
            left = rows if some is None else rows[some]
            key = tuple(zip(periods.items(), residues, strict=True))
            known = part.structures.setdefault(key, [])
            refused = part.refused.setdefault(key, [])
            for structure in known:
                left = self._take(structure, left)
            for each in refused:
                left = self._refuse(each, left, fixed)
            part.left[key] = part.left.get(key, 0) + len(left)
            tries = PATIENCE if part.left[key] > part.few else 0
            while len(left) and tries:
                check_cancelled()
                try:
                    structure = self._structure(part, left[0], fixed, part.free, part.repeats)
                except NeedsPeriod:
                    self._by_residues(part, left, fixed)
                    break
                except NoNetwork as error:
                    refused.append(error)
                    before = len(left)
                    left = self._refuse(error, left, fixed)
                    tries -= len(left) == before
                except (*UNFIT, NotAffine):
                    tries -= 1
                    self._alone(left[:1], fixed)
                    left = left[1:]
                else:
                    known.append(structure)
                    first, left = left[0], self._take(structure, left)
                    if len(left) and left[0] == first:
                        raise AssertionError(f"{self._point(first, fixed)} is not of its own structure")
            else:
                self._alone(left, fixed)

    def _take(self, structure: SpaceStructure, rows: Any) -> Any:
        """Fill in the totals at the rows that are of a structure; return the others. Rows are in order."""
        if not len(rows):
            return rows
        values = structure.values(self.arguments, rows)
        good = structure.holds(values, len(rows))
        taken, left = rows, rows[:0]
        if good is not True and not good.all():
            taken, left = rows[good], rows[~good]
            values = values.of(good)
        if len(taken):
            for key, column in self.group.costing.finished(structure.totals(values, len(taken))).items():
                self._fill(key, taken, column)
        return left

    def _refuse(self, refused: NoNetwork, rows: Any, fixed: Mapping[str, Any]) -> Any:
        """Note the reason at the rows of a structure without networks; return the others, all if there is a network."""
        if not len(rows):
            return rows
        good = refused.structure.holds(refused.structure.values(self.arguments, rows), len(rows))
        taken, left = (rows, rows[:0]) if good is True else (rows[good], rows[~good])
        reasons = [self._built(self._point(row, fixed)) for row in (*taken[:EACH], *taken[-1:])]
        if not all([isinstance(reason, str) for reason in reasons]):
            return rows
        self.problems |= dict.fromkeys(taken.tolist(), str(refused)) | dict(zip(taken.tolist(), reasons, strict=False))
        return left

    def _fill(self, key: str, rows: Any, column: Any) -> None:
        if column is None:
            self.missing[key].append(rows)
        elif column.dtype == object:
            row = next(row for row, value in zip(rows, column, strict=True) if abs(value) > LARGEST)
            self._too_large(key, row)
        else:
            self.columns[key][span(rows)] = column

    def _too_large(self, key: str, row: int) -> None:
        point = ", ".join(f"{name} = {column[row]}" for name, column in self.arguments.items())
        raise ArchcalcError(f"{self.space.name}: {key} at {point} is larger than 2^63 - 1", "quantities")

    def _alone(self, rows: Any, fixed: Mapping[str, Any]) -> None:
        """Fill in the totals at some rows by building the networks one by one."""
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            for row, point in zip(some.tolist(), self._points(some, fixed), strict=True):
                check_cancelled()
                graph = self._built(point, self.known)
                if isinstance(graph, str):
                    self.problems[row] = graph
                    continue
                for key, value in self.group.costing.plain(graph).items():
                    if value is None:
                        self.missing[key].append([row])
                    elif value > LARGEST:
                        self._too_large(key, row)
                    else:
                        self.columns[key][row] = value

    def _point(self, row: int, fixed: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments at a row, as plain numbers and words."""
        return {name: fixed[name] if name in fixed else _plain(column[row]) for name, column in self.arguments.items()}

    def _points(self, rows: Any, fixed: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The arguments at each of some rows."""
        columns: list[Any] = []
        for name, column in self.arguments.items():
            values = [fixed[name]] * len(rows) if name in fixed else column[rows].tolist()
            columns.append([_plain(value) for value in values] if column.dtype == object else values)
        for values in zip(*columns, strict=True):
            yield dict(zip(self.arguments, values, strict=True))

    def _graph(self, arguments: Mapping[str, Any], known: BlockSums | None = None) -> Any:
        space = self.space
        if len(self.same) > len(self.arguments):
            arguments = {name: arguments[other] for name, other in self.same.items()}
        shape, settings = space.assembled(arguments)
        return space.resolved.graph(shape, settings, known)

    def _built(self, point: Mapping[str, Any], known: BlockSums | None = None) -> Any:
        """The network at a point, or the reason why there is none: as the network in full states it."""
        try:
            return self._graph(point, known)
        except ArchcalcError as error:
            return str(error) if known is None else self._built(point)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _letters(value: Any) -> set[str]:
    """The letters of all polynomials in some values, however nested."""
    if isinstance(value, Polynomial):
        return {
            name for place, name in enumerate(value.space.names) if any([monomial[place] for monomial in value.terms])
        }
    if isinstance(value, Mapping):
        value = list(value.values())  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
    each: Any = value if isinstance(value, (tuple, list)) else ()  # pyright: ignore[reportUnknownVariableType]
    return set[str]().union(*[_letters(item) for item in each])
