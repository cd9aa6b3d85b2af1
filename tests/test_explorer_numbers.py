"""Every number of a network's page is that of `archcalc table`, for 40 networks, as one types ten settings.

What the engine answers is answered here by the same function outside of the browser: that it answers the same inside
is the matter of another test.
"""

from __future__ import annotations

import json
from typing import Any

import explorer
import pytest
from browser import chromium, driver, errors_of, in_chromium
from patience import HANGS

import archcalc
from archcalc import zoo
from archcalc.analysis.blocks import at_depth
from archcalc.base.errors import ArchcalcError
from archcalc.catalogue.descriptions import describe_own
from archcalc.catalogue.nodes import nodes_of
from archcalc.conventions.catalogue import all_conventions
from archcalc.graph import Network
from archcalc.present.costs import cost_table
from archcalc.present.tables import Aside
from archcalc.site.engine import answer

NETWORKS = [name for name in archcalc.names() if (nodes_of(name) or 0) < 500][2::6]
"""Networks of all kinds; those of a thousand layers repeat theirs."""
CONVENTIONS = [each.name for each in all_conventions()]
ROWS = "a row for each"
"""The name of the choice between stages, blocks, layers and operations."""
DEPTHS = {"stage": 1, "block": 2, "layer": None, "operation": None}
ENGINE = """window.Worker = class {
    constructor() { setTimeout(() => this.onmessage?.({ data: { kind: "ready" } })); }
    async postMessage({ id, question, given }) {
        const text = await window.answered(JSON.stringify({ question, given }));
        this.onmessage?.({ data: { kind: "answer", id, text } });
    }
    terminate() {}
}"""
"""The engine of the page, which is asked outside of the browser."""
TYPED = """async ([fields, sentence]) => {
    const wait = () => new Promise((done) => setTimeout(done, 2));
    for (const [name, value] of Object.entries(fields)) {
        const field = document.querySelector(`main [name="${name}"]`);
        Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, value);
        for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
        await wait();
    }
    await wait();
    const problem = document.querySelector(".problem");
    const busy = () => document.querySelector("[aria-busy=true]") !== null;
    const end = performance.now() + PATIENCE;
    while ((sentence ? problem.textContent !== sentence : busy()) && performance.now() < end) await wait();
    if (busy() || sentence) return problem.textContent;
    const numbers = (row) => [...row.querySelectorAll("[data-value]")].map((cell) =>
        [cell.dataset.column, cell.dataset.value, cell.textContent, cell.title]);
    const text = (row, place) => row.cells[place].textContent;
    const rows = [...document.querySelectorAll("#costs tbody tr")].map((row) => [
        text(row, 0), text(row, 1), row.querySelector("[data-column=output]").textContent,
        row.querySelector(".share").textContent, row.querySelector("[data-column=field]").textContent, numbers(row)]);
    const totals = [...document.querySelectorAll("[data-total]")].map((each) =>
        [each.dataset.total, each.dataset.value, each.querySelector("dd").title]);
    return { level: document.querySelector("[name='ROWS']").value, rows,
             total: numbers(document.querySelector("#costs tfoot tr")), totals };
}""".replace("PATIENCE", str(1000 * HANGS)).replace("ROWS", ROWS)
"""Types into fields, waits until the numbers or the sentence are those of the state, and returns all of them."""


def settings(network: Network, place: int) -> list[dict[str, Any]]:
    """Ten settings of a network, each as fields of its page that are typed anew."""
    channels, height, width = network.input
    own = {"H": height, "W": width, "N": 1, "C": channels}
    return [
        {"H": height + 33, "W": width + 33},
        {"H": height + 97, "W": width + 32, ROWS: "operation"},
        {"N": 32, ROWS: "stage"},
        {"H": height - 1, "W": width + 1, **({"K": 10} if "classes" in network.hyperparameters else {})},
        {**own, "N": 3, "C": 1, ROWS: "block"},
        {"H": 4096, "W": 4099, "N": 1000, "C": channels, ROWS: "layer"},
        {**own, "H": 5, "W": 7},
        {**own, "convention": CONVENTIONS[place % len(CONVENTIONS)]},
        {"dtype": ["float16", "bfloat16", "float64", "int8"][place % 4], "N": 7, ROWS: "layer"},
        other_hyperparameter(network, place),
    ]


