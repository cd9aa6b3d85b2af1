"""Timeloop's problems: a YAML file for each distinct layer, with the shape of its loop nest and its sizes.

The loops are those of Timeloop's own convolution: R and S over the taps (width and height), P and Q over the outputs,
C over input channels, M over filters, N over the batch; and where a layer has them, G over groups, and T and D over
taps and outputs in depth. A product of matrices is such a nest too: rows are N, columns M, what is summed C, pairs of
matrices G; so the constraints of one architecture hold for all layers. With the layout `gemm` the nest is that of
`gemm_ABZ`, with loops M, N, K, and G for pairs. The mult-adds are the product of all loops. The input is indexed by
output x stride + tap x dilation, so that padding is part of it.

The files are in version 0.4 of the front end's format. Their keys are those of the present sources of Timeloop too,
where older ones write data-spaces and read-write. They were not run: Timeloop is no package that pip installs.
`layers.csv` says how many layers of the network each file stands for.

Sources: `problem-shape.cpp` and the shapes `cnn_layer` and `gemm_ABZ` of NVlabs/timeloop; `v4/problem.py` of
Accelergy-Project/timeloopfe; Parashar et al. 2019, "Timeloop: A Systematic Approach to DNN Accelerator Evaluation".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from archcalc.exporters.loops import AxisLoops, ConvolutionLoops, LoopNest, ProductLoops

INDEX = "layers.csv"
LETTERS = (("R", "P", "W"), ("S", "Q", "H"), ("T", "D", "D"))
"""The loop over taps, the loop over outputs, and the begin of the coefficients, from the last axis to the first."""

Projection = Sequence[Sequence[Sequence[str]]]


@dataclass(frozen=True)
class ProblemShape:
    """The loops, coefficients and data spaces of a problem."""

    name: str
    loops: Mapping[str, int]
    coefficients: Mapping[str, int]
    spaces: Mapping[str, Projection]
    """The projection of each tensor: for each of its axes a sum of loops, each with a coefficient or without; the last
    tensor is the output."""

    def text(self, comments: Sequence[str]) -> str:
        """The problem in YAML."""
        lines = [
            *[f"# {line}" for line in comments],
            "problem:",
            "  version: 0.4",
            "  shape:",
            f"    name: {self.name}",
        ]
        lines.append(f"    dimensions: [{', '.join(self.loops)}]")
        if self.coefficients:
            lines.append("    coefficients:")
            lines += [f"    - {{name: {name}, default: 1}}" for name in self.coefficients]
        lines.append("    data_spaces:")
        for name, projection in self.spaces.items():
            lines += [f"    - name: {name}", "      projection:"]
            lines += [f"      - [{', '.join([_listed(term) for term in axis])}]" for axis in projection]
        lines += ["      read_write: true", "  instance:"]
        lines += [f"    {name}: {size}" for name, size in {**self.loops, **self.coefficients}.items()]
        return "\n".join(lines) + "\n"


def _listed(words: Sequence[str]) -> str:
    return f"[{', '.join(words)}]"


def problems(nests: Sequence[LoopNest], *, as_products: bool) -> dict[str, str]:
    """The files by name: a problem for each distinct nest, and `layers.csv`."""
    alike: dict[LoopNest, list[LoopNest]] = {}
    for nest in nests:
        written = nest.as_product() if as_products and isinstance(nest, ConvolutionLoops) else nest
        alike.setdefault(_bare(written), []).append(written)
    digits = len(str(len(alike)))
    files: dict[str, str] = {}
    index = ["file,count,mult_adds,layers"]
    for number, layers in enumerate(alike.values(), start=1):
        first, count = layers[0], len(layers)
        file = f"{number:0{digits}}_{first.name}.yaml"
        comments = [f"{first.name}{f', and {count - 1} alike' if count > 1 else ''}"]
        comments += [first.note] if first.note else []
        comments.append(f"mult-adds: {first.mult_adds}, {count} time{'' if count == 1 else 's'} in the network")
        shape = _product(first, as_products=as_products) if isinstance(first, ProductLoops) else _convolution(first)
        files[file] = shape.text(comments)
        index.append(f"{file},{count},{first.mult_adds},{' '.join([layer.name for layer in layers])}")
    return {**files, INDEX: "".join([f"{line}\n" for line in index])}


def _bare(nest: LoopNest) -> LoopNest:
    """A nest without what is not in its file: its name, its sources, its padding."""
    bare = replace(nest, name="", source=None, weights=None)
    if isinstance(bare, ConvolutionLoops):
        return replace(bare, axes=tuple([axis._replace(size=0, before=0, after=0) for axis in bare.axes]))
    return bare


def _convolution(nest: ConvolutionLoops) -> ProblemShape:
    one = AxisLoops(1, 1, 1, 1, 1, 0, 0)
    axes = [*reversed(nest.axes), *[one] * (2 - len(nest.axes))]
    return _seven(nest.batch, nest.groups, nest.channels, nest.filters, axes)


def _product(nest: ProductLoops, *, as_products: bool) -> ProblemShape:
    if not as_products:
        one = AxisLoops(1, 1, 1, 1, 1, 0, 0)
        return _seven(nest.rows, nest.pairs, nest.inner, nest.columns, [one, one])
    pair = [[["G"]]] if nest.pairs > 1 else []
    loops = {"M": nest.rows, "N": nest.columns, "K": nest.inner} | ({"G": nest.pairs} if pair else {})
    spaces = {"A": [*pair, [["M"]], [["K"]]], "B": [*pair, [["N"]], [["K"]]], "Z": [*pair, [["M"]], [["N"]]]}
    return ProblemShape("gemm_ABZ", loops, {}, spaces)


def _seven(batch: int, groups: int, channels: int, filters: int, axes: Sequence[AxisLoops]) -> ProblemShape:
    """The shape of a convolution, from its last axis to its first."""
    group = [[["G"]]] if groups > 1 else []
    loops = {"C": channels, "M": filters, "N": batch} | ({"G": groups} if group else {})
    coefficients: dict[str, int] = {}
    taps: list[Sequence[Sequence[str]]] = []
    places: list[Sequence[Sequence[str]]] = []
    inputs: list[Sequence[Sequence[str]]] = []
    for axis, (tap, place, side) in zip(axes, LETTERS, strict=False):
        loops |= {tap: axis.kernel, place: axis.output}
        coefficients |= {f"{side}stride": axis.stride, f"{side}dilation": axis.dilation}
        taps.append([[tap]])
        places.append([[place]])
        inputs.append([[tap, f"{side}dilation"], [place, f"{side}stride"]])
    spaces = {
        "Weights": [*group, [["C"]], [["M"]], *taps],
        "Inputs": [[["N"]], *group, [["C"]], *inputs],
        "Outputs": [[["N"]], *group, [["M"]], *places],
    }
    return ProblemShape("cnn_layer", loops, coefficients, spaces)
