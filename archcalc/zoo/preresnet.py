"""Pre-activation ResNet: He, Zhang, Ren & Sun, "Identity Mappings in Deep Residual Networks", arXiv:1603.05027.

The full pre-activation unit of Figure 4(e): batch norm and ReLU before every convolution, and once more before the
final pool. Where the shape changes, the projection takes the same normalised values as the first convolution, and it
has no batch norm of its own (the authors' Torch code).

A bare bottleneck name (`preresnet50`) has its stride in the 3x3 convolution, as fb.resnet.torch and timm's
`resnetv2_50` do; `_v1` has it in the first 1x1, as the authors' code for CIFAR does.

CIFAR networks have 6n + 2 layers in basic blocks (20, 56, 110) or 9n + 2 in bottlenecks (164, 272, 542, 1001), no batch
norm after the first convolution, and 1x1 projections. The authors' code has only the bottleneck nets, of 164 and 1001
layers; fb.resnet.torch joins the basic blocks of 110 by zero channels instead. The 10.2M printed for 1001 layers count
convolutions and the classifier: with batch norm there are 10.33M.

ImageNet networks: the groups of ResNet, and 3, 24, 36, 3 blocks for 200 layers. The stem normalises what the first unit
normalises once more, as in pytorchcv; timm's has no batch norm and ReLU in the stem (`_timm`, 128 parameters fewer),
fb.resnet.torch none before the first convolution of its first group.
"""

from typing import Any

from archcalc.algebra.dims import Dim, equal
from archcalc.graph import Choice, Switch, Value, Whole, row
from archcalc.ops.combine import Add
from archcalc.ops.conv import Conv
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU
from archcalc.zoo import CLASSES, Family, Reference, Variant, resnet

BASIC, BOTTLENECK = (18, 34), (50, 101, 152, 200)
#            blocks in layer1 to layer4
TABLE = {depth: resnet.TABLE[depth] for depth in (*BASIC, *BOTTLENECK)}


def preactivate(x: Value, label: str = "preact") -> Value:
    return row(label, x, BatchNorm(), ReLU())


def branch(x: Value, *convs: Conv) -> Value:
    """Convolutions of an activated `x`, with batch norm and ReLU between them."""
    y = row("conv1", x, convs[0])
    for number, conv in enumerate(convs[1:], 2):
        y = row(f"conv{number}", y, BatchNorm(), ReLU(), conv)
    return y


def project(x: Value, activated: Value, channels: Dim, stride: int, shortcut: str = "projection") -> Value:
    """The shortcut of `x`: itself, or where the shape changes a 1x1 convolution of its activated values, or padding."""
    if stride == 1 and equal(x.channels, channels):
        return x
    if shortcut == "padding":
        return resnet.pad(activated, channels, stride)
    return row("downsample", activated, Conv(channels, 1, stride, bias=False))


def basic_convs(width: int, stride: int, dilations: resnet.Dilations = (1, 1)) -> tuple[Conv, Conv]:
    first, second = dilations
    return Conv(width, 3, stride, first, first, bias=False), Conv(width, 3, 1, second, second, bias=False)


def bottleneck_convs(width: int, stride: int, stride_first: bool = False, dilation: int = 1) -> tuple[Conv, Conv, Conv]:
    first, second = (stride, 1) if stride_first else (1, stride)
    narrow = Conv(width, 1, first, bias=False)
    return narrow, Conv(width, 3, second, dilation, dilation, bias=False), Conv(4 * width, 1, bias=False)


def joined(x: Value, convs: tuple[Conv, ...], stride: int, shortcut: str) -> Value:
    """Convolutions of the activated values, and the sum with the shortcut unless there is `"none"`."""
    activated = preactivate(x)
    y = branch(activated, *convs)
    if shortcut == "none":
        return y
    return row("add", (y, project(x, activated, convs[-1].out, stride, shortcut)), Add())


def basic(
    x: Value, width: int, stride: int, shortcut: str = "projection", *, dilations: resnet.Dilations = (1, 1)
) -> Value:
    """Two 3x3 convolutions and a shortcut."""
    return joined(x, basic_convs(width, stride, dilations), stride, shortcut)


def bottleneck(
    x: Value,
    width: int,
    stride: int,
    stride_first: bool = False,
    shortcut: str = "projection",
    *,
    dilation: int = 1,
) -> Value:
    """1x1 to `width`, 3x3, 1x1 to four times `width`, and a shortcut."""
    return joined(x, bottleneck_convs(width, stride, stride_first, dilation), stride, shortcut)


def preresnet(
    x: Value,
    depth: int = 50,
    stride_first: bool = False,
    stem_norm: bool = True,
    shortcut: str = "projection",
    stem: str = "7x7",
    blocks: Any = None,
    output_stride: int = 32,
    classes: int = 1000,
) -> Value:
    def unit(x: Value, width: int, stride: int, dilations: resnet.Dilations) -> Value:
        if depth in BASIC:
            return basic(x, width, stride, shortcut, dilations=dilations)
        return bottleneck(x, width, stride, stride_first, shortcut, dilation=dilations[0])

    blocks = resnet.groups_of(x, TABLE[depth], blocks)
    x = resnet.stem(x, stem, norm=stem_norm)
    x = resnet.backbone(x, blocks, unit, output_stride, resnet.reached_by(stem))
    return resnet.classifier(preactivate(x, "norm"), classes)


