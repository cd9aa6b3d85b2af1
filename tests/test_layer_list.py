"""Layer lists in TOML: networks of the catalogue written down as text are those networks; every fault has its line."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_checks import answer, heads, refusal, totals
from op_examples import EXAMPLES, Example, example_id, op_classes

from archcalc import analyze, closed_form, solve, why
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Network, Op
from archcalc.importers import layer_list
from archcalc.importers.layer_list import read_layers
from archcalc.importers.layer_words import SPELLINGS, find_op, inputs_of, known_words


def read(text: str) -> Network:
    return read_layers(text, name="mine", form="toml")


RESNET20 = """
name = "resnet20"
input = "3x32x32"
width = 16
depth = 3
classes = 10
layers = '''
conv1:  conv width 3x3 p1 nobias, bn, relu
group1: basic width * depth
group2: down 2*width
        basic 2*width * depth-1
group3: down 4*width, basic 4*width * depth-1
        gap
fc:     flatten, linear classes
'''
[blocks.basic]
width = 16
layers = '''
a: conv width 3x3 p1 nobias, bn, relu
b: conv width 3x3 p1 nobias, bn
   add input, relu
'''
[blocks.down]
width = 32
layers = '''
a: conv width 3x3 /2 p1 nobias, bn, relu
b: conv width 3x3 p1 nobias, bn
s: conv width 1x1 /2 nobias, bn < input
   add < b, s
   relu
'''
"""
VGG16 = """
input = [3, 224, 224]
classes = 1000
layers = '''
v 64 * 2     # Table 1 of arXiv:1409.1556, column D
maxpool 2x2
v 128 * 2
maxpool 2x2
v 256 * 3
maxpool 2
v 512 * 3
maxpool 2 2
v 512 * 3
maxpool 2x2/2
flatten, linear 4096, relu, dropout
fc 4096, relu, dropout
dense classes
'''
[blocks.v]
out = 64
layers = ["conv out 3 padding=1, relu"]
"""
SQUEEZENET = """
input = "3x224x224"
layers = '''
conv1: conv 96 7x7/2, relu
       maxpool 3x3/2 ceil
       fire 128 * 2
       fire 256
       maxpool 3x3/2 ceil
       fire 256
       fire 384 * 2
       fire 512
       maxpool 3 /2 ceil
       fire 512
       dropout, conv 1000 1, relu
       gap, flatten
'''
[blocks.fire]
out = 128
layers = '''
s: conv out/8 1x1, relu
a: conv out/2 1x1, relu
b: conv out/2 3x3 p1, relu < s
   concat < a, b
'''
"""
MOBILENET = """
input = "3x224x224"
scale = 1.0
layers = '''
conv 32*scale 3x3 /2 p1 nobias, bn, relu
d 64*scale
d 128*scale 2
d 128*scale
d 256*scale 2
d 256*scale
d 512*scale stride=2
d 512*scale * 5
d 1024*scale 2
d 1024*scale
gap, flatten, linear 1000
'''
[blocks.d]
out = 64
stride = 1
layers = ["dwconv 3x3 /stride p1 nobias, bn, relu", "conv out 1x1 nobias, bn, relu"]
"""
WRITTEN = {
    "resnet20_cifar_projection": RESNET20,
    "vgg16": VGG16,
    "squeezenet1_0": SQUEEZENET,
    "mobilenet_v1": MOBILENET,
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_network_of_the_catalogue_written_as_text_is_that_network(name: str) -> None:
    """Its numbers there are those of the authors' code and of torchvision, timm or pytorchcv."""
    network = read(WRITTEN[name])
    assert heads(network) == heads(name)
    assert totals(network) == totals(name)


def test_hyperparameters_are_numbers_of_the_text() -> None:
    assert totals(read(MOBILENET), scale=0.5) == totals("mobilenet_v1", width=0.5)
    assert totals(read(VGG16), classes=10) == totals("vgg16", classes=10)
    assert totals(read(RESNET20), depth=9) == totals("resnet56_cifar_projection")


