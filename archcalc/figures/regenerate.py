"""The committed figures under reports/figures: each as SVG with its data as CSV, and a page that shows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.files import destination
from archcalc.figures import KINDS, Plot, TablePlot, gather, module_of, save, style
from archcalc.figures.runs import is_there
from archcalc.present.markup import as_csv
from archcalc.spaces.sources import SpaceSample


class KeptFigure(NamedTuple):
    """One committed figure: its file's name, its title on the page, and the request for the plot."""

    name: str
    words: str
    request: Plot
    width: float = style.PAGE


ANYNETX = tuple([f"anynet_{letter}" for letter in "abcde"])
DRAWN = SpaceSample(sample=500, seed=1)
"""The networks of a design space that a figure shows: as many as Radosavovic et al. 2020, arXiv:2003.13678, draw."""

FIGURES = (
    KeptFigure("accuracy", "Accuracy against mult-adds", Plot("accuracy")),
    KeptFigure(
        "accuracy-canziani",
        "The same, counted as Canziani et al. do",
        Plot("accuracy", convention="canziani_2017"),
    ),
    KeptFigure(
        "accuracy-pycls", "Accuracy against mult-adds, one training setting", Plot("accuracy", recipe=("pycls",))
    ),
    KeptFigure("accuracy-params", "Accuracy against parameters", Plot("accuracy-params")),
    KeptFigure(
        "accuracy-field",
        "Accuracy against the receptive field",
        Plot("accuracy-field", recipe=("torchvision_v1", "torchvision_v1_new", "torchvision_v1_ports")),
    ),
    KeptFigure("density", "Accuracy density", Plot("density")),
    KeptFigure("years", "Accuracy over the years", Plot("years")),
    KeptFigure("cifar", "CIFAR-10 and CIFAR-100", Plot("cifar")),
    KeptFigure("wrn", "Wide residual networks", Plot("wrn")),
    KeptFigure("efficientnet", "EfficientNet and its rivals", Plot("efficientnet")),
    KeptFigure("compound", "Compound scaling of EfficientNet", Plot("compound")),
    KeptFigure("convnext", "ConvNeXt and Swin", Plot("convnext")),
    KeptFigure("roadmap", "From ResNet-50 to ConvNeXt", Plot("roadmap")),
    KeptFigure("spaces", "Design spaces of RegNet: sizes", Plot("spaces")),
    KeptFigure("mobilenet", "MobileNet's plane of width and resolution", Plot("mobilenet")),
    KeptFigure("throughput", "Published throughput of a GPU", Plot("throughput")),
    KeptFigure("ilsvrc", "Entries of the ImageNet challenge", Plot("ilsvrc")),
    KeptFigure("profile-vgg16", "VGG-16 layer by layer", Plot("profile", ("vgg16",))),
    KeptFigure("profile-resnet50", "ResNet-50 layer by layer", Plot("profile", ("resnet50",))),
    KeptFigure("profile-mobilenet", "MobileNet layer by layer", Plot("profile", ("mobilenet_v1_1.0_224",))),
    KeptFigure(
        "field",
        "Growth of the receptive field",
        Plot("field", ("alexnet", "vgg16", "googlenet", "resnet50", "resnet50_v1", "mobilenet_v1_1.0_224")),
    ),
    KeptFigure("types", "Shares by type of layer", Plot("types", ("mobilenet_v1_1.0_224", "vgg16", "resnext50_32x4d"))),
    KeptFigure("sizes", "ResNet-50 at every input size", Plot("sizes", ("resnet50",))),
    KeptFigure("memory-resnet50", "Memory along a training step of ResNet-50", Plot("memory", ("resnet50",), batch=32)),
    KeptFigure(
        "memory-batch",
        "Memory against the batch",
        Plot("memory-batch", device="t4,a100-40gb,h100-sxm"),
    ),
    KeptFigure(
        "edf",
        "Mult-adds of AnyNetX A to E and of RegNetX",
        Plot("edf", sweep=TablePlot((*ANYNETX, "regnetx"), sample=DRAWN)),
    ),
    KeptFigure(
        "front",
        "Most mult-adds for least activations",
        Plot(
            "front",
            sweep=TablePlot(
                ("anynet_e", "regnetx"), x="activation_sum", y=("mult_adds",), maximize=("mult_adds",), sample=DRAWN
            ),
        ),
    ),
    KeptFigure(
        "space",
        "Design spaces side by side",
        Plot("space", sweep=TablePlot(("anynet_a", "anynet_e", "regnetx"), sample=DRAWN)),
    ),
)
"""The figures that are always committed, in the order of the page."""

MEASURED = (
    KeptFigure("time", "Time of a forward pass against mult-adds", Plot("time")),
    KeptFigure("power", "Power of forward passes against mult-adds", Plot("power")),
)
"""The figures that need a record of measurements."""


def figures() -> tuple[KeptFigure, ...]:
    """The figures to commit, in the order of the page."""
    return (*FIGURES, *[each for each in MEASURED if is_there(each.request.kind)])


def files(kept: KeptFigure) -> Iterator[tuple[str, bytes]]:
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
    times = (
        [] if len(kept_here) == len(FIGURES) else ["Times and power are from records that `archcalc measure` wrote."]
    )
    lines = [
        "# Figures",
        "",
        "Drawn by `archcalc plot`, each with its data beside it. Accuracies are those that others measured;",
        "all counts are archcalc's.",
        *times,
    ]
    for kept in kept_here:
        lines += ["", f"## {kept.words}", "", f"`{command(kept)}` ([data]({kept.name}.csv))", ""]
        lines += [f"![{kept.words}]({kept.name}.svg)"]
    return ("\n".join(lines) + "\n").encode()


def command(kept: KeptFigure) -> str:
    """The command line that draws a figure."""
    request = kept.request
    words = ["archcalc plot", request.kind, *request.titles]
    words += [f"--recipe {each}" for each in request.recipe]
    words += [f"--convention {request.convention}"] if request.convention else []
    words += [f"--batch {request.batch}"] if request.batch else []
    words += [f"--device {each}" for each in str(request.device or "").split(",") if each]
    words += _of_spaces(request.sweep)
    return " ".join([*words, f"--width {kept.width:g} -o {kept.name}.svg"])


def _of_spaces(sweep: TablePlot) -> list[str]:
    """The words of a command line for design spaces, their sample and the columns that are shown."""
    drawn = sweep.sample
    words = [str(each) for each in sweep.tables]
    words += [f"--{name} {getattr(sweep, name)}" for name in ("column", "x", "best") if getattr(sweep, name)]
    words += [f"--{name} {each}" for name in ("y", "maximize") for each in getattr(sweep, name)]
    return [*words, f"--sample {drawn.sample}", f"--seed {drawn.seed}"] if drawn.sample else words


def regenerate(output: str) -> Iterator[str]:
    """Write all committed figures below `output`, and yield the name of each file as it is written.

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
