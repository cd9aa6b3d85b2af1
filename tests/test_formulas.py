"""Closed and exact forms: at every size, and outside their domain too, they say what the engine says."""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

from archcalc import ArchcalcError, analyze, names, zoo
from archcalc.algebra.polynomial import Polynomial
from archcalc.analysis.quantities import EXACT_FORMS, FORMS, QUANTITIES, Basis
from archcalc.forms.closed import closed_form, exact_form, formula_symbols
from archcalc.forms.exact import ExactForm
from archcalc.forms.formulas import compare_formula, evaluate
from archcalc.graph import Network, Real, Whole, row
from archcalc.ops.conv import Conv
from archcalc.request import Request

ALL = names()
LARGE = {name for name in ALL if "1001" in name or "1202" in name or "398" in name or "200_k5" in name}
TOTALS = ("params", "mult_adds", "activation_sum", "peak_inference_bytes", "training_saved_bytes")


@lru_cache(maxsize=4)
def exact(name: str) -> ExactForm:
    return exact_form(name)


def engine(name: str, channels: int, height: int, width: int) -> dict[str, int] | None:
    """The engine's totals, None where it refuses the size."""
    try:
        totals = analyze(name, input=(channels, height, width)).totals
    except ArchcalcError:
        return None
    return {key: getattr(totals, key) for key in TOTALS}


@pytest.fixture(scope="module", params=ALL)
def name(request: pytest.FixtureRequest) -> str:
    """Each network; its laws run one after the other and share its exact form."""
    return request.param


def test_exact_forms_are_the_engine_at_any_size_and_refuse_what_it_refuses(name: str) -> None:
    """Sizes up to 512, drawn anew for every network but always the same."""
    form = exact(name)
    draw = random.Random(name)  # noqa: S311  sizes to test
    for _ in range(2 if name in LARGE else 6):
        height, width = draw.randint(1, 512), draw.randint(1, 512)
        expected = engine(name, form.channels, height, width)
        if expected is None:
            with pytest.raises(ArchcalcError, match=r"takes no input of (height|width)"):
                form(height, width)
        else:
            found = form(height, width)
            assert {key: found[key] for key in TOTALS} == expected, (height, width)


@pytest.mark.parametrize("name", sorted(set(ALL) - LARGE)[::9])
def test_the_smallest_sizes_are_the_smallest_that_the_engine_takes(name: str) -> None:
    """Just below the smallest size of a residue class the engine refuses, there and one period on it does not."""
    form = exact(name)
    wide = next(size for size in reversed(form.smallest[1]) if size is not None)
    period = form.periods[0]
    for residue in random.Random(name).sample(range(period), min(period, 3)):  # noqa: S311  sizes to test
        least = form.smallest[0][residue]
        if least is None:
            assert engine(name, form.channels, 10 * period + residue, wide) is None
            continue
        assert engine(name, form.channels, least, wide) is not None
        assert engine(name, form.channels, least + period, wide) is not None
        if least > period and not form.chooses:  # Swin shrinks its windows below
            assert engine(name, form.channels, least - period, wide) is None


def test_closed_forms_are_the_exact_form_on_their_residue_class(name: str) -> None:
    """Two ways to one polynomial: on symbols of one class, and picked from those of all classes."""
    form, full = closed_form(name), exact(name)
    tall, wide = form.symbols
    if (tall.period, wide.period) != full.periods:
        assert full.periods[0] % tall.period == 0
        return
    sizes = tuple(symbol.period * (int(symbol.least) + 3) + symbol.residue for symbol in form.symbols)
    counts = form(H=sizes[0], W=sizes[1])
    assert {quantity: counts[quantity] for quantity in EXACT_FORMS} == full(*sizes)
    for quantity in EXACT_FORMS:
        formula = form.quantities[quantity]
        picked = full.closed(quantity, (tall.residue, wide.residue))
        if "max" not in picked.text:
            assert picked.text.replace("h", tall.letter).replace("w", wide.letter) == formula.text


