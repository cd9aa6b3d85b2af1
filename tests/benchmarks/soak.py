"""Full load for a long time: `python tests/benchmarks/soak.py [SECONDS]`, 600 unless said otherwise.

Mixed calls from 16 callers, quick and heavy, answers that are kept and answers that are not, calls that fail and calls
that are cancelled, to `archcalc serve` as a process of its own. Every ten seconds: calls, resident memory, open files
and threads of the server; at the end those of the start and the end beside each other. Exit code 1 on any error.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))
import service

import archcalc
from archcalc.base.errors import ArchcalcError
from archcalc.search.sweep import Point
from archcalc.service.client import Client
from archcalc.service.faults import ServerError
from archcalc.service.questions import CALLS

LONG = CALLS["ValidateRandomNetworks"]
CALLERS, EVERY, WARM = 16, 10.0, 30.0
NAMES = archcalc.names()


def state(pid: int) -> tuple[float, int, int]:
    """MiB in memory, open files and threads of a process."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    facts = dict(line.split(":", 1) for line in lines)
    return int(facts["VmRSS"].split()[0]) / 1024, len(os.listdir(f"/proc/{pid}/fd")), int(facts["Threads"])


def kept(client: Client, _random: Random) -> str:
    assert client.analyze("vgg16").totals.params == 138_357_544
    return "table, kept"


def table(client: Client, random: Random) -> str:
    name, side = random.choice(NAMES), random.randint(224, 1000)
    channels = client.resolve(name).input[0]
    try:
        assert client.analyze(name, input=(channels, side, side)).architecture == name
    except ServerError:
        raise
    except ArchcalcError:
        return "table, refused"
    return "table"


def description(client: Client, random: Random) -> str:
    name = random.choice(NAMES)
    assert client.describe(name).name == name
    return "description"


def unknown(client: Client, random: Random) -> str:
    try:
        client.analyze(random.choice(NAMES) + "-nonsense")
    except archcalc.UnknownName:
        return "unknown name"
    raise AssertionError("a name that there is not")


def cancelled(client: Client, _random: Random) -> str:
    request = LONG.request((1_000_000, 1), {}).SerializeToString()
    client.channel.unary_stream(LONG.path)(request, **client.given(LONG)).cancel()
    return "cancelled"


def sweep(client: Client, random: Random) -> str:
    points = [Point((3, side, side)) for side in range(224, 224 + random.randint(1, 500))]
    assert len(list(client.sweep("resnet50", points))) == len(points)
    return "sweep"


def picture(client: Client, _random: Random) -> str:
    assert client.graph_picture("lenet5").startswith(b"digraph")
    return "picture"


KINDS = {kept: 50, table: 25, description: 10, unknown: 5, cancelled: 4, sweep: 3, picture: 3}
"""How often in a hundred."""


def caller(address: str, seed: int, end: float, done: Counter[str], wrong: list[str]) -> None:
    random = Random(seed)  # noqa: S311
    with Client(address, timeout=120) as client:
        while time.monotonic() < end:
            [ask] = random.choices(list(KINDS), list(KINDS.values()))
            try:
                done[ask(client, random)] += 1
            except (ArchcalcError, AssertionError) as error:
                if "try again later" in str(error):
                    done["refused: too many heavy calls"] += 1
                else:
                    wrong.append(repr(error))


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    wrong: list[str] = []
    counts = [Counter[str]() for _ in range(CALLERS)]
    with service.process("--workers", "1", "--cache", "8") as running:
        pid = running.process.pid
        began = time.monotonic()
        threads = [
            threading.Thread(target=caller, args=(running.address, i, began + seconds, counts[i], wrong))
            for i in range(CALLERS)
        ]
        for thread in threads:
            thread.start()
        first = None
        while time.monotonic() < began + seconds:
            time.sleep(EVERY)
            now = state(pid)
            passed = time.monotonic() - began
            if first is None and passed >= min(WARM, seconds / 2):
                first = now
            calls = sum(map(sum, (each.values() for each in counts)))
            print(f"{passed:6.0f} s {calls:9,} calls  {now[0]:6.1f} MiB  {now[1]} files  {now[2]} threads", flush=True)
        for thread in threads:
            thread.join()
        time.sleep(1)
        last = state(pid)
        mistakes = [line for line in running.log if line["event"] == "mistake"]
    for kind, times in sorted(sum(counts, Counter()).items()):
        print(f"{times:9,} {kind}")
    assert first is not None
    print(f"after {min(WARM, seconds / 2):.0f} s: {first[0]:.1f} MiB, {first[1]} files, {first[2]} threads")
    print(f"at the end: {last[0]:.1f} MiB, {last[1]} files, {last[2]} threads")
    print(f"{len(wrong)} errors, {len(mistakes)} mistakes in the server's log", *wrong[:5], sep="\n")
    return 1 if wrong or mistakes else 0


if __name__ == "__main__":
    raise SystemExit(main())
