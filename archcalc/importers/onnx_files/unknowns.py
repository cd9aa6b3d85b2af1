"""Nodes of operators that are not known: their shapes, if the file tells them, and their weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archcalc.algebra.dims import Dim, Shape, is_int, product
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut
from archcalc.graph import Value
from archcalc.importers.onnx_files.items import Item, StoredTensor
from archcalc.importers.onnx_files.site import OnnxSite
from archcalc.importers.tensors import Tensor, image
from archcalc.ops.values import Unknown

if TYPE_CHECKING:
    from archcalc.importers.onnx_files.walk import Walk

CHANGING = frozenset(
    {"NonZero", "Unique", "Compress", "NonMaxSuppression", "MaxUnpool", "GatherND", "RoiAlign", "Resize", "Upsample"}
    | {
        "Reshape",
        "Slice",
        "Tile",
        "Expand",
        "Pad",
        "TopK",
        "Split",
        "Loop",
        "Scan",
        "If",
        "OneHot",
        "Gather",
        "Squeeze",
    }
    | {
        "Conv",
        "ConvTranspose",
        "MatMul",
        "Gemm",
        "Einsum",
        "Unsqueeze",
        "Flatten",
        "Transpose",
        "DFT",
        "STFT",
        "Col2Im",
    }
    | {"DepthToSpace", "SpaceToDepth", "Range", "ConstantOfShape", "SequenceAt", "LSTM", "GRU", "RNN", "Concat"}
    | {"MaxPool", "AveragePool", "LpPool", "GlobalLpPool", "EyeLike", "Multinomial", "MelWeightMatrix"}
)
"""Operators whose output has other sizes than their input."""


def unknown_outputs(walk: Walk, site: OnnxSite, reason: str) -> list[Item | None]:
    """The outputs of a node that cannot be counted. Raises ArchcalcError if nothing tells their shapes."""
    shapes = [_told(walk, site, place) for place in range(len(site.node.outputs))]
    weights: Dim = 0
    inputs: list[Value] = []
    for item in site.items:
        if isinstance(item, StoredTensor) and item.learnt and walk.is_free(item) and item.origin not in walk.owned:
            weights = weights + product(item.dims)
            walk.owned[item.origin] = item
        elif isinstance(item, Tensor):
            inputs.append(item.value)
    results: list[Item | None] = []
    for place, full in enumerate(shapes):
        if not site.wanted(place):
            results.append(None)
            continue
        if full is None:
            node = f"{site.operator} {cut(site.node.name)}".strip()
            said = "and the file does not say the shape of its output"
            raise ArchcalcError(f"{walk.graph.name}: {node} cannot be built: {reason}, {said}", about="name")
        op = Unknown(site.operator, image(full) or (1,), weights)
        results.append(Tensor(walk.apply(op, inputs, site.path), full or (1,)))
        weights = 0
    walk.unknown.append(site.operator)
    return results


def uncounted(walk: Walk, site: OnnxSite, full: Shape) -> Tensor:
    """The first output of a node, of some sizes, whose work is not counted."""
    inputs = [item.value for item in site.items if isinstance(item, Tensor)]
    walk.unknown.append(site.operator)
    return Tensor(walk.apply(Unknown(site.operator, image(full)), inputs, site.path), full)


def _told(walk: Walk, site: OnnxSite, place: int) -> Shape | None:
    """The sizes of an output, with the batch: what the file says, or those of the only input."""
    name = site.node.outputs[place]
    told = site.scope.known.get(name)
    if told is not None and told.sizes is not None:
        sizes: list[Any] = [size if is_int(size) else walk.symbols.get(str(size)) for size in told.sizes]
        if sizes and not is_int(told.sizes[0]) and sizes[0] is None:
            sizes[0] = 1
        if all([size is not None for size in sizes]):
            return tuple(sizes)
    tensors = [item for item in site.items if isinstance(item, Tensor)]
    alone = len(tensors) == 1 and len(site.node.outputs) == 1
    return tensors[0].full if alone and site.operator not in CHANGING else None
