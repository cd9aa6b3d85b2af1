"""Requests: which network is asked about, on which input, for which batch and dtype, with which hyperparameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from archcalc import zoo
from archcalc.algebra.dims import Dim
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.base.spelling import shown
from archcalc.graph import Graph, Network, Whole

DTYPES: Mapping[str, int] = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
"""Bytes of one value."""

BATCH = Whole(1, 1_000_000, "images at once")


@dataclass(frozen=True)
class Request:
    """A network as it is asked about. Everything that is counted follows from it.

    >>> from archcalc import Request, analyze
    >>> request = Request.of("resnet50", batch=8, classes=10)
    >>> analyze(request).totals.params
    23528522
    """

    network: str | Network
    """The name of a network of the catalogue, or a network."""
    input: Any = None
    """The shape of the input, (channels, height, width), or of all inputs; None: the network's own."""
    batch: Any = 1
    """Images at once; it enters only counts of bytes."""
    dtype: str = "float32"
    """The type of a value; it enters only counts of bytes."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Hyperparameters that are asked for beside the network."""

    @classmethod
    def of(cls, network: NetworkLike, **given: Any) -> Request:
        """The request that a network and further arguments make: `input`, `batch`, `dtype`, and hyperparameters.

        Raises ArchcalcError for a batch or a dtype that there is none of. A name is looked up when the network is
        needed, so that a client need not know the catalogue.
        """
        if isinstance(network, Request):
            if not given:
                return network
            given = {
                "input": network.input,
                "batch": network.batch,
                "dtype": network.dtype,
                **network.settings,
                **given,
            }
            network = network.network
        if isinstance(network, Graph):
            network = Network.of(network)
        if not isinstance(network, (str, Network)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArchcalcError(f"a network is a name, a Network or a Graph, not {shown(repr(network))}", about="name")
        shape, batch, dtype = given.pop("input", None), given.pop("batch", 1), given.pop("dtype", "float32")
        if dtype not in DTYPES:
            raise ArchcalcError(f"no dtype is called {dtype!r}; there are {', '.join(DTYPES)}", about="dtype")
        name = network if isinstance(network, str) else network.name
        return cls(network, shape, read_batch(name, batch), dtype, given)

    @cached_property
    def found(self) -> Network:
        """The network. Raises UnknownName, with the nearest known names, if the catalogue has none of that name."""
        return self.network if isinstance(self.network, Network) else zoo.network(self.network)

    @cached_property
    def hyperparameters(self) -> dict[str, Any]:
        """What the name settles and what is asked for; defaults are left out. Raises ArchcalcError."""
        return self.found.settled(self.settings)

    @property
    def changed(self) -> dict[str, Any]:
        """The hyperparameters that are asked for beside the network, as it takes them."""
        return {key: self.hyperparameters[key] for key in self.settings}

    @property
    def element_bytes(self) -> int:
        """Bytes of one value."""
        return DTYPES[self.dtype]

    @cached_property
    def shape(self) -> tuple[Any, ...]:
        """The shape of the first input, as far as it is given: without looking whether the network takes it."""
        if self.input is not None and len(self.found.inputs) == 1:
            return tuple(self.input)
        return (self.hyperparameters.get("in_channels", self.found.input[0]), *self.found.input[1:])

    @cached_property
    def graph(self) -> Graph:
        """The network's graph, built once. Raises ArchcalcError naming the layer and the rule where that fails."""
        return self.found.graph(self.input, self.settings)

    def on(self, input: Any = None, **settings: Any) -> Request:
        """The same request on another input, or with some hyperparameters changed."""
        return replace(self, input=self.input if input is None else input, settings={**self.settings, **settings})


NetworkLike: TypeAlias = str | Network | Graph | Request
"""What every question takes: a name of the catalogue, a network, a graph, or a request."""


@question
def names() -> tuple[str, ...]:
    """The canonical names of all networks of the catalogue."""
    return zoo.names()


def read_batch(name: str, given: Any) -> Any:
    """A number of images, from text or as it is; symbols and arrays pass. Raises ArchcalcError on anything else."""
    if not isinstance(given, (int, str, float)):
        return given
    try:
        return BATCH.read(given)
    except ValueError as error:
        raise ArchcalcError(f"{name}: a batch is {error}", about="batch") from None


def distinct(networks: Iterable[NetworkLike]) -> list[Network]:
    """The networks that are meant, each once. Raises UnknownName."""
    found = [Request.of(each).found for each in networks]
    return list({network.name: network for network in found}.values())


class Resolved(NamedTuple):
    """The network that a request means: its canonical name, and the shape of its input."""

    name: str
    input: tuple[Dim, ...]


@question
def resolve(network: NetworkLike, **given: Any) -> Resolved:
    """The network that is meant, and its input. Raises UnknownName, or ArchcalcError about a hyperparameter."""
    request = Request.of(network, **given)
    return Resolved(request.found.name, request.shape)
