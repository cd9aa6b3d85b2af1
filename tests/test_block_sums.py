"""Networks of blocks that were built before have the sums of networks that are built in full."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from archcalc import ArchcalcError, Graph, Network, block, row, zoo
from archcalc.algebra.polynomial import Space
from archcalc.analysis.quantities import Basis, totals
from archcalc.graph.block_sums import BlockSums
from archcalc.ops.combine import Add, Concat
from archcalc.ops.conv import Conv
from archcalc.ops.pointwise import ReLU
from archcalc.spaces.named import named_space

SUMS = ("params", "buffers", "mult_adds", "activation_sum")


def sums(graph: Graph) -> Any:
    return totals(Basis(graph), SUMS)


@pytest.mark.parametrize("name", ["darts", "enas_micro", "enas_macro", "nasnet_a", "anynet_a"])
def test_drawn_networks_have_their_sums(name: str) -> None:
    """The first time a block occurs and the next times, in the order drawn."""
    space, random, known = named_space(name), numpy.random.default_rng(5), BlockSums()
    columns = space.translated(space.columns_at({a.name: random.integers(0, len(a), 12) for a in space.axes}))
    for row_number in range(12):
        one = {key: values[row_number] for key, values in columns.items()}
        one = {key: each.item() if hasattr(each, "item") else each for key, each in one.items()}
        shape, settings = space.assembled(one)
        full = space.resolved.graph(shape, settings)
        short = space.resolved.graph(shape, settings, known)
        assert sums(short) == sums(full)
        assert len(short.nodes) < len(full.nodes) / 2


def test_every_family_has_its_sums() -> None:
    """With one store for all of them, in turn, and a second time from the store."""
    known = BlockSums()
    firsts = {id(each.family): each for each in zoo.networks() if "1202" not in each.name}
    assert len(firsts) > 60
    for _ in range(2):
        for network in firsts.values():
            assert sums(network.graph(known=known)) == sums(network.graph())


def widened(x: Any, width: int, depth: Any = 1) -> Any:
    for number in range(int(depth)):
        x = row(f"conv{number}", x, Conv(width, 3, padding=1), ReLU())
    return x


def built(build: Any, known: BlockSums | None, shape: Any = (3, 8, 8)) -> Graph:
    return Network("own", build, (shape,)).graph(known=known)


def assert_same(*builders: Any, shape: Any = (3, 8, 8)) -> BlockSums:
    """All builders with one store, twice; returns the store."""
    known = BlockSums()
    for build in (*builders, *builders):
        assert sums(built(build, known, shape)) == sums(built(build, None, shape))
    return known


def test_blocks_differ_by_arguments_and_shapes() -> None:
    def net(width: int, depth: Any, side: int) -> Any:
        def build(x: Any) -> Any:
            x = row("stem", x, Conv(side, 1))
            return block("last", widened, block("first", widened, x, width, depth=depth), width, depth)

        return build

    known = assert_same(net(4, 1, 3), net(4, 2, 3), net(5, 1, 3), net(4, 1, 4), net(4, bool(1), 3), net(4, 1.0, 3))
    assert len(known) > 8


def test_blocks_differ_by_what_their_function_has_taken() -> None:
    """Two functions of one code, with other values around them, and a default that differs."""

    def net(width: int) -> Any:
        def inner(x: Any) -> Any:
            return row("conv", x, Conv(width, 3))

        def operate(x: Any, kernel: int = width) -> Any:
            return row("conv2", x, Conv(4, kernel))

        return lambda x: block("b", operate, block("a", inner, x))

    assert_same(net(2), net(3), net(5))


def test_blocks_differ_by_the_functions_that_they_are_given() -> None:
    def net(kernel: int, activation: type[ReLU] | None) -> Any:
        def unit(x: Any) -> Any:
            return row("unit", x, Conv(6, kernel), *([activation()] if activation else []))

        def twice(x: Any, each: Any) -> Any:
            return block("second", each, block("first", each, x))

        return lambda x: block("both", twice, x, unit)

    assert_same(net(1, None), net(3, None), net(3, ReLU))


def test_a_function_may_change_what_it_has_taken() -> None:
    """A loop's variable, which functions made before read later, also in a tuple."""

    def build(x: Any) -> Any:
        width = 0

        def unit(x: Any) -> Any:
            return row("unit", x, Conv(width, 1))

        def first(x: Any, units: Any) -> Any:
            return block("unit", units[0], x)

        units = (unit,)
        for width in (2, 3, 4):
            x = block(f"number{width}", first, x, units)
        return x

    known = assert_same(build)
    assert built(build, known).nodes[-1].shape == (4, 8, 8)


def test_a_block_may_return_its_input_or_read_several_values() -> None:
    def same(_: Any, other: Any) -> Any:
        return other

    def joined(x: Any, others: list[Any], pair: tuple[Any, int]) -> Any:
        return row("concat", (x, *others, pair[0]), Concat())

    def build(x: Any) -> Any:
        y, z = row("y", x, Conv(3, 1)), row("z", x, Conv(5, 1))
        w = block("same", same, y, z)
        added = row("add", (w, block("again", same, z, z)), Add())
        return block("joined", joined, added, [y, y], (z, 1))

    known = assert_same(build)
    graph = built(build, known)
    assert graph.nodes[-1].shape == (5 + 3 + 3 + 5, 8, 8)
    assert graph.nodes[-1].inputs == (3, 1, 2)


