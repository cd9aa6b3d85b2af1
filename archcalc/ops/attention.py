"""Attention within windows of a map, and the merging of patches between stages. Channels are last: (H, W, C).

Source: Liu et al. 2021, "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows", arXiv:2103.14030.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, any_below, ceil_div, known_to_differ, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    KEEPS_NOTHING,
    NO_PARAMETERS,
    NO_WORK,
    Axis,
    Memory,
    Op,
    OpFormulas,
    Parameters,
    Reach,
    Rule,
    Window,
    Work,
)
from archcalc.graph.rules import SAME_SIZE
from archcalc.ops.layout import MOVED

__all__ = ["PatchMerging", "WindowAttention"]

SWIN = "Liu et al. 2021, arXiv:2103.14030"


@final
class WindowAttention(Op):
    """Self-attention in each `side` x `side` window of a map: queries, keys and values (H, W, 3C) to (H, W, C).

    In each head softmax(q k^T / sqrt(d) + B) v over the positions of one window; B is read from a learnt table of
    (2 side - 1)^2 numbers for each head. With `shift` the windows begin `shift` positions lower and further right: the
    map is rolled, and positions that are neighbours only because of the rolling do not see each other. An axis with a
    single window is not shifted.

    Mult-adds: 2 side^2 C for each position, for the two matrix products. Further work for each of the H W side^2
    weights of each head: one multiplication (scale), two additions (B, the sum of the softmax), one exponential and
    one division. Autograd saves the weights; they are no output of the graph, so the peak of memory does not include
    them. Windows do not slide: a unit sees exactly its window, and neighbouring units have no common stride. Source:
    equations (2) and (4).
    Errors: sizes that do not split into windows, channels that do not split into queries, keys and values of all heads.

    >>> WindowAttention(heads=3, side=7).shape((56, 56, 288))
    (56, 56, 96)
    """

    heads: int
    side: int
    shift: int = 0
    role = "merge"
    formulas = OpFormulas(
        channels=(Rule("C_in / 3", f"{SWIN}, equation (4)", says="queries, keys and values come as one map"),),
        size=SAME_SIZE,
        params=(
            Rule("(2 * m - 1)^2 * h", f"{SWIN}, equation (4)", says="a bias for each relative place, for each head"),
        ),
        mult_adds=(
            Rule("2 * m^2 * H * W * C_out", f"{SWIN}, equation (2)", says="queries by keys, and weights by values"),
        ),
        meanings={"h": "heads", "m": "side of a window"},
    )

    def shape(self, x: Shape) -> Shape:
        height, width, channels = _rows(x)
        if not 0 <= self.shift < self.side:
            raise RuleError("a window has at least one position, and is shifted by less than its side")
        for size in (height, width):
            if known_to_differ(size // self.side * self.side, size):
                raise RuleError(f"{height} x {width} positions do not split into windows of {self.side}")
        each = 3 * self.heads
        if self.heads < 1 or known_to_differ(channels // each * each, channels):
            raise RuleError(f"{channels} channels are not the queries, keys and values of {self.heads} heads")
        return (height, width, channels // 3)

    def params(self, x: Shape) -> Parameters:
        return Parameters(weight=(2 * self.side - 1) ** 2 * self.heads)

    def work(self, x: Shape) -> Work:
        products = 2 * self.side**2 * product(self.shape(x))
        weights = self._weights(x)
        return Work(products, multiply=weights, add=2 * weights, divide=weights, exponential=weights)

    def window(self, x: Shape) -> Reach:
        return Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return Memory(extra_elements=product(x) + self._weights(x))

    def letters(self, x: Shape) -> dict[str, Any]:
        return {"h": self.heads, "m": self.side}

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        heads, side, (height, width, channels) = self.heads, self.side, self.shape(x)
        grid = (height // side, side, width // side, side)
        shifts = [self.shift if any_below(side - size, 0) else 0 for size in (height, width)]
        index, strangers = _distances(torch, side), _strangers(torch, grid, shifts)

        class WindowAttention(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.table = torch.nn.Parameter(torch.zeros(heads, (2 * side - 1) ** 2))
                self.register_buffer("index", index)
                self.register_buffer("strangers", strangers)

            def forward(self, x: Any) -> Any:
                batch = len(x)
                parts = x.roll([-shift for shift in shifts], (1, 2)).view(batch, *grid, 3, heads, -1)
                parts = parts.permute(5, 0, 1, 3, 6, 2, 4, 7).reshape(3, batch, -1, heads, side**2, channels // heads)
                q, k, v = parts.unbind()
                scores = q @ k.transpose(-2, -1) * (channels // heads) ** -0.5 + self.table[:, self.index]
                y = scores.masked_fill(self.strangers, float("-inf")).softmax(-1) @ v
                y = y.view(batch, grid[0], grid[2], heads, side, side, -1).permute(0, 1, 4, 2, 5, 3, 6)
                return y.reshape(batch, height, width, channels).roll(shifts, (1, 2))

        return WindowAttention()

    def _weights(self, x: Shape) -> Dim:
        """Attention weights: for each head and position one for every position of its window."""
        return self.heads * self.side**2 * x[0] * x[1]


@final
class PatchMerging(Op):
    """The four positions of each 2x2 square joined along the channels: (H, W, C) to (ceil(H/2), ceil(W/2), 4C); a copy.

    A row or column of zeros completes the last squares of an odd size. Source: section 3.1; the zeros: torchvision.

    >>> PatchMerging().shape((7, 5, 96))
    (4, 3, 384)
    """

    role = "layout"
    formulas = MOVED._replace(
        channels=(Rule("4 * C_in", f"{SWIN}, section 3.1", says="the four positions of each square side by side"),),
        size=(
            Rule("ceil(N / 2)", f"{SWIN}, section 3.1", says="one position for each square; an odd size is filled up"),
        ),
    )

    def shape(self, x: Shape) -> Shape:
        height, width, channels = _rows(x)
        return (ceil_div(height, 2), ceil_div(width, 2), 4 * channels)

    def params(self, x: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape) -> Work:
        return NO_WORK

    def window(self, x: Shape) -> Window:
        return Window([Axis(2, 2)] * 2)

    def memory(self, x: Shape) -> Memory:
        return KEEPS_NOTHING

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        sizes: Any = x
        bottom, right = sizes[0] % 2, sizes[1] % 2

        def merge(x: Any) -> Any:
            x = torch.nn.functional.pad(x, (0, 0, 0, right, 0, bottom))
            return torch.cat([x[:, row::2, column::2] for column in (0, 1) for row in (0, 1)], -1)

        return merge


def _distances(torch: Any, side: int) -> Any:
    """The index of the relative position of any two positions of a window, in reading order: (side^2, side^2)."""
    place = torch.arange(side**2)
    rows, columns = place // side, place % side
    return (rows[:, None] - rows + side - 1) * (2 * side - 1) + columns[:, None] - columns + side - 1


def _strangers(torch: Any, grid: tuple[int, int, int, int], shifts: list[int]) -> Any:
    """A mask for each window of the rolled map of positions that are apart in the map: (windows, 1, side^2, side^2)."""
    down, side, across, _ = grid
    rows, columns = (
        torch.arange(size * side) >= size * side - shift for size, shift in zip((down, across), shifts, strict=True)
    )
    regions = 2 * rows[:, None] + columns[None, :].int()
    regions = regions.view(grid).transpose(1, 2).reshape(down * across, 1, side**2)
    return regions[..., None] != regions[..., None, :]


def _rows(x: Shape) -> tuple[Dim, Dim, Dim]:
    """(height, width, channels). Raises RuleError if the shape has another rank."""
    if len(x) != 3:
        raise RuleError("it needs (height, width, channels)")
    return x
