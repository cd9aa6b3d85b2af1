"""Generate archcalc/v1/ from the contract, and archcalc/data/totals.csv and nodes.csv from the catalogue.

`python tests/generate.py [FOLDER]` writes them below a folder, by default into this tree.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import openapi
from google.protobuf import descriptor_pb2
from grpc_tools import protoc

from archcalc import zoo
from archcalc.catalogue import nodes
from archcalc.catalogue.kept import FILE, written
from archcalc.catalogue.listing import totals_of

ROOT = Path(__file__).parent.parent
CONTRACT = "archcalc/v1/archcalc.proto"
RULES = "buf/validate/validate.proto"
"""The options that the contract's bounds are stated in, as protovalidate publishes them."""
GENERATED = (
    "archcalc/v1/archcalc_pb2.py",
    "archcalc/v1/archcalc_pb2.pyi",
    "archcalc/v1/openapi.json",
    "archcalc/v1/validate_pb2.py",
    "archcalc/v1/validate_pb2.pyi",
)
IMPORT = "from buf.validate import validate_pb2 as "
CHOSEN = """try:  # a program may hold one version of this file alone: that of protovalidate, if it is installed
    from buf.validate import validate_pb2 as {name}
except ImportError:
    from archcalc.v1 import validate_pb2 as {name}
"""


def generate(folder: Path) -> None:
    """Write the generated files below a folder."""
    with TemporaryDirectory() as made:
        outputs = [f"--{kind}_out={made}" for kind in ("python", "pyi")]
        described = Path(made) / "contract.binpb"
        others = ["--include_imports", "--include_source_info", f"--descriptor_set_out={described}"]
        folders = [f"-I{ROOT / 'proto'}", f"-I{files('grpc_tools') / '_proto'}"]
        code = protoc.main(["protoc", *folders, *outputs, *others, CONTRACT, RULES])
        if code != 0:
            raise SystemExit(code)
        written = folder / "archcalc" / "v1"
        written.mkdir(parents=True, exist_ok=True)
        for kind in ("py", "pyi"):
            (written / f"validate_pb2.{kind}").write_text(
                (Path(made) / f"buf/validate/validate_pb2.{kind}").read_text()
            )
            lines = (Path(made) / f"archcalc/v1/archcalc_pb2.{kind}").read_text().splitlines(keepends=True)
            text = "".join([_chosen(line, kind) if line.startswith(IMPORT) else line for line in lines])
            (written / f"archcalc_pb2.{kind}").write_text(text)
        held = descriptor_pb2.FileDescriptorSet.FromString(described.read_bytes())
    (written / "openapi.json").write_text(openapi.written(held, CONTRACT), encoding="utf-8")


def _chosen(line: str, kind: str) -> str:
    """The import of the options of bounds, from where they are."""
    name = line.removeprefix(IMPORT).strip()
    return CHOSEN.format(name=name) if kind == "py" else f"from archcalc.v1 import validate_pb2 as {name}\n"


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
