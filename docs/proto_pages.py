"""Pages of the service's contract: its calls and messages, of the descriptors, with the comments of the proto file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pool

from archcalc.present.markup import markdown_escape
from archcalc.service.answers import OnePage, Pages
from archcalc.service.calls import SERVICE, Call
from archcalc.service.questions import CALLS
from archcalc.v1 import archcalc_pb2 as contract

PROTO = Path(__file__).parent.parent / "proto" / "archcalc" / "v1" / "archcalc.proto"
FILE = contract.DESCRIPTOR
RULES: Any = descriptor_pool.Default().FindExtensionByName("buf.validate.field")
_WORDS = {"string": "characters", "bytes": "bytes", "repeated": "items", "map": "entries"}


def pages() -> dict[str, str]:
    """All pages: Markdown by the name of the file."""
    said = comments(PROTO.read_text(encoding="utf-8"))
    return {"service_calls.md": calls(said), "service_messages.md": messages(said)}


def comments(text: str) -> dict[str, str]:
    """What the comments before declarations say, by names such as `Network`, `Network.batch`, `Dtype.DTYPE_INT8`."""
    found: dict[str, str] = {}
    within: list[str] = []
    words: list[str] = []
    for line in map(str.strip, text.splitlines()):
        if line.startswith("//"):
            words.append(line[2:].strip())
            continue
        named = re.match(r"(?:message|enum|service|oneof|rpc) (\w+)|(?:[\w.]+(?:<.*>)? )*(\w+) = \d+", line)
        name = (named[1] or named[2]) if named else ""
        outer = [each for each in within if each]
        if name and words:
            found[".".join([*outer, name])] = " ".join(words)
        words = []
        opened = line.count("{") - line.count("}")
        if opened > 0:
            within.append("" if line.startswith(("oneof", "option")) else name)
        elif opened < 0:
            within.pop()
    return found


def plain(text: str) -> str:
    """A comment as Markdown: what stands in backquotes is code."""
    pieces = text.split("`")
    return "`".join([each if place % 2 else markdown_escape(each) for place, each in enumerate(pieces)])


def calls(said: dict[str, str]) -> str:
    """Every call: what it answers, how, and the fields of its request."""
    requests = [SERVICE.methods_by_name[call.method].input_type for call in CALLS.values()]
    parts = [
        "# Calls of the service",
        f"The {len(CALLS)} calls of `{SERVICE.full_name}`. A call changes nothing and may be repeated. "
        "[The contract of the service](../proto.md) says what holds for all of them, "
        "[Messages of the service](service_messages.md) what the types are.",
        "\n".join(
            [
                "| call | in Python | the answer comes | what it answers |",
                "| :--- | :--- | :--- | :--- |",
                *[
                    f"| [{call.method}](#{call.method.lower()}) | `{name_of(call)}` | {arrives(call)} "
                    f"| {plain(said[f'{SERVICE.name}.{call.method}'])} |"
                    for call in CALLS.values()
                ],
            ]
        ),
    ]
    for call, request in zip(CALLS.values(), requests, strict=True):
        parts += [f"## {call.method}", plain(said[f"{SERVICE.name}.{call.method}"]), *fields(request, said)]
        answer = SERVICE.methods_by_name[call.method].output_type
        parts += [f"The answer is `{answer.name}`{', any number of times' if call.streams else ''}:"]
        parts += fields(answer, said)
    return "\n\n".join(parts) + "\n"


def name_of(call: Call[..., Any]) -> str:
    """The method of the Python clients."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", call.method).lower()


def arrives(call: Call[..., Any]) -> str:
    """How the answer of a call comes."""
    if call.streams:
        return "as a stream"
    return "in pages" if isinstance(call.answer, Pages | OnePage) else "at once"


