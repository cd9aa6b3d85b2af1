"""Destinations of results: stdout, or a file that is written whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archcalc.base.errors import ArchcalcError


@contextmanager
def destination(file: str | None) -> Generator[Callable[[bytes], Any]]:
    """A function that writes bytes to `file`, or to stdout if None; a file is written whole or not at all.

    Raises ArchcalcError on entry if the file cannot be written.
    """
    if file is None:
        yield sys.stdout.buffer.write
        return
    target = Path(os.path.realpath(file))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    made = False
    try:
        if target.exists():
            if not target.is_file():
                raise ArchcalcError(f"{file} is not a file that can be written")
            target.open("ab").close()
        with part.open("xb") as stream:
            made = True
            yield stream.write
        part.replace(target)
    except OSError as error:
        raise ArchcalcError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        if made:
            part.unlink(missing_ok=True)
