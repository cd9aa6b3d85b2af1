"""Networks of one's own: whatever can be asked about a name of the catalogue can be asked about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import archcalc
from archcalc import zoo
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.catalogue.descriptions import Description
from archcalc.cli import cli
from archcalc.execution.model import Model
from archcalc.graph import Graph, Network, Value, row
from archcalc.measure.runner import measured
from archcalc.measure.ways import choose
from archcalc.ops.combine import Add, Concat
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pointwise import ReLU
from archcalc.ops.pool import MaxPool
from archcalc.present.catalogue import description_tables
from archcalc.present.layout import as_text
from archcalc.request import Request
from archcalc.search.sweep import Point, sweep_points

FIRST_OF_EACH_FILE = [next(iter(zoo.names_in(stem))) for stem in sorted(zoo.files())]


def small(x: Value, width: int = 16, depth: int = 2, classes: int = 10) -> Value:
    for index in range(depth):
        x = row(f"conv{index + 1}", x, Conv(width, 3, padding=1), ReLU())
    x = row("pool", x, MaxPool(2, 2))
    return row("fc", x, Flatten(), Linear(classes))


def build(**settings: Any) -> Network:
    return Network.build(small, input=(3, 32, 32), name="mine", **settings)


# --- Graphs and networks.


@pytest.mark.parametrize("name", FIRST_OF_EACH_FILE)
def test_a_graph_of_a_catalogue_network_has_its_costs_on_its_own_input_and_on_others(name: str) -> None:
    own = zoo.network(name)
    copy = Network.of(own.graph())
    assert archcalc.analyze(copy).layers == archcalc.analyze(name).layers
    assert archcalc.analyze(own.graph()).totals == archcalc.analyze(name).totals
    channels, height, width = own.input
    try:
        expected = archcalc.analyze(name, input=(channels, height + 32, width + 32))
    except ArchcalcError:
        return  # the network takes no such size
    if [layer.op for layer in expected.layers] != [layer.op for layer in archcalc.analyze(name).layers]:
        return  # its structure depends on the size
    try:
        found = archcalc.analyze(copy, input=(channels, height + 32, width + 32))
    except ArchcalcError:
        assert name.startswith(("swin", "ror", "spatial"))  # ops that hold sizes of their own
        return
    assert found.totals.params == expected.totals.params or name.startswith("swin")


def test_a_request_is_the_same_however_it_is_made() -> None:
    written = archcalc.analyze("mobilenet_v1", input=(3, 192, 192), batch=4, dtype="float16", width=0.5)
    request = Request("mobilenet_v1", (3, 192, 192), 4, "float16", {"width": 0.5})
    assert archcalc.analyze(request) == written
    assert archcalc.analyze(Request.of("mobilenet_v1", width=0.5), input=(3, 192, 192), batch=4, dtype="float16") == (
        written
    )
    assert archcalc.analyze(zoo.network("mobilenet_v1"), width=0.5, input=(3, 192, 192)).totals.mult_adds == (
        written.totals.mult_adds
    )


def test_hyperparameters_may_have_any_name() -> None:
    """No word is reserved: `batch`, `input` and `detail` are arguments of this network's builder."""

    def net(x: Value, batch: int = 2, input: int = 3, detail: bool = False) -> Value:
        return row("conv", x, Conv(8 * batch, input, bias=detail))

    network = Network.build(net, input=(3, 9, 9))
    request = Request(network, batch=5, settings={"batch": 4, "input": 5, "detail": True})
    analysis = archcalc.analyze(request, detail=True)
    assert analysis.layers[1].output_shape == (32, 5, 5)
    assert analysis.totals.params == 32 * (3 * 5 * 5 + 1)
    assert analysis.batch == 5


def test_arguments_of_the_builder_are_hyperparameters_with_their_kinds() -> None:
    def net(x: Value, width: int = 4, ratio: float = 0.5, bias: bool = True, act: str = "relu") -> Value:
        return row("conv", x, Conv(int(width * ratio), 1, bias=bias), *([ReLU()] if act == "relu" else []))

    network = Network.build(net, input=(3, 4, 4), width=8)
    assert network.defaults() == {"width": 8, "ratio": 0.5, "bias": True, "act": "relu", "in_channels": 3}
    assert archcalc.analyze(network, ratio="0.25", bias="false", width="12").totals.params == 3 * 3
    for wrong, said in (
        ({"width": "wide"}, "net: width (width) is a whole number, not 'wide'"),
        ({"bias": 2}, "net: bias (bias) is true or false, not 2"),
        ({"depth": 2}, "net has no hyperparameter 'depth'; it has width, ratio, bias, act, in_channels"),
    ):
        with pytest.raises(ArchcalcError) as error:
            archcalc.analyze(network, **wrong)
        assert str(error.value) == said


