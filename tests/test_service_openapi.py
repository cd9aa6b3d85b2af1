"""The OpenAPI document of the service: valid, whole, and true of requests and answers as JSON has them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

import fuzzing
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from archcalc.service import bounds
from archcalc.service.answering import answers
from archcalc.service.calls import SERVICE, Call
from archcalc.service.faults import Refused
from archcalc.service.questions import CALLS
from archcalc.v1 import archcalc_pb2 as contract

DOCUMENT: dict[str, Any] = json.loads(files("archcalc.v1").joinpath("openapi.json").read_text(encoding="utf-8"))
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=lambda call: call.method)


@cache
def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]})


def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(DOCUMENT).validate()


@each_call
def test_each_call_is_there_as_connect_has_it(call: Call[Any, Any]) -> None:
    operations = DOCUMENT["paths"][call.path]
    asked = {"$ref": f"#/components/schemas/{call.request_class.DESCRIPTOR.name}"}
    answered = {"$ref": f"#/components/schemas/{call.response_class.DESCRIPTOR.name}"}
    post = operations["post"]
    if call.streams:  # no GET, and no JSON text: messages with a prefix each
        assert set(operations) == {"post"}
        assert (
            [*post["requestBody"]["content"]] == [*post["responses"]["200"]["content"]] == ["application/connect+json"]
        )
        assert post["requestBody"]["content"]["application/connect+json"]["schema"]["x-message"] == asked
        assert post["responses"]["200"]["content"]["application/connect+json"]["schema"]["x-message"] == answered
        return
    assert set(operations) == {"get", "post"}
    assert post["requestBody"]["content"]["application/json"]["schema"] == asked
    assert post["responses"]["200"]["content"]["application/json"]["schema"] == answered
    [message] = [each for each in operations["get"]["parameters"] if each.get("name") == "message"]
    assert message["content"]["application/json"]["schema"] == asked
    assert operations["get"]["responses"] == post["responses"]


def test_no_other_call_is_there_and_no_schema_is_unused() -> None:
    assert set(DOCUMENT["paths"]) == {f"/{SERVICE.full_name}/{method}" for method in SERVICE.methods_by_name}
    used = set(json.dumps(DOCUMENT).split('"#/components/schemas/')[1:])
    named = {each.partition('"')[0] for each in used}
    assert set(DOCUMENT["components"]["schemas"]) - named == {"NearestNames"}


@pytest.mark.parametrize("name", [*contract.DESCRIPTOR.message_types_by_name])
def test_everything_has_a_comment(name: str) -> None:
    kind = DOCUMENT["components"]["schemas"][name]
    for each in (kind, *kind.get("properties", {}).values()):
        assert each["description"].endswith((".", "`"))


def written(message: Any) -> Any:
    """A message as JSON, with 64-bit whole numbers as numbers, whose bounds a schema can check."""
    return numbered(json_format.MessageToDict(message), message.DESCRIPTOR)


def numbered(held: Any, kind: Any) -> Any:
    return {name: value_of(value, kind.fields_by_camelcase_name[name]) for name, value in held.items()}


def value_of(value: Any, field: Any) -> Any:
    inner = field.message_type
    if inner is not None and inner.GetOptions().map_entry:
        return {key: value_of(each, inner.fields_by_name["value"]) for key, each in value.items()}
    if isinstance(value, list):
        return [value_of(each, field) for each in value]
    if inner is not None:
        return numbered(value, inner)
    return int(value) if field.type == FieldDescriptor.TYPE_INT64 else value


def test_a_request_fits_its_schema_where_it_is_within_the_bounds_of_the_contract() -> None:
    random = Random(31)  # noqa: S311
    verdicts = {True: 0, False: 0}
    for index in range(3000):
        message = fuzzing.fill(random, random.choice([*CALLS.values()]).request_class(), likely=index % 2 == 0)
        try:
            bounds.check_bounds(message)
            within = True
        except Refused:
            within = False
        fits = schema(message.DESCRIPTOR.name).is_valid(written(message))
        assert fits == within, message
        verdicts[within] += 1
    assert min(verdicts.values()) > 500, verdicts


EVERYDAY: list[tuple[str, dict[str, Any]]] = [
    ("Analyze", {"network": {"name": "vgg16"}}),
    ("Analyze", {"network": {"name": "googlenet", "hyperparameters": {"aux": {"flag": True}}}, "detail": True}),
    ("Analyze", {"network": {"name": "vgg16", "batch": "1000000", "inputs": [{"sizes": [3, 1000000, 1000000]}]}}),
    ("Memory", {"network": {"name": "resnet18", "training": {"optimizer": "OPTIMIZER_ADAM"}}, "device": "t4"}),
    ("Latency", {"network": {"name": "lenet5"}, "device": "i7-12700h"}),
    ("Energy", {"network": {"name": "lenet5"}}),
    ("Describe", {"name": "anynet_a"}),
    ("Describe", {"name": "resnet50"}),
    ("Spaces", {"pageSize": 3}),
    ("CataloguePage", {"pattern": "vgg"}),
    ("Formulas", {"network": {"name": "lenet5"}}),
    ("ExactFormulas", {"network": {"name": "resnet18"}}),
    ("Derive", {"network": {"name": "alexnet"}, "layer": "conv1", "quantity": "params"}),
    ("Scaling", {"network": {"name": "lenet5"}}),
    ("Reconcile", {"network": {"name": "lenet5"}, "tools": ["fvcore"]}),
    ("StageFields", {"networks": [{"name": "resnet18"}, {"name": "unet"}]}),
    ("Explain", {"number": "3.8G", "architecture": "resnet50"}),
    ("Sweep", {"network": {"name": "lenet5"}, "points": [{}]}),
]


@pytest.mark.parametrize(("method", "asked"), EVERYDAY, ids=lambda each: each if isinstance(each, str) else "")
def test_requests_and_answers_fit_their_schemas_as_they_are_written(method: str, asked: dict[str, Any]) -> None:
    call = CALLS[method]
    schema(call.request_class.DESCRIPTOR.name).validate(asked)
    request = json_format.ParseDict(asked, call.request_class())
    for raw in answers(call, request.SerializeToString()):
        answer = json_format.MessageToDict(call.response_class.FromString(raw))
        schema(call.response_class.DESCRIPTOR.name).validate(answer)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("AnalyzeRequest", {}),
        ("AnalyzeRequest", {"network": {}}),
        ("AnalyzeRequest", {"network": {"name": "vgg16", "graph": {}}}),
        ("AnalyzeRequest", {"network": {"name": "vgg16", "batch": 0}}),
        ("AnalyzeRequest", {"network": {"name": "vgg16", "batch": "many"}}),
        ("AnalyzeRequest", {"network": {"name": "vgg16", "dtype": "FLOAT32"}}),
        ("Layer", {"params": 3}),
        ("PlotRequest", {"kind": "profile", "widthMm": 69.9}),
    ],
)
def test_what_is_wrong_does_not_fit(name: str, wrong: dict[str, Any]) -> None:
    assert not schema(name).is_valid(wrong)
