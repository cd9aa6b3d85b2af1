"""Numbers of points below a total, without walking over a space: bounds of the number that walking over it gives."""

from __future__ import annotations

import json
from itertools import pairwise, product

import numpy
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc import Network, equal, row
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.cli import cli
from archcalc.ops import Concat, Conv, Flatten, GlobalAvgPool, Linear
from archcalc.spaces import counting
from archcalc.spaces.axes import SpaceAxis
from archcalc.spaces.chains import Chain, JointPart, chains_of
from archcalc.spaces.counting import Bounds, count_under, counted, distribution
from archcalc.spaces.drawing import sample
from archcalc.spaces.evaluating import Evaluator
from archcalc.spaces.layering import layered
from archcalc.spaces.named import named_space
from archcalc.spaces.space import DesignSpace
from archcalc.spaces.stages import ANYNETX, assembled, of_anynet
from archcalc.spaces.structures import Costing
from archcalc.training import DEFAULT_TRAINING

# ---- chains


@st.composite
def random_chains(draw: st.DrawFn) -> Chain:
    """Small chains: several parts between neighbours, with costs or without, and pairs that are not allowed."""
    random = numpy.random.default_rng(draw(st.integers(0, 2**32)))
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    unit = draw(st.sampled_from([1, 1, 3]))
    largest = draw(st.sampled_from([1, 10, 1000]))
    joints = []
    for before, behind in pairwise(sizes):
        parts = []
        for place in range(draw(st.integers(1, 3))):
            shape = draw(st.integers(1, before)), draw(st.integers(1, behind))
            costs = unit * random.integers(0, largest, shape) if not place or draw(st.booleans()) else None
            allowed = random.random(shape) < draw(st.sampled_from([0.5, 1.0]))
            states = [random.integers(0, n, size) for n, size in zip(shape, (before, behind), strict=True)]
            parts.append(JointPart(*states, costs, allowed))
        parts.sort(key=lambda part: part.costs is None)
        joints.append(tuple(parts))
    own = tuple([unit * random.integers(0, largest, size) for size in sizes])
    return Chain(draw(st.integers(-5, 5)), own, tuple(joints), draw(st.sampled_from([1, 7, 10**20])))


def sums(chain: Chain) -> list[int]:
    """The sums of all combinations, one after another."""
    found = []
    for point in product(*[range(len(each)) for each in chain.own]):
        total = chain.constant + sum([int(own[place]) for own, place in zip(chain.own, point, strict=True)])
        good = True
        for parts, before, behind in zip(chain.joints, point, point[1:], strict=False):
            for part in parts:
                pair = part.before[before], part.behind[behind]
                good &= bool(part.allowed[pair])
                total += 0 if part.costs is None else int(part.costs[pair])
        if good:
            found.append(total)
    return found


@settings(max_examples=300, deadline=None)
@given(random_chains(), st.integers(1, 60), st.booleans(), st.lists(st.integers(0, 20), min_size=1, max_size=4))
def test_bounds_hold_on_random_chains_and_meet_at_bins_of_one_unit(
    chain: Chain, bins: int, limbs: bool, places: list[int]
) -> None:
    totals = sorted(sums(chain))
    limits = [totals[place * len(totals) // 21] if totals else place for place in places]
    limits += [each - 1 for each in limits] + [10**30, chain.constant - 10]
    exact = [chain.factor * sum([total <= limit for total in totals]) for limit in limits]
    with pytest.MonkeyPatch.context() as patch:
        if limbs:  # numbers of points in limbs of three bits
            patch.setattr(counting, "MOST_POINTS", 1)
            patch.setattr(counting, "LIMB", 3)
        for limit, wanted, found in zip(limits, exact, counted(chain, limits, bins), strict=True):
            assert found.lower <= wanted <= found.upper, limit
            if limit in (10**30, chain.constant - 10):
                assert found == Bounds(wanted, wanted)
        assert counted(chain, limits, 1 << 14) == [Bounds(each, each) for each in exact]


# ---- layers


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9), st.integers(0, 2**32))
def test_layers_have_all_vertices_once_and_edges_within_or_to_the_next(number: int, seed: int) -> None:
    random = numpy.random.default_rng(seed)
    sizes = {vertex: int(random.integers(1, 20)) for vertex in range(number)}
    beside: dict[int, set[int]] = {vertex: set() for vertex in sizes}
    for one, other in random.integers(0, number, (int(random.integers(0, 2 * number)), 2)).tolist():
        if one != other:
            beside[one].add(other)
            beside[other].add(one)
    row = layered(sizes, beside, 400)
    if row is None:
        return
    level = {vertex: place for place, layer in enumerate(row) for vertex in layer}
    assert sorted(vertex for layer in row for vertex in layer) == sorted(sizes)
    assert all(abs(level[one] - level[other]) <= 1 for one in sizes for other in beside[one])
    assert all(numpy.prod([sizes[vertex] for vertex in layer]) <= 400 for layer in row)


