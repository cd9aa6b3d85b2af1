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
from typing import Any, get_args, get_type_hints

import generate
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from patience import HANGS

import archcalc
from archcalc.forms.results import Formula
from archcalc.service import requests
from archcalc.service.async_client import AsyncClient
from archcalc.service.calls import BY_QUESTION, CALLS, SERVICE, Call
from archcalc.service.client import Client
from archcalc.service.convert import BEYOND
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
    [("int64 params = 6;", "int32 params = 6;"), ("rpc Resolve", "rpc Settle"), ("DTYPE_INT8 = 5", "DTYPE_INT8 = 6")],
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


def test_every_call_of_the_contract_is_there_and_no_other() -> None:
    assert set(CALLS) == set(SERVICE.methods_by_name)


def questions() -> Iterator[Any]:
    """Every function of the door that is marked as a question."""
    apart = ("archcalc.v1", "archcalc.cli", "archcalc.service", "archcalc.zoo", "archcalc.__main__")
    found = [each.name for each in pkgutil.walk_packages(archcalc.__path__, "archcalc.")]
    for module in [importlib.import_module(name) for name in found if not name.startswith(apart)]:
        for name, each in vars(module).items():
            if getattr(each, "is_question", False) and each.__module__ == module.__name__:
                yield pytest.param(each, id=f"{module.__name__}.{name}")


@pytest.mark.parametrize("asked", list(questions()))
def test_every_question_of_the_door_has_a_call_and_a_method_of_both_clients(asked: Any) -> None:
    assert unwrap(asked) in BY_QUESTION
    for client in (Client, AsyncClient):
        assert getattr(client, asked.__name__).asked is asked


@each_call
def test_every_field_of_a_request_is_an_argument_or_what_the_call_has_beside_it(call: Call) -> None:
    beside = {"page_size", "page_token", "view"}
    fields = {field.name for _, _, field in requests.places(call.new_request())}
    parameters = requests.parameters(call.asked)
    open_ended = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    known = {name for name, each in parameters.items() if each.kind is not each.VAR_KEYWORD} - set(call.unsent)
    passed = {requests.OWN, *requests.PASSED} if open_ended or call.method == "Resolve" else {requests.OWN}
    assert fields - known - passed <= beside
    assert known - fields <= {"first", "size", "detail"}


@each_call
def test_a_response_has_a_field_for_everything_in_the_result(call: Call) -> None:
    hint = get_type_hints(unwrap(call.asked))["return"]
    output = call.descriptor.output_type
    if not call.field:
        compare(output, hint, {"next_page_token"})
    elif call.field in output.oneofs_by_name:
        for field, kind in zip(output.oneofs_by_name[call.field].fields, get_args(hint), strict=True):
            compare(field.message_type, kind, set())
    else:
        follow(output.fields_by_name[call.field], hint, set())


def compare(message: Descriptor, kind: Any, beside: set[str], seen: set[str] | None = None) -> None:
    """A message has the fields of the result that it stands for, and their parts have too."""
    seen = set() if seen is None else seen
    if message.full_name in seen:
        return
    seen.add(message.full_name)
    hints = {name: hint for name, hint in get_type_hints(kind).items() if name in members(kind)}
    assert {field.name for field in message.fields} - beside - {BEYOND} == set(hints), message.name
    for name, hint in hints.items():
        follow(message.fields_by_name[name], hint, seen)


def members(kind: Any) -> tuple[str, ...]:
    return getattr(kind, "_fields", None) or tuple(getattr(kind, "__dataclass_fields__", ()))


def follow(field: FieldDescriptor, hint: Any, seen: set[str]) -> None:
    """The results in an annotation have a message each: the field's, or one within (a list, an entry, a choice)."""
    for kind in results(hint):
        found = next((each for each in within(field.message_type, 2) if stands_for(each, kind)), None)
        assert found is not None, f"{field.full_name} has no message for {kind.__name__}"
        compare(found, kind, set(), seen)


def results(hint: Any) -> Iterator[Any]:
    if members(hint) and hint is not Formula:
        yield hint
    else:
        for part in get_args(hint):
            yield from results(part)


def within(message: Descriptor, depth: int) -> Iterator[Descriptor]:
    yield message
    for field in message.fields if depth else ():
        if field.message_type is not None:
            yield from within(field.message_type, depth - 1)


def stands_for(message: Descriptor, kind: Any) -> bool:
    return {field.name for field in message.fields} - {BEYOND} == set(members(kind))


NEVER_MORE = ("Located",)
"""Messages whose counts are of networks as their sources have them."""


def test_counts_have_64_bits_and_what_may_exceed_them_has_a_place() -> None:
    """No count is in an int32 or a double; a message of counts has a field for larger ones."""
    counts = {"params", "mult_adds", "activations", "buffers", "parameter_bytes"}
    for message in contract.DESCRIPTOR.message_types_by_name.values():
        fields = [field for field in message.fields if field.name in counts and field.message_type is None]
        if message.name == "Ratios":
            continue
        assert all(field.type == FieldDescriptor.TYPE_INT64 for field in fields), message.name
        if fields and message.name not in NEVER_MORE:
            assert BEYOND in message.fields_by_name, message.name


def test_importing_archcalc_imports_no_grpc_and_the_client_is_there() -> None:
    code = "import sys, archcalc; assert not {'grpc', 'google.protobuf'} & set(sys.modules); archcalc.Client"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=HANGS)
