"""Figures, looked into: laws that hold for every kind at every width, then what single kinds show."""

from __future__ import annotations

import csv
import html
import itertools
import math
import re
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import archcalc
from archcalc import ArchcalcError, Network, __version__, row, zoo
from archcalc.conventions.counting import count as counted_by
from archcalc.figures import KINDS, Plot, TablePlot, gather, labels, module_of, save, style
from archcalc.figures.points import families, family_lines, front
from archcalc.figures.profile import half
from archcalc.figures.selection import COMPANIONS
from archcalc.graph import Value
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pool import GlobalAvgPool
from archcalc.present.names import FAMILIES, pretty

SWEEP, OTHER_SWEEP = "tests/data/sweep_regnetx.csv", "tests/data/sweep_shallow.csv"
"""Random networks of two ranges of RegNetX's hyperparameters; their error is no measurement, but a smooth function with
noise."""
MANY = {
    key: list(map(int, values))
    for key, values in zip(
        ("mult_adds", "params", "activation_sum"),
        numpy.exp(numpy.random.default_rng(2).normal((20, 16, 15), 1, (20_000, 3))).T,
        strict=True,
    )
}
"""More networks than are drawn one by one."""

REQUESTS = {
    "accuracy": Plot("accuracy"),
    "accuracy, two recipes": Plot("accuracy", recipe=("torchvision_v1", "torchvision_v2")),
    "accuracy, crowded": Plot("accuracy", recipe=("pytorchcv",)),
    "accuracy, Canziani": Plot("accuracy", convention="canziani_2017"),
    "accuracy, one network": Plot("accuracy", ("vgg16",)),
    "accuracy-params": Plot("accuracy-params"),
    "accuracy-latency": Plot("accuracy-latency", device="rtx-4090", batch=64, precision="float16"),
    "density": Plot("density"),
    "years": Plot("years"),
    "cifar": Plot("cifar"),
    "mobilenet": Plot("mobilenet"),
    "ilsvrc": Plot("ilsvrc"),
    "profile": Plot("profile", ("vgg16",)),
    "profile, deep": Plot("profile", ("resnet152",)),
    "profile, many stages": Plot("profile", ("googlenet",)),
    "field": Plot("field", ("alexnet", "vgg16", "resnet50", "resnet50_v1", "mobilenet_v1", "googlenet")),
    "types": Plot("types", ("mobilenet_v1", "vgg16", "swin_t")),
    "sizes": Plot("sizes", ("resnet50", "mobilenet_v1", "vgg16")),
    "memory": Plot("memory", ("resnet50",), batch=32),
    "memory, light weights": Plot("memory", ("densenet121",), batch=16, precision="amp_bf16"),
    "memory-batch": Plot("memory-batch", device="t4,a100-40gb,h100-sxm"),
    "roofline": Plot("roofline", ("resnet50",), batch=256, precision="amp_fp16", device="rtx-4090"),
    "roofline, a processor": Plot("roofline", ("swin_t",), device="i7-12700h"),
    "edf": Plot("edf", sweep=TablePlot((SWEEP,))),
    "edf, two spaces in a regime": Plot(
        "edf", sweep=TablePlot((SWEEP, OTHER_SWEEP), "error", ranges=("mult_adds=200M..1G",))
    ),
    "front": Plot("front", sweep=TablePlot((SWEEP,), y=("error",))),
    "front, two spaces": Plot(
        "front", sweep=TablePlot((SWEEP, OTHER_SWEEP), x="params", y=("mult_adds",), maximize=("mult_adds",))
    ),
    "front, many networks": Plot("front", sweep=TablePlot((MANY,), x="params", y=("macs",), maximize=("params",))),
    "space": Plot("space", sweep=TablePlot((SWEEP,))),
    "space, two": Plot("space", sweep=TablePlot((SWEEP, OTHER_SWEEP), y=("params", "peak", "error"), best="error")),
    "space, many networks": Plot("space", sweep=TablePlot((MANY,))),
    "accuracy-memory": Plot("accuracy-memory"),
    "accuracy-training": Plot("accuracy-training", batch=64, precision="amp_bf16"),
    "accuracy-activations": Plot("accuracy-activations"),
    "accuracy-field": Plot("accuracy-field", recipe=("torchvision_v1", "torchvision_v1_new")),
    "density-plane": Plot("density-plane"),
    "throughput": Plot("throughput"),
    "throughput, a processor": Plot("throughput", device="i7-12700h"),
    "wrn": Plot("wrn"),
    "efficientnet": Plot("efficientnet"),
    "compound": Plot("compound"),
    "convnext": Plot("convnext"),
    "roadmap": Plot("roadmap"),
    "regnet": Plot("regnet"),
    "regnet-best": Plot("regnet-best"),
    "spaces": Plot("spaces"),
}
WIDTHS = (style.COLUMN, style.PAGE)
EACH = pytest.mark.parametrize("name", REQUESTS)
BOTH = pytest.mark.parametrize("width", WIDTHS)


