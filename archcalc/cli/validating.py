"""`archcalc validate`: select networks and checks, run them, print a line for each, failures first."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.cli import recording
from archcalc.cli.requests import networks_of
from archcalc.evidence.documented import documented_first
from archcalc.execution.journal import Journal, writable
from archcalc.request import names as all_names
from archcalc.request import resolve
from archcalc.validation.outcome import ITSELF, Outcome
from archcalc.validation.runner import (
    CHECKS,
    entry,
    finished,
    validate_networks,
    validate_random_networks,
    validation_conditions,
)


def run(
    names: Sequence[str],
    everything: bool,
    device: str,
    checks: str | None,
    jobs: int,
    file: str | None,
    resume: str | None,
    time_limit: float | None,
    count: int | None,
    seed: int,
    form: str,
    **network: Any,
) -> int:
    """Return 0 if all agree, 1 if a figure differs or no network was reached. Raises ArchcalcError before any work."""
    if bool(names) + everything + (count is not None) + (resume is not None and not names and not everything) != 1:
        raise ArchcalcError("validate takes names, --all, or --random N, or --resume FILE alone")
    chosen_networks = networks_of(names, **network)
    own = {each.name: each for each in chosen_networks if not isinstance(each, str)}
    wanted = (
        all_names()
        if everything
        else [*[resolve(each).name for each in chosen_networks if isinstance(each, str)], *own]
    )
    kept = recording.resumed("validation", file, resume)
    chosen = (
        _checks(checks) if checks is not None or kept is None else tuple(kept.get("settings", {}).get("checks", CHECKS))
    )
    where = validation_conditions(device)
    if count is not None:
        return _random(count, seed, form)
    path = file or resume
    book = Journal("validation", None if path is None else writable(path), where, wanted, checks=list(chosen))
    if kept is not None:
        book.resume_from(kept, finished)
    results = validate_networks(
        [own.get(name, name) for name in documented_first(book.left)], device, chosen, jobs, time_limit
    )
    reached = recording.fill(book, map(entry, results), "validating")
    if form == "json":
        click.echo(json.dumps(book.plain(), indent=1, ensure_ascii=False))
    else:
        _print(book)
    from archcalc.validation.matrix import write_page

    recording.say(book, time_limit, write_page, err=form == "json")
    return 0 if reached and all(network["agrees"] for network in book.networks.values()) else 1


def _print(book: Journal) -> None:
    """Print a line for every network, those that differ first, and a summary."""
    networks: list[Mapping[str, Any]] = book.plain()["networks"]
    for network in sorted(networks, key=lambda network: network["agrees"]):
        click.echo("\n".join(lines(network)))
    agreeing = sum(network["agrees"] for network in networks)
    versions = ", ".join(f"{name} {version}" for name, version in book.head["versions"].items())
    click.echo(f"\n{agreeing} of {len(networks)} networks agree, on {book.head['device']} ({versions})")


def _checks(text: str | None) -> tuple[str, ...]:
    if text is None:
        return CHECKS
    checks = tuple(part.strip().lower() for part in text.split(","))
    for check in checks:
        if check not in CHECKS:
            raise ArchcalcError(f"no check is called {shown(check)}; there are {', '.join(CHECKS)}")
    return checks


def lines(network: Mapping[str, Any]) -> list[str]:
    """A line for a network of a record, and one for every difference, at most ten of them."""
    parts = [_brief(outcome) for outcome in network["checks"]]
    shown = [f"{_word(network)} {network['name']}: {', '.join(parts)}"]
    shown += [f"     {said}" for outcome in network["checks"] for said in _confirmation(outcome)]
    for outcome in network["checks"]:
        differences = list(outcome["differences"]) or ([outcome["note"]] if outcome["status"] == "failed" else [])
        shown += [f"     {outcome['check']}: {difference}" for difference in differences[:10]]
        if len(differences) > 10:
            shown.append(f"     {outcome['check']}: and {len(differences) - 10} more")
    return shown


def _word(network: Mapping[str, Any]) -> str:
    """`ok` for a network that another implementation confirms, `runs` for one that only runs as it is counted."""
    if not network["agrees"]:
        return "FAIL"
    confirmed = any(each["check"] == "references" and each["status"] == "agrees" for each in network["checks"])
    return "ok  " if confirmed else "runs"


def _confirmation(outcome: Mapping[str, Any]) -> list[str]:
    """Sentences on what confirms the transcription of a network, and what nothing confirms."""
    if outcome["check"] != "references" or outcome["status"] not in ("agrees", "not run"):
        return []
    if outcome["status"] == "not run":
        return [f"not confirmed by another implementation: {outcome['note']}"]
    left_out = "; ".join([part for part in outcome["note"].split("; ") if part.startswith("not compared")])
    itself = outcome["against"].endswith(ITSELF)
    compared = "parameters, mult-adds, outputs" if itself else "every operation, in order, with all joints"
    confirmed = f"confirmed by {outcome['against']}: {compared}"
    return [f"{confirmed}; {left_out}" if left_out else confirmed]


def _brief(outcome: Mapping[str, Any]) -> str:
    check, status = outcome["check"], outcome["status"]
    if status == "agrees":
        model = f" {outcome['against']}" if check == "references" else ""
        return f"{check}{model} {outcome['compared']}"
    return f"{check} {'-' if status == 'not run' else status}"


def _random(count: int, seed: int, form: str) -> int:
    """Check random networks; print those that differ, with the seed that reproduces them."""
    compared = 0
    failed: list[dict[str, Any]] = []
    with click.progressbar(
        validate_random_networks(count, seed),
        length=count,
        file=sys.stderr,
        label="random networks",
        hidden=not sys.stderr.isatty(),
    ) as drawn:
        for number, ops, outcomes in drawn:
            compared += sum(outcome.compared for outcome in outcomes)
            wrong = [outcome for outcome in outcomes if outcome.status in ("differs", "failed")]
            if wrong:
                failed.append({"seed": number, "ops": list(ops), "wrong": _plain(wrong)})
    summary: dict[str, Any] = {"networks": count, "first_seed": seed, "figures_compared": compared, "failed": failed}
    if form == "json":
        click.echo(json.dumps(summary, indent=1))
    else:
        for failure in failed:
            click.echo(f"FAIL seed {failure['seed']}: {'; '.join(failure['ops'])}")
            click.echo("\n".join(f"     {each['check']}: {each['differences'][:3]}" for each in failure["wrong"]))
        click.echo(
            f"{count - len(failed)} of {count} random networks agree in {compared:,} figures (seeds from {seed})"
        )
    return 1 if failed else 0


def _plain(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    return [outcome._asdict() for outcome in outcomes]
