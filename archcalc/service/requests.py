"""Arguments of a question as a request and back, by the names of its parameters.

A field of the request has the name of the parameter that it is for. The fields of `network` are arguments of their
own, and its hyperparameters are what the question takes beyond its named parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from inspect import Parameter, signature, unwrap
from typing import Any, get_args, get_type_hints

from archcalc.analysis.table import analyze
from archcalc.service.convert import Field, Unsendable, read_field, write_field
from archcalc.service.faults import Refused

OWN = "hyperparameters"
PASSED: Mapping[str, Any] = {"input": tuple[int, ...] | None, "batch": int, "dtype": str}
"""What questions about a network hand on to others, where they do not name it themselves."""


@cache
def parameters(asked: Callable[..., Any]) -> Mapping[str, Parameter]:
    """The parameters of a question."""
    return signature(unwrap(asked)).parameters


@cache
def hints(asked: Callable[..., Any]) -> Mapping[str, Any]:
    """The annotations of a question."""
    return get_type_hints(unwrap(asked))


def places(request: Any) -> Iterator[tuple[str, Any, Field]]:
    """Every field that is an argument: its path in the request, the message that holds it, and the field."""
    for field in request.DESCRIPTOR.fields:
        inner = field.message_type
        if inner is not None and inner.name == "Network" and not field.is_repeated:
            network: Any = getattr(request, field.name)
            for each in inner.fields:
                yield f"{field.name}.{each.name}", network, each
        else:
            yield field.name, request, field


def arguments(request: Any, asked: Callable[..., Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The arguments that a request gives, and in which of its fields each stands. Raises Refused."""
    known, kinds = parameters(asked), hints(asked)
    open_ended = any(parameter.kind is Parameter.VAR_KEYWORD for parameter in known.values())
    passed = PASSED.keys() - known.keys() if open_ended else set[str]()
    found: dict[str, Any] = {}
    paths: dict[str, str] = {}
    for path, holder, field in places(request):
        name = field.name
        paths[name] = path
        if name == OWN:
            given = hyperparameters(getattr(holder, name), path, {*known, *PASSED} if open_ended else ())
            paths |= {f"{OWN}.{key}": f"{path}[{index}].value" for index, key in enumerate(given)}
            found |= given if open_ended else {OWN: given}
        elif name in known or name in passed:
            try:
                value = _argument(holder, field, kinds[name] if name in known else PASSED[name], path)
            except Unsendable as error:
                raise Refused(f"{path}: {error}", about=path) from None
            needed = name in known and known[name].default is Parameter.empty
            if needed or not (value is None or _unset(holder, field)):
                found[name] = value
    return found, paths


def _argument(holder: Any, field: Field, hint: Any, path: str) -> Any:
    """One argument; where it is a list of networks or points, each with hyperparameters of its own."""
    inner = field.message_type
    if inner is None or not field.is_repeated or OWN not in inner.fields_by_name:
        return read_field(holder, field, hint)
    kind: Any = get_args(hint)[0]
    parts = get_type_hints(kind)
    found: list[Any] = []
    for index, each in enumerate(getattr(holder, field.name)):
        own = hyperparameters(getattr(each, OWN), f"{path}[{index}].{OWN}", parameters(analyze))
        others = {part.name: read_field(each, part, parts[part.name]) for part in inner.fields if part.name != OWN}
        found.append(kind(**others, **{OWN: own}))
    return tuple(found)


def _unset(holder: Any, field: Field) -> bool:
    """Whether a field was left out: for one that cannot tell, whether it is empty or 0."""
    if field.is_repeated:
        return not getattr(holder, field.name)
    return not (holder.HasField(field.name) if field.has_presence else getattr(holder, field.name))


def hyperparameters(given: Any, path: str, reserved: Any) -> dict[str, Any]:
    """Hyperparameters by name. Raises Refused for what no hyperparameter is, and for one that is given twice."""
    found: dict[str, Any] = {}
    for index, each in enumerate(given):
        place = f"{path}[{index}]"
        if each.name in reserved:
            raise Refused(f"{place}: {each.name!r} is no hyperparameter", about=f"{place}.name")
        if each.name in found:
            raise Refused(f"{place}: {each.name[:60]} is given twice", about=f"{place}.name")
        found[each.name] = _hyperparameter(each.value, place)
    return found


def _hyperparameter(value: Any, place: str) -> Any:
    kind = value.WhichOneof("kind")
    if kind in ("whole", "real", "flag", "text"):
        return getattr(value, kind)
    if kind == "digits" and re.fullmatch(r"[+-]?\d{1,100}", value.digits):
        return int(value.digits)
    raise Refused(f"{place}: a hyperparameter is whole, real, flag, text or digits", about=f"{place}.value")


def fill(request: Any, asked: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Put arguments into a request; returned are those that it has no field for. Raises Unsendable, or TypeError."""
    known = parameters(asked)
    given = dict(signature(unwrap(asked)).bind(*args, **kwargs).arguments)
    for name, parameter in known.items():
        if parameter.kind is Parameter.VAR_KEYWORD and name in given:
            own = given.pop(name)
            given |= {key: own[key] for key in PASSED if key in own and key not in known}
            given[OWN] = {key: value for key, value in own.items() if key not in given}
    holders = {field.name: holder for _, holder, field in places(request)}
    for name in [name for name in given if name in holders]:
        value = given.pop(name)
        if value is not None:
            write_field(holders[name], name, value)
    return given
