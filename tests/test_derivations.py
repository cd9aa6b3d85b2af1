"""Derivations: the formulas written as text give what the engine gives, for every op of every network.

`ARCHCALC_LONG=1 pytest -n 0 tests/test_derivations.py` derives every quantity of every row of every network (an hour).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache

import pytest
from op_examples import EXAMPLES, op_classes

import archcalc
from archcalc import zoo
from archcalc.algebra.expressions import parse
from archcalc.analysis.backward import backward_mult_adds
from archcalc.analysis.cost import costs
from archcalc.analysis.receptive_field import fields
from archcalc.analysis.results import Layer
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.derivations import paths, working
from archcalc.derivations.conditions import holds
from archcalc.derivations.derive import LAYER_QUANTITIES, TOTAL_QUANTITIES, derive, find_layer
from archcalc.derivations.letters import SIZES, OpReading, channels_first, read
from archcalc.derivations.rows import GraphAnalyses, summed
from archcalc.derivations.working import QUANTITIES, Equation, applies, equations
from archcalc.graph import Graph, Input, Network, Node, Nothing, Op, Rule, Value, channels_last, row
from archcalc.ops import (
    BatchNorm,
    Concat,
    Conv,
    ConvTranspose,
    Flatten,
    GlobalAvgPool,
    Linear,
    MaxPool,
    Multiply,
    ReLU,
    Sigmoid,
    ZeroPad,
)

LONG = bool(os.environ.get("ARCHCALC_LONG"))
SAMPLED = ("lenet5", "squeezenet1_1", "unet", "resnet20_cifar", "shufflenet_v1_g3_1.0x", "swin_t", "alexnet")


Applied = tuple[Op, tuple[tuple[int, ...], ...], tuple[bool, ...], tuple[int, ...]]


def graphs(every: int = 1) -> Iterator[Graph]:
    """The networks of the catalogue at their own input, or every so many of them."""
    for place, each in enumerate(zoo.networks()):
        if place % every == 0:
            yield each.graph(None, each.settings)


@cache
def applied() -> tuple[Applied, ...]:
    """Every different application of an op in the catalogue and in the table of examples.

    The op, its inputs' shapes, which of them have their channels last, and the output's as (channels, height, width).
    """
    return tuple(_applied())


def _applied() -> Iterator[Applied]:
    seen: set[tuple[str, tuple[tuple[int, ...], ...], tuple[bool, ...]]] = set()
    for graph in graphs():
        last = channels_last(graph)
        for node, moved in zip(graph.nodes, last, strict=True):
            shapes = tuple(graph.nodes[i].shape for i in node.inputs)
            key = (repr(node.op), shapes, tuple(last[i] for i in node.inputs))
            if key not in seen:
                seen.add(key)
                yield node.op, shapes, key[2], channels_first(node.shape, moved)
    for example in EXAMPLES:
        op, shapes, last, *_ = example
        out = op.shape(*shapes)
        yield op, shapes, (last,) * len(shapes), channels_first(out, example.gives_last)


def engine(op: Op, shapes: tuple[tuple[int, ...], ...], out: tuple[int, ...]) -> dict[str, int]:
    """What the op itself states."""
    params = op.params(*shapes)
    stated = {"channels": out[0], "params": params.learnable, "buffers": params.running}
    stated["mult_adds"] = op.work(*shapes).multiply_accumulate
    return stated | dict(zip(SIZES[len(out) - 1], out[1:], strict=True))


def test_every_formula_gives_what_the_engine_gives_and_so_does_each_of_its_steps() -> None:
    count = 0
    for op, shapes, last, out in applied():
        reading, stated = read(op, shapes, last), engine(op, shapes, out)
        assert {quantity for quantity in QUANTITIES if applies(reading, quantity)} == stated.keys(), op
        for quantity, value in stated.items():
            for line in equations(reading, quantity)[-1:]:
                assert line.value == value, (op, shapes, quantity)
                if isinstance(line, Equation):
                    assert all(step.evaluate({}) == value for step in line.steps), line
                    assert line.formula.evaluate({letter.name: letter.value for letter in line.letters}) == value
            count += 1
    assert count > 40_000


def test_every_op_has_a_formula_or_a_reason_for_every_quantity() -> None:
    for op in (Input, *op_classes()):
        for quantity in ("channels", "params", "buffers", "mult_adds"):
            assert getattr(op.formulas, quantity), (op, quantity)


def test_an_op_without_formulas_has_no_derivations() -> None:
    """A reader's own op may leave its formulas out: what it costs is known, and why is refused in a sentence."""

    class Doubled(Op):
        role = "activation"
        shape, params, work = ReLU.shape, ReLU.params, ReLU.work
        window, memory, lower = ReLU.window, ReLU.memory, ReLU.lower

    graph = Graph("own", (3, 8, 8))
    graph.finish(Doubled()(graph.input))
    with pytest.raises(ArchcalcError, match="there are no formulas for doubled"):
        summed(GraphAnalyses(graph), [1], "params")


