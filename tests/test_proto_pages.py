"""The pages of the service's contract say everything that its descriptors and its proto file say."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archcalc.service.questions import CALLS
from archcalc.v1 import archcalc_pb2 as contract

ROOT = Path(__file__).parent.parent
FILE = contract.DESCRIPTOR


@pytest.fixture(scope="module")
def made() -> Iterator[Any]:
    """The module that makes the pages."""
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import proto_pages

        yield proto_pages
    finally:
        sys.path.remove(str(ROOT / "docs"))


def test_every_call_message_field_and_value_has_its_comment(made: Any) -> None:
    said = made.comments(made.PROTO.read_text(encoding="utf-8"))
    names = [f"ArchcalcService.{method}" for method in CALLS]
    for kind in FILE.message_types_by_name.values():
        names += [f"{kind.name}.{field.name}" for field in kind.fields]
    for kind in FILE.enum_types_by_name.values():
        names += [kind.name, *[f"{kind.name}.{value.name}" for value in kind.values]]
    assert [name for name in names if not said.get(name)] == []


def test_every_type_has_a_place_on_one_page(made: Any) -> None:
    pages = [re.findall(r"^## (\w+)$", page, flags=re.MULTILINE) for page in made.pages().values()]
    own = {kind.name for call in made.SERVICE.methods for kind in (call.input_type, call.output_type)}
    kinds = {*FILE.message_types_by_name, *FILE.enum_types_by_name}
    assert sorted([place for places in pages for place in places]) == sorted([*CALLS, *(kinds - own)])
    assert all([len({place.lower() for place in places}) == len(places) for places in pages]), (
        "links go by small letters"
    )


def test_every_rule_of_a_field_is_said(made: Any) -> None:
    network = FILE.message_types_by_name["Network"].fields_by_name
    assert made.bounds_of(network["batch"]) == ["may be unset", "1 to 1,000,000"]
    assert made.bounds_of(network["hyperparameters"]) == ["at most 100 entries", "a key at most 200 characters"]
    assert made.bounds_of(FILE.message_types_by_name["GraphInput"].fields_by_name["shape"]) == ["required"]
    sizes = FILE.message_types_by_name["Shape"].fields_by_name["sizes"]
    assert made.bounds_of(sizes) == ["1 to 8 items", "each 1 to 1,000,000"]
    for kind in FILE.message_types_by_name.values():
        for field in kind.fields:
            rules = field.GetOptions().Extensions[made.RULES]
            held = {rule.name for rule, _ in rules.ListFields()}
            only_defined = rules.WhichOneof("type") == "enum" and not rules.enum.not_in
            assert bool(held) == bool(set(made.bounds_of(field)) - {"may be unset"}) or only_defined, field.full_name
