"""The lesson `stacked`: a stack of small convolutions against one large one with the same receptive field."""

from __future__ import annotations

from typing import Any

from archcalc.analysis.table import analyze
from archcalc.graph import Network
from archcalc.ops.conv import Conv
from archcalc.site.lessons.hints import TWICE, WEIGHTS_ONLY
from archcalc.site.lessons.sheet import (
    Derivable,
    Draw,
    LessonSheet,
    Problem,
    Quotient,
    SourceLine,
    layers,
    op_of,
    put,
    square,
)

NUMBERS = {2: "two", 3: "three", 4: "four"}


def sheet(draw: Draw | None) -> LessonSheet:
    """A stack of small convolutions against one large one with the same receptive field."""
    small: Any
    if draw is None:
        small, shape = op_of("vgg16", "conv5_1")
        count = len([layer for layer in analyze("vgg16").layers if layer.name.startswith("conv5")])
        small = put(small, bias=False)
    else:
        kernel, side = draw.one("kernel", (3, 3, 5)), draw.one("side", (14, 28, 32, 56))
        shape = (draw.one("channels", (16, 32, 64, 96, 128, 256)), side, side)
        small, count = Conv(shape[0], kernel, 1, kernel // 2, bias=False), draw.one("count", (2, 3, 4))
    channels, side, _ = shape

    def stack(count: int = count, **fields: Any) -> Network:
        return layers("stack", shape, *[(f"conv{n}", put(small, **fields)) for n in range(1, count + 1)])

    field = Derivable(stack(), f"conv{count}", "field_size")
    large = layers("large", shape, ("conv", put(small, kernel=field.value, padding=field.value // 2)))

    def of(net: Network, layer: str, quantity: str) -> Derivable:
        return Derivable(net, layer, quantity)

    return LessonSheet(
        text=(
            f"{NUMBERS[count].capitalize()} convolutions of {square(small.kernel)} follow each other on a map of "
            f"{square(side)} positions. Each has {channels} input channels and {channels} filters, stride "
            f"{small.stride} and padding {small.padding}, and no biases.",
            f"One larger convolution, also with {channels} input channels and {channels} filters, shall see as much of "
            "the input in each of its outputs.",
        ),
        places=(SourceLine("004", 625), SourceLine("004", 672), SourceLine("001", 79)),
        network="" if draw else "vgg16",
        numbers={"channels": channels, "side": side, "kernel": small.kernel, "padding": small.padding, "count": count},
        problems=(
            Problem(
                "field",
                f"How many positions on a side does an output of the {NUMBERS[count]} see of the map?",
                field,
                (
                    (
                        "A kernel more sees only its side minus 1 further positions: its own centre was seen before.",
                        lambda: count * small.kernel,
                    ),
                    ("That is one of them.", lambda: of(stack(1), "conv1", "field_size").value),
                    ("One of them is missing.", lambda: of(stack(count - 1), f"conv{count - 1}", "field_size").value),
                    ("That would be with stride 2.", lambda: of(stack(stride=2), f"conv{count}", "field_size").value),
                ),
                () if draw else ("C0604",),
            ),
            Problem(
                "small",
                f"How many weights do the {NUMBERS[count]} have together?",
                of(stack(), "total", "params"),
                (
                    ("That is one of them.", lambda: of(stack(), "conv1", "params").value),
                    ("Biases are left out here.", lambda: of(stack(bias=True), "total", "params").value),
                    ("That is the larger one.", lambda: of(large, "total", "params").value),
                ),
                () if draw else ("C0606",),
            ),
            Problem(
                "large",
                "How many weights does the larger convolution have?",
                of(large, "total", "params"),
                (
                    (
                        "Its kernel has as many positions on a side as the field that you found.",
                        lambda: of(stack(), "total", "params").value,
                    ),
                    (
                        "Its kernel has the side of the field, not the sides of all small ones added.",
                        lambda: (
                            of(
                                layers("sum", shape, ("conv", put(small, kernel=count * small.kernel, padding="same"))),
                                "conv",
                                "params",
                            ).value
                        ),
                    ),
                ),
                () if draw else ("C0607",),
            ),
            Quotient("ratio", f"How many times fewer weights do the {NUMBERS[count]} have?", "large", "small"),
            Problem(
                "mult_adds",
                f"How many mult-adds do the {NUMBERS[count]} take for one image?",
                of(stack(), "total", "mult_adds"),
                (
                    (WEIGHTS_ONLY, lambda: of(stack(), "total", "params").value),
                    (TWICE, lambda: 2 * of(stack(), "total", "mult_adds").value),
                    ("That is one of them.", lambda: of(stack(), "conv1", "mult_adds").value),
                ),
            ),
        ),
    )
