"""Arguments of networks of stages, AnyNetX and RegNet: from the columns of the axes, and to one network.

Stage i has the arguments d_i, its blocks, 0 for no such stage; m_i, its groups; g_i, its group width; and b_i, its
bottleneck ratio: it is b_i * g_i * m_i wide. So every size in the network is a product of arguments. With gates, s_i is
their inner width behind blocks of stage i.

Widths are made to fit as the authors' code does, pycls: a bottleneck is at least one channel wide, a group no wider
than the bottleneck, and the bottleneck is rounded to a whole number of groups, halves to even.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.algebra.dims import Dim
from archcalc.base.extras import need
from archcalc.graph import Choice, Network, Other, Switch
from archcalc.graph.network import IN_CHANNELS
from archcalc.spaces.quantized import AT_ONCE, Quantized, quantized
from archcalc.zoo import CLASSES, resnet
from archcalc.zoo._anynetx import Stage, anynetx, quarter
from archcalc.zoo._pooled import UpToFeatures

UNIT = 8
"""RegNet's widths are multiples of it before they are made to fit."""
ANYNETX = Network(
    "anynetx",
    UpToFeatures(anynetx),
    ((3, 224, 224),),
    {
        "stages": Other("blocks, width, bottleneck ratio and group width of each stage", literal=True),
        "se": Switch("squeeze-and-excitation after every 3x3 convolution"),
        "output_stride": Choice((0, 32, 16, 8), f"{resnet.DILATING}; 0: every stage halves it"),
        "classes": CLASSES,
        "in_channels": IN_CHANNELS,
    },
    {"stages": ((1, 64), (1, 128), (1, 256), (1, 512))},
    "stages of equal X blocks",
    "Radosavovic et al. 2020, arXiv:2003.13678",
)
"""The network of any stages. The arguments of this module make its hyperparameter `stages`."""
LETTERS = "mgs"
"""Arguments of a stage that follow from its width, its bottleneck ratio and its group width."""
MOST_RANKS, LARGEST_TABLE = 1 << 16, 1 << 22
"""Limits of the largest value of an axis and of the entries of a table; beyond them the numbers are computed anew."""
LARGEST_SMALL = (1 << 31) - 1
"""The largest number of an int32."""
MIXING = 0x9E3779B97F4A7C15
"""An odd number without a pattern in its bits, 2^64 by the golden ratio."""
RULE = ("depth", "w_0", "w_a", "w_m")
"""The axes of RegNet from which depths and widths of its stages follow."""


