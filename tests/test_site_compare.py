"""What the page that compares networks says is what `archcalc compare`, `diff` and `reconcile` say."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import archcalc
from archcalc.analysis.difference import compared
from archcalc.base.errors import ArchcalcError, MissingTool
from archcalc.conventions.reconciling import reconcile
from archcalc.present.conventions import left_out_words, step_words
from archcalc.present.costs import compare_table
from archcalc.present.tables import signed
from archcalc.site.compare_page import alignment, compare_page, reconciliation, sentence
from archcalc.site.engine import answer
from archcalc.site.network_page import network_page

CASES: list[tuple[list[str], dict[str, Any]]] = [
    (["vgg16", "vgg19"], {"H": 224, "W": 224}),
    (["resnet50", "resnet18"], {"H": 225, "W": 160, "N": 8}),
    (["resnet50", "vgg16"], {}),
    (["lenet5", "unet"], {}),
    (["swin_t", "densenet121", "googlenet"], {"N": 3, "K": 10}),
]
"""Networks that are compared, and values of the variables of their tapes."""


def given_of(name: str, values: dict[str, int]) -> dict[str, Any]:
    """The arguments of a request with the values of a tape's variables."""
    shape = archcalc.analyze(name).input
    size = (values["H"], values["W"]) if "H" in values else shape[1:]
    classes = {"classes": values["K"]} if "K" in values else {}
    return {"input": (shape[0], *size), "batch": values.get("N", 1), **classes}


def analyses(names: list[str], values: dict[str, int]) -> list[archcalc.Analysis]:
    return [archcalc.analyze(name, **given_of(name, values)) for name in names]


def drawn() -> list[tuple[int, int]]:
    """Pairs of counts: any, and quotients that lie half way between two numbers of three digits."""
    draw = random.Random(23)  # noqa: S311
    ties = [((2 * draw.randrange(100, 1000) + 1) * 10**power, 2) for power in range(5) for _ in range(40)]
    eighths = [(odd, 8) for odd in range(1, 400, 2)]
    return [
        *ties,
        *eighths,
        *[(draw.randrange(10 ** draw.randrange(1, 14)), draw.randrange(1, 10**9)) for _ in range(500)],
    ]


@pytest.fixture(scope="module")
def bundled() -> Path:
    """The folder with the sources of the pages and what bundles them."""
    from archcalc.site.bundles import bundles

    try:
        return bundles()
    except MissingTool as error:
        pytest.skip(str(error))


