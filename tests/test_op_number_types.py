"""An op's facts are one formula for every kind of number: ints, sympy symbols and numpy arrays agree."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from op_examples import EXAMPLES, Example, example_id

from archcalc.graph import Op, Reach
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Crop
from archcalc.ops.pool import AdaptiveAvgPool, AdaptiveMaxPool
from archcalc.ops.resize import Resize

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=example_id)

Name = tuple[str, int]
"""A free dimension: its axis and its size in the example. Equal sizes on one axis are one dimension, as merges need."""


def names(example: Example) -> list[list[Name | None]]:
    """The free dimension at each place of the input shapes, None where a size is part of the structure.

    A size of 1 marks a gate. Channels are structure where the op splits or names them.
    """
    fixed = example.fixed or example.op.attributes().get("groups", 1) != 1
    if example.letters:
        return [
            [None if letter == "." else (letter, size) for letter, size in zip(letters, shape, strict=True)]
            for letters, shape in zip(example.letters, example.shapes, strict=True)
        ]
    return [
        [None if size == 1 or (axis == 0 and fixed) else (f"axis{axis}_", size) for axis, size in enumerate(shape)]
        for shape in example.shapes
    ]


def free(example: Example) -> list[Name]:
    """All free dimensions, and the op's number of outputs if that is free."""
    found = {name for shape in names(example) for name in shape if name is not None}
    attributes = example.op.attributes()
    if "out" in attributes and attributes.get("groups", 1) == 1:
        found.add(("out", attributes["out"]))
    return sorted(found)


def filled(example: Example, numbers: dict[Name, Any]) -> tuple[Op, list[tuple[Any, ...]]]:
    """The op and the input shapes with numbers in the place of the free dimensions."""
    out = [number for (axis, _), number in numbers.items() if axis == "out"]
    shapes = [
        tuple(size if name is None else numbers[name] for name, size in zip(row, shape, strict=True))
        for row, shape in zip(names(example), example.shapes, strict=True)
    ]
    op = example.made(*shapes) if example.made else example.op
    if out:
        op = type(op)(**op.attributes() | {"out": out[0]})
    return op, shapes


Facts = dict[str, tuple[Any, ...] | Reach | str]


def facts(op: Op, shapes: list[tuple[Any, ...]]) -> Facts:
    """Everything that the op states: numbers, and in words what it shares and saves, and a reach that is no window."""
    window = op.window(*shapes)
    memory = op.memory(*shapes)
    return {
        "shape": op.shape(*shapes),
        "params": op.params(*shapes),
        "work": op.work(*shapes),
        "memory": tuple([each for each in memory if not isinstance(each, (str, bool, tuple))]),
        "storage": f"shares {memory.shares}, inputs {memory.saves_inputs}, output {memory.saves_output}",
        "window": window if isinstance(window, Reach) else tuple([number for axis in window for number in axis]),
    }


def same_words(op: Op, general: Reach | str, concrete: object) -> bool:
    """Whether what is said of a general size holds of a concrete one.

    An adaptive pool's windows are alike only at sizes that its bins divide, and so are those of a map brought to
    another size. That is asked of ints alone: a symbol or an
    array says IRREGULAR, which is never wrong.
    """
    if isinstance(op, (AdaptiveAvgPool, AdaptiveMaxPool, Resize)) and general is Reach.IRREGULAR:
        return concrete is not Reach.WHOLE
    return general == concrete


@cache
def symbolic_facts(example: Example) -> tuple[dict[Name, sympy.Symbol], Facts]:
    symbols = {(axis, size): sympy.Symbol(f"{axis}{size}", integer=True, positive=True) for axis, size in free(example)}
    return symbols, facts(*filled(example, symbols))


def larger(example: Example) -> st.SearchStrategy[dict[Name, int]]:
    """Sizes that are no smaller than the example's, so that its windows still fit, in the example's order.

    Sizes on one axis grow by the same amount, so that those that differ still differ, and in the example's steps.
    """
    growth = st.integers(0, 40 // example.step + 1).map(lambda times: example.step * times)
    axes = sorted({axis for axis, _ in free(example)})
    return st.fixed_dictionaries(dict.fromkeys(axes, growth)).map(
        lambda grown: {(axis, size): size + grown[axis] for axis, size in free(example)}
    )


@each_example
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_symbols_give_the_formula_of_the_ints(example: Example, data: st.DataObject) -> None:
    """Facts computed on symbols, with ints put in afterwards, are the facts computed on those ints."""
    sizes = data.draw(larger(example))
    symbols, general = symbolic_facts(example)
    values = {symbols[name]: size for name, size in sizes.items()}
    for fact, concrete in facts(*filled(example, sizes)).items():
        stated = general[fact]
        if isinstance(stated, Reach | str):
            assert same_words(example.op, stated, concrete), fact
        else:
            assert [sympy.sympify(number).subs(values) for number in stated] == list(concrete), fact


@each_example
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_arrays_give_the_ints_of_every_element(example: Example, data: st.DataObject) -> None:
    """Facts computed on int64 arrays of sizes are, element by element, the facts computed on ints."""
    sweep = data.draw(st.lists(larger(example), min_size=2, max_size=5))
    arrays = {name: np.array([sizes[name] for sizes in sweep], dtype=np.int64) for name in free(example)}
    general = facts(*filled(example, arrays))
    for position, sizes in enumerate(sweep):
        for fact, concrete in facts(*filled(example, sizes)).items():
            stated = general[fact]
            if isinstance(stated, Reach | str):
                assert same_words(example.op, stated, concrete), fact
                continue
            columns = np.broadcast_arrays(np.zeros(len(sweep), np.int64), *stated)[1:]
            assert all(np.issubdtype(column.dtype, np.integer) for column in columns), fact
            assert [int(column[position]) for column in columns] == list(concrete), fact


def test_ints_stay_ints() -> None:
    """Plain ints in, plain ints out: no fact turns into a float or a library's number."""
    for example in EXAMPLES:
        for fact, numbers in facts(example.op, list(example.shapes)).items():
            if not isinstance(numbers, Reach | str):
                assert {type(number) for number in numbers} <= {int}, (example_id(example), fact)


@pytest.mark.parametrize("channels", [sympy.Symbol("c", integer=True, positive=True), np.array([8, 24, 32])])
def test_a_depthwise_convolution_may_have_as_many_groups_as_a_general_number_of_channels(channels: Any) -> None:
    """C groups of one channel: 9 weights a channel, and one multiply-accumulate for each weight and position."""
    conv = Conv(channels, 3, padding=1, groups=channels, bias=False)
    assert np.all(conv.params((channels, 10, 10)).weight == 9 * channels)
    assert np.all(conv.work((channels, 10, 10)).multiply_accumulate == 900 * channels)


def test_a_crop_may_depend_on_the_size() -> None:
    """A margin that is a formula of the input size is cut off as the number that it stands for."""
    h = sympy.Symbol("h", integer=True, positive=True)
    _, height, _ = Crop(top=h // 4, bottom=h // 4).shape((1, h, h))
    assert [height.subs(h, size) for size in (8, 9, 30)] == [4, 5, 16]
