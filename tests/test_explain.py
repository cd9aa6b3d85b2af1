"""`archcalc explain`: readings of a printed number."""

from __future__ import annotations

import csv
import io
import json
import random
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc import ArchcalcError, UnknownName, analyze, zoo
from archcalc.algebra.amounts import read_printed
from archcalc.algebra.expressions import parse_claim
from archcalc.catalogue.kept import kept
from archcalc.cli import cli
from archcalc.evidence import explain as module
from archcalc.evidence.alternatives import variants
from archcalc.evidence.chance import CLAIMED, Plausibility, Trials
from archcalc.evidence.explain import explain, size_of_search
from archcalc.evidence.figures import QUANTITIES, read_figure
from archcalc.evidence.judging import FARTHEST, Explained
from archcalc.evidence.readings import Reading, of_total, readings
from archcalc.evidence.relatives import ALONE


def changes(each: Explained) -> list[str]:
    return [change.words for change in each.reading.changes]


def out(*args: str) -> str:
    return CliRunner().invoke(cli, args, standalone_mode=False, catch_exceptions=False).stdout


@pytest.mark.parametrize(
    ("number", "architecture", "quantity", "words"),
    [
        ("138,357,544", "vgg16", "params", []),
        ("25.6M", "resnet50", "params", []),
        ("25,610,152", "resnet50", "params", ["convention params_with_statistics"]),
        ("3.86G", "resnet50", "mult_adds", ["variant resnet50_v1"]),
        ("3.8G", "resnet50", "mult_adds", ["variant resnet50_v1", "rounded down"]),
        ("8.18 GFLOPs", "resnet50", "mult_adds", ["two operations for each mult-add"]),
        ("4.112 GFLOPs", "resnet50", "mult_adds", ["convention fvcore"]),
        ("24.37M", "resnet50", "params", ["M of 1024^2"]),
        ("8.34G", "resnet50", "mult_adds", ["input 320x320"]),
        ("2.608G", "resnet50", "mult_adds", ["input 176x176"]),
        ("102 MB", "resnet50", "parameter_bytes", []),
        ("51 MB", "resnet50", "parameter_bytes", ["float16"]),
        ("97.5 MiB", "resnet50", "parameter_bytes", []),
        ("13.4M", "googlenet", "params", ["with auxiliary heads"]),
        ("22", "googlenet", "layers", []),
        ("62.4M", "alexnet", "params", ["variant alexnet_simplified"]),
        ("1700M", "squeezenet1_0", "mult_adds", ["two operations for each mult-add", "input 227x227"]),
        ("98 MB", "resnet50", "parameter_bytes", ["convention params_with_statistics", "MB of 1024^2 bytes"]),
        ("528 MB", "vgg16", "parameter_bytes", ["MB of 1024^2 bytes"]),
        ("23.5M", "resnet50", "params", ["without the classifier (classes=0)"]),
        ("735,424", "squeezenet1_0", "params", ["without the classifier (conv10)"]),
        ("0.39B", "efficientnet_b0", "mult_adds", []),
        ("15.5 billion multiply-adds", "vgg16", "mult_adds", []),
        ("15300M", "vgg16", "mult_adds", ["convention mult_adds_of_convolutions"]),
        ("15.2M", "vgg16", "activations", []),
        ("3.3M", "mobilenet_v1", "params", ["variant mobilenet_v1_1.0_224_dogs120"]),
    ],
)
def test_a_number_is_explained_by_its_likeliest_reading(
    number: str, architecture: str, quantity: str, words: list[str]
) -> None:
    best = explain(number, architecture=architecture).readings[0]
    assert (best.quantity, changes(best)) == (quantity, words)


NETWORKS = ("resnet50", "alexnet", "googlenet", "mobilenet_v1_1.0_224", "wrn_40_2", "lenet5", "swin_t")
PLAIN = {"params": "params", "mult_adds": "mult_adds", "activations": "activation_sum"}


