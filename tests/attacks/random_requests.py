"""Fuzz the calls: `python tests/attacks/random_requests.py [--count N] [--calls A,B] [--seed S] [--address HOST:PORT]`.

Of the requests for a call about half are proper: arguments of its function with values that may well be meant. The
others are such requests with fields changed or left out, requests drawn from the descriptors of the contract, and both
with broken bytes. They are answered in this process, or by a server that is named, which is asked several at once. No
request may end in UNKNOWN or INTERNAL, and a fifth of those for each call must be answered.

100,000 for each call unless said otherwise, except for calls whose answers take seconds: `SLOW` says how many those
get. `--seconds` limits each call. Prints how often each status came; exit code 1 for a finding.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, NoReturn, TypeAlias

sys.path.insert(0, str(Path(__file__).parent.parent))
import fuzzing
import grpc

from archcalc.evidence.selecting import Setting
from archcalc.request import Request
from archcalc.search.sweep import Point
from archcalc.service.answering import Failed, answers
from archcalc.service.questions import CALLS
from archcalc.training import Training
from archcalc.validation.runner import CHECKS

Target: TypeAlias = Callable[[str, bytes], tuple[str, str]]
"""From the name of a call and a request to the status and, of an unexpected one, the reason."""

COUNT = 100_000
SLOW: Mapping[str, int] = {
    "Audit": 2000, "AuditClaim": 20_000, "CheckPublishedCosts": 200, "Explain": 500, "GraphPicture": 20_000,
    "Plot": 500, "PublishedAccuracies": 2000, "Reconcile": 10_000, "Report": 20, "Scaling": 2000, "ScalingFigure": 200,
    "Select": 500, "Solve": 20_000, "ValidateNetworks": 50, "ValidateRandomNetworks": 50,
}  # fmt: skip
"""Calls that are asked less often, for an answer takes a tenth of a second to many seconds."""
ALARM = 60
"""Seconds that an answer may take."""
ASKED_AT_ONCE = 8
"""Requests that a server is asked at a time, by each process."""
LEAST, ENOUGH = 0.2, 20
"""The part of the requests for a call that is answered at least, where so many are asked."""

NETWORKS = ("lenet5", "lenet5_dense", "vgg11", "alexnet_owt", "resnet18", "squeezenet1_0", "mobilenet_v1", "wrn_16_1")
MEASURED = ("params", "mult_adds", "activation_sum", "parameter_bytes", "peak_inference_bytes", "training_saved_bytes")
WITH_WIDTH = ("mobilenet_v1", "shufflenet_v1_g3_1.0x", "wrn_16_1", "unet")
DOCUMENTS = ("000", "001", "002", "003")
LAYERS = {
    "lenet5": ("conv1", "conv2"),
    "vgg11": ("conv1_1", "fc8"),
    "resnet18": ("conv1", "fc"),
    "alexnet_owt": ("conv1",),
}


def some(random: Random, *values: Any) -> Any:
    return random.choice(values)


def few(random: Random, values: Any, most: int = 3) -> list[Any]:
    return random.sample(list(values), random.randint(1, min(most, len(values))))


def network(random: Random) -> Request:
    """A small network, sometimes with an input, a batch, a type or training of its own."""
    name = random.choice(NETWORKS)
    given: dict[str, Any] = {}
    if random.random() < 0.3:
        side = random.choice((32, 33, 64, 96, 224, 225, 320))
        given["input"] = (1 if name.startswith("lenet") else 3, side, random.choice((side, side + 32)))
    if random.random() < 0.3:
        given["batch"] = random.choice((1, 2, 8, 64))
    if random.random() < 0.2:
        given["dtype"] = random.choice(("float32", "float16", "float64"))
    if random.random() < 0.2 and not name.startswith("lenet"):
        given["classes"] = random.choice((2, 10, 365))
    if random.random() < 0.2:
        given["training"] = Training(random.choice(("sgd", "adam", "adamw")))
    return Request.of(name, **given)


def target_of(random: Random) -> tuple[Request, dict[str, Any], str]:
    """A network, a budget, and the variable that it is for."""
    variable = random.choice(("size", "size", "batch", "width", "classes"))
    name = random.choice(WITH_WIDTH if variable == "width" else ("lenet5_dense", "vgg11", "resnet18", "mobilenet_v1"))
    if variable == "batch":
        return (
            Request.of(name),
            {random.choice(("training_step_bytes", "peak_inference_bytes")): some(random, "2GiB", "16GiB")},
            variable,
        )
    name = "resnet18" if variable == "classes" else name
    variable = (
        {"shufflenet_v1_g3_1.0x": "scale", "wrn_16_1": "k"}.get(name, variable) if variable == "width" else variable
    )
    key = random.choice(
        ("params", "parameter_bytes") if variable == "classes" else ("mult_adds", "activation_sum", "mult_adds")
    )
    value = random.choice(("300M", "20M", "1G", "12,345,678", str(random.randint(10**7, 10**10))))
    return Request.of(name), {key: value}, variable


def compared(random: Random) -> tuple[Request, str, str, list[str]]:
    """A formula that is, or is not, that of a network."""
    name, own, key = random.choice(
        (
            ("resnet18", "35389440*h*w + 512*1000", "mult_adds"),
            ("vgg11", "h*w", "params"),
            ("lenet5", "66480*h*w", "mult_adds"),
        )
    )
    other = random.choice(
        ("h*w", "max(h*w, 0)", "floor((2*h+1)/2)", "(h + w)^2 // (h + w)", "h/3", "1/h", "h//3", "2^h")
    )
    return Request.of(name), random.choice((own, f"{own} + {other}", other)), key, []


def swept(random: Random) -> tuple[Any, dict[str, Any]]:
    """A design space, and how it is swept."""
    from archcalc.spaces.space import DesignSpace

    asked: dict[str, Any] = {
        "limit": random.randint(1, 40),
        "quantities": few(random, ("params", "mult_adds", "activation_sum")),
    }
    if random.random() < 0.5:
        space: Any = random.choice(("anynet_a", "anynet_d", "regnetx", "regnety"))
        asked["sample"] = random.randint(1, 20)
        asked["seed"] = random.randint(0, 1000)
    else:
        name, over = random.choice(
            (
                ("lenet5_dense", {"size": "32..64:8"}), ("resnet18", {"size": "64..128:32", "classes": "10,100"}),
                ("mobilenet_v1", {"width": "0.25..1:0.25", "size": "128,160"}), ("wrn_16_1", {"k": "1..4"}),
            )
        )  # fmt: skip
        space = DesignSpace.of(name, over=over)
    if random.random() < 0.4:
        asked["where"] = few(
            random, ("params > 1", "mult_adds < 900G", "params < 1G and mult_adds > 0", "2 * params >= 0"), 2
        )
    return space, asked


def plotted(random: Random) -> tuple[tuple[Any, ...], dict[str, Any]]:
    kind = random.choice(("profile", "accuracy", "accuracy-params", "mobilenet", "years", "cifar", "density", "types"))
    names = few(random, ("lenet5", "vgg11", "resnet18"), 2) if kind in ("profile", "types") else []
    given: dict[str, Any] = {"width": random.choice((120.0, 180.0, 240.0))} if random.random() < 0.3 else {}
    return (kind, names, random.choice(("csv", "csv", "csv", "svg"))), given


def counted(random: Random) -> str:
    return random.choice(("fvcore", "ptflops", "thop", "torchinfo", "deepspeed", "calflops"))


def point(random: Random) -> Point:
    side = random.choice((64, 96, 224))
    return Point((3, side, side + random.choice((0, 1, 32))), {"classes": 7} if random.random() < 0.3 else {})


Arguments: TypeAlias = tuple[tuple[Any, ...], dict[str, Any]]


def of(*args: Any, **kwargs: Any) -> Arguments:
    return args, {key: value for key, value in kwargs.items() if value is not None}


def _sweep_space(random: Random) -> Arguments:
    space, asked = swept(random)
    return of(space, **asked)


def _solve(random: Random) -> Arguments:
    asked, targets, variable = target_of(random)
    return of(
        asked, targets, variable, multiple_of=random.choice((None, None, 8, "32")) if variable == "size" else None
    )


def _derive(random: Random) -> Arguments:
    name = random.choice(list(LAYERS))
    layer = random.choice((*LAYERS[name], "total"))
    keys = ("params", "mult_adds") if layer == "total" else ("params", "mult_adds", "output_shape", "activations")
    return of(name, layer, random.choice(keys))


def _pattern(random: Random) -> str:
    return random.choice(("", "resnet", "vgg*", "*net*", "res?et50", "fv*", "t*"))


PROPER: Mapping[str, Callable[[Random], Arguments]] = {
    "Names": lambda r: of(_pattern(r)),
    "CataloguePage": lambda r: of(_pattern(r), convention=some(r, None, "fvcore")),
    "Describe": lambda r: of(some(r, *NETWORKS, "anynet_a", "darts")),
    "Spaces": lambda _: of(),
    "Select": lambda r: of(
        some(r, "lenet5", "vgg11", "wrn_16_1", "squeezenet"),
        few(r, ("params > 1", "mult_adds < 9T and params > 0", "year >= 1990", "2 * params > 1 or size > 0"), 2),
        few(r, ("-params", "mult_adds", "year"), 2),
        settings=[Setting(sizes=(224, 224))] if r.random() < 0.2 else None,
    ),
    "Resolve": lambda r: of(network(r)),
    "Analyze": lambda r: of(network(r), detail=r.random() < 0.3, convention=some(r, None, None, counted(r))),
    "Compare": lambda r: of([network(r) for _ in range(r.randint(1, 3))]),
    "StageFields": lambda r: of(few(r, ("resnet18", "vgg11", "unet", "alexnet_owt"))),
    "Memory": lambda r: of(network(r), device=some(r, None, "t4")),
    "Latency": lambda r: of(network(r), device=some(r, "t4", "rtx-4090"), task=some(r, None, "inference", "training")),
    "Energy": lambda r: of(network(r)),
    "Structure": lambda r: of(network(r)),
    "Sweep": lambda r: of(some(r, "vgg11", "resnet18", "mobilenet_v1"), [point(r) for _ in range(r.randint(1, 5))]),
    "SweepSpace": _sweep_space,
    "FormulaSymbols": lambda r: of(network(r)),
    "Formulas": lambda r: of(
        some(r, "resnet18", "vgg11", "mobilenet_v1"), some(r, [], ["S"], ["K"], ["H", "W"], ["N"])
    ),
    "ExactFormulas": lambda r: of(some(r, "lenet5", "vgg11", "resnet18"), few(r, MEASURED[:3], 2)),
    "Evaluate": lambda r: of(
        some(r, "resnet18", "vgg11"), some(r, {"S": r.randint(32, 300)}, {"H": "224", "W": 225}, {"S": "64", "K": 7})
    ),
    "CompareFormula": lambda r: of(*compared(r)),
    "Derive": _derive,
    "Solve": _solve,
    "Scaling": lambda r: of(some(r, "lenet5", "vgg11", "resnet18"), samples=r.random() < 0.5),
    "CompareLaws": lambda r: of(
        *few(r, ("vgg11", "alexnet_owt", "resnet18", "squeezenet1_0"), 2)[:1], some(r, "vgg11", "resnet18")
    ),
    "Conventions": lambda r: of(_pattern(r)),
    "Count": lambda r: of(network(r), counted(r)),
    "Reconcile": lambda r: of(some(r, "lenet5", "vgg11", "unet"), tools=few(r, ("thop", "fvcore"), 2)),
    "Audit": lambda r: of(document=some(r, None, *DOCUMENTS), architecture=some(r, None, "vgg16", "resnet50")),
    "AuditClaim": lambda r: of(f"C{r.randint(1, 760):04}"),
    "Explain": lambda r: of(
        some(r, "60K", "9.2M", "1.2G", "138M", "427"), architecture=some(r, "lenet5", "vgg11"), changes=some(r, None, 1)
    ),
    "PublishedAccuracies": lambda r: of(few(r, ("resnet18", "vgg16", "resnet50")), some(r, "imagenet")),
    "CheckPublishedCosts": lambda r: of(few(r, ("resnet18", "vgg11"), 1)),
    "GraphPicture": lambda r: of(network(r), "dot", open_levels=some(r, None, "full", "1")),
    "Plot": plotted,
    "ScalingFigure": lambda r: of(some(r, "lenet5", "vgg11"), "svg"),
    "Report": lambda r: of(few(r, ("lenet5", "lenet5_dense"), 1), "md"),
    "ValidationConditions": lambda _: of("cpu"),
    "ValidateNetworks": lambda r: of(few(r, ("lenet5", "lenet5_dense"), 1), "cpu", tuple(few(r, CHECKS[:2], 2))),
    "ValidateRandomNetworks": lambda r: of(1, r.randint(0, 99)),
}
"""Arguments that may well be meant, for each call."""


# --- A request.


def proper(random: Random, method: str) -> Any:
    """A request that may well be meant."""
    args, kwargs = PROPER[method](random)
    request = CALLS[method].request(args, kwargs)
    if "page_size" in request.DESCRIPTOR.fields_by_name:
        request.page_size = random.choice((0, 1, 5, 100))
    return request


def changed(random: Random, message: Any) -> Any:
    """A message with a field or a few, also of its parts, drawn anew or left out."""
    for _ in range(random.randint(1, 3)):
        held, field, within = place(random, message)
        if field is None:
            continue
        held.ClearField(field.name)
        likely = random.random() < 0.5
        if random.random() < 0.25:
            continue
        if field.is_repeated:
            for _ in range(random.choice((1, 1, 2, 3))):
                fuzzing.add(random, field, getattr(held, field.name), 1, within, likely)
        elif field.message_type is not None:
            fuzzing.fill(random, getattr(held, field.name), 1, field.name, likely)
        else:
            setattr(held, field.name, fuzzing.scalar(random, field, within, likely))
    return message


def place(random: Random, message: Any) -> tuple[Any, Any, str]:
    """A message within a message, one of its fields, or None where it has none, and the field that it stands in."""
    held, within = message, ""
    while True:
        fields = list(held.DESCRIPTOR.fields)
        field = random.choice(fields) if fields else None
        if field is None or field.message_type is None or random.random() < 0.3:
            return held, field, within
        if field.is_repeated:
            several = getattr(held, field.name)
            if field.message_type.GetOptions().map_entry or not len(several):
                return held, field, within
            held = random.choice(several)
        else:
            held = getattr(held, field.name)
        within = field.name


def drawn(random: Random, method: str) -> bytes:
    """The bytes of a request for a call: half of them proper."""
    kind = random.random()
    if kind < 0.75:
        message = proper(random, method)
        if kind > 0.5:
            message = changed(random, message)
    else:
        message = fuzzing.fill(random, CALLS[method].request_class(), likely=random.random() < 0.5)
    raw = message.SerializeToString()
    return fuzzing.spoilt(random, raw) if random.random() < 0.1 else raw


# --- Who answers.


def in_process(method: str, raw: bytes) -> tuple[str, str]:
    """The status of an answer that is computed here, for at most `ALARM` seconds."""

    def end(*_: Any) -> NoReturn:
        raise TimeoutError

    signal.signal(signal.SIGALRM, end)
    signal.alarm(ALARM)
    call = CALLS[method]
    read = call.reader()
    try:
        for response in answers(call, raw):
            read(response)
    except Failed as failed:
        return CODES[failed.status.code], ""
    except TimeoutError:
        return "DEADLINE_EXCEEDED", ""
    except Exception:  # noqa: BLE001
        return "INTERNAL", traceback.format_exc()
    finally:
        signal.alarm(0)
    return "OK", ""


CODES = {code.value[0]: code.name for code in grpc.StatusCode}


async def by_server(channel: grpc.aio.Channel, method: str, raw: bytes) -> tuple[str, str]:
    """The status of an answer of a server, which is a message of the contract."""
    call = CALLS[method]
    read = call.reader()
    try:
        if call.streams:
            async for response in channel.unary_stream(call.path)(raw, timeout=ALARM):
                read(response)
        else:
            read(await channel.unary_unary(call.path)(raw, timeout=ALARM))
    except grpc.aio.AioRpcError as error:
        return error.code().name, error.details() or ""
    except Exception:  # noqa: BLE001
        return "INTERNAL", traceback.format_exc()
    return "OK", ""


# --- Many requests, and the figures.


class Figures(NamedTuple):
    """Figures of the requests for one call."""

    method: str
    codes: Counter[str]
    seconds: float
    findings: list[tuple[str, bytes, str]]
    """Improper statuses with the request and the reason."""

    @property
    def asked(self) -> int:
        return sum(self.codes.values())

    @property
    def answered(self) -> float:
        """The part that was answered."""
        return self.codes["OK"] / self.asked if self.asked else 0.0


def fuzz(method: str, target: Target, seed: int, count: int, seconds: float = float("inf")) -> Figures:
    """The figures of at most `count` requests for a call, begun within `seconds`."""
    random = Random(f"{method} {seed}")  # noqa: S311
    codes: Counter[str] = Counter()
    findings: list[tuple[str, bytes, str]] = []
    began = time.monotonic()
    while sum(codes.values()) < count and time.monotonic() - began < seconds:
        raw = drawn(random, method)
        code, reason = target(method, raw)
        codes[code] += 1
        if code not in fuzzing.PROPER:
            findings.append((code, raw, reason))
    return Figures(method, codes, time.monotonic() - began, findings)


def fuzz_server(method: str, address: str, seed: int, count: int, seconds: float = float("inf")) -> Figures:
    """As `fuzz`, of a server's answers."""
    random = Random(f"{method} {seed}")  # noqa: S311
    codes: Counter[str] = Counter()
    findings: list[tuple[str, bytes, str]] = []
    began = time.monotonic()
    left = iter(range(count))

    async def caller(channel: grpc.aio.Channel) -> None:
        while time.monotonic() - began < seconds and next(left, None) is not None:
            raw = drawn(random, method)
            code, reason = await by_server(channel, method, raw)
            codes[code] += 1
            if code not in fuzzing.PROPER:
                findings.append((code, raw, reason))

    async def callers() -> None:
        async with grpc.aio.insecure_channel(address) as channel:
            await asyncio.gather(*(caller(channel) for _ in range(ASKED_AT_ONCE)))

    asyncio.run(callers())
    return Figures(method, codes, time.monotonic() - began, findings)