def test_every_rule_can_be_read_is_reached_and_has_all_its_letters_explained() -> None:
    reached: set[int] = set()
    for op, shapes, last, _ in applied():
        reading = read(op, shapes, last)
        for quantity in QUANTITIES:
            if applies(reading, quantity):
                rule = chosen(reading, quantity)
                reached.add(id(rule))
                for line in equations(reading, quantity):
                    if isinstance(line, Equation):
                        assert all(letter.meaning for letter in line.letters), line
    for op in (Input, *op_classes()):
        for quantity in ("channels", "size", "params", "buffers", "mult_adds"):
            for rule in getattr(op.formulas, quantity):
                assert id(rule) in reached, (op, quantity, rule)
                assert isinstance(rule, Nothing) or parse(rule.formula).text() == rule.formula


def chosen(reading: OpReading, quantity: str) -> Rule | Nothing:
    """The first rule that holds."""
    axis = int(quantity == "width")
    return next(rule for rule in working.rules(reading.op, quantity) if holds(rule.when, reading, axis))


def test_the_way_back_to_the_input_gives_the_receptive_field() -> None:
    count = 0
    for graph in graphs(1 if LONG else 13):
        seen = fields(graph)
        rows = {node.row: index for index, node in enumerate(graph.nodes)}
        for index in list(rows.values())[:: 1 if LONG else 9]:
            local = seen[index].local
            if local is None:
                assert paths.no_window(graph, seen, index)
                continue
            for axis, track in enumerate(local):
                path = paths.path_to(graph, seen, index, axis)
                if path is not None:
                    found = tuple(line.value for line in paths.equations(path))
                    assert found == (track.size, track.stride, track.offset), (graph.name, graph.nodes[index].row)
                    count += 1
    assert count > 300


def stated(layer: Layer, width: int) -> dict[str, object]:
    """What `analyze` says of a layer, by the names of the derivations."""
    shape = layer.output_shape
    sides = zip(("channels", *SIZES[len(shape) - 1]), shape, strict=True)
    field = layer.receptive_field
    return {
        **{f"output_{side}": size for side, size in sides if f"output_{side}" in LAYER_QUANTITIES},
        "output_shape": shape,
        "params": layer.params,
        "buffers": layer.buffers,
        "mult_adds": layer.mult_adds,
        "activations": layer.activations,
        "memory_bytes": layer.activations * width,
        "receptive_field": field.size,
        "field_size": field.size,
        "field_stride": field.stride,
        "field_offset": field.offset,
    }


