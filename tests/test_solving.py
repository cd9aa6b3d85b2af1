"""Searches for a budget: the answers are those of trying every setting, and designs that were published."""

import json
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc import analyze, zoo
from archcalc.analysis.quantities import TARGETS, TOTALS, Basis, totals
from archcalc.base.errors import ArchcalcError, UnknownName
from archcalc.cli import main
from archcalc.graph import Other
from archcalc.present.solving import solution_table
from archcalc.request import Request
from archcalc.search.solving import Solution, solve
from archcalc.search.targets import amount
from archcalc.search.variables import VariedNetwork, limits, steps

QUANTITIES_OF_TOTALS = [key for key in TARGETS if key != "receptive_field"]
SIZED = (
    "alexnet", "lenet5", "mobilenet_v1", "nin_cifar", "resnet20_cifar", "ror3_56", "shufflenet_v1_g3_1.0x",
    "squeezenet1_0", "swin_block_example", "unet_same", "vgg11", "inception_naive_example",
)  # fmt: skip
WIDE = (
    ("darts_imagenet", "channels"), ("densenet_40_k12", "growth"), ("nasnet_a_cifar", "filters"),
    ("regnetx_block_s1", "width"), ("resnext29_8x64d_cifar", "cardinality"), ("swin_block_example", "in_channels"),
    ("wrn_40_1", "k"), ("res2net50_26w_4s", "width"), ("lenet5", "batch"), ("vgg11", "classes"),
)  # fmt: skip
DEEP = (
    ("resnet20_cifar", "blocks"), ("densenet_40_k12", "depth"), ("ror3_56", "depth"), ("xception", "middle"),
    ("unet", "levels"), ("fractalnet_20_cifar", "columns"), ("swin_block_example", "window"), ("darts_cifar", "cells"),
    ("regnetx_200mf", "w_0"), ("seresnet50", "reduction"), ("depthwise_separable_example", "stride"),
)  # fmt: skip


@cache
def counts(name: str, variable: str, value: object) -> dict[str, int] | None:
    """The totals of a network at one setting, by itself; None where it takes none."""
    own = {"input": (analyze(name).input[0], value, value)} if variable == "size" else {variable: value}
    try:
        basis = Basis.of(Request.of(name, **own))
        return totals(basis, [*TOTALS, "eager_inference_bytes"]).to_dict()
    except ArchcalcError:
        return None


def tried(name: str, variable: str, values: object) -> dict[int, dict[str, int]]:
    return {value: found for value in values if (found := counts(name, variable, value)) is not None}


def agrees(solution: Solution, every: dict[int, dict[str, int]], targets: dict[str, int]) -> None:
    """Both answers are those that trying every setting finds."""
    kept = {key: target for key, target in targets.items() if len({found[key] for found in every.values()}) > 1}
    within = [value for value, found in every.items() if all(found[key] <= target for key, target in kept.items())]
    reaching = [value for value, found in every.items() if all(found[key] >= target for key, target in kept.items())]
    last, first = (min, max) if solution.falls else (max, min)
    assert solution.within is not None
    assert solution.within.value == last(within)
    assert (solution.reaches.value if solution.reaches else None) == (first(reaching) if reaching else None)
    for point in (solution.within, solution.reaches):
        if point is not None:
            assert {key: point.counts[key] for key in targets} == {key: every[point.value][key] for key in targets}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SIZED), st.data())
def test_the_size_for_a_budget_is_what_trying_every_size_finds(name: str, data: st.DataObject) -> None:
    every = tried(name, "size", range(1, 193))
    size = data.draw(st.sampled_from([value for value in every if value <= 96]))
    keys = data.draw(st.lists(st.sampled_from(["mult_adds", "activation_sum", "training_saved_bytes"]), min_size=1,
                              max_size=2, unique=True))  # fmt: skip
    targets = {key: every[size][key] + data.draw(st.integers(0, 1000)) for key in keys}
    of = data.draw(st.sampled_from([1, 1, 3, 8]))
    allowed = {value: found for value, found in every.items() if value % of == 0}
    try:
        solution = solve(name, targets, "size", multiple_of=of)
    except ArchcalcError:
        assert not any(all(found[key] <= target for key, target in targets.items()) for found in allowed.values())
    else:
        agrees(solution, allowed, targets)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(WIDE), st.data())
