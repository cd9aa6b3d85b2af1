"""The lesson `grouped`: a convolution in groups: conv2 of AlexNet, whose halves were on two GPUs."""

from __future__ import annotations

from typing import Any

from archcalc.ops.conv import Conv
from archcalc.site.lessons.hints import TWICE, WEIGHTS_ONLY, WITHOUT_BIAS
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
    """A convolution in groups: conv2 of AlexNet, whose halves were on two GPUs."""
    conv: Any
    if draw is None:
        conv, shape = op_of("alexnet", "conv2")
        which = "conv2 of AlexNet"
    else:
        groups = draw.one("groups", (2, 4, 8, 16, 32))
        side = draw.one("side", (7, 13, 14, 27, 28, 56))
        shape = (groups * draw.one("in", (4, 8, 16, 24)), side, side)
        kernel = draw.one("kernel", (1, 3, 5))
        conv = Conv(groups * draw.one("out", (4, 8, 12, 16)), kernel, 1, kernel // 2, groups=groups)
        which = "A convolution"
    channels, side, _ = shape

    def of(layer: str, quantity: str, x: tuple[int, ...] = shape, **fields: Any) -> Derivable:
        return Derivable(layers("grouped", x, ("conv", put(conv, **fields))), layer, quantity)

    text = (
        f"{which} has {conv.out} filters of {square(conv.kernel)}, stride {conv.stride} and padding {conv.padding}, on "
        f"a map of {square(side)} with {channels} channels. It works in {conv.groups} groups: the channels of the "
        f"input and the filters are dealt out to the groups evenly, and a filter reaches only through the channels of "
        f"its own group. Each filter has a bias.",
    )
    return LessonSheet(
        text=text,
        places=(SourceLine("004", 440), SourceLine("004", 481)),
        network="" if draw else "alexnet",
        numbers={
            "channels": channels,
            "side": side,
            **{key: getattr(conv, key) for key in ("out", "kernel", "stride", "padding", "groups")},
        },
        steps=(
            PictureStep("map", "", shape),
            PictureStep(
                "conv", f"{square(conv.kernel)}, {conv.groups} groups", of("conv", "output_shape").value, "shape"
            ),
        ),
        problems=(
            Problem(
                "shape",
                "What is the shape of the output: channels, height and width?",
                of("conv", "output_shape"),
                (
                    (
                        "Those are the filters of one group: the outputs of all groups are put together.",
                        lambda: (conv.out // conv.groups, side, side),
                    ),
                ),
            ),
            Problem(
                "params",
                "How many parameters does the convolution have?",
                of("conv", "params"),
                (
                    (
                        "That is without groups: a filter reaches only through the channels of its group.",
                        lambda: of("conv", "params", groups=1).value,
                    ),
                    (
                        "That is one group alone.",
                        lambda: (
                            of(
                                "conv",
                                "params",
                                x=(channels // conv.groups, side, side),
                                out=conv.out // conv.groups,
                                groups=1,
                            ).value
                        ),
                    ),
                    (WITHOUT_BIAS, lambda: of("conv", "params", bias=False).value),
                    (
                        "That is without groups, and without biases.",
                        lambda: of("conv", "params", groups=1, bias=False).value,
                    ),
                ),
            ),
            Problem(
                "params_dense",
                "How many would it have without groups?",
                of("conv", "params", groups=1),
                (
                    ("That is with groups.", lambda: of("conv", "params").value),
                    (WITHOUT_BIAS, lambda: of("conv", "params", groups=1, bias=False).value),
                ),
            ),
            Problem(
                "mult_adds",
                "How many mult-adds does it take with its groups, for one image?",
                of("conv", "mult_adds"),
                (
                    ("That is without groups.", lambda: of("conv", "mult_adds", groups=1).value),
                    (WEIGHTS_ONLY, lambda: of("conv", "params").value),
                    (WEIGHTS_ONLY, lambda: of("conv", "params", bias=False).value),
                    (TWICE, lambda: 2 * of("conv", "mult_adds").value),
                ),
            ),
            Problem(
                "mult_adds_dense",
                "How many would it take without groups?",
                of("conv", "mult_adds", groups=1),
                (("That is with groups.", lambda: of("conv", "mult_adds").value),),
            ),
            Quotient(
                "ratio", "How many times fewer mult-adds does it take with its groups?", "mult_adds_dense", "mult_adds"
            ),
        ),
    )
