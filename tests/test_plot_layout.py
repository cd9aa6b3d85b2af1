"""The layout of every kind of plot: no text on another, none outside, and no leader through a label or a mark."""

from __future__ import annotations

import itertools
import math

import numpy
import pytest

from archcalc.figures import labels

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


@pytest.mark.parametrize("seed", range(6))
def test_a_leader_strikes_no_other_label_and_touches_no_mark_apart_from_its_own(seed: int) -> None:
    """Among as many marks as there are in a crowded plot, of which some have no room for a label."""
    chance = numpy.random.default_rng(seed)
    texts = ("VGG-16", "RegNetX-400MF", "ResNeXt-101 32x8d")
    marks = [
        labels.Mark(float(x), float(y), float(radius), texts[number % 3])
        for number, (x, y, radius) in enumerate(chance.uniform((50, 50, 1), (200, 150, 7), (32, 3)))
    ]
    placed = labels.place(marks, BOUNDS, 6.0, [(100, 80, 140, 100)])
    assert any(label is not None and label.leader is not None for label in placed)
    for (mark, label), (other, other_label) in itertools.permutations(zip(marks, placed, strict=True), 2):
        if label is None or label.leader is None:
            continue
        leader = (*label.leader[0], *label.leader[1])
        assert not strikes(leader, (100, 80, 140, 100))
        if other_label is not None:
            assert not strikes(leader, box_of(other_label)), (label, other_label)
        if math.hypot(mark.x - other.x, mark.y - other.y) > mark.radius + other.radius + labels.TOUCH:
            assert distance(other.x, other.y, leader) > other.radius, (label, other)
