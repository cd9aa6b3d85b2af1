"""A network of one's own, asked about over a connection: it travels as a graph, and what is no graph is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import service
from op_examples import EXAMPLES
from patience import HANGS

import archcalc
from archcalc.base.errors import ArchcalcError
from archcalc.forms.formulas import exact_formulas
from archcalc.graph import Graph, Network, Op, Value, block, row
from archcalc.ops.applied import Each, Given
from archcalc.ops.combine import Add, Concat
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import Dropout, ReLU, Scale
from archcalc.ops.pool import GlobalAvgPool, MaxPool
from archcalc.ops.values import Unknown, Weight
from archcalc.ops.views import Reshape
from archcalc.request import Request
from archcalc.service.calls import Call
from archcalc.service.client import Client
from archcalc.service.messages import graphs
from archcalc.service.questions import CALLS, Questions
from archcalc.v1 import archcalc_pb2 as contract


def small(x: Value, width: int = 16, classes: int = 10) -> Value:
    """A network of no paper: branches, an op that is applied twice, blocks."""
    x = row("conv1", x, Conv(width, (3, 5), padding=(1, 2), bias=False), BatchNorm(), ReLU())
    shared = Conv(width, 3, padding=1, groups=2)
    y = row("first", x, shared, Scale(0.5))
    y = row("again", y, shared, reuse=True)
    x = row("add", (x, y), Add(), ReLU())
    x = block("stage", lambda value: row("pool", value, MaxPool(2, 2, ceil=True)), x)
    x = row("up", x, ConvTranspose(width, 2, 2))
    x = row("average", x, GlobalAvgPool(), Flatten())
    return row("fc", x, Dropout(0.3), Linear(classes))


def two_eyed(left: Value, right: Value) -> tuple[Value, Value]:
    """Two inputs and two outputs."""
    both = row("join", (row("left_conv", left, Conv(8, 3)), row("right_conv", right, Conv(4, 5))), Concat())
    average = row("average", both, GlobalAvgPool(), Flatten())
    return row("head", average, Linear(3)), row("side", both, Conv(1, 1))


def windowed(x: Value) -> Value:
    """A layer on each of several windows, one whose weights are computed, and a call that is not known."""

    def apply(label: str, op: Op, *inputs: Value) -> Value:
        x.graph.row = label if x.graph.nodes[-1].row == label else x.graph.open_row(label)
        return x.graph.apply(op, inputs)

    x = row("up", x, Conv(9, 1))
    x = apply("windows", Reshape((3, 3, *x.shape[1:])), x)
    x = apply("windows", Each(Conv(4, (3, 3), padding=1)), x)
    weight = apply("weight", Weight((5, 12, 3, 3)))
    x.graph.row = "windows"  # a weight interrupts a row where a model is imported
    x = x.graph.apply(Reshape((12, *x.shape[2:])), (x,))
    x = apply("given", Given(Conv(5, 3, bias=False)), x, weight)
    return apply("odd", Unknown("aten.some_operator_with_a_long_name", x.shape, weights=3_000_000), x)


WINDOWED = replace(Network.build(windowed, input=(3, 8, 8)), remarks=("Traced by hand.", "Twice."))
SMALL = Network.build(small, input=(3, 33, 40))
EYES = Network.build(two_eyed, input={"left": (3, 20, 20), "right": (1, 22, 22)}, name="eyes")


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with service.server() as (_, address), Client(address, timeout=HANGS) as found:
        yield found


ASKED: list[tuple[Call[..., Any], tuple[Any, ...], dict[str, Any]]] = [
    (Questions.analyze, (SMALL,), {"batch": 4, "dtype": "float16"}),
    (Questions.analyze, (SMALL,), {"detail": True, "convention": "fvcore"}),
    (Questions.analyze, (EYES,), {}),
    (Questions.analyze, (WINDOWED,), {"detail": True}),
    (Questions.reconcile, (WINDOWED,), {}),
    (Questions.derive, (WINDOWED, "windows", "params"), {}),
    (Questions.graph_picture, (WINDOWED,), {}),
    (Questions.memory, (SMALL,), {"batch": 4, "optimizer": "adam", "train_from": "stage", "device": "t4"}),
    (Questions.memory, (EYES,), {"precision": "amp_bf16", "in_place": "all"}),
    (Questions.memory, (WINDOWED,), {"batch": 2, "weight_decay": True}),
    (Questions.compare, ([SMALL, "lenet5", EYES, WINDOWED],), {"batch": 2}),
    (Questions.stage_fields, ([SMALL, "resnet18"],), {}),
    (Questions.structure, (SMALL,), {}),
    (Questions.resolve, (SMALL,), {}),
    (Questions.formulas, (SMALL,), {}),
    (Questions.exact_formulas, (SMALL,), {}),
    (Questions.evaluate, (SMALL, {"H": 65, "W": 70}), {}),
    (Questions.derive, (SMALL, "conv1", "params"), {}),
    (Questions.derive, (EYES, "join", "output_shape"), {}),
    (Questions.solve, (SMALL, {"mult_adds": "30M"}, "size"), {}),
    (Questions.scaling, (SMALL,), {}),
    (Questions.count, (SMALL, "thop"), {}),
    (Questions.reconcile, (SMALL,), {"tools": ["fvcore", "thop"]}),
    (Questions.graph_picture, (SMALL,), {}),
    (Questions.graph_picture, (EYES,), {}),
]


def identity(question: Any) -> str:
    return f"{question[0].method} {getattr(question[1][0], 'name', 'several')}"


@pytest.mark.parametrize("question", ASKED, ids=identity)
def test_a_server_answers_about_a_network_of_ones_own_as_the_same_graph_here(client: Client, question: Any) -> None:
    """The server knows the graph and not the function: so it is compared with the graph, asked about here."""
    call, args, kwargs = question
    graphs_of_args = [graph_of(args[0]), *args[1:]]
    here = call.function(*graphs_of_args, **kwargs)
    there = getattr(client, service.called(call.function))(*args, **kwargs)
    assert repr(there) == repr(here)


def graph_of(given: Any) -> Any:
    if isinstance(given, list):
        return [graph_of(each) for each in given]
    return replace(Network.of(given.graph()), remarks=given.remarks) if isinstance(given, Network) else given


def test_remarks_travel_and_totals_that_are_lower_bounds_are_marked(client: Client) -> None:
    there = client.analyze(WINDOWED)
    assert there.remarks[:2] == ("Traced by hand.", "Twice.")
    assert there.remarks[2].startswith("Not counted: aten.some_operator_with_a_long_name, 1 time (odd)")


def test_every_op_comes_back_from_a_message_as_it_was() -> None:
    for op in [example.op for example in EXAMPLES]:
        fields = graphs.OP_FIELDS.write(vars(op))
        message = contract.Node.FromString(contract.Node(op=op.message_name, fields=fields).SerializeToString())
        assert graphs.read_op("here", message) == op


def test_the_size_and_the_hyperparameters_of_a_request_are_those_of_the_graph(client: Client) -> None:
    there = client.analyze(SMALL, input=(3, 64, 64), width=32, classes=7)
    here = archcalc.analyze(SMALL, input=(3, 64, 64), width=32, classes=7)
    assert there.totals == here.totals
    assert there.layers == here.layers
    assert there.changed == here.changed == {"width": 32, "classes": 7}
    assert client.analyze(Request.of(SMALL, width=32)).totals == archcalc.analyze(SMALL, width=32).totals
    assert client.analyze(SMALL.graph()).totals == archcalc.analyze(SMALL).totals


def test_a_network_of_the_catalogue_travels_by_its_name() -> None:
    found = CALLS["Analyze"].request((archcalc.zoo.network("resnet50"),), {"classes": 10})
    assert found.network == contract.Network(name="resnet50", hyperparameters={"classes": contract.Value(whole=10)})


def test_what_cannot_be_sent_is_refused_in_a_sentence_and_no_network_is_built(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def built(*_: object) -> None:
        raise AssertionError("a network was built to word an error")

    monkeypatch.setattr(Graph, "apply", built)
    with pytest.raises(ArchcalcError, match="width: a value of the kind object cannot be sent: this request cannot be"):
        client.analyze("mobilenet_v1", width=object())
    with pytest.raises(ArchcalcError, match="a network is a name, a Network or a Graph"):
        client.analyze(object())  # type: ignore[arg-type]


def test_an_op_that_the_server_does_not_have_is_refused_in_a_sentence(client: Client) -> None:
    class Squares(ReLU):  # type: ignore[misc]
        """An op of one's own."""

    def net(x: Value) -> Value:
        return row("square", x, Squares())

    with pytest.raises(ArchcalcError, match=r"Squares\(\) in net / square is an operation that a server does not have"):
        client.analyze(Network.build(net, input=(3, 8, 8)))


