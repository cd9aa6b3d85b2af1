"""Every design space by name: its size, its networks at random points, and names that are those of networks too."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from typing import Any

import numpy
import pytest
from click.testing import CliRunner

import archcalc
from archcalc import analyze
from archcalc.analysis.quantities import Basis, totals
from archcalc.base.errors import ArchcalcError
from archcalc.cli import cli
from archcalc.spaces.named import GROUPS, find_space, named_space, space_meant

QUANTITIES = ("params", "mult_adds", "activation_sum")


@pytest.mark.parametrize("name", GROUPS)
def test_rows_at_random_points_are_the_networks_that_are_built(name: str) -> None:
    space = named_space(name)
    rows = archcalc.sweep(name, quantities=QUANTITIES, sample=20, seed=20).to_arrow().to_pylist()
    assert len(rows) == min(20, space.size())
    columns = {axis.name: axis.array[[axis.values.index(row[axis.name]) for row in rows]] for axis in space.axes}
    assert space.allowed(columns).all()
    for place, row in enumerate(rows):
        arguments = space.translated({key: values[place : place + 1] for key, values in columns.items()})
        one = {key: values.tolist()[0] for key, values in arguments.items()}
        found = totals(Basis(space.resolved.graph(*space.assembled(one))))
        assert [row[key] for key in QUANTITIES] == [getattr(found, key) for key in QUANTITIES]


def steps(first: str, last: str, step: str) -> list[Fraction]:
    low, high, by = map(Fraction, (first, last, step))
    return [low + by * number for number in range(int((high - low) / by) + 1)]


def test_sizes_of_scaled_spaces_are_those_of_their_choices() -> None:
    assert named_space("mobilenet_v1").size() == 4 * 4
    assert named_space("wrn").size() == len([6 * n + 4 for n in range(2, 7)]) * 12
    assert named_space("efficientnet_dimensions").size() == 11 * 22 * len(range(224, 601, 8))
    choices = product(steps("1", "2.1", "0.05"), *[steps("1", "1.45", "0.05")] * 2)
    about = [each for each in choices if abs(each[0] * each[1] ** 2 * each[2] ** 2 - 2) <= Fraction("0.1")]
    assert (Fraction("1.2"), Fraction("1.1"), Fraction("1.15")) in about
    assert named_space("efficientnet").size() == len(about) * 12


def test_the_scaled_networks_of_the_documents_are_points() -> None:
    """By the names of the catalogue; document 002 has the depths and factors of the Wide ResNets."""
    sides = (224, 192, 160, 128)
    for name, points in {
        "mobilenet_v1": {
            f"mobilenet_v1_{w}_{s}": {"width": w, "size": s} for w in (1.0, 0.75, 0.5, 0.25) for s in sides
        },
        "wrn": {f"wrn_{d}_{k}": {"depth": d, "k": k} for d, k in ((40, 1), (40, 8), (28, 12), (22, 10), (16, 8))},
        "efficientnet_dimensions": {"efficientnet_b0": {"width": 1.0, "depth": 1.0, "size": 224}},
    }.items():
        space = named_space(name)
        for network, point in points.items():
            assert all(value in space.axis(key).values for key, value in point.items())
            found = totals(Basis(space.resolved.graph(*space.assembled(point))))
            assert found == analyze(network).totals


def test_compound_scaling_is_the_rule_of_the_paper() -> None:
    """Without scaling it is B0; at twice the exponent, the multipliers are squares."""
    space = named_space("efficientnet").narrowed({"phi": "0..4"})
    columns = {name: numpy.full(5, value) for name, value in (("alpha", 1.2), ("beta", 1.1), ("gamma", 1.15))}
    found = space.translated({**columns, "phi": numpy.arange(5)})
    first = {key: values[0].item() for key, values in found.items()}
    assert totals(Basis(space.resolved.graph(*space.assembled(first)))) == analyze("efficientnet_b0").totals
    for key, base in (("depth", 1.2), ("width", 1.1)):
        assert found[key].tolist() == pytest.approx([1, base, base * base, base**3, base**4])
    assert found["size"].tolist() == [224, 258, 296, 341, 392]  # 224 * 1.15 = 257.6, 296.24, 340.676, 391.7774
    third = {key: values[2].item() for key, values in found.items()}
    wanted = analyze("efficientnet_b0", input=(3, 296, 296), width=third["width"], depth=third["depth"]).totals
    assert totals(Basis(space.resolved.graph(*space.assembled(third)))) == wanted


# ---- names


def run(*args: str) -> Any:
    result = CliRunner().invoke(cli, [*args, "--format", "json"], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return json.loads(result.stdout)


def test_a_name_of_both_is_the_space_and_with_axes_of_the_network_the_network() -> None:
    """As a command and in Python alike; only axes of the space alone change the space."""
    assert find_space("MobileNet-V1") is not None
    assert [space_meant("mobilenet_v1", axes) is None for axes in ((), ("width",), ("size",), ("depth",))] == [
        False,
        True,
        True,
        False,
    ]
    assert run("space", "mobilenet_v1")["name"] == "mobilenet_v1"
    over = ("--over", "width=0.5,1")
    stated = run("space", "mobilenet_v1", *over)
    assert (stated["name"], [axis["axis"] for axis in stated["axes"]]) == ("mobilenet_v1_1.0_224", ["width"])
    rows = run("sweep", "mobilenet_v1", *over)
    assert (rows["space"], len(rows["rows"])) == ("mobilenet_v1_1.0_224", 2)
    assert len(archcalc.sweep("mobilenet_v1")) == 16
    assert archcalc.sweep("mobilenet_v1", over={"width": "0.5,1"}).metadata["space"] == "mobilenet_v1_1.0_224"
    changed = run("space", "enas_micro", "--over", "normal1_input1=0")
    assert changed["points"] * 2 == named_space("enas_micro").size()
    assert run("space", "enas_micro", "--over", "channels=20,36")["points"] == 2


def test_axes_of_a_space_by_name_are_changed_by_every_command_alike() -> None:
    over = ("--over", "depth=20", "--over", "w_m=2", "--over", "w_a=24..28:4", "--over", "w_0=24")
    points = run("space", "regnetx", *over)["points"]
    assert points == 2 * 6 * 3
    assert len(run("sweep", "regnetx", *over)["rows"]) == points
    axes = {"depth": "20", "w_m": "2", "w_a": "24..28:4", "w_0": "24"}
    assert len(archcalc.sweep("regnetx", over=axes)) == points


@pytest.mark.parametrize("command", ["space", "sweep"])
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("regnetx", "--over", "width=1"), "regnetx has no axis 'width'; it has depth, w_0"),
        (("regnetx", "--set", "classes=10"), "are for networks, and 'regnetx' is a design space"),
        (
            ("mobilenet_v1", "--set", "classes=10"),
            "'mobilenet_v1' is a design space, unless --over has axes of the net",
        ),
        (("resnet18",), "resnet18 is a network: --over makes a space of it"),
        (("regnetz",), "no design space and no architecture is called 'regnetz'; nearest: regnety, regnetx"),
        (("regnet",), "no design space and no architecture is called 'regnet'; nearest: regnetx, regnety"),
        (("nothing_like_it",), "`archcalc spaces` and `archcalc list` show all names"),
    ],
)
def test_what_is_no_space_is_told(command: str, args: tuple[str, ...], said: str) -> None:
    with pytest.raises(ArchcalcError) as raised:
        run(command, *args)
    assert said in str(raised.value)


def test_a_table_tells_a_size_of_the_input_from_a_hyperparameter() -> None:
    """`width` is the multiplier of MobileNet and the input of ResNet; other formats have the names of the axes."""
    for name, word in (("resnet18", "input width"), ("mobilenet_v1", "width")):
        for command in ("space", "sweep"):
            args = [command, name, "--over", "width=1,2" if name == "mobilenet_v1" else "width=64,96"]
            text = CliRunner().invoke(cli, args, standalone_mode=False, env={"COLUMNS": "80"}).stdout
            assert ("input width" in text) == (word == "input width")
            assert word in text
    text = CliRunner().invoke(cli, ["space", "mobilenet_v1"], standalone_mode=False, env={"COLUMNS": "80"}).stdout
    assert "input size" in text
    assert [axis["axis"] for axis in run("space", "mobilenet_v1")["axes"]] == ["width", "size"]
