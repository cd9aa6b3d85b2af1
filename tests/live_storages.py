"""Bytes of the storages that are alive while PyTorch runs a training step or an inference: an oracle of memory.

A `LiveStorages` is a dispatch mode. After every operator, of the forward pass, of the backward pass and of the
optimizer, it adds the storages of the operator's outputs to those that are alive and looks for a new peak. It keeps
weak references only, so a storage leaves the sum when the last tensor, saved tensor or gradient buffer lets it go.
Memory that a kernel takes and frees while it runs is not seen, nor is what an allocator rounds up.

The engine of autograd adds gradients that meet in place where nothing else holds the first of them, but never while a
dispatch mode is active. The tracker therefore does what the engine does without it; see `_adds_in_place`.

Tensors may be real ones on the CPU, or fake ones of `FakeTensorMode`, which have sizes and no memory, on the CPU or on
CUDA. Fake tensors on CUDA need a build of PyTorch with CUDA, but no GPU; see `fake_tensors`.
"""

from __future__ import annotations

import ctypes
import subprocess
import weakref
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import torch
from torch import nn
from torch._prims_common import is_non_overlapping_and_dense_or_false
from torch._subclasses import FakeTensor, FakeTensorMode
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import cross_entropy, pad
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode, conv_backward_flop

PRECISIONS: dict[str, tuple[torch.dtype, torch.dtype | None]] = {
    "float32": (torch.float32, None),
    "bfloat16": (torch.bfloat16, None),
    "amp_bf16": (torch.float32, torch.bfloat16),
    "amp_fp16": (torch.float32, torch.float16),
}
"""The type of parameters and images, and the type of autocast."""

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": lambda params, **how: torch.optim.SGD(params, lr=0.001, **how),
    "sgd_momentum": lambda params, **how: torch.optim.SGD(params, lr=0.001, momentum=0.9, **how),
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
}
IMPLEMENTATIONS: dict[str, dict[str, bool]] = {
    "forloop": {"foreach": False},
    "foreach": {"foreach": True},
    "fused": {"fused": True},
}
"""PyTorch takes `forloop` on the CPU and `foreach` on CUDA if nothing is said."""
FUSED = ("sgd", "sgd_momentum", "adam", "adamw")
"""Optimizers with a fused implementation."""

UNSHARED = (4, 2)
"""Uses of a tensor and of its storage that an operator sees of a gradient that only the engine holds."""


ACCUMULATION = "torch::autograd::AccumulateGrad"
"""The node that puts a gradient where its parameter has it."""


@dataclass(frozen=True)
class Peak:
    """The most bytes alive after an operator of a phase, and where that was."""

    bytes: int = 0
    phase: str = ""
    index: int = -1
    """How many operators of the phase came before."""
    operator: str = ""
    kinds: Mapping[str, int] = field(default_factory=dict[str, int])
    """Bytes by what they are: parameters, gradients ..., else by the phase in which they were made."""


