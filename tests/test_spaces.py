"""Design spaces: axes, constraints, exact sizes, samples, TOML files, and `archcalc space`."""

from __future__ import annotations

import json
import math
import operator
import pickle
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from hashlib import sha256
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import archcalc
from archcalc.base.errors import ArchcalcError
from archcalc.cli import cli
from archcalc.ops import Conv
from archcalc.spaces import sizes
from archcalc.spaces.axes import SpaceAxis
from archcalc.spaces.constraints import Constraint
from archcalc.spaces.drawing import everything, sample
from archcalc.spaces.files import parse_space, read_space
from archcalc.spaces.named import GROUPS, named_space
from archcalc.spaces.space import DesignSpace

# ---- axes


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ("16..64:16", [16, 32, 48, 64]),
        ("16..63:16", [16, 32, 48]),
        ("3..5", [3, 4, 5]),
        ("-4 .. 4 : 4", [-4, 0, 4]),
        ("0.1..0.5:0.1", [0.1, 0.2, 0.3, 0.4, 0.5]),
        ("16..128 log 2", [16, 32, 64, 128]),
        ("1..3 log 1.5", [1.0, 1.5, 2.25]),
        ("8, 16,32", [8, 16, 32]),
        ("7x7,deep", ["7x7", "deep"]),
        ("true,false", [True, False]),
        ({"from": 16, "to": 64, "step": 16}, [16, 32, 48, 64]),
        ({"from": 0.25, "to": 1, "step": 0.25}, [0.25, 0.5, 0.75, 1.0]),
        ({"from": 1, "to": 8, "log": 2}, [1, 2, 4, 8]),
        (range(4, 0, -1), [1, 2, 3, 4]),
        (np.array([1, 2]), [1, 2]),
        (5, [5]),
    ],
)
def test_an_axis_has_the_values_that_are_written(given: Any, values: list[Any]) -> None:
    axis = SpaceAxis.of("a", given)
    assert list(axis.values) == values
    assert [type(value) for value in axis.values] == [type(value) for value in values]
    assert axis.array.tolist() == values
    assert axis.array.dtype == (object if type(values[0]) in (bool, str) else type(values[0]))
    assert axis.at(np.arange(len(values))).tolist() == values
    assert list(SpaceAxis.read("a", axis.text).values) == values


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "'' in '' is no number and no word"),
        ("1..", "is no range"),
        ("5..1", "runs upwards"),
        ("1..9:0", "a step is more than 0"),
        ("0.5..1", "a range of decimals has a step"),
        ("0..9 log 2", "begins above 0"),
        ("1..9 log 1", "a factor above 1"),
        ("1,1", "stands in it twice"),
        ("1,a", "not several of these"),
        ("1,true", "not several of these"),
        ("1..9999999999999999", "more than 2^40 values"),
        ("0..1:0.0000001", "more than 1,000,000 values"),
        ("1..2 log 1.0000001", "at most 1,000 values"),
        ("9" * 19, "is no number and no word"),
        ([2**62 + 1], "between -2^62 and 2^62"),
        ("1," * 6000, "more than 10,000 characters"),
        ([], "it has no values"),
        ([None], "a value is a number, a word, true or false"),
        ([math.nan], "between -2^62 and 2^62"),
        ({"from": 1}, "it lacks 'to'"),
        ({"from": 1, "to": 2, "by": 1}, "'by' is no key"),
        ({"from": 1, "to": 4, "step": 1, "log": 2}, "both 'step' and 'log'"),
        ({"from": "a", "to": 4}, "'from' is a number"),
        (object(), "a list or a range"),
    ],
)
def test_an_axis_that_is_none_is_told_so(given: Any, said: str) -> None:
    with pytest.raises(ArchcalcError) as raised:
        SpaceAxis.of("a", given)
    assert said in str(raised.value)
    assert str(raised.value).startswith("axis a: ")
    assert len(str(raised.value)) < 300


def test_a_value_that_stands_twice_far_behind_is_found_in_time() -> None:
    """From 2^52 on halves are no floats: the first value that stands twice is the 400,001st."""
    with pytest.raises(ArchcalcError, match="stands in it twice"):
        SpaceAxis.read("size", "4503599627170496.0..4503599627570496.0:0.5")


