"""Records that commands write while they run: `--record`, `--resume` and `--time-limit`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.cli.options import Seconds
from archcalc.execution import journal
from archcalc.execution.journal import Journal


def recording_options(command: Any) -> Any:
    """The options `--record`, `--resume` and `--time-limit`."""
    limit = Seconds(0, 1_000_000, min_open=True)
    for option in (
        click.option(
            "--time-limit", type=limit, metavar="SECONDS", help="Stop after this time and keep the results so far."
        ),
        click.option("--resume", metavar="FILE", help="Continue an incomplete record."),
        click.option("--record", "file", metavar="FILE", help="Write a JSON record, and the page README.md beside it."),
    ):
        command = option(command)
    return command


def resumed(kind: str, file: str | None, resume: str | None) -> Mapping[str, Any] | None:
    """The incomplete record to continue, if any. Raises ArchcalcError before any work."""
    if file is not None:
        journal.writable(file)
    if resume is None:
        return None
    if file not in (None, resume):
        raise ArchcalcError("--resume writes to its own file: leave --record out")
    return journal.read(journal.writable(resume), kind)


def fill(book: Journal, networks: Iterable[Mapping[str, Any]], label: str) -> bool:
    """Write results into a record as they come, with a progress bar; return True if any came or none was missing."""
    before = len(book.networks)
    book.write()
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=len(book.left), file=sys.stderr, label=label, hidden=hidden) as bar:
        for network in networks:
            bar.update(1)
            book.add(network)
    return len(book.networks) > before or not book.left


def say(book: Journal, time_limit: float | None, write_page: Callable[[Path], Path | None], *, err: bool) -> None:
    """Print the networks not reached (to stderr if `err`), write the record's page, and print the files written."""
    unreached = left(book, time_limit)
    if unreached:
        click.echo(unreached, err=err)
    if book.file is not None:
        page = write_page(book.file.parent)
        click.echo(f"wrote {book.file}" + (f" and {page}" if page else ""), err=True)


def left(book: Journal, seconds: float | None) -> str:
    """A sentence on the networks not reached and the command that continues; empty if all are done."""
    if not book.left:
        return ""
    count = f"{len(book.left)} networks were" if len(book.left) > 1 else f"{book.left[0]} was"
    limit = "" if seconds is None else f" in {seconds:g} seconds"
    how = f"; continue with --resume {book.file}" if book.file is not None else ""
    return f"{count} not reached{limit}{how}"
