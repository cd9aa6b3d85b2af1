"""Exports for tools that model hardware: what each tool counts of a file is what archcalc counts of the network."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sympy
from click.testing import CliRunner
from exported import Layer, elements, gemm_layers, read, scalesim_layers, timeloop_layers, zigzag_layers
from hypothesis import given
from hypothesis import strategies as st
from op_examples import EXAMPLES, Example, example_id
from test_imported_tools import SAMPLE, network

import archcalc
from archcalc import Export, Graph, Network, Value, row, zoo
from archcalc.base.errors import ArchcalcError
from archcalc.cli import cli
from archcalc.exporters.nodes import WRITERS, loop_nests
from archcalc.ops import Add, Attention, Conv, Flatten, Linear, MatMul, ReLU, Unknown, Weight
from archcalc.request import Request, names
from archcalc.validation.random_nets import draw

FORMS = tuple((tool, layout) for tool in ("scalesim", "timeloop", "zigzag") for layout in ("convolution", "gemm"))
SHORT = tuple(form for form in FORMS if form[0] == "scalesim")
"""The forms that are read fast: YAML is checked of one network of each file of the catalogue."""
ONE_OF_EACH = frozenset({each.file: each.name for each in zoo.networks()}.values())
LEARNT = ("conv", "linear", "conv_transpose", "table_conv")
"""Kinds of ops whose weights are the second factor of their products."""


def layers(exported: Export, layout: str) -> list[Layer]:
    """The layers of an export, by the reader of its format; their names are unlike, and safe."""
    rows: Callable[[str], Iterator[Layer]] = scalesim_layers if layout == "convolution" else gemm_layers
    if exported.tool == "timeloop":
        found = list(timeloop_layers(exported.files))
    else:
        found = list((zigzag_layers if exported.tool == "zigzag" else rows)(exported.text))
    assert len({layer.name.lower() for layer in found}) == len(found)
    assert all(re.fullmatch(r"\w+", layer.name, re.ASCII) for layer in found)
    return found


def check(graph: Graph, tool: str, layout: str, batch: int = 1) -> list[Layer]:
    """The layers of a graph in a format: their mult-adds sum to the graph's."""
    found = layers(archcalc.export(graph, tool, layout, batch=batch), layout)
    assert sum(layer.mult_adds for layer in found) == batch * archcalc.analyze(graph).totals.mult_adds
    return found


@pytest.mark.parametrize("name", names())
def test_what_each_tool_counts_of_a_network_are_its_mult_adds(name: str) -> None:
    """Also the second factors are its weights, and the results its maps, where each layer has weights of its own."""
    request = Request.of(name)
    wanted = archcalc.analyze(request).totals.mult_adds
    facts = zip(request.graph.nodes, request.graph.facts, strict=True)
    counted = [(node.op.kind, each) for node, each in facts if each.work.multiply_accumulate]
    kinds = {kind for kind, _ in counted}
    for tool, layout in FORMS if name in ONE_OF_EACH else SHORT:
        exported = archcalc.export(request, tool, layout)
        found = layers(exported, layout)
        assert sum(layer.mult_adds for layer in found) == wanted == exported.mult_adds, (tool, layout)
        if kinds <= set(LEARNT):
            weights = sum(each.params.weight for _, each in counted)
            assert sum(layer.weights for layer in found) == weights, (tool, layout)
        if kinds <= set(LEARNT) - {"conv_transpose"}:
            assert sum(layer.outputs for layer in found) == sum(each.elements for _, each in counted), (tool, layout)


@given(st.integers(0, 2**32), st.integers(1, 3))
def test_what_each_tool_counts_of_a_random_network_are_its_mult_adds(seed: int, batch: int) -> None:
    graph = draw(Random(seed))  # noqa: S311
    if archcalc.analyze(graph).totals.mult_adds:
        for tool, layout in FORMS:
            check(graph, tool, layout, batch)


WINDOWS = st.tuples(*[st.integers(1, most) for most in (4, 3, 3)], *[st.integers(0, 3)] * 3)


