"""Traced programs of PyTorch written as `.pt2` files: the graph's JSON alone, as `torch.export.save` writes it.

Weights, sample inputs and stack traces stay out, so that a file is small and tells nothing of where it was made; and
sizes that `torch.export.save` cannot write, such as one rounded up, are written.
Source: the schema of torch/_export/serde/schema.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from archcalc.importers.exported import written
from archcalc.importers.holds import holds
from archcalc.importers.observing import Observation

LAYERS = "torch.nn.modules"
"""The package of PyTorch's own layers."""


def archive(
    torch: Any,
    program: Any,
    spelled: Mapping[str, str],
    noted: Mapping[str, Any],
    observation: Observation | None = None,
) -> bytes:
    """The file of an exported program as bytes.

    `spelled` says how calls are written, by the names that the trace gives them; `noted` are further entries of its
    JSON, and `observation` is a run of the module, from which the file says what its code holds.
    """
    content = {**_program(torch, program, spelled), **noted}
    held = None if observation is None else holds(written(content), observation)
    content |= {} if held is None else {"held": held}
    data = json.dumps(content, separators=(",", ":"))
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as made:
        made.writestr(ZipInfo("archcalc/models/model.json"), data, ZIP_DEFLATED)
    return target.getvalue()


def modules(module: Any) -> dict[str, Any]:
    """What tools that watch modules go by: the class of `torch.nn` that each class is or is derived from, if there is
    one, and the paths of the modules that hold others.
    """
    every: dict[str, Any] = dict(module.named_modules())
    kinds: dict[Any, None] = dict.fromkeys(map(type, every.values()))
    bases = {_class_name(kind): _base(kind) for kind in kinds}
    holders = [path for path, each in every.items() if next(each.children(), None) is not None]
    return {"bases": {name: base for name, base in bases.items() if base}, "holders": holders}


def _base(kind: type[Any]) -> str:
    """The first class of `torch.nn` in the order in which Python looks for methods, other than `Module` itself."""
    names = [_class_name(each) for each in kind.__mro__]
    return next((name for name in names if name.startswith(f"{LAYERS}.") and name != f"{LAYERS}.module.Module"), "")


def _program(torch: Any, program: Any, spelled: Mapping[str, str]) -> dict[str, Any]:
    tied = _tied(torch, program)
    return {
        "schema_version": {"major": 8, "minor": 0},
        "torch_version": torch.__version__,
        "guards_code": list(getattr(program, "_guards_code", ())),
        "graph_module": {
            "graph": _GraphWriter(torch, program.graph_module, tied, spelled).graph(),
            "signature": _signature(program, tied),
        },
    }


def _tied(torch: Any, program: Any) -> dict[str, str]:
    """For each tensor that the model keeps under two names, the first of them, by which calls name it."""
    first: dict[Any, str] = {}
    kept: Any
    tied: dict[str, str] = {}
    for spec in program.graph_signature.input_specs:
        kept = program.state_dict.get(spec.target) if spec.target is not None else None
        if isinstance(kept, torch.Tensor):
            key = (kept.untyped_storage()._cdata, kept.storage_offset(), tuple(kept.shape))  # noqa: SLF001
            tied[spec.arg.name] = first.setdefault(key, spec.arg.name)
    return {name: other for name, other in tied.items() if name != other}


def _signature(program: Any, tied: Mapping[str, str]) -> dict[str, Any]:
    keys = {"PARAMETER": ("parameter", "parameter_name"), "BUFFER": ("buffer", "buffer_name")}
    inputs: list[Any] = []
    for spec in program.graph_signature.input_specs:
        kind = spec.kind.name
        if getattr(spec.arg, "name", "") in tied:
            continue
        if kind == "USER_INPUT":
            arg = {"as_tensor": {"name": spec.arg.name}} if type(spec.arg).__name__ == "TensorArgument" else {}
            inputs.append({"user_input": {"arg": arg}})
        else:
            key, field = keys.get(kind, ("tensor_constant", "tensor_constant_name"))
            inputs.append({key: {"arg": {"name": spec.arg.name}, field: spec.target}})
    outputs = [
        {"user_output": {"arg": {"as_tensor": {"name": spec.arg.name}}}}
        for spec in program.graph_signature.output_specs
        if spec.kind.name == "USER_OUTPUT" and type(spec.arg).__name__ == "TensorArgument"
    ]
    return {"input_specs": inputs, "output_specs": outputs}


