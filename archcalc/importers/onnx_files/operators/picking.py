"""Values picked by an index: gathers, embeddings, blocks of positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.algebra.dims import is_int
from archcalc.importers.onnx_files.items import Item, StoredTensor, dims_of
from archcalc.importers.onnx_files.known import Numbers, axis_in
from archcalc.importers.onnx_files.operators.movement import picked, reshaped
from archcalc.importers.onnx_files.operators.parts import narrowed
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.onnx_files.stored import same_as
from archcalc.importers.tensors import Tensor, Unsupported, image
from archcalc.ops.values import Embedding
from archcalc.ops.views import Index, Select


def _gather(site: OnnxSite) -> Item:
    table, index = site.needed(0), site.needed(1)
    axis = axis_in(site.given("axis", 0), len(dims_of(table)))
    numbers = index.numbers if isinstance(index, StoredTensor) else index
    if (
        isinstance(table, StoredTensor)
        and table.learnt
        and axis == 0
        and len(table.dims) == 2
        and isinstance(index, Tensor)
    ):
        return _embedding(site, table, index)
    x = site.tensor()
    full = (*x.full[:axis], *dims_of(index), *x.full[axis + 1 :])
    if isinstance(numbers, Numbers) and not numbers.dims:
        return _selected(site, x, axis, numbers.whole[0])
    places = numbers.whole if isinstance(numbers, Numbers) and len(numbers.dims) == 1 else []
    if (
        len(places)
        and all([is_int(each) and each == places[0] + at for at, each in enumerate(places)])
        and places[0] >= 0
    ):
        return narrowed(site, x, axis, places[0], places[-1] + 1)
    return picked(site, x, full, *[index] if isinstance(index, Tensor) else [])


def _selected(site: OnnxSite, x: Tensor, axis: int, place: Any) -> Tensor:
    """One position of an axis."""
    full = (*x.full[:axis], *x.full[axis + 1 :])
    size = x.full[axis]
    if same_as(size, 1):
        return reshaped(site, x, full)
    place = place + size if is_int(place) and place < 0 else place
    x = site.whole(x) if axis == 0 else x
    return site.result(site.apply(Select(x.axis(axis), place), x), full)


def _embedding(site: OnnxSite, table: StoredTensor, index: Tensor) -> Tensor:
    if not site.walk.is_free(table):
        return picked(site, site.tensor(), (*index.full, table.dims[1]), index)
    count, width = table.dims
    site.path = site.scope.prefix + embedding_path(site, table)
    value = site.walk.layer(Embedding(count, width), index.value, [table], site.path)
    return site.result(value, (*index.full, width))


def embedding_path(site: OnnxSite, table: StoredTensor) -> str:
    """The module of an embedding, by the name of its table."""
    from archcalc.importers.onnx_files.paths import path_of

    return path_of(site.node, table.origin)


def _gather_elements(site: OnnxSite) -> Tensor:
    index = site.item(1)
    return picked(site, site.tensor(), site.full(1), *[index] if isinstance(index, Tensor) else [])


def _gather_nd(site: OnnxSite) -> Tensor:
    x, index, batch = site.tensor(), site.full(1), site.given("batch_dims", 0)
    depth: Any = index[-1]
    if not is_int(depth):
        raise Unsupported("its index is as long as a size")
    others = [item for item in site.items[1:2] if isinstance(item, Tensor)]
    return picked(site, x, (*index[:-1], *x.full[batch + depth :]), *others)


def _scatter(site: OnnxSite) -> Tensor:
    x = site.tensor()
    others = [item for item in site.items[1:] if isinstance(item, Tensor)]
    return picked(site, x, x.full, *others)


def _blocks(grow: bool) -> Maker:
    """Channels spread over blocks of positions, or the other way round."""

    def blocks(site: OnnxSite) -> Tensor:
        x, side = site.tensor(), site.given("blocksize", 1)
        first, channels, *sizes = x.full
        if len(sizes) != 2:
            raise Unsupported("it needs maps")
        if grow:
            full = (first, channels // side**2, *[size * side for size in sizes])
        else:
            full = (first, channels * side**2, *[size // side for size in sizes])
        return site.result(site.apply(Index(image(full)), x), full)

    return blocks


def _one_hot(site: OnnxSite) -> Tensor:
    """A new axis as long as a number says, with one value on it for each index."""
    depth = site.list("depth", 1)
    index = site.tensor()
    if not depth:
        raise Unsupported("how long its axis is, is not known")
    axis = axis_in(site.given("axis", -1), len(index.full) + 1)
    return picked(site, index, (*index.full[:axis], depth[0], *index.full[axis:]))


MAKERS: Mapping[str, Maker] = {
    "Gather": _gather,
    "GatherElements": _gather_elements,
    "GatherND": _gather_nd,
    "ScatterND": _scatter,
    "ScatterElements": _scatter,
    "Scatter": _scatter,
    "DepthToSpace": _blocks(grow=True),
    "SpaceToDepth": _blocks(grow=False),
    "OneHot": _one_hot,
}
