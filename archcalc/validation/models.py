"""Reference models of torchvision, timm and pytorchcv, on the meta device, and their counts."""

from __future__ import annotations

import warnings
from importlib import import_module, metadata
from typing import Any, NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from archcalc.base.extras import need
from archcalc.importers.exporting import keep_compiled_ops_out
from archcalc.zoo import Reference


class Counts(NamedTuple):
    """The parameters and mult-adds of a network, run for one image."""

    params: int
    mult_adds: int
    """Half the count of torch's FlopCounterMode: convolutions and matrix products."""


def load(reference: Reference) -> torch.nn.Module:
    """The reference model, on the meta device and in evaluation mode. Raises MissingTool without its library."""
    keep_compiled_ops_out()
    with warnings.catch_warnings(action="ignore"):  # deprecation warnings of libraries
        need(reference.library, "the check references")
        with torch.device("meta"):
            part = _build(reference).eval().get_submodule(reference.part)
            return _ChannelsFirst(part) if reference.channels_last else part


def version(reference: Reference) -> str:
    """The library and its version."""
    return f"{reference.library} {metadata.version(reference.library)}"


def own_input(reference: Reference, module: Any) -> tuple[int, ...] | None:
    """The input that a reference is made for, as its library states it; None if it does not, as for a class of blocks.

    That of a part is what it reads when the model runs on its own input.
    """
    if reference.part:
        whole = load(reference._replace(part="", channels_last=False))
        size = own_input(reference._replace(part=""), whole)
        return None if size is None else _read_by(whole, size, reference.part, last=reference.channels_last)
    if reference.library == "timm":
        return tuple(module.pretrained_cfg["input_size"])
    if reference.library == "pytorchcv":
        size = getattr(module, "in_size", None)
        return None if size is None else (3, *size)
    if "." in reference.model:
        return None
    models: Any = import_module("torchvision.models")
    weights = list(models.get_model_weights(reference.model))
    first = next((each for each in weights if each.name == "IMAGENET1K_V1"), weights[0])
    side = first.transforms().crop_size[0]
    return 3, side, side


def _read_by(whole: torch.nn.Module, size: tuple[int, ...], part: str, *, last: bool) -> tuple[int, ...]:
    """The shape of what a part reads when the whole model runs, with its channels first."""
    read: list[tuple[int, ...]] = []

    def note(_: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        shape = tuple(given[0].shape[1:])
        read.append((shape[-1], *shape[:-1]) if last else shape)

    whole.get_submodule(part).register_forward_pre_hook(note)
    with torch.no_grad():
        whole(torch.empty(1, *size, device="meta"))
    return read[0]


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


class _ChannelsFirst(torch.nn.Module):
    """A part that works on channels that stand last, for maps whose channels stand first."""

    def __init__(self, part: torch.nn.Module) -> None:
        super().__init__()
        self.part = part

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.part(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


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
    with torch.no_grad(), FlopCounterMode(display=False) as flops:
        module(torch.empty(1, *input_shape, device="meta"))
    return Counts(sum(p.numel() for p in module.parameters()), flops.get_total_flops() // 2)
