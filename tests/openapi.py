"""The contract as an OpenAPI 3.1 document: the calls as Connect's protocol has them over HTTP, in JSON.

`tests/generate.py` writes it to archcalc/v1/openapi.json, since comments are in the text of the contract alone. Schemas
follow proto3's JSON mapping; bounds are the contract's rules (buf.validate).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import FieldDescriptor

from archcalc.v1 import archcalc_pb2

assert archcalc_pb2  # with it come the options of bounds
FIELD = descriptor_pool.Default().FindExtensionByName("buf.validate.field")
ONEOF = descriptor_pool.Default().FindExtensionByName("buf.validate.oneof")

STATUSES = {
    400: (
        "invalid_argument, failed_precondition or out_of_range",
        "A request that cannot be answered: a field at fault.",
    ),
    401: ("unauthenticated", "No token that the server knows."),
    404: ("not_found", "A name that is not known; the details have the nearest ones."),
    429: ("resource_exhausted", "Too many calls at once, or an answer that takes too much memory."),
    499: ("canceled", "The request was cancelled."),
    500: ("internal", "An error in archcalc."),
    503: ("unavailable", "The server is shutting down."),
    504: ("deadline_exceeded", "No answer within the time of the client or of the server."),
}
CODES = (
    *("canceled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists"),
    *("permission_denied", "resource_exhausted", "failed_precondition", "aborted", "out_of_range", "unimplemented"),
    *("internal", "unavailable", "data_loss", "unauthenticated"),
)
ABOUT = """

Over HTTP, a call is `POST /archcalc.v1.ArchcalcService/NAME` with its request as JSON, or `GET` with it as a parameter,
as [Connect's protocol](https://connectrpc.com/docs/protocol) has it. JSON is proto3's: names of fields are in
lowerCamelCase, 64-bit whole numbers are written as strings (and read as strings or numbers), enums are the names of
their values, bytes are base64, and a field with its default (0, false, an empty text or list, the first value of an
enum) is left out of answers. Calls that answer with a stream take and give `application/connect+json`, which is no JSON
text but a sequence of messages with a prefix each; clients of Connect and gRPC read it."""
STREAM = (
    "A sequence of messages, each after five bytes: one of flags (0; 1: compressed; 2: the end) and the length of the "
    "message in four bytes, big-endian. {what} The messages are {kind} as JSON."
)
ONE = "The request is one message."
MANY = (
    "The last one, with flag 2, is a JSON object instead: `error` has an Error if the call failed, whatever the status "
    "of HTTP, which is 200; `metadata` has trailing metadata."
)


def written(files: descriptor_pb2.FileDescriptorSet, name: str) -> str:
    """The document of a contract among some files with their comments, as JSON text."""
    pool: Any = descriptor_pool.DescriptorPool()  # of the contract as it is now, not of the code that there was
    for file in files.file:
        pool.AddSerializedFile(file.SerializeToString())
    [file] = [each for each in files.file if each.name == name]
    return json.dumps(document(pool.FindFileByName(name), Comments(file)), ensure_ascii=False, indent=1) + "\n"


class Comments:
    """The comments of a file by the names of what they stand above."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._texts = {tuple(each.path): each.leading_comments for each in file.source_code_info.location}
        self.places: dict[str, tuple[int, ...]] = {}
        for index, message in enumerate(file.message_type):
            self._place(message.name, (4, index), (2, message.field))
        for index, enum in enumerate(file.enum_type):
            self._place(enum.name, (5, index), (2, enum.value))
        for index, service in enumerate(file.service):
            self._place(service.name, (6, index), (2, service.method))

    def _place(self, name: str, path: tuple[int, ...], parts: tuple[int, Any]) -> None:
        self.places[name] = path
        for index, each in enumerate(parts[1]):
            self.places[f"{name}.{each.name}"] = (*path, parts[0], index)

    def of(self, name: str) -> str:
        """The comment of a message, an enum or a service, or of one of its parts; lines are joined."""
        return " ".join(self._texts[self.places[name]].split())

    @property
    def header(self) -> str:
        """The comment at the beginning of the file, with its paragraphs."""
        return "\n".join([line.removeprefix(" ") for line in self._texts[(12,)].splitlines()])


def document(contract: Any, comments: Comments) -> dict[str, Any]:
    """The document."""
    [service] = contract.services_by_name.values()
    asked = reached([each.input_type for each in service.methods])
    answered = reached([each.output_type for each in service.methods])
    schemas: dict[str, Any] = {}
    for kind in contract.message_types_by_name.values():
        if kind in asked or kind in answered or kind.name == "NearestNames":
            schemas[kind.name] = of_message(kind, comments, kind in asked)
    for enum in contract.enum_types_by_name.values():
        schemas[enum.name] = of_enum(enum, comments)
    schemas["Error"] = ERROR
    return {
        "openapi": "3.1.0",
        "info": {"title": "archcalc", "version": "1.0", "description": comments.header + ABOUT},
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}],
        "tags": [{"name": service.name, "description": comments.of(service.name)}],
        "paths": {f"/{service.full_name}/{each.name}": of_method(each, comments) for each in service.methods},
        "components": {
            "schemas": schemas,
            "responses": dict(responses()),
            "parameters": PARAMETERS,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "One of the server's tokens, if it has any.",
                }
            },
        },
    }


