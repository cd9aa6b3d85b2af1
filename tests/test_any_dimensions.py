"""Networks on sequences and volumes are asked what networks on images are, and PyTorch agrees with the answers."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from pathlib import Path

import numpy
import pytest
from op_examples import EXAMPLES, example_id
from test_convention_tools import NOT_PREDICTED

import archcalc
from archcalc.base.errors import ArchcalcError
from archcalc.conventions import RUN_ON_ANY_AXES
from archcalc.conventions.counting import conventions, count, find_convention, total
from archcalc.conventions.measures import Measures
from archcalc.conventions.reconciling import reconcile
from archcalc.derivations.derive import LAYER_QUANTITIES, TOTAL_QUANTITIES, derive, layer_names
from archcalc.figures import Plot, sizes
from archcalc.forms.formulas import exact_formulas
from archcalc.graph import Graph, Network, Value, row
from archcalc.graph.network import Builder
from archcalc.ops.combine import Add, Concat, Multiply
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.layout import ChannelsFirst, ChannelsLast, Crop, Flatten, ZeroPad
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm, LayerNorm
from archcalc.ops.pointwise import Dropout, ReLU, Sigmoid
from archcalc.ops.pool import AdaptiveAvgPool, AvgPool, GlobalAvgPool, MaxPool
from archcalc.present.conventions import reconciliation_tables
from archcalc.present.costs import compare_table, cost_table, field_table
from archcalc.present.derivations import title
from archcalc.present.formulas import exact_table
from archcalc.present.layout import as_text
from archcalc.present.scaling import scaling_tables
from archcalc.validation.runner import CHECKS, validate_one

NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
"""The sizes of an input, by their number."""


def net(x: Value, width: int = 8, classes: int = 5) -> Value:
    """Windows of all kinds, a residual, a gate, and upsampling beside a skip."""
    x = skip = row("conv1", x, Conv(width, 3, padding=1), BatchNorm(), ReLU())
    y = row("conv2", x, Conv(width, 3, padding=2, dilation=2), ReLU())
    x = row("add", (x, y), Add())
    gate = row("excite", row("squeeze", x, GlobalAvgPool()), Conv(width, 1), Sigmoid())
    x = row("gate", (x, gate), Multiply())
    x = row("pool", x, MaxPool(3, 2, padding=1))
    x = row("conv3", x, Conv(2 * width, 3, 2, "same", groups=2))
    x = row("up", x, ConvTranspose(width, 4, 4))
    x = row("join", (skip, x), Concat())
    x = row("avg", x, AvgPool(2, 2), Dropout())
    x = row("mix", x, ChannelsLast(), LayerNorm(), Linear(width), ChannelsFirst())
    x = row("bins", x, AdaptiveAvgPool(4))
    return row("fc", x, Flatten(), Linear(classes))


SIZES = {1: (2, 40), 2: (2, 16, 24), 3: (2, 8, 16, 24)}
NETWORKS = {axes: Network.build(net, input=size, name=f"net{axes}") for axes, size in SIZES.items()}
on_any_axes = pytest.mark.parametrize("axes", NETWORKS)


@on_any_axes
def test_shapes_parameters_flops_memory_and_fields_are_those_of_pytorch(axes: int) -> None:
    verdict = validate_one(NETWORKS[axes], "cpu", CHECKS)
    assert [each.check for each in verdict.outcomes if each.status == "agrees"] == [
        *("shapes", "parameters", "flops", "fvcore", "field", "memory")
    ], verdict


def causal(x: Value) -> Value:
    """Paddings that differ between sides, each axis with numbers of its own where it has them."""
    axes = len(x.shape) - 1
    kernel, dilation = tuple(range(2, 2 + axes)), tuple(range(axes, 0, -1))
    before = tuple(((k - 1) * d, 0) for k, d in zip(kernel, dilation, strict=True))
    x = row("causal", x, Conv(4, kernel, padding=before, dilation=dilation), ReLU())
    x = row("spread", x, ConvTranspose(4, 3, (2,) * axes, output_padding=1))
    x = row("pad", x, ZeroPad(left=1, right=2), Crop(right=1))
    return row("pool", x, MaxPool(2, 2, padding=((0, 1),) * axes))


@on_any_axes
def test_paddings_of_one_side_are_those_of_pytorch(axes: int) -> None:
    verdict = validate_one(Network.build(causal, input=SIZES[axes]), "cpu", CHECKS)
    assert [each.check for each in verdict.outcomes if each.status in ("differs", "failed")] == [], verdict


@on_any_axes
def test_a_table_has_a_column_for_each_axis_and_a_kernel_a_number(axes: int) -> None:
    """Length of a sequence; height and width of an image; depth, height and width of a volume."""
    names = list(NAMES[axes])
    analysis = archcalc.analyze(NETWORKS[axes])
    record = analysis.records()[1]
    assert [key for key in record if key.endswith(tuple(names))] == [
        *names,
        *[f"receptive_field_{fact}_{name}" for fact in ("size", "stride", "offset") for name in names],
    ]
    assert [record[name] for name in names] == list(SIZES[axes][1:])
    assert record["kernel"] == "x".join(["3"] * axes)
    assert {record[f"receptive_field_size_{name}"] for name in names} == {3}
    assert analysis.to_dict()["layers"][1]["attributes"]["kernel"] == [3] * axes
    assert analysis.to_dict()["layers"][1]["receptive_field"]["size"] == [3] * axes
    text = as_text(cost_table(analysis))
    output = "x".join(map(str, (8, *SIZES[axes][1:])))
    assert f"conv {'x'.join(['3'] * axes)} p1" in text
    assert output in text
    assert output in as_text(field_table(analysis))
    assert "field " + names[0] in analysis._repr_html_()


@on_any_axes
def test_a_closed_form_is_in_the_sizes_and_gives_what_the_table_gives(axes: int) -> None:
    """L; H and W; D, H and W. At three times the size too, and at any width."""
    form = archcalc.closed_form(NETWORKS[axes])
    assert [symbol.name for symbol in form.symbols] == [name[0].upper() for name in NAMES[axes]]
    for times in (1, 3):
        size = (2, *[times * side for side in SIZES[axes][1:]])
        totals = archcalc.analyze(NETWORKS[axes], input=size).totals
        letters = {each.letter: side // each.period for each, side in zip(form.symbols, size[1:], strict=True)}
        for quantity in ("params", "mult_adds", "activation_sum", "training_saved_bytes"):
            assert form.quantities[quantity](**letters) == getattr(totals, quantity), quantity
    by_width = archcalc.closed_form(NETWORKS[axes], ("width",))
    (width,) = by_width.symbols
    params = by_width.quantities["params"]
    assert params(**{width.letter: 24 // width.period}) == archcalc.analyze(NETWORKS[axes], width=24).totals.params


def strided(x: Value) -> Value:
    """Sizes that are rounded down, up, and not the same on all axes."""
    axes = len(x.shape) - 1
    x = row("stem", x, Conv(4, 7, (3, 2, 1)[:axes], padding=3), ReLU())
    x = row("pool", x, MaxPool(3, 2, ceil=True))
    x = row("conv", x, Conv(6, 3, 2, padding=1))
    return row("fc", row("gap", x, GlobalAvgPool()), Flatten(), Linear(3))


@pytest.mark.parametrize("function", [net, causal, strided])
@on_any_axes
def test_an_exact_form_gives_what_the_table_gives_at_any_size_and_refuses_what_it_refuses(
    axes: int, function: Builder
) -> None:
    """Ten sizes, some of them multiples of 8, drawn anew but always the same; alone and as arrays."""
    network = Network.build(function, input=SIZES[axes], name="net")
    form = archcalc.exact_form(network)
    draw = random.Random(axes)  # noqa: S311  sizes to test
    taken: list[tuple[int, ...]] = []
    for _ in range(10):
        step = draw.choice((1, 8))
        sizes = tuple([step * draw.randint(1, 40 // step) for _ in range(axes)])
        try:
            totals = archcalc.analyze(network, input=(2, *sizes)).totals
        except ArchcalcError:
            with pytest.raises(ArchcalcError, match=f"takes no input of ({'|'.join(NAMES[axes])})"):
                form(*sizes)
            continue
        taken.append(sizes)
        found = form(*sizes)
        assert found.pop("peak_inference") * 4 == totals.peak_inference_bytes
        assert found == {key: getattr(totals, key) for key in found}, sizes
    assert len(taken) > 1
    each = form.evaluate("mult_adds", *[numpy.array(sides) for sides in zip(*taken, strict=True)])
    assert list(each) == [form.evaluate("mult_adds", *sizes) for sizes in taken]
    sheet = exact_formulas(network)
    assert all(len(each.residues) == len(each.smallest) == axes for each in sheet.classes)
    text = "".join(map(as_text, [exact_table(sheet, "mult_adds", {})]))
    assert all(f"from {name[0].upper()}" in text for name in NAMES[axes])


def test_an_exact_form_of_several_inputs_or_of_a_vector_is_refused_in_a_sentence() -> None:
    both = Network.build(lambda x, y: row("add", (x, y), Add()), input=[(1, 8, 8), (1, 8, 8)], name="both")
    with pytest.raises(ArchcalcError, match="both: an exact form is in the sizes of one input, and it has several"):
        archcalc.exact_form(both)
    vector = Network.build(lambda x: row("fc", x, Linear(3)), input=(7,), name="vector")
    with pytest.raises(ArchcalcError, match=r"vector: an exact form .* and its input \(7\) has none"):
        archcalc.exact_form(vector)
    with pytest.raises(ArchcalcError, match="an exact form takes length, not 2 sizes"):
        archcalc.exact_form(NETWORKS[1])(3, 4)


def halved(x: Value) -> Value:
    """A convolution that takes every size."""
    return row("conv", x, Conv(4, 3, 2, padding=1))


WORDS = {1: ("sequence", "position", "length", "length"), 2: ("image", "pixel", "height and width", "area"),
         3: ("volume", "position", "depth, height and width", "volume")}  # fmt: skip


@on_any_axes
def test_words_are_those_of_sequences_images_and_volumes(axes: int) -> None:
    kind, position, sides, extent = WORDS[axes]
    network = NETWORKS[axes]
    form = archcalc.closed_form(network)
    assert form.quantities["mult_adds"].unit == f"mult-adds per {kind}"
    assert f"{position}s, stride" in form.receptive_field
    assert f"for one {kind}." in as_text(cost_table(archcalc.analyze(network)))
    assert derive(network, "conv1", "mult_adds").meaning == f"multiply-accumulates for one {kind}"
    assert derive(network, "conv1", "output_shape").unit == ", ".join(("channels", *NAMES[axes]))
    tables = "".join(map(as_text, scaling_tables(archcalc.scaling(network))))
    assert f"No step of one {position} adds mult-adds; of 4 sizes in a row the network accepts 1" in tables
    strided = Network.build(halved, input=(2, *[16] * axes))
    tables = "".join(map(as_text, scaling_tables(archcalc.scaling(strided))))
    assert f"Cost of one more {position}, the steepest steps first" in tables
    assert f"by {extent}" in tables
    assert archcalc.solve(network, {"mult_adds": "10M"}, "size").meaning == f"{sides} of the input"


@on_any_axes
def test_plots_and_reports_take_it_and_say_nothing_that_is_not_of_it(axes: int) -> None:
    for kind in ("profile", "field", "sizes"):
        svg = archcalc.plot(kind, [NETWORKS[axes]], format="svg")
        assert len(svg) > 5000, kind
    sheet = sizes.gather(Plot("sizes", (NETWORKS[axes],)))
    (counts,) = sheet.networks
    for size, found in list(enumerate(counts.counts, counts.first))[::5]:
        with suppress(ArchcalcError):
            assert found == archcalc.analyze(NETWORKS[axes], input=(2, *[size] * axes)).totals.mult_adds
    text = archcalc.report([NETWORKS[axes]], "md").decode()
    assert f"mult-adds per {WORDS[axes][0]}" in text
    assert "## Validation" not in text
    assert "ImageNet" not in text


@on_any_axes
def test_the_rise_that_the_extent_predicts_is_that_of_length_area_or_volume(axes: int) -> None:
    steps = archcalc.scaling(NETWORKS[axes]).cost_steps
    assert steps is not None
    for step in steps.steps:
        assert (1 + step.area) * step.before**axes == step.after**axes


def test_a_heading_has_the_shapes_of_all_inputs() -> None:
    both = Network.build(
        lambda x, y: row("fc", row("add", (x, row("one", y, Conv(3, 1))), Add()), Flatten(), Linear(2)),
        input={"x": (3, 8, 8), "y": (1, 8, 8)},
        name="both",
    )
    shown = "input 3x8x8 + 1x8x8"
    assert shown in as_text(cost_table(archcalc.analyze(both)))
    assert shown in as_text(field_table(archcalc.analyze(both)))
    assert shown in title(derive(both, "one", "params"))
    assert shown in as_text(reconciliation_tables(reconcile(both, to="fvcore"), ())[0])
    assert "3x8x8 + 1x8x8" in as_text(compare_table([archcalc.analyze(each) for each in (both, NETWORKS[1])]))
    assert archcalc.analyze(both).inputs == ((3, 8, 8), (1, 8, 8))


@on_any_axes
def test_every_convention_counts_it_and_steps_lead_from_one_count_to_another(axes: int) -> None:
    for convention in conventions():
        counted = count(NETWORKS[axes], convention)
        assert counted.total == sum(counted.by_layer.values()), convention.name
        assert counted.total > 0 or convention.name == "netscope_exp", "exponentials of layers that are not here"
    (waterfall,) = reconcile(NETWORKS[axes], to="fvcore").waterfalls
    assert waterfall.start.total + sum(step.amount for step in waterfall.steps) == waterfall.end.total


RECORDED: dict[str, dict[str, dict[str, int]]] = json.loads(
    (Path(__file__).parent / "data" / "tools_any_dimensions.json").read_text()
)["tools"]
COUNTED = {
    ("fvcore", "flops"): "fvcore",
    ("thop", "macs"): "thop",
    ("thop", "params"): "thop_params",
    ("torchinfo", "mult_adds"): "torchinfo",
    ("torchinfo", "params"): "params",
    ("torchscan", "macs"): "torchscan",
    ("torchscan", "flops"): "torchscan_flops",
    ("torchprofile", "macs"): "torchprofile",
}
ONE_INPUT = [each for each in EXAMPLES if len(each.shapes) == 1 and len(each.shapes[0]) in (2, 4)]


@pytest.mark.parametrize(("tool", "figure"), COUNTED)
def test_on_sequences_and_volumes_a_convention_gives_what_the_tool_returned(tool: str, figure: str) -> None:
    """For every op that has an example of one; ptflops, calflops, DeepSpeed and XLA were not asked."""
    convention, compared = find_convention(COUNTED[tool, figure]), 0
    for example in ONE_INPUT:
        graph = Graph("op", *example.shapes)
        graph.finish(example.op(graph.input))
        if example_id(example) in NOT_PREDICTED.get((tool, figure), ()):
            continue
        theirs = RECORDED[tool][example_id(example)]
        assert total(Measures(graph), convention) == theirs[figure], example_id(example)
        compared += 1
    assert compared > 75


def test_a_reconciliation_says_which_tools_were_run_on_sequences_and_volumes() -> None:
    """torch's own counter is run on every example in test_op_against_torch."""
    assert set(RUN_ON_ANY_AXES) == {*RECORDED, "torch"}
    for axes, word in ((1, "sequences"), (3, "volumes")):
        (table, *_) = reconciliation_tables(reconcile(NETWORKS[axes]), ())
        assert any(f"torchscan were run on {word}; the counts of others" in remark for remark in table.remarks)
    (table, *_) = reconciliation_tables(reconcile(NETWORKS[2]), ())
    assert not any("were run on" in remark for remark in table.remarks)


