"""`archcalc validate`: choose networks and checks, run them, print a line for each, failures first."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from archcalc.errors import ArchcalcError
from archcalc.files import destination
from archcalc.query import names as all_names
from archcalc.query.networks import resolve
from archcalc.spelling import shown
from archcalc.validate.outcome import Outcome
from archcalc.validate.runner import CHECKS, Verdict, conditions, random_verdicts, record, validate


def run(
    names: Sequence[str],
    everything: bool,
    device: str,
    checks: str | None,
    jobs: int,
    file: str | None,
    count: int | None,
    seed: int,
    form: str,
) -> int:
    """0 if all agree, 1 if anything differs. Raises ArchcalcError on bad input, before any work."""
    chosen = _checks(checks)
    if bool(names) + everything + (count is not None) != 1:
        raise ArchcalcError("validate takes names, --all, or --random N")
    wanted = list(all_names()) if everything else list(dict.fromkeys(resolve(name, {}).name for name in names))
    path = None if file is None else _writable(file)
    conditions(device)
    if count is not None:
        return _random(count, seed, form)
    done: list[Verdict] = []
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=len(wanted), file=sys.stderr, label="validating", hidden=hidden) as bar:

        def advance(verdict: Verdict) -> None:
            bar.update(1)
            done.append(verdict)
            if path is not None:  # a long run that is cut off keeps what it has
                _write(path, record(done, device))

        verdicts = validate(wanted, device, chosen, jobs, advance)
    kept = record(verdicts, device)
    if form == "json":
        click.echo(json.dumps(kept, indent=1, ensure_ascii=False))
    else:
        for verdict in sorted(verdicts, key=lambda verdict: verdict.agrees):
            click.echo("\n".join(lines(verdict)))
        agreeing = sum(verdict.agrees for verdict in verdicts)
        versions = ", ".join(f"{name} {version}" for name, version in kept["versions"].items())
        click.echo(f"\n{agreeing} of {len(verdicts)} networks agree, on {kept['device']} ({versions})")
    if path is not None:
        from archcalc.validate.matrix import write_page

        _write(path, kept)
        page = write_page(path.parent)
        click.echo(f"wrote {path}" + (f" and {page}" if page else ""), err=True)
    return 0 if all(verdict.agrees for verdict in verdicts) else 1


def _write(path: Path, kept: dict[str, Any]) -> None:
    """Replace a record as a whole."""
    with destination(str(path)) as write:
        write(f"{json.dumps(kept, ensure_ascii=False, indent=1)}\n".encode())


def _checks(text: str | None) -> tuple[str, ...]:
    if text is None:
        return CHECKS
    asked = tuple(part.strip().lower() for part in text.split(","))
    for check in asked:
        if check not in CHECKS:
            raise ArchcalcError(f"no check is called {shown(check)}; there are {', '.join(CHECKS)}")
    return asked


def _writable(file: str) -> Path:
    path = Path(file)
    if path.suffix != ".json":
        raise ArchcalcError(f"--record takes a file that ends in .json, not {file!r}")
    if not path.parent.is_dir():
        raise ArchcalcError(f"--record: there is no folder {str(path.parent)!r}")
    return path


def lines(verdict: Verdict) -> list[str]:
    """A line for a network, and one for every difference, at most ten of them."""
    parts = [_brief(outcome) for outcome in verdict.outcomes]
    shown = [f"{'ok  ' if verdict.agrees else 'FAIL'} {verdict.name}: {', '.join(parts)}"]
    for outcome in verdict.outcomes:
        found = list(outcome.differences) or ([outcome.note] if outcome.status == "failed" else [])
        shown += [f"     {outcome.check}: {difference}" for difference in found[:10]]
        if len(found) > 10:
            shown.append(f"     {outcome.check}: and {len(found) - 10} more")
    return shown


def _brief(outcome: Outcome) -> str:
    if outcome.status == "agrees":
        model = f" {outcome.against}" if outcome.check == "references" else ""
        return f"{outcome.check}{model} {outcome.compared}"
    return f"{outcome.check} {'-' if outcome.status == 'not run' else outcome.status}"


def _random(count: int, seed: int, form: str) -> int:
    """Check random networks; print those that differ with the seed that draws them again."""
    compared = 0
    failed: list[dict[str, Any]] = []
    with click.progressbar(
        random_verdicts(count, seed),
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
