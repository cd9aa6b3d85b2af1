"""Sweeps: the same rows wherever they run, however they are cut, and whatever interrupts them."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from cheap_networks import Cheap, Deadly, Large, of_point, space
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import HANGS
from pyarrow import parquet

import archcalc
from archcalc.base.errors import ArchcalcError
from archcalc.cli import cli
from archcalc.cli.progress import Rate, progress_line
from archcalc.spaces import parts as parts_module
from archcalc.spaces.executors import Crew, Cutter, WorkersLost, crew_of, in_order
from archcalc.spaces.filtering import Filter
from archcalc.spaces.parts import read_parts
from archcalc.spaces.plans import METADATA, SweepPlan
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.stretches import Stretch
from archcalc.spaces.sweeping import SweepProgress, rows_of, swept

TESTS = Path(__file__).parent
OVER = {"width": "0.25..1:0.25", "size": "128..224:32"}


def expected(conditions: bool = False) -> list[dict[str, Any]]:
    """The rows of the cheap space, written out; with conditions only those of fewer than 300,000 mult-adds."""
    rows: list[dict[str, Any]] = []
    for index, (width, classes) in enumerate(product(range(1, 65), range(1, 51))):
        found = of_point(width, classes)
        if width > classes or (conditions and (found is None or found[1] >= 300_000)):
            continue
        params, mult_adds = found or (None, None)
        problem = None if found else f"no network of width {width}"
        row = {"index": index, "width": width, "classes": classes, "params": params, "mult_adds": mult_adds}
        rows.append(row if conditions else {**row, "problem": problem})
    return rows


def plan(**changed: Any) -> SweepPlan:
    return SweepPlan(**{"space": space(), "evaluator": Cheap(), **changed})


def rows(*args: Any, **kwargs: Any) -> list[dict[str, Any]]:
    return swept(*args, **kwargs).to_arrow().to_pylist()


# --- Which rows.


def test_a_sweep_has_every_allowed_point_in_order_and_says_where_there_is_no_network() -> None:
    assert rows(plan()) == expected()
    assert rows(plan(where=["mult_adds < 300K"])) == expected(conditions=True)


def test_a_sample_is_of_the_points_that_fulfil_all_and_a_shorter_one_is_its_beginning() -> None:
    every = {row["index"]: row for row in expected(conditions=True)}
    found = rows(plan(where=["mult_adds < 300K"], sample=40, seed=7))
    assert [every[row["index"]] for row in found] == found
    assert len({row["index"] for row in found}) == 40
    assert rows(plan(where=["mult_adds < 300K"], sample=15, seed=7)) == found[:15]
    assert rows(plan(where=["mult_adds < 300K"], sample=40, seed=8)) != found


def test_a_sample_of_more_rows_than_there_are_has_them_all_and_says_how_many_were_looked_at() -> None:
    found = swept(plan(where=["mult_adds < 300K"], sample=10_000))
    assert sorted(row["index"] for row in found.to_arrow().to_pylist()) == [
        row["index"] for row in expected(conditions=True)
    ]
    assert found.metadata["drawn"] == 64 * 50
    few = swept(plan(sample=10_000), draws=100)
    assert few.metadata["drawn"] == 100
    assert few.to_arrow().to_pylist() == rows(plan(sample=10_000))[: len(few)]


def test_what_was_drawn_ends_with_the_last_row() -> None:
    whole = swept(plan(sample=10_000)).to_arrow()
    for wanted in (1, 2, 33):
        found = swept(plan(sample=wanted))
        drawn = found.metadata["drawn"]
        again = swept(plan(sample=10_000), draws=drawn)
        assert again.to_arrow().equals(whole.slice(0, wanted).select(again.columns))
        assert len(swept(plan(sample=10_000), draws=drawn - 1)) == wanted - 1


@given(st.integers(25, 700), st.integers(1, 2000))
@settings(max_examples=12, deadline=None)
def test_rows_do_not_depend_on_where_a_sweep_is_cut(chunk: int, wanted: int) -> None:
    given_ = plan(sample=wanted, seed=3, where=["params > 100K"])
    assert rows(given_, chunk=chunk) == rows(given_)


def test_columns_are_the_index_the_axes_and_the_quantities_with_their_types_and_metadata() -> None:
    words = DesignSpace.of("resnet18", over={"stem": "7x7,deep", "size": "32,64"})
    found = swept(SweepPlan(words, ("macs", "arithmetic_intensity", "macs"), batch=2))
    assert found.columns == ("index", "stem", "size", "mult_adds", "arithmetic_intensity")
    kinds = [str(field.type) for field in found.to_arrow().schema]
    assert kinds == ["int64", "string", "int64", "int64", "double"]
    told = found.metadata
    assert (told["space"], told["points"], told["drawn"], told["batch"]) == ("resnet18", "4", 4, 2)
    assert told["quantities"] == {"mult_adds": "mult-adds per image", "arithmetic_intensity": "mult-adds per byte"}
    assert json.loads(found.to_arrow().schema.metadata[b"archcalc"]) == told
    totals = archcalc.analyze("resnet18", stem="deep", input=(3, 64, 64), batch=2).totals
    last = found.to_arrow().to_pylist()[-1]
    assert (last["mult_adds"], last["arithmetic_intensity"]) == (totals.mult_adds, totals.arithmetic_intensity)


def test_the_points_of_a_space_without_indices_have_none() -> None:
    large = {f"a{place}": Any for place in range(4)}
    huge = SweepPlan(_huge(), ("params",), sample=5, evaluator=_Constant())
    assert huge.columns == (*large, "params", "problem")
    assert len(rows(huge)) == 5
    with pytest.raises(ArchcalcError, match="too many to walk over: draw a sample"):
        SweepPlan(_huge(), ("params",))


class _Constant:
    def evaluate(self, columns: Any) -> Any:
        from cheap_networks import Found

        return Found({"params": columns["a0"] * 0}, {})


def _huge() -> DesignSpace:
    from archcalc.spaces.axes import SpaceAxis

    return DesignSpace("huge", tuple([SpaceAxis(f"a{place}", range(2**17)) for place in range(4)]), "resnet18")


def test_a_count_that_does_not_fit_into_64_bits_is_refused_with_its_point() -> None:
    message = r"params at index 1989: width=40, classes=40 is 9223372036854775808, more than 64 bits hold"
    with pytest.raises(ArchcalcError, match=message):
        rows(plan(evaluator=Large()))


# --- Conditions on arrays.

AMOUNTS = st.sampled_from([0, 1, 2, 3, 10**6, 2**53 - 1, 2**53, 2**53 + 1, 2**62, 2**63 - 1])
REALS = st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 1e300, 1e-300])
TERM = st.sampled_from(["width", "classes", "mult_adds", "intensity", "0.1", "2", "9007199254740993", "1e99", "0"]).map(
    lambda word: word.replace("intensity", "arithmetic_intensity")
)
SUM = st.recursive(TERM, lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner))
RELATION = st.builds("{} {} {}".format, SUM, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), SUM)
CONDITION = st.recursive(
    RELATION,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner), inner.map("not ({})".format)
    ),
    max_leaves=4,
).filter(lambda text: len(text) < 900)
ROW = st.tuples(st.integers(1, 64), st.integers(0, 10), st.none() | AMOUNTS, st.none() | REALS)


@given(CONDITION, st.lists(ROW, min_size=1, max_size=20))
@settings(max_examples=300, deadline=None)
def test_a_condition_on_columns_is_the_exact_one_on_each_row(text: str, given_: list[tuple[Any, ...]]) -> None:
    """At figures that floats cannot tell apart, at missing ones, and where something is divided by zero."""
    chosen = Filter([text], space())
    names = ("width", "classes", "mult_adds", "arithmetic_intensity")
    columns = {
        name: np.ma.array([value or 0 for value in column], mask=[value is None for value in column])
        for name, column in zip(names, zip(*given_, strict=True), strict=True)
    }
    columns["arithmetic_intensity"] = columns["arithmetic_intensity"].astype(float)
    try:
        exact = [chosen.condition.holds(dict(zip(names, row, strict=True))) is True for row in given_]
    except ArchcalcError as error:
        if "1024 bits" in str(error):
            return  # of numbers beyond the bits that a condition may have
        raise
    assert chosen.kept(columns).tolist() == exact


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"where": ["colour < 3"]}, "'colour < 3' at 1: no figure is called 'colour'"),
        ({"where": ["params < 3 MB"]}, "MB is a unit of bytes, params has none"),
        ({"where": ["params <"]}, "a quantity or a number is expected here"),
        ({"where": ["params < 3"] * 65}, "at most 64 conditions"),
        ({"quantities": ["colour"]}, "no quantity is called 'colour'"),
        ({"quantities": []}, "at least one quantity"),
        ({"sample": 0}, "at least 1 row, not 0"),
        ({"seed": -1, "sample": 1}, "a seed is a whole number"),
        ({"dtype": "int3"}, "no dtype is called 'int3'"),
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_is_computed(given_: dict[str, Any], message: str) -> None:
    with pytest.raises(ArchcalcError, match=re.escape(message)):
        plan(**given_)


def test_conditions_do_not_speak_of_words() -> None:
    words = DesignSpace.of("resnet18", over={"stem": "7x7,deep"})
    with pytest.raises(ArchcalcError, match="the values of the axis stem are no numbers"):
        SweepPlan(words, where=["stem < 3"])


# --- Where it runs.


def test_processes_and_threads_give_the_same_rows() -> None:
    given_ = plan(where=["mult_adds < 300K"], sample=200, seed=5)
    alone = rows(given_)
    assert rows(given_, jobs=2, chunk=100) == alone
    with ThreadPoolExecutor(3) as threads:
        assert rows(given_, executor=threads, chunk=64) == alone


def test_results_are_in_order_and_few_are_in_flight() -> None:
    """However the workers are scheduled, and however far the reader is behind."""

    class Late(Executor):
        """Ends the newest of what was submitted first, and counts what is not taken."""

        _max_workers = 2

        def __init__(self) -> None:
            self.open: list[tuple[Future[Any], Any, Any]] = []
            self.most = 0

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            self.open.append((future, fn, args))
            self.most = max(self.most, len(self.open))
            if len(self.open) >= 4:
                self.end()
            else:
                threading.Timer(0.02, self.end).start()
            return future

        def end(self) -> None:
            while self.open:
                future, fn, args = self.open.pop()
                future.set_result(fn(*args))

    late = Late()
    found = list(in_order(plan(), Cutter(0, 3200, 50), Crew(lambda: late, 2, renewable=False)))
    assert [(each.start, each.stop) for each in found] == [(at, at + 50) for at in range(0, 3200, 50)]
    assert sum(each.batch.num_rows for each in found) == len(expected())
    assert late.most <= 6


def test_a_stretch_grows_to_a_second_of_work_and_not_beyond_the_chunk() -> None:
    cutter = Cutter(0, 10**9, 50_000)
    sizes: list[int] = []
    for _ in range(12):
        piece = cutter.next()
        assert piece is not None
        sizes.append(piece[1] - piece[0])
        cutter.learn(Stretch(*piece, None, None, seconds=sizes[-1] / 20_000))
    assert sizes[0] == 1024
    assert max(later / earlier for earlier, later in pairwise(sizes)) <= 4
    assert sizes[-1] == 20_000
    for _ in range(5):
        piece = cutter.next()
        assert piece is not None
        cutter.learn(Stretch(*piece, None, None, seconds=0.0))
    assert cutter.size == 50_000


def test_a_process_that_dies_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    dying = plan(evaluator=Deadly(30, str(tmp_path / "died")))
    assert rows(dying, jobs=2, chunk=100) == expected()
    assert (tmp_path / "died").exists()


def test_a_stretch_that_always_kills_its_process_is_named() -> None:
    with pytest.raises(WorkersLost, match=r"positions ([\d,]+) to ([\d,]+) of the sweep were run 4 times") as caught:
        rows(plan(evaluator=Deadly(30)), jobs=2, chunk=100)
    first, last = [int(each.replace(",", "")) for each in re.findall(r"[\d,]*\d", str(caught.value))[:2]]
    assert first // 50 + 1 <= 30 <= last // 50 + 1  # positions are indices here


def test_an_executor_of_others_that_breaks_ends_the_sweep_with_the_positions() -> None:
    class Broken(Executor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            raise BrokenProcessPool("it is gone")

    with pytest.raises(WorkersLost, match=r"positions 0 to 1,023 .* \(it is gone\)"):
        rows(plan(), executor=Broken())


def test_an_error_of_the_computation_is_not_tried_again() -> None:
    with pytest.raises(ArchcalcError, match="more than 64 bits hold"):
        rows(plan(evaluator=Large()), jobs=2, chunk=200)


def test_what_cannot_be_sent_to_another_process_is_said_and_runs_here() -> None:
    class Local:
        def __init__(self) -> None:
            self.lock = threading.Lock()

        def evaluate(self, columns: Any) -> Any:
            return Cheap().evaluate(columns)

    assert rows(plan(evaluator=Local())) == expected()
    with pytest.raises(ArchcalcError, match=r"cheap cannot be sent to another process: .*; leave out jobs"):
        rows(plan(evaluator=Local()), jobs=2)


def test_one_place_to_run_is_asked_for() -> None:
    for wrong in ({"jobs": 0}, {"jobs": 2, "dask": "tcp://127.0.0.1:1"}):
        with pytest.raises(ArchcalcError, match="job"):
            rows(plan(), **wrong)
    with crew_of() as crew:
        assert crew is None


# --- Dask.


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """The address of a Dask scheduler in a process of its own, and two worker processes."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}
    options: dict[str, Any] = {"env": env, "cwd": tmp_path, "stdout": subprocess.DEVNULL, "text": True}
    file = tmp_path / "scheduler.json"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    own = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    started = [subprocess.Popen([*command, *own], stderr=subprocess.DEVNULL, **options)]
    try:
        end = time.monotonic() + HANGS
        while not file.exists() or not file.read_text().strip():
            assert time.monotonic() < end
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
        command = [*worker, "--no-dashboard"]
        started += [subprocess.Popen(command, stderr=subprocess.DEVNULL, **options) for _ in range(2)]
        yield address, started[1:]
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


