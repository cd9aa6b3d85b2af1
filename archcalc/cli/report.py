"""`archcalc report`: reports of networks, and the atlas of all."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.cli.options import complete_name
from archcalc.cli.output import progress_bar
from archcalc.cli.requests import networks_of, shape_options


@click.command("report")
@click.argument("names", nargs=-1, shell_complete=complete_name)
@click.option(
    "-o", "--output", "file", metavar="FILE", help="Write to this file; with --all a folder, reports by default."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("pdf", "html", "md"), case_sensitive=False),
    help="By FILE's suffix, else pdf.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Write everything under reports/: a sample of the atlas, its data, figures.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), metavar="N", help="Processes for the atlas; default: all processors."
)
@shape_options
def report_command(
    names: tuple[str, ...], file: str | None, form: str | None, everything: bool, jobs: int | None, **network: Any
) -> None:
    """Write a report of NAMES, or without names the atlas of all networks, as PDF, HTML or Markdown.

    The part on a network has its paper, closed forms, validation, a picture, cost and receptive field along the layers,
    the cost table, and the figures that the documents print. Markdown has no figures.

    \b
    Examples:
      archcalc report vgg16 resnet50 -o out.pdf
      archcalc report mobilenet_v1 -o mobilenet.html
      archcalc report model.py:Classifier --size 32 -o classifier.pdf
      archcalc report -o atlas.pdf
      archcalc report --all --output reports/
    """
    networks = networks_of(names, **network)
    if everything:
        _regenerate(names, file or "reports", form)
        return
    from archcalc.base.files import destination
    from archcalc.reports import atlas, documents, formats
    from archcalc.reports.rendering import report

    wanted = formats.read_format(form, file)
    if wanted == "pdf" and file is None and sys.stdout.isatty():
        raise ArchcalcError("a report needs -o FILE.pdf; --format md prints it")
    chosen = documents.resolved(networks)
    steps = documents.steps(chosen) if chosen else atlas.steps()
    with destination(file) as write, progress_bar(steps + 1) as step:
        write(report(chosen, wanted, jobs or os.cpu_count() or 1, step))


def _regenerate(names: tuple[str, ...], folder: str, form: str | None) -> None:
    if names or form:
        raise ArchcalcError("--all makes everything under reports/; leave names and --format out")
    from archcalc.reports import regenerate

    with progress_bar(regenerate.steps()) as step:
        regenerate.regenerate(folder, step)
