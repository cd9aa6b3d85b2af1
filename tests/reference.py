"""Networks that others built, for the tests of the catalogue, and the convolutions and linear layers that they run."""

from __future__ import annotations

from collections import Counter
from math import prod
from typing import Any, NamedTuple

import torch

from archcalc import Analysis, zoo
from archcalc.graph import Graph
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.linear import Linear
from archcalc.validation import models
from archcalc.zoo import Reference


class LayerRun(NamedTuple):
    """One run of a convolution or a linear layer."""

    kind: str
    inputs: int
    outputs: int
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    groups: int
    bias: bool
    size: tuple[int, ...]
    """Output positions: (height, width) of a convolution, or the number of vectors of a linear layer."""


class Counts(NamedTuple):
    """The parameters, the mult-adds and the layers of a network, run for one image."""

    params: int
    mult_adds: int
    layers: Counter[LayerRun]


def reference(library: Any, id: str, **options: Any) -> Any:
    """A network of torchvision, timm or pytorchcv, on the meta device, in evaluation mode."""
    return models.load(Reference(library, id, options))


def counts(module: torch.nn.Module, input_shape: tuple[int, ...]) -> Counts:
    """The counts of a module from a run on an input without data."""
    layers: Counter[LayerRun] = Counter()

    def note(layer: torch.nn.Module, _: Any, output: torch.Tensor) -> None:
        layers[_executed(layer, output)] += 1

    kinds = (torch.nn.Conv2d, torch.nn.ConvTranspose2d, torch.nn.Linear)
    hooks = [layer.register_forward_hook(note) for layer in module.modules() if isinstance(layer, kinds)]
    params, mult_adds = models.counts(module, input_shape)
    for hook in hooks:
        hook.remove()
    return Counts(params, mult_adds, layers)


def _executed(layer: Any, output: torch.Tensor) -> LayerRun:
    bias = layer.bias is not None
    if isinstance(layer, torch.nn.Linear):
        return LayerRun("linear", layer.in_features, layer.out_features, (), (), 1, bias, (output[..., 0].numel(),))
    kind = "conv" if isinstance(layer, torch.nn.Conv2d) else "conv_transpose"
    channels = (layer.in_channels, layer.out_channels)
    return LayerRun(kind, *channels, layer.kernel_size, layer.stride, layer.groups, bias, tuple(output.shape[2:]))


def archcalc_layers(analysis: Analysis) -> Counter[LayerRun]:
    """The convolutions and linear layers of archcalc's own network, in the same form."""
    graph: Graph = zoo.network(analysis.architecture).graph(analysis.input, analysis.hyperparameters)
    layers: Counter[LayerRun] = Counter()
    for node in graph.nodes:
        op: Any = node.op
        shape: Any = graph.nodes[node.inputs[0]].shape if node.inputs else ()
        size: Any = node.shape
        if isinstance(node.op, Linear):
            layers[LayerRun("linear", shape[-1], op.out, (), (), 1, op.bias, (prod(size[:-1]),))] += 1
        elif isinstance(node.op, (Conv, ConvTranspose)):
            window = (_each(op.kernel, size), _each(op.stride, size))
            layers[LayerRun(op.kind, shape[0], op.out, *window, op.groups, op.bias, size[1:])] += 1
    return layers


def _each(sides: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A number for each axis of a map."""
    return (sides,) * (len(shape) - 1) if isinstance(sides, int) else sides
