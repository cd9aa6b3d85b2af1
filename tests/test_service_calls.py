"""Every call, over a connection: what a client gets is what the door answers, and what it raises."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow
import pytest
import service
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import HANGS

import archcalc
from archcalc import request as networks
from archcalc.algebra.dims import Dim
from archcalc.analysis import energy as energies
from archcalc.analysis import several, structure
from archcalc.analysis import table as costs
from archcalc.analysis.latency import statement as times
from archcalc.analysis.memory import statement as memories
from archcalc.analysis.quantities import QUANTITIES, Totals
from archcalc.analysis.results import Analysis, Layer, ReceptiveField
from archcalc.base.errors import ArchcalcError, MissingTool, UnknownName
from archcalc.catalogue import listing as catalogue
from archcalc.conventions import counting as conventions
from archcalc.conventions import reconciling
from archcalc.derivations import derive as derivations
from archcalc.evidence import accuracy, accuracy_check, explain, selecting
from archcalc.evidence import audit as claims
from archcalc.forms import closed as formulas
from archcalc.forms import formulas as formula_sheets
from archcalc.reports import rendering
from archcalc.request import Request
from archcalc.search import ratios, scaling, solving
from archcalc.search import sweep as evaluation
from archcalc.search.laws import Scaling
from archcalc.search.sweep import Point
from archcalc.service.async_client import AsyncClient
from archcalc.service.client import Client
from archcalc.service.messages import catalogue as catalogues
from archcalc.service.messages import costs as costs_messages
from archcalc.service.messages import memory as statements
from archcalc.service.messages import training as training_messages
from archcalc.service.questions import CALLS
from archcalc.spaces import documented, streaming
from archcalc.training import DEFAULT_TRAINING, FUSED, IMPLEMENTATIONS, IN_PLACE, OPTIMIZERS, TRAINED, Training
from archcalc.v1 import archcalc_pb2 as contract
from archcalc.validation import runner

SIZES = [Point((3, side, side + 7)) for side in (16, 224, 225, 299, 300, 512)]
LOWER = Training(optimizer="adam", precision="bf16", master_weights=True, train_from="fc", checkpoint=2)
WIDTHS = [Point(None, {"width": width}) for width in (0.25, 0.5, "0.75", 1)]

QUESTIONS: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = [
    (networks.names, (), {}),
    (networks.names, ("resnet5",), {}),
    (networks.resolve, ("ResNet-50",), {"in_channels": "1"}),
    (catalogue.catalogue_page, ("vgg",), {}),
    (catalogue.catalogue_page, ("resnet", 7, 5), {}),
    (selecting.select, ("mobilenet", ["params < 2M or top1 > 70", "size < 200"], ["-top1", "name"]), {}),
    (
        selecting.select,
        ("vgg",),
        {"where": ["arithmetic_intensity > 1"], "settings": [selecting.Setting((64,), 8, "float16", {"classes": 10})]},
    ),
    (
        selecting.select,
        ("resnet5", ["training_step_bytes < 1GB"]),
        {"settings": [selecting.Setting(batch=2, training=Training("adam", in_place="none"))]},
    ),
    (selecting.select, ("vgg1", ["latency@i7-12700h < 200ms"], ["-latency@t4"]), {}),
    (documented.describe, ("resnet50",), {}),
    (documented.describe, ("shufflenet_v1_g1_1.5x",), {}),
    (documented.describe, ("anynet_a",), {}),
    (documented.spaces, (), {}),
    (costs.analyze, ("vgg16",), {}),
    (costs.analyze, ("mobilenet_v1",), {"input": (3, 192, 192), "width": "0.75", "batch": "8", "dtype": "float16"}),
    (costs.analyze, ("googlenet",), {"aux": True, "detail": True}),
    (costs.analyze, ("swin_t",), {"classes": 10}),
    (costs.analyze, ("vgg16",), {"input": (3, 1_000_000, 1_000_000), "batch": 1_000_000, "dtype": "float64"}),
    (costs.analyze, ("multi_resnet_398_k5_w1",), {"input": (3, 1_000_000, 1_000_000), "convention": "torch"}),
    (costs.analyze, ("resnet18",), {"training": LOWER}),
    (costs.analyze, ("resnet18",), {"optimizer": "sgd", "implementation": "fused", "batch": 7}),
    (memories.memory, ("resnet50",), {"batch": 8}),
    (times.latency, ("resnet18",), {"device": "rtx-4090", "batch": 64, "precision": "amp_fp16", "classes": 7}),
    (times.latency, ("swin_t",), {"device": "rtx-3090", "batch": 8, "task": "training", "optimizer": "adam"}),
    (times.latency, ("lenet5",), {"device": "i7-12700h", "runtime": "compiled", "layout": "nchw"}),
    (energies.energy, ("resnet18",), {"batch": 8, "dtype": "int8", "classes": 7}),
    (energies.energy, ("vgg16",), {"input": (3, 1_000_000, 1_000_000), "batch": 1_000_000}),
    (memories.memory, ("resnet18",), {"training": LOWER, "device": "a100-40gb", "input": (3, 160, 192), "classes": 7}),
    (memories.memory, ("googlenet",), {"aux": True, "optimizer": "rmsprop", "weight_decay": True}),
    (memories.memory, ("vgg16",), {"precision": "amp_fp16", "implementation": "loop", "checkpoint": 1, "batch": "16"}),
    (memories.memory, (Request.of("unet", dtype="float64", training=Training(in_place="all")),), {"device": "T4"}),
    (memories.memory, ("vgg16",), {"input": (3, 1_000_000, 1_000_000), "batch": 1_000_000, "optimizer": "adamw"}),
    (structure.structure, ("googlenet",), {}),
    (formulas.formula_symbols, ("lenet5",), {}),
    (formula_sheets.formulas, ("resnet50",), {"input": (3, 230, 320), "classes": 10, "batch": 4}),
    (formula_sheets.formulas, ("mobilenet_v1", ["S", "width"]), {}),
    (formula_sheets.formulas, ("vgg16", ["N"]), {"training": Training("adam", precision="amp_bf16", checkpoint=1)}),
    (formula_sheets.exact_formulas, ("resnet18", ["params", "mult_adds", "peak_inference_bytes"]), {}),
    (formula_sheets.evaluate, ("resnet50", {"H": "224", "W": 320}), {"batch": 2}),
    (formula_sheets.compare_formula, ("resnet50", "83410944*h*w + 2048000"), {"input": (3, 224, 224)}),
    (formula_sheets.compare_formula, ("resnet50", "w*h + 1/3", "params", ["H", "W"]), {"classes": 10}),
    (derivations.derive, ("alexnet", "conv1", "params"), {}),
    (derivations.derive, ("resnet50", "layer4.2.conv2", "receptive_field"), {}),
    (derivations.derive, ("unet", "total", "training_saved_bytes"), {"batch": "3", "dtype": "float16"}),
    (derivations.derive, ("resnet18", "total", "params"), {"classes": 7}),
    (solving.solve, ("mobilenet_v1", {"mult_adds": "300M"}, "width"), {}),
    (solving.solve, ("resnet50", {"mult_adds": "2G", "params": "resnet101"}, "size"), {"multiple_of": "32"}),
    (solving.solve, ("resnet50", {"training_step_bytes": "16GiB"}, "batch"), {"optimizer": "adam"}),
    (solving.solve, ("vgg11", {"latency@rtx-4090": "1ms"}, "size"), {"multiple_of": 32}),
    (solving.solve, ("vgg11", {"latency@t4": 1, "params": "vgg16"}, "size"), {"multiple_of": 224}),
    (scaling.scaling, ("resnet50",), {"samples": True}),
    (ratios.compare_laws, ("depthwise_separable_example", "depthwise_separable_example_standard"), {}),
    (conventions.conventions, (), {}),
    (conventions.conventions, ("ptflops",), {}),
    (conventions.count, ("resnet50", "fvcore"), {"input": (3, 320, 320)}),
    (reconciling.reconcile, ("unet",), {"tools": ["thop", "fvcore"], "start": "ptflops"}),
    (reconciling.reconcile, ("resnet50",), {}),
    (claims.audit, ("003",), {}),
    (claims.audit, (), {"architecture": "vgg16", "verdict": "wrong"}),
    (claims.audit_claim, ("C0725",), {}),
    (explain.explain, ("3.8G",), {"architecture": "resnet50"}),
    (explain.explain, ("1.234 GFLOPs",), {"architecture": "lenet5", "changes": 1}),
    (explain.explain, ("24M",), {"architecture": "vgg16"}),
    (explain.explain, ("1700M",), {"architecture": "squeezenet1_0"}),
    (explain.explain, ("483",), {"architecture": "resnet50", "quantity": "field"}),
    (explain.explain, ("7x7x2048",), {"architecture": "resnet50"}),
    (accuracy.published_accuracies, (["resnet50", "vgg16"], "imagenet"), {}),
    (accuracy_check.check_published_costs, (["resnet50", "densenet121"],), {}),
    (several.stage_fields, (["resnet18", Request.of("unet", input=(1, 700, 700))],), {}),
    (several.compare, ([Request.of("vgg16", classes=10), "alexnet"],), {"batch": 3}),
    (several.compare, ([Request.of("vgg16", optimizer="adam"), "vgg16"],), {}),
    (evaluation.sweep_points, ("vgg16", SIZES), {"batch": 2}),
    (evaluation.sweep_points, ("mobilenet_v1", WIDTHS), {"input": (3, 160, 160), "classes": 7}),
    (streaming.sweep_space, ("regnety", ["params", "latency@t4"], ["mult_adds < 1G"], 9, 4), {"batch": 2}),
    (
        streaming.sweep_space,
        ("anynet_e",),
        {"sample": 5, "training": Training("adam", checkpoint=1), "quantities": ["training_step_bytes"]},
    ),
    (rendering.graph_picture, ("lenet5",), {}),
    (rendering.graph_picture, ("lenet5", "png", "1"), {"direction": "right", "costs": "none", "detail": True}),
    (rendering.graph_picture, ("resnet18",), {"view": "block", "block": "layer1.0", "costs": "params"}),
    (rendering.graph_picture, ("vgg16", "dot", "full"), {"input": (3, 64, 64), "depth": 11}),
    (rendering.plot, ("profile", ["lenet5"], "csv"), {}),
    (rendering.plot, ("mobilenet",), {"width": 120.0}),
    (rendering.scaling_figure, ("lenet5",), {}),
    (rendering.report, (["lenet5"], "md"), {}),
    (runner.validation_conditions, ("cpu",), {}),
    (runner.validate_networks, (["lenet5", "LeNet-5 dense"], "cpu", ("parameters", "shapes")), {}),
    (runner.validate_random_networks, (2, 7), {}),
]

ERRORS: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = [
    (costs.analyze, ("vgg61",), {}),
    (costs.analyze, ("",), {}),
    (costs.analyze, ("anynet_a",), {}),
    (costs.analyze, ("../../etc/passwd\n\0",), {}),
    (costs.analyze, ("vgg16",), {"input": (3, 16, 16)}),
    (costs.analyze, ("vgg16",), {"input": (4, 16, 16)}),
    (costs.analyze, ("vgg16",), {"input": (3, 16)}),
    (costs.analyze, ("vgg16",), {"input": ((3, 64, 64), (3, 64, 64))}),
    (formula_sheets.formulas, ("resnet50",), {"input": (225,)}),
    (formula_sheets.evaluate, ("resnet50", {"H": 224}), {"input": (3, 224)}),
    (networks.resolve, ("resnet50",), {"input": (3,)}),
    (costs.analyze, ("vgg16",), {"input": (3, 2**62, 0)}),
    (costs.analyze, ("vgg16",), {"input": (3, 10**30, 10**30)}),
    (costs.analyze, ("vgg16",), {"batch": 0}),
    (costs.analyze, ("vgg16",), {"batch": "many"}),
    (costs.analyze, ("vgg16",), {"dtype": "int4"}),
    (costs.analyze, ("vgg16",), {"depth": 15}),
    (costs.analyze, ("vgg16",), {"colour": "red"}),
    (costs.analyze, ("vgg16",), {"classes": 2**63}),
    (costs.analyze, ("vgg16",), {"convention": "nonsense"}),
    (costs.analyze, ("mobilenet_v1",), {"width": float("nan")}),
    (memories.memory, ("vgg61",), {}),
    (times.latency, ("vgg16",), {"device": "nosuch"}),
    (times.latency, ("vgg16",), {"device": "i7-12700h", "runtime": "eager"}),
    (energies.energy, ("vgg16",), {"table": "nosuch"}),
    (energies.energy, ("vgg16",), {"dtype": "float64"}),
    (memories.memory, ("resnet18",), {"batch": 0}),
    (memories.memory, ("resnet18",), {"batch": 10**7}),
    (memories.memory, ("resnet18",), {"dtype": "int8"}),
    (memories.memory, ("resnet18",), {"device": "a100"}),
    (memories.memory, ("resnet18",), {"device": "nosuch"}),
    (memories.memory, ("resnet18",), {"train_from": "layer5"}),
    (memories.memory, ("squeezenet1_0",), {"train_from": "avgpool"}),
    (memories.memory, ("resnet18",), {"optimizer": "adan"}),
    (memories.memory, ("resnet18",), {"optimizer": "rmsprop", "implementation": "fused"}),
    (memories.memory, ("resnet18",), {"master_weights": True}),
    (memories.memory, ("resnet18",), {"checkpoint": 10}),
    (memories.memory, ("resnet18",), {"training": "adam"}),
    (solving.solve, ("resnet18", {"training_step_bytes": "1GiB"}, "batch"), {"train_from": "layer5"}),
    (selecting.select, ("vgg",), {"settings": [selecting.Setting(training="adam")]}),  # type: ignore[arg-type]
    (documented.describe, ("nonsense",), {}),
    (structure.structure, ("resnet5O",), {}),
    (evaluation.sweep_points, ("vgg61", SIZES), {}),
    (evaluation.sweep_points, ("vgg16", SIZES), {"batch": -1}),
    (streaming.sweep_space, ("anynet_z", ["params"]), {}),
    (streaming.sweep_space, ("vgg16",), {}),
    (streaming.sweep_space, ("anynet_d", ["parms"]), {"sample": 1}),
    (streaming.sweep_space, ("anynet_d", ["latency"]), {"sample": 1}),
    (streaming.sweep_space, ("anynet_d", ["params"], ["params < lots"]), {"sample": 1}),
    (streaming.sweep_space, ("enas_micro",), {}),
    (streaming.sweep_space, ("nosuch.toml",), {}),
    (rendering.graph_picture, ("lenet5", "dot", "none"), {}),
    (rendering.plot, ("nonsense",), {}),
    (rendering.plot, ("profile",), {}),
    (rendering.plot, ("edf",), {}),
    (rendering.plot, ("mobilenet",), {"width": 1e9}),
    (rendering.plot, ("mobilenet",), {"batch": 16, "precision": "float16", "device": "cpu"}),
    (rendering.plot, ("time",), {"batch": -1, "device": "cpu"}),
    (rendering.plot, ("power",), {"precision": "float33"}),
    (rendering.report, (["lenet6"], "md"), {}),
    (formula_sheets.formulas, ("resnet50", ["Q"]), {}),
    (formula_sheets.evaluate, ("resnet50", {"H": "__import__('os')"}), {}),
    (formula_sheets.compare_formula, ("resnet50", "9**9**9**9"), {}),
    (formula_sheets.compare_formula, ("resnet50", "().__class__"), {}),
    (derivations.derive, ("alexnet", "conv9", "params"), {}),
    (derivations.derive, ("alexnet", "conv1", "parms"), {}),
    (solving.solve, ("mobilenet_v1", {"mult_adds": "lots"}, "width"), {}),
    (solving.solve, ("mobilenet_v1", {}, "width"), {}),
    (conventions.count, ("resnet50", "fvcor"), {}),
    (reconciling.reconcile, ("unet",), {"tools": ["nonsense"]}),
    (claims.audit, ("009",), {}),
    (claims.audit_claim, ("C9999",), {}),
    (explain.explain, ("a lot",), {}),
    (explain.explain, ("7x7x2048",), {"architecture": "resnet50", "quantity": "params"}),
    (explain.explain, ("3.8G",), {"architecture": "resnet50", "changes": 9}),
    (accuracy.published_accuracies, (["resnet50"], "nonsense"), {}),
    (runner.validation_conditions, ("tpu",), {}),
    (runner.validation_conditions, ("cuda:77",), {}),
    (runner.validate_networks, (["lenet5", "lenet6"],), {}),
]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with service.server() as (_, address), Client(address, timeout=HANGS) as found:
        yield found


def settled(answer: Any) -> Any:
    """A result, or all results of a stream; batches of rows together, as their sizes depend on the machine's speed."""
    if isinstance(answer, (bytes, tuple, list)) or not hasattr(answer, "__next__"):
        return answer
    every = list(answer)
    return pyarrow.Table.from_batches(every).combine_chunks() if hasattr(answer, "to_arrow") else every


