"""Quantities of a network or of some of its rows, by the names that selectors of claims use.

`COUNTED` has quantities of all selected rows together, `EACH` those of single rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from archcalc.algebra.dims import product
from archcalc.analysis.cost import Cost, activation_sum
from archcalc.analysis.layer_rules import RULES, Counted, LayerRule, layers
from archcalc.analysis.memory import footprint
from archcalc.analysis.receptive_field import Field, fields
from archcalc.base.errors import ArchcalcError
from archcalc.conventions import Convention
from archcalc.conventions.counting import by_node, total
from archcalc.evidence.subjects import GraphRows, printed_shape
from archcalc.graph import Window
from archcalc.ops.pool import GlobalAvgPool

FLOAT32 = 4


class Selection(NamedTuple):
    """A network, its selected rows (None: the whole network), and the convention (None: the default)."""

    of: GraphRows
    names: list[str] | None
    convention: Convention | LayerRule | None

    @property
    def chosen(self) -> list[str]:
        """The selected rows; all of them for the whole network."""
        return list(self.of.rows) if self.names is None else self.names


def _params(selection: Selection) -> Any:
    if isinstance(selection.convention, Convention) and selection.convention.quantity == "parameters":
        return _under(selection, selection.convention)
    return _sum(selection, lambda index: selection.of.measures.site(index).parameters.learnable)


def _mult_adds(selection: Selection) -> Any:
    if isinstance(selection.convention, Convention) and selection.convention.quantity == "work":
        return _under(selection, selection.convention)
    return _sum(selection, lambda index: selection.of.measures.site(index).work.multiply_accumulate)


def _under(selection: Selection, convention: Convention) -> Any:
    if selection.names is None:
        return total(selection.of.measures, convention)
    amounts = by_node(selection.of.measures, convention)
    return _sum(selection, lambda index: amounts[index])


def _sum(selection: Selection, amount: Callable[[int], Any]) -> Any:
    amounts: Any = 0
    for name in selection.chosen:
        for index in selection.of.rows[name]:
            amounts = amounts + amount(index)
    return amounts


def _weights(selection: Selection) -> Any:
    graph, sites = selection.of.graph, selection.of.measures.sites
    heads = [selection.of.head(name) for name in selection.chosen]
    return sum([sites[i].parameters.weight for i in heads if graph.nodes[i].op.role in ("conv", "linear")])


def _activations(selection: Selection) -> Any:
    if selection.names is None:
        return activation_sum(selection.of.graph, _costs(selection.of))
    elements: Any = 0
    for name in selection.names:
        elements = elements + product(selection.of.leaving(name))
    return elements


def _costs(of: GraphRows) -> list[Cost]:
    if "costs" not in of.kept:
        sized = zip(of.measures.sites, of.graph.nodes, strict=True)
        of.kept["costs"] = [Cost(product(node.shape), site.parameters, site.work) for site, node in sized]
    return of.kept["costs"]


def _peak(selection: Selection) -> Any:
    return footprint(selection.of.graph, _costs(selection.of)).peak_inference * FLOAT32


def _saved(selection: Selection) -> Any:
    return footprint(selection.of.graph, _costs(selection.of)).training_saved(1, FLOAT32)


def _layers(counted: Counted) -> Callable[[Selection], int]:
    def count(selection: Selection) -> int:
        rule = selection.convention if isinstance(selection.convention, LayerRule) else RULES[counted][0]
        return layers(selection.of.graph, counted, rule)

    return count


def _blocks(selection: Selection) -> int:
    return len({name.split(".")[0] for name in selection.chosen})


def _field(selection: Selection) -> Any:
    if "fields" not in selection.of.kept:
        selection.of.kept["fields"] = fields(selection.of.graph)
    sees: list[Field] = selection.of.kept["fields"]
    local = sees[selection.of.rows[selection.chosen[-1]][-1]].local
    if local is None:
        raise ArchcalcError(f"{selection.of.graph.name} / {selection.chosen[-1]} has no window")
    return _once([track.size for track in local])


COUNTED: dict[str, Callable[[Selection], Any]] = {
    "params": _params,
    "weights": _weights,
    "mult_adds": _mult_adds,
    "activations": _activations,
    "peak_inference_bytes": _peak,
    "training_saved_bytes": _saved,
    "depth": _layers("depth"),
    "convs": _layers("convs"),
    "linears": _layers("linears"),
    "count": lambda selection: len(selection.chosen),
    "blocks": _blocks,
    "field": _field,
}
"""`weights`: of convolutions and linear layers, without biases; `activations`: output elements; `count`: the number
of rows; `blocks`: the number of blocks; `field`: after the last row. Memory and layers are of the whole network."""
WHOLE = frozenset({"peak_inference_bytes", "training_saved_bytes", "depth", "convs", "linears"})
"""Quantities of a whole network that rows do not have."""


def _attribute(key: str, otherwise: int) -> Callable[[GraphRows, str], Any]:
    def read(of: GraphRows, name: str) -> Any:
        value = of.graph.nodes[of.head(name)].op.attributes().get(key, otherwise)
        return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]

    return read


def _kernel(of: GraphRows, name: str) -> Any:
    if isinstance(of.graph.nodes[of.head(name)].op, GlobalAvgPool):
        return _side(of.entering(name))
    return _attribute("kernel", 1)(of, name)


def _stride(of: GraphRows, name: str) -> Any:
    """The stride of a row's window; 1 if it has none."""
    index = of.head(name)
    site = of.measures.site(index)
    window = site.op.window(*site.inputs)
    if not isinstance(window, Window):
        return 1
    return _once([axis.stride for axis in window]) if window else 1


def _side(shape: tuple[Any, ...]) -> Any:
    return _once(shape[1:])


def _once(sides: Sequence[Any]) -> Any:
    """A number for each axis; a single number if they agree."""
    return sides[0] if len(set(sides)) == 1 else tuple(sides)


def _filter_shape(of: GraphRows, name: str) -> Any:
    op = of.graph.nodes[of.head(name)].op
    given, channels = op.attributes(), of.entering(name)[0]
    if op.role == "linear":
        return (channels, given["out"])
    if given["groups"] == channels:
        return (given["kernel"], given["kernel"], channels)
    return (given["kernel"], given["kernel"], channels // given["groups"], given["out"])


EACH: dict[str, Callable[[GraphRows, str], Any]] = {
    "kernel": _kernel,
    "stride": _stride,
    "padding": _attribute("padding", 0),
    "groups": _attribute("groups", 1),
    "channels": lambda of, name: of.leaving(name)[0],
    "inputs": lambda of, name: of.entering(name)[0],
    "side": lambda of, name: _side(of.leaving(name)),
    "input_side": lambda of, name: _side(of.entering(name)),
    "output_shape": lambda of, name: printed_shape(of.leaving(name)),
    "input_shape": lambda of, name: printed_shape(of.entering(name)),
    "filter_shape": _filter_shape,
}
"""Quantities of single rows; for several rows that agree, one number."""
