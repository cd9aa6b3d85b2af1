"""Measures of one node: named functions of its op, its shapes, its parameters and its work.

A convention is a sum of weights times measures. Every measure is integer arithmetic on dimensions
(`archcalc.algebra.dims`), so a count works on ints, sympy expressions and numpy arrays alike. A measure is zero where
the op does not have the feature in its name.

Maps with one or three axes are measured by the tools' rules for two axes; only fvcore and PyTorch's FlopCounterMode
were run on such networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim, Shape, ceil_div, is_int, product
from archcalc.conventions import products
from archcalc.conventions.sites import Site
from archcalc.conventions.taps import pool_reads
from archcalc.graph import NO_PARAMETERS, Graph, Parameters, Work
from archcalc.ops.applied import Each, Given
from archcalc.ops.recurrent import GATES
from archcalc.ops.sliding import alike, axes_of, padded_elements, sides, slide


class Measure(NamedTuple):
    """A named measure: its meaning, as in a line of `archcalc reconcile`, and the function."""

    name: str
    meaning: str
    of: Callable[[Site], Dim]
    part_of: str = ""
    """The measure of the whole, if it is a part."""
    once: bool = False
    """True if it is of the op, however many maps it is applied to."""


# ---- elements


def _elements(site: Site) -> Dim:
    return product(site.output)


def _axes(site: Site) -> Dim:
    return len(site.output) - 1


def _elements_of_further_axes(site: Site) -> Dim:
    return product(site.output) * (len(site.output) - 2)


def _input_elements(site: Site) -> Dim:
    return product(site.inputs[0])


def _image_input_elements(site: Site) -> Dim:
    return product(site.inputs[0]) if len(site.inputs[0]) == 3 else 0


def _all_input_elements(site: Site) -> Dim:
    total: Dim = 0
    for shape in site.inputs:
        total = total + product(shape)
    return total


def _gated_elements(site: Site) -> Dim:
    """Output elements of a product with a gate for each channel; `paired_elements` is for a product of two maps.

    The product of a gate and a map of one position is one of two maps; of arrays, at the sizes where it has one.
    """
    if len(site.inputs) != 2 or len(site.inputs[0]) != len(site.inputs[1]):
        return 0
    x, gate = site.inputs
    if not _of_one_position(gate) or _of_one_position(x):
        return 0
    positions: Any = product(x[1:])
    several = ceil_div(positions - 1, positions) if hasattr(positions, "shape") else 1
    return product(site.output) * several


def _of_one_position(shape: Shape) -> bool:
    return all([is_int(side) and side == 1 for side in shape[1:]])


def _paired_elements(site: Site) -> Dim:
    return product(site.output) - _gated_elements(site)


def _affine_elements(site: Site) -> Dim:
    return product(site.output) if site.op.affine else 0


def _shifted_elements(site: Site) -> Dim:
    return product(site.output) if site.op.affine and site.op.bias else 0


def _affine_last_axis_elements(site: Site) -> Dim:
    return 0 if site.op.channels_first else _affine_elements(site)


def _image_elements_of(mode: str) -> Callable[[Site], Dim]:
    """Output elements of an image that is brought to another size in a mode."""

    def elements(site: Site) -> Dim:
        return product(site.output) if site.op.mode == mode and len(site.output) == 3 else 0

    return elements


def _positions(site: Site) -> Dim:
    return product(site.output[1:])


def _repeated_products(site: Site) -> Dim:
    """Multiply-accumulates of a matrix product beyond those of its first factor's own matrices."""
    first, second = site.inputs
    return site.work.multiply_accumulate - product(first) * second[-1]


# ---- recurrent layers


def _gate_biases(site: Site) -> Dim:
    """Biases added to the gates of recurrent layers, in all steps: two for each gate."""
    return _state_values(site) * 2 * GATES[site.op.cell] if site.op.bias else 0


def _state_values(site: Site) -> Dim:
    """Values of the states of recurrent layers, in all steps."""
    return product(site.inputs[0][:-1]) * site.op.hidden * site.op.layers * (2 if site.op.bidirectional else 1)


def _last_axis_elements(site: Site) -> Dim:
    return 0 if site.op.channels_first else product(site.output)


def _vectors(site: Site) -> Dim:
    """Vectors along an axis: a softmax has one sum for each."""
    axis = site.op.axis
    return product(site.output[:axis] + site.output[axis + 1 :])


def _padded_squares(site: Site) -> Dim:
    """Values that the average pool in a local response norm reads: squares, and zeros around the first and last map."""
    channels, *sizes = site.output
    return (channels + (site.op.size - 1)) * product(tuple(sizes))


