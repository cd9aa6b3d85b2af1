"""The lesson `batch_norm`: the parameters of batch normalisation, and the bias that it makes superfluous."""

from __future__ import annotations

from typing import Any

from archcalc.ops.conv import Conv
from archcalc.ops.norm import BatchNorm
from archcalc.site.lessons.hints import of_weights
from archcalc.site.lessons.sheet import (
    Derivable,
    Draw,
    LessonSheet,
    PictureStep,
    Problem,
    SourceLine,
    layers,
    op_of,
    put,
    square,
)


def sheet(draw: Draw | None) -> LessonSheet:
    """The parameters of batch normalisation, and the bias that it makes superfluous."""
    conv: Any
    if draw is None:
        conv, shape = op_of("resnet50", "conv1")
        which = "conv1 of ResNet-50"
    else:
        side, kernel = draw.one("side", (14, 28, 56, 112)), draw.one("kernel", (1, 3, 5, 7))
        shape = (draw.one("channels", (3, 16, 32, 64, 96, 128)), side, side)
        out = draw.one("filters", (16, 24, 32, 48, 64, 96, 128, 256))
        conv, which = Conv(out, kernel, draw.one("stride", (1, 2)), kernel // 2, bias=False), "A convolution"

    def of(layer: str, quantity: str, x: tuple[int, ...] = shape, **fields: Any) -> Derivable:
        rows = (("conv", put(conv, **fields)), ("norm", BatchNorm()))
        return Derivable(layers("batch_norm", x, *rows), layer, quantity)

    text = (
        *(() if draw else ("In ResNets, batch normalisation stands after every convolution.",)),
        f"{which} has {conv.out} filters of {square(conv.kernel)}, stride {conv.stride} and padding {conv.padding}, on "
        f"{square(shape[1])} positions with {shape[0]} channels, and no biases. Batch normalisation follows it: each "
        "channel is shifted and scaled by its mean and variance, and then by two numbers that are learnt.",
    )
    norm = of("norm", "params")
    return LessonSheet(
        text=text,
        places=(SourceLine("004", 1533),),
        network="" if draw else "resnet50",
        numbers={
            "channels": shape[0],
            "side": shape[1],
            **{key: getattr(conv, key) for key in ("out", "kernel", "stride", "padding")},
        },
        steps=(
            PictureStep("input", "", shape),
            PictureStep(
                "conv", f"{square(conv.kernel)}, stride {conv.stride}", of("conv", "output_shape").value, "shape"
            ),
            PictureStep("norm", "batch normalisation", of("norm", "output_shape").value, "shape"),
        ),
        problems=(
            Problem(
                "shape",
                "What is the shape of the output of both?",
                of("norm", "output_shape"),
                (
                    (
                        "The output has one channel for each filter.",
                        lambda: (shape[0], *of("norm", "output_shape").value[1:]),
                    ),
                ),
            ),
            Problem(
                "norm_params",
                "How many parameters does the batch normalisation learn?",
                norm,
                (
                    ("Each channel has two: a scale and a shift.", lambda: conv.out),
                    ("The running mean and variance are stored, but not learnt by gradient.", lambda: 2 * norm.value),
                    ("All positions of a channel share its two numbers.", lambda: of("norm", "activations").value),
                    ("It works on the output of the convolution: count its channels.", lambda: 2 * shape[0]),
                ),
            ),
            Problem(
                "conv_params",
                "How many parameters does the convolution have?",
                of("conv", "params"),
                of_weights(of, "conv", shape, bias=False),
            ),
            Problem(
                "with_bias",
                "How many would the convolution have with biases?",
                of("conv", "params", bias=True),
                (("That is without the biases.", lambda: of("conv", "params").value),),
            ),
            Problem(
                "both",
                "How many parameters do convolution and batch normalisation have together?",
                of("total", "params"),
                (
                    ("That is the convolution alone.", lambda: of("conv", "params").value),
                    (
                        "That counts a bias as well: the shift of the normalisation takes its place.",
                        lambda: of("total", "params", bias=True).value,
                    ),
                ),
            ),
        ),
    )
