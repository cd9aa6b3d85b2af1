"""Records that commands write as they go: `--record`, `--resume` and `--time-limit`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from archcalc.cli.options import Seconds
from archcalc.errors import ArchcalcError
from archcalc.execution import journal
from archcalc.execution.journal import Journal


def recording_options(command: Any) -> Any:
    """The three options."""
    limit = Seconds(0, 1_000_000, min_open=True)
    for option in (
        click.option("--time-limit", type=limit, metavar="SECONDS", help="Stop then, with what is done."),
        click.option("--resume", metavar="FILE", help="Go on with a record that is not complete."),
        click.option("--record", "file", metavar="FILE", help="Write a JSON record, and the page README.md beside it."),
    ):
        command = option(command)
    return command


def resumed(kind: str, file: str | None, resume: str | None) -> Mapping[str, Any] | None:
    """The record of a kind to go on with, if any. Raises ArchcalcError before any work."""
    if file is not None:
        journal.writable(file)
    if resume is None:
        return None
    if file not in (None, resume):
        raise ArchcalcError("--resume goes on with its own file: leave --record out")
    return journal.read(journal.writable(resume), kind)


def left(book: Journal, seconds: float | None) -> str:
    """What was not reached, in a sentence, with the way to go on; empty if all is done."""
    if not book.left:
        return ""
    count = f"{len(book.left)} networks were" if len(book.left) > 1 else f"{book.left[0]} was"
    limit = "" if seconds is None else f" in {seconds:g} seconds"
    how = f"; go on with --resume {book.file}" if book.file is not None else ""
    return f"{count} not reached{limit}{how}"
