"""Generate archcalc/v1/ from the contract, and archcalc/data/totals.csv and nodes.csv from the catalogue.

`python tests/generate.py [FOLDER]` writes them below a folder, by default into this tree.
"""

from __future__ import annotations

import sys
from pathlib import Path

from grpc_tools import protoc

from archcalc import zoo
from archcalc.catalogue import nodes
from archcalc.catalogue.kept import FILE, written
from archcalc.catalogue.listing import totals_of

ROOT = Path(__file__).parent.parent
CONTRACT = "archcalc/v1/archcalc.proto"
GENERATED = ("archcalc/v1/archcalc_pb2.py", "archcalc/v1/archcalc_pb2.pyi")


def generate(folder: Path) -> None:
    """Write the generated files below a folder."""
    outputs = [f"--{kind}_out={folder}" for kind in ("python", "pyi")]
    code = protoc.main(["protoc", f"-I{ROOT / 'proto'}", *outputs, CONTRACT])
    if code != 0:
        raise SystemExit(code)


def keep_totals(folder: Path) -> None:
    """Write the totals of all networks below a folder."""
    text = written((network.name, totals_of(network)) for network in zoo.networks())
    (folder / "archcalc" / FILE).write_text(text, encoding="utf-8")


def keep_nodes(folder: Path) -> None:
    """Write the numbers of nodes of all networks below a folder."""
    (folder / "archcalc" / nodes.FILE).write_text(nodes.written(), encoding="utf-8")


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    generate(given)
    keep_totals(given)
    keep_nodes(given)
