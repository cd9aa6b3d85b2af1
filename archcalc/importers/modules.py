"""Modules of PyTorch as networks, in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.algebra.dims import is_int
from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.base.spelling import cut
from archcalc.graph import Network
from archcalc.importers.exported import read_exported
from archcalc.importers.exporting import export
from archcalc.importers.imported import network_from
from archcalc.importers.naming import is_module


def from_torch(module: Any, inputs: Any, name: str | None = None) -> Network:
    """The network of a module: see `Network.from_torch`."""
    torch = need("torch", "a PyTorch model", extra="import")
    if not is_module(module):
        raise ArchcalcError(f"a torch.nn.Module is meant, not {cut(repr(module))}", about="name")
    label = name or type(module).__name__
    data = export(module, _examples(torch, module, inputs))
    return network_from(read_exported(data, label), label, module, data)


def _examples(torch: Any, module: Any, inputs: Any) -> Any:
    """Example arguments: those given, or a tensor of a batch of two for a shape."""
    if isinstance(inputs, torch.Tensor):
        return (inputs,)
    if isinstance(inputs, Mapping):
        return inputs  # pyright: ignore[reportUnknownVariableType]
    if isinstance(inputs, Sequence) and inputs and not isinstance(inputs, str):
        given: list[Any] = list(inputs)  # pyright: ignore[reportUnknownArgumentType]
        shapes: list[Any] = [given] if _is_shape(given) else given
        if all([_is_shape(shape) for shape in shapes]):
            place = next((each.device for each in module.parameters()), "cpu")
            return tuple([torch.empty(2, *shape, device=place) for shape in shapes])
        return tuple(given)
    shown = cut(repr(inputs))  # pyright: ignore[reportUnknownArgumentType]
    raise ArchcalcError(f"example inputs are tensors or a shape such as (3, 224, 224), not {shown}", "input")


def _is_shape(value: Any) -> bool:
    """Return True if something is made of whole numbers."""
    several: Any = value
    return isinstance(value, (list, tuple)) and all([is_int(each) for each in several])
