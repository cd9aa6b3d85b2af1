"""Records on disk: whole at every moment, in the catalogue's order, gone on with only where that makes sense."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archcalc.base.errors import ArchcalcError
from archcalc.execution import journal
from archcalc.execution.device import Conditions
from archcalc.execution.journal import Journal, read

HERE = Conditions("2026-01-01", "cpu", "3.11.7", {"torch": "2.13.0"}, {"processor": "some"})


def always(_: Any) -> bool:
    return True


def begun(file: Path, *names: str, conditions: Conditions = HERE, **settings: Any) -> Journal:
    return Journal("validation", file, conditions, names, **settings)


def test_a_record_is_json_after_every_network_and_says_what_is_left(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    book = begun(file, "vgg16", "lenet5", "vgg16", checks=["shapes"])
    assert book.left == ["vgg16", "lenet5"]
    for name, left in (("lenet5", ["vgg16"]), ("vgg16", [])):
        book.add({"name": name, "note": "\u00b5 \n"})
        kept = json.loads(file.read_text())
        assert kept["left"] == left
        assert kept == json.loads(json.dumps(book.plain()))
    assert [network["name"] for network in kept["networks"]] == ["vgg16", "lenet5"]
    assert file.read_text().count('\n{"name"') == 2  # a line each, so that a change is read line by line


def test_going_on_keeps_what_is_finished_and_asks_for_the_rest_in_the_catalogues_order(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    first = begun(file, "vgg16", "lenet5", "alexnet", "unet")
    first.add({"name": "vgg16", "fine": True})
    first.add({"name": "lenet5", "fine": False})
    second = begun(file, "zfnet")
    second.resume_from(read(file, "validation"), lambda network: network["fine"])
    assert second.names == ["alexnet", "lenet5", "unet", "vgg16", "zfnet"]
    assert second.left == ["alexnet", "lenet5", "unet", "zfnet"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"device": "CUDA (Some GPU)"}, "the record has device cpu, not CUDA (Some GPU)"),
        ({"versions": {"torch": "2.11.0"}}, "the record has versions torch 2.13.0, not torch 2.11.0"),
        ({"python": "3.12.0"}, "the record has python 3.11.7, not 3.12.0"),
    ],
)
def test_a_record_made_in_another_way_is_not_gone_on_with(tmp_path: Path, change: Any, said: str) -> None:
    file = tmp_path / "a.json"
    begun(file, "lenet5").write()
    with pytest.raises(ArchcalcError) as error:
        begun(file, conditions=HERE._replace(**change)).resume_from(read(file, "validation"), always)
    assert said in str(error.value)


def test_settings_must_be_the_same_and_the_day_need_not(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    begun(file, "lenet5", seconds=1, batches=(1, 2)).write()
    later = HERE._replace(date="2026-01-02", environment={"SM clock": "345 MHz"})
    begun(file, conditions=later, seconds=1, batches=(1, 2)).resume_from(read(file, "validation"), always)
    with pytest.raises(ArchcalcError, match=r"settings seconds 1; batches 1, 2, not seconds 2; batches 1, 2"):
        begun(file, seconds=2, batches=(1, 2)).resume_from(read(file, "validation"), always)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"device": "cpu"}', '{"device": "cpu", "networks": [], "kind": "x"}']
)
def test_what_is_no_record_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(text)
    with pytest.raises(ArchcalcError, match="is no record of `archcalc measure`"):
        read(file, "measured")


def test_a_file_that_cannot_be_written_is_said_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(ArchcalcError, match="there is no folder"):
        journal.writable(str(tmp_path / "nowhere" / "a.json"))
