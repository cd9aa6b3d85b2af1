"""What conventions predict against what the tools themselves returned (tests/data/tools.json): every whole number.

`tests/tools/collect.py` asked each tool, in an environment of its own, about single operations, about applications of
every op, about networks as archcalc executes them, and about the implementations that the catalogue compares with.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pages
import pytest
from op_examples import EXAMPLES, Example, example_id
from test_conventions import alone

from archcalc import zoo
from archcalc.conventions.counting import by_term, conventions, find_convention, total
from archcalc.conventions.implementations import ARCHCALC, REFERENCES
from archcalc.conventions.measures import Measures
from archcalc.conventions.reconciling import NetworkCounts
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm, LayerNorm, LocalResponseNorm
from archcalc.ops.pointwise import GELU, Dropout, HardSigmoid, HardSwish, ReLU, ReLU6, Sigmoid, SiLU, Softmax, Tanh
from archcalc.ops.pool import AdaptiveAvgPool, AvgPool, GlobalAvgPool, MaxPool

DATA: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "tools.json").read_text())
GOLDEN: dict[str, Any] = DATA["tools"]
PARAMS = ("fvcore", "ptflops pytorch", "ptflops aten", "ultralytics-thop", "torchinfo", "torchscan", "calflops")
PREDICTED = {
    ("fvcore", "flops"): "fvcore",
    ("torch", "flops"): "torch",
    ("ptflops pytorch", "macs"): "ptflops",
    ("ptflops aten", "macs"): "ptflops_aten",
    ("thop", "macs"): "thop",
    ("ultralytics-thop", "macs"): "ultralytics_thop",
    ("torchinfo", "mult_adds"): "torchinfo",
    ("torchsummary", "forward_backward_bytes"): "torchsummary_forward_backward",
    ("torchscan", "macs"): "torchscan",
    ("torchscan", "flops"): "torchscan_flops",
    ("torchscan", "operator_flops"): "torch",
    ("torchprofile", "macs"): "torchprofile",
    ("calflops", "macs"): "calflops",
    ("calflops", "flops"): "calflops_flops",
    ("deepspeed", "macs"): "deepspeed",
    ("deepspeed", "flops"): "deepspeed_flops",
    ("bianco", "flops"): "bianco_2018",
    ("canziani", "ops"): "torch_opcounter",
    ("xla", "flops"): "xla",
    ("xla", "transcendentals"): "xla_transcendentals",
    ("xla", "product"): "xla_products",
    ("xla", "products"): "xla_products",
    **{("netscope", column): f"netscope_{column}" for column in ("macc", "comp", "add", "div", "exp")},
    ("netscope", "param"): "netscope_params",
    ("thop", "params"): "thop_params",
    ("torchinfo", "trainable"): "params",
    ("torchinfo", "forward_backward_bytes"): "torchinfo_forward_backward",
    **{(tool, "params"): "params" for tool in (*PARAMS, "deepspeed")},
}
"""The convention that predicts a number of a tool's answer."""
BYTES = {"input_bytes", "param_bytes", "dmas", "activation"}
"""Bytes of inputs and parameters, memory accesses and stored values: no convention here is about them."""
PRESETS = {
    "vgg-16": ("vgg16", 10, 0),
    "resnet-50": ("resnet50_v1", 1, 64),
    "resnet-152": ("resnet152_v1", 1, 0),
    "squeezenet_v11": ("squeezenet1_1", 1, 0),
    "inceptionv4": ("inception_v4", 1, 31584),
}
"""netscope's own networks that are ours: name, images at once, and parameters that Caffe's model has besides."""
COMPARED = 12657
OF_BYTES = 1873
OTHERWISE = 4158
PARTS = 684
"""How many whole numbers are compared; are of bytes; are of other ways to write an operation, of batches of two, and of
modules that no op stands for; and how many parts of totals are compared."""
ERRORS: dict[tuple[str, str], tuple[int, set[str]]] = {
    ("canziani", "networks"): (
        8,
        {"No Torch 7 module says it", "No handler for module", "attempt to perform arithmetic"},
    ),
    ("canziani", "ops"): (
        83,
        {
            "No Torch 7 module says it",
            "No handler for module",
            "attempt to perform arithmetic",
            "attempt to index field",
        },
    ),
    ("netscope", "networks"): (6, {"a Caffe layer cannot say it", "Error: Unknown Layer: sigmoid"}),
    ("netscope", "ops"): (
        78,
        {"a Caffe layer cannot say it", "Error: Unknown Layer: sigmoid", "Error: Unknown Layer: tanh"},
    ),
    ("torchsummary", "networks"): (1, {"AttributeError: 'list' object has no attribute 'size'"}),
    ("torchsummary", "ops"): (
        93,
        {
            "AttributeError: 'int' object has no attribute 'numpy'",
            "RuntimeError: Sizes of tensors must match except in dimension 1",
            "RuntimeError: grid_sampler(): expected grid and input to have same batch size",
        },
    ),
    ("xla", "ops"): (21, {"NotImplementedError"}),
    ("torchprofile", "ops"): (1, {"AssertionError"}),
}
"""How many subjects a tool could not count, and how it said so. XLA: not written in JAX. torchsummary stops at a model
without weights, and asks with two images at once, which constants for one do not go with. PyTorch's counter: a network
that returns a weight as it is. torchprofile: heads of queries that share one of keys."""
MAPS, SQUARE, TOKENS, VECTOR = (6, 10, 14), (6, 14, 14), (5, 12), (12,)
PROBES = {
    "conv 3x3 p1": Example(Conv(8, 3, padding=1), (MAPS,)),
    "conv 3x3 p1 no bias": Example(Conv(8, 3, padding=1, bias=False), (MAPS,)),
    "conv 3x3 valid": Example(Conv(8, 3), (MAPS,)),
    "conv 3x3 s2 p1": Example(Conv(8, 3, 2, 1), (MAPS,)),
    "conv 1x1 no bias": Example(Conv(8, 1, bias=False), (MAPS,)),
    "conv 3x3 p1 groups 2": Example(Conv(8, 3, padding=1, groups=2), (MAPS,)),
    "conv 3x3 p1 depthwise no bias": Example(Conv(6, 3, padding=1, groups=6, bias=False), (MAPS,)),
    "conv 3x3 p2 dilation 2": Example(Conv(8, 3, padding=2, dilation=2), (MAPS,)),
    "conv 3x5 s2x1 p0x2": Example(Conv(8, (3, 5), (2, 1), (0, 2)), (MAPS,)),
    "conv transpose 2x2 s2": Example(ConvTranspose(8, 2, 2), (MAPS,)),
    "conv transpose 2x2 s2 no bias": Example(ConvTranspose(8, 2, 2, bias=False), (MAPS,)),
    "conv transpose 3x3 s2 p1 op1": Example(ConvTranspose(8, 3, 2, 1, 1), (MAPS,)),
    "conv transpose 4x4 s2 p1 groups 2": Example(ConvTranspose(8, 4, 2, 1, groups=2), (MAPS,)),
    "conv transpose 4x4 s2 p1 depthwise": Example(ConvTranspose(6, 4, 2, 1, groups=6), (MAPS,)),
    "conv transpose 3x3 s1 p1 to 6": Example(ConvTranspose(6, 3, 1, 1), (MAPS,)),
    "linear on a vector": Example(Linear(7), (VECTOR,)),
    "linear on a vector no bias": Example(Linear(7, bias=False), (VECTOR,)),
    "linear on 5 vectors": Example(Linear(7), (TOKENS,)),
    "linear on 5 vectors no bias": Example(Linear(7, bias=False), (TOKENS,)),
    "linear on 3x5 vectors": Example(Linear(7), ((3, 5, 12),)),
    "batch norm": Example(BatchNorm(), (MAPS,)),
    "batch norm not affine": Example(BatchNorm(affine=False), (MAPS,)),
    "batch norm on a vector": Example(BatchNorm(), (VECTOR,)),
    "layer norm": Example(LayerNorm(), (TOKENS,)),
    "layer norm subclass": Example(LayerNorm(channels_first=True), (MAPS,)),
    "local response norm 5": Example(LocalResponseNorm(5), (MAPS,)),
    "relu": Example(ReLU(), (MAPS,)),
    "relu in place": Example(ReLU(), (MAPS,)),
    "relu6": Example(ReLU6(), (MAPS,)),
    "gelu": Example(GELU(), (MAPS,)),
    "silu": Example(SiLU(), (MAPS,)),
    "sigmoid": Example(Sigmoid(), (MAPS,)),
    "tanh": Example(Tanh(), (MAPS,)),
    "softmax": Example(Softmax(), (MAPS,)),
    "hard swish": Example(HardSwish(), (MAPS,)),
    "hard sigmoid": Example(HardSigmoid(), (MAPS,)),
    "max pool 3 s2 p1": Example(MaxPool(3, 2, 1), (MAPS,)),
    "max pool (3,3) s2 p1": Example(MaxPool((3, 3), 2, 1), (MAPS,)),
    "max pool 3 s2 ceil": Example(MaxPool(3, 2, ceil=True), (MAPS,)),
    "average pool 3 s2 p1": Example(AvgPool(3, 2, 1), (MAPS,)),
    "average pool (2,2)": Example(AvgPool((2, 2), (2, 2)), (MAPS,)),
    "adaptive average pool 1": Example(GlobalAvgPool(), (MAPS,)),
    "adaptive average pool 7 of 14x14": Example(AdaptiveAvgPool(7), (SQUARE,)),
    "adaptive average pool 7 of 10x14": Example(AdaptiveAvgPool(7), (MAPS,)),
    "dropout": Example(Dropout(), (MAPS,)),
}
"""The op that a probe's module is, where archcalc has one."""
GROUPS = {
    "convolution": {"conv", "conv_transpose", "table_conv", "Conv2d", "ConvTranspose2d"}
    | {"aten.convolution", "aten::_convolution"},
    "product": {"linear", "Linear", "aten.addmm", "aten.mm", "aten::linear"}
    | {"window_attention", "matmul", "aten.bmm", "aten::matmul"}
    | {"multiply", "channel_scale", "scale", "aten::mul", "ChannelScale"},
    "batch norm": {"batch_norm", "BatchNorm2d", "aten::batch_norm"},
    "layer norm": {"layer_norm", "LayerNorm", "LayerNorm2d", "aten::layer_norm"},
    "average": {"global_avg_pool", "adaptive_avg_pool", "AdaptiveAvgPool2d", "adaptive_avg_pool2d"}
    | {"avg_pool", "AvgPool2d", "aten::adaptive_avg_pool2d", "aten::avg_pool2d"},
    "max pool": {"max_pool", "MaxPool2d"},
    "relu": {"relu", "ReLU"},
    "sigmoid": {"sigmoid", "Sigmoid"},
    "softmax": {"softmax", "Softmax"},
    "dropout": {"dropout", "Dropout"},
}
"""What tools call the parts of their counts, and our kinds of ops, by what they have in common."""


