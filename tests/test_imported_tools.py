"""What tools say of models that are imported (tests/data/tools_imported.json) against what is predicted of the import.

`tests/tools/models.py` lists the models, and keeps the programs that were exported of them; `tests/tools/collect.py`
asked each tool about the model itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from test_convention_tools import PREDICTED

from archcalc import Network, reconcile
from archcalc.conventions.calls import RULES
from archcalc.conventions.counting import find_convention
from archcalc.conventions.measures import Measures
from archcalc.conventions.reconciling import MODEL, NetworkCounts
from archcalc.importers.exported import read_exported
from archcalc.importers.imported import network_from, unused_parameters
from archcalc.validation.models import keep_compiled_ops_out

keep_compiled_ops_out()
sys.path.append(str(Path(__file__).parent / "tools"))

from models import archive_of, exported, graph_of, names, programs  # noqa: E402

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "tools_imported.json").read_text())["tools"]
NOT_COMPARED = {"dmas", "operator_flops", "input_bytes", "param_bytes", "forward_backward_bytes"}
"""Bytes, and what torchscan repeats of PyTorch's counter. Bytes of activations depend on all modules, those too that
compute nothing, which no trace has."""
MODELS, COMPARED = 87, 2082
ON_A_CPU = {"torch": 2, "ptflops_aten": 1}
"""What a convention counts for a multiply-accumulate of fused attention, which the tool, run on a CPU, does not: see
`archcalc.conventions.torch`. On a GPU it does."""

ONE_OPERATOR = "nn.MultiheadAttention is computed by one operator where no gradient is wanted"
PLACES = "a module that is called again is taken to have one place: the tool counts it once more at each other"
OF_SIZES = (
    *("timm:coat_lite_tiny", "timm:edgenext_xx_small", "timm:efficientvit_b0", "timm:mobilevit_xxs"),
    *("timm:xcit_nano_12_p16_224", "torchvision:swin_t", "torchvision:swin_v2_t"),
    *("case:attention", "case:frames", "case:norm of tokens"),
)
SIZES = "products of sizes and of constants in the model's code are counted by the tool, and not here"
DIGITS = "what einsum does is read from a text with four digits"
AXES = "sizes are paired from the first axis on"
NESTED = {"case:multi-head attention": ONE_OPERATOR, "case:encoder layer": ONE_OPERATOR}
LETTERS = {"case:attention by letters": DIGITS}
HELD = {"timm:coat_lite_tiny": PLACES}
NOT_PREDICTED: dict[str, dict[str, str]] = {
    "fvcore": LETTERS,
    "torch": NESTED,
    "ptflops": NESTED | HELD | {"case:learnt scales": AXES},
    "ptflops_aten": NESTED,
    "torchprofile": NESTED | dict.fromkeys(OF_SIZES, SIZES),
    "thop": HELD,
    "calflops": NESTED | HELD,
    "calflops_flops": NESTED | HELD | LETTERS | {"case:learnt scales": AXES},
    "deepspeed": NESTED,
    "deepspeed_flops": NESTED | LETTERS,
    "torchscan_flops": NESTED,
    "ultralytics_thop": NESTED,
    "thop_params": HELD,
    "torchinfo params": {"timm:coat_lite_tiny": ""},
}
"""What is not predicted, by convention and model, with the reason that the answer gives: as not predicted in most
cases, else as something that is taken for granted. torchinfo adds up the parameters that it prints, shared ones again.
"""
ERRORS = {
    "torch": {"timm:cait_xxs24_224"},
    "torchscan": {"timm:cait_xxs24_224"},
}
"""The models at which a tool stops with an error, whose numbers are therefore not compared."""


class Pair(NamedTuple):
    """A number of a tool for a model."""

    tool: str
    quantity: str
    model: str
    value: int

    @property
    def known_as(self) -> set[str]:
        """The keys of NOT_PREDICTED that are about it."""
        return {self.convention, *([f"{self.tool} params"] if self.convention == "params" else [])}

    @property
    def convention(self) -> str:
        """The convention that predicts it."""
        return PREDICTED[self.tool, self.quantity]


@cache
def graphs() -> dict[str, bytes]:
    return programs()


@cache
def network(name: str) -> Network:
    return network_from(read_exported(archive_of(graphs()[name]), name), name)


@cache
def counts_of(name: str) -> NetworkCounts:
    return NetworkCounts(network(name), Measures(network(name).graph()), changed=False)


def pairs(*models: str) -> Iterator[Pair]:
    """All numbers that are compared, or those of some models."""
    for tool, found in GOLDEN.items():
        for name, forms in found["models"].items():
            answer = forms["model"]
            added = 1 if "unused parameter" in answer.get("note", "") else 0
            for quantity, value in answer.items() if not models or name in models else ():
                if type(value) is int and quantity not in NOT_COMPARED:
                    yield Pair(tool, quantity, name, value - (added if quantity == "params" else 0))


def predicted(pair: Pair) -> Any:
    """The number for the model as its code is written, on a CPU; parameters with those that inference never uses."""
    counts = counts_of(pair.model)
    count: Any = counts.line(find_convention(pair.convention), MODEL).total
    if pair.convention == "params":
        count += unused_parameters(network(pair.model))
    return count - ON_A_CPU.get(pair.convention, 0) * counts.measures.sum("attention", "multiply_accumulate")


def is_expected(pair: Pair) -> bool:
    """Return True if a number is predicted, and if it is not where that is known."""
    odd = any(pair.model in NOT_PREDICTED.get(key, {}) for key in pair.known_as)
    return (predicted(pair) == pair.value) is not odd


def wrong(found: list[Pair]) -> list[tuple[Pair, Any]]:
    return [(pair, predicted(pair)) for pair in found if not is_expected(pair)]


SMALL = [name for name in names() if name.startswith("case:")]
SAMPLE = ["timm:resnet18", "timm:mobilenetv3_small_050", "timm:convnext_atto", "timm:vit_tiny_patch16_224"]


def test_numbers_of_tools_for_some_imported_models_are_predicted_or_known_not_to_be() -> None:
    found = list(pairs(*SAMPLE, *SMALL))
    assert {pair.model for pair in found} == {*SAMPLE, *SMALL}
    assert wrong(found) == []


def test_numbers_of_tools_for_all_imported_models_are_predicted_or_known_not_to_be() -> None:
    found = list(pairs())
    assert wrong(found) == []
    assert (len({pair.model for pair in found}), len(found)) == (MODELS, COMPARED)
    assert set(graphs()) == set(names()) == {pair.model for pair in found}


def usual(pair: Pair) -> Any:
    """The number for the usual implementation of the network."""
    return counts_of(pair.model).line(find_convention(pair.convention), "").total


def test_it_matters_how_models_are_written_to_every_tool_that_is_said_to_go_by_it() -> None:
    """For each there is a model whose number is predicted as it is written, and is not that of the usual one."""
    found = [pair for pair in pairs() if pair.convention in RULES and predicted(pair) == pair.value]
    seen = {pair.convention for pair in found if usual(pair) != pair.value}
    assert seen == set(RULES)


def test_where_a_number_cannot_be_predicted_the_answer_says_so() -> None:
    for name, models in NOT_PREDICTED.items():
        for model, reason in models.items():
            if reason and model in graphs():
                said = counts_of(model).line(find_convention(name), MODEL).implementation
                assert reason in said, (name, model)
                assert reason in (SIZES, PLACES) or f"{name}: not predicted" in said


def test_models_at_which_a_tool_stops_are_known() -> None:
    for tool, found in GOLDEN.items():
        if tool != "torchsummary":
            stopped = {name for name, forms in found["models"].items() if "error" in forms["model"]}
            assert stopped == ERRORS.get(tool, set()), tool


@pytest.mark.parametrize("name", ["case:gate", "case:learnt scales", "case:pools"])
def test_the_programs_that_are_kept_are_those_that_are_exported(name: str) -> None:
    kept, made = json.loads(graphs()[name]), json.loads(graph_of(exported(name)))
    assert kept.pop("torch_version").split("+")[0] == "2.13.0"
    made.pop("torch_version")
    assert made == kept


def test_the_trace_tells_an_operator_from_a_method() -> None:
    """`x + gamma * x.mul(delta)`, on one line of code."""
    origins = counts_of("case:learnt scales").measures.graph.origins.values()
    assert [each.function for each in origins if each.operator in ("add", "mul")] == [
        *("method.mul", "operator.mul", "operator.add")
    ]


def changed(name: str, change: Callable[[dict[str, Any]], Any]) -> NetworkCounts:
    """A model from its program after a change of the file."""
    data = json.loads(graphs()[name])
    change(data)
    found = network_from(read_exported(archive_of(json.dumps(data).encode()), name), name)
    return NetworkCounts(found, Measures(found.graph()), changed=False)


def test_a_file_that_does_not_say_what_classes_are_derived_from_is_said() -> None:
    """As torch.export.save writes it: torchscan and others cannot be predicted for modules of a model's own classes."""

    def lose(data: dict[str, Any]) -> None:
        del data["bases"], data["holders"]

    counts = changed("timm:convnext_atto", lose)
    for name in ("torchscan", "torchinfo", "ultralytics_thop"):
        assert (
            f"{name}: not predicted, the file does not say" in counts.line(find_convention(name), MODEL).implementation
        )
    assert "not predicted" not in counts.line(find_convention("thop"), MODEL).implementation