# ---- spaces

RULES = {
    "a": (),
    "b": (),
    "c": (),
    "d": ("w1 <= w2 <= w3",),
    "e": ("w1 <= w2 <= w3", "d1 <= d2 <= d3"),
    "other": ("w2 <= 2*w1", "g1 divides w1", "d1 + d2 <= 5", "w3 != w2"),
    "far": ("w1 <= w3", "d1 < d3"),
}


def small(kind: str, seed: int) -> DesignSpace:
    """A space of AnyNetX with few values on its axes."""
    random = numpy.random.default_rng(seed)

    def axis(name: str, values: list[int], most: int) -> SpaceAxis:
        return SpaceAxis(name, tuple(sorted(random.permutation(values)[:most].tolist())))

    places = (1, 2, 3)
    axes = [axis(f"d{place}", [1, 2, 3, 4, 7], 3) for place in places]
    axes += [axis(f"w{place}", [8, 16, 24, 40, 64, 88], 3) for place in places]
    axes += [axis(name, [1, 2, 4], 2) for name in (["b"] if kind in "bcde" else [f"b{place}" for place in places])]
    axes += [axis(name, [1, 8, 16], 2) for name in (["g"] if kind in "cde" else [f"g{place}" for place in places])]
    return DesignSpace(
        f"small_{kind}",
        tuple(axes),
        ANYNETX,
        RULES[kind],
        input=(3, 64, 64),
        translate=of_anynet,
        assemble=assembled,
        repeats=tuple([f"d_{place}" for place in places]),
    )


def totals_of(space: DesignSpace, quantity: str) -> numpy.ndarray:
    """The totals of all points."""
    columns = space.columns(numpy.arange(space.combinations))
    allowed = space.allowed(columns)
    columns = {name: column[allowed] for name, column in columns.items()}
    return numpy.sort(Evaluator(space, (quantity,)).evaluate(columns).columns[quantity])


@pytest.mark.parametrize("quantity", ["params", "mult_adds", "activation_sum", "receptive_field", "bytes_moved"])
@pytest.mark.parametrize("kind", RULES)
def test_bounds_hold_on_spaces_of_stages(kind: str, quantity: str) -> None:
    seed = sum(map(ord, kind + quantity))
    space = small(kind, seed)
    totals = totals_of(space, quantity)
    random = numpy.random.default_rng(seed)
    limits = [*totals[random.integers(0, len(totals), 5)].tolist(), int(totals[-1]), 10**30, int(totals[0]) - 1]
    limits += [each - 1 for each in limits[:3]]
    exact = [int(numpy.searchsorted(totals, limit, side="right")) for limit in limits]
    for largest in (40, 200, 1 << 18):  # groups of few axes, of a stage, and of several
        for bins in (3, 50, 700):
            found = distribution(space, quantity, limits, bins=bins, few=0, largest_group=largest)
            for limit, wanted, bounds in zip(limits, exact, found, strict=True):
                assert bounds.lower <= wanted <= bounds.upper, (limit, bins, largest)
        assert found[6] == Bounds(space.size(), space.size())
        fine = distribution(space, quantity, limits, bins=1 << 18, few=0, largest_group=largest)
        if limits[0] < 1 << 18:
            assert fine[0] == Bounds(exact[0], exact[0])
    assert distribution(space, quantity, limits, few=1 << 20) == [Bounds(each, each) for each in exact]


@pytest.mark.parametrize("letter", "abcde")
def test_at_no_limit_all_points_are_counted(letter: str) -> None:
    """The size of the space follows in another way, from the constraints alone."""
    space = named_space(f"anynet_{letter}")
    assert count_under(space, "activation_sum", 10**30, bins=64) == Bounds(space.size(), space.size())


