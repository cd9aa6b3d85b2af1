"""The one door: a request in, a frozen result out. The command line, the service and a notebook all come through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc import zoo
from archcalc.analysis.cost import Cost, activation_sum, costs, weight_layers
from archcalc.analysis.memory import footprint
from archcalc.analysis.receptive_field import Field, Track, fields
from archcalc.conventions import MULT_ADDS
from archcalc.dims import Dim, is_int
from archcalc.errors import ArchcalcError
from archcalc.graph import HEADING, Graph, Node, Parameters, Reach
from archcalc.zoo import Architecture, Family, Hyperparameter, Whole

if TYPE_CHECKING:
    import pandas

DTYPES: Mapping[str, int] = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
"""Bytes of one value."""


def names() -> tuple[str, ...]:
    """The canonical names of all architectures."""
    return zoo.names()


class ReceptiveField(NamedTuple):
    """What one unit of a layer sees of the input. Pairs are (height, width).

    `size`, `stride` and `offset` (first position of the first unit; negative in the padding) are in input positions, and
    None where the unit's field is no window: it sees the `whole_input`, or the windows are `irregular`. After
    upsampling `stride` may be a fraction and `size` is the largest of a period. `local` is the field that is left when
    the branches that see the whole input (gates) are set aside.
    """

    size: tuple[Dim, Dim] | None
    stride: tuple[Any, Any] | None
    offset: tuple[Dim, Dim] | None
    whole_input: bool = False
    irregular: bool = False
    local: ReceptiveField | None = None


class Layer(NamedTuple):
    """One row of the cost table (or one op, in detail). Counts are for one image."""

    name: str
    row: str
    op: str
    attributes: Mapping[str, Any]
    output_shape: tuple[Dim, ...]
    activations: Dim
    """Elements of the output."""
    params: Dim
    """Learnable values of all ops in the row."""
    buffers: Dim
    mult_adds: Dim
    receptive_field: ReceptiveField
    in_place: bool = False
    """Whether `activation_sum` leaves the row out: it only normalises or activates (or rearranges) its input."""


class Totals(NamedTuple):
    """Whole-network figures. Counts are for one image, bytes for the batch."""

    params: Dim
    buffers: Dim
    mult_adds: Dim
    activation_sum: Dim
    parameter_bytes: Dim
    peak_inference_bytes: Dim
    training_saved_bytes: Dim
    weight_layers: int


@dataclass(frozen=True)
class Analysis:
    """The cost table of one architecture at one input."""

    architecture: str
    citation: str
    input: tuple[Dim, ...]
    batch: Dim
    dtype: str
    convention: str
    hyperparameters: Mapping[str, Any]
    totals: Totals
    layers: tuple[Layer, ...] = field(repr=False)

    @property
    def element_bytes(self) -> int:
        """Bytes of one value of the dtype."""
        return DTYPES[self.dtype]

    def to_dict(self) -> dict[str, Any]:
        """The result as plain lists and dictionaries: what `--format json` prints."""
        return {
            "architecture": self.architecture,
            "citation": self.citation,
            "input": list(self.input),
            "batch": self.batch,
            "dtype": self.dtype,
            "convention": self.convention,
            "hyperparameters": dict(self.hyperparameters),
            "totals": self.totals._asdict(),
            "layers": [_layer_dict(layer) for layer in self.layers],
        }

    def records(self) -> list[dict[str, Any]]:
        """One flat dictionary a layer: what `--format csv` and `to_pandas` show. A field that is no window is None."""
        return [_record(layer, self.element_bytes * self.batch) for layer in self.layers]

    def to_pandas(self) -> pandas.DataFrame:
        """One line a layer: name, row, op, output shape, counts, receptive field."""
        import pandas

        return pandas.DataFrame(self.records())

    def _repr_html_(self) -> str:
        frame = self.to_pandas()
        caption = f"{self.architecture}, input {'x'.join(map(str, self.input))}, {self.totals.params:,} params"
        return f"<p>{caption}, {self.totals.mult_adds:,} mult-adds</p>" + frame.to_html(index=False, na_rep="")


def _layer_dict(layer: Layer) -> dict[str, Any]:
    sight = layer.receptive_field
    plain = layer._asdict()
    plain["attributes"] = {key: _listed(value) for key, value in layer.attributes.items()}
    plain["output_shape"] = list(layer.output_shape)
    plain["receptive_field"] = _field_dict(sight)
    return plain


def _field_dict(sight: ReceptiveField) -> dict[str, Any] | None:
    if sight.size is None:
        local = None if sight.local is None else _field_dict(sight.local)
        return {
            "size": None,
            "stride": None,
            "offset": None,
            "whole_input": sight.whole_input,
            "irregular": sight.irregular,
            "local": local,
        }
    return {
        "size": list(sight.size),
        "stride": [_number(side) for side in sight.stride or ()],
        "offset": list(sight.offset or ()),
        "whole_input": False,
    }


def _listed(value: Any) -> Any:
    return [_listed(each) for each in value] if isinstance(value, tuple) else value


def _number(value: Any) -> Any:
    """A fraction as a float where that is exact (powers of two), as text elsewhere; whole numbers as they are."""
    if isinstance(value, int):
        return value
    return float(value) if value.denominator & (value.denominator - 1) == 0 else str(value)


def _record(layer: Layer, element_bytes: Dim) -> dict[str, Any]:
    shape = layer.output_shape if len(layer.output_shape) == 3 else (*layer.output_shape, None, None)[:3]
    sight = layer.receptive_field
    record: dict[str, Any] = {"name": layer.name, "row": layer.row, "op": layer.op}
    record |= dict(zip(("channels", "height", "width"), shape, strict=True))
    record |= {
        "activations": layer.activations,
        "memory_bytes": layer.activations * element_bytes,
        "params": layer.params,
        "buffers": layer.buffers,
        "mult_adds": layer.mult_adds,
    }
    for key, pair in (("size", sight.size), ("stride", sight.stride), ("offset", sight.offset)):
        height, width = pair or (None, None)
        record |= {f"receptive_field_{key}_height": height, f"receptive_field_{key}_width": width}
    return record | {"whole_input": sight.whole_input}


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
        totals=_totals(graph, each, batch, DTYPES[dtype]),
        layers=tuple(_by_op(graph, each, sees) if detail else _by_row(graph, each, sees)),
    )


def build_graph(found: Architecture, input: tuple[Dim, ...] | None, settings: Mapping[str, Any]) -> Graph:
    """The graph of an architecture. Raises ArchcalcError naming the layer and the rule where it cannot be built."""
    channels = settings.get("in_channels", found.variant.input[0])
    shape = _input_shape(found, channels, input)
    graph = Graph(found.name, shape)
    own = {key: value for key, value in settings.items() if key != "in_channels"}
    outputs = found.family.build(graph.input, **own)
    return graph.finish(*(outputs if isinstance(outputs, tuple) else (outputs,)))


IN_CHANNELS = Whole(1, 1_000_000, "channels of the input")


def hyperparameters_of(family: Family) -> dict[str, Hyperparameter]:
    """A family's hyperparameters and the one that every network has: `in_channels`."""
    return {**family.hyperparameters, "in_channels": IN_CHANNELS}


