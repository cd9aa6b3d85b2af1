"""Reference models of torchvision, timm and pytorchcv, on the meta device, and their counts."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from importlib import import_module, metadata
from math import prod
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from archcalc.base.extras import need
from archcalc.graph import Graph
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.linear import Linear
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
    """The parameters and the layers of a network, run for one image."""

    params: int
    mult_adds: int
    """Half the count of torch's FlopCounterMode: convolutions and matrix products."""
    layers: Counter[LayerRun]


def load(reference: Reference) -> torch.nn.Module:
    """The reference model, on the meta device and in evaluation mode. Raises MissingTool without its library."""
    keep_compiled_ops_out()
    with warnings.catch_warnings(action="ignore"):  # deprecation warnings of libraries
        need(reference.library, "the check references")
        with torch.device("meta"):
            return _build(reference).eval()


def version(reference: Reference) -> str:
    """The library and its version."""
    return f"{reference.library} {metadata.version(reference.library)}"


def keep_compiled_ops_out() -> None:
    """Make torchvision importable with a CPU build of PyTorch.

    Its wheel is built for CUDA, without which its own operators (nms ...) cannot be registered. The classification
    models do not need them.
    """
    if not torch.cuda.is_available():
        sys.modules.setdefault("torchvision._meta_registrations", ModuleType("torchvision._meta_registrations"))


def _build(reference: Reference) -> torch.nn.Module:
    library, model, options = reference.library, reference.model, dict(reference.options)
    file, _, part = model.rpartition(".")
    if library == "torchvision" and file:
        return getattr(import_module(f"torchvision.models.{file}"), part)(**options)
    if library == "torchvision":
        models: Any = import_module("torchvision.models")
        return models.get_model(model, weights=None, **options)
    if library == "timm":
        timm: Any = import_module("timm")
        return timm.create_model(model, pretrained=False, **options)
    if file:
        return _any_size(getattr(import_module(f"pytorchcv.models.{file}"), part)(**options))
    provider: Any = import_module("pytorchcv.model_provider")
    return _any_size(provider.get_model(model, pretrained=False, **options))


def _any_size(module: torch.nn.Module) -> torch.nn.Module:
    """A pytorchcv network with a global pool in place of its last one.

    The last pool averages 7x7 or 8x8 positions, which are all positions at the canonical size, and fails below it.
    """
    for part in module.children():
        if isinstance(getattr(part, "final_pool", None), torch.nn.AvgPool2d):
            part.final_pool = torch.nn.AdaptiveAvgPool2d(1)
    return module


def counts(module: torch.nn.Module, input_shape: tuple[int, ...]) -> Counts:
    """The counts of a module from one run on an input without data."""
    layers: Counter[LayerRun] = Counter()

    def note(layer: torch.nn.Module, _: Any, output: torch.Tensor) -> None:
        layers[_executed(layer, output)] += 1

    kinds = (torch.nn.Conv2d, torch.nn.ConvTranspose2d, torch.nn.Linear)
    hooks = [layer.register_forward_hook(note) for layer in module.modules() if isinstance(layer, kinds)]
    with torch.no_grad(), FlopCounterMode(display=False) as flops:
        module(torch.empty(1, *input_shape, device="meta"))
    for hook in hooks:
        hook.remove()
    return Counts(sum(p.numel() for p in module.parameters()), flops.get_total_flops() // 2, layers)


def _executed(layer: Any, output: torch.Tensor) -> LayerRun:
    bias = layer.bias is not None
    if isinstance(layer, torch.nn.Linear):
        return LayerRun("linear", layer.in_features, layer.out_features, (), (), 1, bias, (output[..., 0].numel(),))
    kind = "conv" if isinstance(layer, torch.nn.Conv2d) else "conv_transpose"
    channels = (layer.in_channels, layer.out_channels)
    return LayerRun(kind, *channels, layer.kernel_size, layer.stride, layer.groups, bias, tuple(output.shape[2:]))


def layers_of(graph: Graph) -> Counter[LayerRun]:
    """The convolutions and linear layers of a graph, in the same form."""
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


def as_products(layers: Counter[LayerRun]) -> Counter[LayerRun]:
    """The layers, with linear layers on one vector as the equivalent 1x1 convolutions of one position."""
    same: Counter[LayerRun] = Counter()
    for layer, count in layers.items():
        if layer.kind == "linear" and layer.size == (1,):
            layer = layer._replace(kind="conv", kernel=(1, 1), stride=(1, 1), size=(1, 1))  # noqa: PLW2901
        same[layer] += count
    return same


def _each(sides: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A number for each axis of a map."""
    return (sides,) * (len(shape) - 1) if isinstance(sides, int) else sides