class Answer(NamedTuple):
    """A whole number that a tool returned."""

    tool: str
    name: str
    form: str
    quantity: str
    value: float


def given(kind: str) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Tool, subject, form and answer."""
    for tool, found in GOLDEN.items():
        for name, forms in found.get(kind, {}).items():
            for form, answer in forms.items():
                yield tool, name, form, answer


def answers(kind: str) -> Iterator[Answer]:
    for tool, name, form, answer in given(kind):
        unused = answer.get("note", "").startswith("with one unused parameter")
        for quantity, value in answer.items():
            if type(value) in {int, float}:
                yield Answer(tool, name, form, quantity, value - (unused and quantity == "params"))


@cache
def network(name: str) -> NetworkCounts:
    found = zoo.network(name)
    return NetworkCounts(
        found,
        Measures(found.graph(tuple(DATA["subjects"]["networks"][name]["input"]), found.settings)),
        changed=False,
    )


@cache
def applied(example: Example) -> NetworkCounts:
    """One op, counted as a network is."""
    return NetworkCounts(zoo.network("lenet5"), alone(example), changed=False)


def predicted(each: Answer, subject: NetworkCounts) -> Any:
    convention = find_convention(PREDICTED[each.tool, each.quantity])
    count: Any = subject.line(convention, "reference" if each.form == "reference" else ARCHCALC).total
    if each.quantity == "products":  # of convolutions and linear layers, no attention
        count -= 2 * subject.measures.sum("window_attention", "multiply_accumulate")
    return count


def agree(each: Answer, ours: Any) -> bool:
    """Equal to the unit. Only XLA's sum over a whole network is rounded: it adds up in single precision."""
    if each.tool == "xla" and each.quantity == "flops" and ours > 2**24:
        return abs(each.value - ours) < ours * 2**-18
    return each.value == (float(ours) if type(each.value) is float else ours)


