"""Scaling laws and ratios, against what `analyze` says of networks at large and at many settings."""

import json
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc import analyze
from archcalc.base.errors import ArchcalcError
from archcalc.cli import main
from archcalc.search.laws import VariableLaws
from archcalc.search.ratios import compare_laws
from archcalc.search.scaling import SHOWN, scaling

NAMES = (
    "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "googlenet", "inception_v3", "lenet5",
    "mobilenet_v1", "res2net50_26w_4s", "resnet50", "resnet20_cifar", "shufflenet_v1_g3_1.0x", "swin_t", "unet",
    "unet_same", "vgg16", "wrn_40_1",
)  # fmt: skip
STANDARD, SEPARABLE = "depthwise_separable_example_standard", "depthwise_separable_example"


def at(name: str, variable: str, value: object) -> dict[str, int]:
    own = {"input": (analyze(name).input[0], value, value)} if variable == "size" else {variable: value}
    return analyze(name, **own).totals.to_dict()  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("name", NAMES)
def test_exponents_of_sizes_are_those_that_counts_of_large_images_tend_to(name: str) -> None:
    size = scaling(name).variables[0]
    assert size.variable == "size"
    low, high = at(name, "size", 224 * 512), at(name, "size", 224 * 1024)
    for law in size.laws:
        assert math.log2(high[law.quantity] / low[law.quantity]) == pytest.approx(law.exponent, abs=0.01)
        assert high[law.quantity] / (224 * 1024) ** law.exponent == pytest.approx(float(law.leading), rel=0.01)


def assert_values_of_the_law(name: str, growth: VariableLaws) -> None:
    """The polynomials of a law of period 8 are the counts of networks that are built."""
    for number in (1, 4, 16, 100):
        counts = at(name, growth.variable, 8 * number)
        for law in growth.laws:
            assert law.domain.startswith(f"{growth.variable} = 8n")
            assert law.formula(n=number) == counts[law.quantity]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("swin_t", "inception_v3")])
def test_exponents_of_hyperparameters_are_those_that_large_networks_tend_to(name: str) -> None:
    for growth in scaling(name).variables[1:]:
        if growth.variable in ("scale", "compression") or growth.kind == "depth":
            continue
        if growth.variable == "first":  # its largest value is not large enough for the leading term
            assert_values_of_the_law(name, growth)
            continue
        large = {"k": 50, "width": 8.0 if growth.present == 1.0 else 512, "growth": 4096}[growth.variable]
        low, high = at(name, growth.variable, large), at(name, growth.variable, 2 * large)
        for law in growth.laws:
            rise = math.log2(high[law.quantity] / low[law.quantity])
            assert rise == pytest.approx(law.exponent, abs=0.12), (growth.variable, law.quantity)
            assert high[law.quantity] / (2 * large) ** law.exponent == pytest.approx(float(law.leading), rel=0.1)


def test_depths_are_linear_in_residual_and_quadratic_in_dense_networks() -> None:
    def exponents(name: str) -> dict[str, int]:
        (depth,) = [growth for growth in scaling(name).variables if growth.kind == "depth"]
        return {law.quantity: law.exponent for law in depth.laws}

    assert exponents("resnet20_cifar")["mult_adds"] == exponents("wrn_40_1")["params"] == 1
    assert exponents("densenet_40_k12")["mult_adds"] == exponents("densenet_40_k12")["params"] == 2


@pytest.mark.parametrize("name", [name for name in NAMES if name != "swin_t"])
def test_what_doubling_does_is_what_analyze_says(name: str) -> None:
    for growth in scaling(name).variables:
        if any(law.doubled is not None for law in growth.laws):
            now, twice = at(name, growth.variable, growth.present), at(name, growth.variable, 2 * growth.present)
            for law in growth.laws:
                assert law.doubled == Fraction(twice[law.quantity], now[law.quantity])


@pytest.mark.parametrize("name", ["resnet50", "alexnet", "mobilenet_v1", "unet", "lenet5", "densenet121"])
def test_each_step_is_as_steep_as_analyze_says(name: str) -> None:
    steps = scaling(name).cost_steps
    assert steps is not None
    for step in steps.steps:
        before, after = at(name, "size", step.before), at(name, "size", step.after)
        assert step.rises == {key: Fraction(after[key], before[key]) - 1 for key in SHOWN}
        s = (step.after - step.residue) // steps.period
        assert step.difference(s=s) == after["mult_adds"] - before["mult_adds"]


