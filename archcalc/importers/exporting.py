"""PyTorch models written as exported programs: the part that needs PyTorch, and that runs a model's code on no data.

The model is traced by `torch.export` without decomposition, on tensors without memory. Batch, height and width are
symbols where the model allows it: first all of them are tried, then the batch alone, then one size.
"""

from __future__ import annotations

import dis
import inspect
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
from archcalc.importers.observing import Observation, observe
from archcalc.importers.writing import archive, modules

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
            program, spelled, notes = _attempts(torch, module, inputs, patience)
            observation = _observed(torch, module, inputs, patience)
    finally:
        module.train(was_training)
    noted = {"notes": notes, "parameters": dict(parameters or {}), **modules(module)}
    return archive(torch, program, spelled, noted, observation)


def keep_compiled_ops_out() -> None:
    """Make torchvision importable with a CPU build of PyTorch.

    Its wheel is built for CUDA, without which its own operators (nms ...) cannot be registered. The classification
    models do not need them.
    """
    torch = need("torch", "a PyTorch model", extra="import")
    if not torch.cuda.is_available():
        sys.modules.setdefault("torchvision._meta_registrations", ModuleType("torchvision._meta_registrations"))


def _attempts(torch: Any, module: Any, inputs: Any, patience: float) -> tuple[Any, Mapping[str, str], list[str]]:
    auto = torch.export.Dim.AUTO
    everything, batch = dict.fromkeys(range(6), auto), {0: auto}
    reasons: list[str] = []
    for axes, note, seconds in ((everything, "", patience), (batch, FIXED, 4 * patience), ({}, FIXED_BATCH, 600.0)):
        try:
            with _limit(seconds):
                program, spelled = _of_one(torch, module, inputs, axes, *_traced(torch, module, inputs, axes))
                return program, spelled, [note] if note else []
        except TooLong:
            reasons.append(f"no answer within {seconds:.0f} s")
        except Exception as error:  # noqa: BLE001 - whatever a model's code raises
            reasons.append(_reason(error))
    raise ArchcalcError(f"torch.export cannot trace it ({reasons[-1][:400]})", about="name")


def _observed(torch: Any, module: Any, inputs: Any, seconds: float) -> Observation | None:
    """A run of the module to see what its code holds; None if it fails or takes too long."""
    given: Any = inputs
    named: dict[str, Any] = dict(given) if isinstance(inputs, Mapping) else {}
    args: tuple[Any, ...] = () if named else tuple(given)
    try:
        with _limit(seconds):
            return observe(torch, module, args, named)
    except TooLong:
        return None


def _reason(error: Exception) -> str:
    """Why a model cannot be traced, in a line: with the line of its code if what it does depends on values."""
    text = str(error).strip()
    place = re.search(r'The following call raised this error:\n +File "(.*)", line (\d+), in .*\n +(.*)', text)
    if "data-dependent" in text and place is not None:
        where = f"{Path(place[1]).name}, line {place[2]}: {place[3].strip()}"
        return f"what it computes depends on the values of its input, which no trace follows: {where}"
    return f"{type(error).__name__}: {text.splitlines()[0] if text else ''}"


def _traced(torch: Any, module: Any, inputs: Any, axes: Mapping[int, Any]) -> tuple[Any, dict[str, str]]:
    """The program, with symbols for some axes of all inputs; without any, for a batch of one. And how its sums and
    products are written.
    """
    given: Any = inputs
    named: dict[str, Any] = dict(given) if isinstance(inputs, Mapping) else {}
    args: tuple[Any, ...] = () if named else tuple(given)
    tree: Any = torch.utils._pytree  # noqa: SLF001 - PyTorch names it so in its own documentation
    if not axes:
        args, named = tree.tree_map_only(torch.Tensor, _first, (args, named))
        with _spelling(torch) as spelled:
            return torch.export.export(module, args, named, strict=False), spelled
    shapes = torch.export.ShapesCollection()
    for value in tree.tree_leaves((args, named)):
        if isinstance(value, torch.Tensor):
            shapes[value] = {axis: kind for axis, kind in axes.items() if axis < value.dim()}
    with _spelling(torch) as spelled:
        return torch.export.export(module, args, named, dynamic_shapes=shapes, strict=False), spelled


OPERATORS = frozenset({"add", "mul", "matmul"})
"""Methods of tensors that `+`, `*` and `@` call: PyTorch's trace does not say which of the two a model writes."""


@contextmanager
def _spelling(torch: Any) -> Generator[dict[str, str]]:
    """How a trace's calls of `OPERATORS` are written, by the names that the trace gives them: `mul_1` as `operator.mul`
    for `x * y`, as `method.mul` for `x.mul(y)`. It is read from the instruction at which the model's code stands.
    """
    found: dict[str, str] = {}

    class Spelling(torch.overrides.TorchFunctionMode):
        """Notes calls, and changes nothing."""

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = getattr(func, "__name__", "")
            if name in OPERATORS and type(func).__name__ == "method_descriptor":
                _note(found, func, name)
            return func(*args, **(kwargs or {}))

    with Spelling():
        yield found


def _note(found: dict[str, str], func: Any, name: str) -> None:
    """Note how the code that a call comes from writes it, under the name that the tracer gives the call."""
    frame: Any = inspect.currentframe()
    frame = frame.f_back.f_back
    tracer: Any = None
    while frame is not None and frame.f_code.co_name == "__torch_function__":
        tracer = getattr(frame.f_locals.get("self"), "tracer", tracer)
        frame = frame.f_back
    count = getattr(tracer, "torch_fn_counts", {}).get(func)
    if frame is not None and count is not None:
        code: bytes = frame.f_code.co_code
        place: int = frame.f_lasti
        instruction = dis.opname[code[place]]
        kind = "operator" if instruction.startswith("BINARY_") else "method" if "CALL" in instruction else ""
        if kind:
            found[f"{name}_{count}"] = f"{kind}.{name}"


def _of_one(
    torch: Any, module: Any, inputs: Any, axes: Mapping[int, Any], program: Any, spelled: dict[str, str]
) -> tuple[Any, dict[str, str]]:
    """The program again for a batch of one, if the module fixes the batch; as it is if it cannot be traced for one."""
    signature = program.graph_signature
    first = next(node for node in program.graph.nodes if node.name in signature.user_inputs)
    value = first.meta.get("val")
    if not isinstance(value, torch.Tensor) or not value.dim() or not _is_fixed(value.shape[0]) or value.shape[0] == 1:
        return program, spelled
    one = torch.utils._pytree.tree_map_only(torch.Tensor, _first, inputs)  # noqa: SLF001
    others = {axis: kind for axis, kind in axes.items() if axis}
    try:
        return _traced(torch, module, one, others)
    except Exception:  # noqa: BLE001 - whatever a model's code raises
        return program, spelled


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
