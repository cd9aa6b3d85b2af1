"""The lesson `vgg`: the table of a VGG network: values and parameters of its layers, and its memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archcalc.analysis.results import Layer
from archcalc.analysis.table import analyze
from archcalc.evidence.claims import claim
from archcalc.present.words import phrase
from archcalc.request import Request
from archcalc.site.lessons.sheet import (
    Blank,
    Derivable,
    Draw,
    LessonSheet,
    LessonTable,
    Mistake,
    Problem,
    SourceLine,
    square,
    volume,
)

PRINTED = {"conv1_2_values": "C0616", "conv1_2_params": "C0618", "pool3_values": "C0646", "fc6_params": "C0681"}
"""The figures of document 004 by the keys of the questions that ask for them."""


def sheet(draw: Draw | None) -> LessonSheet:
    """The table of a VGG network: values and parameters of its layers, and its memory."""
    if draw is None:
        name, given, asked = "vgg16", dict[str, Any](), ("conv1_2", "pool3", "fc6")
    else:
        name = draw.one("network", ("vgg11", "vgg13", "vgg16", "vgg19"))
        side = draw.one("side", (96, 128, 160, 192, 224, 256))
        given = {"input": (3, side, side), "dtype": draw.one("dtype", ("float32", "float16"))}
        given |= {"batch": draw.one("batch", (1, 1, 8, 16, 32)), "classes": draw.one("classes", (10, 100, 1000))}
        firsts = ("conv2_1", "conv3_1", "conv3_2", "conv4_1", "conv4_2", "conv5_1")
        asked = (draw.one("conv", firsts), draw.one("pool", ("pool1", "pool2", "pool4", "pool5")), "fc6")
    request = Request.of(name, **given)
    batch, width, side = request.batch, request.element_bytes, request.shape[1]
    settings: dict[str, Any] = {key: value for key, value in given.items() if key in ("input", "classes")}
    table = analyze(name, **settings)
    printed = PRINTED if draw is None else {}

    def of(layer: str, quantity: str, **changed: Any) -> Derivable:
        return Derivable(name, layer, quantity, given | changed)

    def values(layer: str) -> Problem:
        key = f"{layer}_values"
        at = next(place for place, each in enumerate(table.layers) if each.name == layer)
        claims = [printed[key]] if key in printed else []
        return Problem(
            key,
            f"How many values does the output of {layer} have, for one image?",
            of(layer, "activations"),
            (
                (
                    "That is one channel alone.",
                    lambda: table.layers[at].output_shape[-1] * table.layers[at].output_shape[-2],
                ),
                ("That is the layer before.", lambda: table.layers[at - 1].activations),
                ("Those are bytes: a value takes several.", lambda: of(layer, "memory_bytes", batch=1).value),
            ),
            claims,
        )

    def params(layer: str) -> Problem:
        key = f"{layer}_params"
        at = next(place for place, each in enumerate(table.layers) if each.name == layer)
        out = table.layers[at].output_shape[0]
        return Problem(
            key,
            f"How many parameters does {layer} have, with its biases?",
            of(layer, "params"),
            (
                ("That is without the biases, as the slide counts.", lambda: of(layer, "params").value - out),
                (
                    "The layer reads the whole map: all its positions, not only its channels.",
                    lambda: (table.layers[at - 1].output_shape[0] + 1) * out,
                ),
            ),
            [printed[key]] if key in printed else [],
        )

    def slide(which: str) -> list[Mistake]:
        said = "That is the slide's total: its own rows add up to less."
        return [(said, lambda: int(claim(which).number))] if draw is None else []

    conv, pool, fc = asked
    total = of("total", "activation_sum")
    said = f"{batch} {'image' if batch == 1 else 'images'}"
    problems = [values(conv), params(conv), values(pool), params(fc)]
    blanks = {each.key: next(row for row in table.layers if each.key.startswith(row.name)) for each in problems}
    return LessonSheet(
        text=(
            f"The table has the layers of VGG-{name[3:]} on an image of {square(side)} pixels: the shapes of their "
            "outputs, the values of these outputs, and the parameters. All convolutions have kernels of 3x3, stride 1 "
            f"and padding 1, all pools windows of 2x2 and stride 2. A value takes {width} bytes ({request.dtype}).",
            f"The memory asked for is that of the input and of all outputs in the table, for {said}, and ReLU works in "
            "place.",
        ),
        places=(SourceLine("004", 684), SourceLine("004", 688), SourceLine("004", 777), SourceLine("003", 241)),
        network="" if draw else name,
        numbers={
            "network": name,
            "side": side,
            "width": width,
            "batch": batch,
            "classes": table.layers[-1].activations,
        },
        grid=LessonTable(
            "Layers",
            ("layer", "operation", "output", "values", "params"),
            [_line(each, blanks) for each in table.layers],
        ),
        problems=(
            *problems,
            Problem(
                "sum",
                "How many values have the input and all outputs together, for one image?",
                total,
                (
                    ("That leaves out the input.", lambda: total.value - of("input", "activations").value),
                    (
                        "That leaves out the pools.",
                        lambda: (
                            total.value - sum(each.activations for each in table.layers if each.name.startswith("pool"))
                        ),
                    ),
                    ("Those are the parameters.", lambda: of("total", "params").value),
                    *slide("C0690"),
                ),
                ("C0690",) if draw is None else (),
            ),
            Problem(
                "bytes",
                f"How many bytes is that for {said} (you may answer in MB)?",
                of("total", "memory_bytes"),
                (
                    ("Those are the values: each takes several bytes.", lambda: total.value),
                    ("That is for one image.", lambda: of("total", "memory_bytes", batch=1).value),
                    *slide("C0692"),
                    ("Those are the bytes of the parameters.", lambda: of("total", "parameter_bytes").value),
                    (
                        "That is with 4 bytes for each value.",
                        lambda: of("total", "memory_bytes", dtype="float32").value,
                    ),
                    (
                        "That is with 2 bytes for each value.",
                        lambda: of("total", "memory_bytes", dtype="float16").value,
                    ),
                ),
                ("C0692",) if draw is None else (),
            ),
            Problem(
                "params",
                "How many parameters does the network have?",
                of("total", "params"),
                (
                    (
                        "That is without the linear layers.",
                        lambda: (
                            of("total", "params").value - sum(e.params for e in table.layers if e.name.startswith("fc"))
                        ),
                    ),
                    ("That is the largest layer alone.", lambda: of(fc, "params").value),
                ),
                ("C0694",) if draw is None else (),
            ),
        ),
    )


def _line(layer: Layer, asked: Mapping[str, Layer]) -> tuple[Any, ...]:
    """The row of a layer in the table; layers of the same stage with the number that is asked for are blank as well."""
    stage = layer.name.split("_")[0]
    shown: list[Any] = []
    for kind, number in (("values", layer.activations), ("params", layer.params)):
        attribute = "activations" if kind == "values" else "params"
        keys = [
            key
            for key, other in asked.items()
            if key.endswith(kind) and other.name.split("_")[0] == stage and getattr(other, attribute) == number
        ]
        shown.append(Blank(keys[0]) if keys else number)
    return (layer.name, phrase(layer) if layer.name != "input" else "", volume(layer.output_shape), *shown)
