"""Sweeps over design spaces, streamed: the rows of this machine, in bounded messages, for as long as somebody reads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pyarrow
import pytest
import service
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import FOR_EVER, HANGS
from test_service_server import worker_pids

import archcalc
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.service import answers
from archcalc.service.async_client import AsyncClient
from archcalc.service.client import Client
from archcalc.service.messages import sweeps
from archcalc.service.questions import CALLS
from archcalc.service.server import Server
from archcalc.spaces import sweeping
from archcalc.spaces.axes import SpaceAxis
from archcalc.spaces.named import GROUPS, named_space
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.streaming import MOST_STREAMED, SweepEnd, sweep_space
from archcalc.training import Training
from archcalc.v1 import archcalc_pb2 as contract

CALL = CALLS["SweepSpace"]
WIDTHS = DesignSpace.of("mobilenet_v1", over={"width": "0.25..1:0.25", "size": "128..224:32"})
STEMS = DesignSpace.of(
    "resnet18",
    over={"stem": "7x7,deep", "size": "1..64:3", "classes": [10, 100, 1000]},
    where=["classes <= 20*size"],
    settings={"in_channels": 1},
    input=(1, 64, 64),
    name="stems",
)
FLAGS = DesignSpace.of("vgg11", over={"batch_norm": "false,true", "classes": "1..9"})
MANY = {"space": "anynet_d", "quantities": ["params", "mult_adds"], "seed": 5}
LONG = contract.SweepSpaceRequest(space={"name": "anynet_a"}, quantities=["params", "mult_adds"], sample=1_000_000)
NONE_FOUND = contract.SweepSpaceRequest(space={"name": "enas_micro"}, where=["params < 0"], sample=1)
"""A search among very many points that finds none, so that it goes on however fast the machine is."""


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Server, str]]:
    with service.server(workers=1) as found:
        yield found


@pytest.fixture(scope="module")
def client(running: tuple[Server, str]) -> Iterator[Client]:
    with Client(running[1], timeout=HANGS) as found:
        yield found


def rows(stream: Any) -> list[dict[str, Any]]:
    return [row for batch in stream for row in batch.to_pylist()]


# --- The rows of this machine.

ASKED: list[dict[str, Any]] = [
    {"space": WIDTHS, "where": ["mult_adds < 300M", "width < 1"]},
    {"space": WIDTHS, "sample": 5, "seed": 2**63 - 1, "quantities": ["params", "latency@t4", "arithmetic_intensity"]},
    {"space": WIDTHS, "where": ["params < 0"]},
    {"space": STEMS, "quantities": ["training_step_bytes", "receptive_field"], "batch": 8},
    {"space": STEMS, "training": Training("adam", precision="amp_bf16"), "quantities": ["training_step_bytes"]},
    {"space": FLAGS, "dtype": "float16", "quantities": ["parameter_bytes"]},
    {"space": named_space("anynet_d").narrowed({"w1": "8..64:8"}, ["w2 <= 2*w1"]), "sample": 50},
    {"space": "anynet_a", "start": 12_345, "limit": 20, "draws": 30},
    *[{"space": name, "sample": 20, "seed": 1, "draws": 2000} for name in GROUPS],
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: getattr(asked["space"], "name", asked["space"]))
def test_rows_header_and_end_are_those_of_this_machine(client: Client, asked: dict[str, Any]) -> None:
    here, there = sweep_space(**asked), client.sweep_space(**asked)
    assert there.header == here.header
    assert there.to_arrow().equals(here.to_arrow(), check_metadata=True)
    assert there.end == here.end


def test_within_answering_a_sweep_is_that_of_the_server_in_as_many_calls_as_its_limits_take(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given_: list[dict[str, Any]] = [
        {"space": STEMS},
        {"space": STEMS, "where": ["params > 11.2M"], "sample": 7, "seed": 3},
        {"space": STEMS, "where": ["params > 1T"], "sample": 7, "draws": 50},
        {"space": "resnet18", "over": {"size": "33..90"}, "constraints": ["size % 2 == 0"]},
    ]
    here = [archcalc.sweep(**asked) for asked in given_]
    monkeypatch.setattr("archcalc.spaces.streaming.MOST_STREAMED", 4)
    monkeypatch.setattr(sweeping, "MOST_DRAWN", 9)
    monkeypatch.setattr(sweeping, "in_order", None)  # nothing is computed here
    for asked, rows_here in zip(given_, here, strict=True):
        with client.answering():
            there = archcalc.sweep(**{"draws": 100_000, **asked})
            written = archcalc.sweep(**{"draws": 100_000, **asked}, output=str(tmp_path / "out.parquet"))
        assert there.to_arrow().equals(rows_here.to_arrow(), check_metadata=True)
        assert written.to_arrow().equals(rows_here.to_arrow())


def test_a_sweep_that_lost_its_server_goes_on_from_its_parts(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "out.parquet"
    seen: list[int] = []

    def stop(progress: Any) -> None:
        seen.append(progress.rows)
        if progress.rows > 10_000:
            raise KeyboardInterrupt

    asked: dict[str, Any] = {**MANY, "sample": 40_000}
    with client.answering():
        with pytest.raises(KeyboardInterrupt):
            archcalc.sweep(**asked, output=str(file), progress=stop)
        first = len(seen)
        found = archcalc.sweep(**asked, output=str(file), progress=lambda each: seen.append(each.rows))
    assert 10_000 < seen[first - 1] < seen[first]
    assert found.to_arrow().equals(archcalc.sweep(**asked).to_arrow())


def test_the_asyncio_client_gives_the_same_rows(client: Client) -> None:
    async def ask() -> tuple[Any, ...]:
        async with AsyncClient(client.target, timeout=HANGS) as later:
            with pytest.raises(UnknownName, match="anynet_a"):
                await later.sweep_space("anynet_aa").to_arrow()
            stream = later.sweep_space(STEMS)
            header = await stream.header()
            each = [batch async for batch in later.sweep_space(WIDTHS)]
            return header, await stream.to_arrow(), stream.end, each

    header, table, end, each = asyncio.run(ask())
    here = sweep_space(STEMS)
    assert header == here.header
    assert table.equals(here.to_arrow())
    assert end == here.end
    assert rows(each) == rows(sweep_space(WIDTHS))


def test_messages_are_what_the_contract_says(running: tuple[Server, str]) -> None:
    """As a client of another language sees them; the numbers are those of `analyze`."""
    space = {"network": "lenet5", "axes": [{"name": "size", "text": "4,32,36"}]}
    request = contract.SweepSpaceRequest(space=space, quantities=["params"])
    header, part, end = service.ask(running[1], "SweepSpace", request)
    assert [column.name for column in header.header.columns] == ["index", "size", "params", "problem"]
    assert (header.header.points, header.header.columns[2].unit) == ("3", "learnable values")
    index, size, params, problem = part.part.columns
    sizes = [archcalc.analyze("lenet5", input=(1, side, side)).totals.params for side in (32, 36)]
    assert (list(index.whole), list(size.whole), list(params.whole)) == ([0, 1, 2], [4, 32, 36], [0, *sizes])
    assert (list(params.missing), list(problem.missing), list(problem.places)) == ([0], [1, 2], [0, 0, 0])
    with pytest.raises(ArchcalcError) as error:
        archcalc.analyze("lenet5", input=(1, 4, 4))
    assert list(problem.texts) == [str(error.value)]
    assert (end.end.drawn, end.end.ended) == (3, contract.SWEEP_ENDED_POINTS)


def test_a_text_in_toml_is_a_space(running: tuple[Server, str]) -> None:
    toml = 'network = "resnet18"\nconstraints = ["size % 32 == 0"]\n[axes]\nsize = "96..224:16"\n'
    request = contract.SweepSpaceRequest(space={"toml": toml, "constraints": ["size > 100"]})
    header, part, _ = service.ask(running[1], "SweepSpace", request)
    assert list(header.header.constraints) == ["size % 32 == 0", "size > 100"]
    assert list(part.part.columns[1].whole) == [128, 160, 192, 224]


# --- Turns and limits.


def by_turns(request: contract.SweepSpaceRequest) -> tuple[list[Any], int]:
    """All responses as the server puts them together, and the number of turns."""
    found: list[Any] = []
    turns = 0
    while True:
        each = [CALL.reader()(raw) for raw in CALL.responses(request)]
        found += each if not turns else each[1:]
        turns += 1
        if not CALL.answer.turn(request, each):
            return found, turns


def table_of(responses: list[Any]) -> tuple[Any, SweepEnd | None]:
    stream = CALL.answer.gathered(item for each in responses for item in CALL.answer.result([each]))
    return stream.to_arrow().replace_schema_metadata(None), stream.end


@settings(max_examples=60, deadline=None)
@given(
    sample=st.none() | st.integers(1, 300),
    seed=st.integers(0, 3),
    start=st.integers(0, 250),
    limit=st.integers(1, 300),
    draws=st.integers(1, 300),
    where=st.sampled_from(["params > 0", "params > 11.2M", "params > 1T", "size > 30"]),
    step=st.integers(1, 90),
)
def test_turns_together_are_the_whole_and_a_stream_goes_on_where_one_ended(step: int, **asked: Any) -> None:
    """Whatever ends first: the sample, the limit of rows, that of points, or the points themselves."""
    asked["where"] = [asked["where"]]
    whole = sweep_space(STEMS, **asked)
    table = whole.to_arrow().replace_schema_metadata(None)
    request = CALL.request((STEMS,), asked)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(answers, "TURN_BYTES", 1)
        patched.setattr("archcalc.spaces.streaming.FEWEST", step)
        patched.setattr("archcalc.spaces.streaming.STRETCH_VALUES", 1)
        found, _ = by_turns(request)
    assert table_of(found) == (table, whole.end)
    rest = {**asked, "limit": min(step, asked["limit"])}
    first = sweep_space(STEMS, **rest)
    begun = first.to_arrow()
    assert first.end is not None
    left = asked["limit"] - begun.num_rows
    draws = asked["draws"] - (first.end.drawn - asked["start"])
    sample = None if asked["sample"] is None else asked["sample"] - begun.num_rows
    both = [begun]
    if left > 0 and draws > 0 and sample != 0:
        both.append(
            sweep_space(
                STEMS, **{**asked, "start": first.end.drawn, "limit": left, "draws": draws, "sample": sample}
            ).to_arrow()
        )
    pylist = [row for each in both for row in each.to_pylist()]
    assert [{"problem": None, **row} for row in pylist] == [{"problem": None, **row} for row in table.to_pylist()]


def test_a_long_sweep_takes_turns_in_small_messages(running: tuple[Server, str]) -> None:
    server, address = running
    before = turns_of(server)
    request = contract.SweepSpaceRequest(space={"name": "darts"}, quantities=["params"], sample=3000, seed=1)
    texts = service.ask(address, "SweepSpace", request)
    request = contract.SweepSpaceRequest(space={"name": "anynet_a"}, sample=100_000)
    numbers = service.ask(address, "SweepSpace", request)
    assert turns_of(server) > before + 5
    assert max(each.ByteSize() for each in [*texts, *numbers]) < 2**19
    assert [each.WhichOneof("piece") for each in numbers].count("header") == 1
    assert table_of(numbers)[0].equals(sweep_space("anynet_a", sample=100_000).to_arrow().replace_schema_metadata(None))


def turns_of(server: Server) -> int:
    """The times that a request has had a process."""
    return sum([lane.turns for lane in server.dispatcher.lanes.by_name.values()])


def test_a_client_that_does_not_read_keeps_no_process_and_gets_all_rows_when_it_does() -> None:
    with service.server(workers=1, waiting=1) as (running, address), grpc.insecure_channel(address) as channel:
        stream = channel.unary_stream(CALL.path)(LONG.SerializeToString(), timeout=FOR_EVER)
        first = next(stream)

        def stands_still() -> bool:
            turns = turns_of(running)
            if running.dispatcher.lanes.busy:
                return False
            return not service.settles(lambda: turns_of(running) > turns, 1.0)

        assert service.settles(stands_still)
        assert turns_of(running) < 20  # of more than a hundred
        points = contract.SweepRequest(network=contract.Network(name="vgg16"), points=[contract.Point()])
        assert service.ask(address, "Sweep", points)[0].evaluations[0].totals.values["params"].whole == 138_357_544
        found = [CALL.reader()(raw) for raw in (first, *(next(stream) for _ in range(200)))]
        assert service.settles(lambda: turns_of(running) >= 20 or running.dispatcher.lanes.busy == 0)
        stream.cancel()
        assert service.settles(lambda: (running.observer.active, running.dispatcher.lanes.busy) == (0, 0))
    table = pyarrow.Table.from_batches([CALL.answer.result([each])[0].batch for each in found if each.HasField("part")])
    expected_ = sweep_space("anynet_a", sample=table.num_rows).to_arrow()
    assert table.column("0").equals(expected_.column("index"))
    assert table.column(str(table.num_columns - 2)).equals(expected_.column("mult_adds"))


def test_a_turn_that_is_cancelled_ends_with_its_process() -> None:
    """Of points of which none fulfils the condition, so that nothing is sent."""
    before = worker_pids()
    with service.server(workers=1) as (running, address), grpc.insecure_channel(address) as channel:
        service.ask(address, "SweepSpace", contract.SweepSpaceRequest(space={"name": "darts"}, sample=1))
        stream = channel.unary_stream(CALL.path)(NONE_FOUND.SerializeToString(), timeout=FOR_EVER)
        assert service.settles(lambda: running.dispatcher.lanes.busy == 1)
        busy = worker_pids() - before
        assert len(busy) == 1
        stream.cancel()
        assert service.settles(lambda: not busy & worker_pids())
        assert service.settles(lambda: (running.observer.active, running.dispatcher.lanes.busy) == (0, 0))


def test_a_stream_that_is_closed_ends_its_call(running: tuple[Server, str], client: Client) -> None:
    stream = client.sweep_space("anynet_a", sample=MOST_STREAMED)
    assert next(stream).num_rows
    stream.close()
    assert service.settles(lambda: running[0].observer.active == 0)
    assert list(stream) == []


def test_a_sweep_may_take_so_long_and_no_longer(running: tuple[Server, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The seconds of a call are those of all its turns together."""
    dispatcher = running[0].dispatcher
    monkeypatch.setattr(dispatcher, "limits", dispatcher.limits._replace(long_seconds=2.5))
    code, message, _ = service.refusal(running[1], "SweepSpace", NONE_FOUND)
    assert (code, message) == ("DEADLINE_EXCEEDED", "this server allows 2.5 seconds for a call")


