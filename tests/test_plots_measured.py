"""The plots of time and power, on records that stand here: their figures are made up and show nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from matplotlib.backends.backend_agg import FigureCanvasAgg
from test_plots import BOTH, apart, boxes, inside

import archcalc
from archcalc import ArchcalcError, zoo
from archcalc.base.errors import UnknownName
from archcalc.cli import cli
from archcalc.evidence import measurements
from archcalc.figures import KINDS, Plot, gather, module_of, regenerate, save
from archcalc.figures.points import alike, families

NETWORKS = (
    "alexnet", "vgg16", "vgg19", "googlenet", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
    "mobilenet_v1_1.0_224", "densenet121", "densenet169", "densenet201", "inception_v3", "squeezenet1_1", "swin_t",
)  # fmt: skip
SMALL = ("lenet5", "resnet20_cifar", "squeeze_excite_example")
CUDA = "CUDA (NVIDIA H100 80GB HBM3)"
Keep = Callable[..., None]


def way(batch: int, seconds: float | None, watts: float | None = None, **others: Any) -> dict[str, Any]:
    """A way of inference as it stands in a record, with quartiles at 0.9 and 1.2 of the median."""
    time = None if seconds is None else {"runs": 30, "median": seconds, "lower": 0.9 * seconds, "upper": 1.2 * seconds}
    energy = None if watts is None or seconds is None else {"watts": watts, "joules": watts * seconds, "seconds": 1.0}
    plain = {"batch": batch, "precision": "float32", "layout": "contiguous", "time": time, "memory": None}
    return {**plain, "energy": energy, "reason": "" if time else "out of memory", **others}


def seconds(name: str, batch: int) -> float:
    return batch * archcalc.analyze(name).totals.mult_adds / 4e12 + 1e-3


def network(name: str, *ways: Mapping[str, Any], watts: float | None = None) -> dict[str, Any]:
    """A network as it stands in a record; by default measured at batches 1 and 16."""
    totals = archcalc.analyze(name).totals
    listed = ways or [way(batch, seconds(name, batch), watts) for batch in (1, 16)]
    counts = {"params": int(totals.params), "mult_adds": int(totals.mult_adds)}
    return {"name": name, "input": zoo.find(name).input, **counts, "inference": listed, "training": []}


def record(networks: Sequence[Mapping[str, Any]], device: str = "cpu", date: str = "2026-11-25") -> dict[str, Any]:
    where = {"power limit": "700 W"} if device == CUDA else {"processor": "Some CPU", "threads": "2"}
    made = {"device": device, "date": date, "python": "3.11.9", "versions": {"torch": "2.13.0"}, "environment": where}
    return {"kind": "measured", **made, "settings": {}, "networks": networks, "left": []}


def on_cpu() -> dict[str, Any]:
    return record([network(name) for name in (*NETWORKS, *SMALL)])


def on_gpu(names: Sequence[str] = NETWORKS, date: str = "2026-11-24", watts: float = 250.0) -> dict[str, Any]:
    return record([network(name, watts=watts + 20 * i) for i, name in enumerate(names)], CUDA, date)


@pytest.fixture
def keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keep:
    """Writes records, the only ones that there are."""
    folder = tmp_path / "measured"
    folder.mkdir()
    cached = measurements.records
    monkeypatch.setattr(measurements, "records", partial(cached, folder))

    def write(*records: Mapping[str, Any]) -> None:
        cached.cache_clear()
        for number, each in enumerate(records):
            (folder / f"{number}.json").write_text(json.dumps(each), encoding="utf-8")

    return write


def records_of(*names: str, kind: str = "time", **request: Any) -> list[dict[str, Any]]:
    asked = Plot(kind, names, **request)
    return module_of(KINDS[kind]).records(gather(asked))


def figure_of(*names: str, kind: str = "time", width: float = 88.0, **request: Any) -> Any:
    figure = save.drawn(module_of(KINDS[kind]), gather(Plot(kind, names, **request)), width)
    FigureCanvasAgg(figure).draw()
    return figure


def printed(figure: Any) -> str:
    """The small print."""
    return " ".join(each.get_text() for each in figure.texts if (each.get_gid() or "").startswith("print"))


def drawn(figure: Any, begin: str) -> dict[str, Any]:
    """The lines of a figure whose names begin so."""
    (axes,) = figure.axes
    lines = {line.get_gid() or "": line for line in axes.get_lines()}
    return {gid.removeprefix(begin): line for gid, line in lines.items() if gid.startswith(begin)}


def said(*names: str, **request: Any) -> str:
    with pytest.raises(ArchcalcError) as raised:
        gather(Plot(request.pop("kind", "time"), names, **request))
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_points_are_the_networks_of_images_with_what_the_record_has(keep: Keep) -> None:
    keep(on_cpu())
    lines = {each["architecture"]: each for each in records_of()}
    assert set(lines) == set(NETWORKS)
    for name, line in lines.items():
        assert line["count"] == archcalc.analyze(name).totals.mult_adds
        assert line["milliseconds_per_image"] == pytest.approx(seconds(name, 16) * 1000 / 16, rel=1e-5)
        assert line["lower_quartile"] == pytest.approx(0.9 * line["milliseconds_per_image"], rel=1e-5)
        assert line["upper_quartile"] == pytest.approx(1.2 * line["milliseconds_per_image"], rel=1e-5)
    ways = {tuple(line[key] for key in ("runs", "batch", "precision", "layout", "device")) for line in lines.values()}
    assert ways == {(30, 16, "float32", "contiguous", "cpu")}
    assert lines["resnet50"]["label"] == "ResNet-50"
    assert "watts" not in lines["resnet50"]


def test_small_networks_and_blocks_are_drawn_where_they_are_named_or_nothing_else_is_there(keep: Keep) -> None:
    keep(on_cpu())
    assert [each["architecture"] for each in records_of("lenet5", "LeNet-5", "vgg16")] == ["lenet5", "vgg16"]
    assert "3 networks of images under 100 pixels or of a single block" in printed(figure_of())
    assert "Left out" not in printed(figure_of("vgg16", "lenet5"))


def test_a_record_of_small_networks_alone_is_drawn_whole(keep: Keep) -> None:
    keep(record([network(name) for name in SMALL]))
    assert {each["architecture"] for each in records_of()} == set(SMALL)


def test_marks_stand_where_the_data_say(keep: Keep) -> None:
    keep(on_gpu())
    for kind, value in (("time", "milliseconds_per_image"), ("power", "watts")):
        marks = drawn(figure_of(kind=kind), "point ")
        lines = records_of(kind=kind)
        assert len(marks) == len(lines) == len(NETWORKS)
        for line in lines:
            mark = marks[line["architecture"]]
            assert mark.get_xdata()[0] * 1e9 == pytest.approx(line["count"])
            assert mark.get_ydata()[0] == pytest.approx(line[value], rel=1e-5)


def test_power_has_watts_and_joules_for_an_image(keep: Keep) -> None:
    keep(on_gpu(["vgg16"], watts=300.0))
    (line,) = records_of(kind="power")
    assert line["watts"] == 300
    assert line["joules_per_image"] == pytest.approx(300 * seconds("vgg16", 16) / 16, rel=1e-5)


@pytest.mark.parametrize(("with_16", "batch"), [(3, 16), (2, 1), (1, 1)])
def test_the_batch_is_16_if_most_networks_have_it_else_1(keep: Keep, with_16: int, batch: int) -> None:
    names = ("vgg16", "resnet50", "alexnet", "googlenet")
    few = [network(name, way(1, 0.1), way(16, 1.0 if i < with_16 else None)) for i, name in enumerate(names)]
    keep(record(few))
    lines = records_of()
    assert {line["batch"] for line in lines} == {batch}
    assert len(lines) == (with_16 if batch == 16 else 4)
    missing = [name for name in names if name not in {line["architecture"] for line in lines}]
    assert f"not measured in this way: {missing[0]}" in printed(figure_of()) if missing else True
    assert {line["batch"] for line in records_of("googlenet")} == {1}


def test_a_batch_and_a_precision_can_be_asked_for(keep: Keep) -> None:
    half = way(16, 0.01, precision="float16")
    other = way(16, 5.0, precision="float16", layout="channels_last")
    keep(record([network("vgg16", way(1, 0.3), way(16, 2.0), way(64, 6.4), other, half)]))
    assert [each["milliseconds_per_image"] for each in records_of()] == [125]
    assert [each["milliseconds_per_image"] for each in records_of(batch=64)] == [100]
    assert [each["milliseconds_per_image"] for each in records_of(batch=1)] == [300]
    assert [each["milliseconds_per_image"] for each in records_of(precision="float16")] == [0.625]
    assert "autocast to float16" in printed(figure_of(precision="float16"))


def test_the_newest_record_of_a_gpu_is_drawn_else_the_newest_of_a_cpu(keep: Keep) -> None:
    old = record([network("vgg16")], date="2025-01-01")
    gpus = [on_gpu(["vgg16"], date) for date in ("2026-01-02", "2026-03-01", "2026-02-01")]
    keep(on_cpu(), old, *gpus)
    assert {(each["device"], each["date"]) for each in records_of()} == {(CUDA, "2026-03-01")}
    assert {(each["device"], each["date"]) for each in records_of(device="CPU")} == {("cpu", "2026-11-25")}
    assert {each["device"] for each in records_of(device="h100")} == {CUDA}


def test_power_is_of_a_record_that_has_it(keep: Keep) -> None:
    keep(on_gpu(["vgg16"], "2026-01-01"), record([network("vgg16")], CUDA, "2026-02-01"), on_cpu())
    assert {each["date"] for each in records_of(kind="power")} == {"2026-01-01"}
    assert {each["date"] for each in records_of()} == {"2026-02-01"}


def test_the_axis_counts_in_the_convention_that_is_asked_for(keep: Keep) -> None:
    keep(on_cpu())
    lines = {each["architecture"]: each for each in records_of(convention="bianco_2018")}
    assert set(lines) == set(NETWORKS) - {"swin_t"}
    assert lines["vgg16"]["count"] == archcalc.conventions.counting.count("vgg16", "bianco_2018").total
    assert {each["convention"] for each in lines.values()} == {"bianco_2018"}
    assert "cannot be counted so: swin_t" in printed(figure_of(convention="bianco_2018"))
    assert "does not count window attention, which swin_t has" in said("swin_t", convention="bianco_2018")


def test_without_a_record_it_says_how_one_is_made(keep: Keep) -> None:
    keep()
    made = "`archcalc measure --all --record reports/measured/NAME.json` makes one"
    assert said() == said(kind="power") == f"there is no record of measurements: {made}"
    result = CliRunner().invoke(cli, ["plot", "time", "--format", "csv"])
    assert isinstance(result.exception, ArchcalcError)
    assert result.stdout == ""


def test_power_without_a_gpu_says_what_it_needs(keep: Keep) -> None:
    keep(on_cpu())
    assert said(kind="power") == (
        "there is no measurement of power: `archcalc measure --all --device cuda --record reports/measured/NAME.json` "
        "makes one, on a GPU with NVML"
    )


def test_what_the_record_has_not_is_named(keep: Keep) -> None:
    keep(record([network("vgg16", way(1, 0.1), way(16, None)), network("alexnet", way(64, None))]))
    assert said("vgg16", "vgg19", "resnet50") == "the record of cpu (2026-11-25) has no vgg19, resnet50"
    assert said("vgg16", batch=16) == (
        "no time of vgg16 was measured at batch 16 in float32: out of memory; there is batch 1"
    )
    assert said("alexnet") == "no time of alexnet was measured at batch 1 in float32"
    assert said(batch=64) == "the record of cpu (2026-11-25) has no batch 64 in float32; there is batch 1"
    assert said(precision="tf32") == "nothing was measured in tf32 on cpu; there is float32"
    assert said(device="h200") == "there is no measurement on 'h200'; there are those on cpu"
    assert "nearest: vgg" in said("vgg61")
    with pytest.raises(UnknownName, match="nearest: float16"):
        gather(Plot("time", precision="float17"))


def test_a_network_that_the_catalogue_no_longer_has_is_left_out(keep: Keep) -> None:
    keep(record([network("vgg16"), {**network("vgg19"), "name": "gone_net"}]))
    assert [each["architecture"] for each in records_of()] == ["vgg16"]
    assert "cannot be counted so: gone_net" in printed(figure_of())


def test_the_small_print_says_how_was_measured(keep: Keep) -> None:
    keep(on_cpu(), on_gpu())
    print_ = printed(figure_of(device="cpu"))
    for words in (
        "cpu, 2 threads, 2026-11-25", "archcalc's own PyTorch modules, run eagerly (torch 2.13.0)", "batch 16",
        "float32 throughout, without TF32", "contiguous", "divided by 16", "median of 30 runs", "multiply-accumulates",
    ):  # fmt: skip
        assert words in print_, words
    assert "divided" not in printed(figure_of(batch=1))
    power = printed(figure_of(kind="power"))
    assert f"Measured on {CUDA}, power limit 700 W, 2026-11-24" in power
    assert "average of the whole GPU" in power
    assert "NVML" in power
    assert "quartiles" not in power


def test_quartiles_are_bars_where_they_are_seen(keep: Keep) -> None:
    close = way(1, 0.1) | {"time": {"runs": 9, "median": 0.1, "lower": 0.0999, "upper": 0.1001}}
    wide = way(1, 0.2) | {"time": {"runs": 9, "median": 0.2, "lower": 0.1, "upper": 0.4}}
    keep(record([network("vgg16", wide), network("alexnet", close), network("resnet50", way(1, 0.02))]))
    figure = figure_of()
    bars = drawn(figure, "bar ")
    assert "alexnet" not in bars
    assert list(bars["vgg16"].get_ydata()) == [100, 400]
    assert "Bars: quartiles." in printed(figure)
    assert figure.axes[0].get_ylim()[1] > 400
    assert "quartiles" not in printed(figure_of("alexnet"))


def test_lines_join_networks_of_one_design_whose_names_differ_in_a_number(keep: Keep) -> None:
    """ResNet-18 and 34 have basic blocks, 50 to 152 bottlenecks: two lines."""
    keep(on_cpu())
    joined = drawn(figure_of(), "family ")
    assert set(joined) == {"vgg16", "resnet18", "resnet50", "densenet121"}
    assert len(joined["resnet18"].get_xdata()) == 2
    assert len(joined["resnet50"].get_xdata()) == 3
    assert sorted(len(line) for line in alike(gather(Plot("time")).chosen.points)) == [2, 2, 3, 3]


def test_no_two_of_many_families_look_alike(keep: Keep) -> None:
    names = list({each.file: each.name for each in zoo.networks()}.values())[:20]
    keep(record([network(name, way(1, 0.1)) for name in names]))
    looks = families(gather(Plot("time", tuple(names))).chosen.points)
    assert len(looks) == len(set(looks.values())) == 20


@BOTH
@pytest.mark.parametrize("kind", ["time", "power"])
def test_nothing_overlaps_and_nothing_leaves_the_canvas(keep: Keep, kind: str, width: float) -> None:
    keep(on_gpu())
    figure = figure_of(kind=kind, width=width)
    apart(figure)
    inside(figure, width)
    every = " ".join(text for text, _ in boxes(figure))
    for line in records_of(kind=kind):
        assert line["label"] in every


@BOTH
def test_slow_and_crowded_figures_keep_to_the_canvas_too(keep: Keep, width: float) -> None:
    """Long numbers at the axis, and more networks than there is room for labels."""
    names = [each.name for each in zoo.networks() if min(each.input[1:]) >= 100]
    keep(record([network(name, way(1, 1e-2 * seconds(name, 4000))) for name in names[:110]]))
    figure = figure_of(width=width)
    apart(figure)
    inside(figure, width)
    assert "points are not labelled" in printed(figure)


def test_files_and_data_go_where_other_plots_go(keep: Keep, tmp_path: Path) -> None:
    keep(on_gpu())
    for kind in ("time", "power"):
        file = tmp_path / f"{kind}.svg"
        arguments = ["plot", kind, "vgg16", "resnet50", "--batch", "1", "--device", "H100"]
        assert CliRunner().invoke(cli, [*arguments, "-o", str(file)]).exception is None
        assert "ResNet-50" in file.read_text(encoding="utf-8")
        shown = CliRunner().invoke(cli, [*arguments, "--format", "csv"]).stdout
        lines = list(csv.DictReader(io.StringIO(shown)))
        assert [line["architecture"] for line in lines] == ["vgg16", "resnet50"]
        assert {line["batch"] for line in lines} == {"1"}
        assert ("watts" in lines[0]) == (kind == "power")


def test_figures_are_kept_of_what_was_measured_and_of_nothing_else(keep: Keep) -> None:
    keep()
    assert regenerate.figures() == regenerate.FIGURES
    assert b"archcalc measure" not in regenerate.page()
    keep(on_cpu())
    assert [each.name for each in regenerate.figures()[len(regenerate.FIGURES) :]] == ["time"]
    assert b"## Time of a forward pass" in regenerate.page()
    assert b"Power" not in regenerate.page()
    keep(on_cpu(), on_gpu())
    kept = regenerate.figures()[-1]
    assert [name for name, _ in regenerate.files(kept)] == ["power.svg", "power.csv"]