def nothing(x: Value) -> Any:
    row("conv", x, Conv(4, 1))


def needy(x: Value, width: int) -> Value:
    return row("conv", x, Conv(width, 1))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Network.build(nothing, input=(3, 4, 4)), "nothing: the function that builds it returns its output"),
        (lambda: Network.build(needy, input=(3, 4, 4)), "needy needs width: Network.build(..., width=...)"),
        (lambda: Network.build(small, input=(3, 0, 4)), "small: an input size is from 1 to 1000000, not 0"),
        (lambda: Network.build(small, input=()), "small: an input is a shape such as (3, 32, 32), not ()"),
        (lambda: Network.build(small, input={"y": (3, 4, 4)}), "the inputs y are not the first parameters of small: x"),
        (lambda: Network.build(small, input=(3, 1, 1)), "MaxPool(kernel=2, stride=2) on (16, 1, 1) in small / pool"),
        (
            lambda: Network.of(Graph("empty", (3, 4, 4))),
            "empty is not finished: Graph.finish(output) names",
        ),
        (lambda: archcalc.analyze(build(), input=(3, 8)), "mine: an input is (channels, height, width), not (3, 8)"),
        (lambda: archcalc.analyze(build(), input=(4, 8, 8)), "mine takes 3 input channels, not 4 (in_channels=4"),
        (lambda: archcalc.analyze(7), "a network is a name, a Network or a Graph, not 7"),  # type: ignore[arg-type]
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(ArchcalcError) as error:
        make()
    assert said in str(error.value)
    assert "\n" not in str(error.value)


# --- Several inputs and outputs.


def two(image: Value, mask: Value, width: int = 8) -> tuple[Value, Value]:
    a = row("a", image, Conv(width, 3, padding=1))
    b = row("b", mask, Conv(width, 3, padding=1))
    joined = row("add", (a, b), Add(), ReLU())
    return row("out", joined, Conv(2, 1)), row("both", (joined, a), Concat())


def test_a_network_of_several_inputs_and_outputs_is_counted_and_executed_alike() -> None:
    network = Network.build(two, input={"image": (3, 16, 16), "mask": (1, 16, 16)})
    analysis = archcalc.analyze(network)
    assert [layer.row for layer in analysis.layers] == ["image", "mask", "a", "b", "add", "out", "both"]
    assert analysis.totals.params == (27 * 8 + 8) + (9 * 8 + 8) + (8 * 2 + 2)
    assert analysis.totals.mult_adds == 256 * (27 * 8 + 9 * 8 + 8 * 2)
    verdict = archcalc.validate(network)
    assert verdict.agrees, [outcome for outcome in verdict.outcomes if outcome.status in ("differs", "failed")]
    ran = {outcome.check: outcome.status for outcome in verdict.outcomes}
    assert [ran[check] for check in ("shapes", "parameters", "flops", "fvcore", "memory")] == ["agrees"] * 5


def test_other_inputs_are_given_together() -> None:
    network = Network.build(two, input=[(3, 16, 16), (1, 16, 16)])
    larger = archcalc.analyze(network, input=((3, 20, 20), (1, 20, 20)), width=4)
    assert larger.layers[-1].output_shape == (8, 20, 20)
    with pytest.raises(ArchcalcError, match="two has 2 inputs, by default"):
        archcalc.analyze(network, input=(3, 20, 20))
    assert archcalc.closed_form(network, ("width",))(width=8)["params"] == archcalc.analyze(network).totals.params


# --- Every question.


