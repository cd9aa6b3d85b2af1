"""Accuracies that others published of a network, each with its recipe and its source."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.base.errors import ArchcalcError
from archcalc.evidence.accuracy import AccuracyPoint, points
from archcalc.reports.blocks import Block, Grid, GridColumn, Paragraph, Text, TextSpan
from archcalc.reports.words import cell, curled

RIGHT = ("top-1", "top-5", "size")


def published(network: str) -> list[Block]:
    """The accuracies of a network as a table, those that `archcalc accuracy NAME` shows, in its order."""
    try:
        found = points([network])
    except ArchcalcError:  # known to the catalogue, not to the data on accuracies
        return [Paragraph(["The data on accuracies have none of ", TextSpan(network, "name"), "."])]
    return [table(network, found)]


def table(network: str, found: Sequence[AccuracyPoint]) -> Grid:
    """A line for each accuracy; columns without any entry are left out."""
    lines = [
        {
            "data set": each.dataset,
            "top-1": "" if each.top1 is None else f"{each.top1:.2f}",
            "top-5": "" if each.top5 is None else f"{each.top5:.2f}",
            "size": str(each.size or ""),
            "recipe": each.recipe,
            "evaluation": each.evaluation,
            "extra data": each.extra_data,
            "source": each.source,
        }
        for each in found
    ]
    kept = [heading for heading in lines[0] if any([line[heading] for line in lines])]
    caption: Text = [
        TextSpan("Published accuracies", "strong"), " of ", TextSpan(network, "name"),
        ", in percent as the sources print them. Size: height and width of the test image. ",
        TextSpan("archcalc accuracy --recipes", "name"), " says what is known of each recipe.",
    ]  # fmt: skip
    columns = [GridColumn(heading, heading in RIGHT, float(heading == "source")) for heading in kept]
    return Grid(caption, columns, [[_cell(heading, line[heading]) for heading in kept] for line in lines])


def _cell(heading: str, text: str) -> Text:
    return cell("name", text) if heading == "recipe" else text if heading in RIGHT else curled(text)
