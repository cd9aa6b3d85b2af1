"""The roofline: its points are the layers of the statement of time, none above what the fitted shares allow."""

from __future__ import annotations

import csv
import io
import math
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner
from matplotlib.backends.backend_agg import FigureCanvasAgg

from archcalc import ArchcalcError, Network, Request, latency, row
from archcalc.cli import cli, main
from archcalc.figures import Plot, gather, roofline, style
from archcalc.graph import Value
from archcalc.hardware.devices import device
from archcalc.hardware.efficiency import efficiency_of
from archcalc.ops.pool import GlobalAvgPool
from tests.test_plots import apart, inside

ASKED: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "eager": ("resnet50", "rtx-4090", {"batch": 256, "precision": "amp_fp16"}, {}),
    "depthwise": ("mobilenet_v1", "rtx-4090", {"batch": 256, "precision": "amp_fp16"}, {}),
    "compiled": ("swin_t", "rtx-5090", {"batch": 128, "precision": "amp_fp16"}, {"runtime": "compiled"}),
    "channels_last": ("unet", "rtx-4090", {"batch": 256, "precision": "amp_fp16"}, {"layout": "nhwc"}),
    "a device without a table": ("vgg16", "t4", {"batch": 1, "precision": "float16"}, {}),
    "a processor": ("mobilenet_v1", "i9-10940x", {}, {}),
    "a training step": ("resnet18", "rtx-3090", {"batch": 64, "precision": "amp_fp16"}, {"task": "training"}),
}
EACH = pytest.mark.parametrize("name", ASKED)
BOTH = pytest.mark.parametrize("width", [style.COLUMN, style.PAGE])


@cache
def plane_of(name: str) -> roofline.RooflinePlane:
    network, on, settings, way = ASKED[name]
    return gather(Plot("roofline", (roofline.timed(network, **way),), device=on, **settings))


@cache
def figure_of(name: str, width: float = style.PAGE) -> Any:
    with style.styled():
        figure = roofline.draw(plane_of(name), width)
        FigureCanvasAgg(figure).draw()
    return figure


@EACH
@BOTH
def test_no_two_texts_overlap_and_nothing_leaves_the_canvas(name: str, width: float) -> None:
    apart(figure_of(name, width))
    inside(figure_of(name, width), width)


@EACH
def test_the_lines_are_the_layers_of_the_statement(name: str) -> None:
    network, on, settings, way = ASKED[name]
    statement = latency(network, device=on, **settings, **way)
    lines: list[dict[str, Any]] = roofline.records(plane_of(name))  # type: ignore[assignment]
    assert len(lines) == len(statement.layers)
    for line, layer in zip(lines, statement.layers, strict=True):
        assert (line["layer"], line["phase"], line["bound"]) == (layer.name, layer.phase, layer.bound)
        assert (line["flops"], line["bytes"], line["seconds"]) == (layer.flops, layer.bytes, layer.seconds)
        assert line["flops_per_second"] * layer.seconds == pytest.approx(layer.flops)
    assert sum(line["share"] for line in lines) == pytest.approx(1)


@EACH
def test_marks_are_at_the_layers_with_areas_like_their_times(name: str) -> None:
    """Every layer with FLOPs is at one mark, and marks but for the least have areas in the ratio of the times there."""
    lines = {line.get_gid(): line for line in figure_of(name).axes[0].get_lines()}
    drawn = roofline.points(plane_of(name))
    members = [each for point in drawn for each in point.layers]
    assert sorted(members) == sorted([each for each in plane_of(name).statement.layers if each.flops])
    ratios: list[float] = []
    for point in drawn:
        mark = lines[f"point {point.layers[0].phase} {point.layers[0].name}"]
        for each in point.layers:
            assert mark.get_xdata()[0] * each.bytes == pytest.approx(each.flops)
            assert mark.get_ydata()[0] * each.seconds == pytest.approx(each.flops)
        side = mark.get_markersize()
        area = {"o": math.pi * (side / 2) ** 2, "s": side**2, "^": side**2 / 2}[mark.get_marker()]
        if area > math.pi * roofline.SMALLEST**2 * 1.01:
            ratios.append(area / sum(each.seconds for each in point.layers))
    assert max(ratios) == pytest.approx(min(ratios), rel=1e-6)


@EACH
def test_no_layer_is_above_the_stated_roof_by_more_than_the_largest_share(name: str) -> None:
    """Shares above 1 are of bandwidths, where caches keep values, or fitted; a rate has its own peak by channel."""
    data = plane_of(name)
    statement = data.statement
    shares = efficiency_of(device(statement.device), statement.task, statement.runtime, statement.layout)
    vector = (device(statement.device).peaks.get("float32") or 0) if shares.kind == "gpu" else 0
    peak = max(statement.peak * max(shares.rates.values()), vector * shares.rates["depthwise_conv"])
    bandwidth = statement.bandwidth * max(*shares.bandwidths.values(), shares.weights_bandwidth or 0)
    assert data.drawn
    for each in data.drawn:
        rate = each.flops / each.seconds
        assert rate <= peak * (1 + 1e-9)
        assert rate <= bandwidth * each.flops / each.bytes * (1 + 1e-9)


