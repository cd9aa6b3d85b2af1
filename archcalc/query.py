"""The one door: a question in, a frozen result out, for the command line, the service and a notebook alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from archcalc import zoo
from archcalc.analysis.cost import Cost, activation_sum, costs, weight_layers
from archcalc.analysis.memory import footprint
from archcalc.analysis.receptive_field import Field, Track, fields
from archcalc.conventions import MULT_ADDS
from archcalc.descriptions import Description, Space, describe_network, describe_space
from archcalc.design_spaces import DESIGN_SPACES
from archcalc.dims import Dim, Shape, is_int
from archcalc.errors import ArchcalcError
from archcalc.graph import HEADING, Graph, Node, Parameters, Reach, Role, channels_last, op_names
from archcalc.results import DTYPES, Analysis, Layer, ReceptiveField, Totals, field_dict
from archcalc.zoo import Architecture, Whole


def names() -> tuple[str, ...]:
    """The canonical names of all architectures."""
    return zoo.names()


def analyze(
    name: str,
    *,
    input: tuple[Dim, ...] | None = None,
    batch: Dim = 1,
    dtype: str = "float32",
    detail: bool = False,
    **hyperparameters: Any,
) -> Analysis:
    """The cost table of an architecture: sizes, params, mult-adds, memory and receptive field of every layer.

    `input` is (channels, height, width), the architecture's own by default; `batch` images of `dtype` enter only the
    bytes. `detail` gives one layer for every op instead of every row. `hyperparameters` are the architecture's own
    (`classes`, `width`, `aux` ...). Sizes may be ints, sympy expressions or numpy int64 arrays.

    Raises ArchcalcError (UnknownName for the name) with one line that says what is wrong and where.
    """
    if dtype not in DTYPES:
        raise ArchcalcError(f"no dtype is called {dtype!r}; there are {', '.join(DTYPES)}")
    found = zoo.architecture(name)
    if isinstance(batch, (int, str, float)):
        try:
            batch = Whole(1, 1_000_000, "").read(batch)
        except ValueError as error:
            raise ArchcalcError(f"{found.name}: a batch is {error}") from None
    settings = _settings(found, hyperparameters)
    graph = build_graph(found, input, settings)
    each = costs(graph)
    sees = fields(graph)
    return Analysis(
        architecture=found.name,
        citation=f"{found.family.authors} {found.family.year}, {found.family.source}",
        input=graph.nodes[0].shape,
        batch=batch,
        dtype=dtype,
        convention=MULT_ADDS.name,
        hyperparameters=settings,
        changed={key: settings[key] for key in hyperparameters},
        totals=_totals(graph, each, batch, DTYPES[dtype]),
        layers=tuple(_by_op(graph, each, sees) if detail else _by_row(graph, each, sees)),
    )


class Joined(NamedTuple):
    """A row of the cost table and the rows whose outputs it takes, each once, in order."""

    layer: Layer
    role: Role
    inputs: tuple[str, ...]


class Structure(NamedTuple):
    """How the rows of a network are joined, in the order in which they were written."""

    architecture: str
    input: Shape
    changed: Mapping[str, Any]
    """The hyperparameters that were asked for."""
    rows: tuple[Joined, ...]


def structure(name: str, *, input: tuple[Dim, ...] | None = None, **hyperparameters: Any) -> Structure:
    """The rows of an architecture's cost table and how they are joined. Raises ArchcalcError as `analyze` does."""
    found = zoo.architecture(name)
    settings = _settings(found, hyperparameters)
    graph = build_graph(found, input, settings)
    roles: dict[str, Role] = {}
    sources: dict[str, dict[str, None]] = {}
    for node in graph.nodes:
        if roles.get(node.row) not in HEADING:
            roles[node.row] = node.op.role if node.op.role in HEADING else roles.get(node.row, node.op.role)
        rows = [graph.nodes[i].row for i in node.inputs]
        sources.setdefault(node.row, {}).update({row: None for row in rows if row != node.row})
    return Structure(
        found.name,
        graph.nodes[0].shape,
        {key: settings[key] for key in hyperparameters},
        tuple(
            [
                Joined(layer, roles[layer.row], tuple(sources[layer.row]))
                for layer in _by_row(graph, costs(graph), fields(graph))
            ]
        ),
    )


def build_graph(found: Architecture, input: tuple[Dim, ...] | None, settings: Mapping[str, Any]) -> Graph:
    """The graph of an architecture. Raises ArchcalcError naming the layer and the rule where it cannot be built."""
    channels = settings.get("in_channels", found.variant.input[0])
    shape = _input_shape(found, channels, input)
    graph = Graph(found.name, shape)
    own = {key: value for key, value in settings.items() if key != "in_channels"}
    outputs = found.family.build(graph.input, **own)
    return graph.finish(*(outputs if isinstance(outputs, tuple) else (outputs,)))


