"""Lanes, shared answers and arrivals on their own: processes and connections are stand-ins, and no time passes."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from archcalc.service import arrivals, dispatch, lanes
from archcalc.service.answering import Failed
from archcalc.service.arrivals import Arrivals
from archcalc.service.dispatch import Dispatcher, Limits
from archcalc.service.faults import CODES
from archcalc.service.flights import Flights
from archcalc.service.lanes import Lane, LaneLimits
from archcalc.service.observe import Caller, Observer
from archcalc.service.processes import Died, Mistake, TooLongToRead
from archcalc.service.questions import CALLS
from archcalc.v1 import archcalc_pb2 as contract


class Worker:
    """A stand-in for a process: it answers when it is told to, with what it is told."""

    pid = 0

    def __init__(self) -> None:
        self.requests = 0
        self.ended = self.killed = self.orphaned = False
        self.pid = 0
        self.asked: list[bytes] = []
        self.said: asyncio.Queue[bytes | BaseException] = asyncio.Queue()
        self.dies_before = False
        """True if it has died and the server does not know it yet."""

    async def answer(self, _method: str, raw: bytes, *_: Any) -> AsyncGenerator[bytes]:
        self.requests += 1
        if self.dies_before:
            self.ended = True
            raise Died(begun=False)
        self.asked.append(raw)
        while True:
            said = await self.said.get()
            if isinstance(said, BaseException):
                raise said
            if not said:
                return
            yield said

    @property
    def gone(self) -> bool:
        return self.ended or self.killed

    @property
    def usable(self) -> bool:
        return not self.gone

    def clean(self) -> None:
        """There are no files."""

    def kill(self) -> None:
        self.killed = True


class Workplace:
    """A lane with stand-ins."""

    def __init__(self, processes: int = 1, waiting: int = 8, reserved: int = 0) -> None:
        self.workers: list[Worker] = []
        self.forgotten: list[Any] = []
        self.dead_from_the_start = 0
        self.broken = False
        limits = LaneLimits("heavy", processes, waiting, 60, 2**20, 100, reserved=reserved)
        self.lane = Lane(limits, self._start, self.forgotten.append, Observer())

    async def _start(self, _: LaneLimits) -> Any:
        if self.broken:
            raise OSError(11, "Resource temporarily unavailable")
        self.workers.append(Worker())
        self.workers[-1].dies_before = len(self.workers) <= self.dead_from_the_start
        return self.workers[-1]

    def ask(self, raw: str, client: str = "a", **options: Any) -> asyncio.Task[list[bytes]]:
        """A request, in a task of its own."""

        async def answer() -> list[bytes]:
            async with aclosing(self.lane.answer("Analyze", raw.encode(), client, **options)) as parts:
                return [part async for part in parts]

        return asyncio.create_task(answer())

    @property
    def begun(self) -> list[str]:
        """The requests that have reached a process, in no order."""
        return [raw.decode() for worker in self.workers for raw in worker.asked]

    def worker_of(self, raw: str) -> Worker:
        [found] = [worker for worker in self.workers if raw.encode() in worker.asked]
        return found

    async def end(self, raw: str) -> None:
        """Let the process of a request end its answer."""
        self.worker_of(raw).said.put_nowait(b"")
        await settle()

    @property
    def figures(self) -> tuple[int, int]:
        return self.lane.busy, self.lane.waiting

    def check_empty(self) -> None:
        """Nothing is held once nothing is asked."""
        assert self.figures == (0, 0)
        assert self.lane.load == 0
        held: Any = self.lane.__dict__
        assert not held["_held"]
        assert not held["_queues"]


async def settle() -> None:
    """Let all tasks go on until each waits for something."""
    for _ in range(50):
        await asyncio.sleep(0)


def code(error: pytest.ExceptionInfo[Failed]) -> str:
    return CODES[error.value.status.code].name


def lane_test(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """A test that is a coroutine function, as one that pytest calls."""

    def run() -> None:
        asyncio.run(asyncio.wait_for(test(), 60))

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


# --- Turns.


@lane_test
async def test_clients_take_turns_and_the_requests_of_one_keep_their_order() -> None:
    place = Workplace()
    order = ["a1", "a2", "a3", "b1", "b2", "c1"]
    tasks: list[asyncio.Task[Any]] = []
    for each in order:
        tasks.append(place.ask(each, each[0]))
        await settle()
    assert place.figures == (1, 5)
    assert place.lane.load == 6
    found: list[str] = []
    while place.lane.busy:
        found.append(place.begun[-1])
        await place.end(found[-1])
    assert found == ["a1", "a2", "b1", "c1", "a3", "b2"]
    assert await asyncio.gather(*tasks) == [[]] * 6
    assert len(place.workers) == 1
    place.check_empty()


@lane_test
async def test_the_client_with_the_fewest_in_progress_is_next() -> None:
    place = Workplace(processes=3)
    running = [place.ask("a1", "a"), place.ask("a2", "a"), place.ask("b1", "b")]
    await settle()
    waiting = [place.ask("a3", "a"), place.ask("c1", "c"), place.ask("b2", "b")]
    await settle()
    await place.end("a1")
    assert "c1" in place.begun
    await place.end("a2")  # b has one in progress, a has none
    assert "a3" in place.begun
    assert "b2" not in place.begun
    for each in ("b1", "b2", "a3", "c1"):
        await place.end(each)
    await asyncio.gather(*running, *waiting)
    place.check_empty()


@lane_test
async def test_a_reserved_process_is_given_to_another_client_at_once_even_while_the_first_one_waits() -> None:
    place = Workplace(processes=3, waiting=2, reserved=1)
    tasks = [place.ask(f"a{number}", "a") for number in range(1, 4)]
    await settle()
    assert place.figures == (2, 1)  # one client does not get the last process
    tasks += [place.ask("b1", "b")]
    await settle()
    assert "b1" in place.begun
    tasks += [place.ask("b2", "b")]
    await settle()
    assert place.figures == (3, 2)
    for each in ("a1", "a2", "a3", "b1", "b2"):
        await place.end(each)
    await asyncio.gather(*tasks)
    place.check_empty()


@lane_test
async def test_a_queue_has_a_limit_of_which_one_client_has_at_most_half() -> None:
    place = Workplace(waiting=4)
    tasks = [place.ask("a0"), place.ask("a1"), place.ask("a2")]
    await settle()
    with pytest.raises(Failed, match="1 requests of this kind are in progress and 2 of this client wait") as error:
        await place.ask("a3")
    assert code(error) == "RESOURCE_EXHAUSTED"
    assert [each.TypeName() for each in error.value.status.details if "RetryInfo" in each.type_url]
    tasks += [place.ask("b1", "b"), place.ask("c1", "c")]
    await settle()
    with pytest.raises(Failed, match="in progress and 4 wait"):
        await place.ask("d1", "d")
    again = place.ask("d2", "d", again=True)  # it has been answered in part
    await settle()
    assert place.figures == (1, 5)
    for each in (*tasks, again):
        each.cancel()
    await settle()
    place.check_empty()


@lane_test
async def test_with_no_queue_a_request_is_refused_when_all_processes_are_busy() -> None:
    place = Workplace(waiting=0)
    running = place.ask("a1")
    await settle()
    with pytest.raises(Failed, match="0 wait"):
        await place.ask("b1", "b")
    await place.end("a1")
    await running
    running = place.ask("b2", "b")
    await settle()
    await place.end("b2")
    await running
    place.check_empty()


# --- Cancellation.


@lane_test
async def test_a_request_that_is_cancelled_while_it_waits_leaves_the_queue() -> None:
    place = Workplace()
    running, waiting, behind = place.ask("a1"), place.ask("a2"), place.ask("b1", "b")
    await settle()
    waiting.cancel()
    await settle()
    assert place.figures == (1, 1)
    await place.end("a1")
    assert place.begun == ["a1", "b1"]
    await place.end("b1")
    await asyncio.gather(running, behind)
    place.check_empty()


@lane_test
async def test_a_turn_that_comes_when_its_request_is_cancelled_goes_to_the_next() -> None:
    for before in (True, False):
        place = Workplace()
        running, waiting, behind = place.ask("a1"), place.ask("b1", "b"), place.ask("c1", "c")
        await settle()
        if before:  # its future is cancelled, and its task has not noticed when the turn comes
            waiting.cancel()
            running.cancel()
        else:
            place.worker_of("a1").said.put_nowait(b"")
            while place.lane.waiting == 2:  # noqa: ASYNC110
                await asyncio.sleep(0)
            waiting.cancel()
        await settle()
        assert waiting.cancelled()
        assert place.begun[-1] == "c1"
        assert place.figures == (1, 0)
        await place.end("c1")
        await behind
        place.check_empty()


@lane_test
async def test_a_request_that_is_cancelled_in_progress_ends_its_process_and_no_other() -> None:
    place = Workplace(processes=2)
    first, second = place.ask("a1"), place.ask("b1", "b")
    await settle()
    first.cancel()
    await settle()
    assert place.worker_of("a1").killed
    assert not place.worker_of("b1").killed
    assert place.lane.processes == 1
    await place.end("b1")
    await second
    place.check_empty()


@lane_test
async def test_closing_the_responses_early_ends_the_process() -> None:
    place = Workplace()
    parts = place.lane.answer("Analyze", b"a1", "a")
    first = asyncio.ensure_future(anext(parts))
    await settle()
    place.worker_of("a1").said.put_nowait(b"part")
    assert await first == b"part"
    await parts.aclose()
    assert place.worker_of("a1").killed
    place.check_empty()


@lane_test
async def test_requests_that_wait_when_the_server_stops_are_told_so() -> None:
    place = Workplace()
    running, waiting, another = place.ask("a1"), place.ask("a2"), place.ask("b1", "b")
    await settle()
    place.lane.close()
    another.cancel()
    await settle()
    with pytest.raises(Failed, match="shutting down") as error:
        await waiting
    assert code(error) == "UNAVAILABLE"
    await place.end("a1")
    assert await running == []
    assert place.worker_of("a1").killed
    with pytest.raises(Failed, match="shutting down"):
        await place.ask("a3")
    place.check_empty()


# --- Processes.


@lane_test
async def test_a_request_is_asked_once_more_when_its_process_had_died_before_it_began() -> None:
    place = Workplace()
    place.dead_from_the_start = 1
    running = place.ask("a1")
    await settle()
    assert len(place.workers) == 2
    await place.end("a1")
    assert await running == []
    place.check_empty()


@lane_test
async def test_the_second_process_of_a_request_is_a_new_one_as_all_idle_ones_may_have_died_together() -> None:
    place = Workplace(processes=3)
    await place.lane.warm(3)
    for each in place.workers:
        each.dies_before = True
    running = place.ask("a1")
    await settle()
    await place.end("a1")
    assert await running == []
    assert len(place.workers) == 4
    assert place.lane.processes == 3
    place.check_empty()


@lane_test
async def test_a_request_is_not_asked_a_third_time() -> None:
    place = Workplace()
    place.dead_from_the_start = 9
    with pytest.raises(Failed, match="died") as error:
        await place.ask("a1")
    assert code(error) == "RESOURCE_EXHAUSTED"
    assert len(place.workers) == 2
    assert place.lane.processes == 0
    place.check_empty()


@pytest.mark.parametrize(
    ("raised", "expected", "killed"),
    [
        (Died(begun=True), "RESOURCE_EXHAUSTED", True),
        (TimeoutError(), "DEADLINE_EXCEEDED", True),
        (TooLongToRead(), "DEADLINE_EXCEEDED", True),
        (Mistake("a traceback"), "", False),
    ],
)
def test_what_happens_in_a_process_has_a_status_and_decides_whether_it_stays(
    raised: Exception, expected: str, killed: bool
) -> None:
    async def run() -> None:
        place = Workplace()
        running = place.ask("a1")
        await settle()
        worker = place.worker_of("a1")
        worker.said.put_nowait(raised)
        with pytest.raises(Failed if expected else Mistake) as error:
            await running
        if isinstance(error.value, Failed):
            assert CODES[error.value.status.code].name == expected
        assert worker.killed is killed
        assert place.lane.processes == (0 if killed else 1)
        place.check_empty()

    asyncio.run(run())


@lane_test
async def test_a_process_that_cannot_be_started_frees_its_turn() -> None:
    place = Workplace()
    place.broken = True
    with pytest.raises(Failed, match="no process can be started: Resource temporarily unavailable") as error:
        await place.ask("a1")
    assert code(error) == "RESOURCE_EXHAUSTED"
    place.check_empty()


@lane_test
async def test_a_process_is_replaced_after_so_many_requests() -> None:
    place = Workplace()
    for number in range(lanes.REQUESTS_OF_A_PROCESS + 1):
        running = place.ask(f"a{number}")
        while running not in (await asyncio.wait([running], timeout=0))[0]:
            if f"a{number}" in place.begun[-1:]:
                place.workers[-1].said.put_nowait(b"")
            await settle()
    first, second = place.workers
    assert (first.killed, first.requests) == (True, lanes.REQUESTS_OF_A_PROCESS)
    assert (second.killed, second.requests) == (False, 1)


@lane_test
async def test_a_process_that_died_while_idle_is_neither_counted_nor_used() -> None:
    place = Workplace(processes=2)
    await place.lane.warm(9)
    assert place.lane.processes == 2
    for each in place.workers:
        each.ended = True
    assert place.lane.processes == 0
    running = place.ask("a1")
    await settle()
    await place.end("a1")
    await running
    assert len(place.workers) == 3


# --- Shared answers.


@lane_test
async def test_an_answer_goes_on_when_the_first_who_asked_has_gone() -> None:
    joined: list[None] = []
    shared = Flights(lambda: joined.append(None))
    gate: asyncio.Future[tuple[bytes, ...]] = asyncio.get_running_loop().create_future()
    computed: list[str] = []

    async def compute(who: str) -> tuple[bytes, ...]:
        computed.append(who)
        return await gate

    async def impatient() -> tuple[bytes, ...]:
        async with asyncio.timeout(0.01):
            return await shared.answer(("Analyze", b""), lambda: compute("first"))

    first = asyncio.create_task(impatient())
    await settle()
    others = [asyncio.create_task(shared.answer(("Analyze", b""), lambda: compute("other"))) for _ in range(3)]
    await settle()
    with pytest.raises(TimeoutError):
        await first
    others[0].cancel()
    await settle()
    assert not gate.cancelled()
    gate.set_result((b"answer",))
    assert await asyncio.gather(*others[1:]) == [(b"answer",)] * 2
    assert (computed, len(joined)) == (["first"], 3)


@lane_test
async def test_an_answer_is_given_up_when_nobody_waits_and_computed_anew_when_somebody_asks() -> None:
    shared = Flights(lambda: None)
    gates = [asyncio.get_running_loop().create_future() for _ in range(2)]
    left = iter(gates)

    async def compute() -> tuple[bytes, ...]:
        return await next(left)

    first = asyncio.create_task(shared.answer(("Analyze", b""), compute))
    await settle()
    first.cancel()
    second = asyncio.create_task(shared.answer(("Analyze", b""), compute))
    await settle()
    assert gates[0].cancelled()
    gates[1].set_result((b"answer",))
    assert await second == (b"answer",)


@lane_test
async def test_a_failure_that_nobody_waits_for_is_not_reported_as_forgotten() -> None:
    shared = Flights(lambda: None)
    reported: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, said: reported.append(said))

    async def compute() -> tuple[bytes, ...]:
        try:
            await asyncio.Event().wait()
        finally:
            raise Failed(lanes.faults.status(8, "its process died when it was cancelled"))

    first = asyncio.create_task(shared.answer(("Analyze", b""), compute))
    await settle()
    first.cancel()
    await settle()
    assert first.cancelled()
    del first
    gc.collect()  # what is forgotten is reported when it is freed
    assert reported == []


# --- Streams.


class Codes(Observer):
    """Keeps the codes with which calls end."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: list[str] = []

    def end(self, method: str, kind: str, code: str, began: float, caller: Caller, message: str = "") -> None:
        super().end(method, kind, code, began, caller, message)
        self.codes.append(code)


