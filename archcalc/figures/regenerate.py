"""The figures that are kept under reports/figures: each as SVG with its data as CSV, and a page that shows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.files import destination
from archcalc.figures import KINDS, Plot, gather, module_of, save, style
from archcalc.figures.runs import is_there
from archcalc.present.tables import as_csv


class Kept(NamedTuple):
    """One figure: its file's name, what it shows, in words for the page, and the plot."""

    name: str
    words: str
    request: Plot
    width: float = style.PAGE


FIGURES = (
    Kept("accuracy", "Accuracy against mult-adds", Plot("accuracy")),
    Kept(
        "accuracy-canziani",
        "The same, counted as Canziani et al. do",
        Plot("accuracy", convention="canziani_2017"),
    ),
    Kept("accuracy-pycls", "Accuracy against mult-adds, one training setting", Plot("accuracy", recipe=("pycls",))),
    Kept("accuracy-params", "Accuracy against parameters", Plot("accuracy-params")),
    Kept("density", "Accuracy density", Plot("density")),
    Kept("years", "Accuracy over the years", Plot("years")),
    Kept("cifar", "CIFAR-10 and CIFAR-100", Plot("cifar")),
    Kept("mobilenet", "MobileNet's plane of width and resolution", Plot("mobilenet")),
    Kept("ilsvrc", "Entries of the ImageNet challenge", Plot("ilsvrc")),
    Kept("profile-vgg16", "VGG-16 layer by layer", Plot("profile", ("vgg16",))),
    Kept("profile-resnet50", "ResNet-50 layer by layer", Plot("profile", ("resnet50",))),
    Kept("profile-mobilenet", "MobileNet layer by layer", Plot("profile", ("mobilenet_v1_1.0_224",))),
    Kept(
        "field",
        "Growth of the receptive field",
        Plot("field", ("alexnet", "vgg16", "googlenet", "resnet50", "resnet50_v1", "mobilenet_v1_1.0_224")),
    ),
    Kept("types", "Shares by type of layer", Plot("types", ("mobilenet_v1_1.0_224", "vgg16", "resnext50_32x4d"))),
    Kept("sizes", "ResNet-50 at every input size", Plot("sizes", ("resnet50",))),
)
"""What is kept in any case, in the order of the page."""

MEASURED = (
    Kept("time", "Time of a forward pass against mult-adds", Plot("time")),
    Kept("power", "Power of forward passes against mult-adds", Plot("power")),
)
"""What is kept only where there is a record of measurements to draw."""


def figures() -> tuple[Kept, ...]:
    """What is kept, in the order of the page."""
    return (*FIGURES, *[each for each in MEASURED if is_there(each.request.kind)])


def files(kept: Kept) -> Iterator[tuple[str, bytes]]:
    """The files of one figure: name and contents."""
    data = gather(kept.request)
    module = module_of(KINDS[kept.request.kind])
    with style.styled():
        figure = module.draw(data, kept.width)
    yield f"{kept.name}.svg", save.render(figure, "svg")
    yield f"{kept.name}.csv", (as_csv(module.records(data)) + "\n").encode()


def page() -> bytes:
    """The page that shows the figures, in Markdown."""
    kept_here = figures()
    times = [] if len(kept_here) == len(FIGURES) else ["Times and power are of records that `archcalc measure` wrote."]
    lines = [
        "# Figures",
        "",
        "Drawn by `archcalc plot`, each with its data beside it. Accuracies are of others, with their",
        "sources; all counts are archcalc's.",
        *times,
    ]
    for kept in kept_here:
        lines += ["", f"## {kept.words}", "", f"`{command(kept)}` ([data]({kept.name}.csv))", ""]
        lines += [f"![{kept.words}]({kept.name}.svg)"]
    return ("\n".join(lines) + "\n").encode()


def command(kept: Kept) -> str:
    """The command line that draws a figure."""
    request = kept.request
    words = ["archcalc plot", request.kind, *request.names]
    words += [f"--recipe {each}" for each in request.recipe]
    words += [f"--convention {request.convention}"] if request.convention else []
    return " ".join([*words, f"--width {kept.width:g} -o {kept.name}.svg"])


def regenerate(output: str) -> Iterator[str]:
    """Write all kept figures below `output`, one file after the other, and give the name of each as it is done.

    Raises ArchcalcError if a file cannot be written.
    """
    folder = Path(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchcalcError(f"{output} cannot be written: {error.strerror}") from error
    for kept in figures():
        for name, contents in files(kept):
            yield _written(folder / name, contents)
    yield _written(folder / "README.md", page())


def _written(file: Path, contents: bytes) -> str:
    with destination(str(file)) as write:
        write(contents)
    return file.name