class LiveStorages(TorchDispatchMode):
    """The storages of one type of device that are alive, their bytes, and the peak of each phase."""

    def __init__(self, device: str = "cpu") -> None:
        super().__init__()
        self.device = device
        self.alive: dict[int, tuple[weakref.ref[torch.UntypedStorage], int, str]] = {}
        self.kinds: Counter[str] = Counter()
        self.bytes = 0
        self.peaks: dict[str, Peak] = {}
        self.phase = ""
        self.index = 0
        self._delivering = -1

    def begin(self, phase: str) -> None:
        """Name the operators that follow. What is alive now counts as the phase's first peak."""
        self.phase, self.index = phase, 0
        self.peaks[phase] = Peak(self.bytes, phase, -1, "", dict(self.kinds))

    def hold(self, kind: str, tensors: Iterable[Any]) -> None:
        """Count storages that exist already, or say what they are."""
        for tensor in tensors:
            self._add(tensor, kind)

    @property
    def peak(self) -> Peak:
        """The highest peak of all phases; of equal ones the first."""
        return max(self.peaks.values(), key=lambda peak: peak.bytes)

    def watch(self, loss: torch.Tensor) -> None:
        """Learn when each node of a graph hands out its gradients, so that their sums can be told from other sums."""
        nodes, seen = [loss.grad_fn], {loss.grad_fn}
        while nodes:
            node = nodes.pop()
            if node is None or node.name() == ACCUMULATION:
                continue
            node.register_hook(self._delivers)
            following = {each for each, _ in node.next_functions if each not in seen}
            seen |= following
            nodes += following

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten.add.Tensor and self._adds_in_place(*args[:2]):
            func = torch.ops.aten.add_.Tensor
        result = None if _needs_nothing(func, args) else func(*args, **(kwargs or {}))
        leaves = [leaf for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor)]
        gradients = bool(leaves) and self.phase == "backward" and _node_name() == ACCUMULATION
        for leaf in leaves:
            self._add(leaf, "gradients" if gradients else None)
        if leaves:
            if self.bytes > self.peaks[self.phase].bytes:
                self.peaks[self.phase] = Peak(self.bytes, self.phase, self.index, str(func), dict(self.kinds))
            self.index += 1
        return result

    def _add(self, tensor: Any, kind: str | None) -> None:
        """Count a tensor's storage, as a thing of the phase unless its kind is said or known."""
        if tensor is None or tensor.device.type != self.device:
            return
        storage: torch.UntypedStorage = tensor.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        _, held, was = self.alive.get(key, (None, -1, self.phase))
        kind = kind or was
        if (held, was) != (size, kind):
            self._remove(key)
            self.alive[key] = (weakref.ref(storage, lambda _: self._remove(key)), size, kind)
            self.kinds[kind] += size
            self.bytes += size

    def _remove(self, key: int) -> None:
        known = self.alive.pop(key, None)
        if known is not None:
            self.bytes -= known[1]
            self.kinds[known[2]] -= known[1]

    def _delivers(self, *_: Any) -> None:
        self._delivering = _current_node()

    def _adds_in_place(self, held: Any, other: Any) -> bool:
        """Whether this is the engine's sum of two gradients, and the engine would add in place.

        After a node has run the engine adds each of its gradients to the buffer of the node that it goes to: in place
        if the tensor there is dense, and the buffer is the only one that holds it and its storage. Source: `accumulate`
        in torch/csrc/autograd/input_buffer.cpp. It asks `isTensorSubclassLike` too, which is true in dispatch modes.
        """
        if self.phase != "backward" or self._delivering < 0 or self._delivering != _current_node():
            return False
        uses = (held._use_count(), torch._C._storage_Use_Count(held.untyped_storage()._cdata))
        dense = is_non_overlapping_and_dense_or_false(held)
        return uses == UNSHARED and dense and isinstance(other, torch.Tensor)


def _needs_nothing(func: Any, args: Any) -> bool:
    """Whether an operator writes in place only, and has no kernel for fake tensors."""
    return func._schema.name == "aten::_fused_sgd_" and isinstance(args[0][0], FakeTensor)


def _current_node() -> int:
    """The number of the node that the engine runs, or -1."""
    node: Any = torch._C._current_autograd_node()
    return -1 if node is None else node._sequence_nr()


def _node_name() -> str:
    """The name of the node that the engine runs."""
    node: Any = torch._C._current_autograd_node()
    return "" if node is None else node.name()


@dataclass(frozen=True)
class Step:
    """A training step."""

    before: Mapping[str, int]
    """Bytes by kind before the forward pass: parameters, buffers, data, target, optimizer state."""
    after_forward: int
    """Bytes when the loss is there."""
    peaks: Mapping[str, Peak]
    """Of forward (with the loss), backward and step."""
    gradients: int
    """Bytes of the gradients of parameters after the backward pass."""

    @property
    def peak(self) -> Peak:
        return max(self.peaks.values(), key=lambda peak: peak.bytes)


def tensors_of(output: Any) -> list[torch.Tensor]:
    """The tensors in a model's output: one, or several in tuples and dictionaries."""
    return [leaf for leaf in tree_leaves(output) if isinstance(leaf, torch.Tensor)]


def loss_of(output: Any, target: torch.Tensor | Mapping[tuple[int, ...], torch.Tensor]) -> torch.Tensor:
    """The sum of cross entropies along axis 1 of all tensors of an output."""
    total: Any = None
    for each in tensors_of(output):
        wanted = target if isinstance(target, torch.Tensor) else target[(each.shape[0], *each.shape[2:])]
        loss = cross_entropy(each, wanted)
        total = loss if total is None else total + loss
    return total


def targets(model: nn.Module, data: torch.Tensor) -> torch.Tensor | dict[tuple[int, ...], torch.Tensor]:
    """Class numbers for a model's outputs: one tensor for all outputs of one shape. The model is run."""
    model.train()
    with torch.no_grad():
        output = model(data)
    shapes = {(each.shape[0], *each.shape[2:]) for each in tensors_of(output)}
    made = {shape: torch.zeros(shape, dtype=torch.long, device=data.device) for shape in shapes}
    return next(iter(made.values())) if len(made) == 1 else made


@contextmanager
def autocast(device: str, dtype: torch.dtype | None) -> Generator[None]:
    """`torch.autocast(device, dtype)`, also for CUDA without a GPU; nothing if there is no type."""
    if dtype is None:
        yield
        return
    previous = torch.is_autocast_enabled(device), torch.get_autocast_dtype(device)
    torch.set_autocast_enabled(device, True)  # noqa: FBT003
    torch.set_autocast_dtype(device, dtype)
    torch.autocast_increment_nesting()
    try:
        yield
    finally:
        if torch.autocast_decrement_nesting() == 0:
            torch.clear_autocast_cache()
        torch.set_autocast_enabled(device, previous[0])
        torch.set_autocast_dtype(device, previous[1])