def _share(share: tuple[str, str, int, int, float]) -> Figures:
    method, address, *limits = share
    return fuzz_server(method, address, *limits) if address else fuzz(method, in_process, *limits)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--calls", default=",".join(CALLS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--address", default="")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    shares = [
        (method, given.address, given.seed, min(given.count, SLOW.get(method, given.count)), given.seconds)
        for method in given.calls.split(",")
    ]
    wrong = total = 0
    with ProcessPoolExecutor(given.processes) as pool:
        for found in pool.map(_share, shares):
            total += found.asked
            few_ok = found.asked >= ENOUGH and found.answered < LEAST
            wrong += len(found.findings) + few_ok
            others = ", ".join(f"{code} {number:,}" for code, number in found.codes.most_common() if code != "OK")
            rate = found.asked / max(found.seconds, 1e-9)
            fewer = f" (fewer than {given.count:,}: answers are slow, or time is short)" * (found.asked < given.count)
            said = f"{found.asked:8,} asked{fewer}, {found.answered:5.1%} OK, {rate:7.0f}/s"
            print(f"{found.method:24} {said}; {others}", flush=True)
            if few_ok:
                print(f"FOUND {found.method}: less than a fifth is answered")
            for code, raw, reason in found.findings[:5]:
                print(f"FOUND {code} {found.method} {raw!r}\n{reason}")
    print(f"{total:,} requests, {wrong} findings")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
