"""What the documents print about the networks of the catalogue, claim by claim (archcalc/data/claims.csv).

A printed number holds if what archcalc computes rounds to it. A claim that does not hold stands in `CONTRADICTED` with
the number that follows instead, and with the reading that gives the printed one where there is such a reading.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from archcalc import Analysis, Layer, analyze


class Claim(NamedTuple):
    """One line of claims.csv."""

    id: str
    document: str
    line: str
    slide_section: str
    architecture: str
    scope: str
    quantity: str
    value: str
    number: str
    unit: str
    comment: str


# the networks whose claims are settled here
READ = re.compile(
    r"(lenet5|alexnet_grouped|alexnet_simplified|zfnet|zfnet_wide_cs231n|vgg\d+|googlenet|inception_\w+_example"
    r"|resnet\d+|(resnet|plain)\d+_cifar|mobilenet_v1_[\d._]+)"
)
with (Path(__file__).parent.parent / "archcalc" / "data" / "claims.csv").open(newline="", encoding="utf-8") as file:
    EVERY = [Claim(*line) for line in csv.reader(file)][1:]
CLAIMS = [claim for claim in EVERY if READ.fullmatch(claim.architecture)]


def claims(section: str, *quantities: str, document: str = "", architecture: str = "") -> list[Claim]:
    """The claims on some quantities whose slide's heading has `section` in it."""
    return [
        claim
        for claim in CLAIMS
        if section in claim.slide_section
        and claim.quantity in quantities
        and claim.document.startswith(document)
        and claim.architecture.startswith(architecture)
    ]


def within_printed_digits(claim: Claim, count: int) -> bool:
    """Whether `count` rounds to the printed number; whether it is that number where it is printed in words.

    Zeros at the end of a whole number are digits up to the second place: 720 is 715 to 725, 60 is 59.5 to 60.5.
    """
    wanted = Decimal(claim.number)
    printed = [text.replace(",", "") for text in re.findall(r"\d[\d,]*\.?\d*", claim.value)]
    if not printed:
        return count == wanted
    (digits, scale), *_ = [(x, scale) for x in printed for scale in (1, 10**3, 10**6) if Decimal(x) * scale == wanted]
    zeros = min(len(digits) - 2, len(digits) - len(digits.rstrip("0")))
    last = Decimal(10) ** (Decimal(digits).as_tuple().exponent if "." in digits else max(0, zeros))
    return abs(count - wanted) <= last * scale / 2


def integers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def same_shape(claim: Claim, shape: tuple[int, ...]) -> bool:
    """Whether height x width x channels are printed; a vector may be printed with a height and width of 1."""
    return integers(claim.value) in ([*shape[1:], shape[0]], [1, 1, *shape])


def rows_of(table: list[Claim]) -> list[dict[str, Claim]]:
    """The claims of each printed row, in the order of the slide."""
    rows: dict[str, dict[str, Claim]] = {}
    for claim in table:
        rows.setdefault(claim.scope, {})[claim.quantity] = claim
    return list(rows.values())


def unbiased(layer: Layer) -> int:
    """A layer's parameters without its biases, as the documents count."""
    return layer.params - (layer.attributes["out"] if layer.attributes.get("bias") else 0)


@pytest.mark.parametrize("document", ["003", "004"])
def test_vgg16_is_the_slide_of_its_parameters_and_memory(document: str) -> None:
    """Row by row the slide prints archcalc's output shapes, values and parameters without biases."""
    table = claims("parameters and memory", "output_shape", "activation_elements", "params", document=document)
    rows = rows_of([claim for claim in table if "TOTAL" not in claim.scope])
    layers = analyze("vgg16").layers
    for row, layer in zip(rows, layers, strict=True):
        assert same_shape(row["output_shape"], layer.output_shape)
        assert int(row["output_shape"].number) == layer.activations
        assert within_printed_digits(row["activation_elements"], layer.activations)
        assert int(row["params"].number) == unbiased(layer)
    assert sum(layer.activations for layer in layers) == 15_237_608
    assert sum(unbiased(layer) for layer in layers) == 138_344_128


STAGES = claims("ResNet - receptive fields", "receptive_field")


@pytest.mark.parametrize("claim", STAGES, ids=[f"{claim.architecture}-{claim.scope}" for claim in STAGES])
def test_receptive_fields_of_resnets_are_the_table_of_document_003(claim: Claim) -> None:
    """The last layer of each stage sees a square of the printed side."""
    last = [x for x in analyze(claim.architecture).layers if x.row.split(".")[0] == claim.scope][-1]
    assert last.receptive_field.size == (int(claim.number), int(claim.number))
    assert len(STAGES) == 6 * 4  # conv1, maxpool, layer1 to layer4 of four networks


