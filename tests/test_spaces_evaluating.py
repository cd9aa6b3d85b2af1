"""Totals at many points of a space are those of the networks built one by one, whatever shapes them."""

from __future__ import annotations

import pickle
from dataclasses import replace
from fractions import Fraction

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc import Network, block, row
from archcalc.algebra.polynomial import Space
from archcalc.analysis.quantities import Basis, predicted, totals
from archcalc.base.errors import ArchcalcError
from archcalc.ops import Add, Conv, Flatten, GlobalAvgPool, Linear, ReLU
from archcalc.spaces.axes import SpaceAxis
from archcalc.spaces.evaluating import Evaluator
from archcalc.spaces.named.anynet import space as anynet
from archcalc.spaces.named.regnet import space as regnet
from archcalc.spaces.programs import ArrayProgram
from archcalc.spaces.space import DesignSpace

SUMS = ("params", "mult_adds", "activation_sum")
EVERY = (
    *SUMS,
    "buffers",
    "peak_inference_bytes",
    "training_saved_bytes",
    "weight_layers",
    "bytes_moved",
    "arithmetic_intensity",
    "receptive_field",
)


def outcome(space, columns, place, keys, batch=1, dtype="float32"):
    """The totals of the network at a row, built alone, or the reason why there is none."""
    arguments = {name: column[place] for name, column in space.translated(dict(columns)).items()}
    plain = {name: value.item() if hasattr(value, "item") else value for name, value in arguments.items()}
    shape, hyperparameters = space.assembled(plain)
    try:
        graph = space.resolved.graph(shape, hyperparameters)
    except ArchcalcError as error:
        return str(error)
    return dict(totals(Basis(graph, batch, dtype), keys).items())


