"""The lesson `separable`: a depthwise separable convolution against the standard one that it replaces."""

from __future__ import annotations

from typing import Any

from archcalc.graph import Network
from archcalc.ops.conv import Conv
from archcalc.site.lessons.hints import ONE_FILTER, TWICE, WEIGHTS_ONLY
from archcalc.site.lessons.sheet import (
    Derivable,
    Draw,
    LessonSheet,
    PictureStep,
    Problem,
    Quotient,
    SourceLine,
    layers,
    op_of,
    put,
    square,
)


def sheet(draw: Draw | None) -> LessonSheet:
    """A depthwise separable convolution against the standard one that it replaces."""
    conv: Any
    if draw is None:
        conv, shape = op_of("depthwise_separable_example_standard", "conv")
    else:
        side = draw.one("side", (7, 14, 28, 56, 112))
        shape = (draw.one("channels", (32, 64, 128, 256, 512)), side, side)
        kernel = draw.one("kernel", (3, 3, 5, 7))
        conv = Conv(draw.one("filters", (32, 64, 128, 256, 512)), kernel, 1, kernel // 2, bias=False)
    channels, side, _ = shape
    depthwise = put(conv, out=channels, groups=channels)
    standard = layers("standard", shape, ("conv", conv))
    split = layers("separable", shape, ("depthwise", depthwise), ("pointwise", Conv(conv.out, 1, bias=False)))
    biased = layers("separable", shape, ("depthwise", put(depthwise, bias=True)), ("pointwise", Conv(conv.out, 1)))

    def of(net: Network, layer: str, quantity: str) -> Derivable:
        return Derivable(net, layer, quantity)

    def mistakes(layer: str, quantity: str) -> list[Any]:
        answer = of(split, layer, quantity)
        found = [
            ("That is a standard convolution.", lambda: of(standard, "conv", quantity).value),
            ("Biases are left out here.", lambda: of(biased, layer, quantity).value),
        ]
        if layer == "total":
            found.append(("The pointwise convolution is missing.", lambda: of(split, "depthwise", quantity).value))
            found.append(("The depthwise convolution is missing.", lambda: of(split, "pointwise", quantity).value))
        else:
            found.append(("That is one kernel alone: there is one for each channel.", lambda: conv.kernel**2))
        if quantity == "mult_adds":
            found.append((TWICE, lambda: 2 * answer.value))
            found.append((WEIGHTS_ONLY, lambda: of(split, layer, "params").value))
        return found

    return LessonSheet(
        text=(
            *(() if draw else ("The documents have letters: take the numbers of the third unit of MobileNet.",)),
            f"A standard convolution of {square(conv.kernel)} with {conv.out} filters works on a map of {square(side)} "
            f"positions with {channels} channels; its stride is {conv.stride} and its padding {conv.padding}, so that "
            "the map keeps its size.",
            f"A depthwise separable convolution does the same in two steps: a depthwise convolution with one kernel of "
            f"{square(conv.kernel)} for each channel, and a pointwise convolution, 1x1, to {conv.out} channels. "
            "There are no biases.",
        ),
        places=(SourceLine("000", 441), SourceLine("000", 448), SourceLine("000", 479), SourceLine("000", 485)),
        network="" if draw else "depthwise_separable_example",
        numbers={"channels": channels, "side": side, "out": conv.out, "kernel": conv.kernel, "padding": conv.padding},
        steps=(
            PictureStep("map", "", shape),
            PictureStep("depthwise", square(conv.kernel), of(split, "depthwise", "output_shape").value),
            PictureStep("pointwise", "1x1", of(split, "pointwise", "output_shape").value),
        ),
        problems=(
            Problem(
                "standard_params",
                "How many weights does the standard convolution have?",
                of(standard, "conv", "params"),
                (
                    (ONE_FILTER, lambda: of(layers("one", shape, ("conv", put(conv, out=1))), "conv", "params").value),
                    (
                        "Biases are left out here.",
                        lambda: of(layers("b", shape, ("conv", put(conv, bias=True))), "conv", "params").value,
                    ),
                    ("That is the separable one.", lambda: of(split, "total", "params").value),
                ),
                () if draw else ("C0055",),
            ),
            Problem(
                "depthwise_params",
                "How many weights does the depthwise convolution have?",
                of(split, "depthwise", "params"),
                mistakes("depthwise", "params"),
            ),
            Problem(
                "split_params",
                "How many weights do depthwise and pointwise have together?",
                of(split, "total", "params"),
                mistakes("total", "params"),
                () if draw else ("C0056",),
            ),
            Problem(
                "standard_mult_adds",
                "How many mult-adds does the standard convolution take for one image?",
                of(standard, "conv", "mult_adds"),
                (
                    (WEIGHTS_ONLY, lambda: of(standard, "conv", "params").value),
                    (TWICE, lambda: 2 * of(standard, "conv", "mult_adds").value),
                    ("That is the separable one.", lambda: of(split, "total", "mult_adds").value),
                ),
                () if draw else ("C0059",),
            ),
            Problem(
                "depthwise_mult_adds",
                "How many does the depthwise convolution take?",
                of(split, "depthwise", "mult_adds"),
                mistakes("depthwise", "mult_adds"),
                () if draw else ("C0060",),
            ),
            Problem(
                "split_mult_adds",
                "How many do depthwise and pointwise take together?",
                of(split, "total", "mult_adds"),
                mistakes("total", "mult_adds"),
                () if draw else ("C0062",),
            ),
            Quotient(
                "ratio",
                "How many times fewer mult-adds does the separable convolution take?",
                "standard_mult_adds",
                "split_mult_adds",
            ),
        ),
    )
