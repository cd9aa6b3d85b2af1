"""Bounds on the energy of an inference: its operations and the bytes that it moves times energies of a published table.

**Lower**: the multiplications and additions of convolutions, linear layers and products, sums in the type of the
values, and what no machine avoids that keeps nothing between inferences: every parameter and buffer, every input and
every output crosses DRAM once. **Upper**: the multiplications and additions of all ops, sums of products in the wider
type, and every op reads its inputs, parameters and buffers from DRAM and writes its output there, each once: the
quantity `bytes_moved`. DRAM costs the least that the table says in the one, the most in the other.

Neither is measured. The network is taken as it is written: taps on zero padding are multiplied, and no norm is folded.
Left out are caches, registers, instructions, control, clocks and leakage, and operations without a figure in the table,
which the statement lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from archcalc.algebra.dims import Shape
from archcalc.analysis.cost import Cost, costs
from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.base.spelling import cut
from archcalc.graph import Graph
from archcalc.hardware.energy import DEFAULT, WIDER, EnergyTable, energy_table
from archcalc.request import DTYPES, NetworkLike, Request

UNCOUNTED = ("compare", "divide", "exponential", "power")
"""Primitive operations of `Work` of which no table has an energy."""


class EnergyBounds(NamedTuple):
    """Femtojoules of a batch, between two bounds; bytes that cross DRAM in each."""

    lower_arithmetic: int
    lower_memory: int
    upper_arithmetic: int
    upper_memory: int
    lower_bytes: int
    upper_bytes: int

    @property
    def lower(self) -> int:
        """The lower bound."""
        return self.lower_arithmetic + self.lower_memory

    @property
    def upper(self) -> int:
        """The upper bound."""
        return self.upper_arithmetic + self.upper_memory


class LayerEnergy(NamedTuple):
    """A row of the network, and the energy of its ops."""

    name: str
    energy: EnergyBounds


@dataclass(frozen=True)
class EnergyStatement:
    """The energy of an inference of a batch between two bounds, from one published table."""

    architecture: str
    citation: str
    inputs: tuple[Shape, ...]
    batch: int
    dtype: str
    changed: Mapping[str, Any]
    """The hyperparameters of the request."""
    table: str
    process: str
    source: str
    total: EnergyBounds
    layers: tuple[LayerEnergy, ...]
    uncounted: int
    """Comparisons, divisions, exponentials and powers, of which the table has no energy."""
    remarks: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The statement as a plain dictionary."""
        return {
            **asdict(self),
            "total": energy_dict(self.total),
            "layers": [{"name": each.name, **energy_dict(each.energy)} for each in self.layers],
        }


def energy_dict(found: EnergyBounds) -> dict[str, int]:
    """The bounds with their sums as plain data, energies in femtojoules."""
    energies = {f"{key}_femtojoules": value for key, value in found._asdict().items() if not key.endswith("bytes")}
    sums = {"lower_femtojoules": found.lower, "upper_femtojoules": found.upper}
    return {**sums, **energies, "lower_bytes": found.lower_bytes, "upper_bytes": found.upper_bytes}


@question
def energy(network: NetworkLike, *, table: str = DEFAULT, **given: Any) -> EnergyStatement:
    """The energy of an inference of a network between two bounds, in whole femtojoules, from a published table.

    `given` are the settings of a request: `input`, `batch`, `dtype` and hyperparameters. `archcalc.hardware.energy` has
    the tables; this module says what the bounds count and what they leave out. Nothing is measured.

    Raises UnknownName for an unknown network or table, and ArchcalcError for a dtype that the table lacks and for a
    network or a batch whose sizes are no numbers.

    >>> statement = energy("lenet5", dtype="int8")
    >>> statement.total.lower < statement.total.upper
    True
    """
    request = Request.of(network, **given)
    chosen = energy_table(table)
    chosen.check(request.dtype)
    graph = request.graph
    if any([type(size) is not int for node in graph.nodes for size in node.shape]):
        raise ArchcalcError(f"{graph.name}: energy is stated for sizes that are numbers")
    if type(request.batch) is not int:
        said = f"{graph.name}: energy is stated for a batch that is a number, not {cut(repr(request.batch))}"
        raise ArchcalcError(said, about="batch")
    each = costs(graph)
    nodes = _nodes(graph, each, chosen, request.batch, request.dtype)
    rows = dict.fromkeys([node.row for node in graph.nodes])
    layers = [
        LayerEnergy(row, _sum([nodes[at] for at, node in enumerate(graph.nodes) if node.row == row])) for row in rows
    ]
    uncounted: Any = sum([getattr(cost.work, kind) for cost in each for kind in UNCOUNTED])
    return EnergyStatement(
        architecture=request.resolved.name,
        citation=request.resolved.citation,
        inputs=tuple([node.shape for node in graph.nodes if node.op.role == "input"]),
        batch=request.batch,
        dtype=request.dtype,
        changed=request.changed,
        table=chosen.name,
        process=chosen.process,
        source=f"{chosen.source}, {chosen.place}",
        total=_sum(nodes),
        layers=tuple([layer for layer in layers if any(layer.energy)]),
        uncounted=uncounted * request.batch,
        remarks=request.resolved.remarks,
    )


