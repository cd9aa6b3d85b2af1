"""Networks that others built, for the tests of the catalogue: a short way to `archcalc.validation.models`."""

from __future__ import annotations

from collections import Counter
from typing import Any

from archcalc import Analysis, zoo
from archcalc.validation.models import Counts, LayerRun, counts, layers_of, load
from archcalc.zoo import Reference

__all__ = ["Counts", "LayerRun", "archcalc_layers", "counts", "reference"]


def reference(library: Any, id: str, **options: Any) -> Any:
    """A network of torchvision, timm or pytorchcv, on the meta device, in evaluation mode."""
    return load(Reference(library, id, options))


def archcalc_layers(analysis: Analysis) -> Counter[LayerRun]:
    """The convolutions and linear layers of archcalc's own network."""
    return layers_of(zoo.network(analysis.architecture).graph(analysis.input, analysis.hyperparameters))
