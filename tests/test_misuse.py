"""Calls that no function can take: the Python API raises ArchcalcError with one line, and no error of its own code."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import sympy

import archcalc
from archcalc import ArchcalcError, Request
from archcalc.base.arguments import misuse
from archcalc.search.sweep import Point, sweep_points

WRONG = [None, 5, -1, "", "x", [], {}, float("nan"), 10**400, b"x", object(), [None], True, "\ud800", {"a": 1}]
"""Values that are wrong almost everywhere."""

QUESTIONS = {
    "analyze": ("lenet5",),
    "audit": (),
    "closed_form": ("lenet5",),
    "count": ("lenet5", "fvcore"),
    "describe": ("lenet5",),
    "exact_form": ("lenet5",),
    "explain": ("3.8G",),
    "graph_picture": ("lenet5",),
    "memory": ("lenet5",),
    "names": (),
    "solve": ("mobilenet_v1", {"mult_adds": "300M"}, "width"),
    "why": ("lenet5", "C1", "params"),
}
"""Functions of the API, with arguments that they take."""

KEYS = ["batch", "changes", "classes", "convention", "dtype", "format", "input", "nosuch", "quantity", "symbols"]
TRAINED = ["checkpoint", "device", "implementation", "in_place", "optimizer", "precision", "train_from", "training"]


def answers_or_says_why_not(function, *args, **kwargs) -> None:
    """A call returns, or raises ArchcalcError with one line."""
    try:
        result = function(*args, **kwargs)
        if inspect.isgenerator(result):
            list(result)
    except ArchcalcError as error:
        said = str(error)
        assert said.strip()
        assert "\n" not in said
        assert len(said) < 500


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_value_of_an_argument_gives_an_error_of_python(name: str) -> None:
    function, args = getattr(archcalc, name), QUESTIONS[name]
    answers_or_says_why_not(function)
    for value in WRONG:
        for place in range(len(args)):
            answers_or_says_why_not(function, *args[:place], value, *args[place + 1 :])
        answers_or_says_why_not(function, *args, value)
        if name == "explain":
            continue  # a search of the whole catalogue for each
        for key in (*KEYS, *TRAINED, "master_weights", "weight_decay") if name == "memory" else KEYS:
            answers_or_says_why_not(function, *args, **{key: value})


@pytest.mark.parametrize("value", WRONG, ids=lambda value: repr(value)[:12])
def test_forms_sweeps_and_requests_refuse_what_they_cannot_take(value: object) -> None:
    exact, closed = archcalc.exact_form("resnet18"), archcalc.closed_form("resnet18")
    answers_or_says_why_not(exact, value, value)
    answers_or_says_why_not(exact.evaluate, value, 224, 224)
    answers_or_says_why_not(exact.closed, value, (0, 0))
    answers_or_says_why_not(exact.closed, "mult_adds", value)
    answers_or_says_why_not(closed, H=value, W=224)
    answers_or_says_why_not(sweep_points, "lenet5", value)
    answers_or_says_why_not(sweep_points, "lenet5", [Point(value)])
    answers_or_says_why_not(sweep_points, "lenet5", [Point((1, 32, 32), value)])
    for key in ("network", "input", "batch", "dtype", "settings"):
        answers_or_says_why_not(lambda key=key: archcalc.analyze(Request(**{"network": "lenet5", key: value})))
    answers_or_says_why_not(archcalc.row, "conv1", value)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: archcalc.analyze("vgg16", input=320), "an input is a shape such as (3, 224, 224), not 320"),
        (lambda: archcalc.analyze(None), "a network is a name, a Network or a Graph, not None"),
        (archcalc.analyze, "analyze: missing a required argument: 'network'"),
        (lambda: archcalc.analyze("vgg16", batch=None), "a batch is a whole number, not None"),
        (lambda: archcalc.analyze("vgg16", classes=[10]), "is a whole number, not [10]"),
        (lambda: archcalc.names(5), "names: pattern is text, not 5"),
        (lambda: archcalc.explain(3.8e9), "explain: number is text, not 3800000000.0"),
        (lambda: archcalc.exact_form("resnet50").evaluate("flop", 224, 224), "nearest: mult_adds"),
        (lambda: sweep_points("lenet5", ["x"]), "a point of a sweep is Point(input, hyperparameters), not 'x'"),
    ],
)
def test_the_error_says_which_argument_is_wrong_and_what_it_is(call, said: str) -> None:
    with pytest.raises(ArchcalcError) as caught:
        call()
    assert said in str(caught.value)


def test_a_mistake_of_the_function_itself_is_no_misuse() -> None:
    def halved(number: int) -> int:
        return number // 2

    assert misuse(halved, (4,), {}) is None
    assert misuse(halved, ("4",), {}) is not None
    assert misuse(halved, (), {"no": 1}) is not None


def test_a_notebook_shows_an_analysis_of_symbols_and_of_arrays() -> None:
    half = sympy.Symbol("h", positive=True, integer=True)
    sides = np.array([224, 320])
    for shape in ((3, 32 * half, 32 * half), (3, sides, sides)):
        shown = archcalc.analyze("vgg16", input=shape)._repr_html_()
        assert shown.count("<tr>") == 24  # with the head and the totals
        assert f"{archcalc.analyze('vgg16', input=shape).totals.params} params" in shown
