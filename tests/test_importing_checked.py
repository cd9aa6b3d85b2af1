"""Imported networks are checked: by `validate` against their module, and on the page of imports."""

from __future__ import annotations

from pathlib import Path

import torch
from torch_models import CASES

from archcalc import Network, validate
from archcalc.importers.onnx_files.operators import makers
from archcalc.importers.operators import operators
from archcalc.importers.page import page

PAGE = Path(__file__).parent.parent / "reports" / "importing" / "README.md"


def network(name: str) -> Network:
    case = CASES[name]
    return Network.from_torch(case.make(), case.shapes[0], name)


def test_an_import_agrees_with_its_module_and_runs_as_it_is_counted() -> None:
    """Every check, on a convolutional network and on a transformer's head."""
    for name in ("residual", "gate", "learnt scales"):
        verdict = validate(network(name))
        assert {outcome.check: outcome.status for outcome in verdict.outcomes} == dict.fromkeys(
            ("shapes", "parameters", "flops", "fvcore", "references", "field", "memory"), "agrees"
        ), [outcome for outcome in verdict.outcomes if outcome.status != "agrees"]
        reference = next(outcome for outcome in verdict.outcomes if outcome.check == "references")
        assert reference.against == f"torch {torch.__version__}, the module itself"
        assert reference.compared >= 3


def test_a_module_that_was_changed_since_differs() -> None:
    case = CASES["residual"]
    module = case.make()
    imported = Network.from_torch(module, case.shapes[0])
    module.fc = torch.nn.Linear(8, 11)
    outcome = next(each for each in validate(imported, checks=("references",)).outcomes)
    assert outcome.status == "differs"
    assert any("params" in difference for difference in outcome.differences)


def test_the_page_names_every_operator_that_is_known() -> None:
    """It is made from the code: its second half is what the code says now."""
    kept = PAGE.read_text(encoding="utf-8")
    made = page([], "")
    assert kept[kept.index("## Operators") :] == made[made.index("## Operators") :]
    assert all([f"`{name.removeprefix('aten.')}`" in kept for name in (*operators(), *makers())])
