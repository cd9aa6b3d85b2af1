"""PyTorch models written as exported programs: the part that needs PyTorch, and that runs a model's code on no data.

The model is traced by `torch.export` without decomposition, on tensors without memory. Batch, height and width are
symbols where the model allows it: first all of them are tried, then the batch alone, then one size.
"""

from __future__ import annotations

import re
import signal
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need
from archcalc.importers.writing import archive

PATIENCE = 20.0
"""Seconds of a processor for an attempt with symbols for height and width, before the batch alone is tried."""
FIXED = "height and width are fixed"
FIXED_BATCH = "all sizes are fixed, the batch too"


class TooLong(Exception):
    """An attempt that takes too long."""


def export(
    module: Any,
    inputs: Sequence[Any] | Mapping[str, Any],
    patience: float = PATIENCE,
    parameters: Mapping[str, Any] | None = None,
) -> bytes:
    """The exported program of a module in evaluation mode, as the bytes of a `.pt2` file.

    `parameters` are the arguments of its factory with their defaults, which are noted in the file.

    `inputs` are the arguments of its `forward`, by place or by name: tensors, on whatever device the module is; only
    their shapes and types matter, and their first axis is the batch. Raises ArchcalcError, with PyTorch's reason, for a
    model that cannot be traced.
    """
    torch = need("torch", "a PyTorch model", extra="import")

    was_training = module.training
    module.eval()
    try:
        with _quiet(torch):
            program, notes = _attempts(torch, module, inputs, patience)
    finally:
        module.train(was_training)
    return archive(torch, program, {"notes": notes, "parameters": dict(parameters or {})})


def keep_compiled_ops_out() -> None:
    """Make torchvision importable with a CPU build of PyTorch.

    Its wheel is built for CUDA, without which its own operators (nms ...) cannot be registered. The classification
    models do not need them.
    """
    torch = need("torch", "a PyTorch model", extra="import")
    if not torch.cuda.is_available():
        sys.modules.setdefault("torchvision._meta_registrations", ModuleType("torchvision._meta_registrations"))


def _attempts(torch: Any, module: Any, inputs: Any, patience: float) -> tuple[Any, list[str]]:
    auto = torch.export.Dim.AUTO
    everything, batch = dict.fromkeys(range(6), auto), {0: auto}
    reasons: list[str] = []
    for axes, note, seconds in ((everything, "", patience), (batch, FIXED, 4 * patience), ({}, FIXED_BATCH, 600.0)):
        try:
            with _limit(seconds):
                program = _traced(torch, module, inputs, axes)
                return _of_one(torch, module, inputs, axes, program), [note] if note else []
        except TooLong:
            reasons.append(f"no answer within {seconds:.0f} s")
        except Exception as error:  # noqa: BLE001 - whatever a model's code raises
            reasons.append(_reason(error))
    raise ArchcalcError(f"torch.export cannot trace it ({reasons[-1][:400]})", about="name")


def _reason(error: Exception) -> str:
    """Why a model cannot be traced, in a line: with the line of its code if what it does depends on values."""
    text = str(error).strip()
    place = re.search(r'The following call raised this error:\n +File "(.*)", line (\d+), in .*\n +(.*)', text)
    if "data-dependent" in text and place is not None:
        where = f"{Path(place[1]).name}, line {place[2]}: {place[3].strip()}"
        return f"what it computes depends on the values of its input, which no trace follows: {where}"
    return f"{type(error).__name__}: {text.splitlines()[0] if text else ''}"


def _traced(torch: Any, module: Any, inputs: Any, axes: Mapping[int, Any]) -> Any:
    """The program, with symbols for some axes of all inputs; without any, for a batch of one."""
    given: Any = inputs
    named: dict[str, Any] = dict(given) if isinstance(inputs, Mapping) else {}
    args: tuple[Any, ...] = () if named else tuple(given)
    tree: Any = torch.utils._pytree  # noqa: SLF001 - PyTorch names it so in its own documentation
    if not axes:
        args, named = tree.tree_map_only(torch.Tensor, _first, (args, named))
        return torch.export.export(module, args, named, strict=False)
    shapes = torch.export.ShapesCollection()
    for value in tree.tree_leaves((args, named)):
        if isinstance(value, torch.Tensor):
            shapes[value] = {axis: kind for axis, kind in axes.items() if axis < value.dim()}
    return torch.export.export(module, args, named, dynamic_shapes=shapes, strict=False)


def _of_one(torch: Any, module: Any, inputs: Any, axes: Mapping[int, Any], program: Any) -> Any:
    """The program again for a batch of one, if the module fixes the batch; as it is if it cannot be traced for one."""
    signature = program.graph_signature
    first = next(node for node in program.graph.nodes if node.name in signature.user_inputs)
    value = first.meta.get("val")
    if not isinstance(value, torch.Tensor) or not value.dim() or not _is_fixed(value.shape[0]) or value.shape[0] == 1:
        return program
    one = torch.utils._pytree.tree_map_only(torch.Tensor, _first, inputs)  # noqa: SLF001
    others = {axis: kind for axis, kind in axes.items() if axis}
    try:
        return _traced(torch, module, one, others)
    except Exception:  # noqa: BLE001 - whatever a model's code raises
        return program


def _is_fixed(size: Any) -> bool:
    """Return True if a size has no symbols."""
    return isinstance(size, int) or not size.node.expr.free_symbols


def _first(tensor: Any) -> Any:
    return tensor[:1] if tensor.dim() else tensor


@contextmanager
def _limit(seconds: float) -> Generator[None]:
    """Raise TooLong after some seconds of a processor, in the main thread of a system that can."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: Any) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def _quiet(torch: Any) -> Generator[None]:
    """No warnings of PyTorch's about sizes that it cannot solve, and no gradients."""
    import logging
    import warnings

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
