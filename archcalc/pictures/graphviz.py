"""Pictures as DOT text or rendered to SVG by Graphviz."""

from __future__ import annotations

import shutil
import subprocess
import sys

from archcalc.base.errors import ArchcalcError
from archcalc.base.extras import installed, missing
from archcalc.base.files import format_of

FORMATS = {".dot": "dot", ".gv": "dot", ".svg": "svg"}

PYGRAPHVIZ = (
    "import sys, pygraphviz; graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode()); "
    "sys.stdout.buffer.write(graph.draw(format='svg', prog='dot'))"
)
"""A program for a separate process: Graphviz writes warnings to stderr, and a crash must not end archcalc."""


def read_format(given: str | None, file: str | None) -> str:
    """The requested format, or that of the file's suffix, or dot. Raises ArchcalcError for any other suffix."""
    return format_of(given, file, FORMATS, "dot", "a picture")


def renderer() -> list[str] | None:
    """The command that turns DOT on its stdin to SVG on its stdout: the program `dot`, or pygraphviz."""
    program = shutil.which("dot")
    if program is not None:
        return [program, "-Tsvg"]
    return bundled()


def bundled() -> list[str] | None:
    """The command for the Graphviz in pygraphviz, of a known version, so that pictures are reproducible."""
    return [sys.executable, "-c", PYGRAPHVIZ] if installed("pygraphviz") else None


def check_renderer(form: str) -> None:
    """Raise ArchcalcError if a picture of this format cannot be made here."""
    if form == "svg" and renderer() is None:
        instead = ", or install the program dot (https://graphviz.org/download); --format dot needs neither"
        raise missing("pygraphviz", "a picture as SVG", otherwise=instead)


def to_svg(dot: str, command: list[str] | None = None) -> str:
    """A picture rendered by Graphviz (by `command`). Raises ArchcalcError if there is none, or if it fails."""
    if command is None:
        check_renderer("svg")
        command = renderer() or []
    try:
        done = subprocess.run(command, input=dot.encode(), capture_output=True, check=False)  # noqa: S603
    except OSError as error:
        raise ArchcalcError(f"{command[0]}: {error.strerror}") from error
    svg = done.stdout.decode(errors="replace")
    if done.returncode or not svg.rstrip().endswith("</svg>"):
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        raise ArchcalcError(f"Graphviz ({command[0]}) failed with exit code {done.returncode}: {said[0]}")
    return svg