@asynccontextmanager
async def streaming(place: Workplace) -> AsyncGenerator[tuple[Dispatcher, Codes]]:
    """A dispatcher with a lane of stand-ins."""
    codes = Codes()
    found = Dispatcher(Limits(), codes)
    try:
        found.lanes.by_name = dict.fromkeys(found.lanes.by_name, place.lane)
        yield found, codes
        await settle()
        assert codes.active == 0
        place.check_empty()
    finally:
        found.stop()


STREAMED = CALLS["ValidateRandomNetworks"]
COUNT = contract.ValidateRandomNetworksRequest(count=3).SerializeToString()


@lane_test
async def test_a_stream_gives_what_there_is_until_its_deadline_and_says_so_also_while_it_waits() -> None:
    place = Workplace()
    async with streaming(place) as (found, codes):
        first = found.answer(STREAMED, COUNT, Caller("a", "", "grpc", 0.2))
        part = asyncio.ensure_future(anext(first))
        await settle()
        place.workers[0].said.put_nowait(b"part")
        assert await part == b"part"
        waiting = found.answer(STREAMED, COUNT, Caller("a", "", "grpc", 0.01))
        with pytest.raises(Failed, match="deadline") as error:
            await anext(waiting)
        assert code(error) == "DEADLINE_EXCEEDED"
        assert place.figures == (1, 0)
        with pytest.raises(Failed, match="deadline"):
            await anext(first)
        assert codes.codes == ["DEADLINE_EXCEEDED"] * 2
        assert place.workers[0].killed


