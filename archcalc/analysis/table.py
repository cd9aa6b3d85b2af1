"""Cost tables: sizes, parameters, mult-adds, memory and receptive field of every layer, and totals side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archcalc.algebra.dims import Dim, Shape
from archcalc.analysis.cost import Cost, costs
from archcalc.analysis.quantities import Basis, errors_of, totals
from archcalc.analysis.receptive_field import Field, Track, fields
from archcalc.analysis.results import Analysis, Layer, ReceptiveField
from archcalc.base.questions import question
from archcalc.conventions import MULT_ADDS
from archcalc.conventions.results import Counting
from archcalc.graph import HEADING, NO_PARAMETERS, Graph, Node, Parameters, Reach, channels_last, op_names
from archcalc.request import NetworkLike, Request

NOT_COUNTED = "Not counted"
"""The begin of a remark on operators that are not known."""


@question
def analyze(
    network: NetworkLike,
    *,
    detail: bool = False,
    convention: str | None = None,
    convolutional: bool = False,
    **given: Any,
) -> Analysis:
    """The cost table of a network: sizes, params, mult-adds, memory and receptive field of every layer.

    `network` is a name of the catalogue, a `Network`, a `Graph` or a `Request`. `given` may have `input`, a shape such
    as (channels, height, width), the network's own by default; `batch` and `dtype`, which enter only the bytes; and
    hyperparameters of the network (`classes`, `width`, `aux` ...). Sizes may be ints, sympy expressions or numpy int64
    arrays. `detail` gives one layer for every op instead of every row; `convention` adds the count of each layer under
    another way of counting (`archcalc conventions` lists them). `convolutional` reads the
    fully connected layers and global pools at the end as convolutions and pools as large as the map, so that their
    receptive fields are windows.

    Raises ArchcalcError (UnknownName for the name) with one line that says what is wrong and where.

    >>> import archcalc
    >>> archcalc.analyze("vgg16", input=(3, 320, 320)).layers[1].output_shape
    (64, 320, 320)
    """
    request = Request.of(network, **given)
    graph = request.graph
    each = costs(graph)
    sees = fields(graph, convolutional)
    layers = _by_op(graph, each, sees) if detail else by_row(graph, each, sees)
    counting = None if convention is None else _counted(graph, convention, layers, detail)
    return Analysis(
        architecture=request.resolved.name,
        citation=request.resolved.citation,
        input=graph.nodes[0].shape,
        batch=request.batch,
        dtype=request.dtype,
        convention=MULT_ADDS.name if counting is None else counting[0],
        hyperparameters=request.hyperparameters,
        changed=request.changed,
        totals=totals(Basis(graph, request.batch, request.dtype, request.training, each)),
        layers=tuple(layers if counting is None else counting[1]),
        counting=None if counting is None else counting[2],
        remarks=(*request.resolved.remarks, *uncounted(graph)),
    )


def operation_layers(request: Request, convention: str | None = None) -> tuple[Layer, ...]:
    """The layers of `analyze` with `detail`, one for every op, without the totals.

    >>> len(operation_layers(Request.of("lenet5")))
    15
    """
    graph = request.graph
    layers = _by_op(graph, costs(graph), fields(graph, convolutional=False))
    return tuple(layers if convention is None else _counted(graph, convention, layers, detail=True)[1])


def uncounted(graph: Graph) -> tuple[str, ...]:
    """Sentences on operators of an imported network that are not read: what each costs is in no total."""
    rows: dict[str, list[str]] = {}
    for node in graph.nodes:
        if node.op.kind == "unknown":
            rows.setdefault(str(node.op.attributes()["operator"]), []).append(node.row)
    return tuple(
        [
            f"{NOT_COUNTED}: {operator}, {len(names)} time{'' if len(names) == 1 else 's'} ({', '.join(names[:3])}"
            f"{' ...' if len(names) > 3 else ''}): params, mult-adds and memory are lower bounds."
            for operator, names in rows.items()
        ]
    )


def _counted(graph: Graph, name: str, layers: list[Layer], detail: bool) -> tuple[str, list[Layer], Counting]:
    """The convention's canonical name, the layers with their counts, and the count of the network."""
    from archcalc.conventions.counting import Measures, by_node, count_graph, counting, find_convention

    convention = find_convention(name)
    measures = Measures(graph)
    if detail:
        amounts = by_node(measures, convention)
    else:
        rows = count_graph(measures, convention).by_layer
        amounts = [rows[layer.row] for layer in layers]
    counted = [layer._replace(counted=amount) for layer, amount in zip(layers, amounts, strict=True)]
    return convention.name, counted, counting(measures, convention)


