"""`archcalc measure`: select networks and ways of running them, measure, print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.cli import recording
from archcalc.cli.options import show
from archcalc.cli.requests import networks_of
from archcalc.evidence.documented import documented_first
from archcalc.evidence.measurements import plain, read
from archcalc.execution.device import require
from archcalc.execution.journal import Journal, writable
from archcalc.measure.runner import finished, measured
from archcalc.present.measurements import inference_table, records_of, training_table
from archcalc.request import names as all_names
from archcalc.request import resolve


def run(
    names: Sequence[str],
    everything: bool,
    device: str,
    batches: Sequence[int],
    precisions: Sequence[str],
    layouts: Sequence[str],
    training: bool,
    autotune: bool,
    seconds: float,
    file: str | None,
    resume: str | None,
    time_limit: float | None,
    form: str,
    **network: Any,
) -> int:
    """Return 0 if a network was measured, else 1. Raises ArchcalcError for invalid input, before any work."""
    if bool(names) + everything + (resume is not None and not names and not everything) != 1:
        raise ArchcalcError("measure takes names, or --all, or --resume FILE alone")
    chosen = networks_of(names, **network)
    own = {each.name: each for each in chosen if not isinstance(each, str)}
    wanted = all_names() if everything else [*[resolve(each).name for each in chosen if isinstance(each, str)], *own]
    kept = recording.resumed("measured", file, resume)
    if device == "meta":
        raise ArchcalcError("the meta device runs nothing that could be measured; --device takes cpu and cuda")
    require(device, "measure")
    from archcalc.measure.ways import choose, conditions_of

    ways = choose(device, batches, precisions, layouts, training, seconds)
    settings: dict[str, Any] = ways._asdict()
    path = file or resume
    where = conditions_of(device, autotune=autotune)
    book = Journal("measured", None if path is None else writable(path), where, wanted, **settings)
    if kept is not None:
        book.resume_from(kept, finished)
    found = measured(
        [own.get(name, name) for name in documented_first(book.left)], ways, autotune=autotune, time_limit=time_limit
    )
    reached = recording.fill(book, map(plain, found), "measuring")
    record = read(book.plain())
    tables = [table for table in (inference_table(record), training_table(record)) if table is not None]
    show(tables, records_of(record), book.plain(), form, exact=False)
    from archcalc.measure.page import write_page

    recording.say(book, time_limit, write_page, err=True)
    return 0 if reached else 1
