"""Inception-ResNet v1 and v2: Szegedy, Ioffe, Vanhoucke & Alemi, "Inception-v4, Inception-ResNet and the Impact of
Residual Connections on Learning", arXiv:1602.07261.

Inception modules whose joined branches go through a 1x1 convolution with bias and without batch norm, times a constant
(residual scaling: 0.17, 0.10 and 0.20 in the authors' code), onto the input of the module. Layers of stride 2 pad
nothing.

Version 1, as the paper draws it: 5, 10 and 5 modules on 256, 896 and 1792 channels, the plain stem of Inception v3 with
a convolution of stride 2 in place of its last pool. `inception_resnet_v1_facenet` is the network of the FaceNet port
and of pytorchcv: a sixth module C without scaling and activation, and a linear layer to 512 features with batch norm
before the classifier.

Version 2 is the authors' released network (TF-Slim, timm, pytorchcv, Keras). It is not the one of the figures: those
have the stem of Inception-v4, 5, 10 and 5 modules and contradictory widths (1154 channels join 1152, and 2048 join
2144 or more), while the code has the stem of Inception v3 and one more module (Mixed_5b), 10, 20 and 10 modules on 320,
1088 and 2080 channels, the last one without scaling and activation, and a 1x1 convolution to 1536 channels.

Parameters: batch norm with scale and shift, as in timm; TF-Slim's and Keras's has no scale.
"""

from archcalc.graph import Switch, Value, block, row
from archcalc.ops.combine import Add
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import Dropout, ReLU, Scale
from archcalc.ops.pool import GlobalAvgPool, MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant
from archcalc.zoo.inception_v3 import join, reduction_a, stem, tower
from archcalc.zoo.inception_v4 import AUTHORS, BLOCKS, SOURCE, TITLE, mean_tower

Kernels = tuple[tuple[int, int], tuple[int, int]]
SEVEN: Kernels = ((1, 7), (7, 1))
THREE: Kernels = ((1, 3), (3, 1))

#     A: the double 3x3   B: 1x1, then 1x7, 7x1   C: 1x1, then 1x3, 3x1
TABLE = {
    1: ((32, 32, 32), (128, 128, 128, 128), (192, 192, 192, 192)),
    2: ((32, 48, 64), (192, 128, 160, 192), (192, 192, 224, 256)),
}
#     Reduction-A: k, l, m, n; Reduction-B: the last convolutions of its branches (384, two, three)
REDUCTIONS = {
    1: ((192, 192, 256, 384), (256, 256, 256)),
    2: ((256, 256, 384, 384), (288, 288, 320)),
}


def residual(x: Value, y: Value, scale: float, activate: bool = True) -> Value:
    """The joined branches `y` brought to the channels of `x`, scaled, and added to it."""
    scaling = (Scale(scale),) if scale != 1 else ()
    y = row("up", y, Conv(x.channels, 1), *scaling)
    return row("add", (x, y), Add(), *([ReLU()] if activate else []))


def module_a(x: Value, widths: tuple[int, ...]) -> Value:
    """Figures 10 and 16."""
    one = tower("branch1x1", x, (32, 1))
    three = tower("branch3x3", x, (32, 1), (32, 3))
    narrow, middle, wide = widths
    double = tower("branch3x3dbl", x, (narrow, 1), (middle, 3), (wide, 3))
    return residual(x, join(one, three, double), 0.17)


def module_bc(x: Value, widths: tuple[int, ...], kernels: Kernels, scale: float, activate: bool = True) -> Value:
    """Figures 11 and 17, and with shorter kernels 13 and 19."""
    one, *others = widths
    (narrow, middle, wide), (across, down) = others, kernels
    long = tower(f"branch{across[1]}x{across[1]}", x, (narrow, 1), (middle, across), (wide, down))
    return residual(x, join(tower("branch1x1", x, (one, 1)), long), scale, activate)


def reduction_b(x: Value, widths: tuple[int, int, int]) -> Value:
    """Figures 12 and 18."""
    two, middle, three = widths
    return join(
        tower("branch3x3a", x, (256, 1), (384, 3, 2)),
        tower("branch3x3b", x, (256, 1), (two, 3, 2)),
        tower("branch3x3dbl", x, (256, 1), (middle, 3), (three, 3, 2)),
        row("pool", x, MaxPool(3, 2)),
    )


def mixed_5b(x: Value) -> Value:
    return join(
        tower("branch1x1", x, (96, 1)),
        tower("branch5x5", x, (48, 1), (64, 5)),
        tower("branch3x3dbl", x, (64, 1), (96, 3), (96, 3)),
        mean_tower(x, 64),
    )


def body(x: Value, version: int, a: int, b: int, c: int, plain_last: bool) -> Value:
    """All modules; with `plain_last` the last one is neither scaled nor activated."""
    (widths_a, widths_b, widths_c), (halving_a, halving_b) = TABLE[version], REDUCTIONS[version]
    for number in range(a):
        x = block(f"inception_a.{number}", module_a, x, widths_a)
    x = block("reduction_a", reduction_a, x, *halving_a)
    for number in range(b):
        x = block(f"inception_b.{number}", module_bc, x, widths_b, SEVEN, 0.1)
    x = block("reduction_b", reduction_b, x, halving_b)
    for number in range(c):
        plain = plain_last and number == c - 1
        x = block(f"inception_c.{number}", module_bc, x, widths_c, THREE, 1.0 if plain else 0.2, not plain)
    return x


def inception_resnet_v1(
    x: Value, a: int = 5, b: int = 10, c: int = 5, facenet: bool = False, classes: int = 1000
) -> Value:
    x = block("stem", stem, x)
    x = tower("stem.Conv2d_4b_3x3", x, (256, 3, 2))
    x = body(x, 1, a, b, c, facenet)
    x = row("avgpool", x, GlobalAvgPool())
    if facenet:
        x = row("features", x, Flatten(), Dropout(0.6), Linear(512, bias=False), BatchNorm())
        return row("fc", x, Linear(classes))
    return row("fc", x, Flatten(), Dropout(0.2), Linear(classes))


def inception_resnet_v2(x: Value, a: int = 10, b: int = 20, c: int = 10, classes: int = 1000) -> Value:
    x = block("stem", stem, x)
    x = row("stem.maxpool2", x, MaxPool(3, 2))
    x = block("stem.Mixed_5b", mixed_5b, x)
    x = body(x, 2, a, b, c, plain_last=True)
    x = tower("Conv2d_7b_1x1", x, (1536, 1))
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Dropout(0.2), Linear(classes))


INPUT = (3, 299, 299)
FACENET = "FaceNet's ending: the last module C plain, and 512 features with batch norm before the classifier"

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("002", "003"),
        build=inception_resnet_v1,
        hyperparameters={**BLOCKS, "facenet": Switch(FACENET), "classes": CLASSES},
        variants={
            "inception_resnet_v1": Variant("as the paper draws it", INPUT),
            "inception_resnet_v1_facenet": Variant("FaceNet, 512 features", INPUT, {"c": 6, "facenet": True}),
        },
        references={
            "inception_resnet_v1": Reference("pytorchcv", "inceptionresnetv1", settings={"c": 6, "facenet": True}),
            "inception_resnet_v1_facenet": Reference("pytorchcv", "inceptionresnetv1"),
        },
    ),
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("002", "003"),
        build=inception_resnet_v2,
        hyperparameters={**BLOCKS, "classes": CLASSES},
        variants={"inception_resnet_v2": Variant("released network", INPUT)},
        references={"inception_resnet_v2": Reference("timm", "inception_resnet_v2")},
    ),
)
