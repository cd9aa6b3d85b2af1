"""Sampling a map on a grid that the network computes: the two parameter-free parts of a spatial transformer.

Jaderberg et al. 2015, arXiv:1506.02025. A grid is a map of two channels, x and y, from -1 to 1 across the input.

Counting convention: none of this is a multiply-accumulate of a layer (there are no weights), so mult-adds leave it out.
The sums of products are counted as multiplications and additions, one of each for a product, as if summed from zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from archcalc.algebra.dims import Dim, Shape, any_below, is_int, product
from archcalc.base.errors import RuleError
from archcalc.graph import (
    CAST_TO_WIDEST,
    FLOAT32,
    KEEPS_INPUTS,
    KEEPS_NOTHING,
    LOWER,
    NO_PARAMETERS,
    Memory,
    Nothing,
    Op,
    OpFormulas,
    Parameters,
    Reach,
    Rule,
    Work,
)
from archcalc.graph.rules import WHOLE_COUNTS
from archcalc.ops.combine import MERGE
from archcalc.ops.sliding import planes

__all__ = ["AffineGrid", "BilinearSample"]


@final
class AffineGrid(Op):
    """The sampling point for each position of an output of `height` x `width`: (6,), two rows of three, to (2, H', W').

    Work: for each of the two coordinates two products and the offset: 2 multiplications, 2 additions.
    Errors: an input that is not six numbers, an empty grid.
    Source: Jaderberg et al. 2015, arXiv:1506.02025, equation 1; PyTorch's `affine_grid`.
    """

    height: Dim
    width: Dim
    role = "layout"
    autocast = LOWER  # the points are a matrix product
    formulas = OpFormulas(
        channels=(Rule("2", "Jaderberg et al. 2015, arXiv:1506.02025, equation (1)", says="x and y of each point"),),
        size=(Rule("n", says="the requested size"),),
        params=(Nothing("the six numbers of the map come from the network"),),
        mult_adds=(Nothing(f"it has no weights, and {WHOLE_COUNTS}"),),
    )

    def shape(self, theta: Shape) -> Shape:
        if len(theta) != 1 or (is_int(theta[0]) and theta[0] != 6):
            raise RuleError("an affine map has 6 numbers")
        if any_below(self.height, 1) or any_below(self.width, 1):
            raise RuleError("nothing would be sampled")
        return (2, self.height, self.width)

    def params(self, theta: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, theta: Shape) -> Work:
        coordinates = 2 * self.height * self.width
        return Work(multiply=2 * coordinates, add=2 * coordinates)

    def window(self, theta: Shape) -> Reach:
        return Reach.WHOLE

    def memory(self, theta: Shape) -> Memory:
        return KEEPS_NOTHING

    def letters(self, theta: Shape) -> dict[str, Any]:
        return {"n_h": self.height, "n_w": self.width}

    def lower(self, torch: Any, theta: Shape) -> Callable[..., Any]:
        def affine_grid(theta: Any) -> Any:
            size = (theta.shape[0], 1, self.height, self.width)
            grid = torch.nn.functional.affine_grid(theta.view(-1, 2, 3), size, align_corners=False)
            return grid.permute(0, 3, 1, 2)

        return affine_grid


@final
class BilinearSample(Op):
    """A map (C, H, W) read at the points of a grid (2, H', W'), each from the four positions around it: (C, H', W').

    Points outside read zeros. Work: for each output value 4 products. For each point, whatever the channels: a
    multiplication and an addition for each coordinate in positions, four distances (subtractions), and four weights
    as products of two distances. Any output may come from any position.
    Errors: a grid of other than two coordinates.
    Source: Jaderberg et al. 2015, arXiv:1506.02025, equation 5; PyTorch's `grid_sample`.

    >>> BilinearSample().shape((3, 40, 40), (2, 28, 28))
    (3, 28, 28)
    """

    role = "merge"
    autocast = CAST_TO_WIDEST
    autocast_cpu = FLOAT32
    formulas = MERGE._replace(
        size=(Rule("n", "Jaderberg et al. 2015, arXiv:1506.02025", says="the size of the grid"),),
        mult_adds=(Nothing(f"a value is a mean of its four neighbours, without weights, and {WHOLE_COUNTS}"),),
    )

    def shape(self, x: Shape, grid: Shape) -> Shape:
        channels, _, _ = planes(x)
        coordinates, height, width = planes(grid)
        if is_int(coordinates) and coordinates != 2:
            raise RuleError("a grid has two coordinates")
        return (channels, height, width)

    def params(self, x: Shape, grid: Shape) -> Parameters:
        return NO_PARAMETERS

    def work(self, x: Shape, grid: Shape) -> Work:
        taps = 4 * product(self.shape(x, grid))
        points = grid[1] * grid[2]
        return Work(multiply=taps + 6 * points, add=taps + 6 * points)

    def window(self, x: Shape, grid: Shape) -> Reach:
        return Reach.WHOLE

    def memory(self, x: Shape, grid: Shape) -> Memory:
        return KEEPS_INPUTS

    def letters(self, x: Shape, grid: Shape) -> dict[str, Any]:
        return {"n_h": grid[1], "n_w": grid[2]}

    def lower(self, torch: Any, x: Shape, grid: Shape) -> Callable[..., Any]:
        def sample(x: Any, grid: Any) -> Any:
            return torch.nn.functional.grid_sample(x, grid.permute(0, 2, 3, 1), align_corners=False)

        return sample
