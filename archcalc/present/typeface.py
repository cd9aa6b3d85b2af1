"""Advance widths of letters in Source Sans, so that the base install can measure text.

The widths are those of Source Sans Pro, version 2.020 (Adobe, SIL Open Font License 1.1), in thousandths of an em.
"""

from __future__ import annotations

from collections.abc import Sequence

_FIRST = " "
_REGULAR = (
    200, 289, 425, 497, 497, 824, 609, 249, 303, 303, 418, 497, 249, 311, 249, 350, 497, 497, 497, 497, 497, 497, 497,
    497, 497, 497, 249, 249, 497, 497, 497, 425, 847, 544, 588, 571, 615, 527, 494, 617, 652, 263, 480, 579, 486, 727,
    647, 664, 566, 664, 569, 534, 536, 645, 515, 786, 513, 476, 539, 303, 350, 303, 497, 500, 542, 504, 553, 456, 555,
    496, 292, 504, 544, 246, 247, 495, 255, 829, 547, 542, 555, 555, 347, 419, 338, 544, 467, 718, 446, 467, 425, 303,
    241, 303, 497,
)  # fmt: skip
_SEMIBOLD = (
    200, 315, 482, 513, 513, 841, 639, 275, 324, 324, 438, 513, 275, 322, 275, 344, 513, 513, 513, 513, 513, 513, 513,
    513, 513, 513, 275, 275, 513, 513, 513, 444, 875, 558, 597, 576, 625, 538, 510, 628, 663, 282, 494, 597, 502, 745,
    656, 674, 582, 674, 592, 545, 546, 655, 536, 800, 541, 501, 540, 324, 344, 324, 513, 500, 549, 516, 563, 462, 564,
    507, 317, 520, 558, 262, 263, 522, 271, 843, 560, 549, 564, 564, 373, 431, 361, 556, 495, 748, 481, 495, 443, 324,
    255, 324, 513,
)  # fmt: skip
_OTHERS = {
    "\u00a0": (200, 200),
    "\u00b7": (249, 275),
    "\u00d7": (497, 513),
    "\u2013": (480, 480),
    "\u2026": (948, 963),
    "\u2192": (619, 618),
    "\u2212": (497, 513),
    "\u2264": (497, 513),
    "\u2265": (497, 513),
}
_WIDEST = 1000
"""Letters that are not in the table count as wide as the widest that a script of one-em letters has."""


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a line of text in points at a size in points; unknown letters count as one em.

    >>> round(text_width("224 \u00d7 224", 10), 2)
    38.79
    """
    table = _SEMIBOLD if bold else _REGULAR
    total = 0
    for letter in text:
        place = ord(letter) - ord(_FIRST)
        total += table[place] if 0 <= place < len(table) else _OTHERS.get(letter, (_WIDEST, _WIDEST))[bold]
    return size * total / 1000


def wrapped(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """Text in lines of at most `width` points, broken at spaces; a longer word has a line of its own."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def shortened(text: str, size: float, width: float, bold: bool = False) -> str:
    """Text of at most `width` points; an ellipsis stands for letters in its middle.

    >>> shortened("stage1.block2.conv3", 10, 60)
    'stage\u2026conv3'
    """
    if text_width(text, size, bold) <= width:
        return text
    for left_out in range(1, len(text)):
        kept = len(text) - left_out
        tried = f"{text[: (kept + 1) // 2]}\u2026{text[len(text) - kept // 2 :]}"
        if text_width(tried, size, bold) <= width:
            return tried
    return "\u2026"


def longest(lines: Sequence[str], size: float, bold: bool = False) -> float:
    """The width of the longest of some lines, in points; of none, 0."""
    return max([text_width(line, size, bold) for line in lines], default=0.0)
