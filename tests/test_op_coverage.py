"""Every op stands in the table of examples, so that no op escapes the laws."""

from __future__ import annotations

import pytest
from op_examples import EXAMPLES, op_classes

from archcalc.graph import Op


@pytest.mark.parametrize("op_class", op_classes(), ids=lambda op: op.__name__)
def test_every_op_has_an_example(op_class: type[Op]) -> None:
    assert op_class in {type(example.op) for example in EXAMPLES}


def test_every_example_is_of_an_op_that_is_found() -> None:
    """The search for op classes misses none that the examples use."""
    assert {type(example.op) for example in EXAMPLES} <= set(op_classes())


@pytest.mark.parametrize("op_class", op_classes(), ids=lambda op: op.__name__)
def test_a_concrete_op_is_final(op_class: type[Op]) -> None:
    """Classes are abstract or final: no op inherits another's facts by accident."""
    assert getattr(op_class, "__final__", False)
