"""The alert rules and the dashboard: they work, and every series in them is one that the server has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import service
import trustme
import yaml
from deploying import DEPLOY, LABELS, LANES, METRICS, REASONS
from patience import HANGS

from archcalc.service.questions import CALLS

RULES = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text(encoding="utf-8"))
TESTS = yaml.safe_load((DEPLOY / "prometheus" / "rules.test.yml").read_text(encoding="utf-8"))
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
ALERTS = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"]}
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[tuple[str, str]]:
    """Every expression, with where it stands."""
    for name, rule in ALERTS.items():
        yield name, rule["expr"]
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


EXPRESSIONS = list(expressions())


def selectors(expression: str) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
    """The selectors in an expression: the series, and by label its operator and its value."""
    for name, inside in re.findall(r"\b([a-z_:][a-z0-9_:]*)\{([^}]*)\}", expression):
        yield (
            name,
            {label: (how, value) for label, how, value in re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', inside)},
        )


def mistakes(expression: str) -> list[str]:
    """What an expression has that the server has not."""
    found: list[str] = []
    bare = set(
        re.findall(r"\b(?:archcalc|grpc_server|process)_[a-z_]+\b(?!\s*[{a-z_])", re.sub(r'"[^"]*"', "", expression))
    )
    found += [f"{name} has no selector" for name in bare & METRICS]
    grouped = {label for inside in re.findall(r"by \(([^)]*)\)", expression) for label in re.split(r",\s*", inside)}
    has = {"job", "instance"}
    for name, labels in selectors(expression):
        if name != "up" and name not in METRICS:
            found.append(f"no series {name}")
        has |= LABELS.get(name, set())
        found += [
            f"{name} has no label {label}" for label in labels.keys() - LABELS.get(name, set()) - {"job", "instance"}
        ]
        for label, known in (("reason", REASONS.get(name, set())), ("lane", LANES)):
            if label in labels:
                found += [f"no {label} {each}" for each in labels[label][1].split("|") if each not in known]
        if "job" not in labels:
            found.append(f"{name} of any job")
    return found + [f"nothing has the label {label}" for label in grouped - has]


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[where for where, _ in EXPRESSIONS])
def test_every_series_and_label_is_one_that_the_server_has(where: str, expression: str) -> None:
    assert list(selectors(expression)), where
    assert mistakes(expression) == []


def test_a_name_that_the_server_does_not_have_is_found() -> None:
    for wrong, sentence in {
        'archcalc_lod{job="a"}': "no series archcalc_lod",
        'archcalc_load{job="a", lane="quick"}': "archcalc_load has no label lane",
        'archcalc_refused_requests_total{job="a", reason="tired"}': "no reason tired",
        'sum by (lain) (archcalc_lane_processes{job="a"})': "nothing has the label lain",
        "archcalc_load > 1": "archcalc_load has no selector",
        "archcalc_load{} > 1": "archcalc_load of any job",
    }.items():
        assert sentence in mistakes(wrong), wrong


def test_methods_that_alerts_name_are_calls_of_the_service() -> None:
    """One of each list: a list may name a call of a coming version, too."""
    named = [
        labels["grpc_method"][1] for _, rule in EXPRESSIONS for _, labels in selectors(rule) if "grpc_method" in labels
    ]
    assert named
    assert all({call.method for call in CALLS.values()} & set(each.split("|")) for each in named)


def test_everything_the_server_counts_is_shown_or_raises_an_alert() -> None:
    used = {name for _, expression in EXPRESSIONS for name, _ in selectors(expression)}
    parts = {name for name in METRICS if name.endswith(("_sum", "_count"))}
    assert METRICS - parts - used == set()


def test_every_alert_says_what_is_wrong_and_is_tried_both_ways() -> None:
    quiet: set[str] = set()
    raised: set[str] = set()
    for test in TESTS["tests"]:
        for each in test["alert_rule_test"]:
            (raised if each.get("exp_alerts") else quiet).add(each["alertname"])
    assert raised == set(ALERTS)
    assert quiet == set(ALERTS)
    for rule in ALERTS.values():
        assert rule["annotations"].keys() == {"summary", "description"}
        assert rule["labels"]["severity"] in {"warning", "critical"}


def test_the_dashboard_has_a_unit_and_a_sentence_for_every_panel_and_none_covers_another() -> None:
    covered: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not covered & cells, panel["title"]
        covered |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    for panel in PANELS:
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_the_server_has_these_series_with_these_labels(tmp_path: Path) -> None:
    """As its metrics say it, after a call of each sort, with TLS, whose certificate has a date."""
    certificate = trustme.CA().issue_cert("127.0.0.1")
    files = {"cert": certificate.cert_chain_pems[0], "key": certificate.private_key_pem}
    for name, blob in files.items():
        blob.write_to_path(str(tmp_path / name))
    options = ("--cert", str(tmp_path / "cert"), "--key", str(tmp_path / "key"), "--metrics", "127.0.0.1:0")
    with (
        service.process(*options) as running,
        urllib.request.urlopen(f"http://127.0.0.1:{running.log[0]['metrics_port']}/metrics", timeout=HANGS) as page,
    ):
        text = page.read().decode()
    if "# TYPE archcalc_load gauge" not in text:
        pytest.skip("this server still has its older metrics")
    found: set[str] = set()
    for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, flags=re.MULTILINE):
        found |= {f"{name}_{part}" for part in ("bucket", "sum", "count")} if kind == "histogram" else {name}
    assert METRICS - found == set()
    for name, inside in re.findall(r"^(\w+)\{([^}]*)\} ", text, flags=re.MULTILINE):
        if name in LABELS:
            assert set(re.findall(r'(\w+)="', inside)) == LABELS[name], name


def promtool(*args: str) -> Any:
    return subprocess.run(["promtool", *args], capture_output=True, text=True, check=False)  # noqa: S607


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_accepts_the_rules_and_their_tests_pass() -> None:
    for args in (("check", "rules", "rules.yml"), ("test", "rules", "rules.test.yml")):
        done = promtool(*args[:2], str(DEPLOY / "prometheus" / args[2]))
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_understands_the_dashboard(tmp_path: Path) -> None:
    """Its expressions as rules, with the interval that Grafana would put in."""
    shown = [
        {"record": f"panel:{place}", "expr": expression.replace("$__rate_interval", "5m").replace("$", "")}
        for place, (_, expression) in enumerate(EXPRESSIONS)
    ]
    file = tmp_path / "panels.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": shown}]}), encoding="utf-8")
    done = promtool("check", "rules", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
