"""`archcalc solve`: the size, width or depth that meets a budget."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import shown
from archcalc.cli.options import complete_name, output_options, show
from archcalc.cli.requests import network_options, request_of, training_of, training_options


def complete_variable(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of the variable to search for."""
    from archcalc import zoo

    network = zoo.find(context.params.get("name") or "")
    own = list(network.hyperparameters) if network else []
    return [each for each in ("size", "batch", *own) if each.startswith(incomplete)]


def complete_target(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a target's quantity."""
    from archcalc.analysis.quantities import TARGETS

    return [f"{each}=" for each in TARGETS if each.startswith(incomplete)]  # a latency's name goes on with a device


@click.command("solve")
@click.argument("name", shell_complete=complete_name)
@click.option(
    "--target",
    "targets",
    multiple=True,
    required=True,
    metavar="QUANTITY=AMOUNT",
    shell_complete=complete_target,
    help="mult_adds=300M, params=4M, peak_inference_bytes=2GiB ...; or another network: mult_adds=resnet50.",
)
@click.option(
    "--for",
    "variable",
    required=True,
    metavar="WHAT",
    shell_complete=complete_variable,
    help="size, batch, or a hyperparameter of the network.",
)
@click.option("--multiple-of", metavar="N", help="Only multiples of N; 0.01 by default for real numbers.")
@network_options
@training_options
@output_options
def solve_command(
    name: str,
    targets: tuple[str, ...],
    variable: str,
    multiple_of: str | None,
    form: str,
    exact: bool,
    **network: Any,
) -> None:
    """Find the largest size, width, depth ... of NAME within a budget, and the smallest that reaches it.

    The closed form of the cost is inverted; where there is none, networks are built. Several targets must all be met.

    \b
    Examples:
      archcalc solve mobilenet_v1 --target mult_adds=300M --for width
      archcalc solve resnet50 --target mult_adds=2G --for size --multiple-of 32
      archcalc solve res2net50_26w_4s --set scale=8 --target params=resnet50 --for width
      archcalc solve mobilenet_v1 --target latency@rtx-4090=20ms --for width --batch 256 --precision amp_fp16
      archcalc solve resnet50 --target training_step_bytes=16GiB --optimizer adam --for batch
    """
    from archcalc.present import solving as views_solving
    from archcalc.search.solving import solve

    training = training_of(network)
    request = replace(request_of(name, **network), training=training)
    solution = solve(request, _given(targets), variable, multiple_of=multiple_of)
    style = "latex" if form == "latex" else "text"
    show(views_solving.solution_table(solution, style), solution.records(), solution.to_dict(), form, exact)


def _given(targets: tuple[str, ...]) -> dict[str, str]:
    """Targets from the values of --target."""
    result: dict[str, str] = {}
    for target in targets:
        word, equals, amount = (part.strip() for part in target.partition("="))
        if not (word and equals and amount):
            raise ArchcalcError(f"--target takes QUANTITY=AMOUNT such as mult_adds=300M, not {shown(target)}")
        if word in result:
            raise ArchcalcError(f"--target {word} is given twice")
        result[word] = amount
    return result
