"""What a page derives, computes and copies by itself equals what archcalc prints."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner

from archcalc.analysis.table import analyze
from archcalc.cli import cli
from archcalc.derivations.derive import LAYER_QUANTITIES, TOTAL_QUANTITIES
from archcalc.present import cost_records, costs, markup
from archcalc.present.derivation_blocks import derivation_blocks
from archcalc.present.tables import Table
from archcalc.site.bundles import bundles
from archcalc.site.engine import answer
from archcalc.site.forms import network_forms
from archcalc.site.network_page import network_page

pytestmark = pytest.mark.skipif(not shutil.which("npm"), reason="there is no Node with npm")
NETWORKS = ("lenet5", "vgg16", "googlenet", "resnet50", "swin_t", "densenet121")
STATES: tuple[dict[str, Any], ...] = (
    {"values": {}, "settings": {}},
    {"values": {"H": 320, "W": 256, "N": 8, "K": 10}, "dtype": "float16", "settings": {}},
    {"values": {"H": 225, "W": 225, "C": 1}, "settings": {"stem": "3x3"}},
)
SCRIPT = """
import katex from "katex";
import { readFileSync } from "node:fs";
import { commandOf } from "./src/command";
import { planOf } from "./src/derived";
import { lettersAt, valueOf } from "./src/form_value";
import { requestOf } from "./src/state";
import { tableText } from "./src/table_text";
import { Tape } from "./src/tape";

const asked = JSON.parse(readFileSync(0, "utf8"));
const sums = ({ page }) => {
  const values = new Tape(page.tape).run({});
  const rows = ["stage", "block"].flatMap((level) => page.levels[level] ?? []);
  return rows.flatMap((row) =>
    ["params", "mult_adds", "activations"].map((column) => {
      const plan = planOf({ row: row.name, column, inTable: true }, page, values);
      const shown = String(values.of(row[column]));
      return [row.name, column, plan.kind, String(plan.total ?? shown), shown];
    }),
  );
};
console.log(
  JSON.stringify({
    texts: asked.tables.map((table) => ["csv", "markdown", "latex"].map((format) => tableText(format, table[format]))),
    sums: asked.pages.map(sums),
    states: asked.states.map((state) => ({
      command: commandOf("why", { name: "resnet50" }, asked.resnet, state, ["layer1.0.conv1", "memory_bytes"]),
      request: requestOf(asked.resnet, state),
    })),
    values: asked.forms.map(({ data, symbols }) => {
      const letters = lettersAt(data, symbols);
      return Object.values(data.forms).map((form) => String(valueOf(form, letters)));
    }),
    set: asked.latex.map((latex) => katex.renderToString(latex, { throwOnError: true, strict: "error" }).length),
  }),
);
"""


def text_table(table: Table, records: list[dict[str, Any]]) -> dict[str, Any]:
    """A table as the cells that a page has."""
    rows, totals = table.cells(exact=False)
    marked = {
        "caption": table.caption,
        "headings": [column.heading for column in table.columns],
        "right": [column.right for column in table.columns],
        "rows": rows,
        "totals": totals,
        "remarks": list(table.sentences(exact=False)),
    }
    cells = [["" if each is None else str(each) for each in record.values()] for record in records]
    return {"markdown": marked, "latex": marked, "csv": {**marked, "headings": list(records[0]), "rows": cells}}


def equations() -> list[str]:
    """The mathematics of some derivations and forms."""
    from archcalc import why

    asked = [
        *[("resnet50", layer, quantity) for layer in ("conv1", "layer2.0.add") for quantity in LAYER_QUANTITIES],
        *[("swin_t", "stage1.0.attention", quantity) for quantity in ("params", "mult_adds")],
        *[(name, "total", quantity) for name in ("googlenet", "swin_t") for quantity in TOTAL_QUANTITIES],
    ]
    found: list[str] = []
    for name, layer, quantity in asked:
        blocks = derivation_blocks(why(name, layer, quantity))["blocks"]
        found += [block["latex"] for block in blocks if "latex" in block]
        found += [each["latex"] for block in blocks if block["kind"] == "legend" for each in block["letters"]]
    found += [form["latex"] for name in ("unet", "lenet5") for form in network_forms(name)["forms"].values()]
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def analyses() -> list[Any]:
    return [analyze(name) for name in NETWORKS[:4]]


@pytest.fixture(scope="module")
def said(analyses: list[Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page's scripts say to all the questions of these tests."""
    web, folder = bundles(), tmp_path_factory.mktemp("why")
    tables = [text_table(costs.cost_table(each), cost_records.cost_records([each])) for each in analyses]
    asked = {
        "tables": tables,
        "pages": [{"page": network_page(name)} for name in NETWORKS],
        "states": STATES,
        "resnet": network_page("resnet50"),
        "forms": [
            {"data": network_forms(name), "symbols": {"H": 224, "W": 224, "N": 3}} for name in ("vgg16", "resnet50")
        ],
        "latex": equations(),
    }
    source = web / f"trial-{uuid4().hex}.ts"
    source.write_text(SCRIPT)
    try:
        node(web, "node_modules/esbuild/bin/esbuild", str(source), f"--outfile={folder / 'why.mjs'}", *OPTIONS)
    finally:
        source.unlink()
    return json.loads(node(web, str(folder / "why.mjs"), given=json.dumps(asked)))


OPTIONS = (
    "--bundle",
    "--platform=node",
    "--format=esm",
    "--jsx=automatic",
    "--jsx-import-source=preact",
    "--log-level=error",
)


def node(web: Path, *arguments: str, given: str = "") -> str:
    done = subprocess.run(["node", *arguments], cwd=web, input=given, capture_output=True, text=True, check=False)  # noqa: S607
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_tables_are_written_as_archcalc_writes_them(said: dict[str, Any], analyses: list[Any]) -> None:
    for (csv, markdown, latex), analysis in zip(said["texts"], analyses, strict=True):
        table = costs.cost_table(analysis)
        assert markdown == markup.as_markdown(table)
        assert latex == markup.as_latex(table)
        assert csv == markup.as_csv(cost_records.cost_records([analysis]))


def test_stages_and_blocks_are_the_sums_of_their_layers(said: dict[str, Any]) -> None:
    kinds: set[str] = set()
    for rows in said["sums"]:
        for name, column, kind, total, shown in rows:
            assert total == shown, (name, column)
            kinds.add(kind)
    assert kinds == {"sum", "derive"}


@pytest.mark.parametrize("place", range(len(STATES)))
def test_the_command_line_prints_the_derivation_that_the_page_shows(said: dict[str, Any], place: int) -> None:
    state = said["states"][place]
    program, *words = shlex.split(state["command"])
    assert program == "archcalc"
    printed = CliRunner().invoke(cli, [*words, "--format", "markdown"], standalone_mode=False, catch_exceptions=False)
    given = {"name": "resnet50", **state["request"], "layer": "layer1.0.conv1", "quantity": "memory_bytes"}
    shown = json.loads(answer(json.dumps({"question": "why", "given": {**given, "form": "markdown"}})))
    assert printed.output.rstrip("\n") == shown["result"]


def test_forms_have_the_values_of_the_totals(said: dict[str, Any]) -> None:
    for name, values in zip(("vgg16", "resnet50"), said["values"], strict=True):
        totals = analyze(name, batch=3).totals
        assert values == [str(totals[key]) for key in network_forms(name)["forms"]]


def test_all_mathematics_can_be_typeset(said: dict[str, Any]) -> None:
    assert len(said["set"]) > 80
    assert min(said["set"]) > 0
