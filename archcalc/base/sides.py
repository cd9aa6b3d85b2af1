"""Sizes as a person types them: `320`, `320x256`, `3x320x320`."""

from __future__ import annotations

import re

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown


def sides(text: str, option: str, example: str) -> tuple[int, ...]:
    """Sides joined by x. Raises ArchcalcError, which names the option and has the example.

    >>> sides("3x320x320", "--input", "3x320x320")
    (3, 320, 320)
    """
    parts = re.split("[x\u00d7,]", text.strip().lower())
    if len(parts) > 8 or not all(re.fullmatch(r"[+-]?\d{1,40}", part) for part in parts):
        raise ArchcalcError(f"{option} takes sizes such as {example}, not {shown(text)}")
    return tuple(map(int, parts))


def square(text: str, axes: int) -> tuple[int, ...]:
    """The sizes from --size: one number stands for all axes. Raises ArchcalcError for another number of sizes.

    >>> square("320", 2), square("320x256", 2)
    ((320, 320), (320, 256))
    """
    found = sides(text, "--size", "320 or 320x256")
    if len(found) not in (1, axes):
        raise ArchcalcError(f"--size takes sizes such as 320 or 320x256, not {shown(text)}")
    return found * axes if len(found) == 1 else found