def test_operations_of_a_constraint_within_each_other_are_bounded() -> None:
    """In 1,000 characters 400 sums fit into each other, more than Python can pickle for another process."""
    text, within = "w", 0
    for level in range(29, -1, -1):
        text, within = f"({text}){'+1' * (29 - level)}", within + 29 - level
        if len(text) > 950:
            break
    assert within > 300
    with pytest.raises(ArchcalcError, match="operations within each other"):
        Constraint(f"{text} > 0")
    most = Constraint("(" * 25 + "w" + "+1" * 5 + ")" * 25 + "+1" * 30 + " > 0")
    assert pickle.loads(pickle.dumps(most)).holds({"w": -35}) is False  # noqa: S301
    assert most.holds({"w": -34})


@pytest.mark.parametrize("name", ["", "1a", "a b", "and", "divides", "a" * 61, "\u00e4", 3])
def test_a_name_of_an_axis_is_a_word_that_constraints_can_speak_of(name: Any) -> None:
    with pytest.raises(ArchcalcError, match="is no name of an axis"):
        SpaceAxis.of(name, "1,2")


# ---- constraints

NAMES = ("a", "b", "c")
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
Formula = tuple[str, Callable[[dict[str, Fraction]], Any]]


def joined(sign: str, left: Formula, right: Formula) -> Formula:
    work = ARITHMETIC[sign]
    return f"({left[0]} {sign} {right[0]})", lambda values: work(left[1](values), right[1](values))


def powered(base: Formula, exponent: int) -> Formula:
    return f"({base[0]})**{exponent}", lambda values: base[1](values) ** exponent


def negated(inner: Formula) -> Formula:
    return f"-{inner[0]}", lambda values: -inner[1](values)


def constant(text: str) -> Formula:
    return text, lambda _: Fraction(text)


def axis_named(name: str) -> Formula:
    return name, lambda values: values[name]


formulas = st.recursive(
    st.sampled_from(NAMES).map(axis_named) | st.sampled_from(["0", "1", "3", "16", "0.5", "2.25"]).map(constant),
    lambda inner: (
        st.builds(joined, st.sampled_from([*ARITHMETIC]), inner, inner)
        | st.builds(powered, inner, st.integers(0, 3))
        | inner.map(negated)
    ),
    max_leaves=6,
)


def oracle(signs: list[str], parts: list[Formula], values: dict[str, Fraction]) -> bool:
    """Python's own fractions; a comparison with a division by zero does not hold."""
    found = True
    for sign, (left, right) in zip(signs, pairwise(parts), strict=True):
        try:
            found &= COMPARE[sign](left[1](values), right[1](values))
        except ZeroDivisionError:
            found = False
    return found


@st.composite
def conditions(draw: st.DrawFn) -> tuple[str, list[str], list[Formula]]:
    parts = draw(st.lists(formulas, min_size=2, max_size=3))
    parts[0] = joined("+", axis_named("a"), parts[0])
    parts[-1] = joined("+", axis_named("b"), parts[-1])
    if len(parts) == 3:
        parts[1] = joined("-", parts[1], axis_named("c"))
    signs = [draw(st.sampled_from([*COMPARE])) for _ in parts[1:]]
    text = parts[0][0] + "".join([f" {sign} {part[0]}" for sign, part in zip(signs, parts[1:], strict=True)])
    return text, signs, parts


whole = st.integers(-30, 30) | st.sampled_from([2**40, -(2**61), 2**62])
decimal = st.integers(-400, 400).map(lambda number: number / 100) | st.sampled_from([0.1, 1 / 3, 1e-7])


