"""`archcalc latency`: the time of an inference or a training step on a device."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from archcalc.cli.devices import complete_device, own_device
from archcalc.cli.options import complete_name, output_options, show
from archcalc.cli.requests import network_options, requests_of, training_of, training_options


@click.command("latency")
@click.argument("names", nargs=-1, required=True, shell_complete=complete_name)
@network_options
@training_options
@click.option(
    "--device",
    "devices",
    multiple=True,
    required=True,
    metavar="NAME|FILE.toml",
    shell_complete=complete_device,
    help="The device, which a file of your own may describe; may be given again.",
)
@click.option("--step", is_flag=True, help="Time a training step instead of an inference.")
@click.option("--compiled/--eager", default=None, help="With torch.compile, or operator by operator (default on GPUs).")
@click.option("--channels-last", is_flag=True, help="With the layout channels_last.")
@click.option("--fast-norms", is_flag=True, help="Layer norms in the lower type under autocast, as timm's --fast-norm.")
@click.option("--layers", is_flag=True, help="By layer too.")
@output_options
def latency_command(
    names: tuple[str, ...],
    devices: tuple[str, ...],
    step: bool,
    compiled: bool | None,
    channels_last: bool,
    fast_norms: bool,
    layers: bool,
    form: str,
    exact: bool,
    **options: Any,
) -> None:
    """Predict the time of an inference or a training step of NAMES on a device, with the expected error.

    A roofline: FLOPs over the peak rate and bytes over the bandwidth, at the shares of them that devices were measured
    to reach. Several networks, devices, sizes or batches give a line each.

    \b
    Examples:
      archcalc latency resnet50 --device rtx-4090 --batch 256 --precision amp_fp16
      archcalc latency vgg16 --device a100-40gb --batch 64 --dtype float16 --layers
      archcalc latency resnet50 swin_t convnext_tiny --device l4 --device a10 --batch 64 --dtype float16
      archcalc latency mobilenet_v1 --device i7-12700h
      archcalc latency resnet50 --device rtx-3090 --batch 128 --precision amp_fp16 --step
    """
    from archcalc.analysis.latency.statement import latency
    from archcalc.present import latency as views

    training = training_of(options)
    statements = [
        latency(
            replace(request, training=training),
            device=own_device(device),
            task="training" if step else "inference",
            runtime="" if compiled is None else "compiled" if compiled else "eager",
            layout="nhwc" if channels_last else "nchw",
            fast_norms=fast_norms,
        )
        for request in requests_of(names, **options)
        for device in devices
    ]
    records = [record for each in statements for record in views.latency_records(each, layers)]
    if len(statements) == 1:
        tables = views.latency_tables(statements[0], layers)
        show(tables, records, statements[0].to_dict(), form, exact)
        return
    tables = [views.several_table(statements)] + [views.layers_table(each) for each in statements if layers]
    show(tables, records, [each.to_dict() for each in statements], form, exact)