def other_hyperparameter(network: Network, place: int) -> dict[str, Any]:
    """Another value of one of the hyperparameters."""
    others = {"switch": lambda value: not value, "whole": lambda value: value + 1, "real": lambda value: value / 2}
    found = {}
    for each in describe_own(network).hyperparameters:
        if each.name not in ("classes", "in_channels"):
            if each.kind == "choice":
                found[each.name] = each.choices[each.choices.index(each.value) - 1]
            elif each.kind in others:
                found[each.name] = others[each.kind](each.value)
    name = sorted(found)[place % len(found)] if found else ""
    return {name: found[name]} if found else {"H": 100, "W": 100}


def table(name: str, fields: dict[str, Any]) -> Any:
    """What the page has to show: its rows, totals and the total below, or the sentence of the error."""
    fields = dict(fields)
    size, level = [fields["C"], fields.pop("H"), fields.pop("W")], fields.pop(ROWS)
    fields["in_channels"] = fields.pop("C")
    request = {"batch": fields.pop("N"), "dtype": fields.pop("dtype"), "convention": fields.pop("convention")}
    if "K" in fields:
        request["classes"] = fields.pop("K")
    try:
        analysis = archcalc.analyze(name, input=tuple(size), detail=level == "operation", **request, **fields)
    except ArchcalcError as error:
        return str(error)
    shown = analysis if DEPTHS[level] is None else at_depth(analysis, DEPTHS[level])
    written = cost_table(shown)
    texts, [total] = written.cells(exact=False)
    shares = [row[-2] for row in cost_table(shown, shares=True).cells(exact=False)[0]]
    return {
        "level": level,
        "rows": [
            [*text[:3], share, text[-1], counts(row[3:7], text[3:7])]
            for row, text, share in zip(written.rows, texts, shares, strict=True)
        ],
        "total": counts(written.totals[0][3:7], total[3:7]),
        "totals": {**analysis.totals.to_dict(), "counted": analysis.counting and analysis.counting.total},
    }


def counts(cells: Any, texts: Any) -> list[list[str]]:
    """The cells of counts of a row: column, value, text and title."""
    values = [cell.value if isinstance(cell, Aside) else cell for cell in cells]
    units = ("", " bytes", "", "")
    columns = ("activations", "memory", "params", "mult_adds")
    return [
        [column, str(value), text, f"{value:,}{unit}"]
        for column, value, text, unit in zip(columns, values, texts, units, strict=True)
    ]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with explorer.served(explorer.built(tmp_path_factory)) as site, driver() as playwright:
        context = chromium(playwright).new_context(base_url=site.address)
        context.expose_function("answered", answer)
        context.add_init_script(ENGINE)
        yield context.new_page()


@in_chromium
@pytest.mark.parametrize("name", NETWORKS)
def test_every_number_of_a_page_is_that_of_the_table(page, name):
    errors = errors_of(page)
    network, place = zoo.network(name), NETWORKS.index(name)
    page.goto(f"networks/{name}.html")
    channels, height, width = network.input
    state = {"C": channels, "H": height, "W": width, "N": 1, "dtype": "float32", "convention": "mult_adds"}
    state[ROWS] = page.locator(f"[name='{ROWS}']").input_value()
    levels = page.locator(f"[name='{ROWS}'] option").all_inner_texts()
    assert {"layer", "operation"} <= set(levels)
    for fields in [{}, *settings(network, place)]:
        if fields.get(ROWS) not in levels:
            fields.pop(ROWS, None)
        state |= fields
        expected = table(name, state)
        sentence = expected if isinstance(expected, str) else ""
        shown = page.evaluate(TYPED, [{key: written(value) for key, value in fields.items()}, sentence])
        if sentence:
            assert shown == sentence, state
            continue
        totals, known = shown.pop("totals"), expected.pop("totals")
        assert json.loads(json.dumps(shown).replace("\\u00d7", "x")) == expected, state
        assert len(totals) > 6
        for key, value, title in totals:
            assert value == str(known[key]), (state, key)
            assert title.split(" ")[0] == f"{known[key]:,}"
    assert errors == []


def written(value: Any) -> str:
    """A value as one types it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
