"""Networks: the function that builds the graph, the input, the hyperparameters, and the citation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from archcalc.algebra.dims import Dim, Shape, choosing_layers, is_int
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut
from archcalc.graph.graph import Graph, Value
from archcalc.graph.hyperparameters import (
    Hyperparameter,
    Other,
    Real,
    Switch,
    Whole,
    read_hyperparameter,
    read_size,
)

if TYPE_CHECKING:
    from inspect import Parameter

    from archcalc.graph.block_sums import BlockSums

IN_CHANNELS = Whole(1, 1_000_000, "channels of the input")
AXES: Mapping[int, str] = {
    1: "(features,)",
    2: "(channels, length)",
    3: "(channels, height, width)",
    4: "(channels, depth, height, width)",
}
"""The axes of an input, by the length of its shape, batch excluded."""

Builder = Callable[..., Value | tuple[Value, ...]]
"""Takes a value for each input, and hyperparameters; returns the output, or a tuple with the main output first."""


@dataclass(frozen=True, eq=False)
class Network:
    """A network that every function of the API takes: from the catalogue, or your own.

    >>> from archcalc import Network, analyze, row
    >>> from archcalc.ops import Conv, Flatten, Linear, MaxPool, ReLU
    >>> def net(x, width=16, classes=10):
    ...     x = row("conv1", x, Conv(width, 3, padding=1), ReLU())
    ...     x = row("pool1", x, MaxPool(2, 2))
    ...     return row("fc", x, Flatten(), Linear(classes))
    >>> mine = Network.build(net, input=(3, 32, 32))
    >>> analyze(mine).totals.params
    41418
    >>> analyze(mine, width=32).totals.mult_adds
    966656
    """

    name: str
    builder: Builder = field(repr=False)
    inputs: tuple[tuple[Any, ...], ...]
    """The shape of each input, batch excluded; most networks have one: (channels, height, width)."""
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict[str, Hyperparameter], repr=False)
    """Its hyperparameters. With one input, `in_channels` among them: the size of its first axis."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Hyperparameters that the name fixes; all others have the builder's defaults."""
    summary: str = ""
    citation: str = ""
    """Authors, year and place of publication; empty for your own network."""
    labels: tuple[str, ...] = ()
    """Rows of the inputs, if there are several."""
    family: Any = field(default=None, repr=False)
    """The family of the catalogue (`archcalc.zoo.Family`) that it belongs to; None for your own network."""
    file: str = field(default="", repr=False)
    """The name of its file in the catalogue; empty for your own network."""
    free: bool = False
    """True if its builder checks all sizes of an input itself, those of the first axis too."""
    remarks: tuple[str, ...] = ()
    """Sentences that a reader of its figures must know, such as what a model has and does not use."""
    size_places: tuple[int, ...] | None = field(default=None, repr=False)
    """The places of the sizes in the shape of the only input; None: all after the first, which are the channels.

    Tokens with their channels last, (length, channels), have (0,).
    """
    built_with: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """The hyperparameters that a finished graph was built with, for titles: they cannot be changed any more."""

    @property
    def places(self) -> tuple[int, ...]:
        """The places of the sizes in the shape of the first input: (1, 2) for an image."""
        return tuple(range(1, len(self.input))) if self.size_places is None else self.size_places

    def with_sizes(self, shape: Shape, sizes: Sequence[Any]) -> Shape:
        """A shape of the first input with other sizes."""
        changed = dict(zip(self.places, sizes, strict=True))
        return tuple([changed.get(place, size) for place, size in enumerate(shape)])

    @property
    def input(self) -> tuple[Any, ...]:
        """The shape of the first input; most networks have only one."""
        return self.inputs[0]

    @classmethod
    def build(
        cls,
        function: Builder,
        *,
        input: Shape | Sequence[Shape] | Mapping[str, Shape],
        name: str | None = None,
        summary: str = "",
        **settings: Any,
    ) -> Network:
        """A network of your own: `function(x, ...)` takes a value for each input and returns the output, or several.

        `input` is one shape (batch excluded), a sequence of shapes, or the shapes by the names of `function`'s
        parameters. Its other parameters are the network's hyperparameters. Their defaults say of which kind they are:
        whole numbers, real numbers, switches, or anything else. `settings` gives some of them other values.

        Raises ArchcalcError naming the layer and the rule where the network cannot be built on that input.
        """
        name = str(name or getattr(function, "__name__", "network"))
        parameters = parameters_of(function, name)
        shapes = _shapes(name, input, parameters)
        own = parameters[len(shapes) :]
        missing = [
            each.name for each in own if each.default is each.empty and each.name not in settings and _plain(each)
        ]
        if missing:
            raise ArchcalcError(f"{name} needs {', '.join(missing)}: Network.build(..., {missing[0]}=...)")
        kinds: dict[str, Hyperparameter] = {
            each.name: kind_of_value(each.name, settings.get(each.name, each.default)) for each in own if _plain(each)
        }
        if len(shapes) == 1:
            kinds["in_channels"] = IN_CHANNELS
        read = {key: read_hyperparameter(name, kinds, key, value) for key, value in settings.items()}
        labels = tuple([each.name for each in parameters[: len(shapes)]]) if len(shapes) > 1 else ()
        network = cls(name, function, shapes, kinds, read, summary, labels=labels)
        network.graph()
        return network

    @classmethod
    def of(cls, graph: Graph, name: str | None = None) -> Network:
        """A network from a finished graph: the same ops, on the graph's inputs or on others.

        Raises ArchcalcError if the graph has no outputs yet.
        """
        if not graph.outputs:
            raise ArchcalcError(f"{graph.name} is not finished: Graph.finish(output) names its outputs")
        shapes = tuple([each.shape for each in graph.inputs])
        labels = tuple([node.row for node in graph.nodes[: len(shapes)]]) if len(shapes) > 1 else ()
        return cls(name or graph.name, graph.replay, shapes, labels=labels)

    @classmethod
    def from_torch(cls, module: Any, inputs: Any, name: str | None = None) -> Network:
        """The network of a PyTorch module, traced by `torch.export` in evaluation mode; its weights are not read.

        `inputs` are example arguments of its `forward`: a tensor, several in a tuple, or a dictionary by name; or the
        shape of the only one without the batch, such as (3, 224, 224). The first axis of each tensor is the batch;
        heights and widths stay symbols where the model allows it.

        Raises ArchcalcError if PyTorch cannot trace the module.
        """
        return import_module("archcalc.importers.modules").from_torch(module, inputs, name)

    @classmethod
    def load(cls, name: str, **settings: Any) -> Network:
        """The network of a model by name: `timm:convnext_tiny`, `net.py:factory`, `model.pt2`, `net.toml` and the like.

        `settings` are arguments of the library's or the file's factory. The code of a model of PyTorch is run to trace
        it, by a process of its own; other files are read as data. Raises ArchcalcError if there is no such model, or
        it cannot be traced or read.
        """
        return import_module("archcalc.importers.loading").load(name, settings)

    @classmethod
    def from_onnx(cls, file: Any, name: str = "model") -> Network:
        """The network of an ONNX file, by its path or its bytes; no weights are read, and no package is needed.

        Raises ArchcalcError for a file that is none, and for what it cannot say a number of.
        """
        return import_module("archcalc.importers.onnx_files").read_onnx(file, name)

    @classmethod
    def from_layers(cls, text: str, name: str = "network", form: str = "toml") -> Network:
        """The network of a layer list: in TOML or YAML, the JSON of Keras, or a prototxt of Caffe.

        `form` is `toml`, `yaml`, `keras` or `caffe`.

        Raises ArchcalcError naming the line or the layer, and the rule.

        >>> text = 'input = "3x32x32"\\nlayers = ["conv 16 3x3 p1, relu", "gap, flatten, linear 10"]'
        >>> mine = Network.from_layers(text)
        >>> mine.graph().nodes[-1].shape
        (10,)
        """
        return import_module("archcalc.importers.layer_list").read_layers(text, name=name, form=form)

    def graph(
        self, input: Any = None, settings: Mapping[str, Any] | None = None, known: BlockSums | None = None
    ) -> Graph:
        """The graph on an input, by default the network's own, with some hyperparameters.

        `input` is a shape, or the shapes of all inputs. With `known`, one node stands for each block that was built
        before, and only sums are right: see `archcalc.graph.block_sums`. Raises ArchcalcError naming the layer and the
        rule where the network cannot be built.
        """
        own = self.settled(settings or {})
        channels = own.pop("in_channels", None)
        graph = Graph(self.name, *self._shapes(input, channels), labels=self.labels)
        graph.known = known
        before = choosing_layers.set(True)
        try:
            returned = self.builder(*graph.inputs, **own)
        finally:
            choosing_layers.reset(before)
        outputs = returned if isinstance(returned, tuple) else (returned,)
        if not outputs or not all(isinstance(each, Value) for each in outputs):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArchcalcError(
                f"{self.name}: the function that builds it returns its output, a Value, not {cut(repr(returned))}"
            )
        return graph.finish(*outputs)

    @property
    def hint(self) -> str:
        """A hint for a hyperparameter that a finished graph does not have; empty if a function builds the graph."""
        if getattr(self.builder, "__func__", None) is not Graph.replay:
            return ""
        return "; it is a finished graph, whose hyperparameters are settled: ask where the function that builds it is"

    def table(self, **given: Any) -> str:
        """The cost table as text, one line for each layer; `given` are further arguments of `archcalc.analyze`."""
        analysis = import_module("archcalc.analysis.table").analyze(self, **given)
        layout: Any = import_module("archcalc.present.layout")
        text: str = layout.as_text(import_module("archcalc.present.costs").cost_table(analysis))
        return text

    def read(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Values of hyperparameters, read from text if need be. Raises ArchcalcError for an unknown or invalid one."""
        return {
            key: read_hyperparameter(self.name, self.hyperparameters, key, value, self.hint)
            for key, value in settings.items()
        }

    def settled(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Hyperparameters that the name fixes, and those given; raises as `read` does."""
        return dict(self.settings) | self.read(given)

    def defaults(self) -> dict[str, Any]:
        """The default value of every hyperparameter."""
        from inspect import signature

        if hasattr(self.builder, "defaults"):
            return {key: self.builder.defaults()[key] for key in self.hyperparameters}  # pyright: ignore[reportFunctionMemberAccess]
        known = {key: parameter.default for key, parameter in signature(self.builder).parameters.items()}
        known |= {"in_channels": self.input[0], **self.settings}
        return {key: known[key] for key in self.hyperparameters}

    def _shapes(self, given: Any, channels: Any) -> tuple[Shape, ...]:
        if given is None:
            own = self.inputs
            return own if channels is None else ((channels, *own[0][1:]),)
        self.check_shape(given)
        if len(self.inputs) > 1:
            several: list[Any] = [tuple(each) if isinstance(each, Sequence) else None for each in given]  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
            if len(several) != len(self.inputs) or None in several:
                shapes = ", ".join(map(str, self.inputs))
                said = f"{self.name} has {len(self.inputs)} inputs, by default {shapes}: give a shape for each"
                raise ArchcalcError(said, about="input")
            return tuple([self._shape(each, own, None) for each, own in zip(several, self.inputs, strict=True)])
        channels = self.input[0] if channels is None and not self.free else channels
        return (self._shape(tuple(given), self.input, channels),)

    def check_shape(self, given: Any) -> None:
        """Raise ArchcalcError unless something is a shape, or several: sizes one after another."""
        if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
            shapes = " and ".join(map(str, self.inputs))
            raise ArchcalcError(f"{self.name}: an input is a shape such as {shapes}, not {cut(repr(given))}", "input")  # pyright: ignore[reportUnknownArgumentType]

    def check_axes(self, given: tuple[Dim, ...], own: Shape) -> None:
        """Raise ArchcalcError unless a shape has as many axes as the network's own input."""
        if len(given) != len(own) or any(isinstance(each, Sequence) and not isinstance(each, str) for each in given):
            axes = AXES.get(len(own), f"of {len(own)} sizes")
            raise ArchcalcError(f"{self.name}: an input is {axes}, not {cut(repr(given))}", about="input")

    def _shape(self, given: tuple[Dim, ...], own: Shape, channels: Any) -> Shape:
        self.check_axes(given, own)
        if channels is not None and is_int(given[0]) and is_int(channels) and given[0] != channels:
            free = "in_channels" in self.hyperparameters and given[0] >= 1
            hint = f" (in_channels={given[0]} changes its first layer)" if free else ""
            raise ArchcalcError(f"{self.name} takes {channels} input channels, not {given[0]}{hint}", about="input")
        sides = given if channels is None else given[1:]
        read = [read_size(side, self.name) if isinstance(side, (int, str, float)) else side for side in sides]
        return tuple(read) if channels is None else (given[0], *read)


def _shapes(name: str, given: Any, parameters: Sequence[Parameter]) -> tuple[Shape, ...]:
    """The shapes of all inputs. Raises ArchcalcError unless they are shapes of the function's first parameters."""
    asked = given  # pyright: ignore[reportUnknownVariableType]
    if isinstance(given, Mapping):
        shapes: dict[Any, Any] = dict(given)  # pyright: ignore[reportUnknownArgumentType]
        names = [each.name for each in parameters[: len(shapes)]]
        if list(shapes) != names:
            said = (
                f"the inputs {', '.join(map(str, shapes))} are not the first parameters of {name}: {', '.join(names)}"
            )
            raise ArchcalcError(said, about="input")
        given = tuple(shapes.values())
    elif isinstance(given, Sequence) and not any(isinstance(each, Sequence) for each in given):  # pyright: ignore[reportUnknownVariableType]
        given = (given,)
    each: Any = given  # pyright: ignore[reportUnknownVariableType]
    try:
        found = tuple([tuple([read_size(size, name) for size in shape]) for shape in each])
    except TypeError:
        found = ()
    if not found or not all(found):
        raise ArchcalcError(f"{name}: an input is a shape such as (3, 32, 32), not {asked!r}", about="input")
    if len(parameters) < len(found):
        count = f"{len(found)} input{'' if len(found) == 1 else 's'}"
        said = f"{len(parameters)} parameter{'' if len(parameters) == 1 else 's'}"
        raise ArchcalcError(f"{name} has {said}, too few for {count}", about="input")
    return found


def parameters_of(function: Any, name: str) -> list[Parameter]:
    """The parameters of a function that builds a network. Raises ArchcalcError for what has none that can be read."""
    from inspect import signature

    try:
        return list(signature(function).parameters.values())
    except (TypeError, ValueError):
        raise ArchcalcError(f"{name} is no function whose parameters Python can tell", about="name") from None


def _plain(parameter: Parameter) -> bool:
    """Return True if a parameter has a name of its own, unlike *args and **kwargs."""
    return parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)


def kind_of_value(name: str, value: Any) -> Hyperparameter:
    """The kind of hyperparameter that has such a default value."""
    if isinstance(value, bool):
        return Switch(name)
    if isinstance(value, int):
        return Whole(0, 10_000_000, name)
    return Real(0, 1_000_000, name) if isinstance(value, float) else Other(name, literal=not isinstance(value, str))
