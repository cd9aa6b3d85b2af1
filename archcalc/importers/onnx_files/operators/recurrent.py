"""Recurrent layers: LSTM, GRU, RNN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.importers.onnx_files.items import Item, StoredTensor, dims_of
from archcalc.importers.onnx_files.operators.layers import check_size
from archcalc.importers.onnx_files.operators.movement import reshaped
from archcalc.importers.onnx_files.operators.parts import narrowed
from archcalc.importers.onnx_files.site import Maker, OnnxSite
from archcalc.importers.tensors import Unsupported
from archcalc.ops.recurrent import Recurrent


def _recurrent(cell: Any) -> Maker:
    def recurrent(site: OnnxSite) -> list[Item | None]:
        x, back = site.tensor(), site.item(2)
        if len(x.full) != 3 or not isinstance(back, StoredTensor) or not isinstance(site.item(1), StoredTensor):
            raise Unsupported("its weights are computed")
        if site.item(7) is not None:
            raise Unsupported("it has peepholes")
        directions, _, hidden = back.dims
        check_size(x.full[2], dims_of(site.needed(1))[2], "features")
        first = bool(site.given("layout", 0))
        length, batch = (x.full[1], x.full[0]) if first else (x.full[0], x.full[1])
        if not (type(batch) is int and batch == 1):
            raise Unsupported("its batch is not 1")
        rows = reshaped(site, x, (1, length, x.full[2]))
        op = Recurrent(cell, hidden, 1, directions == 2, site.item(3) is not None)
        value = site.layer(op, rows.value, *[place for place in (1, 2, 3) if site.kept(place)])
        whole = site.result(value, (1, length, directions * hidden))
        full = (1, length, directions, hidden) if first else (length, directions, 1, hidden)
        last: Item | None = None
        if site.wanted(1) or site.wanted(2):
            end = narrowed(site, whole, 1, length - 1, length)
            last = reshaped(site, end, (1, directions, hidden) if first else (directions, 1, hidden))
        return [reshaped(site, whole, full) if site.wanted(0) else None, last, last]

    return recurrent


MAKERS: Mapping[str, Maker] = {"LSTM": _recurrent("lstm"), "GRU": _recurrent("gru"), "RNN": _recurrent("rnn")}