FUSED_ATTENTION = {
    "Attention() on (3, 5, 8), (3, 5, 8), (3, 5, 8)",
    "Attention() on (3, 5, 8), (3, 7, 8), (3, 7, 8), (5, 7)",
    "Attention() on (4, 5, 8), (2, 7, 8), (2, 7, 8)",
}
FUSED_LSTM = {
    "Recurrent(cell='lstm', hidden=7) on (6, 5)",
    "Recurrent(cell='lstm', hidden=7, bias=False) on (6, 5)",
    "Recurrent(cell='lstm', hidden=7, layers=2, bidirectional=True) on (6, 5)",
}
PROJECTED = {
    "Recurrent(cell='lstm', hidden=7, layers=2, projection=3) on (6, 5)",
    "Recurrent(cell='lstm', hidden=7, bidirectional=True, projection=3, bias=False) on (6, 5)",
}
OF_TWO = {
    "Einsum(equation='hij,hjk->hik') on (3, 5, 5), (3, 5, 5)",
    "Einsum(equation='hnd,hdm->hnm') on (3, 5, 4), (3, 4, 7)",
}
OTHER_SUMS = {
    "Einsum(equation='ab,bc,cd->ad') on (3, 5), (5, 4), (4, 2)",
    "Einsum(equation='abc->ca') on (3, 5, 4)",
    "Einsum(equation='abc->cba') on (3, 5, 4)",
}
NOT_PREDICTED: dict[tuple[str, str], set[str]] = {
    **dict.fromkeys(
        [("torch", "flops"), ("torchscan", "operator_flops"), ("ptflops aten", "macs")], FUSED_ATTENTION | FUSED_LSTM
    ),
    **dict.fromkeys([("ptflops pytorch", "macs"), ("thop", "macs")], PROJECTED),
    ("torchprofile", "macs"): PROJECTED | OF_TWO | OTHER_SUMS,
    **dict.fromkeys([("calflops", "flops"), ("deepspeed", "flops")], PROJECTED | OF_TWO | OTHER_SUMS),
    ("ultralytics-thop", "macs"): OF_TWO,
    ("fvcore", "flops"): OTHER_SUMS,
}
"""What tools count otherwise than is said of them: a kernel of the CPU that is counted as nothing, where that of a GPU
or the same products one by one are counted; projections of an LSTM, and sums by letters, which no rule here follows.
"""


