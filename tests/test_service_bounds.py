"""The bounds of requests: what the contract states, judged by protovalidate itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from random import Random
from typing import Any

import fuzzing
import protovalidate
import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from patience import HANGS

from archcalc.service import bounds
from archcalc.service.bounds import check_bounds, limits
from archcalc.service.faults import Refused
from archcalc.service.questions import CALLS
from archcalc.v1 import archcalc_pb2 as contract

FIELD: Any = descriptor_pool.Default().FindExtensionByName("buf.validate.field")
ONEOF: Any = descriptor_pool.Default().FindExtensionByName("buf.validate.oneof")
VALIDATOR = protovalidate.Validator()


def refused(message: Any) -> str | None:
    """The field that the service names; None if it takes a message."""
    caught: Refused | None = None
    try:
        check_bounds(message)
    except Refused as error:
        caught = error
    if caught is None:
        return None
    assert str(caught).startswith(f"{caught.about} ")
    assert "\n" not in str(caught)
    return caught.about


def violated(message: Any) -> list[str]:
    """The fields that protovalidate names, as the service writes them."""
    return [path(each.proto.field) for each in VALIDATOR.collect_violations(message)]


def path(found: Any) -> str:
    text = ""
    for each in found.elements:
        key = each.subscript
        text += f".{each.field_name}"
        if key is not None:
            text += f"[{key.value}]" if key.field == "index" else f".{str(key.value)[: bounds.LONGEST_KEY]}"
    return text.removeprefix(".")


# --- The same verdict as protovalidate.


def test_requests_of_all_kinds_are_judged_as_protovalidate_judges_them() -> None:
    random = Random(21)  # noqa: S311
    verdicts = {True: 0, False: 0}
    for index in range(6000):
        message = fuzzing.fill(random, random.choice([*CALLS.values()]).request_class(), likely=index % 2 == 0)
        ours, theirs = refused(message), violated(message)
        assert (ours is None) == (not theirs), (ours, theirs, message)
        assert ours is None or ours in theirs, (ours, theirs, message)
        verdicts[ours is None] += 1
    assert min(verdicts.values()) > 1000, verdicts


def kinds() -> list[Any]:
    """Every message that is a part of requests."""
    found: list[Any] = []
    waiting = [call.descriptor.input_type for call in CALLS.values()]
    while waiting:
        kind = waiting.pop()
        if kind not in found:
            found.append(kind)
            waiting += [field.message_type for field in kind.fields if field.message_type is not None]
    return [kind for kind in found if not kind.GetOptions().map_entry]


def ruled() -> Iterator[Any]:
    for kind in kinds():
        for field in kind.fields:
            if field.GetOptions().HasExtension(FIELD):
                yield pytest.param(kind, field, id=field.full_name.removeprefix("archcalc.v1."))


def rules_of(field: Any) -> dict[str, Any]:
    """The rules of a field by their names, with those of items, keys and values."""
    rules = field.GetOptions().Extensions[FIELD]
    kind = rules.WhichOneof("type")
    return {rule.name: value for rule, value in getattr(rules, kind).ListFields()} if kind else {}


def least(kind: Any) -> Any:
    """The smallest message of a kind that has all that it must have."""
    message = GetMessageClass(kind)()
    for oneof in kind.oneofs:
        if oneof.GetOptions().Extensions[ONEOF].required:
            setattr(message, oneof.fields[0].name, "x")
    for field in kind.fields:
        if not field.GetOptions().HasExtension(FIELD):
            continue
        rules = rules_of(field)
        if field.GetOptions().Extensions[FIELD].required:
            getattr(message, field.name).CopyFrom(least(field.message_type))
        elif field.is_repeated and "min_items" in rules:
            put(message, field, [item(field)] * rules["min_items"])
        elif "min_len" in rules:
            setattr(message, field.name, b"x" if field.type == FieldDescriptor.TYPE_BYTES else "x")
        elif not field.has_presence and rules.get("gte", 0) > 0:
            setattr(message, field.name, rules["gte"])
        elif 0 in rules.get("not_in", ()):
            setattr(message, field.name, 1)
    return message


def put(message: Any, field: Any, values: list[Any]) -> None:
    getattr(message, field.name).extend(values)


def item(field: Any) -> Any:
    """An item of a list that is within bounds."""
    if field.message_type is not None:
        return least(field.message_type)
    return "x" if field.type == FieldDescriptor.TYPE_STRING else 1


def edges(kind: Any, field: Any) -> Iterator[Any]:
    """Messages with values of a field at, below and above each of its bounds."""
    rules = rules_of(field)
    sizes = {each + more for name, each in rules.items() if name.startswith(("min_", "max_")) for more in (-1, 0, 1)}
    if field.GetOptions().Extensions[FIELD].required:
        message = least(kind)
        message.ClearField(field.name)
        yield message
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        yield from edges_of_map(kind, field, rules, sizes)
    elif field.is_repeated:
        for size in sizes:
            message = least(kind)
            message.ClearField(field.name)
            put(message, field, [item(field)] * size)
            yield message
        for value in values_of(field, rules.get("items")):
            message = least(kind)
            put(message, field, [value])
            yield message
    else:
        for value in values_of(field, field.GetOptions().Extensions[FIELD]):
            message = least(kind)
            setattr(message, field.name, value)
            yield message


def edges_of_map(kind: Any, field: Any, rules: dict[str, Any], sizes: set[int]) -> Iterator[Any]:
    for size in sizes:
        message = least(kind)
        for index in range(size):
            getattr(message, field.name)[f"k{index}"].SetInParent()
        yield message
    for key in values_of(field.message_type.fields_by_name["key"], rules["keys"]):
        message = least(kind)
        getattr(message, field.name)[key].SetInParent()
        yield message


def values_of(field: Any, rules: Any) -> Iterator[Any]:
    """Values of a field at, below and above each of its bounds."""
    kind = rules.WhichOneof("type") if rules is not None else None
    held = {rule.name: value for rule, value in getattr(rules, kind).ListFields()} if kind else {}
    for name, bound in held.items():
        if name in ("min_len", "max_len"):
            unit = b"x" if kind == "bytes" else "é"
            yield from [unit * size for size in (bound - 1, bound, bound + 1) if size >= 0]
        elif name in ("gte", "lte", "gt", "lt"):
            if kind == "double":
                yield from (bound, bound * (1 - 1e-9), bound * (1 + 1e-9), -1.0, 1e-300)
            else:
                yield from (bound - 1, bound, bound + 1)
    if kind == "double":
        yield from (float("nan"), float("inf"), -float("inf"))
    if kind == "enum":
        yield from (-1, 0, *field.enum_type.values_by_number, len(field.enum_type.values) + 90)


@pytest.mark.parametrize(("kind", "field"), list(ruled()))
def test_each_bound_is_where_protovalidate_has_it(kind: Any, field: Any) -> None:
    assert refused(least(kind)) is None
    verdicts = set()
    for message in edges(kind, field):
        ours, theirs = refused(message), violated(message)
        assert (ours is None) == (not theirs), (ours, theirs)
        assert ours is None or ours in theirs, (ours, theirs)
        verdicts.add(ours is None)
    assert verdicts == {True, False} or (verdicts == {False} and field.GetOptions().Extensions[FIELD].required)


# --- Every request is bounded.


def test_every_text_list_and_map_of_a_request_has_a_bound() -> None:
    """So that what a request may cost follows from the contract; numbers are bounded by their types."""
    for kind in kinds():
        for field in kind.fields:
            rules = rules_of(field)
            is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
            if is_map:
                assert "max_pairs" in rules, field.full_name
                assert rules["keys"].string.HasField("max_len"), field.full_name
            elif field.is_repeated:
                assert "max_items" in rules, field.full_name
                if field.type == FieldDescriptor.TYPE_STRING:
                    assert rules["items"].string.HasField("max_len"), field.full_name
            elif field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
                assert "max_len" in rules, field.full_name
            if field.enum_type is not None:
                held = rules["items"].enum.defined_only if field.is_repeated else rules.get("defined_only")
                assert held, field.full_name


def test_limits_are_those_of_the_contract() -> None:
    assert limits("Network", "batch") == (1, 1_000_000)
    assert limits("SweepRequest", "points") == (1, 100_000)
    assert limits("DesignSpace", "toml") == (0, 100_000)


def test_a_rule_that_is_not_known_is_an_error_and_not_left_unchecked() -> None:
    field = contract.Network.DESCRIPTOR.fields_by_name["name"]
    rules = type(field.GetOptions().Extensions[FIELD])()
    for put_rule in (
        lambda: setattr(rules.string, "pattern", "a+"),
        lambda: setattr(rules.string, "uuid", True),
        lambda: setattr(rules.int64, "const", 3),
        lambda: setattr(rules.double, "lt", 3),
    ):
        rules.Clear()
        put_rule()
        with pytest.raises(TypeError, match=r"archcalc\.v1\.Network\.name has rules that are not known"):
            bounds._value_check(field, rules)


def test_the_service_needs_no_package_for_bounds_and_takes_that_of_protovalidate_where_it_is() -> None:
    """A program may hold one version of the file of rules alone."""
    code = (
        "import sys, types\n"
        "from archcalc.v1 import validate_pb2 as ours\n"
        "package, inner = types.ModuleType('buf'), types.ModuleType('buf.validate')\n"
        "package.__path__, inner.__path__, inner.validate_pb2 = [], [], ours\n"
        "{}"
        "from archcalc.v1 import archcalc_pb2 as contract\n"
        "from archcalc.service import bounds\n"
        "assert 'protovalidate' not in sys.modules\n"
        "assert contract.buf_dot_validate_dot_validate__pb2 is ours\n"
        "bounds.check_bounds(contract.NamesRequest())\n"
    )
    there = "sys.modules.update({'buf': package, 'buf.validate': inner, 'buf.validate.validate_pb2': ours})\n"
    for before in ("", there):
        subprocess.run([sys.executable, "-c", code.format(before)], check=True, timeout=HANGS)
