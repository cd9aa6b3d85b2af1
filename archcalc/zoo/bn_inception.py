"""BN-Inception (Inception v2): Ioffe & Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing
Internal Covariate Shift", arXiv:1502.03167.

The table in the appendix of the paper: GoogLeNet with 5x5 convolutions as two 3x3, a third module on the 28x28 maps,
batch norm instead of biases, and modules of stride 2 (3c, 4e) that pass their input on through a max pool. Max pools of
stride 2 round up, as in the Caffe model; 3c and 4e need an even size.

Sources disagree. The table prints 128 channels after the pools of 4c and 4d and an output of 576 channels; the filters
add up to 608. MXNet, Caffe and pytorchcv take the filters as printed, and so does `bn_inception`; TF-Slim takes 96
channels, which gives 576. The text has a separable first convolution with depth multiplier 8, the table a plain 7x7.
The text's 13.6 million parameters are out of reach of the table, whose network has 11.3 million.

`bn_inception_pytorchcv` has the 10,016 convolution biases, useless beside batch norm, that the ported Caffe weights
keep. `bn_inception_slim` is TF-Slim's network: separable first convolution (7x7 on each colour to 8 channels, then
1x1 to 64) with biases, as TF-Slim sets batch norm for ordinary convolutions only; 96 channels after the pools of 4c and
4d; TensorFlow's "SAME" padding, whose zeros no average counts. With 9,888 scales fewer, which TF-Slim's batch norm
lacks, and the running statistics it has the 10,173,112 values that TF-Slim's own test counts before the classifier.
"""

from archcalc.algebra.dims import equal
from archcalc.graph import Op, Switch, Value, Whole, block, row
from archcalc.ops.combine import Concat
from archcalc.ops.conv import Conv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear
from archcalc.ops.norm import BatchNorm
from archcalc.ops.pointwise import ReLU
from archcalc.ops.pool import AvgPool, GlobalAvgPool, MaxPool
from archcalc.zoo import CLASSES, Family, Reference, Variant, resnet

#        1x1  3x3red 3x3 d3x3red d3x3 pool proj; no layer where 0; 4c and 4d: hyperparameter `pooled` after the pool
TABLE = {
    "3a": (64, 64, 64, 64, 96, 32),
    "3b": (64, 64, 96, 64, 96, 64),
    "3c": (0, 128, 160, 64, 96, 0),
    "4a": (224, 64, 96, 96, 128, 128),
    "4b": (192, 96, 128, 96, 128, 128),
    "4c": (160, 128, 160, 128, 160, 128),
    "4d": (96, 128, 192, 160, 192, 128),
    "4e": (0, 128, 192, 192, 256, 0),
    "5a": (352, 192, 320, 160, 224, 128),
    "5b": (352, 192, 320, 192, 224, 128),
}


def conv(label: str, x: Value, channels: int, kernel: int, bias: bool, slim: bool, stride: int = 1) -> Value:
    """A convolution that keeps the size at stride 1, batch norm and ReLU."""
    layer = Conv(channels, kernel, stride, "same" if slim else kernel // 2, bias=bias)
    return row(label, x, layer, BatchNorm(), ReLU())


def shrink(label: str, x: Value, slim: bool) -> Value:
    return row(label, x, MaxPool(3, 2, "same") if slim else MaxPool(3, 2, ceil=True))


def inception(
    x: Value, widths: tuple[int, ...], pool: Op, bias: bool, slim: bool, gate: resnet.Gate | None = None
) -> Value:
    """A module with 1x1, 3x3, double 3x3 and pool branches; of stride 2, without the 1x1s, where a width is 0."""
    one, reduce, three, double_reduce, double, projection = widths
    without = equal(one, 0)
    stride = 2 if without else 1
    branches = [conv("1x1", x, one, 1, bias, slim)] if not without else []
    b = conv("3x3_reduce", x, reduce, 1, bias, slim)
    branches.append(conv("3x3", b, three, 3, bias, slim, stride))
    c = conv("double_3x3_reduce", x, double_reduce, 1, bias, slim)
    c = conv("double_3x3_1", c, double, 3, bias, slim)
    branches.append(conv("double_3x3_2", c, double, 3, bias, slim, stride))
    if equal(projection, 0):
        branches.append(shrink("pool", x, slim))
    else:
        branches.append(conv("pool_proj", row("pool", x, pool), projection, 1, bias, slim))
    y = row("concat", branches, Concat())
    return gate(y) if gate else y


def bn_inception(
    x: Value,
    bias: bool = False,
    slim: bool = False,
    pooled: int = 128,
    classes: int = 1000,
    *,
    gate: resnet.Gate | None = None,
) -> Value:
    """The network; SE-BN-Inception has a `gate` after every module."""
    if slim:
        x = row("conv1_dw", x, Conv(8 * x.channels, 7, 2, "same", groups=x.channels, bias=bias))
        x = row("conv1_pw", x, Conv(64, 1), ReLU())
    else:
        x = conv("conv1", x, 64, 7, bias, slim, stride=2)
    x = shrink("pool1", x, slim)
    x = conv("conv2_reduce", x, 64, 1, bias, slim)
    x = conv("conv2", x, 192, 3, bias, slim)
    x = shrink("pool2", x, slim)
    for module, widths in TABLE.items():
        pool = MaxPool(3, 1, 1) if module == "5b" else AvgPool(3, 1, 1, count_include_pad=not slim)
        projection = pooled if module in ("4c", "4d") else widths[-1]
        x = block(f"inception{module}", inception, x, (*widths[:-1], projection), pool, bias, slim, gate)
    x = row("avgpool", x, GlobalAvgPool())
    return row("fc", x, Flatten(), Linear(classes))


INPUT = (3, 224, 224)
ODD = (3, 225, 256)  # 28x32 and 14x16 positions before 3c and 4e

FAMILIES = (
    Family(
        title="Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
        authors="Ioffe & Szegedy",
        year=2015,
        source="arXiv:1502.03167",
        documents=("002", "003"),
        build=bn_inception,
        hyperparameters={
            "bias": Switch("convolution biases beside batch norm, as in the ported Caffe weights"),
            "slim": Switch("TF-Slim's separable first convolution and SAME padding"),
            "pooled": Whole(1, 1_000_000, "channels after the pools of 4c and 4d"),
            "classes": CLASSES,
        },
        variants={
            "bn_inception": Variant("plain 7x7 stem", INPUT),
            "bn_inception_pytorchcv": Variant("with conv biases (Caffe)", INPUT, {"bias": True}),
            "bn_inception_slim": Variant("TF-Slim, separable stem", INPUT, {"slim": True, "pooled": 96}),
        },
        references={
            "bn_inception": Reference("pytorchcv", "bninception", settings={"bias": True}, size=ODD),
            "bn_inception_pytorchcv": Reference("pytorchcv", "bninception", size=ODD),
            "bn_inception_slim": Reference(
                "account", "bn_inception_slim", size=(3, 193, 222), differs={"scale": "TF-Slim's batch norm has none"}
            ),
        },
    ),
)