def identity(question: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]) -> str:
    return f"{question[0].__name__} {question[1]} {question[2]}"[:70]


@pytest.mark.parametrize("question", QUESTIONS, ids=identity)
def test_a_server_answers_what_the_door_answers(client: Client, question: Any) -> None:
    asked, args, kwargs = question
    here = settled(asked(*args, **kwargs))
    there = settled(getattr(client, service.called(asked))(*args, **kwargs))
    assert repr(there) == repr(here)
    if not isinstance(there, Scaling) and "max(" not in repr(there):  # a maximum equals itself alone
        assert there == here


@pytest.mark.parametrize("question", ERRORS, ids=identity)
def test_a_server_raises_what_the_door_raises(client: Client, question: Any) -> None:
    asked, args, kwargs = question
    with pytest.raises(ArchcalcError) as here:
        settled(asked(*args, **kwargs))
    with pytest.raises(ArchcalcError) as there:
        settled(getattr(client, service.called(asked))(*args, **kwargs))
    assert str(there.value) == str(here.value)
    assert isinstance(there.value, UnknownName) == isinstance(here.value, UnknownName)
    assert isinstance(there.value, MissingTool) == isinstance(here.value, MissingTool)
    assert getattr(there.value, "nearest", ()) == getattr(here.value, "nearest", ())


