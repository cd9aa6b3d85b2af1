"""The work that an op states is what its definition does, counted value by value."""

from __future__ import annotations

import numpy as np
import pytest
from op_examples import LOWERED, Example, example_id, op_classes
from scalar_definitions import DEFINITIONS, carried_out

from archcalc.ops.values import Unknown


@pytest.mark.parametrize("example", LOWERED, ids=example_id)
def test_the_work_of_an_op_is_that_of_its_definition(example: Example) -> None:
    result, expected, tally = carried_out(example)
    np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-9)
    stated = example.op.work(*example.shapes)._asdict()
    assert {kind: number for kind, number in stated.items() if number} == tally


def test_an_op_without_a_definition_moves_values_only() -> None:
    """But for a call of an operator that is not known: nobody can say what it computes."""
    others = {op for op in op_classes() if op not in DEFINITIONS and op is not Unknown}
    assert {op.role for op in others} == {"layout"}
