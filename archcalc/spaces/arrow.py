"""Arrow, imported when it is used: `arrow()` is pyarrow, `arrow("parquet")` a module of it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from archcalc.base.extras import need


def arrow(part: str = "") -> Any:
    """The package pyarrow, or a module of it. Raises MissingTool if it is not installed."""
    package = need("pyarrow", "a sweep")
    return import_module(f"pyarrow.{part}") if part else package
