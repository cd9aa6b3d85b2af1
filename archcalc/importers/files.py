"""Files of networks as bytes: what a network was read from, without weights, and the network that bytes describe.

So is a network sent to another process or machine. Nothing in a file is run, and no other file is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.graph import Network
from archcalc.importers.described import DescribedBuilder
from archcalc.importers.exported import bare_exported, read_exported
from archcalc.importers.imported import exported_file, network_of_program
from archcalc.importers.layer_list import read_layers
from archcalc.importers.naming import SUFFIXES
from archcalc.importers.onnx_files import onnx_file, read_onnx
from archcalc.importers.onnx_files.bare import bare_onnx

KINDS = tuple(SUFFIXES.values())
"""The kinds of files."""
LARGEST_GRAPH = 64_000_000
"""Bytes of the JSON of an exported program, at most."""


class ModelFile(NamedTuple):
    """A file of a network."""

    kind: str
    """One of `KINDS`."""
    name: str
    """The name that the network has, or the file if it has a name itself."""
    data: bytes
    input: tuple[int, ...] | None = None
    """The shape of the input where the file leaves it open."""
    settings: Mapping[str, Any] = MappingProxyType({})
    """The hyperparameters that a program was traced with, where they are not the defaults."""


def file_of(
    network: Network, settings: Mapping[str, Any] = MappingProxyType({}), shape: Any = None
) -> ModelFile | None:
    """The file that a network was read from or traced to, without weights; None if it is from none.

    None also for a model that must be traced again for some hyperparameters, or for an input of this shape. A file that
    is on a disk is read again. Raises ArchcalcError if it is there no longer.

    >>> text = 'input = "3x32x32"\\nlayers = ["conv 16 3x3 p1, relu", "gap, flatten, linear 10"]'
    >>> file = file_of(Network.from_layers(text, "small"))
    >>> file.kind, file.name, file.data == text.encode()
    ('toml', 'small', True)
    >>> network_of_file(file).inputs
    ((3, 32, 32),)
    """
    builder: Any = network.builder
    if isinstance(builder, DescribedBuilder) and builder.origin is not None:
        text, name, kind, shape = builder.origin[1]
        return ModelFile(kind, name, text.encode("utf-8", "replace"), shape)
    exported = exported_file(network, settings, shape)
    if exported is not None:
        return ModelFile("program", network.name, bare_exported(exported, network.name), None, network.settings)
    held = onnx_file(network)
    if held is None:
        return None
    return ModelFile("onnx", network.name, bare_onnx(held, network.name))


def _label(name: str) -> str:
    """The name of a program: of `a/model.pt2` model, of `timm:resnet18` resnet18."""
    return Path(name).stem if name.lower().endswith(".pt2") else name.rpartition(":")[2]


def network_of_file(file: ModelFile) -> Network:
    """The network of a file. Raises ArchcalcError for bytes that are none, with "input" where it lacks a shape."""
    match file.kind:
        case "onnx":
            return read_onnx(file.data, file.name)
        case "program":
            program = read_exported(file.data, _label(file.name), LARGEST_GRAPH)
            return network_of_program(program, file.name, file.settings)
        case "toml" | "yaml" | "keras" | "caffe":
            try:
                text = file.data.decode("utf-8")
            except UnicodeDecodeError as error:
                raise ArchcalcError(f"{file.name} is no text in UTF-8: {error}", about="name") from None
            return read_layers(text, name=file.name, form=file.kind, input=file.input)
        case _:
            raise ArchcalcError(f"a file is one of {', '.join(KINDS)}, not {file.kind}", about="name")
