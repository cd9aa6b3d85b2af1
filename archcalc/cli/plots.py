"""`archcalc plot`: figures."""

from __future__ import annotations

from typing import Any

import click

from archcalc.cli.accuracy import complete_dataset, complete_recipe
from archcalc.cli.options import complete_name
from archcalc.cli.requests import networks_of, shape_options


def complete_kind(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a kind of plot."""
    from archcalc.figures import KINDS

    return [name for name in KINDS if name.startswith(incomplete)]


def complete_convention(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a convention."""
    from archcalc.conventions.counting import conventions

    return [each.name for each in conventions() if each.name.startswith(incomplete)]


@click.command("plot")
@click.argument("kind", required=False, shell_complete=complete_kind)
@click.argument("names", nargs=-1, shell_complete=complete_name)
@click.option("-o", "--output", "file", metavar="FILE", help="Write to this file, in the format of its suffix.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("svg", "pdf", "png", "csv"), case_sensitive=False),
    help="By FILE's suffix, else svg.",
)
@click.option("--show", "window", is_flag=True, help="Open a window with the plot.")
@click.option("--width", default="88", show_default=True, metavar="MM", help="88: a column, 180: a page of a journal.")
@click.option("--convention", metavar="NAME", shell_complete=complete_convention, help="Convention of the axis.")
@click.option(
    "--recipe", "recipe", multiple=True, metavar="NAME", shell_complete=complete_recipe, help="Training recipe."
)
@click.option("--dataset", metavar="NAME", shell_complete=complete_dataset, help="imagenet, cifar10 ...")
@click.option(
    "--batch", type=click.IntRange(1, 65536), metavar="N", help="Batch of the measurement: by default 16, else 1."
)
@click.option(
    "--precision", metavar="NAME", help="Precision of the measurement: float32, tf32, float16, bfloat16.  [float32]"
)
@click.option("--device", metavar="NAME", help="Part of the device's name: cpu, H100 ...")
@shape_options
def plot_command(
    kind: str | None,
    names: tuple[str, ...],
    file: str | None,
    form: str | None,
    window: bool,
    width: str,
    shapes: tuple[str, ...],
    sizes: tuple[str, ...],
    classes: tuple[str, ...],
    settings: tuple[str, ...],
    aux: bool,
    **request: Any,
) -> None:
    """Draw a plot of KIND, of NAMES if it takes networks; without KIND, list the kinds.

    \b
    Examples:
      archcalc plot accuracy -o accuracy.svg
      archcalc plot accuracy --recipe pycls --convention canziani_2017 --width 180 -o pycls.pdf
      archcalc plot profile vgg16 -o vgg16.png
      archcalc plot field resnet50 resnet50_v1 --show
      archcalc plot sizes resnet50 --format csv
      archcalc plot profile model.py:Classifier --size 32 -o classifier.svg
      archcalc plot time --batch 1 --device cpu -o time.svg
    """
    from archcalc import figures as plots
    from archcalc.base.files import destination
    from archcalc.figures import save

    if kind is None:
        _list_kinds()
        return
    networks = networks_of(names, shapes=shapes, sizes=sizes, classes=classes, settings=settings, aux=aux)
    plot_request = plots.Plot(kind, networks, **request)
    chosen = plots.check(plot_request)
    wanted = save.read_format(form, file)
    millimetres = save.read_width(width)
    save.check_output(file, wanted, window)
    with destination(file) as write:
        if file is not None or not window:
            from archcalc.reports.rendering import plot

            write(plot(kind, networks, wanted, millimetres, **request))
    if window:
        save.show(save.drawn(plots.module_of(chosen), plots.gather(plot_request), millimetres))


def _list_kinds() -> None:
    from archcalc.cli.options import show
    from archcalc.figures import KINDS, NETWORKS
    from archcalc.present.tables import Table, left

    rows = [(each.name, each.summary, NETWORKS[each.networks]) for each in KINDS.values()]
    table = Table("Kinds of plots", [left("kind"), left("shows", "wrap"), left("networks", "wrap")], rows)
    show(table, [], [], form="table", exact=False, at_most=80)
