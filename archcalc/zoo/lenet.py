"""LeNet-5: LeCun, Bottou, Bengio & Haffner, "Gradient-Based Learning Applied to Document Recognition", Proc. IEEE 1998.

`lenet5` is the original: Figure 2, with the sparse connections of Table I in C3, trainable subsampling in S2 and S4,
and an output layer of fixed radial basis functions, which adds no parameters: 60,000 in all. `lenet5_dense` is the
usual rewrite: dense C3, average pooling, a linear output layer: 61,706. C5 is a convolution: on 32 px its output is
1x1. `lenet5_dense_28` takes the 28 px of MNIST: C1 pads by 2, where the paper puts the digits into fields of 32 px.

`lenet_caffe` is the LeNet of Caffe's MNIST example, another network: 20 and 50 maps, max pools, 500 hidden units and a
single ReLU.

Deviations: the scaling constants of the original tanh (A = 1.7159, S = 2/3) are not operations of their own here.
"""

from archcalc.graph import Switch, Value, Whole, row
from archcalc.ops.conv import Conv, TableConv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear, RadialBasis
from archcalc.ops.pointwise import ReLU, Tanh
from archcalc.ops.pool import AvgPool, MaxPool, Subsampling
from archcalc.zoo import CLASSES, Family, Reference, Variant

# Table I: the maps of S2 that each map of C3 sees
TABLE = (
    *[(i % 6, (i + 1) % 6, (i + 2) % 6) for i in range(6)],
    *[(i % 6, (i + 1) % 6, (i + 2) % 6, (i + 3) % 6) for i in range(6)],
    *[(0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)],
    (0, 1, 2, 3, 4, 5),
)


def lenet5(x: Value, dense: bool = False, padding: int = 0, classes: int = 10) -> Value:
    x = row("C1", x, Conv(6, 5, padding=padding), Tanh())
    x = row("S2", x, AvgPool(2, 2)) if dense else row("S2", x, Subsampling(2), Tanh())
    x = row("C3", x, Conv(16, 5) if dense else TableConv(TABLE, 5), Tanh())
    x = row("S4", x, AvgPool(2, 2)) if dense else row("S4", x, Subsampling(2), Tanh())
    x = row("C5", x, Conv(120, 5), Tanh())
    x = row("F6", x, Flatten(), Linear(84), Tanh())
    return row("output", x, Linear(classes) if dense else RadialBasis(classes))


def lenet_caffe(x: Value, classes: int = 10) -> Value:
    x = row("conv1", x, Conv(20, 5))
    x = row("pool1", x, MaxPool(2, 2, ceil=True))
    x = row("conv2", x, Conv(50, 5))
    x = row("pool2", x, MaxPool(2, 2, ceil=True))
    x = row("ip1", x, Flatten(), Linear(500), ReLU())
    return row("ip2", x, Linear(classes))


FAMILIES = (
    Family(
        title="Gradient-Based Learning Applied to Document Recognition",
        authors="LeCun, Bottou, Bengio & Haffner",
        year=1998,
        source="Proceedings of the IEEE 86(11)",
        documents=("000", "001", "003", "004"),
        build=lenet5,
        hyperparameters={
            "dense": Switch("dense C3, average pooling and a linear output"),
            "padding": Whole(0, 1000, "zeros around the input, in C1"),
            "classes": CLASSES,
        },
        variants={
            "lenet5": Variant("original, sparse C3", (1, 32, 32)),
            "lenet5_dense": Variant("dense rewrite", (1, 32, 32), {"dense": True}),
            "lenet5_dense_28": Variant("dense rewrite, padded", (1, 28, 28), {"dense": True, "padding": 2}),
        },
        aliases={"lenet5_mnist": "lenet5_dense_28"},
        references={name: Reference("account", name) for name in ("lenet5", "lenet5_dense", "lenet5_dense_28")},
    ),
    Family(
        title="Caffe: Convolutional Architecture for Fast Feature Embedding",
        authors="Jia et al.",
        year=2014,
        source="arXiv:1408.5093",
        documents=(),
        build=lenet_caffe,
        hyperparameters={"classes": CLASSES},
        variants={"lenet_caffe": Variant("Caffe's MNIST example", (1, 28, 28))},
        aliases={"lenet_mnist_caffe": "lenet_caffe"},
        references={"lenet_caffe": Reference("account", "lenet_caffe")},
    ),
)