def test_one_pixel_more_than_224_costs_resnet50_13_per_cent() -> None:
    steps = scaling("resnet50").cost_steps
    assert steps is not None
    assert (steps.period, steps.flat) == (32, 16)
    steepest = steps.steps[0]
    assert (steepest.before, steepest.after) == (224, 225)
    assert round(100 * float(steepest.rises["mult_adds"]), 2) == 13.15
    assert round(100 * float(steepest.area), 2) == 0.89


def test_the_law_of_depthwise_separable_convolution_comes_out_of_two_built_networks() -> None:
    """Howard et al. 2017: 1/N + 1/K^2, for N output channels and a kernel of side K."""
    (ratio,) = [each for each in compare_laws(SEPARABLE, STANDARD).ratios if each.quantity == "mult_adds"]
    assert ratio.text() == "1/channels + 1/kernel^2"
    assert ratio.text("latex") == r"\frac{1}{\mathrm{channels}} + \frac{1}{\mathrm{kernel}^{2}}"


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 500), st.sampled_from([1, 3, 5, 7, 9, 11]), st.integers(11, 200), st.integers(1, 64))
def test_ratios_are_those_of_what_analyze_counts(channels: int, kernel: int, size: int, entering: int) -> None:
    laws = compare_laws(SEPARABLE, STANDARD, symbols=["S", "C", "channels", "kernel"])
    own = {"channels": channels, "kernel": kernel, "in_channels": entering, "input": (entering, size, size)}
    totals = [analyze(name, **own).totals.to_dict() for name in (SEPARABLE, STANDARD)]  # pyright: ignore[reportArgumentType]
    for ratio in laws.ratios:
        value = ratio.value({"S": size, "C": entering, "channels": channels, "kernel": kernel})
        assert value == Fraction(totals[0][ratio.quantity], totals[1][ratio.quantity])


@pytest.mark.parametrize("other", ["resnet101", "vgg16", "mobilenet_v1", "googlenet", "seresnet50"])
def test_ratios_of_networks_hold_at_every_size_of_their_class_and_tend_to_their_limit(other: str) -> None:
    for ratio in compare_laws("resnet50", other).ratios:
        for size in (224, 256, 1024, 224 * 1024):
            ours, theirs = (at(name, "size", size)[ratio.quantity] for name in ("resnet50", other))
            assert ratio.value({"S": size}) == Fraction(ours, theirs)
        if ratio.limit is not None:
            assert float(ratio.limit.value({})) == pytest.approx(float(ratio.value({"S": 224 * 1024})), rel=1e-3)


def test_networks_without_a_common_symbol_and_unknown_symbols_are_errors() -> None:
    with pytest.raises(ArchcalcError, match="no polynomial in depth"):
        compare_laws("resnet50", "resnet101", symbols=["depth"])
    with pytest.raises(ArchcalcError, match="no symbol 'zeal'"):
        compare_laws("resnet50", "vgg16", symbols=["S", "zeal"])


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown", "latex"])
@pytest.mark.parametrize("names", [["resnet20_cifar"], [SEPARABLE, STANDARD]])
def test_the_command_prints_every_format(names: list[str], form: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["scaling", *names, "--format", form])
    printed = capsys.readouterr().out
    assert left.value.code == 0
    assert ("kernel" if len(names) > 1 else "blocks") in printed
    if form == "json":
        json.loads(printed)


def test_the_laws_of_a_network_fit_on_one_screen(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main(["scaling", "resnet50"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_the_laws_are_drawn_the_same_to_the_byte(tmp_path, suffix: str) -> None:
    drawn = []
    for number in (1, 2):
        file = tmp_path / f"{number}.{suffix}"
        with pytest.raises(SystemExit) as left:
            main(["scaling", "resnet20_cifar", "-o", str(file)])
        assert left.value.code == 0
        drawn.append(file.read_bytes())
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) > 5000


@pytest.mark.parametrize(
    "arguments",
    [["resnet5000"], ["resnet50", "--symbols", "S"], ["resnet50", "vgg16", "-o", "x.svg"], ["resnet50", "-o", "x.doc"]],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["scaling", *arguments])
    assert left.value.code == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_symbol_that_is_named_twice_is_one() -> None:
    once = compare_laws("vgg16", "lenet5", symbols=["H"])
    assert compare_laws("vgg16", "lenet5", symbols=["H", "H"]).ratios == once.ratios