def test_every_question_takes_a_network() -> None:
    mine = build()
    totals = archcalc.analyze(mine).totals
    assert "conv1" in mine.table()
    assert archcalc.closed_form(mine)(H=32, W=32)["mult_adds"] == totals.mult_adds
    assert archcalc.exact_form(mine)(33, 35)["mult_adds"] == (
        archcalc.analyze(mine, input=(3, 33, 35)).totals.mult_adds
    )
    assert [line.total for line in archcalc.reconcile(mine, to="fvcore").lines] == [totals.mult_adds] * 2
    assert archcalc.why(mine, "conv1", "params").value == 16 * 28
    assert archcalc.count(mine, "torch").total == 2 * totals.mult_adds
    within = archcalc.solve(mine, {"params": "1M"}, "width").within
    assert within is not None
    assert archcalc.analyze(mine, width=within.value).totals.params <= 10**6
    assert archcalc.analyze(mine, width=within.value + 1).totals.params > 10**6
    assert {growth.variable for growth in archcalc.scaling(mine).variables} == {"size", "width", "depth"}
    assert [each.totals for each in sweep_points(mine, [Point(None, {"width": 4})])] == [
        archcalc.analyze(mine, width=4).totals
    ]
    reading = archcalc.explain(f"{totals.params:,}", architecture=mine).readings[0].reading
    assert (reading.value, reading.changes) == (totals.params, ())
    assert archcalc.graph_picture(mine).startswith(b'digraph "mine"')
    assert archcalc.plot("field", [mine, "lenet5"], "csv").count(b"mine,") == 3
    assert b"# mine" in archcalc.report([mine], "md")


def test_facts_about_one_s_own_network_do_not_linger() -> None:
    """Two networks of one name, and one of a name of the catalogue, are each read as they are."""
    for classes in (10, 20):
        mine = Network.build(small, input=(3, 32, 32), name="lenet5", classes=classes)
        params = archcalc.analyze(mine).totals.params
        assert archcalc.explain(f"{params:,}", architecture=mine).readings[0].reading.value == params
    assert archcalc.explain("60,000", architecture="lenet5").readings[0].reading.value == 60_000


def test_a_closed_form_is_never_wrong_where_layers_depend_on_sizes() -> None:
    """A plain comparison is refused; `archcalc.equal` keeps the form, and says where it does not hold."""

    def net(x: Value, width: int = 16, *, equal: Callable[[Any, Any], bool]) -> Value:
        y = row("conv", x, Conv(width, 3, padding=1))
        if not equal(width, 3):
            x = row("project", x, Conv(width, 1))
        return row("add", (x, y), Add())

    def plainly(x: Value, width: int = 16) -> Value:
        return net(x, width, equal=lambda a, b: a == b)

    def openly(x: Value, width: int = 16) -> Value:
        return net(x, width, equal=archcalc.equal)

    with pytest.raises(ArchcalcError, match=r"plainly: .*layers depend on width == 3: archcalc.equal"):
        archcalc.closed_form(Network.build(plainly, input=(3, 8, 8)), ("width",))
    network = Network.build(openly, input=(3, 8, 8))
    form = archcalc.closed_form(network, ("width",))
    assert form.conditions == ("width != 3",)
    assert form(width=5)["params"] == archcalc.analyze(network, width=5).totals.params
    with pytest.raises(ArchcalcError, match="does not hold where"):
        form(width=3)


def test_a_closed_form_does_not_depend_on_those_found_before() -> None:
    """Facts are shared between layers of plain numbers only: symbols note conditions for their own form."""
    before = archcalc.closed_form("zfnet_wide_cs231n")
    for name in ("vgg16", "alexnet", "zfnet"):
        archcalc.closed_form(name)
    after = archcalc.closed_form("zfnet_wide_cs231n")
    assert before.symbols == after.symbols
    assert [symbol.least for symbol in after.symbols] == [2, 2]


# --- Quantities.


EXECUTED = ["lenet5", "resnet18", "shufflenet_v1_g3_1.0x", "googlenet", "densenet121", "swin_t", "unet"]


@pytest.mark.parametrize("name", EXECUTED)
def test_bytes_moved_are_those_of_the_tensors_that_the_executed_ops_read_and_write(name: str) -> None:
    """Counted on the executed model: an op whose output lies in its input's storage moves nothing."""
    torch: Any = pytest.importorskip("torch")
    found = zoo.network(name)
    graph = found.graph()
    model = Model(graph).eval()
    values: dict[int, Any] = {}
    moved = 0

    def watch(index: int, value: Any) -> None:
        nonlocal moved
        node = graph.nodes[index]
        values[index] = value
        read = [values[source] for source in node.inputs]
        storages = {each.untyped_storage().data_ptr() for each in read}
        if not read or value.untyped_storage().data_ptr() in storages:
            return
        step = model.steps[index]
        owned = [*step.parameters(), *[each for each in step.buffers() if each.is_floating_point()]]
        moved += 4 * sum(each.numel() for each in (*read, value, *owned))

    with torch.no_grad(), model.watched(watch):
        model(torch.zeros(1, *found.input))
    assert archcalc.analyze(name).totals.bytes_moved == moved