def _state(optimizer: torch.optim.Optimizer) -> list[Any]:
    return [leaf for state in optimizer.state.values() for leaf in tree_leaves(state)]


@contextmanager
def _tracked(model: nn.Module, data: torch.Tensor, target: Any = None) -> Generator[LiveStorages]:
    """A tracker that knows what a caller holds."""
    live = LiveStorages(data.device.type)
    live.hold("parameters", model.parameters())
    live.hold("buffers", model.buffers())
    live.hold("data", [data])
    live.hold("target", [] if target is None else tree_leaves(target))
    with live:
        yield live


@contextmanager
def _any_step_number(data: torch.Tensor) -> Generator[None]:
    """Let optimizers of fake tensors take some number for that of the step: their own has no value."""
    if not isinstance(data, FakeTensor):
        yield
        return
    with patch("torch.optim.adam._get_value", lambda _: 2.0):
        yield


def training_step(
    model: nn.Module, data: torch.Tensor, target: Any, optimizer: torch.optim.Optimizer, precision: str = "float32"
) -> Step:
    """The second of two steps: the optimizer has its state, and gradients are None when the forward pass begins.

    An optimizer that has its state already takes one step. A step's output and loss are alive until the step ends, as
    variables of a function are.
    """
    model.train()
    with _tracked(model, data, target) as live, _any_step_number(data):
        before = after = held = 0
        kinds: dict[str, int] = {}

        for _ in range(1 if optimizer.state else 2):
            live.begin("forward")
            optimizer.zero_grad()
            live.begin("forward")
            live.hold("optimizer_state", _state(optimizer))
            before = live.bytes
            kinds = {kind: size for kind, size in live.kinds.items() if size}
            with autocast(data.device.type, PRECISIONS[precision][1]):
                output = model(data)
                loss = loss_of(output, target)
            after = live.bytes
            live.watch(loss)
            live.begin("backward")
            loss.backward()
            live.hold("gradients", [each.grad for each in model.parameters()])
            held = live.kinds["gradients"]
            live.begin("step")
            optimizer.step()
            del output, loss
        assert sum(kinds.values()) == before
        return Step(kinds, after, dict(live.peaks), held)


def optimizer_steps(
    model: nn.Module,
    data: torch.Tensor,
    target: Any,
    make: Mapping[str, Callable[[], torch.optim.Optimizer]],
    precision: str = "float32",
) -> dict[str, tuple[int, Peak]]:
    """Bytes of the state of each optimizer and the peak of its second step, all after one backward pass.

    That is the last phase of `training_step`, for each optimizer, without passes of their own.
    """
    model.train()
    result: dict[str, tuple[int, Peak]] = {}
    with _tracked(model, data, target) as live, _any_step_number(data):
        live.begin("forward")
        with autocast(data.device.type, PRECISIONS[precision][1]):
            output = model(data)
            loss = loss_of(output, target)
        live.watch(loss)
        live.begin("backward")
        loss.backward()
        live.hold("gradients", [each.grad for each in model.parameters()])
        for name, maker in make.items():
            optimizer = maker()
            live.begin("first step")
            optimizer.step()
            live.hold("optimizer_state", _state(optimizer))
            live.begin("step")
            optimizer.step()
            result[name] = (live.kinds["optimizer_state"], live.peaks["step"])
            del optimizer
        del output, loss
    return result


def inference(model: nn.Module, data: torch.Tensor, precision: str = "float32") -> Peak:
    """The peak of a forward pass in evaluation mode without gradients; the caller holds the images and nothing else."""
    model.eval()
    with _tracked(model, data) as live, torch.no_grad():
        live.begin("inference")
        with autocast(data.device.type, PRECISIONS[precision][1]):
            model(data)
        return live.peaks["inference"]


def flops(model: nn.Module, data: torch.Tensor, target: Any) -> tuple[int, int, int]:
    """FLOPs of the forward and of the backward pass by PyTorch's counter, and those that it has too many.

    Attention by its math backend. The counter takes each weight gradient of a grouped convolution for that of one
    group: `groups` times the products that there are. Source: `conv_backward_flop` in torch/utils/flop_counter.py.
    """
    too_many = 0

    def of_convolution(*args: Any, **kwargs: Any) -> int:
        nonlocal too_many
        *before, groups, (_, weight, _) = args
        if weight:
            counted = conv_backward_flop(*before, groups, [False, True, False], **kwargs)
            too_many += counted - counted // groups
        return conv_backward_flop(*args, **kwargs)

    of_convolution.__dict__["_get_raw"] = True  # its arguments are tensors, not their shapes
    model.train()
    formulas = {torch.ops.aten.convolution_backward: of_convolution}
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False, custom_mapping=formulas) as counter:
        loss = loss_of(model(data), target)
        forward = counter.get_total_flops()
        loss.backward()
    model.zero_grad()
    return forward, counter.get_total_flops() - forward, too_many


