"""The lesson `conv1`: the output and the cost of a first convolution, and of the pool after it: conv1 of AlexNet."""

from __future__ import annotations

from typing import Any

from archcalc.graph import Network
from archcalc.ops.conv import Conv
from archcalc.ops.pool import MaxPool
from archcalc.site.lessons.hints import EDGE, of_weights, of_work
from archcalc.site.lessons.sheet import (
    Derivable,
    Draw,
    LessonSheet,
    PictureStep,
    Problem,
    SourceLine,
    layers,
    op_of,
    put,
    square,
)


def sheet(draw: Draw | None) -> LessonSheet:
    """The output and the cost of a first convolution, and of the pool after it: conv1 of AlexNet."""
    conv: Any
    pool: Any
    if draw is None:
        conv, shape = op_of("alexnet_simplified", "conv1")
        pool = put(op_of("alexnet_simplified", "pool1", "max_pool")[0], ceil=False)
        which = "The first layer of AlexNet, conv1,"
    else:
        side = draw.one("side", (32, 48, 64, 96, 128, 160, 192, 224, 227, 256, 299))
        shape = (draw.one("channels", (1, 3, 3)), side, side)
        kernel = draw.one("kernel", (3, 5, 7, 11))
        filters = draw.one("filters", (6, 8, 10, 16, 20, 24, 32, 48, 64, 96))
        stride, padding = draw.one("stride", (1, 2, 2, 3, 4)), draw.one("padding", (0, 1, kernel // 2))
        conv, pool = Conv(filters, kernel, min(stride, kernel), padding), MaxPool(*draw.one("pool", ((2, 2), (3, 2))))
        which = "A first layer, conv1,"
    channels, side, _ = shape

    def net(x: tuple[int, ...] = shape, after: Any = pool, **fields: Any) -> Network:
        return layers("conv1", x, ("conv1", put(conv, **fields)), ("pool1", after))

    def of(layer: str, quantity: str, **fields: Any) -> Derivable:
        return Derivable(net(**fields), layer, quantity)

    height = of("conv1", "output_height").value
    first = (
        ("You left out the stride.", lambda: of("conv1", "output_height", stride=1).value),
        ("You left out the padding, which is on both sides.", lambda: of("conv1", "output_height", padding=0).value),
        ("That pads one side only.", lambda: of("conv1", "output_height", padding=((conv.padding, 0),) * 2).value),
        ("You forgot the + 1: a kernel that just fits has one position, not none.", lambda: height - 1),
        ("You rounded up. " + EDGE, lambda: _rounded_up(shape, conv)),
        ("You took the height of the pool's output.", lambda: of("pool1", "output_height").value),
    )
    pooled = (
        ("You rounded up. " + EDGE, lambda: of("pool1", "output_height", after=put(pool, ceil=True)).value),
        ("You left out the stride of the pool.", lambda: of("pool1", "output_height", after=put(pool, stride=1)).value),
        ("That is the height before the pool.", lambda: height),
    )
    text = (
        f"{which} slides {conv.out} filters of {square(conv.kernel)} over an image of {square(side)} pixels with "
        f"{channels} {'channel' if channels == 1 else 'channels'}, with stride {conv.stride} and padding "
        f"{conv.padding} on each side. Each filter has a bias.",
        f"After it, the max pool pool1 has windows of {square(pool.kernel)} and stride {pool.stride}. {EDGE}",
    )
    out, pools = of("conv1", "output_shape"), of("pool1", "output_shape")
    return LessonSheet(
        text=text,
        places=(SourceLine("004", 191), SourceLine("004", 193), SourceLine("004", 251)),
        network="" if draw else "alexnet_simplified",
        numbers={
            "channels": channels,
            "side": side,
            **{key: getattr(conv, key) for key in ("out", "kernel", "stride", "padding")},
            "pool_kernel": pool.kernel,
            "pool_stride": pool.stride,
        },
        steps=(
            PictureStep("image", "", shape),
            PictureStep("conv1", f"{square(conv.kernel)}, stride {conv.stride}", out.value, "shape"),
            PictureStep("pool1", f"max {square(pool.kernel)}, stride {pool.stride}", pools.value, "pool_shape"),
        ),
        problems=(
            Problem(
                "height",
                "How many positions high is the output of conv1?",
                of("conv1", "output_height"),
                first,
                () if draw else ("C0528",),
            ),
            Problem(
                "shape",
                "What is the shape of this output: channels, height and width?",
                out,
                (
                    (
                        "The output has one channel for each filter, not the channels of the input.",
                        lambda: (channels, *out.value[1:]),
                    ),
                ),
                () if draw else ("C0529",),
            ),
            Problem(
                "params",
                "How many parameters does conv1 have, with its biases?",
                of("conv1", "params"),
                of_weights(of, "conv1", shape),
                () if draw else ("C0530",),
            ),
            Problem(
                "mult_adds",
                "How many mult-adds (multiplications, each with its addition) does conv1 take for one image?",
                of("conv1", "mult_adds"),
                of_work(of, "conv1", shape),
            ),
            Problem(
                "pool_height",
                "How many positions high is the output of pool1?",
                of("pool1", "output_height"),
                pooled,
                () if draw else ("C0533",),
            ),
            Problem(
                "pool_shape",
                "What is the shape of the output of pool1?",
                pools,
                (("A pool keeps the channels: it works in each by itself.", lambda: (channels, *pools.value[1:])),),
                () if draw else ("C0534",),
            ),
            Problem(
                "pool_params",
                "How many parameters does pool1 have?",
                of("pool1", "params"),
                (
                    (
                        "A pool has windows, but no weights: a maximum has nothing to learn.",
                        lambda: _as_weights(shape, pool),
                    ),
                    ("A pool has nothing to learn.", lambda: pool.kernel * pool.kernel),
                ),
                () if draw else ("C0535",),
            ),
        ),
    )


def _rounded_up(shape: tuple[int, ...], conv: Any) -> int:
    """The height of the output if the last window hung over the edge: a pool can do that."""
    pool = MaxPool(conv.kernel, conv.stride, conv.padding, ceil=True)
    return Derivable(layers("conv1", shape, ("pool", pool)), "pool", "output_height").value


def _as_weights(shape: tuple[int, ...], pool: Any) -> int:
    """The weights that the windows of a pool would have if they were filters."""
    filters = Conv(shape[0], pool.kernel, pool.stride, groups=shape[0], bias=False)
    return Derivable(layers("conv1", shape, ("pool", filters)), "pool", "params").value