def test_a_training_step_holds_more_than_what_autograd_saves_parameters_and_gradients() -> None:
    totals = archcalc.analyze("vgg16", batch=8).totals
    last = 4 * (4096 * 1000 + 1000)  # gradients of the last layer: those of the others come while activations go
    assert totals.training_step_bytes > totals.training_saved_bytes + 2 * totals.parameter_bytes + last
    assert totals.arithmetic_intensity == 8 * totals.mult_adds / totals.bytes_moved


# --- The command line.

MINE = """
from archcalc import Network, row
from archcalc.ops import Conv, Flatten, Linear, MaxPool, ReLU

def net(x, width=16):
    x = row("conv1", x, Conv(width, 3, padding=1), ReLU())
    x = row("pool1", x, MaxPool(2, 2))
    return row("fc", x, Flatten(), Linear(10))

def wide(x, width):
    return row("conv", x, Conv(width, 1))

mine = Network.build(net, input=(3, 32, 32), name="mine")
number = 3
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    return str(path)


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args, standalone_mode=False)


@pytest.mark.parametrize(
    "command",
    [
        "table {}:net --size 32",
        "table {}",
        "table {}:wide --input 3x8x8 --set width=4",
        "rf {} resnet18",
        "compare {} resnet18",
        "formula {}:mine --symbols S,width",
        "formula {} --exact",
        "formula {} --equals 4288*h*w",
        "solve {} --target mult_adds=1M --for size",
        "scaling {}",
        "why {} conv1 params",
        "reconcile {} --to fvcore",
        "explain 41,418 --architecture {}",
        "graph {}",
        "plot profile {} --format csv",
        "report {} --format md",
        "validate {}",
        "show {}",
        "measure {} --batch 1 --seconds 0.01 --precision float32 --no-training",
    ],
)
def test_every_command_takes_a_file(command: str, file: str) -> None:
    result = run(*command.format(file).split())
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "net" in result.output or "mine" in result.output or "wide" in result.output


def test_what_is_known_of_ones_own_network_is_its_input_and_its_hyperparameters() -> None:
    both = Network.build(lambda p, q, width=3: two(p, q, width), input=[(1, 8, 8), (1, 8, 8)], name="both")
    found = archcalc.describe(both)
    assert isinstance(found, Description)
    assert [(each.name, each.value) for each in found.hyperparameters] == [("width", 3)]
    assert found.notes == ("Inputs: p 1x8x8, q 1x8x8.",)
    text = "".join(map(as_text, description_tables(found)))
    assert "BibTeX" not in text
    assert "published" not in text


def test_there_is_no_paper_of_ones_own_network_to_cite(file: str) -> None:
    error = run("show", file, "--bibtex").exception
    assert str(error) == "mine is a network of your own: there is no paper to cite"


def test_measured_are_networks_of_several_inputs_of_sequences_and_of_volumes_too() -> None:
    ways = choose("cpu", [2], ["float32"], [], training=True, seconds=0.01)
    both = Network.build(
        lambda a, b: row("fc", row("add", (a, b), Add()), Flatten(), Linear(3)), input=[(2, 9), (2, 9)], name="both"
    )
    deep = Network.build(lambda x: row("fc", row("conv", x, Conv(4, 3)), Flatten(), Linear(3)), input=(1, 5, 6, 7))
    found = list(measured([both, deep], ways))
    assert [each.input for each in found] == [(2, 9), (1, 5, 6, 7)]
    why = {(each.name, way.layout): way.reason for each in found for way in each.inference if way.reason}
    assert why == {("both", "channels_last"): "PyTorch has channels_last for images and volumes only"}
    assert all(way.time is not None for each in found for way in each.training)


def test_a_file_gives_what_its_network_gives(file: str) -> None:
    found = json.loads(run("table", f"{file}:net", "--size", "64", "--set", "width=8", "--format", "json").output)
    mine = Network.build(small, input=(3, 64, 64), depth=1, width=8)
    assert found["totals"]["params"] == archcalc.analyze(mine).totals.params
    assert found["architecture"] == "net"


def test_a_function_of_a_file_is_built_on_a_size_that_can_be_searched_for(file: str) -> None:
    """--size says on which input it is built; as of a network, the size is free where it is searched for."""
    asked = ("--target", "mult_adds=10M", "--for", "size")
    found = [run("solve", f"{file}:net", "--size", size, *asked).stdout for size in ("32", "64")]
    assert found[0] == found[1] != ""
    assert run("table", f"{file}:net", "--size", "32").stdout != run("table", f"{file}:net", "--size", "64").stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("{}:nat", "mine.py has nothing called nat; did you mean net?"),
        ("{}:net", "mine.py:net is a function: give its input by --size or --input"),
        ("{}:number", "mine.py:number is not a Network, a Graph or a function that builds one, but '3'"),
        ("{}x.py", "is not a file"),
    ],
)
def test_a_file_without_the_network_is_refused_in_one_sentence(name: str, said: str, file: str) -> None:
    result = run("table", name.format(file))
    assert isinstance(result.exception, ArchcalcError)
    assert said in str(result.exception)


def test_a_mistake_in_the_file_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("a = 1\nb = undefined\n")
    result = run("table", f"{path}:b")
    assert isinstance(result.exception, ArchcalcError)
    assert f"{path}, line 2: NameError: name 'undefined' is not defined" in str(result.exception)


@pytest.mark.parametrize("command", ["table {}:slips --size 8", "table {} --set width=0", "formula {} --symbols width"])
def test_a_mistake_in_a_function_of_the_file_is_told_with_its_line(command: str, tmp_path: Path) -> None:
    path = tmp_path / "slips.py"
    path.write_text(
        "from archcalc import Network, row\n"
        "from archcalc.ops import Conv\n"
        "def slips(x):\n"
        "    return x.nothing\n"
        "def net(x, width=4):\n"
        "    assert type(width) is int and width, 'none at all'\n"
        "    return row('conv', x, Conv(width, 1))\n"
        "mine = Network.build(net, input=(3, 8, 8))\n"
    )
    result = run(*command.format(path).split())
    assert isinstance(result.exception, ArchcalcError), result.exception
    line, said = (4, "AttributeError: 'Value'") if "slips --size" in command else (6, "AssertionError: none at all")
    assert str(result.exception).startswith(f"{path}, line {line}: {said}")


ODD = """
from archcalc import Graph, row
from archcalc.ops import Conv
def number(x): return 3
def a_list(x): return [x]
def same(x): return x
def nothing(): return 3
def elsewhere(x): return Graph("o", (3, 8, 8)).input
def two_lines(x): return row("a\\nb", x, Conv(2, 3))
def nameless(x): return row("", x, Conv(2, 3))
def no_op(x): return row("a", x, 5)
def leaves(x): raise SystemExit(3)
def endless(x): return endless(x)
def listed(x, widths=[8, 16]):
    for i, width in enumerate(widths):
        x = row(f"conv{i}", x, Conv(width, 3))
    return x
