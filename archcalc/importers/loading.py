"""Networks of foreign models by name: see `archcalc.importers.naming` for the names."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.base.text_files import read_file
from archcalc.graph import Network
from archcalc.importers.naming import kind_of

LARGEST_TEXT = 20_000_000
"""Bytes of a layer list, at most."""


def load(name: str, settings: Mapping[str, Any], shape: tuple[int, ...] | None = None) -> Network:
    """The network of a foreign model by name, traced or read on an input of `shape` where it has none of its own.

    `settings` are arguments of its factory. Raises ArchcalcError if there is no such model, or it cannot be read.
    """
    kind = kind_of(name)
    if kind in ("toml", "yaml", "keras", "caffe"):
        network: Network = import_module("archcalc.importers.layer_list").read_layers(
            read_file(name, LARGEST_TEXT), name=Path(name).stem, form=kind, input=shape
        )
        return network
    if kind == "onnx":
        return import_module("archcalc.importers.onnx_files").read_onnx(Path(name), Path(name).stem)
    if not kind:
        said = "such as timm:NAME, module:factory, net.py:factory, model.pt2, model.onnx or net.toml"
        raise ArchcalcError(f"{shown(name)} is no name of a model {said}", about="name")
    return import_module("archcalc.importers.imported").network_of(name, settings, shape)
