"""`archcalc devices`, as a user meets it."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner

from archcalc.cli import cli, main
from archcalc.hardware.devices import devices


def printed(*args: str) -> str:
    result = CliRunner().invoke(cli, args, standalone_mode=False, catch_exceptions=False, env={"COLUMNS": "80"})
    return result.stdout


def test_the_list_has_every_device_in_every_format() -> None:
    data = json.loads(printed("devices", "--format", "json"))
    lines = list(csv.DictReader(io.StringIO(printed("devices", "--format", "csv"))))
    table = printed("devices")
    keys = [each.key for each in devices()]
    assert [each["key"] for each in data] == [each["key"] for each in lines] == keys
    assert [line.split()[0] for line in table.splitlines() if line.split()[:1] and line.split()[0] in keys] == keys
    for each, line in zip(data, lines, strict=True):
        assert int(line["usable_bytes"] or 0) == (each["usable_bytes"] or 0)
        assert int(line["float32"] or 0) == (each["float32"] or 0)
        assert line["sources"].split() == each["sources"]


def test_one_device_has_its_sources_below_it_and_several_are_listed() -> None:
    one, several = printed("devices", "A100 40GB"), printed("devices", "a100")
    assert one.startswith("A100 40 GB\n")
    assert "42.95GB (42,949,672,960 B)" in one
    assert "312 TFLOP/s" in one
    assert "624 TOP/s" in one
    assert "https://developer.nvidia.com/blog/nvidia-ampere-architecture-in-depth/" in one
    assert several.startswith("3 devices\n")
    assert json.loads(printed("devices", "a100-40gb", "--format", "json"))["key"] == "a100-40gb"


def test_a_figure_that_no_source_states_is_empty_and_null() -> None:
    data = json.loads(printed("devices", "rtx-4070", "--format", "json"))
    assert data["bfloat16"] is None
    assert "bfloat16" not in printed("devices", "rtx-4070")
    (line,) = csv.DictReader(io.StringIO(printed("devices", "rtx-4070", "--format", "csv")))
    assert line["bfloat16"] == ""


def test_an_unknown_device_is_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["devices", "l50s"])
    assert end.value.code == 2
    assert capsys.readouterr().err == "archcalc: no device is called 'l50s'; nearest: l40s, l40, gtx-580\n"
