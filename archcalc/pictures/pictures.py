"""Pictures of networks in all views and formats."""

from __future__ import annotations

from typing import Any, NamedTuple

from archcalc.analysis.structure import structure
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut
from archcalc.pictures import formats, graph_view, graphviz
from archcalc.pictures.steps import steps
from archcalc.present.names import pretty
from archcalc.request import NetworkLike

VIEWS = ("graph", "volume", "block")
FORMATS = ("dot", "svg", "pdf", "png")
COSTS = tuple(graph_view.COSTS)
DIRECTIONS = tuple(graph_view.DIRECTIONS)


class Picture(NamedTuple):
    """A request for a picture: see `archcalc.graph_picture`."""

    view: str = "graph"
    block: str | None = None
    open_levels: str | None = None
    direction: str = "down"
    costs: str = "mult_adds"
    detail: bool = False


def read_format(given: str | None, file: str | None, view: str) -> str:
    """The requested format, or that of the file's suffix, or the view's own. Raises ArchcalcError for another one."""
    return checked_format(graphviz.read_format(given, file), view) if given or file else own_format(view)


def own_format(view: str) -> str:
    """The format of a view if none is asked for: text that a program draws, where there is such a text."""
    return "dot" if view == "graph" else "svg"


def check(asked: Picture) -> None:
    """Raise ArchcalcError for a view that there is not, and for an option that the view does not take."""
    for name, value, known in (
        ("view", asked.view, VIEWS),
        ("costs", asked.costs, COSTS),
        ("direction", asked.direction, DIRECTIONS),
    ):
        if value not in known:
            raise ArchcalcError(f"{name} is {', '.join(known[:-1])} or {known[-1]}, not {cut(repr(value))}", about=name)
    graph_view.read_depth(asked.open_levels)
    taken = {"graph": ("open_levels", "direction", "costs", "detail"), "block": ("block", "direction", "costs")}
    usual = Picture(asked.view)
    for name in Picture._fields[1:]:
        if getattr(asked, name) != getattr(usual, name) and name not in taken.get(asked.view, ()):
            views = " and ".join([view for view, names in taken.items() if name in names])
            option = OPTIONS[name]
            raise ArchcalcError(f"{option} is for the {views} view, not for {asked.view}", about=name)


OPTIONS = {
    "block": "--block",
    "open_levels": "--depth",
    "direction": "--direction",
    "costs": "--costs",
    "detail": "--detail",
}
"""The option of the command line for each field."""


def checked_format(form: str, view: str) -> str:
    """The format, if the view has it. Raises ArchcalcError otherwise."""
    if form not in FORMATS:
        raise ArchcalcError(f"a picture is dot, svg, pdf or png, not {cut(repr(form))}", about="format")
    if form == "dot" and view != "graph":
        raise ArchcalcError(f"the {view} view is svg, pdf or png; dot is for the graph view", about="format")
    return form


def render(asked: Picture, form: str | None, network: NetworkLike, **given: Any) -> bytes:
    """A picture in a format. Raises ArchcalcError as `archcalc.graph_picture` does."""
    check(asked)
    form = checked_format(form or own_format(asked.view), asked.view)
    if form in ("pdf", "png"):
        formats.typst()
    if asked.view != "volume":
        graphviz.check_renderer(form)
    drawn = structure(network, **given)
    depth = graph_view.read_depth(asked.open_levels)
    if form == "dot":
        given_steps = steps(network, **given) if asked.detail else None
        view = graph_view.GraphView.of(
            drawn, depth, direction=asked.direction, costs=_costs(asked.costs), steps=given_steps
        )
        return view.dot().encode()
    svg = _svg(asked, drawn, network, given)
    return formats.convert(svg, form, formats.title_of(svg), formats.description_of(svg))


def _svg(asked: Picture, drawn: Any, network: NetworkLike, given: dict[str, Any]) -> str:
    if asked.view == "volume":
        from archcalc.pictures import volume_view

        return volume_view.draw(drawn, pretty(drawn.architecture))
    costs = _costs(asked.costs)
    if asked.view == "block":
        from archcalc.pictures import block_view

        return block_view.draw(drawn, steps(network, **given), asked.block, direction=asked.direction, costs=costs)
    from archcalc.pictures import graph_sheet

    depth = graph_view.read_depth(asked.open_levels)
    given_steps = steps(network, **given) if asked.detail else None
    return graph_sheet.svg(
        graph_view.GraphView.of(drawn, depth, direction=asked.direction, costs=costs, steps=given_steps)
    )


def _costs(name: str) -> graph_view.Costs:
    return next(each for each in graph_view.COSTS if each == name)