@on_any_axes
def test_every_quantity_of_every_layer_has_its_reasons(axes: int) -> None:
    """A derivation raises ArchcalcError if it comes to another number than the table."""
    names = list(NAMES[axes])
    for layer in layer_names(NETWORKS[axes]):
        for quantity in TOTAL_QUANTITIES if layer == "total" else LAYER_QUANTITIES:
            try:
                derive(NETWORKS[axes], layer, quantity)
            except ArchcalcError as error:
                assert f"it has no {quantity.removeprefix('output_')}" in str(error)  # noqa: PT017
                assert quantity.removeprefix("output_") not in names or "is a vector" in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("axes", "formula"),
    [
        (1, "k * C_in * L_out * C_out"),
        (2, "k * k * C_in * H_out * W_out * C_out"),
        (3, "k * k * k * C_in * D_out * H_out * W_out * C_out"),
    ],
)
def test_the_formula_of_a_convolution_has_a_kernel_and_a_size_for_each_axis(axes: int, formula: str) -> None:
    line = derive(NETWORKS[axes], "conv1.conv", "mult_adds").parts[0].lines[-1]
    assert line.formula.text() == formula  # type: ignore[union-attr]


def test_an_axis_that_a_map_does_not_have_is_told() -> None:
    with pytest.raises(ArchcalcError, match=r"the output of conv1 has channels and length: it has no height"):
        derive(NETWORKS[1], "conv1", "height")


