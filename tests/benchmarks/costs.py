"""Compare the estimates of `archcalc.service.costs` with the times that answers take.

    python tests/benchmarks/costs.py [--every 16] [--most 1500] [--seconds 60] [CALL ...]

Every answer is computed in a process of its own, forked from one that has answered each kind of call once, as the
server's workers are. Printed are, for each call, the number of answers, and of estimate divided by processor time the
smallest (with its network), the tenth, the median, the ninetieth and the largest (with its network); then the answer
that took longest and the memory that it took. Below 1 an answer takes longer than estimated.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import signal
from collections.abc import Iterator
from time import process_time
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.catalogue.nodes import nodes_of
from archcalc.service.answering import Failed, answers
from archcalc.service.costs import estimate
from archcalc.service.questions import CALLS

EXTRA: dict[str, dict[str, Any]] = {
    "Count": {"convention": "fvcore"},
    "Latency": {"device": "rtx-4090"},
    "Scaling": {"samples": True},
    "CompareLaws": {"other": {"name": "resnet18"}},
    "CompareFormula": {"text": "83410944*h*w + 2048000"},
    "Evaluate": {"values": {"H": {"whole": 224}, "W": {"whole": 224}}},
    "Solve": {"targets": [{"name": "mult_adds", "value": {"whole": 10**11}}], "variable": "size"},
    "GraphPicture": {"format": 2},
    "ScalingFigure": {"format": 1},
    "Plot": {"kind": "types", "format": 1},
    "Report": {"format": 3},
    "Explain": {"number": "4.1G"},
}
"""Fields of the requests of some calls, beside the network."""
SWEEPS = {
    "Sweep over sizes": [{"input": {"sizes": [3, 224, side]}} for side in range(224, 264)],
    "Sweep over classes": [{"hyperparameters": {"classes": {"whole": number}}} for number in range(1, 41)],
}
WHOLE: dict[str, list[dict[str, Any]]] = {
    "Names": [{}],
    "CataloguePage": [{}, {"convention": "fvcore"}, {"convention": "fvcore", "skip": 200}],
    "Spaces": [{}],
    "Conventions": [{}],
    "Select": [{}, {"where": ["training_step_bytes < 5G"]}, {"pattern": "resnet", "settings": [{"batch": 2}] * 4}],
    "Explain": [{"number": "123457"}],
    "Audit": [{}],
    "AuditClaim": [{"id": "C01"}],
    "PublishedAccuracies": [{}],
    "CheckPublishedCosts": [{}],
    "SweepSpace": [{"space": {"name": "anynet_d"}}],
    "ValidationConditions": [{}],
    "ValidateRandomNetworks": [{"count": 10}],
}
"""Requests that are about no network, or about the whole catalogue."""
LEFT_OUT = ("ValidateNetworks",)
"""Calls that take minutes."""


class Timed(NamedTuple):
    """An answer: what is asked, its estimate and its processor time in milliseconds, and its memory in MiB."""

    what: str
    estimate: float
    milliseconds: float
    memory: int


def requests(chosen: list[str], names: list[str]) -> Iterator[tuple[str, str, str, Any]]:
    """A title, what is asked, the call and the request, for all requests."""
    for method, call in CALLS.items():
        if method in LEFT_OUT or (chosen and method not in chosen):
            continue
        for fields in WHOLE.get(method, []):
            yield f"{method} of all", str(fields) or "all", method, call.request_class(**fields)
        for name in names:
            for title, fields in _of(method, name):
                yield title, name, method, call.request_class(**EXTRA.get(method, {}), **fields)


def _of(method: str, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Titles and fields of the requests of a call about a network."""
    call = CALLS[method]
    one = {"name": name}
    if method == "Sweep":
        for title, points in SWEEPS.items():
            yield title, {"network": one, "points": points}
    elif method == "Derive":
        rows = [node.row for node in zoo.network(name).graph().nodes if node.op.role == "conv"]
        if rows:
            yield method, {"network": one, "layer": rows[-1], "quantity": "mult_adds"}
    elif "networks" in call.networks:
        yield method, {"networks": [one]}
    elif "network" in call.networks:
        yield method, {"network": one}
    elif "names" in call.arguments:
        yield method, {"names": [name]}
    elif "architecture" in call.arguments:
        yield method, {"architecture": name}
    elif "name" in call.arguments:
        yield method, one


def timed(method: str, raw: bytes, seconds: int) -> tuple[float, int] | None:
    """Milliseconds of a processor and MiB of memory for an answer; None if there is none, or not within the time."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        status = 1
        try:
            before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, process_time()
            for _ in answers(CALLS[method], raw):
                pass
            taken = max(0.1, (process_time() - begun) * 1000)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            os.write(writing, json.dumps([taken, memory // 1024]).encode())
            status = 0
        except Failed:
            pass
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as stream:
        said = stream.read()
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return seconds * 1000, 0
    return tuple(json.loads(said)) if said else None


def shown(title: str, found: list[Timed]) -> str:
    """A line about a call."""
    ratios = sorted([(each.estimate / each.milliseconds, each.what) for each in found])
    low, high = ratios[0], ratios[-1]
    middle = [ratios[min(len(ratios) - 1, int(len(ratios) * part))][0] for part in (0.1, 0.5, 0.9)]
    longest = max(found, key=lambda each: each.milliseconds)
    return (
        f"{title:26} {len(found):3}  {low[0]:5.2f} ({low[1][:40]})  {'  '.join([f'{each:5.2f}' for each in middle])}"
        f"  {high[0]:5.2f} ({high[1][:40]})  longest {longest.milliseconds:,.0f} ms, {longest.memory} MiB"
        f" ({longest.what[:40]})"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("calls", nargs="*", help="calls, by default all")
    parser.add_argument("--every", type=int, default=16, help="every so manyth network by size is asked about")
    parser.add_argument("--most", type=int, default=1500, help="networks of more nodes are left out")
    parser.add_argument("--seconds", type=int, default=60, help="processor time of an answer, at most")
    given = parser.parse_args()
    sizes = {name: nodes_of(name) or 0 for name in zoo.names()}
    names = [name for name in sorted(sizes, key=lambda name: sizes[name]) if sizes[name] <= given.most]
    sample = list(dict.fromkeys([*names[:: given.every], names[-1]]))
    for _, _, method, request in requests(given.calls, ["alexnet"]):
        if not method.startswith("Validate"):
            timed_once(method, request)
    gc.freeze()
    found: dict[str, list[Timed]] = {}
    print("call, answers, estimate / time: smallest, 10 %, median, 90 %, largest; the longest answer")
    for title, what, method, request in requests(given.calls, sample):
        estimated = estimate(CALLS[method], request).milliseconds
        taken = timed(method, request.SerializeToString(), given.seconds)
        if estimated is not None and taken is not None:
            found.setdefault(title, []).append(Timed(what, estimated, *taken))
    for title, each in found.items():
        print(shown(title, each))


def timed_once(method: str, request: Any) -> None:
    """Answer once in this process, so that what it needs is imported."""
    try:
        for _ in answers(CALLS[method], request.SerializeToString()):
            break
    except Failed as failed:
        print(f"{method}: {failed.status.message[:100]}")


if __name__ == "__main__":
    main()
