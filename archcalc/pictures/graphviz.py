"""Graphviz, which lays pictures out and renders DOT: the program `dot`, or the one in pygraphviz."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import installed, missing
from archcalc.base.files import format_of

FORMATS = {".dot": "dot", ".gv": "dot", ".svg": "svg", ".pdf": "pdf", ".png": "png"}

PYGRAPHVIZ = (
    "import sys, pygraphviz; graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode()); "
    "sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog='dot'))"
)
"""A program for a separate process: Graphviz writes warnings to stderr, and a crash must not end archcalc."""


def read_format(given: str | None, file: str | None) -> str:
    """The requested format, or that of the file's suffix, or dot. Raises ArchcalcError for any other suffix."""
    return format_of(given, file, FORMATS, "dot", "a picture")


class PlacedEdge(NamedTuple):
    """An arrow between two nodes, in points from the top left corner: cubic curves, the tip, and its words' centre."""

    begin: str
    end: str
    points: list[tuple[float, float]]
    """The first point, then three for each curve."""
    tip: tuple[float, float]
    label: tuple[float, float] | None


class GraphLayout(NamedTuple):
    """Where Graphviz puts things: in points from the top left corner."""

    width: float
    height: float
    nodes: dict[str, tuple[float, float, float, float]]
    """The centre, width and height of every node."""
    clusters: dict[str, tuple[float, float, float, float]]
    """Left, top, right and bottom of every cluster."""
    edges: list[PlacedEdge]


def renderer(form: str = "svg") -> list[str] | None:
    """The command that turns DOT on its stdin to SVG (or `form`) on its stdout: the program `dot`, or pygraphviz."""
    program = shutil.which("dot")
    if program is not None:
        return [program, f"-T{form}"]
    return bundled(form)


def bundled(form: str = "svg") -> list[str] | None:
    """The command for the Graphviz in pygraphviz, of a known version, so that pictures are reproducible."""
    return [sys.executable, "-c", PYGRAPHVIZ, form] if installed("pygraphviz") else None


def check_renderer(form: str) -> None:
    """Raise ArchcalcError if a picture of this format cannot be made here."""
    if form != "dot" and renderer() is None:
        instead = (
            ", or install the program dot (https://graphviz.org/download); "
            "--view volume, and --format dot of the graph view, need neither"
        )
        raise missing("pygraphviz", f"a picture as {form.upper()}", otherwise=instead)


def to_svg(dot: str, command: list[str] | None = None) -> str:
    """A picture rendered by Graphviz (by `command`). Raises ArchcalcError if there is none, or if it fails."""
    if command is None:
        check_renderer("svg")
        command = renderer() or []
    return _run(dot, command, "</svg>")


def layout(dot: str, *, reproducible: bool = False) -> GraphLayout:
    """Where Graphviz puts the nodes, clusters and edges of a picture; `reproducible`: by pygraphviz if it is installed.

    Raises ArchcalcError as `to_svg` does.
    """
    check_renderer("svg")
    command = (bundled("json0") if reproducible else None) or renderer("json0") or []
    return _layout(json.loads(_run(dot, command, "}")))


def _layout(data: dict[str, Any]) -> GraphLayout:
    left, bottom, right, top = _numbers(data["bb"])
    names = {each["_gvid"]: each["name"] for each in data.get("objects", ())}
    nodes: dict[str, tuple[float, float, float, float]] = {}
    clusters: dict[str, tuple[float, float, float, float]] = {}
    for each in data.get("objects", ()):
        if "bb" in each:
            x1, y1, x2, y2 = _numbers(each["bb"])
            clusters[each["name"]] = (x1 - left, top - y2, x2 - left, top - y1)
        elif "pos" in each:
            x, y = _numbers(each["pos"])
            nodes[each["name"]] = (x - left, top - y, float(each["width"]) * 72, float(each["height"]) * 72)
    edges: list[PlacedEdge] = []
    for each in data.get("edges", ()):
        ends = [part[2:] for part in each["pos"].split() if part.startswith("e,")]
        given = [_numbers(part) for part in each["pos"].split() if part[0] not in "es"]
        points = [(x - left, top - y) for x, y in given]
        tip = _numbers(ends[0]) if ends else None
        said = _numbers(each["lp"]) if "lp" in each else None
        edges.append(
            PlacedEdge(
                names[each["tail"]],
                names[each["head"]],
                points,
                points[-1] if tip is None else (tip[0] - left, top - tip[1]),
                None if said is None else (said[0] - left, top - said[1]),
            )
        )
    return GraphLayout(right - left, top - bottom, nodes, clusters, edges)


def _numbers(text: str) -> list[float]:
    return [float(each) for each in text.split(",")]


def _run(dot: str, command: list[str], last: str) -> str:
    """What a command of Graphviz makes of DOT; it is complete if it ends in `last`."""
    try:
        done = subprocess.run(command, input=dot.encode(), capture_output=True, check=False)  # noqa: S603
    except OSError as error:
        raise ArchcalcError(f"{command[0]}: {error.strerror}") from error
    made = done.stdout.decode(errors="replace")
    if done.returncode or not made.rstrip().endswith(last):
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise ArchcalcError(f"Graphviz ({command[0]}) failed with exit code {done.returncode}: {said[0]}")
    return made