class _GraphWriter:
    """Writes one graph as data: that of a program, or a sub-graph of it."""

    def __init__(self, torch: Any, module: Any, tied: Mapping[str, str], spelled: Mapping[str, str]) -> None:
        self.torch = torch
        self.module = module
        self.tied = tied
        self.spelled = spelled

    def graph(self) -> dict[str, Any]:
        nodes = list(self.module.graph.nodes)
        tensors = {
            node.name: self.tensor(value)
            for node in nodes
            if isinstance(value := node.meta.get("val"), self.torch.Tensor)
        }
        return {
            "nodes": [call for node in nodes if node.op == "call_function" for call in self.calls(node)],
            "tensor_values": tensors,
            "sym_int_values": {},
        }

    def inner(self) -> dict[str, Any]:
        """A sub-graph, which has no signature that names its inputs and outputs."""
        nodes = list(self.module.graph.nodes)
        inputs = [self.argument(node) for node in nodes if node.op == "placeholder"]
        outputs = [self.argument(each) for node in nodes if node.op == "output" for each in _items(node.args[0])]
        return {"inputs": inputs, "outputs": outputs, **self.graph()}

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
        target = node.target
        if not _holds_tensor(self.torch, value) or _is_part(node):
            return
        schema = getattr(target, "_schema", None)
        names = [argument.name for argument in schema.arguments] if schema is not None else []
        given = [*zip(names or [""] * len(node.args), node.args, strict=False)]
        stack: Any = node.meta.get("nn_module_stack") or {}
        shown = ";".join([f"{key},{path},{_class_name(kind)}" for key, (path, kind) in stack.items()])
        of_graphs = isinstance(target, self.torch._ops.HigherOrderOperator)  # noqa: SLF001 - no public name
        name = f"higher_order.{target.name()}" if of_graphs else target if schema is not None else target.__name__
        yield {
            "target": f"torch.ops.{name}",
            "inputs": [{"name": key, "arg": self.argument(each)} for key, each in (*given, *node.kwargs.items())],
            "outputs": self.outputs(node, value),
            "metadata": {"nn_module_stack": shown, "torch_fn": self.function(node)},
        }

    def function(self, node: Any) -> str:
        """The function by which a node is called: `relu_1;function.relu`."""
        name, function = node.meta.get("torch_fn") or ("", "")
        if function.startswith("method_descriptor."):
            function = self.spelled.get(name, function)
        return f"{name};{function}"

    def outputs(self, node: Any, value: Any) -> list[Any]:
        if isinstance(value, self.torch.Tensor):
            return [{"as_tensor": {"name": node.name}}]
        names = [""] * len(value)
        for user in node.users:
            if _is_part(user) and user.args[0] is node:
                place = user.args[1]
                if names[place]:
                    continue  # taken twice: the second is replaced below
                names[place] = user.name
        return [{"as_tensors": [{"name": name} for name in names]}]

    def argument(self, value: Any) -> Any:  # noqa: PLR0911 - one for each kind of argument
        torch = self.torch
        if isinstance(value, torch.fx.Node):
            return self.of_node(value)
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

    def of_node(self, node: Any) -> Any:
        """An argument that is what another node gives: a tensor, a size, or a sub-graph."""
        made = node.meta.get("val")
        if isinstance(made, self.torch.Tensor):
            return {"as_tensor": {"name": self.first(node)}}
        inner = getattr(self.module, node.target, None) if node.op == "get_attr" else None
        if isinstance(inner, self.torch.fx.GraphModule):
            graph = _GraphWriter(self.torch, inner, {}, self.spelled).inner()
            return {"as_graph": {"name": node.target, "graph": graph}}
        return self.sized(made)

    def first(self, node: Any) -> str:
        """The name of a tensor; of an output that is taken twice, that of the first time."""
        if _is_part(node):
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


def _is_part(node: Any) -> bool:
    """Return True for a node that takes one of several outputs of another node."""
    target = node.target
    return getattr(target, "__name__", "") == "getitem" and not hasattr(target, "_schema")


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