@settings(max_examples=300, deadline=None)
@given(conditions(), st.lists(st.tuples(whole, whole, whole), min_size=1, max_size=6), st.booleans(), st.data())
def test_a_constraint_holds_where_exact_fractions_say_so(
    condition: tuple[str, list[str], list[Formula]],
    points: list[tuple[int, int, int]],
    with_decimals: bool,
    data: st.DataObject,
) -> None:
    """On plain numbers and on arrays alike, for whole numbers of any size and for decimals."""
    text, signs, parts = condition
    columns: dict[str, list[Any]] = dict(zip(NAMES, map(list, zip(*points, strict=True)), strict=True))
    if with_decimals:
        columns["b"] = data.draw(st.lists(decimal, min_size=len(points), max_size=len(points)))
    constraint = Constraint(text)
    expected, plain = [], []
    for place in range(len(points)):
        point = {name: column[place] for name, column in columns.items()}
        exact = {name: Fraction(str(value)) for name, value in point.items()}
        expected.append(oracle(signs, parts, exact))
        plain.append(constraint.holds(point))
    assert plain == expected
    arrays = {
        name: np.array(column, dtype=np.float64 if name == "b" and with_decimals else np.int64)
        for name, column in columns.items()
    }
    try:
        found = constraint.holds(arrays)
    except ArchcalcError as error:  # bounds of arrays are those of their largest numbers
        assert "too large" in str(error)  # noqa: PT017
        return
    assert found.dtype == bool
    assert found.tolist() == expected


def test_a_count_beyond_64_bits_does_not_wrap_around() -> None:
    big = {"a": np.array([2**40, 3]), "b": np.array([2**40, 5])}
    assert Constraint("a*b > 16").holds(big).tolist() == [True, False]
    assert Constraint("a**3 % 7 == 1").holds(big).tolist() == [pow(2**40, 3, 7) == 1, 27 % 7 == 1]


def test_words_of_constraints() -> None:
    assert Constraint("a divides b").holds({"a": 3, "b": 12}) is True
    assert Constraint("a divides b").holds({"a": 0, "b": 12}) is False
    assert Constraint("b % a == 0").holds({"a": np.array([0, 3]), "b": np.array([0, 4])}).tolist() == [False, False]
    assert Constraint("2*a divides b + 1").holds({"a": 2, "b": 7}) is True
    assert Constraint("a <= b <= c and a != c").holds({"a": 1, "b": 1, "c": 1}) is False
    assert Constraint("-a**2 == -4").holds({"a": 2}) is True
    assert Constraint("2**-a < 1").names == ("a",)
    assert Constraint("width*10 % 3 == 0").holds({"width": np.array([0.1, 0.3, 0.6])}).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at 1: a number, an axis or '(' is expected, not the end"),
        ("a <", "at 4: a number, an axis or '(' is expected, not the end"),
        ("a = 3", "at 3: '=' is no part of a constraint; equality is =="),
        ("a & 3", "at 3: '&' is no part of a constraint"),
        ("a", "at 2: a comparison such as <= or 'divides' is expected, not the end"),
        ("a < b and", "at 10: a number, an axis or '(' is expected, not the end"),
        ("a < b or b < c", "at 7: an operator, 'and' or the end is expected, not 'or'"),
        ("a < b divides c", "at 7: an operator, 'and' or the end is expected, not 'divides'"),
        ("(a < b)", "at 4: ')' is expected, not '<'"),
        ("3 < 4", "at 1: it compares numbers only, no axis"),
        ("a < 3b", "at 6: an operator, 'and' or the end is expected, not 'b'"),
        ("a < " + "9" * 19, "at 5: a number of more than 18 digits"),
        ("(" * 40 + "a" + ")" * 40 + " < 3", "more than 30 levels deep"),
        ("-" * 400 + "a < 3", "more than 30 levels deep"),
        ("a" + "+a" * 400 + " < 3", "more than 30 levels deep"),
        ("a < " + "b" * 1000, "at most 1000 characters"),
        ("a" + "<a" * 51, "more than 50 comparisons"),
        ("a.real < 3", "at 2: '.' is no part of a constraint"),
        ("__import__('os') < a", "at 11: a comparison"),
    ],
)
def test_a_constraint_that_is_none_is_told_where(text: str, said: str) -> None:
    with pytest.raises(ArchcalcError) as raised:
        Constraint(text)
    assert said in str(raised.value)
    assert len(str(raised.value)) < 250


