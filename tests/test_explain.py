"""`archcalc explain`: readings of a printed number."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc import ArchcalcError, UnknownName, analyze
from archcalc.algebra.amounts import read_printed
from archcalc.cli import cli
from archcalc.evidence import explain as module
from archcalc.evidence.alternatives import variants
from archcalc.evidence.explain import QUANTITIES, Explained, explain, size_of_search


def changes(each: Explained) -> list[str]:
    return [change.words for change in each.reading.changes]


def out(*args: str) -> str:
    return CliRunner().invoke(cli, args, standalone_mode=False, catch_exceptions=False).stdout


@pytest.mark.parametrize(
    ("number", "architecture", "quantity", "words"),
    [
        ("138,357,544", "vgg16", "params", []),
        ("25.6M", "resnet50", "params", []),
        ("25,610,152", "resnet50", "params", ["convention params_with_statistics"]),
        ("3.86G", "resnet50", "mult_adds", ["variant resnet50_v1"]),
        ("3.8G", "resnet50", "mult_adds", ["variant resnet50_v1", "rounded down"]),
        ("8.18 GFLOPs", "resnet50", "mult_adds", ["two operations for each mult-add"]),
        ("4.112 GFLOPs", "resnet50", "mult_adds", ["convention fvcore"]),
        ("24.37M", "resnet50", "params", ["M of 1024^2"]),
        ("8.34G", "resnet50", "mult_adds", ["input 320x320"]),
        ("102 MB", "resnet50", "parameter_bytes", []),
        ("51 MB", "resnet50", "parameter_bytes", ["float16"]),
        ("97.5 MiB", "resnet50", "parameter_bytes", []),
        ("13.4M", "googlenet", "params", ["with auxiliary heads"]),
        ("22", "googlenet", "layers", []),
        ("62.4M", "alexnet", "params", ["variant alexnet_simplified"]),
        ("1700M", "squeezenet1_0", "mult_adds", ["two operations for each mult-add", "input 227x227"]),
        ("15300M", "vgg16", "mult_adds", ["convention mult_adds_of_convolutions"]),
        ("15.2M", "vgg16", "activations", []),
        ("3.3M", "mobilenet_v1", "params", ["variant mobilenet_v1_1.0_224_dogs120"]),
    ],
)
def test_a_number_is_explained_by_its_likeliest_reading(
    number: str, architecture: str, quantity: str, words: list[str]
) -> None:
    best = explain(number, architecture=architecture).readings[0]
    assert (best.quantity, changes(best)) == (quantity, words)


NETWORKS = ("resnet50", "alexnet", "googlenet", "mobilenet_v1_1.0_224", "wrn_40_2", "lenet5", "swin_t")
PLAIN = {"params": "params", "mult_adds": "mult_adds", "activations": "activation_sum"}


@given(st.sampled_from(NETWORKS), st.sampled_from([*PLAIN]), st.integers(2, 6))
@settings(max_examples=40, deadline=None)
def test_every_reading_gives_the_number_and_is_what_the_network_costs(name: str, quantity: str, digits: int) -> None:
    """The plain figure of a network is found again from its first digits, and every reading agrees with them."""
    figure = getattr(analyze(name).totals, PLAIN[quantity])
    text = f"{figure:.{digits - 1}e}".replace("e+", "e")
    explanation = explain(text, architecture=name, quantity=quantity)
    assert explanation.readings[0].reading.value == figure
    assert changes(explanation.readings[0]) == []
    for each in explanation.readings:
        told: Any = {change.kind: change.words for change in each.reading.changes}
        factor = Fraction(1000, 1024) ** 3 if "base" in told else 1
        if "base" not in told and "digits" not in told and not each.reading.digits:
            assert read_printed(text).spans()[0].holds(Fraction(each.reading.value) * factor)
        if not told.keys() - {"variant", "size", "classes", "heads", "operations"}:
            own: Any = {"aux": True} if "heads" in told else {}
            if "classes" in told:
                own["classes"] = int(told["classes"].split()[0])
            totals = analyze(each.reading.networks[0], input=each.reading.input, **own).totals
            times = 2 if "operations" in told else 1
            assert getattr(totals, PLAIN[quantity]) * times == each.reading.value


def test_readings_are_ranked_by_how_far_fetched_they_are() -> None:
    readings = explain("4.1 GFLOPs", architecture="resnet50").readings
    ranks = [each.rank for each in readings]
    assert ranks == sorted(ranks)
    assert len(readings) > 10
    assert max(len(each.reading.changes) for each in readings) == 1  # the plain number holds: nothing needs two


def test_without_an_architecture_the_catalogue_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.zoo, "names", lambda: ("alexnet", "vgg16", "vgg16_bn", "resnet50"))
    steps: list[int] = []
    explanation = explain("138,357,544", advance=steps.append)
    assert len(steps) == explanation.networks == size_of_search(None) == 4
    assert {each.reading.networks[0] for each in explanation.readings} == {"vgg16"}
    assert explanation.readings[0].reading.changes == ()


def test_a_number_that_nothing_gives_gets_the_nearest_three() -> None:
    explanation = explain("26.6M", architecture="resnet50", quantity="params")
    assert explanation.readings == ()
    assert len(explanation.nearest) == 3
    distances = [each.reading.distance for each in explanation.nearest]
    assert distances == sorted(distances)
    assert explanation.nearest[0].reading.value == 25_610_152
    assert distances[0] == pytest.approx(1 - 25_610_152 / 26_600_000)
    shown = out("explain", "26.6M", "--architecture", "resnet50", "--quantity", "params")
    assert shown.startswith("No reading gives 26.6M as params of resnet50")
    assert "25.61M" in shown


def test_variants_of_a_name_are_the_networks_that_begin_as_it_does() -> None:
    assert "resnet50_v1" in variants("resnet50")
    assert "resnet50" in variants("resnet50_v1")
    assert {"alexnet", "alexnet_owt"} <= set(variants("alexnet_simplified"))
    assert "resnet101" not in variants("resnet50")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"number": "3,8"}, "a comma stands before three digits"),
        ({"number": "4.1 GB", "quantity": "mult_adds"}, "is a number of bytes; mult_adds is printed as 3.8G"),
        ({"number": "4.1 GFLOPs", "quantity": "params"}, "is a number of FLOPs; params is printed as 25.6M"),
        ({"number": "16.4 %"}, "is a share"),
        ({"number": "12x"}, "is a ratio"),
        ({"number": "25.6M", "quantity": "prams"}, "no quantity is called 'prams'; there are params"),
        ({"number": "25.6M", "architecture": "resnet50", "changes": 9}, "from 0 to 4"),
    ],
)
def test_a_number_that_cannot_be_explained_says_what_was_expected(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArchcalcError, match=message):
        explain(**given)


def test_an_unknown_architecture_gets_the_nearest_names() -> None:
    with pytest.raises(UnknownName, match="nearest: resnet50"):
        explain("25.6M", architecture="resnet5o")


def test_every_quantity_accepts_the_numbers_that_its_message_shows() -> None:
    for quantity in QUANTITIES.values():
        for text in quantity.accepts.replace(" or ", ", ").split(", "):
            assert read_printed(text).unit in quantity.units


@pytest.mark.parametrize("args", [("3.8G",), ("98 MB",), ("1,234,567",)])
def test_json_csv_and_table_agree(args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    command = ("explain", *args, "--architecture", "resnet50")
    data = json.loads(out(*command, "--format", "json"))
    records = list(csv.DictReader(io.StringIO(out(*command, "--format", "csv"))))
    assert len(data["readings"]) == len(records) > 0
    assert data["found"] == all(record["agrees"] == "True" for record in records)
    assert max(map(len, out(*command).splitlines())) <= 80


def test_limit_shortens_the_table_only() -> None:
    command = ("explain", "4.1 GFLOPs", "--architecture", "resnet50", "--limit", "2")
    assert sum(line.startswith("resnet50 ") for line in out(*command).splitlines()) == 2
    assert len(json.loads(out(*command, "--format", "json"))["readings"]) > 2