def run(folder: Path, entry: str, to: Path, given: str) -> str:
    """What a TypeScript file of the pages' tests prints, for some input."""
    node = shutil.which("node") or "node"
    esbuild = [str(folder / "node_modules" / ".bin" / "esbuild"), f"test/{entry}", "--bundle", "--platform=node"]
    esbuild += ["--format=esm", "--jsx=automatic", "--jsx-import-source=preact", f"--outfile={to}"]
    subprocess.run([*esbuild, "--log-level=warning"], cwd=folder, check=True, timeout=60)
    done = subprocess.run(
        [node, str(to)], cwd=folder, input=given, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def answers(bundled: Path, to: Path, ratios: list[tuple[int, int]]) -> dict[str, Any]:
    """What the page says in all cases, and the texts of some ratios."""
    cases = [
        {
            "pages": [network_page(name) for name in names],
            "values": values,
            "alignment": alignment([archcalc.Request.of(name, **given_of(name, values)) for name in names]),
        }
        for names, values in CASES
    ]
    return json.loads(run(bundled, "compare_answers.ts", to, json.dumps({"cases": cases, "ratios": ratios})))


def test_the_page_says_what_the_commands_say(bundled: Path, tmp_path: Path) -> None:
    """Ratios are written as Python does; totals, layers and stages at other sizes than the page's are the API's."""
    ratios = drawn()
    said = answers(bundled, tmp_path / "compare_answers.mjs", ratios)
    assert said["ratios"] == [f"{part / whole:.3g}" for part, whole in ratios]
    for (names, values), page in zip(CASES, said["cases"], strict=True):
        found = analyses(names, values)
        check_totals(page["totals"], found)
        check_stages(page["stages"], found)
        if len(found) == 2:
            check_layers(page["layers"], *found)


def check_totals(rows: list[dict[str, Any]], found: list[archcalc.Analysis]) -> None:
    """Every total is the API's, and is written, with its ratio, as `archcalc compare` writes it."""
    by_key = {row["key"]: row for row in rows}
    for key, row in by_key.items():
        assert row["values"] == [str(each.totals[key]) for each in found], key
    table = compare_table(found, ["training_step_bytes"])
    cells, _ = table.cells(exact=False)
    first = 1 + [column.heading for column in table.columns].index("input")
    for at, key in enumerate(("params", "mult_adds", "activation_sum", "peak_inference_bytes", "training_step_bytes")):
        printed = [row[first + 2 * at : first + 2 * at + 2] for row in cells]
        assert printed == [list(each) for each in zip(by_key[key]["texts"], by_key[key]["ratios"], strict=True)], key


def check_layers(rows: list[dict[str, Any]], *found: archcalc.Analysis) -> None:
    """Layers are paired as by `archcalc.diff`, with the same changes and the same differences."""
    keys = ("params", "mult_adds", "activations")
    pairs = compared(*found).layers
    assert [(row["first"], row["second"], row["change"]) for row in rows] == [
        (pair.first and pair.first.name, pair.second and pair.second.name, pair.change) for pair in pairs
    ]
    assert [row["deltas"] for row in rows] == [{key: str(pair.delta(key)) for key in keys} for pair in pairs]
    assert [row["texts"] for row in rows] == [[signed(pair.delta(key) or None) for key in keys] for pair in pairs]


def check_stages(stages: list[dict[str, Any]], found: list[archcalc.Analysis]) -> None:
    """The stages of every network add up to its totals."""
    for at, analysis in enumerate(found):
        sums = [sum([int(stage["amounts"][at][key]) for stage in stages]) for key in range(3)]
        assert sums == [analysis.totals[key] for key in ("params", "mult_adds", "activation_sum")]


def test_stages_are_named_where_the_networks_agree() -> None:
    """Networks with the same stages are compared by name, others by the scale of their outputs, once in each group."""
    same = alignment(["resnet50", "resnet18", "resnet50_v1"])["stages"]
    assert same["by"] == "name"
    assert [group["label"] for group in same["groups"]][3:7] == ["layer1", "layer2", "layer3", "layer4"]
    other = alignment(["resnet50", "unet"])["stages"]
    assert (other["by"], other["groups"][2]["label"]) == ("scale", "/4")
    unet = archcalc.analyze("unet").layers
    quarter = other["groups"][2]["parts"][1]
    names = [layer.name for begin, end in zip(quarter[::2], quarter[1::2], strict=True) for layer in unet[begin:end]]
    assert names == ["pool2", "down3.conv1", "down3.conv2", *[each.name for each in unet[20:25]]]


@pytest.mark.parametrize(("name", "start", "given"), [
    ("resnet50", "mult_adds", {}),
    ("vgg16", "thop", {"input": (3, 96, 64)}),
    ("unet", "ptflops", {}),
    ("swin_t", "torchinfo", {}),
    ("googlenet", "params", {"classes": 10}),
])  # fmt: skip
def test_steps_are_those_of_reconcile(name: str, start: str, given: dict[str, Any]) -> None:
    """Totals, steps and words are the API's, and start and steps add up to the end."""
    found = reconciliation(archcalc.Request.of(name, **given), start=start)
    theirs = reconcile(name, start=start, **given)
    assert {line["name"]: line["total"] for line in found["lines"]} == {each.name: each.total for each in theirs.lines}
    assert [line["left_out"] for line in found["lines"]] == [left_out_words(each.left_out) for each in theirs.lines]
    assert list(found["waterfalls"]) == [each.end.name for each in theirs.waterfalls]
    for each in theirs.waterfalls:
        steps = found["waterfalls"][each.end.name]
        assert [step["words"] for step in steps] == [step_words(step) for step in each.steps]
        assert each.start.total + sum(step["amount"] for step in steps) == each.end.total
        assert all(f"{step.nodes:,} x" in sentence(step, "a", "b") for step in each.steps)


def test_the_page_as_it_is_written_is_what_the_engine_answers() -> None:
    """The data that come with the page are the answers to the questions that the page would ask."""
    page = compare_page(["vgg16", "lenet5", "resnet50"])
    asked = json.dumps({"question": "align", "given": {"networks": [{"name": name} for name in page["names"]]}})
    assert json.loads(answer(asked))["result"] == page["alignment"]
    asked = json.dumps({"question": "steps", "given": {"name": "resnet50", "only": "fvcore"}})
    assert json.loads(answer(asked))["result"] == json.loads(json.dumps(page["reconciliation"]))


def test_errors_say_which_network_they_are_about() -> None:
    """A network that cannot be built, and a number of networks that is not compared, are errors in one sentence."""
    with pytest.raises(ArchcalcError, match="window of 2 does not fit") as caught:
        alignment(["resnet50", archcalc.Request.of("vgg16", input=(3, 7, 7))])
    assert caught.value.about.startswith("networks[1]")
    with pytest.raises(ArchcalcError, match="1 to 6 networks are compared, not 7"):
        alignment(["lenet5"] * 7)
    question = {"question": "align", "given": {"networks": [{"name": "lenet5"}, {"name": "lenet55"}]}}
    assert "lenet55" in json.loads(answer(json.dumps(question)))["error"]["message"]