def test_every_call_is_asked_above() -> None:
    assert {asked for asked, _, _ in QUESTIONS} == {call.function for call in CALLS.values()}


def test_the_asyncio_client_answers_the_same(client: Client) -> None:
    async def ask() -> tuple[Any, ...]:
        async with AsyncClient(client.target, timeout=HANGS) as later:
            with pytest.raises(UnknownName, match="nearest: vgg"):
                await later.analyze("vgg61")
            with pytest.raises(ArchcalcError, match="no device is called"):
                [each async for each in later.validate_networks(["lenet5"], "tpu")]
            many = await asyncio.gather(*(later.analyze(name) for name in ("vgg16", "lenet5")))
            points = [each async for each in later.sweep("vgg16", SIZES)]
            return (*many, points, await later.graph_picture("lenet5"))

    vgg, lenet, points, picture = asyncio.run(ask())
    assert (vgg, lenet) == (archcalc.analyze("vgg16"), archcalc.analyze("lenet5"))
    assert points == list(evaluation.sweep_points("vgg16", SIZES))
    assert picture == rendering.graph_picture("lenet5")


def test_within_answering_the_door_is_answered_by_the_server_and_afterwards_here(client: Client) -> None:
    asked = []
    answer = client.send
    client.send = lambda *question: (asked.append(question[0].__name__), answer(*question))[1]  # type: ignore[method-assign]
    try:
        with client.answering():
            assert archcalc.analyze("lenet5").totals.params == 60_000
            assert len(catalogue.catalogue("vgg")) == 14
    finally:
        del client.send
    assert archcalc.analyze("lenet5").totals.params == 60_000
    assert asked == ["analyze", "catalogue_page"]


