"""The plots that papers show: what they show is what the papers print, and what other parts of archcalc count."""

from __future__ import annotations

import csv
import lzma
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D
from test_plots import data_of, figure_of, records_of, texts

import archcalc
from archcalc import ArchcalcError, Request, zoo
from archcalc.analysis.quantities import Basis, totals
from archcalc.evidence.accuracy import all_points
from archcalc.figures import Plot, gather, labels, style
from archcalc.figures.counting import last_field
from archcalc.figures.regnet import last_widths
from archcalc.figures.spaces import printed
from archcalc.figures.throughput import published_rates
from archcalc.spaces.documented import spaces
from archcalc.spaces.sources import SpaceSample, tables_from
from archcalc.spaces.tables import tables_of

RECORD = Path(__file__).parent / "data" / "throughput.csv.xz"
FIELDS = {
    "alexnet_owt": 195,
    "vgg16": 212,
    "resnet50_v1": 483,
    "resnet101_v1": 1027,
    "resnet152_v1": 1507,
    "bn_inception": 699,
    "inception_v3": 1311,
    "inception_v4": 2071,
    "inception_resnet_v2": 3039,
    "mobilenet_v1_1.0_224": 315,
}
"""The table of google-research/receptive_field, which Araujo et al. 2019, Distill, draw against accuracy. Its AlexNet
is v2, which has torchvision's kernels and strides; its ResNets have the stride in the first 1x1."""


def said(name: str) -> str:
    """The small print of a figure."""
    figure = figure_of(name, style.PAGE)
    return " ".join(each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("print"))


def refused(kind: str, *names: str, **request: Any) -> str:
    with pytest.raises(ArchcalcError) as raised:
        gather(Plot(kind, names, **request))
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("name", FIELDS)
def test_receptive_fields_are_those_that_distill_draws(name: str) -> None:
    assert last_field(Request.of(name).graph) == FIELDS[name]


def test_a_network_that_sees_the_whole_input_has_no_place_on_the_axis_of_fields() -> None:
    drawn = {each["architecture"] for each in records_of("accuracy-field")}
    assert {"convnext_tiny", "resnet50"} <= drawn
    assert not drawn & {"swin_t", "efficientnet_b0"}
    assert "Swin-T" in said("accuracy-field")
    assert "EfficientNet-B0" in said("accuracy-field")
    message = refused("accuracy-field", "swin_t", recipe=("torchvision_v1_new",))
    assert message.startswith("no receptive field of Swin-T")


def test_a_field_is_no_cost_and_has_no_front() -> None:
    assert "pareto_front" not in records_of("accuracy-field")[0]
    assert "Pareto" not in said("accuracy-field")
    assert "Pareto" in said("accuracy-activations")


def test_axes_of_memory_and_activations_have_the_totals_of_the_networks() -> None:
    activations = {each["architecture"]: each["activations"] for each in records_of("accuracy-activations")}
    trained = {each["architecture"]: each for each in records_of("accuracy-training")}
    held = {each["architecture"]: each["inference_bytes"] for each in records_of("accuracy-memory")}
    for name in ("resnet50", "densenet121", "squeezenet1_1"):
        assert activations[name] == archcalc.analyze(name).totals.activation_sum
        request = Request.of(name, batch=64, training=archcalc.Training(precision="amp_bf16"))
        assert trained[name]["training_step_bytes"] == archcalc.analyze(request).totals.training_step_bytes
        alone = totals(Basis(Request.of(name).graph), ("params", "buffers", "eager_inference_bytes"))
        assert held[name] == 4 * (alone.params + alone.buffers) + alone.eager_inference_bytes
    assert (trained["resnet50"]["batch"], trained["resnet50"]["precision"]) == (64, "amp_bf16")


def test_density_times_parameters_is_accuracy_along_points_and_diagonals() -> None:
    for each in records_of("density-plane"):
        assert each["percent_per_million"] * each["params"] / 1e6 == pytest.approx(each["top1_percent"], rel=1e-5)
    (axes,) = figure_of("density-plane", style.PAGE).axes
    guides = [line for line in axes.get_lines() if (line.get_gid() or "").startswith("guide ")]
    assert len(guides) >= 3
    for line in guides:
        millions = float(line.get_gid().split()[1])
        assert numpy.allclose(line.get_xdata() * millions, line.get_ydata())