def preresnet_cifar(
    x: Value,
    blocks: int = 18,
    bottlenecks: bool = False,
    stride_first: bool = False,
    shortcut: str = "projection",
    classes: int = 10,
) -> Value:
    def unit(x: Value, width: int, stride: int) -> Value:
        if bottlenecks:
            return bottleneck(x, width, stride, stride_first, shortcut)
        return basic(x, width, stride, shortcut)

    x = row("conv1", x, Conv(16, 3, padding=1, bias=False))
    x = resnet.stages(x, [blocks] * 3, unit, 16)
    return resnet.classifier(preactivate(x, "norm"), classes)


TITLE, AUTHORS, SOURCE = "Identity Mappings in Deep Residual Networks", "He, Zhang, Ren & Sun", "arXiv:1603.05027"
STRIDE_FIRST = Switch("stride in the first 1x1 convolution of a bottleneck, not in the 3x3")
IMAGENET, CIFAR = (3, 224, 224), (3, 32, 32)
V1 = {"stride_first": True}
BLOCKS_110 = {"blocks": 18}
#        blocks in each of the three groups, of pytorchcv's networks
LATER = {20: {"blocks": 3}, 56: {"blocks": 9}, **{n: {"blocks": n // 9, "bottlenecks": True} for n in (272, 542)}}
BLOCKS_164 = {"blocks": 18, "bottlenecks": True}
BLOCKS_1001 = {"blocks": 111, "bottlenecks": True}

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("002", "003", "004"),
        build=preresnet,
        hyperparameters={
            "depth": Choice(tuple(TABLE), "weight layers"),
            "stride_first": STRIDE_FIRST,
            "stem_norm": Switch("batch norm and ReLU before the first block, in the stem"),
            "shortcut": resnet.SHORTCUTS,
            **resnet.BACKBONE,
            "classes": CLASSES,
        },
        variants={
            **{f"preresnet{n}": Variant("basic blocks", IMAGENET, {"depth": n}) for n in BASIC},
            **{f"preresnet{n}": Variant("stride in 3x3", IMAGENET, {"depth": n}) for n in BOTTLENECK},
            **{f"preresnet{n}_v1": Variant("stride in 1x1", IMAGENET, {"depth": n, **V1}) for n in BOTTLENECK},
            **{
                f"preresnet{n}_timm": Variant("timm, plain stem", IMAGENET, {"depth": n, "stem_norm": False})
                for n in (50, 101)
            },
        },
        references={
            **{f"preresnet{n}": Reference("pytorchcv", f"preresnet{n}") for n in BASIC},
            **{f"preresnet{n}": Reference("pytorchcv", f"preresnet{n}b") for n in BOTTLENECK},
            **{f"preresnet{n}_v1": Reference("pytorchcv", f"preresnet{n}") for n in BOTTLENECK},
            **{f"preresnet{n}_timm": Reference("timm", f"resnetv2_{n}") for n in (50, 101)},
        },
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("002",),
        build=preresnet_cifar,
        hyperparameters={
            "blocks": Whole(1, 1000, "blocks in each of the three groups"),
            "bottlenecks": Switch("bottleneck blocks instead of basic ones"),
            "stride_first": STRIDE_FIRST,
            "shortcut": resnet.SHORTCUTS,
            "classes": CLASSES,
        },
        variants={
            "preresnet110_cifar": Variant("CIFAR, n = 18", CIFAR, BLOCKS_110),
            "preresnet164_cifar": Variant("CIFAR, bottlenecks", CIFAR, BLOCKS_164),
            "preresnet164_cifar_v1": Variant("stride in 1x1 (authors)", CIFAR, BLOCKS_164 | V1),
            "preresnet1001_cifar": Variant("CIFAR, bottlenecks", CIFAR, BLOCKS_1001),
            "preresnet1001_cifar_v1": Variant("stride in 1x1 (authors)", CIFAR, BLOCKS_1001 | V1),
            **{f"preresnet{n}_cifar": Variant(f"CIFAR, n = {LATER[n]['blocks']}", CIFAR, LATER[n]) for n in LATER},
        },
        patterns={"preresnet{layers}_cifar": Variant("CIFAR, layers by name", CIFAR)},
        layers=resnet.layers_cifar,
        aliases={
            f"preresnet{n}{ending}": f"preresnet{n}_cifar"
            for n in (110, 164, 1001, *LATER)
            for ending in ("", "_cifar_projection")
        },
        references={
            "preresnet110_cifar": Reference("pytorchcv", "preresnet110_cifar10"),
            "preresnet164_cifar": Reference("pytorchcv", "preresnet164bn_cifar10"),
            "preresnet1001_cifar": Reference("pytorchcv", "preresnet1001_cifar10"),
            **{f"preresnet{n}_cifar": Reference("pytorchcv", f"preresnet{n}_cifar10") for n in (20, 56)},
            **{f"preresnet{n}_cifar": Reference("pytorchcv", f"preresnet{n}bn_cifar10") for n in (272, 542)},
            **{f"preresnet{n}_cifar_v1": Reference("account", f"preresnet{n}_cifar_v1") for n in (164, 1001)},
        },
    ),
)
