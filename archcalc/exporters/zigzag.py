"""ZigZag's workload: a YAML file with a loop nest for each layer, and the layers that its operands are from.

Loops of a convolution: B over the batch, G over groups, K over filters of a group, C over its input channels, OX, OY
and OZ over outputs (width, height, depth), FX, FY and FZ over taps. Loops of a product of matrices: H over pairs, D
over rows, C over what is summed, K over columns. ZigZag's own count of a layer is the product of its loops.

Operators are Conv and Gemm. A layer's input is from the last layer before it in this file: what stands between, such as
normalisation and pooling, is left out, and of a sum the later branch is named. Precisions are the bits of the request's
dtype; partial sums have 16 bits for int8, as in ZigZag's own workloads, 32 for types of 16 and 32 bits, 64 for float64.
The accelerators that come with ZigZag have registers for int8.

Sources: `workload_validator.py`, `workload_factory.py` and `conv_parser.py` of zigzag-dse 3.9; Mei et al. 2021,
"ZigZag: Enlarging Joint Architecture-Mapping Design Space Exploration for DNN Accelerators".
"""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.exporters.loops import ConvolutionLoops, LoopNest, ProductLoops

SIDES = ("x", "y", "z")
"""The names of the axes, from the last to the first."""


def workload(nests: Sequence[LoopNest], element_bytes: int) -> str:
    """The workload in YAML; layers are numbered from 0."""
    bits = 8 * element_bytes
    return "\n".join([_layer(number, nest, bits) for number, nest in enumerate(nests)])


def _layer(number: int, nest: LoopNest, bits: int) -> str:
    source = number if nest.source is None else nest.source
    weights = number if nest.weights is None else nest.weights
    lines = [f"- id: {number}{f' # {nest.note}' if nest.note else ''}", f"  name: {nest.name}"]
    lines += _product(nest) if isinstance(nest, ProductLoops) else _convolution(nest)
    lines.append(f"  operand_precision: {{W: {bits}, I: {bits}, O: {max(bits, min(2 * bits, 32))}, O_final: {bits}}}")
    lines.append(f"  operand_source: {{W: {weights}, I: {source}}}")
    return "".join([f"{line}\n" for line in lines])


def _loops(loops: dict[str, int]) -> list[str]:
    sizes = ", ".join(map(str, loops.values()))
    return [f"  loop_dims: [{', '.join(loops)}]", f"  loop_sizes: [{sizes}]"]


def _product(nest: ProductLoops) -> list[str]:
    pair = "[h]" if nest.pairs > 1 else ""
    loops = {"D": nest.rows, "C": nest.inner, "K": nest.columns} | ({"H": nest.pairs} if pair else {})
    equation = f"O{pair}[d][k]+=I{pair}[d][c]*W{pair}[c][k]"
    return ["  operator_type: Gemm", f"  equation: {equation}", "  dimension_relations: []", *_loops(loops)]


def _convolution(nest: ConvolutionLoops) -> list[str]:
    group = "[g]" if nest.groups > 1 else ""
    named = list(zip(SIDES, reversed(nest.axes), strict=False))
    order = [side for side, _ in reversed(named)]
    outputs, taps, inputs = ("".join([f"[{kind}{side}]" for side in order]) for kind in "ofi")
    equation = f"O[b]{group}[k]{outputs}+=W{group}[k][c]{taps}*I[b]{group}[c]{inputs}"
    relations = [f"i{side}={axis.stride}*o{side}+{axis.dilation}*f{side}" for side, axis in named]
    loops = {"B": nest.batch, "K": nest.filters, "C": nest.channels} | ({"G": nest.groups} if group else {})
    loops |= {f"O{side.upper()}": axis.output for side, axis in named}
    loops |= {f"F{side.upper()}": axis.kernel for side, axis in named}
    return [
        "  operator_type: Conv",
        f"  equation: {equation}",
        f"  dimension_relations: [{', '.join(relations)}]",
        *_loops(loops),
        f"  pr_loop_dims: [{', '.join([f'I{side.upper()}' for side, _ in named])}]",
        f"  pr_loop_sizes: [{', '.join([str(axis.size) for _, axis in named])}]",
        f"  padding: [{', '.join([f'[{axis.before}, {axis.after}]' for _, axis in named])}]",
    ]