# --- Calls.

PARAMETERS: dict[str, Any] = {
    "version": {
        "name": "Connect-Protocol-Version",
        "in": "header",
        "description": "The version of Connect's protocol.",
        "schema": {"const": "1"},
    },
    "timeout": {
        "name": "Connect-Timeout-Ms",
        "in": "header",
        "description": "The milliseconds after which the client wants no answer any more.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 9_999_999_999},
    },
    "connect": {
        "name": "connect",
        "in": "query",
        "description": "The version of Connect's protocol.",
        "schema": {"const": "v1"},
    },
    "encoding": {
        "name": "encoding",
        "in": "query",
        "required": True,
        "description": "The encoding of the message.",
        "schema": {"const": "json"},
    },
    "base64": {
        "name": "base64",
        "in": "query",
        "description": "1 if the message is base64 of JSON, of the alphabet for addresses.",
        "schema": {"enum": ["0", "1"]},
    },
}
ERROR: dict[str, Any] = {
    "type": "object",
    "description": "Why a call failed, as Connect writes it.",
    "required": ["code"],
    "properties": {
        "code": {"type": "string", "enum": list(CODES), "description": "The status of gRPC in small letters."},
        "message": {"type": "string", "description": "A sentence for people."},
        "details": {
            "type": "array",
            "description": "google.rpc.BadRequest, google.rpc.ResourceInfo, google.rpc.ErrorInfo, and NearestNames.",
            "items": {
                "type": "object",
                "required": ["type", "value"],
                "properties": {
                    "type": {"type": "string", "description": "The message, such as archcalc.v1.NearestNames."},
                    "value": {"type": "string", "contentEncoding": "base64", "description": "Its bytes, unpadded."},
                    "debug": {"description": "The message as JSON, where the server can write it."},
                },
            },
        },
    },
}  # fmt: skip


def responses() -> Iterator[tuple[str, Any]]:
    schema = {"$ref": "#/components/schemas/Error"}
    for status, (codes, said) in STATUSES.items():
        yield f"{status}", {"description": f"{said} ({codes}.)", "content": {"application/json": {"schema": schema}}}


