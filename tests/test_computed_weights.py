"""Networks with weights that are used as they are or that others are computed from, and products of activations."""

from __future__ import annotations

import pytest

import archcalc
from archcalc.analysis.backward import backward_mult_adds, learns, needs_gradient
from archcalc.analysis.cost import costs
from archcalc.analysis.memory import footprint
from archcalc.analysis.receptive_field import fields
from archcalc.graph import Graph, Network, Reach, Value
from archcalc.ops import (
    Attention,
    Combine,
    Concat,
    Conv,
    Each,
    Elementwise,
    Given,
    GroupNorm,
    Linear,
    MatMul,
    MaxPool,
    Permute,
    Reduce,
    ReLU,
    Reshape,
    Softmax,
    Weight,
)
from archcalc.validation.runner import validate_one


def standardized(x: Value, out: int, given: Conv) -> Value:
    """A convolution whose filters are brought to mean 0 (Qiao et al. 2019, arXiv:1903.10520)."""
    weight = x.graph.apply(Weight((out, x.shape[0], 3, 3)), ())
    mean = Reduce("mean", (1, 2, 3), keep=True)(weight)
    return Given(given)(x, Combine("subtract")(weight, mean))


def conv() -> Conv:
    return Conv(6, 3, padding=1, bias=False)


def weight_standardization(x: Value) -> Value:
    x = ReLU()(GroupNorm(2)(standardized(x, 6, conv())))
    return MaxPool(2, 2)(standardized(x, 6, conv()))


def tokens(x: Value) -> Value:
    """A patch embedding, a class token, positions, one attention of two heads, and a product written out."""
    x = Reshape((6, 16))(Conv(6, 2, stride=2)(x))
    x = Permute((1, 0))(x)
    x = Concat(0)(x.graph.apply(Weight((1, 6)), ()), x)
    x = Combine("add")(x, x.graph.apply(Weight((17, 6)), ()))
    q, k, v = (Permute((1, 0, 2))(Reshape((17, 2, 3))(Linear(6)(x))) for _ in range(3))
    y = Attention()(q, k, v)
    scores = Elementwise("multiply")(MatMul()(q, Permute((0, 2, 1))(k)))
    z = MatMul()(Softmax(2)(scores), v)
    x = Reshape((17, 6), copy=True)(Permute((1, 0, 2))(Combine("add")(y, z)))
    return Linear(4)(Reduce("mean", (0,))(x))


def frames(x: Value) -> Value:
    return Each(Conv(2, 3))(Each(MaxPool(2, 2))(Reshape((2, 3, 8, 8))(Conv(6, 1)(x))))


BUILT = {each.__name__: each for each in (weight_standardization, tokens, frames)}


def built(name: str) -> Graph:
    graph = Graph(name, (3, 8, 8))
    graph.row = graph.open_row("all")
    return graph.finish(BUILT[name](graph.input))


@pytest.mark.parametrize("name", BUILT)
def test_shapes_parameters_and_flops_are_those_of_pytorch(name: str) -> None:
    """Of attention the CPU's kernel is counted as nothing by PyTorch's counter, so it is left to the laws of ops."""
    checks = ("shapes", "parameters", *(() if name == "tokens" else ("flops",)))
    verdict = validate_one(Network.of(built(name)), "cpu", checks)
    assert [each.status for each in verdict.outcomes] == ["agrees"] * len(checks), verdict


@pytest.mark.parametrize("name", ["weight_standardization", "frames"])
def test_memory_is_that_of_pytorch(name: str) -> None:
    """But for the peak of several images with computed weights, which are there once."""
    (outcome,) = validate_one(Network.of(built(name)), "cpu", ("memory",)).outcomes
    figures = [
        figure for what, figure in outcome.figures.items() if name == "frames" or what != "peak_inference_bytes for 2"
    ]
    assert len(figures) >= 2
    assert all(figure["archcalc"] == figure["theirs"] for figure in figures), outcome


@pytest.mark.parametrize("name", BUILT)
def test_pytorchs_counter_counts_two_for_each_mult_add(name: str) -> None:
    graph = built(name)
    assert archcalc.count(graph, "torch").total == 2 * archcalc.analyze(graph).totals.mult_adds


def test_gradients_of_computed_weights_cost_what_those_of_stored_ones_do() -> None:
    """Of the first layer for its weights alone, of the second for both its factors."""
    graph = built("weight_standardization")
    each = costs(graph)
    first, second = (node.work.multiply_accumulate for node in each if node.work.multiply_accumulate)
    assert (first, second) == (27 * 6 * 64, 54 * 6 * 64)
    assert backward_mult_adds(graph, each) == first + 2 * second


def test_a_comparison_passes_no_gradient_on() -> None:
    graph = Graph("mask", (3, 8, 8))
    graph.row = graph.open_row("all")
    x = Conv(3, 1)(graph.input)
    mask = Elementwise("compare")(x)
    graph.finish(Combine("multiply")(x, mask))
    assert needs_gradient(graph, learns(graph)) == [False, True, False, True]
    assert footprint(graph, costs(graph)).saved_elements == 3 * 64 + 3 * 64, "the input, and the mask"


def test_weights_are_no_activations_and_what_is_computed_from_them_is_kept_once_for_a_batch() -> None:
    graph = Graph("weights", (4,))
    graph.row = graph.open_row("all")
    scale = Elementwise("exp")(graph.apply(Weight((4,)), ()))
    graph.finish(Combine("multiply")(graph.input, scale))
    found = footprint(graph, costs(graph))
    assert (found.saved_elements, found.statistics) == (4, 4)
    assert found.training_saved(10, 4) == 10 * 16 + 16
    assert found.peak_inference == 12, "the input, the scale, the product; the weight is none"


def test_a_unit_sees_the_input_through_computed_weights_as_through_stored_ones() -> None:
    graph = built("weight_standardization")
    plain = Graph("plain", (3, 8, 8))
    plain.row = plain.open_row("all")
    plain.finish(MaxPool(2, 2)(conv()(ReLU()(GroupNorm(2)(conv()(plain.input))))))
    assert fields(graph)[-1] == fields(plain)[-1]
    assert fields(graph)[-1].reach is Reach.WHOLE
