"""The package as users get it: the source distribution builds a wheel, which works without the repository.

Run: python tests/package.py [FOLDER], with `pip install build`; the distributions go into FOLDER. It installs the wheel
into a new environment, and compares what the commands of the README print there, in an empty folder, with the README.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pages

NEEDED = (
    "archcalc/__main__.py",
    "archcalc/data/totals.csv",
    "archcalc/py.typed",
    "archcalc/site/web/package-lock.json",
)
IN_SOURCES = ("CHANGELOG.md", "CITATION.cff", "LICENSE", "README.md", "docs/conf.py", "proto", "tests/pages.py")


def run(*words: str | Path, **options: object) -> str:
    """The output of a program, which must succeed."""
    done = subprocess.run([*map(str, words)], capture_output=True, encoding="utf-8", check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


def built(folder: Path) -> Path:
    """The wheel, made from the source distribution."""
    run(sys.executable, "-m", "build", "--outdir", folder, pages.ROOT)  # an sdist, and a wheel from it
    [sources], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    with tarfile.open(sources) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    missing = [name for name in IN_SOURCES if not any(each.startswith(name) for each in held)]
    missing += [name for name in NEEDED if name not in packed]
    if missing:
        raise SystemExit(f"left out: {', '.join(missing)}")
    return wheel


def check(wheel: Path, folder: Path) -> int:
    """Compare the README's commands, run from the wheel in an empty folder; return how many there are."""
    home = folder / "environment"
    venv.create(home, with_pip=True)
    program = home / ("Scripts" if os.name == "nt" else "bin")
    run(program / "python", "-m", "pip", "install", "-q", wheel)
    empty = folder / "empty"
    empty.mkdir()
    plain = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONUTF8"}}
    compared = 0
    for block in pages.blocks((pages.ROOT / "README.md").read_text(encoding="utf-8")):
        if block.language != "console":
            continue
        command, _, shown = block.text.removeprefix("$ ").partition("\n")
        for more in ({"PYTHONUTF8": "1"}, {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}):
            said = run(
                program / command.split()[0], *command.split()[1:], cwd=empty, env=plain | {"COLUMNS": "80"} | more
            )
            if said.strip() != shown.strip():
                raise SystemExit(f"{command} prints\n{said}")
        compared += 1
    return compared


def main() -> None:
    with TemporaryDirectory() as made:
        folder = Path(sys.argv[1]).resolve() if sys.argv[1:] else Path(made) / "dist"
        wheel = built(folder)
        print(f"{wheel.name}: {check(wheel, Path(made))} commands print what the README shows")


if __name__ == "__main__":
    main()
