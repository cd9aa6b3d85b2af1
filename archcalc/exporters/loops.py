"""Loop nests: the products of one layer as sizes of nested loops, which is what models of hardware take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from typing import NamedTuple, TypeAlias

IM2COL = "im2col: inputs that windows share are repeated"
OTHERS = re.compile(r"[^A-Za-z0-9_]+")


class AxisLoops(NamedTuple):
    """The two loops of a convolution on one axis, over outputs and over taps, and the window that joins them."""

    size: int
    """Positions of the input, without padding."""
    output: int
    kernel: int
    stride: int
    dilation: int
    before: int
    """Zeros before the input; `after` those behind it."""
    after: int

    @property
    def overlaps(self) -> bool:
        """Whether neighbouring windows share positions, or lie between each other's."""
        return self.output > 1 and (self.kernel - 1) * self.dilation >= self.stride


@dataclass(frozen=True)
class ProductLoops:
    """Products of matrices: for each of `pairs` one of (rows, inner) with one of (inner, columns).

    >>> ProductLoops("fc", 1, 8, 512, 1000).mult_adds
    4096000
    """

    name: str
    pairs: int
    """Pairs of matrices, each with a second matrix of its own: groups, or heads of attention."""
    rows: int
    inner: int
    columns: int
    source: int | None = None
    """The nest that computes the first factor, by its place in the list; None if no nest does."""
    weights: int | None = None
    """The nest that computes the second factor; None for weights that are learnt."""
    note: str = ""
    """What the loops do not say of the layer."""

    @property
    def mult_adds(self) -> int:
        """Multiply-accumulates of the nest: the product of its loops."""
        return self.pairs * self.rows * self.inner * self.columns


@dataclass(frozen=True)
class ConvolutionLoops:
    """A convolution of `batch` maps with one to three axes beside the channels, (depth, height, width).

    >>> axis = AxisLoops(size=32, output=32, kernel=3, stride=1, dilation=1, before=1, after=1)
    >>> ConvolutionLoops("conv1", 1, 1, 16, 3, (axis, axis)).mult_adds
    442368
    """

    name: str
    batch: int
    groups: int
    filters: int
    """Filters of one group."""
    channels: int
    """Input channels of one group."""
    axes: tuple[AxisLoops, ...]
    source: int | None = None
    weights: int | None = None
    note: str = ""

    @property
    def mult_adds(self) -> int:
        """Multiply-accumulates of the nest, taps on padding included: the product of its loops."""
        window = prod([axis.output * axis.kernel for axis in self.axes])
        return self.batch * self.groups * self.filters * self.channels * window

    def as_product(self) -> ProductLoops:
        """The convolution as products of matrices (im2col): a row of the first for each output position.

        Inputs that several windows share are elements of several rows, and the note says so.
        """
        rows = self.batch * prod([axis.output for axis in self.axes])
        inner = self.channels * prod([axis.kernel for axis in self.axes])
        shared = any([axis.overlaps for axis in self.axes])
        note = "; ".join([each for each in (self.note, IM2COL if shared else "") if each])
        return ProductLoops(self.name, self.groups, rows, inner, self.filters, self.source, self.weights, note)


LoopNest: TypeAlias = ConvolutionLoops | ProductLoops


class UniqueNames:
    """Names of letters, digits and underscores, each given once: a number is added to one that was there before.

    >>> names = UniqueNames()
    >>> names.of("conv1.0/relu"), names.of("conv1_0_relu")
    ('conv1_0_relu', 'conv1_0_relu_2')
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def of(self, text: str) -> str:
        """A name that looks like `text`."""
        name = wanted = OTHERS.sub("_", text).strip("_") or "layer"
        while name.lower() in self._taken:  # files of some systems do not tell cases apart
            self._last[wanted] = self._last.get(wanted, 1) + 1
            name = f"{wanted}_{self._last[wanted]}"
        self._taken.add(name.lower())
        return name