def test_points_beyond_64_bits_are_counted_exactly() -> None:
    """Six stages have 2.5e27 points."""
    kinds = {"d": range(1, 17), "w": range(8, 1025, 8), "b": (1, 2, 4), "g": (1, 2, 4, 8, 16, 32)}
    axes = tuple([SpaceAxis(f"{kind}{place}", kinds[kind]) for kind in kinds for place in range(1, 7)])
    repeats = tuple([f"d_{place}" for place in range(1, 7)])
    space = DesignSpace("six", axes, ANYNETX, translate=of_anynet, assemble=assembled, repeats=repeats)
    assert space.size() == 36864**6 > 2**91
    assert count_under(space, "params", 10**30, bins=40) == Bounds(36864**6, 36864**6)
    below = distribution(space, "params", [10**7, 10**8], bins=200)
    assert 0 < below[0].lower < below[0].upper < below[1].lower < below[1].upper < 36864**6


@pytest.mark.parametrize("letter", "ad")
def test_the_share_below_is_that_of_a_sample(letter: str) -> None:
    """Of 20,000 random points, within five standard errors."""
    space = named_space(f"anynet_{letter}")
    indices = sample(space, 20).indices(0, 20_000 if letter == "a" else 400_000)
    columns = space.columns(indices)
    allowed = space.allowed(columns)
    columns = {name: column[allowed] for name, column in columns.items()}
    rows = int(allowed.sum())
    assert rows > 15_000
    found = Evaluator(space, ("params", "mult_adds")).evaluate(columns).columns
    for quantity, totals in found.items():
        limits = [int(each) for each in numpy.quantile(totals, [0.01, 0.1, 0.5, 0.9])]
        for limit, bounds in zip(limits, distribution(space, quantity, limits), strict=True):
            low, high = bounds.lower / space.size(), bounds.upper / space.size()
            share = float((totals <= limit).mean())
            error = 5 * (share * (1 - share) / rows) ** 0.5
            assert low - error < share < high + error
            assert bounds.gap < 0.03


def test_more_bins_bring_the_bounds_nearer() -> None:
    space = named_space("anynet_c")
    gaps = [count_under(space, "mult_adds", 400_000_000, bins=bins).gap for bins in (128, 512, 2048)]
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=0.5)
    assert gaps[1] / gaps[2] == pytest.approx(4, rel=0.5)


# ---- other spaces