def _settings(found: Architecture, given: Mapping[str, Any]) -> dict[str, Any]:
    return dict(found.variant.settings) | {
        key: zoo.read_hyperparameter(found.name, zoo.hyperparameters_of(found.family), key, value)
        for key, value in given.items()
    }


def _input_shape(found: Architecture, channels: Dim, given: tuple[Dim, ...] | None) -> tuple[Dim, ...]:
    if given is None:
        return (channels, *found.variant.input[1:])
    if len(given) != 3:
        raise ArchcalcError(f"{found.name}: an input is (channels, height, width), not {given!r}")
    if is_int(given[0]) and is_int(channels) and given[0] != channels:
        hint = "" if given[0] < 1 else f" (in_channels={given[0]} changes its first layer)"
        raise ArchcalcError(f"{found.name} takes {channels} input channels, not {given[0]}{hint}")
    return (
        given[0],
        *[zoo.read_size(side, found.name) if isinstance(side, (int, str, float)) else side for side in given[1:]],
    )


def _totals(graph: Graph, each: list[Cost], batch: Dim, width: int) -> Totals:
    params, mult_adds = _sums(each)
    buffers: Dim = 0
    for cost in each:
        buffers = buffers + cost.parameters.running
    memory = footprint(graph, each)
    return Totals(
        params=params,
        buffers=buffers,
        mult_adds=mult_adds,
        activation_sum=activation_sum(graph, each),
        parameter_bytes=params * width,
        peak_inference_bytes=memory.peak_inference * width * batch,
        training_saved_bytes=memory.training_saved(batch, width),
        weight_layers=weight_layers(graph),
    )


def _sums(each: list[Cost]) -> tuple[Dim, Dim]:
    """Learnable parameters and mult-adds of all nodes."""
    params: Dim = 0
    mult_adds: Dim = 0
    for cost in each:
        params = params + cost.parameters.learnable
        mult_adds = mult_adds + MULT_ADDS.total(cost.work)
    return params, mult_adds


def _by_op(graph: Graph, each: list[Cost], sees: list[Field]) -> list[Layer]:
    """One layer for every op."""
    return [
        _layer(name, node, shape, cost.parameters, MULT_ADDS.total(cost.work), cost.activations, sight)
        for name, node, shape, cost, sight in zip(
            op_names(graph), graph.nodes, _channels_first(graph), each, sees, strict=True
        )
    ]


