"""`archcalc graph`: a picture of a network."""

from __future__ import annotations

from typing import Any

import click

from archcalc.cli.options import complete_name
from archcalc.cli.requests import request_of, shape_options

VIEWS = ("graph", "volume", "block")
FORMATS = ("dot", "svg", "pdf", "png")
COSTS = ("mult_adds", "params", "activations", "none")


@click.command("graph")
@click.argument("name", shell_complete=complete_name)
@click.option("-o", "--output", "file", metavar="FILE", help="Write to this file, in the format of its suffix.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS, case_sensitive=False),
    help="By FILE's suffix, else dot (svg for volume and block).",
)
@click.option(
    "--view",
    type=click.Choice(VIEWS, case_sensitive=False),
    default="graph",
    help="graph: layers and arrows (the default); volume: maps as boxes; block: one block as papers print it.",
)
@click.option("--block", metavar="PATH", help="The block to draw, such as layer1.0; by default the frequent kinds.")
@click.option("--depth", metavar="N|full", help="Levels of blocks to open; by default as many as are legible.")
@click.option(
    "--direction", type=click.Choice(("down", "right")), default="down", help="Where arrows go; by default down."
)
@click.option(
    "--costs", type=click.Choice(COSTS), default="mult_adds", help="The costs in the boxes; by default mult_adds."
)
@click.option("--detail", is_flag=True, help="Name normalisations and activations too.")
@shape_options
def graph_command(
    name: str,
    file: str | None,
    form: str | None,
    view: str,
    block: str | None,
    depth: str | None,
    direction: str,
    costs: str,
    detail: bool,
    **network: Any,
) -> None:
    """Draw NAME: its layers and their connections, its maps as boxes, or one of its blocks.

    In the graph view, consecutive equal blocks are drawn once, with their number. --depth 1 draws the stages, 2 their
    blocks, 3 the layers of the blocks, full every layer. The graph and block views need Graphviz, PDF and PNG need
    Typst: pip install 'archcalc[picture]'; the volume view as SVG needs neither.

    \b
    Examples:
      archcalc graph googlenet -o googlenet.svg
      archcalc graph densenet264 --depth 2 --costs params -o densenet264.pdf
      archcalc graph resnet50 --view block -o blocks.png
      archcalc graph swin_t --view block --block stage3.1 -o block.svg
      archcalc graph vgg16 --view volume -o vgg16.pdf
      archcalc graph resnet50 --size 320 --depth full > resnet50.dot
    """
    from archcalc.base.files import destination
    from archcalc.pictures import pictures
    from archcalc.reports.rendering import graph_picture

    wanted = pictures.read_format(form, file, view)
    pictures.check(pictures.Picture(view, block, depth, direction, costs, detail))
    with destination(file) as write:
        write(graph_picture(request_of(name, **network), wanted, depth, view, block, direction, costs, detail))