def test_published_throughput_is_the_record_that_predictions_are_judged_by() -> None:
    """The package holds four of the record's tables, for the catalogue's networks, in full."""
    with lzma.open(RECORD, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["network"]]
    tables = {each.source.rpartition("benchmark-")[2].removesuffix(".csv") for each in published_rates()}
    assert len(tables) == 4
    wanted = Counter(
        (
            row["table"],
            row["network"],
            int(row["size"]),
            float(row["images_per_second"]),
            int(row["batch"]),
            row["model"],
        )
        for row in rows
        if row["table"] in tables
    )
    kept = Counter(
        (
            each.source.rpartition("benchmark-")[2].removesuffix(".csv"),
            each.architecture, each.size, each.images_per_second, each.batch, each.model,
        )
        for each in published_rates()
    )  # fmt: skip
    assert kept == wanted
    for each in published_rates():
        name = each.source.replace("_", "").replace("rtx", "")
        assert each.device.replace("rtx-", "").replace("-", "") in name
        assert ("fp32" in name) == (each.precision == "float32")
        assert ("dynamo" in name) == (each.runtime == "compiled")


def test_throughput_is_drawn_once_a_network_at_the_catalogue_s_size() -> None:
    lines = records_of("throughput")
    names = [each["architecture"] for each in lines]
    assert len(names) == len(set(names)) > 80
    for each in lines:
        network = zoo.network(each["architecture"])
        assert each["size"] == network.input[-1]
    for each in lines[::12]:
        assert each["count"] == archcalc.analyze(each["architecture"]).totals.mult_adds
    assert not {"efficientnet_b0_tf"} & set(names)
    assert {each["device"] for each in records_of("throughput, a processor")} == {"i7-12700h"}


def test_throughput_says_what_is_published() -> None:
    assert refused("throughput", device="h100") == (
        "throughput is published of rtx-4090, rtx-3090, rtx-5090, i7-12700h, not of h100"
    )
    assert "has no lenet5" in refused("throughput", "lenet5")
    assert "no --batch" in refused("throughput", batch=4)
    assert "is of amp_fp16, not of float32" in refused("throughput", precision="float32")
    assert [each["architecture"] for each in data_records("throughput", "vgg16")] == ["vgg16_torchvision"]


def data_records(kind: str, *names: str) -> list[dict[str, Any]]:
    from archcalc.figures import KINDS, module_of

    return module_of(KINDS[kind]).records(gather(Plot(kind, names)))


def test_wide_networks_have_the_parameters_that_the_paper_prints() -> None:
    """Zagoruyko & Komodakis 2016, Table 4, prints millions with one decimal, some cut off and not rounded."""
    wanted = {
        (each.dataset, each.architecture): float(each.printed_params)
        for each in all_points()
        if each.recipe == "wrn_authors_zca"
    }
    lines = [each for each in records_of("wrn") if each["dataset"] != "imagenet"]
    assert {(each["dataset"], each["architecture"]) for each in lines} == set(wanted)
    for each in lines:
        assert each["params"] / 1e6 == pytest.approx(wanted[each["dataset"], each["architecture"]], abs=0.1)
    times = {each["architecture"]: each["milliseconds"] for each in records_of("wrn") if each["milliseconds"]}
    assert times == {"resnet50": 49, "resnet101": 82, "resnet152": 115, "wrn50_2": 93, "preresnet200": 154}


def test_lines_of_wide_networks_join_one_depth_each() -> None:
    for panel in data_of("wrn").panels[:2]:
        depths = {
            spot.line: {each.name.split("_")[1] for each in panel.spots if each.line == spot.line}
            for spot in panel.spots
        }
        assert len(depths) == 4
        assert all(len(each) == 1 for each in depths.values())


def test_efficientnet_and_its_rivals_are_the_same_in_both_panels() -> None:
    left, right = data_of("efficientnet").panels
    assert [spot.name for spot in left.spots] == [spot.name for spot in right.spots]
    assert [spot.y for spot in left.spots] == [spot.y for spot in right.spots]
    names = [spot.name for spot in left.spots]
    assert len(names) == len(set(names))
    assert {f"efficientnet_b{number}" for number in range(8)} < set(names)
    for spot in left.spots[::5]:
        assert spot.x * 1e6 == pytest.approx(int(archcalc.analyze(spot.name).totals.params), rel=1e-9)


def test_convnext_and_swin_were_trained_on_what_the_headings_say() -> None:
    extra = {(each.recipe, bool(each.extra_data)) for each in all_points()}
    for panel, pretrained in zip(data_of("convnext").panels, (False, True), strict=True):
        recipes = {str(spot.columns["recipe"]) for spot in panel.spots}
        assert len(recipes) == 2
        assert {has for recipe, has in extra if recipe in recipes} == {pretrained}


def test_steps_of_the_roadmap_cost_what_the_paper_prints() -> None:
    """Liu et al. 2022, Table 10: all agree to the printed digit but the last two, where the paper counts more."""
    lines = {each["step"]: each for each in records_of("roadmap")}
    for step, each in lines.items():
        off = each["printed_mult_adds"] - each["mult_adds"]
        if step in ("BN to LN", "separate downsampling", "Swin-T"):
            assert 5e6 < off < 0.32e9
        else:
            assert abs(off) <= 5e6, step
    assert lines["ResNet-50 (PyTorch)"]["mult_adds"] == archcalc.analyze("resnet50").totals.mult_adds
    assert lines["separate downsampling"]["mult_adds"] == archcalc.analyze("convnext_tiny").totals.mult_adds
    assert lines["separate downsampling"]["top1_percent"] == 81.97


