"""PyTorch models written as exported programs: the part that needs PyTorch, and that runs a model's code on no data.

The model is traced by `torch.export` without decomposition, on tensors without memory. Batch, height and width are
symbols where the model allows it: first all of them are tried, then the batch alone, then one size. What is written is
the graph's JSON as `torch.export.save` writes it, without weights, sample inputs and stack traces.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from types import ModuleType
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import need

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
    return _archive(torch, program, {"notes": notes, "parameters": dict(parameters or {})})


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
            reasons.append(
                f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
            )
    raise ArchcalcError(f"torch.export cannot trace it ({reasons[-1][:400]})", about="name")


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


# ---- writing: the schema of torch/_export/serde/schema.py


def _archive(torch: Any, program: Any, noted: Mapping[str, Any]) -> bytes:
    data = json.dumps({**_ProgramWriter(torch, program).program(), **noted}, separators=(",", ":"))
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.writestr(ZipInfo("archcalc/models/model.json"), data, ZIP_DEFLATED)
    return target.getvalue()


class _ProgramWriter:
    """Writes one program as data."""

    def __init__(self, torch: Any, program: Any) -> None:
        self.torch = torch
        self.given = program
        self.integers: dict[str, Any] = {}
        self.tied = self._tied()

    def _tied(self) -> dict[str, str]:
        """For each tensor that the model keeps under two names, the first of them, by which calls name it."""
        first: dict[Any, str] = {}
        kept: Any
        tied: dict[str, str] = {}
        for spec in self.given.graph_signature.input_specs:
            kept = self.given.state_dict.get(spec.target) if spec.target is not None else None
            if isinstance(kept, self.torch.Tensor):
                key = (kept.untyped_storage()._cdata, kept.storage_offset(), tuple(kept.shape))  # noqa: SLF001
                tied[spec.arg.name] = first.setdefault(key, spec.arg.name)
        return {name: other for name, other in tied.items() if name != other}

    def program(self) -> dict[str, Any]:
        nodes = list(self.given.graph.nodes)
        calls = [call for node in nodes if node.op == "call_function" for call in self.calls(node)]
        tensors = {
            node.name: self.tensor(value)
            for node in nodes
            if isinstance(value := node.meta.get("val"), self.torch.Tensor)
        }
        return {
            "schema_version": {"major": 8, "minor": 0},
            "torch_version": self.torch.__version__,
            "guards_code": list(getattr(self.given, "_guards_code", ())),
            "graph_module": {
                "graph": {"nodes": calls, "tensor_values": tensors, "sym_int_values": self.integers},
                "signature": self.signature(),
            },
        }

    def signature(self) -> dict[str, Any]:
        keys = {"PARAMETER": ("parameter", "parameter_name"), "BUFFER": ("buffer", "buffer_name")}
        inputs: list[Any] = []
        for spec in self.given.graph_signature.input_specs:
            kind = spec.kind.name
            if getattr(spec.arg, "name", "") in self.tied:
                continue
            if kind == "USER_INPUT":
                arg = {"as_tensor": {"name": spec.arg.name}} if type(spec.arg).__name__ == "TensorArgument" else {}
                inputs.append({"user_input": {"arg": arg}})
            else:
                key, field = keys.get(kind, ("tensor_constant", "tensor_constant_name"))
                inputs.append({key: {"arg": {"name": spec.arg.name}, field: spec.target}})
        outputs = [
            {"user_output": {"arg": {"as_tensor": {"name": spec.arg.name}}}}
            for spec in self.given.graph_signature.output_specs
            if spec.kind.name == "USER_OUTPUT" and type(spec.arg).__name__ == "TensorArgument"
        ]
        return {"input_specs": inputs, "output_specs": outputs}

    def tensor(self, value: Any) -> dict[str, Any]:
        sparse = value.layout is not self.torch.strided
        return {
            "dtype": 7 if value.dtype.is_floating_point or value.dtype.is_complex else 5,
            "sizes": [self.size(size) for size in value.shape],
            "strides": [] if sparse else [self.size(size) for size in value.stride()],
        }

    def size(self, size: Any) -> dict[str, Any]:
        if isinstance(size, int):
            return {"as_int": size}
        import sympy

        hint = size.node.hint if size.node.has_hint() else None
        hinted = {"as_int": int(hint)} if isinstance(hint, int) else None
        return {"as_expr": {"expr_str": sympy.srepr(size.node.expr), "hint": hinted}}

    def calls(self, node: Any) -> Iterator[dict[str, Any]]:
        """A node as a call; none for one that takes a part of another's outputs, or computes a size."""
        value = node.meta.get("val")
        if not _holds_tensor(self.torch, value):
            return
        target = node.target
        if getattr(target, "__name__", "") == "getitem" and not hasattr(target, "_schema"):
            return
        schema = getattr(target, "_schema", None)
        names = [argument.name for argument in schema.arguments] if schema is not None else []
        given = [*zip(names or [f"argument{place}" for place in range(len(node.args))], node.args, strict=False)]
        stack: Any = node.meta.get("nn_module_stack") or {}
        shown = ";".join([f"{key},{path},{_class_name(kind)}" for key, (path, kind) in stack.items()])
        yield {
            "target": f"torch.ops.{target}" if schema is not None else str(getattr(target, "__name__", target)),
            "inputs": [{"name": key, "arg": self.argument(each)} for key, each in (*given, *node.kwargs.items())],
            "outputs": self.outputs(node, value),
            "metadata": {"nn_module_stack": shown},
        }

    def outputs(self, node: Any, value: Any) -> list[Any]:
        if isinstance(value, self.torch.Tensor):
            return [{"as_tensor": {"name": node.name}}]
        names = [""] * len(value)
        for user in node.users:
            if getattr(user.target, "__name__", "") == "getitem" and user.args[0] is node:
                place = user.args[1]
                if names[place]:
                    continue  # taken twice: the second is replaced below
                names[place] = user.name
        return [{"as_tensors": [{"name": name} for name in names]}]

    def argument(self, value: Any) -> Any:  # noqa: PLR0911 - one for each kind of argument
        torch = self.torch
        if isinstance(value, torch.fx.Node):
            made = value.meta.get("val")
            if isinstance(made, torch.Tensor):
                return {"as_tensor": {"name": self.first(value)}}
            return self.sized(made)
        match value:
            case None:
                return {"as_none": True}
            case bool():
                return {"as_bool": value}
            case int():
                return {"as_int": value}
            case float():
                return {"as_float": value}
            case str():
                return {"as_string": value}
            case list() | tuple():
                return {"as_list": [self.argument(each) for each in _items(value)]}
            case _:
                return {"as_string": str(value)}

    def first(self, node: Any) -> str:
        """The name of a tensor; of an output that is taken twice, that of the first time."""
        if getattr(node.target, "__name__", "") == "getitem" and isinstance(node.args[0], torch_node(self.torch)):
            for user in node.args[0].users:
                if user.args[1:] == node.args[1:] and user.target is node.target:
                    return user.name
        name: str = node.name
        return self.tied.get(name, name)

    def sized(self, value: Any) -> Any:
        if isinstance(value, (bool, int, float)):
            return self.argument(value)
        if isinstance(value, (self.torch.SymInt, self.torch.SymFloat)):
            import sympy

            library: Any = sympy
            return {"as_sym_int": {"as_expr": {"expr_str": library.srepr(value.node.expr)}}}
        return {"as_string": type(value).__name__}


def torch_node(torch: Any) -> Any:
    """The class of a node of a traced graph."""
    return torch.fx.Node


def _holds_tensor(torch: Any, value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return True
    return any([isinstance(each, torch.Tensor) for each in _items(value)])


def _items(value: Any) -> list[Any]:
    """The members of a list or tuple; none of anything else."""
    several: Any = value
    return list(several) if isinstance(value, (list, tuple)) else []


def _class_name(kind: Any) -> str:
    return kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
