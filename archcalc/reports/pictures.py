"""Pictures of a network in a report: the network in one view, and the block of which it has most.

A view is a module of `archcalc.pictures` that draws SVG. The volume view is as wide as the text, so that its letters
are legible; the graph view is higher than wide and stands beside the plots.
"""

from __future__ import annotations

from importlib import import_module

from archcalc.analysis.structure import structure
from archcalc.base.errors import ArchcalcError
from archcalc.figures.names import pretty
from archcalc.present.tables import human
from archcalc.reports import figures
from archcalc.reports.blocks import Block, Figure, Sides, TextSpan
from archcalc.reports.words import curled
from archcalc.request import NetworkLike, Request

VIEW = "graph"
"""The view of a network: `graph`, or `volume` for boxes to scale."""
BLOCKS = False
"""True if the block of which a network has most is drawn too, by the block view."""


def pictures(network: NetworkLike) -> list[Block]:
    """The picture of the network, its typical block, the cost of each layer, and the growth of the receptive field."""
    profile = figures.plot("profile", network)
    field = figures.plot("field", network)
    blocks: list[Block] = []
    if BLOCKS:
        blocks += _drawn("block_view", network, "A block of {}", "Its layers, and the sizes between them.")
    if VIEW == "graph":
        room = figures.TEXT_WIDTH - figures.HALF - figures.GAP
        return [Sides([figures.network(network, room)], [profile, field], room), *blocks]
    said = "Boxes are outputs of layers, to the scale that the picture gives."
    return [*_drawn("volume_view", network, "{}", said), *blocks, Sides([profile], [field], figures.HALF)]


def _drawn(view: str, network: NetworkLike, title: str, said: str) -> list[Block]:
    """A picture as wide as the text, and not higher than a page; nothing if the view has none of this network."""
    drawn = structure(network)
    try:
        svg: str = import_module(f"archcalc.pictures.{view}").draw(drawn)
    except ArchcalcError:  # it has no blocks
        return []
    wide, high = [side / figures.POINTS for side in figures.size(svg)]
    width = wide * min(figures.TEXT_WIDTH / wide, figures.MOST_HEIGHT / high, 1.0)
    about = title.format(pretty(Request.of(network).resolved.name))
    params = human(sum([row.layer.params for row in drawn.rows]))
    description = f"{about}: {len(drawn.rows)} layers with {params} parameters. {said}"
    return [Figure(svg.encode(), (TextSpan(f"{curled(about)}. ", "strong"), said), description, width)]