def test_alexnet_simplified_is_the_table_of_document_004() -> None:
    """INPUT, CONV1, MAX POOL1, NORM1 ... FC8: shapes, filters, strides and padding, in the order of the slide."""
    fields = {"channels": "out", "outputs": "out", "kernel": "kernel", "pool_kernel": "kernel"}
    fields |= {"stride": "stride", "pool_stride": "stride", "padding": "padding"}
    table = claims("Full (simplified) AlexNet", "output_shape", *fields, architecture="alexnet_simplified")
    layers = analyze("alexnet_simplified").layers
    for row, layer in zip(rows_of(table), layers, strict=True):
        assert same_shape(row["output_shape"], layer.output_shape)
        for quantity in row.keys() & fields.keys():
            assert int(row[quantity].number) == layer.attributes[fields[quantity]], (layer.row, quantity)
    conv1, pool1 = claims("Case Study: AlexNet", "params")
    assert within_printed_digits(conv1, unbiased(layers[1]))
    assert within_printed_digits(pool1, unbiased(layers[2]))


@pytest.mark.parametrize("document", ["000", "002"])
def test_mobilenet_is_table_1_but_for_one_stride(document: str) -> None:
    """Filters and inputs of all rows are printed as they are; so are the strides, except in row 18.

    Row 18 prints stride 2, yet row 19 prints the same 7x7 input as row 18: the stride is 1.
    """
    table = claims("Table 1", "stride", "filter_shape", "input_shape", "pool_kernel", document=document)
    printed = rows_of([claim for claim in table if claim.scope.startswith("Table 1 row")])
    assert len(printed) == 22
    rows = [*printed[:13], *printed[13:15] * 5, *printed[15:]]
    heads = {"input", "conv", "global_avg_pool", "linear", "softmax"}
    layers = [x for x in analyze("mobilenet_v1_1.0_224", detail=True).layers if x.op in heads]
    strides = {}
    for row, before, layer in zip(rows, layers, layers[1:], strict=False):
        entering = before.output_shape
        assert same_shape(row["input_shape"], entering)
        if layer.op == "conv":
            kernel, out, groups = (layer.attributes[field] for field in ("kernel", "out", "groups"))
            filters = [kernel, kernel, out] if groups == entering[0] else [kernel, kernel, entering[0], out]
            assert ("dw" in row["filter_shape"].value) == (groups == entering[0])
            assert integers(row["filter_shape"].value) == filters
            assert int(row["filter_shape"].number) == layer.params
            if int(row["stride"].number) != layer.attributes["stride"]:
                strides[row["stride"].scope] = (row["stride"].number, layer.attributes["stride"])
        elif layer.op == "linear":
            assert integers(row["filter_shape"].value) == [entering[0], layer.attributes["out"]]
        elif layer.op == "global_avg_pool":
            assert [int(row["pool_kernel"].number)] * 2 == list(entering[1:])
    assert len(rows) == len(layers) - 1
    assert strides == {"Table 1 row 18: Conv dw / s2": ("2", 1)}


def test_inception_examples_do_the_printed_products() -> None:
    """Each "Conv Ops" product of document 004 is the mult-adds of one convolution, and there are no others."""
    for name in ("inception_naive_example", "inception_bottleneck_example"):
        products = [c for c in claims("GoogLeNet", "mult_adds", architecture=name) if c.scope != "total"]
        convolutions = [layer.mult_adds for layer in analyze(name).layers if layer.op == "conv"]
        assert Counter(convolutions) == Counter(int(claim.number) for claim in products)
    (concatenation,) = claims("naive Inception module", "output_shape")
    assert same_shape(concatenation, analyze("inception_naive_example").layers[-1].output_shape)


def test_parts_of_networks_have_the_printed_layers() -> None:
    """GoogLeNet: 3 convolutions before the modules, 2 layers deep modules, heads of 3; ResNet-34: blocks of 2."""
    googlenet = [layer.row for layer in analyze("googlenet", aux=True).layers if layer.op in ("conv", "linear")]
    found = {
        ("googlenet", "stem"): googlenet.index("inception3a.1x1"),
        ("googlenet", "auxiliary classifier"): sum(row.startswith("aux1.") for row in googlenet),
        ("googlenet", "one inception module"): analyze("inception_bottleneck_example").totals.weight_layers,
        ("resnet34", "basic block"): sum(x.row.startswith("layer3.4.conv") for x in analyze("resnet34").layers),
    }
    printed = [c for c in CLAIMS if (c.architecture, c.scope) in found and c.quantity in ("layers", "conv_layers")]
    assert {(claim.architecture, claim.scope) for claim in printed} == found.keys()
    for claim in printed:
        assert int(claim.number) == found[claim.architecture, claim.scope], claim.id


def computed(claim: Claim) -> int:
    """What archcalc has for a claim on a whole network."""
    head = {"classes": 120} if "Stanford Dogs" in claim.scope else {}
    analysis = analyze(claim.architecture, **head)
    kinds = Counter(layer.op for layer in analysis.layers)
    return {
        "params": analysis.totals.params,
        "mult_adds": analysis.totals.mult_adds,
        "layers": analysis.totals.weight_layers,
        "conv_layers": kinds["conv"] + kinds["table_conv"],
        "fc_layers": kinds["linear"] + kinds["radial_basis"],
        "activation_elements": analysis.totals.activation_sum,
        "memory_bytes": analysis.totals.activation_sum * analysis.element_bytes,
    }[claim.quantity]


