"""Operations by their names in messages."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from inspect import isabstract

from archcalc import ops
from archcalc.graph import Op


@cache
def kinds() -> Mapping[str, type[Op]]:
    """Every operation by its name in messages."""
    modules = [import_module(f"{ops.__name__}.{each.name}") for each in pkgutil.iter_modules(ops.__path__)]
    classes = [each for module in modules for each in vars(module).values() if isinstance(each, type)]
    return {
        each.message_name: each for each in classes if issubclass(each, Op) and not isabstract(each) and each is not Op
    }


def is_known(op: Op) -> bool:
    """Return True if messages have a name for an operation: it is one of archcalc's own."""
    return kinds().get(op.message_name) is type(op)
