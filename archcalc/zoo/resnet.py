"""ResNet: He, Zhang, Ren & Sun, "Deep Residual Learning for Image Recognition", arXiv:1512.03385.

ImageNet networks: Table 1, projection shortcuts where the shape changes (option B). A bare bottleneck name
(`resnet50`) has the stride in the 3x3 convolution, as torchvision ("v1.5") and the receptive-field table of document
003 do; `_v1` has it in the first 1x1, as the paper does. The max pool pads by 1 and rounds down (torchvision); the
authors' Caffe model pads nothing and rounds up, which gives the same size on even maps, as at 224 px, and one less on
odd ones: 56 instead of 57 at 225 px. The 200 layers are those of He et al. 2016
with the original unit. 10, 12, 14 and 16 layers leave out blocks of 18, as pytorchcv does; 26 are bottlenecks, as in
timm (pytorchcv's 26 are basic blocks, three in a group).

`stem`, `blocks` and `output_stride` are those of practice: `3x3` begins without stride and pool, as for CIFAR, `deep`
with three 3x3 convolutions in place of the 7x7 (timm's `resnet50c`); `blocks=3,4,6,3` are the blocks of the groups;
with an output stride of 16 or 8 the last groups dilate their 3x3 convolutions instead of halving the size: the first
block by what the group before has, the others by twice as much for every halving left out (torchvision's
`replace_stride_with_dilation`, timm's `output_stride`).

CIFAR networks: section 4.2, three groups of 16, 32 and 64 channels; parameter-free shortcuts (option A: every second
position, zero channels on both sides), or 1x1 convolutions with `_projection` (option B). Depths 164 and 1001 are the
bottleneck nets of He et al. 2016, arXiv:1603.05027, with this paper's order of layers; 272 and 542 are pytorchcv's.
Other depths are known by name: `resnet50_cifar` has 6n + 2 layers in basic blocks, n = 8, as the paper's have; it is
not ResNet-50 on small images, which is `resnet50` with `stem=3x3`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from archcalc.algebra.dims import Dim, equal
from archcalc.base.errors import ArchcalcError
from archcalc.base.spelling import cut
from archcalc.graph import Choice, Other, Switch, Value, Whole, block, row
from archcalc.ops.combine import Add
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten, Subsample, ZeroPad
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU
from archcalc.ops.pool import GlobalAvgPool, MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant
from archcalc.zoo._blocks import conv_norm

#            blocks in layer1 to layer4
TABLE = {
    10: (1, 1, 1, 1),
    12: (2, 1, 1, 1),
    14: (2, 2, 1, 1),
    16: (2, 2, 2, 1),
    18: (2, 2, 2, 2),
    26: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
    200: (3, 24, 36, 3),
}
# the paper's first
BASIC, BOTTLENECK = (18, 34, 10, 12, 14, 16), (50, 101, 152, 200, 26)

Gate = Callable[[Value], Value]


Dilations = tuple[int, int]
"""Dilation of the first 3x3 convolution of a block, and of those after it."""


def basic(
    x: Value,
    width: int,
    stride: int,
    shortcut: str = "projection",
    *,
    dilations: Dilations = (1, 1),
    gate: Gate | None = None,
) -> Value:
    """Two 3x3 convolutions and a shortcut, Figure 5 left; later networks have a `gate` before the sum."""
    first, second = dilations
    y = row("conv1", x, Conv(width, 3, stride, first, first, bias=False), BatchNorm(), ReLU())
    return join(x, y, Conv(width, 3, padding=second, dilation=second, bias=False), stride, shortcut, gate)


def bottleneck(
    x: Value,
    width: int,
    stride: int,
    shortcut: str = "projection",
    stride_first: bool = False,
    *,
    inner: int | None = None,
    groups: int = 1,
    dilation: int = 1,
    gate: Gate | None = None,
) -> Value:
    """1x1 to `width`, 3x3, 1x1 to four times `width`, and a shortcut, Figure 5 right.

    Later networks have `inner` channels around the 3x3 instead of `width`, `groups` in it, or a `gate` before the sum.
    """
    first, second = (stride, 1) if stride_first else (1, stride)
    inner = width if inner is None else inner
    y = row("conv1", x, Conv(inner, 1, first, bias=False), BatchNorm(), ReLU())
    y = row(
        "conv2",
        y,
        Conv(inner, 3, second, dilation, dilation, groups, bias=False),
        BatchNorm(),
        ReLU(),
    )
    return join(x, y, Conv(4 * width, 1, bias=False), stride, shortcut, gate)


def join(x: Value, y: Value, last: Conv, stride: int, shortcut: str, gate: Gate | None = None) -> Value:
    """The last convolution of a block, and the sum with the shortcut unless there is `"none"`."""
    label = "conv2" if last.kernel == 3 else "conv3"
    if shortcut == "none":
        return row(label, y, last, BatchNorm(), ReLU())
    y = row(label, y, last, BatchNorm())
    if gate:
        y = gate(y)
    grown = last.out - x.channels
    if stride != 1 or not equal(grown, 0):
        if shortcut == "projection":
            x = row("downsample", x, Conv(last.out, 1, stride, bias=False), BatchNorm())
        else:
            x = pad(x, last.out, stride)
    return row("add", (y, x), Add(), ReLU())


def pad(x: Value, channels: Dim, stride: int) -> Value:
    """The shortcut without parameters, option A: every `stride`-th position, zero channels on both sides."""
    grown: Any = channels - x.channels
    return row("shortcut", x, Subsample(stride), ZeroPad(channels_before=grown // 2, channels_after=grown - grown // 2))


def stages(x: Value, blocks: Sequence[int], unit: Callable[[Value, int, int], Value], first: int = 64) -> Value:
    """Groups of `blocks` blocks, each `unit(x, width, stride)`; every group doubles the width and halves the size."""
    for stage, count in enumerate(blocks):
        for number in range(count):
            stride = 2 if stage > 0 and number == 0 else 1
            x = block(f"layer{stage + 1}.{number}", unit, x, first * 2**stage, stride)
    return x


def backbone(
    x: Value,
    blocks: Sequence[int],
    unit: Callable[[Value, int, int, Dilations], Value],
    output_stride: int = 32,
    reached: int = 4,
) -> Value:
    """Groups of `blocks` blocks after a stem of stride `reached`, each `unit(x, width, stride, dilations)`.

    Every group doubles the width.
    """
    for stage, number, stride, dilations in dilated(blocks, output_stride, reached):
        x = block(f"layer{stage + 1}.{number}", unit, x, 64 * 2**stage, stride, dilations)
    return x


def dilated(
    blocks: Sequence[int], output_stride: int, reached: int, first: int = 1
) -> Iterator[tuple[int, int, int, Dilations]]:
    """Group, number in it, stride and dilations of every block; the first group has the stride `first`, the others 2.

    Once `output_stride` is reached a group does not halve the size; it doubles the dilation, from its second
    convolution on.
    """
    dilation = 1
    for stage, count in enumerate(blocks):
        before, stride = dilation, 2 if stage > 0 else first
        if reached >= output_stride:
            dilation, stride = dilation * stride, 1
        reached *= stride
        yield stage, 0, stride, (before, dilation)
        for number in range(1, count):
            yield stage, number, 1, (dilation, dilation)


#       width divided by, kernel and stride of each convolution
STEMS = {"7x7": ((1, 7, 2),), "3x3": ((1, 3, 1),), "deep": ((2, 3, 2), (2, 3, 1), (1, 3, 1))}


def stem(x: Value, kind: str = "7x7", width: int = 64, *, norm: bool = True, ceil: bool = False) -> Value:
    """The 7x7 convolution and the pool before the groups of an ImageNet network, or what takes their place.

    Without `norm` the last convolution stands alone; with `ceil` the pool rounds up and does not pad.
    """
    for number, (parts, kernel, stride) in enumerate(STEMS[kind], 1):
        label = f"conv1_{number}" if kind == "deep" else "conv1"
        if norm or number < len(STEMS[kind]):
            x = conv_norm(label, x, width // parts, kernel, stride)
        else:
            x = row(label, x, Conv(width // parts, kernel, stride, kernel // 2, bias=False))
    pool = MaxPool(3, 2, ceil=True) if ceil else MaxPool(3, 2, 1)
    return x if kind == "3x3" else row("maxpool", x, pool)


def groups_of(x: Value, default: Sequence[int], blocks: Any) -> Sequence[int]:
    """The blocks of each group: `blocks` if given, or the default. Raises ArchcalcError for what is no such list."""
    if blocks is None or blocks == "":
        return default
    given: list[Any] = [*blocks] if isinstance(blocks, (tuple, list)) else []
    if not 1 <= len(given) <= 8 or not all([type(each) is int and 1 <= each <= 1000 for each in given]):
        said = "the blocks of each group are 1 to 8 whole numbers from 1 to 1000, such as 3,4,6,3"
        raise ArchcalcError(f"{x.graph.name}: {said}, not {cut(f'{blocks!r}')}", about="hyperparameters.blocks")
    return given


def reached_by(kind: str) -> int:
    """The stride of a stem."""
    return 1 if kind == "3x3" else 4


def classifier(x: Value, classes: int) -> Value:
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Linear(classes))


def resnet(
    x: Value,
    depth: int = 50,
    stride_first: bool = False,
    shortcut: str = "projection",
    stem: str = "7x7",
    blocks: Any = None,
    output_stride: int = 32,
    classes: int = 1000,
) -> Value:
    def unit(x: Value, width: int, stride: int, dilations: Dilations) -> Value:
        if depth in BASIC:
            return basic(x, width, stride, shortcut, dilations=dilations)
        return bottleneck(x, width, stride, shortcut, stride_first, dilation=dilations[0])

    return network(x, TABLE[depth], unit, stem, blocks, output_stride, classes)


def network(
    x: Value,
    default: Sequence[int],
    unit: Callable[[Value, int, int, Dilations], Value],
    kind: str,
    blocks: Any,
    output_stride: int,
    classes: int,
) -> Value:
    """A whole ImageNet network: stem, groups and classifier."""
    x = backbone(stem(x, kind), groups_of(x, default, blocks), unit, output_stride, reached_by(kind))
    return classifier(x, classes)


def resnet_cifar(
    x: Value, blocks: int = 3, bottlenecks: bool = False, shortcut: str = "padding", classes: int = 10
) -> Value:
    def unit(x: Value, width: int, stride: int) -> Value:
        return (bottleneck if bottlenecks else basic)(x, width, stride, shortcut)

    x = row("conv1", x, Conv(16, 3, padding=1, bias=False), BatchNorm(), ReLU())
    return classifier(stages(x, [blocks] * 3, unit, 16), classes)


def _cifar(depth: int, **settings: object) -> Variant:
    """6n + 2 layers in basic blocks, 9n + 2 in bottlenecks."""
    narrow = depth in CIFAR_BOTTLENECK
    option = "option B" if settings else "option A"
    blocks = (depth - 2) // (9 if narrow else 6)
    more = {"bottlenecks": True} if narrow else {}
    return Variant(f"CIFAR, n = {blocks}, {option}", (3, 32, 32), {"blocks": blocks, **more, **settings})


def layers_cifar(layers: int) -> dict[str, Any]:
    """The blocks of a CIFAR network of so many layers: basic ones (6n + 2) if possible, else bottlenecks (9n + 2)."""
    for each, more in ((6, {}), (9, {"bottlenecks": True})):
        if layers > 2 and (layers - 2) % each == 0:
            return {"blocks": (layers - 2) // each, **more}
    said = f"a network for CIFAR has 6n + 2 layers in basic blocks or 9n + 2 in bottlenecks, not {layers}"
    near = [6 * ((layers - 2) // 6 + up) + 2 for up in (0, 1)]
    raise ArchcalcError(f"{said} (near: {', '.join(map(str, [each for each in near if each > 2]))})", about="name")


def pytorchcv(depth: int, **differs: str) -> Reference:
    """Pytorchcv's CIFAR network, with option B; depths that it has no name for come from its builder."""
    if depth in (32, 44):
        options = {"num_classes": 10, "blocks": depth, "bottleneck": False}
        return Reference("pytorchcv", "resnet_cifar.get_resnet_cifar", options, differs=differs)
    model = f"resnet{depth}bn_cifar10" if depth in (164, 272, 542) else f"resnet{depth}_cifar10"
    return Reference("pytorchcv", model, differs=differs)


