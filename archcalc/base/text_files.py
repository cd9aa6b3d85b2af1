"""Files of text that a person names: read within a bound, with one clear error for each thing that can be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut, shown

_MOST_DOTS = 100
"""The most dots in a line; a key of hundreds of parts takes tomllib long."""


def read_file(name: str, largest: int, about: str = "name") -> str:
    """The text of a file of at most `largest` bytes of UTF-8. Raises ArchcalcError for one that cannot be read so."""
    path = Path(name)
    try:
        with path.open("rb") as stream:
            data = stream.read(largest + 1)
        if len(data) > largest:
            raise ArchcalcError(f"{shown(name)} has more than {largest:,} bytes", about=about)
        return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise ArchcalcError(f"{shown(name)} is not a file", about=about) from None
    except (OSError, ValueError) as error:
        if isinstance(error, ArchcalcError):
            raise
        raise ArchcalcError(f"{shown(name)} cannot be read: {error}", about=about) from None


def parsed_toml(text: str, name: str, longest_line: int = 2000) -> dict[str, Any]:
    """The keys of a TOML file. Raises ArchcalcError where it is not one, or would take long to read."""
    import tomllib

    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > longest_line or line.count(".") > _MOST_DOTS:
            what = f"{longest_line:,} characters" if len(line) > longest_line else f"{_MOST_DOTS} dots"
            raise ArchcalcError(f"{name}, line {number}: it has more than {what}")
    try:
        return tomllib.loads(text)
    except ValueError as error:
        said, at, place = str(error).rpartition(" (at ")  # the place, which stands last, is never cut off
        raise ArchcalcError(f"{name}: it is not TOML: {cut(said or place)}{at and at + place}") from None
    except RecursionError:
        raise ArchcalcError(f"{name}: its lists and tables are too deep within one another") from None
