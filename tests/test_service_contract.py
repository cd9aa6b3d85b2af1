"""The contract: its style, its generated code, and that it has a place for all that archcalc answers."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Iterator
from inspect import unwrap
from pathlib import Path
from typing import Any

import generate
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import FieldDescriptor
from patience import HANGS
from service import called

import archcalc
from archcalc.service import messages
from archcalc.service.answers import OnePage, Pages
from archcalc.service.async_client import AsyncClient
from archcalc.service.calls import SERVICE, Call
from archcalc.service.client import Client
from archcalc.service.messages.fields import BEYOND, Record, Word
from archcalc.service.questions import BY_FUNCTION, CALLS
from archcalc.v1 import archcalc_pb2 as contract

ROOT = Path(__file__).parent.parent
BUF = ROOT / "tests" / "node" / "node_modules" / ".bin" / "buf"
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=lambda call: call.method)


def test_the_generated_code_is_what_the_contract_generates(tmp_path: Path) -> None:
    generate.generate(tmp_path)
    for file in generate.GENERATED:
        assert (tmp_path / file).read_text() == (ROOT / file).read_text(), f"{file}: run tests/generate.py"


@pytest.mark.skipif(not BUF.exists() or shutil.which("node") is None, reason="npm install --prefix tests/node")
@pytest.mark.parametrize("check", [("lint",), ("breaking", "--against", "proto/released.binpb")], ids=lambda c: c[0])
def test_the_contract_follows_the_style_guide_and_breaks_no_released_one(check: tuple[str, ...]) -> None:
    command = [str(BUF), check[0], "proto", *check[1:]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=HANGS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(not BUF.exists() or shutil.which("node") is None, reason="npm install --prefix tests/node")
@pytest.mark.parametrize(
    ("before", "after"),
    [("int64 params = 6;", "int32 params = 6;"), ("rpc Resolve(", "rpc Settle("), ("DTYPE_INT8 = 5", "DTYPE_INT8 = 6")],
)
def test_a_change_that_breaks_clients_is_found(tmp_path: Path, before: str, after: str) -> None:
    shutil.copytree(ROOT / "proto", tmp_path / "proto")
    contract = tmp_path / "proto" / "archcalc" / "v1" / "archcalc.proto"
    text = contract.read_text(encoding="utf-8")
    assert before in text
    contract.write_text(text.replace(before, after), encoding="utf-8")
    command = [str(BUF), "breaking", "proto", "--against", str(ROOT / "proto" / "released.binpb")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=HANGS)
    assert done.returncode == 100, done.stderr
    assert "archcalc.proto" in done.stdout


@pytest.mark.skipif(not BUF.exists() or shutil.which("node") is None, reason="npm install --prefix tests/node")
def test_what_is_added_breaks_no_client(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "proto", tmp_path / "proto")
    contract = tmp_path / "proto" / "archcalc" / "v1" / "archcalc.proto"
    text = contract.read_text(encoding="utf-8")
    for before, after in (
        ("  DTYPE_INT8 = 5;\n", "  // Half a byte.\n  DTYPE_INT4 = 6;\n"),
        ("  // Its own input.\n  Shape input = 2;\n", "  // New.\n  bool new = 3;\n"),
    ):
        assert text.count(before) == 1
        text = text.replace(before, before + after)
    contract.write_text(text, encoding="utf-8")
    command = [str(BUF), "breaking", "proto", "--against", str(ROOT / "proto" / "released.binpb")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=HANGS)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


# --- Bounds of the released contract.

LEAST = ("min_len", "min_items", "min_pairs", "gte", "gt")
MOST = ("max_len", "max_items", "max_pairs", "lte", "lt")


def released() -> Any:
    """The contract as it was released, with the options of its fields."""
    held = descriptor_pb2.FileDescriptorSet.FromString((ROOT / "proto" / "released.binpb").read_bytes())
    [file] = [each for each in held.file if each.name == generate.CONTRACT]
    return file


def rules(options: Any) -> Any:
    return options.Extensions[descriptor_pool.Default().FindExtensionByName("buf.validate.field")]


def narrowed(before: Any, after: Any) -> Iterator[str]:
    """The rules of a field that refuse more than they did: FieldRules, or those of a kind of value."""
    held = {rule.name: value for rule, value in before.ListFields()}
    for rule, value in after.ListFields():
        name = rule.name
        if rule.message_type is not None:
            yield from narrowed(getattr(before, name), value)
        elif name in LEAST:
            if value > held.get(name, 0 if name.startswith("min_") else float("-inf")):
                yield name
        elif name in MOST:
            if value < held.get(name, float("inf")):
                yield name
        elif held.get(name) != value:
            yield name


def test_no_bound_of_the_released_contract_is_narrowed() -> None:
    ruled = 0
    for message in released().message_type:
        now = contract.DESCRIPTOR.message_types_by_name[message.name].fields_by_name
        for field in message.field:
            before, after = rules(field.options), rules(now[field.name].GetOptions())
            assert not [*narrowed(before, after)], f"{message.name}.{field.name}"
            ruled += before.ByteSize() > 0
    assert ruled > 150


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"int64": {"lte": 9}}, {"int64": {"lte": 8}}, ["lte"]),
        ({"int64": {"lte": 9}}, {"int64": {"lte": 10}}, []),
        ({"int64": {"gte": 1}}, {"int64": {"gte": 2}}, ["gte"]),
        ({"string": {"max_len": 9}}, {}, []),
        ({}, {"string": {"max_len": 9}}, ["max_len"]),
        ({}, {"required": True}, ["required"]),
        ({"repeated": {"items": {"int64": {"lte": 9}}}}, {"repeated": {"items": {"int64": {"lte": 8}}}}, ["lte"]),
        ({}, {"string": {"min_len": 1}}, ["min_len"]),
    ],
)  # fmt: skip
def test_a_bound_that_is_narrowed_is_found(before: Any, after: Any, said: list[str]) -> None:
    kind = type(rules(contract.Network.DESCRIPTOR.fields_by_name["name"].GetOptions()))
    assert [*narrowed(kind(**before), kind(**after))] == said


def test_every_call_of_the_contract_is_there_and_no_other() -> None:
    assert set(CALLS) == set(SERVICE.methods_by_name)


def questions() -> Iterator[Any]:
    """Every function that is marked as a question."""
    apart = ("archcalc.v1", "archcalc.cli", "archcalc.service", "archcalc.zoo", "archcalc.__main__")
    found = [each.name for each in pkgutil.walk_packages(archcalc.__path__, "archcalc.")]
    for module in [importlib.import_module(name) for name in found if not name.startswith(apart)]:
        for name, each in vars(module).items():
            if getattr(each, "is_question", False) and each.__module__ == module.__name__:
                yield pytest.param(each, id=f"{module.__name__}.{name}")


@pytest.mark.parametrize("function", list(questions()))
def test_every_question_has_a_call_of_its_name_and_a_method_of_both_clients(function: Any) -> None:
    call = BY_FUNCTION[unwrap(function)]
    assert call.function is function
    assert call.method == "".join(part.capitalize() for part in called(function).split("_"))
    for client in (Client, AsyncClient):
        assert getattr(client, called(function)) is call


def test_no_call_is_there_without_a_question() -> None:
    assert {unwrap(question.values[0]) for question in questions()} == set(BY_FUNCTION)


PAGING = {"page_size", "page_token"}


@each_call
def test_a_request_has_a_field_for_every_argument_and_no_other(call: Call[..., Any]) -> None:
    renamed = {field: name for name, field in call.renamed.items()}
    fields = {renamed.get(field.name, field.name) for field in call.descriptor.input_type.fields}
    parameters = {name for name, each in call.parameters.items() if each.kind is not each.VAR_KEYWORD}
    beside = (
        PAGING if isinstance(call.answer, Pages) else {*PAGING, "skip"} if isinstance(call.answer, OnePage) else set()
    )
    of_pages = {"first", "size"} if isinstance(call.answer, OnePage) else set()
    assert fields == set(call.arguments) | beside
    assert parameters == set(call.arguments) | set(call.unsent) | of_pages


@each_call
def test_a_call_that_takes_hyperparameters_takes_a_network(call: Call[..., Any]) -> None:
    """In the request of each network; the request has no batch, dtype or input of its own."""
    open_ended = any(each.kind is each.VAR_KEYWORD for each in call.parameters.values())
    assert not open_ended or {"network", "networks"} & set(call.arguments)


@each_call
def test_no_call_changes_anything(call: Call[..., Any]) -> None:
    assert call.descriptor.GetOptions().idempotency_level == descriptor_pb2.MethodOptions.NO_SIDE_EFFECTS


def records() -> Iterator[Any]:
    """Every result that travels, with the message of the same fields."""
    for each in pkgutil.iter_modules(messages.__path__):
        module = importlib.import_module(f"{messages.__name__}.{each.name}")
        for name, record in vars(module).items():
            if isinstance(record, Record):
                yield pytest.param(record, id=f"{each.name}.{name}")


@pytest.mark.parametrize("record", list(records()))
def test_a_message_has_the_fields_of_its_result(record: Record) -> None:
    """By the same names: each record is the message of one result, and no message has a field that is not written."""
    paging = {"total_size", "next_page_token"}
    fitting = [
        message.name
        for message in contract.DESCRIPTOR.message_types_by_name.values()
        if {field.name for field in message.fields} - {BEYOND} in (record.names, record.names | paging)
    ]
    assert fitting, record.kind


def test_every_message_is_that_of_a_result_or_is_written_by_name() -> None:
    """A message that nothing fills would be a promise that nobody keeps."""
    reached: set[str] = set()
    for call in CALLS.values():
        reach(call.descriptor.input_type, reached)
        reach(call.descriptor.output_type, reached)
    assert reached | {"NearestNames"} == set(contract.DESCRIPTOR.message_types_by_name)


def reach(message: Any, reached: set[str]) -> None:
    if message.name in reached or message.GetOptions().map_entry:
        for field in message.fields if message.GetOptions().map_entry else ():
            if field.message_type is not None:
                reach(field.message_type, reached)
        return
    reached.add(message.name)
    for field in message.fields:
        if field.message_type is not None:
            reach(field.message_type, reached)


@pytest.mark.parametrize("enum", contract.DESCRIPTOR.enum_types_by_name.values(), ids=lambda enum: enum.name)
def test_an_enum_has_a_word_for_each_value(enum: Any) -> None:
    """The words of the code and the values of the contract are the same, so that neither can be forgotten."""
    written = {
        number
        for module in word_modules()
        for field in vars(module).values()
        if isinstance(field, Word) and field.enum is enum
        for number in field.numbers.values()
    }
    assert written == {value.number for value in enum.values} - {0}


def word_modules() -> Iterator[Any]:
    yield importlib.import_module("archcalc.service.questions")
    for each in pkgutil.iter_modules(messages.__path__):
        yield importlib.import_module(f"{messages.__name__}.{each.name}")


NEVER_MORE = ("Located",)
"""Messages whose counts are of networks as their sources have them."""


def test_counts_have_64_bits_and_what_may_exceed_them_has_a_place() -> None:
    """No count is in an int32 or a double; a message of counts has a field for larger ones."""
    counts = {"params", "mult_adds", "activations", "buffers", "parameter_bytes"}
    for message in contract.DESCRIPTOR.message_types_by_name.values():
        fields = [field for field in message.fields if field.name in counts and field.message_type is None]
        assert all(field.type == FieldDescriptor.TYPE_INT64 for field in fields), message.name
        if fields and message.name not in NEVER_MORE:
            assert BEYOND in message.fields_by_name, message.name


def test_importing_archcalc_imports_no_grpc_and_the_client_is_there() -> None:
    code = "import sys, archcalc; assert not {'grpc', 'google.protobuf'} & set(sys.modules); archcalc.Client"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=HANGS)