def _sum(found: list[EnergyBounds]) -> EnergyBounds:
    return EnergyBounds(*[sum(column) for column in zip(*found, strict=True)])


def _nodes(graph: Graph, each: list[Cost], table: EnergyTable, batch: int, dtype: str) -> list[EnergyBounds]:
    """The bounds of every node."""
    multiply, narrow, wide = table.multiply[dtype], table.add[dtype], table.add[WIDER.get(dtype, dtype)]
    width = DTYPES[dtype]
    compulsory = _compulsory(graph, each, batch)
    result: list[EnergyBounds] = []
    for index, cost in enumerate(each):
        work: Any = cost.work
        lower, upper = compulsory[index] * width, _moved(graph, each, index, batch) * width
        result.append(
            EnergyBounds(
                lower_arithmetic=work.multiply_accumulate * batch * (multiply + narrow),
                lower_memory=lower * table.dram[0],
                upper_arithmetic=batch
                * (work.multiply_accumulate * (multiply + wide) + work.multiply * multiply + work.add * wide),
                upper_memory=upper * table.dram[1],
                lower_bytes=lower,
                upper_bytes=upper,
            )
        )
    return result


def _moves(graph: Graph, index: int) -> bool:
    """True for an op that writes a value of its own, which is not its input's storage."""
    return graph.nodes[index].op.role != "input" and graph.facts[index].memory.shares == "never"


def _moved(graph: Graph, each: list[Cost], index: int, batch: int) -> int:
    """Values of the inputs, the parameters, the buffers and the output of an op."""
    if not _moves(graph, index):
        return 0
    node = graph.nodes[index]
    values: Any = sum([each[at].activations for at in (*node.inputs, index)])
    return values * batch + _owned(each, node.owner)


def _owned(each: list[Cost], index: int) -> int:
    owned: Any = each[index].parameters
    return owned.weight + owned.bias + owned.running


def _compulsory(graph: Graph, each: list[Cost], batch: int) -> list[int]:
    """Values that cross DRAM at least once: parameters and buffers, the network's inputs that are read, its outputs.

    They are counted at the op that owns, first reads or writes them. Of an embedding at most as many parameters as it
    returns values, since it reads only the rows that are asked for.
    """
    sizes: list[Any] = [cost.activations for cost in each]
    result = [0] * len(each)
    reads: dict[int, tuple[int, int]] = {}
    for index, node in enumerate(graph.nodes):
        owned = _owned(each, index)
        result[index] += min(owned, sizes[index] * batch) if node.op.kind == "embedding" else owned
        for at in node.inputs if _moves(graph, index) else ():
            root = _root(graph, at)
            size = min(sizes[at], sizes[root])
            if graph.nodes[root].op.role == "input" and size > reads.get(root, (0, 0))[0]:
                reads[root] = (size, index)
    writes: dict[int, int] = {}
    for index in graph.outputs:
        root = _root(graph, index)
        if _moves(graph, root):
            writes[root] = max(writes.get(root, 0), min(sizes[index], sizes[root]))
    for size, index in [*reads.values(), *[(size, root) for root, size in writes.items()]]:
        result[index] += size * batch
    return result


def _root(graph: Graph, index: int) -> int:
    """The node in whose storage the value of a node lies."""
    while graph.nodes[index].op.role != "input" and not _moves(graph, index) and graph.nodes[index].inputs:
        index = graph.nodes[index].inputs[0]
    return index