def mismatches(found: list[Answer], subject: Callable[[str], NetworkCounts]) -> list[str]:
    compared = [(each, predicted(each, subject(each.name))) for each in found]
    return [f"{each}: predicted {ours}" for each, ours in compared if not agree(each, ours)]


def counts(kind: str) -> list[Answer]:
    return [each for each in answers(kind) if each.quantity not in BYTES]


def test_every_whole_number_that_tools_returned_for_networks_is_predicted() -> None:
    """Both for archcalc's own models and for torchvision's, timm's and pytorchcv's."""
    assert mismatches(counts("networks"), network) == []


def test_every_whole_number_that_tools_returned_for_applications_of_ops_is_predicted() -> None:
    """Of the ops that tools were asked about; what no tool was asked about is left out, by name (test_conventions)."""
    examples = {example_id(each): each for each in EXAMPLES}
    assert {each.name for each in counts("ops")} == set(DATA["subjects"]["ops"])
    every = counts("ops")
    odd = [each for each in every if each.name in NOT_PREDICTED.get((each.tool, each.quantity), ())]
    assert len(odd) == sum(map(len, NOT_PREDICTED.values()))
    plain = [each for each in every if each not in odd]
    assert mismatches(plain, lambda name: applied(examples[name])) == []
    assert len(mismatches(odd, lambda name: applied(examples[name]))) == len(odd)


