"""What every test needs: reference libraries that load beside a CPU build of PyTorch, no limit for an example, and a
folder of its own for exports.

Here too the tests of `slow.toml` get their mark.
"""

import atexit
import os
import shutil
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings

from archcalc.validation.models import keep_compiled_ops_out

keep_compiled_ops_out()
os.environ["ARCHCALC_CACHE"] = tempfile.mkdtemp(prefix="archcalc-tests-")  # no export of another version of the code
atexit.register(shutil.rmtree, os.environ["ARCHCALC_CACHE"], ignore_errors=True)
settings.register_profile("archcalc", deadline=None)  # a machine may be busy
settings.load_profile("archcalc")

LEFT_OUT = tomllib.loads((Path(__file__).parent / "slow.toml").read_text(encoding="utf-8"))
PARAMETERS = tuple(entry for entry in LEFT_OUT["slow"] if "[" in entry)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_slow(item.name):
            item.add_marker("slow")


def is_slow(name: str) -> bool:
    """Return True if the fast loop leaves out a test."""
    test, _, parameters = name.removesuffix("]").partition("[")
    if test in LEFT_OUT["sampled"] and set(LEFT_OUT["sample"]).isdisjoint(parameters.split("-")):
        return True
    return test in LEFT_OUT["slow"] or name.startswith(PARAMETERS)
