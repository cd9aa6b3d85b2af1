"""AnyNetX, the networks of the design spaces: Radosavovic et al., "Designing Network Design Spaces", arXiv:2003.13678.

Section 3.2: a 3x3 convolution of stride 2 to 32 channels, some stages of X blocks, and a classifier. In a stage all
blocks have one width w, one bottleneck ratio b and one group width g: a 1x1 convolution to w/b channels, a 3x3 in
groups of g, a 1x1 to w, and a shortcut; the first block halves the size. The Y block weighs the channels of the 3x3 by
squeeze-and-excitation, whose inner width is a quarter of the channels that enter the block, as in the authors' code,
pycls. AnyNetX and RegNet have no name of their own here: RegNetX is a family of the catalogue, the others are built for
design spaces.

All of it is arithmetic of dimensions, so that widths may be polynomials. A width is to be given as the product
b * g * m of its bottleneck ratio, its group width and the number of groups: then w // b and w // b // g are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from archcalc.algebra.dims import Dim, equal, is_int
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Value, block, row
from archcalc.ops.combine import Add
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pointwise import ReLU
from archcalc.ops.pool import GlobalAvgPool
from archcalc.zoo import resnet
from archcalc.zoo._blocks import conv_norm, squeeze_excite

STEM = 32
"""Channels of the first convolution."""


class Stage(NamedTuple):
    """Equal X blocks. The bottleneck width is `width // bottleneck_ratio`, a multiple of `group_width`."""

    depth: int
    width: Dim
    bottleneck_ratio: Dim = 1
    group_width: Dim = 1
    squeezed: Dim | None = None
    """The inner width of squeeze-and-excitation behind blocks of this width; None for a quarter of the width."""


def quarter(width: Any) -> Any:
    """A quarter of a width, the nearest whole number, of two the even one: the inner width of squeeze-and-excitation.

    Source: pycls, `int(round(w_in * se_r))`.

    >>> [quarter(width) for width in (8, 9, 10, 11, 14)]
    [2, 2, 2, 3, 4]
    """
    return (width + 1 + width // 4 % 2) // 4


def x_block(x: Value, stage: Stage, stride: int = 1, dilation: int = 1, squeezed: Dim | None = None) -> Value:
    """1x1, 3x3 in groups, 1x1, and a shortcut: Figure 4. With `squeezed` it is the Y block.

    `squeezed` is the inner width of squeeze-and-excitation.
    """
    width = stage.width
    inner: Any = width // stage.bottleneck_ratio
    y = conv_norm("conv1", x, inner, 1)
    y = conv_norm("conv2", y, inner, 3, stride, dilation, groups=inner // stage.group_width, dilation=dilation)
    if squeezed is not None:
        y = squeeze_excite(y, squeezed)
    y = conv_norm("conv3", y, width, 1, activation=None)
    if stride != 1 or not equal(x.channels, width):
        x = conv_norm("downsample", x, width, 1, stride, activation=None)
    return row("add", (y, x), Add(), ReLU())


def anynetx(
    x: Value, stages: Sequence[Sequence[Any]], se: bool = False, output_stride: int = 0, classes: int = 1000
) -> Value:
    """The network of some stages: (depth, width, bottleneck ratio, group width) each, the last two 1 by default.

    With `output_stride`, the last stages dilate their 3x3 convolutions instead of halving the size; 0: no stage does.

    Raises ArchcalcError naming the stage that has no block, or whose width does not split into its groups.
    """
    every = [_stage(number, given) for number, given in enumerate(stages, 1)]
    if not every:
        raise ArchcalcError("AnyNetX has at least one stage")
    all_halving = 2 ** (len(every) + 1)
    x = conv_norm("stem", x, STEM, 3, 2)
    squeezed: Any = quarter(STEM) if se else None
    depths = [stage.depth for stage in every]
    for at, number, stride, (dilation, _) in resnet.dilated(depths, output_stride or all_halving, reached=2, first=2):
        stage = every[at]
        x = block(f"stage{at + 1}.{number}", x_block, x, stage, stride, dilation, squeezed)
        if se and not number:
            squeezed = quarter(stage.width) if stage.squeezed is None else stage.squeezed
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Linear(classes))


def _stage(number: int, given: Sequence[Any]) -> Stage:
    """A stage from its numbers. Raises ArchcalcError for one that cannot be built."""
    if not isinstance(given, Sequence) or not 2 <= len(given) <= 5:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArchcalcError(f"AnyNetX: stage {number} is (depth, width, bottleneck ratio, group width), not {given!r}")
    stage = Stage(*given)
    depth, width, ratio, group, _ = stage
    if not is_int(depth) or depth < 1:
        raise ArchcalcError(f"AnyNetX: stage {number} has a number of blocks from 1 on, not {depth!r}")
    for what, value in (("width", width), ("bottleneck ratio", ratio), ("group width", group)):
        if isinstance(value, (str, float)) or (is_int(value) and value < 1):
            raise ArchcalcError(f"AnyNetX: stage {number} has a {what} that is a whole number from 1 on, not {value!r}")
    if is_int(width) and is_int(ratio) and is_int(group):
        if width % ratio:
            raise ArchcalcError(f"AnyNetX: stage {number} is {width} wide, no multiple of its bottleneck ratio {ratio}")
        if width // ratio % group:
            said = f"{width // ratio} channels, which do not split into groups of {group}"
            raise ArchcalcError(f"AnyNetX: the bottlenecks of stage {number} have {said}")
    return stage