def keywords(x, *, width): return row("a", x, Conv(width, 3))
built_in = int
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("number", "number: the function that builds it returns its output, a Value, not 3"),
        ("a_list", "a_list: the function that builds it returns its output, a Value, not [Value of (3, 8, 8)]"),
        ("same", "same: it has no operations, and returns its input as it is"),
        ("nothing", "nothing has 0 parameters, too few for 1 input"),
        ("elsewhere", "elsewhere: Value of (3, 8, 8) is a value of another graph"),
        ("two_lines", r"two_lines: a row has a name of one line, not 'a\nb'"),
        ("nameless", "nameless: a row has a name of one line, not ''"),
        ("no_op", "no_op / a: a row applies operations such as Conv(16, 3), and 5 is no operation"),
        ("leaves", "line 12: SystemExit: 3"),
        ("endless", "line 13: RecursionError"),
        ("built_in", "int is no function whose parameters Python can tell"),
        ("keywords", "keywords needs width: Network.build(..., width=...)"),
    ],
)
def test_a_function_that_builds_no_network_is_refused_in_one_sentence(name: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_text(ODD)
    error = run("table", f"{path}:{name}", "--size", "8").exception
    assert isinstance(error, ArchcalcError), error
    assert said in str(error)
    assert len(str(error).splitlines()) == 1


def test_a_list_is_read_from_the_command_line_and_keywords_are_hyperparameters(tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_text(ODD)
    found = json.loads(run("table", f"{path}:listed", "--size", "8", "--set", "widths=[4]", "--format", "json").output)
    assert found["totals"]["params"] == 4 * (27 + 1)
    found = json.loads(run("table", f"{path}:keywords", "--size", "8", "--set", "width=4", "--format", "json").output)
    assert found["totals"]["params"] == 4 * (27 + 1)


def test_a_network_without_sizes_has_scaling_laws_in_its_hyperparameters() -> None:
    scaling = archcalc.scaling(Network.build(two, input=[(3, 16, 16), (1, 16, 16)]))
    assert [laws.variable for laws in scaling.variables] == ["width"]


def test_a_server_is_never_sent_a_file(file: str) -> None:
    with pytest.raises(UnknownName):
        archcalc.analyze(file)
