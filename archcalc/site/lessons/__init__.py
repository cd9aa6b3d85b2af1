"""Lessons: worked examples of the lecture documents as sheets of questions, and variants of them by a seed.

Seed 0 is the example as the documents print it. Another seed changes kernels, strides, paddings, channels and sizes,
the same on every machine, so that each in a class has an own sheet. Answers come from `archcalc why`, with what it
derives; hints from the same, of the network that a mistaken reader has in mind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import unknown
from archcalc.catalogue.descriptions import DOCUMENTS
from archcalc.derivations.derive import derive
from archcalc.evidence.audit import judge
from archcalc.evidence.claims import claim, document_lines
from archcalc.present.derivation_blocks import derivation_blocks
from archcalc.site.lessons import (
    batch_norm,
    bottleneck,
    conv1,
    dense,
    fields,
    grouped,
    inception,
    pooling,
    separable,
    squeeze_excite,
    stacked,
    vgg,
    windows,
)
from archcalc.site.lessons.sheet import (
    Blank,
    Draw,
    LessonSheet,
    LessonTable,
    Problem,
    Quotient,
    SourceLine,
    plain,
    volume,
)

PREPARED = 12
"""Seeds 1 to this one are written with the site, so that they need no engine."""
LARGEST_SEED = 999_999


class Lesson(NamedTuple):
    """A lesson: its title, a sentence on it, and the function that makes its sheet for a draw, or as documented."""

    title: str
    summary: str
    make: Callable[[Draw | None], LessonSheet]


LESSONS: Mapping[str, Lesson] = {
    "conv1": Lesson(
        "A first convolution",
        "Output, parameters and mult-adds of AlexNet's first layer, and of the pool after it.",
        conv1.sheet,
    ),
    "stacked": Lesson(
        "Three 3x3 against one 7x7",
        "Why small kernels: the same receptive field with fewer weights.",
        stacked.sheet,
    ),
    "fields": Lesson(
        "Receptive fields grow",
        "What an output sees of the image, after kernels and strides.",
        fields.sheet,
    ),
    "vgg": Lesson(
        "The memory of VGG",
        "A slide's table of values and parameters, and its total.",
        vgg.sheet,
    ),
    "inception": Lesson(
        "Inception's 1x1 convolutions",
        "The mult-adds of an inception module without and with reductions.",
        inception.sheet,
    ),
    "bottleneck": Lesson(
        "ResNet's bottleneck",
        "Three convolutions that cost less than two.",
        bottleneck.sheet,
    ),
    "separable": Lesson(
        "Depthwise separable convolution",
        "MobileNet's two steps in place of one convolution.",
        separable.sheet,
    ),
    "grouped": Lesson(
        "Grouped convolution",
        "AlexNet on two GPUs: filters that see a part of the channels.",
        grouped.sheet,
    ),
    "pooling": Lesson(
        "Global average pooling",
        "Means of channels instead of a linear layer on the whole map.",
        pooling.sheet,
    ),
    "batch_norm": Lesson(
        "Batch normalisation",
        "What it learns, what it stores, and the bias that it replaces.",
        batch_norm.sheet,
    ),
    "dense": Lesson(
        "DenseNet's growth",
        "Channels and weights of a block in which each layer reads all before it.",
        dense.sheet,
    ),
    "squeeze_excite": Lesson(
        "Squeeze-and-excitation",
        "Weights for channels, from a small network on their means.",
        squeeze_excite.sheet,
    ),
    "windows": Lesson(
        "Attention in windows",
        "Swin's attention against attention over the whole map.",
        windows.sheet,
    ),
}
"""All lessons by name, in the order of the list."""


def lesson(name: str, seed: int = 0) -> dict[str, Any]:
    """The sheet of a lesson with its answers, for JSON; seed 0 is the documented example.

    Raises ArchcalcError for an unknown lesson, or a seed that is no number from 0 to 999999.

    >>> sheet = lesson("conv1")
    >>> [(each["key"], each["answer"]) for each in sheet["questions"]][:3]
    [('height', 55), ('shape', [96, 55, 55]), ('params', 34944)]
    """
    if name not in LESSONS:
        raise unknown("lesson", name, list(LESSONS), f"there are {', '.join(LESSONS)}")
    if type(seed) is not int or not 0 <= seed <= LARGEST_SEED:
        raise ArchcalcError(f"a seed is a whole number from 0 to {LARGEST_SEED}, not {seed!r}", about="seed")
    known = LESSONS[name]
    sheet = known.make(Draw(name, seed) if seed else None)
    return {
        "name": name,
        "title": _typeset(known.title),
        "summary": _typeset(known.summary),
        "seed": seed,
        "text": [_typeset(each) for each in sheet.text],
        "numbers": dict(sheet.numbers),
        "network": sheet.network,
        "sources": [_source(each) for each in sheet.places],
        "grid": None if sheet.grid is None else _grid(sheet.grid),
        "steps": [
            each._asdict() | {"operation": _typeset(each.operation), "shape": list(each.shape)} for each in sheet.steps
        ],
        "questions": _questions(sheet.problems),
    }


def listed() -> list[dict[str, str]]:
    """The names, titles and summaries of all lessons, for the page that lists them."""
    return [
        {"name": name, "title": _typeset(each.title), "summary": _typeset(each.summary)}
        for name, each in LESSONS.items()
    ]


def _source(place: SourceLine) -> dict[str, Any]:
    line = document_lines().get((place.document, place.line), "")
    return {"document": place.document, "title": DOCUMENTS[place.document], "line": place.line, "text": line}


def _grid(grid: LessonTable) -> dict[str, Any]:
    """A table with its cells as text, numbers, or the keys of the questions that ask for them."""
    rows = [[_cell(cell) for cell in row] for row in grid.rows]
    return {"caption": grid.caption, "columns": list(grid.columns), "rows": rows}


def _cell(cell: str | int | Blank) -> str | int | dict[str, str]:
    if isinstance(cell, Blank):
        return {"blank": cell.key}
    return _typeset(cell) if isinstance(cell, str) else cell


def _typeset(text: str) -> str:
    """The same with a multiplication sign between sizes.

    >>> _typeset("one 7x7, 3 extra") == "one 7\N{MULTIPLICATION SIGN}7, 3 extra"
    True
    """
    return re.sub(r"(?<=\d)x(?=\d)", "\N{MULTIPLICATION SIGN}", text)


def _questions(problems: Sequence[Problem | Quotient]) -> list[dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for each in problems:
        made[each.key] = _derived(each) if isinstance(each, Problem) else _divided(each, made)
    return list(made.values())


def _derived(problem: Problem) -> dict[str, Any]:
    asked = problem.answer
    derivation = derive(asked.network, asked.layer, asked.quantity, **asked.given)
    answer = plain(derivation.value, asked.quantity)
    return {
        "key": problem.key,
        "ask": _typeset(problem.ask),
        "kind": "shape" if isinstance(answer, tuple) else "number",
        "answer": _json(answer),
        "unit": "" if isinstance(answer, tuple) else derivation.unit,
        "hints": _hints(problem, answer),
        "derivation": derivation_blocks(derivation),
        "printed": [_printed(each) for each in problem.claims],
    }


def _divided(quotient: Quotient, made: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The quotient of two answers before it; upside down, it has a hint."""
    above, below = made[quotient.above]["answer"], made[quotient.below]["answer"]
    value = Fraction(above, below)
    return {
        "key": quotient.key,
        "ask": _typeset(quotient.ask),
        "kind": "ratio",
        "answer": [above, below],
        "unit": "times",
        "hints": [] if value == 1 else [{"value": [below, above], "text": "Divide the larger by the smaller."}],
        "derivation": None,
        "printed": [],
    }


def _hints(problem: Problem, answer: Any) -> list[dict[str, Any]]:
    """What mistakes give, each number once; a mistake that gives the answer is none."""
    hints: dict[Any, str] = {}
    for text, mistake in problem.mistakes:
        value = mistake()
        if value != answer and value not in hints and (isinstance(value, tuple) or value > 0):
            hints[value] = _typeset(text)
    return [{"value": _json(value), "text": text} for value, text in hints.items()]


def _json(value: Any) -> Any:
    sides: Any = value
    return list(sides) if isinstance(value, tuple) else sides


def _printed(which: str) -> dict[str, Any]:
    """A figure that a document prints, with its verdict."""
    audited = judge(claim(which))
    computed: Any = audited.computed
    is_shape = isinstance(audited.computed, tuple)
    return {
        "id": which,
        "document": audited.claim.document,
        "line": audited.claim.line,
        "text": audited.claim.text,
        "comment": audited.claim.comment,
        "verdict": audited.verdict,
        "computed": volume(computed) if is_shape else None if computed is None else str(computed),
        "reading": audited.reading,
        "reason": audited.reason,
    }


__all__ = ["LESSONS", "PREPARED", "Lesson", "lesson", "listed"]
