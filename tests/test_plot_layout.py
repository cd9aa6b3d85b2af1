"""The layout of every kind of plot: no text on another, none outside, and no leader through a label or a mark."""

from __future__ import annotations

import itertools
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc.figures import labels

MARKS = st.lists(
    st.builds(
        labels.Mark,
        st.floats(20, 230),
        st.floats(20, 180),
        st.floats(0.5, 12),
        st.sampled_from(["VGG-16", "RegNetX-400MF", "a"]),
    ),
    min_size=2,
    max_size=25,
)
BOUNDS = (0.0, 0.0, 250.0, 200.0)


def distance(x: float, y: float, segment: labels.Segment) -> float:
    """From a point to a segment."""
    x0, y0, x1, y1 = segment
    length = (x1 - x0) ** 2 + (y1 - y0) ** 2
    along = 0.0 if length == 0 else min(max(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0.0), 1.0)
    return math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0))


def strikes(segment: labels.Segment, box: labels.Box, steps: int = 400) -> bool:
    """True if a point of a segment, of many along it, is inside a box."""
    x0, y0, x1, y1 = segment
    for step in range(steps + 1):
        x, y = x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
        if box[0] < x < box[2] and box[1] < y < box[3]:
            return True
    return False


def box_of(label: labels.Placed) -> labels.Box:
    return label.x, label.y, label.x + label.width, label.y + label.height


@settings(deadline=None, max_examples=60)
@given(MARKS)
def test_a_leader_strikes_no_other_label_and_touches_no_mark_apart_from_its_own(marks: list[labels.Mark]) -> None:
    placed = labels.place(marks, BOUNDS, 6.0, [(100, 80, 140, 100)])
    for (mark, label), (other, other_label) in itertools.permutations(zip(marks, placed, strict=True), 2):
        if label is None or label.leader is None:
            continue
        leader = (*label.leader[0], *label.leader[1])
        assert not strikes(leader, (100, 80, 140, 100))
        if other_label is not None:
            assert not strikes(leader, box_of(other_label)), (label, other_label)
        if math.hypot(mark.x - other.x, mark.y - other.y) > mark.radius + other.radius + labels.TOUCH:
            assert distance(other.x, other.y, leader) > other.radius, (label, other)
