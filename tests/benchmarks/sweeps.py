"""Sweeps over RegNetX: archcalc beside kernels written by hand for this family alone, in numpy and in numba.

    python tests/benchmarks/sweeps.py            a grid of 13,178,400 networks, all 339,728,256 on two cores, and files
    python tests/benchmarks/sweeps.py --write    the same, written to reports/sweeps
    python tests/benchmarks/sweeps.py --grid     the grid alone, a minute
    python tests/benchmarks/sweeps.py --rows     400 rows of every named space against networks built one by one

Each comparison is a ratio of times taken in one run, on the same chunks, from the axes to the columns. Before it is
timed, a kernel is checked: on the first chunk, and on points drawn at random, its numbers equal archcalc's. The kernels
know what archcalc has to find out: that a block repeats, what a stage costs, and that no number exceeds 2^53. numba is
needed for the second part only (`pip install numba`).
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy

import archcalc
from archcalc.analysis.quantities import Basis, totals
from archcalc.base.errors import ArchcalcError
from archcalc.spaces.drawing import Drawing
from archcalc.spaces.evaluating import Evaluator
from archcalc.spaces.named import GROUPS, named_space
from archcalc.spaces.space import DesignSpace

Measured = dict[str, float]
"""Rates in networks a second, and other figures."""
QUANTITIES = ("params", "mult_adds", "activation_sum")
GRID = {
    "depth": "12..28",
    "w_0": "24..152:8",
    "w_a": "2.5..250:2.5",
    "w_m": "1.5..3:0.02",
    "group_width": "1,2,4,8,16,32",
    "bottleneck_ratio": "1",
}
CHUNK = 18 * (1 << 13)
ROUNDS = 3


def rule(depth: Any, w_0: Any, w_a: Any, w_m: Any) -> tuple[Any, Any]:
    """Depths and widths of the stages of each network, before groups: arrays of (networks, stages)."""
    j = numpy.arange(depth.max())
    steps = numpy.rint(numpy.log((w_0[:, None] + w_a[:, None] * j) / w_0[:, None]) / numpy.log(w_m)[:, None])
    widths = 8 * numpy.rint(w_0[:, None] * w_m[:, None] ** steps / 8)
    inside = j < depth[:, None]
    new = numpy.ones(widths.shape, bool)
    new[:, 1:] = widths[:, 1:] != widths[:, :-1]
    stage = numpy.cumsum(new, axis=1) - 1
    most = int(stage[inside].max()) + 1
    rows = numpy.broadcast_to(numpy.arange(len(depth))[:, None], stage.shape)
    flat = (rows * most + stage)[inside]
    depths = numpy.bincount(flat, minlength=len(depth) * most).reshape(len(depth), most)
    found = numpy.zeros((len(depth), most))
    found.reshape(-1)[flat] = widths[inside]
    return depths.astype(float), found


def by_hand(columns: dict[str, Any], inner: int, quantities: int) -> list[Any]:
    """Parameters, mult-adds and activations, for points of which each `inner` neighbours differ in the groups alone."""
    first = {name: columns[name][::inner] for name in ("depth", "w_0", "w_a", "w_m")}
    depths, widths = rule(**first)
    groups, ratios = (columns[name][:inner].astype(float) for name in ("group_width", "bottleneck_ratio"))
    before, side = 32.0, 112.0
    last = numpy.full((len(depths), inner), 32.0)
    fixed = [3 * 9 * 32 + 64.0, 112.0**2 * 27 * 32, 3 * 224.0**2 + 112.0**2 * 32]
    sum_of = [numpy.full((len(depths), inner), number) for number in fixed[:quantities]]
    for stage in range(depths.shape[1]):
        number = depths[:, stage, None]
        exists = number > 0
        inside = numpy.maximum(widths[:, stage, None] // ratios, 1)
        group = numpy.minimum(groups, inside)
        inside = numpy.maximum(numpy.rint(inside / group), 1) * group * exists
        wide = inside * ratios
        small = numpy.ceil(side / 2)
        middle, shared = inside * group * 9, inside * wide
        more = numpy.maximum(number - 1, 0)
        into = before * inside
        sum_of[0] += into + before * wide + 2 * wide * exists + number * (middle + shared + 4 * inside + 2 * wide)
        sum_of[0] += more * shared
        if quantities > 1:
            sum_of[1] += side**2 * into + small**2 * (before * wide + number * (middle + shared) + more * shared)
        if quantities > 2:
            sum_of[2] += side**2 * inside + small**2 * (number * (inside + 2 * wide) + wide + more * inside)
        before = numpy.where(exists, wide, before)
        last, side = before, small
    sum_of[0] += last * 1000 + 1000
    if quantities > 1:
        sum_of[1] += last * 1000
    if quantities > 2:
        sum_of[2] += last + 1000
    return [total.reshape(-1).astype(numpy.int64) for total in sum_of]


def chunks(space: DesignSpace, size: int = CHUNK) -> Iterator[Any]:
    for first in range(0, space.combinations, size):
        yield numpy.arange(first, min(first + size, space.combinations))


def timed(work: Callable[[Any], Any], indices: list[Any]) -> float:
    begin = time.process_time()
    for each in indices:
        work(each)
    return time.process_time() - begin


def grid(every: int) -> Measured:
    """The grid, every so-manieth chunk of it."""
    space = named_space("regnetx").narrowed(over=GRID)
    indices = list(chunks(space))[::every]
    rows = sum(map(len, indices))
    print(f"RegNetX grid of {space.combinations:,} networks, {rows:,} of them in chunks of {CHUNK:,}, one process")
    evaluators = [Evaluator(space, QUANTITIES[:count]) for count in (1, 2, 3)]
    for each in (indices[0], numpy.sort(numpy.random.default_rng(1).integers(0, space.combinations // 6, 5000)) * 6):
        points = numpy.unique(each if each is indices[0] else (each[:, None] + numpy.arange(6)).reshape(-1))
        ours = evaluators[2].evaluate(space.columns(points)).columns
        for key, column in zip(QUANTITIES, by_hand(space.columns(points), 6, 3), strict=True):
            assert (ours[key] == column).all(), key
    for each in indices:  # structures are built once
        evaluators[2].evaluate(space.columns(each)), evaluators[1].evaluate(space.columns(each))
        evaluators[0].evaluate(space.columns(each))
    found: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for count, evaluator in enumerate(evaluators, 1):
            ours = timed(lambda each, use=evaluator: use.evaluate(space.columns(each)), indices)
            hand = timed(lambda each, count=count: by_hand(space.columns(each), 6, count), indices)
            found.setdefault(("archcalc", count), []).append(ours)
            found.setdefault(("by hand", count), []).append(hand)
    best = {key: min(times) for key, times in found.items()}
    measured: Measured = {"rows": rows}
    for count in (1, 2, 3):
        ours, hand = best["archcalc", count], best["by hand", count]
        more = "" if count == 1 else f", {ours / best['archcalc', count - 1]:.2f} of one quantity less"
        print(
            f"  {', '.join(QUANTITIES[:count]):36} archcalc {rows / ours / 1e6:5.2f} M/s, numpy by hand "
            f"{rows / hand / 1e6:5.2f} M/s: ratio of times {ours / hand:.2f}{more}"
        )
        measured |= {f"grid {count}": rows / ours, f"hand {count}": rows / hand}
    return measured


_USED: dict[str, Any] = {}


def prepare(quantities: tuple[str, ...]) -> None:
    _USED["space"] = named_space("regnetx")
    _USED["evaluator"] = Evaluator(_USED["space"], quantities)


def stretch(first: int, last: int) -> tuple[int, ...]:
    """The sums of the columns of a stretch, so that both programs prove that they counted the same."""
    found = _USED["evaluator"].evaluate(_USED["space"].columns(numpy.arange(first, last))).columns
    return tuple([int(column.sum()) for column in found.values()])


def everything() -> Measured:
    from numba_regnets import regnets  # pyright: ignore[reportMissingImports]  beside this file

    space = named_space("regnetx")
    total = space.combinations
    print(f"all {total:,} RegNetX, params and mult_adds, two cores")
    begin = time.perf_counter()
    hand = regnets([numpy.array(axis.values) for axis in space.axes], 2)
    numba = time.perf_counter() - begin
    print(f"  numba by hand, 2 threads: {numba:.1f} s, {total / numba / 1e6:.2f} M/s")
    size = 18 * (1 << 13)
    begin = time.perf_counter()
    sums = [0, 0]
    with ProcessPoolExecutor(2, get_context("spawn"), initializer=prepare, initargs=(QUANTITIES[:2],)) as pool:
        starts = range(0, total, size)
        for found in pool.map(stretch, starts, [min(each + size, total) for each in starts], chunksize=16):
            sums = [old + new for old, new in zip(sums, found, strict=True)]
    ours = time.perf_counter() - begin
    print(f"  archcalc, 2 processes:    {ours:.1f} s, {total / ours / 1e6:.2f} M/s: ratio of times {ours / numba:.2f}")
    assert tuple(sums) == tuple(hand), (sums, hand)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  both count {sums[0]:,} parameters and {sums[1]:,} mult-adds in all; largest process {peak:.0f} MiB")
    return {"all": total / ours, "numba": total / numba, "seconds": ours, "peak": peak}


def files() -> Measured:
    """Sweeps into parquet files: in one process, in two, and on a Dask scheduler with two workers of one thread."""
    from distributed import Client, LocalCluster  # pyright: ignore[reportMissingImports]

    over, measured = {"w_0": "80"}, {}
    with TemporaryDirectory() as folder:
        for name, how in {"file 1": {}, "file 2": {"jobs": 2}, "dask 2": {"dask": True}}.items():
            path = Path(folder, f"{name[:4]}{name[-1]}.parquet")
            begin = time.perf_counter()
            if "dask" in how:
                with (
                    LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
                    Client(cluster) as client,
                ):
                    begin = time.perf_counter()
                    rows = archcalc.sweep("regnetx", over=over, executor=client.get_executor(), output=str(path))
                    seconds = time.perf_counter() - begin
            else:
                rows = archcalc.sweep("regnetx", over=over, output=str(path), **how)
                seconds = time.perf_counter() - begin
            size = path.stat().st_size / len(rows)
            print(
                f"  {len(rows):,} rows to parquet, {name}: {len(rows) / seconds / 1e6:.2f} M/s, {size:.1f} bytes a row"
            )
            measured |= {name: len(rows) / seconds, "bytes": size}
    return measured


KEYS = (*QUANTITIES, "buffers", "peak_inference_bytes", "training_saved_bytes", "receptive_field", "bytes_moved")


def rows_of(name: str, number: int = 400) -> None:
    """Compare rows of a named space, drawn at random among points that many others share structures with."""
    space = named_space(name)
    drawn, size = Drawing(space, seed=20), 16 * number
    columns = drawn.columns(0, size)
    allowed = space.allowed(columns)
    stop = size
    while allowed.sum() < min(number, space.size()):
        stop *= 4
        columns = drawn.columns(0, stop)
        allowed = space.allowed(columns)
    columns = {key: column[allowed] for key, column in columns.items()}
    evaluator = Evaluator(space, KEYS)
    few = min(len(next(iter(columns.values()))), 16 * number if space.repeats else number)
    columns = {key: column[:few] for key, column in columns.items()}
    evaluator.evaluate(columns)
    found = evaluator.evaluate(columns)
    arguments = space.translated(dict(columns))
    chosen = numpy.random.default_rng(1).permutation(few)[:number].tolist()
    for row in chosen:
        point = {key: column[row] for key, column in arguments.items()}
        plain = {key: value.item() if hasattr(value, "item") else value for key, value in point.items()}
        shape, settings = space.assembled(plain)
        try:
            wanted = dict(totals(Basis(space.resolved.graph(shape, settings)), KEYS).items())
        except ArchcalcError as error:
            wanted = str(error)
        if isinstance(wanted, str):
            assert found.problems[row] == wanted
            continue
        got = {key: column[row] for key, column in found.columns.items()}
        assert got == wanted, (name, plain, got, wanted)
    print(f"  {name:14} {len(chosen)} rows agree in {len(KEYS)} quantities; {len(found.problems)} have no network")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grid", action="store_true", help="the grid alone")
    parser.add_argument("--every", type=int, default=1, help="every so-manieth chunk of the grid (for a quick look)")
    parser.add_argument("--write", action="store_true", help="write reports/sweeps")
    parser.add_argument("--rows", action="store_true", help="compare rows of every named space")
    given = parser.parse_args()
    if given.rows:
        for name in GROUPS:
            rows_of(name)
        return
    measured = grid(given.every)
    if given.grid:
        return
    measured |= everything()
    measured |= files()
    if given.write:
        from sweeps_page import write  # pyright: ignore[reportMissingImports]  beside this file

        write(measured)


if __name__ == "__main__":
    main()