def _by_op(graph: Graph, each: list[Cost], sees: list[Field]) -> list[Layer]:
    """One layer for every op."""
    return [
        _layer(
            name,
            node,
            shape,
            cost.parameters,
            cost.work.multiply_accumulate,
            cost.activations,
            _receptive_field(rf),
        )
        for name, node, shape, cost, rf in zip(
            op_names(graph), graph.nodes, _channels_first(graph), each, sees, strict=True
        )
    ]


def by_row(graph: Graph, each: list[Cost], sees: list[Field]) -> list[Layer]:
    """One layer for every row: its conv, linear, pool or merge, together with the ops after that."""
    members: dict[str, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        members.setdefault(node.row, []).append(index)
    layers: list[Layer] = []
    shapes = _channels_first(graph)
    windows: dict[int, ReceptiveField] = {}  # ops on single positions share their field
    for row, indices in members.items():
        head = _head(graph, indices)
        params = each[head].parameters
        mult_adds = each[head].work.multiply_accumulate
        for i in indices:
            if i != head:
                _, extra, work = each[i]
                if extra is not NO_PARAMETERS:
                    params = Parameters(*[a + b for a, b in zip(params, extra, strict=True)])
                mult_adds = mult_adds + work.multiply_accumulate
        last = indices[-1]
        if id(sees[last]) not in windows:
            windows[id(sees[last])] = _receptive_field(sees[last])
        layers.append(
            _layer(
                row, graph.nodes[head], shapes[last], params, mult_adds, each[last].activations, windows[id(sees[last])]
            )
        )
    return layers


def _head(graph: Graph, indices: list[int]) -> int:
    """The node that a row is named for: its conv, linear, pool or merge, else the first that computes something."""
    roles = [graph.nodes[i].op.role for i in indices]
    heads = [i for i, role in zip(indices, roles, strict=True) if role in HEADING]
    others = [i for i, role in zip(indices, roles, strict=True) if role != "layout"]
    return [*heads, *others, *indices][0]


def _channels_first(graph: Graph) -> list[Shape]:
    """The output shape of every node, as (channels, height, width) also for maps with channels last."""
    shapes = [node.shape for node in graph.nodes]
    return [(x[-1], *x[:-1]) if moved else x for x, moved in zip(shapes, channels_last(graph), strict=True)]


def _layer(
    name: str, head: Node, shape: Shape, params: Parameters, mult_adds: Dim, activations: Dim, window: ReceptiveField
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
        receptive_field=window,
        in_place=head.op.role not in HEADING and head.op.role != "input",
    )


def _receptive_field(rf: Field) -> ReceptiveField:
    local = None if rf.local is None else _window(rf.local)
    if rf.reach is None and local is not None:
        return local
    whole, irregular = rf.reach is Reach.WHOLE, rf.reach is Reach.IRREGULAR
    return ReceptiveField(None, None, None, whole_input=whole, irregular=irregular, local=local)


def _window(tracks: tuple[Track, ...]) -> ReceptiveField:
    first, *others = tracks
    size, stride, offset = first.window
    if all([track is first for track in others]):
        axes = len(tracks)
        return ReceptiveField((size,) * axes, (stride,) * axes, (offset,) * axes)
    sizes, strides, offsets = zip(*[track.window for track in tracks], strict=True)
    return ReceptiveField(sizes, strides, offsets)


def comparison(analyses: Sequence[Analysis]) -> list[dict[str, Any]]:
    """Totals of several networks, and each total's ratio to the first network's."""
    first = analyses[0].totals
    lines: list[dict[str, Any]] = []
    for analysis in analyses:
        totals = analysis.totals.to_dict()
        line: dict[str, Any] = {"architecture": analysis.architecture, "settings": dict(analysis.changed)}
        line["input"] = list(analysis.input)
        line |= {"batch": analysis.batch, "dtype": analysis.dtype, "convention": analysis.convention} | totals
        ratios = {f"{key}_ratio": totals[key] / base if base else None for key, base in first.to_dict().items()}
        line |= ratios | errors_of(totals)
        if analysis.counting is not None and analyses[0].counting is not None:
            counted: Any = analysis.counting.total
            base: Any = analyses[0].counting.total
            line |= {"unit": analysis.counting.unit, "counted": counted}
            line["counted_ratio"] = counted / base if base else None
            line["left_out"] = " ".join([each.op for each in analysis.counting.left_out])
        lines.append(line)
    return lines
