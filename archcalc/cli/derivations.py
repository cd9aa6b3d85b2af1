"""`archcalc why`: the derivation of a number from its formula."""

from __future__ import annotations

from typing import Any

import click

from archcalc.base.errors import ArchcalcError
from archcalc.cli.options import as_json, complete_name, emit, format_options, text_width
from archcalc.cli.requests import network_options, request_of


def complete_layer(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a layer: rows and ops of the network, and `total`."""
    from archcalc.derivations.derive import layer_names

    try:
        names = layer_names(context.params.get("name") or "")
    except ArchcalcError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def complete_quantity(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of a quantity that can be derived for the layer."""
    from archcalc.derivations.derive import LAYER_QUANTITIES, TOTAL_QUANTITIES

    known = TOTAL_QUANTITIES if context.params.get("layer") == "total" else LAYER_QUANTITIES
    return [name for name in known if name.startswith(incomplete)]


@click.command("why")
@click.argument("name", shell_complete=complete_name)
@click.argument("layer", shell_complete=complete_layer)
@click.argument("quantity", default="", shell_complete=complete_quantity)
@network_options
@format_options(formats=("text", "markdown", "latex", "typst", "json"), kind="a derivation")
def why_command(name: str, layer: str, quantity: str, form: str, **network: Any) -> None:
    """Derive a number: the general formula, LAYER's values put in, each step, the result, the source.

    LAYER is a row of `archcalc table NAME`, an operation of `archcalc table NAME --detail`, or `total` for the whole
    network.

    \b
    Quantities of a layer: output_shape, output_channels, output_height,
      output_width, params, buffers, mult_adds, backward_mult_adds,
      activations, memory_bytes, receptive_field, field_size, field_stride,
      field_offset
    Quantities of total: params, buffers, mult_adds, backward_mult_adds,
      activation_sum, memory_bytes, parameter_bytes, peak_inference,
      peak_inference_bytes, training_saved_bytes, weight_layers

    \b
    Examples:
      archcalc why alexnet conv1 params
      archcalc why resnet50 layer4.2.conv2 receptive_field
      archcalc why vgg16 total peak_inference_bytes --batch 32
      archcalc why mobilenet_v1 conv2_dw mult_adds --format latex
    """
    from archcalc.derivations.derive import derive

    derivation = derive(request_of(name, **network), layer, quantity)
    if form == "json":
        emit(as_json(derivation.to_dict()))
        return
    if form == "text":
        from archcalc.present.derivations import TextNotation

        emit(TextNotation(text_width()).whole(derivation))
        return
    from archcalc.present.typeset import WRITERS

    emit(WRITERS[form]().whole(derivation))
