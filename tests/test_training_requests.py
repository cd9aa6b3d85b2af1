"""The way of training in a request: as a `Training`, or by its fields as keywords."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from op_examples import EXAMPLES, Example

import archcalc
from archcalc import ArchcalcError, Graph, Network, Request, Training, Value, row, zoo
from archcalc.evidence.selecting import Setting
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear

FIELDS = [each.name for each in fields(Training)]
CHANGES: dict[str, Any] = {
    "optimizer": "adam",
    "precision": "bfloat16",
    "implementation": "loop",
    "weight_decay": True,
    "master_weights": True,
    "in_place": "none",
    "train_from": "F6",
    "checkpoint": 1,
}
"""Another value of every field than the default."""


def test_every_field_is_changed_above() -> None:
    assert list(CHANGES) == FIELDS
    assert not [name for name in FIELDS if CHANGES[name] == getattr(Training(), name)]


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_of_training_as_a_keyword_is_that_field_of_the_training(name: str) -> None:
    """The other fields stay as the request has them."""
    base = Training(precision="float16") if name == "master_weights" else Training()
    changed = replace(base, **{name: CHANGES[name]})
    for request in (
        Request.of("lenet5", training=base, **{name: CHANGES[name]}),
        Request.of(Request("lenet5", training=base), **{name: CHANGES[name]}),
    ):
        assert request == Request("lenet5", training=changed)


def test_all_functions_take_the_fields() -> None:
    ways: list[dict[str, Any]] = [{"optimizer": "adam", "weight_decay": True}]
    ways.append({"training": Training("adam", weight_decay=True)})
    assert len({repr(archcalc.memory("lenet5", batch=4, **way)) for way in ways}) == 1
    assert len({archcalc.analyze("lenet5", **way).totals["training_step_bytes"] for way in ways}) == 1
    solved = {repr(archcalc.solve("lenet5", {"training_step_bytes": "1GB"}, "batch", **way)) for way in ways}
    assert len(solved) == 1
    assert repr(archcalc.solve("lenet5", {"training_step_bytes": "1GB"}, "batch")) not in solved


def test_no_hyperparameter_of_the_catalogue_has_the_name_of_a_field() -> None:
    """Else a keyword would mean two things for a network that is asked about by its name."""
    assert not {name for network in zoo.networks() for name in network.hyperparameters} & set(FIELDS)


def test_a_hyperparameter_of_ones_own_network_comes_before_a_field_of_its_name() -> None:
    def net(x: Value, checkpoint: int = 3) -> Value:
        return row("fc", x, Flatten(), Linear(checkpoint))

    own = Network.build(net, input=(3, 8, 8))
    request = Request.of(own, checkpoint=7, optimizer="adam")
    assert (request.settings, request.training) == ({"checkpoint": 7}, Training("adam"))
    assert request.graph.nodes[-1].shape == (7,)
    assert Request.of(request, batch=2).settings == {"checkpoint": 7}


def test_the_hyperparameters_of_a_selection_are_no_fields_of_training() -> None:
    """A selection has a place of its own for the way of training, and says so for each network."""
    found = archcalc.select("vgg16", settings=[Setting(hyperparameters={"optimizer": "adam"})])
    assert not found.rows
    assert found.refused[0].reason.startswith("vgg16 has no hyperparameter 'optimizer'")


@pytest.mark.parametrize(
    ("given", "said", "about"),
    [
        ({"optimizer": "adan"}, "no optimizer is called 'adan'; nearest: adam", "optimizer"),
        ({"weight_decay": "no"}, "weight_decay is True or False, not 'no'", "weight_decay"),
        ({"master_weights": 1}, "master_weights is True or False, not 1", "master_weights"),
        ({"train_from": 5}, "train_from is the name of a layer or block, not 5", "train_from"),
        ({"training": "adam"}, "the way of training is a Training, not 'adam'", "training"),
        ({"training": None, "optimizer": "sgd"}, "the way of training is a Training, not None", "training"),
        ({"batch": [2]}, "a batch is a whole number, not [2]", "batch"),
    ],
)
def test_a_wrong_value_is_refused_and_the_argument_named(given: dict[str, Any], said: str, about: str) -> None:
    with pytest.raises(ArchcalcError) as caught:
        archcalc.memory("lenet5", **given)
    assert said in str(caught.value)
    assert caught.value.about == about


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each.shapes], ids=lambda each: repr(each.op)[:60])
def test_memory_is_stated_for_a_network_of_any_one_op_if_one_of_its_parameters_learns(example: Example) -> None:
    graph = Graph("one", *example.shapes)
    graph.finish(graph.apply(example.op, graph.inputs))
    if archcalc.analyze(graph).totals.params == 0:
        with pytest.raises(ArchcalcError, match=r"^one: none of its parameters learns, so that there is no training"):
            archcalc.memory(graph)
        return
    statement = archcalc.memory(graph, batch=3, optimizer="adam", device="t4")
    assert [each.phase for each in statement.phases] == ["forward", "backward", "optimizer"]
    assert statement.step.bytes == max(each.bytes for each in statement.phases)
    for peak in (statement.inference.eager, *statement.phases):
        assert peak.bytes == sum(each.bytes for each in peak.kinds)


def test_memory_is_stated_for_a_batch_that_is_a_number() -> None:
    import numpy as np
    import sympy

    for batch in (np.array([1, 2]), sympy.Symbol("n")):
        with pytest.raises(
            ArchcalcError, match="lenet5: memory is stated for a batch that is a number, not "
        ) as caught:
            archcalc.memory("lenet5", batch=batch)
        assert caught.value.about == "batch"
