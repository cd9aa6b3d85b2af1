"""Tables as text: no line is too wide, names are whole, and what is left out is said."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

import archcalc
from archcalc.cli import cli
from archcalc.present.costs import compare_table, cost_table, field_table, stage_table
from archcalc.present.formulas import layer_table
from archcalc.present.layout import as_text
from archcalc.present.tables import Aside, ByteRemark, Column, Table, human, human_bytes, left
from archcalc.request import names

WIDTHS = (60, 80, 100, 120)
COMMANDS = (
    ("list",),
    ("list", "vgg", "--convention", "fvcore"),
    ("show", "resnet50"),
    ("show", "anynet_d"),
    ("spaces",),
    ("spaces", "--exact"),
    ("space", "anynet_e"),
    ("space", "anynet_c", "--under", "mult_adds=400M", "--bins", "200"),
    (
        "space",
        "resnet18",
        "--over",
        "size=32..96:32",
        "--over",
        "classes=10,20,30,40,50,60,70,80,90,100,110,120,130,140",
    ),
    ("rf", "resnet50", "vgg16", "googlenet", "mobilenet_v1_1.0_224", "densenet121", "efficientnet_b0", "swin_t"),
    ("rf", "resnet18", "resnet34", "resnet50", "resnet50_v1", "resnet101", "resnet152", "preresnet50", "seresnet50"),
    ("compare", "depthwise_separable_example_standard", "vgg16", "resnet50", "--exact"),
    ("formula", "googlenet"),
    ("formula", "densenet121", "--per-layer"),
    ("formula", "resnet18", "--exact"),
    ("formula", "resnet50", "--at", "H=224,W=320"),
    ("formula", "vgg16", "--symbols", "all"),
    ("solve", "mobilenet_v1", "--target", "mult_adds=300M", "--target", "params=4M", "--for", "width"),
    ("scaling", "resnet50"),
    ("sweep", "mobilenet_v1", "--over", "width=0.25..1:0.25", "--over", "size=128..224:32", "--limit", "5"),
    ("scaling", "depthwise_separable_example", "depthwise_separable_example_standard"),
    ("conventions",),
    ("conventions", "torchscan"),
    ("devices",),
    ("latency", "resnet18", "--device", "a100-40gb", "--batch", "64", "--dtype", "float16"),
    ("latency", "lenet5", "--device", "i7-12700h", "--layers"),
    ("latency", "resnet18", "vgg11", "--device", "t4", "--device", "l4", "--batch", "64", "--dtype", "float16"),
    ("latency", "lenet5", "--device", "rtx-3090", "--step", "--precision", "amp_fp16", "--layers"),
    ("energy", "resnet18"),
    ("energy", "lenet5", "--layers"),
    ("devices", "a100", "--exact"),
    ("devices", "h100-pcie"),
    ("reconcile", "resnet50"),
    ("reconcile", "resnet50", "--to", "fvcore"),
    ("audit",),
    ("audit", "C0725"),
    ("explain", "3.8G", "--architecture", "resnet50"),
    ("accuracy",),
    ("accuracy", "mobilenet_v1_1.0_224", "mobilenet_v1_0.75_224"),
    ("accuracy", "--recipes"),
    ("accuracy", "--check"),
    ("plot",),
    ("front", "tests/data/sweep_regnetx.csv", "--minimize", "mult_adds", "--minimize", "error"),
    (
        "front",
        "tests/data/sweep_regnetx.csv",
        "tests/data/sweep_shallow.csv",
        "--minimize",
        "params",
        "--maximize",
        "mult_adds",
        "--minimize",
        "peak",
        "--distinct",
        "--range",
        "mult_adds=400M..",
    ),
    ("best", "tests/data/sweep_regnetx.csv", "--column", "error", "--median", "depth", "--median", "group_width"),
    ("why", "vgg16", "total", "peak_inference_bytes"),
)
"""Every command that prints text, with what makes its lines long."""


def printed(*args: str, columns: int) -> str:
    result = CliRunner().invoke(cli, args, standalone_mode=False, catch_exceptions=False, env={"COLUMNS": str(columns)})
    return result.stdout


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_no_line_is_wider_than_the_terminal(args: tuple[str, ...]) -> None:
    for columns in (*WIDTHS, 40):
        text = printed(*args, columns=columns)
        assert text.strip()
        assert max(map(len, text.splitlines())) <= columns, columns


SAMPLE = ("lenet5", "resnet50", "efficientnet_b0", "nasnet_a_large", "swin_t", "googlenet")


def check_tables(name: str) -> None:
    """No line of a network's tables is too wide, and every layer has its whole name at the start of one."""
    analysis = archcalc.analyze(name)
    layers = [layer.name for layer in analysis.layers]
    tables = [(cost_table(analysis), layers), (field_table(analysis), layers[1:])]
    tables.append((cost_table(archcalc.analyze(name, detail=True)), []))
    for table, wanted in tables:
        for width in WIDTHS:
            lines = as_text(table, width=width).splitlines()
            assert max(map(len, lines)) <= width, (name, width)
            first = [line.split()[0] for line in lines if line and not line.startswith(" ")]
            assert not set(wanted) - set(first), (name, width)


