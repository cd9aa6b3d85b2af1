"""`archcalc.ops` has every op by name, and imports a file when one of its ops is asked for."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest
from op_examples import op_classes

import archcalc.ops
from archcalc.graph import Op

ops: Any = archcalc.ops
FILES: dict[str, ModuleType] = {op.__module__: sys.modules[op.__module__] for op in op_classes()}


def test_every_op_is_there_by_its_name() -> None:
    assert ops.__all__ == sorted(op.__name__ for op in op_classes())
    for op in op_classes():
        assert getattr(ops, op.__name__) is op
    assert set(ops.__all__) <= set(dir(ops))


@pytest.mark.parametrize("file", FILES.values(), ids=lambda file: file.__name__)
def test_a_file_says_which_ops_it_has(file: ModuleType) -> None:
    """In `__all__`, which the package takes over for type checkers."""
    found = [name for name, value in vars(file).items() if inspect.isclass(value) and value.__module__ == file.__name__]
    concrete = [name for name in found if issubclass(vars(file)[name], Op) and not inspect.isabstract(vars(file)[name])]
    assert sorted(file.__all__) == sorted(concrete)


def test_a_name_that_is_no_op_is_refused() -> None:
    with pytest.raises(AttributeError, match="no op 'Convolution'"):
        _ = ops.Convolution
    with pytest.raises(ImportError, match="Convolution"):
        exec("from archcalc.ops import Convolution")  # noqa: S102


def test_only_the_files_of_the_ops_that_are_asked_for_are_imported() -> None:
    code = (
        "import sys; from archcalc.ops import Conv, ReLU; "
        "print(*sorted(n for n in sys.modules if n.startswith('archcalc.ops.')))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert found == ["archcalc.ops.conv", "archcalc.ops.pointwise", "archcalc.ops.sliding"]


@pytest.mark.parametrize("file", [archcalc.ops, *FILES.values()], ids=lambda file: file.__name__)
def test_the_examples_of_ops_run(file: ModuleType) -> None:
    assert doctest.testmod(file).failed == 0
