"""Pictures of a network in a report: its feature maps to scale, and the blocks of which it has most.

Both are as wide as the text, so that their letters are legible. A box of the first leads to its row in the table of
layers, in formats with links inside pictures.
"""

from __future__ import annotations

import re

from archcalc.analysis.structure import structure
from archcalc.base.errors import ArchcalcError, MissingTool
from archcalc.pictures import block_view, formats, volume_view
from archcalc.pictures.steps import steps
from archcalc.present.names import pretty
from archcalc.reports import figures
from archcalc.reports.blocks import Block, Figure, Paragraph, Sides, TextSpan
from archcalc.reports.words import curled
from archcalc.request import NetworkLike, Request

TYPE = 6.2
"""The smallest letters of a picture, in points, where there is room: a block is not drawn larger."""


def pictures(network: NetworkLike) -> list[Block]:
    """The picture of the network, its typical blocks, the cost of each layer, and the growth of the receptive field."""
    profile = figures.plot("profile", network)
    field = figures.plot("field", network)
    resolved = Request.of(network).resolved.name
    name = pretty(resolved)
    svg = volume_view.draw(structure(network), name, figures.row_link(resolved))
    said = "Boxes are outputs of layers, to the scale that the picture gives."
    command = f"archcalc graph {resolved} --view volume -o {resolved}.svg" if isinstance(network, str) else ""
    volumes = _figure(svg, name, said, command)
    return [*volumes, *_blocks(network, resolved), Sides([profile], [field], figures.HALF)]


def _blocks(network: NetworkLike, name: str) -> list[Block]:
    """The picture of typical blocks, or a remark if it cannot be drawn here; nothing for a network without blocks."""
    try:
        svg = _block(network)
    except MissingTool:
        missing = f"No picture of a block of {pretty(name)}: Graphviz is not installed where this report was made ("
        return [Paragraph([missing, TextSpan("pip install 'archcalc[picture]'", "name"), ")."], small=True)]
    except ArchcalcError:
        return []
    command = f"archcalc graph {name} --view block -o {name}.svg" if isinstance(network, str) else ""
    return _figure(svg, f"A block of {pretty(name)}", "Its layers, and the sizes between them.", command)


def _block(network: NetworkLike) -> str:
    """The kinds of blocks of which a network has most, left to right if that is legible."""
    svg = ""
    for direction in ("right", "down"):
        svg = block_view.draw(structure(network), steps(network), direction=direction, reproducible=True)
        if least_type(svg) * _scale(svg) >= figures.LEAST_TYPE:
            break
    return svg


def least_type(svg: str) -> float:
    """The smallest size of letters in a picture, in its own points; `TYPE` for one without letters."""
    return min([float(size) for size in re.findall(r'font-size="([\d.]+)', svg)], default=TYPE)


def _scale(svg: str) -> float:
    """The scale at which a picture is at most as wide as the text, and not higher than a page."""
    wide, high = [side / figures.POINTS for side in formats.size(svg)]
    legible = TYPE / least_type(svg)
    return min(figures.TEXT_WIDTH / wide, figures.MOST_HEIGHT / high, legible, 1.0)


def _figure(svg: str, title: str, said: str, command: str) -> list[Block]:
    """A picture with its caption, and the command that draws it."""
    width = formats.size(svg)[0] / figures.POINTS * _scale(svg)
    caption = (TextSpan(f"{curled(title)}. ", "strong"), said)
    return [Figure(svg.encode(), caption, f"{title}. {said}", width, command=command)]
