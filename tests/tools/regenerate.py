"""Everything that `tests/data/tools.json` holds, from scratch: environments, counts, file.

    python tests/tools/regenerate.py DIR [--tool NAME ...] [--kind KIND ...] [--checkouts DIR]
    python tests/tools/regenerate.py DIR --kind models [--tool NAME ...]

DIR keeps the environments, one for each tool and `base`, which holds what all of them share: PyTorch (the CPU build
will do), the reference models and archcalc's own needs; the others see it through a `.pth` file. An environment that is
there already is used as it is. torchvision comes without its dependencies, and `keep_compiled_ops_out` lets it load.

Three counters are no packages. With --checkouts, a folder with copies of CeLuigi/models-comparison.pytorch (commit
51388f0), dgschwend/netscope (8ae36d8) and apaszke/torch-opCounter (e610ceb) under their own names, these are run too;
netscope needs Node. Tools and kinds that are not run keep what the file says of them.

With `--kind models` the tools are asked about models that are imported (`models.py`), whose numbers are kept in
`tests/data/tools_imported.json`; `python tests/tools/models.py` writes the programs of these models.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DATA = ROOT / "tests/data/tools.json"
MODELS = ROOT / "tests/data/tools_imported.json"
KINDS = ("probes", "ops", "networks")

BASE = (
    "torch==2.13.0",
    "timm==1.0.31",
    "pytorchcv==0.0.74",
    "numpy",
    "pillow",
    "setuptools<81",
    "click",
    "pandas",
    "sympy",
)
WITHOUT_DEPENDENCIES = ("torchvision==0.28.0",)
PACKAGES = {
    "fvcore": ("fvcore==0.1.5.post20221221",),
    "ptflops": ("ptflops==0.7.5",),
    "thop": ("thop==0.1.1.post2209072238",),
    "ultralytics-thop": ("ultralytics-thop==2.2.3",),
    "torchinfo": ("torchinfo==1.8.0",),
    "torchsummary": ("torchsummary==1.5.1",),
    "torchscan": ("torchscan==0.2.0",),
    "torchprofile": ("torchprofile==0.1.0",),
    "calflops": ("calflops==0.3.2", "transformers==5.23.0"),  # which it imports and does not require
    "deepspeed": ("deepspeed==0.19.8",),
    "jax": ("jax[cpu]==0.10.2",),
    "lupa": ("lupa==2.8",),
    "base": (),
}
"""The packages of each environment besides `base`."""
TOOLS = {
    "fvcore": ("fvcore", "collect.py"),
    "torch": ("base", "collect.py"),
    "ptflops pytorch": ("ptflops", "collect.py"),
    "ptflops aten": ("ptflops", "collect.py"),
    "thop": ("thop", "collect.py"),
    "ultralytics-thop": ("ultralytics-thop", "collect.py"),
    "torchinfo": ("torchinfo", "collect.py"),
    "torchsummary": ("torchsummary", "collect.py"),
    "torchscan": ("torchscan", "collect.py"),
    "torchprofile": ("torchprofile", "collect.py"),
    "calflops": ("calflops", "collect.py"),
    "deepspeed": ("deepspeed", "collect.py"),
    "bianco": ("base", "collect.py"),
    "xla": ("jax", "xla.py"),
    "netscope": ("base", "caffe.py"),
    "canziani": ("lupa", "canziani.py"),
}
"""The environment and the script of each tool."""
UNPROBED = {"torchsummary"}
"""Tools that are not asked about the ways to write an operation: it sees modules, and fails without a weight."""
CHECKOUTS = {"bianco": "models-comparison.pytorch", "netscope": "netscope", "canziani": "torch-opCounter"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tool", choices=TOOLS, action="append")
    parser.add_argument("--kind", choices=(*KINDS, "models"), action="append")
    parser.add_argument("--checkouts", type=Path)
    given = parser.parse_args()
    if given.kind == ["models"]:
        models(given.folder.resolve(), given.tool or [tool for tool in TOOLS if TOOLS[tool][1] == "collect.py"])
        return
    data = json.loads(DATA.read_text()) if DATA.exists() else {"subjects": {}, "tools": {}}
    for tool in given.tool or TOOLS:
        if tool in CHECKOUTS and given.checkouts is None:
            print(f"{tool}: not run, --checkouts is not given", file=sys.stderr)
            continue
        kinds = [each for each in given.kind or KINDS if each != "probes" or tool not in UNPROBED]
        merge(data, tool, asked(given.folder.resolve(), tool, kinds, given.checkouts))
        DATA.write_text(written(data))


def models(folder: Path, names: list[str]) -> None:
    """Ask tools about the models that are imported."""
    data = json.loads(MODELS.read_text()) if MODELS.exists() else {"tools": {}}
    for tool in names:
        if tool not in CHECKOUTS:
            answer = asked(folder, tool, ["models"], None)
            merge(data, tool, {key: answer[key] for key in ("tool", "models")})
            MODELS.write_text(written(data))


def asked(folder: Path, tool: str, kinds: Any, checkouts: Path | None) -> dict[str, Any]:
    """What a tool says, in its environment."""
    environment, script = TOOLS[tool]
    python = made(folder, environment)
    arguments: list[Any] = []
    if script == "collect.py":
        arguments = [tool, *[word for kind in kinds for word in ("--kind", kind)]]
        arguments += ["--checkouts", checkouts] if checkouts is not None else []
    elif checkouts is not None and tool in CHECKOUTS:
        arguments = [checkouts / CHECKOUTS[tool]]
    variables = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu"}
    run = subprocess.run(
        [python, HERE / script, *arguments], env=variables, capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise SystemExit(f"{tool}: {run.stderr[-2000:]}")
    return json.loads(run.stdout)


def made(folder: Path, name: str) -> Path:
    """The interpreter of an environment, which is made if it is not there."""
    python = folder / name / "bin/python"
    if not python.exists():
        venv.create(folder / name, with_pip=True)
        install = [python, "-m", "pip", "install", "-q"]
        if name == "base":
            subprocess.run([*install, *BASE], check=True)
            subprocess.run([*install, "--no-deps", *WITHOUT_DEPENDENCIES], check=True)
        else:
            packages = sites(python)
            (packages / "base.pth").write_text(f"{sites(made(folder, 'base'))}\n")
            subprocess.run([*install, *PACKAGES[name]], check=True)
    return python


def sites(python: Path) -> Path:
    """The folder of an environment's packages."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())


def merge(data: dict[str, Any], tool: str, answer: dict[str, Any]) -> None:
    """Put a tool's answers in their place; order is that of TOOLS and of the subjects."""
    for kind, facts in answer.pop("subjects", {}).items():
        data["subjects"].setdefault(kind, {}).update(facts)
    data["tools"].setdefault(tool, {}).update(answer)
    data["tools"] = {name: data["tools"][name] for name in TOOLS if name in data["tools"]}


def written(data: dict[str, Any]) -> str:
    """JSON with one line for each answer: whatever holds no answers itself is one line."""

    def lines(value: Any, depth: int, pad: str = "") -> str:
        if not isinstance(value, dict) or depth == 0:
            return json.dumps(value)
        inner = pad + " "
        parts = [
            f"{inner}{json.dumps(name)}: {lines(each, deeper(name, depth), inner)}" for name, each in value.items()
        ]
        return "{\n" + ",\n".join(parts) + f"\n{pad}}}"

    return lines(data, 5) + "\n"


def deeper(name: str, depth: int) -> int:
    """How far what stands under a name is unfolded: to the form of a subject, but not a tool or a subject itself."""
    return {"tool": 0, "subjects": depth - 2}.get(name, depth - 1)


if __name__ == "__main__":
    main()
