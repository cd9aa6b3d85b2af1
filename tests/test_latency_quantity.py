"""Latency as a quantity: lists, comparisons and searches give the times of `latency`, with their expected error."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner

from archcalc import latency, names, select, solve
from archcalc.algebra.conditions import parse_condition
from archcalc.analysis.quantities import QUANTITIES, TARGETS, TOTALS, Basis, quantity_of, read_quantity, totals
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.cli import cli
from archcalc.evidence.selecting import Setting
from archcalc.hardware.efficiency import efficiencies
from archcalc.request import Request
from archcalc.training import Training

KEY = "latency@rtx-4090"
AMP = Training(precision="amp_fp16")


def out(*args: str) -> str:
    """What a command prints. Raises its error."""
    result = CliRunner().invoke(cli, args, catch_exceptions=False, standalone_mode=False)
    return result.output


def seconds(name: str, **given: Any) -> float:
    """The time that `latency` predicts on the RTX 4090."""
    return latency(name, device="rtx-4090", **given).seconds


def stated(device: str) -> tuple[str, str]:
    """The median and 90th percentile of the error that the table of efficiencies has for a device, as printed."""
    row = next(
        each for each in efficiencies() if (each.device, each.task, each.layout) == (device, "inference", "nchw")
    )
    return f"at most {100 * row.median_error:.1f}%", f"at most {100 * row.p90_error:.1f}%"


@pytest.mark.parametrize("word", ["latency@rtx-4090", "Latency@RTX_4090", "latency@nvidia geforce rtx 4090", KEY])
def test_a_device_is_read_as_people_write_it(word: str) -> None:
    assert read_quantity(word, tuple(QUANTITIES), "quantity") == KEY


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("latency", "needs a device"),
        ("latency@", "needs a device"),
        ("latency@a100", "one of several devices: a100-40gb"),
        ("latency@rtx-4091", "rtx-4090"),
        ("params@rtx-4090", "no quantity is called"),
    ],
)
def test_what_is_no_latency_is_refused(word: str, said: str) -> None:
    with pytest.raises(ArchcalcError, match=said):
        read_quantity(word, tuple(QUANTITIES), "quantity")


def test_no_table_of_totals_and_no_plain_target_has_a_latency() -> None:
    """The row is of a device: without one there is no value, so that nothing has it by default."""
    assert "latency" in QUANTITIES
    assert "latency" not in (*TOTALS, *TARGETS)
    with pytest.raises(ArchcalcError, match="needs a device"):
        totals(Basis.of(Request.of("lenet5")), ("latency",))
    with pytest.raises(UnknownName):
        read_quantity(KEY, TOTALS, "quantity")


@pytest.mark.parametrize("device", ["rtx-4090", "t4", "i7-12700h"])
@pytest.mark.parametrize("batch", [1, 64])
def test_a_total_is_the_time_of_the_statement(device: str, batch: int) -> None:
    request = Request.of("mobilenet_v1", batch=batch, input=(3, 160, 160))
    found = totals(Basis.of(request), (f"latency@{device}", "params"))
    assert found[f"latency@{device}"] == latency(request, device=device).seconds
    assert quantity_of(f"latency@{device}").unit == "seconds"


def test_conditions_choose_the_networks_whose_predicted_time_meets_them() -> None:
    times = {name: seconds(name, batch=64, precision="amp_fp16") for name in names("resnet1")}
    limit = sorted(times.values())[len(times) // 2]
    setting = Setting(batch=64, training=AMP)
    found = select("resnet1", [f"{KEY} <= {limit * 1e3:.9f}ms"], [f"-{KEY}"], [setting])
    chosen = [row.name for row in found.rows]
    assert set(chosen) == {name for name, time in times.items() if time <= round(limit * 1e3, 9) / 1e3}
    assert 0 < len(chosen) < len(times)
    assert [row.values[KEY] for row in found.rows] == sorted([times[name] for name in chosen], reverse=True)


@pytest.mark.parametrize("text", ["4 ms", "4000us", "4000 \u00b5s", "4000000ns", "0.004s", "4 MS", "0.004"])
def test_times_have_units(text: str) -> None:
    condition = parse_condition(f"time < {text}")
    assert [condition.holds({"time": time}) for time in (0.003999, 0.004, 0.004001)] == [True, False, False]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--where", f"{KEY} < 5MB"), "MB is a unit of bytes, latency@rtx-4090 has none"),
        (("--where", "params < 5ms"), "ms is a unit of time, params has none"),
        (("--where", "latency < 5ms"), "^'latency < 5ms' at 1: a latency needs a device"),
        (("--where", "latency@nothing < 5ms"), "at 1: no device is called 'nothing'"),
        (("--where", "latency @t4 < 5ms"), "needs a device"),
        (("--sort", "latency@a100"), "a100 is one of several devices"),
        (("--where", "latency@t4 < 5ms", "--dtype", "bfloat16"), "t4 has no peak rate for bfloat16"),
        (("--where", f"{KEY} < 5ms", "--dtype", "int8"), "time is not stated in int8"),
    ],
)
def test_bad_conditions_on_a_latency_are_named(args: tuple[str, ...], said: str) -> None:
    with pytest.raises(ArchcalcError, match=said):
        out("list", "vgg11", *args)


@pytest.mark.parametrize(
    "args",
    [
        ("list", "vgg11", "--sort", KEY),
        ("compare", "vgg11", "vgg16", "--quantity", KEY),
        ("solve", "vgg11", "--target", f"{KEY}=1ms", "--for", "size", "--multiple-of", "32"),
    ],
)
def test_wherever_a_latency_is_printed_its_expected_error_is_stated(args: tuple[str, ...]) -> None:
    text = " ".join(out(*args).split())
    assert "is a prediction" in text
    for said in stated("rtx-4090"):
        assert said in text
    header = next(csv.reader(io.StringIO(out(*args, "--format", "csv"))))
    assert {KEY, f"{KEY}_median_error", f"{KEY}_p90_error"} <= set(header)


def test_a_device_without_a_table_has_the_error_of_devices_left_out() -> None:
    text = " ".join(out("list", "vgg11", "--sort", "latency@h100-sxm").split())
    assert "h100-sxm itself was not measured" in text
    for said in stated(""):
        assert said in text


def test_comparisons_have_times_and_their_ratios() -> None:
    rows = json.loads(out("compare", "resnet18", "vgg16", "--quantity", KEY, "--batch", "32", "--format", "json"))
    times = [seconds(name, batch=32) for name in ("resnet18", "vgg16")]
    assert [row[KEY] for row in rows] == times
    assert rows[1][f"{KEY}_ratio"] == pytest.approx(times[1] / times[0])
    plain = json.loads(out("compare", "resnet18", "vgg16", "--batch", "32", "--format", "json"))
    assert [row.keys() - {each for each in row if each.startswith("latency")} for row in rows] == [
        set(row) for row in plain
    ]


@pytest.mark.parametrize(
    ("name", "variable", "step", "values"),
    [
        ("mobilenet_v1", "width", 0.25, [0.25 * n for n in range(1, 13)]),
        ("resnet18", "size", 32, [32 * n for n in range(1, 17)]),
        ("resnet50", "batch", 8, [8 * n for n in range(1, 40)]),
    ],
)
def test_a_search_finds_what_trying_every_value_finds(name: str, variable: str, step: Any, values: list[Any]) -> None:
    def time(value: Any) -> float:
        given = {"size": {"input": (3, value, value)}}.get(variable, {variable: value})
        return seconds(name, **{"batch": 64, "precision": "amp_fp16", **given})

    given = {"precision": "amp_fp16"} | ({} if variable == "batch" else {"batch": 64})
    times = {value: time(value) for value in values}
    target = Fraction(times[values[len(values) // 2]]) * Fraction(101, 100)
    found = solve(name, {KEY: float(target)}, variable, multiple_of=step, **given)
    assert found.within is not None
    assert found.reaches is not None
    assert found.within.value == max(value for value, each in times.items() if each <= target)
    assert found.reaches.value == min(value for value, each in times.items() if each >= target)
    assert found.within.counts[KEY] == times[found.within.value]
    assert found.bounds[0].unit == "seconds"
    assert any(all(each in " ".join(remark.split()) for each in stated("rtx-4090")) for remark in found.remarks)
    assert found.to_dict()["targets"][0]["value"] == pytest.approx(float(target))


def test_the_target_may_be_another_network_and_goes_with_counts() -> None:
    """The network itself is within its own time, to the last bit."""
    found = solve("mobilenet_v1", {KEY: "mobilenet_v1", "params": "10M"}, "width", multiple_of=0.25, batch=64)
    assert found.within is not None
    assert found.within.value == 1
    assert found.binding == KEY


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ({"latency": "5ms"}, "needs a device"),
        ({KEY: "5 MB"}, "one of the units s, ms, us, ns"),
        ({KEY: -1.0}, "not negative"),
        ({KEY: float("nan")}, "finite"),
        ({KEY: "1ns"}, r"is never below 0\.00\d+ s \(at size="),
        ({KEY: "1ms", "latency@RTX 4090": "2ms"}, "has two targets"),
    ],
)
def test_targets_that_cannot_be_met_or_read_say_why(targets: dict[str, Any], said: str) -> None:
    with pytest.raises(ArchcalcError, match=said):
        solve("vgg11", targets, "size", multiple_of=32)
