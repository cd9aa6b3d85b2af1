"""The lesson `fields`: the growth of the receptive field through convolutions and pools with strides."""

from __future__ import annotations

from typing import Any

from archcalc.ops.conv import Conv
from archcalc.ops.pool import MaxPool
from archcalc.request import Request
from archcalc.site.lessons.sheet import (
    Blank,
    Derivable,
    Draw,
    LessonSheet,
    LessonTable,
    Problem,
    SourceLine,
    layers,
    put,
    square,
)


def sheet(draw: Draw | None) -> LessonSheet:
    """The growth of the receptive field through convolutions and pools with strides."""
    if draw is None:
        asked = [("conv1", "C0490"), ("maxpool", "C0494"), ("layer1.1.add", "C0498"), ("layer2.1.add", "C0502")]
        net: Any = Request.of("resnet18").resolved
        ops = _main_path("resnet18", "layer2.1.add")
    else:
        ops = [_window(draw, number) for number in range(1, 6)]
        asked = [(label, "") for label, _ in ops[1:]]
        net = layers("fields", (3, 224, 224), *ops)
    flat = layers("fields", (3, 224, 224), *[(label, put(op, stride=1)) for label, op in ops])
    ends = {"layer1.1.add": "layer1.1.conv2", "layer2.1.add": "layer2.1.conv2"}
    table = [
        (
            label,
            "max pool" if op.kind == "max_pool" else "convolution",
            square(op.kernel),
            op.stride,
            next((Blank(name) for name, _ in asked if ends.get(name, name) == label), ""),
        )
        for label, op in ops
    ]

    def of(layer: str, quantity: str = "field_size") -> Derivable:
        return Derivable(net, layer, quantity)

    def problem(layer: str, claim: str) -> Problem:
        label = ends.get(layer, layer)
        place = [name for name, _ in ops].index(label)
        return Problem(
            layer,
            f"How many positions on a side of the image does an output of {label} see?",
            of(layer),
            (
                (
                    "You left out the strides: after a stride of 2, a further kernel position is two input positions "
                    "apart.",
                    lambda: Derivable(flat, label, "field_size").value,
                ),
                ("That is the layer's own kernel.", lambda: ops[place][1].kernel),
                (
                    "You counted the layer's own stride: it spreads the kernels of the layers after it.",
                    lambda: _own_stride(ops, place),
                ),
                (
                    "You added whole kernels: a kernel sees its side minus 1 further positions.",
                    lambda: sum(op.kernel for _, op in ops[: place + 1]),
                ),
                (
                    "That is the layer before.",
                    lambda: (
                        Derivable(layers("f", (3, 224, 224), *ops), ops[place - 1][0], "field_size").value
                        if place
                        else 0
                    ),
                ),
            ),
            (claim,) if claim else (),
        )

    said = (
        "The shortcuts see no more than the layers beside them, and are left out of the table." if draw is None else ""
    )
    which = "the beginning of ResNet-18" if draw is None else "a stack of layers"
    last = asked[-1][0]
    return LessonSheet(
        text=(
            f"The table has {which}: each layer's kernel and stride. How much of the image does one output of a layer "
            f"see? Padding does not matter here, and the image is larger than all fields. {said}".strip(),
        ),
        places=(SourceLine("003", 639), SourceLine("003", 640), SourceLine("003", 641), SourceLine("003", 642))
        if draw is None
        else (),
        network="" if draw else "resnet18",
        numbers={label: (op.kernel, op.stride) for label, op in ops},
        grid=LessonTable("Kernels, strides and fields", ("layer", "operation", "kernel", "stride", "field"), table),
        problems=(
            *[problem(*each) for each in asked],
            Problem(
                "jump",
                f"How many positions of the image lie between neighbouring outputs of {ends.get(last, last)}?",
                of(last, "field_stride"),
                (
                    ("That is the field.", lambda: of(last).value),
                    ("Strides are multiplied with each other, not added.", lambda: sum(op.stride for _, op in ops)),
                    ("That is the layer's own stride.", lambda: ops[-1][1].stride),
                ),
            ),
        ),
    )


def _window(draw: Draw, number: int) -> tuple[str, Any]:
    """The row of a drawn layer: every third is a pool."""
    if number == 3:
        return "pool", MaxPool(*draw.one("pool", ((2, 2), (3, 2))))
    kernel = draw.one(f"kernel{number}", (3, 3, 5, 7))
    stride = draw.one(f"stride{number}", (1, 2)) if number < 5 else 1
    return f"conv{number - (number > 3)}", Conv(8, kernel, stride)


def _main_path(network: str, end: str) -> list[tuple[str, Any]]:
    """The windows of a residual network up to a row, without the convolutions of its shortcuts."""
    found: list[tuple[str, Any]] = []
    for node in Request.of(network).graph.nodes:
        if node.op.kind in ("conv", "max_pool") and "downsample" not in node.row:
            found.append((node.row, put(node.op, padding=0)))
        if node.row == end:
            break
    return found


def _own_stride(ops: list[tuple[str, Any]], place: int) -> int:
    """The field if each kernel were spread by its own layer's stride as well: strides stand one layer too early."""
    early = [op.stride for _, op in ops]
    moved = [put(op, stride=after) for (_, op), after in zip(ops, [*early[1:], 1], strict=True)]
    first = Conv(1, 1, early[0])
    rows = [("first", first), *[(label, op) for (label, _), op in zip(ops, moved, strict=True)]]
    return Derivable(layers("early", (3, 224, 224), *rows), ops[place][0], "field_size").value
