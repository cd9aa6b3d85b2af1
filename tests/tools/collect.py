"""Ask one tool about all subjects, in the environment in which this runs, and print its answers as JSON.

python collect.py TOOL [--kind probes] [--only NAME] [--checkouts DIR]

Each subject is counted in a process of its own: several tools replace PyTorch's functions and, when they fail, leave
them replaced.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import sys
import time
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

KINDS = ("probes", "ops", "networks", "models")
LIMIT = {"probes": 60, "ops": 60, "networks": 600, "models": 120}
"""Seconds for one subject."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool")
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--checkouts", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a tool prints is no answer
    import torch
    from counters import tools
    from subjects import subjects

    from archcalc.validation.models import keep_compiled_ops_out

    keep_compiled_ops_out()
    torch.set_num_threads(1)
    tool = tools(given.checkouts)[given.tool]
    tool.count(torch.nn.Sequential(torch.nn.Conv2d(1, 1, 1)).eval(), torch.zeros(1, 1, 1, 1))  # all imports, once
    answer: dict[str, Any] = {"tool": described(tool), "subjects": {}}
    for kind in given.kind or KINDS:
        answer[kind], facts = {}, answer["subjects"].setdefault(kind, {})
        for subject in subjects(kind):
            if given.only and not any(name in subject.name for name in given.only):
                continue
            began = time.monotonic()
            forms = answer[kind].setdefault(subject.name, {})
            facts.setdefault(subject.name, {}).update(subject.facts)
            forms[subject.form] = isolated(tool, subject, LIMIT[kind])
            if kind in ("networks", "models"):
                print(given.tool, subject.name, subject.form, round(time.monotonic() - began), file=sys.stderr)
    json.dump(answer, answers)


def described(tool: Any) -> dict[str, str]:
    """What the tool is, and what it ran on."""
    import torch

    version = {"version": metadata.version(tool.distribution)} if tool.distribution else {}
    return version | {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "unit": tool.unit,
        "quantity": tool.quantity,
    }


def isolated(tool: Any, subject: Any, limit: int) -> dict[str, Any]:
    """The tool's answer on a subject, from a child process; {"error": ...} if it raises, dies or takes too long."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=answered, args=(tool, subject, there))
    child.start()
    there.close()
    try:
        if not here.poll(limit):
            return {"error": f"no answer in {limit} s"}
        return here.recv()
    except EOFError:
        child.join()
        return {"error": f"the process ended with {child.exitcode}"}
    finally:
        child.kill()
        child.join()


def answered(tool: Any, subject: Any, there: Any) -> None:
    """In the child: count, without the tool's own printing."""
    from counters import first_line

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        there.send(tool.count(*subject.build()))
    except BaseException as error:  # noqa: BLE001, a tool's failure is its answer
        there.send({"error": first_line(error)})


if __name__ == "__main__":
    main()