PROJECTS = "pytorchcv projects where option A takes every second position and pads with zero channels"
OPTION_A = dict.fromkeys(("identity_conv", "subsample", "pad"), PROJECTS)


TITLE, AUTHORS, SOURCE = "Deep Residual Learning for Image Recognition", "He, Zhang, Ren & Sun", "arXiv:1512.03385"
IMAGENET = (3, 224, 224)
V1 = (50, 101, 152, 200)
CIFAR_BOTTLENECK = (164, 272, 542, 1001)
CIFAR_DEPTHS = (20, 32, 44, 56, 110, 164, 1001, 1202)
SHORTCUT = (
    "what joins blocks whose shapes differ: projection, a 1x1 convolution; padding, zero channels; "
    "none leaves out all shortcuts, also between equal shapes"
)
SHORTCUTS = Choice(("projection", "padding", "none"), SHORTCUT)
JOINING = Choice(
    ("projection", "padding"), "what joins blocks whose shapes differ: a 1x1 convolution, or zero channels"
)
DILATING = "stride from which on groups dilate instead of halving the size"
BACKBONE = {
    "stem": Choice(("7x7", "3x3", "deep"), "first layers: 7x7 and pool, one 3x3 without stride, or three 3x3 and pool"),
    "blocks": Other("blocks of each group, such as 3,4,6,3, instead of those of the depth", literal=True),
    "output_stride": Choice((32, 16, 8), DILATING),
}
IMAGENET_HYPERPARAMETERS = {
    "depth": Choice(tuple(TABLE), "weight layers"),
    "stride_first": Switch("stride in the first 1x1 convolution of a bottleneck, not in the 3x3"),
    "shortcut": SHORTCUTS,
    **BACKBONE,
    "classes": CLASSES,
}
CIFAR_HYPERPARAMETERS = {
    "blocks": Whole(1, 1000, "blocks in each of the three groups"),
    "bottlenecks": Switch("bottleneck blocks instead of basic ones"),
    "shortcut": Choice(("padding", "projection", "none"), SHORTCUT),
    "classes": CLASSES,
}

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2015,
        source=SOURCE,
        documents=("000", "001", "002", "003", "004"),
        build=resnet,
        hyperparameters=IMAGENET_HYPERPARAMETERS,
        variants={
            **{f"resnet{n}": Variant("basic blocks", IMAGENET, {"depth": n}) for n in BASIC},
            **{f"resnet{n}": Variant("stride in 3x3 (v1.5)", IMAGENET, {"depth": n}) for n in BOTTLENECK},
            **{
                f"resnet{n}_v1": Variant("stride in 1x1 (paper)", IMAGENET, {"depth": n, "stride_first": True})
                for n in V1
            },
        },
        references={
            **{f"resnet{n}": Reference("torchvision", f"resnet{n}") for n in (18, 34, 50, 101, 152)},
            **{f"resnet{n}": Reference("pytorchcv", f"resnet{n}") for n in (10, 12, 14, 16)},
            **{f"resnet{n}": Reference("timm", f"resnet{n}") for n in (26, 200)},
            **{f"resnet{n}_v1": Reference("pytorchcv", f"resnet{n}") for n in V1},
        },
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2015,
        source=SOURCE,
        documents=("000", "004"),
        build=resnet_cifar,
        hyperparameters=CIFAR_HYPERPARAMETERS,
        variants={
            **{f"resnet{n}_cifar": _cifar(n) for n in CIFAR_DEPTHS},
            **{f"resnet{n}_cifar_projection": _cifar(n, shortcut="projection") for n in (*CIFAR_DEPTHS, 272, 542)},
        },
        patterns={
            "resnet{layers}_cifar": Variant("CIFAR, layers by name, option A", (3, 32, 32)),
            "resnet{layers}_cifar_projection": Variant(
                "CIFAR, layers by name, option B", (3, 32, 32), {"shortcut": "projection"}
            ),
        },
        layers=layers_cifar,
        aliases={f"resnet{n}": f"resnet{n}_cifar" for n in CIFAR_DEPTHS},
        references={
            **{f"resnet{n}_cifar_projection": pytorchcv(n) for n in (*CIFAR_DEPTHS, 272, 542)},
            **{f"resnet{n}_cifar": pytorchcv(n, **OPTION_A) for n in CIFAR_DEPTHS},
        },
    ),
)