@pytest.mark.parametrize("name", ["vgg11", "resnet18"])
def test_peaks_of_runs_have_exact_forms_if_they_are_asked_for(name: str) -> None:
    keys = [key for key in FORMS if key not in EXACT_FORMS]
    full = exact_form(name, quantities=keys)
    for size in (224, 225, 250):
        basis = Basis.of(Request.of(name, input=(3, size, size)))
        assert full(size, size) == {key: QUANTITIES[key].fold(basis) for key in keys}


@pytest.mark.parametrize("name", ["resnet50", "inception_v3", "unet", "efficientnet_b0_tf", "swin_t"])
def test_an_array_of_sizes_gives_the_ints_of_every_size(name: str) -> None:
    form = exact(name)
    heights = np.array([size for size in range(form.periods[0], 600) if accepts(form, 0, size)][::7])
    widths = np.array([size for size in range(form.periods[1], 600) if accepts(form, 1, size)][::41])
    found = form(heights[:, None], widths[None, :])
    for key, values in found.items():
        assert values.shape == (len(heights), len(widths))
        for i, j in ((0, 0), (3, 1), (-1, -1), (len(heights) // 2, -2)):
            assert values[i, j] == form.evaluate(key, int(heights[i]), int(widths[j]))


def accepts(form: ExactForm, axis: int, size: int) -> bool:
    least = form.smallest[axis][size % form.periods[axis]]
    return least is not None and size >= least


HYPERPARAMETERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("mobilenet_v1", {"width": (0.25, 0.5, 1.25, 3)}),
    ("densenet121", {"growth": (12, 33, 48), "K": (10, 365)}),
    ("wrn_40_4", {"k": (2, 3, 10), "S": (32, 48)}),
    ("resnext50_32x4d", {"cardinality": (1, 2, 64), "width": (4, 7, 64)}),
    ("res2net50_26w_4s", {"width": (14, 26, 48), "C": (1, 4)}),
    ("unet", {"width": (16, 63, 64), "S": (204, 572)}),
    ("nasnet_a_cifar", {"filters": (96, 768)}),
    ("highway_mnist", {"width": (8, 51)}),
    ("shufflenet_v1_g1_1.0x", {"scale": (0.25, 2)}),
    ("efficientnet_b0", {"width": (1, 2), "K": (10, 1000)}),
    ("resnet50", {"N": (1, 7), "C": (1, 3), "K": (2, 1000), "H": (224, 320), "W": (32, 224)}),
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(1 + h)^9999", "has a degree above 64"),
        ("((1 + h)^9)^9", "has a degree above 64"),
        ("(" * 900 + "h" + ")" * 900, "levels deep"),
        ("*".join(["(1+h+w)"] * 250), "too many terms"),
        ("+".join(["(1+h+w)^25"] * 150), "too many terms"),
        ("max(" + ",".join(["(h+w+1)^25"] * 150) + ")", "too many terms"),
        ("(" + "*".join(["h^64"] * 390) + ")//(h+1)", "too many terms"),
        ("(h^32*w^32)//(h - w^2)", "is no polynomial"),
        ("h^64//(h-w^63)", "is no polynomial"),
        ("h^(h - h + 2)", "its exponent has a letter"),
        ("h*w//(h - 3)", "is no polynomial"),
        ("(h*w - 3*w)//(h - 3)", "has no value where h - 3 is 0"),
        ("sum(h over l)", "has no symbol such as x_l in it"),
        ("*".join(["9" * 60] * 30), "too large"),
        ("1 / h", "is no polynomial"),
        ("h / (h + 1)", "is no polynomial"),
        ("h^-1", "is no polynomial"),
        ("h^-999999999", "is no polynomial"),
        ("h^0.5", "an exponent is a whole number"),
        ("h^(1/2)", "an exponent is a whole number"),
        ("2^h", "is no polynomial"),
        ("h^h", "is no polynomial"),
        ("0^h", "is no polynomial"),
        ("h!", "a factorial is of a whole number"),
        ("floor(h / 2)", "a quotient in it is rounded differently"),
        ("max(floor(h / 2), 1)", "a quotient in it is rounded differently"),
        ("max(h, 4)", "is a polynomial only where h - 4 >= 0"),
        ("max(h, w)", "is a polynomial only where"),
        ("h / (w - w)", "division by zero"),
        ("params(resnet50)", "an operator or the end"),
    ],
)
def test_a_formula_that_is_no_polynomial_or_too_large_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ArchcalcError) as caught:
        compare_formula("resnet50", text)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "text",
    [
        "83410944h w + 2048000",
        "(h^2 * 83410944 w + 2048000 h) / 1 - (h - 1) * (83410944 h w + 2048000)",
        "floor((2 * 83410944 * h * w + 1) / 2) + 2048000",
        "max(83410944*h*w, h) + 2048000 + h^0 - 1",
        "(83410944 * h * w * 3 / 7 + 2048000 * 3 / 7) * 7 / 3",
        "-((6 * 83410944 * h * w + 6 * 2048000) // -6)",
        "(83410944 * h^2 * w + 2048000 * h) // h",
        "((83410944 * h * w + 2048000) * (h + w)^2) // (h + w)^2",
    ],
)
def test_a_formula_in_other_words_is_equal(text: str) -> None:
    assert compare_formula("resnet50", text).equal


