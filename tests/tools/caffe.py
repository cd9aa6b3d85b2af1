"""netscope's columns for networks written as Caffe prototxt from archcalc graphs, and for its own presets.

python caffe.py CHECKOUT, CHECKOUT being a copy of the repository dgschwend/netscope; its compiled script runs in Node.

A batch norm is Caffe's pair of BatchNorm and Scale, a gate a Scale of two inputs. Caffe's pools round their size up:
each gets the padding, at most its own, with which the size is that of the graph.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from archcalc.graph import Graph, Node, Op, Value
from archcalc.ops.sliding import sides

HERE = Path(__file__).parent
PRESETS = (
    "alexnet",
    "caffenet",
    "googlenet",
    "inceptionv3",
    "inceptionv4",
    "nin",
    "resnet-50",
    "resnet-152",
    "squeezenet",
    "squeezenet_v11",
    "vgg-16",
)


def main() -> None:
    checkout = Path(sys.argv[1])
    sys.path.append(str(HERE.parent))
    from op_examples import EXAMPLES, example_id
    from subjects import NETWORKS, graph_of

    ops = {example_id(each): attempt(lambda each=each: alone(each.op, each.shapes)) for each in EXAMPLES}
    networks = {name: attempt(lambda name=name: prototxt(graph_of(name))) for name in NETWORKS}
    presets = {name: (checkout / f"presets/{name}.prototxt").read_text() for name in PRESETS}
    commit = subprocess.run(
        ["git", "-C", checkout, "log", "-1", "--format=%h %as"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    answer = {
        "tool": {
            "version": f"commit {commit.stdout.strip()}",
            "python": platform.python_version(),
            "unit": "macc, comp, add, div, exp; activation and param in elements",
            "quantity": "macc",
        },
        "ops": {name: {"archcalc": found} for name, found in counted(checkout, ops).items()},
        "networks": {name: {"archcalc": found} for name, found in counted(checkout, networks).items()},
        "presets": {name: {"preset": found} for name, found in counted(checkout, presets).items()},
    }
    json.dump(answer, sys.stdout)


def attempt(write: Any) -> str | None:
    try:
        return write()
    except NotImplementedError:
        return None


def counted(checkout: Path, texts: dict[str, str | None]) -> dict[str, Any]:
    known = json.dumps({name: text for name, text in texts.items() if text is not None})
    run = subprocess.run(
        ["node", HERE / "netscope.js", checkout],  # noqa: S607
        input=known,
        capture_output=True,
        text=True,
        check=True,
    )
    answers = json.loads(run.stdout)
    return {name: answers.get(name, {"error": "a Caffe layer cannot say it"}) for name in texts}


def alone(op: Op, shapes: Any) -> str:
    """A network of the op alone; if it has several inputs, they are one input, where their shapes agree."""
    if len(set(shapes)) != 1 or len(shapes[0]) != 3 or op.kind == "concat":  # an input given twice is one to netscope
        raise NotImplementedError
    graph = Graph("one", shapes[0])
    return prototxt(graph.finish(op(*[Value(graph, 0, shape) for shape in shapes])))


def prototxt(graph: Graph) -> str:
    shape: Any = graph.nodes[0].shape
    text = f'name: "{graph.name}"\n' + layer("Input", "n0", [], "input_param", {"shape": {"dim": [1, *shape]}})
    for index, node in enumerate(graph.nodes[1:], 1):
        inputs = [f"n{source}" for source in node.inputs]
        shapes: Any = [graph.nodes[source].shape for source in node.inputs]
        for kind, suffix, key, fields in layers(node, shapes):
            name = f"n{index}{suffix}"
            text += layer(kind, name, inputs, key, fields)
            inputs = [name]
    return text


def layer(kind: str, name: str, inputs: list[str], key: str, fields: dict[str, Any]) -> str:
    bottoms = "".join(f' bottom: "{each}"' for each in inputs)
    details = f" {key} {{{written(fields)} }}" if fields else ""
    return f'layer {{ name: "{name}" type: "{kind}"{bottoms} top: "{name}"{details} }}\n'


def written(fields: dict[str, Any]) -> str:
    text = ""
    for name, value in fields.items():
        if isinstance(value, dict):
            text += f" {name} {{{written(value)} }}"
        else:
            text += "".join(f" {name}: {each}" for each in (value if isinstance(value, list) else [value]))
    return text


Layers = list[tuple[str, str, str, dict[str, Any]]]
"""Of each: type, suffix of the name, name of the parameters, parameters."""
PLAIN = {
    "relu": "ReLU",
    "relu6": "ReLU6",
    "dropout": "Dropout",
    "concat": "Concat",
    "softmax": "Softmax",
    "flatten": "Flatten",
    "sigmoid": "Sigmoid",
    "tanh": "TanH",
}


def layers(node: Node, shapes: Any) -> Layers:
    """The Caffe layers of an op."""
    op: Any = node.op
    if op.kind in PLAIN:
        return [(PLAIN[op.kind], "", "", {})]
    if op.kind in ("conv", "conv_transpose"):
        return convolution(op, shapes[0])
    if op.kind in ("max_pool", "avg_pool", "global_avg_pool", "adaptive_avg_pool"):
        return [("Pooling", "", "pooling_param", pooling(op, shapes[0], node.shape))]
    return others(op, shapes)


def others(op: Any, shapes: Any) -> Layers:
    found: Layers = []
    if op.kind == "linear" and len(shapes[0]) == 1:
        fields = {"num_output": op.out, "bias_term": "true" if op.bias else "false"}
        found = [("InnerProduct", "", "inner_product_param", fields)]
    elif op.kind == "batch_norm":
        found = [("BatchNorm", "_norm" if op.affine else "", "", {})]
        if op.affine:
            found.append(("Scale", "", "scale_param", {"bias_term": "true"}))
    elif op.kind == "multiply":
        gate = shapes[0] != shapes[1]
        found = [("Scale", "", "", {}) if gate else ("Eltwise", "", "eltwise_param", {"operation": "PROD"})]
    elif op.kind == "add":
        found = [("Eltwise", "", "eltwise_param", {"operation": "SUM"})]
    elif op.kind == "local_response_norm":
        found = [("LRN", "", "lrn_param", {"local_size": op.size})]
    if not found:
        raise NotImplementedError
    return found


def convolution(op: Any, x: Any) -> Layers:
    both = sides(op.kernel, op.stride, op.padding, op.dilation)
    pads = [side.pads(size) for side, size in zip(both, x[1:], strict=True)]
    if any(before != after for before, after in pads) or both[0].dilation != both[1].dilation:
        raise NotImplementedError
    if op.kind == "conv_transpose" and op.output_padding != 0:
        raise NotImplementedError
    fields = {
        "num_output": op.out,
        **of_sides(both, [before for before, _ in pads]),
        "group": op.groups,
        "dilation": both[0].dilation,
        "bias_term": "true" if op.bias else "false",
    }
    return [("Convolution" if op.kind == "conv" else "Deconvolution", "", "convolution_param", fields)]


def of_sides(both: Any, pads: list[int]) -> dict[str, int]:
    tall, wide = both
    return {
        "kernel_h": tall.kernel,
        "kernel_w": wide.kernel,
        "stride_h": tall.stride,
        "stride_w": wide.stride,
        "pad_h": pads[0],
        "pad_w": pads[1],
    }


def pooling(op: Any, x: Any, shape: Any) -> dict[str, Any]:
    kind = {"pool": "MAX" if op.kind == "max_pool" else "AVE"}
    if op.kind == "global_avg_pool":
        return kind | {"global_pooling": "true"}
    if op.kind == "adaptive_avg_pool":
        if any(size % out for size, out in zip(x[1:], shape[1:], strict=True)):
            raise NotImplementedError
        kernel = tuple(size // out for size, out in zip(x[1:], shape[1:], strict=True))
        return kind | of_sides(sides(kernel, kernel, 0), [0, 0])
    both = sides(op.kernel, op.stride, op.padding)
    pads: list[int] = []
    for side, size, out in zip(both, x[1:], shape[1:], strict=True):
        most = max(side.pads(size))
        fits = [pad for pad in range(most, -1, -1) if -(-(size + 2 * pad - side.kernel) // side.stride) + 1 == out]
        if not fits:
            raise NotImplementedError
        pads.append(fits[0])
    return kind | of_sides(both, pads)


if __name__ == "__main__":
    main()