@pytest.mark.filterwarnings("ignore")
def test_a_dask_worker_that_is_killed_loses_nothing_and_doubles_nothing(
    scheduler: tuple[str, list[subprocess.Popen[str]]], tmp_path: Path
) -> None:
    """Two workers of a real scheduler, of which one gets SIGKILL in the middle; rows are those of one process."""
    from distributed import Client

    address, workers = scheduler
    with Client(address) as client:
        client.wait_for_workers(2, timeout=HANGS)
    slow = plan(evaluator=Cheap(0.02))
    seen: list[int] = []

    def watch(progress: SweepProgress) -> None:
        seen.append(progress.drawn)
        if len(seen) == 8:
            workers[0].send_signal(signal.SIGKILL)

    output = str(tmp_path / "out.parquet")
    found = swept(slow, dask=address, chunk=40, watch=watch, output=output)
    assert workers[0].wait(HANGS) == -signal.SIGKILL
    assert len(seen) > 40
    assert found.to_arrow().to_pylist() == expected()
    sampled = plan(sample=300, seed=2)
    assert rows(sampled, dask=address, chunk=100) == rows(sampled)


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archcalc.spaces.executors.REACHED", 0.3)
    with pytest.raises(ArchcalcError, match=r"no Dask scheduler is reached at tcp://127\.0\.0\.1:9"):
        rows(plan(), dask="tcp://127.0.0.1:9")


