"""The progress of a sweep on a terminal: what is done, the speed of the last seconds, and the time that is left."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic
from typing import final

from archcalc.present.tables import human
from archcalc.spaces.sweeping import SweepProgress, Watch

EVERY = 0.2
"""Seconds between two lines."""
BAR = 20


@final
class Rate:
    """The speed of a sweep in the last seconds, and the time that is left.

    >>> rate = Rate()
    >>> rate.note(SweepProgress(0, 1000, 0, None), now=0.0)
    >>> rate.note(SweepProgress(100, 1000, 0, None), now=2.0)
    >>> rate.points, rate.left
    (50.0, 18.0)
    """

    SPAN = 15.0
    """The seconds over which the speed is taken."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, SweepProgress]] = []

    def note(self, progress: SweepProgress, now: float | None = None) -> None:
        """Note what is done now."""
        now = monotonic() if now is None else now
        self.seen.append((now, progress))
        while len(self.seen) > 2 and self.seen[1][0] <= now - self.SPAN:
            self.seen.pop(0)

    @property
    def _span(self) -> tuple[float, SweepProgress, SweepProgress] | None:
        (first, one), (last, other) = self.seen[0], self.seen[-1]
        return (last - first, one, other) if last > first else None

    @property
    def points(self) -> float:
        """Points a second; 0 while that is not known."""
        return 0.0 if self._span is None else (self._span[2].drawn - self._span[1].drawn) / self._span[0]

    @property
    def left(self) -> float | None:
        """Seconds that are left at this speed; None while that is not known."""
        if self._span is None:
            return None
        span, one, other = self._span
        times: list[float] = []
        for done, before, whole in (
            (other.drawn, one.drawn, other.points),
            (other.rows, one.rows, other.wanted),
        ):
            if whole is not None and done > before:
                times.append((whole - done) * span / (done - before))
        return min(times, default=None)


@contextmanager
def shown_progress() -> Generator[Watch | None]:
    """The function that shows the progress of a sweep; None if stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    rate = Rate()
    drawn_at = 0.0

    def show(progress: SweepProgress) -> None:
        nonlocal drawn_at
        if not rate.seen:
            rate.note(progress._replace(drawn=progress.before, rows=progress.rows_before), began)
        rate.note(progress)
        if monotonic() - drawn_at >= EVERY:
            drawn_at = monotonic()
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r{progress_line(progress, rate)[:width].ljust(width)}")
            sys.stderr.flush()

    began = monotonic()
    try:
        yield show
    finally:
        if rate.seen:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r{' ' * width}\r")
            sys.stderr.flush()


def progress_line(progress: SweepProgress, rate: Rate) -> str:
    """What is done, in a line.

    >>> rate = Rate()
    >>> rate.note(SweepProgress(0, 4000, 0, 100), now=0.0)
    >>> rate.note(now := SweepProgress(2000, 4000, 80, 100), now=4.0)
    >>> progress_line(now, rate)
    '[################....] 80 of 100 rows, 2.000K of 4.000K points, 500/s, 1 s left'
    """
    share = max(
        progress.drawn / progress.points if progress.points else 0.0,
        progress.rows / progress.wanted if progress.wanted else 0.0,
    )
    full = int(BAR * min(share, 1.0))
    said = [] if progress.wanted is None else [f"{human(progress.rows)} of {human(progress.wanted)} rows"]
    of = "" if progress.points is None else f" of {human(progress.points)}"
    said.append(f"{human(progress.drawn)}{of} points")
    if rate.points:
        said.append(f"{human(round(rate.points))}/s")
    if rate.left is not None:
        said.append(f"{span(rate.left)} left")
    return f"[{'#' * full}{'.' * (BAR - full)}] {', '.join(said)}"


def span(seconds: float) -> str:
    """A time in words: `12 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`.

    >>> [span(each) for each in (0.4, 185, 7800, 360000)]
    ['0 s', '3 min 5 s', '2 h 10 min', '4 d 4 h']
    """
    whole = round(seconds)
    for unit, small, size, part in (("d", "h", 86400, 3600), ("h", "min", 3600, 60), ("min", "s", 60, 1)):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // part} {small}"
    return f"{whole} s"