# --- What is refused.

SPACE = {"network": "lenet5", "axes": [{"name": "size", "text": "32,36"}]}
MODEL = 'model = "net.py:build"\n[axes]\nsize = [32]\n'


def asked_for(space: Any = SPACE, **fields: Any) -> contract.SweepSpaceRequest:
    return contract.SweepSpaceRequest(space=space, **fields)


def of_axes(axes: list[dict[str, Any]], **fields: Any) -> contract.SweepSpaceRequest:
    return asked_for({"network": "lenet5", "axes": axes, **fields})


REFUSED = [
    (contract.SweepSpaceRequest(), "INVALID_ARGUMENT", "space"),
    (asked_for({}), "INVALID_ARGUMENT", "space.source"),
    (asked_for({"name": "anynet_z"}, sample=1), "NOT_FOUND", "space.name"),
    (asked_for({"name": "/etc/passwd"}, sample=1), "NOT_FOUND", "space.name"),
    (asked_for({"name": "space.toml"}, sample=1), "NOT_FOUND", "space.name"),
    (asked_for({"name": "anynet_d", "title": "x"}, sample=1), "INVALID_ARGUMENT", "space.title"),
    (asked_for({"name": "anynet_d", "axes": [{"name": "w9", "text": "1"}]}), "INVALID_ARGUMENT", "space.axes"),
    (asked_for({"name": "anynet_d", "constraints": ["w9 > 1"]}), "INVALID_ARGUMENT", "space.constraints"),
    (
        asked_for({"name": "anynet_d", "constraints": ["w1 >" + " " * 999 + "1"]}),
        "INVALID_ARGUMENT",
        "space.constraints[0]",
    ),
    (asked_for({"network": "nosuch", "axes": SPACE["axes"]}), "NOT_FOUND", "space.network"),
    (asked_for({"network": "net.py:build", "axes": SPACE["axes"]}), "NOT_FOUND", "space.network"),
    (asked_for({"network": "timm:resnet18", "axes": SPACE["axes"]}), "NOT_FOUND", "space.network"),
    (asked_for({"network": "lenet5"}), "INVALID_ARGUMENT", "space.axes"),
    (of_axes([{"name": "size", "text": "9..1"}]), "INVALID_ARGUMENT", "space.axes"),
    (of_axes([{"name": "size", "text": "1," * 6000 + "1"}]), "INVALID_ARGUMENT", "space.axes[0].text"),
    (of_axes([{"name": "size", "text": "32", "values": [{"whole": 32}]}]), "INVALID_ARGUMENT", "space.axes"),
    (of_axes([{"name": "size", "values": [{}]}]), "INVALID_ARGUMENT", "space.axes"),
    (of_axes([{"name": "size", "values": [{"digits": "x"}]}]), "INVALID_ARGUMENT", "space.axes"),
    (
        of_axes([{"name": "size", "values": [{"whole": each} for each in range(10_001)]}]),
        "INVALID_ARGUMENT",
        "space.axes[0].values",
    ),
    (of_axes([{"name": "size", "text": "32"}] * 2), "INVALID_ARGUMENT", "space.axes"),
    (of_axes([{"name": f"a{each}", "text": "1"} for each in range(65)]), "INVALID_ARGUMENT", "space.axes"),
    (of_axes(SPACE["axes"], hyperparameters={"a": {}}), "INVALID_ARGUMENT", "space.hyperparameters"),
    (asked_for({"toml": MODEL}), "INVALID_ARGUMENT", "space.toml"),
    (asked_for({"toml": "["}), "INVALID_ARGUMENT", "space.toml"),
    (asked_for({"toml": "#" * 100_001}), "INVALID_ARGUMENT", "space.toml"),
    (
        asked_for({"toml": "\n".join(["network = 'lenet5'\n[axes]", *[f"a{each} = 1" for each in range(65)]])}),
        "INVALID_ARGUMENT",
        "space.toml",
    ),
    (asked_for(quantities=["nosuch"]), "NOT_FOUND", "quantities"),
    (asked_for(quantities=["params"] * 65), "INVALID_ARGUMENT", "quantities"),
    (asked_for(where=["params < 1"] * 65), "INVALID_ARGUMENT", "where"),
    (asked_for(where=["params <" + " " * 999 + "1"]), "INVALID_ARGUMENT", "where[0]"),
    (asked_for(where=["__import__('os')._exit(1)"]), "NOT_FOUND", "where"),
    (asked_for(sample=1_000_001), "INVALID_ARGUMENT", "sample"),
    (asked_for(sample=0), "INVALID_ARGUMENT", "sample"),
    (asked_for(seed=-1), "INVALID_ARGUMENT", "seed"),
    (asked_for(batch=0), "INVALID_ARGUMENT", "batch"),
    (asked_for(dtype=77), "INVALID_ARGUMENT", "dtype"),
    (asked_for(training={"optimizer": 77}), "INVALID_ARGUMENT", "training.optimizer"),
    (asked_for(start=-1), "INVALID_ARGUMENT", "start"),
    (asked_for(limit=1_000_001), "INVALID_ARGUMENT", "limit"),
    (asked_for(draws=100_000_001), "INVALID_ARGUMENT", "draws"),
    (asked_for({"name": "enas_micro"}), "INVALID_ARGUMENT", "sample"),
]


