"""Segments that cross boxes, circles and each other, all pairs at once in numpy arrays."""

from __future__ import annotations

from typing import Any


def crossed(numpy: Any, segments: Any, boxes: Any) -> Any:
    """A matrix that is True where a segment (row) crosses a box (column)."""
    start, end = numpy.zeros((len(segments), len(boxes))), numpy.ones((len(segments), len(boxes)))
    for axis in (0, 1):
        origin = segments[:, None, axis]
        step = segments[:, None, axis + 2] - origin
        step = numpy.where(abs(step) < 1e-9, 1e-9, step)
        first, second = (boxes[None, :, axis] - origin) / step, (boxes[None, :, axis + 2] - origin) / step
        start = numpy.maximum(start, numpy.minimum(first, second))
        end = numpy.minimum(end, numpy.maximum(first, second))
    return start < end


def touching(numpy: Any, segments: Any, circles: Any, gap: float) -> Any:
    """A matrix that is True where a segment (row) comes nearer than `gap` to a circle (column)."""
    start, step = segments[:, None, :2], segments[:, None, 2:] - segments[:, None, :2]
    centre = circles[None, :, :2]
    along = ((centre - start) * step).sum(axis=2) / numpy.maximum((step**2).sum(axis=2), 1e-9)
    nearest = start + numpy.clip(along, 0, 1)[:, :, None] * step
    return ((centre - nearest) ** 2).sum(axis=2) < (circles[None, :, 2] + gap) ** 2


def meeting(segments: Any, others: Any) -> Any:
    """A matrix that is True where a segment (row) crosses another (column)."""

    def side(a: Any, b: Any, c: Any) -> Any:
        return (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])

    a, b = segments[:, None, :2], segments[:, None, 2:]
    c, d = others[None, :, :2], others[None, :, 2:]
    return (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