def agree(space, indices, keys=EVERY, most=40, **asked):
    """The number of rows at which both were compared."""
    columns = space.columns(numpy.asarray(indices))
    evaluator = Evaluator(space, keys, **asked)
    evaluator.evaluate(space.columns(numpy.asarray(indices[: len(indices) // 3 + 1])))  # structures are kept
    found = evaluator.evaluate(columns)
    chosen = numpy.random.default_rng(5).permutation(len(indices))[:most]
    for place in chosen.tolist():
        wanted = outcome(space, columns, place, keys, **asked)
        if isinstance(wanted, str):
            assert found.problems[place] == wanted
            assert all(numpy.ma.is_masked(column[place]) for column in found.columns.values())
        else:
            assert place not in found.problems
            got = {
                key: None if numpy.ma.is_masked(column[place]) else column[place]
                for key, column in found.columns.items()
            }
            for key in predicted(keys):
                assert got.pop(key) == pytest.approx(wanted.pop(key), rel=1e-12)
            assert got == wanted, (place, {name: column[place] for name, column in columns.items()})
    return len(chosen)


SPACES = {
    "sizes of every residue": ("resnet18", {"size": "20..300", "classes": "10,100,1000"}),
    "sizes without a network": ("unet", {"size": "100..600:4", "classes": "2,3,5"}),
    "height and width": ("alexnet", {"height": "60..300:7", "width": "60..300:5"}),
    "groups that must divide": ("regnetx_block_s1", {"width": "1..99", "group_width": "1,2,4,8"}),
    "equal widths here and there": (
        "regnetx_block_s1",
        {"width": "8..96:8", "group_width": "1,2,4,8", "stride": "1,2"},
    ),
    "real multipliers": ("mobilenet_v1", {"width": "0.25,0.33,0.5,1", "size": "96..256:8", "classes": "10,1000"}),
    "depths that most numbers are not": ("wrn_28_10", {"depth": "10..40", "k": "1..12", "classes": "10,100"}),
    "words and switches": ("resnext50_32x4d", {"stem": "7x7,deep", "width": "1..16", "cardinality": "1..32"}),
    "dense layers": ("densenet121", {"growth": "8..48", "size": "64,65,96"}),
    "cells": ("nasnet_a_cifar", {"cells": "1,2", "filters": "96..960:24"}),
}


@pytest.mark.parametrize("name", SPACES)
def test_totals_of_families_are_those_of_their_networks(name):
    network, over = SPACES[name]
    space = DesignSpace.of(network, over=over)
    indices = numpy.random.default_rng(7).permutation(space.combinations)[:600]
    assert agree(space, indices, most=12) == 12


@pytest.mark.parametrize("name", ["regnetx", "regnety"])
def test_totals_of_regnets_are_those_of_their_networks(name):
    space = regnet(name)
    first = space.combinations // 3
    assert agree(space, numpy.arange(first, first + 3000), SUMS, most=15) == 15


@pytest.mark.parametrize("name", ["regnetx", "regnety"])
def test_totals_of_different_networks_are_those_of_all_points(name):
    """Networks that occur often are evaluated once: as if every point were."""
    space = regnet(name)
    columns = space.columns(numpy.arange(*[space.combinations * 2 // 3 + end for end in (-9999, 20_001)]))
    once, each = (Evaluator(one, SUMS).evaluate(columns) for one in (space, replace(space, different=None)))
    assert space.networks(columns)[1] is not None
    for key in SUMS:
        assert (once.columns[key] == each.columns[key]).all()
    assert not once.problems


def halves(columns):
    return {"size": columns["size"] // 2}


def different_halves(columns):
    sizes = columns["size"] // 2
    found, places = numpy.unique(sizes, return_inverse=True)
    return {"size": found[::-1].copy()}, len(found) - 1 - places


@pytest.mark.parametrize("last", [299, 2999])
def test_reasons_of_different_networks_are_told_at_every_point(last):
    """Small images have no AlexNet; every size stands for two points; built alone, and by structures."""
    axes = (SpaceAxis("size", range(20, last + 1)),)
    space = DesignSpace("halves", axes, "alexnet", translate=halves, different=different_halves)
    columns = space.columns(numpy.arange(space.combinations))
    once, each = (Evaluator(one, SUMS).evaluate(columns) for one in (space, replace(space, different=None)))
    assert once.problems == each.problems
    assert len(once.problems) > 50
    for key in SUMS:
        assert once.columns[key].tolist() == each.columns[key].tolist()


def x(value, width, ratio):
    y = row("a", value, Conv(width // ratio, 1), ReLU())
    y = row("b", y, Conv(width, 3, padding=1))
    return row("add", (value, y), Add())


def staged(value, d1=1, d2=1, width=8, ratio=1, odd=0):
    """Two stages of equal blocks; with `odd`, the seventh block of a stage has a layer more."""
    for stage, depth in enumerate((d1, d2)):
        value = row(f"down{stage}", value, Conv(width * 4 * (stage + 1), 3, 2, 1))
        for number in range(depth):
            value = block(f"stage{stage}.{number}", x, value, width * 4 * (stage + 1), ratio)
            if odd and number == 6:
                value = row(f"odd{stage}", value, Conv(width * 4 * (stage + 1), 1))
    value = row("pool", value, GlobalAvgPool())
    return row("fc", value, Flatten(), Linear(10))


STAGED = Network.build(staged, input=(3, 32, 32), name="staged")
NEGATIVE = Network.build(
    lambda value, d1=1, d2=1: staged(value, 2 - d1 if d1 < 0 else d1, d2), input=(3, 32, 32), name="negative"
)
DEPTHS = {"d1": "0..12", "d2": "0..12", "width": "1..40", "ratio": "1,2,4"}


def deep(repeats, **fixed):
    axes = tuple([SpaceAxis.read(name, text) for name, text in DEPTHS.items()])
    return DesignSpace("staged", axes, STAGED, settings=fixed, repeats=repeats)


def test_numbers_of_equal_blocks_are_letters():
    space = deep(("d1", "d2"))
    indices = numpy.random.default_rng(1).permutation(space.combinations)[:6000]
    assert agree(space, indices, most=60) == 60


def test_numbers_below_none_are_told_apart():
    """A builder of one's own may take any number of blocks: here those below 0 are so many above 2."""
    space = replace(deep(("d1", "d2")), axes=(SpaceAxis("d1", range(-130, 20, 6)), SpaceAxis("d2", range(9))))
    space = replace(space, network=NEGATIVE)
    assert agree(space, numpy.arange(space.combinations), SUMS, most=60) == 60


def test_blocks_that_are_not_equal_are_found_out_or_built():
    """The seventh block differs: a structure of numbers below and above must not stand for both."""
    space = deep((), odd=1)
    indices = numpy.random.default_rng(1).permutation(space.combinations)[:3000]
    assert agree(space, indices, SUMS, most=60) == 60


@pytest.mark.parametrize(("batch", "dtype"), [(3, "float16"), (1, "int8")])
def test_bytes_are_of_the_batch_and_the_type(batch, dtype):
    space = DesignSpace.of("resnet18", over={"size": "32..224:32", "classes": "10..60"})
    assert agree(space, numpy.arange(space.combinations), most=10, batch=batch, dtype=dtype) == 10


def test_a_latency_is_that_of_the_network():
    """At few points each is built; at many the kernels are built on letters, and so are they in AnyNetX's depths."""
    keys = ("params", "latency@rtx-4090")
    space = DesignSpace.of("resnet18", over={"size": "64..224:32", "classes": "10,1000"})
    assert agree(space, numpy.arange(space.combinations), keys, most=4, batch=8) == 4
    space = anynet("anynet_c")
    assert agree(space, numpy.random.default_rng(2).integers(0, space.combinations, 2000), keys, most=9, batch=8) == 9


def test_an_evaluator_can_be_pickled_and_says_the_same():
    space = DesignSpace.of("resnet18", over={"size": "32..224:32", "classes": "10..60"})
    columns = space.columns(numpy.arange(space.combinations))
    evaluator = Evaluator(space, SUMS)
    found = evaluator.evaluate(columns)
    again = pickle.loads(pickle.dumps(evaluator)).evaluate(columns)  # noqa: S301
    assert {key: column.tolist() for key, column in again.columns.items()} == {
        key: column.tolist() for key, column in found.columns.items()
    }


def wide(value, width=8):
    value = row("a", value, Conv(width, 1, bias=False))
    return row("b", value, Conv(width, 1, bias=False))


@pytest.mark.parametrize("rows", [4, 400])
def test_a_total_beyond_64_bits_is_refused_and_named(rows):
    network = Network.build(wide, input=(1, 100_000, 100_000), name="wide")
    space = DesignSpace("wide", (SpaceAxis("width", range(1, 9_000_000, 9_000_000 // rows)),), network)
    count = len(space.axes[0])
    good = Evaluator(space, ("params",)).evaluate(space.columns(numpy.arange(count)))
    assert all(
        int(params) == width + width**2
        for width, params in zip(space.axes[0].values, good.columns["params"], strict=False)
    )
    with pytest.raises(ArchcalcError, match=r"wide: mult_adds at width = \d+ is larger than 2\^63 - 1"):
        Evaluator(space, ("mult_adds",)).evaluate(space.columns(numpy.arange(count)))


TERM = st.tuples(st.integers(-50, 50), st.lists(st.integers(0, 2), min_size=3, max_size=3))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(TERM, max_size=6), min_size=1, max_size=4),
    st.lists(st.tuples(*[st.integers(0, 10**k) for k in (1, 6, 12)]), min_size=1, max_size=5),
)
def test_programs_compute_polynomials_exactly(sums, points):
    """Against the polynomials' own value, with numbers for float64, for int64 and beyond."""
    space = Space(("a", "b", "c"))
    letters = [space.symbol(name) for name in space.names]
    polynomials = []
    for terms in sums:
        total = 0
        for coefficient, powers in terms:
            term = coefficient
            for letter, power in zip(letters, powers, strict=True):
                term = term * letter**power
            total = total + term
        polynomials.append(total)
    columns = {name: numpy.array([point[place] for point in points]) for place, name in enumerate(space.names)}
    program = ArrayProgram(space.names, polynomials)
    results = program.run(columns, len(points))
    bounds = program.bounds(
        {name: int(column.min()) for name, column in columns.items()},
        {name: int(column.max()) for name, column in columns.items()},
    )
    for polynomial, result, (low, high) in zip(polynomials, results, bounds, strict=True):
        for point, value in zip(points, result.tolist(), strict=True):
            exact = (
                polynomial if isinstance(polynomial, int) else polynomial.value(dict(zip("abc", point, strict=True)))
            )
            assert Fraction(value) == exact
            assert low <= exact <= high
