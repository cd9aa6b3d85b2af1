"""The audit: every printed figure has a selector that names what there is, and a verdict that is computed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pages
import pytest
from click.testing import CliRunner

from archcalc import ArchcalcError, UnknownName, analyze
from archcalc.algebra.amounts import read_printed
from archcalc.algebra.expressions import parse_claim
from archcalc.analysis.layer_rules import ON_THE_PATH, layers
from archcalc.cli import cli
from archcalc.evidence.audit import VERDICTS, Audited, audit, audit_claim, judge, read_verdict
from archcalc.evidence.claims import Claim, claim, claims, document_lines
from archcalc.evidence.facts import value
from archcalc.evidence.subjects import network

CLAIMS = claims()
AUDIT = audit()
NUMERIC = [each for each in AUDIT.audited if re.match(r"[\d<]", each.claim.printed) and each.computed is not None]
CONTRADICTED = {
    *("C0031", "C0116", "C0134", "C0135", "C0150"),
    *("C0333", "C0351"),
    *("C0454", "C0456"),
    *("C0690", "C0692", "C0693", "C0700", "C0701", "C0725", "C0729", "C0748"),
}
GOOD = ("exact", "within the printed digits")


def by_id(id: str) -> Audited:
    return next(each for each in AUDIT.audited if each.claim.id == id)


def out(*args: str) -> str:
    return CliRunner().invoke(cli, args, standalone_mode=False, catch_exceptions=False).stdout


def test_every_claim_has_one_verdict_and_none_fails() -> None:
    assert [each.claim.id for each in AUDIT.audited] == [f"C{number:04}" for number in range(1, 752)]
    assert {each.verdict for each in AUDIT.audited} <= set(VERDICTS)
    assert AUDIT.total("not evaluated") == 0


def test_the_verdicts_are_distributed_as_they_were() -> None:
    """Pinned, so that no verdict changes unnoticed: look at `archcalc audit` before changing a number here."""
    table = {
        document: tuple(AUDIT.counts[document].get(verdict, 0) for verdict in VERDICTS[:5]) for document in AUDIT.counts
    }
    assert table == {
        "000": (110, 13, 12, 5, 24),
        "001": (21, 1, 2, 0, 5),
        "002": (100, 21, 4, 2, 35),
        "003": (114, 26, 7, 2, 10),
        "004": (180, 23, 5, 8, 21),
    }
    assert {each.claim.id for each in AUDIT.audited if each.verdict == "contradicted"} == CONTRADICTED


def test_the_documentation_says_how_many_figures_hold() -> None:
    counts = [AUDIT.total(verdict) for verdict in VERDICTS]
    assert (
        f"{len(CLAIMS)} figures that five lecture documents print: {counts[0]} are exact, {counts[1]} round to the "
        f"printed number, {counts[2]} hold under another reading, {counts[3]} are contradicted, and {counts[4]} are"
        in pages.words()
    )


@pytest.mark.parametrize("each", CLAIMS, ids=lambda each: each.id)
def test_a_selector_parses_to_a_tree_that_it_is_read_from_again(each: Claim) -> None:
    if not each.reason:
        tree = parse_claim(each.selector)
        assert parse_claim(tree.text()) == tree
    else:
        assert len(each.reason) > 3


@pytest.mark.parametrize("each", CLAIMS, ids=lambda each: each.id)
def test_how_a_figure_is_read_is_the_number_of_the_list(each: Claim) -> None:
    """The printed text as it is read has the value that the list of claims gives beside it."""
    if not each.number or not re.match(r"[\d<]", each.printed):
        return
    printed = read_printed(each.printed)
    wanted = Fraction(each.number) / (100 if printed.unit == "%" else 1)
    assert printed.value in (wanted, wanted / 1000 if printed.grouped else wanted)


def test_what_is_not_computable_is_training_or_a_choice() -> None:
    reasons = Counter(each.reason for each in AUDIT.audited if each.verdict == "not computable")
    assert reasons["a result of training"] == 53
    for each in AUDIT.audited:
        if re.match(r"accuracy|error|time", each.claim.quantity):
            assert each.verdict == "not computable"
        if each.claim.quantity in ("params", "mult_adds", "receptive_field", "output_shape", "filter_shape"):
            assert each.verdict != "not computable" or not each.claim.number or each.claim.comment, each.claim.id


def rounds_to(number: Fraction, text: str, digits: int) -> bool:
    """Whether a number, written in so many digits, is the printed one: by Python's decimals, not by archcalc's."""
    scale = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}
    match = re.fullmatch(r"([\d,.]+) ?([KMG]?)(?:B|MB)?( %)?(?:·10\^(\d+))?", text)
    assert match is not None, text
    shown = Decimal(match[1].replace(",", "")) * scale[match[2]] * 10 ** int(match[4] or 0)
    counted = Decimal(number.numerator) / Decimal(number.denominator) * (100 if match[3] else 1)
    return f"{counted:.{digits - 1}e}" == f"{shown:.{digits - 1}e}"


def digits_of(text: str) -> set[int]:
    """How many digits are printed: all, or all but the zeros at the end of a whole number, at least two."""
    number = re.match(r"[\d,.]+", text)
    assert number is not None
    figures = number[0].replace(",", "").lstrip("0.").replace(".", "") or "0"
    short = figures if "." in number[0] else figures.rstrip("0").ljust(min(2, len(figures)), "0")
    return {len(figures), len(short)}


@pytest.mark.parametrize("each", NUMERIC, ids=lambda each: each.claim.id)
def test_a_verdict_says_whether_the_number_rounds_to_the_printed_one(each: Audited) -> None:
    if isinstance(each.computed, tuple):
        assert each.verdict == "contradicted"
        return
    rounded = any(rounds_to(Fraction(each.computed), each.claim.printed, n) for n in digits_of(each.claim.printed))
    assert rounded == (each.verdict in GOOD)
    if each.verdict == "exact":
        assert Fraction(each.claim.number) / (100 if "%" in each.claim.printed else 1) == each.computed
    if each.verdict == "holds under":
        assert each.reading
        assert each.under is not None


def bumped(printed: str) -> str:
    """A printed figure with its last digit two or three higher."""
    kind, colon, rest = printed.partition(": ")
    if printed == "statement":
        return printed
    if kind == "formula":
        left, equals, right = rest.rpartition("=")
        return f"formula: ({left or right}) + 2" if not equals else f"formula: ({left.split('=')[-1]}) + 2 = {right}"
    if colon:
        first, times, sides = rest.partition("x")
        return f"shape: {int(first) + 2}{times}{sides}"
    match = re.match(r"(<?)([\d,.]+)(.*)", printed)
    assert match is not None
    number = match[2].replace(",", "")
    places = -len(number.partition(".")[2])
    if not places:
        places = min(len(number) - len(number.rstrip("0")), max(0, len(number) - 2))
    unit = Decimal(10) ** places
    changed = Decimal(number) + 2 * unit
    if changed / unit % 10 == 0:  # a zero at the end would leave more room
        changed += unit
    return f"{match[1]}{changed:f}{match[3]}"


@pytest.mark.parametrize(
    "each",
    [each for each in AUDIT.audited if each.verdict in GOOD and each.claim.printed != "statement"],
    ids=lambda each: each.claim.id,
)
def test_a_figure_changed_by_more_than_its_digits_gets_another_verdict(each: Audited) -> None:
    changed = each.claim._replace(printed=bumped(each.claim.printed))
    assert changed.printed != each.claim.printed
    assert judge(changed).verdict not in (*GOOD, "not evaluated")


def test_a_statement_turned_around_is_contradicted() -> None:
    stated = [each for each in AUDIT.audited if each.claim.printed == "statement" and each.verdict == "exact"]
    assert len(stated) == 6
    for each in stated:
        turned = str.maketrans("<>", "><")
        selector = each.claim.selector.translate(turned).replace(" = ", " < ")
        assert judge(each.claim._replace(selector=selector)).verdict == "contradicted"


def test_a_formula_with_another_power_is_contradicted() -> None:
    wrong = {
        "C0055": "formula: K * K * M * M * N",
        "C0062": "formula: K * K * M * D * D + M * D * D",
        "C0357": "formula: C_in * K_w * K_h * C_out",
        "C0356": "formula: N_out = (N_in - F + P)/S + 1",
        "C0606": "formula: 3 * 3^2 C",
    }
    for key, printed in wrong.items():
        assert judge(claim(key)._replace(printed=printed)).verdict == "contradicted"


@pytest.mark.parametrize("id", ["C0454", "C0690", "C0456", "C0692"])
def test_the_memory_total_of_vgg16_is_contradicted_by_the_rows_above_it(id: str) -> None:
    """24M values, 96 MB: the slide's rows, each of which the audit upholds, add up to 15.2M and 61 MB."""
    audited = by_id(id)
    rows = [
        each
        for each in AUDIT.audited
        if each.claim.document == audited.claim.document
        and each.claim.quantity == "activation_elements"
        and "TOTAL" not in each.claim.scope
    ]
    assert {each.verdict for each in rows} <= set(GOOD)
    values = sum(each.computed for each in rows)
    assert audited.verdict == "contradicted"
    assert audited.computed == values * (4 if audited.claim.quantity == "memory_bytes" else 1)


