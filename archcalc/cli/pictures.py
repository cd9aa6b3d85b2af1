"""`archcalc graph`: a picture of a network."""

from __future__ import annotations

from typing import Any

import click

from archcalc.cli.options import complete_name
from archcalc.cli.requests import request_of, shape_options


@click.command("graph")
@click.argument("name", shell_complete=complete_name)
@click.option("-o", "--output", "file", metavar="FILE", help="Write to this file, in the format of its suffix.")
@click.option(
    "--format", "form", type=click.Choice(("dot", "svg"), case_sensitive=False), help="By FILE's suffix, else dot."
)
@click.option("--depth", metavar="N|full", help="Levels of blocks to open; by default as many as are legible.")
@shape_options
def graph_command(name: str, file: str | None, form: str | None, depth: str | None, **network: Any) -> None:
    """Draw the layers of NAME and their connections, as Graphviz DOT or as SVG.

    Consecutive equal blocks are drawn once, with their number. --depth 1 draws the stages, 2 their blocks, 3 the
    layers of the blocks, full every layer. SVG needs Graphviz:
    pip install 'archcalc[picture]'.

    \b
    Examples:
      archcalc graph googlenet -o googlenet.svg
      archcalc graph densenet264 --depth 2 -o densenet264.svg
      archcalc graph resnet50 --size 320 --depth full > resnet50.dot
    """
    from archcalc.base.files import destination
    from archcalc.pictures import graph_view, graphviz
    from archcalc.reports.rendering import graph_picture

    wanted = graphviz.read_format(form, file)
    graph_view.read_depth(depth)
    with destination(file) as write:
        write(graph_picture(request_of(name, **network), wanted, depth))