@given(st.sampled_from(NETWORKS), st.sampled_from([*PLAIN]), st.integers(2, 6))
@settings(max_examples=40, deadline=None)
def test_every_reading_gives_the_number_and_is_what_the_network_costs(name: str, quantity: str, digits: int) -> None:
    """The plain figure of a network is found again from its first digits, and every reading agrees with them."""
    figure = getattr(analyze(name).totals, PLAIN[quantity])
    text = f"{figure:.{digits - 1}e}".replace("e+", "e")
    explanation = explain(text, architecture=name, quantity=quantity)
    assert explanation.readings[0].reading.value == figure
    assert changes(explanation.readings[0]) == []
    for each in explanation.readings:
        told: Any = {change.kind: change.words for change in each.reading.changes}
        factor = Fraction(1000, 1024) ** 3 if "base" in told else 1
        if "base" not in told and "digits" not in told and not each.reading.digits:
            assert read_printed(text).spans()[0].holds(Fraction(each.reading.value) * factor)
        if not told.keys() - {"variant", "size", "classes", "heads", "operations"}:
            own: Any = {"aux": True} if "heads" in told else {}
            if "classes" in told:
                own["classes"] = int(told["classes"].split()[0])
            totals = analyze(each.reading.networks[0], input=each.reading.input, **own).totals
            times = 2 if "operations" in told else 1
            assert getattr(totals, PLAIN[quantity]) * times == each.reading.value


@pytest.mark.parametrize(
    ("number", "architecture"),
    [("4.1 GFLOPs", "resnet50"), ("25.6M", "resnet50"), ("0.39B", "efficientnet_b0"), ("24.37M", "resnet50")],
)
def test_claimed_readings_come_first_then_weak_ones_each_by_plausibility(number: str, architecture: str) -> None:
    readings = explain(number, architecture=architecture).readings
    claimed = [each for each in readings if each.strength == "claimed"]
    weak = [each for each in readings if each.strength == "weak"]
    assert list(readings) == claimed + weak
    for some in (claimed, weak):
        assert [each.plausibility for each in some] == sorted(each.plausibility for each in some)
        assert [each.by_chance for each in some] == sorted(each.by_chance for each in some)


def test_numbers_drawn_at_random_are_seldom_claimed() -> None:
    """What the expected number of chance hits promises: a figure that counts nothing gets few claims."""
    draw = random.Random(16)  # noqa: S311
    plain = analyze("mobilenet_v1_1.0_224").totals.mult_adds
    figures = [f"{plain * draw.uniform(0.7, 1.4) / 1e6:.3g}M mult-adds" for _ in range(60)]
    found = [explain(figure, architecture="mobilenet_v1_1.0_224").readings for figure in figures]
    claimed = sum(any(each.strength == "claimed" for each in readings) for readings in found)
    assert claimed <= 2 * CLAIMED * len(figures)
    assert sum(readings == () for readings in found) > len(figures) / 2


def test_chance_grows_with_the_width_and_with_what_is_tried() -> None:
    trials = Trials()
    likely, unlikely = Plausibility(weak=False, weight=0.5), Plausibility(weak=True, weight=0)
    trials.note("a", 1.0, likely)
    once = trials.chance(likely, 0.01)
    assert trials.chance(likely, 0.02) == (2 * once.near, 2 * once.close)
    trials.note("a", 1.0, unlikely)  # the same number again
    trials.note("b", 2.0, likely)  # far away
    assert trials.chance(unlikely, 0.01) == once
    trials.note("c", 1.2, unlikely)  # near, not close
    assert trials.chance(likely, 0.01) == once
    assert trials.chance(unlikely, 0.01) == (2 * once.near, once.close)


@pytest.mark.parametrize(
    ("number", "architecture", "quantity", "network"),
    [
        ("46.2M", "wrn_28_10", None, "wrn_34_10"),
        ("0.27M", "resnet110_cifar", None, "resnet20_cifar"),
        ("164", "resnet110_cifar", "layers", "resnet164_cifar"),
        ("44.55M params", "resnet50", None, "resnet101"),
        ("19.01M", "resnet50", None, None),
    ],
)
def test_the_family_is_tried_where_the_network_itself_is_not_meant(
    number: str, architecture: str, quantity: str | None, network: str | None
) -> None:
    readings = explain(number, architecture=architecture, quantity=quantity).readings
    assert (readings[0].reading.networks[0] if readings else None) == network


