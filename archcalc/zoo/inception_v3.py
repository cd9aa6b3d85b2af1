"""Inception v3: Szegedy, Vanhoucke, Ioffe, Shlens & Wojna, "Rethinking the Inception Architecture for Computer Vision",
arXiv:1512.00567.

Layer by layer as in the authors' TensorFlow code (TF-Slim) and torchvision, whose labels are used. The released network
is not quite the one in the paper's table: its stem has a 1x1 convolution to 80 channels and a second max pool where the
table has 3x3 convolutions of stride 1 and 2, and its modules on the 35x35 maps have a 5x5 convolution where Figure 5
has a 3x3. The stem and the layers of stride 2 pad nothing.

Parameters: batch norm with scale and shift, as in torchvision and timm; TF-Slim's has no scale, which makes the figures
printed for it smaller by one value for each normalised channel. The auxiliary head, with `aux`, hangs on the last 17x17
map; torchvision's count of 27,161,264 includes it, its mult-adds do not. The paper's abstract says 5 billion
multiply-adds and less than 25 million parameters; these layers have 5.71 billion and 23.8 million.
"""

from archcalc.graph import Op, Value, block, row
from archcalc.ops.combine import Concat
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.pointwise import Dropout
from archcalc.ops.pool import AvgPool, GlobalAvgPool, MaxPool
from archcalc.ops.sliding import PerAxis
from archcalc.zoo import AUX, CLASSES, Family, Reference, Variant
from archcalc.zoo._blocks import conv_norm

Layer = tuple[int, PerAxis] | tuple[int, PerAxis, int]
"""Channels and kernel of a convolution that keeps the size; with a stride, of one that pads nothing."""

# the modules: what sets each apart
TABLE_A = {"Mixed_5b": 32, "Mixed_5c": 64, "Mixed_5d": 64}  # channels after the pool
TABLE_C = {"Mixed_6b": 128, "Mixed_6c": 160, "Mixed_6d": 160, "Mixed_6e": 192}  # channels of the 7-wide convolutions
TABLE_E = ("Mixed_7b", "Mixed_7c")


def tower(label: str, x: Value, *layers: Layer) -> Value:
    """Convolutions one after another, with batch norm and ReLU, numbered if there are several."""
    for number, (channels, kernel, *strides) in enumerate(layers, 1):
        name = f"{label}_{number}" if len(layers) > 1 else label
        x = conv_norm(name, x, channels, kernel, *strides, padding=0 if strides else None)
    return x


def pool_tower(x: Value, channels: int, pool: Op | None = None) -> Value:
    """A 3x3 pool that keeps the size, the mean by default, and a 1x1 convolution."""
    return conv_norm("branch_pool", row("pool", x, pool or AvgPool(3, 1, 1)), channels, 1)


def join(*branches: Value) -> Value:
    return row("concat", branches, Concat())


def inception_a(x: Value, pooled: int, kernel: int = 5) -> Value:
    """Figure 5, with a 5x5 convolution in place of the lone 3x3."""
    name = f"branch{kernel}x{kernel}"
    return join(
        tower("branch1x1", x, (64, 1)),
        tower(name, x, (48, 1), (64, kernel)),
        tower("branch3x3dbl", x, (64, 1), (96, 3), (96, 3)),
        pool_tower(x, pooled),
    )


def reduction_a(x: Value, narrow: int = 64, middle: int = 96, last: int = 96, alone: int = 384) -> Value:
    """Figure 10: half the size, by convolutions of stride 2 beside a max pool."""
    return join(
        tower("branch3x3", x, (alone, 3, 2)),
        tower("branch3x3dbl", x, (narrow, 1), (middle, 3), (last, 3, 2)),
        row("pool", x, MaxPool(3, 2)),
    )


def inception_c(x: Value, width: int) -> Value:
    """Figure 6 with n = 7: 7x7 convolutions as 1x7 and 7x1."""
    return join(
        tower("branch1x1", x, (192, 1)),
        tower("branch7x7", x, (width, 1), (width, (1, 7)), (192, (7, 1))),
        tower("branch7x7dbl", x, (width, 1), (width, (7, 1)), (width, (1, 7)), (width, (7, 1)), (192, (1, 7))),
        pool_tower(x, 192),
    )


def reduction_b(x: Value) -> Value:
    return join(
        tower("branch3x3", x, (192, 1), (320, 3, 2)),
        tower("branch7x7x3", x, (192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3, 2)),
        row("pool", x, MaxPool(3, 2)),
    )


def fork(label: str, x: Value, channels: int) -> tuple[Value, Value]:
    """A 1x3 and a 3x1 convolution side by side."""
    return conv_norm(f"{label}a", x, channels, (1, 3)), conv_norm(f"{label}b", x, channels, (3, 1))


def inception_e(x: Value) -> Value:
    """Figure 7: expanded filter banks, 1x3 and 3x1 side by side."""
    return join(
        tower("branch1x1", x, (320, 1)),
        *fork("branch3x3_2", tower("branch3x3_1", x, (384, 1)), 384),
        *fork("branch3x3dbl_3", tower("branch3x3dbl", x, (448, 1), (384, 3)), 384),
        pool_tower(x, 192),
    )


def auxiliary(x: Value, classes: int) -> Value:
    x = row("pool", x, AvgPool(5, 3))
    x = tower("conv0", x, (128, 1))
    x = tower("conv1", x, (768, 5, 1))
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Linear(classes))


def stem(x: Value) -> Value:
    x = tower("Conv2d_1a_3x3", x, (32, 3, 2))
    x = tower("Conv2d_2a_3x3", x, (32, 3, 1))
    x = tower("Conv2d_2b_3x3", x, (64, 3))
    x = row("maxpool1", x, MaxPool(3, 2))
    x = tower("Conv2d_3b_1x1", x, (80, 1))
    return tower("Conv2d_4a_3x3", x, (192, 3, 1))


def inception_v3(x: Value, aux: bool = False, classes: int = 1000) -> Value | tuple[Value, ...]:
    x = row("maxpool2", stem(x), MaxPool(3, 2))
    for label, pooled in TABLE_A.items():
        x = block(label, inception_a, x, pooled)
    x = block("Mixed_6a", reduction_a, x)
    for label, width in TABLE_C.items():
        x = block(label, inception_c, x, width)
    heads = [block("AuxLogits", auxiliary, x, classes)] if aux else []
    x = block("Mixed_7a", reduction_b, x)
    for label in TABLE_E:
        x = block(label, inception_e, x)
    x = row("avgpool", x, GlobalAvgPool())
    x = row("fc", x, Dropout(), Flatten(), Linear(classes))
    return (x, *heads)


INPUT = (3, 299, 299)
TITLE = "Rethinking the Inception Architecture for Computer Vision"
AUTHORS = "Szegedy et al."
SOURCE = "arXiv:1512.00567"

FAMILIES = (
    Family(
        title=TITLE,
        authors=AUTHORS,
        year=2015,
        source=SOURCE,
        documents=("000", "003"),
        build=inception_v3,
        hyperparameters={"aux": AUX, "classes": CLASSES},
        variants={
            "inception_v3": Variant("torchvision, TF-Slim", INPUT),
            "inception_v3_with_aux": Variant("with the auxiliary head", INPUT, {"aux": True}),
        },
        references={
            "inception_v3": Reference("torchvision", "inception_v3", {"aux_logits": False}),
            "inception_v3_with_aux": Reference("timm", "inception_v3", {"aux_logits": True}),
        },
    ),
)
