"""Accuracies that others measured: the data, their costs, and what sources print of costs against ours."""

from __future__ import annotations

import csv
import io
import json
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from click.testing import CliRunner, Result

import archcalc
from archcalc import ArchcalcError, UnknownName, zoo
from archcalc.cli import cli
from archcalc.evidence import accuracy
from archcalc.evidence.accuracy import CLASSES, all_points, in_catalogue, locate, points, recipes
from archcalc.evidence.accuracy_check import Check, Disagreement, check

ROWS = 1388
"""Lines of the data as they were collected: none may get lost."""


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["accuracy", *args], standalone_mode=False)


@pytest.fixture(scope="module")
def found() -> Check:
    return check()


def test_every_point_has_a_source_a_recipe_that_is_described_and_percentages_that_can_be() -> None:
    assert len(all_points()) == ROWS
    for point in all_points():
        assert point.source, point
        assert point.dataset in CLASSES, point
        assert point.recipe in recipes(), point
        assert point.evaluation, point
        for percent in (point.top1, point.top5):
            assert percent is None or 0 < percent <= 100, point
        assert point.top1 is None or point.top5 is None or point.top1 <= point.top5, point
        assert point.size is None or 8 <= point.size <= 1000, point


def test_every_recipe_has_points_and_a_title() -> None:
    used = {point.recipe for point in all_points()}
    assert set(recipes()) == used
    assert all(recipe.title and recipe.training for recipe in recipes().values())


def test_points_of_the_catalogue_have_its_own_names_and_can_be_built_at_their_inputs() -> None:
    for point in all_points():
        architecture = in_catalogue(point.architecture)
        located = locate(point)
        if architecture is None:
            assert located.problem == "not in the catalogue"
        else:
            assert architecture.name == point.architecture
            assert located.problem == "", located


def test_no_point_is_dropped_because_its_network_is_not_in_the_catalogue() -> None:
    absent = accuracy.not_in_catalogue()
    inside = [point for point in all_points() if point.architecture not in absent]
    assert sum(absent.values()) + len(inside) == ROWS
    assert {"regnety_400mf", "convnext_nano", "fitnet"} <= set(absent)


@pytest.mark.parametrize(
    ("name", "dataset", "size"),
    [
        ("resnet50", "imagenet", 288),
        ("wrn_28_10", "cifar100", 32),
        ("wrn_28_10", "cifar10", 32),
        ("mobilenet_v1_0.75_192", "stanford_dogs", 192),
    ],
)
def test_costs_of_a_point_are_those_of_the_network_at_the_points_input(name: str, dataset: str, size: int) -> None:
    point = next(each for each in points([name], dataset) if each.size == size)
    located = locate(point)
    totals = archcalc.analyze(name, input=(3, size, size), classes=CLASSES[dataset]).totals
    assert located.input == (3, size, size)
    assert (located.params, located.mult_adds) == (totals.params, totals.mult_adds)


def test_figures_of_fitnet_are_not_taken_for_those_of_a_highway_network() -> None:
    """The source's table has FitNet and Highway Network in rows of their own."""
    quoted = {(each.architecture, each.top1) for each in points(recipe=["simplenet_quotes"])}
    assert {("fitnet", 91.61), ("fitnet", 64.96), ("highway_19_cifar", 92.4), ("highway_19_cifar", 67.76)} <= quoted
    assert not any(each.architecture == "fitnet_highway_cifar" for each in all_points())


def test_every_printed_cost_is_compared_or_counted_as_absent(found: Check) -> None:
    printed = sum(bool(each.printed_params) + bool(each.printed_mult_adds) for each in all_points())
    assert found.agreeing + len(found.disagreements) + found.absent == printed


def test_a_disagreement_differs_in_the_printed_digits(found: Check) -> None:
    for each in found.disagreements:
        printed = each.point.printed_params if each.quantity == "params" else each.point.printed_mult_adds
        if "." in printed:
            ours = (Decimal(each.ours) / 10**6).quantize(Decimal(printed), ROUND_HALF_EVEN)
            assert ours != Decimal(printed), each
        assert each.relative == pytest.approx(float(printed) * 1e6 / each.ours - 1)