def test_a_setting_of_the_family_is_tried() -> None:
    """The shortcut of ResNet-34 in Table 1 of He et al. 2015 is padding: 3.6 x 10^9."""
    figure = analyze("resnet34", shortcut="padding").totals.params
    best = explain(f"{figure:,}", architecture="resnet34").readings[0]
    assert (best.strength, changes(best), best.reading.value) == ("claimed", ["shortcut=padding"], figure)
    assert best.reading.networks == ("resnet34",)


@pytest.mark.parametrize(
    ("number", "architecture", "value", "words"),
    [
        ("field 483", "resnet50", 483, ["variant resnet50_v1"]),
        ("receptive field of 427", "resnet50", 427, []),
        ("195 pixels field", "alexnet", 195, []),
        ("field 427x427", "resnet50", 427, []),
        ("195 x 195 receptive field", "alexnet", 195, []),
        ("output 7x7x2048", "resnet50", (7, 7, 2048), ["after layer4.0.conv3"]),
        ("7x7x2048 feature maps", "resnet50", (7, 7, 2048), ["after layer4.0.conv3"]),
        ("7x7x2048", "resnet50", (7, 7, 2048), ["after layer4.0.conv3"]),
        ("2048 x 7 x 7", "resnet50", (7, 7, 2048), ["after layer4.0.conv3"]),
        ("(112, 112)", "vgg16", (112, 112, 64), ["after pool1"]),
        ("56\u00d756", "vgg16", (56, 56, 128), ["after pool2"]),
    ],
)
def test_receptive_fields_and_outputs_are_read(number: str, architecture: str, value: Any, words: list[str]) -> None:
    best = explain(number, architecture=architecture).readings[0]
    assert (best.reading.value, changes(best)) == (value, words)


@pytest.mark.parametrize("text", ["field 314x315", "70x80 field", "output", "7x7x7x7"])
def test_what_is_no_figure_is_answered_with_all_that_is_read(text: str) -> None:
    with pytest.raises(ArchcalcError, match=r"such as 25\.6M, .*, field 483 or 7x7x2048$"):
        explain(text)


def test_a_shape_that_no_output_has_may_be_meant_as_a_field() -> None:
    assert "No reading gives 314x314 as output" in (shown := out("explain", "314x314", "--architecture", "vgg16"))
    assert "receptive field is printed as `field 483`" in " ".join(shown.split())
    assert "`field" not in out("explain", "112x112", "--architecture", "vgg16")


def test_an_output_at_another_size_of_the_input_is_weak() -> None:
    best = explain("10x10x2048", architecture="resnet50").readings[0]
    assert best.reading.weak
    graph = zoo.network("resnet50").graph(best.reading.input)
    assert (2048, 10, 10) in [node.shape for node in graph.nodes]


def test_what_the_audit_says_comes_first() -> None:
    explanation = explain("24M", architecture="vgg16")
    assert [(each.claim.id, each.verdict) for each in explanation.known] == [("C0690", "contradicted")]
    assert explanation.readings == ()
    shown = out("explain", "24M", "--architecture", "vgg16")
    assert shown.startswith("The audit contradicts 24M of vgg16")
    assert "004, line 777" in shown
    assert shown.index("C0690") < shown.index("No reading gives 24M")
    first, *_ = csv.DictReader(io.StringIO(out("explain", "24M", "--architecture", "vgg16", "--format", "csv")))
    assert (first["strength"], first["claim"], first["agrees"]) == ("contradicted", "C0690", "False")


@pytest.mark.parametrize(
    ("number", "architecture", "quantities"),
    [
        ("field 427", "resnet50", {"receptive_field"}),
        ("field 16", "vgg16", set()),
        ("0x0", "vgg16", set()),
        ("3 layers", "vgg16", {"fc_layers"}),
        ("16 layers", "vgg16", {"layers"}),
        ("3", "vgg16", {"fc_layers", "kernel"}),
    ],
)
def test_the_audit_is_asked_for_the_quantity_that_a_figure_says_it_counts(
    number: str, architecture: str, quantities: set[str]
) -> None:
    assert {each.claim.quantity for each in explain(number, architecture=architecture).known} == quantities