# --- Files.


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".csv"])
def test_a_file_has_the_rows_and_leaves_no_parts(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts_module, "ROWS", 300)
    file = tmp_path / f"out{suffix}"
    found = swept(plan(), output=str(file), chunk=70)
    assert [each.name for each in tmp_path.iterdir()] == [file.name]
    assert found.to_arrow().to_pylist() == expected()
    assert len(found) == len(expected()) == sum(batch.num_rows for batch in found)
    again = rows_of(str(file))
    assert (again.columns, len(again)) == (found.columns, len(found))
    assert found.metadata["drawn"] == 3200
    if suffix == ".parquet":
        groups = parquet.ParquetFile(file).metadata
        assert {groups.row_group(at).num_rows for at in range(groups.num_row_groups - 1)} == {300}
        assert again.metadata == found.metadata
    if suffix == ".csv":
        with file.open() as stream:
            first = next(csv.DictReader(stream))
        assert first == {"index": "0", "width": "1", "classes": "1", "params": "10008", "mult_adds": "1", "problem": ""}


def test_a_file_without_problems_has_no_column_of_them(tmp_path: Path) -> None:
    file, columns = str(tmp_path / "out.arrow"), ("index", "width", "classes", "params", "mult_adds")
    assert swept(plan(space=space("1..16")), output=file).columns == columns
    none = swept(plan(where=["params < 0"]), output=file)
    assert (len(none), none.columns) == (0, columns)


