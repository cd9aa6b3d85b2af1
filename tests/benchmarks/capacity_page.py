"""The page of reports/service: measured rates, latencies and memory, and what a million calls a day needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "reports/service/README.md"
A_DAY, PEAK, FULL = 1_000_000, 10, 0.7
"""Calls a day, the peak over the average, and how full the autoscaler keeps a server."""
MIX = {"cached": 0.9, "small": 0.09, "heavy": 0.01}
ALL_NEW = {"small": 0.99, "heavy": 0.01}
KINDS = {
    "cached": "the table of VGG-16, asked before",
    "small": "the table of VGG-16, each of another batch",
    "heavy": "the memory of DenseNet-201, each of another batch",
}
TEXT = """# The capacity of the service

Measured by `python tests/benchmarks/capacity.py --write`: clients and server on one machine of {cores} cores, over
loopback, each client with a connection of its own. A core is a second of processor time of the server and all its
processes. Ratios are to a bare server of `grpc.aio` that returns the same bytes and was loaded in turn. Rates differ
from run to run by tens of percent, ratios by a few.

## Calls

64 clients; of heavy requests 8.

| request | over | calls/s | calls/s and core | of the bare server's, by core |
| :--- | :--- | ---: | ---: | ---: |
{rates}

## Options

Cached answers, calls/s and core over those of a server without the option:

| with | gRPC | HTTP |
| :--- | ---: | ---: |
{options}

## Latency

Milliseconds at as many clients as ask at once, half of the calls (p50) and 99 of 100 (p99):

| clients | {names} |
| ---: | {columns} |
{latencies}

Beyond a few clients all cores are busy, the clients' included, and the time of a call is the number of clients over the
rate.

## Memory

MiB, pages that several processes share counted in parts:

| | at the start | after these loads |
| :--- | ---: | ---: |
| the server's own process | {idle[server]:.0f} | {memory[server]:.0f} |
| the processes that start workers and convert JSON, together | {idle[others]:.0f} | {memory[others]:.0f} |
| a worker | {idle[worker]:.0f} | {memory[worker]:.0f} |
| workers | {idle[workers]:.0f} | {memory[workers]:.0f} |
| all together | {idle[all]:.0f} | {memory[all]:.0f} |

A worker may take up to `--worker-memory` for a request, and the cache up to `--cache`.

## A million calls a day

A million calls in 86,400 seconds are {average:.1f} a second; with a peak of {peak_factor} times the average,
{peak:.0f} a second. A mix keeps as many cores busy as the sum, over its kinds, of their calls a second divided by
calls/s and core; divided by {full} where servers are {full:.0%} full at the peak, as the autoscaler of
[deploy](../../deploy/README.md) keeps them:

| mix | over | cores busy at the peak | cores at {full:.0%} | on average |
| :--- | :--- | ---: | ---: | ---: |
{mixes}

So the most that a row needs is {pods}; with two servers one may end at any time. Each needs {room:.0f} MiB of memory
and what the largest request that it shall answer takes. The servers share nothing: for a higher peak take more of them.
"""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def page(measured: Mapping[str, Any]) -> str:
    """The text of the page."""
    rates, options, latencies = measured["rates"], measured["options"], measured["latencies"]
    peak = PEAK * A_DAY / 86_400
    names = list(dict.fromkeys(name.rpartition(" ")[0] for name in latencies))
    clients = list(dict.fromkeys(name.rpartition(" ")[2] for name in latencies))

    def rate(name: str, request: str, way: str) -> str:
        each = rates[name]
        return _row(
            request,
            way,
            f"{each['rate']:,.0f}",
            f"{each['core']:,.0f}",
            f"{each['ratio']:.0%}" if each["ratio"] > 0.1 else f"{each['ratio']:.1%}",
        )

    def busy(mix: Mapping[str, float], way: str) -> float:
        return sum(peak * share / rates[f"{way} {kind}"]["core"] for kind, share in mix.items())

    def mixed(mix: Mapping[str, float], way: str) -> str:
        text = ", ".join(f"{share:.0%} {kind}" for kind, share in mix.items())
        cores = busy(mix, way)
        return _row(text, way, f"{cores:.2f}", f"{cores / FULL:.2f}", f"{cores / PEAK:.3f}")

    ways = ("gRPC", "HTTP")
    most = max(busy(mix, way) for mix in (MIX, ALL_NEW) for way in ways) / FULL
    cores = math.ceil(most)
    return TEXT.format(
        cores=measured["cores"],
        rates="\n".join(
            [
                rate("echo cached", "the bare server", "gRPC"),
                *[rate(f"{way} {kind}", text, way) for kind, text in KINDS.items() for way in ways],
            ]
        ),
        options="\n".join(
            _row(name, *[f"{options[f'{way} {name}']:.0%}" for way in ways])
            for name in dict.fromkeys(each.partition(" ")[2] for each in options)
        ),
        names=" | ".join("the bare server" if name == "echo" else name for name in names),
        columns=" | ".join("---:" for _ in names),
        latencies="\n".join(
            _row(
                number,
                *[
                    f"{latencies[f'{name} {number}']['p50']:.1f}, {latencies[f'{name} {number}']['p99']:.1f}"
                    for name in names
                ],
            )
            for number in clients
        ),
        idle=measured["idle"],
        memory=measured["memory"],
        average=A_DAY / 86_400,
        peak_factor=PEAK,
        peak=peak,
        full=FULL,
        mixes="\n".join(mixed(mix, way) for mix in (MIX, ALL_NEW) for way in ways),
        pods=f"{cores} core{'s' if cores > 1 else ''}",
        room=measured["memory"]["all"],
    )