@EACH
def test_the_roofs_bend_where_both_limits_are_equal_and_have_slope_one_before(name: str) -> None:
    data = plane_of(name)
    lines = {line.get_gid(): line for line in figure_of(name).axes[0].get_lines()}
    on = device(data.statement.device)
    stated = lines["roof stated"]
    (left, bend, right), (low, top, end) = stated.get_xdata(), stated.get_ydata()
    assert (top, end) == (data.statement.peak, data.statement.peak)
    assert low / left == pytest.approx(on.bandwidth)
    assert top / bend == pytest.approx(on.bandwidth)
    assert left < bend < right
    (left, bend, _), (low, top, end) = lines["roof reached"].get_xdata(), lines["roof reached"].get_ydata()
    assert top == end
    assert low / left == pytest.approx(top / bend)


@EACH
def test_the_small_print_says_what_is_not_drawn_and_the_expected_error(name: str) -> None:
    statement = plane_of(name).statement
    said = " ".join(each.get_text() for each in figure_of(name).texts if str(each.get_gid()).startswith("print"))
    rest = [each for each in statement.layers if not each.flops]
    share = sum(each.seconds for each in rest) / statement.seconds
    assert (f"{len(rest)} layer" in said) == bool(rest)
    assert (f"with {100 * share:.1f}% of the time" in said) == bool(rest)
    assert f"at most {100 * statement.error.median:.1f}%" in said
    assert f"{statement.precision}, {statement.runtime} PyTorch" in said
    assert statement.device_name in said


def test_points_above_the_stated_roof_are_said() -> None:
    words = "reach more than is stated"
    prints = {
        name: " ".join(each.get_text() for each in figure_of(name).texts) for name in ("channels_last", "a processor")
    }
    statement = plane_of("channels_last").statement
    assert any(
        each.flops / each.seconds > 1.01 * statement.bandwidth * each.flops / each.bytes
        for each in statement.layers
        if each.flops
    )
    assert words in prints["channels_last"]
    assert words not in prints["a processor"]


def run(*args: str) -> list[dict[str, str]]:
    result = CliRunner().invoke(cli, ["plot", "roofline", *args, "--format", "csv"], standalone_mode=False)
    assert result.exception is None, result.exception
    return list(csv.DictReader(io.StringIO(result.stdout)))


@pytest.mark.parametrize(
    ("options", "way"),
    [
        (("--batch", "64", "--dtype", "fp16"), {"batch": 64, "dtype": "float16"}),
        (("--precision", "amp_fp16", "--compiled"), {"precision": "amp_fp16", "runtime": "compiled"}),
        (("--precision", "amp_fp16", "--channels-last"), {"precision": "amp_fp16", "layout": "nhwc"}),
        (
            ("--step", "--optimizer", "adam", "--precision", "amp_fp16", "--batch", "8"),
            {"task": "training", "optimizer": "adam", "precision": "amp_fp16", "batch": 8},
        ),
        (("--size", "160", "--precision", "amp_fp16", "--eager"), {"input": (3, 160, 160), "precision": "amp_fp16"}),
    ],
)
def test_options_are_those_of_the_command_latency(options: tuple[str, ...], way: dict[str, Any]) -> None:
    on = "rtx-3090" if "--compiled" not in options else "rtx-4090"
    lines = run("resnet18", "--device", on, *options)
    statement = latency("resnet18", device=on, **way)
    assert [float(each["seconds"]) for each in lines] == [each.seconds for each in statement.layers]
    assert {each["precision"] for each in lines} == {statement.precision}


def test_a_device_of_ones_own_has_its_own_roof(tmp_path: Any) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('kind = "gpu"\nbandwidth = "500 GB/s"\n[peaks]\nfloat32 = "10 TFLOP/s"\n')
    lines = run("resnet18", "--device", str(file))
    assert {(each["peak"], each["bandwidth"]) for each in lines} == {("10000000000000", "500000000000")}


def test_a_network_without_flops_and_an_unknown_device_are_refused() -> None:
    def net(x: Value) -> Value:
        return row("pool", x, GlobalAvgPool())

    pool = Network.build(net, input=(3, 8, 8), name="pool")
    with pytest.raises(ArchcalcError, match="none of its layers has FLOPs"):
        gather(Plot("roofline", (pool,), device="t4"))
    with pytest.raises(SystemExit) as end:
        main(["plot", "roofline", "vgg16", "--device", "nosuch"])
    assert end.value.code == 2


def test_a_request_keeps_what_it_says_beside_the_way_it_runs() -> None:
    request = Request.of("resnet18", batch=8, classes=10, dtype="float16")
    made = roofline.timed(request, runtime="compiled")
    assert (made.batch, made.dtype, made.settings, made.runtime) == (8, "float16", {"classes": 10}, "compiled")
