"""The lesson `bottleneck`: the bottleneck block of ResNet against two 3x3 convolutions on the same channels."""

from __future__ import annotations

from typing import Any

from archcalc.graph import Network
from archcalc.ops.conv import Conv
from archcalc.site.lessons.hints import TWICE, WEIGHTS_ONLY
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
    """The bottleneck block of ResNet against two 3x3 convolutions on the same channels."""
    middle: Any
    if draw is None:
        (first, shape), (middle, _), (last, _) = [op_of("resnet50", f"layer1.1.conv{n}") for n in (1, 2, 3)]
    else:
        side, inner = draw.one("side", (7, 14, 28, 56)), draw.one("inner", (16, 32, 48, 64, 96, 128, 256))
        outer = inner * draw.one("expansion", (2, 4, 4, 8))
        shape = (outer, side, side)
        first, last = Conv(inner, 1, bias=False), Conv(outer, 1, bias=False)
        middle = Conv(inner, 3, 1, 1, bias=False)
    outer, side, _ = shape
    rows = (("conv1", first), ("conv2", middle), ("conv3", last))
    narrow = layers("bottleneck", shape, *rows)
    wide = layers("basic block", shape, ("conv1", put(middle, out=outer)), ("conv2", put(middle, out=outer)))
    biased = layers("biased", shape, *[(label, put(conv, bias=True)) for label, conv in rows])

    def of(net: Network, layer: str, quantity: str = "params") -> Derivable:
        return Derivable(net, layer, quantity)

    names = {"conv1": "first 1x1", "conv2": "3x3", "conv3": "second 1x1"}
    return LessonSheet(
        text=(
            *(() if draw else ("The document shows the block on a 56x56 map; its channels are those of ResNet-50.",)),
            f"A bottleneck block works on a map of {square(side)} positions with {outer} channels: a 1x1 convolution "
            f"reduces them to {middle.out}, a 3x3 convolution keeps these {middle.out}, and a 1x1 convolution restores "
            f"the {outer}. A basic block on the same map would have two 3x3 convolutions with {outer} filters each.",
            "All keep the size of the map and have no biases. Batch normalisation and the addition are left out.",
        ),
        places=(SourceLine("000", 284), SourceLine("000", 292)),
        network="" if draw else "resnet50",
        numbers={"outer": outer, "inner": middle.out, "side": side},
        steps=(
            PictureStep("map", "", shape),
            *[PictureStep(label, square(conv.kernel), of(narrow, label, "output_shape").value) for label, conv in rows],
        ),
        problems=(
            *[
                Problem(
                    f"{label}_params",
                    f"How many weights does the {names[label]} convolution have?",
                    of(narrow, label),
                    (
                        ("Biases are left out here.", lambda label=label: of(biased, label).value),
                        (
                            "Both sides of the kernel count: 3x3 are 9 weights for each channel and filter."
                            if label == "conv2"
                            else "That is a 3x3 kernel: this one is 1x1.",
                            lambda label=label: _other_kernel(shape, rows, label),
                        ),
                        ("Those are its mult-adds.", lambda label=label: of(narrow, label, "mult_adds").value),
                    ),
                )
                for label, _ in rows
            ],
            Problem(
                "narrow",
                "How many weights does the bottleneck block have?",
                of(narrow, "total"),
                (
                    ("Biases are left out here.", lambda: of(biased, "total").value),
                    ("That is the basic block.", lambda: of(wide, "total").value),
                ),
            ),
            Problem(
                "wide",
                "How many would the basic block have?",
                of(wide, "total"),
                (
                    ("That is one of its two convolutions.", lambda: of(wide, "conv1").value),
                    ("That is the bottleneck block.", lambda: of(narrow, "total").value),
                ),
            ),
            Problem(
                "narrow_mult_adds",
                "How many mult-adds does the bottleneck block take for one image?",
                of(narrow, "total", "mult_adds"),
                (
                    (WEIGHTS_ONLY, lambda: of(narrow, "total").value),
                    (TWICE, lambda: 2 * of(narrow, "total", "mult_adds").value),
                    ("That is the basic block.", lambda: of(wide, "total", "mult_adds").value),
                ),
            ),
            Quotient("ratio", "How many times fewer weights does the bottleneck block have?", "wide", "narrow"),
        ),
    )


def _other_kernel(shape: tuple[int, ...], rows: tuple[tuple[str, Conv], ...], label: str) -> int:
    """The weights of a convolution of a block with a kernel of another size."""
    others = {
        name: put(conv, kernel=(1, 3) if conv.kernel == 3 else 3, padding=(0, 1) if conv.kernel == 3 else 1)
        if name == label
        else conv
        for name, conv in rows
    }
    return Derivable(layers("other", shape, *others.items()), label, "params").value
