"""A second account (see archcalc/validation/accounts) from a Caffe model definition: FILE.prototxt SOURCE.

    python tests/tools/caffe_account.py deploy.prototxt "models/bvlc_alexnet/deploy.prototxt of github.com/BVLC/caffe"

It reads the text format of protocol buffers as far as such files use it. Dropout, softmax, labels and losses are left
out: they compute nothing that is counted.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

KINDS = {"ReLU": "relu", "BatchNorm": "batch_norm", "Concat": "concat", "Eltwise": "add"}
PASSED = ("Dropout", "Scale")
"""Layers whose result is what they read: Caffe's batch norm is scaled by a layer of its own."""
LEFT_OUT = ("Softmax", "SoftmaxWithLoss", "Accuracy", "Split")


def parse(text: str) -> dict[str, list[Any]]:
    """A message: for each field its values, which are texts or messages."""
    tokens = re.findall(r'"[^"]*"|[{}]|[^\s{}:]+', re.sub(r"#.*", "", text))[::-1]

    def message() -> dict[str, list[Any]]:
        fields: dict[str, list[Any]] = {}
        while tokens and tokens[-1] != "}":
            name, value = tokens.pop(), tokens.pop()
            if value == "{":
                fields.setdefault(name, []).append(message())
                tokens.pop()
            else:
                fields.setdefault(name, []).append(value.strip('"'))
        return fields

    return message()


def lines(net: dict[str, list[Any]], size: str) -> list[str]:
    """The lines of an account. What is done in place gets the name of the layer."""
    said = [f"data input - size={size}"]
    last: dict[str, str] = {}
    for layer in net["layer"]:
        kind, name = layer["type"][0], layer["name"][0].replace("/", ".")
        sources = ",".join([last[blob] for blob in layer.get("bottom", []) if blob in last])
        if kind in ("Data", "Input"):
            last[layer["top"][0]] = "data"
        if kind in PASSED:
            last[layer["top"][0]] = sources
        if kind in ("Data", "Input", *PASSED, *LEFT_OUT):
            continue
        if kind == "CuDNNHighway":
            said += _highway(name, sources, layer["highway_conv_param"][0])
        else:
            said.append(" ".join([name, *_operation(kind, sources, layer)]))
        last[layer["top"][0]] = name
    return said


def _operation(kind: str, sources: str, layer: dict[str, list[Any]]) -> list[str]:
    if kind == "Pooling":
        pool = layer["pooling_param"][0]
        if "global_pooling" in pool:
            return [f"global_{pool['pool'][0].lower().replace('ave', 'avg')}_pool", sources]
        return [f"{pool['pool'][0].lower().replace('ave', 'avg')}_pool", sources, *_window(pool), "round=up"]
    if kind == "Convolution":
        conv = layer["convolution_param"][0]
        groups = [f"groups={conv['group'][0]}"] if "group" in conv else []
        bias = ["bias=no"] if conv.get("bias_term") == ["false"] else []
        return ["conv", sources, f"out={conv['num_output'][0]}", *_window(conv), *groups, *bias]
    if kind == "InnerProduct":
        return ["linear", sources, f"out={layer['inner_product_param'][0]['num_output'][0]}"]
    if kind == "LRN":
        return ["lrn", sources, f"size={layer['lrn_param'][0]['local_size'][0]}"]
    return [KINDS[kind], sources]


def _highway(name: str, source: str, conv: dict[str, list[Any]]) -> list[str]:
    """The layer of github.com/flukeskywalker/highway-networks: two convolutions, of which one is the gate."""
    facts = " ".join([f"out={conv['num_output'][0]}", *_window(conv)])
    return [
        f"{name}.h conv {source} {facts}",
        f"{name}.relu relu {name}.h",
        f"{name}.t conv {source} {facts}",
        f"{name}.gate sigmoid {name}.t",
        f"{name}.carry complement {name}.gate",
        f"{name}.transformed mul {name}.relu,{name}.gate",
        f"{name}.carried mul {source},{name}.carry",
        f"{name} add {name}.transformed,{name}.carried",
    ]


def _window(given: dict[str, list[Any]]) -> list[str]:
    words = {"kernel_size": "kernel", "stride": "stride", "pad": "padding"}
    return [f"{word}={given[field][0]}" for field, word in words.items() if field in given]


if __name__ == "__main__":
    file, source, *rest = sys.argv[1:]
    net = parse(Path(file).read_text(encoding="utf-8"))
    print(f"# {source}")
    print("\n".join(lines(net, rest[0] if rest else "3,224,224")))