@cache
def data_of(name: str) -> Any:
    return gather(REQUESTS[name])


@cache
def figure_of(name: str, width: float) -> Any:
    with style.styled():
        figure = module_of(KINDS[REQUESTS[name].kind]).draw(data_of(name), width)
        FigureCanvasAgg(figure).draw()
    return figure


def records_of(name: str) -> list[dict[str, Any]]:
    return module_of(KINDS[REQUESTS[name].kind]).records(data_of(name))


def texts(figure: Any) -> list[Text]:
    """Every text that is seen."""
    return [
        each
        for each in figure.findobj(Text)
        if each.get_visible() and each.get_text().strip() and (each.axes is None or _in_view(each))
    ]


def _in_view(text: Text) -> bool:
    axes = text.axes
    ticks = [(axis, tick) for axis in (axes.xaxis, axes.yaxis) for tick in axis.get_major_ticks()]
    owned = {id(each): (axis, tick) for axis, tick in ticks for each in (tick.label1, tick.label2)}
    if id(text) not in owned:
        return True
    axis, tick = owned[id(text)]
    low, high = sorted(axis.get_view_interval())
    return low - 1e-9 <= tick.get_loc() <= high + 1e-9 and text is tick.label1


def boxes(figure: Any) -> Iterator[tuple[str, Any]]:
    with style.styled():
        renderer = FigureCanvasAgg(figure).get_renderer()
        for each in texts(figure):
            yield each.get_text(), each.get_window_extent(renderer)


def apart(figure: Any) -> None:
    """No two texts overlap; boxes of lines are higher than their letters by up to 2 points."""
    shrunk = [(text, box.x0 + 0.3, box.y0 + 1.0, box.x1 - 0.3, box.y1 - 1.0) for text, box in boxes(figure)]
    for a, b in itertools.combinations(shrunk, 2):
        assert a[1] >= b[3] or b[1] >= a[3] or a[2] >= b[4] or b[2] >= a[4], (a, b)


def inside(figure: Any, width: float) -> None:
    """Nothing leaves the canvas."""
    assert figure.get_figwidth() * 25.4 == pytest.approx(width)
    right, top = figure.bbox.width, figure.bbox.height
    for text, box in boxes(figure):
        assert box.x0 >= 0, text
        assert box.x1 <= right, text
        assert box.y0 >= 0, text
        assert box.y1 <= top, text
    for axes in figure.axes:
        for line in axes.get_lines():
            within = figure.bbox.padded(1).contains
            points = line.get_transform().transform(line.get_xydata())
            assert line.get_clip_on() or all(within(x, y) for x, y in points), line.get_gid()


@EACH
@BOTH
def test_no_two_texts_overlap(name: str, width: float) -> None:
    apart(figure_of(name, width))


@EACH
@BOTH
def test_nothing_leaves_the_canvas(name: str, width: float) -> None:
    inside(figure_of(name, width), width)


@EACH
@BOTH
def test_no_leader_of_a_label_crosses_a_text(name: str, width: float) -> None:
    """A leader ends at the edge of its own label, whose box is higher than its letters."""
    figure = figure_of(name, width)
    leaders = [line.get_path().vertices * 72 for line in figure.lines if line.get_linewidth() == 0.35]
    for text, box in boxes(figure):
        for (x0, y0), (x1, y1) in leaders:
            for part in numpy.linspace(0, 1, 200):
                x, y = x0 + (x1 - x0) * part, y0 + (y1 - y0) * part
                inside_text = box.x0 + 1 < x < box.x1 - 1 and box.y0 + 1.8 < y < box.y1 - 1.8
                assert not inside_text, (text, (x0, y0, x1, y1))