def of_method(method: Any, comments: Comments) -> dict[str, Any]:
    """The operations on the path of a call."""
    service = method.containing_service.name
    said = comments.of(f"{service}.{method.name}")
    failures = {f"{status}": {"$ref": f"#/components/responses/{status}"} for status in STATUSES}
    shared: dict[str, Any] = {"tags": [service], "description": said}
    headers = [{"$ref": f"#/components/parameters/{name}"} for name in ("version", "timeout")]
    asked, answered = [
        {"$ref": f"#/components/schemas/{each.name}"} for each in (method.input_type, method.output_type)
    ]
    if method.server_streaming:
        before = {401: failures["401"], 404: {"description": "There is no such call."}, 415: {"description": UNFIT}}
        stream = [
            {
                "application/connect+json": {
                    "schema": {"description": STREAM.format(what=what, kind=kind), "x-message": ref}
                }
            }
            for what, kind, ref in ((ONE, method.input_type.name, asked), (MANY, method.output_type.name, answered))
        ]
        post = {
            "operationId": method.name,
            **shared,
            "parameters": headers,
            "requestBody": {"required": True, "content": stream[0]},
            "responses": {
                "200": {"description": "The stream.", "content": stream[1]},
                **{f"{status}": each for status, each in before.items()},
            },
        }
        return {"post": post}
    answer = {"200": {"description": comments.of(method.output_type.name), "content": content(answered)}, **failures}
    post = {
        "operationId": method.name,
        **shared,
        "parameters": headers,
        "requestBody": {"required": True, "content": content(asked)},
        "responses": answer,
    }
    if method.GetOptions().idempotency_level != descriptor_pb2.MethodOptions.NO_SIDE_EFFECTS:
        return {"post": post}
    query = [{"$ref": f"#/components/parameters/{name}"} for name in ("connect", "encoding", "base64")]
    message = {
        "name": "message",
        "in": "query",
        "required": True,
        "description": "The request; percent-encoded.",
        "content": content(asked),
    }
    parameters = [*query, message, headers[1]]
    get = {"operationId": f"{method.name}ByGet", **shared, "parameters": parameters, "responses": answer}
    return {"get": get, "post": post}


UNFIT = "A type of content that streams do not have."


def content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


# --- Schemas.


def reached(kinds: list[Any]) -> set[Any]:
    """The messages in some messages, and in those."""
    found: set[Any] = set()
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if kind not in found:
            found.add(kind)
            waiting += [field.message_type for field in kind.fields if field.message_type is not None]
    return {kind for kind in found if not kind.GetOptions().map_entry}