NO_BUILDER = "it is a finished graph, whose hyperparameters are settled: ask where the function that builds it is"


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.solve(SMALL, {"params": "100K"}, "width"),
        lambda client: client.formulas(SMALL, ("width",)),
        lambda client: client.evaluate(SMALL, {"width": 4}),
        lambda client: client.compare_formula(SMALL, "3*width", "params", ("width",)),
    ],
    ids=["solve", "formulas", "evaluate", "compare_formula"],
)
def test_hyperparameters_of_a_graph_are_settled_and_the_refusal_says_what_to_do(
    client: Client, ask: Callable[[Client], Any]
) -> None:
    with pytest.raises(ArchcalcError, match=f"small has no .*'width'; it has .*; {NO_BUILDER}$") as refused:
        ask(client)
    assert len(str(refused.value).splitlines()) == 1


def test_the_status_of_what_a_graph_does_not_have_is_that_of_a_wrong_request(client: Client) -> None:
    """No INTERNAL: whoever asked can do something about it."""
    network = {"graph": good()}
    for method, asked in (
        (
            "Solve",
            contract.SolveRequest(
                network=network, targets=[{"name": "params", "value": {"whole": 9}}], variable="width"
            ),
        ),
        ("Formulas", contract.FormulasRequest(network=network, symbols=["width"])),
        (
            "Analyze",
            contract.AnalyzeRequest(network={**network, "hyperparameters": {"width": contract.Value(whole=9)}}),
        ),
    ):
        code, message, _ = service.refusal(client.target, method, asked)
        assert code in ("INVALID_ARGUMENT", "NOT_FOUND"), (method, code, message)
        assert NO_BUILDER in message, (method, message)