def test_the_width_for_a_budget_is_what_trying_every_width_finds(case: tuple[str, str], data: st.DataObject) -> None:
    name, variable = case
    every = tried(name, variable, range(1, 100 if variable != "filters" else 800))
    setting = data.draw(st.sampled_from([value for value in every if value <= max(every) // 2]))
    depending = [key for key in QUANTITIES_OF_TOTALS if len({found[key] for found in every.values()}) > 1]
    key = data.draw(st.sampled_from(depending))
    targets = {key: every[setting][key] + data.draw(st.integers(0, 1000))}
    solution = solve(name, targets, variable)
    if solution.reaches is not None and solution.reaches.value in every and solution.within.value in every:
        agrees(solution, every, targets)
    else:
        assert all(found[key] <= targets[key] for found in every.values())


@pytest.mark.parametrize(("name", "variable"), DEEP)
def test_the_depth_for_a_budget_is_what_trying_every_depth_finds(name: str, variable: str) -> None:
    every = tried(name, variable, range(1, 65 if variable != "w_0" else 257))
    middle = sorted(every)[len(every) // 3]
    for key in ("params", "mult_adds", "peak_inference_bytes"):
        if len({found[key] for found in every.values()}) > 1:
            targets = {key: every[middle][key] + 1}
            solution = solve(name, targets, variable)
            if all(point is None or point.value in every for point in (solution.within, solution.reaches)):
                agrees(solution, every, targets)


@pytest.mark.parametrize("target", ["41M", "150M", "325M", "569M", "300M"])
def test_a_width_multiplier_is_what_trying_every_hundredth_finds(target: str) -> None:
    every = {n / 100: counts("mobilenet_v1", "width", n / 100) for n in range(1, 150)}
    value = amount(target, "mult_adds")
    agrees(solve("mobilenet_v1", {"mult_adds": target}, "width"), every, {"mult_adds": value})


def test_res2nets_widths_are_those_nearest_to_resnet50s_parameters_at_every_scale() -> None:
    """Gao et al. 2019, arXiv:1904.01169: 48w x 2s, 26w x 4s, 14w x 8s; between the last two lies 18w x 6s."""
    found = {
        scale: solve("res2net50_26w_4s", {"params": "resnet50"}, "width", scale=scale).nearest for scale in (2, 4, 6, 8)
    }
    assert found == {2: 48, 4: 26, 6: 18, 8: 14}


def test_res2nets_widths_enclose_resnet50s_mult_adds() -> None:
    for scale, width in ((2, 48), (4, 26), (6, 18), (8, 14)):
        solution = solve("res2net50_26w_4s", {"mult_adds": "resnet50"}, "width", scale=scale)
        assert (solution.within.value, solution.reaches.value) == (width - 1, width)


def test_resnexts_widths_are_those_nearest_to_resnet50s_parameters_at_every_cardinality() -> None:
    """Xie et al. 2016, Table 2: 1 x 64d, 2 x 40d, 4 x 24d, 8 x 14d, 32 x 4d."""
    found = {
        each: solve("resnext50_32x4d", {"params": "resnet50"}, "width", cardinality=each).nearest
        for each in (1, 2, 4, 8, 32)
    }
    assert found == {1: 64, 2: 40, 4: 24, 8: 14, 32: 4}


@pytest.mark.parametrize(("budget", "alpha"), [("569M", 1.0), ("326M", 0.75), ("150M", 0.5), ("42M", 0.25)])
def test_mobilenets_multipliers_are_the_largest_quarters_within_its_budgets(budget: str, alpha: float) -> None:
    """Howard et al. 2017, Table 6: 569, 325, 149 and 41 million mult-adds, which are rounded."""
    assert solve("mobilenet_v1", {"mult_adds": budget}, "width", multiple_of="0.25").within.value == alpha


def test_wide_resnets_and_efficientnets_published_settings_are_found_from_their_budgets() -> None:
    assert solve("wrn_28_10", {"params": "36.5M"}, "k").nearest == 10
    assert solve("efficientnet_b4", {"mult_adds": "4.4G"}, "size").within.value == 380


def test_the_closed_form_is_inverted_to_where_it_meets_the_target() -> None:
    (inverse,) = solve("res2net50_26w_4s", {"mult_adds": "resnet50"}, "width", scale=8).inverses
    assert inverse.formula.text == "3161088*width^2 + 219971584*width + 479723520"
    assert inverse.text == "width = (-219971584 + sqrt(219971584^2 + 12644352*(T - 479723520)))/6322176"
    assert abs(inverse.formula(width=Fraction(inverse.letter_at)) - inverse.target) < 1


def test_a_cost_that_dips_is_not_taken_to_be_monotone() -> None:
    """Swin's windows are padded: 7 divides its maps and costs less than 3 to 6 do."""
    solution = solve("swin_t", {"mult_adds": "4.5G"}, "window")
    assert (solution.within.value, solution.reaches.value) == (7, 3)
    assert any("Not monotone" in remark for remark in solution.remarks)


def test_what_is_not_a_number_is_a_choice_in_the_order_of_its_cost() -> None:
    solution = solve("vgg11", {"params": 132_864_336}, "batch_norm")
    assert (solution.within.value, solution.reaches.value) == (False, True)
    printed = solution_table(solution).rows
    assert [row[0] for row in printed] == ["costliest within", "cheapest reaching"]
    assert any("deep is the costliest" in each for each in solve("resnet50", {"params": "30M"}, "stem").remarks)


@pytest.mark.parametrize("name", [next(zoo.names_in(file)) for file in zoo.files()])
def test_every_hyperparameter_has_values_to_search_among_or_is_refused(name: str) -> None:
    network = zoo.network(name)
    for key in network.hyperparameters.keys() - {"size"}:  # size is that of the input
        varied = VariedNetwork(Request.of(name))
        if isinstance(network.hyperparameters[key], Other):
            with pytest.raises(ArchcalcError, match="no range to search in"):
                varied.variable(key)
            continue
        variable = varied.variable(key)
        if not variable.options():
            low, high = limits(variable, steps(variable, None))
            assert low < high, (name, key)
        for value in variable.options() or (variable.low, variable.high):
            assert network.settled({key: value})[key] == value, (name, key)


def test_a_search_for_classes_leaves_out_none_at_all() -> None:
    """0 classes are the features, no smaller classifier: the range of a search begins at 1."""
    with pytest.raises(ArchcalcError, match=r"never below 23510081 \(at classes=1, of 1 to 10000000\)"):
        solve("resnet50", {"params": 23_508_032}, "classes")


def test_several_budgets_hold_at_once_and_the_one_that_binds_is_named() -> None:
    solution = solve("densenet121", {"mult_adds": "4G", "params": "20M"}, "growth")
    assert solution.binding == "mult_adds"
    assert {bound.quantity: bound.within for bound in solution.bounds} == {"mult_adds": 38, "params": 52}
    assert solution.within.value == 38


def test_units_are_read_exactly() -> None:
    assert amount("4.1G", "mult_adds") == 4_100_000_000
    assert amount("1.5 k", "params") == 1500
    assert amount("2GiB", "peak_inference_bytes") == 2 * 1024**3
    assert amount("2GB", "peak_inference_bytes") == 2 * 1000**3


@pytest.mark.parametrize(
    ("targets", "variable", "options", "said"),
    [
        ({"parms": "8M"}, "size", {}, "nearest: params"),
        ({"params": "8Q"}, "size", {}, "one of the units k, K, M, G, T"),
        ({"params": "1e"}, "size", {}, "is a number"),
        ({"params": "2MiB"}, "size", {}, "is a number"),
        ({"peak": "8M"}, "size", {}, "one of the units B, kB, MB"),
        ({"params": "1.5"}, "size", {}, "not a whole number"),
        ({"params": -1}, "size", {}, "not negative"),
        ({"mult_adds": "resnet5000"}, "size", {}, "no architecture"),
        ({"mult_adds": "1G", "mult-adds": "2G"}, "size", {}, "two targets"),
        ({"mult_adds": "1G"}, "dpeth", {}, "it has depth, "),
        ({"mult_adds": "1G"}, "size", {"input": (3, 99, 99)}, "both fixed and searched for"),
        ({"mult_adds": "1G"}, "depth", {"depth": 34}, "both fixed and searched for"),
        ({"mult_adds": "1G"}, "depth", {"multiple_of": 2}, "no multiples"),
        ({"mult_adds": "1G"}, "size", {"multiple_of": "0.5"}, "multiples of"),
        ({"mult_adds": "1G"}, "size", {"multiple_of": 0}, "multiples of"),
        ({"params": "30M"}, "blocks", {}, "no range to search in"),
        ({"params": "30M"}, "size", {}, "does not depend on size: it is 25557032"),
        ({"mult_adds": 5}, "size", {}, "never below 25502912"),
        ({"mult_adds": "4G", "params": "12M"}, "size", {}, "params does not depend on size"),
        ({}, "size", {}, "needs a target"),
    ],
)
def test_what_cannot_be_read_or_met_is_an_error_that_says_why(targets, variable, options, said) -> None:
    with pytest.raises(ArchcalcError, match=said):
        solve("resnet50", targets, variable, **options)


def test_targets_that_can_only_be_met_one_by_one_say_what_each_needs() -> None:
    with pytest.raises(ArchcalcError, match="never below"):
        solve("resnet20_cifar", {"receptive_field": 30, "params": 1000}, "blocks")


def test_unknown_words_have_their_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        solve("resnet50", {"mult_add": "1G"}, "size")
    assert caught.value.nearest[0] == "mult_adds"


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown", "latex"])
def test_the_command_prints_every_format(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["solve", "resnet50", "--target", "mult_adds=2G", "--for", "size", "--multiple-of", "32"]
    with pytest.raises(SystemExit) as left:
        main([*arguments, "--format", form])
    printed = capsys.readouterr().out
    assert left.value.code == 0
    assert "128" in printed
    if form == "json":
        data = json.loads(printed)
        assert (data["within"]["value"], data["reaches"]["value"]) == (128, 160)


@pytest.mark.parametrize("arguments", [["--target", "mult_adds", "--for", "size"], ["--target", "x=1", "--for", "size"],
                                       ["--target", "params=1M", "--for", "nothing"], ["--for", "size"]])  # fmt: skip
def test_bad_input_of_the_command_is_one_line_and_exit_code_2(arguments, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["solve", "resnet50", *arguments])
    assert left.value.code == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "word", "own"),
    [
        ("wrn_40_2", "width", "k"),
        ("multi_resnet_200_k5_w1", "width", "w"),
        ("densenet121", "growth-rate", "growth"),
        ("resnext50_32x4d", "width", "width"),
        ("shufflenet_v1_g1_1.0x", "width", "scale"),
        ("mobilenet_v1", "alpha", "width"),
    ],
)
def test_common_words_mean_what_a_family_calls_otherwise(name: str, word: str, own: str) -> None:
    target = {"params": analyze(name).totals.params}
    assert solve(name, target, word) == solve(name, target, own)


@pytest.mark.parametrize("shape", [((), ()), (3, 224), (3, 8, 224, 224), ((3, 224, 224), (3, 224, 224))])
def test_an_input_of_other_axes_is_refused_before_any_search(shape: tuple) -> None:
    """Ten million numbers of classes would all be tried otherwise."""
    with pytest.raises(ArchcalcError, match="densenet121: an input is"):
        solve("densenet121", {"params": "1"}, "classes", input=shape)


def test_a_network_that_no_value_mends_is_refused_with_the_reason() -> None:
    """A map of one pixel has no room for the pools, whatever the number of classes."""
    with pytest.raises(ArchcalcError, match=r"densenet121: at none of the values of classes .* at 1: AvgPool"):
        solve("densenet121", {"params": "1"}, "classes", input=(3, 1, 1))
