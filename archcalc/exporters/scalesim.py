"""SCALE-Sim's topologies: a CSV file with a row for each layer, as a convolution or as a product of matrices.

The tool computes an output of ceil((ifmap - filter + stride) / stride) on each axis, and multiply-accumulates of
output height x output width x filter height x filter width x channels x filters. It knows no padding, dilation, groups
or batch, and one stride for both axes. So that its own formula gives the layer's products:

- the input map is the part of the padded input that windows cover, and without the gaps of a dilated filter;
- a depthwise convolution is a row whose name has DP, which the tool itself repeats for every channel with a filter of
  one channel; other groups, and pairs of matrices, are a row each;
- images of a batch stand one below another where their windows do not overlap, and are a row each where they do;
- a product of matrices is a map as high as the first has rows, with its columns as channels, under 1 x 1 filters;
- a convolution of two strides, or with windows on three axes, is the product of its im2col matrix.

What follows the last comma of a row is not read; there stands what was changed.

Sources: `topology_utils.py` of scalesim 2.0.2 and 3.0.0; Samajdar et al. 2020, "A Systematic Methodology for
Characterizing Scalability of DNN Accelerators using SCALE-Sim", ISPASS; Raj et al. 2025, "SCALE-Sim v3",
arXiv:2504.15377.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archcalc.base.errors import ArchcalcError
from archcalc.exporters.loops import AxisLoops, ConvolutionLoops, LoopNest, ProductLoops, UniqueNames

MOST = 1_000_000
"""The most rows of a file."""
DEPTHWISE = "DP"
"""The letters in the name of a row that make SCALE-Sim repeat it for every channel."""
HEADER = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,"
GEMM_HEADER = "Layer, M, N, K,"


@dataclass(frozen=True)
class TopologyRow:
    """The numbers of a row, the number of such rows, and what was changed."""

    numbers: tuple[int, ...]
    copies: int
    note: str = ""
    depthwise: bool = False


def convolution_topology(network: str, nests: Sequence[LoopNest]) -> str:
    """The topology with a convolution in each row. Raises ArchcalcError for more than `MOST` rows."""
    return _text(network, HEADER, nests, [_convolution(nest) for nest in nests])


def gemm_topology(network: str, nests: Sequence[LoopNest]) -> str:
    """The topology with a product of matrices in each row, (M, K) with (K, N). Raises ArchcalcError likewise."""
    rows: list[TopologyRow] = []
    for nest in nests:
        product = nest.as_product() if isinstance(nest, ConvolutionLoops) else nest
        rows.append(TopologyRow((product.rows, product.columns, product.inner), product.pairs, product.note))
    return _text(network, GEMM_HEADER, nests, rows)


def _text(network: str, header: str, nests: Sequence[LoopNest], rows: Sequence[TopologyRow]) -> str:
    count = sum([row.copies for row in rows])
    if count > MOST:
        nest, row = max(zip(nests, rows, strict=True), key=lambda each: each[1].copies)
        said = f"{count:,} rows, of which {row.copies:,} for {nest.name}, and at most {MOST:,} are written"
        raise ArchcalcError(f"{network}: SCALE-Sim knows no batch and no groups, so that there would be {said}")
    names = UniqueNames()
    lines = [header]
    for nest, row in zip(nests, rows, strict=True):
        lines += _lines(nest.name.replace(DEPTHWISE, "D_P"), row, names)
    return "".join([f"{line}\n" for line in lines])


def _lines(name: str, row: TopologyRow, names: UniqueNames) -> Iterator[str]:
    numbers = "".join([f" {number}," for number in row.numbers])
    note = f" # {row.note.replace(',', ';')}" if row.note else ""  # a comma would end another field
    suffix = f"_{DEPTHWISE}" if row.depthwise else ""
    for copy in range(1, row.copies + 1):
        number = f"_{copy}of{row.copies}" if row.copies > 1 else ""
        yield f"{names.of(f'{name}{number}{suffix}')},{numbers}{note}"


def _product(nest: ProductLoops) -> TopologyRow:
    numbers = (nest.rows, 1, 1, 1, nest.inner, nest.columns, 1)
    return TopologyRow(numbers, nest.pairs, nest.note)


def _convolution(nest: LoopNest) -> TopologyRow:
    """The row of a nest, as a convolution where its windows can be said."""
    if isinstance(nest, ProductLoops):
        return _product(nest)
    copies, axes = nest.batch, list(nest.axes)
    for axis in [axis for axis in axes if axis.kernel == 1][: max(0, len(axes) - 2)]:
        axes.remove(axis)  # its positions are maps apart
        copies *= axis.output
    stride = _common_stride(axes)
    if len(axes) > 2 or stride is None:
        return _product(nest.as_product())
    outputs, kernels = _two([axis.output for axis in axes]), _two([axis.kernel for axis in axes])
    for place, kernel in enumerate(kernels):
        if kernel <= stride:
            outputs[place] *= copies
            copies = 1
    sizes = [(output - 1) * stride + kernel for output, kernel in zip(outputs, kernels, strict=True)]
    depthwise = nest.channels == 1 and nest.groups > 1
    channels = nest.groups if depthwise else nest.channels
    copies = copies if depthwise else copies * nest.groups
    return TopologyRow((*sizes, *kernels, channels, nest.filters, stride), copies, _note(nest), depthwise)


def _common_stride(axes: Sequence[AxisLoops]) -> int | None:
    """The stride of all axes on which it matters; None if there are two.

    Under a filter of one position any stride reads the same number of positions: those between are not in the map.
    """
    windows = {axis.stride for axis in axes if axis.kernel > 1 and axis.output > 1}
    if not windows:
        windows = {axis.stride for axis in axes if axis.output > 1} or {axes[0].stride}
        return windows.pop() if len(windows) == 1 else 1
    return windows.pop() if len(windows) == 1 else None


def _two(sizes: Sequence[int]) -> list[int]:
    return [*sizes, *[1] * (2 - len(sizes))]


def _note(nest: ConvolutionLoops) -> str:
    """What the row does not say of the layer."""
    said = [nest.note] if nest.note else []
    if any([axis.dilation > 1 and axis.kernel > 1 for axis in nest.axes]):
        said.append(f"dilation {'x'.join([str(axis.dilation) for axis in nest.axes])} left out")
    if nest.groups > 1 and nest.channels > 1:
        said.append(f"{nest.groups} groups")
    if nest.batch > 1:
        said.append(f"batch of {nest.batch}")
    if len(nest.axes) > 2:
        said.append("three axes")
    return "; ".join(said)
