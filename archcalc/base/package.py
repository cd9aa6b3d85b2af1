"""The files of this package, in a folder or in a zip file (zipapp, zipimport)."""

from __future__ import annotations

import os
from typing import Any

_ROOT = os.path.dirname(os.path.dirname(__file__))


def file_names(folder: str) -> list[str]:
    """The names of the files in a folder of the package.

    >>> "errors.py" in file_names(os.path.dirname(__file__))
    True
    """
    try:
        return os.listdir(folder)
    except NotADirectoryError:
        return [each.name for each in _zipped(folder).iterdir()]


def read_text(folder: str, name: str) -> str:
    """The text of a file in a folder of the package, with the line ends that it has."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8", newline="") as stream:  # noqa: PTH123 - no pathlib
            return stream.read()
    except NotADirectoryError:
        return _zipped(folder).joinpath(name).read_bytes().decode()


def _zipped(folder: str) -> Any:
    """A folder of the package that is in a zip file."""
    from importlib.resources import files

    return files("archcalc").joinpath(*os.path.relpath(folder, _ROOT).split(os.sep))  # noqa: PTH206