@BOTH
@pytest.mark.parametrize("kind", ["field", "sizes", "profile"])
def test_nothing_leaves_the_canvas_for_a_long_sequence(kind: str, width: float) -> None:
    def net(x: Value) -> Value:
        return row("fc", row("pool", row("conv", x, Conv(4, 9, stride=2)), GlobalAvgPool()), Flatten(), Linear(2))

    speech = Network.build(net, input=(1, 16_000), name="speech")
    with style.styled():
        figure = module_of(KINDS[kind]).draw(gather(Plot(kind, (speech,))), width)
        FigureCanvasAgg(figure).draw()
    inside(figure, width)


@EACH
def test_small_print_says_what_is_counted_where_it_is_from_and_the_version(name: str) -> None:
    figure = figure_of(name, style.PAGE)
    said = " ".join(each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("print"))
    kind = KINDS[REQUESTS[name].kind]
    assert f"archcalc {__version__}" in said
    assert said.endswith(".")
    if kind.convention == "work":
        assert "multiply-accumulate" in said
    if kind.convention == "parameters":
        assert "learnable values" in said
    if kind.recipe:
        titles = {"pytorchcv": "pytorchcv"}
        assert any(title in said for title in ("torchvision IMAGENET1K_V1", *titles))


@EACH
def test_type_is_not_smaller_than_journals_allow(name: str) -> None:
    for width in WIDTHS:
        assert min(each.get_fontsize() for each in texts(figure_of(name, width))) >= 5.5


@EACH
def test_a_picture_is_not_blank_and_its_svg_says_every_label(name: str) -> None:
    figure = figure_of(name, style.COLUMN)
    svg = save.render(figure, "svg").decode()
    assert svg.startswith("<?xml")
    assert f"<title>{figure.get_label()}</title>" in svg
    for each in texts(figure):
        assert each.get_text().replace("--", "- -") in html.unescape(svg).replace("--", "- -"), each.get_text()
    canvas = FigureCanvasAgg(figure)
    with style.styled():
        canvas.draw()
    pixels = numpy.asarray(canvas.buffer_rgba())[:, :, :3]
    dark = (pixels < 200).any(axis=2)
    assert 0.01 < dark.mean() < 0.5
    rows, columns = dark.any(axis=1).mean(), dark.any(axis=0).mean()
    assert rows > 0.5
    assert columns > 0.8


@pytest.mark.parametrize("name", [name for name, each in REQUESTS.items() if each.kind.startswith("accuracy")])
def test_bubbles_stand_where_the_data_say(name: str) -> None:
    """Every record has one mark, at its count and accuracy, and none is left over."""
    (axes,) = figure_of(name, style.PAGE).axes
    marks = [line for line in axes.get_lines() if (line.get_gid() or "").startswith("point ")]
    words = {"billion": 1e9, "million": 1e6, "thousand": 1e3, "us": 1e-6, "ms": 1e-3, "GB": 1e9, "MB": 1e6, "pixels": 1}
    unit = words[axes.get_xlabel().rpartition("(")[2].rstrip(")")]
    drawn = sorted((m.get_gid()[6:], m.get_xdata()[0] * unit, m.get_ydata()[0]) for m in marks)
    costs = ("count", "seconds_per_image", "inference_bytes", "training_step_bytes", "activations", "receptive_field")
    (cost,) = set(costs) & set(records_of(name)[0])
    wanted = sorted((r["architecture"], r[cost], r["top1_percent"]) for r in records_of(name))
    assert [d[0] for d in drawn] == [w[0] for w in wanted]
    for (_, x, y), (_, count, top1) in zip(drawn, wanted, strict=True):
        assert x == pytest.approx(count, rel=1e-9)
        assert y == top1
        assert axes.get_xlim()[0] < x / unit < axes.get_xlim()[1]
        assert axes.get_ylim()[0] < y < axes.get_ylim()[1]


def test_the_area_of_a_bubble_is_proportional_to_parameters() -> None:
    (axes,) = figure_of("accuracy", style.COLUMN).axes
    params = {each["architecture"]: each["params"] for each in records_of("accuracy")}
    sizes = {m.get_gid()[6:]: m.get_markersize() for m in axes.get_lines() if (m.get_gid() or "").startswith("point ")}
    ratios = [sizes[name] ** 2 / params[name] for name in sizes]
    assert max(ratios) == pytest.approx(min(ratios))