@pytest.mark.parametrize(("request_", "code", "field"), REFUSED, ids=lambda each: str(each)[:60].replace("\n", " "))
def test_a_refusal_names_the_field_at_fault(running: tuple[Server, str], request_: Any, code: str, field: str) -> None:
    found, message, details = service.refusal(running[1], "SweepSpace", request_)
    assert (found, "\n" in message) == (code, False), message
    assert message
    assert [violation.field for violation in details["BadRequest"].field_violations] == [field]


def test_a_network_or_a_function_of_ones_own_is_not_sent(client: Client, tmp_path: Path) -> None:
    mine = archcalc.Network.build(lambda x: archcalc.row("fc", x, archcalc.ops.Linear(10)), input=(8,), name="mine")
    own = DesignSpace("own", (SpaceAxis.of("width", "1..3"),), mine)
    file = tmp_path / "mine.toml"
    file.write_text('model = "layers.toml"\n[axes]\nsize = "8,16"\n')
    (tmp_path / "layers.toml").write_text(
        'input = "3x8x8"\nlayers = ["conv 4 3x3 p1, relu", "gap, flatten, linear 10"]\n'
    )
    function = DesignSpace("moved", (SpaceAxis.of("width", "0.5,1"),), "mobilenet_v1", translate=dict)
    for space in (own, str(file), function):
        with pytest.raises(ArchcalcError, match=r"a server sweeps networks of the catalogue: sweep .* on this machine"):
            list(client.sweep_space(space))


