"""Networks chosen by conditions: the language of conditions, and the chosen rows against the whole catalogue."""

from __future__ import annotations

import csv
import io
import json
import operator

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import archcalc
from archcalc.algebra.conditions import Values, Verdict, parse_condition, together
from archcalc.base.errors import ArchcalcError
from archcalc.cli import cli
from archcalc.evidence.accuracy import all_points
from archcalc.evidence.selecting import Setting, select

COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
COMPARE |= {"=": operator.eq, "!=": operator.ne}


def out(*args: str) -> str:
    return CliRunner().invoke(cli, args, standalone_mode=False, catch_exceptions=False).stdout


# --- The language.

relations = st.tuples(st.sampled_from("abc"), st.sampled_from(list(COMPARE)), st.integers(0, 9))
trees = st.recursive(
    relations,
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), inner, inner) | st.tuples(st.just("not"), inner),
    max_leaves=8,
)


def written(tree: tuple[object, ...]) -> str:
    if tree[0] == "not":
        return f"not ({written(tree[1])})"  # pyright: ignore[reportArgumentType]
    if tree[0] in ("and", "or"):
        return f"({written(tree[1])}) {tree[0]} ({written(tree[2])})"  # pyright: ignore[reportArgumentType]
    return " ".join(map(str, tree))


def truth(tree: tuple[object, ...], values: Values) -> Verdict:
    """Kleene's logic by its tables: a condition is unknown if both values of what is missing are possible."""
    if tree[0] == "not":
        inner = truth(tree[1], values)  # pyright: ignore[reportArgumentType]
        return None if inner is None else not inner
    if tree[0] in ("and", "or"):
        rank = {False: 0, None: 1, True: 2}
        both = [truth(each, values) for each in tree[1:]]  # pyright: ignore[reportArgumentType]
        return (min if tree[0] == "and" else max)(both, key=rank.__getitem__)
    value = values[str(tree[0])]
    return None if value is None else COMPARE[str(tree[1])](value, tree[2])


@given(trees, st.fixed_dictionaries({name: st.none() | st.integers(0, 9) for name in "abc"}))
def test_conditions_hold_as_their_trees_do(tree: tuple[object, ...], values: dict[str, int | None]) -> None:
    assert parse_condition(written(tree)).holds(values) == truth(tree, values)


def test_numbers_of_a_condition_are_bounded() -> None:
    """A stranger's condition is evaluated for very many networks: its numbers must not grow."""
    for text in ("params < 1e999", "params < 1e-999", "params < 1" + "0" * 900):
        with pytest.raises(ArchcalcError, match="too large or has too many digits"):
            parse_condition(text)
    for text in ("params * 1e300 * 1e300 > 1", "params > 1e-300 * 1e-300", "1 / (params * 1e300) / 1e300 < 1"):
        with pytest.raises(ArchcalcError, match="a result of more than 1024 bits"):
            parse_condition(text).holds({"params": 60_000})
    assert parse_condition("params * 1e300 / 1e300 == 60_000").holds({"params": 60_000})


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("a < 1K", True),
        ("a > 1K", False),
        ("a = 0.5K", True),
        ("2 * a + 24 >= 1 KiB", True),
        ("2 * a + 23 >= 1KiB", False),
        ("100 < a < 1e3", True),
        ("100 < a < 5e2", False),
        ("a / 0 > 1", None),
        ("-a < 0 and (a + 1) / 3 = 167", True),
        ("not a != 500", True),
        ("A <= 500 %", True),
        ("a < 1 gib and a < 1kb and a < 1B", True),
    ],
)
def test_numbers_have_units_and_arithmetic_is_exact(text: str, holds: bool | None) -> None:
    assert parse_condition(text).holds({"a": 500}) is holds


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", 1),
        ("a", 2),
        ("a <", 4),
        ("a < 5 c", 7),
        ("a < 5 and", 10),
        ("(a < 5", 7),
        ("a < (5", 7),
        ("a @ 5", 3),
        ("a < 5 KB MB", 10),
        ("a < 5X", 6),
        ("__import__('os') < 1", 11),
        ("not", 4),
        ("(" * 200 + "a" + ")" * 200 + " < 1", None),
        ("a < 1 and " * 200 + "a < 1", None),
    ],
)
def test_what_is_no_condition_is_refused_with_its_place(text: str, place: int | None) -> None:
    with pytest.raises(archcalc.ArchcalcError) as error:
        parse_condition(text)
    if place is not None:
        assert f" at {place}: " in str(error.value)


def test_a_number_of_bytes_is_compared_with_bytes() -> None:
    assert parse_condition("size / 2 < 1KiB", in_bytes={"size"}.__contains__).holds({"size": 2046}) is True
    assert parse_condition("n < 2B", in_bytes={"size"}.__contains__).holds({"n": 1_999_999_999}) is True
    for text in ("n < 1KiB", "2 * n + 1kB > 3", "size < 1MB or n = 1 B and 1GB < n"):
        with pytest.raises(archcalc.ArchcalcError, match="is a unit of bytes, n has none"):
            parse_condition(text, in_bytes={"size"}.__contains__)