def _neighbours(site: Site) -> Dim:
    return product(site.output) * site.op.size


def _padded(site: Site) -> Dim:
    """1 if something is put around a map, else 0."""
    total: Dim = 0
    for side in site.op.attributes().values():
        total = total + side
    return ceil_div(total, total + 1)


def _completed(site: Site) -> Dim:
    """1 if a row or column of zeros completes the last squares of an odd size, else 0."""
    height, width, _ = site.inputs[0]
    return 1 - (1 - (height - height // 2 * 2)) * (1 - (width - width // 2 * 2))


def _channels(site: Site) -> Dim:
    return site.output[0]


def _one(_site: Site) -> Dim:
    return 1


# ---- attention


def _attention_rows(site: Site) -> Dim:
    """Sums of a softmax over the positions of a window: one for each position and head."""
    return site.op.heads * site.inputs[0][0] * site.inputs[0][1]


def _scaled_weights(site: Site) -> Dim:
    """Attention weights that are scaled by a number other than 1: those of heads with more than one channel."""
    channels = site.output[2]
    return 0 if is_int(channels) and channels == site.op.heads else site.work.multiply


def _projections_of_windows(site: Site) -> Dim:
    """Parameters of the two projections around an attention, for each window after the first."""
    height, width, channels = site.output
    return (height * width // site.op.area - 1) * (4 * channels * channels + 4 * channels)


def _first_window(site: Site) -> Dim:
    """Output elements in one window."""
    return site.op.area * site.output[2]


def _first_window_weights(site: Site) -> Dim:
    return site.op.heads * site.op.area * site.op.area


# ---- pools


def _window(site: Site) -> Dim:
    return product(site.output) * products.window_size(site)


def _window_lost_to_ceil(site: Site) -> Dim:
    """Positions of windows in addition to those of a pool that rounds its size down."""
    op, x = site.op, site.inputs[0]
    floor = x[0] * product(slide(sides(op.kernel, op.stride, op.padding, 1, axes_of(x)), x))
    return (product(site.output) - floor) * products.window_size(site)


def _window_beyond_side(site: Site) -> Dim:
    """Positions of a window that was given by one number k, in addition to the first k."""
    kernel = site.op.kernel
    return product(site.output) * (products.window_size(site) - kernel) if isinstance(kernel, int) else 0


def _pool_reads(site: Site) -> Dim:
    return pool_reads(site.op, site.inputs[0], site.output)


def _pool_input(site: Site) -> Dim:
    """Elements of the input of PyTorch's pool, with padding that differs between sides: a layer before it adds that."""
    op, x = site.op, site.inputs[0]
    every = sides(op.kernel, op.stride, op.padding, 1, axes_of(x))
    return product(x) if alike(every) else padded_elements(every, x)


def _rounding_loss(site: Site) -> Dim:
    """Reads and outputs of an adaptive pool that are lost when a floating-point result is just below a whole number.

    0 for sizes that are symbols or arrays.
    """
    if not all([is_int(size) for size in (*site.inputs[0], *site.output)]):
        return 0
    sizes: Any = zip(site.inputs[0][1:], site.output[1:], strict=True)
    read: Any = product(site.inputs[0])
    outputs: Any = product(site.output)
    return read + outputs - int((math.prod([size / bins for size, bins in sizes]) + 1) * outputs)


def _padded_map(site: Site) -> Dim:
    """Elements of the input with its padding, where that differs between sides: a module before PyTorch's adds it."""
    op, x = site.op, site.inputs[0]
    every = sides(op.kernel, op.stride, op.padding, getattr(op, "dilation", 1), axes_of(x))
    return 0 if alike(every) else padded_elements(every, x)


def _map_beyond_side(site: Site) -> Dim:
    """Positions of square maps of side k in addition to the first k."""
    x = site.inputs[0]
    return product(x) - x[0] * x[1]


def _even_reads(site: Site) -> Dim:
    """Values that an adaptive pool would read in windows of floor(size / bins) on each axis."""
    windows: Dim = product(site.output)
    for size, bins in zip(site.inputs[0][1:], site.output[1:], strict=True):
        windows = windows * (size // bins)
    return windows


def _remainder_excess(site: Site) -> Dim:
    """The excess over `even_reads` if axes that do not divide had windows of the remainder + 1."""
    windows: Dim = product(site.output)
    for size, bins in zip(site.inputs[0][1:], site.output[1:], strict=True):
        rest = size - size // bins * bins
        uneven = ceil_div(rest, bins)  # 1 where something is left, else 0
        windows = windows * ((1 - uneven) * (size // bins) + uneven * (rest + 1))
    return windows - _even_reads(site)


# ---- parameters


def _primitive(name: str, meaning: str) -> Measure:
    return Measure(name, meaning, attrgetter(f"work.{name}"))


def _further_batch_parameters(site: Site) -> Dim:
    """Learnable values for each of the batch of a call, such as windows, after those that the op is applied to."""
    return products.applied_parameters(site) * (0 if site.origin is None else site.origin.batch - site.times)


def _attention_weights(site: Site) -> Dim:
    """Weights of attention: one for each head, query and key."""
    return product(site.inputs[0][:-1]) * site.inputs[1][-2]


def _first_axis_learnable(site: Site) -> Dim:
    return site.parameters.learnable if site.op.channels_first else 0


_ALL: tuple[Measure, ...] = (
    _primitive("multiply_accumulate", "multiply-accumulates"),
    _primitive("multiply", "multiplications"),
    _primitive("add", "additions"),
    _primitive("compare", "comparisons"),
    _primitive("divide", "divisions"),
    _primitive("exponential", "exponentials"),
    _primitive("power", "square roots and powers"),
    Measure("elements", "output elements", _elements),
    Measure("input_elements", "input elements", _input_elements),
    Measure("image_input_elements", "input elements of images", _image_input_elements, "input_elements"),
    Measure("all_input_elements", "elements of all inputs", _all_input_elements),
    Measure("further_axes", "output elements, for each axis after the first", _elements_of_further_axes, "elements"),
    Measure("affine_elements", "output elements with scale and shift", _affine_elements, "elements"),
    Measure("shifted_elements", "output elements with shift", _shifted_elements, "elements"),
    Measure(
        "affine_last_axis_elements",
        "output elements with scale and shift, channels last",
        _affine_last_axis_elements,
        "last_axis_elements",
    ),
    Measure("positions", "output positions", _positions),
    Measure("nearest_elements", "output elements of images, nearest", _image_elements_of("nearest"), "elements"),
    Measure("bilinear_elements", "output elements of images, bilinear", _image_elements_of("linear"), "elements"),
    Measure("repeated_products", "products of repeated matrices", _repeated_products),
    Measure("gate_biases", "biases of gates", _gate_biases),
    Measure("state_values", "values of states", _state_values),
    Measure("last_axis_elements", "output elements, channels last", _last_axis_elements, "elements"),
    Measure("vectors", "vectors", _vectors),
    Measure("padded_squares", "squares with zeros around them", _padded_squares),
    Measure("neighbours", "neighbours", _neighbours),
    Measure("gated_elements", "elements times a gate", _gated_elements, "elements"),
    Measure("paired_elements", "elements of products of two maps", _paired_elements, "elements"),
    Measure("channels", "channels", _channels, once=True),
    Measure("padded", "ops that pad", _padded),
    Measure("completed", "maps of an odd size", _completed),
    Measure("nodes", "ops", _one, once=True),
    Measure("axes", "axes of maps", _axes, once=True),
    Measure("bias", "biases added", products.bias),
    Measure("absent_bias", "output elements without a bias", products.absent_bias),
    Measure("bias_of_other_groups", "biases lost to groups", products.bias_of_other_groups),
    Measure("other_groups", "multiply-accumulates between groups", products.other_groups),
    Measure("padding_taps", "multiply-accumulates on zero padding", products.padding_taps),
    Measure("rows_after_first", "products and biases after the first vector", products.rows_after_first),
    Measure("spread_excess", "products at output positions beyond those at input positions", products.spread_excess),
    Measure("ungrouped_excess", "products between groups at output positions", products.ungrouped_excess),
    Measure("regrouped_deficit", "products lost to groups", products.regrouped_deficit),
    Measure("spread_bias_deficit", "biases beyond a plain convolution's", products.spread_bias_deficit),
    Measure("strided_spread", "products at output positions over stride^2", products.strided_spread),
    Measure(
        "strided_spread_of_other_groups",
        "products between groups over stride^2",
        products.strided_spread_of_other_groups,
    ),
    Measure("attention_rows", "sums of attention weights", _attention_rows),
    Measure("scaled_weights", "attention weights scaled", _scaled_weights),
    Measure("projections_of_windows", "parameters of projections, windows after the first", _projections_of_windows),
    Measure("first_window", "output elements of one window", _first_window),
    Measure("first_window_weights", "attention weights of one window", _first_window_weights),
    Measure("window", "positions of windows", _window),
    Measure("window_lost_to_ceil", "positions of windows that rounding up adds", _window_lost_to_ceil),
    Measure("window_beyond_side", "positions of k x k windows beyond k", _window_beyond_side),
    Measure("map_beyond_side", "positions of k x k maps beyond k", _map_beyond_side),
    Measure("even_reads", "values read in windows rounded down", _even_reads),
    Measure("remainder_excess", "values read in windows of the remainder + 1, beyond", _remainder_excess),
    Measure("pool_input", "input elements", _pool_input),
    Measure("padded_map", "elements of maps with padding that differs between sides", _padded_map),
    Measure("rounding_loss", "operations lost to rounding", _rounding_loss),
    Measure("pool_reads", "values read", _pool_reads),
    Measure("applied_parameters", "learnable values", products.applied_parameters),
    Measure(
        "further_batch_parameters", "learnable values, batch after the first", _further_batch_parameters, once=True
    ),
    Measure("attention_weights", "attention weights", _attention_weights),
    Measure("learnable", "learnable values", attrgetter("parameters.learnable"), once=True),
    Measure("first_axis_learnable", "learnable values of norms over the first axis", _first_axis_learnable, once=True),
    Measure("weights_of_other_groups", "weights between groups", products.weights_of_other_groups, once=True),
    Measure("weight", "weights", attrgetter("parameters.weight"), once=True),
    Measure("bias_values", "biases", attrgetter("parameters.bias"), once=True),
    Measure("running", "running statistics", attrgetter("parameters.running"), once=True),
)

MEASURES: dict[str, Measure] = {each.name: each for each in _ALL}


class Measures:
    """The measures of one graph, each computed once, so that many conventions can be evaluated on it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.kinds: dict[str, list[int]] = {}
        for index, node in enumerate(graph.nodes):
            self.kinds.setdefault(node.op.kind, []).append(index)
        self._sites: dict[int, Site] = {}
        self._of: dict[tuple[str, str], list[Dim]] = {}
        self._sums: dict[tuple[str, str], Dim] = {}

    @cached_property
    def sites(self) -> list[Site]:
        """The nodes of the graph as conventions see them, in its order."""
        return [self.site(index) for index in range(len(self.graph.nodes))]

    def site(self, index: int) -> Site:
        """One node as conventions see it."""
        site = self._sites.get(index)
        if site is None:
            nodes = self.graph.nodes
            op, inputs, shape, _, owner = nodes[index]
            facts = self.graph.facts[index]
            owned = facts.params if owner == index else NO_PARAMETERS
            shapes = tuple([nodes[source].shape for source in inputs])
            site = _site(op, shapes, shape, owned, facts.work)._replace(origin=self.graph.origins.get(index))
            self._sites[index] = site
        return site

    def of(self, kind: str, measure: str) -> list[Dim]:
        """A measure of every node of a kind, in the order of `kinds[kind]`."""
        key = (kind, measure)
        values = self._of.get(key)
        if values is None:
            function = MEASURES[measure].of
            sites = [self.site(index) for index in self.kinds.get(kind, ())]
            values = self._of[key] = [
                function(site) if MEASURES[measure].once or _is_one(site.times) else function(site) * site.times
                for site in sites
            ]
        return values

    def sum(self, kind: str, measure: str) -> Dim:
        """A measure summed over all nodes of a kind."""
        key = (kind, measure)
        if key not in self._sums:
            total: Dim = 0
            for amount in self.of(kind, measure):
                total = total + amount
            self._sums[key] = total
        return self._sums[key]


def _is_one(times: Dim) -> bool:
    return is_int(times) and times == 1


def _site(op: Any, inputs: tuple[Shape, ...], output: Shape, parameters: Parameters, work: Work) -> Site:
    """A node; of a layer that is applied to each of several maps the site of one, and of one that is given its weights
    the site of the layer.
    """
    if isinstance(op, Each):
        maps = tuple([shape[1:] for shape in inputs])
        return Site(op.op, maps, output[1:], parameters, op.op.work(*maps), inputs[0][0])
    if isinstance(op, Given):
        return Site(op.op, inputs[:1], output, parameters, work)
    return Site(op, inputs, output, parameters, work)


def operations(site: Site) -> Dim:
    """All primitive operations of a node; a multiply-accumulate is one."""
    total: Dim = 0
    for amount in site.work:
        total = total + amount
    return total * site.times
