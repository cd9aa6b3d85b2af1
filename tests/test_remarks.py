"""Remarks below tables, and titles: they say what the figures are for, and no more than is true."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import archcalc
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
