"""Functions that exporters write as several nodes: the GELU by its error function."""

from __future__ import annotations

from collections.abc import Mapping

from archcalc.importers.onnx_files.items import Item
from archcalc.importers.onnx_files.model import OnnxNode
from archcalc.importers.onnx_files.operators.functions import MAKERS as FUNCTIONS
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.tensors import Made
from archcalc.ops.pointwise import GELU

STEPS = ("Erf", "Add", "Mul", "Mul")
"""The nodes after x / sqrt(2): its error function, plus one, times x, times a half."""


def _gelu(site: OnnxSite) -> Item | None:
    """The GELU that begins with a node, if its next nodes are the rest of one, which nothing else uses."""
    source, name = site.node.inputs[0], site.node.outputs[0]
    nodes: list[OnnxNode] = []
    for operator in STEPS:
        node = site.scope.only_user(name)
        if node is None or node.domain or node.operator != operator or len(node.outputs) != 1:
            return None
        nodes.append(node)
        name = node.outputs[0]
    if source not in nodes[2].inputs:
        return None
    x = site.tensor()
    result = site.pointwise(GELU(), x)
    for node in nodes[:-1]:
        site.merge(node, Made(x.full))
    site.merge(nodes[-1], result)
    return Made(x.full)


def _or_gelu(operator: str) -> Maker:
    def made(site: OnnxSite) -> Item:
        found = _gelu(site)
        return FUNCTIONS[operator](site) if found is None else found  # pyright: ignore[reportReturnType]

    return made


MAKERS: Mapping[str, Maker] = {"Div": _or_gelu("Div"), "Mul": _or_gelu("Mul")}
