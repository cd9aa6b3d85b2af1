"""LeNet-5: LeCun, Bottou, Bengio & Haffner, "Gradient-Based Learning Applied to Document Recognition", Proc. IEEE 1998.

`lenet5` is the original: Figure 2, with the sparse connections of Table I in C3, trainable subsampling in S2 and S4,
and an output layer of fixed radial basis functions, which adds no parameters: 60,000 in all. `lenet5_dense` is the
usual rewrite: dense C3, average pooling, a linear output layer: 61,706. C5 is a convolution: on 32 px its output is
1x1.

Deviations: the scaling constants of the original tanh (A = 1.7159, S = 2/3) are not operations of their own here.
"""

from archcalc.graph import Switch, Value, row
from archcalc.ops.conv import Conv, TableConv
from archcalc.ops.layout import Flatten
from archcalc.ops.linear import Linear, RadialBasis
from archcalc.ops.pointwise import Tanh
from archcalc.ops.pool import AvgPool, Subsampling
from archcalc.zoo import CLASSES, Family, Reference, Variant

# Table I: the maps of S2 that each map of C3 sees
TABLE = (
    *[(i % 6, (i + 1) % 6, (i + 2) % 6) for i in range(6)],
    *[(i % 6, (i + 1) % 6, (i + 2) % 6, (i + 3) % 6) for i in range(6)],
    *[(0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)],
    (0, 1, 2, 3, 4, 5),
)


def lenet5(x: Value, dense: bool = False, classes: int = 10) -> Value:
    x = row("C1", x, Conv(6, 5), Tanh())
    x = row("S2", x, AvgPool(2, 2)) if dense else row("S2", x, Subsampling(2), Tanh())
    x = row("C3", x, Conv(16, 5) if dense else TableConv(TABLE, 5), Tanh())
    x = row("S4", x, AvgPool(2, 2)) if dense else row("S4", x, Subsampling(2), Tanh())
    x = row("C5", x, Conv(120, 5), Tanh())
    x = row("F6", x, Flatten(), Linear(84), Tanh())
    return row("output", x, Linear(classes) if dense else RadialBasis(classes))


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
            "classes": CLASSES,
        },
        variants={
            "lenet5": Variant("original, sparse C3", (1, 32, 32)),
            "lenet5_dense": Variant("dense rewrite", (1, 32, 32), {"dense": True}),
        },
        references={name: Reference("account", name) for name in ("lenet5", "lenet5_dense")},
    ),
)