def test_the_reading_of_the_audit_is_claimed() -> None:
    explanation = explain("1700M", architecture="squeezenet1_0")
    best = explanation.readings[0]
    assert best.strength == "claimed"
    assert [*changes(best), best.reading.digits] == explanation.known[0].reading.split("; ")


@pytest.mark.parametrize(("number", "architecture"), [("24M", "vgg16"), ("23,626,728", "inception_v3")])
def test_what_nothing_explains_has_no_reading(number: str, architecture: str) -> None:
    assert explain(number, architecture=architecture).readings == ()


def test_the_caffe_model_of_squeezenet_is_a_reading_of_its_published_count() -> None:
    """1.72 G is printed for the authors' model at 227 px, two operations for each of its multiply-accumulates."""
    first, *_ = explain("1.72G", architecture="squeezenet1_0").readings
    assert first.reading.networks == ("squeezenet1_0_caffe",)
    assert first.reading.input == (3, 227, 227)
    assert first.reading.value == 2 * 861_339_936


def test_weak_readings_are_marked_everywhere() -> None:
    command = ("explain", "8.34G", "--architecture", "resnet50")
    shown = out(*command)
    assert shown.startswith("No certain reading of 8.34G")
    assert "likeliest" not in shown
    assert [line.split()[-1] for line in shown.splitlines() if line.startswith("resnet50")] == ["weak"]
    assert json.loads(out(*command, "--format", "json"))["readings"][0]["strength"] == "weak"
    assert "weak" in out(*command, "--format", "csv")


def test_without_an_architecture_the_catalogue_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.zoo, "names", lambda: ("alexnet", "vgg16", "vgg16_bn", "resnet50"))
    steps: list[int] = []
    explanation = explain("138,357,544", advance=steps.append)
    assert len(steps) == explanation.networks == size_of_search(None) == 4
    assert {each.reading.networks[0] for each in explanation.readings} == {"vgg16"}
    assert explanation.readings[0].reading.changes == ()


def test_the_catalogue_is_searched_with_a_changed_assumption_where_no_network_has_the_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module.zoo, "names", lambda: ("alexnet", "vgg16", "resnet50"))
    plain = explain("25.56M")
    assert plain == explain("25.56M", changes=0)
    assert [each.reading.changes for each in plain.readings] == [()]
    assert len(explain("25.56M", changes=1).readings) >= len(plain.readings)
    changed = explain(f"{analyze('resnet50', classes=10).totals.params:,}")
    assert [changes(each) for each in changed.readings] == [["10 classes"]]


def test_no_graph_on_many_sizes_is_built_where_no_assumption_may_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    def built(*_: object, **__: object) -> None:
        raise AssertionError("a graph was built on an array of sizes")

    monkeypatch.setattr("archcalc.evidence.alternatives._on_grid", built)
    assert explain("25.6M", architecture="resnet50", changes=0).readings
    with pytest.raises(AssertionError, match="array of sizes"):
        explain("25.6M", architecture="resnet50", changes=1)


def test_a_number_that_nothing_gives_gets_the_nearest_of_each_network() -> None:
    explanation = explain("26.6M", architecture="resnet50", quantity="params")
    assert explanation.readings == ()
    assert 1 <= len(explanation.nearest) <= 3
    names = [each.reading.networks for each in explanation.nearest]
    assert len(set(names)) == len(names)
    distances = [each.reading.distance for each in explanation.nearest]
    assert distances == sorted(distances)
    assert explanation.nearest[0].reading.value == 25_610_152
    assert distances[0] == pytest.approx(1 - 25_610_152 / 26_600_000)
    shown = out("explain", "26.6M", "--architecture", "resnet50", "--quantity", "params")
    assert shown.startswith("No reading gives 26.6M as params of resnet50")
    assert "25.61M" in shown


