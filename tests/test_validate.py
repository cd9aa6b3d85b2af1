"""`archcalc validate`: what it says, what it records, and what it does when things go wrong."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pages
import pytest
import torch
from click.testing import CliRunner

from archcalc.base.errors import ArchcalcError
from archcalc.cli import cli
from archcalc.evidence.records import records_in
from archcalc.evidence.validation import read, summary
from archcalc.execution.device import require
from archcalc.execution.journal import Journal
from archcalc.validation import field, memory
from archcalc.validation.matrix import matrix, write_page
from archcalc.validation.outcome import Ledger
from archcalc.validation.runner import CHECKS, validate_networks, validate_one

RECORDS = Path(__file__).parent.parent / "reports" / "validation"


def run(*args: str) -> tuple[int, str]:
    """Exit code and output of `archcalc validate`."""
    result = CliRunner().invoke(cli, ["validate", *args], standalone_mode=False)
    if isinstance(result.exception, ArchcalcError):
        return 2, str(result.exception)
    return result.exit_code, result.stdout


def test_a_network_passes_all_checks_and_exits_with_0() -> None:
    code, said = run("resnet20_cifar_projection")
    assert code == 0
    assert said.startswith("ok   resnet20_cifar_projection: ")
    assert "pytorchcv" in said


def test_json_holds_every_check_with_its_figures() -> None:
    code, said = run("lenet5", "--format", "json")
    (network,) = json.loads(said)["networks"]
    assert code == 0
    assert [outcome["check"] for outcome in network["checks"]] == list(CHECKS)
    figures = network["checks"][1]["figures"]
    assert figures["params"] == {"archcalc": 60_000, "theirs": 60_000}


def test_a_disagreement_exits_with_1_and_stands_first(monkeypatch: pytest.MonkeyPatch) -> None:
    true = memory.alive_peak
    monkeypatch.setattr(
        memory, "alive_peak", lambda model, subject, batch: true(model, subject, batch) + (subject.name == "lenet5")
    )
    code, said = run("lenet5_dense", "lenet5", "--checks", "memory")
    assert code == 1
    assert said.startswith("FAIL lenet5: memory differs")
    assert "archcalc 37632" in said
    assert "runs lenet5_dense: memory" in said


def test_a_network_that_nothing_else_confirms_is_not_called_ok() -> None:
    code, said = run("fitnet_highway_cifar", "lenet5_dense", "--checks", "parameters,references")
    assert code == 0
    assert "\nok   lenet5_dense: " in f"\n{said}"
    assert "\nruns fitnet_highway_cifar: " in f"\n{said}"
    assert "not confirmed by another implementation: the paper's 11 layers" in said


def test_running_out_of_memory_on_one_network_keeps_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    true = field.check

    def exhausted(subject: Any) -> Any:
        if subject.name == "lenet5":
            raise torch.OutOfMemoryError("tried to allocate too much")
        return true(subject)

    monkeypatch.setattr(field, "check", exhausted)
    lost, kept = validate_networks(["lenet5", "lenet5_dense"], checks=("parameters", "field"))
    assert [outcome.status for outcome in lost.outcomes] == ["agrees", "failed"]
    assert "too much" in lost.outcomes[1].note
    assert kept.agrees


def die(name: str, device: str, checks: Any) -> Any:
    """What a process does that the operating system kills."""
    if name == "lenet5":
        os._exit(9)
    return validate_one(name, device, checks)


def test_a_process_that_dies_takes_no_other_network_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archcalc.validation.runner.validate_one", die)
    names = ("lenet5", "lenet5_dense", "resnet20_cifar")
    found = {verdict.name: verdict for verdict in validate_networks(names, checks=("parameters",), jobs=2)}
    assert [found[name].agrees for name in names] == [False, True, True]
    assert "died" in found["lenet5"].outcomes[0].note


def test_a_check_that_goes_wrong_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field, "check", lambda _: {}["nothing"])
    (outcome,) = validate_one("lenet5", "cpu", ("field",)).outcomes
    assert outcome.status == "failed"
    assert outcome.note.startswith("KeyError: 'nothing' (")


def test_checks_after_one_that_lost_the_device_are_not_taken_for_failures_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("archcalc.execution.device.responds", lambda _: False)
    monkeypatch.setattr(field, "check", lambda _: {}["nothing"])
    lost, after = validate_one("lenet5", "cpu", ("field", "parameters")).outcomes
    assert (lost.status, after.status) == ("failed", "failed")
    assert after.note == "not run: the device was lost in the check field"


def slow(name: str, device: str, checks: Any) -> Any:
    """A check of one network that takes longer than any limit."""
    if name == "vgg16":
        time.sleep(600)
    return validate_one(name, device, checks)


def test_a_time_limit_ends_a_run_with_what_is_done_and_resume_does_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tmp_path / "cpu.json")
    monkeypatch.setattr("archcalc.validation.runner.validate_one", slow)
    written: list[str] = []
    write = Journal.write
    monkeypatch.setattr(Journal, "write", lambda self: (write(self), written.extend(self.networks)))
    monkeypatch.setattr("archcalc.execution.processes.monotonic", lambda: float("inf") if written else 0.0)
    limit = ("--checks", "parameters", "--jobs", "2", "--time-limit", "30", "--record", file)
    code, said = run("vgg16", "lenet5", *limit)
    kept = json.loads(Path(file).read_text())
    assert code == 0
    assert "vgg16 was not reached in 30 seconds; continue with --resume" in said
    assert ([network["name"] for network in kept["networks"]], kept["left"]) == (["lenet5"], ["vgg16"])
    monkeypatch.undo()
    code, said = run("--resume", file)
    kept = json.loads(Path(file).read_text())
    assert code == 0
    assert ([network["name"] for network in kept["networks"]], kept["left"]) == (["lenet5", "vgg16"], [])
    assert kept["settings"] == {"checks": ["parameters"]}


def test_a_limit_that_nothing_was_reached_in_is_no_success() -> None:
    code, said = run("lenet5", "--time-limit", "0.001")
    assert code == 1
    assert "lenet5 was not reached in 0.001 seconds" in said


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "names, --all, or --random"),
        (("vgg16", "--all"), "names, --all, or --random"),
        (("vgg61",), "nearest"),
        (("vgg16", "--checks", "shape"), "no check is called 'shape'; there are shapes"),
        (("vgg16", "--device", "tpu"), "no device is called 'tpu'"),
        (("vgg16", "--record", "nowhere/at/all.json"), "there is no folder"),
        (("vgg16", "--record", "record.txt"), "ends in .json"),
        (("--resume", "nowhere.json"), "nowhere.json cannot be read"),
        (("--resume", str(RECORDS.parent / "data" / "layers.csv")), "ends in .json"),
        (("vgg16", "--record", "a.json", "--resume", "b.json"), "leave --record out"),
    ],
)
def test_bad_input_is_said_before_any_work(args: tuple[str, ...], message: str) -> None:
    code, said = run(*args)
    assert code == 2
    assert message in said


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_cuda_that_is_not_there_is_said() -> None:
    code, said = run("vgg16", "--device", "cuda")
    assert code == 2
    assert "no CUDA device is available" in said


def test_missing_pytorch_names_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ArchcalcError, match=r"pip install 'archcalc\[validate\]'"):
        require("cpu")


def test_missing_reference_library_is_a_check_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    monkeypatch.setitem(sys.modules, "pytorchcv", None)
    verdict = validate_one("nin_cifar", "cpu", ("parameters", "references"))
    assert verdict.outcomes[1].status == "not run"
    assert "needs pytorchcv, which is not installed" in verdict.outcomes[1].note
    assert verdict.agrees


def test_the_meta_device_runs_what_needs_no_values() -> None:
    verdict = validate_one("vgg16", "meta", CHECKS)
    ran = {outcome.check for outcome in verdict.outcomes if outcome.status == "agrees"}
    assert ran == {"shapes", "parameters", "flops", "references", "field"}
    assert verdict.agrees


def test_a_check_that_compared_nothing_has_failed() -> None:
    assert Ledger("empty", "nothing").close().status == "failed"


def test_a_record_names_device_versions_and_date_and_makes_the_page(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("not a record")
    code, _ = run("lenet5", "--checks", "parameters", "--record", str(tmp_path / "cpu.json"))
    kept = json.loads((tmp_path / "cpu.json").read_text())
    assert code == 0
    assert kept["versions"]["torch"] == torch.__version__
    assert set(kept["environment"]) == {"processor", "cores"}
    page = (tmp_path / "README.md").read_text()
    assert "CUDA is not yet measured" in page
    assert "| lenet5 | - | 32 |" in page


def on_a_gpu(record: dict[str, Any]) -> dict[str, Any]:
    """A record as a GPU would have made it."""
    figures = {"values": 1, "between operators": 2, "requested": 3, "max_memory_allocated": 4_000_000, "workspace": 0}
    networks = [
        network | {"checks": [check | {"figures": {"allocator for 16": figures}} for check in network["checks"]]}
        for network in record["networks"]
    ]
    return record | {"device": "CUDA (Some GPU)", "networks": networks, "environment": {"driver": "1.2"}}


def test_the_page_has_a_column_and_the_memory_of_a_gpu_once_there_is_a_record_of_one(tmp_path: Path) -> None:
    run("lenet5", "lenet5_dense", "--checks", "parameters,shapes", "--record", str(tmp_path / "cpu.json"))
    record = json.loads((tmp_path / "cpu.json").read_text())
    gpu = on_a_gpu(record)
    gpu["networks"][0]["checks"][0]["status"] = "differs"
    (tmp_path / "cuda.json").write_text(json.dumps(gpu | {"networks": gpu["networks"][:1]}))
    assert write_page(tmp_path) is not None
    page = (tmp_path / "README.md").read_text()
    assert "CUDA is not yet measured" not in page
    assert "| memory | CUDA (Some GPU) |" in page
    assert "| **parameters** |\n" in page  # what differs is said in the GPU's column
    assert "driver 1.2" in page
    assert "| lenet5 | 16 | 0.0 | 0.0 | 0.0 | 4.0 | 0.0 |" in page


def test_the_documentation_says_of_cuda_what_the_records_say() -> None:
    said = summary([read(each) for each in records_in(RECORDS, "validation")])
    assert said in pages.words()


def test_the_committed_page_is_what_its_records_make() -> None:
    records = records_in(RECORDS, "validation")
    assert records
    assert (RECORDS / "README.md").read_text() == matrix(records)


def test_random_networks_agree_and_a_seed_gives_them_again() -> None:
    code, said = run("--random", "5", "--seed", "7")
    again = run("--random", "5", "--seed", "7")
    assert (code, said) == again
    assert said.startswith("5 of 5 random networks agree")


def test_another_readme_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Mine\n")
    assert write_page(tmp_path) is None
    assert (tmp_path / "README.md").read_text() == "# Mine\n"