@given(st.lists(trees, max_size=3), st.fixed_dictionaries({name: st.none() | st.integers(0, 9) for name in "abc"}))
def test_conditions_together_hold_as_their_conjunction(
    each: list[tuple[object, ...]], values: dict[str, int | None]
) -> None:
    conjunction = " and ".join([f"({written(tree)})" for tree in each]) or "0 = 0"
    assert together([parse_condition(written(tree)) for tree in each]).holds(values) == (
        parse_condition(conjunction).holds(values)
    )


# --- The catalogue.


def test_conditions_and_order_select_what_the_whole_list_has() -> None:
    every = json.loads(out("list", "--format", "json"))
    wanted = [each for each in every if each["mult_adds"] < 500_000_000 and each["params"] < 5_000_000]
    wanted.sort(key=lambda each: -each["params"])
    found = json.loads(
        out("list", "--where", "mult-adds < 500M and params < 5M", "--sort", "-params", "--format", "json")
    )
    assert [each["name"] for each in found] == [each["name"] for each in wanted]
    assert len(found) > 50


def test_figures_of_rows_are_those_of_the_cost_table() -> None:
    found = select("resnet", ["peak_inference_bytes < 30MB"], ["training_step_bytes"], [Setting((192,), 4, "float16")])
    assert len(found.rows) > 10
    steps = [row.values["training_step_bytes"] for row in found.rows]
    assert steps == sorted(steps)
    for row in found.rows[::7]:
        totals = archcalc.analyze(row.name, input=row.input, batch=4, dtype="float16").totals
        for key in ("params", "mult_adds", "peak_inference_bytes", "training_step_bytes"):
            assert row.values[key] == totals[key]


def test_the_accuracy_is_the_best_that_was_published_for_the_row_s_input() -> None:
    found = select("resnet", ["top1 > 0"], ["-top1"])
    scores = [row.top1 for row in found.rows]
    assert scores == sorted(scores, key=lambda score: -(score or 0))
    for row in found.rows:
        there = [
            each.top1
            for each in all_points()
            if (each.architecture, each.dataset) == (row.name, "imagenet")
            and (each.size or row.input[1]) == row.input[1]
            if each.top1 is not None and each.evaluation in ("1 crop", "whole image", "not stated")
            if not each.extra_data
        ]
        assert row.top1 == max(there)
    (row,) = select("resnet50", ["top1 > 0"], recipe=["torchvision_v1"], sort=["name"]).rows[:1]
    assert (row.name, row.top1, row.recipe) == ("resnet50", 76.13, "torchvision_v1")


def test_networks_without_the_figure_are_counted_and_those_that_cannot_be_built_named() -> None:
    found = select("vgg", ["top1 > 0"])
    assert found.unknown + len(found.rows) == len(archcalc.names("vgg"))
    assert found.unknown > 0
    refused = select("resnet50", settings=[Setting(hyperparameters={"width": 2})])
    assert not refused.rows
    assert "width" in refused.refused[0].reason


def test_a_setting_may_be_a_list() -> None:
    found = archcalc.select("resnet50", settings=[Setting(hyperparameters={"blocks": [1, 1, 1, 1]})])
    assert {each.name: each.values["params"] for each in found.rows}["resnet50"] == (
        archcalc.analyze("resnet50", blocks=(1, 1, 1, 1)).totals.params
    )


def test_list_has_a_line_for_every_size_of_every_network() -> None:
    text = out("list", "mobilenet_v1_0.5*", "--size", "160", "--size", "224", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["input"] for row in rows] == ["3x160x160", "3x224x224"] * (len(rows) // 2)
    assert len(rows) == 2 * len(json.loads(out("list", "mobilenet_v1_0.5*", "--format", "json")))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--where", "flops < 3"), "mult_adds"),
        (("--where", "parms < 3"), "^'parms < 3' at 1: .*params"),
        (("--where", ""), "^'' at 1: a quantity or a number is expected here"),
        (("--where", "params < 5M) or (params > 1"), r"at 12: 'and', 'or' or the end is expected, not '\)'"),
        (("--where", "peak < 8MB and params < 10 MB"), "MB is a unit of bytes, params has none"),
        (("--sort", "top3"), "top1"),
        (("--where", "params < 3", "--convention", "torch"), "--convention"),
        (("--dtype", "complex"), "complex"),
        (("--size", "0"), "pixel"),
        (("--size", "64", "--size", "64"), "twice"),
        (("nothing_like_it", "--sort", "params"), "nothing_like_it"),
        (("--dataset", "imagenette", "--sort", "top1"), "imagenette"),
        (("--recipe", "torchvision_v9"), "torchvision_v1"),
    ],
)
def test_bad_input_of_list_is_named(args: tuple[str, ...], said: str) -> None:
    with pytest.raises(archcalc.ArchcalcError, match=said):
        out("list", *args)