def _by_row(graph: Graph, each: list[Cost], sees: list[Field]) -> list[Layer]:
    """One layer for every row: headed by its conv, linear, pool or merge, with what is folded into it."""
    members: dict[str, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        members.setdefault(node.row, []).append(index)
    layers: list[Layer] = []
    shapes = _channels_first(graph)
    for row, indices in members.items():
        head = next((i for i in indices if graph.nodes[i].op.role in HEADING), indices[0])
        params = each[head].parameters
        mult_adds = MULT_ADDS.total(each[head].work)
        for i in indices:
            if i != head:
                extra = each[i].parameters
                params = Parameters(*[a + b for a, b in zip(params, extra, strict=True)])
                mult_adds = mult_adds + MULT_ADDS.total(each[i].work)
        last = indices[-1]
        layers.append(
            _layer(row, graph.nodes[head], shapes[last], params, mult_adds, each[last].activations, sees[last])
        )
    return layers


def _channels_first(graph: Graph) -> list[Shape]:
    """The output shape of every node, (channels, height, width) also where the ops keep a map's channels last."""
    shapes = [node.shape for node in graph.nodes]
    return [(x[-1], *x[:-1]) if moved else x for x, moved in zip(shapes, channels_last(graph), strict=True)]


def _layer(
    name: str, head: Node, shape: Shape, params: Parameters, mult_adds: Dim, activations: Dim, sight: Field
) -> Layer:
    return Layer(
        name=name,
        row=head.row,
        op=head.op.kind,
        attributes=head.op.attributes(),
        output_shape=shape,
        activations=activations,
        params=params.learnable,
        buffers=params.running,
        mult_adds=mult_adds,
        receptive_field=_receptive_field(sight),
        in_place=head.op.role not in HEADING and head.op.role != "input",
    )


def _receptive_field(sight: Field) -> ReceptiveField:
    local = None if sight.local is None else _window(*sight.local)
    if sight.reach is None and local is not None:
        return local
    whole = sight.reach is Reach.WHOLE
    return ReceptiveField(None, None, None, whole_input=whole, irregular=not whole, local=local)


def _window(height: Track, width: Track) -> ReceptiveField:
    return ReceptiveField((height.size, width.size), (height.stride, width.stride), (height.offset, width.offset))


def describe(name: str) -> Description | Space:
    """Citation, hyperparameters, names, confirmation and notes of a network, or what a design space is.

    Raises UnknownName with the nearest known names.
    """
    space = zoo.design_space(name)
    return describe_network(name) if space is None else describe_space(space)


def spaces() -> list[Space]:
    """The design spaces that the documents size."""
    return [describe_space(name) for name in DESIGN_SPACES]


class Entry(NamedTuple):
    """One line of the catalogue: a network as its name gives it."""

    name: str
    summary: str
    authors: str
    year: int
    input: tuple[int, int, int]
    params: Dim
    mult_adds: Dim


def catalogue(pattern: str = "") -> list[Entry]:
    """The networks whose name or summary holds `pattern` (any case; `*` and `?` match a whole name), with their totals.

    Raises ArchcalcError if none does.
    """
    from fnmatch import fnmatchcase

    wanted = pattern.lower()
    entries: list[Entry] = []
    glob = any(mark in wanted for mark in "*?[")
    for each in zoo.architectures():
        name, family, variant, _ = each
        if fnmatchcase(name, wanted) if glob else wanted in f"{name} {variant.summary}".lower():
            params, mult_adds = _sums(costs(build_graph(each, None, variant.settings)))
            entries.append(Entry(name, variant.summary, family.authors, family.year, variant.input, params, mult_adds))
    if not entries:
        raise ArchcalcError(
            f"no architecture matches {pattern!r}; `archcalc list` shows all, `archcalc spaces` the design spaces"
        )
    return entries


def stage_fields(analyses: Sequence[Analysis]) -> dict[str, list[ReceptiveField | None]]:
    """For every stage (first part of a row's label) the field of each network's last layer in it; None: no such stage.

    Stages that every network sees the whole input in are left out: there is nothing to compare.
    """
    order: list[str] = []
    last: list[dict[str, ReceptiveField]] = []
    for analysis in analyses:
        seen: dict[str, ReceptiveField] = {}
        for layer in analysis.layers[1:]:
            seen[layer.row.split(".")[0]] = layer.receptive_field
        after = 0
        for stage in seen:
            if stage in order:
                after = order.index(stage) + 1
            else:
                order.insert(after, stage)
                after += 1
        last.append(seen)
    matrix = {stage: [seen.get(stage) for seen in last] for stage in order}
    return {
        stage: sights
        for stage, sights in matrix.items()
        if not all(sight is not None and sight.whole_input for sight in sights)
    }


def default_input(name: str, hyperparameters: Mapping[str, Any]) -> tuple[Any, ...]:
    """The input (channels, height, width) that a network gets when none is given."""
    found = zoo.architecture(name)
    channels = _settings(found, hyperparameters).get("in_channels", found.variant.input[0])
    return (channels, *found.variant.input[1:])


def field_records(analysis: Analysis) -> list[dict[str, Any]]:
    """The receptive field of every layer as flat dictionaries."""
    counts = ("activations", "memory_bytes", "params", "buffers", "mult_adds")
    return [{key: value for key, value in record.items() if key not in counts} for record in analysis.records()[1:]]


def field_data(analysis: Analysis) -> dict[str, Any]:
    """The receptive field of every layer of one network."""
    return {
        "architecture": analysis.architecture,
        "input": list(analysis.input),
        "layers": [
            {
                "name": layer.name,
                "row": layer.row,
                "op": layer.op,
                "output_shape": list(layer.output_shape),
                "receptive_field": field_dict(layer.receptive_field),
            }
            for layer in analysis.layers[1:]
        ],
    }


Matrix = Mapping[str, Sequence[ReceptiveField | None]]


def stage_records(analyses: Sequence[Analysis], matrix: Matrix) -> list[dict[str, Any]]:
    """The size of the field after each stage (height; height x width where they differ), one column a network."""

    def cell(sight: ReceptiveField | None) -> Any:
        if sight is None or sight.size is None:
            return "whole input" if sight is not None and sight.whole_input else None
        height, width = sight.size
        return height if height == width else f"{height}x{width}"

    return [
        {"stage": stage, **{a.architecture: cell(sight) for a, sight in zip(analyses, sights, strict=True)}}
        for stage, sights in matrix.items()
    ]


def stage_data(analyses: Sequence[Analysis], matrix: Matrix) -> dict[str, Any]:
    """The field of several networks after each stage."""
    return {
        "architectures": [analysis.architecture for analysis in analyses],
        "stages": [
            {
                "stage": stage,
                "receptive_fields": [None if sight is None else field_dict(sight) for sight in sights],
            }
            for stage, sights in matrix.items()
        ],
    }


def comparison(analyses: Sequence[Analysis]) -> list[dict[str, Any]]:
    """Totals of several networks, and each total's ratio to the first network's."""
    first = analyses[0].totals
    lines: list[dict[str, Any]] = []
    for analysis in analyses:
        totals = analysis.totals._asdict()
        line: dict[str, Any] = {"architecture": analysis.architecture, "input": "x".join(map(str, analysis.input))}
        line |= {"batch": analysis.batch, "dtype": analysis.dtype, "convention": analysis.convention} | totals
        ratios = {f"{key}_ratio": totals[key] / base if base else None for key, base in first._asdict().items()}
        lines.append(line | ratios)
    return lines