@given(st.lists(WINDOWS, min_size=1, max_size=3), *[st.integers(1, 3)] * 4)
def test_a_convolution_of_any_axes_has_its_products_weights_and_outputs(
    windows: list[tuple[int, ...]], groups: int, channels: int, filters: int, batch: int
) -> None:
    """Kernels, strides, dilations, and zeros before and behind differ on one to three axes."""
    kernel, stride, dilation, before, after, more = zip(*windows, strict=True)
    sizes = [(k - 1) * d + 1 + extra for k, d, extra in zip(kernel, dilation, more, strict=True)]
    conv = Conv(groups * filters, kernel, stride, tuple(zip(before, after, strict=True)), dilation, groups)
    graph = Graph("one", (groups * channels, *sizes))
    result = row("conv", graph.input, conv)
    graph.finish(result)
    each = channels * math.prod(kernel)
    for tool, layout in FORMS:
        found = check(graph, tool, layout, batch)
        assert sum(layer.outputs for layer in found) == batch * math.prod(result.shape), (tool, layout)
        assert {layer.mult_adds / layer.outputs for layer in found} == {each}, (tool, layout)
        assert sum(layer.weights for layer in found) % (filters * groups * each) == 0, (tool, layout)


def applied(example: Example) -> Graph:
    """The graph of an example; inputs that are the same for all images are learnt."""
    own = len(example.shapes) if example.images is None else example.images
    graph = Graph("example", *example.shapes[:own])
    learnt: list[Value] = []
    for shape in example.shapes[own:]:
        graph.row = f"weight{len(learnt)}"
        learnt.append(graph.apply(Weight(shape), ()))
    graph.row = "layer"
    return graph.finish(example.op(*graph.inputs, *learnt))


MULTIPLYING = [each for each in EXAMPLES if each.shapes and each.op.work(*each.shapes).multiply_accumulate]


@pytest.mark.parametrize("example", MULTIPLYING, ids=example_id)
@pytest.mark.parametrize("batch", [1, 3])
def test_every_op_that_multiplies_and_accumulates_is_written(example: Example, batch: int) -> None:
    for tool, layout in FORMS:
        check(applied(example), tool, layout, batch)


def test_there_is_an_example_of_every_writer() -> None:
    assert {type(example.op) for example in MULTIPLYING} == set(WRITERS)


def attention() -> Graph:
    graph = Graph("heads", (5, 7, 8), (5, 9, 8), (5, 9, 6))
    return graph.finish(row("a", graph.inputs, Attention()))


def test_attention_is_two_products_for_each_head_and_image() -> None:
    text = archcalc.export(attention(), "scalesim", "gemm", batch=2).text
    lines = Counter(line.partition(",")[2] for line in text.splitlines()[1:])
    assert lines == {" 7, 9, 8,": 10, " 7, 6, 9,": 10}
    scores, values = read(archcalc.export(attention(), "zigzag", batch=2).text)
    assert (scores["loop_dims"], scores["loop_sizes"]) == (["D", "C", "K", "H"], [7, 8, 9, 10])
    assert values["operand_source"] == {"I": 0, "W": 1}


def test_images_share_a_matrix_that_is_learnt_and_no_other() -> None:
    """So its rows are those of all images; a computed one is of its image."""
    for learnt in (True, False):
        graph = Graph("products", (7, 5), *[] if learnt else [(5, 3)])
        other = graph.apply(Weight((5, 3)), ()) if learnt else graph.inputs[1]
        graph.finish(row("m", (graph.inputs[0], other), MatMul()))
        (layer,) = read(archcalc.export(graph, "zigzag", batch=4).text)
        assert layer["loop_sizes"] == ([28, 5, 3] if learnt else [7, 5, 3, 4])
    graph = Graph("turned", (5, 3))
    graph.finish(row("m", (graph.apply(Weight((7, 5)), ()), graph.inputs[0]), MatMul()))
    (layer,) = read(archcalc.export(graph, "zigzag", batch=4).text)
    assert layer["loop_sizes"] == [12, 5, 7]


