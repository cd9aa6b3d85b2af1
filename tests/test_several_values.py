"""Options with several values: a line or a table for each where that makes sense, a refusal elsewhere."""

from __future__ import annotations

import csv
import io
import json
from itertools import product

import pytest
from click.testing import CliRunner

import archcalc
from archcalc.cli import COMMANDS, Commands, cli


def out(*args: str) -> str:
    return CliRunner().invoke(cli, args, standalone_mode=False, catch_exceptions=False).stdout


def lines(*args: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out(*args, "--format", "csv"))))


def refusal(*args: str) -> str:
    with pytest.raises(Exception) as error:  # noqa: PT011 - of click or of archcalc: the command line prints both
        out(*args)
    shown = error.value.format_message() if hasattr(error.value, "format_message") else str(error.value)  # pyright: ignore[reportAttributeAccessIssue]
    return str(shown)


def test_compare_has_a_line_for_every_combination_of_values() -> None:
    widths, sizes, batches = ("0.5", "1.0"), ("160", "224"), ("1", "8")
    options = [f"--set width={each}" for each in widths] + [f"--size {each}" for each in sizes]
    options += [f"--batch {each}" for each in batches]
    found = lines("compare", "mobilenet_v1", *" ".join(options).split())
    assert len(found) == 8
    for line, (width, size, batch) in zip(found, product(widths, sizes, batches), strict=True):
        alone = archcalc.analyze(
            "mobilenet_v1", input=(3, int(size), int(size)), batch=int(batch), width=float(width)
        ).totals
        assert (line["settings"], line["input"], line["batch"]) == (f"width={width}", f"3x{size}x{size}", batch)
        assert int(line["mult_adds"]) == alone.mult_adds
        assert int(line["peak_inference_bytes"]) == alone.peak_inference_bytes


def test_a_row_names_the_settings_that_its_figures_are_for() -> None:
    text = out("compare", "vgg16", "--set", "depth=16", "--set", "depth=19")
    assert "ratio to vgg16 depth=16" in text
    assert "depth=19" in text
    assert "143.7M" in text
    (line,) = lines("compare", "vgg16", "--set", "depth=19")
    assert line["settings"] == "depth=19"
    assert line["params"] == "143667240"
    (data,) = json.loads(out("compare", "vgg16", "--set", "depth=19", "--format", "json"))
    assert data["settings"] == {"depth": 19}
    assert data["input"] == [3, 224, 224]


def test_table_prints_a_table_for_each_value_and_csv_says_which_line_is_whose() -> None:
    found = lines("table", "lenet5", "--batch", "1", "--batch", "4")
    alone = archcalc.analyze("lenet5").records()
    assert [line["batch"] for line in found] == ["1"] * len(alone) + ["4"] * len(alone)
    assert [int(line["memory_bytes"]) for line in found[len(alone) :]] == [4 * each["memory_bytes"] for each in alone]
    data = json.loads(out("table", "resnet18", "--size", "224", "--size", "256", "--format", "json"))
    assert [each["input"] for each in data] == [[3, 224, 224], [3, 256, 256]]


def test_rf_and_formula_tell_the_values_apart() -> None:
    heads = csv.reader(io.StringIO(out("rf", "vgg16", "--set", "depth=16", "--set", "depth=19", "--format", "csv")))
    assert next(heads) == ["stage", "vgg16 depth=16", "vgg16 depth=19"]
    found = lines("formula", "resnet50", "--quantity", "params", "--set", "depth=50", "--set", "depth=101")
    assert [(line["settings"], line["text"]) for line in found] == [("depth=50", "25557032"), ("depth=101", "44549160")]


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (("solve", "resnet50", "--target", "mult_adds=2G", "--for", "size", "--batch", "1", "--batch", "2"), "--batch"),
        (("reconcile", "resnet50", "--size", "224", "--size", "256"), "--size"),
        (("why", "vgg16", "conv1_1", "params", "--classes", "10", "--classes", "100"), "--classes"),
        (("graph", "vgg16", "--set", "depth=16", "--set", "depth=19"), "--set depth"),
        (("formula", "vgg16", "--equals", "h*w", "--size", "224", "--size", "256"), "--size"),
        (("compare", "vgg16", "--size", "224", "--size", "224"), "--size"),
        (("table", "vgg16", "--format", "csv", "--format", "json"), "--format"),
    ],
    ids=lambda each: each[0] if isinstance(each, tuple) else "",
)
def test_elsewhere_a_second_value_is_refused_by_the_option_s_name(command: tuple[str, ...], option: str) -> None:
    assert option in refusal(*command)


def test_no_command_takes_the_last_of_several_values_without_a_word() -> None:
    import click

    seen = 0
    for name in COMMANDS:
        command = Commands().get_command(click.Context(cli), name)
        assert command is not None
        for option in command.params:
            if isinstance(option, click.Option) and not (option.multiple or option.is_flag or option.count):
                assert option.opts[-1] in refusal(name, "x", *[option.opts[-1], "y"] * 2)
                seen += 1
    assert seen > 40


def test_too_many_combinations_are_refused_with_their_number() -> None:
    many = [part for size in range(32, 232) for part in ("--size", str(size))]
    batches = [part for batch in range(1, 7) for part in ("--batch", str(batch))]
    assert "1,200" in refusal("compare", "resnet18", *many, *batches)
