"""The lesson `inception`: an inception module without and with 1x1 convolutions before the larger ones."""

from __future__ import annotations

from typing import Any

from archcalc.graph import Network, Value, row
from archcalc.ops.combine import Concat
from archcalc.ops.pool import MaxPool
from archcalc.request import Request
from archcalc.site.lessons.hints import TWICE, WEIGHTS_ONLY
from archcalc.site.lessons.sheet import (
    Blank,
    Derivable,
    Draw,
    LessonSheet,
    LessonTable,
    Problem,
    Quotient,
    SourceLine,
    op_of,
    square,
)
from archcalc.zoo.googlenet import conv as conv_row
from archcalc.zoo.googlenet import inception as with_reductions

REDUCED = ("1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5", "pool_proj")


def sheet(draw: Draw | None) -> LessonSheet:
    """An inception module without and with 1x1 convolutions before the larger ones."""
    if draw is None:
        given = Request.of("inception_bottleneck_example").graph
        shape: Any = given.nodes[0].shape
        widths = tuple([op_of("inception_bottleneck_example", name)[0].out for name in REDUCED])
    else:
        side = draw.one("side", (7, 14, 28))
        shape = (draw.one("channels", (192, 256, 384, 480, 512)), side, side)
        widths = (
            draw.one("one", (64, 96, 112, 128, 160, 192)),
            draw.one("reduce3", (64, 96, 112, 128)),
            draw.one("three", (128, 192, 208, 256)),
            draw.one("reduce5", (16, 24, 32, 48, 64)),
            draw.one("five", (32, 48, 64, 96, 128)),
            draw.one("projection", (32, 64, 96, 128)),
        )
    one, reduce3, three, reduce5, five, projection = widths

    def naive_module(x: Value) -> Value:
        a, b, c = [conv_row(f"{k}x{k}", x, out, k, batch_norm=False) for out, k in ((one, 1), (three, 3), (five, 5))]
        return row("concat", (a, b, c, row("pool", x, MaxPool(3, 1, 1))), Concat())

    naive = Network.build(naive_module, input=shape, name="naive module")

    def reduced_module(x: Value) -> Value:
        return with_reductions(x, widths)

    reduced = Network.build(reduced_module, input=shape, name="reduced module")

    def work(net: Network, layer: str) -> Derivable:
        return Derivable(net, layer, "mult_adds")

    def problem(key: str, ask: str, net: Network, layer: str, *claims: str) -> Problem:
        answer, hints = work(net, layer), list[Any]()
        other = reduced if net is naive else naive
        if layer in ("3x3", "5x5"):
            said = "with a 1x1 convolution before it" if net is naive else "on all channels of the input"
            hints.append((f"That is the convolution {said}.", lambda: work(other, layer).value))
        if layer == "total":
            hints.append(("That is the other module.", lambda: work(other, layer).value))
            hints.append(("Did you add the 3x3 convolution twice?", lambda: answer.value + work(net, "3x3").value))
            hints += [
                (f"The convolution {each} is missing.", lambda each=each: answer.value - work(net, each).value)
                for each in (REDUCED if net is reduced else ("1x1", "3x3", "5x5"))
            ]
        hints.append((TWICE, lambda: 2 * answer.value))
        hints.append((WEIGHTS_ONLY, lambda: Derivable(net, layer, "params").value))
        return Problem(key, ask, answer, hints, () if draw else claims)

    def joined(net: Network) -> Derivable:
        return Derivable(net, "concat", "output_shape")

    rows = [("1x1", one, "1x1", "naive_1x1", "1x1"), ("3x3", three, "3x3", "naive_3x3", "3x3")]
    rows.append(("5x5", five, "5x5", "naive_5x5", "5x5"))
    names = {"1x1": "1x1", "3x3_reduce": "1x1 before the 3x3", "3x3": "3x3", "5x5_reduce": "1x1 before the 5x5"}
    names |= {"5x5": "5x5", "pool_proj": "1x1 after the pool"}
    table: list[tuple[Any, ...]] = [("naive", label, out, Blank(key)) for label, out, _, key, _ in rows]
    table.append(("naive", "all", "", Blank("naive")))
    printed = {"1x1": "C0721", "3x3_reduce": "C0719", "3x3": "C0722", "5x5_reduce": "C0720", "5x5": "C0723"}
    printed |= {"pool_proj": "C0724"}
    table += [("reduced", names[each], out, Blank(each)) for each, out in zip(REDUCED, widths, strict=True)]
    table.append(("reduced", "all", "", Blank("reduced")))
    return LessonSheet(
        text=(
            f"An inception module works on a map of {square(shape[1])} positions with {shape[0]} channels. The naive "
            f"module has a 1x1 convolution with {one} filters, a 3x3 with {three}, a 5x5 with {five} and a 3x3 max "
            "pool side by side; all keep the size of the map, and their outputs are put together channel by channel.",
            f"The reduced module has a 1x1 convolution with {reduce3} filters before its 3x3, one with {reduce5} "
            f"before its 5x5, and one with {projection} after its pool.",
        ),
        places=(SourceLine("004", 1094), SourceLine("004", 1126), SourceLine("004", 1228), SourceLine("004", 1241)),
        network="" if draw else "inception_bottleneck_example",
        numbers={"channels": shape[0], "side": shape[1], **dict(zip(REDUCED, widths, strict=True))},
        grid=LessonTable(
            "Mult-adds of the convolutions for one image", ("module", "convolution", "filters", "mult-adds"), table
        ),
        problems=(
            Problem(
                "naive_shape",
                "What is the shape of the naive module's output: channels, height and width?",
                joined(naive),
                (
                    (
                        "The pool keeps all channels of the input: they are part of the output.",
                        lambda: (joined(naive).value[0] - shape[0], *shape[1:]),
                    ),
                    ("That is the reduced module.", lambda: joined(reduced).value),
                ),
                () if draw else ("C0713",),
            ),
            problem("naive_1x1", "How many mult-adds does the naive 1x1 take?", naive, "1x1", "C0714"),
            problem("naive_3x3", "How many does the naive 3x3 take?", naive, "3x3", "C0715"),
            problem("naive_5x5", "How many does the naive 5x5 take?", naive, "5x5", "C0716"),
            problem("naive", "How many does the naive module take?", naive, "total", "C0717"),
            Problem(
                "reduced_shape",
                "What is the shape of the reduced module's output?",
                joined(reduced),
                (
                    (
                        "The 1x1 after the pool leaves as many channels as it has filters.",
                        lambda: (joined(reduced).value[0] - projection + shape[0], *shape[1:]),
                    ),
                ),
            ),
            *[
                problem(
                    each,
                    f"How many mult-adds does the {names[each]} take in the reduced module?",
                    reduced,
                    each,
                    printed[each],
                )
                for each in REDUCED
            ],
            problem("reduced", "How many does the reduced module take?", reduced, "total", "C0725"),
            Quotient("ratio", "How many times fewer mult-adds does the reduced module take?", "naive", "reduced"),
        ),
    )