def test_a_point_has_a_label_or_the_end_of_one_on_its_line_or_is_named_or_counted_in_the_small_print() -> None:
    """A short label, such as 101, stands for a point on the line of a family that the key names."""
    for name in ("accuracy", "accuracy-params", "cifar"):
        figure = figure_of(name, style.COLUMN)
        labelled = [each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("label")]
        keyed = {each.get_gid()[4:] for each in figure.texts if (each.get_gid() or "").startswith("key ")}
        said = " ".join(each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("print"))
        unnamed = 0
        for record in records_of(name):
            label = record["label"]
            if label in labelled or label in said:
                continue
            assert name != "cifar"
            family = FAMILIES[zoo.network(record["architecture"]).file]
            assert family in keyed, label
            unnamed += not any(label.endswith(("-" + text, " " + text)) for text in labelled)
        counted = re.search(r"(\d+) points are not labelled", said)
        assert unnamed <= (int(counted[1]) if counted else 0)


def test_no_mistake_of_a_counter_is_drawn_as_a_cost() -> None:
    """Of networks with groups, canziani_2017 counts too much: they are named with both counts, and not drawn."""
    data = data_of("accuracy, Canziani")
    drawn = {each.name for each in data.chosen.points}
    assert {"googlenet_torchvision", "inception_v3", "vgg16", "resnet50"} <= drawn
    for name in drawn:
        grouped = [node.op.attributes().get("groups", 1) for node in zoo.network(name).graph().nodes]
        assert set(grouped) == {1}, name
    left = dict(data.chosen.uncounted)
    mended = counted_by("resnext50_32x4d", "torch_opcounter").total  # the same counter, after its mistake was found
    assert left["ResNeXt-50 32\u00d74d"].numbers == f"22.8 G instead of {mended / 1e9:.3g} G"
    assert "AlexNet" in left
    figure = figure_of("accuracy, Canziani", style.PAGE)
    said = " ".join(each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("print"))
    assert "a convolution with groups is counted without them" in said
    assert re.search(r"ResNeXt-101 32\u00d78d, [0-9.]+ G instead of [0-9.]+ G", said)
    with pytest.raises(ArchcalcError, match=r"181 G instead of 63\.5 G"):
        gather(Plot("accuracy", ("regnetx_32gf",), convention="canziani_2017"))


def test_networks_that_a_report_is_about_stand_out_or_the_small_print_says_why_not() -> None:
    data = gather(Plot("accuracy-params", marked=("unet", "vgg16", "googlenet", "nasnet_a_mobile")))
    assert {each.name for each in data.chosen.points if each.marked} == {"vgg16", "googlenet", "nasnet_a_mobile"}
    with style.styled():
        figure = module_of(KINDS["accuracy-params"]).draw(data, style.PAGE)
    bold = {each.get_text() for each in figure.texts if each.get_weight() == "semibold"}
    assert {"VGG-16", "GoogLeNet", "NASNet-A mobile"} <= bold
    said = " ".join(each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("print"))
    assert "Not drawn: U-Net" in said


def test_a_network_that_the_default_recipe_lacks_is_drawn_from_one_that_has_it() -> None:
    chosen = gather(Plot("accuracy", ("googlenet",))).chosen
    assert [(each.name, each.recipe, each.main) for each in chosen.points] == [("googlenet", "caffe", True)]
    both = gather(Plot("accuracy", ("googlenet", "bn_inception", "inception_v3"))).chosen
    assert {each.name for each in both.points} == {"googlenet", "bn_inception", "inception_v3"}
    for name in both.recipes:
        assert sum(each.main for each in both.points) == sum(each.recipe == name for each in both.points)


def test_accuracies_that_are_statistics_of_several_runs_say_so() -> None:
    runs = {each["runs"] for each in module_of(KINDS["accuracy"]).records(gather(Plot("accuracy", recipe=("pycls",))))}
    assert runs == {"mean of 5 runs"}
    medians = module_of(KINDS["cifar"]).records(gather(Plot("cifar", recipe=("wrn_authors",))))
    assert {each["runs"] for each in medians} == {"median of 5 runs"}
    with style.styled():
        figure = module_of(KINDS["cifar"]).draw(gather(Plot("cifar", recipe=("wrn_authors",))), style.PAGE)
    said = " ".join(each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("print"))
    assert "Each accuracy is the median of 5 runs; the source prints no spread" in said


