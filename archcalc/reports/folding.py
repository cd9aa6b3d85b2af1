"""Cost tables of which a line is a block of the network, for networks of many layers."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.analysis.results import Analysis
from archcalc.analysis.structure import Joined, structure
from archcalc.pictures.tree import Block as LayerBlock
from archcalc.pictures.tree import summary, tree
from archcalc.present.tables import human, human_bytes
from archcalc.present.words import by, field_size, output, phrase
from archcalc.reports import network
from archcalc.reports.blocks import Grid, Text, TextSpan
from archcalc.reports.words import cell, sized

MOST_LINES = 90
"""The most lines of a cost table that is not folded into blocks."""


def layers(analysis: Analysis) -> Grid:
    """The cost table, folded into blocks if it is long."""
    if len(analysis.layers) <= MOST_LINES:
        return network.layers(analysis)
    rows = structure(analysis.architecture).rows
    blocks = folded(rows)
    shown = network.layers(analysis)
    caption: Text = [
        TextSpan("Layers", "strong"), " of ", TextSpan(analysis.architecture, "name"),
        f" for an input of {sized(by(analysis.input))}; a line is a block of the network: {len(rows)} layers in all. "
        "The field is that after the block.",
    ]  # fmt: skip
    lines = [_line(block, analysis.element_bytes) for block in blocks]
    return shown._replace(caption=caption, rows=lines, parts=(), remarks=shown.remarks[:2])


def folded(rows: Sequence[Joined]) -> list[LayerBlock]:
    """The blocks of a network, opened as deep as the limit of lines allows."""
    parts = tree(rows).parts
    while True:
        opened = [inner for part in parts for inner in (part.parts or [part])]
        if len(opened) > MOST_LINES or len(opened) == len(parts):
            return parts
        parts = opened


def _line(block: LayerBlock, element_bytes: int) -> list[Text]:
    """A block as a line of the cost table."""
    layers = [row.layer for row in block.rows]
    last = layers[-1]
    activations = sum([layer.activations for layer in layers if not layer.in_place])
    what = phrase(last) if len(layers) == 1 else summary(block.rows)
    cells = {
        "layer": block.path,
        "operation": what,
        "output": output(last.output_shape),
        "activations": human(activations),
        "memory": human_bytes(activations * element_bytes),
        "params": human(sum([layer.params for layer in layers])),
        "mult-adds": human(sum([layer.mult_adds for layer in layers])),
        "field": field_size(last.receptive_field),
    }
    return [cell(heading, text) for heading, text in cells.items()]