def test_powers_are_bounded() -> None:
    for values in ({"a": 2**40, "b": 64}, {"a": np.array([2**40]), "b": np.array([64])}):
        with pytest.raises(ArchcalcError, match="too large"):
            Constraint("a**b < 3").holds(values)
    for b in (-1, 65, 0.5):
        for values in ({"a": 2, "b": b}, {"a": np.array([2]), "b": np.array([b])}):
            with pytest.raises(ArchcalcError, match="an exponent in a constraint is a whole number from 0 to 64"):
                Constraint("a**b < 3").holds(values)


# ---- spaces


def plain_space(lengths: tuple[int, ...], constraints: tuple[str, ...] = ()) -> DesignSpace:
    axes = tuple([SpaceAxis(f"x{place}", range(length)) for place, length in enumerate(lengths)])
    return DesignSpace("plain", axes, "lenet5", tuple(map(Constraint, constraints)))


def test_points_are_numbered_with_the_last_axis_fastest() -> None:
    space = DesignSpace.of(
        "resnet18", over={"size": "32..128:32", "stem": "7x7,3x3,deep", "classes": [10, 100]}, where=["size < 128"]
    )
    columns = space.columns(np.arange(space.combinations))
    points = list(zip(*[column.tolist() for column in columns.values()], strict=True))
    assert points == list(product([32, 64, 96, 128], ["7x7", "3x3", "deep"], [10, 100]))
    assert space.allowed(columns).tolist() == [point[0] < 128 for point in points]
    assert space.size() == 18
    again = pickle.loads(pickle.dumps(space))  # noqa: S301
    assert {key: value.tolist() for key, value in again.columns(np.array([23, 0])).items()} == {
        "size": [128, 32],
        "stem": ["deep", "7x7"],
        "classes": [100, 10],
    }


def test_a_point_is_a_network_of_the_catalogue() -> None:
    over = {"width": "0.25..1:0.25", "height": "64..128:32"}
    space = DesignSpace.of("mobilenet_v1", over=over, settings={"classes": 10}, input=(3, 96, 96))
    shape, hyperparameters = space.assembled({"width": 0.5, "height": 64})
    assert (shape, hyperparameters) == ((3, 64, 96), {"classes": 10, "width": 0.5})
    expected = archcalc.analyze("mobilenet_v1_0.5_224", input=(3, 64, 96), classes=10).totals
    assert archcalc.analyze(space.network, input=shape, **hyperparameters).totals == expected


def test_a_space_of_a_network_of_ones_own() -> None:
    def net(x: Any, width: int = 4, kernel: int = 3) -> Any:
        return archcalc.row("conv", x, Conv(width, kernel))

    own = archcalc.Network.build(net, input=(3, 32, 32))
    space = DesignSpace.of(own, over={"width": "8..32:8", "kernel": "1,3,5"}, where=["width > 8*kernel"])
    assert space.size() == sum(w > 8 * k for w in (8, 16, 24, 32) for k in (1, 3, 5))
    # there `width` is the hyperparameter, so that the width of the input cannot be an axis
    assert space.assembled({"width": 8, "kernel": 1}) == (None, {"width": 8, "kernel": 1})
    with pytest.raises(ArchcalcError, match=r"^axis depth: it is no hyperparameter of net; there are width, kernel"):
        DesignSpace.of(own, over={"depth": "1,2"})