def test_every_record_says_where_its_source_is() -> None:
    for name in ("accuracy", "cifar", "ilsvrc"):
        for each in records_of(name):
            if not each["source"].startswith("document"):
                assert each["source_address"].startswith(("http", "arXiv:"))
            assert each["source_read"].startswith("2026-")


LINES = (
    ("accuracy, crowded", ("resnet18", "resnet34"), True),
    ("accuracy, crowded", ("resnet34", "resnet50_v1"), False),
    ("accuracy, crowded", ("inception_v3", "inception_v4"), False),
    ("accuracy, crowded", ("efficientnet_b0", "efficientnet_b7"), True),
    ("accuracy", ("swin_t", "swin_b"), True),
    ("cifar", ("preresnet56_cifar", "preresnet110_cifar"), True),
    ("cifar", ("preresnet110_cifar", "preresnet164_cifar"), False),
)


@pytest.mark.parametrize(("name", "pair", "joined"), LINES)
def test_a_line_joins_networks_of_one_family_and_one_design(name: str, pair: tuple[str, str], joined: bool) -> None:
    data = data_of(name)
    points = data.panels[0].points if name == "cifar" else data.chosen.points
    lines = [{each.name for each in line} for line in family_lines(points)]
    assert set(pair) <= {each.name for each in points}
    assert any(set(pair) <= line for line in lines) == joined


def test_no_two_families_look_the_same_and_no_label_stands_twice() -> None:
    for name in ("accuracy", "accuracy, crowded", "accuracy, two recipes"):
        points = data_of(name).chosen.points
        looks = families(points)
        assert len(set(looks.values())) == len(looks)
        assert len({each.label for each in points}) == len(points)


def test_a_wider_profile_names_no_fewer_stages() -> None:
    for name in ("vgg16", "googlenet", "resnet152", "densenet121", "swin_t"):
        data = gather(Plot("profile", (name,)))
        named: list[int] = []
        for width in (style.COLUMN, 120.0, style.PAGE):
            with style.styled():
                figure = module_of(KINDS["profile"]).draw(data, width)
            named.append(sum((each.get_gid() or "").startswith("stage ") for each in figure.texts))
        assert named == sorted(named), name


def test_the_largest_step_of_a_cost_curve_is_marked() -> None:
    """Swin-T's, where its windows become four times as many: half as much again for one more pixel."""
    data = gather(Plot("sizes", ("swin_t",)))
    counts = {each["size"]: each["count"] for each in module_of(KINDS["sizes"]).records(data)}
    assert counts[228] / counts[227] == pytest.approx(1.5099, abs=1e-4)
    with style.styled():
        figure = module_of(KINDS["sizes"]).draw(data, style.COLUMN)
    assert {each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("label")} == {
        "Swin-T", "227 to 228: +50.99 %",
    }  # fmt: skip


def test_a_plot_of_sizes_shows_other_quantities() -> None:
    lines = module_of(KINDS["sizes"]).records(gather(Plot("sizes", ("resnet50",), convention="activation_sum")))
    found = {each["size"]: each["count"] for each in lines}
    assert found[225] == archcalc.analyze("resnet50", input=(3, 225, 225)).totals.activation_sum


def test_the_axis_is_counted_here_and_not_copied() -> None:
    (record,) = records_of("accuracy, one network")
    assert record["count"] == archcalc.analyze("vgg16").totals.mult_adds
    canziani = {each["architecture"]: each["count"] for each in records_of("accuracy, Canziani")}
    assert canziani["vgg16"] > 2 * archcalc.analyze("vgg16").totals.mult_adds


def test_one_recipe_is_compared_unless_more_are_asked_for() -> None:
    """Beside it stand networks that it lacks, as open marks that are not on the Pareto front."""
    chosen = data_of("accuracy").chosen.points
    assert {each.recipe for each in chosen if each.main} == {"torchvision_v1"}
    beside = [each for each in chosen if not each.main]
    assert {each.name for each in beside} == {name for names in COMPANIONS.values() for name in names}
    assert not {each.family for each in beside} & {each.family for each in chosen if each.main} - {"alexnet"}
    on_front = {each["label"] for each in records_of("accuracy") if each["pareto_front"]}
    assert not on_front & {each.label for each in beside}
    (axes,) = figure_of("accuracy-params", style.PAGE).axes
    faces = {m.get_gid()[6:]: m.get_markerfacecolor() for m in axes.get_lines() if (m.get_gid() or "")[:6] == "point "}
    assert {name for name, face in faces.items() if face == "white"} == {each.name for each in beside}
    assert {each["recipe"] for each in records_of("accuracy, two recipes")} == {"torchvision_v1", "torchvision_v2"}


