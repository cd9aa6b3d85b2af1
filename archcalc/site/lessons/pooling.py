"""The lesson `pooling`: global average pooling before a linear layer, against a linear layer on the whole map."""

from __future__ import annotations

from archcalc.evidence.claims import claim
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pool import GlobalAvgPool
from archcalc.site.lessons.hints import WITHOUT_BIAS
from archcalc.site.lessons.sheet import (
    Derivable,
    Draw,
    LessonSheet,
    Problem,
    Quotient,
    SourceLine,
    default,
    layers,
    square,
)


def sheet(draw: Draw | None) -> LessonSheet:
    """Global average pooling before a linear layer, against a linear layer on the whole map."""
    if draw is None:
        high, wide, deep = map(int, claim("C0025").printed.removeprefix("shape: ").split("x"))
        shape, classes = (deep, high, wide), default("resnet50", "classes")
        which = "The document leaves the number N of classes open; take those of ImageNet, {classes}."
    else:
        side = draw.one("side", (4, 5, 6, 7, 8, 14))
        shape = (draw.one("channels", (64, 128, 256, 512, 1024)), side, side)
        classes, which = draw.one("classes", (10, 17, 37, 100, 200, 1000)), "There are {classes} classes."
    flat = layers("gap", shape, ("fc", Flatten(), Linear(classes)))
    plain = layers("gap", shape, ("fc", Flatten(), Linear(classes, bias=False)))
    pool = layers("gap", shape, ("pool", GlobalAvgPool()), ("fc", Flatten(), Linear(classes)))
    no_bias = layers("gap", shape, ("pool", GlobalAvgPool()), ("fc", Flatten(), Linear(classes, bias=False)))
    return LessonSheet(
        text=(
            f"The last map of a network has {shape[0]} channels of {square(shape[1])}. {which.format(classes=classes)}",
            "Either a linear layer with biases takes all values of the map, or global average pooling takes the mean "
            "of each channel first, and the linear layer takes these means.",
        ),
        places=(SourceLine("000", 128), SourceLine("000", 140)),
        numbers={"channels": shape[0], "side": shape[1], "classes": classes},
        problems=(
            Problem(
                "means",
                "How many values come out of the global average pooling?",
                Derivable(pool, "pool", "activations"),
                (
                    (
                        "That is the map before the pooling: one mean for each channel is left.",
                        lambda: Derivable(flat, "input", "activations").value,
                    ),
                    ("Those are the values that go into one mean.", lambda: shape[1] * shape[2]),
                ),
                () if draw else ("C0023",),
            ),
            Problem(
                "pool_params",
                "How many parameters does the pooling have?",
                Derivable(pool, "pool", "params"),
                (("A mean has nothing to learn.", lambda: shape[0]),),
                () if draw else ("C0022",),
            ),
            Problem(
                "flat",
                "How many parameters has the linear layer on the whole map?",
                Derivable(flat, "fc", "params"),
                (
                    (WITHOUT_BIAS.replace("filter", "class"), lambda: Derivable(plain, "fc", "params").value),
                    ("That is the linear layer after the pooling.", lambda: Derivable(pool, "fc", "params").value),
                ),
                () if draw else ("C0024",),
            ),
            Problem(
                "pooled",
                "How many has it after the pooling?",
                Derivable(pool, "fc", "params"),
                (
                    (WITHOUT_BIAS.replace("filter", "class"), lambda: Derivable(no_bias, "fc", "params").value),
                    ("That is the linear layer on the whole map.", lambda: Derivable(flat, "fc", "params").value),
                ),
            ),
            Quotient("ratio", "How many times fewer parameters are there with the pooling?", "flat", "pooled"),
        ),
    )
