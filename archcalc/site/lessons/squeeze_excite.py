"""The lesson `squeeze_excite`: the cost of a small network that weighs channels by their means."""

from __future__ import annotations

from typing import Any

from archcalc.ops.conv import Conv
from archcalc.request import Request
from archcalc.site.lessons.hints import TWICE
from archcalc.site.lessons.sheet import (
    Derivable,
    Draw,
    LessonSheet,
    PictureStep,
    Problem,
    SourceLine,
    default,
    layers,
    square,
)


def sheet(draw: Draw | None) -> LessonSheet:
    """The cost of squeeze-and-excitation, which weighs channels by a small network on their means."""
    name = "squeeze_excite_example"
    if draw is None:
        shape: tuple[int, ...] = Request.of(name).shape
        reduction = default(name, "reduction")
    else:
        side = draw.one("side", (7, 14, 28, 56))
        shape = (draw.one("channels", (64, 128, 256, 512, 1024)), side, side)
        reduction = draw.one("reduction", (4, 8, 16, 32))

    def of(layer: str, quantity: str, **changed: Any) -> Derivable:
        return Derivable(
            name, layer, quantity, {"input": shape, "in_channels": shape[0], "reduction": reduction} | changed
        )

    def bare(*, first: bool, second: bool) -> int:
        squeezed = of("se.reduce", "output_channels").value
        pair = (("reduce", Conv(squeezed, 1, bias=first)), ("expand", Conv(shape[0], 1, bias=second)))
        return Derivable(layers("se", (shape[0], 1, 1), *pair), "total", "params").value

    return LessonSheet(
        text=(
            *(
                ()
                if draw
                else ("Document 003 names the unit without sizes: these are from the first stage of SE-ResNet-50.",)
            ),
            f"A squeeze-and-excitation unit stands on a map of {square(shape[1])} positions with {shape[0]} channels. "
            f"It takes the mean of each channel, reduces these means by the factor {reduction} with a 1x1 convolution "
            "and ReLU, restores their number with another 1x1 convolution and a sigmoid, and multiplies each channel "
            "with its result. Both convolutions have biases.",
        ),
        places=(SourceLine("003", 399), SourceLine("003", 412)),
        network="" if draw else name,
        numbers={"channels": shape[0], "side": shape[1], "reduction": reduction},
        steps=(
            PictureStep("map", "", shape),
            PictureStep("squeeze", "means", of("se.squeeze", "output_shape").value),
            PictureStep("reduce", "1x1, ReLU", of("se.reduce", "output_shape").value, "reduced"),
            PictureStep("expand", "1x1, sigmoid", of("se.expand", "output_shape").value),
            PictureStep("scale", "times the map", of("se.scale", "output_shape").value),
        ),
        problems=(
            Problem(
                "reduced",
                "How many channels are left between the two convolutions?",
                of("se.reduce", "output_channels"),
                (
                    ("That is before the reduction.", lambda: shape[0]),
                    ("That is the factor: the channels are divided by it.", lambda: reduction),
                ),
            ),
            Problem(
                "first",
                "How many parameters does the first convolution have?",
                of("se.reduce", "params"),
                (
                    (
                        "That is without its biases.",
                        lambda: of("se.reduce", "params").value - of("se.reduce", "output_channels").value,
                    ),
                    ("That is the second convolution: it has more biases.", lambda: of("se.expand", "params").value),
                ),
            ),
            Problem(
                "both",
                "How many parameters does the unit have?",
                of("total", "params"),
                (
                    ("That is without the biases.", lambda: bare(first=False, second=False)),
                    ("The biases of the second convolution are missing.", lambda: bare(first=True, second=False)),
                    ("The biases of the first convolution are missing.", lambda: bare(first=False, second=True)),
                    ("That is one of the two convolutions.", lambda: of("se.expand", "params").value),
                    (
                        "Both convolutions stand between as few channels: divide by the factor.",
                        lambda: of("total", "params", reduction=1).value,
                    ),
                ),
            ),
            Problem(
                "mult_adds",
                "How many mult-adds do its convolutions take for one image?",
                of("total", "mult_adds"),
                (
                    (
                        "They work on the means, one position, not on the whole map.",
                        lambda: of("total", "mult_adds").value * shape[1] * shape[2],
                    ),
                    ("Biases are no multiplications.", lambda: of("total", "params").value),
                    (TWICE, lambda: 2 * of("total", "mult_adds").value),
                ),
            ),
        ),
    )