COUNTED = ("params", "mult_adds", "layers", "conv_layers", "fc_layers", "activation_elements", "memory_bytes")
PART = re.compile(r"INPUT|CONV3|POOL2|FC \(|conv1|pool1|\dx\d conv|stem|auxiliary|one inception|basic|residual")
WHOLE = {c.id: c for c in CLAIMS if c.quantity in COUNTED and not PART.match(c.scope)}


class Instead(NamedTuple):
    """What follows in place of a printed number, why, and a reading that does give the printed one."""

    follows: int
    because: str
    reading: Callable[[Analysis], int] | None = None


def wide(analysis: Analysis) -> int:
    """Convolutions that leave more than one position."""
    return sum("conv" in layer.op and layer.output_shape[1:] != (1, 1) for layer in analysis.layers)


def with_pools(analysis: Analysis) -> int:
    return len(analysis.layers) - 1


def of_convolutions(analysis: Analysis) -> int:
    return sum(layer.mult_adds for layer in analysis.layers if layer.op == "conv")


def unnormalised(analysis: Analysis) -> int:
    return sum(x.params for x in analyze(analysis.architecture, detail=True).layers if x.op != "batch_norm")


def rounded_down(count: int) -> int:
    return count // 10**6 * 10**6


ROWS = "the printed rows add up to 15.2M values, 61 MB at 4 bytes"
ALEXNET = "60.97M, rounded down"
DOGS = "the 1000-class network's figure, printed for a head of 120 classes"
LINEAR = "one linear layer remains after the global average"
WIDTHS = "the widths of Table 1 in arXiv:1409.4842 give 7.0M parameters and 1.58G mult-adds"
CONTRADICTED = {
    "C0001": Instead(3, "C5 is taken for a linear layer: its kernel covers its whole input", wide),
    "C0002": Instead(2, "likewise", lambda a: a.totals.weight_layers - wide(a)),
    "C0166": Instead(5, "the two subsampling layers are counted", with_pools),
    "C0523": Instead(5, "CONV-POOL-CONV-POOL-FC-FC leaves out one of C5, F6 and the output"),
    "C0007": Instead(60_965_224, ALEXNET, lambda a: rounded_down(a.totals.params)),
    "C0147": Instead(60_965_224, ALEXNET, lambda a: rounded_down(a.totals.params)),
    "C0031": Instead(6_998_552, WIDTHS),
    "C0700": Instead(6_998_552, WIDTHS),
    "C0135": Instead(6_998_552, WIDTHS),
    "C0134": Instead(1_582_671_872, WIDTHS),
    "C0181": Instead(1, LINEAR),
    "C0699": Instead(1, LINEAR),
    "C0137": Instead(15_470_264_320, "the linear layers are left out", of_convolutions),
    "C0454": Instead(15_237_608, ROWS),
    "C0690": Instead(15_237_608, ROWS),
    "C0456": Instead(60_950_432, ROWS),
    "C0692": Instead(60_950_432, ROWS),
    "C0140": Instead(76_524_800, "76.5M, rounded down; or the linear layer is left out", of_convolutions),
    "C0141": Instead(1_331_592, "normalisation is left out", unnormalised),
    "C0152": Instead(567_839_232, DOGS, lambda a: a.totals.mult_adds),
    "C0158": Instead(417_220_608, DOGS, lambda a: a.totals.mult_adds),
    "C0725": Instead(271_351_808, "the 3x3 product is added twice", lambda a: a.totals.mult_adds + 86_704_128),
}


UPHELD = [claim for claim in WHOLE.values() if claim.id not in CONTRADICTED]


@pytest.mark.parametrize("claim", UPHELD, ids=[f"{c.id}-{c.architecture}-{c.quantity}" for c in UPHELD])
def test_a_claim_on_a_whole_network_holds_within_its_printed_digits(claim: Claim) -> None:
    """Parameters, mult-adds, layers and memory round to the printed number."""
    assert within_printed_digits(claim, computed(claim))


@pytest.mark.parametrize("id", CONTRADICTED)
def test_a_contradicted_claim_is_explained(id: str) -> None:
    """The number that follows is archcalc's and does not round to the printed one; its reading, if any, does."""
    claim, instead = WHOLE[id], CONTRADICTED[id]
    assert computed(claim) == instead.follows
    assert not within_printed_digits(claim, instead.follows)
    if instead.reading is not None:
        assert within_printed_digits(claim, instead.reading(analyze(claim.architecture)))


def test_googlenet_has_22_layers_only_if_parallel_ones_count_once() -> None:
    """Document 004 counts "each parallel layer in an Inception module": that gives 58, not its printed 22."""
    (claim,) = [claim for claim in WHOLE.values() if "including each parallel layer" in claim.value]
    assert int(claim.number) == analyze("googlenet").totals.weight_layers == 22
    assert sum(layer.op in ("conv", "linear") for layer in analyze("googlenet").layers) == 58