def test_sizes_batch_and_closed_forms_are_those_of_the_network_itself() -> None:
    mine = read(RESNET20)
    assert totals(mine, input=(3, 50, 41)) == totals("resnet20_cifar_projection", input=(3, 50, 41))
    own, other = (analyze(each, batch=8).totals for each in (mine, "resnet20_cifar_projection"))
    assert own.training_saved_bytes == other.training_saved_bytes
    wanted = closed_form("resnet20_cifar_projection", ("H", "W", "classes")).quantities["mult_adds"]
    assert str(closed_form(mine, ("H", "W", "classes")).quantities["mult_adds"]) == str(wanted)
    assert solve(mine, {"params": "100K"}, "width").within is not None
    with pytest.raises(ValueError, match="'depth' stands for one whole number"):
        closed_form(mine, ("S", "depth"))


def test_the_first_layer_takes_other_channels() -> None:
    assert totals(read(VGG16), in_channels=1) == totals("vgg16", in_channels=1)


def test_a_value_can_be_derived() -> None:
    assert why(read(RESNET20), "group1.1.a", "params").value == 16 * 16 * 9 + 2 * 16


def test_the_examples_of_the_language_are_read() -> None:
    first, block = re.findall(r"```toml\n(.*?)```", layer_list.__doc__ or "", re.DOTALL)
    mine = read(first)
    conv1, branch, three = 64 * 3 * 9, 64 * 64, 64 * 64 * 9
    short, last = 128 * 64, 128 * 10
    assert analyze(mine).totals.mult_adds == conv1 * 32**2 + (branch + three + short) * 16**2 + last
    assert analyze(mine).totals.params == conv1 + 2 * 64 + branch + 64 + three + 64 + short + 128 + last + 10
    assert {layer.name for layer in analyze(mine).layers} >= {"conv1", "sum", "fc.gap", "fc.linear"}
    called = read(
        f'input = "16x8x8"\nlayers = "group2: basic 32 stride=1, conv 8 1 < input"\n{block}'.replace("32", "16")
    )
    assert "group2.basic.a" in {layer.name for layer in analyze(called).layers}


UNWRITTEN = {"TableConv", "Each", "Given", "Einsum", "Unknown"}
"""Ops that no line can write."""


def test_every_op_has_a_word() -> None:
    """The table of LeNet-5's C3 is no word, and an op without inputs cannot stand in a line."""
    written = {found[0] for word in known_words() if (found := find_op(word)) is not None}
    missing = {op.__name__ for op in op_classes() if op not in written and inputs_of(op) != 0}
    assert missing <= UNWRITTEN
    assert all([find_op(word) is not None for word in SPELLINGS])


