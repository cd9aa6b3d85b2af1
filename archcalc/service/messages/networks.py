"""The network of a request as a message: a name of the catalogue, a file or a graph, with input and hyperparameters."""

from __future__ import annotations

from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.graph import Network
from archcalc.graph.hyperparameters import read_size
from archcalc.importers.files import file_of
from archcalc.request import NetworkLike, Request, read_batch
from archcalc.service.messages.costs import DTYPE
from archcalc.service.messages.fields import VALUE, MessageField, Unsendable, mapped
from archcalc.service.messages.files import read_file, write_file
from archcalc.service.messages.graphs import read_graph, write_graph
from archcalc.service.messages.settings import are_plain
from archcalc.service.messages.training import TRAINING

HYPERPARAMETERS = mapped(VALUE)


def _write(network: NetworkLike) -> dict[str, Any]:
    """The fields of a request.

    A network of the catalogue is sent by name, one that was read from a file as that file, one that was traced as its
    program, any other as the request's graph.
    """
    request = Request.of(network)
    fields: dict[str, Any] = {}
    own = request.network if isinstance(request.network, Network) and request.network.family is None else None
    file = None if own is None else file_of(own, request.settings, request.input)
    if file is not None and not are_plain(file.settings):
        file = None
    if own is not None and file is None:
        fields["graph"] = write_graph(request.graph, request.changed, own.remarks)
    else:
        name = request.network if isinstance(request.network, str) else request.network.name
        fields |= {"name": name} if file is None else {"file": write_file(file)}
        fields["inputs"] = _write_inputs(name, request.input)
        fields["hyperparameters"] = _write_hyperparameters(request.settings)
    if request.batch != 1:
        fields["batch"] = request.batch
    if request.dtype != "float32":
        fields["dtype"] = DTYPE.write(request.dtype)
    return fields | {"training": TRAINING.write(request.training)}


def _write_inputs(name: str, given: Any) -> list[dict[str, Any]]:
    if given is None:
        return []
    shapes = given if given and all(isinstance(each, (tuple, list)) for each in given) else (given,)
    return [{"sizes": [_size(size, name) for size in shape]} for shape in shapes]


def _size(size: Any, name: str) -> int:
    if isinstance(size, (int, float, str)):
        return read_size(size, name)
    raise Unsendable(f"the size {size} of an input is no whole number")


def _write_hyperparameters(settings: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in settings.items():
        try:
            fields[name] = VALUE.write(value)
        except Unsendable as error:
            raise Unsendable(f"{name}: {error}") from None
    return fields


def _read_network(message: Any) -> str | Network:
    """The network in a message, or its name in the catalogue: a name is never that of a file."""
    match message.WhichOneof("source"):
        case "graph":
            return read_graph(message.graph)
        case "file":
            return read_file(message.file)
        case _:
            return message.name


def _read(message: Any) -> Request:
    """The request in a message. Raises ArchcalcError with the invalid field of the message in `about`."""
    network = _read_network(message)
    given: dict[str, Any] = {}
    for name, value in HYPERPARAMETERS.read(message.hyperparameters).items():
        if not isinstance(value, (bool, int, float, str)):
            said = f"a hyperparameter is a number, true or false, or a text, and {name[:60]!r} is not"
            raise ArchcalcError(said, about=f"hyperparameters.{name[:60]}")
        given[name] = value
    try:
        dtype = DTYPE.read(message.dtype) or "float32"
    except Unsendable as error:
        raise ArchcalcError(str(error), about="dtype") from None
    name = network if isinstance(network, str) else network.name
    shapes = [tuple(each.sizes) for each in message.inputs]
    return Request(
        network,
        None if not shapes else shapes[0] if len(shapes) == 1 else tuple(shapes),
        read_batch(name, message.batch) if message.HasField("batch") else 1,
        dtype,
        given,
        TRAINING.read(message.training),
    )


NETWORK = MessageField(_write, _read)
"""A network, a name, a graph or a request; it is read as a request."""


def _read_several(messages: Any) -> tuple[Request, ...]:
    requests: list[Request] = []
    for index, message in enumerate(messages):
        try:
            requests.append(_read(message))
        except ArchcalcError as error:
            error.about = f"[{index}].{error.about}"
            raise
    return tuple(requests)


NETWORKS = MessageField(lambda networks: [_write(each) for each in networks], _read_several)
"""Several networks."""