@lane_test
async def test_a_stream_that_is_closed_or_fails_has_given_all_back_when_that_returns() -> None:
    place = Workplace()
    async with streaming(place) as (found, codes):
        responses = found.answer(STREAMED, COUNT, Caller("a", "", "grpc"))
        part = asyncio.ensure_future(anext(responses))
        await settle()
        place.workers[0].said.put_nowait(b"part")
        await part
        await responses.aclose()
        assert place.figures == (0, 0)
        responses = found.answer(STREAMED, COUNT, Caller("a", "", "grpc"))
        part = asyncio.ensure_future(anext(responses))
        await settle()
        for each in (b"part", Died(begun=True)):
            place.workers[1].said.put_nowait(each)
        assert await part == b"part"
        with pytest.raises(Failed, match="died"):
            await anext(responses)
        assert place.figures == (0, 0)
        assert codes.codes == ["CANCELLED", "RESOURCE_EXHAUSTED"]


def test_a_stream_is_computed_a_little_ahead_of_a_slow_reader_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "SPOOL", 10)
    monkeypatch.setattr(dispatch, "PATIENCE", 0.1)

    async def run() -> None:
        place = Workplace()
        async with streaming(place) as (found, codes):
            responses = found.answer(STREAMED, COUNT, Caller("a", "", "grpc"))
            part = asyncio.ensure_future(anext(responses))
            await settle()
            for _ in range(9):
                place.workers[0].said.put_nowait(b"12345678")
            assert await part == b"12345678"
            await settle()
            assert place.workers[0].said.qsize() == 6  # two are ahead
            assert await anext(responses) == b"12345678"
            await settle()
            assert place.workers[0].said.qsize() == 5
            await asyncio.sleep(0.2)
            assert await anext(responses) == b"12345678"
            assert await anext(responses) == b"12345678"
            with pytest.raises(Failed, match="has read nothing") as error:
                await anext(responses)
            assert code(error) == "RESOURCE_EXHAUSTED"
            assert place.workers[0].killed
            assert codes.codes == ["RESOURCE_EXHAUSTED"]

    asyncio.run(run())