def _settings(found: Architecture, given: Mapping[str, Any]) -> dict[str, Any]:
    return dict(found.variant.settings) | {
        key: zoo.read_hyperparameter(found.name, hyperparameters_of(found.family), key, value)
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
    return (given[0], *[zoo.read_size(side, found.name) if isinstance(side, (int, str, float)) else side for side in given[1:]])


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
        training_saved_bytes=(memory.saved_elements * width + memory.saved_bytes) * batch,
        weight_layers=weight_layers(graph),
    )


def _sums(each: list[Cost]) -> tuple[Dim, Dim]:
    """Learnable parameters and mult-adds of all nodes."""
    params: Dim = 0
    mult_adds: Dim = 0
    for cost in each:
        params = params + cost.parameters.learnable
        mult_adds = mult_adds + MULT_ADDS.count(cost.work)
    return params, mult_adds


def _by_op(graph: Graph, each: list[Cost], sees: list[Field]) -> list[Layer]:
    """One layer for every op; the ops of a row are told apart by their kind."""
    layers: list[Layer] = []
    taken: dict[str, int] = {}
    for node, cost, sight in zip(graph.nodes, each, sees, strict=True):
        name = f"{node.row}.{node.op.kind}" if node.op.role != "input" else node.row
        taken[name] = taken.get(name, 0) + 1
        if taken[name] > 1:
            name = f"{name}{taken[name]}"
        layers.append(_layer(name, node, node, cost.parameters, MULT_ADDS.count(cost.work), cost.activations, sight))
    return layers


def _by_row(graph: Graph, each: list[Cost], sees: list[Field]) -> list[Layer]:
    """One layer for every row: headed by its conv, linear, pool or merge, with what is folded into it."""
    members: dict[str, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        members.setdefault(node.row, []).append(index)
    layers: list[Layer] = []
    for row, indices in members.items():
        head = next((i for i in indices if graph.nodes[i].op.role in HEADING), indices[0])
        params = each[head].parameters
        mult_adds = MULT_ADDS.count(each[head].work)
        for i in indices:
            if i != head:
                extra = each[i].parameters
                params = Parameters(*[a + b for a, b in zip(params, extra, strict=True)])
                mult_adds = mult_adds + MULT_ADDS.count(each[i].work)
        last = indices[-1]
        layers.append(
            _layer(row, graph.nodes[head], graph.nodes[last], params, mult_adds, each[last].activations, sees[last])
        )
    return layers


def _layer(
    name: str, head: Node, last: Node, params: Parameters, mult_adds: Dim, activations: Dim, sight: Field
) -> Layer:
    return Layer(
        name=name,
        row=head.row,
        op=head.op.kind,
        attributes=head.op.attributes(),
        output_shape=last.shape,
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
    return ReceptiveField(
        (height.size, width.size), (height.stride, width.stride), (height.offset, width.offset)
    )


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
    for family in zoo.families():
        for name, variant in family.variants.items():
            glob = any(mark in wanted for mark in "*?[")
            if fnmatchcase(name, wanted) if glob else wanted in f"{name} {variant.summary}".lower():
                graph = build_graph(Architecture(name, family, variant), None, variant.settings)
                params, mult_adds = _sums(costs(graph))
                entries.append(
                    Entry(name, variant.summary, family.authors, family.year, variant.input, params, mult_adds)
                )
    if not entries:
        raise ArchcalcError(f"no architecture matches {pattern!r}; `archcalc list` shows all")
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
                "receptive_field": _field_dict(layer.receptive_field),
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
                "receptive_fields": [None if sight is None else _field_dict(sight) for sight in sights],
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
