"""Parts of a network by the names of its rows."""

from __future__ import annotations

import re

_PARTED = re.compile(r"\.|(?<=\d)_(?=(?:\d+|dw|pw|reduce)(?:\.|$))")
"""The end of a part of a name: `layer1.0`, and in names without dots `conv3_2`, `conv3_dw`, `conv2_reduce`."""


def beginning(name: str, parts: int) -> str:
    """The first parts of a name."""
    ends = [match.start() for match in _PARTED.finditer(name)]
    return name[: ends[parts - 1]] if len(ends) >= parts else name
