"""Colours that are used together stay apart, also for the colour-blind and in print without colour.

Colour blindness is simulated by the matrices of Machado, Oliveira & Fernandes 2009, "A Physiologically-based Model for
Simulation of Color Vision Deficiency", IEEE TVCG 15(6), severity 1.0, for linear RGB; distances are those of CIE 1976
L*a*b* (white D65), of which 2.3 are just noticeable.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy
import pytest

from archcalc.figures import KINDS, Plot, gather, module_of, style
from archcalc.figures.types import TYPES

SEEN = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)


def lab(colour: str, seen: str) -> Any:
    """The colour as it is seen, in CIE L*a*b*."""
    rgb = numpy.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = numpy.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = XYZ @ numpy.clip(numpy.array(SEEN[seen]) @ linear, 0, 1) / WHITE
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return numpy.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


def distance(one: str, other: str, seen: str) -> float:
    return float(numpy.linalg.norm(lab(one, seen) - lab(other, seen)))


def test_the_simulation_knows_white_black_and_the_colours_that_are_confused() -> None:
    """Grey is seen as it is by all; a red and a green of one lightness look nearly the same to deuteranopes."""
    for seen in SEEN:
        assert lab("#808080", seen) == pytest.approx(lab("#808080", "normal"), abs=0.01)
    assert distance("#009e73", "#cc79a7", "normal") > 70
    assert distance("#009e73", "#cc79a7", "deuteranopia") < 20


@pytest.mark.parametrize("seen", SEEN)
def test_the_colours_of_families_stay_apart(seen: str) -> None:
    for one, other in itertools.combinations(style.COLOURS, 2):
        assert distance(one, other, seen) > 19, (one, other)


def test_the_colours_of_families_stay_apart_in_grey() -> None:
    for one, other in itertools.combinations(style.COLOURS, 2):
        assert abs(lab(one, "normal")[0] - lab(other, "normal")[0]) > 8, (one, other)


@pytest.mark.parametrize("seen", SEEN)
def test_types_of_layers_that_look_alike_have_other_hatches(seen: str) -> None:
    for (one, hatch), (other, its_hatch) in itertools.combinations(TYPES.values(), 2):
        assert hatch != its_hatch or distance(one, other, seen) > 15, (one, other)


REQUESTS = (
    Plot("field", ("alexnet", "vgg16", "googlenet", "resnet50", "resnet50_v1", "nin_imagenet", "mobilenet_v1")),
    Plot("memory-batch"),
    Plot("accuracy-params"),
    Plot("cifar"),
)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.kind)
def test_marks_that_some_cannot_tell_by_colour_have_other_shapes(request_: Plot) -> None:
    """Pair by pair of all looks, under every simulation."""
    with style.styled():
        figure = module_of(KINDS[request_.kind]).draw(gather(request_), style.PAGE)
    looks: set[tuple[str, str]] = set()
    for axes in figure.axes:
        for line in axes.get_lines():
            if line.get_marker() != "None" and line.get_linestyle() == "None":
                face, edge = line.get_markerfacecolor(), line.get_markeredgecolor()
                looks.add((edge if face == "white" else face, line.get_marker()))
    assert len(looks) > 3
    for one, other in itertools.combinations(sorted(looks), 2):
        if one[1] == other[1]:
            for seen in SEEN:
                assert distance(one[0], other[0], seen) > 19, (one, other, seen)
