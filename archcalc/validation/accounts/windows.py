"""Windows that slide over height and width, as the lines of an account state them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Size: TypeAlias = tuple[int, ...]
Sides: TypeAlias = tuple[tuple[int, int], ...]
"""Padding before and after each axis; less than nothing where it is cut off."""


class SlidingWindow:
    """The window of a layer on height and width."""

    def __init__(self, facts: Mapping[str, str], before: Size) -> None:
        self.kernel, self.stride = both(facts["kernel"]), both(facts.get("stride", "1"))
        self.dilation = both(facts.get("dilation", "1"))
        self.up = facts.get("round", "down") == "up"
        self._before = before
        self._extents = tuple([d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)])
        self.sides = self._sides(facts.get("padding", "0"))
        self.facts = (("kernel", self.kernel), ("stride", self.stride))

    def _sides(self, padding: str) -> Sides:
        """The padding before and after each axis. TensorFlow's is of as many as a window for every stride takes."""
        if padding != "same":
            return sides_of(padding)
        sides: list[tuple[int, int]] = []
        for size, extent, stride in zip(self._before, self._extents, self.stride, strict=True):
            whole = max(0, (size - 1) // stride * stride + extent - size)
            sides.append((whole // 2, whole - whole // 2))
        return tuple(sides)

    def sizes(self) -> Size:
        """Positions on each axis: windows that fit, or with `round=up` that begin before the end."""
        found: list[int] = []
        for size, extent, stride, (left, right) in zip(
            self._before, self._extents, self.stride, self.sides, strict=True
        ):
            starts = size + left + right - extent
            if starts < 0:
                raise ValueError(f"a window of {extent} on {size} positions")
            count = starts // stride + 1
            if self.up and starts % stride and count * stride < size + left:
                count += 1
            found.append(count)
        return tuple(found)

    def spread(self, extra: Size) -> Size:
        """Positions on each axis of a transposed convolution, with some more at the end."""
        each = zip(self._before, self._extents, self.stride, self.sides, extra, strict=True)
        return tuple([(size - 1) * s - left - right + extent + more for size, extent, s, (left, right), more in each])


def both(text: str) -> Size:
    """A number for height and one for width, or one for both."""
    first, _, second = text.partition(",")
    return int(first), int(second or first)


def sides_of(text: str) -> Sides:
    """Padding of height and width, or of top, bottom, left and right."""
    each = [int(side) for side in text.split(",")]
    high, wide = (each[:2], each[2:]) if len(each) == 4 else ([each[0]] * 2, [each[-1]] * 2)
    return (high[0], high[1]), (wide[0], wide[1])


def added(first: Sides, second: Sides) -> Sides:
    """Padding of what is padded already."""
    return tuple([(a + c, b + d) for (a, b), (c, d) in zip(first, second, strict=True)])