def test_conventions_of_tools_name_only_ops_that_tools_were_asked_about() -> None:
    """What a tool makes of any other op is not known, so that it is left out by name."""
    examples = {example_id(each): each for each in EXAMPLES}
    asked = {examples[name].op.kind for name in DATA["subjects"]["ops"]}
    for each in conventions():
        assert not each.tool or set(each.terms) <= asked, each.name


def test_every_whole_number_that_tools_returned_for_single_modules_is_predicted() -> None:
    """PyTorch's module alone, where an op stands for it as it is."""
    alike = [each for each in counts("probes") if each.form == "module" and each.name in PROBES]
    assert {each.name for each in alike} == set(PROBES)
    assert mismatches(alike, lambda name: applied(PROBES[name])) == []


def test_netscopes_own_networks_are_predicted() -> None:
    """Each ends with a softmax of 1000 values, which ours do not have; some are counted for ten images."""
    for preset, (name, images, besides) in PRESETS.items():
        theirs = GOLDEN["netscope"]["presets"][preset]["preset"]
        found = zoo.network(name)
        size = (3, 227, 227) if preset == "squeezenet_v11" else None
        measures = Measures(found.graph(size, found.settings))
        for column in ("macc", "comp", "add", "div", "exp"):
            softmax = 1000 if column in {"add", "div", "exp"} else 0
            assert theirs[column] == images * (total(measures, find_convention(f"netscope_{column}")) + softmax)
        assert theirs["param"] == total(measures, find_convention("netscope_params")) + besides


def test_no_number_is_passed_over() -> None:
    """How many are compared, and which are not: bytes; modules that no op stands for; other ways to write an op."""
    networks, ops, probes = (list(answers(kind)) for kind in ("networks", "ops", "probes"))
    assert {(each.tool, each.quantity) for each in [*networks, *ops, *probes] if each.quantity not in BYTES} == set(
        PREDICTED
    )
    compared = [each for each in [*networks, *ops] if each.quantity not in BYTES]
    compared += [each for each in counts("probes") if each.form == "module" and each.name in PROBES]
    assert len(compared) == COMPARED
    assert len([each for each in [*networks, *ops, *probes] if each.quantity in BYTES]) == OF_BYTES
    assert len(networks) + len(ops) + len(probes) - len(compared) - OF_BYTES == OTHERWISE
    others = {each.name for each in probes if each.form == "module"} - set(PROBES)
    assert others == {
        "conv 3x3 same",
        "conv 4x4 same",
        "flatten",
        "group norm",
        "identity",
        "layer norm not affine",
        "leaky relu",
        "multihead attention",
        "upsample bilinear 2",
        "upsample bilinear to 20x28",
        "upsample nearest 2",
        "zero pad",
    }