def messages(said: dict[str, str]) -> str:
    """Every message that is no request or answer of a call, and every enum."""
    own = {each.name for call in SERVICE.methods for each in (call.input_type, call.output_type)}
    parts = [
        "# Messages of the service",
        "The types of the fields of [the calls](service_calls.md), by name, and after them the enums. Whole numbers of "
        "64 bits are texts in JSON, and names are then in camel case: `mult_adds` is `multAdds`.",
    ]
    for kind in sorted(FILE.message_types_by_name.values(), key=lambda each: each.name):
        if kind.name not in own:
            parts += [f"## {kind.name}", plain(said.get(kind.name, "")), *fields(kind, said)]
    for kind in sorted(FILE.enum_types_by_name.values(), key=lambda each: each.name):
        rows = [
            f"| `{value.name}` | {value.number} | {plain(said.get(f'{kind.name}.{value.name}', ''))} |"
            for value in kind.values
        ]
        table = "\n".join(["| value | number | meaning |", "| :--- | ---: | :--- |", *rows])
        parts += [f"## {kind.name}", plain(said.get(kind.name, "")), table]
    return "\n\n".join([part for part in parts if part]) + "\n"


def fields(kind: Any, said: dict[str, str]) -> list[str]:
    """The table of a message's fields; none for a message without fields."""
    if not kind.fields:
        return []
    rows = [
        f"| `{each.name}` | {type_of(each)} | {plain(', '.join(bounds_of(each)))} "
        f"| {plain(said.get(f'{kind.name}.{each.name}', ''))} |"
        for each in kind.fields
    ]
    return ["\n".join(["| field | type | bounds | meaning |", "| :--- | :--- | :--- | :--- |", *rows])]


def type_of(field: Any) -> str:
    """The type of a field in words, with a link to a message or an enum."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return f"map of text to {type_of(field.message_type.fields_by_name['value'])}"
    kind = field.message_type or field.enum_type
    if kind is None:
        name = f"`{_scalar(field)}`"
    elif kind.file is FILE or kind.file.name == FILE.name:
        name = f"[{kind.name}](service_messages.md#{kind.name.lower()})"
    else:
        name = f"`{kind.full_name}`"
    several = f"list of {name}" if field.is_repeated else name
    group = field.containing_oneof
    return several if group is None or group.name.startswith("_") else f"{several}, one of `{group.name}`"


def _scalar(field: Any) -> str:
    names = {value: name for name, value in vars(type(field)).items() if name.startswith("TYPE_")}
    return names[field.type].removeprefix("TYPE_").lower()


def bounds_of(field: Any) -> list[str]:
    """The rules of a field in words."""
    rules = field.GetOptions().Extensions[RULES]
    group = field.containing_oneof
    said = ["required"] if rules.required else []
    if group is not None and group.name.startswith("_"):
        said.append("may be unset")
    return said + list(_ruled(rules))


def _ruled(rules: Any) -> Iterator[str]:
    """The rules of a type in words."""
    kind = rules.WhichOneof("type")
    if kind is None:
        return
    held = {rule.name: value for rule, value in getattr(rules, kind).ListFields()}
    unit = _WORDS.get(kind, "")
    least = next((held[each] for each in ("min_len", "min_items", "min_pairs", "gte") if each in held), None)
    most = next((held[each] for each in ("max_len", "max_items", "max_pairs", "lte") if each in held), None)
    if least is not None and most is not None:
        yield f"{least:,} to {most:,} {unit}".strip()
    elif most is not None:
        yield f"at most {most:,} {unit}".strip()
    elif least is not None:
        yield f"at least {least:,} {unit}".strip()
    if "gt" in held:
        yield f"more than {held['gt']:,}"
    if "lt" in held:
        yield f"less than {held['lt']:,}"
    if 0 in held.get("not_in", ()):
        yield "needed"
    for part, each in (("items", "each"), ("keys", "a key"), ("values", "a value")):
        if part in held:
            yield from [f"{each} {words}" for words in _ruled(held[part])]