def test_no_network_beats_the_pareto_front() -> None:
    chosen = data_of("accuracy").chosen.points
    best = front(chosen, lambda each: each.counted)
    for each in chosen:
        beaten = [o for o in chosen if o.counted <= each.counted and o.top1 >= each.top1 and o != each]
        assert (each in best) == (not beaten)


def test_density_is_accuracy_over_parameters_and_falls_down_the_page() -> None:
    found = [each["percent_per_million"] for each in records_of("density")]
    assert found == sorted(found, reverse=True)
    alexnet = next(each for each in records_of("density") if each["architecture"] == "alexnet_owt")
    assert alexnet["percent_per_million"] == pytest.approx(56.522 / 61.10084, rel=1e-6)


def test_mobilenet_s_plane_has_the_sixteen_networks_of_the_authors_table() -> None:
    found = {(each["width_multiplier"], each["resolution"]): each["top1_percent"] for each in records_of("mobilenet")}
    assert set(found) == set(itertools.product((0.25, 0.5, 0.75, 1.0), (128, 160, 192, 224)))
    assert found[1.0, 224] == 70.9
    grid = data_of("mobilenet").counts
    assert all(a <= b for line in grid for a, b in itertools.pairwise(line))
    assert all(a <= b for line in zip(*grid, strict=True) for a, b in itertools.pairwise(line))


def test_ilsvrc_says_what_the_slides_say() -> None:
    shown = [(each["year"], each["top5_error_percent"], each["weight_layers"]) for each in records_of("ilsvrc")]
    assert shown == [
        (2010, 28.191, None), (2011, 25.77, None),
        (2012, 16.4, 8), (2013, 11.7, 8), (2014, 7.3, 19), (2014, 6.7, 22), (2015, 3.57, 152),
        (2016, 2.991, None), (2017, 2.251, 154),
    ]  # fmt: skip


def test_a_profile_sums_to_the_network_s_totals() -> None:
    totals = archcalc.analyze("vgg16").totals
    lines = records_of("profile")
    assert sum(each["params"] for each in lines) == totals.params
    assert sum(each["count"] for each in lines) == totals.mult_adds
    assert sum(each["activations"] for each in lines) == totals.activation_sum - 3 * 224 * 224


def test_in_vgg_most_memory_is_in_early_convolutions_and_most_parameters_in_late_linear_layers() -> None:
    """Document 003 says so of VGG-16."""
    said = {each.get_gid(): each.get_text() for each in figure_of("profile", style.COLUMN).texts if each.get_gid()}
    assert said["half activations"] == "59 % in conv1_1 to conv2_1"
    assert said["half parameters"] == "74 % in fc6"


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12))
def test_half_is_the_shortest_run_that_holds_half(values: list[int]) -> None:
    first, last = half(values)
    total = sum(values)
    assert 2 * sum(values[first : last + 1]) >= total
    length = last - first
    shorter = [sum(values[i : i + length]) for i in range(len(values) - length + 1)] if length else []
    assert all(2 * held < total for held in shorter)


def test_fields_at_the_ends_of_lines_are_those_that_document_003_prints() -> None:
    ends = {each["architecture"]: each["receptive_field"] for each in records_of("field")}
    assert ends["resnet50"] == 427
    assert ends["resnet50_v1"] == 483
    for name in ends:
        sizes = [each["receptive_field"] for each in records_of("field") if each["architecture"] == name]
        assert sizes == sorted(sizes)


def test_shares_are_those_of_mobilenet_s_table_2() -> None:
    """Howard et al. 2017 print 94.86 and 3.06 percent of mult-adds, 74.59 and 24.33 percent of parameters."""
    mobile = {each["type"]: each for each in records_of("types") if "mobilenet" in each["architecture"]}
    assert mobile["conv 1\u00d71"]["count_percent"] == pytest.approx(94.86, abs=0.02)
    assert mobile["depthwise conv"]["count_percent"] == pytest.approx(3.06, abs=0.02)
    assert mobile["linear"]["count_percent"] == pytest.approx(0.18, abs=0.01)
    assert mobile["conv 1\u00d71"]["params_percent"] == pytest.approx(74.59, abs=0.5)
    assert mobile["linear"]["params_percent"] == pytest.approx(24.33, abs=0.2)


