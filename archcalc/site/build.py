"""The site: a folder of pages, their data, scripts and the engine, which any host of files can serve."""

from __future__ import annotations

import gc
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from archcalc import __version__
from archcalc.base.errors import ArchcalcError
from archcalc.catalogue.nodes import nodes_of
from archcalc.request import names
from archcalc.site.bundles import bundles, node
from archcalc.site.catalogue_page import catalogue_files
from archcalc.site.compare_page import compare_page
from archcalc.site.package import package_zip

RARELY = 500_000
"""Objects between two collections of garbage: at the usual number a third of the time goes to collections."""
MARK = "data/site.json"
"""A file of every site, also of one whose build was interrupted: a folder that has it may be written again."""
PARTS = ("assets", "data", "engine", "lessons", "networks")
"""The folders of a site."""


def build_site(
    folder: str | Path,
    *,
    networks: Iterable[str] | None = None,
    jobs: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write the site into a folder, which is made, and return the folder.

    `networks` are names of the catalogue, by default all; `jobs` processes make their data; `progress` is called with a
    description before each step. Raises ArchcalcError for a folder with other files, and MissingTool without Node.
    """
    step = progress or _silent
    to = Path(folder)
    _check(to)
    step("bundling")
    made = bundles()
    wanted = list(networks) if networks is not None else list(names())
    rows: list[dict[str, Any]] = []
    for each in PARTS:
        shutil.rmtree(to / each, ignore_errors=True)
    for each in ("about", "counts", "forms", "lessons", "networks", "operations", "own", "pictures"):
        (to / "data" / each).mkdir(parents=True)
    _write(to / MARK, {"version": __version__})
    for row in _made(partial(_network, to), wanted, jobs or os.cpu_count() or 1):
        step(row["name"])
        rows.append(row)
    order = {name: place for place, name in enumerate(wanted)}
    rows.sort(key=lambda row: order[row["name"]])
    for place, data in catalogue_files(rows).items():
        _write(to / place, data)
    _write(to / "data" / "compare.json", compare_page(wanted))
    step("lessons")
    _lessons(to / "data", jobs or os.cpu_count() or 1)
    _own(to)
    step("packing the engine")
    _engine(made, to / "engine")
    step("writing pages")
    shutil.copytree(made / "assets", to / "assets")
    node(str(made / "prerender.mjs"), str(to.resolve()), folder=made)
    return to


def steps(networks: Iterable[str] | None = None) -> int:
    """The number of steps that `build_site` tells `progress`."""
    return 4 + len(list(networks if networks is not None else names()))


def _silent(_step: str) -> None:
    """Tell nobody."""


def _check(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ArchcalcError(f"{folder} is not a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise ArchcalcError(f"{folder} has other files: a site is written into a new folder, or over a site")


def _made(make: Callable[[str], dict[str, Any]], wanted: list[str], jobs: int) -> Iterator[dict[str, Any]]:
    """The results for some names, as they come."""
    if jobs == 1 or len(wanted) < 8:
        yield from map(make, wanted)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), gc.set_threshold, (RARELY,)) as pool:
        yield from pool.map(make, sorted(wanted, key=lambda name: -(nodes_of(name) or 0)))


def _lessons(folder: Path, jobs: int) -> None:
    """Write the sheets of the lessons that need no engine, and the list of lessons."""
    from archcalc.site.lessons import PREPARED, listed

    common = {"lessons": listed(), "prepared": PREPARED, "version": __version__}
    _write(folder / "lessons.json", common)
    for _ in _made(partial(_lesson, folder / "lessons", common), [each["name"] for each in listed()], jobs):
        pass


def _lesson(folder: Path, common: dict[str, Any], name: str) -> dict[str, Any]:
    """Write the documented sheet of a lesson with what its page needs, and further sheets; return the former."""
    from archcalc.site.lessons import PREPARED, lesson

    data = {"sheet": lesson(name), **common}
    _write(folder / f"{name}.json", data)
    for seed in range(1, PREPARED + 1):
        _write(folder / f"{name}-{seed}.json", lesson(name, seed))
    return data


def _network(folder: Path, name: str) -> dict[str, Any]:
    """Write the data of a network's page, and return its row of the catalogue.

    The rows of single operations have a file of their own, as they are more than all else and seldom looked at.
    """
    from archcalc.site.about import about
    from archcalc.site.catalogue_page import catalogue_row
    from archcalc.site.evidence import evidence
    from archcalc.site.forms import network_forms
    from archcalc.site.network_page import network_page
    from archcalc.site.pictures import both

    found = evidence(name)
    page = network_page(name)
    _write(folder / "data" / "operations" / f"{name}.json", page["levels"].pop("operation"))
    _write(folder / "data" / "networks" / f"{name}.json", _page_data(page, about(name, found)))
    _write(folder / "data" / "about" / f"{name}.json", found)
    _write(folder / "data" / "forms" / f"{name}.json", network_forms(name))
    drawn, volume = both(name)
    _write(folder / "data" / "pictures" / f"{name}.json", drawn)
    (folder / "data" / "pictures" / f"{name}.svg").write_text(volume, encoding="utf-8")
    return catalogue_row(name)


def _engine(made: Path, folder: Path) -> None:
    """Write Pyodide and this package for the browser; what was made for the same package is copied."""
    archive = package_zip()
    kept = made / f"engine-{sha256(archive).hexdigest()[:16]}"
    if not kept.is_dir():
        for older in made.glob("engine-*"):
            shutil.rmtree(older, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=made) as temporary:
            (Path(temporary) / "package.zip").write_bytes(archive)
            node("engine-files.mjs", f"{temporary}/package.zip", f"{temporary}/engine", folder=made)
            (Path(temporary) / "engine").rename(kept)
    shutil.copytree(kept, folder)


def _page_data(page: dict[str, Any], about: dict[str, Any] | None = None) -> dict[str, Any]:
    """The data of a view of a network."""
    from archcalc.conventions.catalogue import all_conventions
    from archcalc.hardware.devices import devices

    return {
        "page": page,
        "about": about,
        "conventions": [each.name for each in all_conventions()],
        "devices": [each.key for each in devices()],
        "version": __version__,
    }


def _own(folder: Path) -> None:
    """Write the data of the page for a reader's own network, and those of its examples."""
    from archcalc.site.own_page import FIRST, example_page, own_page

    page = own_page()
    for example in page["examples"]:
        _write(folder / "data" / "own" / f"{example['key']}.json", example_page(example["key"]))
    _write(folder / "data" / "own.json", {"first": _page_data(example_page(FIRST)), **page})


def _write(file: Path, data: Any) -> None:
    file.write_text(json.dumps(data, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")
