"""Conventions as data: what every one of them must be, and how counts, their parts and their differences add up."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any, final

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from op_examples import EXAMPLES, Example, example_id

import archcalc
from archcalc import zoo
from archcalc.algebra.dims import Shape
from archcalc.analysis.table import analyze
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.base.spelling import matched
from archcalc.conventions import OTHERS, Convention, calls
from archcalc.conventions.counting import (
    by_node,
    conventions,
    count,
    count_graph,
    find_convention,
    find_conventions,
    total,
)
from archcalc.conventions.implementations import DIFFERENCES, REFERENCES
from archcalc.conventions.measures import MEASURES, Measures
from archcalc.conventions.reconciling import reconcile
from archcalc.conventions.taps import pool_reads, valid_taps
from archcalc.graph import KEEPS_INPUTS, POINTWISE, Graph, Memory, Op, Parameters, Window, Work
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.pool import AvgPool

KINDS = {example.op.kind for example in EXAMPLES}
SAMPLE = archcalc.names()[::12]


@cache
def measured(name: str) -> Measures:
    found = zoo.network(name)
    return Measures(found.graph(None, found.settings))


def alone(example: Example) -> Measures:
    """The measures of one application of an op."""
    graph = Graph("example", *example.shapes)
    graph.apply(example.op, graph.inputs)
    return Measures(graph)


@pytest.mark.parametrize("convention", conventions(), ids=lambda each: each.name)
def test_a_convention_says_what_it_counts_of_known_ops_and_where_that_is_written(convention: Convention) -> None:
    """Kinds of ops and measures exist, terms count something, sources and bugs are stated."""
    assert set(convention.terms) <= KINDS | {OTHERS}
    for terms in convention.terms.values():
        assert terms
        for term in terms:
            assert term.measure in MEASURES
            assert type(term.weight) is int
            assert term.weight != 0
    assert convention.unit
    assert convention.summary
    assert convention.source
    assert bool(convention.tool) == bool(convention.versions)
    for bug in convention.bugs:
        assert all(bug)


def test_names_of_conventions_differ_however_they_are_spelt() -> None:
    names = [matched(each.name) for each in conventions()]
    assert len(set(names)) == len(names)


def test_every_measure_is_used() -> None:
    """A measure that no convention counts, nor a tool for a model as it is written, would be checked by nothing."""
    terms = [term for each in conventions() for terms in each.terms.values() for term in terms]
    besides = [
        term
        for each in DIFFERENCES
        for convention in each.conventions
        for terms in each.terms_of(find_convention(convention)).values()
        for term in terms
    ]
    written = [*calls.OF_TIMM, *calls.FURTHER]
    spare = set(MEASURES) - {term.measure for term in (*terms, *besides, *written)}
    assert spare <= {"multiply", "compare", "divide", "exponential", "power", "bias_values"}


@pytest.mark.parametrize("example", EXAMPLES, ids=example_id)
def test_the_papers_mult_adds_are_the_multiply_accumulates_that_ops_state(example: Example) -> None:
    measures = alone(example)
    expected = example.op.work(*example.shapes).multiply_accumulate
    assert total(measures, find_convention("mult_adds")) == expected


@final
class Mixing(Op):
    """An op that no convention names: one multiply-accumulate and one comparison for each value, C + 2 parameters."""

    role = "linear"

    def shape(self, x: Shape) -> Shape:
        return x

    def params(self, x: Shape) -> Parameters:
        return Parameters(weight=x[0], bias=2, running=5)

    def work(self, x: Shape) -> Work:
        channels, height, width = x
        values = channels * height * width
        return Work(values, compare=values)

    def window(self, x: Shape) -> Window:
        return POINTWISE

    def memory(self, x: Shape) -> Memory:
        return KEEPS_INPUTS

    def lower(self, torch: Any, x: Shape) -> Any:
        return torch.nn.Identity()


@pytest.mark.parametrize("convention", conventions(), ids=lambda each: each.name)
def test_an_op_that_a_convention_does_not_name_is_counted_as_papers_do_or_listed_as_left_out(
    convention: Convention,
) -> None:
    """Never passed over: 60 mult-adds and outputs, 8 learnable values and 5 running ones of an op unknown to tools."""
    counted = count_graph(alone(Example(Mixing(), ((6, 2, 5),))), convention)
    papers = {"mult_adds": 60, "flops": 120, "params": 8, "params_without_biases": 8, "params_with_statistics": 13}
    assert counted.total == papers.get(convention.name, 0)
    left_out = {each.op: each.operations for each in counted.left_out}
    if convention.quantity == "work":
        assert left_out == ({} if convention.name in ("mult_adds", "flops") else {"mixing": 120})
    elif convention.quantity == "memory":
        assert left_out == {"mixing": 60}
    else:
        running = {} if convention.name == "params_with_statistics" else {"mixing_running": 5}
        learnt = {} if convention.name in papers else {"mixing_weight": 6, "mixing_bias": 2}
        assert left_out == learnt | running


@pytest.mark.parametrize("name", SAMPLE)
def test_layers_nodes_and_terms_add_up_to_the_total(name: str) -> None:
    """Under every convention; and every op is in a term, left out, or the input."""
    measures = measured(name)
    for convention in conventions():
        counted = count_graph(measures, convention)
        assert type(counted.total) is int
        assert sum(counted.by_layer.values()) == counted.total
        assert sum(by_node(measures, convention)) == counted.total
        assert sum(term.amount for term in counted.by_term) == counted.total
        if convention.quantity != "parameters":
            named = {term.op for term in counted.by_term} | {each.op for each in counted.left_out}
            assert set(measures.kinds) - {"input"} <= named


def test_left_out_are_ops_and_biases_with_their_numbers() -> None:
    """ResNet-50 has 53 batch norms, 49 ReLUs, 16 sums, and one linear layer of 1000 biases."""
    left_out = {each.op: (each.nodes, each.operations) for each in count("resnet50", "fvcore").left_out}
    assert set(left_out) == {"relu", "max_pool", "add", "flatten", "linear_bias"}
    assert left_out["relu"] == (49, 9608704)
    assert left_out["linear_bias"] == (1, 1000)
    assert left_out["flatten"] == (1, 0)
    values = {each.op: each.operations for each in count("resnet50", "params").left_out}
    assert values == {"batch_norm_running": 2 * 26560}


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "unet", "swin_t", "alexnet", "spatial_transformer"])
def test_every_count_is_the_same_in_symbols_arrays_and_ints(name: str) -> None:
    """The formulas of all conventions at one symbolic height, at an array of heights, and at each height."""
    heights = [448, 480] if name == "swin_t" else [572, 700] if name == "unet" else [224, 260]
    if name == "spatial_transformer":
        heights = [28, 40]
    channels = zoo.network(name).input[0]
    height = sympy.Symbol("h", integer=True, positive=True)
    width = heights[0]
    symbolic, array = ({c.name: None for c in conventions()} for _ in range(2))
    for convention in conventions():
        symbolic[convention.name] = count(name, convention, input=(channels, height, width)).total
        array[convention.name] = count(name, convention, input=(channels, np.array(heights), width)).total
    for place, value in enumerate(heights):
        for convention in conventions():
            number = count(name, convention, input=(channels, value, width)).total
            found = symbolic[convention.name]
            assert number == (found.subs(height, value) if hasattr(found, "subs") else found), convention.name
            elements = np.broadcast_to(array[convention.name], len(heights))
            assert number == elements[place], convention.name


# ---- taps on padding

SIDES = st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(0, 3), st.integers(0, 3), st.integers(1, 3))


@given(tall=SIDES, wide=SIDES, size=st.tuples(st.integers(1, 9), st.integers(1, 9)), groups=st.sampled_from([1, 2]))
def test_valid_taps_of_a_convolution_are_those_that_read_the_input(
    tall: tuple[int, ...], wide: tuple[int, ...], size: tuple[int, int], groups: int
) -> None:
    """Counted one by one: every output position, every tap, every pair of channels of a group."""
    (kh, sh, top, bottom, dh), (kw, sw, left, right, dw) = tall, wide
    op = Conv(6, (kh, kw), (sh, sw), ((top, bottom), (left, right)), (dh, dw), groups)
    try:
        _, height, width = op.shape((4, *size))
    except ArchcalcError:
        return
    inside = sum(
        0 <= j * sh - top + t * dh < size[0] and 0 <= i * sw - left + u * dw < size[1]
        for j, i, t, u in product(range(height), range(width), range(kh), range(kw))
    )
    assert valid_taps(op, (4, *size), (6, height, width)) == inside * 6 * 4 // groups


@pytest.mark.parametrize(("kernel", "stride", "size"), list(product((2, 3, 5), (1, 2, 3), (5, 6, 9))))
def test_valid_taps_under_same_padding_are_counted_at_the_size_they_are_for(
    kernel: int, stride: int, size: int
) -> None:
    """The padding of "same" depends on the size; the output has ceil(size / stride) positions."""
    op = Conv(1, kernel, stride, "same")
    out = -(-size // stride)
    before = max((out - 1) * stride + kernel - size, 0) // 2
    along = sum(0 <= j * stride - before + t < size for j, t in product(range(out), range(kernel)))
    assert valid_taps(op, (1, size, size), (1, out, out)) == along**2


@given(
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    dilation=st.integers(1, 2),
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)),
)
def test_valid_taps_of_a_transposed_convolution_are_those_that_write_the_output(
    kernel: int, stride: int, padding: int, dilation: int, size: tuple[int, int]
) -> None:
    op = ConvTranspose(2, kernel, stride, padding, dilation=dilation)
    try:
        _, height, width = op.shape((3, *size))
    except ArchcalcError:
        return
    written = sum(
        0 <= j * stride - padding + t * dilation < height and 0 <= i * stride - padding + u * dilation < width
        for j, i, t, u in product(range(size[0]), range(size[1]), range(kernel), range(kernel))
    )
    assert valid_taps(op, (3, *size), (2, height, width)) == written * 2 * 3


@given(
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    ceil=st.booleans(),
    whole=st.booleans(),
    size=st.integers(1, 9),
)
def test_an_average_pool_reads_what_its_windows_hold(
    kernel: int, stride: int, padding: int, ceil: bool, whole: bool, size: int
) -> None:
    """Padding is read too unless `count_include_pad` is off; what hangs over it under `ceil` never."""
    op = AvgPool(kernel, stride, padding, ceil, whole)
    try:
        _, height, _ = op.shape((1, size, size))
    except ArchcalcError:
        return
    low, high = (-padding, size + padding) if whole else (0, size)
    along = sum(low <= j * stride - padding + t < high for j, t in product(range(height), range(kernel)))
    assert pool_reads(op, (1, size, size), (1, height, height)) == along**2


# ---- reconciliation


@pytest.mark.parametrize("name", SAMPLE)
def test_start_and_steps_add_up_to_the_end_between_any_two_conventions(name: str) -> None:
    """All pairs of conventions of one quantity, on networks across the catalogue; no step is empty."""
    for start in conventions():
        found = reconcile(name, start=start.name)
        alike = [each for each in conventions() if each.quantity == start.quantity]
        assert len(found.waterfalls) >= len(alike) - 1
        for waterfall in found.waterfalls:
            assert waterfall.start.total + sum(step.amount for step in waterfall.steps) == waterfall.end.total
            for step in waterfall.steps:
                assert step.amount == step.weight * step.measured
                assert step.amount != 0


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_steps_add_up_from_one_implementation_to_another(name: str) -> None:
    """What an implementation is counted otherwise is named, in both directions."""
    for start, end in (("ptflops@archcalc", "thop@reference"), ("torchscan_flops@reference", "torchinfo@reference")):
        waterfall = reconcile(name, start=start, to=end).waterfalls[0]
        assert waterfall.start.total + sum(step.amount for step in waterfall.steps) == waterfall.end.total


def test_a_difference_names_conventions_networks_and_ops_that_exist() -> None:
    for each in DIFFERENCES:
        assert set(each.architectures) <= REFERENCES
        assert each.reason
        for convention in each.conventions:
            found = find_convention(convention)
            terms = each.terms_of(found)
            assert set(terms) <= KINDS
            assert any(terms.values())
            for name in each.architectures:
                network = measured(name)
                rows = {node.row for node in network.graph.nodes if node.op.kind in terms}
                assert any(each.holds_for(row) for row in rows), (name, each.reason)


def test_the_steps_from_the_papers_resnet50_to_fvcores_are_its_norms_and_its_pool() -> None:
    """4,089,184,256 and 2 x 11,113,984 batch-norm values and the 7 x 7 x 2048 that the pool reads."""
    waterfall = reconcile("resnet50", to="fvcore").waterfalls[0]
    assert [(step.weight, step.op, step.amount) for step in waterfall.steps] == [
        (2, "batch_norm", 22227968),
        (1, "global_avg_pool", 100352),
    ]
    assert waterfall.end.total == 4111512576


def test_counts_of_different_things_are_not_reconciled() -> None:
    with pytest.raises(ArchcalcError, match="mult_adds counts mult-adds, params counts parameters"):
        reconcile("lenet5", to="params")


# ---- names and the cost table


def test_an_unknown_convention_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        find_convention("fvcor")
    assert caught.value.nearest[0] == "fvcore"
    with pytest.raises(UnknownName, match="ptflops"):
        reconcile("lenet5", tools=["ptflop"])


def test_a_tool_stands_for_all_its_conventions() -> None:
    columns = [f"netscope_{column}" for column in ("macc", "comp", "add", "div", "exp")]
    assert [each.name for each in find_conventions("netscope")] == ["netscope_params", *columns]
    assert [line.name for line in reconcile("lenet5", tools=["netscope"]).lines] == ["mult_adds", *columns]
    assert [each.name for each in find_conventions("TorchScan")] == ["torchscan"]


def test_an_implementation_that_no_tool_was_run_on_is_refused() -> None:
    with pytest.raises(ArchcalcError, match="no implementation 'reference' of resnet18 is known"):
        reconcile("resnet18", to="thop@reference")


def test_an_implementation_on_which_the_tool_stops_has_no_count() -> None:
    start = "torchinfo_forward_backward"
    for end in ("torchsummary_forward_backward", "torchsummary_forward_backward@archcalc"):
        assert reconcile("densenet121", start=start, to=end).waterfalls[0].steps
    with pytest.raises(ArchcalcError, match="torchsummary stops with an error on torchvision's densenet121"):
        reconcile("densenet121", start=start, to="torchsummary_forward_backward@reference")


@pytest.mark.parametrize("detail", [False, True])
def test_the_cost_table_counts_as_it_was_asked_to(detail: bool) -> None:
    """Mult-adds stay what they are; the count beside them adds up to the total."""
    analysis = analyze("resnet50", convention="Torch", detail=detail)
    assert analysis.convention == "torch"
    assert analysis.counting is not None
    assert analysis.counting.total == 8178368512
    assert sum(layer.counted for layer in analysis.layers) == 8178368512
    assert sum(layer.mult_adds for layer in analysis.layers) == analysis.totals.mult_adds == 4089184256
    data = analysis.to_dict()
    assert data["counting"]["unit"] == "FLOPs"
    assert {"op": "relu", "nodes": 49, "operations": 9608704} in data["counting"]["left_out"]
    assert analysis.records()[1]["counted"] == data["layers"][1]["counted"]


def test_a_cost_table_without_a_convention_has_no_count() -> None:
    analysis = analyze("lenet5")
    assert analysis.counting is None
    assert "counting" not in analysis.to_dict()
    assert "counted" not in analysis.to_dict()["layers"][0]
    assert "counted" not in analysis.records()[0]


@pytest.mark.parametrize("name", ["resnet50", "swin_t", "unet", "lenet5"])
def test_flops_are_two_for_each_mac(name: str) -> None:
    macs, flops = (archcalc.count(name, convention).total for convention in ("MACs", "FLOPs"))
    assert (macs, flops) == (analyze(name).totals.mult_adds, 2 * analyze(name).totals.mult_adds)