def test_bars_of_the_roadmap_are_as_long_as_the_accuracies() -> None:
    bars, costs = figure_of("roadmap", style.PAGE).axes
    drawn = {patch.get_gid()[4:]: patch.get_x() + patch.get_width() for patch in bars.patches}
    assert drawn == pytest.approx({each["step"]: each["top1_percent"] for each in records_of("roadmap")})
    counted = {patch.get_gid()[5:]: patch.get_width() * 1e9 for patch in costs.patches}
    assert counted == pytest.approx({each["step"]: each["mult_adds"] for each in records_of("roadmap")})


def test_compound_scaling_starts_at_b0_and_one_dimension_scales_alone() -> None:
    lines = [each for each in records_of("compound") if each["phi"] is not None]
    b0 = archcalc.analyze("efficientnet_b0").totals
    for each in lines:
        if each["phi"] == 0:
            assert (each["mult_adds"], each["params"]) == (b0.mult_adds, b0.params)
        if each["scaled"] == "resolution":
            assert each["params"] == b0.params
        if each["scaled"] in ("depth", "width"):
            assert each["size"] == 224
        assert 0.5 < each["mult_adds"] / int(b0.mult_adds) / 2 ** each["phi"] < 2
    table = {each["scaled"]: each for each in records_of("compound") if each["phi"] is None}
    assert table["all three"]["top1_percent"] == 81.1
    own = archcalc.analyze("efficientnet_b0", input=(3, 448, 448)).totals.mult_adds
    assert table["resolution \u00d7 2"]["mult_adds"] == own


def test_sizes_of_spaces_are_those_that_the_document_prints_but_for_its_approximation() -> None:
    lines = {each["space"]: each for each in records_of("spaces")}
    for each in spaces():
        assert printed(each) == pytest.approx(each.size, rel=0.03)
    assert lines["anynet_a"]["networks"] == (16 * 128 * 3 * 6) ** 4
    assert lines["anynet_e"]["networks"] > 1.4 * printed(next(each for each in spaces() if each.name == "anynet_e"))
    assert lines["regnet"]["networks"] is None


@cache
def few() -> Any:
    return tables_of(tables_from(("anynet_b", "regnetx"), ("params",), SpaceSample(sample=4, seed=3)))


@pytest.mark.parametrize("table", [0, 1])
def test_the_last_width_is_that_of_the_network_s_classifier(table: int) -> None:
    chosen = few()[table]
    widths = last_widths(chosen).tolist()
    for number, params in enumerate(chosen.numbers("params")[0].tolist()):
        row = {name: chosen.numbers(name)[0].tolist()[number] for name in chosen.names}
        if not table:
            assert widths[number] == row["w4"]
            continue
        keys = ("depth", "w_0", "w_a", "w_m", "group_width", "bottleneck_ratio")
        analysis = archcalc.analyze("regnetx_200mf", **{key: row[key] for key in keys})
        assert analysis.totals.params == params
        assert analysis.layers[-1].params == 1000 * widths[number] + 1000


def test_the_best_regnets_are_the_twelve_of_the_catalogue() -> None:
    lines = [each for each in records_of("regnet-best") if each["quantity"] == "parameters (million)"]
    assert len(lines) == 12
    for each in lines:
        assert each["value"] * 1e6 == pytest.approx(int(archcalc.analyze(each["architecture"]).totals.params))


@pytest.mark.parametrize("name", ["throughput", "throughput, a processor", "efficientnet", "wrn", "density-plane"])
@pytest.mark.parametrize("width", [style.COLUMN, style.PAGE])
def test_no_leader_runs_through_a_label(name: str, width: float) -> None:
    figure = figure_of(name, width)
    renderer = FigureCanvasAgg(figure).get_renderer()
    with style.styled():
        boxes = [
            (text.get_text(), text.get_window_extent(renderer))
            for text in texts(figure)
            if (text.get_gid() or "").startswith("label")
        ]
    marks = numpy.array([(box.x0 + 0.5, box.y0 + 2.5, box.x1 - 0.5, box.y1 - 2.5) for _, box in boxes])
    leaders = [line for line in figure.artists if isinstance(line, Line2D) and line.get_color() == style.GREY]
    assert boxes
    assert leaders or name in ("efficientnet", "wrn", "density-plane")
    for line in leaders:
        ends = line.get_transform().transform(line.get_xydata()).reshape(1, 4)
        crossed = labels.crossed(numpy, ends, marks)[0]
        assert not crossed.any(), [text for (text, _), is_crossed in zip(boxes, crossed, strict=True) if is_crossed]
