"""Receptive fields are what gradients show, of single ops, chains and merges, for every output unit."""

from __future__ import annotations

import itertools

import pytest
import torch
from gradients import Build, built, check_every_unit, clipped, is_within, seen, spread, stated, touched, tracks
from op_examples import EXAMPLES, LOWERED, ON_TOKENS, UNKNOWN, Example, example_id

from archcalc.analysis.receptive_field import Interval, fields
from archcalc.base.errors import ArchcalcError
from archcalc.graph import Axis, Graph, Op, Reach, Value, Window, chain, row
from archcalc.ops.applied import Given
from archcalc.ops.combine import Add, Concat, Multiply
from archcalc.ops.conv import Conv, ConvTranspose
from archcalc.ops.layout import ChannelsFirst, ChannelsLast, Crop, Flatten, Subsample, ZeroPad
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU, Sigmoid
from archcalc.ops.pool import AdaptiveAvgPool, AdaptiveMaxPool, AvgPool, GlobalAvgPool, MaxPool
from archcalc.ops.sampling import BilinearSample
from archcalc.ops.values import Weight


def is_windowed(example: Example) -> bool:
    """Whether the example looks at a map through a window. Vectors have no axes, and tokens stand on the first one."""
    is_map = bool(example.shapes) and len(example.shapes[0]) > 1 and example not in (*ON_TOKENS, *UNKNOWN)
    return is_map and isinstance(example.op.window(*example.shapes), Window)


def applied(example: Example) -> Build:
    """The op on maps whose channels stand first, on whichever side it wants them.

    Inputs of the first one's shape are the same map; others are weights.
    """

    def build(x: Value) -> Value:
        x = ChannelsLast()(x) if example.last else x
        alike = len(set(example.shapes)) == 1
        others = [x if alike else x.graph.apply(Weight(shape), ()) for shape in example.shapes[1:]]
        op = example.made(x.shape, *[other.shape for other in others]) if example.made else example.op
        y = op(x, *others)
        return ChannelsFirst()(y) if example.gives_last else y

    return build


def map_of(example: Example) -> tuple[int, ...]:
    """The example's first shape with its channels first."""
    shape = example.shapes[0]
    return (shape[-1], *shape[:-1]) if example.last else shape


WINDOWED = [
    example
    for example in EXAMPLES
    if is_windowed(example)
    and (len(set(example.shapes)) == 1 or isinstance(example.op, Given))
    and example.shapes[0][1] > 1
]
SIZE_INDEPENDENT = [example for example in WINDOWED if not isinstance(example.op, (AdaptiveAvgPool, AdaptiveMaxPool))]


@pytest.mark.parametrize("example", SIZE_INDEPENDENT, ids=example_id)
def test_the_window_of_an_op_is_what_gradients_show(example: Example) -> None:
    check_every_unit(applied(example), map_of(example))


