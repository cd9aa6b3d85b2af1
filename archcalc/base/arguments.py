"""Arguments of functions: an error for a call that a function cannot take, found once the call has failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut, shown


def _is_texts(value: Any) -> bool:
    return isinstance(value, Iterable) and all(isinstance(each, str) for each in value)  # pyright: ignore[reportUnknownVariableType]


KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "str": (lambda value: isinstance(value, str), "text"),
    "int": (lambda value: isinstance(value, int), "a whole number"),
    "float": (lambda value: isinstance(value, (int, float)), "a number"),
    "bool": (lambda value: isinstance(value, (bool, int)), "True or False"),
    "Sequence[str]": (_is_texts, "a list of texts"),
    "Mapping[str, Any]": (lambda value: isinstance(value, Mapping), "a dictionary"),
    "Sequence[NetworkLike]": (lambda value: isinstance(value, Sequence), "a list of networks"),
    "Sequence[Point]": (lambda value: isinstance(value, Iterable), "a list of points"),
}
"""For every annotation that is checked: the test of a value, and what it says in words."""


def misuse(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> ArchcalcError | None:
    """The error for arguments that a function does not have or of another type than its annotations say; None if none.

    >>> def area(side: int) -> int: ...
    >>> misuse(area, ["long"], {})
    ArchcalcError("area: side is a whole number, not 'long'")
    >>> misuse(area, [], {})
    ArchcalcError("area: missing a required argument: 'side'")
    """
    name = function.__name__
    expected = signature(function)
    try:
        bound = expected.bind(*args, **kwargs)
    except TypeError as error:
        return ArchcalcError(f"{name}: {error}")
    for key, value in bound.arguments.items():
        parameter = expected.parameters[key]
        kind, _, none = str(parameter.annotation).partition(" | ")
        if parameter.kind is Parameter.VAR_KEYWORD or kind not in KINDS or (value is None and none == "None"):
            continue
        holds, words = KINDS[kind]
        if not holds(value):
            given = shown(value) if isinstance(value, str) else cut(repr(value))
            return ArchcalcError(f"{name}: {key} is {words}, not {given}", key)
    return None
