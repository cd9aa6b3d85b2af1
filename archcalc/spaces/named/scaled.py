"""MobileNet, Wide ResNet and EfficientNet: networks that are scaled in width, depth and resolution.

mobilenet_v1: the multipliers of width 1, 0.75, 0.5, 0.25 and the resolutions 224, 192, 160, 128 of Howard et al. 2017,
arXiv:1704.04861, sections 3.3 and 3.4: the sixteen networks of the paper's Figure 4. Document 000 prints five of them.

wrn: depth 6n + 4 and the factor k of the width, for CIFAR-10. Document 002 prints ten networks with depths from 16 to
40 and k from 1 to 12, and no bounds: the space has every depth and every whole k between.

efficientnet: compound scaling, Tan & Le 2019, arXiv:1905.11946, Equation 3: depth alpha^phi, width beta^phi, resolution
gamma^phi times that of B0, 224, where alpha * beta^2 * gamma^2 is about 2 and none is less than 1. Document 003 names
the three dimensions and prints no numbers. The paper has no steps and does not say how far from 2 is "about": here the
three are multiples of 0.05 and the product lies within 5 % of 2, as that of the paper's choice does, 1.2, 1.1, 1.15.
phi runs to 6 in halves. phi = 0 is B0 whatever the others are, and left out. Sides are rounded to whole pixels. The
released B1 to B7 are no points: their multipliers are rounded, and their sizes are chosen.

efficientnet_dimensions: width, depth and resolution of B0, each for itself, over the range of B0 to B7.
"""

from __future__ import annotations

from typing import Any

from archcalc.spaces.axes import SpaceAxis
from archcalc.spaces.constraints import Constraint
from archcalc.spaces.space import Columns, DesignSpace

B0, SIDE = "efficientnet_b0", 224


def space(name: str) -> DesignSpace:
    """The design space `mobilenet_v1`, `wrn`, `efficientnet` or `efficientnet_dimensions`."""
    if name == "efficientnet":
        return _compound()
    network, title, over = {
        "mobilenet_v1": ("mobilenet_v1_1.0_224", "MobileNet v1", {"width": "0.25..1:0.25", "size": "128..224:32"}),
        "wrn": ("wrn_28_10", "Wide ResNet", {"depth": "16..40:6", "k": "1..12"}),
        "efficientnet_dimensions": (
            B0,
            "EfficientNet by dimensions",
            {"width": "1..2:0.1", "depth": "1..3.1:0.1", "size": "224..600:8"},
        ),
    }[name]
    return DesignSpace.of(network, over=over, name=name, title=title)


def _compound() -> DesignSpace:
    return DesignSpace(
        "efficientnet",
        (
            SpaceAxis.read("alpha", "1..2.1:0.05"),
            SpaceAxis.read("beta", "1..1.45:0.05"),
            SpaceAxis.read("gamma", "1..1.45:0.05"),
            SpaceAxis.read("phi", "0.5..6:0.5"),
        ),
        B0,
        (Constraint("1.9 <= alpha * beta**2 * gamma**2 <= 2.1"),),
        title="EfficientNet",
        source="Tan & Le 2019, arXiv:1905.11946",
        translate=compound,
    )


def compound(columns: Columns) -> Columns:
    """Width, depth and the side of the input, arrays, from those of alpha, beta, gamma and phi.

    >>> import numpy
    >>> one = {"alpha": 1.2, "beta": 1.1, "gamma": 1.15, "phi": 1.0}
    >>> {name: values.tolist() for name, values in compound({k: numpy.array([v]) for k, v in one.items()}).items()}
    {'depth': [1.2], 'width': [1.1], 'size': [258]}
    """
    phi: Any = columns["phi"]
    side: Any = SIDE * columns["gamma"] ** phi
    return {
        "depth": columns["alpha"] ** phi,
        "width": columns["beta"] ** phi,
        "size": side.round().astype("int64"),
    }
