"""Two networks side by side, tables by stage, and shares: figures that add up to the totals of the cost table."""

from __future__ import annotations

import csv
import io

import pytest
from click.testing import CliRunner

import archcalc
from archcalc import row
from archcalc.analysis.blocks import at_depth
from archcalc.analysis.difference import diff
from archcalc.cli import cli
from archcalc.ops import Conv
from archcalc.present.difference import difference_table
from archcalc.present.layout import as_text

PAIRS = (
    ("vgg16", "vgg19"),
    ("resnet50", "resnet50_v1"),
    ("resnet50", "seresnet50"),
    ("alexnet", "vgg16"),
    ("swin_t", "convnext_tiny"),
    ("lenet5", "unet"),
    ("googlenet", "googlenet"),
)


def lines(*args: str) -> list[dict[str, str]]:
    result = CliRunner().invoke(cli, [*args, "--format", "csv"], standalone_mode=False, catch_exceptions=False)
    return list(csv.DictReader(io.StringIO(result.stdout)))


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_differences_of_layers_add_up_to_that_of_the_totals(first: str, second: str) -> None:
    found = diff(first, second)
    ours, theirs = found.first.totals, found.second.totals
    for key in ("params", "mult_adds"):
        assert sum(pair.delta(key) for pair in found.layers) == theirs[key] - ours[key]
    counted = [0, 0]
    for pair in found.layers:
        for side, layer in enumerate(pair):
            counted[side] += 0 if layer is None or layer.in_place else layer.activations
    assert counted == [ours.activation_sum, theirs.activation_sum]
    assert sum(pair.delta("activations") for pair in found.layers) == theirs.activation_sum - ours.activation_sum


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_every_layer_of_both_networks_stands_once_in_its_order(first: str, second: str) -> None:
    found = diff(first, second)
    assert [pair.first for pair in found.layers if pair.first is not None] == list(found.first.layers)
    assert [pair.second for pair in found.layers if pair.second is not None] == list(found.second.layers)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_difference_the_other_way_round_is_its_opposite(first: str, second: str) -> None:
    there, back = diff(first, second), diff(second, first)
    opposite = {"added": "removed", "removed": "added"}

    def changes(layers: tuple[object, ...]) -> dict[str, int]:
        counted: dict[str, int] = {}
        for pair in layers:
            counted[pair.change] = counted.get(pair.change, 0) + 1  # pyright: ignore[reportAttributeAccessIssue]
        return counted

    assert {opposite.get(key, key): number for key, number in changes(there.layers).items()} == changes(back.layers)


def test_a_network_does_not_differ_from_itself() -> None:
    assert {pair.change for pair in diff("resnet50", "resnet50").layers} == {"same"}


def test_what_is_printed_says_the_inputs_and_counts_layers_in_words() -> None:
    text = as_text(difference_table(diff("lenet5", "lenet5_dense", input=(1, 36, 36))))
    assert "lenet5: input 1x36x36, " in text
    assert "lenet5_dense: input 1x36x36, " in text
    alike = as_text(difference_table(diff("vgg16", "vgg16")))
    assert alike.splitlines()[0] == "vgg16 and vgg16: no layer differs"
    assert "total" not in alike
    one = as_text(difference_table(diff(*[one_conv(width) for width in (4, 8)])))
    assert "1 layer is the same. " in one


def one_conv(width: int) -> archcalc.Network:
    """A convolution of some channels."""
    return archcalc.Network.build(lambda x: row("conv", x, Conv(width, 3)), input=(3, 8, 8), name=f"conv{width}")


def test_resnets_differ_in_the_stride_of_six_convolutions() -> None:
    changed = [pair for pair in diff("resnet50", "resnet50_v1").layers if pair.change == "changed"]
    assert [pair.first.name for pair in changed if pair.first] == [
        f"layer{stage}.0.conv{conv}" for stage in (2, 3, 4) for conv in (1, 2)
    ]


def test_one_network_at_two_sizes_is_two_networks_on_the_command_line() -> None:
    found = lines("diff", "resnet50", "--size", "224", "--size", "256", "--depth", "1")
    assert [line["first_layer"] for line in found][:4] == ["input", "conv1", "maxpool", "layer1"]
    assert sum(int(line["mult_adds_difference"]) for line in found) == (
        archcalc.analyze("resnet50", input=(3, 256, 256)).totals.mult_adds
        - archcalc.analyze("resnet50").totals.mult_adds
    )
    with pytest.raises(archcalc.ArchcalcError, match="two names"):
        lines("diff", "resnet50")


@pytest.mark.parametrize(
    "name", ["resnet50", "googlenet", "vgg16", "mobilenet_v1", "swin_t", "efficientnet_b0", "nasnet_a_mobile", "unet"]
)
@pytest.mark.parametrize("depth", [1, 2, 3, 9])
def test_stages_and_blocks_add_up_to_the_totals(name: str, depth: int) -> None:
    analysis = archcalc.analyze(name, convention="fvcore")
    table = at_depth(analysis, depth)
    assert len({layer.name for layer in table.layers}) == len(table.layers) <= len(analysis.layers)
    assert sum(layer.params for layer in table.layers) == analysis.totals.params
    assert sum(layer.mult_adds for layer in table.layers) == analysis.totals.mult_adds
    assert sum(layer.activations for layer in table.layers if not layer.in_place) == analysis.totals.activation_sum
    assert analysis.counting is not None
    assert sum(layer.counted or 0 for layer in table.layers) == analysis.counting.total
    if depth == 9:
        assert table == analysis


def test_stages_are_known_by_numbers_after_dots_and_underscores() -> None:
    def stages(name: str) -> str:
        return " ".join([layer.name for layer in at_depth(archcalc.analyze(name), 1).layers])

    groups = [each for i in range(1, 6) for each in (f"conv{i}", f"pool{i}")]
    assert stages("vgg16") == " ".join(["input", *groups, "fc6", "fc7", "fc8"])
    assert stages("mobilenet_v1") == " ".join(
        ["input", *[f"conv{i}" for i in range(1, 15)], "avgpool", "fc", "softmax"]
    )
    assert stages("googlenet").startswith("input conv1 pool1 conv2 pool2 ")
    assert at_depth(archcalc.analyze("inception_v3"), 1).layers[1].name == "Conv2d_1a_3x3"


def test_shares_of_all_layers_are_the_whole() -> None:
    found = lines("table", "mobilenet_v1", "--share", "--depth", "1", "--convention", "torch")
    for key in ("params", "mult_adds", "activations", "counted"):
        assert sum(float(line[f"{key}_percent"]) for line in found) == pytest.approx(100)


def test_the_classifier_as_convolutions_has_the_fields_of_the_paper() -> None:
    """Long et al. 2015, arXiv:1411.4038, Table 1: the receptive fields of its convolutional networks."""
    for name, size in (("caffenet", 355), ("vgg16", 404), ("googlenet", 907)):
        last = archcalc.analyze(name, convolutional=True).layers[-1].receptive_field
        assert (last.size, last.stride, last.whole_input) == ((size, size), (32, 32), False)
        assert archcalc.analyze(name).layers[-1].receptive_field.whole_input


def test_a_gate_still_sees_the_whole_input_in_the_convolutional_reading() -> None:
    last = archcalc.analyze("seresnet50", convolutional=True).layers[-1].receptive_field
    assert last.whole_input
    assert last.local is not None
    assert last.local.size == archcalc.analyze("resnet50", convolutional=True).layers[-1].receptive_field.size
