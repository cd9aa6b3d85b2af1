"""Build every family of the catalogue with absurd hyperparameters, each hyperparameter in a process with limits.

`python tests/absurd_hyperparameters.py` prints a line for each process that did not end as it should, and at the end
the numbers of values that were answered and refused. `tests/test_limits.py` runs it.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from archcalc import Request, analyze, zoo
from archcalc.base.errors import ArchcalcError
from archcalc.base.limits import limited
from archcalc.graph import Choice, Real, Whole

NODES, SECONDS, MEMORY, LONGEST = 10_000, 5, 500_000_000, 1000
ABSURD: tuple[Any, ...] = (
    10**9, 10**30, -1, 0, 1, 7, 0.5, -0.5, 1e300, float("nan"), float("inf"), True, None, "", "x" * 100_000,
    "9" * 5000, "[" * 9000, "1e999999", "9**9**9", "\0", [], [10**9], [1] * 100_000, (3,) * 8, {"a": 1}, "1000," * 8,
    "(1, 0)," * 500, "0 " * 400, "0 1 2 3 " * 50, [[("sep_conv_5x5", 0)] * 200], [("sep_conv_5x5", 0)] * 200,
)  # fmt: skip
"""Values that no hyperparameter is meant to have, and some that one is and that make large networks."""


def members() -> Iterator[tuple[zoo.Family, str]]:
    """Every family with the name of its first network."""
    for stem in sorted(zoo.files()):
        for family in import_module(f"archcalc.zoo.{stem}").FAMILIES:
            yield family, next(iter(family.variants))


def values(kind: Any) -> tuple[Any, ...]:
    """The values that a hyperparameter of a kind is given: absurd ones, and those at the ends of its range."""
    ends = (kind.low, kind.high) if isinstance(kind, (Whole, Real)) else ()
    return (*ABSURD, *ends, *(kind.options if isinstance(kind, Choice) else ()))


def largest(family: zoo.Family) -> dict[str, Any]:
    """All numbers of a family at the upper ends of their ranges."""
    return {key: kind.high for key, kind in family.hyperparameters.items() if isinstance(kind, (Whole, Real))}


def spelt(family: zoo.Family) -> Iterator[str]:
    """Names by the patterns of a family, with extreme numbers in every place."""
    for pattern in family.patterns:
        parts = re.findall(r"\{(\w+)\}", pattern)
        kinds = [family.hyperparameters.get(part) for part in parts]
        for number in ("0", "1", "999999999", "9.999999999", *[str(99_980 + i) for i in range(21)]):
            yield pattern.format(**dict.fromkeys(parts, number))
        highest = {part: getattr(kind, "high", 99_998) for part, kind in zip(parts, kinds, strict=True)}
        for less in range(12):  # where layers are 6n + 2 and the like
            yield pattern.format(
                **{key: most - less if key in ("depth", "layers") else most for key, most in highest.items()}
            )


def settings(family: zoo.Family) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The hyperparameters of a family, each with the settings in which it is tried, and all together."""
    for key, kind in zoo.hyperparameters_of(family).items():
        yield key, [{key: value} for value in values(kind)]
    yield "names", [{"": name} for name in spelt(family)]
    yield "all", [largest(family), dict.fromkeys(family.hyperparameters, 10**9)]


def tried(name: str, given: list[dict[str, Any]], out: int) -> None:
    """Write, for each of some settings, what is tried and then `answered` or `refused`."""
    for each in given:
        os.write(out, json.dumps(repr(each)[:80]).encode() + b"\n")
        try:
            with limited(nodes=NODES):
                analyze(each[""] if "" in each else Request(name, settings=each))
            os.write(out, b'"answered"\n')
        except ArchcalcError as error:
            if "\n" in str(error) or len(str(error)) > LONGEST:
                raise RuntimeError(f"no sentence: {str(error)[:200]}") from error
            os.write(out, b'"refused"\n')


def in_process(name: str, given: list[dict[str, Any]]) -> tuple[list[str], int]:
    """The lines that `tried` writes in a process with limits, and the status with which that process ends."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        status = 1
        try:
            tried(name, given, writing)
            status = 0
        except BaseException as error:  # noqa: BLE001  it is what is looked for
            os.write(writing, json.dumps(f"{type(error).__name__}: {str(error)[:200]}").encode() + b"\n")
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as lines:
        said = [json.loads(line) for line in lines]
    return said, os.waitpid(child, 0)[1]


def main() -> None:
    """Try all; exit with 1 if anything did not end with an answer or an ArchcalcError."""
    counts = {"answered": 0, "refused": 0}
    failed = 0
    wanted = sys.argv[1:]
    for family, name in members():
        if wanted and name not in wanted:
            continue
        for key, given in settings(family):
            said, status = in_process(name, given)
            for outcome in counts:
                counts[outcome] += said.count(outcome)
            if status != 0:
                failed += 1
                print(f"{name} {key}: status {status} after {said[-2:]}")
    print(json.dumps(counts))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