def of_message(kind: Any, comments: Comments, asked: bool) -> dict[str, Any]:
    """The schema of a message; `asked` if it is a part of requests."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    for field in kind.fields:
        rules = field.GetOptions().Extensions[FIELD]
        properties[field.json_name] = {
            "description": comments.of(f"{kind.name}.{field.name}"),
            **of_field(field, asked),
        }
        if asked and (rules.required or (not field.has_presence and zero_is_refused(rules))):
            required.append(field.json_name)
    schema: dict[str, Any] = {"type": "object", "description": comments.of(kind.name)}
    if required:
        schema["required"] = required
    if properties:
        schema["properties"] = properties
    choices = [choice(oneof) for oneof in kind.oneofs if len(oneof.fields) > 1]
    return schema | (choices[0] if len(choices) == 1 else {"allOf": choices} if choices else {})


def choice(oneof: Any) -> dict[str, Any]:
    """The condition that one field of a group is set; or none, unless one must be."""
    ways: list[dict[str, Any]] = [{"required": [field.json_name]} for field in oneof.fields]
    if oneof.GetOptions().Extensions[ONEOF].required:
        return {"oneOf": ways}
    return {"oneOf": [*ways, {"not": {"anyOf": ways}}]}


def zero_is_refused(rules: Any) -> bool:
    """Return True if a field must be set, since its rules refuse what unset stands for."""
    kind = rules.WhichOneof("type")
    held = {} if kind is None else {rule.name: value for rule, value in getattr(rules, kind).ListFields()}
    least = max([held.get(name, 0) for name in ("min_len", "min_items", "min_pairs", "gte")])
    return least > 0 or 0 in held.get("not_in", ())


def of_field(field: Any, asked: bool) -> dict[str, Any]:
    """The schema of a field."""
    rules = field.GetOptions().Extensions[FIELD]
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        key, value = kind.fields_by_name["key"], kind.fields_by_name["value"]
        names = of_value(key, rules.map.keys, asked)
        schema = {"type": "object", "additionalProperties": of_value(value, rules.map.values, asked)}
        named = {"propertyNames": names} if len(names) > 1 else {}
        return {**schema, **named, **limits(rules.map, {"min_pairs": "minProperties", "max_pairs": "maxProperties"})}
    if field.is_repeated:
        lengths = limits(rules.repeated, {"min_items": "minItems", "max_items": "maxItems"})
        return {"type": "array", "items": of_value(field, rules.repeated.items, asked), **lengths}
    return of_value(field, rules, asked)


def limits(rules: Any, names: dict[str, str]) -> dict[str, Any]:
    return {names[rule.name]: value for rule, value in rules.ListFields() if rule.name in names}


NUMBERS = {"gte": "minimum", "lte": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
LENGTHS = {"min_len": "minLength", "max_len": "maxLength"}


def of_value(field: Any, rules: Any, asked: bool) -> dict[str, Any]:
    """The schema of a value of a field."""
    if field.message_type is not None:
        return {"$ref": f"#/components/schemas/{field.message_type.name}"}
    if field.enum_type is not None:
        refused = [field.enum_type.values_by_number[number].name for number in rules.enum.not_in]
        return {
            "$ref": f"#/components/schemas/{field.enum_type.name}",
            **({"not": {"enum": refused}} if refused else {}),
        }
    return SCALARS[field.type](rules, asked)


def of_bytes(rules: Any, _: bool) -> dict[str, Any]:
    """Base64, whose length follows from the number of bytes; with or without padding."""
    least, most = rules.bytes.min_len, rules.bytes.max_len
    lengths = {"minLength": -(-least * 4 // 3)} if least else {}
    return {
        "type": "string",
        "contentEncoding": "base64",
        **lengths,
        **({"maxLength": -(-most // 3) * 4} if most else {}),
    }


def of_double(rules: Any, _: bool) -> dict[str, Any]:
    number = {"type": "number", **limits(rules.double, NUMBERS)}
    bounded = len(number) > 1 or rules.double.finite
    return number if bounded else {"anyOf": [number, {"enum": ["NaN", "Infinity", "-Infinity"]}]}


def of_long(rules: Any, asked: bool) -> dict[str, Any]:
    """64 bits: text in answers; in requests a number too, of which alone the bounds are checked by a schema."""
    kinds = ["string", "integer"] if asked else "string"
    return {"type": kinds, "format": "int64", "pattern": "^-?[0-9]+$", **limits(rules.int64, NUMBERS)}


SCALARS: dict[int, Callable[[Any, bool], dict[str, Any]]] = {
    FieldDescriptor.TYPE_BOOL: lambda _rules, _asked: {"type": "boolean"},
    FieldDescriptor.TYPE_STRING: lambda rules, _asked: {"type": "string", **limits(rules.string, LENGTHS)},
    FieldDescriptor.TYPE_BYTES: of_bytes,
    FieldDescriptor.TYPE_DOUBLE: of_double,
    FieldDescriptor.TYPE_INT32: lambda rules, _asked: {
        "type": "integer",
        "format": "int32",
        **limits(rules.int32, NUMBERS),
    },
    FieldDescriptor.TYPE_INT64: of_long,
}
"""The schema of a value without parts, by its type."""


def of_enum(enum: Any, comments: Comments) -> dict[str, Any]:
    lines = [f"- {value.name}: {comments.of(f'{enum.name}.{value.name}')}" for value in enum.values]
    return {
        "type": "string",
        "description": "\n".join([comments.of(enum.name), "", *lines]),
        "enum": [value.name for value in enum.values],
    }
