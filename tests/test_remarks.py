"""Remarks below tables, and titles: they say what the figures are for, and no more than is true."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import archcalc
from archcalc.analysis.results import settings_text
from archcalc.cli import cli
from archcalc.present.tables import human


def printed(*args: str) -> str:
    """What a command prints, without the breaks of lines."""
    result = CliRunner().invoke(cli, list(args), standalone_mode=False)
    assert result.exception is None, (args, result.exception)
    return " ".join(result.output.split())


@pytest.mark.parametrize("lines", [(), ("--detail",), ("--depth", "1")])
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("vgg16", "A linear layer on the whole map"),
        ("swin_t", "attention has a bias for each offset"),
        ("resnet50", ""),
    ],
)
def test_parameters_that_depend_on_the_input_are_said_with_their_reason(
    name: str, why: str, lines: tuple[str, ...]
) -> None:
    text = printed("table", name, "--size", "160", *lines)
    own = archcalc.analyze(name).totals.params
    assert ("there are" in text) == bool(why)
    assert not why or (why in text and f"at 3x224x224 there are {human(own)} parameters" in text)
    assert "there are" not in printed("table", name, "--size", "224", *lines)


@pytest.mark.parametrize(
    "command",
    [
        "table resnet50", "compare resnet50", "formula resnet50", "rf resnet50", "reconcile resnet50",
        "why resnet50 conv1 params", "scaling resnet50", "scaling resnet50 resnet101", "graph resnet50",
        "solve resnet50 --target mult_adds=4G --for size",
    ],
)  # fmt: skip
def test_every_title_has_the_settings_as_they_are_typed(command: str) -> None:
    assert "stride_first=true" in printed(*command.split(), "--set", "stride_first=true", "--set", "stem=3x3")
    assert "stride_first" not in printed(*command.split())


def test_ratios_say_at_which_input_they_are() -> None:
    assert "as named, at their own inputs." in printed("scaling", "resnet18", "resnet50")
    assert "as named, at an input of 3x225x225." in printed("scaling", "resnet18", "resnet50", "--size", "225")


def test_a_setting_that_would_break_the_line_is_escaped() -> None:
    assert settings_text({"tag": "a\nb\x1b[31m", "depth": 50, "aux": True}) == [
        r"tag='a\nb\x1b[31m'", "depth=50", "aux=true"
    ]  # fmt: skip