def test_shares_of_a_network_sum_to_all_of_it() -> None:
    lines = records_of("types")
    for name in {each["architecture"] for each in lines}:
        own = [each for each in lines if each["architecture"] == name]
        totals = archcalc.analyze(name).totals
        assert (sum(each["count"] for each in own), sum(each["params"] for each in own)) == (
            totals.mult_adds,
            totals.params,
        )


@pytest.mark.parametrize("size", [150, 224, 225, 298])
def test_the_cost_curve_has_the_counts_at_single_sizes(size: int) -> None:
    found = {(each["architecture"], each["size"]): each["count"] for each in records_of("sizes")}
    for name in ("resnet50", "vgg16"):
        assert found[name, size] == archcalc.analyze(name, input=(3, size, size)).totals.mult_adds
    assert found["resnet50", 225] / found["resnet50", 224] == pytest.approx(1.1315, abs=1e-4)


MARKS = st.lists(
    st.builds(
        labels.Mark,
        st.floats(20, 230),
        st.floats(20, 180),
        st.floats(0.5, 12),
        st.sampled_from(["VGG-16", "RegNetX-400MF", "a"]),
        st.sampled_from(["", "16"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)


@settings(deadline=None, max_examples=60)
@given(MARKS, st.lists(st.tuples(st.floats(0, 200), st.floats(0, 150)), max_size=2))
def test_placed_labels_overlap_nothing(marks: list[labels.Mark], corners: list[tuple[float, float]]) -> None:
    """Neither each other, nor marks, nor what is taken; none leaves the bounds; twice the same."""
    taken = [(x, y, x + 40, y + 20) for x, y in corners]
    bounds = (0.0, 0.0, 250.0, 200.0)
    placed = labels.place(marks, bounds, 6.0, taken, [(0, 0, 250, 200)])
    assert placed == labels.place(marks, bounds, 6.0, taken, [(0, 0, 250, 200)])
    found = [(p.x, p.y, p.x + p.width, p.y + p.height) for p in placed if p is not None]
    for box in found:
        assert box[0] >= 0
        assert box[1] >= 0
        assert box[2] <= 250
        assert box[3] <= 200
    for a, b in [*itertools.combinations(found, 2), *itertools.product(found, taken)]:
        assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]
    for number, label in enumerate(placed):
        if label is None:
            continue
        own = marks[number]
        for mark in marks:
            inside = math.hypot(mark.x - own.x, mark.y - own.y) < own.radius - mark.radius
            if mark is not own and not inside:
                across = mark.x - min(max(mark.x, label.x), label.x + label.width)
                up = mark.y - min(max(mark.y, label.y), label.y + label.height)
                assert math.hypot(across, up) >= mark.radius


def test_a_lonely_label_stands_beside_its_mark_without_a_leader() -> None:
    (label,) = labels.place([labels.Mark(100, 100, 3, "VGG-16")], (0, 0, 200, 200), 6.0)
    assert label is not None
    assert label.leader is None
    assert label.x > 103


def test_text_is_as_wide_as_it_is_drawn() -> None:
    figure = figure_of("density", style.PAGE)
    for text, box in boxes(figure):
        drawn = next(each for each in figure.findobj(Text) if each.get_text() == text)
        if drawn.get_rotation() == 0 and "\u03b1" not in text:
            bold = drawn.get_fontweight() == "semibold"
            assert style.text_width(text, drawn.get_fontsize(), bold) == pytest.approx(box.width, rel=0.03, abs=0.8)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("resnet50", "ResNet-50"),
        ("resnet50_v1", "ResNet-50 v1"),
        ("wrn_28_10", "WRN-28-10"),
        ("wrn50_2", "WRN-50-2"),
        ("mobilenet_v1_0.75_192", "MobileNet 0.75-192"),
        ("resnext101_32x8d", "ResNeXt-101 32\u00d78d"),
        ("vgg16_bn", "VGG-16 BN"),
        ("mnasnet_b1_0.5", "MnasNet-B1 0.5\u00d7"),
        ("darts_imagenet", "DARTS"),
        ("someone_s_own_net", "someone_s_own_net"),
    ],
)
def test_names_are_written_as_papers_write_them_or_left_alone(name: str, written: str) -> None:
    assert pretty(name) == written