# --- Arrivals.


class Call:
    """A stand-in for the context of a call."""

    def __init__(self) -> None:
        self.request: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def read(self) -> Any:
        return await self.request


@lane_test
async def test_a_request_that_does_not_arrive_ends_its_call_and_one_that_does_is_read() -> None:
    found = Arrivals(Observer())
    late, good, closed = Call(), Call(), Call()
    tasks = [asyncio.create_task(found.read(each, "a")) for each in (late, good, closed)]
    await settle()
    good.request.set_result(b"request")
    closed.request.set_result(None)
    held: Any = found
    held._end(tasks[0])
    with pytest.raises(Failed, match="has not arrived within") as error:
        await tasks[0]
    assert code(error) == "DEADLINE_EXCEEDED"
    assert await tasks[1] == b"request"
    with pytest.raises(Failed, match="no request"):
        await tasks[2]
    assert not held._waiting
    assert not held._clients
    assert not held._late


@lane_test
async def test_a_call_that_is_cancelled_while_its_request_is_on_its_way_is_cancelled() -> None:
    found = Arrivals(Observer())
    task = asyncio.create_task(found.read(Call(), "a"))
    await settle()
    task.cancel()
    await settle()
    assert task.cancelled()
    held: Any = found
    assert not held._waiting
    assert not held._clients


def test_one_client_has_so_many_calls_on_their_way_and_others_have_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "MOST_OF_CLIENT", 2)
    monkeypatch.setattr(arrivals, "MOST", 3)

    async def run() -> None:
        found = Arrivals(Observer())
        calls = [Call() for _ in range(5)]
        tasks = [asyncio.create_task(found.read(each, "a")) for each in calls[:2]]
        await settle()
        with pytest.raises(Failed, match="2 calls of this client"):
            await found.read(calls[2], "a")
        tasks += [asyncio.create_task(found.read(each, "b")) for each in calls[3:]]
        await settle()
        with pytest.raises(Failed, match="has not arrived"):  # the oldest makes room
            await tasks[0]
        for each in calls[1:]:
            if not each.request.done():
                each.request.set_result(b"request")
        assert await asyncio.gather(*tasks[1:]) == [b"request"] * 3

    asyncio.run(run())
