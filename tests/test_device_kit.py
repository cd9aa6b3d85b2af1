"""The kit for a GPU: what its scripts refuse and what they keep. That they run at all, `.ci/run` shows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

ROOT = Path(__file__).parent.parent
KIT = ROOT / "tests" / "device"


def run(script: Path, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT), **environment}
    command = ["bash", str(script), *args]
    return subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=False)


def record(folder: Path, kind: str, *names: str) -> Path:
    """A record of networks of which nothing is known; read-only, as files that come from elsewhere may be."""
    head = {"kind": kind, "date": "2026-01-01", "device": "CUDA (Some GPU)", "python": "", "versions": {}}
    found: dict[str, list[dict[str, Any]]] = {
        "validation": [{"name": name, "agrees": True, "checks": []} for name in names],
        "measured": [
            {"name": name, "input": [1], "params": 1, "mult_adds": 1, "inference": [], "training": []} for name in names
        ],
    }
    lines = ",\n".join(json.dumps(network) for network in found[kind])
    rest = "".join(f"{json.dumps(key)}: {json.dumps(value)},\n" for key, value in head.items())
    file = folder / kind / "some-gpu.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'{{\n{rest}"environment": {{}}, "settings": {{}}, "left": [], "networks": [\n{lines}\n]}}\n')
    file.chmod(0o444)
    return file


def test_records_are_kept_with_their_pages_and_a_fuller_one_stays(tmp_path: Path) -> None:
    script = tmp_path / "tree" / "tests" / "device" / "keep.sh"
    script.parent.mkdir(parents=True)
    shutil.copy(KIT / "keep.sh", script)
    kept = record(tmp_path / "tree" / "reports", "validation", "vgg16", "lenet5").read_bytes()
    record(tmp_path / "out", "validation", "vgg16")
    record(tmp_path / "out", "measured", "vgg16")
    done = run(script, str(tmp_path / "out"))
    reports = tmp_path / "tree" / "reports"
    assert done.returncode == 0, done.stderr
    assert "has more networks than" in done.stderr
    assert (reports / "validation" / "some-gpu.json").read_bytes() == kept
    assert "2 of 2 networks agree" in (reports / "validation" / "README.md").read_text()
    assert "On CUDA (Some GPU), 2026-01-01: 1 network measured." in (reports / "measured" / "README.md").read_text()
    assert (reports / "measured" / "some-gpu.json").stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_without_a_gpu_the_kit_says_so_and_makes_nothing(tmp_path: Path) -> None:
    done = run(KIT / "run.sh", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "run.sh: no CUDA device is available" in done.stderr
    assert not list((tmp_path / "out").iterdir())