def conv(*sizes: int, op: Conv, batch: int = 1) -> list[str]:
    """The rows of SCALE-Sim for one convolution."""
    graph = Graph("one", sizes)
    graph.finish(row("c", graph.input, op))
    return archcalc.export(graph, "scalesim", batch=batch).text.splitlines()[1:]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (conv(3, 224, 224, op=Conv(64, 7, 2, 3)), ["c, 229, 229, 7, 7, 3, 64, 2,"]),
        (conv(3, 9, 9, op=Conv(4, 1, 2), batch=2), ["c, 19, 9, 1, 1, 3, 4, 2, # batch of 2"]),
        (conv(3, 9, 9, op=Conv(4, 3, 2), batch=2), [f"c_{i}of2, 9, 9, 3, 3, 3, 4, 2, # batch of 2" for i in (1, 2)]),
        (conv(1, 8, 8, op=Conv(4, 3)), ["c, 8, 8, 3, 3, 1, 4, 1,"]),
        (conv(3, 32, 32, op=Conv(8, 4, 4), batch=2), ["c, 64, 32, 4, 4, 3, 8, 4, # batch of 2"]),
        (conv(6, 8, 8, op=Conv(12, 3, groups=6)), ["c_DP, 8, 8, 3, 3, 6, 2, 1,"]),
        (conv(6, 8, 8, op=Conv(4, 3, groups=2)), [f"c_{i}of2, 8, 8, 3, 3, 3, 2, 1, # 2 groups" for i in (1, 2)]),
        (conv(6, 9, 9, op=Conv(4, 3, dilation=2)), ["c, 7, 7, 3, 3, 6, 4, 1, # dilation 2x2 left out"]),
        (conv(2, 9, 9, op=Conv(4, (1, 3), (2, 1))), ["c, 5, 9, 1, 3, 2, 4, 1,"]),
        (conv(2, 9, op=Conv(4, 3), batch=2), ["c, 9, 2, 3, 1, 2, 4, 1, # batch of 2"]),
    ],
    ids=lambda each: each[0],
)
def test_a_convolution_for_scalesim_is_the_part_of_the_padded_map_that_windows_cover(
    rows: list[str], wanted: list[str]
) -> None:
    """By hand: (outputs - 1) * stride + kernel positions; 224 with three zeros on each side have 112 outputs."""
    assert rows == wanted


def test_two_strides_and_three_axes_are_a_product_for_scalesim() -> None:
    (two,) = conv(2, 9, 9, op=Conv(4, 3, (2, 1)))
    assert two.startswith("c, 28, 1, 1, 1, 18, 4, 1, # im2col")
    (three,) = conv(2, 5, 5, 5, op=Conv(4, 3))
    assert three.startswith("c, 27, 1, 1, 1, 54, 4, 1, # im2col")


@pytest.mark.parametrize(("op", "shared"), [(Conv(4, 1), False), (Conv(4, 3, 3), False), (Conv(4, 3, 2), True)])
def test_the_note_on_im2col_stands_where_windows_share_inputs(op: Conv, shared: bool) -> None:
    graph = Graph("one", (3, 9, 9))
    graph.finish(row("c", graph.input, op))
    assert ("# im2col" in archcalc.export(graph, "scalesim", "gemm").text) == shared


def test_names_do_not_turn_a_layer_into_a_depthwise_one() -> None:
    """SCALE-Sim repeats a layer with DP in its name; names are cut to letters, digits and underscores."""
    graph = Graph("named", (4, 8, 8))
    x = graph.input
    for label in ("DPN, block 1", "DPN/block/1", "größe"):
        x = row(label, x, Conv(4, 3, padding=1))
    graph.finish(x)
    assert [layer.name for layer in check(graph, "timeloop", "gemm")] == ["DPN_block_1", "DPN_block_1_2", "gr_e"]
    assert len(check(graph, "scalesim", "convolution")) == 3


def test_equal_layers_are_one_problem_of_timeloop_with_their_number() -> None:
    files = archcalc.export("resnet18", "timeloop").files
    index = files["layers.csv"].splitlines()
    first = next(line for line in index if ",4," in line)
    assert first.split(",")[2] == str(64 * 64 * 9 * 56 * 56)
    assert len(files) == len(index)