@pytest.mark.parametrize(
    ("asked", "ask"),
    [
        ("describe", lambda client: client.describe(SMALL)),
        ("plot", lambda client: client.plot("profile", [SMALL])),
        ("report", lambda client: client.report(["resnet18", EYES])),
        ("validate_networks", lambda client: list(client.validate_networks([SMALL]))),
    ],
)
def test_what_a_server_answers_by_name_alone_is_told(client: Client, asked: str, ask: Callable[[Client], Any]) -> None:
    with pytest.raises(
        ArchcalcError, match=f"a server answers {asked} about networks of the catalogue alone, by their"
    ):
        ask(client)


def test_sequences_and_volumes_have_exact_forms_there_too(client: Client) -> None:
    def net(x: Value) -> Value:
        x = row("conv", x, Conv(4, 3, 2, padding=1), ReLU())
        return row("fc", row("average", x, GlobalAvgPool()), Flatten(), Linear(3))

    for shape in ((2, 40), (3, 8, 16, 16)):
        network = Network.build(net, input=shape)
        assert client.exact_formulas(network) == exact_formulas(Network.of(network.graph()))


def test_the_graph_of_every_network_of_the_catalogue_comes_back_as_it_was() -> None:
    """One name of each file, the newest ones among them."""
    by_file = {archcalc.zoo.network(name).file: name for name in archcalc.names()}
    assert len(by_file) > 40
    for name in by_file.values():
        graph = archcalc.zoo.network(name).graph()
        message = contract.Graph(**graphs.write_graph(graph))
        found = graphs.read_graph(contract.Graph.FromString(message.SerializeToString())).graph()
        assert [repr(node) for node in found.nodes] == [repr(node) for node in graph.nodes], name
        assert found.outputs == graph.outputs, name


# --- Malformed graphs.


def good() -> dict[str, Any]:
    """The fields of a graph that is well formed."""
    graph = Graph("net", (3, 8, 8))
    x = row("conv", graph.input, Conv(4, 3), ReLU())
    return graphs.write_graph(graph.finish(row("fc", x, Flatten(), Linear(10))))


def node(index: int, **fields: Any) -> Callable[[dict[str, Any]], None]:
    """Change fields of an operation's message."""
    return lambda graph: graph["nodes"][index].update(fields)


def conv(**fields: Any) -> Callable[[dict[str, Any]], None]:
    """Change fields of the convolution."""
    return lambda graph: graph["nodes"][0]["fields"].update(fields)


def applied(field: dict[str, Any], op: str = "each") -> Callable[[dict[str, Any]], None]:
    """Make the first operation one that applies another."""
    return node(0, op=op, fields={"op": field})


def weight(size: dict[str, Any], **fields: Any) -> Callable[[dict[str, Any]], None]:
    """Make the second operation a weight of this size."""
    given = {"inputs": [], **fields}
    return node(1, op="weight", fields={"sizes": {"list": {"values": [size]}}}, **given)