@pytest.mark.parametrize(
    ("network", "given", "said"),
    [
        ("resnet18", {"over": {}}, "at least one axis"),
        ("resnet18", {"over": {f"a{place}": "1" for place in range(201)}}, "at most 200 axes"),
        ("resnet18", {"over": {"stem": "64"}}, "axis stem: resnet18: stem (first layers"),
        ("resnet18", {"over": {"size": "0..10"}}, "axis size: resnet18: an input size is from 1 to 1000000, not 0"),
        ("resnet18", {"over": {"size": "1.5"}}, "a whole number, not 1.5"),
        ("resnet18", {"over": {"classes": range(2**39)}}, "from 1 to 10000000"),
        ("resnet18", {"over": {"size": "32", "height": "32"}}, "leave out height"),
        ("resnet18", {"over": {"size": "32"}, "settings": {"clases": 3}}, "no hyperparameter 'clases'"),
        ("resnet18", {"over": {"classes": "3"}, "settings": {"classes": 3}}, "it is an axis and a setting"),
        ("resnet18", {"over": {"size": "32"}, "input": (1, 32, 32)}, "takes 3 input channels, not 1"),
        (
            "resnet18",
            {"over": {"size": "32"}, "where": ["sizes > 3"]},
            "at 1: 'sizes' is no axis of the space; it has size",
        ),
        ("resnet18", {"over": {"stem": "deep"}, "where": ["stem > 3"]}, "whose values are no numbers"),
        ("resnet18", {"over": {"size": "32"}, "where": ["size > 3"] * 201}, "at most 200 constraints"),
        ("mobilenet_v1", {"over": {"width": range(1, 2**39)}}, "more than 1,000,000 values"),
        ("resnet81", {"over": {"size": "32"}}, "nearest: resnet18"),
    ],
)
def test_a_space_that_cannot_be_is_told_why(network: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ArchcalcError) as raised:
        DesignSpace.of(network, **given)
    assert said in str(raised.value)


# ---- sizes


@st.composite
def small_spaces(draw: st.DrawFn) -> DesignSpace:
    lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=5))
    names = [f"x{place}" for place in range(len(lengths))]
    some = st.sampled_from(names)
    texts = st.one_of(
        st.builds("{} {} {}".format, some, st.sampled_from([*COMPARE]), some),
        st.builds("{} + {} {} {}".format, some, some, st.sampled_from([*COMPARE]), some),
        st.builds("{} divides {} + 1".format, some, some),
        st.builds("{} <= {} <= {}".format, some, some, some),
        st.builds("{} % {} != 1".format, some, some),
        st.builds("{} > 0 and {} < 3".format, some, some),
    )
    return plain_space(tuple(lengths), tuple(draw(st.lists(texts, max_size=4))))


@settings(max_examples=200, deadline=None)
@given(small_spaces())
def test_the_size_is_the_number_of_points_that_a_walk_finds(space: DesignSpace) -> None:
    """With numpy, and without it."""
    names = space.names
    points = [dict(zip(names, point, strict=True)) for point in product(*[axis.values for axis in space.axes])]
    walked = sum(all(each.holds(point) for each in space.constraints) for point in points)
    assert space.size() == walked
    assert int(space.allowed(space.columns(np.arange(space.combinations))).sum()) == walked
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sizes, "installed", lambda _: False)
        assert space.size() == walked


def test_counts_beyond_64_bits_are_exact() -> None:
    """Points that rise on n axes of k values: a combination with repetition."""
    for axes, values in ((4, 128), (12, 60), (20, 40)):
        space = plain_space((values,) * axes, tuple([f"x{i} <= x{i + 1}" for i in range(axes - 1)]))
        assert space.size() == math.comb(values + axes - 1, axes)
    assert plain_space((2**30,) * 40).size() == 2**1200


def test_tables_that_are_too_large_are_refused() -> None:
    space = plain_space((100,) * 5, ("x0 + x1 + x2 + x3 + x4 < 9",))
    with pytest.raises(ArchcalcError, match=r"the points cannot be counted: the constraints join x0, x1, x2, x3, x4"):
        space.size()


# ---- samples


def reference(position: int, count: int, seed: int) -> int:
    """The permutation that the documentation of `archcalc.spaces.drawing` states, in whole numbers of Python."""
    mask = 2**64 - 1
    bits = (count - 1).bit_length()
    low = bits // 2

    def mixed(number: int) -> int:
        number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & mask
        number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & mask
        return number ^ (number >> 31)

    while True:
        left, right = divmod(position, 2**low)
        for round_ in range(16):
            text = f"archcalc sample 1|{seed}|{count}|{round_}"
            key = int.from_bytes(sha256(text.encode()).digest()[:8], "big")
            if round_ % 2:
                left ^= mixed((right + key) & mask) % 2 ** (bits - low)
            else:
                right ^= mixed((left + key) & mask) % 2**low
        position = left * 2**low + right
        if position < count:
            return position


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64, 65, 1000, 2**31 + 1, 2**62])
def test_the_order_of_a_sample_is_the_documented_one(count: int) -> None:
    """So it is the same on every platform and with every version of numpy."""
    for seed in (0, 2**63 - 1):
        indices = sample(plain_space((1, count) if count < 2**40 else (2**31, 2**31)), seed).indices(0, min(count, 40))
        assert indices.dtype == np.int64
        assert indices.tolist() == [reference(position, count, seed) for position in range(min(count, 40))]