def fused_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> torch.Tensor:
    """`scaled_dot_product_attention` by the kernel that a GPU of compute capability 8.0 takes (A100).

    PyTorch asks the GPU which it can run, and takes none for fake tensors. Flash attention if the type is a half and
    there is no mask, else the memory-efficient kernel, else the products. Source: sdp_utils.cpp, attention.cpp of ATen.
    """
    if torch.is_autocast_enabled("cuda"):
        dtype = torch.get_autocast_dtype("cuda")
        query, key, value = (each.to(dtype) for each in (query, key, value))
        attn_mask = attn_mask.to(dtype) if attn_mask is not None and attn_mask.is_floating_point() else attn_mask
    half, size = query.dtype in (torch.float16, torch.bfloat16), query.shape[-1]
    flash = half and attn_mask is None
    if enable_gqa or query.dim() != 4 or size > 256 or (not flash and size % (8 if half else 4)):
        return _products(query, key, value, attn_mask, dropout_p, is_causal, scale=scale, enable_gqa=enable_gqa)
    scale = size**-0.5 if scale is None else scale
    if flash:
        if size % 8:
            query, key, value = (pad(each, (0, 8 - size % 8)) for each in (query, key, value))
        found = torch.ops.aten._scaled_dot_product_flash_attention(
            query, key, value, dropout_p, is_causal, return_debug_mask=False, scale=scale
        )[0]
        return found[..., :size] if size % 8 else found
    if attn_mask is not None:
        if attn_mask.dtype == torch.bool:
            attn_mask = torch.zeros_like(attn_mask, dtype=query.dtype).masked_fill_(~attn_mask, -torch.inf)
        length = attn_mask.shape[-1]
        if any(stride % 16 for stride in attn_mask.stride()[:-1]):
            attn_mask = pad(attn_mask, (0, 16 - length % 16))[..., :length]
        attn_mask = attn_mask.expand(*query.shape[:-1], key.shape[-2])
    learns = torch.is_grad_enabled() and any(each.requires_grad for each in (query, key, value))
    return torch.ops.aten._scaled_dot_product_efficient_attention(
        query, key, value, attn_mask, learns, dropout_p, is_causal, scale=scale
    )[0]


_products = torch.nn.functional.scaled_dot_product_attention


def faked(model: nn.Module, device: str) -> nn.Module:
    """The model with fake tensors on a device for its parameters and buffers; a `FakeTensorMode` must be active."""
    made: dict[int, torch.Tensor] = {}

    def fake(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in made:
            empty = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=device)
            made[id(tensor)] = (
                nn.Parameter(empty, requires_grad=tensor.requires_grad) if isinstance(tensor, nn.Parameter) else empty
            )
        return made[id(tensor)]

    for module in model.modules():
        for tensors in (module._parameters, module._buffers):
            for name, tensor in tensors.items():
                tensors[name] = tensor if tensor is None else fake(tensor)  # type: ignore[assignment]
    return model


@contextmanager
def fake_tensors(device: str = "cpu") -> Generator[None]:
    """Tensors that are made in this block have sizes and no memory. On CUDA attention is fused."""
    with ExitStack() as stack:
        if device == "cuda":
            fake_cuda()
            stack.enter_context(patch.object(torch.nn.functional, "scaled_dot_product_attention", fused_attention))
        stack.enter_context(FakeTensorMode())
        yield


@cache
def fake_cuda() -> None:
    """Let the engine of autograd run on CUDA tensors without a GPU.

    What does that is compiled, which takes seconds. Raises
    RuntimeError for a build of PyTorch without CUDA.
    """
    if not torch.backends.cuda.is_built():
        raise RuntimeError("fake tensors on CUDA need a build of PyTorch with CUDA")
    place, source = Path(torch.__file__).parent, Path(__file__).parent / "benchmarks" / "no_gpu.cpp"
    with TemporaryDirectory() as folder:
        library = str(Path(folder) / "no_gpu.so")
        flags = ["-std=c++20", "-O1", "-shared", "-fPIC", f"-I{place / 'include'}", f"-L{place / 'lib'}"]
        subprocess.run(["g++", *flags, str(source), "-ltorch_cpu", "-lc10", "-o", library], check=True)  # noqa: S607
        ctypes.CDLL(library).no_gpu()
    torch._C._ensureCUDADeviceGuardSet()
