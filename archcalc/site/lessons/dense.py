"""The lesson `dense`: the channels and weights of a dense block, which grow with each layer."""

from __future__ import annotations

from typing import Any

from archcalc.request import Request
from archcalc.site.lessons.hints import ONE_FILTER, TWICE, WEIGHTS_ONLY
from archcalc.site.lessons.sheet import Derivable, Draw, LessonSheet, Problem, SourceLine, default, square


def sheet(draw: Draw | None) -> LessonSheet:
    """The channels and weights of a dense block, which grow with each layer."""
    name = "densenet_block_example"
    if draw is None:
        shape: tuple[int, ...] = Request.of(name).shape
        given = {key: default(name, key) for key in ("layers", "growth")}
    else:
        side = draw.one("side", (8, 14, 16, 28, 32, 56))
        shape = (draw.one("channels", (16, 24, 32, 64)), side, side)
        given = {"layers": draw.one("layers", (4, 5, 6, 8)), "growth": draw.one("growth", (4, 8, 12, 16, 24, 32))}
    count, growth = given["layers"], given["growth"]
    settings = given | {"input": shape, "in_channels": shape[0]}

    def of(layer: str, quantity: str, **changed: Any) -> Derivable:
        return Derivable(name, layer, quantity, settings | changed)

    def conv(number: int) -> str:
        return f"denseblock.denselayer{number}.conv.conv"

    last, end = f"denseblock.denselayer{count - 1}.concat", f"denseblock.denselayer{count}.concat"
    return LessonSheet(
        text=(
            *(() if draw else ("The document leaves the input open: take that of the CIFAR networks of the paper.",)),
            f"A dense block of {count} layers with growth rate {growth} works on a map of {square(shape[1])} positions "
            f"with {shape[0]} channels. Each layer takes the channels of the block's input and of all layers before; "
            f"its 3x3 convolution adds {growth} channels of its own, which are put beside them.",
            "The convolutions keep the size of the map and have no biases. Batch normalisation, which stands before "
            "each of them, is left out.",
        ),
        places=(SourceLine("000", 356),),
        network="" if draw else name,
        numbers={"channels": shape[0], "side": shape[1], **given},
        problems=(
            Problem(
                "read",
                f"How many channels does the last layer, the {count}th, take?",
                of(last, "output_channels"),
                (
                    ("That is what comes out of the block.", lambda: of(end, "output_channels").value),
                    (
                        "The channels of the block's input are among them.",
                        lambda: of(last, "output_channels").value - shape[0],
                    ),
                    (
                        "That is one layer too few.",
                        lambda: of(f"denseblock.denselayer{count - 2}.concat", "output_channels").value,
                    ),
                ),
            ),
            Problem(
                "out",
                "What is the shape of the block's output: channels, height and width?",
                of(end, "output_shape"),
                (
                    (
                        "A layer adds its channels to those before it: they are not replaced.",
                        lambda: (growth, *shape[1:]),
                    ),
                    (
                        "The channels of the block's input are among them.",
                        lambda: (of(end, "output_channels").value - shape[0], *shape[1:]),
                    ),
                ),
            ),
            Problem(
                "first",
                "How many weights does the convolution of the first layer have?",
                of(conv(1), "params"),
                (
                    ("That is the convolution of the last layer.", lambda: of(conv(count), "params").value),
                    (ONE_FILTER, lambda: of(conv(1), "params", growth=1).value),
                ),
            ),
            Problem(
                "last",
                "How many weights does the convolution of the last layer have?",
                of(conv(count), "params"),
                (
                    (
                        "That is the convolution of the first layer: the last one sees more channels.",
                        lambda: of(conv(1), "params").value,
                    ),
                    (
                        "That reads what comes out of the block: its own channels are not among what it reads.",
                        lambda: of(conv(count + 1), "params", layers=count + 1).value,
                    ),
                ),
            ),
            Problem(
                "last_mult_adds",
                "How many mult-adds does it take for one image?",
                of(conv(count), "mult_adds"),
                (
                    (WEIGHTS_ONLY, lambda: of(conv(count), "params").value),
                    (TWICE, lambda: 2 * of(conv(count), "mult_adds").value),
                ),
            ),
        ),
    )
