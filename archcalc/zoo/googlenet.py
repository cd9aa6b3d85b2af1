"""GoogLeNet: Szegedy et al., "Going Deeper with Convolutions", arXiv:1409.4842.

Table 1: a stem of three convolutions, nine inception modules, one linear layer; two auxiliary heads on 4a and 4d
(section 5) with `aux`. No batch normalisation, real 5x5 branches, convolutions with biases, pooling that rounds up
(Caffe). Table 1's "params" of conv1, 2.7K, cannot be 7*7*3*64 = 9,408 weights.

`googlenet_torchvision` is torchvision's network: batch norm instead of biases, 3x3 where the paper has 5x5, a 2x2 pool
before 5a, an adaptive pool before its auxiliary heads, no local response normalisation. Its published parameter count
includes the auxiliary heads.
"""

from archcalc.graph import Op, Switch, Value, block, row
from archcalc.ops.combine import Concat
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm, LocalResponseNorm
from archcalc.ops.pointwise import Dropout, ReLU
from archcalc.ops.pool import AdaptiveAvgPool, AvgPool, GlobalAvgPool, MaxPool
from archcalc.zoo import AUX, CLASSES, Family, Reference, Variant

#        1x1  3x3red 3x3  5x5red 5x5 pool proj
TABLE = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def conv(label: str, x: Value, channels: int, kernel: int, batch_norm: bool, stride: int = 1) -> Value:
    """A convolution that keeps the size (at stride 1) and its activation."""
    layer = Conv(channels, kernel, stride, kernel // 2, bias=not batch_norm)
    norm = (BatchNorm(),) if batch_norm else ()
    return row(label, x, layer, *norm, ReLU())


def inception(x: Value, widths: tuple[int, ...], torchvision: bool = False) -> Value:
    """The inception module with dimension reductions, Figure 2(b)."""
    one, reduce3, three, reduce5, five, projection = widths
    a = conv("1x1", x, one, 1, torchvision)
    b = conv("3x3_reduce", x, reduce3, 1, torchvision)
    b = conv("3x3", b, three, 3, torchvision)
    c = conv("5x5_reduce", x, reduce5, 1, torchvision)
    c = conv("5x5", c, five, 3 if torchvision else 5, torchvision)
    d = row("pool", x, MaxPool(3, 1, 1, ceil=torchvision))
    d = conv("pool_proj", d, projection, 1, torchvision)
    return row("concat", (a, b, c, d), Concat())


def auxiliary(x: Value, classes: int, torchvision: bool) -> Value:
    """An auxiliary classifier: average pool, 1x1 convolution, two linear layers."""
    pool: Op = AdaptiveAvgPool(4) if torchvision else AvgPool(5, 3, ceil=True)
    x = row("pool", x, pool)
    x = conv("conv", x, 128, 1, torchvision)
    x = row("fc1", x, Flatten(), Linear(1024), ReLU(), Dropout(0.7))
    return row("fc2", x, Linear(classes))


def googlenet(x: Value, aux: bool = False, torchvision: bool = False, classes: int = 1000) -> Value | tuple[Value, ...]:
    norm = () if torchvision else (LocalResponseNorm(5),)
    x = conv("conv1", x, 64, 7, torchvision, stride=2)
    x = row("pool1", x, MaxPool(3, 2, ceil=True), *norm)
    x = conv("conv2_reduce", x, 64, 1, torchvision)
    x = conv("conv2", x, 192, 3, torchvision)
    x = row("pool2", x, *norm, MaxPool(3, 2, ceil=True))
    heads: list[Value] = []
    for module, widths in TABLE.items():
        x = block(f"inception{module}", inception, x, widths, torchvision)
        if aux and module in ("4a", "4d"):
            heads.append(block(f"aux{len(heads) + 1}", auxiliary, x, classes, torchvision))
        if module == "3b":
            x = row("pool3", x, MaxPool(3, 2, ceil=True))
        if module == "4e":
            x = row("pool4", x, MaxPool(2, 2, ceil=True) if torchvision else MaxPool(3, 2, ceil=True))
    x = row("avgpool", x, GlobalAvgPool())
    x = row("fc", x, Flatten(), Dropout(0.2 if torchvision else 0.4), Linear(classes))
    return (x, *heads)


INPUT = (3, 224, 224)

FAMILIES = (
    Family(
        title="Going Deeper with Convolutions",
        authors="Szegedy et al.",
        year=2014,
        source="arXiv:1409.4842",
        documents=("000", "001", "003", "004"),
        build=googlenet,
        hyperparameters={
            "aux": AUX,
            "torchvision": Switch("torchvision's network instead of the paper's"),
            "classes": CLASSES,
        },
        variants={
            "googlenet": Variant("Table 1", INPUT),
            "googlenet_with_aux": Variant("with auxiliary heads", INPUT, {"aux": True}),
            "googlenet_torchvision": Variant("torchvision, batch norm", INPUT, {"torchvision": True}),
        },
        references={
            "googlenet": Reference("account", "googlenet"),
            "googlenet_with_aux": Reference("account", "googlenet_with_aux"),
            "googlenet_torchvision": Reference("torchvision", "googlenet", {"aux_logits": False}),
        },
    ),
)
