"""Bounds of requests, as the contract states them: protovalidate's rules on its fields, read from its descriptor.

Only rules that compare a number or a length are known here, and `required`, `defined_only` and `not_in`; another one is
an error when this is imported, so that none is stated and not checked. protovalidate itself would do the same: it is
what tests compare this to (`tests/test_service_bounds.py`), and no dependency of the service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from math import isfinite
from typing import Any, TypeAlias

from google.protobuf import descriptor_pool

from archcalc.service.faults import Refused
from archcalc.v1 import archcalc_pb2 as contract

_POOL: Any = descriptor_pool.Default()
_FIELD = _POOL.FindExtensionByName("buf.validate.field")
_ONEOF = _POOL.FindExtensionByName("buf.validate.oneof")
LONGEST_KEY = 60
"""Characters of a key that a path shows."""

Found: TypeAlias = tuple[str, str]
"""The path of a field that is out of bounds, and what is wrong with it."""
Check: TypeAlias = Callable[[Any], "Found | None"]
"""Looks at a message, or at a value; the path that it returns begins there."""


def check_bounds(request: Any) -> None:
    """Raise Refused, with the first field of a request that is out of bounds."""
    found = _checks(request.DESCRIPTOR)(request)
    if found is not None:
        path, said = found
        raise Refused(f"{path} {said}", about=path)


def limits(message: str, field: str) -> tuple[float, float]:
    """The least and the most that a field of a message of the contract may be: a number, or a length.

    >>> limits("Network", "batch"), limits("Graph", "nodes")
    ((1, 1000000), (0, 10000))
    """
    described = contract.DESCRIPTOR.message_types_by_name[message].fields_by_name[field]
    rules = _rules_of(described)
    kind = rules.WhichOneof("type")
    held = {} if kind is None else {rule.name: value for rule, value in getattr(rules, kind).ListFields()}
    least, most = [[held[name] for name in names if name in held] for names in (LEAST, MOST)]
    return (least or [0])[0], (most or [float("inf")])[0]


LEAST = ("gte", "gt", "min_len", "min_items", "min_pairs")
MOST = ("lte", "lt", "max_len", "max_items", "max_pairs")


def _rules_of(field: Any) -> Any:
    """The FieldRules of a field."""
    return field.GetOptions().Extensions[_FIELD]


# --- From rules to checks.


@cache
def _checks(kind: Any) -> Check:
    """The check of a message of some kind. A kind may hold itself, so that its checks are made when they are needed."""
    made: list[tuple[Check, ...]] = []

    def check(message: Any) -> Found | None:
        if not made:
            made.append(tuple(_each_check(kind)))
        for each in made[0]:
            found = each(message)
            if found is not None:
                return found
        return None

    return check


def _each_check(kind: Any) -> Iterator[Check]:
    """The checks of a message: of its groups of which one must be set, then of its fields in order."""
    for oneof in kind.oneofs:
        if oneof.GetOptions().Extensions[_ONEOF].required:
            yield _one_is_set(oneof.name, [field.name for field in oneof.fields])
    for field in kind.fields:
        yield from _field_checks(field)


def _one_is_set(name: str, fields: list[str]) -> Check:
    said = f"is missing: one of {', '.join(fields)}"
    return lambda message: (name, said) if message.WhichOneof(name) is None else None


def _field_checks(field: Any) -> Iterator[Check]:
    name, rules = field.name, _rules_of(field)
    known = {rule.name for rule, _ in rules.ListFields()}
    if known - {"required", rules.WhichOneof("type")}:
        raise TypeError(f"{field.full_name} has rules that are not known: {', '.join(sorted(known))}")
    if rules.required:
        yield _is_set(field)
    if _is_map(field):
        yield from _map_checks(field, rules)
    elif field.is_repeated:
        yield from _list_checks(field, rules)
    else:
        check = _value_check(field, rules)
        if check is not None:
            yield _at(name, check, optional=field.has_presence)


def _is_map(field: Any) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _is_set(field: Any) -> Check:
    if not field.has_presence:
        raise TypeError(f"{field.full_name} is required, and cannot be seen to be unset")
    name = field.name
    return lambda message: None if message.HasField(name) else (name, "is missing")


def _at(name: str, check: Check, optional: bool) -> Check:
    """The check of a message by that of a field."""

    def look(message: Any) -> Found | None:
        if optional and not message.HasField(name):
            return None
        found = check(getattr(message, name))
        return found and (_joined(name, found[0]), found[1])

    return look


def _joined(first: str, rest: str) -> str:
    return f"{first}.{rest}" if rest and rest[0] != "[" else first + rest


def _list_checks(field: Any, rules: Any) -> Iterator[Check]:
    name = field.name
    yield from _length_checks(name, rules.repeated, "items", field)
    check = _value_check(field, rules.repeated.items)
    if check is None:
        return

    def items(message: Any) -> Found | None:
        for index, each in enumerate(getattr(message, name)):
            found = check(each)
            if found is not None:
                return _joined(f"{name}[{index}]", found[0]), found[1]
        return None

    yield items


def _map_checks(field: Any, rules: Any) -> Iterator[Check]:
    name = field.name
    yield from _length_checks(name, rules.map, "pairs", field)
    parts = field.message_type.fields_by_name
    on_key, on_value = _value_check(parts["key"], rules.map.keys), _value_check(parts["value"], rules.map.values)

    def pairs(message: Any) -> Found | None:
        for key, value in getattr(message, name).items():
            found = on_key and on_key(key)
            if found:
                return f"{name}.{key[:LONGEST_KEY]}", f"is a key that {found[1]}"
            found = on_value and on_value(value)
            if found:
                return _joined(f"{name}.{key[:LONGEST_KEY]}", found[0]), found[1]
        return None

    if on_key or on_value:
        yield pairs


def _length_checks(name: str, rules: Any, what: str, field: Any) -> Iterator[Check]:
    held = _held(rules, field, f"min_{what}", f"max_{what}", "items", "keys", "values")
    found = _range(held.get(f"min_{what}"), held.get(f"max_{what}"), len, "entries" if what == "pairs" else what)
    if found is not None:
        yield lambda message: (name, said[1]) if (said := found(getattr(message, name))) else None


def _held(rules: Any, field: Any, *known: str) -> Mapping[str, Any]:
    """The rules of a kind by their names. Raises TypeError for one that is not known here."""
    held = {rule.name: value for rule, value in rules.ListFields()}
    if held.keys() - set(known):
        raise TypeError(
            f"{field.full_name} has rules that are not known: {', '.join(sorted(held.keys() - set(known)))}"
        )
    return held


def _value_check(field: Any, rules: Any) -> Check | None:
    """The check of a value of a field, or of one item; None if it has no bounds."""
    if field.message_type is not None:
        if rules.WhichOneof("type") is not None:
            raise TypeError(f"{field.full_name} has rules for a message in a place where none are known")
        return _checks(field.message_type) if field.message_type in _bounded() else None
    kind = rules.WhichOneof("type")
    if kind is None:
        return None
    held = getattr(rules, kind)
    if kind == "enum":
        return _enum_check(field, _held(held, field, "defined_only", "not_in"))
    if kind in ("string", "bytes"):
        lengths = _held(held, field, "min_len", "max_len")
        what = "characters" if kind == "string" else "bytes"
        return _range(lengths.get("min_len"), lengths.get("max_len"), len, what)
    numbers = _held(held, field, "gte", "lte", "gt", "finite")
    return _range(numbers.get("gte"), numbers.get("lte"), None, "", above=numbers.get("gt"), finite=kind == "double")


def _enum_check(field: Any, rules: Mapping[str, Any]) -> Check:
    kind = field.enum_type
    values = set(kind.values_by_number)
    refused = set(rules.get("not_in", ()))

    def check(number: Any) -> Found | None:
        if number in refused:
            return "", f"is one of {', '.join([each.name for each in kind.values if each.number not in refused])}"
        return None if number in values else ("", f"is a {kind.name}, which has no value {number}")

    return check


def _range(
    least: Any, most: Any, size: Callable[[Any], int] | None, what: str, above: Any = None, finite: bool = False
) -> Check | None:
    """The check that a number, or a length, is in a range; None if there is none."""
    if least is None and most is None and above is None:
        return None
    low = least if least is not None else 0 if size is not None else float("-inf")
    high = most if most is not None else float("inf")
    shown = [f"{each:,}" if isinstance(each, int) else f"{each:g}" for each in (low, high)]
    within = f"from {shown[0]} to {shown[1]}" if isfinite(high) else f"at least {shown[0]}"
    if above is not None:
        said = f"is more than {above:g}"
    elif size is None:
        said = f"is {within}"
    else:
        said = f"has {within if low else f'at most {shown[1]}'} {what}"

    def check(value: Any) -> Found | None:
        number = value if size is None else size(value)
        if low <= number <= high and (above is None or number > above) and (not finite or isfinite(number)):
            return None
        return "", f"{said}, not {number:,}"

    return check


# --- Which messages have bounds.


@cache
def _bounded() -> frozenset[Any]:
    """The messages of the contract with a field that has rules, or that holds such a message."""
    messages: list[Any] = list(contract.DESCRIPTOR.message_types_by_name.values())
    found = {each for each in messages if _has_rules(each)}
    while True:
        more = {each for each in messages if each not in found and _held_in(each) & found}
        if not more:
            return frozenset(found)
        found |= more


def _has_rules(kind: Any) -> bool:
    return any([field.GetOptions().HasExtension(_FIELD) for field in kind.fields]) or any(
        [oneof.GetOptions().HasExtension(_ONEOF) for oneof in kind.oneofs]
    )


def _held_in(kind: Any) -> set[Any]:
    """The kinds of messages in the fields of one, in maps too."""
    held: set[Any] = set()
    for field in kind.fields:
        inner = field.message_type
        if inner is not None:
            held |= {inner} if not _is_map(field) else _held_in(inner)
    return held


def check_rules() -> None:
    """Raise TypeError unless every rule of the contract is one that is checked here."""
    for kind in _bounded():
        for field in kind.fields:
            if field.GetOptions().HasExtension(_FIELD):
                list(_field_checks(field))


check_rules()
