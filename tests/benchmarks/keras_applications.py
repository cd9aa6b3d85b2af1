"""The networks of keras.applications read from `to_json`, layer by layer beside Keras' own counts.

Keras is not installed for the tests: `pip install keras torch` first. `python tests/benchmarks/keras_applications.py
ResNet50 ...` builds each without weights, and prints the layers whose parameters or shape differ.
"""

from __future__ import annotations

import os
import sys
from math import prod
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.importers.layer_list import read_layers

NAMES = ("MobileNet", "MobileNetV2", "VGG16", "ResNet50", "ResNet50V2", "DenseNet121", "Xception", "EfficientNetB0")


def layers(model: Any, prefix: str = "") -> dict[str, tuple[str, int, tuple[int, ...]]]:
    """The class, the stored values and the output's shape, channels first, of every layer of a Keras model."""
    found: dict[str, tuple[str, int, tuple[int, ...]]] = {}
    for layer in model.layers:
        if hasattr(layer, "layers"):
            found |= layers(layer, f"{prefix}{layer.name}.")
            continue
        *sides, channels = layer.output.shape[1:]
        stored = sum(prod(weight.shape) for weight in layer.weights)
        found[prefix + layer.name] = type(layer).__name__, stored, (channels, *sides)
    return found


def rows(text: str, name: str) -> dict[str, tuple[int, tuple[Any, ...]]]:
    """The stored values and the output's shape of every row of the network."""
    graph = read_layers(text, name=name, form="keras").graph()
    found: dict[str, tuple[int, tuple[Any, ...]]] = {}
    for facts, node in zip(graph.facts, graph.nodes, strict=True):
        before = found.get(node.row, (0, ()))[0]
        found[node.row] = before + facts.params.learnable + facts.params.running, node.shape
    return found


def compare(name: str, model: Any) -> None:
    """Print what differs; Keras counts a number more for a Normalization, and drops axes of size 1 after a pool."""
    try:
        found = rows(model.to_json(), name)
    except ArchcalcError as error:
        print(f"{name}: not read: {error}")
        return
    compared = 0
    for layer, (kind, stored, shape) in layers(model).items():
        own = [row for row in found if row == layer or row.startswith(f"{layer}.")]
        if not own and not stored:
            continue
        values, output = sum(found[row][0] for row in own), found[own[-1]][1] if own else ()
        compared += 1
        if values + (kind == "Normalization") != stored or output not in (shape, (*shape, 1, 1)):
            print(f"{name}: {layer} ({kind}): {values} values, {output}; Keras {stored}, {shape}")
    total = sum(stored for stored, _ in found.values())
    print(f"{name}: {compared} layers compared; {total:,} values, Keras {model.count_params():,}")


if __name__ == "__main__":
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras  # pyright: ignore[reportMissingImports]

    for each in sys.argv[1:] or NAMES:
        compare(each, getattr(keras.applications, each)(weights=None))