def test_a_sample_is_a_permutation() -> None:
    for count in [*range(1, 300), 4096, 4097, 20_000]:
        indices = sample(plain_space((count,)), count % 5).indices(0, count + 3)
        assert sorted(indices.tolist()) == list(range(count)), count


def test_stretches_of_a_sample_join() -> None:
    for space in (plain_space((300, 301)), plain_space((2**32, 2**32))):
        drawn = sample(space, 3)
        whole_stretch = drawn.columns(0, 40_000)
        ends = [0, 1, 2, 999, 16_384, 16_385, 40_000]
        parts = [drawn.columns(start, stop) for start, stop in pairwise(ends)]
        for name in space.names:
            assert np.concatenate([part[name] for part in parts]).tolist() == whole_stretch[name].tolist()
    assert len(sample(plain_space((10,)), 0).indices(8, 20)) == 2
    assert len(sample(plain_space((10,)), 0).indices(10, 20)) == 0


def test_seeds_give_different_orders_that_are_all_alike() -> None:
    """Of three points each of six orders is found about equally often; a chi-square of 5 degrees of freedom."""
    seeds, found = 3000, dict[tuple[int, ...], int]()
    for seed in range(seeds):
        order = tuple(sample(plain_space((3,)), seed).indices(0, 3).tolist())
        found[order] = found.get(order, 0) + 1
    assert len(found) == 6
    assert sum((each - seeds / 6) ** 2 / (seeds / 6) for each in found.values()) < 20.5  # p = 0.001


