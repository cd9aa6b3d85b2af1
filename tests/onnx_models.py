"""Small ONNX models for tests, built by `onnx.helper`, and public ones that are kept without their weights."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

KEPT = Path(__file__).parent / "data" / "onnx"
LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
"""Third-party models inside the onnx package, whose weights are filled with a number."""

Sizes = Sequence[Any]


def kept(name: str) -> bytes:
    """A public model that PyTorch wrote, its weights and the sizes between taken out."""
    return gzip.decompress((KEPT / f"{name}.onnx.gz").read_bytes())


def weight(name: str, *dims: int, kind: int = TensorProto.FLOAT) -> onnx.TensorProto:
    """A stored tensor without its values."""
    return onnx.TensorProto(name=name, dims=dims, data_type=kind)


def whole(name: str, *values: int) -> onnx.TensorProto:
    """A stored tensor of whole numbers."""
    return helper.make_tensor(name, TensorProto.INT64, [len(values)], values)


def single(name: str, value: float, kind: int = TensorProto.FLOAT) -> onnx.TensorProto:
    """A stored number."""
    return helper.make_tensor(name, kind, [], [value])


def node(operator: str, inputs: str, outputs: str, name: str = "", **attributes: Any) -> onnx.NodeProto:
    """A node; names of inputs and outputs are parted by blanks, `-` for one that is left out."""
    given = ["" if each == "-" else each for each in inputs.split()]
    return helper.make_node(operator, given, outputs.split(), name=name, **attributes)


def graph(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Sizes | None],
    outputs: Sequence[str] = ("y",),
    stored: Sequence[onnx.TensorProto] = (),
    between: Mapping[str, Sizes] | None = None,
    kind: int = TensorProto.FLOAT,
) -> onnx.GraphProto:
    """A graph; what is said of sizes `between` is said of outputs too."""
    known = dict(between or {})
    return helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info(name, kind, sizes) for name, sizes in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, known.pop(name, None)) for name in outputs],
        list(stored),
        value_info=[helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes) for name, sizes in known.items()],
    )


def model(*given: Any, opset: int = 21, functions: Sequence[onnx.FunctionProto] = (), **more: Any) -> bytes:
    """The bytes of a model; arguments are those of `graph`."""
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1), helper.make_opsetid("own", 1)]
    made = helper.make_model(graph(*given, **more), opset_imports=opsets, functions=list(functions))
    return made.SerializeToString()