def test_the_documentation_says_how_many_numbers_are_compared() -> None:
    """ptflops has two ways of counting: it is one counter."""
    assert len(GOLDEN) == 16
    networks = len({each.name for each in counts("networks")})
    assert f"{COMPARED:,} whole numbers that fifteen counters returned on {networks} networks" in pages.words()
    assert f"compare {COMPARED:,} whole numbers with the prediction" in pages.words()


def test_what_a_tool_could_not_return_is_known() -> None:
    """For want of a module or layer that says the op; only torchsummary breaks, without weights and on lists."""
    errors: dict[tuple[str, str], list[str]] = {}
    for kind in ("networks", "ops", "probes"):
        for tool, _, _, answer in given(kind):
            if "error" in answer:
                errors.setdefault((tool, kind), []).append(answer["error"])
    assert {key: len(said) for key, said in errors.items()} == {key: number for key, (number, _) in ERRORS.items()}
    for key, (_, beginnings) in ERRORS.items():
        assert all(any(said.startswith(begin) for begin in beginnings) for said in errors[key])
        assert all(any(said.startswith(begin) for said in errors[key]) for begin in beginnings)


@pytest.mark.parametrize("tool", sorted(set(GOLDEN) - {"bianco"}))
def test_a_convention_is_of_the_version_that_was_asked(tool: str) -> None:
    """The version that the tool's package states, build numbers aside; Bianco's has none."""
    version = GOLDEN[tool]["tool"]["version"]
    stated = version if version.startswith("commit") else version.replace("-", "+").split("+")[0]
    assert find_convention(PREDICTED[tool, headline(tool)]).versions == stated


def test_the_parts_of_an_answer_are_predicted_too() -> None:
    """By class of module or operator, on archcalc's models: two errors do not cancel in a total."""
    compared = 0
    group_of = {label: group for group, labels in GROUPS.items() for label in labels}
    for tool, name, form, answer in given("networks"):
        if form != ARCHCALC or tool == "netscope":  # its columns are parts already
            continue
        for key, quantity in (("by", headline(tool)), ("by_flops", "flops")):
            if key not in answer:
                continue
            theirs: Counter[str] = Counter()
            for label, value in answer[key].items():
                theirs[group_of.get(label, label)] += value
            ours: Counter[str] = Counter()
            measures = network(name).measures
            for term in by_term(measures, find_convention(PREDICTED[tool, quantity])):
                if (tool, term.op) != ("ultralytics-thop", "window_attention"):  # its parts are modules, not functions
                    ours[group_of.get(term.op, term.op)] += term.amount
            if tool == "xla":
                ours = Counter(
                    {part: theirs[part] if close(theirs[part], count) else count for part, count in ours.items()}
                )
            assert +ours == +theirs, (tool, name, key)
            compared += len(theirs)
    assert compared == PARTS


def close(theirs: int, ours: int) -> bool:
    """Equal as far as single precision tells."""
    return abs(theirs - ours) <= (ours >> 20)


def headline(tool: str) -> str:
    return GOLDEN[tool]["tool"]["quantity"]


# ---- the reasons that differences between implementations give


def probe(tool: str, name: str, form: str, quantity: str = "") -> int:
    value: int = GOLDEN[tool]["probes"][name][form][quantity or headline(tool)]
    return value


REPLACING = [("ptflops pytorch", "macs"), ("calflops", "flops"), ("deepspeed", "flops")]
SEEING_MODULES = [("thop", "macs"), ("ultralytics-thop", "macs"), ("torchscan", "macs"), ("torchscan", "flops")]


@pytest.mark.parametrize(("tool", "quantity"), REPLACING)
def test_replaced_functions_are_seen_and_operators_are_not(tool: str, quantity: str) -> None:
    """The 840 values of a sum, of a product; of x.mean nothing."""
    for name in ("add", "multiply"):
        assert probe(tool, name, "function", quantity) == 840
        assert probe(tool, name, "operator", quantity) == 0
    for name in ("relu", "average pool 3 s2 p1", "adaptive average pool 1", "softmax"):
        assert probe(tool, name, "function", quantity) == 840
    assert probe(tool, "adaptive average pool 1", "method", quantity) == 0


