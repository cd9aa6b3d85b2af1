"""What ops give and what autograd saves for them in half precision: under autocast, and with all weights of the type.

Run as a program, `python tests/half_precision.py`, it asks PyTorch about a CUDA that need not be there, and prints what
it sees of every example as JSON. Fake tensors have a device, a shape and a type, but no values: autocast, autograd and
the types of kernels are those of CUDA. They choose no kernel by the card, so that attention is written out and no layer
is cuDNN's. A build of PyTorch without CUDA lacks the part by which autograd asks which stream is the current one; an
empty one is compiled and loaded, in a process of its own.
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import torch
from op_examples import LOWERED, Example
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.attention import SDPBackend, sdpa_kernel

from archcalc import zoo
from archcalc.analysis.cost import costs
from archcalc.analysis.memory import footprint
from archcalc.execution.model import Model

BATCH = 2
NETWORKS = ("alexnet", "resnet18", "convnext_tiny", "swin_t", "efficientnet_b0", "unet")
GUARD = """
#include <c10/core/impl/FakeGuardImpl.h>
namespace c10::impl { C10_REGISTER_GUARD_IMPL(CUDA, FakeGuardImpl<c10::DeviceType::CUDA>) }
"""
TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
NAMES = {dtype: name for name, dtype in TYPES.items()}


class Seen(NamedTuple):
    """A call of an op's module: the output's type, and the bytes of storages that autograd saved."""

    output: str
    inputs: list[int | None]
    """Of each input's own storage; None if it was not saved."""
    result: int | None
    """Of the output's storage."""
    others: int
    """Of all others but those of parameters and buffers."""


@contextmanager
def autocast(device: str, lower: str) -> Generator[None]:
    """`torch.autocast`, also on a CUDA that is not there."""
    before = torch.is_autocast_enabled(device), torch.get_autocast_dtype(device)
    torch.set_autocast_enabled(device, enabled=True)
    torch.set_autocast_dtype(device, TYPES[lower])
    torch.autocast_increment_nesting()
    try:
        yield
    finally:
        torch.autocast_decrement_nesting()
        torch.clear_autocast_cache()
        torch.set_autocast_enabled(device, before[0])
        torch.set_autocast_dtype(device, before[1])


@contextmanager
def of_type(dtype: str) -> Generator[None]:
    """Tensors that are made here have a type of their own."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(TYPES[dtype])
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def mixtures(example: Example, lower: str) -> Iterator[tuple[str, ...]]:
    """Types of an example's inputs: all alike, and the first of another type than the rest."""
    count = len(example.shapes)
    yield ("float32",) * count
    if count:
        yield (lower,) * count
    if count > 1:
        yield (lower, *["float32"] * (count - 1))
        yield ("float32", *[lower] * (count - 1))


def see(example: Example, device: str, types: tuple[str, ...], lower: str | None, weights: str = "float32") -> Seen:
    """Call an op's module on inputs of given types, under autocast to a `lower` type or without."""
    with torch.device(device):
        with of_type(weights):
            function = example.op.lower(torch, *example.shapes)
        inputs = [
            torch.randn(
                BATCH if example.images is None or place < example.images else 1,
                *shape,
                dtype=TYPES[types[place]],
                requires_grad=place not in example.masks,
            )
            for place, shape in enumerate(example.shapes)
        ]
        own = [*function.parameters(), *function.buffers()] if isinstance(function, torch.nn.Module) else []
        with autocast(device, lower) if lower else nullcontext():
            output, sizes = saved(function, inputs, own)
    result = sizes.pop(key(output), None) if all(key(output) != key(each) for each in inputs) else None
    kept = [sizes.pop(key(each), None) for each in inputs]
    return Seen(NAMES.get(output.dtype, str(output.dtype)), kept, result, sum(sizes.values()))


def saved(function: Any, inputs: list[torch.Tensor], own: list[torch.Tensor]) -> tuple[torch.Tensor, dict[int, int]]:
    """The output, and the bytes of each storage that autograd saves, but those of some tensors."""
    held: list[torch.Tensor] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        held.append(tensor)
        return tensor

    kernels = [SDPBackend.FLASH_ATTENTION, SDPBackend.MATH]
    with warnings.catch_warnings(), saved_tensors_hooks(pack, lambda tensor: tensor):
        warnings.simplefilter("ignore")
        with sdpa_kernel(kernels):
            output = function(*inputs)
    sizes = {key(tensor): tensor.untyped_storage().nbytes() for tensor in held}
    for tensor in own:
        sizes.pop(key(tensor), None)
    return output, sizes


def key(tensor: torch.Tensor) -> int:
    """A number for a tensor's storage, also of a fake tensor, which has no address."""
    storage: Any = tensor.untyped_storage()
    return storage._cdata


def tried(example: Example, *given: Any) -> dict[str, Any] | str:
    """What is seen, or the name of the error in it."""
    try:
        return see(example, "cuda", *given)._asdict()
    except (RuntimeError, AssertionError, AttributeError) as error:  # also of PyTorch's own fake tensors
        return type(error).__name__


def networks(weights: str) -> dict[str, tuple[int, int]]:
    """Bytes that training saves of networks, as we state them and as autograd does, all values of one type."""
    found: dict[str, tuple[int, int]] = {}
    for name in NETWORKS:
        graph = zoo.network(name).graph()
        shapes: list[Any] = [each.shape for each in graph.inputs]
        with torch.device("cuda"), of_type(weights):
            model = Model(graph)
            inputs = [torch.randn(BATCH, *shape) for shape in shapes]
        _, sizes = saved(model, inputs, [*model.parameters(), *model.buffers()])
        ours: Any = footprint(graph, costs(graph)).training_saved(BATCH, TYPES[weights].itemsize)
        found[name] = int(ours), sum(sizes.values())
    return found


def have_cuda() -> None:
    """Let autograd record what is done with fake tensors on CUDA, if this build of PyTorch has no CUDA."""
    if torch.backends.cuda.is_built():
        return
    home = Path(torch.__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "guard.cpp"), Path(folder, "guard.so")
        source.write_text(GUARD, encoding="utf-8")
        command = ["c++", "-std=c++20", "-shared", "-fPIC", f"-I{home / 'include'}", str(source)]
        subprocess.run([*command, f"-L{home / 'lib'}", "-lc10", "-o", str(library)], check=True)
        ctypes.CDLL(str(library))


def main() -> None:
    have_cuda()
    with FakeTensorMode(allow_non_fake_inputs=True):
        under = {
            lower: [{" ".join(types): tried(each, types, lower) for types in mixtures(each, lower)} for each in LOWERED]
            for lower in ("bfloat16", "float16")
        }
        pure = {
            weights: [tried(each, (weights,) * len(each.shapes), None, weights) for each in LOWERED]
            for weights in ("bfloat16", "float16")
        }
        whole = {weights: networks(weights) for weights in ("float32", "bfloat16", "float16")}
    json.dump({"autocast": under, "pure": pure, "networks": whole}, sys.stdout)


if __name__ == "__main__":
    main()
