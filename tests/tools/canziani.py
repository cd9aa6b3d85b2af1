"""Canziani et al.'s counter (apaszke/torch-opCounter) on archcalc graphs: its Lua code, run on stand-ins for modules.

python canziani.py CHECKOUT, in an environment with lupa. `src/profiler.lua` reads nothing of a network but the classes
and fields of its modules and the sizes of their inputs; those are made here as Torch 7 has them, so no Torch 7 is
needed. Option `-MACs` is off, as by default: a multiply-accumulate is two operations.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from lupa.lua51 import LuaError, LuaRuntime

from archcalc.graph import Graph
from archcalc.ops.sliding import sides

STAND_INS = """
opt = { MACs = false }
torch = { type = function(value) return value.class or 'table' end }
function tensor(sizes)
    local self = { class = 'torch.FloatTensor' }
    function self:dim() return #sizes end
    function self:size(axis) return sizes[axis] end
    function self:nElement()
        local product = 1
        for _, size in ipairs(sizes) do product = product * size end
        return product
    end
    return self
end
"""


def main() -> None:
    checkout = Path(sys.argv[1])
    sys.path.append(str(Path(__file__).parents[1]))
    from op_examples import EXAMPLES, example_id
    from subjects import NETWORKS, graph_of

    lua: Any = LuaRuntime()
    lua.execute(STAND_INS)
    lua.execute((checkout / "src/profiler.lua").read_text())
    answer: dict[str, Any] = {
        "tool": {"version": "commit e610ceb 2017-11-16", "unit": "Ops, two a multiply-accumulate", "quantity": "ops"},
        "ops": {},
        "networks": {},
    }
    for each in EXAMPLES:
        answer["ops"][example_id(each)] = {"archcalc": alone(lua, each.op, each.shapes)}
    for name in NETWORKS:
        answer["networks"][name] = {"archcalc": counted(lua, graph_of(name))}
    json.dump(answer, sys.stdout)


def alone(lua: Any, op: Any, shapes: Any) -> dict[str, Any]:
    try:
        return {"ops": one(lua, op, shapes, op.shape(*shapes))}
    except (LuaError, NotImplementedError) as error:
        return said(error)


def counted(lua: Any, graph: Graph) -> dict[str, Any]:
    by: Counter[str] = Counter()
    try:
        for node in graph.nodes[1:]:
            shapes: Any = [graph.nodes[source].shape for source in node.inputs]
            by[node.op.kind] += one(lua, node.op, shapes, node.shape)
    except (LuaError, NotImplementedError) as error:
        return said(error)
    return {"ops": by.total(), "by": {kind: by[kind] for kind in sorted(by) if by[kind]}}


def said(error: Exception) -> dict[str, str]:
    line = str(error).splitlines()[0].rpartition("]:")[2]
    return {"error": line.partition(" ")[2] if line[:1].isdigit() else line}


def one(lua: Any, op: Any, shapes: Any, out: Any) -> int:
    """What the counter says of one module on one input."""
    kind, fields = module(op, shapes[0], out)
    table = lua.table_from({"class": kind})
    for name, value in fields.items():
        table[name] = lua.globals().tensor(lua.table_from(value)) if isinstance(value, list) else value
    inputs = [lua.globals().tensor(lua.table_from([1, *shape])) for shape in shapes]
    value = inputs[0] if len(inputs) == 1 else lua.table_from(inputs)
    handler = lua.globals().module_handlers[kind]
    if handler is None:
        raise NotImplementedError(f"No handler for module {kind}!")
    return int(handler(table, value))


PLAIN = {
    "relu": "nn.ReLU",
    "relu6": "nn.ReLU6",
    "sigmoid": "nn.Sigmoid",
    "tanh": "nn.Tanh",
    "batch_norm": "nn.SpatialBatchNormalization",
    "add": "nn.CAddTable",
    "multiply": "nn.CMulTable",
    "concat": "nn.JoinTable",
    "dropout": "nn.Dropout",
    "flatten": "nn.View",
    "softmax": "nn.SpatialSoftMax",
    "local_response_norm": "nn.SpatialCrossMapLRN",
    "zero_pad": "nn.SpatialZeroPadding",
}


def module(op: Any, x: Any, out: Any) -> tuple[str, dict[str, Any]]:
    """The Torch 7 module of an op: its class and fields, tensors as their sizes."""
    if op.kind in PLAIN:
        kind = PLAIN[op.kind]
        return ("nn.SoftMax" if op.kind == "softmax" and len(x) == 1 else kind), {}
    if op.kind == "linear" and len(x) == 1:
        return "nn.Linear", {"weight": [op.out, x[-1]]} | ({"bias": [op.out]} if op.bias else {})
    if op.kind in ("conv", "conv_transpose"):
        both = sides(op.kernel, op.stride, op.padding, op.dilation)
        fields = window(both, x) | {"nInputPlane": x[0], "nOutputPlane": op.out, "groups": op.groups}
        if op.bias:
            fields["bias"] = [op.out]
        if op.kind == "conv":
            dilated = any(side.dilation > 1 for side in both)
            return "nn.SpatialDilatedConvolution" if dilated else "nn.SpatialConvolution", fields
        return "nn.SpatialFullConvolution", fields | {"adjW": 0, "adjH": 0}
    if op.kind in ("max_pool", "avg_pool"):
        both = sides(op.kernel, op.stride, op.padding)
        return "nn.SpatialMaxPooling" if op.kind == "max_pool" else "nn.SpatialAveragePooling", window(both, x)
    if op.kind in ("global_avg_pool", "adaptive_avg_pool"):
        if any(size % to for size, to in zip(x[1:], out[1:], strict=True)):
            raise NotImplementedError("No Torch 7 module says it")
        kernel = (x[1] // out[1], x[2] // out[2])
        return "nn.SpatialAveragePooling", window(sides(kernel, kernel, 0), x)
    raise NotImplementedError("No Torch 7 module says it")


def window(both: Any, x: Any) -> dict[str, Any]:
    pads = [side.pads(size) for side, size in zip(both, x[1:], strict=True)]
    if any(before != after for before, after in pads):
        raise NotImplementedError("No Torch 7 module says it")
    tall, wide = both
    return {
        "kH": tall.kernel,
        "kW": wide.kernel,
        "dH": tall.stride,
        "dW": wide.stride,
        "padH": pads[0][0],
        "padW": pads[1][0],
    }


if __name__ == "__main__":
    main()
