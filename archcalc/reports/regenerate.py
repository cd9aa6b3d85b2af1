"""Regeneration of everything under reports/: a sample of the atlas, its data, the figures, and pictures of networks."""

from __future__ import annotations

from pathlib import Path

from archcalc.base.errors import ArchcalcError
from archcalc.base.files import destination
from archcalc.figures import regenerate as kept_figures
from archcalc.pictures.pictures import Picture, render
from archcalc.reports import atlas, data, formats, typesetting
from archcalc.reports.documents import Progress, unobserved

SAMPLE = "sample.pdf"
PICTURES = (
    ("vgg16-volume.svg", "vgg16", Picture("volume")),
    ("unet-volume.svg", "unet", Picture("volume")),
    ("resnet50-block.svg", "resnet50", Picture("block")),
    ("googlenet-graph.svg", "googlenet", Picture("graph")),
)
"""The pictures of networks: file, network and view."""


def steps() -> int:
    """The number of steps that `regenerate` reports."""
    return atlas.sample_steps() + 1 + len(data.FILES) + 2 * len(kept_figures.figures()) + 1 + len(PICTURES)


def regenerate(output: str, progress: Progress | None = None) -> None:
    """Write the sample, the data, the figures and the pictures below a folder, each file whole or not at all.

    Raises ArchcalcError, before any work, if nothing can be written there.
    """
    step = progress or unobserved
    folder = Path(output)
    formats.check("pdf")
    writable(folder)
    with destination(str(folder / SAMPLE)) as write:
        document = atlas.sample(step)
        step(SAMPLE)
        write(typesetting.pdf(document))
    (folder / "data").mkdir(exist_ok=True)
    for name, contents in data.data_files():
        step(name)
        with destination(str(folder / "data" / name)) as write:
            write(contents.encode())
    for name in kept_figures.regenerate(str(folder / "figures")):
        step(name)
    (folder / "pictures").mkdir(exist_ok=True)
    for name, network, asked in PICTURES:
        step(name)
        with destination(str(folder / "pictures" / name)) as write:
            write(render(asked, "svg", network))


def writable(folder: Path) -> None:
    """Create a folder if it does not exist. Raises ArchcalcError if nothing can be written in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchcalcError(f"{folder} cannot be written: {error.strerror}") from error
    with destination(str(folder / ".writable")):
        pass
    (folder / ".writable").unlink()