def test_a_quotient_of_real_letters_is_rounded_at_every_value_of_them() -> None:
    """The width of a MobileNet may be 0.25: then (5 * width * K) // K is 1, and 5 * width is not."""
    own = closed_form("mobilenet_v1", ("width", "K")).quantities["params"].text
    assert compare_formula("mobilenet_v1", own, "params", ("width", "K")).equal
    with pytest.raises(ArchcalcError, match=r"is a polynomial only where 5\*width is whole"):
        compare_formula("mobilenet_v1", f"{own} + (5*width*K)//K - 5*width", "params", ("width", "K"))


def test_a_difference_of_very_many_terms_is_shortened() -> None:
    verdict = compare_formula("resnet50", "(h + w + 1)^20")
    assert not verdict.equal
    assert verdict.text.endswith("... (231 terms) more")
    assert len(verdict.text) < 2000


def _a_variant_of_each_family() -> list[str]:
    families = {zoo.network(name).family.title: name for name in reversed(ALL) if name not in LARGE}
    return sorted(families.values())


@pytest.mark.parametrize("name", _a_variant_of_each_family())
def test_layers_compare_sizes_only_by_the_helpers_that_note_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain `==` in a builder would choose layers for all sizes as for most of them, and nobody would know."""
    compared: list[str] = []
    plain = Polynomial.__eq__

    def noted(self: Polynomial, other: object) -> bool:
        place = sys._getframe(1).f_code
        if Path(place.co_filename).parent.name in ("zoo", "ops"):
            compared.append(f"{place.co_filename}: {place.co_name}")
        return plain(self, other)

    monkeypatch.setattr(Polynomial, "__eq__", noted)
    kinds = zoo.network(name).hyperparameters
    for symbol in ("H", *[key for key, kind in kinds.items() if isinstance(kind, (Whole, Real))]):
        with suppress(ArchcalcError):
            closed_form(name, (symbol,))
    assert compared == []


def test_a_scale_that_has_a_stem_of_its_own_is_left_out_of_the_closed_form() -> None:
    """ShuffleNet 1.5x begins with 24 channels, not with 1.5 x 24."""
    form = closed_form("shufflenet_v1_g3_1.0x", ("scale",))
    assert form.conditions == ("scale != 3/2",)
    with pytest.raises(ArchcalcError, match="does not hold where"):
        form(scale=1.5)


@pytest.mark.parametrize("slip", [KeyError("stage 7"), TypeError("a stride of None"), ValueError("no such cell")])
def test_a_slip_in_a_builder_is_an_error_with_its_cause(slip: Exception) -> None:
    def build(x: Any, width: int = 8) -> Any:
        if isinstance(width, Polynomial):
            raise slip
        return row("conv", x, Conv(width, 3))

    mine = Network.build(build, input=(3, 8, 8))
    with pytest.raises(type(slip)) as caught:
        closed_form(mine, ("width",))
    assert caught.value is slip


@pytest.mark.parametrize(("name", "values"), HYPERPARAMETERS, ids=[name for name, _ in HYPERPARAMETERS])
def test_closed_forms_in_hyperparameters_are_the_engine(name: str, values: dict[str, tuple[Any, ...]]) -> None:
    """At every combination of some values of the symbols."""
    form = closed_form(name, tuple(values))
    for turn in range(max(len(each) for each in values.values())):
        point = {symbol: each[turn % len(each)] for symbol, each in values.items()}
        channels, height, width = (int(str(side)) if str(side).isdigit() else None for side in form.input)
        settings = {{"K": "classes", "C": "in_channels"}.get(key, key): value for key, value in point.items()}
        batch = settings.pop("N", 1)
        sizes = (settings.pop("H", settings.get("S", height)), settings.pop("W", settings.get("S", width)))
        settings.pop("S", None)
        totals = analyze(name, input=(settings.get("in_channels", channels), *sizes), batch=batch, **settings).totals
        assert {key: form(**point)[key] for key in TOTALS} == {key: getattr(totals, key) for key in TOTALS}, point


def test_resnet50_has_the_closed_form_that_its_users_know() -> None:
    form = closed_form("resnet50")
    assert form.quantities["mult_adds"].text == "83410944*h*w + 2048000"
    assert [symbol.definition() for symbol in form.symbols] == ["H = 32h, h >= 1", "W = 32w, w >= 1"]
    assert form(H=224, W=224)["mult_adds"] == 4_089_184_256
    h, w = sympy.symbols("h w", integer=True, nonnegative=True)
    assert sympy.expand(form.quantities["mult_adds"].sympy - (83_410_944 * h * w + 2_048_000)) == 0


def test_resnet50_costs_13_percent_more_at_225_pixels() -> None:
    """An area rule would say 0.9 %."""
    form = exact("resnet50")
    ratio = Fraction(form(225, 225)["mult_adds"], form(224, 224)["mult_adds"])
    assert round(float(ratio - 1) * 100, 2) == 13.15


def test_symbols_are_those_in_which_the_cost_is_polynomial() -> None:
    assert set(formula_symbols("mobilenet_v1")) == {"H", "W", "S", "C", "K", "N", "width"}
    assert "depth" not in formula_symbols("wrn_40_4")
    assert "k" in formula_symbols("wrn_40_4")


@pytest.mark.parametrize(
    ("name", "symbols", "message"),
    [
        ("resnet50", ("Q",), "resnet50 has no symbol 'Q'; it has H, W, S, C, K, N"),
        ("wrn_40_4", ("depth",), "wrn_40_4: the cost is no polynomial in depth"),
        ("vgg16", ("K", "classes"), "K and classes are one symbol"),
        ("resnet50", ("S", "H"), "S is both H and W"),
        ("alexnet", ("groups",), "alexnet has no symbol 'groups'"),
    ],
)
def test_a_symbol_that_is_none_is_refused_with_the_reason(name: str, symbols: tuple[str, ...], message: str) -> None:
    with pytest.raises(ArchcalcError) as error:
        closed_form(name, symbols)
    assert message in str(error.value)


def test_a_number_that_is_set_to_none_is_no_symbol() -> None:
    with pytest.raises(
        ArchcalcError, match=r"resnet50: classes is 0, which is no number to vary \(outputs of the classifier"
    ):
        closed_form("resnet50", ("S", "K"), classes=0)
    assert "K" not in formula_symbols("resnet50", classes=0)
    with pytest.raises(ArchcalcError, match="first is 0, which is no number"):
        closed_form("densenet121", ("first",))
    assert closed_form("densenet121", ("first",), first=64)(first=64)["params"] == analyze("densenet121").totals.params


def test_a_closed_form_is_refused_where_it_does_not_hold() -> None:
    form = closed_form("resnet50")
    with pytest.raises(ArchcalcError, match="H = 225 is not among H = 32h, h >= 1"):
        form(H=225, W=224)
    with pytest.raises(ArchcalcError, match="needs W"):
        form(H=224)
    with pytest.raises(ArchcalcError, match="has no symbol K"):
        form(H=224, W=224, K=10)
    with pytest.raises(ArchcalcError, match="16\\*k - 16"):
        closed_form("wrn_40_4", ("k",))(k=1)


def test_formulas_are_evaluated_on_the_class_of_their_values() -> None:
    assert (
        evaluate("resnet50", {"H": "225", "W": "225"}).counts["mult_adds"] == exact("resnet50")(225, 225)["mult_adds"]
    )
    with pytest.raises(ArchcalcError, match='H is a number, not "__import__'):
        evaluate("resnet50", {"H": "__import__('os')"})


def test_a_typed_formula_is_read_and_compared() -> None:
    """Any way of writing the same polynomial is equal; what differs is said exactly; nothing is run as code."""
    assert compare_formula("resnet50", "2048*1000 + 83410944*w*h").equal
    assert compare_formula("vgg16", "(h*w*512*4096 + 35597096)", "params").equal
    verdict = compare_formula("resnet50", "83410944*h*w")
    assert not verdict.equal
    assert "yours is -2048000 more" in verdict.text
    for text in ("__import__('os').system('true')", "h**", "h*w*q", "9" * 5000):
        with pytest.raises(ArchcalcError):
            compare_formula("resnet50", text)


def test_a_form_that_leaves_out_the_network_itself_says_so() -> None:
    """With k = 1 the first group of a wide ResNet needs no projection, with any other k it has one."""
    form = closed_form("wrn_40_1", ("k",))
    assert form.conditions == ("k != 1 (wrn_40_1 itself has k = 1, and other layers there)",)
    assert closed_form("wrn_40_2", ("k",)).conditions == ("k != 1",)
    assert form(k=2)["params"] == analyze("wrn_40_2").totals.params
    with pytest.raises(ArchcalcError, match=r"does not hold where 16\*k - 16 = 0"):
        form(k=1)


@pytest.mark.parametrize("name", ["resnet50", "vgg16", "unet", "densenet121"])
def test_a_closed_form_takes_arrays_and_gives_the_ints_of_every_value(name: str) -> None:
    form = closed_form(name, ("S",))
    (symbol,) = form.symbols
    sizes = [symbol.period * (int(symbol.least) + k) + symbol.residue for k in (0, 1, 2, 7, 10**9)]
    together = form(S=np.array(sizes))
    for place, size in enumerate(sizes):
        assert {key: values[place] for key, values in together.items() if np.ndim(values)} == {
            key: value for key, value in form(S=size).items() if np.ndim(together[key])
        }
    assert together["mult_adds"].dtype == object
    assert form(S=np.array(sizes[:3]))["mult_adds"].dtype == np.int64
    with pytest.raises(ArchcalcError, match="is not among"):
        form(S=np.array([sizes[1], symbol.period * (int(symbol.least) - 1) + symbol.residue]))


def test_formulas_and_tables_show_themselves_in_a_notebook() -> None:
    form = closed_form("resnet50")
    assert form.quantities["mult_adds"].latex in form._repr_latex_()
    assert "H = 32h" in form._repr_latex_()
    html = analyze("vgg16", classes=10, batch=2)._repr_html_()
    totals = analyze("vgg16", classes=10, batch=2).totals
    foot = html[html.index("<tfoot>") :]
    for total in (totals.params, totals.mult_adds, totals.activation_sum, 8 * totals.activation_sum):
        assert f"{total:,}" in foot
    assert "classes=10" in html
