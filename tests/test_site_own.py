"""The page for a reader's own network: its examples, its reference, and files that fix their sizes."""

import json
import re

import pytest
from onnx_models import model, node, weight

from archcalc import ArchcalcError, Network, Request, analyze
from archcalc.algebra.programs import Tape
from archcalc.importers.layer_list import OWN
from archcalc.importers.layer_words import SPELLINGS, find_op, known_words, read_op
from archcalc.site.engine import answer
from archcalc.site.network_page import TOTALS, network_page, on_tape
from archcalc.site.own_page import KEYS, example_page, examples, own_page

EXAMPLES = {each["key"]: each for each in examples()}
WORDS = {each["word"]: each for each in own_page()["words"]}
WIDTHS = {"width": 8}


def asked(text, **given):
    said = json.loads(
        answer(json.dumps({"question": "network", "given": {"file": {"name": "mine.toml", "text": text}, **given}}))
    )
    return said.get("result") or said["error"]


def number(ref, values):
    return values[ref[0]] if isinstance(ref, list) else int(ref)


def values_of(page):
    """The numbers of a page's tape at its own variables."""
    tape = page["tape"]
    numbers = [value for _, value in tape["variables"]] + [int(each) for each in tape["constants"]]
    signs = {
        "+": int.__add__,
        "-": int.__sub__,
        "*": int.__mul__,
        "/": int.__floordiv__,
        "<": min,
        ">": max,
    }
    for place, sign in enumerate(tape["signs"]):
        a, b = tape["operands"][2 * place : 2 * place + 2]
        numbers.append(signs[sign](numbers[a], numbers[b]))
    return numbers


@pytest.mark.parametrize("key", EXAMPLES)
def test_an_example_has_the_numbers_of_its_analysis(key):
    page = example_page(key)
    values = values_of(page)
    truth = analyze(Network.from_layers(EXAMPLES[key]["text"], key))
    rows = page["levels"]["layer"]
    assert [row["name"] for row in rows] == [layer.name for layer in truth.layers]
    for row, layer in zip(rows, truth.layers, strict=True):
        assert tuple(number(ref, values) for ref in row["shape"]) == layer.output_shape
        assert number(row["params"], values) == layer.params
        assert number(row["mult_adds"], values) == layer.mult_adds
    for total in TOTALS:
        if total in page["totals"]:
            assert number(page["totals"][total], values) == truth.totals[total], total


@pytest.mark.parametrize("key", EXAMPLES)
def test_an_example_typed_into_the_page_is_the_example(key):
    assert asked(EXAMPLES[key]["text"]) == json.loads(json.dumps(example_page(key)))


@pytest.mark.parametrize("key", EXAMPLES)
def test_an_example_says_what_it_is_and_fits_into_the_editor(key):
    text = EXAMPLES[key]["text"]
    assert re.fullmatch(r"# [A-Z0-9].*\.", text.partition("\n")[0])
    assert len(text.splitlines()) <= 40
    assert max(map(len, text.splitlines())) <= 80


def test_examples_are_live_in_their_hyperparameters():
    page = asked(EXAMPLES["residual_blocks"]["text"], settings={"depth": 5, "width": 8})
    truth = analyze(Network.from_layers(EXAMPLES["residual_blocks"]["text"], "x"), depth=5, width=8)
    assert number(page["totals"]["mult_adds"], values_of(page)) == truth.totals.mult_adds


def test_the_reference_has_every_word_and_spelling():
    assert set(WORDS) == {*known_words(), "depthwise"}
    assert {other: word["word"] for word in WORDS.values() for other in word["spellings"]} == SPELLINGS
    assert all(word["meaning"].endswith(".") and "\n" not in word["meaning"] for word in WORDS.values())


def test_the_reference_has_every_key_of_a_file():
    assert set(KEYS) == set(OWN)


@pytest.mark.parametrize("word", WORDS)
def test_what_the_reference_says_of_a_field_is_read(word):
    op, _ = find_op(word)
    before = []
    for field in WORDS[word]["fields"]:
        name = field["name"]
        for text in field["examples"]:
            read = read_op(word, [*before, text])
            value = text.removeprefix(f"{name}=").removeprefix(field["sign"])
            by_name = read_op(word, [*before, f"{name}={value}"])
            if word == "depthwise" and name == "times":
                assert read.times == by_name.times
                assert read.times.size(WIDTHS) in (64, 16)
            else:
                assert list(read.fields)[-1] == name
                assert set(read.names) <= {"width"}
                assert read.fields[name].read(WIDTHS) == by_name.fields[name].read(WIDTHS)
        if field["switch"]:
            for text, value in ((name, True), (f"no{name}", False)):
                assert read_op(word, [text]).fields[name].read({}) is value
            assert field["default"] == ("set" if vars(op)[name] else "not set")
        elif not field["named"]:
            before.append(field["examples"][0])
    with pytest.raises(ArchcalcError, match="has no 'colour'"):
        read_op(word, ["colour=3"])


def test_the_limits_of_the_reference_are_those_of_the_reader():
    scope = {"width": 1}
    assert "10,000,000" in next(f["meaning"] for f in WORDS["conv"]["fields"] if f["name"] == "out")
    assert read_op("linear", ["10000000"]).fields["out"].read(scope) == 10_000_000
    with pytest.raises(ArchcalcError, match="up to 10000000"):
        read_op("linear", ["10000001"]).fields["out"].read(scope)
    assert "100,000" in next(f["meaning"] for f in WORDS["channelshuffle"]["fields"])
    with pytest.raises(ArchcalcError, match="larger than 100000"):
        read_op("channelshuffle", ["100001"]).fields["groups"].read(scope)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'input="3x32x32"\nn=99999\nlayers="""\nb * n\n"""\n[blocks.b]\nlayers="""\nconv 3 3x3 p1, relu\n"""',
            "20,000",
        ),
        ("a=" + "[" * 1500, "too deep"),
        ("a=1\n" * 2, "at line 2"),
        ('input="3x32x32"\nlayers="""\nconv 99999999999 3x3\n"""', "line 3: '99999999999' is 99999999999"),
        ('input="3x32x32"\nlayers="""\n<b>x</b>: relu\n"""', "line 3: no line before it"),
        ("\x00", "not TOML"),
        ("x", "Expected '=' after a key in a key/value pair (at end of document)"),
    ],
)
def test_a_text_that_attacks_is_answered_with_a_sentence(text, said):
    error = asked(text)
    assert said in error["message"]
    assert "\n" not in error["message"]
    assert len(error["message"]) < 400


def fixed_sizes(height, width):
    nodes = [node("Conv", "x w", "y", kernel_shape=[3, 3]), node("GlobalAveragePool", "y", "z")]
    return model(nodes, {"x": (1, 3, height, width)}, {"z": ()}, [weight("w", 8, 3, 3, 3)])


@pytest.mark.parametrize(("sizes", "free"), [((32, 32), set()), (("h", "w"), {"H", "W"}), ((32, "w"), {"W"})])
def test_sizes_that_a_file_fixes_are_no_variables(sizes, free):
    network = Network.from_onnx(fixed_sizes(*sizes), "mine")
    page = network_page(network)
    assert {"H", "W"} & set(page["variables"]) == free
    ranges, _ = on_tape(Request.of(network), Tape())
    assert set(ranges) == set(page["variables"])
    shape = analyze(network).layers[0].output_shape
    assert tuple(number(ref, values_of(page)) for ref in page["levels"]["layer"][0]["shape"]) == shape
