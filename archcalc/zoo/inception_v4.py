"""Inception-v4: Szegedy, Ioffe, Vanhoucke & Alemi, "Inception-v4, Inception-ResNet and the Impact of Residual
Connections on Learning", arXiv:1602.07261.

A stem with three joins, then 4 x Inception-A, Reduction-A (k = 192, l = 224, m = 256, n = 384), 7 x Inception-B,
Reduction-B, 3 x Inception-C. The stem has convolutions without padding, marked "V" in the paper, and all layers of
stride 2 pad nothing. Widths and the order of 1x7 and 7x1 as in the authors' TensorFlow code (TF-Slim), timm and
pytorchcv. TF-Slim's auxiliary head, which the paper does not have, is left out.

Parameters: batch norm with scale and shift, as in timm; TF-Slim's has no scale, which makes the figures printed for it
smaller by one value for each normalised channel (Open Model Zoo: 42.648 million).
"""

from archcalc.graph import Value, Whole, block, row
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pointwise import Dropout
from archcalc.ops.pool import AvgPool, GlobalAvgPool, MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant
from archcalc.zoo.inception_v3 import fork, join, pool_tower, reduction_a, tower


def stem(x: Value, tall_first: bool = False) -> Value:
    """Figure 3; PolyNet's has the 7x1 before the 1x7."""
    first, second = ((7, 1), (1, 7)) if tall_first else ((1, 7), (7, 1))
    x = tower("conv1", x, (32, 3, 2))
    x = tower("conv2", x, (32, 3, 1))
    x = tower("conv3", x, (64, 3))
    x = block("mixed_3a", beside_pool, x, 96)
    return block("mixed_5a", beside_pool, block("mixed_4a", forked, x, first, second), 192)


def beside_pool(x: Value, channels: int) -> Value:
    """Half the size: a max pool and a convolution of stride 2."""
    return join(row("pool", x, MaxPool(3, 2)), tower("branch3x3", x, (channels, 3, 2)))


def forked(x: Value, first: tuple[int, int], second: tuple[int, int]) -> Value:
    return join(
        tower("branch3x3", x, (64, 1), (96, 3, 1)),
        tower("branch7x7", x, (64, 1), (64, first), (64, second), (96, 3, 1)),
    )


def mean_tower(x: Value, channels: int) -> Value:
    """A 3x3 mean that leaves the padding out, and a 1x1 convolution."""
    return pool_tower(x, channels, AvgPool(3, 1, 1, count_include_pad=False))


def inception_a(x: Value) -> Value:
    """Figure 4."""
    return join(
        tower("branch1x1", x, (96, 1)),
        tower("branch3x3", x, (64, 1), (96, 3)),
        tower("branch3x3dbl", x, (64, 1), (96, 3), (96, 3)),
        mean_tower(x, 96),
    )


def inception_b(x: Value) -> Value:
    """Figure 5."""
    return join(
        tower("branch1x1", x, (384, 1)),
        tower("branch7x7", x, (192, 1), (224, (1, 7)), (256, (7, 1))),
        tower("branch7x7dbl", x, (192, 1), (192, (7, 1)), (224, (1, 7)), (224, (7, 1)), (256, (1, 7))),
        mean_tower(x, 128),
    )


def reduction_b(x: Value) -> Value:
    """Figure 8."""
    return join(
        tower("branch3x3", x, (192, 1), (192, 3, 2)),
        tower("branch7x7x3", x, (256, 1), (256, (1, 7)), (320, (7, 1)), (320, 3, 2)),
        row("pool", x, MaxPool(3, 2)),
    )


def inception_c(x: Value) -> Value:
    """Figure 6."""
    return join(
        tower("branch1x1", x, (256, 1)),
        *fork("branch3x3_2", tower("branch3x3_1", x, (384, 1)), 256),
        *fork("branch3x3dbl_4", tower("branch3x3dbl", x, (384, 1), (448, (3, 1)), (512, (1, 3))), 256),
        mean_tower(x, 256),
    )


def inception_v4(x: Value, a: int = 4, b: int = 7, c: int = 3, classes: int = 1000) -> Value:
    x = block("stem", stem, x)
    for number in range(a):
        x = block(f"inception_a.{number}", inception_a, x)
    x = block("reduction_a", reduction_a, x, 192, 224, 256)
    for number in range(b):
        x = block(f"inception_b.{number}", inception_b, x)
    x = block("reduction_b", reduction_b, x)
    for number in range(c):
        x = block(f"inception_c.{number}", inception_c, x)
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Dropout(0.2), Flatten(), Linear(classes))


TITLE = "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning"
AUTHORS = "Szegedy et al."
SOURCE = "arXiv:1602.07261"
BLOCKS = {each: Whole(0, 1000, f"modules of type {each.upper()}") for each in ("a", "b", "c")}

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2016,
        source=SOURCE,
        documents=("002", "003", "004"),
        build=inception_v4,
        hyperparameters={**BLOCKS, "classes": CLASSES},
        variants={"inception_v4": Variant("as the paper draws it", (3, 299, 299))},
        references={"inception_v4": Reference("timm", "inception_v4")},
    ),
)