def test_inputs_of_one_size_share_their_positions_and_another_says_nothing_of_the_first() -> None:
    """Two frames of one size are seen through one window; of a smaller map beside them nothing is said."""
    graph = Graph("frames", (1, 8, 8), (1, 8, 8), (1, 4, 4))
    first, second, small = graph.inputs
    x = row("frames", (row("one", first, Conv(2, 3, padding=1)), row("two", second, Conv(2, 5, padding=2))), Concat())
    x = row("half", x, MaxPool(2, 2))
    y = row("beside", small, Conv(2, 3, padding=1))
    graph.finish(row("join", (x, y), Concat()))
    fields = {layer.name: layer.receptive_field for layer in archcalc.analyze(graph).layers}
    assert (fields["two"].size, fields["frames"].size, fields["half"].size) == ((5, 5), (5, 5), (6, 6))
    assert fields["beside"] == (None, None, None, False, False, None)
    assert fields["join"] == fields["half"]


def test_of_a_vector_every_unit_sees_the_whole() -> None:
    network = Network.build(lambda x: row("fc", x, Linear(3)), input=(7,), name="perceptron")
    analysis = archcalc.analyze(network)
    assert [layer.receptive_field.whole_input for layer in analysis.layers] == [True, True]
    assert "channels" in analysis.records()[0]
    assert not any("receptive_field" in key for key in analysis.records()[0])


def test_a_list_of_vectors_has_its_channels_last() -> None:
    """Nine vectors of 20 values: a linear layer and a norm of vectors say which axis the channels stand on."""

    def mixer(x: Value) -> Value:
        x = row("norm", x, LayerNorm())
        x = row("mix", x, Linear(7), ReLU())
        return row("fc", x, Flatten(), Linear(3))

    network = Network.build(mixer, input=(9, 20))
    assert [layer.output_shape for layer in archcalc.analyze(network).layers[1:]] == [(20, 9), (7, 9), (3,)]
    for layer in ("norm", "mix"):
        for quantity in ("output_shape", "params", "mult_adds", "activations"):
            derive(network, layer, quantity)
    assert [
        each.status for each in validate_one(network, "cpu", ("shapes", "parameters", "flops", "memory")).outcomes
    ] == ["agrees"] * 4
