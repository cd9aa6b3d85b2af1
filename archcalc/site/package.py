"""The package for the browser: a zip file of the modules and data files that the engine needs.

The modules are as they are in the installed package.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LEFT_OUT = (
    "cli",
    "execution",
    "figures",
    "measure",
    "reports",
    "service",
    "v1",
    "validation",
    "data/measured",
    "data/roadmap.csv",
    "data/throughput.csv",
    "data/validation",
    "site/build.py",
    "site/bundles.py",
    "site/web",
    "__main__.py",
    "py.typed",
)
"""What a browser never needs: the command line, the service, plots and reports, and what runs models."""
SUFFIXES = (".py", ".csv", ".toml", ".json", ".txt")
"""The files of modules and of data."""
_TIME = (1980, 1, 1, 0, 0, 0)


def package_zip() -> bytes:
    """The modules and data files of the installed package that a browser needs, as a zip file.

    The same package gives the same bytes on every machine with the same zlib.

    >>> from io import BytesIO
    >>> names = ZipFile(BytesIO(package_zip())).namelist()
    >>> "archcalc/site/engine.py" in names, "archcalc/cli/__init__.py" in names
    (True, False)
    """
    root = files("archcalc")
    return packed((f"archcalc/{path}", each.read_bytes()) for path, each in _walked(root, ""))


def _walked(folder: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The files below a folder with their paths, in the order of their names."""
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        inner = f"{path}{each.name}"
        if inner in LEFT_OUT or each.name.startswith((".", "__pycache__")):
            continue
        if each.is_dir():
            yield from _walked(each, f"{inner}/")
        elif inner.endswith(SUFFIXES):
            yield inner, each


def packed(contents: Iterable[tuple[str, bytes]], method: int = ZIP_DEFLATED) -> bytes:
    """A zip file of some files, without the time and the machine of its making."""
    written = BytesIO()
    with ZipFile(written, "w") as archive:
        for name, data in contents:
            entry = ZipInfo(name, _TIME)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data, method, 9)
    return written.getvalue()