def test_of_the_two_totals_of_the_inception_module_one_holds() -> None:
    """854M is the sum of its products; 358M is not, but adds the 3x3 product twice."""
    naive, bottleneck = by_id("C0717"), by_id("C0725")
    assert naive.verdict == "within the printed digits"
    assert bottleneck.verdict == "contradicted"
    for total, products in ((naive, range(714, 717)), (bottleneck, range(719, 725))):
        assert {by_id(f"C0{number}").verdict for number in products} == {"exact"}
        assert total.computed == sum(by_id(f"C0{number}").computed for number in products)
    assert audit_claim("C0725").slip == bottleneck.computed + by_id("C0722").computed
    assert read_printed("358M").spans()[0].holds(audit_claim("C0725").slip)


def test_a_likely_slip_gives_the_printed_figure() -> None:
    slips = [each for each in CLAIMS if each.slip]
    assert len(slips) == 9
    for each in slips:
        assert read_printed(each.printed).spans()[0].holds(value(parse_claim(each.slip))), each.id
    for each in AUDIT.audited:
        if each.verdict == "contradicted":
            assert each.reason, each.claim.id


def test_readings_name_what_gives_the_figure() -> None:
    """The number under a reading is that of the network, counted otherwise by other code."""
    vgg, squeeze = by_id("C0137"), by_id("C0143")
    assert "convolutions" in vgg.reading
    assert vgg.under == sum(layer.mult_adds for layer in analyze("vgg16").layers if layer.op == "conv")
    assert "227x227" in squeeze.reading
    assert squeeze.under == 2 * analyze("squeezenet1_0", input=(3, 227, 227)).totals.mult_adds
    assert by_id("C0152").under == analyze("mobilenet_v1_1.0_224").totals.mult_adds
    assert "every convolution and linear layer" in by_id("C0207").reading
    assert "ceil" in by_id("C0021").reading
    assert by_id("C0002").under == 3
    assert by_id("C0166").under == 7