def test_layers_of_other_strides_are_other_problems() -> None:
    """Though their loops are as long: 7 x 7 outputs of 9 x 9 positions, and of 15 x 15."""
    graph = Graph("two", (3, 9, 9), (3, 15, 15))
    small, large = graph.inputs
    graph.finish(row("a", small, Conv(4, 3)), row("b", large, Conv(4, 3, 2)), row("c", small, Conv(4, 3)))
    assert archcalc.export(graph, "timeloop").files["layers.csv"].splitlines()[1:] == [
        "1_a.yaml,2,5292,a c",
        "2_b.yaml,1,5292,b",
    ]


def test_zigzag_gets_the_padding_the_precision_and_the_producers() -> None:
    text = archcalc.export("resnet18", "zigzag", dtype="int8").text
    data: list[dict[str, Any]] = read(text)
    assert data[0]["padding"] == [[3, 3], [3, 3]]
    assert data[0]["pr_loop_sizes"] == [224, 224]
    assert data[0]["operand_precision"] == {"W": 8, "I": 8, "O": 16, "O_final": 8}
    assert [each["id"] for each in data] == list(range(21))
    assert data[1]["operand_source"] == {"W": 1, "I": 0}


def test_height_and_width_are_not_mixed_up() -> None:
    graph = Graph("one", (2, 20, 30))
    graph.finish(row("c", graph.input, Conv(4, (3, 5), (2, 3), ((1, 2), (0, 4)), (1, 2))))
    (layer,) = read(archcalc.export(graph, "zigzag").text)
    sizes = dict(zip(layer["loop_dims"], layer["loop_sizes"], strict=True))
    assert sizes == {"B": 1, "K": 4, "C": 2, "OX": 9, "OY": 11, "FX": 5, "FY": 3}
    assert layer["dimension_relations"] == ["ix=3*ox+2*fx", "iy=2*oy+1*fy"]
    assert (layer["pr_loop_dims"], layer["pr_loop_sizes"]) == (["IX", "IY"], [30, 20])
    assert layer["padding"] == [[0, 4], [1, 2]]
    problem = read(archcalc.export(graph, "timeloop").files["1_c.yaml"])["problem"]
    (inputs,) = [space for space in problem["shape"]["data_spaces"] if space["name"] == "Inputs"]
    assert elements(inputs, problem["instance"]) == 2 * (20 + 3) * (30 + 4 - 1)  # no window reads the last column
    assert problem["instance"] == {"C": 2, "M": 4, "N": 1, "R": 5, "P": 9, "S": 3, "Q": 11} | {
        "Wstride": 3,
        "Wdilation": 2,
        "Hstride": 2,
        "Hdilation": 1,
    }


def small(x: Value) -> Value:
    return row("fc", row("conv", x, Conv(8, 3), ReLU()), Flatten(), Linear(10))


MINE = Network.build(small, input=(3, 8, 8), name="mine")


def test_a_network_of_one_s_own_is_exported_and_what_has_no_products_is_named() -> None:
    exported = archcalc.export(MINE, "scalesim")
    assert exported.text.splitlines()[1:] == ["conv, 8, 8, 3, 3, 3, 8, 1,", "fc, 1, 1, 1, 1, 288, 10, 1,"]
    assert exported.left_out == {"relu": 1}
    assert exported.layers == 2


@pytest.mark.parametrize("name", SAMPLE)
def test_what_each_tool_counts_of_an_imported_model_are_its_mult_adds(name: str) -> None:
    for tool, layout in FORMS:
        check(network(name).graph(), tool, layout, batch=2)