@pytest.mark.parametrize("example", WINDOWED, ids=example_id)
def test_on_its_own_input_a_unit_sees_exactly_the_taps_of_its_window(example: Example) -> None:
    """Those that are inside the input, also where padding, or a pool that rounds up, lets the window stick out."""
    shape = map_of(example)
    graph = built(applied(example), shape)
    window = example.op.window(*example.shapes) or [Axis()] * (len(shape) - 1)
    for number, axis in enumerate(window, 1):
        for unit, places in enumerate(touched(graph, number)):
            grid = {unit * axis.stride - axis.padding + tap * axis.dilation for tap in range(axis.kernel)}
            taps = {place // axis.up for place in grid if place % axis.up == 0}
            assert places == taps & set(range(shape[number]))


CHAINS: list[tuple[Op, ...]] = [
    (Conv(2, 3, padding=1), ReLU(), Conv(2, 3, padding=1)),
    (Conv(2, 7, stride=2, padding=3), BatchNorm(), ReLU(), MaxPool(3, 2, padding=1)),
    (Conv(2, 3, stride=2, padding="same"), Conv(2, 5, stride=2, padding="same")),
    (MaxPool(3, 2, ceil=True), MaxPool(3, 2, ceil=True), Conv(2, 3)),
    (Conv(2, (1, 7), padding=(0, 3)), Conv(2, (7, 1), padding=(3, 0)), Conv(2, (3, 1), stride=(2, 1))),
    (Conv(2, 3, padding=2, dilation=2), Conv(2, 3, padding=4, dilation=4)),
    (ZeroPad(0, 1, 2, 3), Conv(2, 3, stride=2), Crop(1, 0, 0, 1)),
    (Subsample(2), Conv(2, 2), Subsample(2)),
    (ConvTranspose(2, 2, stride=2), Conv(2, 3, padding=1)),
    (ConvTranspose(2, 4, stride=2, padding=1), Conv(2, 3, padding=2, dilation=2)),
    (ConvTranspose(2, 3, stride=3), Conv(2, 3, stride=2, padding=1)),
    (ConvTranspose(2, 2, stride=3), Conv(2, 2)),
    (ConvTranspose(2, 3, stride=3), Conv(2, 3, stride=2, padding="same")),
    (ConvTranspose(2, 1, stride=3), MaxPool(2, 2)),
    (ConvTranspose(2, 3, stride=2, padding=1, output_padding=1), ConvTranspose(2, 2, stride=3), Crop(1, 1, 2, 0)),
    (Conv(2, 3, stride=2, padding=1), ConvTranspose(2, 2, stride=2), Conv(2, 3, padding=1)),
    (MaxPool(2, 2), Conv(2, 3), ConvTranspose(2, 4, stride=4), MaxPool(3, 2)),
    (ConvTranspose(2, 2, stride=2), ZeroPad(1, 0, 1, 0), Conv(2, 2, stride=4)),
]


ON_SEQUENCES: list[tuple[Op, ...]] = [
    (Conv(2, 7, stride=2, padding=3), BatchNorm(), ReLU(), MaxPool(3, 2, padding=1), Conv(2, 3, padding="same")),
    (Conv(2, 3, padding=((2, 0),)), Conv(2, 3, padding=((4, 0),), dilation=2), Subsample(2)),
    (ConvTranspose(2, 3, stride=2), Conv(2, 3, stride=3, padding=1), Crop(left=1)),
]
ON_VOLUMES: list[tuple[Op, ...]] = [
    (Conv(2, 3, stride=(1, 2, 2), padding=1), ReLU(), MaxPool((1, 3, 2), (1, 2, 2)), Conv(2, (3, 1, 1))),
    (ZeroPad(0, 1, 2, 0, front=1), Conv(2, 2, stride=2, padding=1), ConvTranspose(2, (1, 2, 3), stride=(1, 2, 3))),
]
TRIED = [
    *[(ops, shape) for ops in CHAINS for shape in ((1, 17, 14), (1, 16, 19))],
    *[(ops, shape) for ops in ON_SEQUENCES for shape in ((1, 17), (1, 40))],
    *[(ops, (1, 8, 9, 10)) for ops in ON_VOLUMES],
]


@pytest.mark.parametrize(("ops", "shape"), TRIED, ids=repr)
def test_the_field_of_a_chain_is_what_gradients_show(ops: tuple[Op, ...], shape: tuple[int, ...]) -> None:
    def build(x: Value) -> Value:
        return chain(x, *ops)

    check_every_unit(build, shape)
    graph = built(build, shape)
    for axis, track in enumerate(tracks(graph), 1):
        truth = seen(graph, axis)
        allowed = clipped(stated(track, len(truth)), shape[axis])
        assert all(is_within(unit, limit) for unit, limit in zip(truth, allowed, strict=True))


def residual(x: Value) -> Value:
    return Add()(x, chain(x, Conv(1, 3, padding=1), Conv(1, 3, padding=1)))


def strided_residual(x: Value) -> Value:
    return Add()(Conv(2, 1, stride=2)(x), chain(x, Conv(2, 3, stride=2, padding=1), Conv(2, 3, padding=1)))


def inception(x: Value) -> Value:
    factorised = chain(x, Conv(2, (1, 7), padding=(0, 3)), Conv(2, (5, 1), padding=(2, 0)))
    return Concat()(Conv(2, 1)(x), factorised, chain(x, AvgPool(3, 1, padding=1), Conv(2, 1)))


def lopsided(x: Value) -> Value:
    return Concat()(Conv(2, 3, padding=((2, 0), (0, 2)))(x), Conv(2, 3, padding=((0, 2), (2, 0)))(x))


def unet(x: Value) -> Value:
    skip = Conv(2, 3, padding=1)(x)
    deep = chain(skip, MaxPool(2, 2), Conv(2, 3, padding=1), ConvTranspose(2, 2, stride=2))
    return Conv(2, 3)(Concat()(skip, deep))


def cropped_unet(x: Value) -> Value:
    skip = Conv(2, 3)(x)
    deep = chain(skip, MaxPool(2, 2), Conv(2, 3), ConvTranspose(2, 2, stride=2))
    return Concat()(Crop(2, 2, 2, 2)(skip), deep)


def sparse_upsampling(x: Value) -> Value:
    """Units that see nothing in one branch see something in the other."""
    return Add()(x, chain(x, MaxPool(2, 2), ConvTranspose(1, 1, stride=2, output_padding=1)))


def pyramid(x: Value) -> Value:
    """Branches whose units repeat with periods of 2 and 3."""
    return Concat()(*[chain(x, AvgPool(n, n), ConvTranspose(1, n, stride=n)) for n in (2, 3)])


def causal(x: Value) -> Value:
    """A dilated convolution that looks back only, beside its own input: a step of a WaveNet."""
    return Add()(x, Conv(1, 2, padding=((4, 0),), dilation=4)(Conv(1, 2, padding=((2, 0),), dilation=2)(x)))


MERGES = [residual, strided_residual, inception, lopsided, unet, cropped_unet, sparse_upsampling, pyramid]


@pytest.mark.parametrize("build", MERGES, ids=lambda build: build.__name__)
def test_where_branches_meet_a_unit_sees_the_hull_of_their_fields(build: Build) -> None:
    check_every_unit(build, (1, 12, 24))


@pytest.mark.parametrize("build", [residual, strided_residual, causal, pyramid], ids=lambda build: build.__name__)
def test_branches_on_a_sequence_have_the_hull_of_their_fields(build: Build) -> None:
    check_every_unit(build, (1, 24))


@pytest.mark.parametrize("build", [residual, strided_residual, pyramid], ids=lambda build: build.__name__)
def test_branches_on_a_volume_have_the_hull_of_their_fields(build: Build) -> None:
    check_every_unit(build, (1, 6, 6, 12))


def test_branches_of_different_strides_have_no_common_field() -> None:
    """Subsampled and cropped to one size, the two branches still drift apart: an error that names the place."""
    graph = Graph("t", (1, 8, 8))
    x = graph.input
    graph.finish(row("add", [Subsample(2)(x), Crop(2, 2, 2, 2)(x)], Add()))
    with pytest.raises(ArchcalcError) as error:
        fields(graph)
    message = "Add() in t / add: branches of different strides meet: 2 and 1 input positions between units"
    assert str(error.value) == message


def squeeze(x: Value) -> Value:
    return chain(x, GlobalAvgPool(), Conv(x.channels, 1), Sigmoid())


SEES_ALL: dict[str, Build] = {
    "global pool": lambda x: Conv(2, 1)(GlobalAvgPool()(x)),
    "adaptive pool to one value": AdaptiveAvgPool(1),
    "dense layer": lambda x: chain(x, Flatten(), Linear(12), ReLU()),
    "gate": lambda x: Multiply()(x, squeeze(x)),
    "after a gate": lambda x: Conv(1, 3, padding=1)(Multiply()(x, squeeze(x))),
}


@pytest.mark.parametrize("build", SEES_ALL.values(), ids=SEES_ALL)
def test_a_unit_that_is_said_to_see_the_whole_input_does(build: Build) -> None:
    graph = built(build, (3, 9, 7))
    assert fields(graph)[-1].reach is Reach.WHOLE
    vector = len(graph.nodes[-1].shape) == 1
    for axis, size in ((1, 9), (2, 7)):
        assert set(seen(graph, axis, output_axis=0 if vector else axis)) == {(0, size - 1)}


def test_beside_a_gate_the_local_field_is_that_of_the_other_branch() -> None:
    """Squeeze-and-excitation sees everything; without it the block sees its convolutions, whose field is still told."""

    def plain(x: Value) -> Value:
        return chain(x, Conv(2, 3, padding=1), Conv(2, 5, stride=2, padding=2))

    def gated(x: Value) -> Value:
        y = Conv(2, 3, padding=1)(x)
        return Conv(2, 5, stride=2, padding=2)(Multiply()(y, squeeze(y)))

    check_every_unit(plain, (1, 12, 12))
    assert tracks(built(gated, (1, 12, 12))) == tracks(built(plain, (1, 12, 12)))


def sees_everything(example: Example) -> bool:
    """Whether each unit depends on every position of an input; a vector is one unit, and as an input one position."""
    shapes = dict.fromkeys(example.shapes)
    inputs = {shape: torch.rand(1, *shape, dtype=torch.float64, requires_grad=True) for shape in shapes}
    function = spread(example.op).lower(torch, *example.shapes)
    if isinstance(function, torch.nn.Module):
        function.eval().double()
    y = channels_first(function(*[inputs[shape] for shape in example.shapes]), example.gives_last)
    if not y.requires_grad:
        return False
    units = y.flatten(2).unbind(2) if y.dim() > 2 else [y]
    for unit in units:
        given = (unit * torch.rand_like(unit)).sum()
        gradients = torch.autograd.grad(given, list(inputs.values()), retain_graph=True, allow_unused=True)
        seen_of = [channels_first(each, example.last).abs().sum(1).all() for each in gradients if each is not None]
        if not any(seen_of):
            return False
    return True


def channels_first(tensor: torch.Tensor, last: bool) -> torch.Tensor:
    return tensor.movedim(-1, 1) if last else tensor


SEEING_ALL = [
    example
    for example in LOWERED
    if example.op.window(*example.shapes) is Reach.WHOLE and not isinstance(example.op, BilinearSample)
]


@pytest.mark.parametrize("example", SEEING_ALL, ids=example_id)
def test_an_op_that_is_called_whole_depends_on_every_position(example: Example) -> None:
    """In each of its units."""
    assert sees_everything(example)


def test_a_sampled_value_may_come_from_any_position() -> None:
    shape = (3, 6, 8)
    assert BilinearSample().window(shape, (2, 1, 1)) is Reach.WHOLE
    sample = BilinearSample().lower(torch, shape, (2, 1, 1))
    x = torch.rand(1, *shape, dtype=torch.float64, requires_grad=True)
    for row_number, column in itertools.product(range(6), range(8)):
        place = ((2 * column + 1) / 8 - 1, (2 * row_number + 1) / 6 - 1)
        value = sample(x, torch.tensor(place, dtype=torch.float64).view(1, 2, 1, 1)).sum()
        (gradient,) = torch.autograd.grad(value, x)
        assert gradient[..., row_number, column].all()


IRREGULAR = [example for example in LOWERED if example.op.window(*example.shapes) is Reach.IRREGULAR]


@pytest.mark.parametrize("example", IRREGULAR, ids=example_id)
def test_an_op_that_is_called_irregular_has_windows_of_no_common_size_and_step(example: Example) -> None:
    """Or its units stand on other axes than the input's, or do not move on with the input, and do not see all of it."""
    graph = built(applied(example), map_of(example))
    vector = len(map_of(example)) == 1
    assert fields(graph)[-1] == (None, Reach.WHOLE if vector else Reach.IRREGULAR)
    assert not sees_everything(example)
    if len(graph.nodes[-1].shape) != len(graph.input.shape):
        return
    assert any(is_irregular(seen(graph, axis)) for axis in range(1, len(graph.input.shape)))


def is_irregular(units: list[Interval | None]) -> bool:
    """Whether units along an axis do not see windows of one size that move on by one step.

    Some see nothing, or the windows or steps differ, or they stay where they are or move back, or there is only one.
    """
    steps = {
        (after[0] - before[0], after[1] - before[1])
        for before, after in itertools.pairwise(units)
        if before is not None and after is not None
    }
    alone = len(units) == 1 and units[0] is not None and units[0][0] < units[0][1]
    return alone or None in units or len(steps) > 1 or any(first != last or first <= 0 for first, last in steps)
