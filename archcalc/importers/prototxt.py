"""Caffe nets: a prototxt, of a deploy file or of one for training, as the network of the test phase.

A layer is a row with its own name. One that works in place (its top is its bottom: ReLU, Dropout, BatchNorm) is part of
the row that it works on, as in the tables of papers. Both formats are read, `layer {type: "Convolution"}` and the older
`layers {type: CONVOLUTION}`. Layers of the training phase, losses and accuracies are left out; blobs that no other
layer takes are outputs, the last one first. A BatchNorm with the Scale after it is one batch normalisation. In a file
for training the input has the size of the crop and three channels, unless the layer of data says gray.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, final

from archcalc.graph import HEADING, Network, Op, Value
from archcalc.importers.caffe_layers import CaffeSite, Ops, ops_of
from archcalc.importers.caffe_net import Blob, CaffeLayer, CaffeNet, read_net
from archcalc.importers.described import RowLabels, add_row, checked, network_of
from archcalc.importers.prototxt_text import parse_text
from archcalc.ops.combine import Add, Multiply
from archcalc.ops.layout import Slice
from archcalc.ops.norm import BatchNorm


def read_prototxt(text: str, name: str, shape: tuple[int, ...] | None = None) -> Network:
    """The network of a Caffe net, on `shape` if the file has none of its one input.

    Raises ArchcalcError naming the line or the layer and the rule for every fault.
    """
    net = read_net(parse_text(text, name), name, shape)
    return network_of(name, net.inputs, _CaffePlan(net))


class _CaffePlan(NamedTuple):
    """The function that builds the network of a net."""

    net: CaffeNet

    def __call__(self, inputs: tuple[Value, ...], settings: Mapping[str, Any]) -> tuple[Value, ...]:
        run = _CaffeRun(self.net, inputs)
        for number in range(len(self.net.layers)):
            run.layer(number)
        return run.outputs()


@final
class _CaffeRun:
    """One building of a network."""

    def __init__(self, net: CaffeNet, inputs: tuple[Value, ...]) -> None:
        self._net = net
        self._graph = inputs[0].graph
        self._labels = RowLabels([node.row for node in self._graph.nodes])
        self._values: dict[Blob, Value] = dict(zip(net.input_blobs, inputs, strict=True))
        self._scaled = {number for number in range(len(net.layers)) if _takes_scale(net, number)}
        """Batch normalisations that have the factors and biases of the scale after them."""

    def outputs(self) -> tuple[Value, ...]:
        """The blobs that no layer takes, each value once."""
        return tuple({value.index: value for value in [self._values[blob] for blob in self._net.outputs]}.values())

    def layer(self, number: int) -> None:
        """Add the rows of a layer, or ops to the row that it works on."""
        layer = self._net.layers[number]
        values = tuple([self._values[blob] for blob in self._net.sources[number]])
        for top, value in enumerate(self._given(number, layer, values)):
            self._values[Blob(number, top)] = value

    def _given(self, number: int, layer: CaffeLayer, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """The values of a layer's tops."""
        site = CaffeSite(layer, tuple([value.shape for value in values]))
        if layer.type == "Slice":
            return self._slices(site, values)
        if layer.type == "Axpy":
            return (self._axpy(site, values),)
        if (
            layer.type == "Scale"
            and self._net.sources[number][:1]
            and self._net.sources[number][0].layer in self._scaled
        ):
            return values[:1]
        ops: Ops = (BatchNorm(),) if number in self._scaled else ops_of(site)
        if layer.type == "Crop":
            values = values[:1]
        value = self._row(layer, values, ops) if ops else values[0]
        if len(layer.tops) != 1 and layer.type != "Split":
            raise site.wrong(f"it has {len(layer.tops)} tops, not 1")
        return (value,) * len(layer.tops)

    def _row(self, layer: CaffeLayer, values: tuple[Value, ...], ops: Ops) -> Value:
        last = len(self._graph.nodes) - 1
        in_place = layer.bottoms == layer.tops and len(values) == 1 and values[0].index == last
        if not in_place or self._graph.nodes[last].op.role == "input" or _heads(ops):
            return add_row(self._labels.fresh(layer.name), values, *ops)
        self._graph.row = self._graph.nodes[last].row
        try:
            for op in ops:
                values = (checked(op(*values)),)
        finally:
            self._graph.row = ""
        return values[0]

    def _slices(self, site: CaffeSite, values: tuple[Value, ...]) -> tuple[Value, ...]:
        """The channels in parts: between `slice_point`s, or of equal numbers."""
        given, parts = site.param("slice_param"), len(site.layer.tops)
        site.check_axis(given, "slice_dim" if given.get("slice_dim") is not None else "axis")
        if len(values) != 1 or not parts:
            raise site.wrong("it takes one bottom and has tops")
        channels = values[0].shape[0]
        if given.get("slice_point") is None:
            points = [channels // parts * number for number in range(1, parts)]
        else:
            points = list(given.several("slice_point", parts - 1)) if parts > 1 else []
        ends = zip([0, *points], [*points, channels], strict=True)
        label = site.layer.name
        rows = [self._labels.fresh(f"{label}.{number}") for number in range(1, parts + 1)]
        return tuple([add_row(row, values, Slice(*each)) for row, each in zip(rows, ends, strict=True)])

    def _axpy(self, site: CaffeSite, values: tuple[Value, ...]) -> Value:
        """Compute a x + y with a gate a: the layer of SENet's authors."""
        if len(values) != 3:
            raise site.wrong(f"it takes 3 bottoms, not {len(values)}")
        gate, x, y = values
        scaled = add_row(self._labels.fresh(f"{site.layer.name}.scale"), (x, gate), Multiply())
        return add_row(self._labels.fresh(site.layer.name), (scaled, y), Add())


def _heads(ops: tuple[Op, ...]) -> bool:
    return any([op.role in HEADING for op in ops])


def _takes_scale(net: CaffeNet, number: int) -> bool:
    """True for a batch normalisation whose only use is a scale with a bias for each channel."""
    users = net.users.get(Blob(number), ())
    if net.layers[number].type != "BatchNorm" or len(users) != 1:
        return False
    scale = net.layers[users[0]]
    fields = scale.fields("scale_param")
    alone = scale.type == "Scale" and len(scale.bottoms) == 1 and fields.flag("bias_term", default=False)
    return alone and fields.get("axis", 1) == 1 and fields.get("num_axes", 1) == 1