@pytest.mark.parametrize("lengths", [(2**20, 1000), (10, 7), (2**31, 2**31, 2**31)])
def test_the_first_points_of_a_sample_are_uniform_on_every_axis(lengths: tuple[int, ...]) -> None:
    """A chi-square of 63 or fewer degrees of freedom, and of the pairs of neighbours in the sample."""
    drawn = sample(plain_space(lengths), 11)
    count = 32_000 if drawn.length is None or drawn.length > 10**6 else 35
    columns = drawn.columns(0, count)
    for name, length in zip(columns, lengths, strict=True):
        bins = min(64, length) if count > 100 else 7
        places = columns[name] * bins // length
        observed = np.bincount(places, minlength=bins)
        assert ((observed - count / bins) ** 2 / (count / bins)).sum() < bins - 1 + 5 * math.sqrt(2 * (bins - 1))
        if count > 100:
            pairs = np.bincount((places[:-1] // 8) * 8 + places[1:] // 8, minlength=64)
            assert ((pairs - count / 64) ** 2 / (count / 64)).sum() < 63 + 5 * math.sqrt(126)


def test_walks_and_samples_have_an_end_or_none() -> None:
    small, large = plain_space((3, 5)), plain_space((2**40, 2**40))
    assert everything(small).indices(13, 99).tolist() == [13, 14]
    assert (everything(small).length, sample(small, 0).with_replacement) == (15, False)
    assert (sample(large, 0).length, sample(large, 0).with_replacement) == (None, True)
    for wrong, said in (
        (lambda: everything(large), "too many to walk over"),
        (lambda: sample(large, 0).indices(0, 1), "have no indices"),
        (lambda: large.columns(np.arange(3)), "more than 2\\^62"),
        (lambda: sample(small, -1), "a seed is a whole number"),
        (lambda: sample(small, 1.5), "a seed is a whole number"),  # pyright: ignore[reportArgumentType]
        (lambda: sample(small, 0).indices(3, 1), "no stretch"),
    ):
        with pytest.raises(ArchcalcError, match=said):
            wrong()
    assert (
        pickle.loads(pickle.dumps(sample(large, 5))).columns(7, 9)["x1"].tolist()  # noqa: S301
        == (sample(large, 5).columns(0, 9)["x1"].tolist()[7:])
    )


# ---- files

TEXT = """
title = "MobileNet by width and size"
network = "mobilenet_v1"
input = "3x224x224"
constraints = ["size % 32 == 0", "width <= 0.75"]
[axes]
width = "0.25..1:0.25"
size = {from = 128, to = 224, step = 16}
classes = [10, 1000]
[settings]
in_channels = 3
"""


def test_a_file_states_a_space() -> None:
    space = parse_space(TEXT, "mine.toml")
    assert (space.name, space.title, space.network) == ("mine", "MobileNet by width and size", "mobilenet_v1_1.0_224")
    assert (space.combinations, space.size()) == (4 * 7 * 2, 3 * 4 * 2)
    assert space.assembled({"width": 0.5, "size": 160, "classes": 10}) == (
        (3, 160, 160),
        {"in_channels": 3, "width": 0.5, "classes": 10},
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"mobilenet_v1"', '"mobilenet_x"', "network: no architecture is called 'mobilenet_x'"),
        ("network =", "netwrk =", "netwrk: it is no key of a design space; did you mean network?"),
        ('network = "mobilenet_v1"', "", "network: there is one of the keys network and model"),
        ("network =", "model =", "model: a model is not loaded here"),
        ("title = ", "title = 3 #", "title: it is a text, not 3"),
        ("3x224x224", "3x", "input: it is a shape such as 3x224x224"),
        ("3x224x224", "4x224x224", "input: mobilenet_v1_1.0_224 takes 3 input channels, not 4"),
        ("width =", "wid =", "constraints[2]: constraint 'width <= 0.75' at 1: 'width' is no axis"),
        ("0.25..1:0.25", "0.25..1", "axes.width: a range of decimals has a step"),
        ("0.25..1:0.25", "0.25..100:0.25", "axes.width: mobilenet_v1_1.0_224: width (multiplier"),
        ("step = 16", "stepp = 16", "axes.size: 'stepp' is no key of it"),
        ("[10, 1000]", "[]", "axes.classes: it has no values"),
        ("classes =", "clases =", "axes.clases: it is no hyperparameter of mobilenet_v1_1.0_224"),
        ("size % 32", "size %", "constraints[1]: constraint 'size % == 0' at 8:"),
        ('["size', '[3, "size', "constraints[1]: a constraint is a text, not '3'"),
        ("constraints = ", "constraints = 3 #", "constraints: it is a list of texts, not 3"),
        ("in_channels = 3", "in_channels = -1", "settings: mobilenet_v1_1.0_224: in_channels"),
        ("in_channels = 3", "colour = 3", "settings: mobilenet_v1_1.0_224 has no hyperparameter 'colour'"),
        ("in_channels = 3", "classes = 3", "axes.classes: it is an axis and a setting"),
        ("[settings]", "[settings", "it is not TOML"),
        ("[axes]", "axes = 3\n[axis]", "axis: it is no key of a design space; did you mean axes?"),
    ],
)
def test_an_error_in_a_file_names_the_file_and_the_key(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(ArchcalcError) as raised:
        parse_space(TEXT.replace(old, new, 1), "mine.toml")
    assert str(raised.value).startswith("mine.toml: ")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


OWN = """
from archcalc import row
from archcalc.ops import Conv

def build(x, width=16, kernel=3):
    return row("conv", x, Conv(width, kernel, padding=kernel // 2))
"""


def test_a_file_of_a_model_of_ones_own_is_found_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.py").write_text(OWN)
    own = tmp_path / "own.toml"
    own.write_text('model = "net.py:build"\ninput = "3x32x32"\n[axes]\nwidth = "8..32:8"\nkernel = "1,3"\n')
    monkeypatch.chdir("/")
    said = json.loads(run("space", str(own), "--where", "width > 8", "--format", "json"))
    assert (said["network"], said["points"], said["combinations"]) == ("build", 6, 8)
    (tmp_path / "net.toml").write_text('input = "3x32x32"\nlayers = ["conv 16 3x3 p1"]\n')
    own.write_text('model = "net.toml"\n[axes]\nsize = "32..64:16"\n')
    space = read_space(str(own))
    shape, hyperparameters = space.assembled({"size": 48})
    assert archcalc.analyze(space.network, input=shape, **hyperparameters).layers[-1].output_shape == (16, 48, 48)


# ---- names and the command


def run(*args: str) -> str:
    result = CliRunner().invoke(cli, args, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout


@pytest.mark.parametrize("name", GROUPS)
def test_a_named_space_is_stated_and_counted(name: str) -> None:
    space = named_space(name.replace("_", "-").upper())
    said = json.loads(run("space", name, "--format", "json"))
    assert said["name"] == name == space.name
    assert said["combinations"] == reduce(operator.mul, [axis["number"] for axis in said["axes"]])
    assert said["points"] == space.size() <= said["combinations"]
    assert f"{space.size():,}, exactly" in " ".join(run("space", name).split())
    pickle.loads(pickle.dumps(space))  # noqa: S301


def test_the_command_makes_a_space_of_a_network() -> None:
    args = ("space", "resnet18", "--over", "size=96..224:16", "--over", "classes=10,100", "--where", "size % 32 == 0")
    said = json.loads(run(*args, "--set", "stem=deep", "--format", "json"))
    assert (said["combinations"], said["points"], said["settings"]) == (18, 10, {"stem": "deep"})
    assert run(*args, "--format", "csv").splitlines() == [
        "axis,values,number",
        "size,96..224:16,9",
        'classes,"10,100",2',
    ]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("resnet18",), "resnet18 is a network: --over makes a space of it"),
        (("resnet18", "--over", "size"), "--over takes AXIS=VALUES such as width=16..512:16, not 'size'"),
        (("resnet18", "--over", "size=1", "--over", "size=2"), "--over size is given twice"),
        (("anynet_d", "--set", "classes=3"), "--set and --input are for networks, and 'anynet_d' is a design space"),
        (("anynet_d", "--over", "x=3"), "anynet_d has no axis 'x'; it has d1"),
        (("anynet_d", "--where", "x < 3"), "'x' is no axis of the space; it has d1"),
        (("anynet_f",), "no architecture is called 'anynet_f'"),
        (("nosuch.toml",), "'nosuch.toml' is not a file"),
    ],
)
def test_a_command_that_cannot_be_is_told_why(args: tuple[str, ...], said: str) -> None:
    with pytest.raises(ArchcalcError) as raised:
        run("space", *args)
    assert said in str(raised.value)