def test_a_question_that_no_contract_holds_is_refused_and_not_answered_here(client: Client) -> None:
    import sympy

    with pytest.raises(ArchcalcError, match="no whole number: this request cannot be sent to a server"):
        client.analyze("vgg16", input=(3, 32 * sympy.Symbol("h"), 224))


def test_pages_of_any_size_together_are_the_catalogue(client: Client) -> None:
    whole = catalogue.catalogue_page("resnet")
    for size in (7, 100):
        found: list[Any] = []
        while len(found) < whole.total_size:
            page = client.catalogue_page("resnet", len(found), size)
            assert page.total_size == whole.total_size
            found += page.entries
        assert tuple(found) == whole.entries


def test_many_threads_may_use_one_client(client: Client) -> None:
    names = archcalc.names()[:40]
    found: dict[str, Any] = {}
    threads = [threading.Thread(target=lambda n=name: found.update({n: client.analyze(n)})) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == {name: archcalc.analyze(name) for name in names}


def back(result: Any, field: Any, message: Any) -> Any:
    """A result written as a message, sent as bytes, and read again."""
    written = message(**field.write(result))
    return field.read(message.FromString(written.SerializeToString()))


def test_the_table_of_every_network_comes_back_as_it_was() -> None:
    for name in archcalc.names():
        analysis = archcalc.analyze(name)
        if len(analysis.layers) < 200:
            analysis = archcalc.analyze(name, detail=True)
        found = back(analysis, costs_messages.ANALYSIS, contract.Analysis)
        assert repr(found.layers) == repr(analysis.layers), name
        assert found == analysis, name


def test_the_statement_of_memory_of_a_network_of_every_file_comes_back_as_it_was() -> None:
    by_file = {archcalc.zoo.network(name).file: name for name in archcalc.names()}
    assert len(by_file) > 40
    for index, name in enumerate(by_file.values()):
        training = Training([*OPTIMIZERS][index % 5], [*TRAINED][index % 6], checkpoint=index % 3)
        statement = archcalc.memory(name, batch=1 + index % 4, training=training)
        found = back(statement, statements.STATEMENT, contract.MemoryStatement)
        assert repr(found) == repr(statement), name
        assert found == statement, name


def test_what_is_known_of_every_network_and_space_comes_back_as_it_was() -> None:
    for name in archcalc.names():
        description = documented.describe(name)
        assert repr(back(description, catalogues.DESCRIPTION, contract.Description)) == repr(description)
    for space in documented.spaces():
        assert repr(back(space, catalogues.SPACE, contract.SpaceDescription)) == repr(space)


trainings = st.builds(
    Training,
    st.sampled_from([*FUSED]),
    st.sampled_from(["float16", "bfloat16"]),
    st.sampled_from([*IMPLEMENTATIONS]),
    weight_decay=st.booleans(),
    master_weights=st.booleans(),
    in_place=st.sampled_from([*IN_PLACE]),
    train_from=st.text(),
    checkpoint=st.integers(0, 9),
)
plain_trainings = st.builds(Training, st.sampled_from([*OPTIMIZERS]), st.sampled_from(["", *TRAINED]))


@settings(max_examples=200, deadline=None)
@given(trainings | plain_trainings)
def test_any_way_of_training_comes_back_as_it_was_and_the_default_is_not_sent(training: Training) -> None:
    written = CALLS["Memory"].request((Request("vgg16", training=training),), {})
    assert written.network.HasField("training") == (training != DEFAULT_TRAINING)
    [found] = CALLS["Memory"].arguments_of(CALLS["Memory"].read(written.SerializeToString())).values()
    assert found.training == training


def test_a_way_of_training_of_which_a_field_is_left_out_has_the_default_of_that_field() -> None:
    """So a client of any language may send the fields that it wants to change, and no others."""
    assert training_messages.TRAINING.read(contract.Training()) == DEFAULT_TRAINING
    for change in (
        {"optimizer": "adamw"},
        {"precision": "amp_fp16"},
        {"implementation": "loop"},
        {"in_place": "all"},
        {"weight_decay": True},
        {"train_from": "fc"},
        {"checkpoint": 3},
    ):
        fields = training_messages.TRAINING.write(Training(**change))
        message = contract.Training(**{name: fields[name] for name in change})
        assert training_messages.TRAINING.read(message) == Training(**change)


@pytest.mark.parametrize(
    ("network", "device", "code", "field"),
    [
        ({"training": {"optimizer": 77}}, None, "INVALID_ARGUMENT", "network.training.optimizer"),
        ({"training": {"precision": -1}}, None, "INVALID_ARGUMENT", "network.training.precision"),
        (
            {"training": {"optimizer": "OPTIMIZER_RMSPROP", "implementation": "OPTIMIZER_IMPLEMENTATION_FUSED"}},
            None,
            "INVALID_ARGUMENT",
            "network.training.implementation",
        ),
        ({"training": {"master_weights": True}}, None, "INVALID_ARGUMENT", "network.training.master_weights"),
        ({"training": {"checkpoint": 10}}, None, "INVALID_ARGUMENT", "network.training.checkpoint"),
        ({"training": {"train_from": "layer5"}}, None, "NOT_FOUND", "network.training.train_from"),
        (
            {"name": "squeezenet1_0", "training": {"train_from": "avgpool"}},
            None,
            "INVALID_ARGUMENT",
            "network.training.train_from",
        ),
        ({"batch": 0}, None, "INVALID_ARGUMENT", "network.batch"),
        ({"batch": 2**62}, None, "INVALID_ARGUMENT", "network.batch"),
        ({"dtype": "DTYPE_INT8"}, None, "INVALID_ARGUMENT", "network.dtype"),
        ({}, "nosuch", "NOT_FOUND", "device"),
        ({}, "a100", "NOT_FOUND", "device"),
    ],
)
def test_a_field_of_a_request_for_memory_that_is_wrong_is_named(
    client: Client, network: dict[str, Any], device: str | None, code: str, field: str
) -> None:
    asked = contract.MemoryRequest(network={"name": "resnet18", **network}, device=device)
    found, message, details = service.refusal(client.target, "Memory", asked)
    assert (found, "\n" in message) == (code, False), message
    [violation] = details["BadRequest"].field_violations
    assert violation.field == field


def test_the_network_of_several_whose_way_of_training_is_wrong_is_named(client: Client) -> None:
    wrong = {"name": "lenet5", "training": {"in_place": 9}}
    asked = contract.CompareRequest(networks=[{"name": "lenet5"}, wrong])
    code, _, details = service.refusal(client.target, "Compare", asked)
    [violation] = details["BadRequest"].field_violations
    assert (code, violation.field) == ("INVALID_ARGUMENT", "networks[1].training.in_place")


strides = st.fractions(-(10**9), 10**9, max_denominator=1000)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | strides,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
counts: st.SearchStrategy[Dim] = st.integers(-(2**70), 2**70)
fields = st.tuples(
    st.none(), st.tuples(strides, st.integers(0, 9)), st.tuples(st.integers(-9, 9), st.integers(0, 9))
).map(lambda given: ReceptiveField(*given))
sizes = st.lists(st.integers(0, 2**62), max_size=3).map(tuple)
attributes = st.dictionaries(st.text(), values, max_size=3)
layers = st.tuples(
    st.text(), st.text(), st.text(), attributes, sizes, *[counts] * 4, fields, st.booleans(), st.none() | counts
).map(lambda given: Layer(*given))
KEYS = (*QUANTITIES, "of_a_later_version")
totals_of_anything = st.dictionaries(st.sampled_from(KEYS), counts).map(
    lambda given: Totals({key: given[key] for key in KEYS if key in given})
)


@settings(max_examples=100, deadline=None)
@given(layers, totals_of_anything)
def test_any_layer_and_totals_come_back_as_they_were(layer: Layer, totals: Totals) -> None:
    """Whole numbers of any size, fractions, texts of any characters, nested attributes, nothing."""
    found = back(layer, costs_messages.LAYER, contract.Layer)
    assert found == layer
    assert list(map(type, found)) == [
        int if isinstance(each, int) and not isinstance(each, bool) else type(each) for each in layer
    ]
    assert back(totals, costs_messages.TOTALS, contract.Totals) == totals


def test_results_are_frozen_results_of_archcalc(client: Client) -> None:
    assert isinstance(client.analyze("vgg16"), Analysis)
    assert client.analyze("vgg16").to_dict() == archcalc.analyze("vgg16").to_dict()
