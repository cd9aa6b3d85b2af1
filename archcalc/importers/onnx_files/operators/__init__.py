"""Operators of ONNX: for each the op of archcalc that it is, one file for each topic.

A file lists its operators in `MAKERS`; a new operator is one line there, or one function.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from archcalc.importers.onnx_files.operators import (
    contributed,
    control,
    functions,
    layers,
    movement,
    norms,
    parts,
    patterns,
    picking,
    pools,
    products,
    quantized,
    recurrent,
    reductions,
    sampling,
)
from archcalc.importers.onnx_files.site import Maker

_ONNX = (
    layers,
    norms,
    pools,
    functions,
    reductions,
    movement,
    parts,
    patterns,
    picking,
    sampling,
    products,
    recurrent,
    quantized,
    control,
    patterns,
)


@cache
def makers() -> Mapping[str, Maker]:
    """The function of every known operator, by its name after its domain."""
    found: dict[str, Maker] = {}
    for each in (*_ONNX, contributed):
        found |= each.MAKERS
    return found
