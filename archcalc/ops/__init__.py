"""The operations that networks are made of, one file for each topic; each op states all its facts in one place.

>>> from archcalc.ops import Conv, Flatten, Linear, MaxPool, ReLU
>>> Conv(64, 7, stride=2, padding=3).shape((3, 224, 224))
(64, 112, 112)

Ops are looked up in the files beside this one, and a file is imported when one of its ops is first used. A new op needs
no entry here: the lines below only give type checkers the `__all__` of each file, which they cannot find out.
"""

# ruff: noqa: F403 - what each file says is public is public here

from __future__ import annotations

import os
import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from archcalc.base.package import file_names, read_text

if TYPE_CHECKING:
    from archcalc.ops.applied import *
    from archcalc.ops.attention import *
    from archcalc.ops.combine import *
    from archcalc.ops.conv import *
    from archcalc.ops.elementwise import *
    from archcalc.ops.layout import *
    from archcalc.ops.linear import *
    from archcalc.ops.norm import *
    from archcalc.ops.pointwise import *
    from archcalc.ops.pool import *
    from archcalc.ops.products import *
    from archcalc.ops.recurrent import *
    from archcalc.ops.reduce import *
    from archcalc.ops.resize import *
    from archcalc.ops.sampling import *
    from archcalc.ops.values import *
    from archcalc.ops.views import *
else:

    def __getattr__(name: str) -> object:
        """The op of a name; for `__all__` the names of all ops. Raises AttributeError if there is none."""
        if name == "__all__":
            return sorted(_files())
        if name not in _files():
            raise AttributeError(f"module {__name__!r} has no op {name!r}")
        return getattr(import_module(f"{__name__}.{_files()[name]}"), name)

    def __dir__() -> list[str]:
        return [*globals(), *_files()]

    @cache
    def _files() -> dict[str, str]:
        """For every op its file, without importing any: the ops are the classes marked final."""
        folder = os.path.dirname(__file__)
        found = {}
        for name in sorted(file_names(folder)):
            if name.endswith(".py"):
                text = read_text(folder, name)
                found |= dict.fromkeys(re.findall(r"^@final\nclass (\w+)\(", text, re.MULTILINE), name[:-3])
        return found