@pytest.mark.parametrize("name", SAMPLE)
def test_tables_of_long_names_fit_and_every_layer_has_its_whole_name(name: str) -> None:
    check_tables(name)


def test_every_network_has_tables_that_fit_in_which_every_layer_has_its_whole_name() -> None:
    """On all widths, so that a name can be copied and no two layers look the same."""
    for name in names():
        check_tables(name)


def test_the_catalogue_has_every_name_whole_at_every_width() -> None:
    wanted = set(names())
    for columns in (*WIDTHS, 40):
        lines = printed("list", columns=columns).splitlines()
        first = [line.split()[0] for line in lines[4:] if line and not line.startswith(" ")]
        assert wanted <= set(first)


def test_a_narrow_catalogue_loses_its_descriptions_before_any_figure() -> None:
    """On 60 columns the costs of every network are there, and no description is."""
    lines = printed("list", "resnet", columns=60).splitlines()
    assert lines[2].split() == ["name", "year", "input", "params", "mult-adds"]
    assert "Too narrow for: description." in " ".join(lines)


@pytest.mark.parametrize("width", [*WIDTHS, 200])
def test_columns_that_are_left_out_are_named_and_their_notes_go_with_them(width: int) -> None:
    analyses = [archcalc.analyze(name) for name in ("depthwise_separable_example_standard", "vgg16")]
    for table in (cost_table(analyses[1]), compare_table(analyses)):
        text = as_text(table, width=width)
        headings = text.split("\n\n")[1].splitlines()[0]
        said = " ".join(text.split())
        for column in table.columns:
            if len(column.heading) > 1:
                left_out = re.search(rf"Too narrow for: [^.]*\b{re.escape(column.heading)}\b", said)
                assert (column.heading in headings) != bool(left_out), column.heading
        for heading, note in table.notes:
            assert (note in said) == (heading in headings.split()), heading
        if width == 200:
            assert "Too narrow" not in text


def test_ratios_are_left_out_with_what_they_are_ratios_of() -> None:
    table = compare_table([archcalc.analyze(name) for name in ("mobilenet_v1_1.0_224", "vgg16")])
    for width in range(60, 130):
        heading = as_text(table, width=width).split("\n\n")[1].splitlines()[0].split()
        shown = [each for each in ("params", "mult-adds", "activations", "peak") if each in heading]
        assert heading.count("x") == len(shown) >= 2, width


@pytest.mark.parametrize("exact", [False, True])
def test_shares_are_left_out_with_what_they_are_shares_of(exact: bool) -> None:
    table = cost_table(archcalc.analyze("vgg16", detail=True), shares=True)
    for width in range(50, 160):
        heading = as_text(table, exact, width).split("\n\n")[1].splitlines()[0].split()
        before = [heading[place - 1] for place, word in enumerate(heading) if word == "%"]
        assert set(before) <= {"activations", "params", "mult-adds"}, (width, heading)


def test_exact_is_exact_in_cells_in_parentheses_and_in_remarks() -> None:
    text = as_text(cost_table(archcalc.analyze("lenet5", detail=True)), exact=True)
    assert not re.search(r"\d\.\d+[KMGk]", text)
    assert "(4,704)" in text
    assert "Parameters 240,000 B" in text


def test_memory_in_parentheses_is_what_the_total_leaves_out() -> None:
    analysis = archcalc.analyze("resnet18", detail=True)
    table = cost_table(analysis)
    for heading in ("activations", "memory"):
        place = [column.heading for column in table.columns].index(heading)
        counted = sum(row[place] for row in table.rows if not isinstance(row[place], Aside))
        assert counted == table.totals[0][place]
        assert any(isinstance(row[place], Aside) for row in table.rows)


def test_a_name_that_is_wider_than_its_column_stands_above_its_row() -> None:
    table = Table(
        "", [left("name", "above"), Column("n", human), left("words", "wrap")], [("x" * 50, 1234567, "a b c" * 9)]
    )
    lines = as_text(table, width=52).splitlines()
    assert "x" * 50 in lines
    assert "1.235M" in lines[lines.index("x" * 50) + 1]


def test_remarks_with_bytes_and_counts_are_written_as_the_cells_are() -> None:
    table = Table("", [Column("n", human_bytes)], [(Aside(2_000_000),)], remarks=[ByteRemark("All {}.", (1_500_000,))])
    assert as_text(table).splitlines()[2:] == ["(2.000MB)", "", "All 1.500MB."]
    assert as_text(table, exact=True).splitlines()[2:] == ["(2,000,000)", "", "All 1,500,000 B."]


def test_tables_of_formulas_and_stages_fit_too() -> None:
    from archcalc.analysis.stages import stage_fields
    from archcalc.forms.formulas import formulas

    analyses = [archcalc.analyze(name) for name in ("nasnet_a_large", "densenet121", "unet", "mobilenet_v1_1.0_224")]
    for width in WIDTHS:
        for table in (stage_table(analyses, stage_fields(analyses)), layer_table(formulas("googlenet"), {})):
            assert max(map(len, as_text(table, width=width).splitlines())) <= width


def test_nothing_in_json_depends_on_the_width() -> None:
    assert json.loads(printed("table", "vgg16", "--format", "json", columns=40)) == json.loads(
        printed("table", "vgg16", "--format", "json", columns=200)
    )