def test_several_outputs_and_shared_layers_are_built_in_full() -> None:
    """A block that returns two values, and one that is given a layer, whose weights may be shared."""

    def two(x: Any) -> Any:
        return row("a", x, Conv(2, 1)), row("b", x, Conv(2, 1))

    def applied(x: Any, op: Any, *, again: bool) -> Any:
        return row("conv", x, op, reuse=again)

    def build(x: Any) -> Any:
        layer = Conv(3, 1)
        first = block("first", applied, x, layer, again=False)
        second = block("second", applied, first, layer, again=True)
        return row("add", block("two", two, second), Add())

    known = assert_same(build)
    assert len(built(build, known).nodes) == len(built(build, None).nodes)


def test_errors_are_those_of_networks_in_full() -> None:
    def too_large(x: Any) -> Any:
        return row("conv", x, Conv(2, 9))

    def unread(x: Any) -> Any:
        row("lost", x, Conv(2, 1))
        return row("conv", x, Conv(2, 1))

    for inner in (too_large, unread):
        texts: list[str] = []
        for known in (None, BlockSums()):
            with pytest.raises(ArchcalcError) as error:
                built(lambda x, inner=inner: block("block", inner, x), known)
            texts.append(str(error.value))
        assert texts[0] == texts[1]


def test_only_sums_can_be_told() -> None:
    graph = zoo.network("resnet18").graph(known=BlockSums())
    for key in ("receptive_field", "peak_inference", "training_step_bytes", "bytes_moved"):
        with pytest.raises(ArchcalcError, match="only parameters, work and elements are known"):
            totals(Basis(graph), (key,))


def test_symbols_are_built_in_full() -> None:
    """Sizes that are symbols belong to one computation."""
    space, known = Space(("H", "W")), BlockSums()
    shape = (3, 32 * space.symbol("H"), 32 * space.symbol("W"))
    graph = zoo.network("resnet18").graph(shape, None, known)
    assert sums(graph) == sums(zoo.network("resnet18").graph(shape))
    assert not len(known)


def test_the_store_is_bounded() -> None:
    known = BlockSums(limit=5)
    for width in range(1, 30):
        graph = built(lambda x, width=width: block("b", widened, x, width), known)
        assert sums(graph) == sums(built(lambda x, width=width: block("b", widened, x, width), None))
        assert len(known) <= 5


def test_the_store_keeps_no_networks() -> None:
    """Values of a graph would keep the graph."""
    import gc
    import weakref

    def joined(x: Any, others: list[Any]) -> Any:
        return row("concat", (x, *others), Concat())

    known = BlockSums()
    graph = built(lambda x: block("b", joined, x, [x]), known)
    there = weakref.ref(graph)
    del graph
    gc.collect()
    assert there() is None
    assert len(known) == 1


def test_a_call_that_changes_what_it_was_given_is_made_each_time() -> None:
    """A list that grows, and a number around the function."""

    def grown(x: Any, others: list[Any]) -> Any:
        others.append(row("side", x, Conv(2, 1)))
        return row("conv", x, Conv(3, 1))

    def listed(x: Any) -> Any:
        others: list[Any] = []
        return row("concat", (block("grown", grown, x, others), *others), Concat())

    def counted(x: Any) -> Any:
        number = 2

        def unit(x: Any) -> Any:
            nonlocal number
            number += 1
            return row("unit", x, Conv(number, 1))

        return block("second", unit, block("first", unit, x))

    assert_same(listed, counted)


def test_arguments_by_name_and_by_place_are_not_confused() -> None:
    def unit(x: Any, first: Any = 4, second: Any = 4) -> Any:
        return row("unit", x, Conv(3 if first == "second" else 5, 1), *([ReLU()] if second == 4 else []))

    assert_same(lambda x: block("b", unit, x, "second", 2), lambda x: block("b", unit, x, second=2))


def test_blocks_without_a_label_have_the_names_of_their_rows() -> None:
    """And two rows of one name are an error, as they are without blocks."""

    def build(x: Any) -> Any:
        return block("outer", lambda x: block("", widened, x, 4), x)

    assert [node.row for node in built(build, None).nodes] == ["input", "outer.conv0", "outer.conv0"]
    assert_same(build)
    for known in (None, BlockSums()):
        with pytest.raises(ArchcalcError, match="two rows are called conv0"):
            built(lambda x: block("", widened, block("", widened, x, 4), 5), known)


def test_blocks_in_use_are_not_forgotten() -> None:
    """A block that every network has stays, among others that occur once."""
    known = BlockSums(limit=8)
    calls: list[int] = []

    def common(x: Any) -> Any:
        calls.append(1)
        return row("common", x, Conv(3, 1))

    global noted  # noqa: PLW0603  a function that is known by its code, and not called where its block is known
    noted = common
    for width in range(1, 40):
        built(lambda x, width=width: block("b", widened, block("a", _noted, x), width), known)
    assert len(calls) == 1


noted: Any = None


def _noted(x: Any) -> Any:
    return noted(x)
