"""Totals of one network at many points: sizes of its input, hyperparameters, or both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from archcalc.analysis.quantities import Basis, Totals, totals
from archcalc.base.cancellation import check_cancelled
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import installed
from archcalc.base.questions import question
from archcalc.base.spelling import cut
from archcalc.graph import Network
from archcalc.request import NetworkLike, Request

CHUNK = 1024
"""The number of points that are computed together."""
EXACT = 2**53
"""The largest count in a chunk that is computed in arrays of 64-bit integers."""


class Point(NamedTuple):
    """One point of a sweep: an input size, hyperparameters, or both, in place of those of the request."""

    input: tuple[int, int, int] | None = None
    hyperparameters: Mapping[str, Any] = {}


class Evaluation(NamedTuple):
    """The totals at one point, or the reason why the network cannot be built there."""

    input: tuple[int, ...] | None
    totals: Totals | None
    problem: str = ""


@question
def sweep_points(
    network: NetworkLike,
    points: Sequence[Point],
    **given: Any,
) -> Iterator[Evaluation]:
    """The totals of a network at every point, in order: mult-adds per image, bytes of the batch.

    An evaluation at which the network cannot be built has no totals, and says why in `problem`. `given` are the
    settings of a request: `input`, `batch`, `dtype` and hyperparameters, which a point may replace.

    Raises UnknownName or ArchcalcError, as `analyze` does, if the network, batch or dtype of the request is invalid.

    >>> points = [Point(input=(3, side, side)) for side in (192, 224)]
    >>> [each.totals.mult_adds for each in sweep_points("resnet50", points)]
    [3004841984, 4089184256]
    """
    request = Request.of(network, **given)
    request.resolved.read(request.settings)
    for point in points:
        if not isinstance(point, Point) or not isinstance(point.hyperparameters, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArchcalcError(
                f"a point of a sweep is Point(input, hyperparameters), not {cut(repr(point))}", "points"
            )
    complete = [
        Point(request.input if point.input is None else point.input, {**request.settings, **point.hyperparameters})
        for point in points
    ]
    return _evaluations(request.resolved, complete, request)


def _evaluations(network: Network, points: Sequence[Point], request: Request) -> Iterator[Evaluation]:
    for _, alike in groupby(points, key=lambda point: (repr(point.hyperparameters), point.input is None)):
        same = list(alike)
        for first in range(0, len(same), CHUNK):
            chunk = same[first : first + CHUNK]
            together = _together(network, chunk, request) if len(chunk) > 4 else None
            yield from together or (_alone(network, point, request) for point in chunk)


def _alone(network: Network, point: Point, request: Request) -> Evaluation:
    check_cancelled()
    try:
        graph = network.graph(point.input, point.hyperparameters)
    except ArchcalcError as error:
        return Evaluation(point.input, None, str(error))
    shape: Any = graph.nodes[0].shape
    return Evaluation(shape, totals(Basis(graph, request.batch, request.dtype, request.training)))


def _together(network: Network, points: list[Point], request: Request) -> list[Evaluation] | None:
    """Evaluations of points with the same hyperparameters, by arrays; None if one fails or numbers are too large."""
    inputs: Any = [point.input for point in points]
    if inputs[0] is None or len({each[0] for each in inputs}) > 1:
        return None
    channels, heights, widths = inputs[0][0], [each[1] for each in inputs], [each[2] for each in inputs]
    settings = points[0].hyperparameters
    largest = _alone(network, Point((channels, max(heights), max(widths)), settings), request)
    smallest = _alone(network, Point((channels, min(heights), min(widths)), settings), request)
    counts: Any = largest.totals
    if counts is None or smallest.totals is None or max(counts) > EXACT:
        return None
    if not installed("numpy"):  # the points one by one give the same, only slower
        return None
    import numpy

    arrays: Any = (channels, numpy.array(heights, numpy.int64), numpy.array(widths, numpy.int64))
    try:
        graph = network.graph(arrays, settings)
        columns = totals(Basis(graph, request.batch, request.dtype, request.training))
    except ArchcalcError:  # at some sizes only: _alone finds which
        return None
    lists = [numpy.broadcast_to(numpy.asarray(each), len(points)).tolist() for each in columns]
    return [
        Evaluation(point.input, Totals(dict(zip(columns.keys(), row, strict=True))))
        for point, row in zip(points, zip(*lists, strict=True), strict=True)
    ]
