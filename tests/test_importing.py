"""Models of PyTorch become networks with the module's parameters and the mult-adds of PyTorch's own counter."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode
from torch_models import CASES, Case

from archcalc import ArchcalcError, Network, analyze, closed_form
from archcalc.importers.exported import read_exported
from archcalc.importers.exporting import export
from archcalc.importers.imported import network_from
from archcalc.validation.models import keep_compiled_ops_out

keep_compiled_ops_out()

each_case = pytest.mark.parametrize("name", CASES)


def built(case: Case) -> torch.nn.Module:
    with torch.device("meta"):
        return case.make().eval()


def data(case: Case, shapes: Any, batch: int) -> tuple[torch.Tensor, ...]:
    kind = torch.long if case.integers else torch.float32
    return tuple([torch.empty(batch, *shape, device="meta", dtype=kind) for shape in shapes])


def counted(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> int:
    """Mult-adds by PyTorch's counter."""
    module.requires_grad_(requires_grad=False)
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        module(*inputs)
    return counter.get_total_flops() // 2


def imported(name: str) -> tuple[Case, torch.nn.Module, Network]:
    case = CASES[name]
    module = built(case)
    return case, module, network_from(read_exported(export(module, data(case, case.shapes, 2)), name), name)


@each_case
def test_a_model_has_the_parameters_and_mult_adds_that_pytorch_counts(name: str) -> None:
    """All of them, whatever way it is written in; every operator is known."""
    case, module, network = imported(name)
    analysis = analyze(network)
    assert not [layer.name for layer in analysis.layers if layer.op == "unknown"]
    assert analysis.totals.params == sum(each.numel() for each in module.parameters())
    assert analysis.totals.mult_adds == counted(module, data(case, case.shapes, 1))


@each_case
def test_its_output_has_the_shape_of_the_models(name: str) -> None:
    case, module, network = imported(name)
    with torch.no_grad():
        outputs = torch.utils._pytree.tree_leaves(module(*data(case, case.shapes, 1)))
    graph = network.graph()
    ours = [graph.nodes[index].shape for index in graph.outputs]
    assert ours == [tuple(each.shape[1:]) for each in outputs]


@pytest.mark.parametrize("name", ["blocks with types and gradients of their own", "parts in place", "last states"])
def test_what_pytorch_saves_is_read_as_what_archcalc_writes(name: str) -> None:
    """The same counts, sub-graphs included."""
    case = CASES[name]
    module = built(case)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of recurrent layers, which keep their weights twice
        program = torch.export.export(module, data(case, case.shapes, 1), strict=False)
        torch.export.save(program, saved := BytesIO())
    ours = analyze(imported(name)[2]).totals
    theirs = analyze(network_from(read_exported(saved.getvalue()), name)).totals
    assert (ours.params, ours.mult_adds, ours.activation_sum) == (
        theirs.params,
        theirs.mult_adds,
        theirs.activation_sum,
    )


def test_branches_that_the_run_chooses_are_listed_and_not_counted() -> None:
    class Either(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = torch.nn.Linear(8, 8), torch.nn.Linear(8, 8)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.a(torch.cond(x.sum() > 0, self.a, self.b, [x]))

    analysis = analyze(Network.from_torch(Either(), (5, 8)))
    assert [layer.attributes["operator"] for layer in analysis.layers if layer.op == "unknown"] == ["higher_order.cond"]
    assert analysis.totals.params == 144


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.others])
def test_at_other_sizes_the_counts_are_those_of_the_model_there_or_are_refused(name: str) -> None:
    """A refusal is only right where the model too is another one, or refuses."""
    case, module, network = imported(name)
    for shape in case.others:
        try:
            ours = analyze(network, input=shape).totals.mult_adds
        except ArchcalcError:
            with pytest.raises((RuntimeError, ValueError)):
                module(*data(case, [shape], 1))
        else:
            assert ours == counted(module, data(case, [shape], 1)), shape


def test_a_closed_form_of_an_import_gives_the_counts_of_the_model_at_other_sizes() -> None:
    _, module, network = imported("residual")
    formula = closed_form(network).quantities["mult_adds"]
    for height, width in ((32, 32), (40, 56), (33, 99)):
        there = counted(module, (torch.empty(1, 3, height, width, device="meta"),))
        assert analyze(network, input=(3, height, width)).totals.mult_adds == there
    assert formula.text == "240*H*W + 80"


def test_a_module_stands_where_a_name_is_expected() -> None:
    """With the shape of its input, as it has none of its own."""
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU())
    assert analyze(module, input=(3, 8, 8)).totals.mult_adds == 4 * 27 * 36
    with pytest.raises(ArchcalcError, match="give the shape of its input"):
        analyze(module)


def test_rows_are_named_by_the_modules() -> None:
    module = torch.nn.Sequential()
    module.add_module("stem", torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)))
    network = Network.from_torch(module, (3, 8, 8), "small")
    assert [layer.name for layer in analyze(network).layers] == ["input", "stem.0"]
    assert network.name == "small"


@pytest.mark.parametrize(
    ("ours", "name", "options"),
    [
        ("resnet18", "resnet18", {}),
        ("resnet50", "resnet50", {}),
        ("densenet121", "densenet121", {}),
        ("squeezenet1_1", "squeezenet1_1", {}),
        ("resnext50_32x4d", "resnext50_32x4d", {}),
        ("convnext_tiny", "convnext_tiny", {}),
        ("efficientnet_b0", "efficientnet_b0", {}),
        ("mnasnet_b1_0.5", "mnasnet0_5", {}),
    ],
)
def test_an_import_agrees_with_the_catalogue(ours: str, name: str, options: dict[str, Any]) -> None:
    """In parameters, mult-adds, activations and both memories, to the byte: torchvision's models and the catalogue's.

    Dropout is not compared: a model in evaluation mode has none.
    """
    import torchvision

    with torch.device("meta"):
        module = torchvision.models.get_model(name, weights=None, **options)
    theirs = analyze(Network.from_torch(module, (3, 224, 224))).totals
    totals = analyze(ours).totals
    for key in (
        "params",
        "mult_adds",
        "activation_sum",
        "peak_inference_bytes",
        "weight_layers",
        "training_saved_bytes",
    ):
        assert getattr(theirs, key) == getattr(totals, key), key
