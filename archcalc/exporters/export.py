"""Exports: the files of a network for a tool that models hardware."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.files import destination
from archcalc.base.questions import checked
from archcalc.base.spelling import unknown
from archcalc.exporters import scalesim, timeloop, zigzag
from archcalc.exporters.loops import ConvolutionLoops, LoopNest
from archcalc.exporters.nodes import loop_nests
from archcalc.request import NetworkLike, Request

TOOLS: Mapping[str, str] = {"scalesim": ".csv", "timeloop": "", "zigzag": ".yaml"}
"""The tools, and the suffix of their file; empty for a folder of files."""
LAYOUTS = ("convolution", "gemm")


@dataclass(frozen=True)
class Export:
    """The files of a network for a tool.

    `mult_adds` are those of the whole batch: what the tool counts for the files together.
    """

    network: str
    tool: str
    files: Mapping[str, str]
    """The text of each file by its name: one, or for Timeloop one for each distinct layer."""
    layers: int
    mult_adds: int
    left_out: Mapping[str, int]
    """The number of operations of each kind that have no multiply-accumulates, and are in no file."""
    unknown: Mapping[str, int]
    """The number of calls of each operator whose work is not known; those are in no file either."""

    @property
    def text(self) -> str:
        """The text of the only file. Raises ArchcalcError if there are several."""
        if not TOOLS[self.tool]:
            raise ArchcalcError(
                f"{self.tool} has a file for each distinct layer, not a single one: see files, and save"
            )
        return next(iter(self.files.values()))

    def save(self, path: str) -> None:
        """Write the file, or for Timeloop the files into a folder, which is made where it is missing.

        Raises ArchcalcError for what cannot be written, and for a folder with other files of that kind, as a tool that
        reads them all would count those too.
        """
        if TOOLS[self.tool]:
            with destination(path) as write:
                write(self.text.encode())
            return
        from pathlib import Path

        folder = Path(path)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            others = sorted({file.name for file in folder.glob("*.yaml")} - set(self.files))
        except OSError as error:
            raise ArchcalcError(f"{path} is no folder that can be written: {error.strerror}", about="output") from error
        if others:
            said = f"{path} has files of something else, such as {others[0]}: name a folder of its own"
            raise ArchcalcError(said, about="output")
        for name, text in self.files.items():
            with destination(str(folder / name)) as write:
                write(text.encode())


@checked
def export(network: NetworkLike, to: str, layout: str = "convolution", **given: Any) -> Export:
    """The layers of a network as loop nests, in files of `scalesim`, `timeloop` or `zigzag`.

    Only what multiplies and accumulates is written: convolutions, linear layers, and products of matrices, those of
    attention among them. The tool's own count of each file, its formula applied to its numbers, sums to the mult-adds
    of the network times the batch, taps on padding counted.

    `layout` is `convolution`, each layer as what it is, or `gemm`, each as products of matrices. `given` are the
    settings of a request: `input`, `batch`, `dtype` (the bits of values in ZigZag's file) and hyperparameters. What a
    format does not know, and how that is said, stands in the modules of `archcalc.exporters`.

    Raises ArchcalcError for another tool or layout, for sizes that are no numbers, and naming the layer whose products
    a format cannot say exactly.

    >>> lenet = export("lenet5", "scalesim")
    >>> print(lenet.text.splitlines()[1])
    C1, 32, 32, 5, 5, 1, 6, 1,
    >>> lenet.mult_adds
    325680
    """
    _check(to, TOOLS, "tool")
    _check(layout, LAYOUTS, "layout")
    request = Request.of(network, **given)
    if type(request.batch) is not int:
        raise ArchcalcError(f"an export needs a batch in numbers, not {request.batch}", about="batch")
    found = loop_nests(request.graph, request.batch)
    name = request.resolved.name
    if not found.loops:
        raise ArchcalcError(f"{name} has no multiply-accumulates to export")
    total = sum([nest.mult_adds for nest in found.loops])
    files = _files(request, found.loops, to, as_products=layout == "gemm")
    return Export(name, to, files, len(found.loops), total, found.left_out, found.unknown)


def _files(request: Request, nests: Sequence[LoopNest], to: str, *, as_products: bool) -> dict[str, str]:
    name = request.resolved.name
    if to == "timeloop":
        return timeloop.problems(nests, as_products=as_products)
    if to == "scalesim":
        write = scalesim.gemm_topology if as_products else scalesim.convolution_topology
        return {f"{name}.csv": write(name, nests)}
    if as_products:
        nests = [each.as_product() if isinstance(each, ConvolutionLoops) else each for each in nests]
    return {f"{name}.yaml": zigzag.workload(nests, request.element_bytes)}


def _check(given: str, known: Sequence[str] | Mapping[str, str], what: str) -> None:
    """Raise UnknownName unless a word is one of those known."""
    if given not in known:
        raise unknown(what, given, list(known), f"there are {', '.join(known)}", about="to" if what == "tool" else what)