@pytest.mark.parametrize(("tool", "quantity"), SEEING_MODULES)
def test_tools_that_see_modules_do_not_see_functions(tool: str, quantity: str) -> None:
    for name in (
        "relu",
        "max pool 3 s2 p1",
        "average pool 3 s2 p1",
        "adaptive average pool 1",
        "softmax",
        "batch norm",
    ):
        assert probe(tool, name, "function", quantity) == 0
    assert probe(tool, "adaptive average pool 1", "module", quantity) > 0


def test_ptflops_counts_a_module_twice_whose_function_it_replaces() -> None:
    """Once as a module and once as a function; as a function alone once."""
    for name in ("relu", "gelu", "max pool 3 s2 p1", "average pool 3 s2 p1", "adaptive average pool 1"):
        assert probe("ptflops pytorch", name, "module") == 2 * probe("ptflops pytorch", name, "function") == 2 * 840


def test_a_subclass_is_known_to_tools_that_ask_isinstance_only() -> None:
    """A LayerNorm over the first axis: to ultralytics' thop and torchscan, not to ptflops and thop."""
    assert probe("ultralytics-thop", "layer norm subclass", "module") == 4 * 840
    assert probe("torchscan", "layer norm subclass", "module", "flops") > 0
    assert probe("thop", "layer norm subclass", "module") == 0
    assert probe("ptflops pytorch", "layer norm subclass", "module") == 0


def test_bugs_that_no_op_shows_are_seen_in_the_probes() -> None:
    """padding="same", and attention as one function; what the bugs' evidence says."""
    assert probe("fvcore", "conv 3x3 same", "module") == probe("torchprofile", "conv 3x3 same", "module") == 0
    assert probe("thop", "conv 3x3 same", "module") == 60480
    for tool in ("calflops", "deepspeed"):
        assert probe(tool, "conv 4x4 same", "module") == 89856
    assert probe("thop", "conv 4x4 same", "module") == 107520
    assert probe("torch", "scaled dot product attention", "function") == 0
    assert probe("fvcore", "scaled dot product attention", "function") == 0
    assert probe("torchprofile", "scaled dot product attention", "function") == 1800


def test_a_batch_of_two_counts_twice() -> None:
    """Bianco's counter divides by the batch. ptflops divides what modules count and not what functions count; torchscan
    adds numbers for each layer, whatever the batch; the rest depends on the batch by its own rule.
    """
    odd: set[tuple[str, str]] = set()
    for tool, found in GOLDEN.items():
        for name, forms in found.get("probes", {}).items():
            one, two = forms.get("module", {}), forms.get("batch 2", {})
            for quantity in one:
                if type(one[quantity]) is int and quantity not in {*BYTES, "params", "trainable"}:
                    images = 1 if tool == "bianco" else 2
                    if two[quantity] != images * one[quantity]:
                        odd.add((tool, name))
    assert {tool for tool, _ in odd} == {
        "ptflops pytorch",
        "ptflops aten",
        "torchscan",
        "torchprofile",
        "calflops",
        "deepspeed",
    }
    constant = {"batch norm", "batch norm not affine", "batch norm on a vector", "multihead attention"}
    transposed = {name for name in PROBES if name.startswith("conv transpose")}
    assert {name for tool, name in odd if tool == "torchscan"} == constant | transposed
    assert {name for tool, name in odd if tool in {"ptflops aten", "torchprofile"}} == {"multihead attention"}
    assert {name for tool, name in odd if tool in {"calflops", "deepspeed"}} == {"upsample bilinear to 20x28"}
    assert (probe("ptflops pytorch", "relu", "module"), probe("ptflops pytorch", "relu", "batch 2")) == (1680, 2520)


def test_every_network_that_tools_were_run_on_is_named() -> None:
    found = {name for _, name, form, _ in given("networks") if form == "reference"}
    assert found == REFERENCES