def text_of(value: Any, said: str) -> str | None:
    """A field as a line writes it; None for what no line writes: one number in a tuple is only written for a list."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        inner = [":".join(map(str, each)) if isinstance(each, tuple) else str(each) for each in value]
        return "x".join(inner) if len(inner) > 1 or said.startswith("tuple[") else None
    return str(value)


def written(example: Example) -> str | None:
    """The example as a layer list."""
    kinds = type(example.op).__annotations__
    fields = {name: text_of(value, kinds[name]) for name, value in example.op.attributes().items()}
    word = type(example.op).__name__.lower()
    if None in fields.values() or word not in known_words() or (inputs_of(type(example.op)) or 2) > len(example.shapes):
        return None
    inputs = ", ".join([f'x{i} = "{"x".join(map(str, shape))}"' for i, shape in enumerate(example.shapes)])
    labels = ", ".join([f"x{i}" for i in range(len(example.shapes))])
    line = " ".join([word, *[f"{name}={value}" for name, value in fields.items()]])
    return f"input = {{{inputs}}}\nlayers = '{line} < {labels}'"


WRITABLE = [(example, text) for example in EXAMPLES if (text := written(example)) is not None]


def first_op(network: Network) -> Op:
    return next(node.op for node in network.graph().nodes if node.op.role != "input")


@pytest.mark.parametrize(("example", "text"), WRITABLE, ids=[example_id(example) for example, _ in WRITABLE])
def test_a_line_with_the_fields_of_an_op_is_that_op(example: Example, text: str) -> None:
    network = read(text)
    assert first_op(network) == example.op
    assert network.inputs == example.shapes


def test_most_examples_of_ops_can_be_written() -> None:
    with_words = [each for each in EXAMPLES if type(each.op).__name__ not in UNWRITTEN and each.shapes]
    assert len(WRITABLE) > 0.9 * len(with_words)
    assert {type(each.op) for each in with_words} == {type(each.op) for each, _ in WRITABLE}


@pytest.mark.parametrize(
    ("line", "op"),
    [
        ("conv 8 7x7/2 p3 d2 g4", "Conv(out=8, kernel=(7, 7), stride=2, padding=3, dilation=2, groups=4)"),
        ("conv 8 3 2 1", "Conv(out=8, kernel=3, stride=2, padding=1)"),
        ("conv 8 3x5 /2x1 p1x2", "Conv(out=8, kernel=(3, 5), stride=(2, 1), padding=(1, 2))"),
        ("conv 8 3 p0:1x1:0", "Conv(out=8, kernel=3, padding=((0, 1), (1, 0)))"),
        ("conv 8 3 same nobias", "Conv(out=8, kernel=3, padding='same', bias=False)"),
        ("conv 8 3 valid bias", "Conv(out=8, kernel=3)"),
        ("dwconv 3x3 p1 times=2", "Conv(kernel=(3, 3), padding=1, out=8, groups=4)"),
        ("deconv 8 2 /2", "ConvTranspose(out=8, kernel=2, stride=2)"),
        ("maxpool 3x3", "MaxPool(kernel=(3, 3), stride=3)"),
        ("maxpool 3/2 p1 d2", "MaxPool(kernel=3, stride=2, padding=1, dilation=2)"),
        ("avgpool 3 /2 p1 ceil nocount_include_pad", None),
        ("zeropad p1x2", "ZeroPad(top=1, bottom=1, left=2, right=2)"),
        ("crop p0:1x2:3", "Crop(bottom=1, left=2, right=3)"),
        ("bn noaffine", "BatchNorm(affine=False)"),
        ("ln channels_first", "LayerNorm(channels_first=True)"),
        ("ln channels_last", "LayerNorm()"),
        ("slice 1 3", "Slice(start=1, stop=3)"),
        ("adaptiveavgpool 3x2", "AdaptiveAvgPool(size=(3, 2))"),
        ("Batch_Norm", "BatchNorm()"),
    ],
)
def test_the_notation_of_tables_gives_the_fields(line: str, op: str | None) -> None:
    found = repr(first_op(read(f"input = '4x16x16'\nlayers = '{line}'")))
    assert found == (op or "AvgPool(kernel=3, stride=2, padding=1, ceil=True, count_include_pad=False)")


def test_several_inputs_and_outputs_have_names() -> None:
    text = """
    input = {image = "3x8x8", mask = "1x8x8"}
    outputs = "b, a"
    layers = '''
    both: concat < image, mask
    a: conv 8 1x1 < both
    b: conv 4 1x1 < both
    '''
    """
    network = read(text)
    graph = network.graph()
    assert network.labels == ("image", "mask")
    assert [graph.nodes[index].shape for index in graph.outputs] == [(4, 8, 8), (8, 8, 8)]
    assert analyze(network).totals.params == 4 * 8 + 8 + 4 * 4 + 4


def test_sequences_volumes_and_vectors_are_inputs() -> None:
    assert analyze(read("input='2x100'\nlayers='conv 4 5 same, relu'")).totals.mult_adds == 2 * 4 * 5 * 100
    assert analyze(read("input='2x4x5x6'\nlayers='conv 4 3 p1'")).totals.mult_adds == 2 * 4 * 27 * 120
    assert analyze(read("input='784'\nlayers='linear 10'")).totals.params == 7850


def test_lines_without_a_label_are_numbered() -> None:
    lines = ["conv 4 1, relu, conv 4 1", "conv2: conv 4 1", "conv 4 1 < conv1", "add < conv2, conv4"]
    network = read(f"input = '3x8x8'\nlayers = {lines}\noutputs = 'add1, conv3'")
    assert [layer.name for layer in analyze(network).layers] == ["input", "conv1", "conv3", "conv2", "conv4", "add1"]


def test_a_network_can_be_sent_to_another_process() -> None:
    again = pickle.loads(pickle.dumps(read(RESNET20)))  # noqa: S301
    assert totals(again, width=8) == totals(read(RESNET20), width=8)


def layers(*lines: str, more: str = "") -> str:
    return 'input = "3x32x32"\n' + more + "layers = '''\n" + "\n".join(lines) + "\n'''"


FAULTS = {
    layers("relu", "convv 64 3x3").replace("\n", "\r\n"): ("mine, line 4: no layer or block is called 'convv'",),
    layers("convv 64 3x3"): ("mine, line 3: no layer or block is called 'convv'", "nearest: conv"),
    layers("", "conv 64 3x3", "relu < con1"): ("mine, line 5: no line before it is called 'con1'", "nearest: conv1"),
    layers("conv widht 3x3", more="width = 64\n"): ("line 4: no number is called 'widht'", "nearest: width"),
    layers("conv 64 3x3 strid=2"): ("line 3: conv has no 'strid'", "nearest: stride"),
    layers("conv 64 3x3 foo bar baz qux quux"): ("line 3: 'quux' is nothing that conv has; it has out, kernel",),
    layers("conv 64 50x50"): ("mine, line 3: Conv(", "mine / conv1: a window of 50 does not fit"),
    layers("conv 64 3x3 nobais"): ("no number is called 'nobais'; nearest: nobias",),
    layers("conv 64 3x3 relu"): ("no number is called 'relu'; a comma before it makes it a layer",),
    layers("conv 64"): ("line 3: conv needs kernel",),
    layers("conv 64 3x3 3x3x3x3x3"): ("stride of conv cannot be '3x3x3x3x3'",),
    layers("conv 64 3x3 p1 p2"): ("conv is given padding twice",),
    layers("linear 10, concat"): ("concat takes two or more inputs, not 1",),
    layers("a: relu", "conv 64 3 < a, input"): ("line 4: conv takes 1 input, not 2",),
    layers("a: relu", "a: relu"): ("line 4: a is the label of another line",),
    layers("input: relu"): ("input is the label of an input",),
    layers("relu,, relu"): ("a layer is missing",),
    layers("relu <"): ("no line before it is called ''",),
    layers("layernorm"): ("channels_first or channels_last",),
    layers("zeropad 3"): ("'3' is nothing that zeropad has",),
    layers("# nothing"): ("mine: it has no layers",),
    layers("a: relu", "b: relu < input", "relu < input"): ("its output is never used",),
    layers("conv 5 3x3 g2"): ("3 input channels do not split into 2 groups",),
    layers("conv 4/0 3x3"): ("line 3: '4/0' divides by 0",),
    layers("conv 9999999*9999999 1"): ("numbers go up to 10000000",),
    layers("maxpool 200000"): ("200000 is larger than 100000",),
    layers("conv w 1", more="w = true\n"): ("'w' is true or false, not a number",),
    layers("conv 4 1 bias=w", more="w = 4\n"): ("'w' is true or false here",),
    layers("relu", more="claases = 10\n"): ("no line uses the hyperparameter 'claases'",),
    layers("relu", more="layer = 'conv'\n"): ("layer is a hyperparameter", "did you mean layers?"),
    layers("relu", more="batch = 10\n"): ("a hyperparameter cannot be called 'batch'",),
    layers("b 3") + "\n[blocks.b]\nlayers = 'relu'": ("line 3: the block b has no parameter for '3'; it has none",),
    layers("b 3 *") + "\n[blocks.b]\nlayers = 'relu'": ("after * stands how often the block b is repeated",),
    layers("b") + "\n[blocks.b]\nlayers = '''\nrelu\nconv x 1'''": ("mine, block b, line 8: no number is called 'x'",),
    layers("b") + "\n[blocks.b]\nx = 50\nlayers = '''\nconv 2 1 padding=x\nconv 2 3 stride=x padding=x*9999\n'''": (
        "mine, block b, line 9",
    ),
    layers("b") + "\n[blocks.b]\nlayers = 'b'": ("more than 20 blocks are within one another",),
    layers("relu") + "\n[blocks.conv]\nlayers = 'relu'": ("a block has a name that no layer has, not 'conv'",),
    "layers = 'relu'": ("mine: it needs the shape of its input",),
    "input = '3x0x3'\nlayers = 'relu'": ("an input is channels and sizes",),
    "input = '3x8x8'": ("mine: layers are a text with a line for each",),
    "input = '3x8x8'\nlayers = 3": ("not '3'",),
    "input = '3x8x8'\nlayers = 'relu'\nblocks = 3": ("blocks are tables",),
    "input = '3x8x8'\nlayers = 'relu'\noutputs = 'x'": ("mine: the output 'x' is no line's label",),
    "input = {}\nlayers = 'relu'": ("inputs have names",),
    "input = ": ("mine: it is not TOML",),
    "a = " + "[" * 900 + "]" * 900: ("too deep within one another",),
    f"{'a.' * 200}b = 1": ("line 1: it has more than 100 dots",),
    f"# {'a' * 3000}": ("line 1: it has more than 2,000 characters",),
    "name = 3": ("name is a text",),
    'name = "\\t"': ("name is one line",),
}


@pytest.mark.parametrize(("text", "words"), FAULTS.items(), ids=[words[0][:60] for words in FAULTS.values()])
def test_a_fault_is_named_with_its_line(text: str, words: tuple[str, ...]) -> None:
    message = refusal(text, "toml")
    for word in words:
        assert word in message


def test_an_input_that_the_text_leaves_open_can_be_given() -> None:
    text = "layers = 'conv 4 3, flatten, linear 2'"
    network = read_layers(text, name="mine", form="toml", input=(3, 9, 8))
    assert analyze(network).totals.params == 4 * 27 + 4 + 4 * 7 * 6 * 2 + 2
    assert totals(pickle.loads(pickle.dumps(network))) == totals(network)  # noqa: S301
    assert read_layers(f"input = '3x6x6'\n{text}", name="mine", form="toml", input=(3, 9, 8)).input == (3, 6, 6)
    with pytest.raises(ArchcalcError, match="an input is channels and sizes") as caught:
        read_layers(text, name="mine", form="toml", input=(3, 0, 8))
    assert caught.value.about == "input"


def test_text_of_another_kind_is_refused() -> None:
    for other in (b"x", None, 3):
        with pytest.raises(ValueError, match="mine: a description of layers is text"):
            read_layers(other, name="mine", form="toml")
    with pytest.raises(ValueError, match="one of toml, yaml, keras, caffe, not 'xml'"):
        read_layers("", name="mine", form="xml")
    assert "2,000,000 are read" in refusal("#" * 2_000_001, "toml")


def test_a_network_that_grows_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archcalc.importers.layer_program.MOST_LAYERS", 1000)
    nested = layers("b * 999") + "\n[blocks.b]\nlayers = 'c * 999'\n[blocks.c]\nlayers='relu'"
    assert "there are more than 1,000 layers" in refusal(nested, "toml")
    assert "there are more than 1,000 layers" in refusal(nested.replace("'c * 999'", "'c * 0'"), "toml")
    lines = ["l0: relu", *[f"l{i + 1}: concat < l{i}, l{i}" for i in range(200)]]
    assert "an axis has more than 10^12 positions" in refusal(layers(*lines), "toml")


SIGNS = ["<", ",", ":", "*", "#", "3x3", "64", "/2", "p1", "g2", "d2", "p0:1x0:1", "0", "1", "3", "-1"]
NAMES = ["depthwise", "b", "input", "conv1", "a", "same", "w", "w*2", "2*w/3+1", "nobias", "ceil", "out=4"]
WORDS = st.sampled_from([*known_words(), *SPELLINGS, *SIGNS, *NAMES])
LINES = st.lists(st.lists(WORDS, max_size=7).map(" ".join), min_size=1, max_size=5).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(LINES, st.sampled_from(["3x8x8", "6x9", "4x5x5x5", "12"]))
def test_any_words_are_a_network_or_an_error(lines: str, shape: str) -> None:
    block = "[blocks.b]\nw = 2\nlayers = 'conv w 1'"
    answer(f"input = '{shape}'\nw = 4\nlayers = '''\na: conv w 1\n{lines}'''\n{block}", "toml")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_a_network_or_an_error(text: str, line: str) -> None:
    answer(text, "toml")
    answer(f"input = '3x8x8'\nlayers = '''\n{line}'''", "toml")
