"""`archcalc export`: the layers of a network in files of tools that model hardware."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.base.files import STDOUT
from archcalc.cli.completion import complete_dtype
from archcalc.cli.options import complete_name
from archcalc.cli.requests import request_of, shape_options

FORMATS = ("scalesim", "timeloop", "zigzag")
LAYOUTS = ("convolution", "gemm")
FOLDER = "timeloop"
"""The format that is a folder of files."""


@click.command("export")
@click.argument("name", shell_complete=complete_name)
@click.option("--to", type=click.Choice(FORMATS, case_sensitive=False), required=True, help="The tool.")
@click.option(
    "--layout",
    type=click.Choice(LAYOUTS, case_sensitive=False),
    default="convolution",
    show_default=True,
    help="Each layer as what it is, or all as products of matrices (im2col).",
)
@click.option("-o", "--output", "file", metavar="FILE|FOLDER", help="Write to this file; a folder for timeloop.")
@shape_options
@click.option(
    "--batch", "batches", multiple=True, default=("1",), show_default=True, metavar="N", help="Images at once."
)
@click.option(
    "--dtype",
    "dtypes",
    multiple=True,
    default=("float32",),
    show_default=True,
    metavar="TYPE",
    shell_complete=complete_dtype,
    help="Type of a value, for the bits in zigzag's file.",
)
@click.pass_context
def export_command(context: click.Context, name: str, to: str, layout: str, file: str | None, **network: Any) -> None:
    """Write the layers of NAME as a workload of SCALE-Sim, Timeloop or ZigZag, which model hardware.

    Convolutions, linear layers and products of matrices are written. The tool's own count of the file is the mult-adds
    of the network times the batch, taps on padding counted. With -o, what has no products, and is left out, is named on
    stderr.

    scalesim is a topology in CSV (with --layout gemm for its option -i gemm); timeloop a problem in YAML for each
    distinct layer, and layers.csv, which says how many layers each stands for; zigzag a workload in YAML, with --dtype
    int8 for the accelerators that come with it.

    \b
    Examples:
      archcalc export resnet18 --to scalesim -o resnet18.csv
      archcalc export swin_t --to scalesim --layout gemm -o swin_t.csv
      archcalc export mobilenet_v1 --to timeloop --batch 4 -o mobilenet_v1
      archcalc export resnet50 --to zigzag --dtype int8 -o resnet50.yaml
    """
    from archcalc.exporters.export import export

    if context.find_root().params.get("server") is not None:
        raise ArchcalcError("export writes files on this machine: leave --server (ARCHCALC_SERVER) out")
    if to == FOLDER and (file is None or file in STDOUT):
        raise ArchcalcError("timeloop has a file for each distinct layer; name a folder for them by -o FOLDER")
    exported = export(request_of(name, **network), to, layout)
    exported.save(file or "-")
    if file is not None and file not in STDOUT:
        layers = f"{exported.layers} layer{'' if exported.layers == 1 else 's'}"
        click.echo(f"archcalc: {exported.network}: {layers}, {exported.mult_adds:,} mult-adds", err=True)
        _say("left out, as they have no products", exported.left_out)
    _say("left out, as their work is not known", exported.unknown)


def _say(why: str, counts: Mapping[str, int]) -> None:
    """Say on stderr what was left out, the most frequent first."""
    if counts:
        kinds = ", ".join([f"{count} {kind}" for kind, count in sorted(counts.items(), key=lambda each: -each[1])])
        click.echo(f"archcalc: {why}: {kinds}", err=True)