def test_a_space_that_cannot_be_counted_is_stated_all_the_same() -> None:
    over = [f"--over={name}=1..1000" for name in ("size", "classes", "in_channels")]
    said = " ".join(run("space", "resnet18", *over, "--where", "size + classes < in_channels").split())
    assert "combinations 1,000,000,000" in said
    assert "points not counted: the points cannot be counted: the constraints join size, classes, in_channels" in said


@pytest.mark.parametrize("length", [2, 6, 7, 12, 18, 19, 100, 359])
def test_neighbours_have_the_columns_of_their_places(length: int) -> None:
    """Every stretch of a small space, as point by point: axes of words, of one value, of numbers."""
    axes = (
        SpaceAxis("a", (1, 2)),
        SpaceAxis("b", (0.5, 1.5, 4.5)),
        SpaceAxis("c", ("x",)),
        SpaceAxis("d", range(4, 9)),
        SpaceAxis("e", ("u", "v")),
        SpaceAxis("f", range(0, 12, 2)),
    )
    space = DesignSpace("s", axes, "resnet18")
    for first in range(space.combinations - length + 1):
        indices = np.arange(first, first + length)
        found, wanted = space.columns(indices), space.columns_at(space.places(indices))
        assert list(found) == list(wanted)
        for name, column in wanted.items():
            assert found[name].tolist() == column.tolist()
            assert found[name].dtype == column.dtype
