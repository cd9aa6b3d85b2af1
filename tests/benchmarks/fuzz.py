"""Fuzz the service: `python tests/benchmarks/fuzz.py [REQUESTS [SEED]]`, 100,000 unless said otherwise.

Random requests for every call, one in five with broken bytes, to `archcalc serve` as a process of its own, from eight
threads. Prints how often each status came; exit code 1 if an improper one did, with the requests.
"""

from __future__ import annotations

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import fuzzing
import service


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    threads = 8
    total: Counter[str] = Counter()
    improper: list[tuple[str, bytes, str]] = []
    with service.process("--waiting", "64") as running, ThreadPoolExecutor(threads) as callers:
        shares = [callers.submit(fuzzing.fuzz, running.address, seed + i, count // threads, 60) for i in range(threads)]
        for share in shares:
            found, wrong = share.result()
            total += found
            improper += wrong
        mistakes = [line for line in running.log if line["event"] == "mistake"]
    for key, times in sorted(total.items()):
        print(f"{times:8,} {key}")
    for method, raw, code in improper:
        print(f"IMPROPER {code} {method} {raw!r}")
    for line in mistakes:
        print(line["traceback"])
    print(f"{sum(total.values()):,} requests, {len(improper)} improper statuses, {len(mistakes)} mistakes")
    return 1 if improper or mistakes else 0


if __name__ == "__main__":
    raise SystemExit(main())
