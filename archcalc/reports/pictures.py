"""Pictures of a network in a report: the network in one view, and the block of which it has most.

A view is a module of `archcalc.pictures` that draws SVG. The volume view is as wide as the text, so that its letters
are legible; the graph view is higher than wide and stands beside the plots.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from archcalc.analysis.structure import structure
from archcalc.base.errors import ArchcalcError
from archcalc.figures.names import pretty
from archcalc.pictures import formats
from archcalc.reports import figures
from archcalc.reports.blocks import Block, Figure, Sides, TextSpan
from archcalc.reports.words import curled
from archcalc.request import NetworkLike, Request

VIEW = "graph"
"""The view of a network: `graph`, or `volume` for boxes to scale."""
BLOCKS = False
"""True if the block of which a network has most is drawn too, by the block view."""
TYPE = 6.2
"""The smallest letters of a picture, in points, where there is room: a block is not drawn larger."""


def pictures(network: NetworkLike) -> list[Block]:
    """The picture of the network, its typical block, the cost of each layer, and the growth of the receptive field."""
    profile = figures.plot("profile", network)
    field = figures.plot("field", network)
    name = pretty(Request.of(network).resolved.name)
    block = _figure(_block(network), f"A block of {name}", "Its layers, and the sizes between them.") if BLOCKS else []
    if VIEW == "graph":
        room = figures.TEXT_WIDTH - figures.HALF - figures.GAP
        return [Sides([figures.network(network, room)], [profile, field], room), *block]
    said = "Boxes are outputs of layers, to the scale that the picture gives."
    return [*_figure(_volume(network, name), name, said), *block, Sides([profile], [field], figures.HALF)]


def _volume(network: NetworkLike, name: str) -> str:
    """Boxes to scale in height, width and channels, as SVG."""
    return _module("volume_view").draw(structure(network), name)


def _block(network: NetworkLike) -> str:
    """The kinds of blocks of which a network has most, left to right if that is legible; empty if it has no blocks."""
    svg = ""
    for direction in ("right", "down"):
        try:
            steps = _module("steps").steps(network)
            svg = _module("block_view").draw(structure(network), steps, direction=direction, reproducible=True)
        except ArchcalcError:
            return ""
        if least_type(svg) * _scale(svg) >= figures.LEAST_TYPE:
            break
    return svg


def _module(name: str) -> Any:
    """A module of `archcalc.pictures`, loaded where it is needed."""
    return import_module(f"archcalc.pictures.{name}")


def least_type(svg: str) -> float:
    """The smallest size of letters in a picture, in its own points; `TYPE` for one without letters."""
    return min([float(size) for size in re.findall(r'font-size="([\d.]+)', svg)], default=TYPE)


def _scale(svg: str) -> float:
    """The scale at which a picture is at most as wide as the text, and not higher than a page."""
    wide, high = [side / figures.POINTS for side in formats.size(svg)]
    legible = TYPE / least_type(svg)
    return min(figures.TEXT_WIDTH / wide, figures.MOST_HEIGHT / high, legible, 1.0)


def _figure(svg: str, title: str, said: str) -> list[Block]:
    """A picture with its caption; nothing for an empty one."""
    if not svg:
        return []
    width = formats.size(svg)[0] / figures.POINTS * _scale(svg)
    return [Figure(svg.encode(), (TextSpan(f"{curled(title)}. ", "strong"), said), f"{title}. {said}", width)]
