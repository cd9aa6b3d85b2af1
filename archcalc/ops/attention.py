"""Attention within windows of a map, and the merging of patches between stages. Channels are last: (H, W, C).

Source: Liu et al. 2021, "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows", arXiv:2103.14030.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, any_below, ceil_div, is_int, known_to_differ, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    KEEPS_NOTHING,
    LOWER,
    NO_PARAMETERS,
    NO_WORK,
    AutocastDevice,
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
from archcalc.graph.rules import SAME_SIZE, by_axis
from archcalc.ops.layout import MOVED

__all__ = ["PatchMerging", "WindowAttention"]

SWIN = "Liu et al. 2021, arXiv:2103.14030"


@final
class WindowAttention(Op):
    """Self-attention in each window of a map, m_h high and m_w wide: queries, keys and values (H, W, 3C) to (H, W, C).

    `side` is both, or (m_h, m_w). In each head softmax(q k^T / sqrt(d) + B) v over the positions of one window; B is
    read from a learnt table of (2 m_h - 1)(2 m_w - 1) numbers for each head. With `shift` the windows begin `shift`
    positions lower and further right: the map is rolled, and positions that are neighbours only because of the rolling
    do not see each other. An axis with a single window is not shifted.

    Mult-adds: 2 m_h m_w C for each position, for the two matrix products. Further work for each of the H W m_h m_w
    weights of each head: one multiplication (scale), two additions (B, the sum of the softmax), one exponential and
    one division. Autograd saves the weights; they are no output of the graph, so the peak of memory does not include
    them. Windows do not slide: a unit sees exactly its window, and neighbouring units have no common stride. Source:
    equations (2) and (4).
    Errors: sizes that do not split into windows, channels that do not split into queries, keys and values of all heads.

    >>> WindowAttention(heads=3, side=7).shape((56, 56, 288))
    (56, 56, 96)
    >>> WindowAttention(heads=24, side=(4, 7)).shape((4, 14, 2304))
    (4, 14, 768)
    """

    heads: int
    side: Dim | tuple[Dim, Dim]
    shift: int = 0
    role = "merge"
    autocast = LOWER._replace(casts_weights=False)
    formulas = OpFormulas(
        channels=(Rule("C_in / 3", f"{SWIN}, equation (4)", says="queries, keys and values come as one map"),),
        size=SAME_SIZE,
        params=(
            Rule(
                "(2 * m_h - 1) * (2 * m_w - 1) * h",
                f"{SWIN}, equation (4)",
                says="a bias for each relative place, for each head",
            ),
        ),
        mult_adds=(
            Rule(
                "2 * m_h * m_w * H * W * C_out",
                f"{SWIN}, equation (2)",
                says="queries by keys, and weights by values",
            ),
        ),
        meanings={
            "h": "heads",
            "m": "height and width of a window",
            "m_h": "height of a window",
            "m_w": "width of a window",
        },
    )

    @property
    def sides(self) -> tuple[Dim, Dim]:
        """Height and width of a window."""
        return self.side if isinstance(self.side, tuple) else (self.side, self.side)

    @property
    def area(self) -> Dim:
        """Positions of a window."""
        return product(self.sides)

    def shape(self, x: Shape) -> Shape:
        height, width, channels = _rows(x)
        for size, side in zip((height, width), self.sides, strict=True):
            if any_below(side, 1) or self.shift < 0 or _too_far(self.shift, side, size):
                raise RuleError("a window has at least one position, and is shifted by less than its side")
            if known_to_differ(size // side * side, size):
                windows = " x ".join(map(str, dict.fromkeys(self.sides)))
                raise RuleError(f"{height} x {width} positions do not split into windows of {windows}")
        each = 3 * self.heads
        if self.heads < 1 or known_to_differ(channels // each * each, channels):
            raise RuleError(f"{channels} channels are not the queries, keys and values of {self.heads} heads")
        return (height, width, channels // 3)

    def params(self, x: Shape) -> Parameters:
        tall, wide = self.sides
        return Parameters(weight=(2 * tall - 1) * (2 * wide - 1) * self.heads)

    def work(self, x: Shape) -> Work:
        products = 2 * self.area * product(self.shape(x))
        weights = self._weights(x)
        return Work(products, multiply=weights, add=2 * weights, divide=weights, exponential=weights)

    def window(self, x: Shape) -> Reach:
        return Reach.IRREGULAR

    def memory(self, x: Shape) -> Memory:
        return Memory(extra_elements=product(x) + self._weights(x))

    def autocast_memory(self, device: AutocastDevice, *shapes: Shape) -> Memory:
        """Its biases are float32, so its softmax is too; weights are saved as they are, and cast for their product."""
        return self.memory(*shapes)._replace(float32_elements=self._weights(shapes[0]))

    def letters(self, x: Shape) -> dict[str, Any]:
        return {"h": self.heads, **by_axis("m", self.sides)}

    def lower(self, torch: Any, x: Shape) -> Callable[..., Any]:
        sizes: Any = (x[:2], self.sides)
        heads, (height, width, channels) = self.heads, self.shape(x)
        (tall, wide), shifts = sizes[1], [self.shift if size > side else 0 for size, side in zip(*sizes, strict=True)]
        grid = (sizes[0][0] // tall, tall, sizes[0][1] // wide, wide)
        index, strangers = _distances(torch, tall, wide), _strangers(torch, grid, shifts)

        class WindowAttention(torch.nn.Module):
            def __init__(self) -> None:
                torch.nn.Module.__init__(self)
                self.table = torch.nn.Parameter(torch.zeros(heads, (2 * tall - 1) * (2 * wide - 1)))
                self.register_buffer("index", index)
                self.register_buffer("strangers", strangers)

            def forward(self, x: Any) -> Any:
                batch = len(x)
                parts = x.roll([-shift for shift in shifts], (1, 2)).view(batch, *grid, 3, heads, -1)
                parts = parts.permute(5, 0, 1, 3, 6, 2, 4, 7).reshape(
                    3, batch, -1, heads, tall * wide, channels // heads
                )
                q, k, v = parts.unbind()
                scores = q @ k.transpose(-2, -1) * (channels // heads) ** -0.5 + self.table[:, self.index]
                y = scores.masked_fill(self.strangers, float("-inf")).softmax(-1) @ v
                y = y.view(batch, grid[0], grid[2], heads, tall, wide, -1).permute(0, 1, 4, 2, 5, 3, 6)
                return y.reshape(batch, height, width, channels).roll(shifts, (1, 2))

        return WindowAttention()

    def _weights(self, x: Shape) -> Dim:
        """Attention weights: for each head and position one for every position of its window."""
        return self.heads * self.area * x[0] * x[1]


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


def _too_far(shift: int, side: Dim, size: Dim) -> bool:
    """Return True if an axis of several windows is known to be shifted by a whole window or more."""
    return is_int(side) and is_int(size) and shift >= side and size > side


def _distances(torch: Any, tall: int, wide: int) -> Any:
    """The index of the relative position of any two positions of a window, in reading order: (area, area)."""
    place = torch.arange(tall * wide)
    rows, columns = place // wide, place % wide
    return (rows[:, None] - rows + tall - 1) * (2 * wide - 1) + columns[:, None] - columns + wide - 1


def _strangers(torch: Any, grid: tuple[int, int, int, int], shifts: list[int]) -> Any:
    """A mask for each window of the rolled map of positions that are apart in the map: (windows, 1, area, area)."""
    down, tall, across, wide = grid
    rows, columns = (
        torch.arange(size) >= size - shift for size, shift in zip((down * tall, across * wide), shifts, strict=True)
    )
    regions = 2 * rows[:, None] + columns[None, :].int()
    regions = regions.view(grid).transpose(1, 2).reshape(down * across, 1, tall * wide)
    return regions[..., None] != regions[..., None, :]


def _rows(x: Shape) -> tuple[Dim, Dim, Dim]:
    """(height, width, channels). Raises RuleError if the shape has another rank."""
    if len(x) != 3:
        raise RuleError("it needs (height, width, channels)")
    return x
