"""Results that are files: pictures, plots and reports as bytes; the same request gives the same bytes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.questions import question
from archcalc.hardware.devices import DeviceLike
from archcalc.request import NetworkLike, read_batch
from archcalc.search.scaling import scaling


@question
def graph_picture(
    network: NetworkLike,
    format: str | None = None,
    open_levels: str | None = None,
    view: str = "graph",
    block: str | None = None,
    direction: str = "down",
    costs: str = "mult_adds",
    detail: bool = False,
    **given: Any,
) -> bytes:
    """A picture of a network as `svg`, `pdf` or `png`; of the graph view also, and by default, as Graphviz's `dot`.

    `view` is `graph`, the layers and their connections; `volume`, the sizes of its maps as boxes; or `block`, one of
    its blocks as papers print it: that of the path `block`, or the most frequent kinds. The graph view opens
    `open_levels` levels of blocks, or all (`full`); boxes have their `costs` (`mult_adds`, `params`, `activations` or
    `none`) and, with `detail`, normalisations and activations. `direction` is `down` or `right`. `given` are the
    settings of a request: `input` and hyperparameters.

    Raises ArchcalcError as `analyze` does, for a block that the network does not have, for options that the view does
    not take, and if a program for the format is not installed.

    >>> graph_picture("lenet5").decode().splitlines()[0]
    'digraph "lenet5" {'
    """
    from archcalc.pictures import pictures

    asked = pictures.Picture(view, block, open_levels, direction, costs, detail)
    return pictures.render(asked, format, network, **given)


@question
def plot(
    kind: str,
    names: Sequence[NetworkLike] = (),
    format: str = "svg",
    width: float = 88.0,
    convention: str | None = None,
    recipe: Sequence[str] = (),
    dataset: str | None = None,
    batch: int | None = None,
    precision: str | None = None,
    device: str | Sequence[DeviceLike] | None = None,
) -> bytes:
    """A plot as `svg`, `pdf` or `png`, or its data as `csv`; `width` is in millimetres.

    `kind` is one that `archcalc plot` lists, `names` the networks to draw. `convention` changes the axis of costs;
    `recipe` and `dataset` select accuracies; `batch`, `precision` and `device` select measurements. Plots of memory
    have a batch and a precision too, and the other options of training from a network's `Request`; `device` names
    devices whose memory is drawn, in a list, where a path is that of a file of your own, or in a text with commas.

    Raises ArchcalcError for an unknown kind, and for networks or options that this kind does not take.

    >>> plot("profile", ["lenet5"], format="csv").decode().splitlines()[0]
    'architecture,layer,stage,activations,count,convention,params'
    """
    from archcalc import figures as plots

    batch = None if batch is None else read_batch("a plot", batch)
    asked = plots.Plot(kind, tuple(names), tuple(recipe), dataset, convention, batch, precision, device)
    return drawn_plot(asked, format, width)


def drawn_plot(request: Any, format: str = "svg", width: float = 88.0) -> bytes:
    """A plot of an `archcalc.figures.Plot`, which may be of tables of sweeps, as `svg`, `pdf`, `png` or `csv`.

    Raises ArchcalcError as `plot` does, and for tables and columns that cannot be read.

    >>> from archcalc.figures import Plot, TablePlot
    >>> table = {"mult_adds": [1, 2, 3], "error": [0.3, 0.1, 0.2]}
    >>> print(drawn_plot(Plot("front", sweep=TablePlot((table,), y=("error",))), "csv").decode().strip())
    table,mult_adds,error
    table,1,0.3
    table,2,0.1
    """
    from archcalc import figures as plots
    from archcalc.figures import save
    from archcalc.figures.style import drawing_library

    chosen = plots.check(request)
    wide = save.read_width(f"{width:g}")
    if format != "csv":
        drawing_library()
    module, data = plots.module_of(chosen), plots.gather(request)
    if format == "csv":
        from archcalc.present.markup import as_csv

        return (as_csv(module.records(data)) + "\n").encode()
    return save.render(save.drawn(module, data, wide), format)


@question
def scaling_figure(
    network: NetworkLike,
    format: str = "svg",
    **given: Any,
) -> bytes:
    """The scaling laws of a network as a figure: `svg`, `pdf` or `png`. Raises ArchcalcError as `scaling` does."""
    from archcalc.figures import save
    from archcalc.figures import scaling as module

    if format == "csv":
        raise ArchcalcError("a figure of scaling laws is svg, pdf or png", about="format")
    result = scaling(network, samples=True, **given)
    return save.render(save.drawn(module, result, module.WIDTH), format)


@question
def report(
    names: Sequence[NetworkLike] = (),
    format: str = "pdf",
    jobs: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> bytes:
    """A report of some networks, or the atlas of all, as `pdf`, `html` or `md`.

    `jobs` processes draw the atlas, by default one for each processor; `progress` is called with a description before
    each step.

    Raises ArchcalcError for unknown names, and for PDF if there is no Typst.

    >>> report(["lenet5"], format="md").decode().splitlines()[0]
    '# LeNet-5'
    """
    from archcalc.reports import atlas, documents, formats

    formats.check(format)
    chosen = documents.resolved(names)
    if chosen:
        document = documents.of_networks(chosen, progress)
    else:
        document = atlas.document(progress, jobs or os.cpu_count() or 1)
    if progress is not None:
        progress("typesetting")
    return formats.written(document, format)
