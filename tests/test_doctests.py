"""The examples in the docstrings give what they show, and every public function has one."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
from importlib import import_module

import pytest

import archcalc

HEAVY = ("archcalc.v1", "archcalc.service", "archcalc.measure", "archcalc.execution")
"""Packages that import torch or grpc when they are imported, and generated code."""
MODULES = [
    module.name
    for module in pkgutil.walk_packages(archcalc.__path__, "archcalc.")
    if not module.name.startswith((*HEAVY, "archcalc.validation."))
]
FUNCTIONS = [name for name in archcalc.__all__ if inspect.isfunction(getattr(archcalc, name))]


def examples(module: str) -> list[doctest.DocTest]:
    """The docstrings of a module that have examples."""
    return [test for test in doctest.DocTestFinder().find(import_module(module), module) if test.examples]


@pytest.mark.parametrize("module", ["archcalc", *MODULES, "archcalc.validation.runner"])
def test_the_examples_of_a_module_give_what_they_show(module: str) -> None:
    runner = doctest.DocTestRunner()
    for test in examples(module):
        assert runner.run(test).failed == 0, test.name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_has_an_example(name: str) -> None:
    function = getattr(archcalc, name)
    assert f"{function.__module__}.{function.__name__}" in [test.name for test in examples(function.__module__)]