@pytest.mark.parametrize("number", ["1234567", "24M", "600M"])
def test_nothing_far_off_is_called_near(number: str) -> None:
    explanation = explain(number, architecture="resnet50")
    assert all(each.reading.distance <= FARTHEST for each in explanation.nearest)


def test_variants_of_a_name_are_the_networks_that_begin_as_it_does() -> None:
    assert "resnet50_v1" in variants("resnet50")
    assert "resnet50" in variants("resnet50_v1")
    assert {"alexnet", "alexnet_owt"} <= set(variants("alexnet_simplified"))
    assert "resnet101" not in variants("resnet50")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"number": "3,8"}, "a comma stands before three digits"),
        ({"number": "4.1 GB", "quantity": "mult_adds"}, "is a number of bytes; mult_adds is printed as 3.8G"),
        ({"number": "4.1 GFLOPs", "quantity": "params"}, "is a number of FLOPs; params is printed as 25.6M"),
        ({"number": "16.4 %"}, "is a share"),
        ({"number": "12x"}, "is a ratio"),
        ({"number": "25.6M", "quantity": "prams"}, "no quantity is called 'prams'; there are params"),
        ({"number": "25.6M", "architecture": "resnet50", "changes": 9}, "from 0 to 4"),
    ],
)
def test_a_number_that_cannot_be_explained_says_what_was_expected(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArchcalcError, match=message):
        explain(**given)


def test_an_unknown_architecture_gets_the_nearest_names() -> None:
    with pytest.raises(UnknownName, match="nearest: resnet50"):
        explain("25.6M", architecture="resnet5o")


def test_every_quantity_accepts_the_numbers_that_its_message_shows() -> None:
    for quantity in QUANTITIES.values():
        for text in quantity.accepts.replace(" or ", ", ").split(", "):
            figure = read_figure(text, quantity.name)
            assert figure.printed.unit in quantity.units
            assert [each.name for each in figure.quantities] == [quantity.name]


@pytest.mark.parametrize("args", [("3.8G",), ("98 MB",), ("26.6M",), ("7x7x2048",)])
def test_json_csv_and_table_agree(args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    command = ("explain", *args, "--architecture", "resnet50")
    data = json.loads(out(*command, "--format", "json"))
    records = list(csv.DictReader(io.StringIO(out(*command, "--format", "csv"))))
    assert len(data["readings"]) == len(records) > 0
    assert data["found"] == all(record["agrees"] == "True" for record in records)
    assert [each["strength"] for each in data["readings"]] == [record["strength"] for record in records]
    assert max(map(len, out(*command).splitlines())) <= 80


def test_limit_shortens_the_table_only() -> None:
    command = ("explain", "25.6M", "--architecture", "resnet50", "--limit", "2")
    shown = out(*command)
    assert sum(line.startswith("resnet50 ") for line in shown.splitlines()) == 2
    assert len(json.loads(out(*command, "--format", "json"))["readings"]) > 2


@pytest.mark.parametrize("name", ["resnet26", "swin_t", "googlenet", "wrn_16_8", "senet154", "lenet5"])
@pytest.mark.parametrize("claim", ["params({})", "mult_adds({})", "4 * params({})"])
def test_readings_of_a_kept_total_are_those_of_the_network_that_is_built(name: str, claim: str) -> None:
    """The number itself, its double and its half, so that reading in other units is compared too."""
    tree = parse_claim(claim.format(name))
    (fact,) = tree.facts()
    total = getattr(kept()[name], fact.quantity)
    known: Any = {fact: total}
    for factor in (1, 2, Fraction(1, 2)):
        number: Any = tree.evaluate(known) * factor
        printed = read_printed(f"{float(number):.3e}" + (" bytes" if "*" in claim else ""))
        noted: tuple[list[Reading], list[Reading]] = [], []
        built = list(readings(tree, printed, ALONE, noted[0].append))
        assert list(of_total(tree, total, printed, ALONE, noted[1].append)) == built
        assert noted[1] == noted[0]
        assert built or factor != 1