TAKES = "does not take"
SPOILT: list[tuple[Callable[[dict[str, Any]], Any], str, str]] = [
    (lambda graph: graph.update(name=""), "name", "from 1 to 200 characters, not 0"),
    (lambda graph: graph.update(name="x" * 201), "name", "from 1 to 200 characters, not 201"),
    (lambda graph: graph.update(inputs=[]), "inputs", "from 1 to 64 items, not 0"),
    (lambda graph: graph.update(inputs=graph["inputs"] * 2), "inputs", "two inputs have the same row"),
    (lambda graph: graph["inputs"][0].update(shape={"sizes": [3, 0, 8]}), "inputs[0].shape.sizes[1]", "1 to 1,000,000"),
    (
        lambda graph: graph["inputs"][0].update(shape={"sizes": [3, 8, 2**40]}),
        "inputs[0].shape.sizes[2]",
        "1 to 1,000,000",
    ),
    (lambda graph: graph["inputs"][0].update(shape={}), "inputs[0].shape.sizes", "from 1 to 8 items, not 0"),
    (lambda graph: graph["inputs"][0].pop("shape"), "inputs[0].shape", "is missing"),
    (
        lambda graph: graph["inputs"].append({"row": "b", "shape": {"sizes": [3, 8]}}),
        "",
        "is never used",
    ),
    (lambda graph: graph.update(nodes=[]), "outputs", "outputs are numbers of values, 0 to 0"),
    (lambda graph: graph.update(nodes=graph["nodes"] * 2501), "nodes", "at most 10,000 items, not 10,004"),
    (lambda graph: graph.update(outputs=[]), "outputs", "from 1 to 10,000 items, not 0"),
    (lambda graph: graph.update(outputs=[-1]), "outputs", "outputs are numbers of values"),
    (lambda graph: graph.update(outputs=[5]), "outputs", "outputs are numbers of values, 0 to 4"),
    (lambda graph: graph.update(outputs=[2]), "", "its output is never used"),
    (node(0, op="convolution"), "nodes[0]", "nearest: conv"),
    (node(0, op="__import__"), "nodes[0]", "no operation is called"),
    (node(1, inputs=[2]), "nodes[1]", "the inputs of an operation are values before it, 0 to 1"),
    (node(1, inputs=[-1]), "nodes[1]", "inputs of an operation are values before it"),
    (node(1, inputs=[]), "nodes[1]", "inputs of an operation are values before it"),
    (node(1, inputs=[1, 1]), "nodes[1]", TAKES),
    (node(3, row="conv"), "nodes[3]", "two rows are called conv"),
    (node(0, row=""), "nodes[0].row", "from 1 to 200 characters, not 0"),
    (node(0, row="x" * 201), "nodes[0].row", "from 1 to 200 characters, not 201"),
    (node(3, row="input"), "nodes[3]", "two rows are called input"),
    (node(1, op="max_pool", fields={"kernel": {"whole": 2}, "stride": {"whole": 2}}), "nodes", "a row holds one"),
    (node(1, owner=0), "nodes[1]", "no operation of the kind 'relu' has the number 0"),
    (node(1, owner=7), "nodes[1]", "has the number 7"),
    (conv(kernel={"whole": 0}), "nodes[0]", "kernel"),
    (conv(kernel={"whole": -3}), "nodes[0]", "kernel|does not take"),
    (conv(kernel={"whole": 9}), "nodes[0]", "in net / conv"),
    (conv(kernel={"whole": 2**40}), "nodes[0]", "kernel of conv cannot be"),
    (conv(kernel={"text": "3"}), "nodes[0]", "kernel of conv cannot be"),
    (conv(kernel={"real": 3.0}), "nodes[0]", "kernel of conv cannot be"),
    (conv(kernel={"digits": "9" * 4000}), "nodes[0]", "kernel of conv cannot be"),
    (conv(kernel={"list": {"values": [{"whole": 3}] * 5}}), "nodes[0]", "does not take|kernel"),
    (conv(kernel={"fraction": {"numerator": 1, "denominator": 2}}), "nodes[0]", "kernel of conv cannot be"),
    (conv(out={"whole": -4}), "nodes[0]", "does not take|out"),
    (conv(out={"list": {}}), "nodes[0]", "out of conv cannot be"),
    (conv(out={"operation": {"op": "relu"}}), "nodes[0]", "out of conv cannot be"),
    (node(0, op="each", fields={}), "nodes[0]", "each needs more fields than none"),
    (applied({"whole": 3}), "nodes[0]", "op of each cannot be"),
    (applied({"text": "conv"}), "nodes[0]", "op of each cannot be"),
    (applied({"operation": {}}), "nodes[0].fields.op.operation.op", "from 1 to 200 characters, not 0"),
    (applied({"operation": {"op": "x"}}), "nodes[0]", "a field of each is invalid: no operation is called 'x'"),
    (applied({"operation": {"op": "__import__"}}), "nodes[0]", "no operation is called '__import__'"),
    (applied({"operation": {"op": "conv"}}), "nodes[0]", "conv has the fields out, kernel"),
    (
        applied({"operation": {"op": "relu", "fields": {"x": {"whole": 1}}}}),
        "nodes[0]",
        "a field of each is invalid: relu has",
    ),
    (applied({"operation": {"op": "relu"}}, "relu"), "nodes[0]", "relu has no field 'op'"),
    (
        applied({"operation": {"op": "max_pool", "fields": {"kernel": {"whole": 2**40}, "stride": {"whole": 2}}}}),
        "nodes[0]",
        "op of each: kernel of max_pool cannot be",
    ),
    (
        applied({"operation": {"op": "each", "fields": {"op": {"operation": {"op": "relu"}}}}}),
        "nodes[0]",
        "op of each cannot be",
    ),
    (applied({"operation": {"op": "linear", "fields": {"out": {"text": "7"}}}}), "nodes[0]", "out of linear cannot be"),
    (lambda it: it.update(remarks=["x"] * 101), "remarks", "at most 100 items, not 101"),
    (lambda it: it.update(remarks=["x" * 2001]), "remarks[0]", "at most 2,000 characters, not 2,001"),
    (
        node(1, op="unknown", inputs=[], fields={"sizes": {"whole": 3}}),
        "nodes[1]",
        "unknown needs more fields than sizes",
    ),
    (weight({"whole": 10**13}), "nodes[1]", "sizes of weight cannot be"),
    (weight({"whole": 10}, inputs=[1]), "nodes[1]", TAKES),
    (conv(groups={"whole": 0}), "nodes[0]", "groups|does not take"),
    (conv(bias={"whole": 2}), "nodes[0]", "bias of conv cannot be"),
    (conv(out={}), "nodes[0]", "out of conv cannot be"),
    (lambda graph: graph["nodes"][0]["fields"].pop("kernel"), "nodes[0]", "conv needs more fields than out"),
    (conv(kernel={"digits": "3x"}), "nodes[0]", "a field of conv is invalid: digits are decimal digits"),
    (conv(padding={"text": "almost"}), "nodes[0]", "padding|does not take"),
    (conv(colour={"whole": 2}), "nodes[0]", "conv has no field 'colour'; it has out, kernel"),
    (conv(shape={"whole": 2}), "nodes[0]", "conv has no field 'shape'; it has out, kernel"),
    (conv(__class__={"whole": 2}), "nodes[0]", "conv has no field '__class__'; it has out, kernel"),
    (lambda it: it.update(settings={"width": {"list": {"values": []}}}), "settings", "each a number, true or false"),
    (
        lambda it: it.update(settings={"w" * 300: {"whole": 1}}),
        f"settings.{'w' * 60}",
        "at most 200 characters, not 300",
    ),
    (lambda it: it.update(settings={"w": {"text": "x" * 300}}), "settings", "have up to 200 characters with their"),
    (
        lambda it: it.update(settings={f"w{i}": {"whole": 1} for i in range(101)}),
        "settings",
        "at most 100 entries, not 101",
    ),
]


@pytest.mark.parametrize(
    ("spoil", "about", "said"), SPOILT, ids=[f"{i} {said}" for i, (_, _, said) in enumerate(SPOILT)]
)
def test_a_graph_that_is_none_is_refused_in_a_sentence_that_names_the_field(
    client: Client, spoil: Callable[[dict[str, Any]], Any], about: str, said: str
) -> None:
    fields = good()
    assert service.refusal(client.target, "Analyze", request(fields))[0] == "OK"
    spoil(fields)
    code, message, details = service.refusal(client.target, "Analyze", request(fields))
    assert code in ("INVALID_ARGUMENT", "NOT_FOUND"), (code, message)
    assert re.search(said, message), message
    assert "\n" not in message
    [violation] = details["BadRequest"].field_violations
    assert violation.field == f"network.graph.{about}".rstrip(".")


def request(fields: dict[str, Any]) -> Any:
    return contract.AnalyzeRequest(network={"graph": fields})
