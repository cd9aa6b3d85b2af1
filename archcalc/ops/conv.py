"""Convolutions: dense, grouped, dilated, transposed, and the sparse connection table of LeNet-5.

The shape of the input gives the number of axes that they slide on: (channels, length) one, (channels, height, width)
two, (channels, depth, height, width) three.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, any_below, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    KEEPS_INPUTS,
    LOWER,
    Axis,
    Memory,
    Op,
    OpFormulas,
    Parameters,
    Rule,
    Rules,
    Window,
    Work,
)
from archcalc.graph.rules import EQUATION_2, LECUN
from archcalc.ops.sliding import (
    DUMOULIN,
    EXTENT,
    SLIDE,
    Padding,
    PerAxis,
    Side,
    axes_of,
    in_turn,
    keeps,
    layer,
    padded,
    per_axis,
    per_side,
    planes,
    sides,
    slide,
    split,
    taps,
    window_of,
)

__all__ = ["Conv", "ConvTranspose", "TableConv"]

MOBILENET = "document 000, MobileNet-v1"
FILTERS: Rules = (Rule("C_out", says="one output channel for each filter"),)


@final
class Conv(Op):
    """Convolution of (C, H, W) to (out, H', W'): each output value sums kernel x kernel x C/groups products.

    H' = floor((H + pads - dilation*(kernel-1) - 1) / stride) + 1. Parameters: out * C/groups * kernel^2, plus out
    biases. Mult-adds: H' * W' * the weights. Likewise on (C, L) and (C, D, H, W).
    Errors: channels that do not split into the groups, a window that does not fit into the padded input.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285; groups: Krizhevsky 2012.

    >>> conv = Conv(64, 7, stride=2, padding=3)
    >>> conv.shape((3, 224, 224)), conv.params((3, 224, 224)).learnable
    ((64, 112, 112), 9472)
    >>> Conv(64, 3, padding="same").shape((12, 1000))
    (64, 1000)
    """

    out: Dim
    kernel: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    dilation: PerAxis = 1
    groups: Dim = 1
    bias: bool = True
    role = "conv"
    autocast = LOWER
    formulas = OpFormulas(
        channels=FILTERS,
        size=SLIDE,
        params=(
            Rule("(C_in * k_h * k_w + 1) * C_out", EQUATION_2, "g == 1, bias", "a kernel and a bias for each filter"),
            Rule(
                "C_in * k_h * k_w * C_out",
                f"{EQUATION_2}, without its + 1; {MOBILENET}: K x K x M x N",
                "g == 1",
                "a kernel for each filter, no bias",
            ),
            Rule(
                "k_h * k_w * C_in",
                f"{MOBILENET}: K x K x M (depthwise)",
                "g == C_in, g == C_out, no bias",
                "one kernel of depth 1 for each channel",
            ),
            Rule(
                "(C_in / g * k_h * k_w + 1) * C_out",
                f"{EQUATION_2}, with the C_in / g channels that a filter of a group sees",
                "bias",
                "a kernel and a bias for each filter",
            ),
            Rule(
                "C_in / g * k_h * k_w * C_out",
                f"{EQUATION_2}, without its + 1, with the C_in / g channels that a filter of a group sees",
                says="a kernel for each filter, no bias",
            ),
        ),
        mult_adds=(
            Rule(
                "k_h * k_w * C_in * H_out * W_out * C_out",
                f"{MOBILENET}: K x K x M x D x D x N",
                "g == 1",
                "the cost of one kernel, at every position, for every filter",
            ),
            Rule(
                "k_h * k_w * C_in * H_out * W_out",
                f"{MOBILENET}: K x K x M x D x D (depthwise)",
                "g == C_in, g == C_out",
                "one kernel of depth 1 for each channel, at every position",
            ),
            Rule(
                "k_h * k_w * C_in / g * H_out * W_out * C_out",
                f"{MOBILENET}: K x K x M x D x D x N, with the C_in / g channels that a filter of a group sees",
                says="the cost of one kernel, at every position, for every filter",
            ),
        ),
        meanings={"C_out": "filters"},
    )

    def shape(self, x: Shape) -> Shape:
        sizes = self._sides(x)
        split(x[0], self.groups)
        split(self.out, self.groups, "output")
        return (self.out, *slide(sizes, x))

    def params(self, x: Shape) -> Parameters:
        weight = self.out * (x[0] // self.groups) * taps(self.kernel, len(x) - 1)
        return Parameters(weight, self.out if self.bias else 0)

    def work(self, x: Shape) -> Work:
        positions = product(slide(self._sides(x), x))
        return Work(self.params(x).weight * positions, add=self.out * positions if self.bias else 0)

    def window(self, x: Shape) -> Window:
        return window_of(self._sides(x), x)

    def memory(self, x: Shape) -> Memory:
        return keeps(self._sides(x), x)

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        pad, padding = padded(torch, self._sides(x), x)
        conv = layer(torch, "Conv", axes_of(x))
        given = (x[0], self.out, self.kernel, self.stride, padding, self.dilation)
        return in_turn(torch, pad, conv(*given, groups=self.groups, bias=self.bias))

    def _sides(self, x: Shape) -> tuple[Side, ...]:
        return sides(self.kernel, self.stride, self.padding, self.dilation, axes_of(x))


@final
class ConvTranspose(Op):
    """Transposed convolution of (C, H, W) to (out, H', W'): each input value is spread over a kernel x kernel patch.

    H' = (H - 1)*stride - pads + dilation*(kernel-1) + output_padding + 1. Parameters: C * out/groups * kernel^2, plus
    out biases. Mult-adds: H * W * the weights. Likewise on (C, L) and (C, D, H, W).
    Errors: channels that do not split into the groups, an output padding of the stride or more.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, section 4.

    >>> ConvTranspose(64, 2, stride=2).shape((128, 28, 28))
    (64, 56, 56)
    """

    out: Dim
    kernel: PerAxis
    stride: PerAxis = 1
    padding: PerAxis = 0
    output_padding: PerAxis = 0
    dilation: PerAxis = 1
    groups: Dim = 1
    bias: bool = True
    role = "conv"
    autocast = LOWER
    formulas = OpFormulas(
        channels=FILTERS,
        size=(
            Rule(
                "(N - 1) * s - 2 * p + k",
                f"{DUMOULIN}, section 4",
                "d == 1, o == 0",
                "equation (1) solved for its input size",
            ),
            Rule("(N - 1) * s - 2 * p + d * (k - 1) + o + 1", "PyTorch's `ConvTranspose2d`", says=EXTENT),
        ),
        params=(
            Rule("(C_in * k_h * k_w + 1) * C_out", EQUATION_2, "g == 1, bias", "a kernel and a bias for each filter"),
            Rule(
                "C_in * k_h * k_w * C_out",
                f"{EQUATION_2}, without its + 1",
                "g == 1",
                "a kernel for each filter, no bias",
            ),
            Rule("(C_in / g * k_h * k_w + 1) * C_out", f"{EQUATION_2}, with g groups", "bias"),
            Rule("C_in / g * k_h * k_w * C_out", f"{EQUATION_2}, without its + 1, with g groups"),
        ),
        mult_adds=(
            Rule(
                "k_h * k_w * C_out * H * W * C_in",
                f"{DUMOULIN}, section 4: the convolution of which this is the transpose has as many",
                "g == 1",
                "each input value is multiplied by a whole kernel for every filter",
            ),
            Rule(
                "k_h * k_w * C_out / g * H * W * C_in",
                f"{DUMOULIN}, section 4, with g groups",
                says="each input value is multiplied by a whole kernel for every filter of its group",
            ),
        ),
        meanings={
            "C_out": "filters",
            "o": "output padding",
            "o_d": "output padding in depth",
            "o_h": "vertical output padding",
            "o_w": "horizontal output padding",
        },
    )

    def shape(self, x: Shape) -> Shape:
        every = self._sides(x)
        split(x[0], self.groups)
        split(self.out, self.groups, "output")
        extras = per_axis("output_padding", self.output_padding, 0, len(every))
        grown: list[Dim] = []
        for size, side, extra in zip(x[1:], every, extras, strict=True):
            if extra >= max(side.stride, side.dilation):
                raise RuleError(f"output padding {extra} is not below the stride or the dilation")
            before, after = side.pads(size)
            grown.append((size - 1) * side.stride - before - after + side.extent + extra)
            if any_below(grown[-1], 1):
                raise RuleError(f"padding {before} leaves nothing of the output")
        return (self.out, *grown)

    def params(self, x: Shape) -> Parameters:
        weight = x[0] * (self.out // self.groups) * taps(self.kernel, len(x) - 1)
        return Parameters(weight, self.out if self.bias else 0)

    def work(self, x: Shape) -> Work:
        bias = product(self.shape(x)) if self.bias else 0
        return Work(self.params(x).weight * product(x[1:]), add=bias)

    def window(self, x: Shape) -> Window:
        each = self._sides(x)
        return Window([Axis(one.kernel, 1, one.extent - 1 - one.pads(0)[0], one.dilation, one.stride) for one in each])

    def memory(self, x: Shape) -> Memory:
        return KEEPS_INPUTS

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        return layer(torch, "ConvTranspose", axes_of(x))(
            x[0],
            self.out,
            self.kernel,
            self.stride,
            self.padding,
            self.output_padding,
            groups=self.groups,
            bias=self.bias,
            dilation=self.dilation,
        )

    def _sides(self, x: Shape) -> tuple[Side, ...]:
        axes = axes_of(x)
        return sides(self.kernel, self.stride, per_side(self.padding, axes), self.dilation, axes)


@final
class TableConv(Op):
    """Convolution in which output map i sees only the input maps that `table[i]` lists: (C, H, W) to (len(table), H',
    W').

    Stride 1, no padding. Parameters: kernel^2 for each connection, and a bias for each map.
    Errors: a table with a map that the input does not have, a window that does not fit.
    Source: LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", Table I (layer C3 of LeNet-5).

    >>> TableConv(((0, 1), (1, 2)), 5).params((3, 14, 14)).learnable
    102
    """

    table: tuple[tuple[int, ...], ...]
    kernel: int
    role = "conv"
    autocast = LOWER
    stride, padding, dilation = 1, 0, 1
    formulas = OpFormulas(
        channels=(Rule("C_out", says="one output map for each row of the connection table"),),
        size=SLIDE,
        params=(Rule("n * k_h * k_w + C_out", f"{LECUN}, Table I", says="a kernel for each connection, a bias a map"),),
        mult_adds=(
            Rule(
                "n * k_h * k_w * H_out * W_out",
                f"{LECUN}, Table I",
                says="a kernel for each connection, at every position",
            ),
        ),
        meanings={"n": "connections of the table", "C_out": "maps"},
    )

    def shape(self, x: Shape) -> Shape:
        last = max(max(maps) for maps in self.table)
        if any_below(planes(x)[0], last + 1):
            raise RuleError(f"the connection table names input map {last}")
        return (len(self.table), *slide(sides(self.kernel, 1, 0), x))

    def params(self, x: Shape) -> Parameters:
        connections = sum(len(maps) for maps in self.table)
        return Parameters(connections * self.kernel**2, len(self.table))

    def work(self, x: Shape) -> Work:
        maps, height, width = self.shape(x)
        return Work(self.params(x).weight * height * width, add=maps * height * width)

    def window(self, x: Shape) -> Window:
        return window_of(sides(self.kernel, 1, 0), x)

    def memory(self, x: Shape) -> Memory:
        gathered = sum(len(maps) for maps in self.table)
        return Memory(extra_elements=gathered * x[1] * x[2], once_bytes=gathered * 8)  # the maps and their indices

    def letters(self, x: Shape) -> dict[str, Any]:
        return {"n": sum(len(maps) for maps in self.table), "C_out": len(self.table)}

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        table, kernel = self.table, self.kernel

        class TableConv2d(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.maps = torch.nn.ModuleList([torch.nn.Conv2d(len(maps), 1, kernel) for maps in table])

            def forward(self, x: Any) -> Any:
                picked = [conv(x[:, list(maps)]) for conv, maps in zip(self.maps, table, strict=True)]
                return torch.cat(picked, 1)

        return TableConv2d()