values = st.one_of(
    st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=9, unique=True),
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=9, unique=True),
    st.lists(st.text(min_size=1), min_size=1, max_size=9, unique=True),
    st.permutations([False, True]),
    st.builds(range, st.integers(-99, 0), st.integers(1, 99), st.integers(1, 9)),
    st.builds(
        lambda low, step, count: f"{low}..{low + step * count}:{step}",
        *[st.decimals(0, 9, places=3)] * 2,
        st.integers(1, 50),
    ).filter(lambda text: not text.endswith(":0.000") and "." in text),
)


@settings(max_examples=300, deadline=None)
@given(values)
def test_an_axis_has_the_same_values_there(given_: Any) -> None:
    try:
        axis = SpaceAxis.of("a", given_)
    except ArchcalcError:
        return
    message = contract.SpaceAxis(**sweeps._write_axis(axis))
    found = sweeps._read_axis(contract.SpaceAxis.FromString(message.SerializeToString()))
    assert list(map(repr, found.values)) == list(map(repr, axis.values))


def test_a_long_range_of_decimals_is_short() -> None:
    axis = SpaceAxis.of("a", "0.1..0.9:0.00001")
    assert contract.SpaceAxis(**sweeps._write_axis(axis)).ByteSize() < 40


texts = st.sampled_from(
    ["lenet5", "size", "32", "1..9", "size > 1", "params < 1M", MODEL, "", "\0", "9" * 99, "x" * 2000]
)
plain = st.recursive(
    st.integers(-(2**63), 2**63 - 1) | st.floats() | st.booleans() | texts,
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)


