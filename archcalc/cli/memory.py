"""`archcalc memory`: memory of an inference and of a training step, and the work of the step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from archcalc.cli.devices import complete_device, own_device
from archcalc.cli.options import complete_name, output_options, show
from archcalc.cli.requests import network_options, request_of, training_of, training_options


@click.command("memory")
@click.argument("name", shell_complete=complete_name)
@network_options
@training_options
@click.option(
    "--device",
    metavar="NAME|FILE.toml",
    shell_complete=complete_device,
    help="Say whether the step fits a device, which a file of your own may describe.",
)
@click.option("--images", type=click.IntRange(min=1), metavar="N", help="Images of an epoch, for its work.")
@output_options
def memory_command(name: str, device: str | None, images: int | None, form: str, exact: bool, **options: Any) -> None:
    """State the memory of an inference and of a training step of NAME line by line, and what would lower the peak.

    As eager PyTorch runs them: the forward pass with a loss of cross entropy, the backward pass, the optimizer's step.

    \b
    Examples:
      archcalc memory resnet50 --batch 256 --optimizer adam --precision amp_bf16 --device a100-40gb
      archcalc memory vgg16 --batch 32 --train-from fc8 --images 1281167
      archcalc memory convnext_tiny --batch 64 --checkpoint 1
    """
    from archcalc.analysis.memory.statement import memory
    from archcalc.present import memory as views

    training = training_of(options)
    own = None if device is None else own_device(device)
    statement = memory(replace(request_of(name, **options), training=training), device=own)
    tables = views.memory_tables(statement, images)
    show(tables, views.memory_records(statement), views.memory_data(statement, images), form, exact)