def test_what_is_not_known_is_named_apart() -> None:
    graph = Graph("some", (3, 8, 8))
    x = row("strange", graph.input, Unknown("mystery", (3, 8, 8)))
    graph.finish(row("c", x, Conv(4, 3)))
    exported = archcalc.export(graph, "zigzag")
    assert (exported.unknown, exported.left_out) == ({"mystery": 1}, {})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"to": "scalsim"}, "no tool is called 'scalsim'; nearest: scalesim"),
        ({"to": "zigzag", "layout": "matrix"}, "no layout is called 'matrix'"),
        ({"to": "zigzag", "batch": 0}, "a batch is"),
        ({"to": "zigzag", "batch": sympy.Symbol("n")}, "a batch in numbers, not n"),
        ({"to": "zigzag", "input": (3, sympy.Symbol("h"), 8)}, "mine / conv: an export needs sizes in numbers"),
        ({"to": "scalesim", "batch": 1_000_000}, "1,000,001 rows, of which 1,000,000 for conv"),
    ],
)
def test_what_cannot_be_written_is_an_error(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ArchcalcError, match=re.escape(said)):
        archcalc.export(MINE, **given)


def test_a_wrong_nest_is_an_error_that_names_the_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every layer's nests are summed before they are written."""
    graph = MINE.graph()
    right = WRITERS[Linear]
    monkeypatch.setitem(WRITERS, Linear, lambda op, inputs: [*right(op, inputs)] * 2)
    with pytest.raises(ArchcalcError, match="mine / fc: the products of Linear"):
        loop_nests(graph)
    monkeypatch.delitem(WRITERS, Conv)
    with pytest.raises(ArchcalcError, match="mine / conv: the products of Conv"):
        loop_nests(graph)


def test_a_network_without_products_is_an_error() -> None:
    graph = Graph("sum", (3,), (3,))
    graph.finish(row("add", graph.inputs, Add()))
    with pytest.raises(ArchcalcError, match="sum has no multiply-accumulates"):
        archcalc.export(graph, "scalesim")


def run(*args: str) -> Any:
    return CliRunner().invoke(cli, args, standalone_mode=False)


def test_the_command_writes_what_the_function_gives(tmp_path: Path) -> None:
    lenet = archcalc.export("lenet5", "scalesim", "gemm", batch=2)
    result = run("export", "lenet5", "--to", "scalesim", "--layout", "gemm", "--batch", "2")
    assert (result.stdout, result.stderr) == (lenet.text, "")
    file = tmp_path / "lenet5.csv"
    result = run("export", "lenet5", "--to", "scalesim", "--layout", "gemm", "--batch", "2", "-o", str(file))
    assert (file.read_text(), result.stdout) == (lenet.text, "")
    assert result.stderr.splitlines() == [
        "archcalc: lenet5: 6 layers, 651,360 mult-adds",
        "archcalc: left out, as they have no products: 6 tanh, 2 subsampling, 1 radial_basis",
    ]


def test_timeloop_is_a_folder_with_nothing_else_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "lenet5"
    line = ("export", "lenet5", "--to", "timeloop", "-o", str(folder))
    for _ in range(2):  # the same again is written over
        assert run(*line).exception is None
    files = archcalc.export("lenet5", "timeloop").files
    assert {file.name: file.read_text() for file in folder.iterdir()} == files
    assert isinstance(run("export", "alexnet", "--to", "timeloop", "-o", str(folder)).exception, ArchcalcError)
    assert {file.name for file in folder.iterdir()} == set(files)
    assert "name a folder" in str(run("export", "lenet5", "--to", "timeloop").exception)
    (tmp_path / "file").write_text("")
    assert isinstance(run(*line[:-1], str(tmp_path / "file")).exception, ArchcalcError)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # scalesim leaves files open
@pytest.mark.parametrize(("tool", "layout"), [form for form in FORMS if form[0] != "timeloop"])
@pytest.mark.parametrize("name", ["lenet5", "resnext50_32x4d", "mobilenet_v1_1.0_224", "swin_t", "unet"])
def test_the_tools_themselves_count_so(name: str, tool: str, layout: str, tmp_path: Path) -> None:
    """Where they are installed: `pip install scalesim zigzag-dse six`."""
    from tools.exports import counted

    pytest.importorskip("scalesim" if tool == "scalesim" else "zigzag")
    exported = archcalc.export(name, tool, layout, batch=2)
    assert counted(exported, layout, tmp_path) == 2 * archcalc.analyze(name).totals.mult_adds
