"""Names of rows: the modules that nodes belong to, as exporters write them.

PyTorch's older exporter names a node `/layer1/layer1.0/conv1/Conv`, its newer one keeps a list of modules beside it;
Keras's converter writes `model/block1/conv/Conv2D`. A layer whose weight is `layer1.0.conv1.weight` is that module.
"""

from __future__ import annotations

import re

from archcalc.importers.onnx_files.model import OnnxNode

LONGEST = 120
"""Characters of a name, at most."""
WEIGHT = re.compile(r"[._](weight|kernel|gamma|scale|w|W|s)(_0)?(:0)?$")
"""The end of the name of a layer's first weight."""
GENERATED = re.compile(r"onnx::|val_\d|_v_\d|const_fold|\d+$|node_|n\d+$|[A-Za-z]+_\d+$|$")
"""Names that an exporter invented."""
WRAPPERS = ("StatefulPartitionedCall/", "model/", "gpu_0/")


def path_of(node: OnnxNode, weight: str = "") -> str:
    """The module of a node, such as `layer1.0.conv1`; empty if nothing tells it. `weight` is its first weight.

    >>> node = OnnxNode("Conv", "", "/layer1/layer1.0/conv1/Conv", (), (), {})
    >>> path_of(node), path_of(node._replace(name=""), "fc.weight"), path_of(node._replace(name="n0"))
    ('layer1.0.conv1', 'fc', '')
    """
    if weight and WEIGHT.search(weight) and not weight.startswith("onnx::"):
        return clean(WEIGHT.sub("", weight))
    if node.scopes:
        *modules, _ = re.findall(r"'([^']*)'", node.scopes[:10_000]) or [""]
        return clean(modules[-1]) if modules else ""
    return clean(node.name.rpartition("/")[0]) if "/" in node.name else _own(node)


def own_module(node: OnnxNode) -> bool:
    """Return True if the name of a node is that of a module with this one layer."""
    return "/" in node.name or bool(node.scopes) or bool(_own(node))


def _own(node: OnnxNode) -> str:
    return "" if GENERATED.match(node.name) else clean(node.name)


def clean(name: str) -> str:
    """A name as rows have it: dots between modules, each module once, nothing that cannot be printed."""
    name = name.lstrip("/")
    for wrapper in WRAPPERS:
        name = name.removeprefix(wrapper)
    parts: list[str] = []
    for part in name.split("/"):
        if parts and (part == parts[-1] or part.startswith(parts[-1] + ".")):
            parts.pop()
        if part:
            parts.append(part)
    joined = re.sub(r"\.{2,}", ".", ".".join(parts)).strip(".")
    text = "".join([letter if letter.isprintable() and not letter.isspace() else "_" for letter in joined])
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
