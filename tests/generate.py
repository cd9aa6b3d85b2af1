"""Generate archcalc/v1/ from the contract: `python tests/generate.py [FOLDER]`, by default into this tree."""

from __future__ import annotations

import sys
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).parent.parent
CONTRACT = "archcalc/v1/archcalc.proto"
GENERATED = ("archcalc/v1/archcalc_pb2.py", "archcalc/v1/archcalc_pb2.pyi")


def generate(folder: Path) -> None:
    """Write the generated files below a folder."""
    outputs = [f"--{kind}_out={folder}" for kind in ("python", "pyi")]
    code = protoc.main(["protoc", f"-I{ROOT / 'proto'}", *outputs, CONTRACT])
    if code != 0:
        raise SystemExit(code)


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