def only(found: Check, name: str, source: str, quantity: str) -> Disagreement:
    return next(
        each
        for each in found.disagreements
        if each.point.architecture == name and source in each.point.source and each.quantity == quantity
    )


@pytest.mark.parametrize(
    ("name", "source", "quantity", "reason"),
    [
        ("inception_v3", "torchvision", "params", "auxiliary"),
        ("squeezenet1_0", "Table 9", "mult_adds", "counted as"),
        ("densenet121", "keras", "params", "running statistics"),
        ("caffenet", "convnet-burden", "mult_adds", "227x227"),
        ("wrn_40_4", "ZCA", "params", "cut off"),
        ("densenet_bc_250_k24", "Table 2", "params", "10 classes"),
        ("resnet18", "open_model_zoo", "params", "folded"),
    ],
)
def test_what_would_explain_a_difference_is_said(
    found: Check, name: str, source: str, quantity: str, reason: str
) -> None:
    assert reason in only(found, name, source, quantity).reason


def test_a_difference_that_nothing_explains_stays_unexplained(found: Check) -> None:
    """The paper prints 5 billion for a network of 5.7; no way of counting that is tried gives it."""
    assert only(found, "inception_v3", "Table 10", "params").reason == ""
    assert 0 < sum(not each.reason for each in found.disagreements) < 60


def test_torchvision_s_own_figures_agree_but_for_auxiliary_heads(found: Check) -> None:
    """Its metadata are exact, and its networks are references of the catalogue."""
    differing = [each for each in found.disagreements if each.point.source.startswith("torchvision IMAGENET1K_V1")]
    assert [each.point.architecture for each in differing] == ["inception_v3"]


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown", "latex"])
def test_points_are_listed_with_sources_in_every_format(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = run("vgg16", "--dataset", "imagenet", "--format", form).stdout
    assert "pytorchcv README" in shown
    if form == "csv":
        lines = list(csv.DictReader(io.StringIO(shown)))
        assert len(lines) == len(points(["vgg16"], "imagenet"))
        assert {line["mult_adds"] for line in lines} == {str(archcalc.analyze("vgg16").totals.mult_adds)}
    if form == "json":
        assert len(json.loads(shown)) == len(points(["vgg16"], "imagenet"))


def test_the_check_ends_well_whatever_it_finds() -> None:
    result = run("--check", "--recipe", "mobilenet_authors")
    assert result.exit_code == 0
    assert result.exception is None
    assert "unexplained" in result.stdout


def test_networks_that_are_not_in_the_catalogue_are_listed_without_costs() -> None:
    (line,) = csv.DictReader(io.StringIO(run("regnety_800mf", "--recipe", "pycls", "--format", "csv").stdout))
    assert line["mult_adds"] == ""
    assert line["problem"] == "not in the catalogue"
    assert "regnety" in run("--check", "--recipe", "pycls").stdout


def test_recipes_are_listed() -> None:
    lines = list(csv.DictReader(io.StringIO(run("--recipes", "--format", "csv").stdout)))
    assert len(lines) == len(recipes())
    assert sum(int(line["points"]) for line in lines) == ROWS


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("resnet5",), "nearest: resnet50"),
        (("lenet5_dense",), "no accuracy data of lenet5_dense"),
        (("vgg16", "--recipe", "pycls"), "no accuracy of vgg16 by pycls; there are those on imagenet by"),
        (("--recipe", "pycl"), "nearest: pycls"),
        (("--dataset", "imagenet22k"), "there are imagenet, cifar10"),
        (("vgg16", "--recipes"), "leave names"),
    ],
)
def test_bad_input_is_named(args: tuple[str, ...], said: str) -> None:
    error = run(*args).exception
    assert isinstance(error, ArchcalcError)
    assert said in str(error)


def test_unknown_names_know_their_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        points(["resnet5"])
    assert "resnet50" in caught.value.nearest
    assert "resnet50" in zoo.names()


def test_names_that_differ_in_a_point_only_are_two_networks() -> None:
    for name in ("regnetx_32gf", "regnetx_3.2gf"):
        assert {each.architecture for each in points([name])} == {name}
