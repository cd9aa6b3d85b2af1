"""Precisions in which a network runs: one type for everything, or float32 with autocast to a lower type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from archcalc.base.spelling import matched, unknown
from archcalc.graph import Op


class Precision(NamedTuple):
    """The types of values and weights."""

    name: str
    width: int
    """Bytes of a value, where autocast does not choose another type."""
    autocast: int = 0
    """Bytes of a value in the lower type of autocast; 0 without autocast."""
    device: Literal["cuda", "cpu"] = "cuda"
    """The device whose rules autocast follows."""

    @property
    def weight_width(self) -> int:
        """Bytes of a parameter."""
        return self.width

    def rule(self, op: Op) -> str:
        """What autocast does with the values of an op: see `archcalc.graph.Op`."""
        return op.autocast_type(self.device)


_ROWS = (
    Precision("float32", 4),
    Precision("float64", 8),
    Precision("float16", 2),
    Precision("bfloat16", 2),
    Precision("amp_fp16", 4, 2),
    Precision("amp_bf16", 4, 2),
)
PRECISIONS: Mapping[str, Precision] = {row.name: row for row in _ROWS}

ALIASES = {
    "fp32": "float32",
    "fp64": "float64",
    "fp16": "float16",
    "half": "float16",
    "bf16": "bfloat16",
    "amp": "amp_fp16",
    "ampfloat16": "amp_fp16",
    "ampbfloat16": "amp_bf16",
    "mixed": "amp_fp16",
}


def read_precision(word: str) -> Precision:
    """The precision that a word means. Raises UnknownName."""
    wanted = matched(word)
    for name, precision in PRECISIONS.items():
        if wanted in (matched(name), *[alias for alias, meant in ALIASES.items() if meant == name]):
            return precision
    known = [*PRECISIONS, *ALIASES]
    raise unknown("precision", word, known, f"there are {', '.join(PRECISIONS)}", about="precision")
