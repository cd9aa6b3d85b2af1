"""`archcalc measure`: its options; `archcalc.cli.measuring` does the work and imports torch."""

from __future__ import annotations

import sys
from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.cli.options import Seconds, complete_name
from archcalc.cli.recording import recording_options
from archcalc.cli.requests import shape_options


@click.command("measure")
@click.argument("names", nargs=-1, shell_complete=complete_name)
@click.option("--all", "everything", is_flag=True, help="Every network of the catalogue.")
@click.option("--device", default="cpu", show_default=True, metavar="cpu|cuda", help="Device that the models run on.")
@click.option("--batch", "batches", multiple=True, type=click.IntRange(1, 65536), metavar="N", help="[1, 16, 64]")
@click.option("--precision", "precisions", multiple=True, metavar="NAME", help="float32, tf32, float16, bfloat16 [all]")
@click.option("--layout", "layouts", multiple=True, metavar="NAME", help="contiguous, channels_last  [both]")
@click.option(
    "--training/--no-training", default=True, help="Measure training steps too, with SGD and with Adam  [yes]"
)
@click.option("--autotune", is_flag=True, help="Let cuDNN try its algorithms and take the fastest.")
@click.option("--seconds", type=Seconds(0.01, 60), default=0.5, show_default=True, help="Timed runs of each way.")
@recording_options
@shape_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "csv", "json"), case_sensitive=False),
    default="table",
    show_default=True,
)
@click.pass_context
def measure_command(context: click.Context, names: tuple[str, ...], **options: Any) -> None:
    """Measure networks on a device: time, memory and power of inference and of training steps.

    A way of running is left out, with the reason, if it does not fit in memory or one run would take ten times
    --seconds. Memory is read from CUDA's allocator and power through NVML; neither is available on the CPU.

    \b
    Examples:
      archcalc measure resnet50 mobilenet_v1 --batch 1 --no-training
      archcalc measure vgg16 --device cuda
      archcalc measure model.py:Classifier --size 32 --batch 8
      archcalc measure --all --device cuda --time-limit 420 --record cuda.json
    """
    if context.find_root().params.get("server") is not None:
        raise ArchcalcError("measure runs networks on this machine: leave --server (ARCHCALC_SERVER) out")
    from archcalc.cli.measuring import run

    sys.exit(run(names, **options))
