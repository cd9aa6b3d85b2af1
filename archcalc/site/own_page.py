"""The data of the page for a reader's own network: examples to begin with, and the words of a layer list.

The words come from the ops and from the reader of layer lists themselves, so that the page's reference has what is read
and nothing else.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, NamedTuple

from archcalc.graph import Network, Op
from archcalc.importers.described import LARGEST, LARGEST_SIDE
from archcalc.importers.layer_words import DEPTHWISE, SHORT, SIDES, SPELLINGS, find_op, inputs_of, known_words
from archcalc.importers.naming import SUFFIXES
from archcalc.site.network_page import network_page


class FieldKind(NamedTuple):
    """What a field of a type may be, in words, and texts that are read as such."""

    meaning: str
    examples: tuple[str, ...]


KINDS = {
    "int": FieldKind(f"a whole number up to {LARGEST_SIDE:,}", ("3", "width")),
    "Dim": FieldKind(f"a whole number up to {LARGEST:,}", ("64", "2*width")),
    "Dim | None": FieldKind(f"a whole number up to {LARGEST:,}, or left out", ("64", "2*width")),
    "float": FieldKind("a number", ("0.5", "width/4")),
    "bool": FieldKind("a switch: its name sets it, with no before it clears it", ()),
    "PerAxis": FieldKind("a whole number, or one for each axis joined by x", ("3", "3x5")),
    "Padding": FieldKind(
        "a whole number, or one for each axis joined by x; before:after where they differ; same; valid",
        ("1", "1x2", "0:1x0:1", "same"),
    ),
    "Dim | tuple[Dim, Dim]": FieldKind("a whole number, or one for each axis joined by x", ("7", "4x7")),
    "tuple[int, ...]": FieldKind("whole numbers joined by x", ("0", "1x0")),
    "tuple[Dim, ...]": FieldKind("whole numbers joined by x", ("64", "64x64")),
    "str": FieldKind("a word", ("mean",)),
}
"""The types of fields; a field of one of some words has these instead."""
KEYS = {
    "name": "the name of the network",
    "summary": "what it is, in one sentence",
    "input": 'its input, channels first: "3x32x32", "64x1000" for a sequence, "784" for a vector; several by names, '
    '{image = "3x32x32", mask = "1x32x32"}',
    "layers": "a line for each layer, as a text of lines or a list of them",
    "outputs": 'labels of lines, such as "fc, aux", where there are several outputs; otherwise the last line',
    "blocks": "[blocks.NAME]: a part of the network, with layers of its own; other keys are parameters with defaults",
}
"""The keys of a layer list; every other with a number, true or false is a hyperparameter."""


DEPTHWISE_MEANING = "A group for each channel of the input, `times` outputs for each channel."
FIRST = "convolutional_network"
"""The example that the page begins with."""


def own_page() -> dict[str, Any]:
    """The data of the page beside the cost tables, for JSON: examples with their text, keys, words and limits.

    >>> page = own_page()
    >>> page["examples"][0]["key"], [word["word"] for word in page["words"] if "fc" in word["spellings"]]
    ('convolutional_network', ['linear'])
    """
    return {
        "examples": examples(),
        "keys": [{"name": name, "meaning": meaning} for name, meaning in KEYS.items()],
        "words": words(),
        "suffixes": dict(SUFFIXES),
    }


def examples() -> list[dict[str, str]]:
    """The examples, the simplest first: key, title, text, and the sentence that its first line says."""
    found = [each for each in files("archcalc.site").joinpath("examples").iterdir() if each.name.endswith(".toml")]
    texts = {each.name.removesuffix(".toml"): each.read_text("utf-8") for each in found}
    order = sorted(texts, key=lambda key: ("[blocks" in texts[key], len(texts[key])))
    order.remove(FIRST)
    return [
        {"key": key, "title": key.replace("_", " "), "summary": _summary(texts[key]), "text": texts[key]}
        for key in [FIRST, *order]
    ]


def example_page(key: str) -> dict[str, Any]:
    """The data of an example's cost table, as the engine in the browser makes them of its text.

    >>> example_page("convolutional_network")["totals"]["weight_layers"]
    5
    """
    text = next(each["text"] for each in examples() if each["key"] == key)
    return network_page(Network.from_layers(text, key))


def words() -> list[dict[str, Any]]:
    """The words of a layer list by topic: the other spellings, inputs, fields and the meaning of each."""
    known = [*known_words(), DEPTHWISE]
    found = [_word(word) for word in known]
    order = {topic: place for place, topic in enumerate(_TOPICS)}
    return sorted(found, key=lambda each: (order.get(each["topic"], len(order)), each["word"]))


_TOPICS = ("conv", "pool", "linear", "norm", "pointwise", "combine", "layout", "products", "attention", "recurrent")
"""The files of ops, those first that most networks use."""


def _word(word: str) -> dict[str, Any]:
    found = find_op(word)
    if found is None:
        raise ValueError(f"{word} is no word of a layer list")
    op = found[0]
    topic = sys.modules[op.__module__]
    inputs = inputs_of(op)
    meaning = _sentence(op.__doc__ or "")
    return {
        "word": word,
        "spellings": [other for other, plain in SPELLINGS.items() if plain == word],
        "topic": op.__module__.rpartition(".")[2],
        "about": _sentence(topic.__doc__ or ""),
        "inputs": "two or more" if inputs is None else str(inputs),
        "fields": list(_fields(op, word == DEPTHWISE)),
        "meaning": f"{DEPTHWISE_MEANING} {meaning}" if word == DEPTHWISE else meaning,
    }


def _fields(op: type[Op], depthwise: bool) -> Iterator[dict[str, Any]]:
    """The fields of a word in the order in which a line gives them."""
    signs = {name: sign for sign, name in SHORT.items()}
    for name in op.fields:
        if depthwise and name in ("out", "groups"):
            continue
        options = re.findall(r"""["'](\w+)["']""", op.__annotations__[name])
        kind = FieldKind(", ".join(options), tuple(options)) if options else KINDS[op.__annotations__[name]]
        several = inputs_of(op) != 1  # then a word without a name is the label of an input
        named = set(op.fields) >= SIDES or (several and op.__annotations__[name] == "str")
        sign = signs.get(name, "")
        yield {
            "name": name,
            "meaning": kind.meaning,
            "examples": [
                _written(name, sign, text, named=named or (several and text[0].isalpha())) for text in kind.examples
            ],
            "sign": sign,
            "default": _default(op, name),
            "needed": name not in vars(op),
            "switch": op.__annotations__[name] == "bool",
            "named": named,
        }
    if depthwise:
        examples = [f"times={text}" for text in KINDS["Dim"].examples]
        times = {"name": "times", "meaning": KINDS["Dim"].meaning, "examples": examples, "sign": "", "default": "1"}
        yield times | {"needed": False, "switch": False, "named": True}


def _written(name: str, sign: str, text: str, *, named: bool) -> str:
    """A value as a line writes it: with its sign, with the name of its field, or alone in its place."""
    if text in ("same", "valid"):
        return text
    if sign == "/" or (sign and re.fullmatch(r"\d[\dx:]*", text)):
        return sign + text
    return f"{name}={text}" if sign or named else text


def _default(op: type[Op], name: str) -> str:
    """The value of a field that a line leaves out; a pool's stride is its kernel then."""
    if name not in vars(op):
        return "the kernel" if name == "stride" and "kernel" in op.fields else ""
    value = vars(op)[name]
    return {True: "set", False: "not set", None: "left out"}[value] if isinstance(value, bool | None) else str(value)


def _summary(text: str) -> str:
    """What the first line of an example says."""
    return text.partition("\n")[0].lstrip("# ")


def _sentence(text: str) -> str:
    """The first line of a docstring, and what continues its sentence."""
    first = " ".join(text.strip().partition("\n\n")[0].split())
    line = " ".join(text.strip().partition("\n")[0].split())
    if line.endswith("."):
        return line
    end = re.search(r"\.(?=\s|$)", first[len(line) :])
    return first if end is None else first[: len(line) + end.end()]