@pytest.mark.parametrize(
    ("network", "over"),
    [
        ("resnet18", {"stem": "7x7,3x3,deep", "classes": "10..400:10"}),
        ("resnet18", {"size": "64..224:32", "classes": "10..400:10"}),
        ("mobilenet_v1", {"width": "0.25..1:0.25", "size": "96..224:32", "classes": "5..60:5"}),
    ],
)
@pytest.mark.parametrize("quantity", ["params", "mult_adds"])
def test_values_that_are_no_letters_have_chains_of_their_own(network: str, over: dict[str, str], quantity: str) -> None:
    """Words, sizes that are divided, and decimals."""
    space = DesignSpace.of(network, over=over)
    totals = totals_of(space, quantity)
    limits = totals[:: len(totals) // 7].tolist()
    exact = [int((totals <= limit).sum()) for limit in limits]
    assert distribution(space, quantity, limits, few=0) == [Bounds(each, each) for each in exact]
    assert distribution(space, quantity, limits) == [Bounds(each, each) for each in exact]


def head(value):
    value = row("pool", value, GlobalAvgPool())
    return row("fc", value, Flatten(), Linear(10))


def dense(value, **widths):
    """Every layer reads all layers before it."""
    for name, width in widths.items():
        value = row(f"join.{name}", (value, row(name, value, Conv(width, 1))), Concat())
    return head(value)


def one(value, w1=8, w2=8, w3=8, w4=8):
    return dense(value, w1=w1, w2=w2, w3=w3, w4=w4)


def chosen(value, w1=8, w2=8):
    """A layer more where two widths differ."""
    value = row("first", value, Conv(w1, 1))
    if not equal(w1, w2):
        value = row("second", value, Conv(w2, 1))
    return head(value)


def own(builder, largest: int, count: int) -> DesignSpace:
    network = Network.build(builder, input=(3, 32, 32), name=builder.__name__)
    return DesignSpace.of(network, over={f"w{place}": f"1..{largest}" for place in range(1, count + 1)})


def test_layers_that_read_all_layers_before_them() -> None:
    """Every two widths are neighbours: one of them is settled, until a group has all of the others."""
    space = own(one, 6, 4)
    totals = totals_of(space, "params")
    for limit in totals[::300].tolist():
        exact = int((totals <= limit).sum())
        assert distribution(space, "params", [limit], few=0, largest_group=6) == [Bounds(exact, exact)]


@pytest.mark.parametrize(
    ("space", "quantity", "said"),
    [
        (named_space("anynet_a"), "peak_inference_bytes", "peak_inference_bytes cannot be counted by groups"),
        (named_space("anynet_a"), "arithmetic_intensity", "is a ratio of two totals"),
        (named_space("anynet_a"), "latency@rtx-4090", "is a prediction"),
        (named_space("regnetx"), "params", "cannot be counted by groups"),
        (own(one, 1000, 4), "params", "terms of its own for each of 1,000,000 combinations of w"),
        (own(chosen, 1000, 2), "params", "networks in which"),
    ],
)
def test_what_is_no_sum_of_groups_is_refused(space: DesignSpace, quantity: str, said: str) -> None:
    with pytest.raises(ArchcalcError, match=said) as error:
        count_under(space, quantity, 10**6)
    assert "\n" not in str(error.value)


def test_arguments_are_checked() -> None:
    space = named_space("anynet_a")
    with pytest.raises(UnknownName, match="mult_adds"):
        count_under(space, "mult_add", 1)
    for bins in (0, 10**9):
        with pytest.raises(ArchcalcError, match="bins"):
            count_under(space, "params", 1, bins=bins)
    assert count_under(space, "params", -1) == Bounds(0, 0)
    assert distribution(space, "params", []) == []


def hidden(columns):
    """Arguments as a space of stages has them, but where the first and third stage are equal."""
    found = of_anynet(columns)
    odd = (columns["w1"] == columns["w3"]) & (columns["d1"] == columns["d3"])
    return {**found, "d_2": found["d_2"] + odd}


def test_arguments_that_depend_on_more_axes_are_found() -> None:
    """They are in one group then, or refused, never counted wrongly."""
    plain = small("a", 1)
    space = DesignSpace(
        "hidden", plain.axes, ANYNETX, translate=hidden, assemble=assembled, input=(3, 64, 64), repeats=plain.repeats
    )
    totals = totals_of(space, "params")
    limit = int(totals[1000])
    exact = int((totals <= limit).sum())
    assert distribution(space, "params", [limit], few=0, bins=1 << 18) == [Bounds(exact, exact)]


# ---- the command


def run(*arguments: str) -> str:
    """What `archcalc` says."""
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_the_command_states_both_bounds_or_the_exact_number() -> None:
    space = named_space("anynet_c")
    said = json.loads(run("space", "anynet_c", "--under", "params=10M", "--bins", "300", "--format", "json"))
    wanted = count_under(space, "params", 10_000_000, bins=300)
    assert said["under"] == {"quantity": "params", "at_most": 10_000_000, **wanted._asdict()}
    text = " ".join(run("space", "anynet_c", "--under", "params=10M", "--bins", "300").split())
    shares = [f"{100 * each / space.size():.4g}%" for each in wanted]
    assert f"params <= 10,000,000 {wanted.lower:,} to {wanted.upper:,}: {shares[0]} to {shares[1]} of all" in text
    over = ("resnet18", "--over", "size=96..224:32")
    assert "mult_adds <= 1,000,000,000 3, exactly: 60% of all" in " ".join(
        run("space", *over, "--under", "mult-adds=1G").split()
    )
    assert json.loads(run("space", *over, "--format", "json"))["under"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--under", "params"), "--under takes QUANTITY=AMOUNT"),
        (("--under", "parms=3M"), "no quantity is called 'parms'"),
        (("--under", "params=3X"), "params='3X'"),
        (("--under", "params=3M", "--under", "mult_adds=3M"), "--under is given twice"),
        (("--under", "params=3M", "--bins", "0"), "bins"),
        (("--bins", "3"), "--bins is for --under"),
        (("--under", "latency@t4=4ms"), "is a prediction"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(ArchcalcError) as error:
        run("space", "anynet_a", *arguments)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_chain_states_its_largest_sum_and_its_points() -> None:
    space = small("a", 3)
    (chain,) = chains_of(space, Costing(("params",), 1, "float32", DEFAULT_TRAINING), largest_group=200)
    totals = totals_of(space, "params")
    assert chain.combinations == len(totals)
    assert chain.most >= totals[-1]