class _Stopped(Exception):
    pass


def _stopped_after(stretches: int, given_: SweepPlan, file: Path, **options: Any) -> int:
    """Interrupt a sweep that writes a file; return the number of points that it had looked at."""
    seen: list[int] = []

    def watch(progress: SweepProgress) -> None:
        seen.append(progress.drawn)
        if len(seen) == stretches:
            raise _Stopped

    with pytest.raises(_Stopped):
        swept(given_, output=str(file), chunk=70, watch=watch, **options)
    return seen[-1]


@pytest.mark.parametrize("changed", [{}, {"sample": 700, "seed": 4}, {"where": ["mult_adds < 300K"]}])
def test_a_sweep_goes_on_where_it_stopped(changed: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "out.parquet"
    given_ = plan(**changed)
    done = _stopped_after(5, given_, file)
    assert not file.exists()
    done = _stopped_after(5, given_, file) - done
    assert done > 0
    first: list[SweepProgress] = []
    found = swept(given_, output=str(file), watch=first.append, chunk=70)
    assert first[0].before == 2 * done
    assert found.to_arrow().to_pylist() == rows(given_)
    assert not Path(f"{file}.parts").exists()


def test_parts_of_another_sweep_are_refused_and_restarted_on_request(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    _stopped_after(5, plan(), file)
    message = r"out.csv.parts has parts of another sweep; start over by --restart .* \(different: where\)"
    with pytest.raises(ArchcalcError, match=message):
        swept(plan(where=["params > 3"]), output=str(file))
    with pytest.raises(ArchcalcError, match=r"\(different: axes\)"):
        swept(plan(space=space("1..63")), output=str(file))
    found = swept(plan(where=["params > 3"]), output=str(file), restart=True)
    assert found.to_arrow().to_pylist() == rows(plan(where=["params > 3"]))


def test_a_part_that_is_damaged_or_missing_is_computed_again_with_all_later_ones(tmp_path: Path) -> None:
    file, folder = tmp_path / "out.arrow", tmp_path / "out.arrow.parts"
    for _ in range(4):
        _stopped_after(3, plan(), file)
    parts = sorted(folder.glob("*.arrow"), key=lambda path: int(path.name.partition("-")[0]))
    assert len(parts) == 4
    parts[2].write_bytes(parts[2].read_bytes()[:100])
    first: list[SweepProgress] = []
    found = swept(plan(), output=str(file), watch=first.append)
    assert first[0].before == int(parts[2].name.partition("-")[0])
    assert found.to_arrow().to_pylist() == expected()


def test_one_process_writes_a_file_at_a_time(tmp_path: Path) -> None:
    file = str(tmp_path / "out.parquet")
    with (
        parts_module.parts_of(file, plan()),
        pytest.raises(ArchcalcError, match="is being written by another process"),
    ):
        swept(plan(), output=file)


def test_a_file_that_was_there_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("mine")
    _stopped_after(2, plan(), file)
    assert file.read_text() == "mine"
    swept(plan(), output=str(file))
    assert file.read_text().startswith("index,width")


@pytest.mark.parametrize("name", ["out.txt", "out", "nosuch/out.csv"])
def test_a_file_that_cannot_be_written_is_refused_at_once(name: str, tmp_path: Path) -> None:
    with pytest.raises(ArchcalcError, match=r"a \.parquet, \.arrow or \.csv file|cannot be written"):
        swept(plan(evaluator=Deadly(1)), output=str(tmp_path / name))
    assert not list(tmp_path.iterdir())


PROGRAM = """
import sys
from cheap_networks import Cheap, space
from archcalc.spaces.plans import SweepPlan
from archcalc.spaces.sweeping import swept

if __name__ == "__main__":
    def watch(progress):
        print(progress.drawn, flush=True)
    jobs = int(sys.argv[2])
    swept(SweepPlan(space(), evaluator=Cheap(0.01)), output=sys.argv[1], jobs=jobs, chunk=20, watch=watch)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_process_that_is_interrupted_or_killed_goes_on(number: int, jobs: int, tmp_path: Path) -> None:
    """After SIGINT nothing that was done is done again; after SIGKILL nothing is wrong, and no worker is left."""
    script, file = tmp_path / "program.py", tmp_path / "out.parquet"
    script.write_text(PROGRAM if number == signal.SIGINT else PROGRAM.replace("import sys", SHORT_PARTS))
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}
    command = [sys.executable, str(script), str(file), str(jobs)]
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": env}
    with subprocess.Popen(command, **options) as process:
        assert process.stdout is not None
        lines = [int(process.stdout.readline()) for _ in range(20)]
        process.send_signal(number)
        rest, said = process.communicate(timeout=HANGS)  # which workers that live on would keep open
    assert process.returncode != 0, said
    assert not file.exists()
    seen = [*lines, *map(int, rest.split())]
    kept = json.loads(read_parts(Path(f"{file}.parts")).schema.metadata[METADATA])["drawn"]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=HANGS)
    assert done.returncode == 0, done.stderr
    assert rows_of(str(file)).to_arrow().to_pylist() == expected()
    first = int(done.stdout.split()[0])
    assert first == kept + 20
    if number == signal.SIGINT:  # rows are kept before they are told, so that one stretch may be kept and not told
        assert kept in (seen[-1], seen[-1] + 20)
    else:
        assert 20 < first <= seen[-1] + 40


SHORT_PARTS = """import sys
from archcalc.spaces import parts
parts.SECONDS = 0.02
"""


# --- Rows in Python, and on the command line.


def test_rows_in_python_are_a_table_a_data_frame_and_batches() -> None:
    found = archcalc.sweep("mobilenet_v1", over=OVER, constraints=["size >= 160"], where="mult_adds < 100M")
    frame = found.to_pandas()
    assert len(found) == len(frame) == sum(batch.num_rows for batch in found) > 0
    assert list(frame.columns) == list(found.columns) == ["index", "width", "size", "params", "mult_adds"]
    for row in frame.itertuples():
        totals = archcalc.analyze("mobilenet_v1", width=row.width, input=(3, row.size, row.size)).totals
        assert (row.params, row.mult_adds) == (totals.params, totals.mult_adds)
        assert row.size >= 160
        assert row.mult_adds < 100_000_000


def test_python_refuses_what_is_no_space_and_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArchcalcError, match="resnet18 is a network: give its axes in over"):
        archcalc.sweep("resnet18")
    with pytest.raises(ArchcalcError, match="no architecture is called 'nosuch'"):
        archcalc.sweep("nosuch")
    with pytest.raises(ArchcalcError, match="cheap has axes of its own"):
        archcalc.sweep(space(), over={"width": "1..2"})
    with pytest.raises(ArchcalcError, match="chunk is a whole number from 1, not 0"):
        archcalc.sweep(space(), chunk=0)
    monkeypatch.setattr("archcalc.spaces.sweeping.MOST_ROWS", 1000)
    with pytest.raises(ArchcalcError, match="1,275 rows are too many for memory: write them to a file by output"):
        swept(plan())
    with pytest.raises(ArchcalcError, match="more than 1,000 rows are too many for memory"):
        swept(plan(where=["classes > 0"]))


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["sweep", *args], standalone_mode=False, env={"COLUMNS": "100"})


WIDTHS = ("mobilenet_v1", "--over", "width=0.25..1:0.25", "--over", "size=128..224:32")


def test_the_command_prints_the_first_rows_and_says_how_to_get_more() -> None:
    table = run(*WIDTHS, "--limit", "3").stdout
    assert "mobilenet_v1_1.0_224: 16 points" in table
    assert len(re.findall(r"^ +\d", table, re.MULTILINE)) == 3
    assert "first 3 rows: --limit N prints more, -o FILE.parquet writes all" in " ".join(table.split())
    lines = list(csv.DictReader(run(*WIDTHS, "--format", "csv").stdout.splitlines()))
    assert len(lines) == 16
    data = json.loads(run(*WIDTHS, "--format", "json").stdout)
    assert [[str(value) for value in row.values()] for row in data["rows"]] == [[*line.values()] for line in lines]
    few = run(*WIDTHS, "--where", "mult_adds < 50M", "--sample", "30", "--draws", "10").stdout
    assert re.search(r"Only \d of 30 rows were found among 10 points: --draws N looks at more", few)


def test_the_command_writes_a_file(tmp_path: Path) -> None:
    file = tmp_path / "out.parquet"
    result = run(*WIDTHS, "--quantities", "params,peak_inference_bytes", "--batch", "4", "-o", str(file), "--jobs", "2")
    assert (result.stdout, result.stderr) == ("", f"archcalc: {file}: 16 rows\n")
    table = parquet.read_table(file)
    assert isinstance(table, pyarrow.Table)
    last = table.to_pylist()[-1]
    totals = archcalc.analyze("mobilenet_v1", batch=4).totals
    assert (last["params"], last["peak_inference_bytes"]) == (totals.params, totals.peak_inference_bytes)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("resnet18",), "resnet18 is a network: --over makes a space of it, such as --over size=128..224:32"),
        (("nosuch", "--over", "a=1"), "no architecture is called 'nosuch'"),
        ((*WIDTHS, "--over", "width=1"), "--over width is given twice"),
        ((*WIDTHS, "--over", "width"), "--over takes AXIS=VALUES such as width=16..512:16, not 'width'"),
        ((*WIDTHS, "--restart"), "--restart is for parts of a file"),
        ((*WIDTHS, "--limit", "3", "-o", "a.csv"), "--limit is for rows that are printed"),
        ((*WIDTHS, "--draws", "many"), "--draws takes a number of points such as 100M, not 'many'"),
        ((*WIDTHS, "--dask", "nonsense://x"), "no Dask scheduler is reached at nonsense://x"),
        (("nosuch.toml",), "'nosuch.toml' is not a file"),
    ],
)
def test_the_command_says_what_is_wrong(args: tuple[str, ...], message: str) -> None:
    result = run(*args)
    assert isinstance(result.exception, ArchcalcError)
    assert message in str(result.exception)


@pytest.mark.parametrize("option", [("--jobs", "2"), ("--dask", "localhost:1"), ("--chunk", "5")])
def test_a_server_is_not_told_how_to_run_on_this_machine(option: tuple[str, str]) -> None:
    result = CliRunner().invoke(cli, ["--server", "127.0.0.1:1", "sweep", *WIDTHS, *option])
    said = f"{option[0]} is for a sweep on this machine: leave --server (ARCHCALC_SERVER) out"
    assert str(result.exception) == said


def test_ctrl_c_says_where_it_stands_and_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "out.csv"

    def interrupted(*_: Any, watch: Any, **__: Any) -> None:
        Path(f"{file}.parts").mkdir()
        watch(SweepProgress(1234, 5000, 99, None))
        raise KeyboardInterrupt

    monkeypatch.setattr("archcalc.spaces.sweeping.swept", interrupted)
    result = CliRunner().invoke(cli, ["sweep", *WIDTHS, "-o", str(file)])
    wanted = f"archcalc: stopped at 1,234 points, 99 rows; the same command goes on from the parts in {file}.parts\n"
    assert wanted in result.stderr


def test_the_speed_is_that_of_the_last_seconds() -> None:
    rate = Rate()
    for second in range(100):  # ten points a second, then a hundred
        done = 10 * second if second < 50 else 500 + 100 * (second - 50)
        rate.note(SweepProgress(done, 10_000, 0, None), now=float(second))
    assert rate.points == 100
    assert rate.left == (10_000 - 5400) / 100
    line = progress_line(SweepProgress(5400, 10_000, 0, None), rate)
    assert line == "[##########..........] 5.400K of 10.00K points, 100/s, 46 s left"