def of_anynet(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of AnyNetX from the axes d1, w1, b1, g1 and so on, for as many stages as there are.

    An axis b or g stands for all b1, b2 ... that are none themselves.

    >>> import numpy
    >>> columns = {"d1": [2, 1], "w1": [64, 48], "b": [4, 1], "g1": [32, 32]}
    >>> found = of_anynet({name: numpy.array(values) for name, values in columns.items()})
    >>> {name: values.tolist() for name, values in found.items()}
    {'d_1': [2, 1], 'b_1': [4, 1], 'm_1': [1, 2], 'g_1': [16, 32]}
    """
    result: dict[str, Any] = {}
    stage = 1
    while f"d{stage}" in columns:
        ratio, group = [columns.get(f"{letter}{stage}", columns.get(letter)) for letter in "bg"]
        groups, group = fitted(columns[f"w{stage}"], ratio, group)
        result |= {f"d_{stage}": columns[f"d{stage}"], f"b_{stage}": ratio, f"m_{stage}": groups, f"g_{stage}": group}
        stage += 1
    return result


def of_regnet(columns: Mapping[str, Any], *, gated: bool = False) -> dict[str, Any]:
    """The arguments of RegNet from the axes depth, w_0, w_a, w_m, group_width and bottleneck_ratio.

    There are as many stages as any of the networks has. With `gated`, the inner widths of gates are among the
    arguments. Neighbours that share the first four numbers, as in a space in order, are computed once. Raises
    ArchcalcError as `quantized` does.

    >>> import numpy
    >>> columns = {"depth": [22, 3], "w_0": [24, 32], "w_a": [24.48, 1.0], "w_m": [2.54, 3.0], "group_width": [16, 32]}
    >>> columns["bottleneck_ratio"] = [1, 2]
    >>> found = of_regnet({name: numpy.array(values) for name, values in columns.items()})
    >>> [[found[f"{letter}_{i}"].tolist() for letter in "dbmg"] for i in (1, 4)]
    [[[1, 3], [1, 2], [2, 1], [16, 16]], [[12, 0], [1, 2], [24, 0], [16, 1]]]
    """
    numpy = need("numpy", "a design space")
    ratio, group = columns["bottleneck_ratio"], columns["group_width"]
    starts, run = _runs(numpy, columns)
    found = quantized(*[columns[name][starts] for name in RULE])
    fit = _Fit(numpy, found.widths, ratio, group)
    letters = LETTERS if gated else LETTERS[:2]
    depths, *others = numpy.empty((1 + len(letters), len(found.depths), len(ratio)), numpy.int64)
    for first in range(0, len(ratio), AT_ONCE):
        rows = slice(first, first + AT_ONCE)
        for stage in range(len(depths)):
            found.depths[stage].take(run[rows], out=depths[stage, rows])
            fit.put([other[stage, rows] for other in others], found.widths[stage].take(run[rows]), rows)
    result: dict[str, Any] = {}
    for stage in range(len(depths)):
        result |= {f"d_{stage + 1}": depths[stage], f"b_{stage + 1}": ratio}
        result |= {f"{letter}_{stage + 1}": other[stage] for letter, other in zip(letters, others, strict=True)}
    return result


def different_regnets(columns: Mapping[str, Any], *, gated: bool = False) -> tuple[dict[str, Any], Any] | None:
    """The arguments of the different networks among some points, and the place of every point's network among them.

    In a space in order most stages occur often: neighbours share depth, w_0, w_a and w_m, and near w_a and w_m round to
    the same widths. The networks are all pairs of stages and of a ratio with a group width, those of few stages first.
    None if there would be no fewer networks than points. Columns are those of `of_regnet`, and so are the arguments,
    except those of stages that a network does not have, which are 0; a network may be there twice.

    >>> import numpy
    >>> from archcalc.spaces.named import named_space
    >>> space = named_space("regnetx")
    >>> columns = space.columns(numpy.arange(100_000_000, 100_100_000))
    >>> arguments, places = different_regnets(columns)
    >>> len(arguments["d_1"]), len(places)
    (60210, 100000)
    >>> bool((arguments["m_3"][places] == of_regnet(columns)["m_3"]).all())
    True
    """
    numpy = need("numpy", "a design space")
    ratio = columns["bottleneck_ratio"]
    starts, run = _runs(numpy, columns)
    if not len(ratio) or 2 * len(starts) > len(ratio):
        return None
    found = quantized(*[columns[name][starts] for name in RULE])
    fit = _Fit(numpy, found.widths, ratio, columns["group_width"])
    if (
        fit.table is None
        or max([int(each.max()) for each in fit.table]) > LARGEST_SMALL
        or found.depths.max() > LARGEST_SMALL
    ):
        return None
    classes, kind = _different(numpy, found)
    shape = (classes.depths.shape[1], fit.number)
    if shape[0] * fit.number > len(ratio):
        return None
    places = (kind * fit.number).take(run)
    places += fit.pairs
    letters = LETTERS if gated else LETTERS[:2]
    tables = [numpy.asarray(each, numpy.int32).reshape(-1, fit.number) for each in fit.table[: len(letters)]]
    occurs = numpy.zeros(shape, bool)
    occurs.reshape(-1)[places] = True
    absent, others = numpy.nonzero(~occurs)
    present = occurs[absent].argmax(axis=1)
    ratios = numpy.empty(shape, numpy.int32 if fit.ratios.max() <= LARGEST_SMALL else numpy.int64)
    result: dict[str, Any] = {"": ratios}
    ratios[:] = fit.ratios
    for stage in range(len(classes.depths)):
        first = int(numpy.searchsorted(classes.counts, stage, side="right"))
        width = classes.widths[stage, first:] // UNIT
        result[f"d_{stage + 1}"] = numpy.zeros(shape, numpy.int32)
        result[f"d_{stage + 1}"][first:] = classes.depths[stage, first:, None]
        for letter, table in zip(letters, tables, strict=True):
            result[f"{letter}_{stage + 1}"] = numpy.zeros(shape, numpy.int32)
            table.take(width, axis=0, out=result[f"{letter}_{stage + 1}"][first:])
    for column in result.values():  # no network that is not asked for
        column[absent, others] = column[absent, present]
    result = {name: column.reshape(-1) for name, column in result.items()}
    ratios = result.pop("")
    return result | {f"b_{stage + 1}": ratios for stage in range(len(classes.depths))}, places


def different_regnets_gated(columns: Mapping[str, Any]) -> tuple[dict[str, Any], Any] | None:
    """The different networks of RegNetY among some points."""
    return different_regnets(columns, gated=True)


def _runs(numpy: Any, columns: Mapping[str, Any]) -> tuple[Any, Any]:
    """The first rows of runs of neighbours that share depth, w_0, w_a and w_m, and the run of every row."""
    begins = numpy.ones(len(columns["depth"]), bool)
    begins[1:] = numpy.logical_or.reduce([columns[name][1:] != columns[name][:-1] for name in RULE])
    return numpy.flatnonzero(begins), numpy.cumsum(begins) - 1


def _different(numpy: Any, found: Quantized) -> tuple[Quantized, Any]:
    """Different stages, those of few stages first, and which of them each of some networks has.

    Stages are sorted by a number that is mixed of their depths and widths. Equal ones are neighbours then, and where
    others have the same number, some may be there twice.
    """
    rows = numpy.concatenate([found.depths, found.widths]).astype(numpy.int32)
    factors = numpy.array([pow(MIXING, power, 1 << 64) for power in range(1, len(rows) + 1)], numpy.uint64)
    mixed = numpy.zeros(rows.shape[1], numpy.uint64)
    for row, factor in zip(rows, factors, strict=True):
        mixed += row.astype(numpy.uint64) * factor
    order = numpy.argsort((mixed >> numpy.uint64(8)) + (found.counts.astype(numpy.uint64) << numpy.uint64(56)))
    rows = rows.take(order, axis=1)
    begins = numpy.ones(len(order), bool)
    begins[1:] = (rows[:, 1:] != rows[:, :-1]).any(axis=0)
    kind = numpy.empty(len(order), numpy.int64)
    kind[order] = numpy.cumsum(begins) - 1
    depths, widths = numpy.split(rows[:, begins], 2)
    return Quantized(depths, widths, found.counts[order[begins]]), kind


class _Fit:
    """The numbers of groups, group widths and inner widths of gates, by a table of all that occurs if it is small."""

    def __init__(self, numpy: Any, widths: Any, ratio: Any, group: Any) -> None:
        (ratios, of_ratio), (groups, of_group) = [_ranks(numpy, each) for each in (ratio, group)]
        self.given = ratio, group
        self.pairs, self.number = of_ratio * len(groups) + of_group, len(ratios) * len(groups)
        self.ratios = numpy.repeat(ratios, len(groups))
        """The ratio of each pair of a ratio and a group width."""
        shape = (1 + widths.max(initial=0) // UNIT, len(ratios), len(groups))
        self.table: Any = None
        if shape[0] * self.number <= LARGEST_TABLE:
            width, first, second = numpy.indices(shape).reshape(3, -1)
            self.table = _fitted_with_gates(width * UNIT, ratios[first], groups[second])

    def put(self, columns: list[Any], width: Any, rows: slice) -> None:
        """Write what fits to some widths, those of a stage of some of the networks, into columns."""
        if self.table is None:
            for column, values in zip(columns, _fitted_with_gates(width, *[e[rows] for e in self.given]), strict=False):
                column[:] = values
            return
        place = width // UNIT * self.number + self.pairs[rows]
        for column, values in zip(columns, self.table, strict=False):
            values.take(place, out=column)


def fitted(width: Any, ratio: Any, group_width: Any) -> tuple[Any, Any]:
    """The number of groups and the group width of bottlenecks: arrays; 0 groups where a width is 0.

    The width that fits is the product of both and the bottleneck ratio.
    """
    numpy = need("numpy", "a design space")
    inner = numpy.maximum(width // ratio, 1)
    group_width = numpy.minimum(group_width, inner)
    groups = numpy.maximum(numpy.rint(inner / group_width), 1).astype(numpy.int64)
    return numpy.where(width > 0, groups, 0), group_width


def _fitted_with_gates(width: Any, ratio: Any, group_width: Any) -> tuple[Any, Any, Any]:
    groups, group_width = fitted(width, ratio, group_width)
    return groups, group_width, quarter(ratio * groups * group_width)


def _ranks(numpy: Any, values: Any) -> tuple[Any, Any]:
    """The different values of a column, in order, and the rank of each among them, without sorting where it can be."""
    if values.max(initial=0) > MOST_RANKS or values.min(initial=0) < 0:
        return numpy.unique(values, return_inverse=True)
    occurs = numpy.zeros(values.max(initial=0) + 1, numpy.int64)
    occurs[values] = 1
    return numpy.flatnonzero(occurs), (numpy.cumsum(occurs) - 1)[values]


def of_regnet_gated(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of RegNetY."""
    return of_regnet(columns, gated=True)


def assembled(arguments: Mapping[str, Any]) -> tuple[tuple[Dim, ...] | None, dict[str, Any]]:
    """The hyperparameters of the builder `anynetx` for one network; depths are whole numbers, all else any dimension.

    >>> assembled({"d_1": 2, "m_1": 4, "g_1": 8, "b_1": 2, "d_2": 0, "m_2": 0, "g_2": 1, "b_2": 2})
    (None, {'stages': (Stage(depth=2, width=64, bottleneck_ratio=2, group_width=8, squeezed=None),)})
    """
    stages: list[Stage] = []
    for stage in range(1, 1 + sum([name.startswith("d_") for name in arguments])):
        depth, ratio, groups, group = [arguments[f"{letter}_{stage}"] for letter in "dbmg"]
        if depth:
            stages.append(Stage(depth, ratio * group * groups, ratio, group, arguments.get(f"s_{stage}")))
    return None, {"stages": tuple(stages)}
