"""The key of pictures: for each role of a layer its fill, its outline and its word in legends.

Convolutions are red, pools grey, merges purple and linear layers blue, as lectures colour them. The fills are tints on
which dark text is legible. Their lightness falls from pools over linear layers and merges to convolutions, and outlines
differ too, so that nothing is told by hue alone.
"""

from __future__ import annotations

from typing import NamedTuple

INK = "#1a1a1a"
"""The colour of text on every fill."""
LINE = "#404040"
"""The colour of arrows and frames."""
FAMILY = '"Source Sans Pro","Source Sans 3","Segoe UI",Helvetica,Arial,sans-serif'
"""The typeface of pictures, and what stands in for it where it is not installed."""


class KeyEntry(NamedTuple):
    """The appearance of a role: colours as #rrggbb, `dashes` as in SVG's stroke-dasharray (empty: a solid line)."""

    fill: str
    stroke: str
    dashes: str
    word: str


KEY: dict[str, KeyEntry] = {
    "input": KeyEntry("#ffffff", "#404040", "", "input"),
    "conv": KeyEntry("#f2a398", "#8f1d12", "", "convolution"),
    "linear": KeyEntry("#c2dcf8", "#17457f", "", "linear (dense)"),
    "pool": KeyEntry("#ebebeb", "#4a4a4a", "", "pooling"),
    "merge": KeyEntry("#d8bdec", "#5b2c8a", "", "merge"),
    "attention": KeyEntry("#f7d58b", "#7a5200", "", "attention"),
    "block": KeyEntry("#f7f4ee", "#404040", "", "block, folded"),
    "norm": KeyEntry("#f3f8ec", "#4c6b2f", "3,1.5", "normalisation"),
    "activation": KeyEntry("#fffbe6", "#7a6400", "1,1.5", "activation"),
    "other": KeyEntry("#ffffff", "#6b6b6b", "4,2", "other"),
}
"""The appearance of every role of `archcalc.graph`, of attention, and of a block that is drawn as one box."""


def key_of(role: str, op: str = "") -> KeyEntry:
    """The appearance of a layer by its role and its op: attention has a key of its own among merges.

    >>> key_of("merge", "window_attention").word, key_of("layout").word
    ('attention', 'other')
    """
    return KEY["attention"] if "attention" in op else KEY.get(role, KEY["other"])