@pytest.mark.parametrize("name", archcalc.names() if LONG else SAMPLED)
def test_what_is_derived_of_a_row_is_what_the_table_shows(name: str) -> None:
    layers = archcalc.analyze(name, batch=3, dtype="float16").layers
    for layer in layers[:: 1 if LONG else max(1, len(layers) // 4)]:
        told = stated(layer, 6)
        assert told.keys() <= LAYER_QUANTITIES.keys()
        for quantity, value in told.items():
            found = derive(name, layer.name, quantity, batch=3, dtype="float16")
            assert found.value == value, (layer.name, quantity)
            assert found.parts


def own(x: Value) -> Value:
    """A network on any number of axes, with windows of all kinds that grow and shrink."""
    x = row("conv1", x, Conv(8, 3, stride=2, padding=1, groups=2, bias=False), BatchNorm(), ReLU())
    y = row("conv2", x, Conv(8, 3, padding="same"), ZeroPad(left=1))
    x = row("cat", (y, row("up", x, ConvTranspose(6, 1), ZeroPad(left=1))), Concat())
    x = row("pool", x, MaxPool(2, 2, ceil=True))
    x = row("gate", (x, row("squeeze", x, GlobalAvgPool(), Sigmoid())), Multiply())
    return row("fc", row("flat", x, Flatten()), Linear(10))


@pytest.mark.parametrize("size", [(4, 33), (4, 17, 12), (4, 9, 12, 10)], ids=["sequence", "image", "volume"])
def test_what_is_derived_on_one_two_and_three_axes_is_what_the_table_shows(size: tuple[int, ...]) -> None:
    mine = Network.build(own, input=size, name="mine")
    for layer in archcalc.analyze(mine, batch=3, dtype="float16").layers:
        told = stated(layer, 6)
        for side in ("height", "width"):
            if f"output_{side}" not in told:
                with pytest.raises(ArchcalcError, match=f"it has no {side}"):
                    derive(mine, layer.name, f"output_{side}")
        for quantity, value in told.items():
            assert derive(mine, layer.name, quantity, batch=3, dtype="float16").value == value, (layer.name, quantity)


@pytest.mark.parametrize("name", SAMPLED)
def test_what_is_derived_of_an_op_is_what_the_detailed_table_shows(name: str) -> None:
    layers = archcalc.analyze(name, detail=True).layers
    for layer in layers[:: max(1, len(layers) // 4)]:
        for quantity in ("output_shape", "params", "mult_adds", "field_offset"):
            assert derive(name, layer.name, quantity).value == stated(layer, 4)[quantity], (layer.name, quantity)


@pytest.mark.parametrize("name", archcalc.names() if LONG else (*SAMPLED, "resnet1202_cifar", "nasnet_a_mobile"))
def test_what_is_derived_of_a_network_is_its_total(name: str) -> None:
    totals = archcalc.analyze(name, batch=2).totals
    for quantity in TOTAL_QUANTITIES:
        value = derive(name, "total", quantity, batch=2).value
        expected = {
            "memory_bytes": totals.activation_sum * 8,
            "peak_inference": totals.peak_inference_bytes // 8,
            "backward_mult_adds": value,
        } | totals.to_dict()
        assert value == expected[quantity], quantity


@pytest.mark.parametrize("name", ["vgg11", "swin_t", "lenet5", "squeezenet"])
def test_the_backward_pass_adds_up_over_the_rows(name: str) -> None:
    found = zoo.network(name)
    graph = found.graph(None, found.settings)
    total = backward_mult_adds(graph, costs(graph))
    rows = dict.fromkeys(node.row for node in graph.nodes)
    assert sum(derive(name, row, "backward_mult_adds").value for row in rows) == total
    assert derive(name, "total", "backward_mult_adds").value == total


def test_a_formula_that_disagrees_with_the_engine_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Conv.formulas._replace(params=(Rule("C_in * k_h * C_out"),))
    monkeypatch.setattr(Conv, "formulas", wrong)
    with pytest.raises(ArchcalcError, match="conv1: the formulas give"):
        derive("resnet18", "conv1", "params")


ROUNDED_UP = "min(ceil((W + 2 * p - k) / s) + 1, ceil((W + p) / s))"


@pytest.mark.parametrize(
    ("name", "layer", "quantity", "formula", "value", "source"),
    [
        # Document 004: (227-11)/4+1 = 55; (11*11*3)*96 = 35K, to which document 003 adds the biases.
        ("alexnet", "conv1", "output_height", "floor((H + 2 * p - k) / s) + 1", 55, "003, equation (1)"),
        ("alexnet", "conv1", "params", "(C_in * k * k + 1) * C_out", 11 * 11 * 3 * 96 + 96, "003, equation (2)"),
        ("alexnet", "pool1", "output_width", ROUNDED_UP, 27, "003, equation (1)"),
        ("alexnet_owt", "pool1", "output_width", "floor((W + 2 * p - k) / s) + 1", 27, "003, equation (1)"),
        # Document 003: FC 7 * 7 * 512 * 4096 = 102,760,448, not counting biases.
        ("vgg16", "fc6", "params", "(C_in + 1) * C_out", 102_760_448 + 4096, "003, equation (3)"),
        ("vgg16", "fc6", "mult_adds", "C_in * C_out", 102_760_448, "003"),
        # Document 000: K x K x M x D x D, with Table 1's 3 x 3 x 32 dw on 112 x 112 x 32.
        ("mobilenet_v1", "conv2_dw", "mult_adds", "k * k * C_in * H_out * W_out", 9 * 32 * 112 * 112, "000"),
        # Document 004: 28x28x(128+192+96+256) is the channels of a concatenation.
        ("googlenet", "inception3a.concat", "output_channels", "sum(C_l over l)", 256, "004"),
        # Document 003, receptive fields: layer4 of ResNet-50.
        ("resnet50", "layer4.2.conv3", "field_size", "r_0 + sum(n_l * (k_l - 1) * j_l over l)", 427, "Araujo"),
    ],
)
def test_the_documents_formulas_give_the_documents_numbers(
    name: str, layer: str, quantity: str, formula: str, value: int, source: str
) -> None:
    found = derive(name, layer, quantity)
    lines = [line for part in found.parts for line in part.lines if isinstance(line, Equation)]
    line = next(line for line in lines if line.formula.text() == formula)
    assert line.value == value
    assert source in line.source
    assert found.value in (value, (value, value))


def test_axes_that_see_alike_by_different_layers_are_derived_apart() -> None:
    parts = derive("inception_v3", "Mixed_6b.branch7x7_3", "field_size").parts
    assert [part.heading for part in parts] == ["on the height axis", "on the width axis"]
    rows = [part.listing.rows[-1][0] for part in parts if part.listing]
    assert rows == ["Mixed_6b.branch7x7_3", "Mixed_6b.branch7x7_2"]
    (part,) = derive("resnet50", "layer4.2.conv3", "field_size").parts
    assert part.heading == "on both axes"


def test_a_pool_has_no_parameters_and_says_why() -> None:
    (part,) = derive("vgg16", "pool1", "params").parts
    (line,) = part.lines
    assert line.value == 0
    assert "has no weights" in line.reason


def test_weights_that_are_shared_are_counted_where_they_first_stand() -> None:
    graph = Graph("shared", (8, 9, 9))
    conv = Conv(8, 3, padding=1)
    graph.finish(row("twice", row("once", graph.input, conv), conv, reuse=True))
    net = GraphAnalyses(graph)
    assert summed(net, [1], "params")[1] == 8 * 73
    parts, value = summed(net, [2], "params")
    assert value == 0
    assert "once" in parts[0].lines[0].reason
    assert isinstance(graph.nodes[2], Node)


def test_an_op_without_weights_that_is_used_again_shares_none() -> None:
    graph = Graph("again", (8, 9, 9))
    relu = ReLU()
    x = row("first", graph.input, Conv(8, 3, padding=1), relu)
    graph.finish(row("second", x, Conv(8, 3, padding=1), relu, reuse=True))
    net = GraphAnalyses(graph)
    assert graph.nodes[4].owner == 2
    assert [part.lines for part in summed(net, [4], "params")[0]] == [
        part.lines for part in summed(net, [2], "params")[0]
    ]


def test_layers_are_found_by_row_op_and_end() -> None:
    found = zoo.network("resnet50")
    graph = found.graph(None, found.settings)
    assert find_layer(graph, "conv1")[0] == "conv1"
    assert find_layer(graph, "3.5.conv2".replace("3.5", "layer3.5"))[0] == "layer3.5.conv2"
    assert find_layer(graph, "5.conv2")[0] == "layer3.5.conv2"
    assert find_layer(graph, "CONV1.batch_norm")[0] == "conv1.batch_norm"


@pytest.mark.parametrize(
    ("layer", "quantity", "said", "nearest"),
    [
        ("conv2", "params", "16 layers of resnet50 end in 'conv2'", "layer1.0.conv2"),
        ("layer1.0.conv9", "params", "no layer 'layer1.0.conv9'; nearest: ", "layer1.0.conv"),
        ("conv1", "parms", "a layer has no quantity 'parms'; nearest: params", "params"),
        ("total", "weight_layer", "a whole network has no quantity", "weight_layers"),
        ("total", "receptive_field", "a whole network has no quantity", ""),
        ("x" * 500, "params", "no layer 'xxx", ""),
    ],
)
def test_unknown_layers_and_quantities_name_the_nearest(layer: str, quantity: str, said: str, nearest: str) -> None:
    with pytest.raises(UnknownName) as caught:
        derive("resnet50", layer, quantity)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 300
    assert any(name.startswith(nearest) for name in caught.value.nearest) or not nearest


def test_a_vector_has_no_height() -> None:
    with pytest.raises(ArchcalcError, match="fc is a vector: it has no height"):
        derive("resnet50", "fc", "height")
    assert derive("resnet50", "fc", "shape").value == (1000,)


def test_symbols_are_for_archcalc_formula() -> None:
    sympy = pytest.importorskip("sympy")
    side = sympy.Symbol("s", integer=True, positive=True)
    with pytest.raises(ArchcalcError, match="needs sizes that are numbers"):
        derive("vgg16", "conv1_1", "params", input=(3, 32 * side, 32 * side))
