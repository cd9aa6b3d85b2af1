"""Destinations of results: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from archcalc.base.errors import ArchcalcError

STDOUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
"""The names of standard output."""


def format_of(given: str | None, file: str | None, formats: Mapping[str, str], default: str, kind: str) -> str:
    """The format that is given, or that of the file's suffix; `default` for standard output, a pipe or a device.

    `formats` has the format of every suffix. Raises ArchcalcError if the suffix is that of another format than the
    given one, and if none is given and the suffix is not known: `kind` is what is written, for the message.
    """
    if file is None or file in STDOUT or (Path(file).exists() and not Path(file).is_file()):
        return given or default
    suffix = Path(file).suffix.lower()
    meant = formats.get(suffix)
    if given is None and meant is None:
        last, *others = {form: each for each, form in reversed(list(formats.items()))}.values()
        suffixes = f"{', '.join(reversed(others))} or {last}"
        raise ArchcalcError(f"{file}: {kind} is a {suffixes} file, or has the format given by --format")
    if given is not None and meant is not None and meant != given:
        raise ArchcalcError(f"{file}: the suffix is that of {meant}, --format says {given}; leave one of them out")
    return given or meant or default


def cache_folder(part: str) -> Path:
    """The folder of what commands keep: `$ARCHCALC_CACHE`, or `archcalc/PART` in the user's folder of caches."""
    given = os.environ.get("ARCHCALC_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(given) if given else Path(base) / "archcalc" / part


@contextmanager
def destination(file: str | None) -> Generator[Callable[[bytes], Any]]:
    """A function that writes bytes to `file`, or to standard output if `file` is None or one of its names.

    A file is written whole or not at all: a process that is ended halfway leaves the file that was there, and no other.
    Its mode, its owner and its hard links stay as they are. A pipe or a device is written as the bytes come.

    Raises ArchcalcError on entry if the file cannot be written.
    """
    if file is None or file in STDOUT:
        yield sys.stdout.buffer.write
        return
    if not file:
        raise ArchcalcError("the name of the file to write is empty")
    try:
        known = Path(file).stat() if Path(file).exists() else None
        if known is not None and stat.S_ISDIR(known.st_mode):
            raise ArchcalcError(f"{file} is not a file, but a folder")
        if known is not None and not stat.S_ISREG(known.st_mode):
            with open(file, "wb", buffering=0) as stream:  # noqa: PTH123
                yield stream.write
            return
        with _replaced(Path(os.path.realpath(file)), known) as write:
            yield write
    except OSError as error:
        raise ArchcalcError(f"{file} cannot be written: {error.strerror}") from error


@contextmanager
def _replaced(target: Path, known: os.stat_result | None) -> Generator[Callable[[bytes], Any]]:
    """Write beside `target`, and put the whole in its place at the end."""
    if known is not None:
        target.open("ab").close()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    with ExitStack() as stack:
        with part.open("xb") as stream:
            stack.callback(part.unlink, missing_ok=True)
            stack.enter_context(_removed_at_the_end(part))
            yield stream.write
        if known is not None and known.st_nlink > 1:
            with part.open("rb") as whole, target.open("r+b") as stream:
                stream.truncate(0)
                import shutil  # which loads compressors: 4 ms of a command that takes 70

                shutil.copyfileobj(whole, stream)
            return
        if known is not None:
            part.chmod(stat.S_IMODE(known.st_mode))
            with suppress(OSError, AttributeError):  # another owner's file stays theirs where that may be done
                os.chown(part, known.st_uid, known.st_gid)
        part.replace(target)


@contextmanager
def _removed_at_the_end(part: Path) -> Generator[None]:
    """Remove a file if SIGTERM or SIGHUP ends this process."""
    import signal
    import threading

    owner = os.getpid()

    def end(number: int, _frame: Any) -> None:
        if os.getpid() == owner:  # a child has this handler too
            part.unlink(missing_ok=True)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    mine = threading.current_thread() is threading.main_thread()
    handled = [number for number in numbers if mine and signal.getsignal(number) is signal.SIG_DFL]
    for number in handled:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_DFL)
