"""Networks that others built, to count beside our own: torchvision, timm and pytorchcv, without weights or memory."""

from __future__ import annotations

import sys
from collections import Counter
from importlib import import_module
from math import prod
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from archcalc import Analysis, zoo
from archcalc.query import build_graph

# torchvision's wheel is built for CUDA: beside a CPU torch its own operators (nms ...) cannot be registered. The
# classification models need none of them.
sys.modules.setdefault("torchvision._meta_registrations", ModuleType("torchvision._meta_registrations"))

WARNS_UNLESS_TOLD = {"googlenet": {"init_weights": False}, "inception_v3": {"init_weights": False}}
"""torchvision announces that it will change how these start."""


def reference(library: str, id: str, **kwargs: Any) -> torch.nn.Module:
    """A network of torchvision, timm or pytorchcv, on the meta device, in evaluation mode.

    For pytorchcv `id` may name a builder instead of a model: `resnet_cifar.get_resnet_cifar`; for torchvision a part of
    one: `inception.InceptionA`.
    """
    with torch.device("meta"):
        return _build(library, id, kwargs).eval()


def _build(library: str, id: str, kwargs: dict[str, Any]) -> torch.nn.Module:
    if library == "torchvision" and "." in id:
        file, part = id.split(".")
        return getattr(import_module(f"torchvision.models.{file}"), part)(**kwargs)
    if library == "torchvision":
        models = import_module("torchvision.models")
        return models.get_model(id, weights=None, **WARNS_UNLESS_TOLD.get(id, {}), **kwargs)
    if library == "timm":
        return import_module("timm").create_model(id, pretrained=False, **kwargs)
    if library == "pytorchcv" and "." in id:
        file, builder = id.split(".")
        return getattr(import_module(f"pytorchcv.models.{file}"), builder)(**kwargs)
    if library == "pytorchcv":
        return import_module("pytorchcv.model_provider").get_model(id, pretrained=False, **kwargs)
    raise ValueError(f"no reference library is called {library!r}")


class Layer(NamedTuple):
    """One run of a convolution or a linear layer."""

    kind: str
    inputs: int
    outputs: int
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    groups: int
    bias: bool
    size: tuple[int, ...]
    """Output positions: (height, width) of a convolution, the number of vectors that a linear layer takes."""


class Counts(NamedTuple):
    """What a network has and does for one image."""

    params: int
    mult_adds: int
    """Half of what torch's FlopCounterMode finds: convolutions and matrix products."""
    layers: Counter[Layer]


def counts(module: torch.nn.Module, input_shape: tuple[int, ...]) -> Counts:
    """Run `module` once on an input without data and count."""
    layers: Counter[Layer] = Counter()

    def note(layer: torch.nn.Module, _: Any, output: torch.Tensor) -> None:
        layers[_executed(layer, output)] += 1

    kinds = (torch.nn.Conv2d, torch.nn.Linear)
    hooks = [layer.register_forward_hook(note) for layer in module.modules() if isinstance(layer, kinds)]
    with torch.no_grad(), FlopCounterMode(display=False) as flops:
        module(torch.empty(1, *input_shape, device="meta"))
    for hook in hooks:
        hook.remove()
    return Counts(sum(p.numel() for p in module.parameters()), flops.get_total_flops() // 2, layers)


def _executed(layer: Any, output: torch.Tensor) -> Layer:
    bias = layer.bias is not None
    if isinstance(layer, torch.nn.Linear):
        return Layer("linear", layer.in_features, layer.out_features, (), (), 1, bias, (output[..., 0].numel(),))
    channels = (layer.in_channels, layer.out_channels)
    return Layer("conv", *channels, layer.kernel_size, layer.stride, layer.groups, bias, tuple(output.shape[2:]))


def archcalc_layers(analysis: Analysis) -> Counter[Layer]:
    """The convolutions and linear layers of archcalc's own network, in the same words."""
    graph = build_graph(zoo.architecture(analysis.architecture), analysis.input, analysis.hyperparameters)
    layers: Counter[Layer] = Counter()
    for node in graph.nodes:
        op: Any = node.op
        if op.kind not in ("conv", "linear"):
            continue
        (source,) = node.inputs
        shape = graph.nodes[source].shape
        if op.kind == "linear":
            layer = Layer("linear", shape[-1], op.out, (), (), 1, op.bias, (prod(node.shape[:-1]),))
        else:
            window = (_pair(op.kernel), _pair(op.stride))
            layer = Layer("conv", shape[0], op.out, *window, op.groups, op.bias, node.shape[1:])
        layers[layer] += 1
    return layers


def _pair(sides: int | tuple[int, int]) -> tuple[int, int]:
    return sides if isinstance(sides, tuple) else (sides, sides)
