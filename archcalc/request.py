"""Requests: a network with its input, batch, dtype and hyperparameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from os import PathLike, fspath
from typing import Any, NamedTuple, TypeAlias

from archcalc import zoo
from archcalc.algebra.dims import Dim
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.base.spelling import cut, matched, shown
from archcalc.graph import Graph, Network, Whole
from archcalc.importers.naming import SUFFIXES, is_module, kind_of
from archcalc.training import DEFAULT_TRAINING, Training

DTYPES: Mapping[str, int] = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
"""Bytes of one value."""

DTYPE_NAMES: Mapping[str, str] = {
    **{name: name for name in DTYPES},
    **dict.fromkeys(("double", "fp64", "f64"), "float64"),
    **dict.fromkeys(("float", "single", "full", "fp32", "f32"), "float32"),
    **dict.fromkeys(("half", "fp16", "f16"), "float16"),
    **dict.fromkeys(("bf16", "bfloat"), "bfloat16"),
    "i8": "int8",
}
"""What each spelling of a type means, lower case and without separators: PyTorch's names and the usual short ones."""

TRAINING_FIELDS = tuple([each.name for each in fields(Training)])
BATCH = Whole(1, 1_000_000, "images at once")


@dataclass(frozen=True)
class Request:
    """A network with its input, batch, dtype and hyperparameters: everything that its costs depend on.

    >>> from archcalc import Request, analyze
    >>> request = Request.of("resnet50", batch=8, classes=10)
    >>> analyze(request).totals.params
    23528522
    """

    network: str | Network
    """The name of a network of the catalogue, or a network."""
    input: Any = None
    """The shape of the input, (channels, height, width), or the shapes of all inputs; None: the network's own."""
    batch: Any = 1
    """The number of images in a batch; only counts of bytes and exported layers depend on it."""
    dtype: str = "float32"
    """The type of a value; only counts of bytes, and the bits in an exported file, depend on it."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Hyperparameters that differ from the network's own."""
    training: Training = DEFAULT_TRAINING
    """The way of training; only the memory of a training step depends on it."""

    def __post_init__(self) -> None:
        """Raise ArchcalcError for what is no network, no type and no dictionary of hyperparameters."""
        if not isinstance(self.network, (str, Network)):  # pyright: ignore[reportUnnecessaryIsInstance]
            said = f"a network is a name, a Network or a Graph, not {cut(repr(self.network))}"
            raise ArchcalcError(said, about="name")
        if not isinstance(self.settings, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArchcalcError(f"hyperparameters are a dictionary, not {cut(repr(self.settings))}")
        if type(self.batch) is not int:
            object.__setattr__(self, "batch", read_batch("a request", self.batch))
        if not isinstance(self.dtype, str) or self.dtype not in DTYPES:  # pyright: ignore[reportUnnecessaryIsInstance]
            object.__setattr__(self, "dtype", read_dtype(self.dtype))
        if not isinstance(self.training, Training):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArchcalcError(f"the way of training is a Training, not {cut(repr(self.training))}", about="training")

    @classmethod
    def of(cls, network: NetworkLike, **given: Any) -> Request:
        """The request for a network with further arguments: `input`, `batch`, `dtype`, `training`, and hyperparameters.

        The fields of `training` may be given too, such as `optimizer`, where the network has no hyperparameter of that
        name. A name is looked up when the network is needed, so that a client need not have the catalogue. Raises
        ArchcalcError for an invalid batch or dtype.
        """
        if isinstance(network, Request):
            if not given:
                return network
            given = {
                "input": network.input,
                "batch": network.batch,
                "dtype": network.dtype,
                "training": network.training,
                **network.settings,
                **given,
            }
            network = network.network
        if isinstance(network, Graph):
            network = Network.of(network)
        elif isinstance(network, PathLike):
            network = _read_file(fspath(network))  # pyright: ignore[reportUnknownArgumentType]
        elif is_module(network):
            network = _traced(network, given.get("input"))
        shape, batch, dtype = given.pop("input", None), given.pop("batch", 1), read_dtype(given.pop("dtype", "float32"))
        own = network.hyperparameters if isinstance(network, Network) else ()
        training = given.pop("training", DEFAULT_TRAINING)
        trained = {key: given.pop(key) for key in TRAINING_FIELDS if key in given and key not in own}
        if trained and isinstance(training, Training):
            training = replace(training, **trained)
        name = network.name if isinstance(network, Network) else str(network)
        return cls(network, shape, read_batch(name, batch), dtype, given, training)

    @cached_property
    def resolved(self) -> Network:
        """The network of the request, looked up if it is a name. Raises UnknownName, with the nearest known names."""
        return self.network if isinstance(self.network, Network) else zoo.network(self.network)

    @cached_property
    def hyperparameters(self) -> dict[str, Any]:
        """Hyperparameters that the name fixes or the request gives, without defaults. Raises ArchcalcError."""
        return self.resolved.settled(self.settings)

    @property
    def changed(self) -> dict[str, Any]:
        """The hyperparameters that the request gives, with values as the network takes them.

        Those that a finished graph was built with are among them.
        """
        return {**self.resolved.built_with, **{key: self.hyperparameters[key] for key in self.settings}}

    @property
    def element_bytes(self) -> int:
        """Bytes of one value."""
        return DTYPES[self.dtype]

    @cached_property
    def shape(self) -> tuple[Any, ...]:
        """The shape of the first input; only its number of axes is checked. Raises ArchcalcError."""
        if self.input is not None and len(self.resolved.inputs) == 1:
            self.resolved.check_shape(self.input)
            given = tuple(self.input)
            self.resolved.check_axes(given, self.resolved.input)
            return given
        return (self.hyperparameters.get("in_channels", self.resolved.input[0]), *self.resolved.input[1:])

    @cached_property
    def graph(self) -> Graph:
        """The network's graph, built once. Raises ArchcalcError naming the layer and the rule if it cannot be built."""
        return self.resolved.graph(self.input, self.settings)

    def on(self, input: Any = None, **settings: Any) -> Request:
        """The same request with another input or other hyperparameters."""
        return replace(self, input=self.input if input is None else input, settings={**self.settings, **settings})


def _read_file(path: Any) -> Network:
    """The network of a file that is read as data. Raises ArchcalcError for another file."""
    if kind_of(str(path)) not in SUFFIXES.values():
        said = f"a network is read from a file of the kinds {', '.join(SUFFIXES)}, not from {shown(str(path))}"
        raise ArchcalcError(said, about="name")
    return Network.load(str(path))


def _traced(module: Any, shape: Any) -> Network:
    """The network of a PyTorch module, traced on the input of the request. Raises ArchcalcError without one."""
    if shape is None:
        said = f"{type(module).__name__} is a PyTorch module: give the shape of its input, input=(3, 224, 224)"
        raise ArchcalcError(said, about="input")
    return Network.from_torch(module, shape)


NetworkLike: TypeAlias = "str | Network | Graph | Request | Any"
"""The first argument of every function of the API: a name of the catalogue, a network, a graph, a PyTorch module, the
`Path` of a file such as `model.onnx`, or a request."""


@question
def names(pattern: str = "") -> tuple[str, ...]:
    """The canonical names of the networks of the catalogue, or of those whose name contains `pattern` in any case.

    >>> names("alexnet")
    ('alexnet', 'alexnet_simplified', 'alexnet_owt')
    """
    every = zoo.names()
    return tuple([name for name in every if pattern.lower() in name]) if pattern else every


def read_dtype(given: Any) -> str:
    """The name of a type: `fp16`, `Half` and `float16` are one. Raises ArchcalcError for a type that is not counted.

    >>> read_dtype("bf16")
    'bfloat16'
    """
    name = DTYPE_NAMES.get(matched(given)) if isinstance(given, str) else None
    if name is None:
        raise ArchcalcError(f"no dtype is called {shown(given)}; there are {', '.join(DTYPES)}", about="dtype")
    return name


def read_batch(name: str, given: Any) -> Any:
    """A batch, as a number or read from text; symbols and arrays as they are. Raises ArchcalcError for all else."""
    if not isinstance(given, (int, str, float)):
        if given is None or isinstance(given, (Sequence, Mapping)) or not hasattr(given, "__mul__"):
            raise ArchcalcError(f"{name}: a batch is a whole number, not {cut(repr(given))}", about="batch")  # pyright: ignore[reportUnknownArgumentType]
        return given
    try:
        return BATCH.read(given)
    except ValueError as error:
        raise ArchcalcError(f"{name}: a batch is {error}", about="batch") from None


def distinct(networks: Iterable[NetworkLike]) -> list[Network]:
    """The different networks of some names or requests. Raises UnknownName."""
    resolved = [Request.of(each).resolved for each in networks]
    return list({network.name: network for network in resolved}.values())


class Resolved(NamedTuple):
    """The canonical name of a request's network, and the shape of its input."""

    name: str
    input: tuple[Dim, ...]


@question
def resolve(network: NetworkLike, **given: Any) -> Resolved:
    """The canonical name of a network and the shape of its input, without building it.

    Raises UnknownName, and ArchcalcError for an invalid hyperparameter.

    >>> resolve("ResNet-50", input=(3, 320, 320))
    Resolved(name='resnet50', input=(3, 320, 320))
    """
    request = Request.of(network, **given)
    return Resolved(request.resolved.name, request.shape)
