"""Words for the shapes of inputs, by their number of axes: sequences, images and volumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SIDES: Mapping[int, tuple[str, ...]] = {1: (), 2: ("length",), 3: ("height", "width"), 4: ("depth", "height", "width")}
"""The names of the sizes of a shape, by the number of its axes; the channels stand before them."""
KINDS: Mapping[int, str] = {1: "vector", 2: "sequence", 3: "image", 4: "volume"}
"""The kind of input that a shape is of, by the number of its axes."""


def sides(shape: Sequence[Any]) -> str:
    """The sizes of a shape in words.

    >>> sides((3, 224, 224)), sides((1, 16, 32, 32)), sides((2, 400))
    ('height and width', 'depth, height and width', 'length')
    """
    *first, last = SIDES.get(len(shape), ()) or ("size",)
    return f"{', '.join(first)} and {last}" if first else last


def example(shapes: Sequence[Sequence[Any]]) -> str:
    """One member of a batch in a word: that of the kind of input, or `example` where there are several inputs.

    >>> example([(3, 224, 224)]), example([(2, 400)]), example([(3, 32, 32), (10,)])
    ('image', 'sequence', 'example')
    """
    return KINDS.get(len(shapes[0]), "example") if len(shapes) == 1 else "example"


def position(shape: Sequence[Any]) -> str:
    """One place of an input in a word: a pixel of an image, a position of anything else.

    >>> position((3, 224, 224)), position((2, 400))
    ('pixel', 'position')
    """
    return "pixel" if len(shape) == 3 else "position"


def extent(shape: Sequence[Any]) -> str:
    """The product of the sizes of a shape in a word.

    >>> extent((3, 224, 224)), extent((1, 16, 32, 32))
    ('area', 'volume')
    """
    return {2: "length", 3: "area", 4: "volume"}.get(len(shape), "size")