@pytest.mark.parametrize("name", ["lenet5", "googlenet", "resnet50", "densenet121", "seresnet50", "unet"])
def test_the_usual_count_of_layers_is_that_of_the_cost_table(name: str) -> None:
    assert layers(network(name).graph, "depth", ON_THE_PATH) == analyze(name).totals.weight_layers


def test_every_claim_has_the_line_of_the_document_that_it_was_read_from() -> None:
    lines = document_lines()
    for each in CLAIMS:
        assert lines[each.document, each.line].strip()
    assert audit_claim("C0725").line == "Total: 358M ops"


def test_figures_are_chosen_by_document_architecture_and_verdict() -> None:
    assert {each.claim.document for each in audit(document="3").audited} == {"003"}
    assert {each.claim.architecture for each in audit(architecture="AlexNet").audited} == {"alexnet_grouped"}
    assert audit(architecture="alexnet_grouped") == audit(architecture="alexnet")
    assert len(audit(verdict="wrong").audited) == AUDIT.total("contradicted")
    assert audit(verdict="wrong").counts == AUDIT.counts
    assert [read_verdict(word) for word in ("within", "holds", "not-computable")] == [*VERDICTS[1:3], VERDICTS[4]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"document": "7"}, "there are 000, 001, 002, 003, 004"),
        ({"architecture": "vgg61"}, "nearest: vgg"),
        ({"architecture": "swin_t"}, "no document prints a figure of swin_t"),
        ({"architecture": "unet", "document": "003"}, "document 003 does not print a figure of unet"),
        ({"verdict": "false"}, "there are exact"),
    ],
)
def test_what_there_is_no_figure_of_is_said(given: dict[str, str], message: str) -> None:
    with pytest.raises(ArchcalcError, match=message):
        audit(**given)


def test_an_unknown_claim_is_refused() -> None:
    for name in ("C0752", "C", "x", "0"):
        with pytest.raises(UnknownName, match="C0001 to C0751"):
            claim(name)
    assert claim("725") == claim("c0725") == claim("C725")


@pytest.mark.parametrize("args", [(), ("--architecture", "vgg16"), ("--verdict", "wrong")])
def test_json_and_csv_have_a_record_a_figure(args: tuple[str, ...]) -> None:
    data = json.loads(out("audit", *args, "--format", "json"))
    records = list(csv.DictReader(io.StringIO(out("audit", *args, "--format", "csv"))))
    assert [each["id"] for each in data["claims"]] == [each["id"] for each in records]
    assert sum(data["summary"].values()) >= len(records) > 0


def test_the_table_has_one_line_a_figure_and_fits_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = out("audit").splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(bool(re.match(r"C\d{4} ", line)) for line in lines) == 751


def test_one_figure_in_full_shows_line_computation_and_reason() -> None:
    shown = out("audit", "C0725", "--claim", "C0701")
    for part in ("Total: 358M ops", "271,351,808", "contradicted", "358,055,936", "12x less", "60,965,224", "60M / 5M"):
        assert part in " ".join(shown.split())
    full, _ = json.loads(out("audit", "C0725", "C0701", "--format", "json"))
    assert full["slip_computed"] == 358_055_936
    with pytest.raises(ArchcalcError, match="takes no --document"):
        CliRunner().invoke(cli, ["audit", "C1", "--document", "000"], standalone_mode=False, catch_exceptions=False)