def test_no_two_networks_of_a_figure_share_a_name() -> None:
    for name in ("accuracy", "density", "cifar"):
        shown = {(each["architecture"], each["dataset"]): each["label"] for each in records_of(name)}
        assert len({(label, dataset) for (_, dataset), label in shown.items()}) == len(shown)


def test_a_curve_of_a_distribution_is_the_share_of_networks_with_less() -> None:
    """Right of each step the curve has the share of networks with at most that value, left of it with less."""
    values = sorted(each["mult_adds"] for each in table_rows(SWEEP))
    (axes,) = figure_of("edf", style.COLUMN).axes
    (line,) = [each for each in axes.get_lines() if each.get_gid() == "distribution sweep_regnetx"]
    assert line.get_drawstyle() == "steps-post"
    xs, ys = line.get_xdata(), line.get_ydata()
    assert (ys[0], ys[-1]) == (0, 1)
    for x, y in list(zip(xs, ys, strict=True))[1:-1]:
        assert y == pytest.approx(sum(value <= round(x * 1e6) for value in values) / len(values), abs=1e-12)
    assert len(xs) == len(set(values)) + 2


def table_rows(path: str) -> list[dict[str, float]]:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(lines)]


def test_a_front_is_drawn_through_the_networks_that_no_other_beats() -> None:
    """Where mult-adds are the most and parameters the least, in each table for itself."""
    (axes,) = figure_of("front, two spaces", style.PAGE).axes
    for path, title in ((SWEEP, "sweep_regnetx"), (OTHER_SWEEP, "sweep_shallow")):
        rows = table_rows(path)
        best = [
            (row["params"] / 1e6, row["mult_adds"] / 1e6)
            for row in rows
            if not any(
                other["params"] <= row["params"] and other["mult_adds"] >= row["mult_adds"] and other != row
                for other in rows
            )
        ]
        (line,) = [each for each in axes.get_lines() if each.get_gid() == f"front {title}"]
        assert line.get_xydata().ravel().tolist() == pytest.approx([part for each in sorted(best) for part in each])
        assert line.get_drawstyle() == "steps-post"
        (points,) = [each for each in axes.get_lines() if each.get_gid() == f"networks {title}"]
        assert len(points.get_xdata()) == len(rows)


def test_hexagons_count_every_network_and_the_small_print_says_the_most() -> None:
    for name, at in (("front, many networks", 0), ("space, many networks", 1)):
        figure = figure_of(name, style.COLUMN)
        (density,) = [each for each in figure.axes[at].collections if each.get_gid() == "density"]
        counts = density.get_array()
        assert counts.sum() == len(MANY["params"])
        assert counts.min() >= 1
        said = " ".join(each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("print"))
        drawn = [each for axes in figure.axes for each in axes.collections if each.get_gid() == "density"]
        assert f"to {int(max(each.get_array().max() for each in drawn)):,} (darkest)" in said
        assert not [line for line in figure.axes[at].get_lines() if (line.get_gid() or "").startswith("networks")]


def test_a_trend_has_the_medians_of_the_best_quarter_of_each_regime() -> None:
    """Of each record: between the least and the largest mult-adds near it, counted by hand."""
    data, rows = data_of("space, two"), table_rows(OTHER_SWEEP)
    own = [each for each in records_of("space, two") if (each["table"], each["y"]) == ("sweep_shallow", "params")]
    assert len(own) >= 4
    axis = data.x
    ends = [axis.low * (axis.high / axis.low) ** (number / 12) * axis.size for number in range(13)]
    wanted = []
    for low, high in itertools.pairwise(ends):
        there = sorted((row for row in rows if low <= row["mult_adds"] < high), key=lambda row: row["error"])
        if len(there) >= 8:
            best = there[: math.ceil(len(there) / 4)]
            wanted.append((len(best), statistics.median(row["params"] for row in best)))
    assert [(each["networks"], each["median"]) for each in own] == wanted


@pytest.mark.parametrize("name", ["front, many networks", "space, two"])
@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_a_plot_of_a_sweep_is_the_same_to_the_byte(name: str, form: str) -> None:
    module = module_of(KINDS[REQUESTS[name].kind])
    one, two = (save.render(save.drawn(module, gather(REQUESTS[name]), 88.0), form) for _ in range(2))
    assert one == two
