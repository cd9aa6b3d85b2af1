"""Squeeze-and-excitation unit by itself: Hu, Shen, Albanie, Sun & Wu, "Squeeze-and-Excitation Networks",
arXiv:1709.01507.

Section 3 on a 56x56 map of 256 channels, as the first stage of SE-ResNet-50 has it: global means, a layer to a
sixteenth of the channels with ReLU, a layer back with a sigmoid, and the map times these weights. Document 003 names
the unit and prints no sizes. The two layers are 1x1 convolutions with biases, as in the authors' Caffe networks.
"""

from typing import Any

from archcalc.algebra.dims import known_to_differ
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Value, Whole
from archcalc.zoo import Family, Reference, Variant
from archcalc.zoo._blocks import squeeze_excite


def unit(x: Value, reduction: int = 16) -> Value:
    channels: Any = x.channels
    if known_to_differ(channels % reduction, 0):
        raise ArchcalcError(f"{x.graph.name}: reduction must divide the {x.channels} channels, not {reduction}")
    squeezed: int = x.channels // reduction  # pyright: ignore[reportAssignmentType]
    return squeeze_excite(x, squeezed)


FAMILIES = (
    Family(
        title="Squeeze-and-Excitation Networks",
        authors="Hu et al.",
        year=2017,
        source="arXiv:1709.01507",
        documents=("003",),
        build=unit,
        hyperparameters={"reduction": Whole(1, 100_000, "channels to one squeezed channel, r")},
        variants={"squeeze_excite_example": Variant("one unit, r = 16", (256, 56, 56))},
        references={"squeeze_excite_example": Reference("timm", "seresnet50", part="layer1.0.se")},
    ),
)
