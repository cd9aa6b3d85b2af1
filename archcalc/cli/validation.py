"""`archcalc validate`: its options; `archcalc.cli.validating` does the work and imports torch."""

from __future__ import annotations

import sys
from typing import Any

import click

from archcalc.cli.completion import complete_checks
from archcalc.cli.options import complete_name
from archcalc.cli.recording import recording_options
from archcalc.cli.requests import shape_options


@click.command("validate")
@click.argument("names", nargs=-1, shell_complete=complete_name)
@click.option("--all", "everything", is_flag=True, help="Every network of the catalogue.")
@click.option(
    "--device", default="cpu", show_default=True, metavar="cpu|cuda|meta", help="Device that the models run on."
)
@click.option("--checks", metavar="A,B,...", shell_complete=complete_checks, help="Only these checks.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes at a time.")
@recording_options
@click.option("--random", "count", type=click.IntRange(1, 10_000_000), metavar="N", help="Check N random networks.")
@click.option("--seed", type=click.IntRange(0, 2**62), default=0, show_default=True, help="The first random network.")
@shape_options
@click.option(
    "--format", "form", type=click.Choice(("table", "json"), case_sensitive=False), default="table", show_default=True
)
def validate_command(names: tuple[str, ...], **options: Any) -> None:
    """Check archcalc's numbers against executed PyTorch models. Exit code 1 on any disagreement.

    Checks: shapes, parameters, flops (torch's FlopCounterMode), fvcore, references (torchvision, timm, pytorchcv),
    field (gradients), memory (storages alive, and those that autograd saves).

    \b
    Examples:
      archcalc validate resnet50 vgg16
      archcalc validate model.py:Classifier --size 32
      archcalc validate --all --jobs 2 --record reports/validation/cpu.json
      archcalc validate --all --device cuda --jobs 12 --time-limit 420 --record cuda.json
      archcalc validate --resume cuda.json --device cuda --jobs 12
      archcalc validate resnet50 --device cuda --checks shapes,fvcore,memory
      archcalc validate --random 10000 --seed 1
    """
    from archcalc.cli.validating import run

    sys.exit(run(names, **options))
