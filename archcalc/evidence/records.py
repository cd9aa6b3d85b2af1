"""Records of runs: their folders, and reading them as plain data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def folder_of(kind: str) -> Path:
    """The folder of the records of a kind, `validation` or `measured`: in the package's data, or in the source tree."""
    package = Path(__file__).parent.parent
    carried = package / "data" / kind
    return carried if carried.is_dir() else package.parent / "reports" / kind


def is_record(plain: Any, kind: str) -> bool:
    """Return True if plain data, as read from JSON, are a record of a kind."""
    if not isinstance(plain, dict):
        return False
    record: Any = plain  # pyright: ignore[reportUnknownVariableType]
    return {"device", "networks"} <= record.keys() and record.get("kind", "validation") == kind


def records_in(folder: Path, kind: str) -> list[dict[str, Any]]:
    """The records of a kind in a folder as plain data, by file name; other files are skipped."""
    records: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if is_record(record, kind):
            records.append(record)
    return records