def value(given_: Any) -> dict[str, Any]:
    kinds = {int: "whole", float: "real", bool: "flag", str: "text"}
    if isinstance(given_, list):
        return {"list": {"values": [value(each) for each in given_]}}
    return {kinds[type(given_)]: given_}


axis_messages = st.fixed_dictionaries(
    {}, optional={"name": texts, "text": texts, "values": st.lists(plain.map(value), max_size=3)}
)
sources = st.one_of(*[st.fixed_dictionaries({key: texts}) for key in ("name", "toml", "network")])
spaces_messages = st.builds(
    lambda source, rest: {**source, **rest},
    sources,
    st.fixed_dictionaries(
        {},
        optional={
            "axes": st.lists(axis_messages, max_size=3),
            "constraints": st.lists(texts, max_size=3),
            "input": st.fixed_dictionaries({"sizes": st.lists(st.integers(-9, 99), max_size=4)}),
            "hyperparameters": st.dictionaries(texts, plain.map(value), max_size=2),
            "title": texts,
        },
    ),
)
numbers_ = st.sampled_from([-1, 0, 1, 2, 50, 2**62, 2**63 - 1])
requests = st.fixed_dictionaries(
    {"space": spaces_messages, "draws": st.sampled_from([0, 1, 50])},
    optional={
        "quantities": st.lists(texts | st.sampled_from(["params", "receptive_field"]), max_size=3),
        "where": st.lists(texts, max_size=2),
        **dict.fromkeys(("sample", "seed", "batch", "start", "limit"), numbers_),
        "dtype": st.integers(0, 7),
        "training": st.fixed_dictionaries({}, optional={"optimizer": st.integers(0, 9), "train_from": texts}),
    },
)


@settings(max_examples=400, deadline=None)
@given(requests)
def test_any_request_is_answered_or_refused_in_a_sentence(fields: dict[str, Any]) -> None:
    request = contract.SweepSpaceRequest(**fields)
    responses: list[Any] = []
    said = ""
    try:
        responses = [CALL.reader()(raw) for raw in CALL.responses(request)]
    except ArchcalcError as error:
        said = str(error)
    assert bool(said) != bool(responses)
    assert "\n" not in said
    if responses:
        assert [each.WhichOneof("piece") for each in (responses[0], responses[-1])] == ["header", "end"]