def test_a_file_that_does_not_tell_operators_from_methods_is_said() -> None:
    def merge(data: dict[str, Any]) -> None:
        for call in data["graph_module"]["graph"]["nodes"]:
            place, _, function = call["metadata"]["torch_fn"].partition(";")
            call["metadata"]["torch_fn"] = f"{place};{function.replace('operator.', 'method_descriptor.')}"

    counts = changed("timm:resnet18", merge)
    said = counts.line(find_convention("ptflops"), MODEL).implementation
    assert said == "the model itself, as its code is written"  # `x += y` is no call that ptflops replaces
    said = changed("case:learnt scales", merge).line(find_convention("ptflops"), MODEL).implementation
    assert "x+y and x.add(y) are not told apart in this file" in said


def test_start_and_steps_add_up_to_the_count_of_the_model_as_it_is_written() -> None:
    for name in SAMPLE:
        for tool in sorted(RULES):
            found = reconcile(
                network(name), to=f"{tool}@{MODEL}", start="params" if tool == "thop_params" else "mult_adds"
            )
            (waterfall,) = found.waterfalls
            assert waterfall.start.total + sum(step.amount for step in waterfall.steps) == waterfall.end.total
            assert all(step.reason or not step.bug for step in waterfall.steps)


def test_what_a_tool_leaves_out_is_said_of_the_model_as_it_is_written() -> None:
    """DeepSpeed sees fused attention; thop does not see timm's LayerNorm2d, which is a class of its own."""
    attention = counts_of("timm:vit_tiny_patch16_224").line(find_convention("deepspeed"), MODEL)
    assert "attention" not in [each.op for each in attention.left_out]
    assert {"layer_norm", "conv_bias"} <= {each.op for each in attention.left_out}
    norms = counts_of("timm:convnext_atto")
    assert "layer_norm" not in [each.op for each in norms.line(find_convention("ultralytics_thop"), "").left_out]
    (left,) = [each for each in norms.line(find_convention("thop"), MODEL).left_out if each.op == "layer_norm"]
    assert left.nodes == len(norms.measures.kinds["layer_norm"])
